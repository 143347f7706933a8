"""Whom cards belong to: organizations, identities, passes and what is known of a pass."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from app.database.columns import NO_CASE, Moment, metadata

#: The organization every site begins with; a site with only this one never sees organizations.
FIRST_ORGANIZATION = 1

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
Index("ix_seen_forms_station_id", seen_forms.c.station_id)

# The passes that an organization has set to Off: they open none of the stations it hosts.
passes_off = Table(
    "passes_off",
    metadata,
    Column("organization_id", ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True),
    Column("pass_id", ForeignKey("passes.id", ondelete="CASCADE"), primary_key=True, index=True),
)
