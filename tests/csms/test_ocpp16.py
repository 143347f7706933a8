"""Every message an OCPP 1.6 station may send gets the right answer, valid by schemas that are not ours."""

import asyncio
import inspect
import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocpp.v16.enums import Action

from app.application import Application, MessageFilter
from app.csms.reading.repair import FieldRepair, Fields
from app.csms.rpc.ocpp_j import ErrorCode
from app.csms.use_cases import Caller, UseCases
from app.csms.versions import ocpp16
from app.csms.versions.dialect import RefuseError, Report
from app.csms.versions.ocpp16 import OCPP_16
from app.domain.access import Decision, Reason, Status
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel, ConnectorStatus, TapSource
from tests.schemas import faults_of_answer, faults_of_request
from tests.wire import raw_station

CARD, STRANGE_CARD = "04A1B2C3D4E580", "0BADCAFE"
NOW = "2025-03-04T20:00:00Z"
WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

#: What a station may say, each in full as the specification has it.
MESSAGES = {
    "Authorize": {"idTag": CARD},
    "BootNotification": {
        "chargePointVendor": "Ampere",
        "chargePointModel": "One",
        "chargePointSerialNumber": "S-1",
        "chargeBoxSerialNumber": "B-1",
        "firmwareVersion": "1.2.3",
        "iccid": "8931",
        "imsi": "204",
        "meterType": "M",
        "meterSerialNumber": "M-1",
    },
    "DataTransfer": {"vendorId": "com.example", "messageId": "Hello", "data": "x"},
    "DiagnosticsStatusNotification": {"status": "Uploaded"},
    "FirmwareStatusNotification": {"status": "Installed"},
    "Heartbeat": {},
    "LogStatusNotification": {"status": "Uploading", "requestId": 1},
    "MeterValues": {
        "connectorId": 1,
        "transactionId": 1,
        "meterValue": [
            {"timestamp": NOW, "sampledValue": [{"value": "1500", "unit": "Wh", "context": "Sample.Clock"}]}
        ],
    },
    "SecurityEventNotification": {"type": "StartupOfTheDevice", "timestamp": NOW, "techInfo": "ok"},
    "SignCertificate": {"csr": "-----BEGIN CERTIFICATE REQUEST-----"},
    "SignedFirmwareStatusNotification": {"status": "Downloading", "requestId": 1},
    "StartTransaction": {"connectorId": 1, "idTag": CARD, "meterStart": 1000, "timestamp": NOW, "reservationId": 0},
    "StatusNotification": {
        "connectorId": 1,
        "errorCode": "GroundFailure",
        "info": "i",
        "status": "Faulted",
        "timestamp": NOW,
        "vendorId": "v",
        "vendorErrorCode": "E1",
    },
    "StopTransaction": {
        "transactionId": 1,
        "idTag": CARD,
        "meterStop": 2000,
        "timestamp": NOW,
        "reason": "Local",
        "transactionData": [{"timestamp": NOW, "sampledValue": [{"value": "2000"}]}],
    },
}


@pytest.fixture
async def station(application, url):
    """An accepted station in a pool that admits one card."""
    pool = await application.pools.create("Yard", AccessLevel.PRIVATE)
    await application.stations.accept("CP1", name="Gate", pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD, name="Ada's card"), pool_id=pool.id)
    async with raw_station(url, "CP1") as station:
        yield station


def test_the_messages_here_are_all_that_a_station_may_send_and_valid():
    assert {action.value for action in Action if action.lower() not in OCPP_16.ours} == set(MESSAGES)
    assert set(OCPP_16.actions) == set(MESSAGES)
    assert not [fault for action, payload in MESSAGES.items() for fault in faults_of_request(action, payload)]


