"""Charges as stations report them: stored before the answer, once each, however often and late they are told."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, insert, literal, select, tuple_, update
from sqlalchemy.dialects import sqlite

from app.bus import Bus
from app.database import schema
from app.database.columns import Moment
from app.database.rows import insert_row, to_session
from app.database.store import Store
from app.domain.events import SessionChanged
from app.domain.ids import canonical_uid
from app.domain.model import Session
from app.domain.pins import HIDDEN_PIN, typed_digits

#: A station without a clock reports every start as the same moment; only so long can two of them be one.
SAME_UNLESS_OLDER = timedelta(hours=24)

#: In `stop_reason` and `reason`, where a station's own report is missing.
STOP_NEVER_CAME = "stop_never_came"
START_NEVER_CAME = "start_never_came"


@dataclass(frozen=True, slots=True)
class Start:
    """A start as reported. `reported` is the time as text as sent; `clock_set` False when it cannot be true."""

    station_id: str
    connector_id: int
    raw_id_tag: str
    uid: str
    meter_wh: int | None
    at: datetime
    reported: str
    clock_set: bool = True


@dataclass(frozen=True, slots=True)
class Admission:
    """Who charges, by whose leave: frozen with the session."""

    status: str
    reason: str
    station_name: str
    pool_name: str
    pass_id: int | None
    identity_id: int | None
    holder: str
    pin_id: int | None = None


#: Admits a start within the transaction that stores it, when that depends on which sessions there are: given are the
#: driver's connection and, of a start that was told before, the id of its session.
Admit = Callable[[sqlite3.Connection, int | None], Admission]


@dataclass(frozen=True, slots=True)
class KeptStart:
    """A stored start: its transactionId, positive, and what was decided of it when it was first told."""

    transaction_id: int
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop as reported; `transaction_id` None when the station sent none that could be ours."""

    station_id: str
    transaction_id: int | None
    meter_wh: int | None
    at: datetime
    raw_id_tag: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One sampled moment: the energy register (Wh) and power (W) when they were in it, and all of it as text."""

    at: datetime
    sampled: str
    energy_wh: int | None = None
    power_w: float | None = None


@dataclass(frozen=True, slots=True)
class DayEnergy:
    day: datetime
    energy_wh: int
    sessions: int


class Sessions:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    async def started(self, start: Start, admission: Admission | Admit) -> KeptStart:
        """Store a start; the same start told again is the same session, decided as it was.

        The same: connector, tag, time and meter. Raises AppError `disk_…`: then it is not stored and must not be
        acknowledged.
        """
        now = self._clock()

        def write(connection: Connection) -> tuple[KeptStart, list[int]]:
            known = connection.execute(_same_start(start, now)).first()
            if known:
                _admitted(admission, connection, known.id)
                return KeptStart(known.id, known.status, known.reason), []
            ended = _end_what_still_runs(connection, start)
            admitted = _admitted(admission, connection, None)
            # Who was admitted may have been removed since: the charge is a fact all the same.
            pass_id = _if_still_there(connection, schema.passes, admitted.pass_id)
            identity_id = _if_still_there(connection, schema.identities, admitted.identity_id)
            pin_id = _if_still_there(connection, schema.pins, admitted.pin_id)
            owners = {"pass_id": pass_id, "identity_id": identity_id, "pin_id": pin_id}
            values = _session_values(start, admitted, now) | owners
            session_id = insert_row(connection, insert(schema.sessions).values(**values))
            if pass_id is not None:
                connection.execute(update(schema.passes).filter_by(id=pass_id).values(last_used_at=now))
            return KeptStart(session_id, admitted.status, admitted.reason), [*ended, session_id]

        kept, changed = await self._store.write(write)
        for each in changed:
            self._tell(each)
        return kept

    async def stopped(self, stop: Stop, readings: Sequence[Reading] = ()) -> None:
        """Store a stop; one that belongs to no known start becomes a session of its own. A second stop changes nothing;
        the one that a later start had done without is taken.

        Raises AppError `disk_…` as `started` does.
        """
        now = self._clock()

        def write(connection: Connection) -> int:
            found = _session_of_stop(connection, stop)
            session_id = int(found.id) if found else _orphan(connection, stop, now)
            connector_id = found.connector_id if found else 0
            _insert_readings(connection, stop.station_id, connector_id, session_id, readings)
            if found is None or found.stopped_at is None or found.stop_reason == STOP_NEVER_CAME:
                values: dict[str, object] = {
                    "stopped_at": stop.at,
                    "stop_id_tag": stop.raw_id_tag,
                    "stop_reason": stop.reason,
                    "power_w": None,
                }
                if stop.meter_wh is not None:
                    values["meter_last_wh"] = stop.meter_wh
                connection.execute(update(schema.sessions).filter_by(id=session_id).values(**values))
            return session_id

        self._tell(await self._store.write(write))

    async def metered(
        self, station_id: str, connector_id: int, transaction_id: int | None, readings: Sequence[Reading]
    ) -> None:
        """Store meter values with the session they belong to: by id, else the one open on that connector.

        A session that has stopped takes them and stays stopped. Raises AppError `disk_…` as `started` does.
        """

        def write(connection: Connection) -> int | None:
            found = _session_of_meter(connection, station_id, connector_id, transaction_id)
            session_id = int(found.id) if found else None
            _insert_readings(connection, station_id, connector_id, session_id, readings)
            energy = [reading.energy_wh for reading in readings if reading.energy_wh is not None]
            power = [reading.power_w for reading in readings if reading.power_w is not None]
            if found is None or found.stopped_at is not None or not (energy or power):
                return None
            values: dict[str, object] = {}
            if energy and energy[-1] >= (found.meter_last_wh or 0):
                values["meter_last_wh"] = energy[-1]
            if power:
                values["power_w"] = power[-1]
            if values:
                connection.execute(update(schema.sessions).filter_by(id=session_id).values(**values))
            return session_id

        session_id = await self._store.write(write)
        if session_id is not None:
            self._tell(session_id)

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

    def _tell(self, session_id: int) -> None:
        row = self._store.reader.execute(select(schema.sessions).filter_by(id=session_id)).mappings().one()
        self._bus.publish(SessionChanged(to_session(row)))


def _admitted(admission: Admission | Admit, connection: Connection, told_before: int | None) -> Admission:
    if isinstance(admission, Admission):
        return admission
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(driver)
    return admission(driver, told_before)


def _same_start(start: Start, now: datetime) -> Select[Any]:
    rows = schema.sessions.c
    # Kept without its digits when it was a PIN's, which may be removed by now.
    tags = {start.raw_id_tag, HIDDEN_PIN if typed_digits(start.raw_id_tag) else start.raw_id_tag}
    same = [
        rows.station_id == start.station_id,
        rows.connector_id == start.connector_id,
        rows.raw_id_tag.in_(tags),
        rows.reported_start == start.reported,
        rows.meter_start_wh.is_(start.meter_wh) if start.meter_wh is None else rows.meter_start_wh == start.meter_wh,
    ]
    if not start.clock_set:
        same += [rows.stopped_at.is_(None), rows.stored_at > now - SAME_UNLESS_OLDER]
    return select(schema.sessions).where(*same).order_by(rows.id.desc()).limit(1)


def _session_values(start: Start, admission: Admission, now: datetime) -> dict[str, object]:
    return {
        "station_id": start.station_id,
        "station_name": admission.station_name,
        "connector_id": start.connector_id,
        "raw_id_tag": start.raw_id_tag,
        "uid": start.uid,
        "holder": admission.holder,
        "pool_name": admission.pool_name,
        "status": admission.status,
        "reason": admission.reason,
        "reported_start": start.reported,
        "started_at": start.at,
        "meter_start_wh": start.meter_wh,
        "meter_last_wh": start.meter_wh,
        "stored_at": now,
    }


def _if_still_there(connection: Connection, table: Table, row_id: int | None) -> int | None:
    return None if row_id is None else connection.execute(select(table.c.id).filter_by(id=row_id)).scalar()


def _end_what_still_runs(connection: Connection, start: Start) -> list[int]:
    """A connector carries one charge: a later start on it means that the stop of the earlier one never came."""
    rows = schema.sessions.c
    ended = connection.execute(
        update(schema.sessions)
        .where(
            rows.station_id == start.station_id,
            rows.connector_id == start.connector_id,
            rows.stopped_at.is_(None),
            rows.started_at < start.at,
        )
        .values(stopped_at=start.at, stop_reason=STOP_NEVER_CAME, power_w=None)
        .returning(rows.id)
    )
    return [int(row.id) for row in ended]


def _session_of_stop(connection: Connection, stop: Stop) -> Row[Any] | None:
    rows = schema.sessions.c
    own = select(schema.sessions).where(rows.station_id == stop.station_id)
    if stop.transaction_id is not None:
        return connection.execute(own.where(rows.id == stop.transaction_id)).first()
    told_before = own.where(rows.stopped_at == stop.at, rows.meter_last_wh == stop.meter_wh)
    still_open = own.where(rows.stopped_at.is_(None), rows.started_at <= stop.at)
    if stop.raw_id_tag:
        still_open = still_open.where(rows.uid == canonical_uid(stop.raw_id_tag))
    return connection.execute(told_before).first() or _only(connection.execute(still_open).all())


def _only(found: Sequence[Row[Any]]) -> Row[Any] | None:
    return found[0] if len(found) == 1 else None


def _orphan(connection: Connection, stop: Stop, now: datetime) -> int:
    """A stop whose start was lost: a session that is known only by its end. Told again, it is the same one."""
    reported = f"stop {stop.transaction_id} {stop.at.isoformat()} {stop.meter_wh}"
    known = select(schema.sessions.c.id).filter_by(station_id=stop.station_id, reported_start=reported)
    session_id = connection.execute(known).scalar()
    if session_id is None:
        session_id = insert_row(
            connection,
            insert(schema.sessions).values(
                station_id=stop.station_id,
                station_name=stop.station_id,
                connector_id=0,
                raw_id_tag=stop.raw_id_tag,
                uid=canonical_uid(stop.raw_id_tag),
                holder="",
                pool_name="",
                status="",
                reason=START_NEVER_CAME,
                reported_start=reported,
                started_at=stop.at,
                stored_at=now,
            ),
        )
    return int(session_id)


def _session_of_meter(
    connection: Connection, station_id: str, connector_id: int, transaction_id: int | None
) -> Row[Any] | None:
    rows = schema.sessions.c
    own = select(schema.sessions).where(rows.station_id == station_id)
    named = connection.execute(own.where(rows.id == transaction_id)).first() if transaction_id else None
    open_here = own.where(rows.connector_id == connector_id, rows.stopped_at.is_(None))
    return named or connection.execute(open_here.order_by(rows.started_at.desc())).first()


def _insert_readings(
    connection: Connection, station_id: str, connector_id: int, session_id: int | None, readings: Sequence[Reading]
) -> None:
    if readings:
        connection.execute(
            sqlite.insert(schema.meter_values).on_conflict_do_nothing(),
            [
                {
                    "station_id": station_id,
                    "connector_id": connector_id,
                    "session_id": session_id,
                    "at": reading.at,
                    "sampled": reading.sampled,
                }
                for reading in readings
            ],
        )
