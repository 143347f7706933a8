"""One station's OCPP-J conversation, from the server's end: text in and one event out, calls in and text out.

This is the RPC layer of one connection (OCPP-J 1.6 §4; OCPP 2.x part 4 §4) and nothing else: no sockets, no clock.
Times are seconds of one monotonic clock, handed in as `now`. How a frame is read is in `frames`; here is what it means
to the calls that are open in either direction.
"""

import math
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any, TypeAlias, TypeVar

import orjson

from app.csms.rpc.frames import (
    CALL,
    CALLERROR,
    CALLRESULT,
    CALLRESULTERROR,
    SEND,
    Fault,
    Frame,
    FrameRepair,
    error_in,
    read,
    said,
    take_payload,
)
from app.csms.rpc.ocpp_j import ErrorCode, OcppJ
from app.domain.errors import AppError

MAX_QUEUED_CALLS = 64
MAX_BEING_HANDLED = 256
MAX_REMEMBERED_ANSWERS = 32
MAX_LATE_CALLS = 16
LATE_ANSWER_SECONDS = 600.0
LONGEST_DESCRIPTION = 255


class Harmless(StrEnum):
    """Why a frame needs nothing done."""

    EMPTY_FRAME = auto()
    BEING_HANDLED = auto()
    """A repeat of a call that is not answered yet: the one answer serves both."""
    STRAY_ANSWER = auto()
    """It answers nothing that was asked, something already answered, or it is later than a late answer may be."""
    UNKNOWN_MESSAGE_TYPE = auto()


class Failure(StrEnum):
    """Why a call of ours has no answer to work with."""

    ERROR_ANSWER = auto()
    UNREADABLE_ANSWER = auto()
    TIMED_OUT = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """The station asks or reports something: give it to `Conversation.answer` or `refuse`, once, whatever happens.

    Until then identical repeats are absorbed, so a call that is dropped makes the station wait for ever.
    """

    message_id: str
    wire_id: str
    """The id as JSON, byte for byte as the station wrote it."""
    action: str
    """As sent: letter case and suffixes are the station's own."""
    payload: dict[str, Any]
    """Strings hold no lone surrogates, numbers are finite; integers may have any size, text may hold NULs."""
    fingerprint: int
    """The same for calls with the same action and payload, within this process."""
    raw: str
    repairs: tuple[FrameRepair, ...] = ()
    unconfirmed: bool = False
    """A SEND (OCPP 2.1 part 4 §4.2.4): told, not asked; nothing is sent in return."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A repeat of a call that was answered: send `reply`, the same answer again, and do nothing else."""

    message_id: str
    action: str
    reply: str
    raw: str


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """A call of ours: `text` goes on the wire, `tag` is whatever its caller wants to find again."""

    message_id: str
    action: str
    text: str
    timeout: float
    tag: object = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The station answered our call with a CALLRESULT."""

    call: OutgoingCall
    payload: dict[str, Any]
    raw: str
    repairs: tuple[FrameRepair, ...] = ()


@dataclass(frozen=True, slots=True)
class CallFailed:
    """Our call ended without a result. `code` and `description` are the station's words, empty if it gave none."""

    call: OutgoingCall
    why: Failure
    code: str = ""
    description: str = ""
    raw: str = ""
    repairs: tuple[FrameRepair, ...] = ()


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """What the station says to a call that had timed out, for a job that can still use it."""

    outcome: Answered | CallFailed


@dataclass(frozen=True, slots=True)
class AnswerRefused:
    """The station could not work with our answer to this call of its own, and says why (OCPP 2.1 part 4 §4.2.3)."""

    message_id: str
    code: str
    description: str
    raw: str
    repairs: tuple[FrameRepair, ...] = ()


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A frame that needs nothing done, except that it shows a living station."""

    reason: Harmless
    raw: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame that cannot be understood: send `reply` if there is one, and keep `raw` for people to look at."""

    fault: Fault
    reply: str | None
    raw: str


Received: TypeAlias = Call | Repeated | Answered | CallFailed | LateAnswer | AnswerRefused | Absorbed | Unreadable

# What these answer is true now and may not be true in a minute: the time, whether a card is good, whether the station
# may work. A station that never changes its message ids must not be served yesterday's answer.
_ANSWERED_AFRESH = ("authorize", "bootnotification", "heartbeat")

_T = TypeVar("_T")


