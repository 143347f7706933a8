"""What one station reports, on its way to the disk: stored in the order it came and not acknowledged before.

While the disk takes nothing, reports wait here. Only so many do: then the station is read more slowly, and what still
finds no room is left for the station to tell again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from app.csms.station.logbook import Arrival
from app.csms.use_cases import UseCases
from app.csms.versions.dialect import Outcome, Report
from app.domain.errors import AppError

STORE_AGAIN_S = 1.0
ROOM_WITHIN_S = 1.0
MOST_WAITING = 256
MOST_CHARACTERS_WAITING = 2**20


class WaitingReports:
    """The reports of one connection. `deal_with` is given each in turn; it stores, answers and raises nothing."""

    def __init__(self, deal_with: Callable[[Arrival, Report], Awaitable[None]]) -> None:
        self._deal_with = deal_with
        self._waiting: asyncio.Queue[tuple[Arrival, Report]] = asyncio.Queue()
        self._held = 0
        self._characters = 0
        self._room = asyncio.Event()
        self._room.set()

    async def put(self, arrival: Arrival, report: Report) -> bool:
        """Take a report if there is room for it within a second; False when there is none."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROOM_WITHIN_S):
                await self._room.wait()
        if not self._room.is_set():
            return False
        self._waiting.put_nowait((arrival, report))
        self._count(1, len(arrival.call.raw))
        return True

    async def run(self) -> None:
        """Deal with what is put, one after the other, until cancelled."""
        while True:
            arrival, report = await self._waiting.get()
            try:
                await self._deal_with(arrival, report)
            finally:
                self._count(-1, -len(arrival.call.raw))
                self._waiting.task_done()

    async def finish(self, within_s: float) -> None:
        """Give what waits so much time to be dealt with."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._waiting.join()

    def _count(self, reports: int, characters: int) -> None:
        self._held += reports
        self._characters += characters
        if self._held < MOST_WAITING and self._characters < MOST_CHARACTERS_WAITING:
            self._room.set()
        else:
            self._room.clear()


async def stored(use_cases: UseCases, arrival: Arrival, report: Report) -> Outcome:
    """The outcome of a report once it is on the disk, however long that takes: what the station still holds must not
    be acknowledged before it is safe here.
    """
    while True:
        try:
            return await report.handle(use_cases, arrival.caller, arrival.fields)
        except AppError as fault:
            if not fault.code.startswith("disk_"):
                raise
            await asyncio.sleep(STORE_AGAIN_S)
            arrival.fields.repairs.clear()
