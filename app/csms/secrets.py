"""Keeping passwords and keys out of what is stored and shown.

Where OCPP carries secrets: the configuration key `AuthorizationKey` (1.6 security whitepaper §2), the variable
`BasicAuthPassword` and its kin (2.x part 2, SecurityCtrlr), and whatever a vendor names a password.
"""

import re
from typing import Any

import orjson

HIDDEN = "•••"
LONGEST_STORED = 16_384
DEEPEST = 64

_NAMES = re.compile(r"authorizationkey|password|passwd|passphrase|secret|privatekey|apn.?pass", re.IGNORECASE)
#: One of these is in each of them: looked for first, for it costs a fortieth and is nearly always in vain.
_PARTS_OF_NAMES = ("authorizationkey", "passw", "passphrase", "secret", "privatekey", "apn")
_VALUE_FIELDS = ("value", "attributeValue", "data")
#: In text that is not only a name: JSON within JSON, `password=…`, an error that quotes what it was sent.
_MORE_THAN_A_NAME = re.compile("[\"':=]")


def presentable(raw: str) -> str:
    """A frame as it may be stored and shown: without secrets, and not longer than anyone reads."""
    folded = raw.lower()
    # A name may be spelled in escapes.
    if any(part in folded for part in _PARTS_OF_NAMES) or "\\u" in folded:
        raw = _without_secrets(raw)
    # SQLite reads text only up to a NUL.
    raw = raw.replace("\0", "")
    if len(raw) > LONGEST_STORED:
        return f"{raw[:LONGEST_STORED]}… ({len(raw)})"
    return raw


def _without_secrets(raw: str) -> str:
    try:
        frame = orjson.loads(raw)
    except orjson.JSONDecodeError:
        # Not to be read, so nothing from the first object on is to be trusted: a value may stand before its name.
        named, opened = _NAMES.search(raw), raw.find("{")
        return raw[: min(named.start(), opened % len(raw))] + HIDDEN if named else raw
    hidden = _hide(frame)
    return raw if hidden == frame else orjson.dumps(hidden).decode()


def _hide(value: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return HIDDEN
    if isinstance(value, str):
        return HIDDEN if _NAMES.search(value) and _MORE_THAN_A_NAME.search(value) else value
    if isinstance(value, list):
        return [_hide(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    named_secret = any(_NAMES.search(name) for name in _names_in(value))
    hidden = {}
    for key, item in value.items():
        secret = _NAMES.search(key) or (named_secret and key in _VALUE_FIELDS)
        hidden[key] = HIDDEN if secret and item is not None else _hide(item, depth + 1)
    return hidden


def _names_in(value: dict[str, Any]) -> list[str]:
    """What an object says it is about: `{"key": "AuthorizationKey", "value": …}`, `{"variable": {"name": …}}`."""
    variable = value.get("variable")
    inner = variable.get("name") if isinstance(variable, dict) else None
    return [
        name for name in (value.get("key"), value.get("name"), value.get("messageId"), inner) if isinstance(name, str)
    ]
