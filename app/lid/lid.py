"""Whether the site goes on with Tapdesk closed: station by station, and how to set it right.

lid.of(station_id).check.members            # what a station does with its members' cards
await lid.read(station_id)                  # ask it again for all that is set inside it
done = await lid.set_right(station_id)      # done.not_taken, done.needs_restart
await lid.put_back(done)                    # as it was before

A station is asked by itself only once, after it first came; nothing is written to it but by those.
"""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from app.bus import Bus
from app.configuration import Configuration
from app.database import schema
from app.database.store import Store
from app.domain.card_test import CardTest
from app.domain.commands import CarryOut
from app.domain.errors import AppError
from app.domain.events import StationBooted, StationConnected
from app.domain.lid_check import LidCheck, LidFacts, Seen, check_lid
from app.domain.lid_settings import NAMES, VENDORS_WORDS, OpensTo
from app.domain.list_state import ListStatus
from app.domain.model import Pool, Registration, Station
from app.domain.variables import Variable
from app.lid.setting_right import SetRight, SettingRight, SettingsWritten
from app.lid.testing import CardTests
from app.local_lists import LocalLists, about
from app.pools import Pools
from app.stations import Stations

#: A station that just came has its list to get and its reports to make first.
READ_AFTER_S = 15.0
#: And one after the other, where many came at once.
READ_APART_S = 0.05
#: One that gives no answer is asked again when it comes again, but not for ever.
TRIES = 3


@dataclass(frozen=True, slots=True)
class StationLid:
    """One station alone. `read_at` is when all its settings were last read; `test_holds`: its last test counts."""

    station: Station
    pool: Pool | None
    list: ListStatus
    check: LidCheck
    read_at: datetime | None = None
    test: CardTest | None = None
    test_holds: bool = False


