"""Rows of the database as values of the domain."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Insert, RowMapping

from app.domain.charges import Flag
from app.domain.history import AccessChange, ChangeKind, Origin
from app.domain.ids import Uid
from app.domain.letters import Letter, LetterState
from app.domain.model import (
    AccessLevel,
    Identity,
    OcppVersion,
    Organization,
    Pass,
    Pool,
    PoolOptions,
    Price,
    Registration,
    Role,
    Session,
    Station,
)
from app.domain.pins import Pin
from app.domain.security import SecurityProfile

_PLAIN_OPTIONS = tuple(
    name for name in PoolOptions.__dataclass_fields__ if name not in ("member_price", "price", "notify")
)


def to_identity(row: RowMapping) -> Identity:
    return Identity(**_fields(Identity, row) | {"role": Role(row["role"])})


def to_pass(row: RowMapping) -> Pass:
    return Pass(**_fields(Pass, row) | {"uid": Uid(row["uid"]) if row["uid"] else None})


def to_pool(row: RowMapping) -> Pool:
    own = {name: row[name] for name in _PLAIN_OPTIONS}
    options = PoolOptions(
        **own,
        member_price=Price(row["member_price_per_kwh"], row["member_price_per_session"]),
        price=Price(row["price_per_kwh"], row["price_per_session"]),
        notify=tuple(row["notify"].splitlines()),
    )
    return Pool(row["id"], row["name"], AccessLevel(row["level"]), options)


def pool_columns(pool: Pool) -> dict[str, object]:
    """What is stored of a pool, but for its id."""
    options = pool.options
    return {
        "name": pool.name,
        "level": pool.level.value,
        **{name: getattr(options, name) for name in _PLAIN_OPTIONS},
        "member_price_per_kwh": options.member_price.per_kwh,
        "member_price_per_session": options.member_price.per_session,
        "price_per_kwh": options.price.per_kwh,
        "price_per_session": options.price.per_session,
        "notify": "\n".join(options.notify),
    }


def to_organization(row: RowMapping) -> Organization:
    return Organization(**_fields(Organization, row))


def to_access_change(row: RowMapping) -> AccessChange:
    coded = {"kind": ChangeKind(row["kind"]), "origin": Origin(row["origin"])}
    return AccessChange(**_fields(AccessChange, row) | coded)


def to_letter(row: RowMapping) -> Letter:
    return Letter(**_fields(Letter, row) | {"state": LetterState(row["state"])})


def to_pin(row: RowMapping) -> Pin:
    return Pin(**_fields(Pin, row))


def to_station(row: RowMapping) -> Station:
    version = OcppVersion(row["ocpp_version"]) if row["ocpp_version"] else None
    wanted = row["wanted_profile"]
    coded = {
        "registration": Registration(row["registration"]),
        "ocpp_version": version,
        "security_profile": SecurityProfile(row["security_profile"]),
        "wanted_profile": None if wanted is None else SecurityProfile(wanted),
    }
    return Station(**_fields(Station, row) | coded)


def to_session(row: RowMapping) -> Session:
    price = Price(row["price_per_kwh"], row["price_per_session"])
    flags = tuple(Flag(flag) for flag in row["flags"].split())
    return Session(**_fields(Session, row, but=("price", "flags")), price=price, flags=flags)


def insert_row(connection: Connection, statement: Insert) -> int:
    """Insert one row and give its id."""
    key = connection.execute(statement).inserted_primary_key
    if key is None:
        raise TypeError(statement)
    return int(key[0])


def _fields(kind: Any, row: RowMapping, *, but: Collection[str] = ()) -> dict[str, Any]:
    return {name: row[name] for name in kind.__dataclass_fields__ if name not in but}
