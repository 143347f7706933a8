"""Every message an OCPP 2.0.1 or 2.1 station may send gets the right answer, valid by schemas that are not ours."""

import asyncio
import inspect
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocpp.v21.enums import Action as Action21
from ocpp.v201.enums import Action

from app.application import Application, MessageFilter
from app.csms.reading.repair import FieldRepair, Fields
from app.csms.rpc.ocpp_j import ErrorCode
from app.csms.use_cases import Caller, UseCases
from app.csms.versions.dialect import RefuseError, Report
from app.csms.versions.ocpp201 import OCPP_21, OCPP_201
from app.csms.versions.ocpp201_fields import id_token_info
from app.domain.access import Decision, Reason, Status
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel, ConnectorStatus, PoolOptions, Price, TapSource
from app.pins import PinDraft
from tests.csms.messages201 import (
    CARD,
    HASHES,
    MESSAGES,
    MESSAGES_21,
    NOW,
    STRANGE_CARD,
    availability,
    energy,
    event,
    token,
)
from tests.schemas import faults_of_answer, faults_of_request
from tests.wire import raw_station

WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
#: Only the certificates of a station's own CA could be vouched for, and nobody asks for those.
NOT_OURS = "GetCertificateChainStatus"


@pytest.fixture
async def pool(application):
    """A pool that admits one card, with an accepted station in it."""
    pool = await application.pools.create("Yard", AccessLevel.PRIVATE)
    await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD, name="Ada's card"), pool_id=pool.id)
    return pool


@pytest.fixture
async def station(pool, url):
    async with raw_station(url, "CP1", subprotocols=["ocpp2.0.1"]) as station:
        yield station


@pytest.fixture
async def station21(pool, url):
    async with raw_station(url, "CP1", subprotocols=["ocpp2.1"]) as station:
        yield station


def connectors(application):
    return {each.connector_id: each.status for each in application.stations.connectors()}


def test_the_messages_here_are_all_that_a_station_may_send_and_valid():
    theirs = {action.value for action in Action if action.value.lower() not in OCPP_201.ours}
    assert theirs == set(MESSAGES) == set(OCPP_201.actions)
    theirs21 = {action.value for action in Action21 if action.value.lower() not in OCPP_21.ours}
    # The package knows no message that is sent without waiting for an answer.
    assert theirs21 | {"NotifyPeriodicEventStream"} == set(OCPP_21.actions)
    assert theirs21 - {"NotifyPeriodicEventStream"} == set(MESSAGES | MESSAGES_21)
    assert not [fault for action, sent in MESSAGES.items() for fault in faults_of_request(action, sent, "2.0.1")]
    all_21 = MESSAGES | MESSAGES_21
    assert not [fault for action, sent in all_21.items() for fault in faults_of_request(action, sent, "2.1")]


@pytest.mark.parametrize("subprotocol", ["ocpp2.0.1", "ocpp2.1"])
async def test_a_card_of_255_characters_is_one_like_any_other(application, pool, url, subprotocol):
    long = "EMSP-" + "7" * 250
    await application.passes.add(PassDraft(uid=long, name="App"), pool_id=pool.id)
    async with raw_station(url, "CP1", subprotocols=[subprotocol]) as station:
        asked = {"idToken": token(long) | {"type": "Central"}}
        assert (await station.call("Authorize", asked))["idTokenInfo"]["status"] == "Accepted"
    await application.journal.flush()
    [kept] = [each for each in application.journal.messages(MessageFilter(), limit=5) if each.action == "Authorize"]
    assert kept.id_tag == long


