"""The test with cards: a station is left alone for a while, then listened to again, and what it reports is kept.

tests.begin(station_id)                     # from now on nobody answers it; the other stations are served
tests.running(station_id)                   # how far it has come, None when there is none
tests.go_on(station_id)                     # no longer: listen to it again, or do not wait for more
await tests.judge(station_id, Whose.MEMBER, Looked.REFUSED)
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.bus import Bus
from app.configuration import Configuration
from app.database import schema
from app.database.store import Store
from app.domain.card_test import CardTest, Looked, ReportedCharge, RunningTest, Stage, Whose, deciding, reported
from app.domain.errors import AppError
from app.domain.events import CardTestChanged, SessionChanged, StationConnected
from app.domain.instants import from_ms, to_ms
from app.domain.model import Session, Station
from app.local_lists import about
from app.stations import Stations

logger = logging.getLogger(__name__)

#: So long a station is left alone; so long it may take to come back; so long it has to report what it did.
ALONE_S = 120.0
RETURNS_WITHIN_S = 300.0
#: Some report what they charged half a minute after they are back.
TELLS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Doorkeeping:
    """What a test needs of the server: to answer one station no more, to answer it again, and how its clock goes."""

    shut_out: Callable[[str], None]
    let_in: Callable[[str], None]
    clock_ahead: Callable[[str], timedelta]
    connected: Callable[[str], bool]


@dataclass(slots=True)
class _Test:
    """One that goes on."""

    now: RunningTest
    station: Station
    alone_until: datetime
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    sessions: dict[int, Session] = field(default_factory=dict)
    is_back: bool = False


class CardTests:
    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Callable[[], datetime],
        stations: Stations,
        configuration: Configuration,
        doorkeeping: Doorkeeping,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._stations = stations
        self._configuration = configuration
        self._doorkeeping = doorkeeping
        self._tests: dict[str, _Test] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        bus.subscribe(SessionChanged, self._session_changed)
        bus.subscribe(StationConnected, self._connected)

    def running(self, station_id: str) -> RunningTest | None:
        """How far the test of a station has come; None when there is none."""
        test = self._tests.get(station_id.casefold())
        return test.now if test else None

    def last(self, station_id: str) -> CardTest | None:
        """What the last test of a station showed."""
        tests = schema.card_tests
        text = self._store.reader.execute(select(tests.c.test).where(tests.c.station_id == station_id)).scalar()
        return None if text is None else _from_text(station_id, text)

    def all(self) -> dict[str, CardTest]:
        """The last test of every station that had one, by its case-folded identity."""
        rows = self._store.reader.execute(select(schema.card_tests.c.station_id, schema.card_tests.c.test))
        return {station_id.casefold(): _from_text(station_id, text) for station_id, text in rows}

    def begin(self, station_id: str) -> None:
        """Leave a station alone, at once, and only this one.

        Raises AppError `station_unknown`, `card_test_runs`, `station_not_connected`: one that is away now could not be
        told from one that does not come back.
        """
        station = self._stations.require(station_id)
        key = station.station_id.casefold()
        if key in self._tests:
            raise AppError("card_test_runs", name=station.title)
        if not self._doorkeeping.connected(station.station_id):
            raise AppError("station_not_connected", station_id=station.station_id)
        now = self._clock()
        until = now + timedelta(seconds=ALONE_S)
        test = _Test(RunningTest(station.station_id, now, Stage.ALONE, now, until), station, until)
        self._tests[key] = test
        self._tasks[key] = task = asyncio.create_task(self._run(test))
        task.add_done_callback(lambda done: self._ended(key, done))

    def go_on(self, station_id: str) -> None:
        """End the stage that the test of a station is in: what follows begins now."""
        if test := self._tests.get(station_id.casefold()):
            test.go_on.set()

    async def judge(self, station_id: str, whose: Whose, looked: Looked) -> None:
        """Keep what the operator saw at a station in its last test. Raises AppError `card_test_unknown`, `disk_…`."""
        last = self.last(station_id)
        if last is None:
            raise AppError("card_test_unknown", station_id=station_id)
        await self._keep(replace(last, looked={**last.looked, whose: looked}))
        self._bus.publish(CardTestChanged(last.station_id))

    async def forget(self, station_id: str) -> None:
        """What a station showed counts no more."""
        rows = schema.card_tests
        await self._store.write(
            lambda connection: connection.execute(rows.delete().where(rows.c.station_id == station_id))
        )
        self._bus.publish(CardTestChanged(station_id))

    async def close(self) -> None:
        """End every test; the stations are answered again, and nothing is kept of it."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # How one goes

    async def _run(self, test: _Test) -> None:
        station_id = test.station.station_id
        self._doorkeeping.shut_out(station_id)
        try:
            self._bus.publish(CardTestChanged(station_id))
            await self._until(test, ALONE_S)
        finally:
            self._doorkeeping.let_in(station_id)
        test.alone_until = self._clock()
        self._enter(test, Stage.AWAITED, RETURNS_WITHIN_S)
        await self._until(test, RETURNS_WITHIN_S)
        if test.is_back:
            self._enter(test, Stage.TELLING, TELLS_WITHIN_S)
            await self._until(test, TELLS_WITHIN_S)
        await self._conclude(test)

    async def _until(self, test: _Test, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await test.go_on.wait()
        test.go_on.clear()

    def _enter(self, test: _Test, stage: Stage, seconds: float) -> None:
        now = self._clock()
        test.now = replace(test.now, stage=stage, since=now, until=now + timedelta(seconds=seconds))
        self._bus.publish(CardTestChanged(test.station.station_id))

    async def _conclude(self, test: _Test) -> None:
        station = test.station
        ahead = self._doorkeeping.clock_ahead(station.station_id)
        charges = reported(test.sessions.values(), test.now.began_at, test.alone_until, ahead)
        settings = deciding(self._configuration.of(station.station_id))
        await self._keep(
            CardTest(
                station.station_id,
                test.now.began_at,
                test.alone_until,
                test.is_back,
                charges,
                settings,
                about(station),
            )
        )

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        test = self._tests.pop(key)
        del self._tasks[key]
        if task.cancelled():
            return
        if error := task.exception():
            logger.error("The test of %s failed", test.station.station_id, exc_info=error)
        self._bus.publish(CardTestChanged(test.station.station_id))

    def _session_changed(self, event: SessionChanged) -> None:
        test = self._tests.get(event.session.station_id.casefold())
        if test is not None and test.now.stage is not Stage.ALONE:
            test.sessions[event.session.id] = event.session

    def _connected(self, event: StationConnected) -> None:
        test = self._tests.get(event.station_id.casefold())
        if test is not None and test.now.stage is Stage.AWAITED:
            test.is_back = True
            test.go_on.set()

    async def _keep(self, test: CardTest) -> None:
        values: dict[str, object] = {"ended_at": test.ended_at, "test": _to_text(test)}

        def write(connection: Connection) -> None:
            statement = insert(schema.card_tests).values(station_id=test.station_id, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["station_id"], set_=values))

        await self._store.write(write)


def _to_text(test: CardTest) -> str:
    charges = [
        [charge.raw_id_tag, charge.whose.value, charge.holder, charge.pass_name, to_ms(charge.started_at)]
        for charge in test.charges
    ]
    return orjson.dumps(
        {
            "began_at": to_ms(test.began_at),
            "ended_at": to_ms(test.ended_at),
            "came_back": test.came_back,
            "charges": charges,
            "settings": dict(test.settings),
            "about": test.about,
            "looked": {whose.value: looked.value for whose, looked in test.looked.items()},
        }
    ).decode()


def _from_text(station_id: str, text: str) -> CardTest:
    kept: dict[str, Any] = orjson.loads(text)
    return CardTest(
        station_id,
        from_ms(kept["began_at"]),
        from_ms(kept["ended_at"]),
        kept["came_back"],
        tuple(
            ReportedCharge(raw, Whose(whose), holder, name, from_ms(at))
            for raw, whose, holder, name, at in kept["charges"]
        ),
        kept["settings"],
        kept["about"],
        {Whose(whose): Looked(looked) for whose, looked in kept["looked"].items()},
    )
