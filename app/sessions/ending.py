"""Stored stops, and which start each belongs to.

A stop that names a session of its station is that session's. One that names none (0, -1, a number of the station's
own) is given to the start it fits; as more is told, that is decided anew, so that it makes no difference what came
first. One that fits none is a session of its own until its start comes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, delete, func, insert, or_, select, text, update

from app.database import schema
from app.database.columns import Moment
from app.database.rows import insert_row
from app.domain.charges import LONGEST_GUESS, Begun, Ended, Flag, pair
from app.domain.ids import canonical_uid
from app.sessions import beginning, energy
from app.sessions.one import change, one
from app.sessions.told import START_NEVER_CAME, Reading, Stop

ROWS = schema.sessions.c
VALUES = schema.meter_values.c
#: What was concluded of a stop is thought over while the rest of what a station kept may still come.
SETTLED_AFTER = timedelta(hours=48)
#: So many of a station's sessions are weighed at once, the nearest in time.
MOST_WEIGHED = 100
#: A stop that says nothing to be told by is the same one only so long.
SAME_UNLESS_OLDER = timedelta(hours=24)

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_ALONE = ROWS.flags.contains(Flag.START_NEVER_CAME.value)
_ANY_UNNAMED = (
    select(ROWS.id)
    .where(
        ROWS.station_id == bindparam("station"),
        ROWS.stop_named == text("0"),
        ROWS.reference.is_(None),
        ROWS.stop_told_at.is_not(None),
    )
    .limit(1)
)
_SAME = (
    select(schema.sessions)
    .where(
        ROWS.station_id == bindparam("station"),
        ROWS.reported_stop == bindparam("reported"),
        ROWS.stop_id_tag == bindparam("tag"),
        ROWS.meter_stop_wh.is_not_distinct_from(bindparam("meter")),
        ROWS.stop_told_at > bindparam("since", type_=Moment()),
    )
    .order_by(ROWS.id.desc())
)
_SAME_UNNAMED = _SAME.where(ROWS.id != bindparam("but"), ROWS.reference.is_(None), ~ROWS.stop_named)
_OURS = select(schema.sessions).where(
    ROWS.station_id == bindparam("station"), ROWS.id == bindparam("named"), ROWS.reference.is_(None), ~_ALONE
)
_OF_STOP = (
    "stopped_at",
    "reported_stop",
    "stop_told_at",
    "stop_named",
    "stop_clock_set",
    "meter_stop_wh",
    "stop_id_tag",
    "stop_holder",
    "stop_reason",
)


def take(connection: Connection, stop: Stop, readings: Sequence[Reading], now: datetime) -> set[int]:
    """Store a stop, with the session it is of; the ids of the sessions that changed or are no more."""
    named = _named(connection, stop)
    if named is not None:
        return _take_named(connection, named, stop, readings, now)
    again = connection.execute(_SAME, _told(stop, now)).mappings().first()
    if again is not None:
        session_id, changed = int(again["id"]), set[int]()
    else:
        session_id = _alone(connection, stop.station_id, _values(stop, now, is_named=False), stop.raw_id_tag, now)
        changed = {session_id}
    connector_id = again["connector_id"] if again else 0
    energy.insert_readings(connection, stop.station_id, connector_id, session_id, readings, of_stop=True)
    if energy.reckon(connection, one(connection, session_id)):
        changed.add(session_id)
    return changed | settle(connection, stop.station_id, stop.at, now) if again is None else changed


def _take_named(
    connection: Connection, row: RowMapping, stop: Stop, readings: Sequence[Reading], now: datetime
) -> set[int]:
    session_id = int(row["id"])
    changed = {session_id}
    if row["stop_told_at"] is not None and not row["stop_named"] and not _is_same(row, stop):
        # What was supposed to be its stop is another one's.
        changed.add(_move_away(connection, row, {name: row[name] for name in _OF_STOP}, now))
    energy.insert_readings(connection, stop.station_id, row["connector_id"], session_id, readings, of_stop=True)
    if not row["stop_named"]:
        change(connection, session_id, _values(stop, now, is_named=True) | {"power_w": None})
        for double in connection.execute(_SAME_UNNAMED, _told(stop, now) | {"but": session_id}).mappings().all():
            changed |= _absorb(connection, double, session_id)
    energy.conclude(connection, changed)
    if changed != {session_id}:
        changed |= settle(connection, stop.station_id, stop.at, now)
    return changed


def settle(connection: Connection, station_id: str, around: datetime, now: datetime) -> set[int]:
    """Decide anew which stops that name no session belong to which starts; the ids of what changed or is no more."""
    if connection.execute(_ANY_UNNAMED, {"station": station_id}).first() is None:
        return set()
    rows = {int(row["id"]): row for row in connection.execute(_unsure(station_id, around, now)).mappings()}
    begun = [_begun(row) for row in rows.values() if not _is_alone(row)]
    ended = [_ended(row) for row in rows.values() if row["stop_told_at"] is not None]
    wanted = pair(begun, ended)
    moved = {
        holder: wanted.get(holder)
        for holder in (end.key for end in ended)
        if wanted.get(holder) != (None if _is_alone(rows[holder]) else holder)
    }
    stops = {holder: {name: rows[holder][name] for name in _OF_STOP} for holder in moved}
    changed: set[int] = set()
    for holder in moved:
        if not _is_alone(rows[holder]):
            changed |= _reopen(connection, rows[holder])
    for holder, start_id in moved.items():
        changed |= _move(connection, rows[holder], stops[holder], start_id, now)
    energy.conclude(connection, changed)
    return changed


def _move(
    connection: Connection, holder: RowMapping, stop: Mapping[str, object], start_id: int | None, now: datetime
) -> set[int]:
    """Give a stop to another start, or to none."""
    if start_id is None:
        return {_move_away(connection, holder, stop, now)}
    change(connection, start_id, dict(stop) | {"power_w": None})
    _move_readings(connection, int(holder["id"]), start_id)
    if _is_alone(holder):
        connection.execute(delete(schema.sessions).filter_by(id=holder["id"]))
    return {start_id, int(holder["id"])}


def _move_away(connection: Connection, holder: RowMapping, stop: Mapping[str, object], now: datetime) -> int:
    """Make a stop a session of its own."""
    alone = _alone(connection, holder["station_id"], stop, str(stop["stop_id_tag"]), now)
    _move_readings(connection, int(holder["id"]), alone)
    energy.reckon(connection, one(connection, alone))
    return alone


def _move_readings(connection: Connection, holder: int, session_id: int) -> None:
    of_stop = update(schema.meter_values).where(VALUES.session_id == holder, VALUES.of_stop)
    connection.execute(of_stop.values(session_id=session_id))


def _reopen(connection: Connection, row: RowMapping) -> set[int]:
    """Of a start whose stop was another's: it runs, unless a later one on its connector says that it cannot."""
    nothing = dict.fromkeys(_OF_STOP) | {"reported_stop": "", "stop_named": False, "stop_clock_set": True}
    nothing |= {"stop_id_tag": "", "stop_holder": "", "stop_reason": ""}
    change(connection, int(row["id"]), nothing)
    return {int(row["id"]), *beginning.end_without_stop(connection, int(row["id"]))}