class Conversation:
    """The calls of one connection, both ways. Whoever owns the socket feeds it, sends what it gives, and wakes it.

    `id_prefix` begins the id of every call of ours: up to 24 letters, digits, `.`, `_` and `-` that no earlier
    connection of this station had, so that an answer kept over a reconnect never passes for another one's (OCPP 2.1
    part 4 §4.1.4).
    """

    def __init__(self, rules: OcppJ, *, id_prefix: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._-]{0,24}", id_prefix):
            raise ValueError(f"{id_prefix!r} cannot begin a message id")
        self._rules = rules
        self._id_prefix = id_prefix
        self._calls_made = 0
        self._queue: deque[OutgoingCall] = deque()
        self._open: OutgoingCall | None = None
        self._deadline = math.inf
        self._late: dict[str, tuple[OutgoingCall, float]] = {}
        self._being_handled: dict[str, int] = {}
        self._answers: dict[str, tuple[int, str | None]] = {}
        self._closed = False

    def receive(self, data: str | bytes, now: float) -> Received:
        """What one whole WebSocket message means. Never raises, whatever comes in.

        `data` is bytes where the station sent a binary message, which is read like text.
        """
        frame = read(data)
        if frame.fault is Fault.EMPTY:
            return Absorbed(Harmless.EMPTY_FRAME, frame.raw)
        if frame.kind == CALL:
            return self._called(frame)
        if frame.kind in (CALLRESULT, CALLERROR):
            return self._answered(frame, now)
        if frame.kind in (SEND, CALLRESULTERROR) and self._rules.sends:
            return self._told(frame) if frame.kind == SEND else self._answer_refused(frame)
        if frame.fault and frame.kind is None:
            return self._refused(frame, frame.fault, ErrorCode.RPC_FRAMEWORK_ERROR)
        if self._rules.refuses_unknown_types:
            return self._refused(frame, frame.fault or Fault.UNKNOWN_MESSAGE_TYPE, ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED)
        if frame.fault:
            return Unreadable(frame.fault, None, frame.raw)
        return Absorbed(Harmless.UNKNOWN_MESSAGE_TYPE, frame.raw)

    def answer(self, call: Call, payload: Mapping[str, object]) -> str:
        """The CALLRESULT to send. It is remembered: should the station repeat its call, it gets the same text again.

        Answers to Authorize, BootNotification and Heartbeat are true only now; such a repeat is a new call. Empty for
        one that is unconfirmed. Raises TypeError when `payload` is not JSON: times are text, numbers fit in 64 bits.
        """
        if call.unconfirmed:
            return ""
        text = f"[{CALLRESULT},{call.wire_id},{_json(dict(payload))}]"
        self._finish(call)
        reply = None if call.action.lstrip().lower().startswith(_ANSWERED_AFRESH) else text
        _remember(self._answers, call.wire_id, (call.fingerprint, reply), MAX_REMEMBERED_ANSWERS)
        return text

    def refuse(self, call: Call, code: ErrorCode, description: str = "") -> str:
        """The CALLERROR to send: the version's spelling of `code`, a description of at most 255 characters, no details.

        It is not remembered: a station that repeats its call is heard again. Empty for one that is unconfirmed.
        `description` must quote nothing received.
        """
        if call.unconfirmed:
            return ""
        self._finish(call)
        return self._error(call.wire_id, code, description)

    def call(self, action: str, payload: Mapping[str, object], timeout: float, tag: object = None) -> OutgoingCall:
        """Queue a call. It ends once: as Answered or CallFailed from `receive`, as CallFailed from `expire` or `close`.

        `timeout` is in seconds from the moment the call is sent. Raises AppError `station_queue_full` when too many
        calls wait, and `station_not_connected` after `close`; TypeError when `payload` is not JSON.
        """
        if not 0 < timeout < math.inf:
            raise ValueError(f"a call needs a time limit, not {timeout!r}")
        if self._closed:
            raise AppError("station_not_connected")
        if len(self._queue) >= MAX_QUEUED_CALLS:
            raise AppError("station_queue_full", limit=MAX_QUEUED_CALLS)
        message_id = f"{self._id_prefix}{self._calls_made + 1}"
        text = f'[{CALL},"{message_id}",{_json(action)},{_json(dict(payload))}]'
        self._calls_made += 1
        call = OutgoingCall(message_id, action, text, timeout, tag)
        self._queue.append(call)
        return call

    def to_send(self, now: float) -> OutgoingCall | None:
        """The next call to put on the wire; None when none waits or one is still open (1.6 §4.1.1). Its time runs now.

        Worth asking after each `call`, `receive` and `expire`.
        """
        if self._open is not None or not self._queue:
            return None
        self._open = self._queue.popleft()
        self._deadline = now + self._open.timeout
        return self._open

    @property
    def next_deadline(self) -> float | None:
        """When `expire` has something to say, unless an answer comes first; None while no call is open."""
        return self._deadline if self._open is not None else None

    def expire(self, now: float) -> list[CallFailed]:
        """The calls whose time is up. What the station still says to them within ten minutes is a LateAnswer."""
        if self._open is None or now < self._deadline:
            return []
        call, self._open = self._open, None
        _remember(self._late, call.message_id, (call, now + LATE_ANSWER_SECONDS), MAX_LATE_CALLS)
        return [CallFailed(call, Failure.TIMED_OUT)]

    def close(self) -> list[CallFailed]:
        """The socket is gone: every call that is open or queued fails now, and no new one is taken."""
        calls = [*([self._open] if self._open is not None else []), *self._queue]
        self._open = None
        self._queue.clear()
        self._closed = True
        return [CallFailed(call, Failure.CLOSED) for call in calls]

    def _called(self, frame: Frame) -> Call | Repeated | Absorbed | Unreadable:
        if frame.message_id is None:
            return self._refused(frame, frame.fault or Fault.BAD_MESSAGE_ID, ErrorCode.RPC_FRAMEWORK_ERROR)
        told = said(frame)
        if isinstance(told, Fault):
            return self._refused(frame, told, ErrorCode.FORMAT_VIOLATION)
        return self._heard(frame, *told, frame.message_id)

    def _told(self, frame: Frame) -> Call | Unreadable:
        # Without an id it still tells what it tells: nothing has to be sent back.
        told = said(frame)
        if isinstance(told, Fault):
            return Unreadable(told, None, frame.raw)
        action, payload = told
        repairs = tuple(frame.repairs)
        return Call(frame.message_id or "", frame.wire_id, action, payload, 0, frame.raw, repairs, unconfirmed=True)

    def _answer_refused(self, frame: Frame) -> AnswerRefused | Unreadable:
        if frame.fault or frame.message_id is None:
            return Unreadable(frame.fault or Fault.BAD_MESSAGE_ID, None, frame.raw)
        # Asked again, it is to be heard again: the same answer would do no better.
        self._answers.pop(frame.wire_id, None)
        code, description = error_in(frame)
        return AnswerRefused(frame.message_id, code, description, frame.raw, tuple(frame.repairs))

    def _heard(self, frame: Frame, action: str, payload: dict[str, Any], message_id: str) -> Call | Repeated | Absorbed:
        wire_id, fingerprint = frame.wire_id, _fingerprint(action, payload)
        being_handled = self._being_handled.get(wire_id)
        if being_handled == fingerprint:
            return Absorbed(Harmless.BEING_HANDLED, frame.raw)
        answered = self._answers.get(wire_id)
        if answered is not None:
            answered_fingerprint, reply = answered
            if reply is not None and answered_fingerprint == fingerprint:
                return Repeated(message_id, action, reply, frame.raw)
        if answered is not None or being_handled is not None:
            frame.repairs.append(FrameRepair.REUSED_MESSAGE_ID)
        _remember(self._being_handled, wire_id, fingerprint, MAX_BEING_HANDLED)
        return Call(message_id, wire_id, action, payload, fingerprint, frame.raw, tuple(frame.repairs))

    def _answered(self, frame: Frame, now: float) -> Answered | CallFailed | LateAnswer | Absorbed | Unreadable:
        if self._open is not None and frame.message_id == self._open.message_id:
            call, self._open = self._open, None
            return _outcome(call, frame)
        late, until = self._late.pop(frame.message_id or "", (None, now))
        if late is not None and now <= until:
            return LateAnswer(_outcome(late, frame))
        if frame.fault:
            return Unreadable(frame.fault, None, frame.raw)
        return Absorbed(Harmless.STRAY_ANSWER, frame.raw)

    def _finish(self, call: Call) -> None:
        if self._being_handled.get(call.wire_id) == call.fingerprint:
            del self._being_handled[call.wire_id]

    def _refused(self, frame: Frame, fault: Fault, code: ErrorCode) -> Unreadable:
        usable = frame.wire_id if frame.message_id is not None else self._rules.no_message_id or frame.wire_id
        return Unreadable(fault, self._error(usable, code) if usable else None, frame.raw)

    def _error(self, wire_id: str, code: ErrorCode, description: str = "") -> str:
        spelled = self._rules.spelling.get(code, code)
        return f'[{CALLERROR},{wire_id},"{spelled}",{_json(description[:LONGEST_DESCRIPTION])},{{}}]'