class TestTheAnswer:
    @pytest.mark.parametrize("action", MESSAGES)
    async def test_is_valid_by_the_schema(self, station, action):
        assert not faults_of_answer(action, await station.call(action, MESSAGES[action]))

    @pytest.mark.parametrize("action", MESSAGES)
    async def test_to_a_message_without_any_field_is_valid_too(self, station, action):
        if action == "Authorize":
            assert await station.refused(action, {}) == "OccurenceConstraintViolation"
        else:
            assert not faults_of_answer(action, await station.call(action, {}))

    @pytest.mark.parametrize("action", MESSAGES)
    async def test_to_a_message_with_extra_fields_and_nulls_is_valid_too(self, station, action):
        odd = dict.fromkeys(MESSAGES[action]) | {"vendorExtra": {"deep": [1]}, "": None}
        assert not faults_of_answer(action, await station.call(action, odd))

    async def test_tells_the_time_without_fractions_in_utc(self, station):
        for action in ("Heartbeat", "BootNotification"):
            assert WIRE_TIME.fullmatch((await station.call(action, MESSAGES[action]))["currentTime"])

    async def test_to_a_boot_says_how_often_to_be_heard(self, application, station):
        await application.settings.change(heartbeat_interval_s=60)
        answer = await station.call("BootNotification", MESSAGES["BootNotification"])
        assert (answer["status"], answer["interval"]) == ("Accepted", 60)
        known = application.stations.require("CP1")
        assert (known.vendor, known.model, known.serial_number, known.firmware, known.address) == (
            "Ampere",
            "One",
            "S-1",
            "1.2.3",
            "127.0.0.1",
        )

    async def test_to_a_known_card_says_until_when_it_may_be_remembered(self, station):
        info = (await station.call("Authorize", {"idTag": CARD.lower()}))["idTagInfo"]
        assert info["status"] == "Accepted"
        assert WIRE_TIME.fullmatch(info["expiryDate"])

    @pytest.mark.parametrize(
        "tag", [STRANGE_CARD, "", None, 17, [], {}, True, "X" * 21, "a\0b", "'; drop table passes"]
    )
    async def test_to_any_other_card_is_invalid(self, station, tag):
        assert await station.call("Authorize", {"idTag": tag}) == {"idTagInfo": {"status": "Invalid"}}

    async def test_to_a_start_is_a_transaction_id_whatever_the_card(self, station):
        ids = set()
        for second, tag in enumerate((CARD, STRANGE_CARD, None, "")):
            start = MESSAGES["StartTransaction"] | {"idTag": tag, "timestamp": f"2025-03-04T20:00:0{second}Z"}
            answer = await station.call("StartTransaction", start)
            assert answer["idTagInfo"]["status"] == ("Accepted" if tag == CARD else "Invalid")
            assert answer["transactionId"] > 0
            ids.add(answer["transactionId"])
        assert len(ids) == 4

    async def test_to_a_stop_names_the_card_only_when_the_station_did(self, station):
        named = await station.call("StopTransaction", MESSAGES["StopTransaction"])
        assert named["idTagInfo"]["status"] == "Accepted"
        assert await station.call("StopTransaction", {"transactionId": 1, "meterStop": 1, "timestamp": NOW}) == {}
        assert await station.call("StopTransaction", {"transactionId": 1, "idTag": "", "timestamp": NOW}) == {}

    async def test_to_a_vendors_message_is_that_the_vendor_is_unknown(self, station):
        for data in ("x", {"an": "object"}, [1], None, "x" * 100_000):
            answer = await station.call("DataTransfer", {"vendorId": "com.example", "data": data})
            assert answer == {"status": "UnknownVendorId"}

    async def test_to_a_request_for_a_certificate_is_no(self, station):
        assert await station.call("SignCertificate", MESSAGES["SignCertificate"]) == {"status": "Rejected"}


class TestAnError:
    @pytest.mark.parametrize("action", ["Foo", "CustomOperation", "", " ", "Heartbeat.conf", "\0", "x" * 1000])
    async def test_for_an_action_nobody_knows_is_not_implemented(self, station, action):
        expected = "NotImplemented" if action.strip() else "FormationViolation"
        assert await station.refused(action, {"some": "thing"}) == expected

    @pytest.mark.parametrize("action", sorted(a.value for a in Action if a.lower() in OCPP_16.ours))
    async def test_for_an_action_of_ours_is_not_supported(self, station, action):
        assert await station.refused(action, {}) == "NotSupported"

    async def test_never_echoes_what_was_sent(self, station):
        for text in (
            '[2,"1","Foo",{"canary":"canary"}]',
            '[2,"2","canary",{}]',
            '[2,"3","Authorize",{"canary":1}]',
            '[2,"4","Authorize",{"idTag":"canary"',
            '[2,"5","Authorize",["canary","canary"]]',
        ):
            await station.send(text)
            assert "canary" not in await station.answer()

    async def test_is_all_that_a_stranger_gets_for_anything_but_its_boot(self, url):
        async with raw_station(url, "STRANGER") as stranger:
            boot = await stranger.call("BootNotification", MESSAGES["BootNotification"])
            assert (boot["status"], faults_of_answer("BootNotification", boot)) == ("Pending", [])
            for action in MESSAGES.keys() - {"BootNotification"}:
                assert await stranger.refused(action, MESSAGES[action]) == "SecurityError"
            assert await stranger.refused("Foo", {}) == "SecurityError"


