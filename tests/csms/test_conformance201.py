"""Cases of the conformance tests (OCPP 2.0.1 part 6, 2023-06) that say what a station sends, named by their ids."""

import asyncio
import json

import pytest

from app.csms.reading.repair import FieldRepair
from app.csms.station import outgoing
from app.domain.commands import InstallSignedFirmware, StartCharge, StopCharge
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import AccessLevel, PoolOptions
from app.journal import MessageFilter
from tests.csms.messages201 import NOW, availability, energy, event, token
from tests.schemas import faults_of_answer, faults_of_request
from tests.wire import raw_station

VALID, VALID_2, INVALID, BLOCKED, EXPIRED = "04A1B2C3D4E580", "04A1B2C3D4E581", "0BADCAFE", "04B10C4ED0", "04E8914ED0"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
BOS = "04B0B0B0B0B080"
SIGNED = {"signedMeterData": "T0NNRg==", "signingMethod": "ECDSA", "encodingMethod": "OCMF", "publicKey": "AA=="}
PLACE = {"id": 1, "connectorId": 1}


class Tool:
    """The station's side of the reusable states (part 6 §4)."""

    def __init__(self, station):
        self.station = station
        self.seq_no = -1
        self.transactions = 1
        self.begun = False

    async def call(self, action, sent):
        """The answer, valid by the schema, to what is valid by it."""
        assert not faults_of_request(action, sent, "2.0.1")
        answer = await self.station.call(action, sent)
        assert not faults_of_answer(action, answer, "2.0.1")
        return answer

    async def boot(self):
        sent = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
        return (await self.call("BootNotification", sent))["status"]

    async def authorize(self, raw):
        return (await self.call("Authorize", {"idToken": token(raw)}))["idTokenInfo"]

    async def tell(self, kind, trigger, *, at=NOW, info=None, **more):
        """A TransactionEvent; `kind` None is the first one or one in between."""
        self.seq_no += 1
        kind = kind or ("Updated" if self.begun else "Started")
        self.begun = kind != "Ended"
        reference = f"T-{self.transactions}"
        return await self.call(
            "TransactionEvent", event(kind, trigger, self.seq_no, at=at, reference=reference, info=info, **more)
        )

    async def connector(self, status):
        sent = {"timestamp": NOW, "connectorStatus": status, "evseId": 1, "connectorId": 1}
        assert await self.call("StatusNotification", sent) == {}
        assert await self.call("NotifyEvent", availability(status)) == {}

    async def ev_connected_pre_session(self, **more):
        await self.connector("Occupied")
        await self.tell(None, "CablePluggedIn", info={"chargingState": "EVConnected"}, evse=PLACE, **more)

    async def authorized(self, raw=VALID):
        assert (await self.authorize(raw))["status"] == "Accepted"
        answer = await self.tell(None, "Authorized", idToken=token(raw))
        assert answer["idTokenInfo"]["status"] == "Accepted"

    async def energy_transfer_started(self):
        await self.authorized()
        await self.ev_connected_pre_session()
        await self.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})

    async def energy_transfer_suspended(self):
        await self.energy_transfer_started()
        await self.tell("Updated", "ChargingStateChanged", info={"chargingState": "SuspendedEV"})

    async def stop_authorized(self):
        await self.energy_transfer_started()
        answer = await self.tell("Updated", "StopAuthorized", idToken=token(VALID))
        assert answer["idTokenInfo"]["status"] == "Accepted"

    async def ev_connected_post_session(self):
        await self.stop_authorized()
        await self.tell("Updated", "ChargingStateChanged", info={"chargingState": "EVConnected"})

    async def ev_disconnected(self, **more):
        await self.connector("Available")
        info = {"chargingState": "Idle", "stoppedReason": "EVDisconnected"}
        await self.tell("Ended", "EVCommunicationLost", info=info, **more)
        self.transactions += 1
        self.seq_no = -1


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)


@pytest.fixture
async def site(application):
    """A pool where two cards of one person may stop each other's charges, one is blocked and one's time is over."""
    options = PoolOptions(passes_stop_each_other=True)
    pool = await application.pools.create("Yard", AccessLevel.PRIVATE, options)
    ada = IdentityDraft("ada@example.com", "Ada", "L")
    card = await application.passes.add(PassDraft(uid=VALID), new_identity=ada, pool_id=pool.id)
    await application.passes.add(PassDraft(uid=VALID_2, identity_id=card.identity_id))
    await application.members.add(pool.id, identity_ids=[card.identity_id])
    blocked = await application.passes.add(PassDraft(uid=BLOCKED), pool_id=pool.id)
    await application.passes.block([blocked.id])
    long_ago = application.clock().replace(year=2020)
    await application.passes.add(PassDraft(uid=EXPIRED, valid_until=long_ago), pool_id=pool.id)
    await application.stations.accept("CP1", pool_id=pool.id)
    return application


