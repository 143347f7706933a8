"""Changing rows so that exactly what was changed can be put back, and only over what the change left there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update

from app.domain.errors import AppError

CHUNK = 500

_Rows = dict[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Replacement:
    """The columns that a change made different, and by id of the rows it did so to, what they held and hold since."""

    table: Table
    columns: tuple[str, ...]
    before: _Rows
    after: _Rows

    @property
    def ids(self) -> tuple[int, ...]:
        """The rows that are different now."""
        return tuple(self.after)


def replace_columns(connection: Connection, table: Table, ids: Iterable[int], values: Mapping[str, Any]) -> Replacement:
    """Give the rows with these ids new values. Those that are not there are left out."""
    wanted = list(ids)
    before = _read(connection, table, wanted, tuple(values))
    for chunk in _chunks(wanted):
        connection.execute(update(table).where(table.c.id.in_(chunk)).values(values))
    after = _read(connection, table, wanted, tuple(values))
    changed = [row_id for row_id, row in after.items() if row != before[row_id]]
    columns = tuple(name for name in values if any(before[each][name] != after[each][name] for each in changed))
    return Replacement(table, columns, _only(before, changed, columns), _only(after, changed, columns))


def put_columns_back(connection: Connection, replacement: Replacement) -> None:
    """Give the rows what they held before. Other columns keep what they hold now.

    Raises AppError `undo_overtaken` when one of them was changed again or is gone, and IntegrityError when what it
    held is somebody else's by now or does not go together with what it holds besides.
    """
    table, columns = replacement.table, replacement.columns
    if not columns:
        return
    if _read(connection, table, replacement.ids, columns) != replacement.after:
        raise AppError("undo_overtaken")
    own = update(table).where(table.c.id == bindparam("row_id"))
    rows = [{"row_id": row_id} | _named(row) for row_id, row in replacement.before.items()]
    connection.execute(own.values({name: bindparam(_name(name)) for name in columns}), rows)


def _read(connection: Connection, table: Table, ids: Sequence[int], columns: Sequence[str]) -> _Rows:
    found: _Rows = {}
    for chunk in _chunks(ids):
        query = select(table.c.id.label("row_id"), *(table.c[name] for name in columns)).where(table.c.id.in_(chunk))
        for row in connection.execute(query).mappings():
            found[row["row_id"]] = {name: row[name] for name in columns}
    return found


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _only(rows: _Rows, ids: Iterable[int], columns: Sequence[str]) -> _Rows:
    return {row_id: {name: rows[row_id][name] for name in columns} for row_id in ids}


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {_name(name): value for name, value in row.items()}


def _name(column: str) -> str:
    return f"was_{column}"
