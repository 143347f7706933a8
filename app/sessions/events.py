"""TransactionEvents of OCPP 2.x: a station names its charges itself, so each event finds its session whenever it comes.

What an event tells is kept where it belongs, and nothing is taken back by one that comes late, twice or out of order:
seqNo is not relied on, since some stations always send 0.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from app.database import schema
from app.database.rows import insert_row
from app.domain.charges import Flag
from app.sessions import beginning, energy
from app.sessions.one import change, one
from app.sessions.told import START_NEVER_CAME, Admission, Admit, EventKind, TransactionEvent

ROWS = schema.sessions.c
_BY_REFERENCE = select(schema.sessions).where(
    ROWS.station_id == bindparam("station"), ROWS.reference == bindparam("name")
)


def take(
    connection: Connection, event: TransactionEvent, admission: Admission | Admit | None, now: datetime
) -> tuple[int, set[int]]:
    """Store an event with its session: that session's id, and the ids of those that changed."""
    row = _session(connection, event)
    if row is None:
        session_id, before = _add(connection, event, now), None
        row = one(connection, session_id)
    else:
        session_id, before = int(row["id"]), dict(row)
    told = _started(event, row) | _placed(event, row) | _ended(event, row, now) | _card(event, row)
    if event.offline:
        told |= {"flags": _with(str(told.get("flags", row["flags"])), Flag.TOLD_LATER)}
    if admission is not None and not row["status"]:
        decided = beginning.admitted(admission, connection, session_id)
        told |= beginning.who_and_price(connection, decided, now)
    if told:
        change(connection, session_id, told)
    changed = _read(connection, session_id, event)
    if event.kind is EventKind.STARTED or _is_new_place(told):
        changed |= beginning.end_without_stop(connection, session_id)
    energy.conclude(connection, changed | {session_id})
    if before != dict(one(connection, session_id)):
        changed.add(session_id)
    return session_id, changed


def _session(connection: Connection, event: TransactionEvent) -> RowMapping | None:
    return connection.execute(_BY_REFERENCE, {"station": event.station_id, "name": event.reference}).mappings().first()


def _add(connection: Connection, event: TransactionEvent, now: datetime) -> int:
    """A session of which nothing is known yet but this event."""
    values = {
        "station_id": event.station_id,
        "reference": event.reference,
        "connector_id": event.connector_id or 0,
        "raw_id_tag": "",
        "uid": "",
        "holder": "",
        "status": "",
        "reason": START_NEVER_CAME,
        "reported_start": "",
        "started_at": event.at,
        "clock_set": event.clock_set,
        "flags": Flag.START_NEVER_CAME.value,
        "stored_at": now,
    }
    here = dict(beginning.place(connection, event.station_id))
    return insert_row(connection, insert(schema.sessions).values(**(values | here)))


def _started(event: TransactionEvent, row: RowMapping) -> dict[str, object]:
    """When and with which meter it began: from the event that says so, until then from the earliest one."""
    begun = Flag.START_NEVER_CAME.value not in row["flags"].split()
    if begun:
        return {}
    if event.kind is not EventKind.STARTED:
        return {"started_at": event.at} if event.at < row["started_at"] else {}
    told: dict[str, object] = {
        "started_at": event.at,
        "reported_start": event.reported or event.at.isoformat(),
        "clock_set": event.clock_set,
        "meter_start_wh": event.meter_wh,
        "flags": " ".join(flag for flag in row["flags"].split() if flag != Flag.START_NEVER_CAME.value),
    }
    return told if row["status"] else told | {"reason": ""}


def _placed(event: TransactionEvent, row: RowMapping) -> dict[str, object]:
    """Where: the EVSE is named in one event of a charge at least, which need not be the first."""
    return {"connector_id": event.connector_id} if event.connector_id and not row["connector_id"] else {}


def _is_new_place(told: Mapping[str, object]) -> bool:
    return "connector_id" in told


def _ended(event: TransactionEvent, row: RowMapping, now: datetime) -> dict[str, object]:
    if event.kind is not EventKind.ENDED or row["stop_told_at"] is not None:
        return {}
    return {
        "stopped_at": event.at,
        "reported_stop": event.reported or event.at.isoformat(),
        "stop_told_at": now,
        "stop_named": True,
        "stop_clock_set": event.clock_set,
        "meter_stop_wh": event.meter_wh,
        "stop_id_tag": event.stop_id_tag,
        "stop_holder": event.stop_holder,
        "stop_reason": event.reason,
        "power_w": None,
    }


def _card(event: TransactionEvent, row: RowMapping) -> dict[str, object]:
    """The first card that is named as the one that charges."""
    first = bool(event.raw_id_tag) and not row["raw_id_tag"]
    return {"raw_id_tag": event.raw_id_tag, "uid": event.uid} if first else {}


def _read(connection: Connection, session_id: int, event: TransactionEvent) -> set[int]:
    row = one(connection, session_id)
    energy.insert_readings(connection, event.station_id, row["connector_id"], session_id, event.readings)
    is_read = bool(event.readings) and energy.read_on(connection, session_id, event.readings)
    return {session_id} if is_read else set()


def _with(flags: str, flag: Flag) -> str:
    return " ".join(sorted({*flags.split(), flag.value}))
