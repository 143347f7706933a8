"""One station's connection for as long as it lives: what comes in is answered, what we ask goes out.

Answers that need no disk (a card held to the reader, a heartbeat) are given at once. Reports are stored first,
in the order in which they came, by a task of their own: while the disk takes nothing they wait there, not
acknowledged, and cards are still decided.
"""

import asyncio
import contextlib
import logging
import re
import time
from typing import Any

from websockets.exceptions import ConnectionClosed

from app.csms.door.sockets import StationSocket
from app.csms.reading.repair import FieldRepair, Fields
from app.csms.rpc.conversation import (
    Answered,
    AnswerRefused,
    Call,
    CallFailed,
    Conversation,
    LateAnswer,
    Received,
    Repeated,
    Unreadable,
)
from app.csms.rpc.ocpp_j import ErrorCode
from app.csms.station.acquaintance import Acquaintance
from app.csms.station.logbook import Arrival, Logbook
from app.csms.station.outgoing import OutgoingCalls
from app.csms.station.reports import WaitingReports, stored
from app.csms.use_cases import Caller, UseCases
from app.csms.versions.dialect import BOOT, Dialect, Outcome, RefuseError, Report
from app.csms.versions.forms import CALL_TIMEOUT_S, Answer, form_of
from app.domain.commands import Command, Result, StartCharge
from app.domain.errors import AppError
from app.domain.model import Registration
from app.domain.security import SecurityProfile
from app.habits import Habits
from app.journal import Journal

logger = logging.getLogger(__name__)

#: What a station told us before its connection broke is stored all the same, if that does not take long.
FINISH_WITHIN_S = 2.0
CLOSE_WITHIN_S = 2.0
WAIT_AFTER_END_S = 0.1
#: So many messages in a row, then the other stations have a turn.
TURN = 8


#: Stations set their clock by the answers to these.
TELL_THE_TIME = frozenset({BOOT, "Heartbeat"})
_WHOLE_SECOND = re.compile(r"(\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z\b")


