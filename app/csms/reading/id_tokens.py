"""IdTokenType of OCPP 2.x: a card's ID with a word for what kind of thing it is.

Here and everywhere else a card is one text, as OCPP 1.6 has it. Of the kinds two matter: what was typed on a keypad is
a secret and never a card, and a vehicle's address is written as it is in 1.6, so that one pass holds for both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.csms.reading.repair import FieldRepair, Fields
from app.domain.ids import UidKind, canonical_uid, classify_uid

VEHICLE = "VID:"

_KEY_CODE = "keycode"
_MAC_ADDRESS = "macaddress"
_NOT_HEX = re.compile("[^0-9A-Fa-f]")
_ADDRESS = re.compile("[0-9A-F]{12}")
_ISO15693 = re.compile("E0[0-9A-F]{14}")
#: eMA ID (ISO 15118-2 annex H): country, provider, instance, with or without separators and check digit.
_EMAID = re.compile(r"[A-Z]{2}-?[A-Z0-9]{3}-?C[A-Z0-9]{8}(-?[A-Z0-9])?")


@dataclass(frozen=True, slots=True)
class IdToken:
    """A card's ID, as 1.6 would say it; `keyed`: it was typed on a keypad, so it is no card whatever it looks like."""

    raw_id_tag: str
    keyed: bool = False


def read_id_token(fields: Fields, name: str = "idToken") -> IdToken | None:
    """The token in a message, None when absent; of 1.6's shape, or bare text, it is read too.

    NoAuthorization has an empty one.
    """
    value = fields.raw(name)
    if not isinstance(value, Mapping):
        # The shape of 1.6.
        if value is None and fields.raw("idTag") is None:
            return None
        fields.repairs.append(FieldRepair.WRONG_TYPE)
        return IdToken(fields.id_tag(name if value is not None else "idTag") or "")
    inner = fields.within(value)
    raw_id_tag, kind = inner.id_tag("idToken"), inner.text("type").strip().casefold()
    if raw_id_tag is None:
        fields.repairs.append(FieldRepair.MISSING)
    return IdToken(_as_in_16(raw_id_tag or "", kind), keyed=kind == _KEY_CODE)


def id_token(raw_id_tag: str) -> dict[str, Any]:
    """IdTokenType for a card's ID: what kind of thing it is follows from its form."""
    uid = canonical_uid(raw_id_tag)
    kind = classify_uid(uid)
    address = uid.removeprefix(VEHICLE)
    if kind is UidKind.VEHICLE and _ADDRESS.fullmatch(address):
        return {"idToken": address, "type": "MacAddress"}
    if _ISO15693.fullmatch(uid):
        return {"idToken": raw_id_tag, "type": "ISO15693"}
    if kind in (UidKind.CARD, UidKind.RANDOM):
        return {"idToken": raw_id_tag, "type": "ISO14443"}
    return {"idToken": raw_id_tag, "type": "eMAID" if _EMAID.fullmatch(uid) else "Central"}


def group_token(group_id: str) -> dict[str, Any]:
    """IdTokenType for a group of cards that may stop each other's charges: its name is ours."""
    return {"idToken": group_id, "type": "Central"}


def _as_in_16(raw_id_tag: str, kind: str) -> str:
    if kind != _MAC_ADDRESS or raw_id_tag[: len(VEHICLE)].upper() == VEHICLE:
        return raw_id_tag
    address = _NOT_HEX.sub("", raw_id_tag).upper()
    return VEHICLE + address if _ADDRESS.fullmatch(address) else raw_id_tag