class TestTheAnswer:
    async def test_is_valid_by_the_schema(self, station):
        for action, sent in MESSAGES.items():
            assert not faults_of_answer(action, await station.call(action, sent), "2.0.1"), action

    async def test_in_2_1_too(self, station21):
        for action, sent in (MESSAGES | MESSAGES_21).items():
            if action == NOT_OURS:
                assert await station21.refused(action, sent) == "NotSupported"
            else:
                assert not faults_of_answer(action, await station21.call(action, sent), "2.1"), action

    @pytest.mark.parametrize(
        "odd", [lambda sent: {}, lambda sent: dict.fromkeys(sent) | {"customData": {"vendorId": 1}}]
    )
    async def test_to_a_message_without_any_field_is_valid_too(self, station21, odd):
        for action, sent in (MESSAGES | MESSAGES_21).items():
            if action == "Authorize":
                assert await station21.refused(action, odd(sent)) == "OccurrenceConstraintViolation"
            elif action != NOT_OURS:
                assert not faults_of_answer(action, await station21.call(action, odd(sent)), "2.1"), action

    async def test_tells_the_time_without_fractions_in_utc(self, station):
        for action in ("Heartbeat", "BootNotification"):
            assert WIRE_TIME.fullmatch((await station.call(action, MESSAGES[action]))["currentTime"])

    async def test_to_a_boot_says_how_often_to_be_heard(self, application, station):
        await application.settings.change(heartbeat_interval_s=60)
        answer = await station.call("BootNotification", MESSAGES["BootNotification"])
        assert (answer["status"], answer["interval"]) == ("Accepted", 60)
        known = application.stations.require("CP1")
        assert (known.vendor, known.model, known.serial_number, known.firmware, known.ocpp_version) == (
            "Ampere",
            "One",
            "S-1",
            "1.2.3",
            "2.0.1",
        )

    async def test_to_a_boot_of_1_6s_shape_is_the_same(self, application, station):
        sent = {"chargePointVendor": "Ampere", "chargePointModel": "Old", "firmwareVersion": "7"}
        assert (await station.call("BootNotification", sent))["status"] == "Accepted"
        known = application.stations.require("CP1")
        assert (known.vendor, known.model, known.firmware) == ("Ampere", "Old", "7")
        await application.journal.flush()
        (message,) = application.journal.messages(MessageFilter(action="BootNotification"))
        assert FieldRepair.MISSING in message.repairs

    async def test_to_a_known_card_says_until_when_it_may_be_remembered(self, station):
        info = (await station.call("Authorize", {"idToken": token(CARD.lower())}))["idTokenInfo"]
        assert info["status"] == "Accepted"
        assert WIRE_TIME.fullmatch(info["cacheExpiryDateTime"])

    @pytest.mark.parametrize(
        "id_token",
        [
            token(STRANGE_CARD),
            token("", "NoAuthorization"),
            token(CARD, "KeyCode"),
            token("1234", "KeyCode"),
            token("DE-8AA-CA2B3C4D5-1", "eMAID"),
            token("X" * 300, "Central"),
            {"idToken": CARD + "9", "type": None},
            {"type": "ISO14443"},
            {"idToken": None, "type": "Local"},
            [],
            17,
            "a\0b",
            "'; drop table passes",
        ],
    )
    async def test_to_any_other_token_is_invalid(self, station21, id_token):
        answer = await station21.call("Authorize", {"idToken": id_token})
        assert answer == {"idTokenInfo": {"status": "Invalid"}}

    @pytest.mark.parametrize("kind", ["Central", "ISO15693", "Local", "eMAID", "New", None, 7])
    async def test_to_a_known_card_does_not_depend_on_what_it_is_called(self, station21, kind):
        answer = await station21.call("Authorize", {"idToken": token(CARD, kind)})
        assert answer["idTokenInfo"]["status"] == "Accepted"

    async def test_to_a_known_card_elsewhere_has_a_word_of_its_own(self, application, station):
        other = await application.pools.create("Roof", AccessLevel.PRIVATE)
        await application.stations.move(["CP1"], other.id)
        answer = await station.call("Authorize", {"idToken": token()})
        assert answer == {"idTokenInfo": {"status": "NotAtThisLocation"}}

    async def test_to_a_vehicles_contract_is_that_nobody_here_can_tell(self, station):
        for proof in ({"certificate": "-----BEGIN"}, {"iso15118CertificateHashData": [HASHES]}):
            answer = await station.call("Authorize", {"idToken": token()} | proof)
            assert answer["certificateStatus"] == "NoCertificateAvailable"
            assert not faults_of_answer("Authorize", answer, "2.0.1")

    async def test_to_a_vendors_message_is_that_the_vendor_is_unknown(self, station):
        for data in ("x", {"an": "object"}, [1], None, "x" * 100_000):
            answer = await station.call("DataTransfer", {"vendorId": "com.example", "data": data})
            assert answer == {"status": "UnknownVendorId"}


