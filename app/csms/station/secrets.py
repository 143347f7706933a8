"""Keeping passwords and keys out of what is stored and shown.

Where OCPP carries secrets: the configuration key `AuthorizationKey` (1.6 security whitepaper §2), the variable
`BasicAuthPassword` and its kin (2.x part 2, SecurityCtrlr), whatever a vendor names a password, and the login in an
address (`ftp://user:password@host/`).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from app.domain.pins import typed_digits
from app.domain.variables import SECRET_NAMES as _NAMES

HIDDEN = "•••"
LONGEST_STORED = 16_384
#: Of what only its vendor can read.
LONGEST_OF_VENDOR = 4_096
DEEPEST = 64

#: One of these is in each of them: looked for first, for it costs a fortieth and is nearly always in vain.
_PARTS_OF_NAMES = ("authorizationkey", "passw", "passphrase", "secret", "privatekey", "apn")
_VALUE_FIELDS = ("value", "attributeValue", "data")
#: What holds a card's ID, in any spelling.
_CARDS = frozenset({"idtag", "idtoken", "parentidtag", "groupidtoken"})
_PARTS_OF_CARDS = ("idt", "id_t", "id-t")
_KEY_CODE = "keycode"
_CARD_IN_TEXT = re.compile(r"""(id[^a-z0-9]?t(?:ag|oken)["']?\s*[:=])([^,}\]{]*)""", re.IGNORECASE)
#: RFC 3986 §3.2.1; JSON may have its slashes escaped, as often as it is packed into other JSON.
_LOGIN_IN_URL = re.compile(r"""([a-z][a-z0-9+.-]*:(?:\\*/){2}[^\s"'<>@/\\:]*):[^\s"'<>@/\\]*@""", re.IGNORECASE)
#: In text that is not only a name: JSON within JSON, `password=…`, an error that quotes what it was sent.
_MORE_THAN_A_NAME = re.compile("[\"':=]")


def is_typed(token: Mapping[str, Any]) -> bool:
    """Whether an IdTokenType (2.x) says that it came from a keypad: then it is a secret however it looks."""
    return str(token.get("type")).strip().casefold() == _KEY_CODE


def presentable(raw: str, *, typed: bool = False, longest: int = LONGEST_STORED) -> str:
    """A frame as it may be stored and shown: without secrets, and not longer than anyone reads, in characters.

    `typed`: what it names in the place of a card may have been typed on a keypad. Then it goes too, if it is no longer
    than a PIN, or said to be a KeyCode.
    """
    folded = raw.lower()
    # A name may be spelled in escapes.
    escaped = "\\u" in folded
    if escaped or "@" in folded or any(part in folded for part in _PARTS_OF_NAMES):
        raw = _without(raw, _hide, _cut)
    if typed and (escaped or any(part in folded for part in _PARTS_OF_CARDS)):
        raw = _without(raw, _hide_typed, _cut_typed)
    # SQLite reads text only up to a NUL.
    raw = raw.replace("\0", "")
    if len(raw) > longest:
        return f"{raw[:longest]}… ({len(raw)})"
    return raw


def _without(raw: str, hide: Callable[[Any], Any], cut: Callable[[str], str]) -> str:
    try:
        frame = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return cut(raw)
    hidden = hide(frame)
    return raw if hidden == frame else orjson.dumps(hidden).decode()


def _cut(raw: str) -> str:
    # Not to be read, so nothing from the first object on is to be trusted: a value may stand before its name.
    raw = _without_logins(raw)
    named, opened = _NAMES.search(raw), raw.find("{")
    return raw[: min(named.start(), opened % len(raw))] + HIDDEN if named else raw


def _cut_typed(raw: str) -> str:
    keyed = _KEY_CODE in raw.lower()
    return _CARD_IN_TEXT.sub(lambda found: found[1] + (HIDDEN if keyed or _is_short(found[2]) else found[2]), raw)


def _is_short(text: str) -> bool:
    # In escapes anything may be spelled.
    return "\\u" in text.lower() or bool(typed_digits(text))


def _hide_typed(frame: Any) -> Any:
    """Without what was typed, in the place of a card and wherever else its text is repeated; the message id stays."""
    typed = frozenset(_typed_in(frame))
    if not typed or not isinstance(frame, list):
        return frame
    return [*frame[:2], *(_without_typed(element, typed) for element in frame[2:])]


def _typed_in(value: Any, *, names_card: bool = False, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        if is_typed(value) and (secret := str(value.get("idToken") or "")):
            yield secret
        for key, item in value.items():
            yield from _typed_in(item, names_card=names_card or _folded(key) in _CARDS, depth=depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _typed_in(item, names_card=names_card, depth=depth + 1)
    elif names_card and (digits := typed_digits(str(value))):
        yield digits


def _without_typed(value: Any, typed: frozenset[str], *, names_card: bool = False, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return HIDDEN
    if isinstance(value, dict):
        return {
            key: _without_typed(item, typed, names_card=names_card or _folded(key) in _CARDS, depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without_typed(item, typed, names_card=names_card, depth=depth + 1) for item in value]
    is_text = names_card or isinstance(value, str)
    return HIDDEN if is_text and not typed.isdisjoint((str(value), typed_digits(str(value)))) else value


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _hide(value: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return HIDDEN
    if isinstance(value, str):
        return HIDDEN if _NAMES.search(value) and _MORE_THAN_A_NAME.search(value) else _without_logins(value)
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


def _without_logins(text: str) -> str:
    """With the user and the host of each address, without the password."""
    return _LOGIN_IN_URL.sub(rf"\1:{HIDDEN}@", text)


def _names_in(value: dict[str, Any]) -> list[str]:
    """What an object says it is about: `{"key": "AuthorizationKey", "value": …}`, `{"variable": {"name": …}}`."""
    variable = value.get("variable")
    inner = variable.get("name") if isinstance(variable, dict) else None
    return [
        name for name in (value.get("key"), value.get("name"), value.get("messageId"), inner) if isinstance(name, str)
    ]
