"""Writing what a plan says, and nothing else, within one transaction."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, text, update

from app.database import history_rows, removal, schema
from app.database.replacement import Replacement
from app.domain.errors import AppError
from app.domain.history import ChangeKind, Origin
from app.domain.ids import canonical_visible_id
from app.domain.import_identities import Person
from app.domain.import_members import Entry
from app.domain.import_passes import Card
from app.domain.import_plan import ImportPlan
from app.domain.import_stations import Box
from app.domain.model import Registration, Role
from app.exchange import existing
from app.exchange.takeback import Came, Takeback
from app.members import delete_members, insert_members

CHUNK = 2_000
Row = dict[str, Any]


@dataclass(slots=True)
class Carrying:
    """One import under way: its connection, its moment, what takes it back, and whether anyone wants it to stop."""

    connection: Connection
    at: datetime
    organization_id: int
    progress: Callable[[int], None]
    stop: threading.Event
    takeback: Takeback

    def insert(self, table: Table, rows: Iterable[Row]) -> list[int]:
        """Insert rows, a part of them at a time, and give their ids."""
        given = count(_next_id(self.connection, table))
        made: list[int] = []
        coming = iter(rows)
        while chunk := [row | {"id": next(given)} for row in islice(coming, CHUNK)]:
            self.go_on(len(chunk))
            self.connection.execute(insert(table), chunk)
            ids = [row["id"] for row in chunk]
            self.takeback.add(Came(table, ids))
            made += ids
        return made

    def change(self, table: Table, rows: Mapping[int, Row]) -> None:
        """Give rows (by id) new values, each its own."""
        alike: dict[tuple[str, ...], dict[int, Row]] = defaultdict(dict)
        for row_id, values in rows.items():
            alike[tuple(values)][row_id] = values
        for columns, some in alike.items():
            self._change(table, columns, some)

    def _change(self, table: Table, columns: tuple[str, ...], rows: Mapping[int, Row]) -> None:
        own = [table.c[name] for name in columns]
        values: Row = {name: bindparam(f"new_{name}") for name in columns}
        statement = update(table).where(table.c.id == bindparam("row_id")).values(values)
        for chunk in _chunks(list(rows)):
            self.go_on(len(chunk))
            found = self.connection.execute(select(table.c.id, *own).where(table.c.id.in_(chunk)))
            before = {row_id: dict(zip(columns, held, strict=True)) for row_id, *held in found}
            after = {row_id: rows[row_id] for row_id in chunk}
            wanted = [{"row_id": row_id} | {f"new_{k}": v for k, v in row.items()} for row_id, row in after.items()]
            self.connection.execute(statement, wanted)
            self.takeback.add(Replacement(table, columns, before, after))

    def go_on(self, rows: int) -> None:
        """Tell of this many more rows. Raises AppError `import_stopped` when nobody wants them any more."""
        if self.stop.is_set():
            raise AppError("import_stopped")
        self.progress(rows)


def carry_out_passes(carrying: Carrying, plan: ImportPlan[Card], pool_id: int | None) -> None:
    """Make, change and remove passes; with a pool, all that the list names become its members."""
    connection, at = carrying.connection, carrying.at
    gone = [card.id for card in plan.removed if card.id is not None]
    history_rows.note_passes(connection, at, ChangeKind.PASS_REMOVED, Origin.IMPORT, gone)
    for chunk in _chunks(gone):
        carrying.go_on(len(chunk))
        carrying.takeback.add(removal.remove(connection, schema.passes, chunk))
    holders = _holders(carrying, plan.new_emails)
    changed = {
        row.after.id: _different(_card_columns(row.before, holders), _card_columns(row.after, holders))
        for row in plan.rows
        if row.is_carried_out and row.before and row.after and row.after.id is not None
    }
    carrying.change(schema.passes, changed)
    history_rows.note_passes(connection, at, ChangeKind.PASS_CHANGED, Origin.IMPORT, list(changed))
    new = [row.after for row in plan.rows if row.is_carried_out and row.after and row.before is None]
    made = carrying.insert(schema.passes, (_card_columns(card, holders) | {"created_at": at} for card in new))
    history_rows.note_passes(connection, at, ChangeKind.PASS_ADDED, Origin.IMPORT, made)
    if pool_id is not None:
        named = [row.after.id for row in plan.rows if row.before and row.after and row.after.id is not None]
        _add_members(carrying, pool_id, pass_ids=[*named, *made])


def clear_pool(carrying: Carrying, pool_id: int) -> None:
    """Take every member out of a pool."""
    members = schema.members.c
    ids = list(carrying.connection.scalars(select(members.id).where(members.pool_id == pool_id)))
    if ids:
        gone = delete_members(carrying.connection, pool_id, carrying.at, Origin.IMPORT, ids)
        carrying.takeback.add(gone)


def carry_out_members(carrying: Carrying, plan: ImportPlan[Entry], pool_id: int) -> None:
    """Put passes and identities into a pool; passes that nobody knows yet are made."""
    connection, at = carrying.connection, carrying.at
    _remove_members(carrying, pool_id, plan.removed)
    holders = _holders(carrying, plan.new_emails)
    wanted = [row.after for row in plan.rows if row.is_carried_out and row.after]
    unknown = [entry for entry in wanted if entry.is_pass and entry.pass_id is None]
    rows = [
        _card_columns(Card(entry.uid, entry.visible_id, entry.name, entry.email), holders) | {"created_at": at}
        for entry in unknown
    ]
    made = carrying.insert(schema.passes, rows)
    history_rows.note_passes(connection, at, ChangeKind.PASS_ADDED, Origin.IMPORT, made)
    pass_ids = dict(zip(map(id, unknown), made, strict=True))
    by_end: dict[datetime | None, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for entry in wanted:
        identities, passes = by_end[existing.ends_after(entry.valid_until)]
        if entry.is_pass:
            passes.append(entry.pass_id or pass_ids[id(entry)])
        else:
            identities.append(holders[entry.email.casefold()])
    for ends, (identities, passes) in by_end.items():
        _add_members(carrying, pool_id, identity_ids=identities, pass_ids=passes, valid_until=ends)
    _set_ends(carrying, pool_id, plan, holders)


def carry_out_identities(carrying: Carrying, plan: ImportPlan[Person]) -> None:
    """Make and change identities."""
    connection, at = carrying.connection, carrying.at
    organizations = existing.organization_ids(connection)
    changed: dict[int, Row] = {}
    new: list[Row] = []
    for row in plan.rows:
        if not row.is_carried_out or row.after is None:
            continue
        values = _person_columns(row.after, organizations, carrying.organization_id)
        if row.after.id is None:
            new.append(values | {"created_at": at})
        else:
            before = _person_columns(row.before or row.after, organizations, carrying.organization_id)
            changed[row.after.id] = _different(before, values)
    carrying.change(schema.identities, changed)
    history_rows.note_identities(connection, at, ChangeKind.IDENTITY_CHANGED, Origin.IMPORT, list(changed))
    made = carrying.insert(schema.identities, new)
    history_rows.note_identities(connection, at, ChangeKind.IDENTITY_ADDED, Origin.IMPORT, made)


def carry_out_stations(carrying: Carrying, plan: ImportPlan[Box]) -> None:
    """Let stations in, with their names, pools and hosts."""
    connection = carrying.connection
    pools, organizations = existing.pool_ids(connection), existing.organization_ids(connection)
    ids = {
        row.station_id.casefold(): row.id
        for row in connection.execute(select(schema.stations.c.station_id, schema.stations.c.id))
    }
    changed: dict[int, Row] = {}
    new: list[Row] = []
    for row in plan.rows:
        if not row.is_carried_out or row.after is None:
            continue
        values = _box_columns(row.after, pools, organizations)
        if values["host_id"] is None and (row.before is None or values["pool_id"] is not None):
            # Who is in a pool is somebody's.
            values["host_id"] = carrying.organization_id
        if row.before is None:
            new.append(values | {"station_id": row.after.station_id})
        else:
            before = _box_columns(row.before, pools, organizations)
            changed[ids[row.before.station_id.casefold()]] = _different(before, values)
    carrying.change(schema.stations, changed)
    made = carrying.insert(schema.stations, new)
    kind = ChangeKind.STATION_ADDED
    history_rows.note_stations(connection, carrying.at, kind, Origin.IMPORT, [*changed, *made])


def _holders(carrying: Carrying, new_emails: Iterable[str]) -> dict[str, int]:
    """Every identity's id by its e-mail address, those included that the list makes."""
    at = carrying.at
    made = carrying.insert(
        schema.identities,
        [
            {
                "email": email,
                "role": Role.CARDHOLDER.value,
                "organization_id": carrying.organization_id,
                "created_at": at,
            }
            for email in new_emails
        ],
    )
    history_rows.note_identities(carrying.connection, at, ChangeKind.IDENTITY_ADDED, Origin.IMPORT, made)
    rows = carrying.connection.execute(select(schema.identities.c.email, schema.identities.c.id))
    return {row.email.casefold(): row.id for row in rows}