def _absorb(connection: Connection, double: RowMapping, session_id: int) -> set[int]:
    """The stop of `session_id` was told before without naming it: it stood by itself, or with another start."""
    _move_readings(connection, int(double["id"]), session_id)
    if not _is_alone(double):
        return _reopen(connection, double)
    connection.execute(delete(schema.sessions).filter_by(id=double["id"]))
    return {int(double["id"])}


def _alone(connection: Connection, station_id: str, stop: Mapping[str, object], raw_id_tag: str, now: datetime) -> int:
    """A session that is known only by its end."""
    values = {
        "station_id": station_id,
        "connector_id": 0,
        "raw_id_tag": raw_id_tag,
        "uid": canonical_uid(raw_id_tag),
        "holder": "",
        "status": "",
        "reason": START_NEVER_CAME,
        "reported_start": "",
        "started_at": stop["stopped_at"],
        "meter_last_wh": stop["meter_stop_wh"],
        "flags": Flag.START_NEVER_CAME.value,
        "stored_at": now,
    }
    here = dict(beginning.place(connection, station_id))
    return insert_row(connection, insert(schema.sessions).values(**(values | here | dict(stop))))


def _values(stop: Stop, now: datetime, *, is_named: bool) -> dict[str, object]:
    return {
        "stopped_at": stop.at,
        "reported_stop": stop.reported or stop.at.isoformat(),
        "stop_told_at": now,
        "stop_named": is_named,
        "stop_clock_set": stop.clock_set,
        "meter_stop_wh": stop.meter_wh,
        "stop_id_tag": stop.raw_id_tag,
        "stop_holder": stop.holder,
        "stop_reason": stop.reason,
    }


