"""What can be told and asked of charges."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, Connection, literal, select, tuple_

from app.bus import Bus
from app.database import schema
from app.database.columns import Moment
from app.database.rows import to_session
from app.database.store import Store
from app.domain.events import SessionChanged, SessionRemoved
from app.domain.model import Session
from app.sessions import beginning, ending, energy, events
from app.sessions.one import one
from app.sessions.told import (
    Admission,
    Admit,
    DayEnergy,
    KeptStart,
    Reading,
    Start,
    Stop,
    TransactionEvent,
)


class Sessions:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    async def started(self, start: Start, admission: Admission | Admit) -> KeptStart:
        """Store a start; the same start told again is the same session, decided as it was.

        The same: connector, tag, time and meter. A stop that came before it and fits it becomes its own. Raises
        AppError `disk_…`: then it is not stored and must not be acknowledged.
        """
        now = self._clock()

        def write(connection: Connection) -> tuple[KeptStart, set[int]]:
            known = beginning.told_before(connection, start, now)
            if known is not None:
                beginning.admitted(admission, connection, known["id"])
                return KeptStart(known["id"], known["status"], known["reason"], known["uid"]), set()
            place = (start.station_id, start.connector_id, start.at)
            ended = beginning.end_all_on(connection, *place)
            admitted = beginning.admitted(admission, connection, None)
            session_id = beginning.add(connection, start, admitted, now)
            if start.clock_set and beginning.end_by_next_start(connection, session_id, *place):
                ended.add(session_id)
            if energy.adopt(connection, one(connection, session_id)):
                ended.add(session_id)
            energy.conclude(connection, ended)
            changed = {session_id, *ended, *ending.settle(connection, start.station_id, start.at, now)}
            return KeptStart(session_id, admitted.status, admitted.reason, start.uid), changed

        kept, changed = await self._store.write(write)
        self._tell(changed)
        return kept

    async def stopped(self, stop: Stop, readings: Sequence[Reading] = ()) -> None:
        """Store a stop with the session it names, else with the one it fits by card, time and meter; one that fits none
        becomes a session of its own, until its start comes. A second stop changes nothing.

        Raises AppError `disk_…` as `started` does.
        """
        now = self._clock()
        self._tell(await self._store.write(lambda connection: ending.take(connection, stop, readings, now)))

    async def transaction_event(self, event: TransactionEvent, admission: Admission | Admit | None = None) -> KeptStart:
        """Store an event of a charge that the station names itself (OCPP 2.x): one session for each of its references.

        Events may come late, twice, in any order and in part; a session without its first event is kept as it is known.
        `admission` decides the first card that is named; the answer tells what was decided then, with an empty `status`
        while no card was named. Raises AppError `disk_…` as `started` does.
        """
        now = self._clock()

        def write(connection: Connection) -> tuple[KeptStart, set[int]]:
            session_id, changed = events.take(connection, event, admission, now)
            rows = schema.sessions.c
            query = select(rows.status, rows.reason, rows.uid).where(rows.id == session_id)
            status, reason, uid = connection.execute(query).one()
            return KeptStart(session_id, status, reason if status else "", uid), changed

        kept, changed = await self._store.write(write)
        self._tell(changed)
        return kept

    async def metered(
        self, station_id: str, connector_id: int, transaction_id: int | None, readings: Sequence[Reading]
    ) -> None:
        """Store meter values with the session they belong to: by id, else by connector and time.

        A session that has stopped takes them and stays stopped. Raises AppError `disk_…` as `started` does.
        """

        def write(connection: Connection) -> int | None:
            session_id = energy.session_of_meter(connection, station_id, connector_id, transaction_id, readings)
            energy.insert_readings(connection, station_id, connector_id, session_id, readings)
            return session_id if session_id and energy.read_on(connection, session_id, readings) else None

        session_id = await self._store.write(write)
        if session_id is not None:
            self._tell([session_id])

    async def connector_free(self, station_id: str, connector_id: int, at: datetime) -> None:
        """A connector carries nothing since `at`: what still runs on it has ended without a stop, which may yet come.

        Raises AppError `disk_…` as `started` does.
        """
        if not self._runs_on(station_id, connector_id):
            return

        def write(connection: Connection) -> set[int]:
            ended = beginning.end_all_on(connection, station_id, connector_id, at)
            energy.conclude(connection, ended)
            return ended

        self._tell(await self._store.write(write))

    def recent(
        self, *, limit: int = 2000, station_id: str = "", open_only: bool = False, before: Session | None = None
    ) -> list[Session]:
        """Sessions, latest start first; with `before` those that follow it in that order."""
        rows = schema.sessions.c
        conditions: list[ColumnElement[bool]] = []
        if station_id:
            conditions.append(rows.station_id == station_id)
        if open_only:
            conditions.append(rows.stopped_at.is_(None))
        if before is not None:
            conditions.append(
                tuple_(rows.started_at, rows.id) < tuple_(literal(before.started_at, Moment()), before.id)
            )
        latest_first = (rows.started_at.desc(), rows.id.desc())
        query = select(schema.sessions).where(*conditions).order_by(*latest_first).limit(limit)
        return [to_session(row) for row in self._store.reader.execute(query).mappings()]

    def find(self, session_id: int) -> Session | None:
        """The session with this transactionId, or None."""
        row = self._store.reader.execute(select(schema.sessions).filter_by(id=session_id)).mappings().first()
        return to_session(row) if row else None

    def of_pass(self, pass_id: int, *, limit: int = 20) -> list[Session]:
        """The sessions of one pass, latest first."""
        rows = schema.sessions.c
        query = select(schema.sessions).where(rows.pass_id == pass_id).order_by(rows.started_at.desc()).limit(limit)
        return [to_session(row) for row in self._store.reader.execute(query).mappings()]

    def energy_by_day(self, days: int, zone: tzinfo) -> list[DayEnergy]:
        """Energy of the sessions started on each of the last `days` days of that zone, oldest first, today last."""
        today = self._clock().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        dates = [today.date() - timedelta(days=back) for back in reversed(range(days))]
        since = datetime.combine(dates[0], datetime.min.time(), zone).astimezone(UTC)
        energy = dict.fromkeys(dates, 0)
        sessions = dict.fromkeys(dates, 0)
        query = select(schema.sessions).where(schema.sessions.c.started_at >= since)
        for row in self._store.reader.execute(query).mappings():
            session = to_session(row)
            date = session.started_at.astimezone(zone).date()
            if date in energy:
                energy[date] += session.energy_wh or 0
                sessions[date] += 1
        return [
            DayEnergy(datetime.combine(date, datetime.min.time(), zone), energy[date], sessions[date]) for date in dates
        ]

    def _runs_on(self, station_id: str, connector_id: int) -> bool:
        rows = schema.sessions.c
        here = [rows.station_id == station_id, rows.connector_id == connector_id, rows.stopped_at.is_(None)]
        return self._store.reader.execute(select(rows.id).where(*here)).first() is not None

    def _tell(self, session_ids: Iterable[int]) -> None:
        """Of each session how it is now; one whose stop was found to be another's may be no more."""
        for session_id in sorted(session_ids):
            session = self.find(session_id)
            self._bus.publish(SessionRemoved(session_id) if session is None else SessionChanged(session))
