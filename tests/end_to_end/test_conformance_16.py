"""The cases of OCPP 1.6's conformance test that concern a Central System, each by its number.

The station is played frame by frame; what the server answers and asks is held against the schemas. Cases of smart
charging are left out: the server does none. Those of passwords, certificates and TLS are with their tests.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import InvalidStatus

from app.application import MessageFilter
from app.csms.lists import sync as list_sync
from app.csms.station import outgoing
from app.domain.access import Status
from app.domain.commands import (
    ChangeAvailability,
    ClearCache,
    InstallFirmware,
    InstallSignedFirmware,
    Message,
    ReadAllVariables,
    ReadListVersion,
    ReadVariables,
    ResetStation,
    SendDiagnostics,
    SendList,
    SendSecurityLog,
    StartCharge,
    StopCharge,
    Trigger,
    Unlock,
    When,
    WriteVariable,
    Writing,
)
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.local_list import Entry, Piece
from app.domain.model import AccessLevel, ConnectorStatus, PoolOptions
from tests.schemas import faults_of_answer, faults_of_request
from tests.wire import raw_station

CARD, OTHER_CARD = "04A1B2C3D4E580", "04A1B2C3D4E581"
VALID, BLOCKED, EXPIRED, UNKNOWN = CARD, "04B10C0ED00001", "04E0D1EED00002", "0BADCAFE"
TIME_TOLERANCE = timedelta(seconds=4)


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """The station played here is confused by nothing."""
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.0)
    # It is asked what a case wants, and nothing of its list by the way.
    monkeypatch.setattr(list_sync, "QUIET_S", 600.0)


class Station:
    """A charge point that is played by a test; what it is told must be valid."""

    def __init__(self, application, raw):
        self.application = application
        self.raw = raw

    async def says(self, action, **payload):
        assert not faults_of_request(action, payload)
        answer = await self.raw.call(action, payload)
        assert not faults_of_answer(action, answer)
        return answer

    async def status(self, status, connector_id=1, error_code="NoError"):
        assert (
            await self.says("StatusNotification", connectorId=connector_id, errorCode=error_code, status=status) == {}
        )

    async def authorize(self, card=VALID):
        return (await self.says("Authorize", idTag=card))["idTagInfo"]["status"]

    async def start(self, card=VALID, meter=1000, at=None, **more):
        at = written(at or datetime.now(UTC))
        return await self.says("StartTransaction", connectorId=1, idTag=card, meterStart=meter, timestamp=at, **more)

    async def stop(self, transaction_id, meter=2500, at=None, **more):
        at = at or datetime.now(UTC)
        return await self.says(
            "StopTransaction", transactionId=transaction_id, meterStop=meter, timestamp=written(at), **more
        )

    async def is_asked(self, command, expected_action, **answer):
        """The server's question and what comes of it, or the AppError it ends in."""
        return await self.is_asked_by(self.application.carry_out("CP1", command), expected_action, **answer)

    async def is_asked_by(self, asking, expected_action, **answer):
        """As `is_asked`, of what an operator does that asks the station."""
        asked = asyncio.ensure_future(asking)
        message_id, action, payload = await self.raw.was_asked()
        assert (action, faults_of_request(action, payload)) == (expected_action, [])
        assert not faults_of_answer(action, answer)
        await self.raw.send(json.dumps([3, message_id, answer]))
        try:
            return payload, await asyncio.wait_for(asked, 5)
        except AppError as error:
            return payload, error.code

    def session(self):
        (session,) = self.application.sessions.recent()
        return session


