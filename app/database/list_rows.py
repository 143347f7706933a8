"""The lists of stations as rows: what each holds as last confirmed, what is known of it, how it spells cards.

A whole list is handed to SQLite as one text in one statement, as messages are: the loop's thread goes on meanwhile.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from app.domain.access import Status
from app.domain.instants import from_ms, to_ms
from app.domain.list_record import Record, Support, Told, Trouble
from app.domain.local_list import Entry, Piece

_RECORD = """
select record, about, confirmed_at, out_of_step_since, conflict_at, cache_stale_since, still_open_since
from local_lists where station_id = ?"""
_HELD = "select raw, status, expires_at, group_id from local_list_entries where station_id = ?"
_FORMS = "select pass_id, raw_id_tag from seen_forms where station_id = ? order by last_seen_at desc, raw_id_tag"
_KEEP = """
insert into local_lists (station_id, record, about, confirmed_at) values (?, ?, ?, ?)
on conflict do update set record = excluded.record, about = excluded.about,
    confirmed_at = coalesce(excluded.confirmed_at, confirmed_at)"""
_NOTE = """
insert into local_lists (station_id, record, {column}) values (?, ?, ?)
on conflict do update set {column} = excluded.{column}"""
_CACHE_CLEARED = "update local_lists set cache_stale_since = null where station_id = ? and cache_stale_since <= ?"
_HAS = "select exists(select 1 from local_list_entries where station_id = ? and raw = ?)"
_UNTRIED = """
select station_id from local_lists where record ->> 'support' = ? and record ->> 'attempts' = 0"""
_EMPTY = "delete from local_list_entries where station_id = ?"
_REMOVE = "delete from local_list_entries where station_id = ? and raw in (select value from json_each(?))"
_INSERT = """
insert into local_list_entries (station_id, raw, status, expires_at, group_id)
select ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?2) where true
on conflict do update set status = excluded.status, expires_at = excluded.expires_at, group_id = excluded.group_id"""


@dataclass(frozen=True, slots=True)
class KeptList:
    """What is known of one station's list. `about` says of which station: another one in its place has another list."""

    record: Record = field(default_factory=Record)
    about: str = ""
    confirmed_at: datetime | None = None
    out_of_step_since: datetime | None = None
    conflict_at: datetime | None = None
    cache_stale_since: datetime | None = None
    still_open_since: datetime | None = None


def kept_list(reader: sqlite3.Connection, station_id: str) -> KeptList:
    """What is known of a station's list."""
    row = reader.execute(_RECORD, (station_id,)).fetchone()
    if row is None:
        return KeptList()
    record, about, *moments = row
    return KeptList(_to_record(record), about, *(None if ms is None else from_ms(ms) for ms in moments))


def held(reader: sqlite3.Connection, station_id: str, alike: Mapping[str, Entry]) -> dict[str, Entry]:
    """What a station holds as last confirmed. Entries that equal those in `alike` are those: thousands exist once."""
    found = {}
    for raw, status, expires_at, group_id in reader.execute(_HELD, (station_id,)):
        entry = Entry(raw, Status(status), None if expires_at is None else from_ms(expires_at), group_id)
        same = alike.get(raw)
        found[raw] = same if same == entry and same is not None else entry
    return found


def forms(reader: sqlite3.Connection, station_id: str) -> dict[int, list[str]]:
    """How a station spelled each pass, latest first."""
    found: dict[int, list[str]] = defaultdict(list)
    for pass_id, raw in reader.execute(_FORMS, (station_id,)):
        found[pass_id].append(raw)
    return found


def has_entry(reader: sqlite3.Connection, station_id: str, raw: str) -> bool:
    """Whether a station's list holds this very spelling."""
    return bool(reader.execute(_HAS, (station_id, raw)).fetchone()[0])


def untried(reader: sqlite3.Connection) -> list[str]:
    """Stations of which no try tells whether they keep a list."""
    return [station_id for (station_id,) in reader.execute(_UNTRIED, (Support.UNKNOWN.value,))]