class TestAnEvent:
    """TransactionEvent: a report, so it is always taken."""

    async def test_without_a_card_says_nothing_of_one(self, station):
        assert await station.call("TransactionEvent", event(trigger="CablePluggedIn", evse={"id": 1})) == {}

    async def test_with_a_card_says_what_becomes_of_it(self, station):
        for number, (id_token, status) in enumerate(
            [(token(), "Accepted"), (token(STRANGE_CARD), "Invalid"), (token("", "NoAuthorization"), "Invalid")]
        ):
            answer = await station.call("TransactionEvent", event(reference=f"T-{number}", idToken=id_token))
            assert answer["idTokenInfo"]["status"] == status

    async def test_without_a_card_where_none_is_needed_is_let_charge(self, application, station, pool):
        await application.pools.change(pool.id, level=AccessLevel.PUBLIC, options=PoolOptions(free_vend=True))
        answer = await station.call("TransactionEvent", event(idToken=token("", "NoAuthorization"), evse={"id": 1}))
        assert answer["idTokenInfo"]["status"] == "Accepted"
        (session,) = application.sessions.recent()
        assert (session.status, session.reason, session.raw_id_tag) == ("Accepted", "free_vend", "")

    async def test_is_a_session_whose_energy_is_that_of_its_meter(self, application, station):
        await station.call("TransactionEvent", event(evse={"id": 2}, idToken=token(), meterValue=[energy(1000)]))
        later = event("Updated", "MeterValuePeriodic", 1, at="2025-03-04T20:10:00Z")
        await station.call("TransactionEvent", later | {"meterValue": [energy(1.5, unitOfMeasure={"unit": "kWh"})]})
        (session,) = application.sessions.recent()
        assert (session.energy_wh, session.is_open, session.reference, session.connector_id) == (500, True, "T-1", 2)
        end = event("Ended", "EVDeparted", 2, at="2025-03-04T20:20:00Z", info={"stoppedReason": "EVDisconnected"})
        assert await station.call("TransactionEvent", end | {"meterValue": [energy(3000)]}) == {}
        (session,) = application.sessions.recent()
        assert (session.energy_wh, session.stop_reason, session.is_open) == (2000, "EVDisconnected", False)
        assert (session.station_name, session.pool_name, session.status) == ("Gate", "Yard", "Accepted")

    async def test_that_a_station_repeats_is_answered_as_the_first_time(self, application, station):
        first = event(idToken=token())
        status = [(await station.call("TransactionEvent", first))["idTokenInfo"]["status"]]
        await application.passes.block([application.passes.find(CARD).id])
        for again in (first, event("Updated", "ChargingStateChanged", 1, idToken=token())):
            status.append((await station.call("TransactionEvent", again))["idTokenInfo"]["status"])
        assert status == ["Accepted"] * 3
        assert len(application.sessions.recent()) == 1

    async def test_names_a_card_that_was_shown_once_however_often_it_is_repeated(self, application, station):
        for number, trigger in enumerate(["Authorized", "ChargingStateChanged", "MeterValuePeriodic"]):
            kind = "Updated" if number else "Started"
            await station.call("TransactionEvent", event(kind, trigger, number, idToken=token(), evse={"id": 2}))
        (tap,) = application.journal.taps()
        assert (tap.source, tap.raw_id_tag, tap.connector_id) == (TapSource.START, CARD, 2)

    async def test_by_another_card_of_no_leave_ends_nothing_of_the_first_ones(self, application, station):
        await station.call("TransactionEvent", event(idToken=token()))
        answer = await station.call("TransactionEvent", event("Updated", idToken=token(STRANGE_CARD)))
        assert answer["idTokenInfo"]["status"] == "Invalid"
        (session,) = application.sessions.recent()
        assert (session.raw_id_tag, session.status) == (CARD, "Accepted")

    async def test_of_an_end_by_card_says_who_ended_it_even_if_he_may_no_longer_begin_one(self, application, station):
        await station.call("TransactionEvent", event(idToken=token()))
        other = await application.pools.create("Roof", AccessLevel.PRIVATE)
        await application.stations.move(["CP1"], other.id)
        end = event("Ended", "StopAuthorized", 1, idToken=token(), info={"stoppedReason": "Local"})
        assert (await station.call("TransactionEvent", end))["idTokenInfo"]["status"] == "Accepted"
        assert application.journal.taps()[0].source is TapSource.STOP
        (session,) = application.sessions.recent()
        assert (session.stop_id_tag, session.is_open) == (CARD, False)

    async def test_tells_at_the_end_what_it_cost_where_something_is_asked(self, application, station, pool):
        price = Price(per_kwh=Decimal("0.40"), per_session=Decimal("0.50"))
        await application.pools.change(pool.id, options=PoolOptions(member_price=price))
        await station.call("TransactionEvent", event(idToken=token(), meterValue=[energy(0)]))
        end = event("Ended", "EVDeparted", 1, at="2025-03-04T21:00:00Z", meterValue=[energy(10_000)])
        assert await station.call("TransactionEvent", end) == {"totalCost": 4.5}

    @pytest.mark.parametrize(
        "lost",
        [
            {"transactionInfo": None},
            {"transactionInfo": {}},
            {"transactionInfo": "T-1"},
            {"transactionInfo": {"transactionId": 1}},
            {"eventType": None},
            {"eventType": "begin"},
            {"timestamp": "yesterday"},
            {"seqNo": "zero"},
            {"evse": 1},
            {"evse": []},
            {"idToken": []},
            {"meterValue": {}},
            {"meterValue": "1"},
            {"triggerReason": 7},
            {"offline": "yes"},
        ],
        ids=str,
    )
    async def test_with_a_field_that_cannot_be_read_is_taken_all_the_same(self, application, station, lost):
        sent = event(idToken=token(), evse={"id": 1}, meterValue=[energy(1)]) | lost
        assert not faults_of_answer("TransactionEvent", await station.call("TransactionEvent", sent), "2.0.1")
        assert len(application.sessions.recent()) == 1

    async def test_without_a_name_for_the_charge_belongs_to_the_one_that_runs_there(self, application, station):
        await station.call("TransactionEvent", event(idToken=token(), evse={"id": 1}, meterValue=[energy(0)]))
        for number, evse in enumerate((1, 2)):
            end = event("Ended", "EVDeparted", number, evse={"id": evse}, meterValue=[energy(700)])
            await station.call("TransactionEvent", end | {"transactionInfo": {}, "timestamp": "2025-03-04T21:00:00Z"})
        known = {each.connector_id: each for each in application.sessions.recent()}
        assert (known[1].reference, known[1].is_open, known[1].energy_wh) == ("T-1", False, 700)
        assert not known[2].is_open


