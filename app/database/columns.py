"""What columns are made of, and how constraints are named."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, Integer, MetaData, String, Text, TypeDecorator

from app.domain.instants import from_ms, to_ms


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole milliseconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_ms(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_ms(value)


class Amount(TypeDecorator[Decimal]):
    """An amount of money, kept as written: a decimal fraction has no exact float."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value)


NO_CASE = String(collation="NOCASE")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
