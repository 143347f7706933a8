"""How commands are written in OCPP 1.6 and how answers are read: by the specification, and as stations answer."""

from datetime import UTC, datetime

import pytest

from app.csms.versions.commands16 import FORMS_16
from app.csms.versions.forms import Answer, form_of
from app.domain.commands import (
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    InstallFirmware,
    InstallSignedFirmware,
    Message,
    ReadAllVariables,
    ReadVariables,
    Reserve,
    ResetStation,
    SendDiagnostics,
    SendSecurityLog,
    Trigger,
    Unlock,
    When,
    WriteVariable,
    Writing,
)
from app.domain.errors import AppError
from app.domain.variables import Variable
from tests.schemas import faults_of_request

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
URL = "http://192.168.1.20:9001/upload/abc/log"
COMMANDS = [
    CancelReservation(7),
    ChangeAvailability(None, operative=False),
    ChangeAvailability(2, operative=True),
    ClearCache(),
    InstallFirmware(7, URL, AT),
    InstallSignedFirmware(7, URL, AT, "-----BEGIN CERTIFICATE-----", "c2ln"),
    ReadAllVariables(7),
    ReadVariables(("LocalPreAuthorize", "ConnectionTimeOut")),
    Reserve(7, "04A2B3C4D5E680", AT, 2, "ID1"),
    Reserve(7, "04A2B3C4D5E680", AT),
    ResetStation(),
    ResetStation(hard=True),
    SendDiagnostics(7, URL),
    SendDiagnostics(7, URL, AT),
    SendSecurityLog(7, URL),
    SendSecurityLog(7, URL, AT),
    Unlock(1),
    WriteVariable("LocalPreAuthorize", "true"),
    *(Trigger(message) for message in Message),
    Trigger(Message.STATUS, 2),
    Trigger(Message.METER_VALUES, 0),
]


def read(command, payload):
    form = form_of(FORMS_16, command)
    return form.read(Answer(form.action, payload, AT))


@pytest.mark.parametrize("command", COMMANDS, ids=repr)
def test_what_we_ask_is_as_the_specification_wants_it(command):
    form = form_of(FORMS_16, command)
    assert not faults_of_request(form.action, form.payload(command))


@pytest.mark.parametrize(
    ("command", "said", "result"),
    [
        (Unlock(1), "Unlocked", None),
        (Unlock(1), "Accepted", None),
        (ResetStation(), "Accepted", When.NOW),
        # TC_018, Q88: it is charging, and does it afterwards.
        (ChangeAvailability(1, operative=False), "Scheduled", When.LATER),
        (ChangeAvailability(1, operative=False), "accepted", When.NOW),
        (ClearCache(), "Accepted", True),
        (ClearCache(), "Rejected", False),
        (WriteVariable("A", "1"), "Accepted", Writing.ACCEPTED),
        (WriteVariable("A", "1"), "RebootRequired", Writing.REBOOT_REQUIRED),
        (WriteVariable("A", "1"), "Reboot required", Writing.REBOOT_REQUIRED),
        # TC_040_1, TC_040_2.
        (WriteVariable("A", "1"), "NotSupported", Writing.UNKNOWN),
        (WriteVariable("A", "1"), "Rejected", Writing.REJECTED),
        (WriteVariable("A", "1"), "Whatever", Writing.REJECTED),
        (Trigger(Message.STATUS), "Accepted", None),
    ],
)
def test_a_station_that_will_is_understood(command, said, result):
    assert read(command, {"status": said}) is result


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (Unlock(1), "UnlockFailed"),  # TC_030
        (Unlock(1), "NotSupported"),  # TC_031
        (ResetStation(), "Rejected"),
        (ChangeAvailability(1, operative=True), "Rejected"),
        (Trigger(Message.STATUS), "Rejected"),  # TC_055
        (Trigger(Message.STATUS), "NotImplemented"),
        (ClearCache(), "Perhaps"),
        (SendSecurityLog(7, URL), "Rejected"),
    ],
)
def test_a_station_that_will_not_is_understood(command, said):
    with pytest.raises(AppError) as refused:
        read(command, {"status": said})
    assert (refused.value.code, refused.value.params["status"]) == ("station_refused", said)


def test_diagnostics_have_the_name_the_station_gives_them_or_there_are_none():
    assert read(SendDiagnostics(7, URL), {"fileName": "diag.zip"}) == "diag.zip"
    assert read(SendDiagnostics(7, URL), {"fileName": None}) == read(SendDiagnostics(7, URL), {}) == ""
    assert read(SendSecurityLog(7, URL), {"status": "Accepted", "filename": "log.txt"}) == "log.txt"
    assert read(InstallFirmware(7, URL, AT), {}) is None


class TestConfigurationAsStationsGiveIt:
    """Q85: any of these makes a strict reader lose all keys."""

    @pytest.mark.parametrize(
        ("item", "variable"),
        [
            ({"key": "A", "readonly": True, "value": "1"}, Variable("A", "1", True)),
            ({"key": "A", "value": 5}, Variable("A", "5", None)),
            ({"key": "A", "readonly": "false", "value": True}, Variable("A", "true", False)),
            ({"key": "A", "readonly": False}, Variable("A", None, False)),
            ({"key": " A ", "readonly": None, "value": None}, Variable("A", None, None)),
            ({"key": "A", "readonly": False, "value": "x" * 9_000}, Variable("A", "x" * 2_500, False)),
            ({"key": "A", "readonly": False, "value": "'A, B'\x00"}, Variable("A", "'A, B'", False)),
            ({"key": "A", "value": {"no": "value"}}, Variable("A", None, None)),
        ],
    )
    def test_an_odd_key_is_read_all_the_same(self, item, variable):
        assert read(ReadAllVariables(1), {"configurationKey": [item]}).variables == (variable,)

    @pytest.mark.parametrize("odd", [[], None, 5, [None], [{}], [{"key": ""}], [{"key": None}], {"key": ""}])
    def test_what_is_no_key_does_not_harm(self, odd):
        assert read(ReadAllVariables(1), {"configurationKey": odd}).variables == ()

    def test_one_that_is_no_key_does_not_lose_the_others(self):
        payload = {"configurationKey": [7, {"key": "A", "value": "1"}], "unknownKey": ["B", 3, "", None]}
        answer = read(ReadVariables(("A", "B")), payload)
        assert (answer.variables, answer.unknown) == ((Variable("A", "1"),), ("B",))

    def test_a_single_key_need_not_be_a_list(self):
        assert read(ReadVariables(("A",)), {"configurationKey": {"key": "A", "value": "1"}}).variables