def _named(connection: Connection, stop: Stop) -> RowMapping | None:
    """The session whose number it names: of this station, and not one that by time and meter began after it."""
    if stop.transaction_id is None:
        return None
    asked = {"station": stop.station_id, "named": stop.transaction_id}
    found = connection.execute(_OURS, asked).mappings().first()
    if found is None or not (stop.clock_set and found["clock_set"]):
        return found
    is_before = None not in (stop.meter_wh, found["meter_start_wh"]) and stop.meter_wh <= found["meter_start_wh"]
    return None if is_before and stop.at < found["started_at"] else found


def _told(stop: Stop, now: datetime) -> dict[str, object]:
    return {
        "station": stop.station_id,
        "reported": stop.reported or stop.at.isoformat(),
        "tag": stop.raw_id_tag,
        "meter": stop.meter_wh,
        "since": _EVER if stop.clock_set else now - SAME_UNLESS_OLDER,
    }


def _is_same(row: RowMapping, stop: Stop) -> bool:
    told = (stop.reported or stop.at.isoformat(), stop.meter_wh, stop.raw_id_tag)
    return (row["reported_stop"], row["meter_stop_wh"], row["stop_id_tag"]) == told


def _unsure(station_id: str, around: datetime, now: datetime) -> Any:
    """A station's sessions whose stop is missing or supposed, and stops without a start."""
    nearby = or_(
        ROWS.started_at.between(around - LONGEST_GUESS, around + LONGEST_GUESS),
        ROWS.stopped_at.between(around - LONGEST_GUESS, around + LONGEST_GUESS),
    )
    lately = or_(ROWS.stop_told_at.is_(None), ROWS.stop_told_at > now - SETTLED_AFTER, _ALONE)
    ours = and_(ROWS.station_id == station_id, ~ROWS.stop_named, ROWS.reference.is_(None))
    distance = func.abs(ROWS.started_at - around)
    return select(schema.sessions).where(ours, nearby, lately).order_by(distance, ROWS.id).limit(MOST_WEIGHED)


def _is_alone(row: RowMapping) -> bool:
    return Flag.START_NEVER_CAME.value in row["flags"].split()


def _begun(row: RowMapping) -> Begun:
    at = row["started_at"] if row["clock_set"] else None
    told = f"{row['connector_id']} {row['reported_start']}"
    return Begun(int(row["id"]), at, row["meter_start_wh"], row["uid"], told)


def _ended(row: RowMapping) -> Ended:
    at = row["stopped_at"] if row["stop_clock_set"] else None
    uid = canonical_uid(row["stop_id_tag"])
    return Ended(int(row["id"]), at, row["meter_stop_wh"], uid, row["reported_stop"])