class Lid:
    def __init__(
        self,
        store: Store,
        bus: Bus,
        stations: Stations,
        pools: Pools,
        configuration: Configuration,
        lists: LocalLists,
        tests: CardTests,
        ask_by_itself: CarryOut,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._stations = stations
        self._pools = pools
        self._configuration = configuration
        self._lists = lists
        self.tests = tests
        self._ask_by_itself = ask_by_itself
        self._clock = clock
        self._setting_right = SettingRight(configuration, lists.retry)
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._tries: Counter[str] = Counter()
        bus.subscribe(StationConnected, lambda event: self._came(event.station_id))
        bus.subscribe(StationBooted, lambda event: self._came(event.station_id))

    def of(self, station_id: str) -> StationLid:
        """What a station does with Tapdesk closed, by what is known of it. Raises AppError `station_unknown`."""
        return self._look([self._stations.require(station_id)])[0]

    def all(self) -> list[StationLid]:
        """Every accepted station, by name."""
        return self._look([each for each in self._stations.all() if each.registration is Registration.ACCEPTED])

    def worked_out(self) -> list[StationLid]:
        """Every accepted station by what is kept, for whoever serves no stations. It blocks."""
        statuses = {status.station_id.casefold(): status for status in self._lists.worked_out()}
        return self._look(self._lists.accepted(), statuses)

    async def read(self, station_id: str) -> None:
        """Ask a station for all that is set inside it. Raises AppError as `Configuration.read` does."""
        await self._configuration.read(self._stations.require(station_id).station_id)

    async def set_right(self, station_id: str) -> SetRight:
        """Write what is not as it should be, and read each back; a setting that a station refuses keeps no other back.

        It is asked first what they are: all it has, where it never was. Raises AppError `station_unknown`, and those of
        `Configuration.write` when the station does not answer; what was written by then stays, and is
        `last_set_right`.
        """
        station = self._stations.require(station_id)
        await self._read_what_would_change(station.station_id)
        to_change = self.of(station.station_id).check.to_change
        return await self._setting_right.write(station.station_id, to_change, self._clock())

    def last_set_right(self, station_id: str) -> SetRight | None:
        """What was last set right of a station since the program runs and can be put back."""
        return self._setting_right.last(station_id)

    async def put_back(self, done: SetRight) -> SettingsWritten:
        """Write back what was before, and read it back. Raises as `SettingRight.put_back`."""
        return await self._setting_right.put_back(done)

    async def close(self) -> None:
        """Ask nothing any more, and end what is tried out."""
        tasks = tuple(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.tests.close()

    async def _read_what_would_change(self, station_id: str) -> None:
        """What is put back later is what it was then. A station that refuses that may be set all the same."""
        if self._configuration.read_in_full_at(station_id) is None:
            await self.read(station_id)
        elif names := [each.name for each in self.of(station_id).check.to_change]:
            try:
                await self._configuration.read(station_id, names)
            except AppError as error:
                if error.code not in ("station_refused", "station_answer_unreadable"):
                    raise

    # What is known

    def _look(self, stations: Sequence[Station], statuses: Mapping[str, ListStatus] | None = None) -> list[StationLid]:
        one = stations[0].station_id if len(stations) == 1 else None
        variables, read_at = self._variables(one), self._read_at()
        pools = {summary.pool.id: summary.pool for summary in self._pools.all()}
        tests = self.tests.all()
        found = []
        for station in stations:
            key = station.station_id.casefold()
            pool = None if station.pool_id is None else pools.get(station.pool_id)
            status = self._lists.of(station.station_id) if statuses is None else statuses[key]
            found.append(self._lid(station, pool, status, variables.get(key, []), read_at.get(key), tests.get(key)))
        return found

    def _lid(
        self,
        station: Station,
        pool: Pool | None,
        status: ListStatus,
        variables: Iterable[Variable],
        read_at: datetime | None,
        test: CardTest | None,
    ) -> StationLid:
        told = tuple(variables)
        holds = test is not None and test.holds_for(told, about(station))
        facts = LidFacts(
            _opens_to(pool),
            station.ocpp_version,
            told,
            read_at is not None,
            status.state,
            list_known=status.version is not None,
            members=status.members,
            held=status.count,
            still_open=status.still_open,
            memory_is_stale=status.cache_stale_since is not None,
            seen=test.seen if test is not None and holds else Seen(),
        )
        return StationLid(station, pool, status, check_lid(facts), read_at, test, holds)

    def _variables(self, station_id: str | None) -> dict[str, list[Variable]]:
        """What stations told of the settings that may decide, in one read: a 2.x station has hundreds of others."""
        rows = schema.station_variables.c
        names = [name for both in NAMES.values() for name in both if name]
        plain: ColumnElement[str] = rows.name
        for mark in "_-. ":
            plain = func.replace(plain, mark, "")
        vendors = (plain.icontains(word) for word in VENDORS_WORDS)
        query = select(schema.station_variables).where(or_(rows.name.in_(names), *vendors))
        if station_id is not None:
            query = query.where(rows.station_id == station_id)
        found: dict[str, list[Variable]] = defaultdict(list)
        for row in self._store.reader.execute(query.order_by(rows.name)).mappings():
            variable = Variable(row["name"], row["value"], row["read_only"], row["read_at"])
            found[row["station_id"].casefold()].append(variable)
        return found

    def _read_at(self) -> dict[str, datetime]:
        rows = self._store.reader.execute(select(schema.station_reads))
        return {station_id.casefold(): read_at for station_id, read_at in rows}

    # Asking once

    def _came(self, station_id: str) -> None:
        key = station_id.casefold()
        station = self._stations.find(station_id)
        if station is None or station.registration is not Registration.ACCEPTED:
            return
        if key in self._reading or self._tries[key] >= TRIES:
            return
        if self._configuration.read_in_full_at(station_id) is None:
            after_s = READ_AFTER_S + READ_APART_S * len(self._reading)
            self._reading[key] = task = asyncio.create_task(self._read_once(station.station_id, after_s))
            task.add_done_callback(lambda _task: self._reading.pop(key))

    async def _read_once(self, station_id: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        if self._configuration.read_in_full_at(station_id) is not None:
            return
        self._tries[station_id.casefold()] += 1
        with contextlib.suppress(AppError):
            await self._configuration.read(station_id, ask=self._ask_by_itself)


def _opens_to(pool: Pool | None) -> OpensTo:
    if pool is None:
        return OpensTo.NOBODY
    return OpensTo.ANYBODY if pool.free_vend else OpensTo.LISTED
