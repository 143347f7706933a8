"""Who may charge where: pools, PINs, members, requests, letters, and every change of it."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from app.database.columns import NO_CASE, Amount, Moment, metadata

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