def written(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
async def station(application, url):
    """A station of a private pool whose members hold cards that are valid, blocked and expired."""
    pool = await application.pools.create("Yard", AccessLevel.PRIVATE)
    await application.stations.accept("CP1", pool_id=pool.id)
    for card in (VALID, OTHER_CARD, BLOCKED):
        await application.passes.add(PassDraft(uid=card), pool_id=pool.id)
    yesterday = application.clock() - timedelta(days=1)
    await application.passes.add(PassDraft(uid=EXPIRED, valid_until=yesterday), pool_id=pool.id)
    await application.passes.block([application.passes.find(BLOCKED).id])
    async with raw_station(url, "CP1") as raw:
        yield Station(application, raw)


class TestBoot:
    async def test_tc_001_cold_boot(self, station):
        answer = await station.says("BootNotification", chargePointVendor="v", chargePointModel="m")
        assert answer["status"] == "Accepted"
        assert answer["interval"] > 0
        assert abs(datetime.fromisoformat(answer["currentTime"]) - datetime.now(UTC)) < TIME_TOLERANCE
        for connector_id in (0, 1, 2):
            await station.status("Available", connector_id)
        assert (await station.says("Heartbeat"))["currentTime"]


class TestSessions:
    async def test_tc_003_regular_session_that_begins_with_a_card(self, station):
        assert await station.authorize() == "Accepted"
        await station.status("Preparing")
        started = await station.start()
        assert started["idTagInfo"]["status"] == "Accepted"
        assert started["transactionId"] > 0
        await station.status("Charging")
        value = {"timestamp": written(datetime.now(UTC)), "sampledValue": [{"value": "1700"}]}
        meter = {"connectorId": 1, "transactionId": started["transactionId"], "meterValue": [value]}
        assert await station.says("MeterValues", **meter) == {}
        stopped = await station.stop(started["transactionId"], idTag=VALID, reason="Local")
        assert stopped["idTagInfo"]["status"] == "Accepted"
        for status in ("Finishing", "Available"):
            await station.status(status)
        assert (station.session().is_open, station.session().energy_wh) == (False, 1500)

    async def test_tc_004_1_regular_session_that_begins_with_a_cable(self, station):
        await station.status("Preparing")
        assert await station.authorize() == "Accepted"
        started = await station.start()
        await station.status("Charging")
        assert started["idTagInfo"]["status"] == "Accepted"
        assert station.session().is_open

    async def test_tc_004_2_a_cable_that_does_not_come_in_time(self, application, station):
        assert await station.authorize() == "Accepted"
        await station.status("Preparing")
        await station.status("Available")
        assert application.sessions.recent() == []

    async def test_tc_005_1_the_cable_is_pulled_at_the_car(self, station):
        started = await station.start()
        await station.status("SuspendedEV")
        await station.stop(started["transactionId"], reason="EVDisconnected")
        await station.status("Finishing")
        assert (station.session().is_open, station.session().stop_reason) == (False, "EVDisconnected")

    async def test_tc_007_a_card_from_the_stations_own_memory(self, station):
        await station.status("Preparing")
        assert (await station.start())["idTagInfo"]["status"] == "Accepted"


class TestRemoteStartAndStop:
    async def test_tc_010_remote_start_with_the_cable_in(self, application, station):
        await station.status("Preparing")
        payload, result = await station.is_asked(StartCharge(VALID, 1), "RemoteStartTransaction", status="Accepted")
        assert (payload, result) == ({"idTag": VALID, "connectorId": 1}, None)
        assert application.sessions.recent() == []
        assert await station.authorize() == "Accepted"
        assert (await station.start())["idTagInfo"]["status"] == "Accepted"

    async def test_tc_011_1_remote_start_before_the_cable(self, station):
        _, result = await station.is_asked(StartCharge(VALID, 1), "RemoteStartTransaction", status="Accepted")
        assert result is None
        await station.status("Preparing")
        assert (await station.start())["transactionId"] > 0

    async def test_tc_011_2_remote_start_and_no_cable(self, application, station):
        await station.is_asked(StartCharge(VALID, 1), "RemoteStartTransaction", status="Accepted")
        await station.status("Preparing")
        await station.status("Available")
        assert application.sessions.recent() == []

    async def test_tc_012_remote_stop(self, station):
        started = await station.start()
        payload, result = await station.is_asked(
            StopCharge(station.session()), "RemoteStopTransaction", status="Accepted"
        )
        assert (payload, result) == ({"transactionId": started["transactionId"]}, None)
        assert station.session().is_open
        await station.stop(started["transactionId"], reason="Remote")
        assert (station.session().is_open, station.session().stop_reason) == (False, "Remote")

    async def test_tc_026_remote_start_rejected(self, application, station):
        _, result = await station.is_asked(StartCharge(VALID, 1), "RemoteStartTransaction", status="Rejected")
        assert (result, application.sessions.recent()) == ("station_refused", [])

    async def test_tc_028_remote_stop_rejected(self, station):
        await station.start()
        _, result = await station.is_asked(StopCharge(station.session()), "RemoteStopTransaction", status="Rejected")
        assert (result, station.session().is_open) == ("station_refused", True)


class TestReservation:
    @pytest.fixture
    def reserve(self, application, station):
        """Have the station keep a connector for a card; what it is asked, and what it answers comes down to."""

        async def reserve(connector_id=1, status="Accepted", lasts=timedelta(minutes=30)):
            asking = application.reservations.reserve("CP1", VALID, datetime.now(UTC) + lasts, connector_id)
            return await station.is_asked_by(asking, "ReserveNow", status=status)

        return reserve

    def standing(self, station):
        return [each for of_station in station.application.reservations.standing().values() for each in of_station]

    async def test_tc_046_a_reserved_connector_is_used(self, station, reserve):
        payload, reservation = await reserve()
        assert (payload["connectorId"], payload["idTag"]) == (1, VALID)
        assert payload["reservationId"] == reservation.number
        assert "parentIdTag" not in payload
        await station.status("Reserved")
        assert self.standing(station) == [reservation]
        assert await station.authorize() == "Accepted"
        await station.status("Preparing")
        started = await station.start(reservationId=reservation.number)
        assert started["idTagInfo"]["status"] == "Accepted"
        assert self.standing(station) == []

    async def test_tc_047_a_reservation_runs_out(self, application, station, reserve):
        _, reservation = await reserve(lasts=timedelta(seconds=2))
        await station.status("Reserved")
        assert self.standing(station) == [reservation]
        async with asyncio.timeout(5):
            while self.standing(station):
                await asyncio.sleep(0.05)
        await station.status("Available")
        (connector,) = application.stations.connectors()
        assert connector.status is ConnectorStatus.AVAILABLE

    @pytest.mark.parametrize(
        "status",
        ["Faulted", "Occupied", "Unavailable", "Rejected"],
        ids=["tc_048_1", "tc_048_2", "tc_048_3", "tc_048_4"],
    )
    async def test_tc_048_a_connector_that_cannot_be_kept(self, station, reserve, status):
        assert (await reserve(status=status))[1] == "station_refused"
        assert self.standing(station) == []

    async def test_tc_049_any_connector_is_kept(self, station, reserve):
        payload, reservation = await reserve(connector_id=None)
        assert payload["connectorId"] == 0
        assert await station.authorize() == "Accepted"
        await station.start(reservationId=reservation.number)
        assert self.standing(station) == []

    async def test_tc_051_a_reservation_is_taken_back(self, application, station, reserve):
        _, reservation = await reserve()
        await station.status("Reserved")
        asking = application.reservations.cancel(reservation)
        payload, _ = await station.is_asked_by(asking, "CancelReservation", status="Accepted")
        assert payload == {"reservationId": reservation.number}
        await station.status("Available")
        assert self.standing(station) == []

    async def test_tc_052_a_reservation_that_the_station_does_not_know_is_over(self, application, station, reserve):
        _, reservation = await reserve()
        asking = application.reservations.cancel(reservation)
        _, result = await station.is_asked_by(asking, "CancelReservation", status="Rejected")
        assert (result, self.standing(station)) == ("station_refused", [])

    async def test_tc_053_a_card_of_the_same_group_uses_it(self, application, station, reserve):
        (summary,) = application.pools.all()
        await application.pools.change(summary.pool.id, options=PoolOptions(passes_stop_each_other=True))
        ada = await application.identities.add(IdentityDraft("ada@example.com", "Ada", "L"))
        for card in (VALID, OTHER_CARD):
            draft = PassDraft(uid=card, identity_id=ada.id)
            await application.passes.change(application.passes.find(card).id, draft)
        payload, reservation = await reserve()
        told = await station.says("Authorize", idTag=OTHER_CARD)
        assert told["idTagInfo"]["parentIdTag"] == payload["parentIdTag"]
        started = await station.start(OTHER_CARD, reservationId=reservation.number)
        assert started["idTagInfo"]["status"] == "Accepted"
        assert self.standing(station) == []


class TestResetAndUnlock:
    @pytest.mark.parametrize(("hard", "kind"), [(True, "Hard"), (False, "Soft")], ids=["tc_013", "tc_014"])
    async def test_tc_013_014_reset(self, application, url, station, hard, kind):
        payload, result = await station.is_asked(ResetStation(hard), "Reset", status="Accepted")
        assert (payload, result) == ({"type": kind}, When.NOW)
        station.raw.cut()
        async with raw_station(url, "CP1") as raw:
            again = Station(application, raw)
            assert (await again.says("BootNotification", chargePointVendor="v", chargePointModel="m"))["status"]
            await again.status("Available", 0)

    async def test_tc_017_1_unlock_while_nothing_charges(self, station):
        payload, result = await station.is_asked(Unlock(1), "UnlockConnector", status="Unlocked")
        assert (payload, result) == ({"connectorId": 1}, None)

    async def test_tc_017_2_unlock_of_a_fixed_cable(self, station):
        assert (await station.is_asked(Unlock(1), "UnlockConnector", status="NotSupported"))[1] == "station_refused"

    async def test_tc_018_1_unlock_while_something_charges(self, station):
        started = await station.start()
        await station.is_asked(Unlock(1), "UnlockConnector", status="Unlocked")
        await station.stop(started["transactionId"], reason="UnlockCommand")
        assert station.session().stop_reason == "UnlockCommand"

    async def test_tc_030_unlock_fails(self, station):
        assert (await station.is_asked(Unlock(1), "UnlockConnector", status="UnlockFailed"))[1] == "station_refused"

    async def test_tc_031_unlock_of_a_connector_there_is_not(self, station):
        assert (await station.is_asked(Unlock(9), "UnlockConnector", status="NotSupported"))[1] == "station_refused"


class TestConfiguration:
    KEYS = ({"key": "HeartbeatInterval", "readonly": False, "value": "300"}, {"key": "Empty", "readonly": True})

    async def test_tc_019_1_all_keys(self, station):
        payload, result = await station.is_asked(
            ReadAllVariables(1), "GetConfiguration", configurationKey=list(self.KEYS), unknownKey=[]
        )
        assert payload == {}
        assert [(each.name, each.value) for each in result.variables] == [("HeartbeatInterval", "300"), ("Empty", None)]

    async def test_tc_019_2_one_key(self, station):
        payload, result = await station.is_asked(
            ReadVariables(("HeartbeatInterval", "Odd")),
            "GetConfiguration",
            configurationKey=[self.KEYS[0]],
            unknownKey=["Odd"],
        )
        assert payload == {"key": ["HeartbeatInterval", "Odd"]}
        assert ([each.name for each in result.variables], result.unknown) == (["HeartbeatInterval"], ("Odd",))

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("Accepted", Writing.ACCEPTED),
            ("RebootRequired", Writing.REBOOT_REQUIRED),
            ("NotSupported", Writing.UNKNOWN),
            ("Rejected", Writing.REJECTED),
        ],
        ids=["tc_021", "tc_021_reboot", "tc_040_1", "tc_040_2"],
    )
    async def test_tc_021_040_change(self, station, status, said):
        payload, result = await station.is_asked(
            WriteVariable("MeterValueSampleInterval", "60"), "ChangeConfiguration", status=status
        )
        assert (payload, result) == ({"key": "MeterValueSampleInterval", "value": "60"}, said)

    async def test_tc_061_clear_authorization_data(self, station):
        assert await station.is_asked(ClearCache(), "ClearCache", status="Accepted") == ({}, True)

    @pytest.mark.parametrize(("status", "when"), [("Accepted", When.NOW), ("Scheduled", When.LATER)])
    async def test_change_availability(self, station, status, when):
        payload, result = await station.is_asked(ChangeAvailability(1, False), "ChangeAvailability", status=status)
        assert (payload, result) == ({"connectorId": 1, "type": "Inoperative"}, when)


