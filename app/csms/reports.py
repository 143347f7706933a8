"""What one station reports, on its way to the disk: stored in the order it came and not acknowledged before.

While the disk takes nothing, reports wait here. Only so many do: then the station is read more slowly, and what still
finds no room is left for the station to tell again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from app.csms.logbook import Arrival
from app.csms.ocpp16 import Outcome, Report
from app.csms.use_cases import UseCases
from app.domain.errors import AppError

STORE_AGAIN_S = 1.0
WAITING_LIMIT = 256
WAITING_LIMIT_CHARACTERS = 2**20
ROOM_WITHIN_S = 1.0


class WaitingReports:
    """`stored` is called with each report and its outcome, `failed` with one that could not be dealt with at all."""

    def __init__(
        self,
        use_cases: UseCases,
        stored: Callable[[Arrival, Outcome], Awaitable[None]],
        failed: Callable[[Arrival], Awaitable[None]],
    ) -> None:
        self._use_cases = use_cases
        self._stored = stored
        self._failed = failed
        self._queue: asyncio.Queue[tuple[Arrival, Report]] = asyncio.Queue()
        self._characters = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    async def put(self, arrival: Arrival, report: Report) -> bool:
        """Take a report when there is room within a second; else False, and it is as if it had not come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROOM_WITHIN_S):
                await self._has_room.wait()
        if not self._has_room.is_set():
            return False
        self._queue.put_nowait((arrival, report))
        self._count(len(arrival.call.raw))
        return True

    async def store(self) -> None:
        """Store what is put, for ever."""
        while True:
            arrival, report = await self._queue.get()
            try:
                await self._deal_with(arrival, report)
            finally:
                self._queue.task_done()
                self._count(-len(arrival.call.raw))

    async def emptied(self, within_s: float) -> bool:
        """Wait until all is dealt with; False when that took longer."""
        try:
            async with asyncio.timeout(within_s):
                await self._queue.join()
        except TimeoutError:
            return False
        return True
