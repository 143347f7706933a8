"""One station's socket for as long as it lives: what comes in is answered, what we ask goes out one at a time.

Answers that need no disk (a card held to the reader, a heartbeat) are given at once. Reports are stored first,
in the order in which they came, by a task of their own: while the disk takes nothing they wait there, not
acknowledged, and cards are still decided.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from app.csms import ocpp16
from app.csms.conversation import (
    OCPP_J_16,
    Answered,
    Call,
    CallFailed,
    Conversation,
    ErrorCode,
    Failure,
    LateAnswer,
    OutgoingCall,
    Received,
    Repeated,
    Unreadable,
)
from app.csms.repair import Fields
from app.csms.secrets import presentable
from app.csms.use_cases import Caller, UseCases
from app.domain.errors import AppError
from app.domain.model import Direction, Message, Registration, Tap
from app.journal import Journal

logger = logging.getLogger(__name__)

#: Seconds we wait for an answer: some stations need a minute to do what they are told before they say so.
CALL_TIMEOUT_S = 45.0
CALL_TIMEOUTS_S = {"SendLocalList": 120.0, "Reset": 60.0}
#: Stations are confused by calls before their boot is answered; those that do not boot again are given a while.
QUIET_AFTER_BOOT_S = 2.0
QUIET_WITHOUT_BOOT_S = 10.0
STORE_AGAIN_S = 1.0
REPORTS_WAITING_LIMIT = 256
#: Messages a second one station may keep up, after a burst; beyond that it is read more slowly, losing nothing.
RATE_PER_S = 1_000.0
BURST = 5_000.0


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A call from the station and when it came."""

    call: Call
    caller: Caller
    at: datetime
    since: float
    fields: Fields