@pytest.fixture
async def tool(site, url):
    async with raw_station(url, "CP1", subprotocols=["ocpp2.0.1"]) as station:
        yield Tool(station)


def only_session(site):
    (session,) = site.sessions.recent()
    return session


async def test_tc_b_01_cold_boot(tool):
    assert await tool.boot() == "Accepted"
    await tool.connector("Available")


async def test_tc_b_02_cold_boot_pending_and_tc_b_30_security_error_and_tc_b_31_trigger(application, url):
    async with raw_station(url, "NEW", subprotocols=["ocpp2.0.1"]) as station:
        tool = Tool(station)
        assert await tool.boot() == "Pending"
        status = {"timestamp": NOW, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
        assert await station.refused("StatusNotification", status) == "SecurityError"
        assert await station.refused("NotifyEvent", availability("Available")) == "SecurityError"
        assert not application.stations.connectors()
        await application.stations.accept("NEW")
        message_id, action, sent = await station.was_asked()
        assert (action, sent) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
        await station.send(json.dumps([3, message_id, {"status": "Accepted"}]))
        assert await tool.boot() == "Accepted"


@pytest.mark.parametrize(
    ("case", "raw", "status"),
    [("C_02", INVALID, "Invalid"), ("C_06", BLOCKED, "Blocked"), ("C_07", EXPIRED, "Expired")],
)
async def test_tc_c_02_c_06_c_07_authorization_refused(tool, case, raw, status):
    assert (await tool.authorize(raw))["status"] == status


@pytest.mark.parametrize(("case", "raw", "status"), [("C_08", VALID, "Accepted"), ("C_20", INVALID, "Invalid")])
async def test_tc_c_08_c_20_a_card_of_the_stations_own_memory(tool, case, raw, status):
    await tool.ev_connected_pre_session()
    answer = await tool.tell("Updated", "Authorized", idToken=token(raw))
    assert answer["idTokenInfo"]["status"] == status


async def test_tc_c_39_authorization_by_group_id(site, tool):
    await tool.ev_connected_pre_session()
    told = [await tool.authorize(VALID_2)]
    told.append((await tool.tell("Updated", "Authorized", idToken=token(VALID)))["idTokenInfo"])
    await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
    told.append(await tool.authorize(VALID_2))
    told.append((await tool.tell("Updated", "StopAuthorized", idToken=token(VALID_2)))["idTokenInfo"])
    assert [info["status"] for info in told] == ["Accepted"] * 4
    (group,) = {info["groupIdToken"]["idToken"] for info in told}
    assert group
    await tool.ev_disconnected()
    session = only_session(site)
    assert (session.raw_id_tag, session.is_open) == (VALID, False)


async def test_tc_c_48_a_master_pass_is_whoever_is_of_the_group_that_the_station_calls_so(site, tool):
    group = (await tool.authorize(VALID_2))["groupIdToken"]["idToken"]
    await tool.energy_transfer_started()
    answer = await tool.tell("Ended", "StopAuthorized", info={"stoppedReason": "MasterPass"}, idToken=token(VALID_2))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == group
    assert (only_session(site).stop_reason, only_session(site).stop_id_tag) == ("MasterPass", VALID_2)


@pytest.fixture
async def two_charges(site, tool):
    """Ada and Bo charge at an EVSE each: who tells of either charge, with its card."""
    bo = IdentityDraft("bo@example.com", "Bo", "K")
    pool_id = site.pools.find("Yard").id
    await site.passes.add(PassDraft(uid=BOS), new_identity=bo, pool_id=pool_id)
    other = Tool(tool.station)
    other.transactions = 2
    charges = [(tool, VALID, 1), (other, BOS, 2)]
    for teller, raw, evse_id in charges:
        place = {"id": evse_id, "connectorId": 1}
        told = await teller.tell("Started", "Authorized", idToken=token(raw), evse=place)
        assert told["idTokenInfo"]["status"] == "Accepted"
        await teller.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
    return charges


async def test_tc_c_47_a_master_pass_stops_every_charge(site, tool, two_charges):
    master = await tool.authorize(VALID_2)
    assert master["status"] == "Accepted"
    for teller, _, _ in two_charges:
        info = {"stoppedReason": "MasterPass"}
        told = (await teller.tell("Ended", "StopAuthorized", info=info, idToken=token(VALID_2)))["idTokenInfo"]
        assert (told["status"], told["groupIdToken"]) == ("Accepted", master["groupIdToken"])
    assert [(each.stop_reason, each.stop_id_tag, each.is_open) for each in site.sessions.recent()] == [
        ("MasterPass", VALID_2, False)
    ] * 2


async def test_tc_c_49_a_master_pass_stops_every_charge_each_told_with_its_own_card(site, tool, two_charges):
    assert (await tool.authorize(VALID_2))["status"] == "Accepted"
    for teller, raw, _ in two_charges:
        told = await teller.tell("Ended", "StopAuthorized", info={"stoppedReason": "MasterPass"}, idToken=token(raw))
        assert told["idTokenInfo"]["status"] == "Accepted"
    assert {(each.stop_reason, each.stop_id_tag) for each in site.sessions.recent()} == {
        ("MasterPass", VALID),
        ("MasterPass", BOS),
    }
    assert not any(each.is_open for each in site.sessions.recent())


@pytest.mark.parametrize(
    ("case", "trigger", "info", "more"),
    [
        ("E_01", "ChargingStateChanged", {"chargingState": "SuspendedEVSE"}, {"evse": PLACE}),
        ("E_02", "ChargingStateChanged", {"chargingState": "Charging"}, {"evse": PLACE}),
        ("E_10", "Authorized", {}, {}),
        (
            "E_11",
            "SignedDataReceived",
            {},
            {"evse": PLACE, "meterValue": [energy(0.0, context="Transaction.Begin", signedMeterValue=SIGNED)]},
        ),
    ],
)
async def test_tc_e_01_e_02_e_10_e_11_started_with_a_card(site, tool, case, trigger, info, more):
    assert (await tool.authorize(VALID))["status"] == "Accepted"
    await tool.connector("Occupied")
    answer = await tool.tell("Started", trigger, info=info, idToken=token(VALID), **more)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
    assert (only_session(site).holder, only_session(site).is_open) == ("Ada L", True)


@pytest.mark.parametrize(
    ("case", "trigger", "more"),
    [
        ("E_09", "CablePluggedIn", {"evse": PLACE, "info": {"chargingState": "EVConnected"}}),
        ("E_12", "EVDetected", {}),
    ],
)
async def test_tc_e_09_e_12_started_without_a_card(site, tool, case, trigger, more):
    assert await tool.tell("Started", trigger, **more) == {}
    assert (only_session(site).status, only_session(site).is_open) == ("", True)


async def test_tc_e_03_cable_first(site, tool):
    await tool.ev_connected_pre_session()
    await tool.authorized()
    await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
    assert (only_session(site).holder, only_session(site).connector_id) == ("Ada L", 1)


async def test_tc_e_04_card_first(site, tool):
    await tool.energy_transfer_started()
    assert (only_session(site).holder, only_session(site).connector_id) == ("Ada L", 1)


@pytest.mark.parametrize(
    ("case", "before", "trigger", "info"),
    [
        ("E_07", Tool.energy_transfer_started, "StopAuthorized", {"stoppedReason": "Local"}),
        ("E_08", Tool.stop_authorized, "ChargingStateChanged", {"stoppedReason": "Local"}),
        ("E_14", Tool.ev_connected_post_session, "EVCommunicationLost", {"stoppedReason": "EVDisconnected"}),
        ("E_15", Tool.energy_transfer_started, "StopAuthorized", {"stoppedReason": "Local"}),
        ("E_17", Tool.energy_transfer_suspended, "EVCommunicationLost", {"stoppedReason": "EVDisconnected"}),
        ("E_19", Tool.ev_connected_post_session, "EVDeparted", {"stoppedReason": "Local"}),
        ("E_20", Tool.energy_transfer_suspended, "EVCommunicationLost", {"stoppedReason": "EVDisconnected"}),
        ("E_22", Tool.energy_transfer_started, "ChargingStateChanged", {"stoppedReason": "StoppedByEV"}),
        ("E_39", Tool.authorized, "EVConnectTimeout", {"stoppedReason": "Timeout"}),
    ],
)
async def test_tc_e_stop_points(site, tool, case, before, trigger, info):
    await before(tool)
    await tool.tell("Ended", trigger, info=info)
    session = only_session(site)
    assert (session.is_open, session.stop_reason, session.holder) == (False, info["stoppedReason"], "Ada L")


async def test_tc_e_16_a_charge_that_is_not_admitted_ends_itself(site, tool):
    answer = await tool.tell("Started", "Authorized", idToken=token(INVALID))
    assert answer["idTokenInfo"]["status"] == "Invalid"
    await tool.tell("Ended", "Deauthorized", info={"stoppedReason": "DeAuthorized"})
    assert (only_session(site).status, only_session(site).stop_reason) == ("Invalid", "DeAuthorized")


async def test_tc_e_26_a_charge_goes_on_after_the_cable_was_out(site, tool):
    await tool.energy_transfer_suspended()
    await tool.tell("Updated", "EVCommunicationLost", info={"chargingState": "Idle"})
    await tool.connector("Available")
    assert only_session(site).is_open
    await tool.tell("Updated", "CablePluggedIn", info={"chargingState": "EVConnected"})
    await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
    assert only_session(site).is_open
    assert site.stations.connectors()[0].status == "Charging"


async def test_tc_e_38_the_vehicle_is_not_ready(site, tool):
    await tool.authorized()
    await tool.ev_connected_pre_session()
    await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "SuspendedEV"})
    assert site.stations.connectors()[0].status == "SuspendedEV"


