"""Lists that come in: read, understood, planned, carried out exactly as planned, and taken back."""

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import schema
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import IdentitiesChanged, PassesChanged, PoolsChanged, StationsChanged
from app.domain.import_fields import Columns, Field, ListKind, find_columns
from app.domain.import_identities import plan_identities
from app.domain.import_members import plan_members
from app.domain.import_passes import plan_passes
from app.domain.import_plan import Choices, ImportPlan
from app.domain.import_stations import plan_stations
from app.domain.sheets import Row
from app.exchange import existing
from app.exchange.carrying_out import (
    Carrying,
    carry_out_identities,
    carry_out_members,
    carry_out_passes,
    carry_out_stations,
    clear_pool,
)
from app.exchange.delimited import parsed
from app.exchange.reading import read_table
from app.exchange.tables import Sheet, Workbook
from app.exchange.takeback import Takeback, take_back
from app.responsiveness import nothing_collected

#: Imports that can be looked up; only the last one can be taken back.
IMPORTS_KEPT = 50


@dataclass(frozen=True, slots=True)
class ImportJob:
    """A list and what the operator says of it. `corrections` replace cells (row, column), counted from 0.

    `pool_id` is the pool that the list is of (members), or into which its passes go as well; `clear_pool` takes out
    of it first whatever is in it.
    """

    kind: ListKind
    sheet: Sheet
    columns: Columns
    choices: Choices = field(default_factory=Choices)
    source: str = ""
    pool_id: int | None = None
    clear_pool: bool = False
    organization_id: int = schema.FIRST_ORGANIZATION
    corrections: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedImport:
    """A job, its plan, and what there was when it was planned."""

    job: ImportJob
    plan: ImportPlan[Any]
    _existing: Any = field(repr=False)

    @property
    def changes_something(self) -> bool:
        """Whether there is anything to carry out: rows, removals, or passes to be put into a pool."""
        goes_into_pool = self.job.pool_id is not None and self.job.kind is ListKind.PASSES
        rows = self.plan.rows
        wanted = any(row.is_carried_out or (goes_into_pool and row.before is not None) for row in rows)
        return wanted or bool(self.plan.removed)

    def still_holds(self, now_there: object) -> bool:
        """Whether what there is now is what the plan was made on."""
        return bool(self._existing == now_there)


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import that was carried out. `counts` are those of its plan's verdicts, and `removed`."""

    id: int
    at: datetime
    kind: ListKind
    source: str
    counts: Mapping[str, int]
    can_be_undone: bool