class StationLink:
    def __init__(
        self,
        socket: ServerConnection,
        station_id: str,
        address: str,
        *,
        use_cases: UseCases,
        journal: Journal,
        registration: Callable[[], Registration],
    ) -> None:
        self.station_id = station_id
        self.address = address
        self.last_heard = time.monotonic()
        self.last_heard_at = use_cases.clock()
        self._socket = socket
        self._use_cases = use_cases
        self._journal = journal
        self._registration = registration
        self._conversation = Conversation(OCPP_J_16, id_prefix=f"{journal.next_message_id():x}-")
        self._reports: asyncio.Queue[tuple[_Arrival, ocpp16.Report]] = asyncio.Queue(REPORTS_WAITING_LIMIT)
        self._calls_from = time.monotonic() + QUIET_WITHOUT_BOOT_S
        self._allowance = BURST
        self._asked: dict[str, tuple[int, datetime, float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Answer the station until the socket ends."""
        storing = asyncio.create_task(self._store_reports())
        try:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    data = await self._socket.recv()
                    await self._keep_pace()
                    await self._take(self._conversation.receive(data, self.last_heard))
                    self._pump()
        finally:
            storing.cancel()
            if self._timer:
                self._timer.cancel()
            for failed in self._conversation.close():
                self._end_call(failed)
            with contextlib.suppress(asyncio.CancelledError):
                await storing

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask the station something and give the payload of its answer.

        Calls wait for each other. Raises AppError `station_not_connected`, `station_silent` (no answer in time),
        `station_refused` (with the station's error code), `station_answer_unreadable`, `station_queue_full`.
        """
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        timeout = CALL_TIMEOUTS_S.get(action, CALL_TIMEOUT_S)
        self._conversation.call(action, payload, timeout, tag=answer)
        self._pump()
        return await answer

    async def is_alive(self, within_s: float) -> bool:
        """Whether anything at all comes from the station within that time, asked with a ping."""
        asked_at = time.monotonic()
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            pong = await self._socket.ping()
            await asyncio.wait_for(pong, within_s)
            return True
        return self.last_heard > asked_at

    async def close(self, code: int, reason: str) -> None:
        """Close the socket; a peer that does not answer that is not waited for long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._socket.close(code, reason), 2)
        self._socket.transport.abort()

    async def _take(self, received: Received) -> None:
        if isinstance(received, Call):
            await self._answer(received)
        elif isinstance(received, Repeated):
            await self._socket.send(received.reply)
        elif isinstance(received, Answered | CallFailed):
            self._end_call(received)
        elif isinstance(received, LateAnswer):
            self._log_late(received)
        elif isinstance(received, Unreadable):
            await self._complain(received)

    async def _answer(self, call: Call) -> None:
        message_id, at = self._journal.next_message_id(), self._use_cases.clock()
        caller = Caller(self.station_id, self.address, message_id)
        arrival = _Arrival(call, caller, at, self.last_heard, Fields(call.payload, at))
        try:
            action = ocpp16.action_meant(call.action)
            self._refuse_strangers(action)
            entry = ocpp16.ACTIONS[action]
            if isinstance(entry, ocpp16.Report):
                self._reports.put_nowait((arrival, entry))
                return
            outcome = entry.handle(self._use_cases, caller, arrival.fields)
        except ocpp16.RefuseError as refusal:
            await self._refuse(arrival, refusal.code, refusal.description)
        except asyncio.QueueFull:
            logger.warning("%s reports faster than the disk takes it; not acknowledged", self.station_id)
        except Exception:
            logger.exception("Answering %s of %s failed", call.action, self.station_id)
            await self._refuse(arrival, ErrorCode.INTERNAL_ERROR, "")
        else:
            await self._reply(arrival, outcome)

    def _refuse_strangers(self, action: str) -> None:
        """Until the operator lets it in, a station may only say who it is (OCPP-J 1.6 errata §5.6)."""
        if action != "BootNotification" and self._registration() is not Registration.ACCEPTED:
            raise ocpp16.RefuseError(ErrorCode.SECURITY_ERROR, "The station is not accepted yet")

    async def _store_reports(self) -> None:
        while True:
            arrival, report = await self._reports.get()
            try:
                outcome = await self._stored(arrival, report)
                if arrival.call.action.startswith("Boot"):
                    self._calls_from = time.monotonic() + QUIET_AFTER_BOOT_S
                await self._reply(arrival, outcome)
            except ConnectionClosed:
                return
            except Exception:
                logger.exception("Keeping %s of %s failed", arrival.call.action, self.station_id)
                await self._refuse(arrival, ErrorCode.INTERNAL_ERROR, "")

    async def _stored(self, arrival: _Arrival, report: ocpp16.Report) -> ocpp16.Outcome:
        while True:
            try:
                return await report.handle(self._use_cases, arrival.caller, arrival.fields)
            except AppError as fault:
                if not fault.code.startswith("disk_"):
                    raise
                # What the station still holds must not be acknowledged before it is safe here.
                await asyncio.sleep(STORE_AGAIN_S)
                arrival.fields.repairs.clear()

    async def _reply(self, arrival: _Arrival, outcome: ocpp16.Outcome) -> None:
        text = self._conversation.answer(arrival.call, outcome.payload)
        await self._socket.send(text)
        self._log(arrival, text, outcome.summary, outcome.tap)

    async def _refuse(self, arrival: _Arrival, code: ErrorCode, description: str) -> None:
        text = self._conversation.refuse(arrival.call, code, description)
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(text)
        if self._registration() is Registration.ACCEPTED:
            self._log(arrival, text, OCPP_J_16.spelling.get(code, code), None)

    async def _complain(self, unreadable: Unreadable) -> None:
        if unreadable.reply:
            await self._socket.send(unreadable.reply)
        if self._registration() is Registration.ACCEPTED:
            self._journal.log(
                Message(
                    id=self._journal.next_message_id(),
                    at=self._use_cases.clock(),
                    station_id=self.station_id,
                    direction=Direction.FROM_STATION,
                    action="",
                    id_tag="",
                    outcome=unreadable.fault.value,
                    request=presentable(unreadable.raw),
                    response=unreadable.reply or "",
                    took_ms=None,
                )
            )

    def _log(self, arrival: _Arrival, response: str, summary: str, tap: Tap | None) -> None:
        """Into the journal, unless the station is a stranger: nothing it says is kept."""
        if self._registration() is not Registration.ACCEPTED:
            return
        call, named = arrival.call, arrival.call.payload.get("idTag")
        self._journal.log(
            Message(
                id=arrival.caller.message_id,
                at=arrival.at,
                station_id=self.station_id,
                direction=Direction.FROM_STATION,
                action=call.action,
                id_tag=tap.raw_id_tag if tap else named if isinstance(named, str) else "",
                outcome=summary,
                request=presentable(call.raw),
                response=presentable(response),
                took_ms=(time.monotonic() - arrival.since) * 1000,
                repairs=(*call.repairs, *dict.fromkeys(arrival.fields.repairs)),
                tap_id=tap.id if tap else None,
                reason=tap.reason if tap and tap.status == summary else "",
                holder=tap.holder if tap else "",
            )
        )

    def _pump(self) -> None:
        """Send the next call of ours if none is open, and be back when something of it is due."""
        now = time.monotonic()
        for failed in self._conversation.expire(now):
            self._end_call(failed)
        if now >= self._calls_from:
            outgoing = self._conversation.to_send(now)
            if outgoing is not None:
                self._send_call(outgoing, now)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = self._conversation.next_deadline or (self._calls_from if now < self._calls_from else None)
        if due is not None:
            self._timer = asyncio.get_running_loop().call_later(max(due - now, 0) + 0.001, self._pump)

    def _send_call(self, outgoing: OutgoingCall, now: float) -> None:
        message_id, at = self._journal.next_message_id(), self._use_cases.clock()
        self._asked[outgoing.message_id] = (message_id, at, now)
        self._journal.log(self._asked_message(outgoing, message_id, at))
        sending = asyncio.create_task(self._send_text(outgoing.text))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _send_text(self, text: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(text)

    def _end_call(self, ended: Answered | CallFailed) -> None:
        self._log_answer(ended)
        answer = ended.call.tag
        if not isinstance(answer, asyncio.Future) or answer.done():
            return
        if isinstance(ended, Answered):
            answer.set_result(ended.payload)
        else:
            answer.set_exception(_call_error(ended))

    def _log_answer(self, ended: Answered | CallFailed) -> None:
        asked = self._asked.pop(ended.call.message_id, None)
        if asked is None:
            return
        message_id, at, since = asked
        timed_out = isinstance(ended, CallFailed) and ended.why in (Failure.TIMED_OUT, Failure.CLOSED)
        if isinstance(ended, Answered):
            status = ended.payload.get("status", "")
            outcome = status if isinstance(status, str) else ""
        else:
            outcome = ended.code or ended.why.value
        took_ms = None if timed_out else (time.monotonic() - since) * 1000
        self._journal.log(
            self._asked_message(ended.call, message_id, at, outcome, presentable(ended.raw), took_ms, ended.repairs)
        )

    def _log_late(self, late: LateAnswer) -> None:
        self._log_answer(late.outcome)

    def _asked_message(
        self,
        outgoing: OutgoingCall,
        message_id: int,
        at: datetime,
        outcome: str = "",
        response: str = "",
        took_ms: float | None = None,
        repairs: tuple[str, ...] = (),
    ) -> Message:
        return Message(
            id=message_id,
            at=at,
            station_id=self.station_id,
            direction=Direction.TO_STATION,
            action=outgoing.action,
            id_tag="",
            outcome=outcome,
            request=presentable(outgoing.text),
            response=response,
            took_ms=took_ms,
            repairs=repairs,
        )

    async def _keep_pace(self) -> None:
        now = time.monotonic()
        self._allowance = min(BURST, self._allowance + (now - self.last_heard) * RATE_PER_S) - 1
        self.last_heard = now
        self.last_heard_at = self._use_cases.clock()
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / RATE_PER_S)


def _call_error(failed: CallFailed) -> AppError:
    if failed.why is Failure.TIMED_OUT:
        return AppError("station_silent", action=failed.call.action)
    if failed.why is Failure.CLOSED:
        return AppError("station_not_connected")
    if failed.why is Failure.UNREADABLE_ANSWER:
        return AppError("station_answer_unreadable", action=failed.call.action)
    return AppError("station_refused", action=failed.call.action, error=failed.code, description=failed.description)
