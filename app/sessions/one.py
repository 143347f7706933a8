"""One session's row, read and changed: statements that are made once, since they run at each report."""

from collections.abc import Mapping

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from app.database import schema

_ONE = select(schema.sessions).where(schema.sessions.c.id == bindparam("session"))
_CHANGE = update(schema.sessions).where(schema.sessions.c.id == bindparam("session"))


def find(connection: Connection, session_id: int) -> RowMapping | None:
    """The row, if it is still there."""
    return connection.execute(_ONE, {"session": session_id}).mappings().first()


def one(connection: Connection, session_id: int) -> RowMapping:
    """The row of a session that is there."""
    return connection.execute(_ONE, {"session": session_id}).mappings().one()


def change(connection: Connection, session_id: int, values: Mapping[str, object]) -> None:
    """Set some of its columns."""
    connection.execute(_CHANGE, {"session": session_id, **values})
