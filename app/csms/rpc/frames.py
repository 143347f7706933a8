"""Reading one OCPP-J frame as real stations write it.

Where the meaning is certain the frame is read and each liberty is named by a `FrameRepair`; where it is not, type and
message id are still salvaged from the front of the text, so that the right call can be refused or given up at once.
No function here raises, whatever a station sends.
"""

import json
import math
import re
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any

import orjson

CALL = 2
CALLRESULT = 3
CALLERROR = 4
CALLRESULTERROR = 5
SEND = 6

SPECIFIED_MESSAGE_ID = 36
LONGEST_MESSAGE_ID = 255
DEEPEST_NESTING = 32


class FrameRepair(StrEnum):
    """A liberty taken to read a frame. The codes are stored and counted, so they do not change."""

    BINARY_FRAME = auto()
    INVALID_UTF8 = auto()
    PADDING = auto()
    """A byte order mark, NULs or odd blanks around the JSON."""
    LOOSE_JSON = auto()
    """Control characters in strings, lone surrogates (now U+FFFD), NaN or Infinity (now null)."""
    MESSAGE_TYPE = auto()
    """The message type was written `"2"` or `2.0`."""
    NUMERIC_MESSAGE_ID = auto()
    LONG_MESSAGE_ID = auto()
    REUSED_MESSAGE_ID = auto()
    """The id of an earlier call on this connection, and still a call of its own."""
    MISSING_PAYLOAD = auto()
    NULL_PAYLOAD = auto()
    LIST_PAYLOAD = auto()
    """An empty list, or a list around the one object."""
    JSON_IN_TEXT = auto()
    """The payload, or the whole message, is JSON once more within a JSON string."""
    EXTRA_ELEMENTS = auto()
    INCOMPLETE_ERROR = auto()
    """A CALLERROR without a code or description, or with something else than text in their place."""


class Fault(StrEnum):
    """Why a frame cannot be understood."""

    EMPTY = auto()
    NOT_JSON = auto()
    """Also: nested deeper than any OCPP message, or with something behind its end."""
    NOT_A_MESSAGE = auto()
    UNKNOWN_MESSAGE_TYPE = auto()
    BAD_MESSAGE_ID = auto()
    BAD_ACTION = auto()
    BAD_PAYLOAD = auto()


@dataclass(slots=True)
class Frame:
    """One frame, read as far as it can be read."""

    raw: str
    """The text as received, fit for UTF-8."""
    kind: int | None = None
    """The message type number, or None where there is none to be found."""
    message_id: str | None = None
    """The id for people and for comparing; None where it is missing, null, empty or no id at all."""
    wire_id: str = ""
    """The id as JSON, to be echoed: as the station wrote it, byte for byte. Empty where none was found."""
    elements: list[Any] = field(default_factory=list)
    """What follows the id. Strings hold no lone surrogates, numbers are finite; integers may have any size."""
    repairs: list[FrameRepair] = field(default_factory=list)
    fault: Fault | None = None


def read(data: str | bytes) -> Frame:
    """The frame in one whole WebSocket message: text, or bytes where the station sent a binary one."""
    frame = Frame(data) if isinstance(data, str) else _decoded(data)
    text = frame.raw
    try:
        message = _strict_json(text)
    except ValueError:
        frame.raw, half_characters = _LONE_SURROGATE.subn("\ufffd", text)
        if half_characters:
            frame.repairs.append(FrameRepair.LOOSE_JSON)
        text = frame.raw.strip(_PADDING)
        if not text:
            frame.fault = Fault.EMPTY
            return frame
        try:
            message = _loose_json(text, frame)
        except (ValueError, RecursionError):
            _salvage(text, frame)
            return frame
    if isinstance(message, str) and message.lstrip(_PADDING).startswith("["):
        return _within_text(message, frame)
    if not isinstance(message, list) or len(message) < 2:
        frame.fault = Fault.NOT_A_MESSAGE
        return frame
    frame.kind = _message_type(message[0], frame)
    head = _HEAD.match(text)
    token = head["id"] if head else None
    if token and FrameRepair.LOOSE_JSON in frame.repairs and not _is_json(token):
        token = None
    _identify(message[1], token, frame)
    frame.elements = message[2:]
    return frame


def take_payload(frame: Frame, position: int) -> dict[str, Any] | None:
    """The payload among the frame's elements, or None if there is no object to be seen in it."""
    elements = frame.elements
    if len(elements) <= position:
        frame.repairs.append(FrameRepair.MISSING_PAYLOAD)
        return {}
    if len(elements) > position + 1:
        frame.repairs.append(FrameRepair.EXTRA_ELEMENTS)
    payload = elements[position]
    if isinstance(payload, dict):
        return payload
    if payload is None:
        frame.repairs.append(FrameRepair.NULL_PAYLOAD)
        return {}
    if isinstance(payload, list) and len(payload) <= 1 and all(isinstance(item, dict) for item in payload):
        frame.repairs.append(FrameRepair.LIST_PAYLOAD)
        return payload[0] if payload else {}
    return _payload_in_text(payload, frame) if isinstance(payload, str) else None


def said(frame: Frame) -> tuple[str, dict[str, Any]] | Fault:
    """The action and payload of a call, or why there are none."""
    if frame.fault:
        return frame.fault
    action = frame.elements[0] if frame.elements else None
    if not isinstance(action, str) or not action.strip():
        return Fault.BAD_ACTION
    payload = take_payload(frame, 1)
    return Fault.BAD_PAYLOAD if payload is None else (action, payload)


