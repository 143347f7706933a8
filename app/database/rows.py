"""Rows of the database as values of the domain."""

from typing import Any

from sqlalchemy import Connection, Insert, RowMapping

from app.domain.ids import Uid
from app.domain.model import AccessLevel, Identity, Pass, Pool, Registration, Role, Session, Station


def to_identity(row: RowMapping) -> Identity:
    return Identity(**_fields(Identity, row) | {"role": Role(row["role"])})


def to_pass(row: RowMapping) -> Pass:
    return Pass(**_fields(Pass, row) | {"uid": Uid(row["uid"]) if row["uid"] else None})


def to_pool(row: RowMapping) -> Pool:
    return Pool(**_fields(Pool, row) | {"level": AccessLevel(row["level"])})


def to_station(row: RowMapping) -> Station:
    return Station(**_fields(Station, row) | {"registration": Registration(row["registration"])})


def to_session(row: RowMapping) -> Session:
    """Energy is what the register moved since the start: unknown without both readings, never negative."""
    start, last = row["meter_start_wh"], row["meter_last_wh"]
    energy = last - start if start is not None and last is not None and last >= start else None
    return Session(**_fields(Session, row, but="energy_wh"), energy_wh=energy)


def insert_row(connection: Connection, statement: Insert) -> int:
    """Insert one row and give its id."""
    key = connection.execute(statement).inserted_primary_key
    if key is None:
        raise TypeError(statement)
    return int(key[0])


def _fields(kind: Any, row: RowMapping, *, but: str = "") -> dict[str, Any]:
    return {name: row[name] for name in kind.__dataclass_fields__ if name != but}