class TestTheStateOfAnEvse:
    async def told(self, station, status, evse=1, connector=1):
        sent = {"timestamp": NOW, "connectorStatus": status, "evseId": evse, "connectorId": connector}
        assert await station.call("StatusNotification", sent) == {}

    async def test_is_that_of_the_connector_of_its_number_and_0_is_the_station(self, application, station):
        for status, evse, connector in (("Available", 0, 0), ("Faulted", 1, 1), ("Occupied", 2, 1)):
            await self.told(station, status, evse, connector)
        assert connectors(application) == {
            0: ConnectorStatus.AVAILABLE,
            1: ConnectorStatus.FAULTED,
            2: ConnectorStatus.PREPARING,
        }

    async def test_is_not_told_by_what_names_no_evse_or_no_connector_of_it(self, application, station):
        for evse, connector in ((1, 0), (0, 1), (1, -1), (-1, 0)):
            await self.told(station, "Faulted", evse, connector)
        assert ConnectorStatus.FAULTED not in {connectors(application).get(0), connectors(application).get(2)}

    async def test_is_not_free_while_one_of_its_connectors_is_in_use(self, application, station):
        await self.told(station, "Occupied", 1, 1)
        await self.told(station, "Available", 1, 2)
        assert connectors(application) == {1: ConnectorStatus.PREPARING}
        await station.call("TransactionEvent", event(idToken=token(), evse={"id": 1, "connectorId": 1}))
        await self.told(station, "Unavailable", 1, 2)
        assert application.sessions.recent()[0].is_open

    async def test_may_come_as_an_event_of_the_device_model(self, application, station):
        await station.call("NotifyEvent", availability("Occupied", 1))
        await station.call("NotifyEvent", availability("Faulted", 2))
        assert connectors(application) == {1: ConnectorStatus.PREPARING, 2: ConnectorStatus.FAULTED}

    async def test_follows_the_charge_on_it(self, application, station):
        seen = []
        for number, (kind, state) in enumerate(
            [
                ("Started", "EVConnected"),
                ("Updated", "Charging"),
                ("Updated", "SuspendedEV"),
                ("Updated", "SuspendedEVSE"),
                ("Ended", "EVConnected"),
            ]
        ):
            sent = event(kind, "ChargingStateChanged", number, info={"chargingState": state}, evse={"id": 1})
            await station.call("TransactionEvent", sent)
            await self.told(station, "Occupied")
            seen.append(connectors(application)[1].value)
        await self.told(station, "Available")
        seen.append(connectors(application)[1].value)
        assert seen == ["Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Available"]

    async def test_is_not_changed_by_what_happened_while_the_station_was_away(self, application, station):
        await self.told(station, "Available")
        sent = event(info={"chargingState": "Charging"}, evse={"id": 1}, offline=True)
        await station.call("TransactionEvent", sent)
        assert connectors(application) == {1: ConnectorStatus.AVAILABLE}

    @pytest.mark.parametrize("status", ["Charging", "occupied", "SuspendedEV"])
    async def test_in_words_of_1_6_is_read(self, application, station, status):
        await station.call("StatusNotification", {"connectorId": 1, "status": status, "errorCode": "NoError"})
        assert connectors(application) == {1: ConnectorStatus.PREPARING}


