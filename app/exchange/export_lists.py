"""What is written of each kind of thing: its columns, and where their values come from.

The columns of passes, members, identities and stations that a list may bring in are named and filled as `importer`
reads them, so that a list that went out comes back as it was; the others are for people.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Integer, Select, Table, column, func, literal, or_, select

from app.database import schema
from app.database.names import whole_name
from app.database.rows import to_session
from app.domain.endings import ended_by
from app.domain.export_kinds import ExportForm, ExportKind
from app.domain.model import Message, Registration
from app.domain.prices import Tariff, cost_of
from app.exchange.existing import begins_with, ends_after, first_day, last_day
from app.exchange.writers import Cell


@dataclass(frozen=True, slots=True)
class Listed:
    """One column: `header` for people, `key` for programs, and its cell of a row."""

    header: str
    key: str
    cell: Callable[[Any], Cell]


@dataclass(frozen=True, slots=True)
class ExportList:
    """What to ask the database for, and what to write of each row that it gives."""

    columns: Sequence[Listed]
    query: Select[Any]


def export_list(
    kind: ExportKind, form: ExportForm, ids: Sequence[int] | None, pool_id: int | None, now: datetime
) -> ExportList:
    """Any kind but messages. `ids` are the rows wanted, in their order; None: all of them."""
    match kind:
        case ExportKind.PASSES:
            return ExportList(_PASS_COLUMNS[form], _these(_passes(pool_id, now), schema.passes, ids))
        case ExportKind.MEMBERS if form is not ExportForm.ALL:
            of_members = _passes(pool_id, now) if pool_id is not None else _passes_of_any_pool(now)
            return ExportList(_PASS_COLUMNS[form], of_members.order_by(schema.passes.c.id))
        case ExportKind.MEMBERS:
            return ExportList(_MEMBERS, _these(_members(pool_id), schema.members, ids))
        case ExportKind.IDENTITIES:
            return ExportList(_IDENTITIES, _these(_identities(pool_id), schema.identities, ids))
        case ExportKind.STATIONS:
            return ExportList(_STATIONS, _these(_stations(pool_id, ids), schema.stations, ids))
        case ExportKind.SESSIONS:
            return ExportList(_SESSIONS, _these(_sessions(pool_id), schema.sessions, ids, latest_first=True))
        case ExportKind.TAPS:
            return ExportList(_TAPS, _these(_taps(pool_id), schema.taps, ids, latest_first=True))
        case ExportKind.MESSAGES:
            raise ValueError(kind)


def message_columns() -> Sequence[Listed]:
    """Of messages, which the journal reads."""
    return _MESSAGES


# What is asked for

_CARD, _PERSON, _POOL, _MEMBER = schema.passes.c, schema.identities.c, schema.pools.c, schema.members.c
_ORGANIZATION = schema.organizations.c


def _these(query: Select[Any], table: Table, ids: Sequence[int] | None, *, latest_first: bool = False) -> Select[Any]:
    if ids is None:
        return query.order_by(table.c.id.desc() if latest_first else table.c.id)
    # As one value: a list of a hundred thousand is more than a statement takes.
    wanted = func.json_each(orjson.dumps(list(ids)).decode()).table_valued(
        column("key", Integer), column("value", Integer)
    )
    return query.where(table.c.id == wanted.c.value).order_by(wanted.c.key)


def _passes(pool_id: int | None, now: datetime) -> Select[Any]:
    """With a pool: those that it admits at the moment, by themselves or by their identities."""
    other = schema.linked_uids.c
    linked = select(func.group_concat(other.uid, " ")).where(other.pass_id == _CARD.id).scalar_subquery()
    names = select(func.group_concat(_POOL.name, ", ")).where(_POOL.id.in_(_pools_of_pass(now))).scalar_subquery()
    query = (
        select(
            schema.passes,
            _PERSON.email,
            whole_name().label("holder"),
            _ORGANIZATION.name.label("organization"),
            linked.label("linked"),
            names.label("pools"),
        )
        .select_from(schema.passes.outerjoin(schema.identities))
        .outerjoin(schema.organizations, _ORGANIZATION.id == _PERSON.organization_id)
    )
    return query if pool_id is None else query.where(literal(pool_id).in_(_pools_of_pass(now)))


def _passes_of_any_pool(now: datetime) -> Select[Any]:
    return _passes(None, now).where(_pools_of_pass(now).exists())


def _pools_of_pass(now: datetime) -> Select[Any]:
    in_force = or_(_MEMBER.valid_until.is_(None), _MEMBER.valid_until > now)
    by_itself, by_identity = _MEMBER.pass_id == _CARD.id, _MEMBER.identity_id == _CARD.identity_id
    return select(_MEMBER.pool_id).where(in_force, or_(by_itself, by_identity)).correlate(schema.passes)


def _members(pool_id: int | None) -> Select[Any]:
    query = (
        select(
            *(_CARD.visible_id, _CARD.uid, _CARD.name, _PERSON.email, whole_name().label("holder")),
            *(_MEMBER.id, _MEMBER.valid_until, _MEMBER.added_at, _POOL.name.label("pool")),
        )
        .select_from(schema.members.join(schema.pools))
        .outerjoin(schema.passes, _CARD.id == _MEMBER.pass_id)
        .outerjoin(schema.identities, _PERSON.id == func.coalesce(_MEMBER.identity_id, _CARD.identity_id))
    )
    return query if pool_id is None else query.where(_MEMBER.pool_id == pool_id)


def _identities(pool_id: int | None) -> Select[Any]:
    passes = select(func.count()).where(_CARD.identity_id == _PERSON.id).scalar_subquery()
    query = select(schema.identities, _ORGANIZATION.name.label("organization"), passes.label("passes")).select_from(
        schema.identities.join(schema.organizations)
    )
    members = select(_MEMBER.identity_id).where(_MEMBER.pool_id == pool_id)
    return query if pool_id is None else query.where(_PERSON.id.in_(members))


def _stations(pool_id: int | None, ids: Sequence[int] | None) -> Select[Any]:
    """Those that were let in, unless they are named: a list that comes back lets in whom it lists."""
    row = schema.stations.c
    query = select(schema.stations, _POOL.name.label("pool"), _ORGANIZATION.name.label("organization")).select_from(
        schema.stations.outerjoin(schema.pools).outerjoin(schema.organizations, _ORGANIZATION.id == row.host_id)
    )
    if ids is None:
        query = query.where(row.registration == Registration.ACCEPTED.value)
    return query if pool_id is None else query.where(row.pool_id == pool_id)


def _sessions(pool_id: int | None) -> Select[Any]:
    row = schema.sessions.c
    query = select(schema.sessions)
    named = select(_POOL.name).where(_POOL.id == pool_id).scalar_subquery()
    return query if pool_id is None else query.where(or_(row.pool_id == pool_id, row.pool_name == named))


def _taps(pool_id: int | None) -> Select[Any]:
    row = schema.taps.c
    query = select(schema.taps, _CARD.visible_id, _CARD.name.label("pass_name")).select_from(
        schema.taps.outerjoin(schema.passes)
    )
    return query if pool_id is None else query.where(row.pool_id == pool_id)


# What is written


def _of(name: str) -> Callable[[Any], Cell]:
    return attrgetter(name)


def _moment(at: datetime | None) -> str:
    """Here, with the distance to UTC."""
    if at is None:
        return ""
    return at.astimezone().isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def _at(name: str) -> Callable[[Any], Cell]:
    return lambda row: _moment(getattr(row, name))


def _amount(name: str) -> Callable[[Any], Cell]:
    """An amount of money as it was written: a decimal fraction has no exact float."""

    def cell(row: Any) -> str:
        amount = getattr(row, name)
        return "" if amount is None else str(amount)

    return cell


def _begin(row: Any) -> str:
    day = first_day(row.valid_from)
    return day.isoformat() if day and begins_with(day) == row.valid_from else _moment(row.valid_from)


def _end(row: Any) -> str:
    """The last day; the moment itself where it is within one. Either is read as that day."""
    day = last_day(row.valid_until)
    return day.isoformat() if day and ends_after(day) == row.valid_until else _moment(row.valid_until)


def _energy(row: Any) -> float | None:
    return None if row.energy_wh is None else row.energy_wh / 1000


def _cost(row: Any) -> str:
    cost = cost_of(to_session(row._mapping))  # noqa: SLF001 - how SQLAlchemy gives a row by its names
    return "" if cost is None else str(cost)


def _is_free(row: Any) -> bool:
    return row.tariff in (Tariff.FREE_VEND, Tariff.MEMBERS_FREE)


def _ended_by(row: Any) -> str:
    by = ended_by(to_session(row._mapping))  # noqa: SLF001 - how SQLAlchemy gives a row by its names
    return "" if by is None else by.value


def _duration(row: Any) -> float | None:
    return None if row.stopped_at is None else round((row.stopped_at - row.started_at).total_seconds() / 60, 1)


_VISIBLE_ID = Listed("Visible ID", "visible_id", _of("visible_id"))
_UID = Listed("UID", "uid", _of("uid"))
_PASS_NAME = Listed("Pass name", "name", _of("name"))
_PASSHOLDER = Listed("E-mail address of passholder", "email", _of("email"))
_VALIDITY = (Listed("Valid from", "valid_from", _begin), Listed("Valid until", "valid_until", _end))
_HOLDER = Listed("Holder", "holder", _of("holder"))
_POOL_THEN = Listed("Pool", "pool", _of("pool_name"))
_STATION = (
    Listed("Station ID", "station_id", _of("station_id")),
    Listed("Station name", "station_name", _of("station_name")),
    Listed("Connector", "connector_id", _of("connector_id")),
)
_CARD_THEN = (
    _HOLDER,
    _VISIBLE_ID,
    Listed("Pass name", "pass_name", _of("pass_name")),
    _UID,
    Listed("ID as sent", "id_tag", _of("raw_id_tag")),
)
_ANSWER = (
    Listed("Answer", "status", _of("status")),
    Listed("Reason", "reason", _of("reason")),
)

_PASS_COLUMNS: Mapping[ExportForm, Sequence[Listed]] = {
    ExportForm.MAXEM: (_VISIBLE_ID, _UID, _PASS_NAME, _PASSHOLDER),
    ExportForm.EV_PORTAL: (Listed("Auth ID", "auth_id", lambda row: row.visible_id or row.uid),),
    ExportForm.ALL: (
        *(_VISIBLE_ID, _UID, _PASS_NAME, _PASSHOLDER),
        *_VALIDITY,
        Listed("Blocked", "blocked", _of("blocked")),
        _HOLDER,
        Listed("Organization", "organization", _of("organization")),
        Listed("Pools", "pools", _of("pools")),
        Listed("Other UIDs", "linked_uids", _of("linked")),
        Listed("Added", "created_at", _at("created_at")),
        Listed("Last used", "last_used_at", _at("last_used_at")),
    ),
}

_MEMBERS = (
    *(_VISIBLE_ID, _UID, _PASS_NAME, Listed("E-mail address", "email", _of("email"))),
    Listed("Valid until", "valid_until", _end),
    _HOLDER,
    Listed("Pool", "pool", _of("pool")),
    Listed("Member since", "added_at", _at("added_at")),
)

_IDENTITIES = (
    Listed("First name", "first_name", _of("first_name")),
    Listed("Last name", "last_name", _of("last_name")),
    Listed("E-mail address", "email", _of("email")),
    Listed("Role", "role", _of("role")),
    Listed("External ID", "external_id", _of("external_id")),
    Listed("Organization", "organization", _of("organization")),
    *_VALIDITY,
    Listed("Passes", "passes", _of("passes")),
    Listed("Added", "created_at", _at("created_at")),
)

_STATIONS = (
    Listed("Station ID", "station_id", _of("station_id")),
    Listed("Name", "name", _of("name")),
    Listed("Pool", "pool", _of("pool")),
    Listed("Organization", "organization", _of("organization")),
    Listed("State", "registration", _of("registration")),
    Listed("Vendor", "vendor", _of("vendor")),
    Listed("Model", "model", _of("model")),
    Listed("Serial number", "serial_number", _of("serial_number")),
    Listed("Firmware", "firmware", _of("firmware")),
    Listed("Address", "address", _of("address")),
    Listed("First seen", "first_seen_at", _at("first_seen_at")),
    Listed("Last seen", "last_seen_at", _at("last_seen_at")),
)

_SESSIONS = (
    Listed("Session", "id", _of("id")),
    Listed("Start", "started_at", _at("started_at")),
    Listed("End", "stopped_at", _at("stopped_at")),
    Listed("Minutes", "minutes", _duration),
    Listed("kWh", "kwh", _energy),
    *_STATION,
    *_CARD_THEN,
    _POOL_THEN,
    *_ANSWER,
    Listed("Meter at start (Wh)", "meter_start_wh", _of("meter_start_wh")),
    Listed("Meter at end (Wh)", "meter_last_wh", _of("meter_last_wh")),
    Listed("Why it ended", "stop_reason", _of("stop_reason")),
    Listed("Ended by", "ended_by", _ended_by),
    Listed("Holder of the card that ended it", "stop_holder", _of("stop_holder")),
    Listed("E-mail address", "email", _of("email")),
    Listed("On the pool's list", "is_member", _of("is_member")),
    Listed("Free of charge", "is_free", _is_free),
    Listed("Price", "tariff", _of("tariff")),
    Listed("Per kWh", "price_per_kwh", _amount("price_per_kwh")),
    Listed("Per session", "price_per_session", _amount("price_per_session")),
    Listed("Cost", "cost", _cost),
    Listed("Currency", "currency", _of("currency")),
    Listed("Repaired", "flags", _of("flags")),
    Listed("Station's own transaction", "reference", _of("reference")),
)

_TAPS = (
    Listed("Time", "at", _at("at")),
    *_STATION,
    *_CARD_THEN,
    _POOL_THEN,
    Listed("Message", "source", _of("source")),
    *_ANSWER,
)


def _repairs(message: Message) -> str:
    return " ".join(message.repairs)


_MESSAGES = (
    Listed("Time", "at", _at("at")),
    Listed("Station ID", "station_id", _of("station_id")),
    Listed("Direction", "direction", lambda message: message.direction.value),
    Listed("Message", "action", _of("action")),
    Listed("ID as sent", "id_tag", _of("id_tag")),
    Listed("Outcome", "outcome", _of("outcome")),
    Listed("Reason", "reason", _of("reason")),
    Listed("Holder", "holder", _of("holder")),
    Listed("Took (ms)", "took_ms", _of("took_ms")),
    Listed("Question", "request", _of("request")),
    Listed("Answer", "response", _of("response")),
    Listed("Repairs", "repairs", _repairs),
)