def _add_members(
    carrying: Carrying,
    pool_id: int,
    *,
    identity_ids: Sequence[int] = (),
    pass_ids: Sequence[int] = (),
    valid_until: datetime | None = None,
) -> None:
    added = insert_members(
        carrying.connection,
        pool_id,
        carrying.at,
        Origin.IMPORT,
        identity_ids=identity_ids,
        pass_ids=pass_ids,
        valid_until=valid_until,
    )
    if added:
        carrying.takeback.add(Came(schema.members, added))


def _remove_members(carrying: Carrying, pool_id: int, entries: Sequence[Entry]) -> None:
    member, identity = schema.members.c, schema.identities.c
    rows = carrying.connection.execute(
        select(member.id, member.pass_id, identity.email)
        .select_from(schema.members.outerjoin(schema.identities, identity.id == member.identity_id))
        .where(member.pool_id == pool_id)
    )
    passes = {entry.pass_id for entry in entries if entry.is_pass}
    emails = {entry.email.casefold() for entry in entries if not entry.is_pass}
    ids = [row.id for row in rows if row.pass_id in passes or (row.email and row.email.casefold() in emails)]
    if ids:
        gone = delete_members(carrying.connection, pool_id, carrying.at, Origin.IMPORT, ids)
        carrying.takeback.add(gone)


