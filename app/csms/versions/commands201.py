"""What we ask a station in OCPP 2.0.1 and 2.1 (part 2)."""

import secrets
from typing import Any

from app.csms.reading.id_tokens import group_token, id_token
from app.csms.reading.repair import as_flag
from app.csms.versions.forms import (
    FIRMWARE_TAKEN,
    RESET_TIMEOUT_S,
    UNLOCKED,
    Answer,
    Form,
    Forms,
    accepted,
    cleared,
    file_name,
    no_fields,
    one_of,
    promised,
    retries,
    signed_firmware,
)
from app.csms.versions.list_forms import LIST_FORMS_201
from app.csms.versions.root_forms import ROOTS_2
from app.csms.versions.security_forms import SECURITY_2
from app.csms.versions.variables201 import (
    all_variables_asked,
    report_promised,
    variable_report_asked,
    variable_written,
    variables_asked,
    variables_given,
    write_variable,
)
from app.domain.commands import (
    AskChargeStatus,
    AskToBoot,
    CancelReservation,
    ChangeAvailability,
    ChargeStatus,
    ClearCache,
    CustomerData,
    InstallFirmware,
    InstallSignedFirmware,
    Message,
    ReadAllVariables,
    ReadVariables,
    ReportVariable,
    Reserve,
    ResetStation,
    SendDiagnostics,
    SendSecurityLog,
    StartCharge,
    StopCharge,
    Trigger,
    Unlock,
    WriteVariable,
)
from app.domain.instants import wire_time

_LARGEST_ID = 2**31 - 1
_MESSAGES = {
    Message.BOOT: "BootNotification",
    Message.HEARTBEAT: "Heartbeat",
    Message.METER_VALUES: "MeterValues",
    Message.STATUS: "StatusNotification",
    Message.LOG_STATUS: "LogStatusNotification",
    Message.FIRMWARE_STATUS: "FirmwareStatusNotification",
}


def _start(command: StartCharge) -> dict[str, Any]:
    payload: dict[str, Any] = {
        # Never used before on any connection: the station names its transaction's cause by it.
        "remoteStartId": secrets.randbelow(_LARGEST_ID) + 1,
        "idToken": id_token(command.raw_id_tag),
    }
    # EVSE 0 is the whole station, where nobody charges: without one the station chooses.
    if command.connector_id is not None and command.connector_id > 0:
        payload["evseId"] = command.connector_id
    return payload


def _stop(command: StopCharge) -> dict[str, Any]:
    return {"transactionId": command.session.reference or str(command.session.id)}


def _reserve(command: Reserve) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "id": command.number,
        "expiryDateTime": wire_time(command.until),
        "idToken": id_token(command.raw_id_tag),
    }
    if command.connector_id is not None:
        payload["evseId"] = command.connector_id
    if command.group_id is not None:
        payload["groupIdToken"] = group_token(command.group_id)
    return payload


def _cancel_reservation(command: CancelReservation) -> dict[str, Any]:
    return {"reservationId": command.number}


def _ask_to_boot(_command: AskToBoot) -> dict[str, Any]:
    return {"requestedMessage": "BootNotification"}


def _unlock(command: Unlock) -> dict[str, Any]:
    # A place to charge has one cable at a time: what 1.6 calls a connector is an EVSE here.
    return {"evseId": command.connector_id, "connectorId": 1}


def _reset(command: ResetStation) -> dict[str, Any]:
    return {"type": "Immediate" if command.hard else "OnIdle"}


def _availability(command: ChangeAvailability) -> dict[str, Any]:
    payload: dict[str, Any] = {"operationalStatus": "Operative" if command.operative else "Inoperative"}
    return payload | _evse(command.connector_id)


def _trigger(command: Trigger) -> dict[str, Any]:
    place = _evse(command.connector_id)
    if place and command.message is Message.STATUS:
        # Of one connector, as F06.FR.12 wants it.
        place["evse"]["connectorId"] = 1
    return {"requestedMessage": _MESSAGES[command.message]} | place


def _evse(connector_id: int | None) -> dict[str, Any]:
    return {"evse": {"id": connector_id}} if connector_id else {}


def _log(kind: str, command: SendDiagnostics | SendSecurityLog) -> dict[str, Any]:
    log = {"remoteLocation": command.location}
    if command.since is not None:
        log["oldestTimestamp"] = wire_time(command.since)
    return {"logType": kind, "requestId": command.request_id, "log": log} | retries()


def _diagnostics(command: SendDiagnostics) -> dict[str, Any]:
    return _log("DiagnosticsLog", command)


def _security_log(command: SendSecurityLog) -> dict[str, Any]:
    return _log("SecurityLog", command)


def _firmware(command: InstallFirmware) -> dict[str, Any]:
    firmware = {"location": command.location, "retrieveDateTime": wire_time(command.retrieve_at)}
    return {"requestId": command.request_id, "firmware": firmware} | retries()


def _customer(command: CustomerData) -> dict[str, Any]:
    return {
        "requestId": command.request_id,
        "report": command.report,
        "clear": command.clear,
        "idToken": id_token(command.raw_id_tag),
    }


def _charge_status(command: AskChargeStatus) -> dict[str, Any]:
    session = command.session
    return {} if session is None else {"transactionId": session.reference or str(session.id)}


def _charge_status_given(answer: Answer) -> ChargeStatus:
    return ChargeStatus(as_flag(answer.raw("ongoingIndicator")), bool(as_flag(answer.raw("messagesInQueue"))))


FORMS_201: Forms = {
    AskChargeStatus: Form("GetTransactionStatus", _charge_status, _charge_status_given),
    AskToBoot: Form("TriggerMessage", _ask_to_boot, accepted),
    CancelReservation: Form("CancelReservation", _cancel_reservation, accepted),
    ChangeAvailability: Form("ChangeAvailability", _availability, promised),
    ClearCache: Form("ClearCache", no_fields, cleared),
    CustomerData: Form("CustomerInformation", _customer, accepted),
    InstallFirmware: Form("UpdateFirmware", _firmware, FIRMWARE_TAKEN),
    InstallSignedFirmware: Form("UpdateFirmware", signed_firmware, FIRMWARE_TAKEN),
    ReadAllVariables: Form("GetBaseReport", all_variables_asked, report_promised),
    ReadVariables: Form("GetVariables", variables_asked, variables_given),
    ReportVariable: Form("GetReport", variable_report_asked, report_promised),
    Reserve: Form("ReserveNow", _reserve, accepted),
    ResetStation: Form("Reset", _reset, promised, RESET_TIMEOUT_S),
    SendDiagnostics: Form("GetLog", _diagnostics, file_name),
    SendSecurityLog: Form("GetLog", _security_log, file_name),
    StartCharge: Form("RequestStartTransaction", _start, accepted),
    StopCharge: Form("RequestStopTransaction", _stop, accepted),
    Trigger: Form("TriggerMessage", _trigger, accepted),
    Unlock: Form("UnlockConnector", _unlock, one_of(UNLOCKED)),
    WriteVariable: Form("SetVariables", write_variable, variable_written),
    **LIST_FORMS_201,
    **ROOTS_2,
    **SECURITY_2,
}