async def test_tc_e_53_sequence_numbers_begin_anew(site, tool):
    for _ in range(2):
        await tool.energy_transfer_started()
        await tool.ev_disconnected()
    assert [session.is_open for session in site.sessions.recent()] == [False, False]


async def test_tc_f_01_remote_start_and_tc_e_21_remote_stop(site, tool):
    await tool.ev_connected_pre_session()
    task = answered(tool.station, {"status": "Accepted", "transactionId": "T-1"})
    await site.carry_out("CP1", StartCharge(VALID, 1))
    action, sent = await task
    assert action == "RequestStartTransaction"
    assert not faults_of_request(action, sent, "2.0.1")
    assert (sent["evseId"], sent["idToken"]) == (1, token(VALID))
    info = {"remoteStartId": sent["remoteStartId"]}
    answer = await tool.tell("Updated", "RemoteStart", info=info, idToken=sent["idToken"])
    assert answer["idTokenInfo"]["status"] == "Accepted"
    await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})

    task = answered(tool.station, {"status": "Accepted"})
    await site.carry_out("CP1", StopCharge(only_session(site)))
    assert await task == ("RequestStopTransaction", {"transactionId": "T-1"})
    await tool.tell("Ended", "RemoteStop", info={"stoppedReason": "Remote"})
    assert only_session(site).stop_reason == "Remote"