def _set_ends(carrying: Carrying, pool_id: int, plan: ImportPlan[Entry], holders: Mapping[str, int]) -> None:
    """Members that are members already, and now until another day."""
    member = schema.members.c
    changed: dict[int, Row] = {}
    for row in plan.rows:
        if not row.is_carried_out or row.before is None or row.after is None:
            continue
        own = (
            member.pass_id == row.after.pass_id
            if row.after.is_pass
            else member.identity_id == holders[row.after.email.casefold()]
        )
        found = carrying.connection.scalar(select(member.id).where(member.pool_id == pool_id, own))
        if found is not None:
            changed[found] = {"valid_until": existing.ends_after(row.after.valid_until)}
    carrying.change(schema.members, changed)


def _card_columns(card: Card, holders: Mapping[str, int]) -> Row:
    return {
        "uid": card.uid,
        "visible_id": card.visible_id,
        "visible_key": canonical_visible_id(card.visible_id) if card.visible_id else None,
        "name": card.name,
        "identity_id": holders[card.email.casefold()] if card.email else None,
        "valid_from": existing.begins_with(card.valid_from),
        "valid_until": existing.ends_after(card.valid_until),
        "blocked": bool(card.blocked),
    }


def _person_columns(person: Person, organizations: Mapping[str, int], default: int) -> Row:
    return {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "role": person.role or Role.CARDHOLDER.value,
        "external_id": person.external_id or None,
        "organization_id": organizations.get(person.organization, default),
        "valid_from": existing.begins_with(person.valid_from),
        "valid_until": existing.ends_after(person.valid_until),
    }


def _box_columns(box: Box, pools: Mapping[str, int], organizations: Mapping[str, int]) -> Row:
    return {
        "name": box.name,
        "registration": Registration.ACCEPTED.value if box.is_accepted else None,
        "pool_id": pools.get(box.pool),
        "host_id": organizations.get(box.organization),
    }


def _different(before: Row, after: Row) -> Row:
    """Only what a list changes is written: a day in it is less exact than a moment that somebody chose."""
    return {name: value for name, value in after.items() if before[name] != value}


def _next_id(connection: Connection, table: Table) -> int:
    """The id that AUTOINCREMENT would give next."""
    given = connection.execute(text("select seq from sqlite_sequence where name = :name"), {"name": table.name})
    return max(int(given.scalar() or 0), int(connection.scalar(select(func.max(table.c.id))) or 0)) + 1


def _chunks(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