class TestAuthorization:
    @pytest.mark.parametrize(
        ("card", "status"),
        [(UNKNOWN, "Invalid"), (EXPIRED, "Expired"), (BLOCKED, "Blocked")],
        ids=["tc_023_1", "tc_023_2", "tc_023_3"],
    )
    async def test_tc_023_a_card_that_is_not_let_charge(self, station, card, status):
        assert await station.authorize(card) == status

    async def test_tc_024_the_lock_fails(self, application, station):
        await station.status("Preparing")
        assert await station.authorize() == "Accepted"
        await station.status("Faulted", error_code="ConnectorLockFailure")
        (connector,) = application.stations.connectors()
        assert (connector.status, connector.error_code) == (ConnectorStatus.FAULTED, "ConnectorLockFailure")
        assert application.sessions.recent() == []


class TestPowerLossAndOffline:
    async def test_tc_032_1_the_stop_comes_after_the_next_boot(self, application, url, station):
        started = await station.start()
        station.raw.cut()
        async with raw_station(url, "CP1") as raw:
            again = Station(application, raw)
            await again.says("BootNotification", chargePointVendor="v", chargePointModel="m")
            await again.stop(started["transactionId"], reason="PowerLoss")
            assert (again.session().is_open, again.session().stop_reason) == (False, "PowerLoss")

    async def test_tc_037_1_a_start_while_offline_with_a_card_that_is_valid(self, station):
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=20)
        started = await station.start(at=at)
        assert started["idTagInfo"]["status"] == "Accepted"
        assert station.session().started_at == at

    async def test_tc_037_3_a_start_while_offline_with_a_card_that_is_not(self, station):
        started = await station.start(UNKNOWN, at=datetime.now(UTC) - timedelta(minutes=20))
        assert started["idTagInfo"]["status"] == "Invalid"
        assert started["transactionId"] > 0
        await station.stop(started["transactionId"], reason="DeAuthorized")
        session = station.session()
        assert (session.status, session.is_open, session.stop_reason) == ("Invalid", False, "DeAuthorized")

    async def test_tc_039_a_whole_session_while_offline_four_hours_ago(self, station):
        began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=4)
        started = await station.start(at=began)
        await station.stop(started["transactionId"], at=began + timedelta(hours=1), idTag=VALID)
        session = station.session()
        assert (session.started_at, session.stopped_at) == (began, began + timedelta(hours=1))
        assert (session.energy_wh, session.status) == (1500, "Accepted")


