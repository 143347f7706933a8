"""What we ask one station: one question at a time, each with its time limit, and none while it would confuse it."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.csms.reading.repair import legible
from app.csms.rpc.conversation import Answered, CallFailed, Conversation, Failure, LateAnswer, OutgoingCall
from app.csms.station.acquaintance import Acquaintance
from app.csms.station.logbook import Logbook, Sent
from app.csms.versions.forms import CALL_TIMEOUT_S
from app.domain.errors import AppError

#: Stations are confused by calls before their boot is answered; those that do not boot again are given a while.
QUIET_AFTER_BOOT_S = 2.0
QUIET_WITHOUT_BOOT_S = 10.0


@dataclass(slots=True)
class _Question:
    """What a call carries with it: who waits for its answer, and how it went out."""

    answer: asyncio.Future[dict[str, Any]]
    sent: Sent | None = None


class OutgoingCalls:
    """Ours on one connection. Its owner hands on what the conversation says of them, and calls `go_on` after it."""

    def __init__(
        self,
        conversation: Conversation,
        logbook: Logbook,
        send: Callable[[str], Awaitable[None]],
        acquaintance: Acquaintance,
        hang_up: Callable[[], None],
    ) -> None:
        """`hang_up` ends the connection of a station that talks and answers nothing."""
        self._conversation = conversation
        self._logbook = logbook
        self._send = send
        self._acquaintance = acquaintance
        self._hang_up = hang_up
        self._quiet_until = time.monotonic() + QUIET_WITHOUT_BOOT_S
        self._timer: asyncio.TimerHandle | None = None
        self._back_at = math.inf
        self._sending: set[asyncio.Future[None]] = set()

    async def ask(self, action: str, payload: dict[str, Any], timeout_s: float = CALL_TIMEOUT_S) -> dict[str, Any]:
        """The payload of the station's answer. Questions wait for each other; the time runs once it is sent.

        Raises AppError `station_not_connected`, `station_silent` (no answer in time), `station_refused` (with the
        station's error code), `station_answer_unreadable`, `station_queue_full`.
        """
        question = _Question(asyncio.get_running_loop().create_future())
        self._conversation.call(action, payload, timeout_s, tag=question)
        self.go_on()
        return await question.answer

    def boot_came(self) -> None:
        """Be quiet until `boot_answered`."""
        self._quiet_until = math.inf

    def boot_answered(self) -> None:
        """Be quiet for a moment more: the station has its answer to digest."""
        self._quiet_until = time.monotonic() + QUIET_AFTER_BOOT_S
        self.go_on()

    def ended(self, ended: Answered | CallFailed) -> None:
        """A call of ours got its answer, or will get none."""
        question = ended.call.tag
        if not isinstance(question, _Question):
            raise TypeError(question)
        if question.sent is not None:
            self._logbook.ended(ended, question.sent)
        self._learn_from(ended)
        if question.answer.done():
            return
        if isinstance(ended, Answered):
            question.answer.set_result(ended.payload)
        else:
            question.answer.set_exception(_as_app_error(ended))

    def answered_late(self, late: LateAnswer) -> None:
        """Nobody waits for it any more, but it belongs to what is kept of its question."""
        self.ended(late.outcome)

    def go_on(self) -> None:
        """Give up what is overdue, send the next question if none is open, and be back when something is due."""
        now = time.monotonic()
        for overdue in self._conversation.expire(now):
            self.ended(overdue)
        if now >= self._quiet_until and (call := self._conversation.to_send(now)):
            self._put_on_the_wire(call)
        due = self._conversation.next_deadline or (self._quiet_until if self._quiet_until > now else math.inf)
        if due < self._back_at:
            self._be_back_at(due, now)

    def _be_back_at(self, due: float, now: float) -> None:
        """Instead of later. Who is back too early goes on then: at each message another timer would be thousands."""
        if self._timer:
            self._timer.cancel()
        self._back_at = due
        self._timer = asyncio.get_running_loop().call_later(due - now + 0.001, self._is_back)

    def _is_back(self) -> None:
        self._timer, self._back_at = None, math.inf
        self.go_on()

    def close(self) -> None:
        """The connection is gone: every question ends now."""
        if self._timer:
            self._timer.cancel()
        for failed in self._conversation.close():
            self.ended(failed)

    def _learn_from(self, ended: Answered | CallFailed) -> None:
        why = None if isinstance(ended, Answered) else ended.why
        if why is Failure.TIMED_OUT:
            if self._acquaintance.gave_no_answer(time.monotonic()):
                self._hang_up()
        elif why is not Failure.CLOSED:
            self._acquaintance.answered()

    def _put_on_the_wire(self, call: OutgoingCall) -> None:
        if isinstance(call.tag, _Question):
            call.tag.sent = self._logbook.asked(call)
        self._acquaintance.asked(call.action, time.monotonic())
        sending = asyncio.ensure_future(self._send(call.text))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)


def _as_app_error(failed: CallFailed) -> AppError:
    action = failed.call.action
    match failed.why:
        case Failure.TIMED_OUT:
            return AppError("station_silent", action=action)
        case Failure.CLOSED:
            return AppError("station_not_connected")
        case Failure.UNREADABLE_ANSWER:
            return AppError("station_answer_unreadable", action=action)
        case Failure.ERROR_ANSWER:
            error, description = legible(failed.code), legible(failed.description)
            return AppError("station_refused", action=action, error=error, description=description)
