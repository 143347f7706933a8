"""What we ask a station in OCPP 1.6 (edition 2, §5, §6)."""

from typing import Any

from app.csms.forms import Form, Forms, accepted
from app.domain.commands import AskToBoot, StartCharge, StopCharge


def _start(command: StartCharge) -> dict[str, Any]:
    payload: dict[str, Any] = {"idTag": command.raw_id_tag}
    # Connector 0 is the whole station, where nobody charges: without a connector the station chooses one.
    if command.connector_id is not None and command.connector_id > 0:
        payload["connectorId"] = command.connector_id
    return payload


def _stop(command: StopCharge) -> dict[str, Any]:
    return {"transactionId": command.session.id}


def _ask_to_boot(_command: AskToBoot) -> dict[str, Any]:
    return {"requestedMessage": "BootNotification"}


FORMS_16: Forms = {
    AskToBoot: Form("TriggerMessage", _ask_to_boot, accepted),
    StartCharge: Form("RemoteStartTransaction", _start, accepted),
    StopCharge: Form("RemoteStopTransaction", _stop, accepted),
}
