"""Meter values, with the session they belong to, and what they add up to."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, RowMapping, bindparam, or_, select, update
from sqlalchemy.dialects import sqlite

from app.database import schema
from app.database.columns import Moment
from app.domain.charges import Flag, Point, metered
from app.sessions.one import change, find, one
from app.sessions.told import Reading

ROWS = schema.sessions.c
VALUES = schema.meter_values.c
#: So long after its end a charge's last meter values may be from.
CLOSING = timedelta(minutes=5)

_ALWAYS = datetime(9999, 1, 1, tzinfo=UTC)
_ADOPT = (
    update(schema.meter_values)
    .where(
        VALUES.station_id == bindparam("station"),
        VALUES.connector_id == bindparam("connector"),
        VALUES.session_id.is_(None),
        VALUES.at.between(bindparam("since", type_=Moment()), bindparam("until", type_=Moment())),
    )
    .values(session_id=bindparam("session"))
)
_REGISTER = (
    select(VALUES.at, VALUES.energy_wh)
    .where(VALUES.session_id == bindparam("session"), VALUES.energy_wh.is_not(None))
    .order_by(VALUES.at, VALUES.id)
)

_NAMED = select(ROWS.id).where(ROWS.station_id == bindparam("station"), ROWS.id == bindparam("session"))
_HERE = (
    select(ROWS.id)
    .where(ROWS.station_id == bindparam("station"), ROWS.connector_id == bindparam("connector"))
    .order_by(ROWS.started_at.desc())
    .limit(1)
)
_FIRST, _LAST = bindparam("first", type_=Moment()), bindparam("last", type_=Moment())
_THEN = _HERE.where(ROWS.started_at <= _LAST, or_(ROWS.stopped_at.is_(None), ROWS.stopped_at >= _FIRST))
_OPEN = _HERE.where(ROWS.stopped_at.is_(None))
_JUST_ENDED = _HERE.where(ROWS.started_at <= _LAST, ROWS.stopped_at >= bindparam("closing", type_=Moment()))

#: What is known of a session from elsewhere than its reports of start, meter and stop.
_LASTING = frozenset({Flag.START_NEVER_CAME, Flag.TOLD_LATER})


def insert_readings(
    connection: Connection,
    station_id: str,
    connector_id: int,
    session_id: int | None,
    readings: Sequence[Reading],
    *,
    of_stop: bool = False,
) -> None:
    """Keep readings, once each."""
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
                    "energy_wh": reading.energy_wh,
                    "of_stop": of_stop,
                }
                for reading in readings
            ],
        )


def session_of_meter(
    connection: Connection, station_id: str, connector_id: int, transaction_id: int | None, readings: Sequence[Reading]
) -> int | None:
    """The session that readings belong to: by id, else by connector and time, else the one open there."""
    here: dict[str, object] = {"station": station_id, "connector": connector_id}
    if transaction_id:
        named = connection.execute(_NAMED, {"station": station_id, "session": transaction_id}).first()
        if named is not None:
            return int(named.id)
    if not readings:
        return None
    here |= {"first": readings[0].at, "last": readings[-1].at, "closing": readings[0].at - CLOSING}
    for query in (_THEN, _OPEN, _JUST_ENDED):
        if found := connection.execute(query, here).first():
            return int(found.id)
    return None


def adopt(connection: Connection, row: RowMapping) -> bool:
    """Meter values that came before the start they belong to are that session's now; whether there were any."""
    if not row["clock_set"]:
        return False
    span = {"since": row["started_at"], "until": row["stopped_at"] or _ALWAYS, "session": row["id"]}
    place = {"station": row["station_id"], "connector": row["connector_id"]}
    return connection.execute(_ADOPT, span | place).rowcount > 0