class TestWhatWasTyped:
    """A KeyCode: a PIN, or nothing."""

    @pytest.fixture
    async def station(self, application, url):
        pool = await application.pools.create("Yard", AccessLevel.RESTRICTED)
        await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
        await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
        await application.pins.add(pool.id, "4711", PinDraft("Gate"))
        async with raw_station(url, "CP1", subprotocols=["ocpp2.0.1"]) as station:
            yield station

    async def test_opens_the_station_as_a_pin_and_is_kept_nowhere(self, application, station):
        answer = await station.call("Authorize", {"idToken": token("4711", "KeyCode")})
        assert answer["idTokenInfo"]["status"] == "Accepted"
        sent = event(idToken=token("4711", "KeyCode"), evse={"id": 1})
        assert (await station.call("TransactionEvent", sent))["idTokenInfo"]["status"] == "Accepted"
        (session,) = application.sessions.recent()
        assert (session.holder, session.raw_id_tag) == ("Gate", "•••")
        assert "4711" not in await everything_kept(application)

    @pytest.mark.parametrize("code", [CARD, "123456789012", "LETTERS", "4712"])
    async def test_is_no_card_however_it_looks(self, application, station, code):
        for action, sent in (("Authorize", {}), ("TransactionEvent", event())):
            answer = await station.call(action, sent | {"idToken": token(code, "KeyCode")})
            assert answer["idTokenInfo"] == {"status": "Invalid"}
        assert {tap.raw_id_tag for tap in application.journal.taps()} == {"•••"}
        assert code not in await everything_kept(application)


async def everything_kept(application):
    await application.journal.flush()
    return repr(
        [application.journal.messages(MessageFilter()), application.journal.taps(), application.sessions.recent()]
    )


class TestAnError:
    @pytest.mark.parametrize("action", ["Foo", "StartTransaction", "Heartbeat.conf", "NotifyPeriodicEventStream"])
    async def test_for_an_action_nobody_knows_is_not_implemented(self, station, action):
        assert await station.refused(action, {"some": "thing"}) == "NotImplemented"
        assert await station.refused(" ", {}) == "FormatViolation"

    async def test_for_an_action_of_ours_is_not_supported(self, station21):
        for action in Action21:
            if action.value.lower() in OCPP_21.ours:
                assert await station21.refused(action.value, {}) == "NotSupported"

    async def test_never_echoes_what_was_sent(self, station):
        for text in (
            '[2,"1","Foo",{"canary":"canary"}]',
            '[2,"2","canary",{}]',
            '[2,"3","Authorize",{"canary":1}]',
            '[2,"4","Authorize",{"idToken":"canary"',
            '[2,"5","Authorize",["canary","canary"]]',
            '[9,"6","canary"]',
        ):
            await station.send(text)
            assert "canary" not in await station.answer()


