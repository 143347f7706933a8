"""Cases of the conformance tests (OCPP 2.0.1 part 6, 2023-06) that begin with what a station is asked, by their ids.

Those that are about the form of a question and of its answer alone are in `test_forms201`.
"""

import asyncio
import json

import pytest

from app.csms.station import outgoing
from app.domain.commands import (
    ChangeAvailability,
    CustomerData,
    Message,
    SendDiagnostics,
    StartCharge,
    Trigger,
    When,
)
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.model import ConnectorStatus
from app.domain.security import SecurityProfile
from app.domain.security_commands import SetNetwork
from app.journal import MessageFilter
from tests.csms.messages201 import NOW, token
from tests.csms.test_conformance201 import PLACE, VALID, Tool
from tests.schemas import faults_of_answer, faults_of_request
from tests.wire import raw_station

URL = "http://192.168.1.20:9080/abc/"


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)


@pytest.fixture
async def tool(application, url):
    """A station at which one card may charge."""
    pool = await application.pools.create("Yard")
    await application.passes.add(PassDraft(uid=VALID), pool_id=pool.id)
    await application.stations.accept("CP1", pool_id=pool.id)
    async with raw_station(url, "CP1", subprotocols=["ocpp2.0.1"]) as station:
        yield Tool(station)


@pytest.fixture
def asks(application, tool):
    """Ask the station something, which is `expected`, and have it answer so; the question and what came of it."""

    async def ask(command, expected, **answer):
        asked = asyncio.ensure_future(application.carry_out("CP1", command))
        message_id, action, payload = await tool.station.was_asked()
        assert (action, faults_of_request(action, payload, "2.0.1")) == (expected, [])
        assert not faults_of_answer(action, answer, "2.0.1")
        await tool.station.send(json.dumps([3, message_id, answer]))
        (result,) = await asyncio.gather(asked, return_exceptions=True)
        return payload, result

    return ask


def refused(result):
    """The word with which the station refused."""
    assert isinstance(result, AppError), result
    assert result.code == "station_refused"
    return result.params["status"]


def status_of(application, connector_id):
    connector = application.stations.connector("CP1", connector_id)
    return connector.status if connector else None


class TestNetworkProfile:
    COMMAND = SetNetwork(1, "wss://192.168.1.20:9443/", SecurityProfile.PASSWORD_OVER_TLS)

    async def test_tc_b_42_is_taken(self, asks):
        payload, result = await asks(self.COMMAND, "SetNetworkProfile", status="Accepted")
        connection = payload["connectionData"]
        assert (payload["configurationSlot"], connection["securityProfile"]) == (1, 2)
        assert connection["ocppCsmsUrl"] == "wss://192.168.1.20:9443/"
        assert result is None

    async def test_tc_b_44_is_not_taken(self, asks):
        _, result = await asks(self.COMMAND, "SetNetworkProfile", status="Failed")
        assert refused(result) == "Failed"


class TestRemoteStartBeforeTheCable:
    @pytest.fixture
    def starts(self, asks, tool):
        """Have it start a charge; it tells that it did."""

        async def start(authorize):
            payload, result = await asks(StartCharge(VALID, 1), "RequestStartTransaction", status="Accepted")
            assert (payload["idToken"], result) == (token(VALID), None)
            if authorize:
                assert (await tool.authorize(VALID))["status"] == "Accepted"
            info = {"remoteStartId": payload["remoteStartId"]}
            told = await tool.tell("Started", "RemoteStart", info=info, idToken=token(VALID), evse=PLACE)
            assert told["idTokenInfo"]["status"] == "Accepted"

        return start

    @pytest.mark.parametrize("authorize", [True, False], ids=["tc_f_02", "tc_f_03"])
    async def test_tc_f_02_f_03_the_cable_comes(self, application, tool, starts, authorize):
        await starts(authorize)
        await tool.ev_connected_pre_session()
        await tool.tell("Updated", "ChargingStateChanged", info={"chargingState": "Charging"})
        (session,) = application.sessions.recent()
        assert (session.raw_id_tag, session.status, session.is_open) == (VALID, "Accepted", True)

    async def test_tc_f_04_the_cable_does_not_come(self, application, tool, starts):
        await starts(authorize=False)
        assert await tool.tell("Updated", "EVConnectTimeout") == {}
        await tool.tell("Ended", "EVConnectTimeout", info={"stoppedReason": "Timeout"})
        (session,) = application.sessions.recent()
        assert (session.is_open, session.stop_reason) == (False, "Timeout")


