"""A station's own list on the wire, in either version: what differs is how an entry is written."""

from typing import Any

from app.csms.reading.id_tokens import group_token, id_token
from app.csms.versions.forms import Answer, Form, Forms, status
from app.domain.access import Status
from app.domain.commands import ReadListVersion, SendList
from app.domain.errors import AppError
from app.domain.instants import wire_time
from app.domain.local_list import Entry, Piece
from app.domain.model import OcppVersion

#: A station may write some hundred cards to its memory before it answers.
SEND_TIMEOUT_S = 120.0

#: 1.6 has no other words for a card that is refused (§7.2).
_STATUSES_16 = frozenset({Status.ACCEPTED, Status.BLOCKED, Status.EXPIRED, Status.INVALID})


def _version(answer: Answer) -> int:
    """Some stations of 2.x answer with the field of 1.6."""
    for name in ("versionNumber", "listVersion"):
        number = answer.integer(name)
        if number is not None:
            return number
    raise AppError("station_answer_unreadable", action=answer.action)


def _read_version(_command: ReadListVersion) -> dict[str, Any]:
    return {}


def send_list_16(command: SendList) -> dict[str, Any]:
    """SendLocalList.req (OCPP 1.6 §6.41): a deletion is an entry without idTagInfo (§7.1)."""
    entries = [_entry_16(entry) for entry in command.piece.entries]
    return _payload("listVersion", command.piece, [*({"idTag": raw} for raw in command.piece.removals), *entries])


def send_list_201(command: SendList) -> dict[str, Any]:
    """SendLocalListRequest (OCPP 2.0.1 D01)."""
    entries = [_entry_201(entry) for entry in command.piece.entries]
    removals = ({"idToken": id_token(raw)} for raw in command.piece.removals)
    return _payload("versionNumber", command.piece, [*removals, *entries])


def _payload(version: str, piece: Piece, entries: list[dict[str, Any]]) -> dict[str, Any]:
    payload: dict[str, Any] = {version: piece.version, "updateType": "Full" if piece.full else "Differential"}
    return payload | ({"localAuthorizationList": entries} if entries else {})


def _entry_16(entry: Entry) -> dict[str, Any]:
    said = entry.status if entry.status in _STATUSES_16 else Status.INVALID
    info: dict[str, Any] = {"status": said.value}
    if entry.expires_at is not None:
        info["expiryDate"] = wire_time(entry.expires_at)
    if entry.group_id is not None:
        info["parentIdTag"] = entry.group_id
    return {"idTag": entry.raw, "idTagInfo": info}


def _entry_201(entry: Entry) -> dict[str, Any]:
    info: dict[str, Any] = {"status": entry.status.value}
    if entry.expires_at is not None:
        info["cacheExpiryDateTime"] = wire_time(entry.expires_at)
    if entry.group_id is not None:
        info["groupIdToken"] = group_token(entry.group_id)
    return {"idToken": id_token(entry.raw), "idTokenInfo": info}


LIST_FORMS_16: Forms = {
    ReadListVersion: Form("GetLocalListVersion", _read_version, _version),
    SendList: Form("SendLocalList", send_list_16, status, SEND_TIMEOUT_S),
}
LIST_FORMS_201: Forms = {
    ReadListVersion: Form("GetLocalListVersion", _read_version, _version),
    SendList: Form("SendLocalList", send_list_201, status, SEND_TIMEOUT_S),
}
#: How a list is written in each version, for whoever does not send it.
LIST_PAYLOADS = {OcppVersion.V16: send_list_16, OcppVersion.V201: send_list_201, OcppVersion.V21: send_list_201}
