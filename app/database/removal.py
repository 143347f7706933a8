"""Taking rows away so that they can be put back exactly as they were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from app.database.schema import metadata

CHUNK = 500


@dataclass(slots=True)
class Removal:
    """Rows that were deleted, in order of deletion, and references that were emptied by it."""

    rows: list[tuple[Table, list[dict[str, Any]]]] = field(default_factory=list)
    references: list[tuple[Table, str, list[dict[str, Any]]]] = field(default_factory=list)


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
    for other in metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is not table:
                continue
            if key.ondelete == "CASCADE":
                _take(connection, other, other.c[key.parent.name].in_(ids), removal)
            elif key.ondelete == "SET NULL":
                found = connection.execute(
                    select(other.c.id.label("row_id"), key.parent.label("target")).where(key.parent.in_(ids))
                )
                rows = [dict(row) for row in found.mappings()]
                if rows:
                    removal.references.append((other, key.parent.name, rows))
    _take(connection, table, table.c.id.in_(ids), removal)


def _take(connection: Connection, table: Table, condition: Any, removal: Removal) -> None:
    rows = [dict(row) for row in connection.execute(select(table).where(condition)).mappings()]
    if rows:
        removal.rows.append((table, rows))
        connection.execute(delete(table).where(condition))
