"""What we ask a station in OCPP 1.6 (edition 2, §5, §6) and its security extension (whitepaper edition 3, §5)."""

from typing import Any

from app.csms.reading.repair import Fields, as_flag, legible, written
from app.csms.versions.forms import (
    FIRMWARE_TAKEN,
    RESET_TIMEOUT_S,
    UNLOCKED,
    Answer,
    Form,
    Forms,
    accepted,
    anything,
    cleared,
    file_name,
    no_fields,
    one_of,
    promised,
    retries,
    signed_firmware,
    writing,
)
from app.csms.versions.list_forms import LIST_FORMS_16
from app.csms.versions.root_forms import ROOTS_16
from app.csms.versions.security_forms import SECURITY_16
from app.domain.commands import (
    AskToBoot,
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
    StartCharge,
    StopCharge,
    Trigger,
    Unlock,
    VariablesRead,
    WriteVariable,
    Writing,
)
from app.domain.instants import wire_time
from app.domain.variables import Variable

_MESSAGES = {
    Message.BOOT: "BootNotification",
    Message.HEARTBEAT: "Heartbeat",
    Message.METER_VALUES: "MeterValues",
    Message.STATUS: "StatusNotification",
    Message.LOG_STATUS: "DiagnosticsStatusNotification",
    Message.FIRMWARE_STATUS: "FirmwareStatusNotification",
}
_WRITINGS = {
    "accepted": Writing.ACCEPTED,
    "rebootrequired": Writing.REBOOT_REQUIRED,
    "rejected": Writing.REJECTED,
    "notsupported": Writing.UNKNOWN,
}


def _start(command: StartCharge) -> dict[str, Any]:
    payload: dict[str, Any] = {"idTag": command.raw_id_tag}
    # Connector 0 is the whole station, where nobody charges: without a connector the station chooses one.
    if command.connector_id is not None and command.connector_id > 0:
        payload["connectorId"] = command.connector_id
    return payload


def _stop(command: StopCharge) -> dict[str, Any]:
    return {"transactionId": command.session.id}


def _reserve(command: Reserve) -> dict[str, Any]:
    payload: dict[str, Any] = {
        # 0 is any connector, where the station can (ReserveConnectorZeroSupported).
        "connectorId": command.connector_id or 0,
        "expiryDate": wire_time(command.until),
        "idTag": command.raw_id_tag,
        "reservationId": command.number,
    }
    return payload if command.group_id is None else payload | {"parentIdTag": command.group_id}


def _cancel_reservation(command: CancelReservation) -> dict[str, Any]:
    return {"reservationId": command.number}


def _ask_to_boot(_command: AskToBoot) -> dict[str, Any]:
    return {"requestedMessage": "BootNotification"}


def _unlock(command: Unlock) -> dict[str, Any]:
    return {"connectorId": command.connector_id}


def _reset(command: ResetStation) -> dict[str, Any]:
    return {"type": "Hard" if command.hard else "Soft"}


def _availability(command: ChangeAvailability) -> dict[str, Any]:
    return {"connectorId": command.connector_id or 0, "type": "Operative" if command.operative else "Inoperative"}


def _trigger(command: Trigger) -> dict[str, Any]:
    payload: dict[str, Any] = {"requestedMessage": _MESSAGES[command.message]}
    if command.connector_id is not None and command.connector_id > 0:
        payload["connectorId"] = command.connector_id
    return payload


def _read(command: ReadVariables) -> dict[str, Any]:
    return {"key": list(command.names)}


def _read_all(_command: ReadAllVariables) -> dict[str, Any]:
    # Without a name: some stations fall over when asked for certain keys, none when asked for all.
    return {}


def _variables(answer: Answer) -> VariablesRead:
    """Whatever can be read of it: one odd key does not lose the others."""
    read = [_variable(answer.within(item)) for item in answer.items("configurationKey")]
    unknown = answer.raw("unknownKey")
    names = unknown if isinstance(unknown, list) else []
    return VariablesRead(
        tuple(variable for variable in read if variable is not None),
        tuple(name for each in names if (name := legible(each).strip())),
    )


def _variable(fields: Fields) -> Variable | None:
    name, read_only = fields.text("key").strip(), fields.raw("readonly")
    return Variable(name, written(fields.raw("value")), as_flag(read_only)) if name else None


def _write(command: WriteVariable) -> dict[str, Any]:
    return {"key": command.name, "value": command.value}


def _diagnostics(command: SendDiagnostics) -> dict[str, Any]:
    payload: dict[str, Any] = {"location": command.location} | retries()
    if command.since is not None:
        payload["startTime"] = wire_time(command.since)
    return payload


def _security_log(command: SendSecurityLog) -> dict[str, Any]:
    log = {"remoteLocation": command.location}
    if command.since is not None:
        log["oldestTimestamp"] = wire_time(command.since)
    return {
        "logType": "SecurityLog",
        "requestId": command.request_id,
        "log": log,
    } | retries()


def _firmware(command: InstallFirmware) -> dict[str, Any]:
    return {
        "location": command.location,
        "retrieveDate": wire_time(command.retrieve_at),
    } | retries()


def _diagnostics_sent(answer: Answer) -> str:
    return answer.text("fileName").strip()


FORMS_16: Forms = {
    AskToBoot: Form("TriggerMessage", _ask_to_boot, accepted),
    CancelReservation: Form("CancelReservation", _cancel_reservation, accepted),
    ChangeAvailability: Form("ChangeAvailability", _availability, promised),
    ClearCache: Form("ClearCache", no_fields, cleared),
    InstallFirmware: Form("UpdateFirmware", _firmware, anything),
    InstallSignedFirmware: Form("SignedUpdateFirmware", signed_firmware, FIRMWARE_TAKEN),
    ReadAllVariables: Form("GetConfiguration", _read_all, _variables),
    ReadVariables: Form("GetConfiguration", _read, _variables),
    Reserve: Form("ReserveNow", _reserve, accepted),
    ResetStation: Form("Reset", _reset, promised, RESET_TIMEOUT_S),
    SendDiagnostics: Form("GetDiagnostics", _diagnostics, _diagnostics_sent),
    SendSecurityLog: Form("GetLog", _security_log, file_name),
    StartCharge: Form("RemoteStartTransaction", _start, accepted),
    StopCharge: Form("RemoteStopTransaction", _stop, accepted),
    Trigger: Form("TriggerMessage", _trigger, accepted),
    Unlock: Form("UnlockConnector", _unlock, one_of(UNLOCKED)),
    WriteVariable: Form("ChangeConfiguration", _write, writing(_WRITINGS)),
    **LIST_FORMS_16,
    **ROOTS_16,
    **SECURITY_16,
}