def _outcome(call: OutgoingCall, frame: Frame) -> Answered | CallFailed:
    if frame.fault:
        return CallFailed(call, Failure.UNREADABLE_ANSWER, raw=frame.raw)
    if frame.kind == CALLERROR:
        code, description = error_in(frame)
        return CallFailed(call, Failure.ERROR_ANSWER, code, description, frame.raw, tuple(frame.repairs))
    # Some stations repeat the action in front of the payload.
    named = len(frame.elements) > 1 and isinstance(frame.elements[0], str) and isinstance(frame.elements[1], dict)
    if named:
        frame.repairs.append(FrameRepair.EXTRA_ELEMENTS)
    payload = take_payload(frame, 1 if named else 0)
    if payload is None:
        return CallFailed(call, Failure.UNREADABLE_ANSWER, raw=frame.raw, repairs=tuple(frame.repairs))
    return Answered(call, payload, frame.raw, tuple(frame.repairs))


def _fingerprint(action: str, payload: dict[str, Any]) -> int:
    try:
        return hash(orjson.dumps((action, payload), option=orjson.OPT_SORT_KEYS))
    except TypeError:  # an integer beyond 64 bits
        return hash((action, repr(payload)))


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS).decode()


def _remember(memory: dict[str, _T], key: str, value: _T, limit: int) -> None:
    """Keep the youngest `limit` entries."""
    memory.pop(key, None)
    if len(memory) >= limit:
        del memory[next(iter(memory))]
    memory[key] = value