class Importer:
    """`back_up` writes a copy of the site; it is awaited before anything is carried out."""

    def __init__(
        self, store: Store, bus: Bus, clock: Callable[[], datetime], back_up: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._back_up = back_up

    async def read(self, path: Path, sheet: str = "") -> Workbook:
        """The table in a file. Raises AppError as `read_table` does."""
        return await read_table(path, sheet)

    def pasted(self, text: str) -> Workbook:
        """Text from the clipboard as a table. Raises AppError `nothing_pasted`, and those of `delimited.parsed`."""
        if not text.strip():
            raise AppError("nothing_pasted")
        return Workbook(parsed(text))

    def columns_for(self, sheet: Sheet, kind: ListKind) -> Columns:
        """What the columns of a sheet mean: as the operator said of one with the same headers, else as it seems."""
        found = find_columns(sheet.rows, kind)
        query = select(schema.column_choices.c.columns).filter_by(shape=_shape(sheet, kind, found))
        chosen = self._store.reader.scalar(query)
        if chosen is None:
            return found
        return replace(found, by_field={Field(name): column for name, column in orjson.loads(chosen).items()})

    async def remember(self, sheet: Sheet, kind: ListKind, columns: Columns) -> None:
        """Keep what the operator said of the columns, for the next sheet with the same headers."""
        values = {
            "shape": _shape(sheet, kind, columns),
            "columns": orjson.dumps({each.value: column for each, column in columns.by_field.items()}).decode(),
            "chosen_at": self._clock(),
        }
        statement = sqlite.insert(schema.column_choices).values(values)
        update_it = statement.on_conflict_do_update(index_elements=["shape"], set_=values)
        await self._store.write(lambda connection: connection.execute(update_it).rowcount)

    async def plan(self, job: ImportJob) -> PlannedImport:
        """What the list would change. Raises AppError `pool_unknown` when a list of members names no pool."""
        return await asyncio.to_thread(self._plan, job)

    async def carry_out(
        self,
        planned: PlannedImport,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
        stop: threading.Event | None = None,
    ) -> ImportRecord:
        """Carry out exactly this plan, whole or not at all, after a backup. `progress` is called in another thread.

        Raises AppError `data_moved_on` when what there is changed since it was planned, `import_stopped` when `stop`
        was set, `nothing_to_import`, those of a backup and `disk_…`; then nothing is written.
        """
        total = sum(row.is_carried_out for row in planned.plan.rows)
        if not planned.changes_something:
            raise AppError("nothing_to_import")
        await self._back_up()
        done = 0

        def go_on(count: int) -> None:
            nonlocal done
            done = min(total, done + count)
            progress(done, total)

        @nothing_collected()
        def write(connection: Connection) -> ImportRecord:
            return self._carry_out(connection, planned, go_on, stop or threading.Event())

        try:
            record = await self._store.write(write)
        except IntegrityError as error:
            raise AppError("data_moved_on") from error
        self._tell()
        return record

    def last(self) -> ImportRecord | None:
        """The last import, also of an earlier run."""
        row = schema.imports.c
        # What takes it back may be megabytes long: here only whether it is there is asked.
        asked = select(row.id, row.at, row.kind, row.source, row.counts, row.undo.is_not(None))
        found = self._store.reader.execute(asked.order_by(row.id.desc()).limit(1)).first()
        if found is None:
            return None
        record_id, at, kind, source, counts, can_be_undone = found
        return ImportRecord(record_id, at, ListKind(kind), source, orjson.loads(counts), bool(can_be_undone))

    async def undo_last(self) -> None:
        """Take the last import back, exactly.

        Raises AppError `nothing_to_undo`, and `undo_overtaken` when what it wrote was changed since.
        """
        now = self._clock()

        @nothing_collected()
        def write(connection: Connection) -> None:
            row = connection.execute(_LATEST).mappings().first()
            if row is None or row["undo"] is None:
                raise AppError("nothing_to_undo")
            take_back(connection, row["undo"], row["at"])
            undone = update(schema.imports).filter_by(id=row["id"]).values(undo=None, undone_at=now)
            connection.execute(undone)

        try:
            await self._store.write(write)
        except IntegrityError as error:
            raise AppError("undo_overtaken") from error
        self._tell()

    @nothing_collected()
    def _plan(self, job: ImportJob) -> PlannedImport:
        there = _existing(self._store.reader, job)
        rows = _corrected(job)
        kinds = {place: kind for place, kind in job.sheet.kinds.items() if place not in job.corrections}
        plan: ImportPlan[Any]
        match job.kind:
            case ListKind.PASSES:
                plan = plan_passes(rows, job.columns, there, job.choices, kinds)
            case ListKind.MEMBERS:
                plan = plan_members(rows, job.columns, there, job.choices, kinds)
            case ListKind.IDENTITIES:
                people, organizations = there
                plan = plan_identities(rows, job.columns, people, organizations, kinds)
            case ListKind.STATIONS:
                boxes, pools, organizations = there
                plan = plan_stations(rows, job.columns, boxes, pools, organizations, kinds)
        return PlannedImport(job, plan, there)

    def _carry_out(
        self, connection: Connection, planned: PlannedImport, progress: Callable[[int], None], stop: threading.Event
    ) -> ImportRecord:
        job, plan = planned.job, planned.plan
        if not planned.still_holds(_existing(connection, job)):
            raise AppError("data_moved_on")
        carrying = Carrying(connection, self._clock(), job.organization_id, progress, stop, Takeback())
        if job.clear_pool and job.pool_id is not None and job.kind is ListKind.PASSES:
            clear_pool(carrying, job.pool_id)
        match job.kind:
            case ListKind.PASSES:
                carry_out_passes(carrying, plan, job.pool_id)
            case ListKind.MEMBERS:
                carry_out_members(carrying, plan, job.pool_id or 0)
            case ListKind.IDENTITIES:
                carry_out_identities(carrying, plan)
            case ListKind.STATIONS:
                carry_out_stations(carrying, plan)
        return _keep_record(carrying, job, plan)

    def _tell(self) -> None:
        # Everything may have changed: views read again.
        for event in (IdentitiesChanged(()), PassesChanged(()), PoolsChanged(()), StationsChanged(())):
            self._bus.publish(event)


def _existing(connection: Connection, job: ImportJob) -> Any:
    match job.kind:
        case ListKind.PASSES:
            return existing.passes(connection)
        case ListKind.MEMBERS:
            if job.pool_id is None:
                raise AppError("pool_unknown")
            return existing.members(connection, job.pool_id)
        case ListKind.IDENTITIES:
            return existing.identities(connection), tuple(existing.organization_ids(connection))
        case ListKind.STATIONS:
            names = tuple(existing.pool_ids(connection)), tuple(existing.organization_ids(connection))
            return existing.stations(connection), *names


def _corrected(job: ImportJob) -> Sequence[Row]:
    if not job.corrections:
        return job.sheet.rows
    rows = list(job.sheet.rows)
    for (at, column), text in job.corrections.items():
        row = list(rows[at])
        row += [""] * (column + 1 - len(row))
        row[column] = text
        rows[at] = row
    return rows


def _keep_record(carrying: Carrying, job: ImportJob, plan: ImportPlan[Any]) -> ImportRecord:
    connection, rows = carrying.connection, schema.imports
    counts = {verdict.value: count for verdict, count in plan.counts().items()} | {"removed": len(plan.removed)}
    connection.execute(update(rows).values(undo=None))
    values = {
        "at": carrying.at,
        "kind": job.kind.value,
        "source": job.source,
        "counts": orjson.dumps(counts).decode(),
        "undo": carrying.takeback.packed(),
    }
    record_id = int(connection.execute(insert(rows).values(values).returning(rows.c.id)).scalar_one())
    kept = select(rows.c.id).order_by(rows.c.id.desc()).limit(IMPORTS_KEPT)
    connection.execute(delete(rows).where(rows.c.id.not_in(kept)))
    return ImportRecord(record_id, carrying.at, job.kind, job.source, counts, can_be_undone=True)


def _shape(sheet: Sheet, kind: ListKind, columns: Columns) -> str:
    headers = [] if columns.header_row is None else sheet.rows[columns.header_row]
    return hashlib.sha256(orjson.dumps([kind.value, headers])).hexdigest()


_LATEST = select(schema.imports).order_by(schema.imports.c.id.desc()).limit(1)
