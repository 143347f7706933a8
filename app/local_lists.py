"""The lists that stations keep themselves, for whoever looks after the site: what each should hold, what it holds.

local_lists.of(station_id).state                # in step, waiting, too small, …
local_lists.contents(station_id)                # card by card: as it should be, and as it is
await local_lists.retry(station_id)             # try again what was given up

What is sent, and when, is `csms.list_sync`'s.
"""

import asyncio
import functools
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from app.bus import Bus
from app.database import facts, list_rows
from app.database.list_rows import KeptList
from app.database.store import Store
from app.domain.access import Status
from app.domain.errors import AppError
from app.domain.events import ListRetryAsked, LocalListsChanged
from app.domain.list_record import Record, Support
from app.domain.list_state import (
    ListRow,
    ListState,
    ListStatus,
    Presence,
    is_in_step,
    missing_passes,
    side_by_side,
    state_of,
    still_open,
)
from app.domain.local_list import Entry, Piece
from app.domain.model import OcppVersion, Registration, Station
from app.domain.wanted_list import Admission, Wanted, admission, habit_of
from app.stations import Stations

Result = TypeVar("Result")

#: What is said only of a list that was held against what it should be.
WELL = frozenset({ListState.IN_STEP, ListState.NOT_NEEDED, ListState.TOO_SMALL, ListState.INCOMPLETE})

#: CiString20 of an idTag (1.6 §7.28); identifierString[36] of an idToken in 2.0.1, [255] in 2.1 (IdTokenType).
LONGEST_RAW = {OcppVersion.V16: 20, OcppVersion.V201: 36, OcppVersion.V21: 255}


@dataclass(frozen=True, slots=True)
class ListView:
    """Everything about one station's list at a moment."""

    station: Station
    admission: Admission
    wanted: tuple[Wanted, ...]
    unsendable: tuple[int, ...]
    kept: KeptList
    held: dict[str, Entry] = field(repr=False)
    #: Of what it should hold, when this was read.
    generation: int = 0

    @property
    def record(self) -> Record:
        return self.kept.record

    @property
    def in_step(self) -> bool:
        return is_in_step(self.wanted, self.record, self.held)