def keep(
    connection: Connection,
    station_id: str,
    record: Record,
    about: str,
    confirmed_at: datetime | None,
    taken: Iterable[Piece],
) -> None:
    """Keep what is known of a list, and what the station took since. Without `confirmed_at` the one before stays."""
    for piece in taken:
        if piece.full:
            connection.exec_driver_sql(_EMPTY, (station_id,))
        if piece.removals:
            connection.exec_driver_sql(_REMOVE, (station_id, orjson.dumps(piece.removals).decode()))
        if piece.entries:
            connection.exec_driver_sql(_INSERT, (station_id, orjson.dumps(_to_rows(piece.entries)).decode()))
    connection.exec_driver_sql(_KEEP, (station_id, _to_text(record), about, _ms(confirmed_at)))


def note_out_of_step(connection: Connection, station_id: str, since: datetime | None) -> None:
    """Keep since when a list is not what it should be; None: it is."""
    _note(connection, station_id, "out_of_step_since", since)


def note_still_open(connection: Connection, station_id: str, since: datetime | None) -> None:
    """Keep since when a list lets cards charge that should not; None: it lets none."""
    _note(connection, station_id, "still_open_since", since)


def note_conflict(connection: Connection, station_id: str, at: datetime) -> None:
    """Keep when a station last said that its list says otherwise."""
    _note(connection, station_id, "conflict_at", at)


def note_stale_cache(connection: Connection, station_id: str, since: datetime) -> None:
    """Keep since when a station may remember cards that may no longer charge."""
    _note(connection, station_id, "cache_stale_since", since)


def note_cleared_cache(connection: Connection, station_id: str, since: datetime) -> None:
    """Its cache was cleared of what was stale by then; what became stale since is stale still."""
    connection.exec_driver_sql(_CACHE_CLEARED, (station_id, to_ms(since)))


def _note(connection: Connection, station_id: str, column: str, at: datetime | None) -> None:
    connection.exec_driver_sql(_NOTE.format(column=column), (station_id, _to_text(Record()), _ms(at)))


def _to_rows(entries: Iterable[Entry]) -> list[tuple[Any, ...]]:
    return [(each.raw, each.status.value, _ms(each.expires_at), each.group_id) for each in entries]


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _to_text(record: Record) -> str:
    sent = record.sent
    return orjson.dumps(
        {
            "version": record.version,
            "highest": record.highest,
            "sent": sent and [sent.full, sent.version, _to_rows(sent.entries), sent.removals],
            "support": record.support.value,
            "told": [
                record.told.enabled,
                record.told.per_message,
                record.told.capacity,
                record.told.bytes_per_message,
            ],
            "capacity_asked": record.capacity_asked,
            "capacity_told": record.capacity_told,
            "per_message": record.per_message,
            "capacity": record.capacity,
            "refused": sorted(record.refused),
            "learned_at": _ms(record.learned_at),
            "attempts": record.attempts,
            "trouble": record.trouble.value,
            "detail": record.detail,
            "next_try_at": _ms(record.next_try_at),
        }
    ).decode()


def _to_record(text: str) -> Record:
    row = orjson.loads(text)
    return Record(
        version=row["version"],
        highest=row["highest"],
        sent=row["sent"] and _to_piece(*row["sent"]),
        support=Support(row["support"]),
        told=Told(*row["told"]),
        capacity_asked=row.get("capacity_asked", False),
        capacity_told=row.get("capacity_told"),
        per_message=row["per_message"],
        capacity=row["capacity"],
        refused=frozenset(row["refused"]),
        learned_at=_moment(row["learned_at"]),
        attempts=row["attempts"],
        trouble=Trouble(row["trouble"]),
        detail=row["detail"],
        next_try_at=_moment(row["next_try_at"]),
    )


def _to_piece(full: bool, version: int, rows: Iterable[tuple[Any, ...]], removals: Iterable[str]) -> Piece:
    entries = (Entry(raw, Status(status), _moment(ends), group) for raw, status, ends, group in rows)
    return Piece(full, version, tuple(entries), tuple(removals))


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