class TestTrigger:
    async def test_tc_f_12_meter_values_of_all_evses(self, asks, tool):
        payload, _ = await asks(Trigger(Message.METER_VALUES), "TriggerMessage", status="Accepted")
        assert payload == {"requestedMessage": "MeterValues"}
        sampled = [{"value": 1000.0, "context": "Trigger"}]
        for evse_id in (1, 2):
            sent = {"evseId": evse_id, "meterValue": [{"timestamp": NOW, "sampledValue": sampled}]}
            assert await tool.call("MeterValues", sent) == {}

    @pytest.mark.parametrize(
        ("message", "action"),
        [
            (Message.LOG_STATUS, "LogStatusNotification"),
            (Message.FIRMWARE_STATUS, "FirmwareStatusNotification"),
        ],
        ids=["tc_f_15", "tc_f_18"],
    )
    async def test_tc_f_15_f_18_nothing_is_under_way(self, asks, tool, message, action):
        payload, result = await asks(Trigger(message), "TriggerMessage", status="Accepted")
        assert (payload, result) == ({"requestedMessage": action}, None)
        assert await tool.call(action, {"status": "Idle"}) == {}


class TestAvailability:
    @pytest.mark.parametrize("connector_id", [None, 1], ids=["tc_g_14", "tc_g_17"])
    async def test_tc_g_14_g_17_goes_once_the_charge_has_ended(self, application, asks, tool, connector_id):
        await tool.energy_transfer_started()
        command = ChangeAvailability(connector_id, operative=False)
        payload, result = await asks(command, "ChangeAvailability", status="Scheduled")
        assert (payload["operationalStatus"], result) == ("Inoperative", When.LATER)
        assert ("evse" in payload) is (connector_id is not None)
        assert status_of(application, 1) is ConnectorStatus.CHARGING
        await tool.tell("Updated", "StopAuthorized", idToken=token(VALID))
        await tool.ev_disconnected()
        await tool.connector("Unavailable")
        assert status_of(application, 1) is ConnectorStatus.UNAVAILABLE

    async def test_tc_g_20_a_lock_that_fails_is_told(self, tool):
        event = {
            "eventId": 1,
            "timestamp": NOW,
            "trigger": "Delta",
            "actualValue": "true",
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
            "variable": {"name": "Problem"},
        }
        assert await tool.call("NotifyEvent", {"generatedAt": NOW, "seqNo": 0, "eventData": [event]}) == {}


class TestCustomerInformation:
    async def told(self, tool):
        sent = {"requestId": 7, "seqNo": 0, "generatedAt": NOW, "data": ""}
        assert await tool.call("NotifyCustomerInformation", sent) == {}

    async def test_tc_n_28_there_is_none(self, asks, tool):
        payload, result = await asks(CustomerData(7, VALID), "CustomerInformation", status="Accepted")
        assert (payload["report"], payload["idToken"], result) == (True, token(VALID), None)
        await self.told(tool)

    async def test_tc_n_29_is_not_told(self, asks):
        _, result = await asks(CustomerData(7, VALID), "CustomerInformation", status="Rejected")
        assert refused(result) == "Rejected"

    async def test_tc_n_32_is_forgotten_and_not_told(self, asks):
        command = CustomerData(7, VALID, report=False, clear=True)
        payload, result = await asks(command, "CustomerInformation", status="Accepted")
        assert (payload["report"], payload["clear"], result) == (False, True, None)


class TestLog:
    async def test_tc_n_34_is_not_sent(self, asks):
        _, result = await asks(SendDiagnostics(7, URL), "GetLog", status="Rejected")
        assert refused(result) == "Rejected"

    async def test_tc_n_36_a_second_request_takes_the_place_of_the_first(self, application, asks, tool):
        assert (await asks(SendDiagnostics(7, URL), "GetLog", status="Accepted", filename="a.log"))[1] == "a.log"
        told = [("Uploading", 7)]
        assert await tool.call("LogStatusNotification", {"status": "Uploading", "requestId": 7}) == {}
        again = await asks(SendDiagnostics(8, URL), "GetLog", status="AcceptedCanceled", filename="b.log")
        assert again[1] == "b.log"
        told += [("AcceptedCanceled", 7), ("Uploading", 8), ("Uploaded", 8)]
        for status, request_id in told[1:]:
            assert await tool.call("LogStatusNotification", {"status": status, "requestId": request_id}) == {}
        await application.journal.flush()
        kept = application.journal.messages(MessageFilter(action="LogStatusNotification"))
        assert [message.outcome for message in reversed(kept)] == [status for status, _ in told]
