"""How commands are written in OCPP 2.0.1 and 2.1 and how answers are read; reports of variables over a real socket."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from app.csms.station import outgoing
from app.csms.versions.commands201 import FORMS_201
from app.csms.versions.forms import Answer, form_of
from app.domain.commands import (
    AskChargeStatus,
    CancelReservation,
    ChangeAvailability,
    ChargeStatus,
    ClearCache,
    CustomerData,
    InstallFirmware,
    Message,
    ReadAllVariables,
    ReadVariables,
    ReportVariable,
    Reserve,
    ResetStation,
    SendDiagnostics,
    SendSecurityLog,
    Trigger,
    Unlock,
    VariablesRead,
    When,
    WriteVariable,
    Writing,
)
from app.domain.errors import AppError
from tests.schemas import faults_of_request
from tests.wire import raw_station

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
URL = "http://192.168.1.20:9080/abc/"
SESSION = SimpleNamespace(id=12, reference="t-12")
COMMANDS = [
    AskChargeStatus(),
    CancelReservation(7),
    Reserve(7, "04A2B3C4D5E680", AT, 2, "ID1"),
    Reserve(7, "E0040100ABCDEF12", AT),
    pytest.param(AskChargeStatus(SESSION), id="TC_E_29 to TC_E_34 AskChargeStatus"),
    pytest.param(ChangeAvailability(None, operative=False), id="TC_G_05 to TC_G_08 ChangeAvailability"),
    pytest.param(ChangeAvailability(2, operative=True), id="TC_G_03 TC_G_04 ChangeAvailability"),
    pytest.param(ClearCache(), id="TC_C_37 TC_C_38 ClearCache"),
    pytest.param(CustomerData(7, "04A2B3C4D5E680"), id="TC_N_27 CustomerData"),
    pytest.param(CustomerData(7, "04A2B3C4D5E680", report=False, clear=True), id="TC_N_30 TC_N_31 CustomerData"),
    pytest.param(InstallFirmware(7, URL, AT), id="TC_L_01 InstallFirmware"),
    pytest.param(ReadAllVariables(7), id="TC_B_12 TC_B_13 ReadAllVariables"),
    ReportVariable(7, "LocalAuthListCtrlr.Entries"),
    pytest.param(
        ReadVariables(("AuthCtrlr.Enabled", "EVSE(1).Power", "Connector(1,2).Available", "A[x].B[y]")),
        id="TC_B_06 TC_B_07 ReadVariables",
    ),
    pytest.param(ResetStation(), id="TC_B_20 TC_B_21 ResetStation"),
    pytest.param(ResetStation(hard=True), id="TC_B_22 ResetStation"),
    pytest.param(SendDiagnostics(7, URL, AT), id="TC_N_25 SendDiagnostics"),
    pytest.param(SendSecurityLog(7, URL), id="TC_N_35 SendSecurityLog"),
    pytest.param(Unlock(2), id="TC_F_06 Unlock"),
    pytest.param(WriteVariable("AuthCtrlr.Enabled", "true"), id="TC_B_09 WriteVariable"),
    *(
        pytest.param(Trigger(each), id=f"TC_F_11 TC_F_13 TC_F_20 TC_F_23 TC_F_24 Trigger {each.value}")
        for each in Message
    ),
    Trigger(Message.STATUS, 2),
    Trigger(Message.METER_VALUES, 1),
]


def read(command, payload):
    form = form_of(FORMS_201, command)
    return form.read(Answer(form.action, payload, AT))


def named(component="AuthCtrlr", variable="Enabled", **more):
    return {"component": {"name": component}, "variable": {"name": variable}} | more


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command)[:60])
def test_what_we_ask_is_as_the_specification_wants_it(command, version):
    form = form_of(FORMS_201, command)
    assert not faults_of_request(form.action, form.payload(command), version)


@pytest.mark.parametrize(
    ("command", "payload", "result"),
    [
        pytest.param(ResetStation(), {"status": "Scheduled"}, When.LATER, id="TC_B_21 ResetStation Scheduled"),
        (ResetStation(), {"status": "Accepted"}, When.NOW),
        pytest.param(
            ChangeAvailability(1, operative=False),
            {"status": "Scheduled"},
            When.LATER,
            id="TC_G_11 ChangeAvailability Scheduled",
        ),
        pytest.param(ClearCache(), {"status": "Rejected"}, False, id="TC_C_38 ClearCache Rejected"),
        pytest.param(Unlock(1), {"status": "Unlocked"}, None, id="TC_F_06 Unlock Unlocked"),
        pytest.param(
            AskChargeStatus(),
            {"messagesInQueue": True},
            ChargeStatus(None, True),
            id="TC_E_33 AskChargeStatus messagesInQueue",
        ),
        (AskChargeStatus(SESSION), {"ongoingIndicator": False, "messagesInQueue": "false"}, ChargeStatus(False, False)),
        (ReadAllVariables(7), {"status": "Accepted"}, None),
        (ReadAllVariables(7), {"status": "EmptyResultSet"}, VariablesRead(())),
        (InstallFirmware(7, URL, AT), {"status": "AcceptedCanceled"}, None),
        (SendDiagnostics(7, URL), {"status": "Accepted", "filename": "a.log"}, "a.log"),
        (SendDiagnostics(7, URL), {"status": "Accepted"}, ""),
    ],
)
def test_a_station_that_will_is_understood(command, payload, result):
    assert read(command, payload) == result


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (Unlock(1), "OngoingAuthorizedTransaction"),
        (Unlock(1), "UnknownConnector"),
        pytest.param(Trigger(Message.STATUS), "NotImplemented", id="TC_F_27 Trigger NotImplemented"),
        pytest.param(ReadAllVariables(7), "NotSupported", id="TC_B_15 ReadAllVariables NotSupported"),
        (CustomerData(7, "04A2B3C4"), "Invalid"),
        pytest.param(
            InstallFirmware(7, URL, AT), "InvalidCertificate", id="TC_L_05 InstallFirmware InvalidCertificate"
        ),
    ],
)
def test_a_station_that_will_not_is_understood(command, said):
    with pytest.raises(AppError) as refused:
        read(command, {"status": said})
    assert refused.value.params["status"] == said


class TestVariables:
    @pytest.mark.parametrize(
        ("result", "given", "unknown"),
        [
            (named(attributeStatus="Accepted", attributeValue="true"), [("AuthCtrlr.Enabled", "true")], ()),
            (named(attributeStatus="accepted", attributeValue=True), [("AuthCtrlr.Enabled", "true")], ()),
            (named(attributeValue=5), [("AuthCtrlr.Enabled", "5")], ()),
            (named(attributeStatus="Rejected"), [("AuthCtrlr.Enabled", None)], ()),  # write-only
            pytest.param(named(attributeStatus="UnknownVariable"), [], ("AuthCtrlr.Enabled",), id="TC_B_07 variables"),
            (named(attributeStatus="UnknownComponent"), [], ("AuthCtrlr.Enabled",)),
            (named(attributeStatus="Accepted", attributeType="Target", attributeValue="9"), [], ()),
            (named(attributeStatus="NotSupportedAttributeType"), [], ()),
            ({"component": None, "variable": {"name": "x"}, "attributeStatus": "Accepted"}, [], ()),
            ({"attributeStatus": "Accepted"}, [], ()),
        ],
    )
    def test_answers_are_read_as_far_as_they_can_be(self, result, given, unknown):
        answer = read(ReadVariables(("AuthCtrlr.Enabled",)), {"getVariableResult": [result, None, 7]})
        assert ([(each.name, each.value) for each in answer.variables], answer.unknown) == (given, unknown)

    @pytest.mark.parametrize(
        ("said", "result"),
        [
            ("Accepted", Writing.ACCEPTED),
            ("RebootRequired", Writing.REBOOT_REQUIRED),
            pytest.param("Rejected", Writing.REJECTED, id="TC_B_10 Rejected"),
            ("NotSupportedAttributeType", Writing.REJECTED),
            ("UnknownVariable", Writing.UNKNOWN),
        ],
    )
    def test_what_is_said_to_a_new_value(self, said, result):
        payload = {"setVariableResult": [named(attributeStatus=said)]}
        assert read(WriteVariable("AuthCtrlr.Enabled", "true"), payload) is result

    @pytest.mark.parametrize("payload", [{}, {"setVariableResult": []}, {"setVariableResult": [{}]}])
    def test_no_answer_to_a_new_value_is_unreadable(self, payload):
        with pytest.raises(AppError, match="station_answer_unreadable"):
            read(WriteVariable("AuthCtrlr.Enabled", "true"), payload)

    def test_a_name_of_1_6_is_no_name_here(self):
        with pytest.raises(AppError, match="variable_name_unreadable"):
            form_of(FORMS_201, ReadVariables(("LocalPreAuthorize",))).payload(ReadVariables(("LocalPreAuthorize",)))


class TestAtAStation:
    """A station of 2.0.1 in raw frames, with everything that the report's pieces may lack."""

    @pytest.fixture
    async def station(self, application, url, monkeypatch):
        monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.02)
        await application.stations.accept("CP2")
        async with raw_station(url, "CP2", subprotocols=["ocpp2.0.1"]) as station:
            yield station

    async def answer(self, station, wanted, payload):
        """Answer the server's next call of that action; others, of the server's own accord, get an error."""
        while True:
            message_id, action, asked = await station.was_asked()
            if action == wanted:
                await station.send(json.dumps([3, message_id, payload]))
                return asked
            await station.send(json.dumps([4, message_id, "NotSupported", "", {}]))

    async def report(self, station, number, *data, **more):
        payload = {"requestId": number, "generatedAt": "2026-12-01T08:00:00Z", "seqNo": 0, "reportData": list(data)}
        assert await station.call("NotifyReport", payload | more) == {}

    async def test_tc_b_12_and_tc_b_13_the_whole_of_it_comes_in_pieces(self, application, station):
        reading = asyncio.create_task(application.configuration.read("CP2"))
        number = (await self.answer(station, "GetBaseReport", {"status": "Accepted"}))["requestId"]
        value = {"value": "true", "mutability": "ReadWrite"}
        await self.report(station, number, named(variableAttribute=[{"type": "Target"}, value]), tbc=True)
        await self.report(station, number, tbc=True)
        await self.report(
            station, number, None, {}, named("EVSE", "Power", variableAttribute=[{"type": "MaxSet"}]), tbc=True
        )
        secret = named(
            "SecurityCtrlr", "BasicAuthPassword", variableAttribute=[{"value": "x", "mutability": "WriteOnly"}]
        )
        fixed = named("ChargingStation", "Model", variableAttribute=[{"value": "M1", "mutability": "ReadOnly"}])
        await self.report(station, number, secret, fixed)
        read = {(each.name, each.value, each.read_only) for each in await reading}
        assert read == {
            ("AuthCtrlr.Enabled", "true", False),
            ("SecurityCtrlr.BasicAuthPassword", None, False),
            ("ChargingStation.Model", "M1", True),
        }

    async def test_the_highest_value_is_read_out_of_a_report_of_that_variable(self, application, station):
        reading = asyncio.create_task(application.configuration.most_of("CP2", "LocalAuthListCtrlr.Entries"))
        asked = await self.answer(station, "GetReport", {"status": "Accepted"})
        place = {"component": {"name": "LocalAuthListCtrlr"}, "variable": {"name": "Entries"}}
        assert asked["componentVariable"] == [place]
        entries = place | {
            "variableAttribute": [{"value": "3", "mutability": "ReadOnly"}],
            "variableCharacteristics": {"dataType": "integer", "maxLimit": 250.0, "supportsMonitoring": True},
        }
        await self.report(station, asked["requestId"], entries)
        assert await reading == 250
        assert application.configuration.find("CP2", "LocalAuthListCtrlr.Entries").value == "3"

    @pytest.mark.parametrize("limit", [None, "many", -1, 1e300, True, [40]])
    async def test_a_highest_value_that_is_none_is_none(self, application, station, limit):
        reading = asyncio.create_task(application.configuration.most_of("CP2", "LocalAuthListCtrlr.Entries"))
        number = (await self.answer(station, "GetReport", {"status": "Accepted"}))["requestId"]
        value = {"variableAttribute": [{"value": "3"}], "variableCharacteristics": {"maxLimit": limit}}
        await self.report(station, number, named("LocalAuthListCtrlr", "Entries", **value))
        assert await reading is None

    async def test_a_value_is_written_and_read_back(self, application, station):
        writing = asyncio.create_task(application.configuration.write("CP2", "TxCtrlr.EVConnectionTimeOut", "90"))
        answered = named("TxCtrlr", "EVConnectionTimeOut", attributeStatus="Accepted")
        asked = await self.answer(station, "SetVariables", {"setVariableResult": [answered]})
        assert asked["setVariableData"][0]["attributeValue"] == "90"
        await self.answer(station, "GetVariables", {"getVariableResult": [answered | {"attributeValue": "60"}]})
        written = await writing
        assert (written.outcome.value, written.value) == ("not_applied", "60")