class LocalLists:
    def __init__(self, store: Store, bus: Bus, stations: Stations, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._stations = stations
        self._clock = clock
        self._statuses: dict[str, ListStatus] = {}
        self._judged: dict[str, int] = {}
        self._presences: dict[str, Presence] = {}
        self._admissions: dict[tuple[int | None, int | None], Admission] = {}
        self._valid: set[tuple[int | None, int | None]] = set()
        self._generation = 0
        # One thread: what lists should hold is worked out beside the loop, and not by several threads at a time.
        self._thread = ThreadPoolExecutor(1, "local lists")

    def close(self) -> None:
        """End the thread in which lists are worked out."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    # For people

    def all(self) -> list[ListStatus]:
        """How the list of every accepted station stands, as last worked out; those not looked at yet are waiting."""
        return [self.of(station.station_id) for station in self.accepted()]

    def of(self, station_id: str) -> ListStatus:
        """How a station's list stands, as last worked out.

        It waits when what it should be may have changed since, or when the station came back and has not said yet what
        it holds.
        """
        known = self._statuses.get(station_id.casefold())
        if known is None:
            return ListStatus(station_id, ListState.WAITING)
        presence = self.presence(station_id)
        is_sure = presence.checked or not presence.connected
        is_sure = is_sure and self._judged.get(station_id.casefold()) == self._generation
        return known if is_sure or known.state not in WELL else replace(known, state=ListState.WAITING)

    def worked_out(self) -> list[ListStatus]:
        """How the list of every accepted station stands by what is kept, for whoever serves no stations. It blocks."""
        now = self._clock()
        views = (self.view(station) for station in self.accepted())
        return [status_of(view, self.presence(view.station.station_id), now) for view in views]

    def contents(self, station_id: str) -> list[ListRow]:
        """A station's list beside what it should be, card by card, what differs first. Raises `station_unknown`."""
        view = self.view(self._stations.require(station_id))
        return side_by_side(view.wanted, view.record, view.held)

    def wanted(self, station_id: str) -> tuple[Wanted, ...]:
        """What a station's list should hold, the most wanted first. Raises AppError `station_unknown`."""
        return self.view(self._stations.require(station_id)).wanted

    def version_of(self, station_id: str) -> OcppVersion:
        """What a station speaks; 1.6 while nobody knows. Raises AppError `station_unknown`."""
        return self._stations.require(station_id).ocpp_version or OcppVersion.V16

    def wanted_of_pool(self, pool_id: int) -> tuple[Wanted, ...]:
        """What the list of any new station of a pool should hold, in the UIDs' own spelling."""
        admitted = self._admission(self._store.fast_reader, pool_id, None)
        return admitted.spelled({}, habit_of(()), max(LONGEST_RAW.values())).wanted

    def with_cards_still_open(self) -> list[ListStatus]:
        """Stations whose lists still let cards charge that should not, the longest since first."""
        found = [status for status in self.all() if status.still_open]
        return sorted(found, key=lambda status: (status.open_since is None, status.open_since))

    async def retry(self, station_id: str) -> None:
        """Try anew, soon: forget that the list is not supported, too small or failing.

        Whoever serves the station hears of it within half a minute, also from another process. Raises AppError
        `station_unknown`, `station_not_let_in`.
        """
        station = self._stations.require(station_id)
        if self.accepted_one(station_id) is None:
            raise AppError("station_not_let_in", station_id=station.station_id)
        kept = list_rows.kept_list(self._store.fast_reader, station.station_id)
        await self.keep(station, kept.record.tried_anew())
        self.announce(await self.look_again(station))
        self._bus.publish(ListRetryAsked(station.station_id))

    # For whoever keeps them in step

    def accepted_one(self, station_id: str) -> Station | None:
        """The station, when its list is looked after."""
        station = self._stations.find(station_id)
        return station if station is not None and station.registration is Registration.ACCEPTED else None

    def has_spelling(self, station_id: str, raw: str) -> bool:
        """Whether a station's list holds this very spelling of a card."""
        return list_rows.has_entry(self._store.fast_reader, station_id, raw)

    async def retries_asked_elsewhere(self) -> set[str]:
        """Stations whose lists were tried since they came, and of which nothing is known any more: another process said
        `retry`.
        """
        blank = await self.beside_the_loop(lambda: list_rows.untried(self._store.fast_reader))
        return {each for each in blank if (presence := self.presence(each)).tried and not presence.sending}

    async def note_conflict(self, station_id: str) -> None:
        """A station said that its list says otherwise than we do: then it does not hold what we believe."""
        await self._store.write(lambda connection: list_rows.note_conflict(connection, station_id, self._clock()))

    async def note_stale_cache(self, station_id: str) -> None:
        """Somebody may no longer charge at a station that may remember whom it let charge before."""
        await self._store.write(lambda connection: list_rows.note_stale_cache(connection, station_id, self._clock()))

    async def note_cleared_cache(self, station_id: str, since: datetime) -> None:
        """A station forgot whom it let charge; what became stale after `since` is still to be forgotten."""
        await self._store.write(lambda connection: list_rows.note_cleared_cache(connection, station_id, since))

    def forget_admissions(self) -> None:
        """Who may charge changed: what lists should hold is read again when it is next asked for."""
        self._generation += 1
        self._valid.clear()

    @property
    def changes_at(self) -> datetime | None:
        """When time alone changes next what some list should hold."""
        moments = (self._admissions[key].changes_at for key in self._valid)
        return min((at for at in moments if at is not None), default=None)

    async def admission(self, station: Station) -> Admission:
        """Whom a station's pool admits; the very same object as before while that is the same."""
        read = functools.partial(self._admission, pool_id=station.pool_id, host_id=station.host_id)
        return await self.beside_the_loop(lambda: read(self._store.fast_reader))

    @property
    def generation(self) -> int:
        """Another one after each change of who may charge."""
        return self._generation

    def still_stands(self, station_ids: Iterable[str], generation: int) -> None:
        """Say that what these lists should be is in this generation what it was before."""
        unchanged = tuple(each for each in station_ids if self._judged.get(each.casefold(), generation) != generation)
        self._judged.update((station_id.casefold(), generation) for station_id in unchanged)
        if unchanged:
            self._bus.publish(LocalListsChanged(unchanged))

    def presence(self, station_id: str) -> Presence:
        """What is known of a station's presence."""
        return self._presences.get(station_id.casefold(), Presence())

    def set_presence(self, station_id: str, presence: Presence) -> None:
        """Say whether a station is here and being written."""
        self._presences[station_id.casefold()] = presence

    def view(self, station: Station) -> ListView:
        """Everything about a station's list now. Thousands of cards take some hundredths of a second."""
        reader, generation = self._store.fast_reader, self._generation
        kept = _as_known(list_rows.kept_list(reader, station.station_id), station)
        admitted = self._admission(reader, station.pool_id, station.host_id)
        forms = list_rows.forms(reader, station.station_id)
        habit = habit_of(form for spellings in forms.values() for form in spellings)
        longest = LONGEST_RAW[station.ocpp_version or OcppVersion.V16]
        spelled = admitted.spelled(forms, habit, longest)
        held = list_rows.held(reader, station.station_id, {each.entry.raw: each.entry for each in spelled.wanted})
        return ListView(station, admitted, spelled.wanted, spelled.unsendable, kept, held, generation)

    async def look(self, station: Station) -> ListView:
        """As `view`, beside the loop."""
        return await self.beside_the_loop(lambda: self.view(station))

    async def look_again(self, station: Station) -> ListStatus:
        """Work out how a station's list stands, and keep since when it is not what it should be."""
        return await self.judge(await self.look(station))

    async def judge(self, view: ListView) -> ListStatus:
        """How the list in a view stands; that is what is said of it from now on."""
        station_id, now = view.station.station_id, self._clock()
        presence = self.presence(station_id)
        status = await self.beside_the_loop(lambda: status_of(view, presence, now))
        before = (view.kept.out_of_step_since, view.kept.still_open_since)
        if (status.since, status.open_since) != before:
            await self._store.write(lambda connection: _note_since(connection, status))
        self._statuses[station_id.casefold()] = status
        self._judged[station_id.casefold()] = view.generation
        return status

    def progress(self, station_id: str, count: int, wanted: int, piece: int) -> None:
        """Say how many of the entries arrived at a station that gets them, and how many go in one message (0: all)."""
        status = replace(self.of(station_id), state=ListState.SENDING, count=count, wanted=wanted, piece=piece)
        self.announce(status)

    def announce(self, status: ListStatus) -> None:
        """Tell everyone how a station's list stands now."""
        self._statuses[status.station_id.casefold()] = status
        self._bus.publish(LocalListsChanged((status.station_id,)))

    async def keep(
        self, station: Station, record: Record, taken: Iterable[Piece] = (), *, confirmed_at: datetime | None = None
    ) -> None:
        """Keep what is known of a list and what the station took. Raises AppError `disk_…`."""
        pieces, which, what = tuple(taken), about(station), station.station_id
        await self._store.write(
            lambda connection: list_rows.keep(connection, what, record, which, confirmed_at, pieces)
        )

    def _admission(self, reader: sqlite3.Connection, pool_id: int | None, host_id: int | None) -> Admission:
        key, now, generation = (pool_id, host_id), self._clock(), self._generation
        known = self._admissions.get(key)
        if known is not None and key in self._valid and (known.changes_at is None or known.changes_at > now):
            return known
        found = Admission()
        if pool_id is not None:
            found = admission(facts.admissible(reader, pool_id, host_id, now), now)
        if known == found:
            found = known
        if generation == self._generation:
            self._admissions[key] = found
            self._valid.add(key)
        return found

    async def beside_the_loop(self, work: Callable[[], Result]) -> Result:
        """Do what takes a while in the thread in which lists are worked out."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def accepted(self) -> Sequence[Station]:
        """The stations whose lists are looked after."""
        return [station for station in self._stations.all() if station.registration is Registration.ACCEPTED]


def _note_since(connection: Connection, status: ListStatus) -> None:
    list_rows.note_out_of_step(connection, status.station_id, status.since)
    list_rows.note_still_open(connection, status.station_id, status.open_since)


def _as_known(kept: KeptList, station: Station) -> KeptList:
    """What may be believed of what was kept."""
    record = kept.record
    if kept.about != about(station) and record.support is not Support.UNKNOWN:
        # Another device in its place, or another firmware: only its versions are not used again.
        record = record.tried_anew()
    if kept.conflict_at is not None and (kept.confirmed_at is None or kept.conflict_at > kept.confirmed_at):
        record = replace(record, version=None)
    return replace(kept, record=record)


def about(station: Station) -> str:
    """Which device this is, as far as it says."""
    return f"{station.vendor}\n{station.model}\n{station.serial_number}\n{station.firmware}"


def status_of(view: ListView, presence: Presence, now: datetime) -> ListStatus:
    """How the list in a view stands."""
    record, in_step = view.record, view.in_step
    missing = tuple(missing_passes(view.wanted, view.unsendable, record))
    still = still_open(view.wanted, view.held) if view.admission.is_needed else 0
    state = state_of(record, presence, missing, in_step=in_step, is_needed=view.admission.is_needed)
    return ListStatus(
        station_id=view.station.station_id,
        state=state,
        version=record.version,
        count=len(view.held),
        wanted=len(view.wanted),
        members=len({each.pass_id for each in view.wanted if each.entry.status is Status.ACCEPTED}),
        capacity=record.limits.capacity,
        missing=missing,
        still_open=still,
        open_since=(view.kept.still_open_since or now) if still else None,
        since=None if in_step else view.kept.out_of_step_since or now,
        confirmed_at=view.kept.confirmed_at,
        conflict_at=view.kept.conflict_at,
        cache_stale_since=view.kept.cache_stale_since,
        trouble=record.trouble,
        detail=record.detail,
        attempts=record.attempts,
        next_try_at=record.next_try_at,
    )