def read_on(connection: Connection, session_id: int, readings: Sequence[Reading]) -> bool:
    """Count readings that were stored with a session; whether that changed it.

    One whose stop was told takes them and stays as it ended.
    """
    row = one(connection, session_id)
    power = [reading.power_w for reading in readings if reading.power_w is not None]
    energy = any(reading.energy_wh is not None for reading in readings)
    if row["stopped_at"] is None and power:
        change(connection, session_id, {"power_w": power[-1]})
    if energy and not _simply_went_on(connection, row, readings):
        return reckon(connection, row) or bool(power)
    return energy or (bool(power) and row["stopped_at"] is None)


def _simply_went_on(connection: Connection, row: RowMapping, readings: Sequence[Reading]) -> bool:
    """Nearly every reading is the next one of a register that rose: that needs no look at all the others."""
    then, before = row["metered_at"], row["meter_last_wh"]
    if row["stopped_at"] is not None or not row["clock_set"] or then is None or row["energy_wh"] is None:
        return False
    energy = row["energy_wh"]
    for reading in readings:
        if reading.energy_wh is None:
            continue
        step = metered(Point(before, then), [], Point(reading.energy_wh, reading.at))
        if reading.at <= then or step.flags or not step.energy_wh or step.energy_wh < 0:
            return False
        energy, then, before = energy + step.energy_wh, reading.at, reading.energy_wh
    values = {"energy_wh": energy, "metered_at": then, "meter_last_wh": before}
    change(connection, int(row["id"]), values)
    return True


def conclude(connection: Connection, session_ids: Iterable[int]) -> None:
    """Claim the meter values of sessions and reckon what they took; those that are no more are left out."""
    for session_id in sorted(session_ids):
        row = find(connection, session_id)
        if row is not None:
            adopt(connection, row)
            reckon(connection, row)


def reckon(connection: Connection, row: RowMapping) -> bool:
    """Conclude from all that was told of a session what it took and what else is to be known; whether that is new."""
    start = _point(row["meter_start_wh"], row["started_at"], clock_set=row["clock_set"])
    stop = _point(row["meter_stop_wh"], row["stopped_at"], clock_set=row["stop_clock_set"])
    told = [(int(wh), at) for at, wh in connection.execute(_REGISTER, {"session": row["id"]})]
    readings = [Point(wh, at if row["clock_set"] else None) for wh, at in told]
    result = metered(start, readings, stop)
    flags = _flags(row) | result.flags
    if row["stopped_at"] is not None and (start is None or stop is None) and result.energy_wh is not None:
        flags |= {Flag.ENERGY_FROM_READINGS}
    last = stop.wh if stop else (told[-1][0] if told else row["meter_start_wh"])
    values = {
        "energy_wh": result.energy_wh,
        "meter_last_wh": last,
        "metered_at": _last_moment(row, told),
        "flags": " ".join(sorted(flags)),
    }
    if all(row[name] == value for name, value in values.items()):
        return False
    change(connection, int(row["id"]), values)
    return True


def _last_moment(row: RowMapping, told: Sequence[tuple[int, datetime]]) -> datetime | None:
    if told:
        return told[-1][1]
    return row["started_at"] if row["meter_start_wh"] is not None and row["clock_set"] else None


def _flags(row: RowMapping) -> set[Flag]:
    flags = {Flag(flag) for flag in row["flags"].split()} & _LASTING
    is_told, has_start = row["stop_told_at"] is not None, Flag.START_NEVER_CAME not in flags
    holds = {
        Flag.STOP_NEVER_CAME: row["stopped_at"] is not None and not is_told,
        Flag.STOP_MATCHED: is_told and has_start and not row["stop_named"],
        Flag.CLOCK_NOT_SET: not row["clock_set"] or (is_told and not row["stop_clock_set"]),
        Flag.CLOCK_MOVED: row["stopped_at"] is not None and has_start and row["stopped_at"] < row["started_at"],
    }
    return flags | {flag for flag, is_so in holds.items() if is_so}


def _point(wh: int | None, at: datetime, *, clock_set: bool) -> Point | None:
    return None if wh is None else Point(wh, at if clock_set else None)