class TestARemoteStartToldWithoutItsCard:
    """Some stations give only `remoteStartId` in the events of a charge that was started from here."""

    async def ask_to_start(self, site, tool, raw=VALID):
        task = answered(tool.station, {"status": "Accepted"})
        await site.carry_out("CP1", StartCharge(raw, 1))
        return {"remoteStartId": (await task)[1]["remoteStartId"]}

    async def test_is_of_the_card_that_was_named(self, site, tool):
        info = await self.ask_to_start(site, tool, VALID_2)
        answer = await tool.tell("Started", "RemoteStart", info=info, evse=PLACE)
        assert answer["idTokenInfo"]["status"] == "Accepted"
        await tool.tell("Updated", "MeterValuePeriodic", info=info, meterValue=[energy(10)])
        session = only_session(site)
        assert (session.raw_id_tag, session.holder, session.status) == (VALID_2, "Ada L", "Accepted")
        await site.journal.flush()
        (tap,) = site.journal.taps()
        assert (tap.raw_id_tag, tap.status) == (VALID_2, "Accepted")
        repairs = {each.id: each.repairs for each in site.journal.messages(MessageFilter())}
        assert FieldRepair.CARD_OF_REMOTE_START in repairs[tap.message_id]

    async def test_on_its_next_connection_too(self, site, tool, url):
        info = await self.ask_to_start(site, tool)
        async with raw_station(url, "CP1", subprotocols=["ocpp2.1"]) as again:
            await Tool(again).tell("Started", "RemoteStart", info=info, evse=PLACE)
        assert only_session(site).holder == "Ada L"

    @pytest.mark.parametrize(("raw", "status"), [(BLOCKED, "Blocked"), (EXPIRED, "Expired"), (INVALID, "Invalid")])
    async def test_is_given_no_more_than_the_card_has(self, site, tool, raw, status):
        info = await self.ask_to_start(site, tool, raw)
        answer = await tool.tell("Started", "RemoteStart", info=info, evse=PLACE)
        assert (answer["idTokenInfo"]["status"], only_session(site).status) == (status, status)

    async def test_is_of_nobody_under_a_number_that_was_never_given(self, site, tool):
        info = await self.ask_to_start(site, tool)
        strange = {"remoteStartId": info["remoteStartId"] - 1}
        assert await tool.tell("Started", "RemoteStart", info=strange, evse=PLACE) == {}
        assert (only_session(site).raw_id_tag, only_session(site).status) == ("", "")

    async def test_is_of_nobody_when_the_number_was_another_charges(self, site, tool):
        info = await self.ask_to_start(site, tool)
        await tool.tell("Started", "RemoteStart", info=info, evse=PLACE)
        await tool.ev_disconnected()
        assert await tool.tell("Started", "CablePluggedIn", info=info, evse=PLACE) == {}
        assert site.sessions.recent()[0].raw_id_tag == ""

    async def test_that_a_card_at_the_reader_ends_is_not_ended_by_the_one_that_was_named(self, site, tool):
        info = await self.ask_to_start(site, tool)
        await tool.tell("Started", "RemoteStart", info=info, evse=PLACE)
        ended = info | {"stoppedReason": "Local"}
        assert "idTokenInfo" not in await tool.tell("Ended", "StopAuthorized", info=ended)