class TestLocalList:
    @pytest.mark.parametrize("version", [-1, 0, 5], ids=["tc_042_1", "tc_042_2", "tc_042_other"])
    async def test_tc_042_version(self, station, version):
        asked = await station.is_asked(ReadListVersion(), "GetLocalListVersion", listVersion=version)
        assert asked == ({}, version)

    @pytest.mark.parametrize(
        "status",
        ["NotSupported", "VersionMismatch", "Failed", "Accepted"],
        ids=["tc_043_1", "tc_043_2", "tc_043_3", "tc_043_4"],
    )
    async def test_tc_043_full(self, station, status):
        entries = (Entry(VALID, Status.ACCEPTED), Entry(BLOCKED, Status.BLOCKED))
        payload, said = await station.is_asked(SendList(Piece(True, 7, entries)), "SendLocalList", status=status)
        assert (payload["updateType"], payload["listVersion"], said) == ("Full", 7, status)
        listed = {each["idTag"]: each["idTagInfo"]["status"] for each in payload["localAuthorizationList"]}
        assert listed == {VALID: "Accepted", BLOCKED: "Blocked"}

    async def test_tc_043_5_differential(self, station):
        piece = Piece(False, 8, (Entry(OTHER_CARD, Status.ACCEPTED),), (VALID,))
        payload, said = await station.is_asked(SendList(piece), "SendLocalList", status="Accepted")
        assert (payload["updateType"], payload["listVersion"], said) == ("Differential", 8, "Accepted")
        told = {each["idTag"]: "idTagInfo" in each for each in payload["localAuthorizationList"]}
        assert told == {OTHER_CARD: True, VALID: False}