def error_in(frame: Frame) -> tuple[str, str]:
    """The code and description of an error, each empty where there is none."""
    if not all(isinstance(element, str) for element in (*frame.elements, None, None)[:2]):
        frame.repairs.append(FrameRepair.INCOMPLETE_ERROR)
    code, description = ("" if part is None else str(part) for part in (*frame.elements, None, None)[:2])
    return code, description


_PADDING = " \t\r\n\v\f\0\x1a\x1e\x85\xa0\u200b\u2028\u2029\ufeff"
_JSON_BLANKS = " \t\r\n"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_HEAD = re.compile(
    r"""\s*\[\s*(?P<quote>"?)(?P<type>[0-9]{1,9})(?:\.0*)?(?P=quote)\s*,\s*
    (?P<id>"(?:[^"\\\x00-\x1f]|\\.){0,1600}"|-?[0-9][0-9.eE+-]{0,254}(?=\s*[,\]])|null(?=\s*[,\]]))?""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"\s*[0-9]{1,9}\s*")
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_NINETEEN_DIGITS = b"0" * 19
_CONTAINERS = frozenset({dict, list})
_HUGE_INTEGER = re.compile(r"[\[,:\s-][0-9]{19}")


def _decoded(data: bytes) -> Frame:
    try:
        return Frame(data.decode(), repairs=[FrameRepair.BINARY_FRAME])
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
        return Frame(text, repairs=[FrameRepair.BINARY_FRAME, FrameRepair.INVALID_UTF8])


def _strict_json(text: str) -> Any:
    value = orjson.loads(text)
    if text.count("[") + text.count("{") > DEEPEST_NESTING and _is_too_deep(value):
        raise ValueError("nested too deeply")
    # orjson silently makes a float of an integer beyond 64 bits; the cheap test first, for nearly all frames end there.
    if _NINETEEN_DIGITS in text.encode().translate(_DIGITS_AS_ZEROS) and _HUGE_INTEGER.search(text):
        value = _LOOSE_DECODER.decode(text)
    return value


def _loose_json(text: str, frame: Frame) -> Any:
    if len(text) != len(frame.raw.strip(_JSON_BLANKS)):
        frame.repairs.append(FrameRepair.PADDING)
    try:
        return _strict_json(text)
    except ValueError:
        value = _LOOSE_DECODER.decode(text)
    if _is_too_deep(value):
        raise ValueError("nested too deeply")
    if FrameRepair.LOOSE_JSON not in frame.repairs:
        frame.repairs.append(FrameRepair.LOOSE_JSON)
    return _without_surrogates(value)


def _integer(digits: str) -> int | float | None:
    # Python refuses to read thousands of digits, and no field means any: from some length on a number is only a size.
    return int(digits) if len(digits) <= 40 else _finite(digits)


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


_LOOSE_DECODER = json.JSONDecoder(
    strict=False, parse_int=_integer, parse_float=_finite, parse_constant=lambda _name: None
)


def _is_too_deep(message: object) -> bool:
    containers: list[Any] = [message] if type(message) in _CONTAINERS else []
    for _ in range(DEEPEST_NESTING):
        containers = [
            item
            for container in containers
            for item in (container.values() if type(container) is dict else container)
            if type(item) in _CONTAINERS
        ]
        if not containers:
            return False
    return True


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_LONE_SURROGATE.sub("\ufffd", key): _without_surrogates(item) for key, item in value.items()}
    return value


def _within_text(message: str, around: Frame) -> Frame:
    inner = read(message)
    inner.raw = around.raw
    inner.repairs = [*around.repairs, FrameRepair.JSON_IN_TEXT, *inner.repairs]
    return inner


def _payload_in_text(text: str, frame: Frame) -> dict[str, Any] | None:
    try:
        payload = _strict_json(text)
    except ValueError:
        return None
    if not isinstance(payload, dict):
        return None
    frame.repairs.append(FrameRepair.JSON_IN_TEXT)
    return payload


def _message_type(value: object, frame: Frame) -> int | None:
    if type(value) is int:
        return value
    if (isinstance(value, float) and value.is_integer()) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        frame.repairs.append(FrameRepair.MESSAGE_TYPE)
        return int(value)
    return None


def _identify(value: object, token: str | None, frame: Frame) -> None:
    """`token` is the id as the station wrote it, where that is known to be sound JSON."""
    if isinstance(value, str):
        if len(value) > LONGEST_MESSAGE_ID:
            return
        frame.wire_id = token or orjson.dumps(value).decode()
        frame.message_id = value or None
        if len(value) > SPECIFIED_MESSAGE_ID:
            frame.repairs.append(FrameRepair.LONG_MESSAGE_ID)
    elif token and isinstance(value, (int, float)):
        frame.wire_id = frame.message_id = token
        frame.repairs.append(FrameRepair.NUMERIC_MESSAGE_ID)
    elif value is None:
        frame.wire_id = "null"


def _salvage(text: str, frame: Frame) -> None:
    frame.fault = Fault.NOT_JSON
    head = _HEAD.match(text)
    if head is None:
        return
    frame.kind = int(head["type"])
    token = head["id"]
    if token and _is_json(token):
        _identify(orjson.loads(token), token, frame)


def _is_json(token: str) -> bool:
    try:
        orjson.loads(token)
    except ValueError:
        return False
    return True