def answered(station, payload):
    """Answers the server's next question; what it was."""

    async def answer():
        message_id, action, sent = await station.was_asked()
        await station.send(json.dumps([3, message_id, payload]))
        return action, sent

    return asyncio.create_task(answer())


async def test_tc_j_01_clock_aligned_values_of_an_idle_station(site, tool):
    for evse_id in (0, 1, 2):
        assert (
            await tool.call("MeterValues", {"evseId": evse_id, "meterValue": [energy(5, context="Sample.Clock")]}) == {}
        )
    assert not site.sessions.recent()


@pytest.mark.parametrize(
    ("case", "context", "trigger"),
    [("J_02", "Sample.Clock", "MeterValueClock"), ("J_09", "Sample.Periodic", "MeterValuePeriodic")],
)
async def test_tc_j_02_j_09_values_during_a_charge(site, tool, case, context, trigger):
    await tool.authorized()
    await tool.ev_connected_pre_session(meterValue=[energy(1000, context="Transaction.Begin")])
    for number in (1, 2, 3):
        at = f"2025-03-04T20:{number:02}:00Z"
        values = [energy(1000 + number * 100, at, context=context)]
        assert await tool.tell("Updated", trigger, at=at, meterValue=values) == {}
    assert only_session(site).energy_wh == 300


@pytest.mark.parametrize(
    ("case", "context", "more"),
    [
        ("J_03", "Sample.Clock", {}),
        ("J_04", "Sample.Clock", {"signedMeterValue": SIGNED}),
        ("J_10", "Sample.Periodic", {}),
        ("J_11", "Sample.Periodic", {"signedMeterValue": SIGNED}),
    ],
)
async def test_tc_j_03_j_04_j_10_j_11_all_values_at_the_end(site, tool, case, context, more):
    await tool.energy_transfer_started()
    values = [energy(1000, context="Transaction.Begin", **more)]
    values += [energy(1000 + n * 100, f"2025-03-04T20:{n:02}:00Z", context=context, **more) for n in (1, 2)]
    values.append(energy(1500, "2025-03-04T20:03:00Z", context="Transaction.End", **more))
    await tool.ev_disconnected(at="2025-03-04T20:03:00Z", meterValue=values)
    assert (only_session(site).energy_wh, only_session(site).is_open) == (500, False)


@pytest.mark.parametrize("case", ["J_07", "J_08"])
async def test_tc_j_07_j_08_the_first_value(site, tool, case):
    if case == "J_08":
        await tool.authorized()
    await tool.ev_connected_pre_session(meterValue=[energy(1000, context="Transaction.Begin")])
    await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
    await tool.ev_disconnected(at="2025-03-04T20:30:00Z", meterValue=[energy(3000, "2025-03-04T20:30:00Z")])
    assert only_session(site).energy_wh == 2000


