"""What takes an import back, as it is kept in the database: small, and good also after a restart."""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, Table, delete, select

from app.database import removal, schema
from app.database.columns import Amount, Moment, metadata
from app.database.replacement import Replacement, put_columns_back
from app.domain.errors import AppError
from app.domain.history import Origin
from app.domain.instants import from_ms, to_ms

_COMPRESSION = 1
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Came:
    """Rows that were inserted."""

    table: Table
    ids: Sequence[int]


Step = Came | Replacement | removal.Removal


class Takeback:
    """What an import does, step by step: packed as it is done, so that a long one is never in memory as a whole."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(_COMPRESSION)
        self._parts: list[bytes] = []

    def add(self, step: Step) -> None:
        self._parts.append(self._packer.compress(orjson.dumps(_packed(step)) + b"\n"))

    def packed(self) -> bytes:
        """All of it, for the database. Nothing can be added any more."""
        return b"".join([*self._parts, self._packer.flush()])


def take_back(connection: Connection, packed: bytes, carried_out_at: datetime) -> None:
    """Put everything back as it was, the last step first, since later steps rest on earlier ones.

    Raises AppError `undo_overtaken` when something it brought was changed since, such as a pass whose UID was captured,
    and IntegrityError when it is no longer possible otherwise.
    """
    lines = zlib.decompress(packed).splitlines()
    while lines:
        match _unpacked(*orjson.loads(lines.pop())):
            case Came(table, ids):
                for start in range(0, len(ids), _CHUNK):
                    _refuse_changed(connection, table, ids[start : start + _CHUNK], carried_out_at)
                    # What cascades from them came with them.
                    connection.execute(delete(table).where(table.c.id.in_(ids[start : start + _CHUNK])))
            case Replacement() as replaced:
                put_columns_back(connection, replaced)
            case removal.Removal() as removed:
                removal.restore(connection, removed)


def _refuse_changed(connection: Connection, table: Table, ids: Sequence[int], carried_out_at: datetime) -> None:
    change = schema.access_changes.c
    column = {"passes": change.pass_id, "identities": change.identity_id}.get(table.name)
    if column is None:
        return
    by_itself = (change.origin == Origin.IMPORT.value) & (change.at == carried_out_at)
    later = select(change.id).where(column.in_(ids), change.at >= carried_out_at, ~by_itself)
    if connection.execute(later.limit(1)).first():
        raise AppError("undo_overtaken")


def _packed(step: Step) -> tuple[Any, ...]:
    match step:
        case Came(table, ids):
            return "came", table.name, ids
        case Replacement():
            return "replaced", step.table.name, step.columns, _pairs(step.before), _pairs(step.after)
        case removal.Removal():
            rows = [[table.name, [_plain(row) for row in rows]] for table, rows in step.rows]
            return "gone", rows, [[table.name, column, rows] for table, column, rows in step.references]


def _unpacked(kind: str, *told: Any) -> Step:
    tables = metadata.tables
    if kind == "came":
        name, ids = told
        return Came(tables[name], ids)
    if kind == "replaced":
        name, columns, before, after = told
        return Replacement(tables[name], tuple(columns), _rows(tables[name], before), _rows(tables[name], after))
    rows, references = told
    return removal.Removal(
        [(tables[name], [_typed(tables[name], row) for row in some]) for name, some in rows],
        [(tables[name], column, some) for name, column, some in references],
    )


def _pairs(rows: dict[int, dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    return [(row_id, _plain(row)) for row_id, row in rows.items()]


def _rows(table: Table, pairs: list[tuple[int, dict[str, Any]]]) -> dict[int, dict[str, Any]]:
    return {row_id: _typed(table, row) for row_id, row in pairs}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {str(name): _plain_value(value) for name, value in row.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_ms(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, Decimal) else value


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _typed_value(table, name, value) for name, value in row.items()}


def _typed_value(table: Table, name: str, value: Any) -> Any:
    if value is None:
        return None
    kind = table.c[name].type
    if isinstance(kind, Moment):
        return from_ms(value)
    if isinstance(kind, Amount):
        return Decimal(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value
