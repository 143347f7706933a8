"""Keeps every station's own list in step with its pool: when something changed, when a station came back, in time.

Changes gather for a moment, so that moving three hundred members is one update of each station. Stations are served
side by side, each one thing at a time; one that is away catches up when it comes back.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from app.bus import Bus
from app.csms.lists.push import ListPush
from app.domain.access import Status
from app.domain.errors import AppError
from app.domain.events import (
    CardTapped,
    IdentitiesChanged,
    ListConflictReported,
    ListRetryAsked,
    OrganizationsChanged,
    PassesChanged,
    PoolsChanged,
    StationBooted,
    StationConnected,
    StationDisconnected,
    StationsChanged,
)
from app.domain.list_state import Presence
from app.domain.model import Station
from app.domain.wanted_list import Admission
from app.local_lists import LocalLists, about

logger = logging.getLogger(__name__)

#: Changes gather until so long nothing more came, but not for longer than that.
QUIET_S = 0.5
GATHER_AT_MOST_S = 3.0
#: A tap is written down a moment after it was answered; then the spelling in it can be read.
TAP_IS_KEPT_AFTER = timedelta(seconds=3)
#: When the disk did not take what there was to keep.
DISK_AGAIN_AFTER = timedelta(seconds=30)
#: Clocks are set, machines sleep, another process asks for a retry: what is due is looked for at least so often.
LOOK_EVERY_S = 30.0


class ListSync:
    def __init__(self, lists: LocalLists, push: ListPush, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._lists = lists
        self._push = push
        self._clock = clock
        self._woken = asyncio.Event()
        self._dirty: set[str] = set()
        self._conflicts: set[str] = set()
        self._due: dict[str, datetime] = {}
        self._seen: dict[str, tuple[Admission, tuple[object, ...]]] = {}
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        for kind in (PoolsChanged, PassesChanged, IdentitiesChanged, OrganizationsChanged):
            bus.subscribe(kind, self._admissions_changed)
        bus.subscribe(StationsChanged, lambda _event: self._woken.set())
        bus.subscribe(StationConnected, self._came)
        bus.subscribe(StationBooted, self._booted)
        bus.subscribe(StationDisconnected, self._went)
        bus.subscribe(ListConflictReported, self._conflicted)
        bus.subscribe(ListRetryAsked, lambda event: self._mark(event.station_id))
        bus.subscribe(CardTapped, self._tapped)

    async def run(self) -> None:
        """Look after the lists until this is cancelled."""
        self._woken.set()
        try:
            while True:
                await self._something_to_do()
                await self._round()
        finally:
            for task in self._serving.values():
                task.cancel()
            await asyncio.gather(*self._serving.values(), return_exceptions=True)

    # What happens

    def _admissions_changed(self, _event: object) -> None:
        self._lists.forget_admissions()
        self._woken.set()

    def _came(self, event: StationConnected) -> None:
        self._look_at(event.station_id, Presence(connected=True))

    def _booted(self, event: StationBooted) -> None:
        if self._lists.presence(event.station_id).connected:
            # It may have lost its list without breaking its connection.
            self._look_at(event.station_id, Presence(connected=True))

    def _went(self, event: StationDisconnected) -> None:
        self._look_at(event.station_id, Presence())

    def _look_at(self, station_id: str, presence: Presence) -> None:
        self._lists.set_presence(station_id, presence)
        self._mark(station_id)

    def _mark(self, station_id: str) -> None:
        self._dirty.add(station_id.casefold())
        self._woken.set()

    def _tapped(self, event: CardTapped) -> None:
        tap = event.tap
        if tap.pass_id is not None and not self._lists.has_spelling(tap.station_id, tap.raw_id_tag):
            self._due_at(tap.station_id, self._clock() + TAP_IS_KEPT_AFTER)

    def _conflicted(self, event: ListConflictReported) -> None:
        self._conflicts.add(event.station_id)
        self._mark(event.station_id)

    def _due_at(self, station_id: str, at: datetime) -> None:
        key = station_id.casefold()
        self._due[key] = min(at, self._due.get(key, at))
        self._woken.set()

    # Waiting

    async def _something_to_do(self) -> None:
        now = self._clock()
        moments = [*self._due.values(), *([at] if (at := self._lists.changes_at) else [])]
        wait_s = min([LOOK_EVERY_S, *((at - now).total_seconds() + 0.01 for at in moments)])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(wait_s, 0.01)):
                await self._woken.wait()
        await self._let_gather()

    async def _let_gather(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GATHER_AT_MOST_S):
                while self._woken.is_set():
                    self._woken.clear()
                    await asyncio.sleep(QUIET_S)
        self._woken.clear()

    # Doing

    async def _round(self) -> None:
        """Look at each station for which something is new, and serve those that are here."""
        dirty, self._dirty = self._dirty | self._take_due(), set()
        dirty |= {station_id.casefold() for station_id in await self._lists.retries_asked_elsewhere()}
        losses: dict[tuple[int, int], bool] = {}
        generation, unchanged = self._lists.generation, []
        for station in self._lists.accepted():
            key = station.station_id.casefold()
            try:
                if await self._is_new(station, losses) or key in dirty:
                    await self._attend(station)
                else:
                    unchanged.append(station.station_id)
            except AppError:
                self._due_at(station.station_id, self._clock() + DISK_AGAIN_AFTER)
        self._lists.still_stands(unchanged, generation)

    async def _is_new(self, station: Station, losses: dict[tuple[int, int], bool]) -> bool:
        """Whether a station's list should be another than when it was last looked at; what follows from that is noted.

        `losses` are answers for the other stations of its pool.
        """
        key, admitted = station.station_id.casefold(), await self._lists.admission(station)
        before, marks = self._seen.get(key, (None, None))
        if station.station_id in self._conflicts:
            await self._lists.note_conflict(station.station_id)
            self._conflicts.discard(station.station_id)
        if before is not None and before is not admitted:
            pair = (id(before), id(admitted))
            if pair not in losses:
                losses[pair] = _loses_somebody(before, admitted)
            if losses[pair]:
                await self._lists.note_stale_cache(station.station_id)
        self._seen[key] = (admitted, _marks(station))
        return before is not admitted or marks != _marks(station)

    def _take_due(self) -> set[str]:
        now = self._clock()
        due = {key for key, at in self._due.items() if at <= now}
        for key in due:
            del self._due[key]
        return due

    async def _attend(self, station: Station) -> None:
        key = station.station_id.casefold()
        if not self._lists.presence(station.station_id).connected:
            status = self._lists.of(station.station_id)
            if await self._lists.look_again(station) != status:
                self._lists.announce(self._lists.of(station.station_id))
        elif key in self._serving:
            self._again.add(key)
        else:
            task = asyncio.create_task(self._serve(station.station_id))
            self._serving[key] = task
            task.add_done_callback(lambda done: self._served(key, done))

    async def _serve(self, station_id: str) -> None:
        key = station_id.casefold()
        self._again.add(key)
        while key in self._again:
            self._again.discard(key)
            station = self._lists.accepted_one(station_id)
            presence = self._lists.presence(station_id)
            if station is None or not presence.connected:
                return
            try:
                status = await self._push.bring_in_step(await self._lists.look(station), presence)
            except AppError:
                self._due_at(station_id, self._clock() + DISK_AGAIN_AFTER)
                return
            if status.next_try_at is not None:
                self._due_at(station_id, status.next_try_at)

    def _served(self, key: str, task: asyncio.Task[None]) -> None:
        del self._serving[key]
        if not task.cancelled() and (error := task.exception()):
            logger.error("Looking after the list of %s failed", key, exc_info=error)
        if key in self._again:
            self._again.discard(key)
            self._mark(key)


def _marks(station: Station) -> tuple[object, ...]:
    """What else decides on a list; when it is another, the list is looked at again."""
    return (station.ocpp_version, about(station))


def _loses_somebody(before: Admission, now: Admission) -> bool:
    if not before.is_needed or not now.is_needed:
        return now.is_needed
    accepted = {each.pass_id for each in now.passes if each.status is Status.ACCEPTED}
    return any(each.status is Status.ACCEPTED and each.pass_id not in accepted for each in before.passes)