class TestWhatOnly21Has:
    async def test_a_stream_is_kept_in_the_log_and_not_answered(self, application, station21):
        await station21.send('[6,"n1","NotifyPeriodicEventStream",{"id":7,"pending":0,"data":[]}]')
        await station21.send('[6,"n2","Foo",{}]')
        await station21.send('[5,"n3","FormatViolation","",{}]')
        assert (await station21.say('[2,"h","Heartbeat",{}]'))[1] == "h"
        await application.journal.flush()
        kept = {message.action: message for message in application.journal.messages(MessageFilter())}
        stream = kept["NotifyPeriodicEventStream"]
        assert (stream.outcome, stream.response, kept["Foo"].outcome) == ("7", "", "NotImplemented")
        assert kept[""].outcome == "FormatViolation"

    async def test_a_report_may_be_told_without_waiting_for_an_answer(self, application, station21):
        await station21.send(json.dumps([6, "t1", "TransactionEvent", event(idToken=token())]))
        await station21.say('[2,"b","BootNotification",{}]')
        assert len(application.sessions.recent()) == 1


@pytest.mark.parametrize("status", Status)
def test_each_decision_has_its_word(status):
    expires_at = datetime(2026, 11, 21, 1, 2, 3, 456, tzinfo=UTC) if status is Status.ACCEPTED else None
    info = id_token_info(Decision(status, Reason.UNKNOWN_CARD, (), expires_at, group_id="G" * 36))
    assert info["status"] == status.value
    assert info.get("cacheExpiryDateTime") == ("2026-11-21T01:02:03Z" if expires_at else None)
    assert info["groupIdToken"]["idToken"] == "G" * 36
    for version in ("2.0.1", "2.1"):
        assert not faults_of_answer("Authorize", {"idTokenInfo": info}, version)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A site of its own, and the loop it runs in."""
    with asyncio.Runner() as runner:
        application = Application(tmp_path_factory.mktemp("site") / "tapdesk.db")
        runner.run(application.stations.accept("CP1"))
        use_cases = UseCases(
            application.stations,
            application.taps,
            application.sessions,
            application.settings,
            application.habits,
            application.configuration,
            application.transfers,
            application.certificates,
            application.reservations,
            application.clock,
        )
        yield runner, use_cases
        runner.run(application.stop())


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from([NOW, CARD, "1e308", "9" * 25, "Wh", "KeyCode", "Ended", -1, 0, 2**31, 2**63]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("timestamp", "sampledValue", "value", "unit", "unitOfMeasure", "multiplier", "location"),
                    *("idToken", "type", "id", "connectorId", "transactionId", "chargingState", "stoppedReason"),
                    *("component", "variable", "name", "evse", "actualValue"),
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@st.composite
def messages(draw):
    """A message of a station with some fields as anything, gone, or as they should be."""
    action, payload = draw(st.sampled_from(sorted((MESSAGES | MESSAGES_21).items(), key=str)))
    payload = dict(payload)
    for name in draw(st.lists(st.sampled_from(sorted(payload)), unique=True)) if payload else []:
        if draw(st.booleans()):
            payload[name] = draw(json_values)
        else:
            del payload[name]
    return action, payload


@given(messages())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_message_holds_it_is_answered_by_the_schema_and_an_event_is_never_refused(desk, message):
    runner, use_cases = desk
    action, payload = message
    fields = Fields(payload, use_cases.clock())
    caller = Caller("CP1", "127.0.0.1", 1)
    entry = OCPP_21.entry_for(OCPP_21.action_meant(action))
    try:
        if isinstance(entry, Report):
            outcome = runner.run(entry.handle(use_cases, caller, fields))
        else:
            outcome = runner.run(_at_once(entry, use_cases, caller, fields))
    except RefuseError as refusal:
        if action != NOT_OURS:
            assert (action, payload.get("idToken")) == ("Authorize", None)
            assert refusal.code is ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
    else:
        assert not faults_of_answer(action, json.loads(json.dumps(outcome.payload)), "2.1")
        assert outcome.summary.isprintable()


async def _at_once(entry, use_cases, caller, fields):
    outcome = entry.handle(use_cases, caller, fields)
    return await outcome if inspect.isawaitable(outcome) else outcome
