"""The tables. Moments are whole milliseconds since 1970, UTC; enumerations are their lower-case values.

Uniqueness that the product promises is promised here: one station per OCPP identity (whatever its case),
one pass per UID and per visible ID, one identity per e-mail address, one pool per station (a column).

What can be removed and put back never gives its id to another row (AUTOINCREMENT): taking a removal back would
find its place taken, and what still names a removed pool would suddenly mean another one.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from app.database.columns import NO_CASE, Amount, Moment
from app.database.columns import metadata as metadata

#: The newest revision in `migrations/versions`; a database that names another one is migrated or refused.
HEAD = "0003"


organizations = Table(
    "organizations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent_id", ForeignKey("organizations.id", ondelete="RESTRICT"), index=True),
    # ISO 4217; empty: that of the organization above.
    Column("currency", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

identities = Table(
    "identities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first_name", Text, nullable=False, server_default=""),
    Column("last_name", Text, nullable=False, server_default=""),
    Column("email", NO_CASE, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("organization_id", ForeignKey("organizations.id", ondelete="RESTRICT"), nullable=False, index=True),
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
    Column("identity_id", ForeignKey("identities.id", ondelete="RESTRICT"), index=True),
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
    Column("pass_id", ForeignKey("passes.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("linked_at", Moment, nullable=False),
)

# How each station spelled this pass: a local list must hold the station's own spelling.
seen_forms = Table(
    "seen_forms",
    metadata,
    Column("pass_id", ForeignKey("passes.id", ondelete="CASCADE"), primary_key=True),
    Column("station_id", NO_CASE, primary_key=True),
    Column("raw_id_tag", Text, primary_key=True),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
)

# The passes that an organization has set to Off: they open none of the stations it hosts.
passes_off = Table(
    "passes_off",
    metadata,
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("pass_id", ForeignKey("passes.id", ondelete="CASCADE"), primary_key=True, index=True),
)

pools = Table(
    "pools",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", NO_CASE, nullable=False, unique=True),
    Column("level", Text, nullable=False, server_default="private"),
    Column("free_vend", Boolean, nullable=False, server_default=text("0")),
    Column("description", Text, nullable=False, server_default=""),
    Column(
        "organization_id",
        ForeignKey("organizations.id", ondelete="RESTRICT"),
        nullable=False,
        server_default=text("1"),
        index=True,
    ),
    Column("published", Boolean, nullable=False, server_default=text("0")),
    Column("takes_requests", Boolean, nullable=False, server_default=text("0")),
    Column("members_free", Boolean, nullable=False, server_default=text("0")),
    Column("hidden", Boolean, nullable=False, server_default=text("0")),
    Column("passes_stop_each_other", Boolean, nullable=False, server_default=text("0")),
    Column("session_limit", Integer),
    Column("member_price_per_kwh", Amount),
    Column("member_price_per_session", Amount),
    Column("price_per_kwh", Amount),
    Column("price_per_session", Amount),
    # E-mail addresses, one to a line.
    Column("notify", Text, nullable=False, server_default=""),
    CheckConstraint("level in ('public', 'private', 'restricted', 'by_list')", name="level"),
    CheckConstraint("free_vend = 0 or level = 'public'", name="free_vend_is_public"),
    CheckConstraint("published = 0 or level = 'by_list'", name="published_is_by_list"),
    CheckConstraint("takes_requests = 0 or level = 'restricted'", name="requests_are_restricted"),
    CheckConstraint("session_limit > 0", name="session_limit"),
    sqlite_autoincrement=True,
)

# What may be typed on the keypad of a pool's stations. The salt is one per pool, so that one hash tries them all.
pins = Table(
    "pins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pool_id", ForeignKey("pools.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digits", Integer, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("valid_from", Moment),
    Column("valid_until", Moment),
    # How many sessions it gives; null: without limit.
    Column("uses", Integer),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("uses > 0", name="uses"),
    sqlite_autoincrement=True,
)
Index("uq_pins_pool_id_digest", pins.c.pool_id, pins.c.digest, unique=True)

# A member is an identity (all its passes) or a single pass, for good or until a moment.
members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pool_id", ForeignKey("pools.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("identity_id", ForeignKey("identities.id", ondelete="CASCADE")),
    Column("pass_id", ForeignKey("passes.id", ondelete="CASCADE")),
    Column("added_at", Moment, nullable=False),
    Column("valid_until", Moment),
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
    Column("pool_id", ForeignKey("pools.id", ondelete="SET NULL"), index=True),
    Column("vendor", Text, nullable=False, server_default=""),
    Column("model", Text, nullable=False, server_default=""),
    Column("serial_number", Text, nullable=False, server_default=""),
    Column("firmware", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("first_seen_at", Moment),
    Column("last_seen_at", Moment),
    # The organization it is allocated to.
    Column("host_id", ForeignKey("organizations.id", ondelete="RESTRICT"), index=True),
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
    Column("pass_id", ForeignKey("passes.id", ondelete="SET NULL"), index=True),
    Column("identity_id", ForeignKey("identities.id", ondelete="SET NULL"), index=True),
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
    Column("pin_id", ForeignKey("pins.id", ondelete="SET NULL"), index=True),
    sqlite_autoincrement=True,
)
Index("ix_sessions_station_connector", sessions.c.station_id, sessions.c.connector_id, sessions.c.reported_start)
Index("ix_sessions_open", sessions.c.station_id, sqlite_where=sessions.c.stopped_at.is_(None))
Index("ix_sessions_open_of_pass", sessions.c.pass_id, sqlite_where=sessions.c.stopped_at.is_(None))

meter_values = Table(
    "meter_values",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", NO_CASE, nullable=False),
    Column("connector_id", Integer, nullable=False),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), index=True),
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
    Column("pass_id", ForeignKey("passes.id", ondelete="SET NULL"), index=True),
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

# Cards that were refused at a pool which takes requests; asking again is the same request.
access_requests = Table(
    "access_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pool_id", ForeignKey("pools.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("uid", Text, nullable=False),
    Column("raw_id_tag", Text, nullable=False),
    Column("pass_id", ForeignKey("passes.id", ondelete="SET NULL"), index=True),
    Column("station_id", NO_CASE, nullable=False),
    Column("station_name", Text, nullable=False),
    Column("connector_id", Integer),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("decided_at", Moment),
    CheckConstraint("state in ('pending', 'approved', 'denied')", name="state"),
    sqlite_autoincrement=True,
)
Index(
    "uq_access_requests_pending",
    access_requests.c.pool_id,
    access_requests.c.uid,
    unique=True,
    sqlite_where=access_requests.c.state == "pending",
)

# Letters that wait, were sent, or may have been sent when the program ended in the middle of it.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("request_id", Integer),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("problem", Text, nullable=False, server_default=""),
    Column("sent_at", Moment),
    CheckConstraint("state in ('waiting', 'sending', 'sent', 'unsure', 'refused')", name="state"),
    sqlite_autoincrement=True,
)
Index("ix_outbox_due", outbox.c.due_at, sqlite_where=outbox.c.state == "waiting")

# Who may charge, and every change of it. It outlives what it names: names are those of the moment.
access_changes = Table(
    "access_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("pool_id", Integer),
    Column("pool_name", Text, nullable=False, server_default=""),
    Column("identity_id", Integer),
    Column("pass_id", Integer),
    Column("name", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
)
for _column in (access_changes.c.pool_id, access_changes.c.identity_id, access_changes.c.pass_id):
    Index(f"ix_access_changes_{_column.name}", _column, sqlite_where=_column.is_not(None))

# What was brought in from a file, with what takes it back: `undo` is compressed and empty once it was taken back.
imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("undo", LargeBinary),
    Column("undone_at", Moment),
)

# How the columns of a file of this shape (its headers) were understood last time.
column_choices = Table(
    "column_choices",
    metadata,
    Column("shape", Text, primary_key=True),
    Column("columns", Text, nullable=False),
    Column("chosen_at", Moment, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

#: The organization every site begins with; a site with only this one never sees organizations.
FIRST_ORGANIZATION = 1
