"""Taking rows away so that they can be put back exactly as they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, ForeignKey, Table, bindparam, delete, insert, select, update

from app.database.schema import metadata

CHUNK = 500


@dataclass(slots=True)
class Removal:
    """Rows that were deleted, in order of deletion, and references that were emptied by it."""

    rows: list[tuple[Table, list[dict[str, Any]]]] = field(default_factory=list)
    references: list[tuple[Table, str, list[dict[str, Any]]]] = field(default_factory=list)

    def ids(self, table: Table) -> list[int]:
        """Those of a table's rows that were deleted."""
        return [row["id"] for other, rows in self.rows if other is table for row in rows]


def remove(connection: Connection, table: Table, ids: Iterable[int], removal: Removal | None = None) -> Removal:
    """Delete the rows with these ids and whatever cascades from them; what is returned can be restored."""
    removal = removal or Removal()
    wanted = list(ids)
    for start in range(0, len(wanted), CHUNK):
        _remove(connection, table, wanted[start : start + CHUNK], removal)
    return removal


def restore(connection: Connection, removal: Removal) -> None:
    """Put everything back, but for references that mean something else by now.

    Raises IntegrityError when something new has taken the place of a row.
    """
    for table, rows in reversed(removal.rows):
        connection.execute(insert(table), rows)
    for table, column, rows in removal.references:
        still_empty = update(table).where(table.c.id == bindparam("row_id"), table.c[column].is_(None))
        connection.execute(still_empty.values({column: bindparam("target")}), rows)


def _remove(connection: Connection, table: Table, ids: Sequence[int], removal: Removal) -> None:
    for key in _keys_to(table):
        other, column = key.parent.table, key.parent
        if key.ondelete == "CASCADE" and _keys_to(other):
            remove(connection, other, list(connection.scalars(select(other.c.id).where(column.in_(ids)))), removal)
        elif key.ondelete == "CASCADE":
            _take(connection, other, column.in_(ids), removal)
        elif key.ondelete == "SET NULL":
            found = connection.execute(
                select(other.c.id.label("row_id"), column.label("target")).where(column.in_(ids))
            )
            rows = [dict(row) for row in found.mappings()]
            if rows:
                removal.references.append((other, column.name, rows))
    _take(connection, table, table.c.id.in_(ids), removal)


@cache
def _keys_to(table: Table) -> tuple[ForeignKey, ...]:
    keys = (key for other in metadata.sorted_tables for key in other.foreign_keys)
    return tuple(key for key in keys if key.column.table is table)


def _take(connection: Connection, table: Table, condition: Any, removal: Removal) -> None:
    rows = [dict(row) for row in connection.execute(select(table).where(condition)).mappings()]
    if rows:
        removal.rows.append((table, rows))
        connection.execute(delete(table).where(condition))