class StationLink:
    def __init__(
        self,
        socket: StationSocket,
        station_id: str,
        dialect: Dialect,
        *,
        use_cases: UseCases,
        journal: Journal,
        registration: Registration,
        acquaintance: Acquaintance,
        habits: Habits,
    ) -> None:
        self.station_id = station_id
        #: What the operator says of the station now.
        self.registration = registration
        self.acquaintance = acquaintance
        #: How the operator wants it to be treated now.
        self.habits = habits
        self.last_heard_at = use_cases.clock()
        self.dialect = dialect
        self._socket = socket
        self._use_cases = use_cases
        self._next_message_id = journal.next_message_id
        self._conversation = Conversation(dialect.rules, id_prefix=f"{journal.next_message_id():x}-")
        self._logbook = Logbook(journal, station_id, use_cases.clock, lambda: self.registration)
        self._calls = OutgoingCalls(self._conversation, self._logbook, self._send, acquaintance, self._hang_up)
        self._reports = WaitingReports(self._deal_with)
        self._pace = acquaintance.pace
        self._closing = False
        self._hanging_up: asyncio.Task[None] | None = None

    @property
    def never_pongs(self) -> bool:
        """Whether the station is known to answer no ping."""
        return self.acquaintance.never_pongs

    @property
    def own_address(self) -> str:
        """The address of this machine by which the station came."""
        return self._socket.own_address

    @property
    def proved(self) -> SecurityProfile:
        """What the station proved when it was let in."""
        return self._socket.proved

    @property
    def address(self) -> str:
        return self._socket.peer

    @property
    def named_itself(self) -> bool:
        """Whether it said who it is, or is only known by its address."""
        return self._socket.named_itself

    @property
    def over_tls(self) -> bool:
        return self._socket.over_tls

    @property
    def silent_for_s(self) -> float:
        """Seconds since the last byte of any kind came."""
        return time.monotonic() - self._socket.heard_at

    async def serve(self) -> None:
        """Answer the station until the connection ends."""
        storing = asyncio.create_task(self._reports.run())
        try:
            with contextlib.suppress(ConnectionClosed):
                while not self._closing:
                    data = await self._socket.recv()
                    now = time.monotonic()
                    self.last_heard_at = self._use_cases.clock()
                    await self._take(self._conversation.receive(data, now), now)
                    self._calls.go_on()
                    await self._keep_pace(len(data))
        finally:
            if self._socket.compressed_unasked:
                self.acquaintance.compressed(time.monotonic())
            elif not self._closing:
                self.acquaintance.broke_off(time.monotonic())
            self._calls.close()
            await self._reports.finish(FINISH_WITHIN_S)
            storing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await storing

    async def call(self, action: str, payload: dict[str, Any], timeout_s: float = CALL_TIMEOUT_S) -> dict[str, Any]:
        """Ask the station something and give the payload of its answer. Raises AppError as `OutgoingCalls.ask` does."""
        return await self._calls.ask(action, payload, timeout_s)

    async def carry_out(self, command: Command[Result], *, by_itself: bool = False) -> Result:
        """Ask the station to do something, in its version's words, and give what its answer comes down to.

        `by_itself`: no operator asked for it. Raises AppError as `OutgoingCalls.ask` does, `command_not_in_version`,
        `station_refused` for a status that means no, and `station_breaks_off` for what is not asked by itself any more.
        """
        form = form_of(self.dialect.forms, command)
        if by_itself and self.acquaintance.breaks_off_at(form.action):
            raise AppError("station_breaks_off", action=form.action)
        payload = form.payload(command)
        if isinstance(command, StartCharge) and "remoteStartId" in payload:
            # Before it is asked: stations tell of the charge before they answer.
            self.acquaintance.remote_starts.asked(payload["remoteStartId"], command.raw_id_tag)
        answer = await self._calls.ask(form.action, payload, form.timeout_s)
        result: Result = form.read(Answer(form.action, answer, self._use_cases.clock()))
        return result

    async def is_alive(self, within_s: float) -> bool:
        """Whether anything at all comes from the station within that time, asked with a ping."""
        asked_at = time.monotonic()
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            # A peer that does not read keeps even the ping from being sent.
            async with asyncio.timeout(within_s):
                await (await self._socket.ping())
            self.acquaintance.never_pongs = False
            return True
        alive = self._socket.heard_at > asked_at
        self.acquaintance.never_pongs |= alive
        return alive

    async def close(self, code: int, reason: str) -> None:
        """Close the connection; a peer that does not answer that is not waited for long."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._socket.close(code, reason)
        self._socket.transport.abort()

    def _hang_up(self) -> None:
        self._hanging_up = asyncio.ensure_future(self.close(1001, "no answers"))

    async def _keep_pace(self, characters: int) -> None:
        wait_s = self._pace.after(characters)
        if wait_s > 0:
            # What is left to read of a connection that has ended is not worth waiting long for.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._socket.wait_closed()
                    await asyncio.sleep(WAIT_AFTER_END_S)
        elif self._pace.messages % TURN == 0:
            await asyncio.sleep(0)

    async def _take(self, received: Received, now: float) -> None:
        match received:
            case Call():
                await self._answer(received, now)
            case Repeated():
                await self._send(self._written(received.reply))
            case Answered() | CallFailed():
                self._calls.ended(received)
            case LateAnswer():
                self._calls.answered_late(received)
            case AnswerRefused():
                self._logbook.answer_refused(received)
            case Unreadable():
                if received.reply:
                    await self._send(received.reply)
                self._logbook.unreadable(received)

    async def _answer(self, call: Call, now: float) -> None:
        at = self._use_cases.clock()
        remote_starts = self.acquaintance.remote_starts
        caller = Caller(self.station_id, self._socket.peer, self._next_message_id(), remote_starts)
        arrival = Arrival(call, self.dialect.action_meant(call.action), caller, at, now, Fields(call.payload, at))
        if arrival.action != call.action:
            arrival.fields.repairs.append(FieldRepair.ACTION_SPELLING)
        try:
            self._refuse_strangers(arrival.action)
            entry = self.dialect.entry_for(arrival.action)
            if isinstance(entry, Report):
                await self._report(arrival, entry)
                return
            answer = entry.handle(self._use_cases, caller, arrival.fields)
            outcome = answer if isinstance(answer, Outcome) else await answer
        except RefuseError as refusal:
            await self._refuse(arrival, refusal.code, refusal.description)
        except Exception:
            logger.exception("Answering %s of %s failed", arrival.action, self.station_id)
            await self._refuse(arrival, ErrorCode.INTERNAL_ERROR)
        else:
            await self._reply(arrival, outcome)

    def _refuse_strangers(self, action: str) -> None:
        """Until the operator lets it in, a station may only say who it is (OCPP-J 1.6 errata §5.6)."""
        if action != BOOT and self.registration is not Registration.ACCEPTED:
            raise RefuseError(ErrorCode.SECURITY_ERROR, "The station is not accepted yet")

    async def _report(self, arrival: Arrival, report: Report) -> None:
        if arrival.action == BOOT:
            self._calls.boot_came()
            self.acquaintance.booted(time.monotonic())
        if await self._reports.put(arrival, report):
            return
        # Not answered at all, since an error would say that the report is wrong; ended here, to be heard when repeated.
        self._conversation.refuse(arrival.call, ErrorCode.INTERNAL_ERROR)
        if arrival.action == BOOT:
            self._calls.boot_answered()

    async def _deal_with(self, arrival: Arrival, report: Report) -> None:
        try:
            outcome = await stored(self._use_cases, arrival, report)
        except Exception:
            logger.exception("Keeping %s of %s failed", arrival.action, self.station_id)
            await self._refuse(arrival, ErrorCode.INTERNAL_ERROR)
        else:
            await self._reply(arrival, outcome)
        if arrival.action == BOOT:
            self._calls.boot_answered()

    async def _reply(self, arrival: Arrival, outcome: Outcome) -> None:
        if arrival.fields.times:
            self.acquaintance.clock.said(arrival.fields.times[-1], arrival.at)
        if arrival.action in TELL_THE_TIME:
            self.acquaintance.clock.was_told()
        if self.habits.answer_delay_ms:
            await asyncio.sleep(self.habits.answer_delay_ms / 1000)
        text = self._written(self._conversation.answer(arrival.call, outcome.payload))
        await self._send(text)
        self._logbook.answered(arrival, text, outcome.summary, outcome.tap, outcome.reason)

    async def _refuse(self, arrival: Arrival, code: ErrorCode, description: str = "") -> None:
        text = self._conversation.refuse(arrival.call, code, description)
        await self._send(text)
        self._logbook.answered(arrival, text, self.dialect.spelled(code))

    def _written(self, text: str) -> str:
        return _WHOLE_SECOND.sub(r"\1.000Z", text) if self.habits.milliseconds else text

    async def _send(self, text: str) -> None:
        if not text:
            return
        # The reading side notices a closed connection and ends everything.
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(text)
