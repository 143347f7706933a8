"""The tables. Moments are whole milliseconds since 1970, UTC; enumerations are their lower-case values.

Uniqueness that the product promises is promised here: one station per OCPP identity (whatever its case),
one pass per UID and per visible ID, one identity per e-mail address, one pool per station (a column).

What can be removed and put back never gives its id to another row (AUTOINCREMENT): taking a removal back would
find its place taken, and what still names a removed pool would suddenly mean another one.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

from app.domain.instants import from_ms, to_ms

#: The newest revision in `migrations/versions`; a database that names another one is migrated or refused.
HEAD = "0001"


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole milliseconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_ms(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_ms(value)


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


def _references(column: str, on_delete: str) -> ForeignKey:
    return ForeignKey(column, ondelete=on_delete)


organizations = Table(
    "organizations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent_id", _references("organizations.id", "RESTRICT")),
)

identities = Table(
    "identities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first_name", Text, nullable=False, server_default=""),
    Column("last_name", Text, nullable=False, server_default=""),
    Column("email", NO_CASE, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("organization_id", _references("organizations.id", "RESTRICT"), nullable=False),
    Column("external_id", Text),
    Column("valid_from", Moment),
    Column("valid_until", Moment),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("role in ('cardholder', 'administrator')", name="role"),
    sqlite_autoincrement=True,
)

passes = Table(
    "passes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, unique=True),
    Column("visible_id", Text),
    # Visible IDs are compared without the separators that people leave out.
    Column("visible_key", Text, unique=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("identity_id", _references("identities.id", "RESTRICT"), index=True),
    Column("blocked", Boolean, nullable=False, server_default=text("0")),
    Column("valid_from", Moment),
    Column("valid_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    CheckConstraint("uid is not null or visible_id is not null", name="some_id"),
    sqlite_autoincrement=True,
)

# Other canonical UIDs an operator said are the same card (a reader that reverses bytes, pads, appends …).
linked_uids = Table(
    "linked_uids",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("pass_id", _references("passes.id", "CASCADE"), nullable=False, index=True),
    Column("linked_at", Moment, nullable=False),
)

# How each station spelled this pass: a local list must hold the station's own spelling.
seen_forms = Table(
    "seen_forms",
    metadata,
    Column("pass_id", _references("passes.id", "CASCADE"), primary_key=True),
    Column("station_id", NO_CASE, primary_key=True),
    Column("raw_id_tag", Text, primary_key=True),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
)

pools = Table(
    "pools",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", NO_CASE, nullable=False, unique=True),
    Column("level", Text, nullable=False, server_default="private"),
    Column("free_vend", Boolean, nullable=False, server_default=text("0")),
    CheckConstraint("level in ('public', 'private', 'restricted', 'by_list')", name="level"),
    CheckConstraint("free_vend = 0 or level = 'public'", name="free_vend_is_public"),
    sqlite_autoincrement=True,
)

# A member is an identity (all its passes) or a single pass.
members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pool_id", _references("pools.id", "CASCADE"), nullable=False, index=True),
    Column("identity_id", _references("identities.id", "CASCADE")),
    Column("pass_id", _references("passes.id", "CASCADE")),
    Column("added_at", Moment, nullable=False),
    CheckConstraint("(identity_id is null) <> (pass_id is null)", name="identity_or_pass"),
    sqlite_autoincrement=True,
)
Index("uq_members_identity_id_pool_id", members.c.identity_id, members.c.pool_id, unique=True)
Index("uq_members_pass_id_pool_id", members.c.pass_id, members.c.pool_id, unique=True)

stations = Table(
    "stations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", NO_CASE, nullable=False, unique=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("registration", Text, nullable=False),
    Column("pool_id", _references("pools.id", "SET NULL"), index=True),
    Column("vendor", Text, nullable=False, server_default=""),
    Column("model", Text, nullable=False, server_default=""),
    Column("serial_number", Text, nullable=False, server_default=""),
    Column("firmware", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("first_seen_at", Moment),
    Column("last_seen_at", Moment),
    CheckConstraint("registration in ('pending', 'accepted', 'rejected')", name="registration"),
    sqlite_autoincrement=True,
)

connectors = Table(
    "connectors",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    Column("connector_id", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("error_code", Text, nullable=False, server_default=""),
    Column("info", Text, nullable=False, server_default=""),
    Column("changed_at", Moment, nullable=False),
)

# A session outlives its station, pass and pool: what it names, it names by value.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", NO_CASE, nullable=False),
    Column("station_name", Text, nullable=False),
    Column("connector_id", Integer, nullable=False),
    Column("raw_id_tag", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("pass_id", _references("passes.id", "SET NULL"), index=True),
    Column("identity_id", _references("identities.id", "SET NULL"), index=True),
    Column("holder", Text, nullable=False),
    Column("pool_name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reported_start", Text, nullable=False),
    Column("started_at", Moment, nullable=False, index=True),
    Column("stopped_at", Moment),
    Column("meter_start_wh", Integer),
    Column("meter_last_wh", Integer),
    Column("power_w", Float),
    Column("stop_id_tag", Text, nullable=False, server_default=""),
    Column("stop_reason", Text, nullable=False, server_default=""),
    Column("stored_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_sessions_station_connector", sessions.c.station_id, sessions.c.connector_id, sessions.c.reported_start)
Index("ix_sessions_open", sessions.c.station_id, sqlite_where=sessions.c.stopped_at.is_(None))

meter_values = Table(
    "meter_values",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", NO_CASE, nullable=False),
    Column("connector_id", Integer, nullable=False),
    Column("session_id", _references("sessions.id", "CASCADE"), index=True),
    Column("at", Moment, nullable=False),
    Column("sampled", Text, nullable=False),
)
Index(
    "uq_meter_values_sample",
    meter_values.c.station_id,
    meter_values.c.connector_id,
    meter_values.c.at,
    meter_values.c.sampled,
    unique=True,
)

taps = Table(
    "taps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("station_id", NO_CASE, nullable=False),
    Column("station_name", Text, nullable=False),
    Column("connector_id", Integer),
    Column("raw_id_tag", Text, nullable=False),
    Column("uid", Text, nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("trail", Text, nullable=False),
    Column("pass_id", _references("passes.id", "SET NULL"), index=True),
    Column("holder", Text, nullable=False),
    Column("pool_id", Integer),
    Column("pool_name", Text, nullable=False),
    Column("message_id", Integer),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("station_id", NO_CASE, nullable=False),
    Column("direction", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("id_tag", Text, nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("request", Text, nullable=False),
    Column("response", Text, nullable=False, server_default=""),
    Column("took_ms", Float),
    Column("repairs", Text, nullable=False, server_default=""),
    Column("tap_id", Integer),
    Column("reason", Text, nullable=False, server_default=""),
    Column("holder", Text, nullable=False, server_default=""),
)
Index("ix_messages_station_id_id", messages.c.station_id, messages.c.id)
Index("ix_messages_action_id", messages.c.action, messages.c.id)
Index("ix_messages_cards", messages.c.id, sqlite_where=messages.c.reason != "")

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

#: The organization every site begins with; a site with only this one never sees organizations.
FIRST_ORGANIZATION = 1