class TestFirmwareAndDiagnostics:
    @pytest.mark.parametrize(
        "told",
        [
            ("Downloading", "Downloaded", "Installing", "Installed"),
            ("Downloading", "DownloadFailed"),
            ("Downloading", "Downloaded", "Installing", "InstallationFailed"),
        ],
        ids=["tc_044_1", "tc_044_2", "tc_044_3"],
    )
    async def test_tc_044_firmware(self, application, station, told):
        at = datetime.now(UTC)
        command = InstallFirmware(1, "http://192.168.1.20/f.bin", at)
        payload, _ = await station.is_asked(command, "UpdateFirmware")
        assert (payload["location"], payload["retrieveDate"]) == ("http://192.168.1.20/f.bin", written(at))
        for status in told:
            assert await station.says("FirmwareStatusNotification", status=status) == {}
        await application.journal.flush()
        kept = application.journal.messages(MessageFilter(action="FirmwareStatusNotification"))
        assert tuple(message.outcome for message in reversed(kept)) == told

    @pytest.mark.parametrize(
        ("told", "name"),
        [(("Uploading", "Uploaded"), "log.zip"), (("Uploading", "UploadFailed"), "log.zip")],
        ids=["tc_045_1", "tc_045_2"],
    )
    async def test_tc_045_diagnostics(self, station, told, name):
        command = SendDiagnostics(1, "http://192.168.1.20/up")
        assert (await station.is_asked(command, "GetDiagnostics", fileName=name))[1] == name
        for status in told:
            assert await station.says("DiagnosticsStatusNotification", status=status) == {}

    async def test_tc_079_security_log(self, station):
        command = SendSecurityLog(7, "http://192.168.1.20/up")
        payload, name = await station.is_asked(command, "GetLog", status="Accepted", filename="s.log")
        assert (payload["logType"], payload["requestId"], name) == ("SecurityLog", 7, "s.log")
        for status in ("Uploading", "Uploaded"):
            assert await station.says("LogStatusNotification", status=status, requestId=7) == {}