class TestWhatIsKept:
    async def test_of_a_start_and_its_stop_is_a_session_with_its_energy(self, application, station):
        started = await station.call("StartTransaction", MESSAGES["StartTransaction"])
        session_id = started["transactionId"]
        assert await station.call("MeterValues", MESSAGES["MeterValues"] | {"transactionId": session_id}) == {}
        (session,) = application.sessions.recent()
        assert (session.id, session.energy_wh, session.is_open) == (session_id, 500, True)
        await station.call("StopTransaction", MESSAGES["StopTransaction"] | {"transactionId": session_id})
        (session,) = application.sessions.recent()
        assert (session.energy_wh, session.stop_reason, session.is_open) == (1000, "Local", False)
        assert (session.station_name, session.pool_name, session.status) == ("Gate", "Yard", "Accepted")

    async def test_of_a_state_is_the_connector_and_what_ails_it(self, application, station):
        await station.call("StatusNotification", MESSAGES["StatusNotification"])
        await station.call("StatusNotification", {"connectorId": 0, "status": "available", "errorCode": "NoError"})
        station_itself, first = application.stations.connectors()
        assert (first.connector_id, first.status, first.error_code) == (1, ConnectorStatus.FAULTED, "GroundFailure")
        assert first.info == "i · E1"
        assert (station_itself.connector_id, station_itself.status, station_itself.error_code) == (
            0,
            ConnectorStatus.AVAILABLE,
            "",
        )

    async def test_of_a_tap_is_the_reader_when_the_station_tells_it(self, application, station):
        await station.call("Authorize", {"idTag": CARD, "connectorId": 2})
        await station.call("Authorize", {"idTag": CARD})
        latest, first = application.journal.taps()
        assert (first.connector_id, latest.connector_id) == (2, None)
        assert {latest.source, first.source} == {TapSource.AUTHORIZE}

    @pytest.mark.parametrize("spelled", ["heartbeat", "HEARTBEAT", "Heartbeat.req", "HeartbeatRequest", " Heartbeat "])
    async def test_of_an_action_spelled_oddly_is_its_name_and_that_it_was_odd(self, application, station, spelled):
        assert "currentTime" in await station.call(spelled, {})
        await application.journal.flush()
        (message,) = application.journal.messages(MessageFilter(action="Heartbeat"))
        assert FieldRepair.ACTION_SPELLING in message.repairs


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.ACCEPTED, "Accepted"),
        (Status.BLOCKED, "Blocked"),
        (Status.EXPIRED, "Expired"),
        (Status.INVALID, "Invalid"),
        (Status.CONCURRENT_TX, "ConcurrentTx"),
        (Status.NOT_AT_THIS_LOCATION, "Invalid"),
    ],
)
def test_each_decision_has_a_word_in_1_6(status, said):
    expires_at = datetime(2026, 11, 21, 1, 2, 3, 456, tzinfo=UTC) if status is Status.ACCEPTED else None
    info = ocpp16.id_tag_info(Decision(status, Reason.UNKNOWN_CARD, (), expires_at, group_id="G" * 20))
    assert info["status"] == said
    assert info.get("expiryDate") == ("2026-11-21T01:02:03Z" if expires_at else None)
    assert not faults_of_answer("Authorize", {"idTagInfo": info})


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Use cases on a database of their own, and the loop they run in."""
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
    | st.sampled_from([NOW, CARD, "1e308", "9" * 25, "Wh", -1, 0, 2**31, 2**63]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["timestamp", "sampledValue", "value", "unit", "phase", "measurand"]) | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@st.composite
def messages(draw):
    """A message of a station with some fields as anything, gone, or as they should be."""
    action = draw(st.sampled_from(sorted(MESSAGES)))
    payload = dict(MESSAGES[action])
    for name in draw(st.lists(st.sampled_from(sorted(payload)), unique=True)) if payload else []:
        if draw(st.booleans()):
            payload[name] = draw(json_values)
        else:
            del payload[name]
    return action, payload


@given(messages())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_message_holds_it_is_answered_by_the_schema_and_a_transaction_is_never_refused(desk, message):
    runner, use_cases = desk
    action, payload = message
    fields = Fields(payload, use_cases.clock())
    caller = Caller("CP1", "127.0.0.1", 1)
    entry = OCPP_16.entry_for(OCPP_16.action_meant(action))
    try:
        if isinstance(entry, Report):
            outcome = runner.run(entry.handle(use_cases, caller, fields))
        else:
            outcome = runner.run(_at_once(entry, use_cases, caller, fields))
    except RefuseError as refusal:
        assert (action, "idTag" in payload) == ("Authorize", False)
        assert refusal.code is ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
    else:
        assert not faults_of_answer(action, json.loads(json.dumps(outcome.payload)))
        assert outcome.summary.isprintable()


async def _at_once(entry, use_cases, caller, fields):
    outcome = entry.handle(use_cases, caller, fields)
    return await outcome if inspect.isawaitable(outcome) else outcome