async def test_tc_m_and_n_what_a_station_was_asked_to_tell_is_taken_in_parts(tool):
    for seq_no, more in enumerate((True, False)):
        report = {"requestId": 7, "generatedAt": NOW, "seqNo": seq_no, "tbc": more}
        for action, sent in (
            ("NotifyReport", {}),
            ("NotifyMonitoringReport", {}),
            ("NotifyCustomerInformation", {"data": "Ada"}),
        ):
            assert await tool.call(action, report | sent) == {}
    for status in ("Uploading", "Uploaded"):
        assert await tool.call("LogStatusNotification", {"status": status, "requestId": 7}) == {}


async def asked_for_firmware(site, tool, status="Accepted"):
    """What the station is asked, and the AppError that its answer comes down to."""
    command = InstallSignedFirmware(7, "http://192.168.1.20/f.bin", site.clock(), PEM, "c2lnbmF0dXJl")
    asked = asyncio.ensure_future(site.carry_out("CP1", command))
    message_id, action, payload = await tool.station.was_asked()
    assert (action, faults_of_request(action, payload, "2.0.1")) == ("UpdateFirmware", [])
    await tool.station.send(json.dumps([3, message_id, {"status": status}]))
    (error,) = await asyncio.gather(asked, return_exceptions=True)
    return payload, error


_FETCHED = ("Downloading", "Downloaded")
_INSTALLED = ("SignatureVerified", "Installing", "InstallRebooting")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param((*_FETCHED, *_INSTALLED, "Installed"), id="TC_L_01"),
        pytest.param(("DownloadScheduled", *_FETCHED, *_INSTALLED, "Installed"), id="TC_L_03"),
        pytest.param((*_FETCHED, "InvalidSignature"), id="TC_L_06"),
        pytest.param(("Downloading", "DownloadFailed"), id="TC_L_07"),
        pytest.param((*_FETCHED, *_INSTALLED, "InstallVerificationFailed"), id="TC_L_08"),
        pytest.param((*_FETCHED, *_INSTALLED, "InstallationFailed"), id="TC_L_09"),
    ],
)
async def test_tc_l_signed_firmware(site, tool, told):
    payload, error = await asked_for_firmware(site, tool)
    assert error is None
    firmware = payload["firmware"]
    assert (firmware["signingCertificate"], firmware["signature"]) == (PEM, "c2lnbmF0dXJl")
    for status in told:
        if status == "Installed":
            assert await tool.boot() == "Accepted"
            await tool.connector("Available")
        assert await tool.call("FirmwareStatusNotification", {"status": status, "requestId": 7}) == {}
    await site.journal.flush()
    kept = site.journal.messages(MessageFilter(action="FirmwareStatusNotification"))
    assert tuple(message.outcome for message in reversed(kept)) == told


@pytest.mark.parametrize(("case", "status"), [("L_04", "RevokedCertificate"), ("L_05", "InvalidCertificate")])
async def test_tc_l_04_l_05_signed_firmware_is_refused(site, tool, case, status):
    _, error = await asked_for_firmware(site, tool, status)
    assert (error.code, error.params["status"]) == ("station_refused", status)


async def test_tc_l_10_signed_firmware_takes_the_place_of_another(site, tool):
    assert (await asked_for_firmware(site, tool))[1] is None
    await tool.call("FirmwareStatusNotification", {"status": "Downloading", "requestId": 7})
    assert (await asked_for_firmware(site, tool, "AcceptedCanceled"))[1] is None


async def test_tc_l_11_l_13_signed_firmware_waits_for_the_charge_that_runs(site, tool):
    await tool.energy_transfer_started()
    assert (await asked_for_firmware(site, tool))[1] is None
    assert await tool.call("FirmwareStatusNotification", {"status": "DownloadScheduled", "requestId": 7}) == {}
    assert only_session(site).is_open
    await tool.tell("Updated", "StopAuthorized", idToken=token(VALID))
    await tool.ev_disconnected()
    assert not only_session(site).is_open
    for status in (*_FETCHED, *_INSTALLED):
        assert await tool.call("FirmwareStatusNotification", {"status": status, "requestId": 7}) == {}


async def test_tc_p_02_a_vendors_message(tool):
    answer = await tool.call("DataTransfer", {"vendorId": "com.example", "messageId": "Hello"})
    assert answer["status"] in {"UnknownVendorId", "UnknownMessageId", "Rejected"}


async def test_tc_p_03_custom_data(tool):
    custom = {"customData": {"vendorId": "com.example", "extra": [1, {"deep": True}]}}
    status = {"timestamp": NOW, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    assert await tool.call("StatusNotification", status | custom) == {}
    assert await tool.tell("Started", "CablePluggedIn", info=custom, **custom) == {}