class TestSignedFirmware:
    PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

    @pytest.fixture
    def update(self, station):
        """Have the station install signed firmware; what it is asked, and what its answer comes down to."""

        async def update(status="Accepted"):
            location, at = "http://192.168.1.20/f.bin", datetime.now(UTC)
            command = InstallSignedFirmware(7, location, at, self.PEM, "c2lnbmF0dXJl")
            return await station.is_asked(command, "SignedUpdateFirmware", status=status)

        return update

    @pytest.mark.parametrize(
        "told",
        [
            ("Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"),
            ("Downloading", "Downloaded", "InvalidSignature"),
        ],
        ids=["tc_080", "tc_081"],
    )
    async def test_tc_080_081_it_is_verified_by_the_station(self, application, station, update, told):
        payload, result = await update()
        assert (payload["requestId"], result) == (7, None)
        signed = {name: payload["firmware"][name] for name in ("signingCertificate", "signature")}
        assert signed == {"signingCertificate": self.PEM, "signature": "c2lnbmF0dXJl"}
        for status in told:
            assert await station.says("SignedFirmwareStatusNotification", status=status, requestId=7) == {}
        await application.journal.flush()
        kept = application.journal.messages(MessageFilter(action="SignedFirmwareStatusNotification"))
        assert tuple(message.outcome for message in reversed(kept)) == told

    @pytest.mark.parametrize("status", ["InvalidCertificate", "RevokedCertificate", "Rejected"])
    async def test_it_is_refused(self, update, status):
        assert (await update(status))[1] == "station_refused"

    async def test_it_takes_the_place_of_another(self, update):
        assert (await update("AcceptedCanceled"))[1] is None


class TestTrigger:
    @pytest.mark.parametrize("message", [each for each in Message if each is not Message.LOG_STATUS])
    async def test_tc_054_a_message_is_asked_for(self, station, message):
        payload, result = await station.is_asked(Trigger(message), "TriggerMessage", status="Accepted")
        assert payload["requestedMessage"]
        assert result is None

    async def test_tc_055_a_message_is_asked_for_in_vain(self, station):
        command = Trigger(Message.METER_VALUES, 1)
        payload, result = await station.is_asked(command, "TriggerMessage", status="Rejected")
        assert (payload, result) == ({"requestedMessage": "MeterValues", "connectorId": 1}, "station_refused")


class TestOtherMessages:
    async def test_tc_064_data_transfer(self, station):
        answer = await station.says("DataTransfer", vendorId="org.example", messageId="m", data="d")
        assert answer == {"status": "UnknownVendorId"}

    @pytest.mark.parametrize(
        "event", ["InvalidChargePointCertificate", "InvalidCentralSystemCertificate"], ids=["tc_077", "tc_078"]
    )
    async def test_tc_077_078_a_security_event(self, station, event):
        at = written(datetime.now(UTC))
        assert await station.says("SecurityEventNotification", type=event, timestamp=at) == {}

    async def test_tc_088_the_subprotocol_is_agreed_on(self, url, station):
        with pytest.raises(InvalidStatus) as refused:
            async with raw_station(url, "CP2", subprotocols=["ocpp0.1"]):
                pass
        assert refused.value.response.status_code == 400
        async with raw_station(url, "CP2", subprotocols=["ocpp0.1", "ocpp1.6"]) as chosen:
            assert chosen.socket.subprotocol == "ocpp1.6"
