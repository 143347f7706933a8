"""What a station was asked from here, in words, out of the message that asked it: there is no second record of it.

asked_words(message)        # "Restart", "Set LocalPreAuthorize to true"; "" for what nobody asked by hand
answer_words(message)       # ("accepted", "muted"), ("refused: Rejected", "bad")
"""

import json
from collections.abc import Callable
from typing import Any

from app.domain.model import Message
from ui.strings import tr
from ui.theme import Tone

_YES = ("accepted", "unlocked", "scheduled", "rebootrequired", "acceptedcanceled")
_SILENT = ("timed_out", "closed")


def asked_words(message: Message) -> str:
    """What was asked; nothing for questions that the program puts by itself."""
    words = _WORDS.get(message.action)
    if words is None:
        return ""
    try:
        frame = json.loads(message.request)
        payload = frame[3]
    except (ValueError, IndexError, TypeError, KeyError):
        payload = {}
    return words(payload if isinstance(payload, dict) else {})


def answer_words(message: Message) -> tuple[str, Tone]:
    """What came of it, and how that is coloured."""
    said = "".join(filter(str.isalnum, message.outcome)).casefold()
    if not message.response and not message.outcome:
        return tr("not answered yet"), "muted"
    if message.outcome in _SILENT:
        return tr("no answer"), "warn"
    if not said or said == "accepted":
        return tr("done"), "muted"
    if said in _YES:
        return message.outcome, "muted"
    return tr("refused: {answer}").format(answer=message.outcome), "bad"


def _start(payload: dict[str, Any]) -> str:
    token = payload.get("idToken")
    card = token.get("idToken", "") if isinstance(token, dict) else payload.get("idTag", "")
    where = payload.get("connectorId", payload.get("evseId"))
    if where:
        return tr("Start with {card} at connector {number}").format(card=card, number=where)
    return tr("Start with {card}").format(card=card)


def _reserve(payload: dict[str, Any]) -> str:
    token = payload.get("idToken")
    card = token.get("idToken", "") if isinstance(token, dict) else payload.get("idTag", "")
    where = payload.get("connectorId", payload.get("evseId"))
    if where:
        return tr("Keep connector {number} for {card}").format(number=where, card=card)
    return tr("Keep any connector for {card}").format(card=card)


def _unlock(payload: dict[str, Any]) -> str:
    return tr("Unlock connector {number}").format(number=payload.get("evseId", payload.get("connectorId", "")))


def _reset(payload: dict[str, Any]) -> str:
    return tr("Restart at once") if payload.get("type") in ("Hard", "Immediate") else tr("Restart")


def _availability(payload: dict[str, Any]) -> str:
    evse = payload.get("evse")
    place = evse.get("id") if isinstance(evse, dict) else payload.get("connectorId")
    into_use = "Operative" in (payload.get("type"), payload.get("operationalStatus"))
    if place:
        words = tr("Put connector {number} back into use") if into_use else tr("Take connector {number} out of use")
        return words.format(number=place)
    return tr("Put back into use") if into_use else tr("Take out of use")


def _trigger(payload: dict[str, Any]) -> str:
    what = str(payload.get("requestedMessage", ""))
    # A station that was just let in is asked to boot by the program itself.
    return "" if what == "BootNotification" else tr("Tell {message}").format(message=what)


def _set_key(payload: dict[str, Any]) -> str:
    return tr("Set {name} to {value}").format(name=payload.get("key", ""), value=payload.get("value", ""))


def _set_variables(payload: dict[str, Any]) -> str:
    items = payload.get("setVariableData")
    item = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    parts = (item.get("component"), item.get("variable"))
    name = ".".join(str(part.get("name", "")) for part in parts if isinstance(part, dict))
    return tr("Set {name} to {value}").format(name=name, value=item.get("attributeValue", ""))


def _log(payload: dict[str, Any]) -> str:
    return tr("Send the security log") if payload.get("logType") == "SecurityLog" else tr("Send diagnostics")


def _customer(payload: dict[str, Any]) -> str:
    return tr("Forget a card’s holder") if payload.get("clear") else tr("Tell what it keeps of a card’s holder")


def _always(words: Callable[[], str]) -> Callable[[dict[str, Any]], str]:
    return lambda _payload: words()


_stop = _always(lambda: tr("Stop a charge"))
_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "CancelReservation": _always(lambda: tr("Take back a reservation")),
    "ChangeAvailability": _availability,
    "ChangeConfiguration": _set_key,
    "ClearCache": _always(lambda: tr("Forget remembered cards")),
    "CustomerInformation": _customer,
    "DeleteCertificate": _always(lambda: tr("Forget a certificate")),
    "GetDiagnostics": _always(lambda: tr("Send diagnostics")),
    "GetLog": _log,
    "InstallCertificate": _always(lambda: tr("Trust a certificate")),
    "RemoteStartTransaction": _start,
    "RemoteStopTransaction": _stop,
    "RequestStartTransaction": _start,
    "RequestStopTransaction": _stop,
    "ReserveNow": _reserve,
    "Reset": _reset,
    "SetVariables": _set_variables,
    "SignedUpdateFirmware": _always(lambda: tr("Update the firmware")),
    "TriggerMessage": _trigger,
    "UnlockConnector": _unlock,
    "UpdateFirmware": _always(lambda: tr("Update the firmware")),
}
#: The questions an operator puts, for who looks for them.
ASKED_BY_HAND = frozenset(_WORDS)
