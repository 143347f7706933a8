"""What we ask a station in OCPP 2.0.1 and 2.1."""

import secrets
from typing import Any

from app.csms.forms import Form, Forms, accepted
from app.csms.id_tokens import id_token
from app.csms.list_forms import LIST_FORMS_201
from app.csms.security_forms import SECURITY_2
from app.domain.commands import AskToBoot, StartCharge, StopCharge

_LARGEST_ID = 2**31 - 1


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


def _ask_to_boot(_command: AskToBoot) -> dict[str, Any]:
    return {"requestedMessage": "BootNotification"}


FORMS_201: Forms = {
    AskToBoot: Form("TriggerMessage", _ask_to_boot, accepted),
    StartCharge: Form("RequestStartTransaction", _start, accepted),
    StopCharge: Form("RequestStopTransaction", _stop, accepted),
    **SECURITY_2,
    **LIST_FORMS_201,
}
