"""Sends what waits in the outbox, one letter at a time, for as long as the program runs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from app.database.store import Store
from app.domain.errors import AppError
from app.domain.letters import Letter
from app.mail import outbox
from app.mail.way import Way

if TYPE_CHECKING:
    from app.mail.delivery import MailServer

Result = TypeVar("Result")

#: Seconds after which it looks again, whatever it was told: clocks are set, laptops sleep.
LOOK_EVERY_S = 30.0
#: Letters for one connection.
AT_ONCE = 50
DISK_AGAIN_S = 1.0
#: How long the end of the program waits for the answer to a letter that is out.
FINISH_WITHIN_S = 5.0

NEVER_TAKEN = frozenset({"mail_recipient_refused", "mail_refused"})
UNSURE = "mail_unsure"


class Postman:
    """`find_way` gives the way to the server, None while there is none; `changed` is called when a letter changed.

    A letter is marked before its text leaves. One that was marked, and of which nobody knows whether it arrived, is
    left to the operator: nothing here sends it again.
    """

    def __init__(
        self,
        store: Store,
        find_way: Callable[[], Awaitable[Way | None]],
        clock: Callable[[], datetime],
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._find_way = find_way
        self._clock = clock
        self._changed = changed
        self._running: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._ending = False
        self._text_is_out = False
        self._was_kept_out = False
        self._hurried = False

    def start(self) -> None:
        """Send from now on; first, what was being sent when the program ended becomes unsure."""
        self._ending = False
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Send no more. A letter whose text is out is given a few seconds to be taken."""
        running, self._running = self._running, None
        if running is None:
            return
        self._ending = True
        if self._text_is_out:
            await asyncio.wait({running}, timeout=FINISH_WITHIN_S)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with contextlib.suppress(AppError):
            await self._store.write(outbox.recover)

    def look(self) -> None:
        """There may be something to do."""
        self._woken.set()

    def hurry(self) -> None:
        """What kept letters from being sent may be gone: try them all now."""
        self._hurried = True
        self.look()

    async def _run(self) -> None:
        if await self._insist(outbox.recover):
            self._changed()
        # With the program a network, a password or a setting may have come.
        self._hurried = True
        while not self._ending:
            self._woken.clear()
            try:
                pause_s = await self._round()
            except AppError:
                # The disk takes nothing: what cannot be marked is not sent.
                await asyncio.sleep(DISK_AGAIN_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()

    async def _round(self) -> float:
        """Send what is due, over one connection; the seconds until there is more. Raises AppError `disk_…`."""
        if self._hurried:
            await self._store.write(lambda connection: outbox.hurry(connection, self._clock()))
            self._hurried = False
        due_at = outbox.next_due(self._store.reader)
        if due_at is None or due_at > self._clock():
            return LOOK_EVERY_S if due_at is None else min(LOOK_EVERY_S, (due_at - self._clock()).total_seconds())
        way = await self._find_way()
        if way is None:
            return LOOK_EVERY_S
        # It takes a while to load, and most sites send no letters.
        await asyncio.to_thread(import_module, "aiosmtplib")
        from app.mail.delivery import mail_server

        try:
            async with mail_server(way) as server:
                if self._was_kept_out:
                    # It is there again: nothing has to wait any longer for it to be.
                    await self._store.write(lambda connection: outbox.hurry(connection, self._clock()))
                    self._was_kept_out = False
                for letter in outbox.due(self._store.reader, self._clock(), AT_ONCE):
                    await self._send(server, letter)
                    if self._ending or not server.is_open:
                        break
        except AppError as error:
            if not error.code.startswith("mail_"):
                raise
            self._was_kept_out = True
            await self._put_off(outbox.due(self._store.reader, self._clock()), error)
        return 0.0

    async def _send(self, server: "MailServer", letter: Letter) -> None:
        async def before_text() -> bool:
            self._text_is_out = True
            return await self._store.write(lambda connection: outbox.begin(connection, letter.id))

        try:
            await server.deliver(letter, before_text)
        except AppError as error:
            if not error.code.startswith("mail_"):
                raise
            await self._note_failure(letter, error)
        else:
            now = self._clock()
            await self._insist(lambda connection: outbox.sent(connection, letter.id, now))
        finally:
            self._text_is_out = False
        self._changed()

    async def _note_failure(self, letter: Letter, error: AppError) -> None:
        problem = _problem(error)
        if error.code == UNSURE:
            await self._insist(lambda connection: outbox.unsure(connection, letter.id, problem))
        elif error.code in NEVER_TAKEN:
            await self._insist(lambda connection: outbox.refused(connection, letter.id, problem))
        else:
            await self._put_off([letter], error)

    async def _put_off(self, tried: Sequence[Letter], error: AppError) -> None:
        now, problem = self._clock(), _problem(error)
        await self._insist(lambda connection: outbox.put_off(connection, tried, now, problem))
        self._changed()

    async def _insist(self, write: Callable[[Connection], Result]) -> Result:
        """Write what happened, however long the disk takes nothing: nothing else may be sent before that is kept."""
        while True:
            try:
                return await self._store.write(write)
            except AppError:
                await asyncio.sleep(DISK_AGAIN_S)


def _problem(error: AppError) -> str:
    """The server's own words; the code of what else it was."""
    return str(error.params.get("why") or error.code)
