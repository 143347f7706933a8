"""Stations as they were let in, and what they last said of themselves."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, Table, Text, text

from app.database.columns import NO_CASE, Moment, metadata

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
    # What it spoke when it last connected.
    Column("ocpp_version", Text, nullable=False, server_default=""),
    # The least it has to bring; the more it is to bring as soon as it once has; how it sends its password.
    Column("security_profile", Integer, nullable=False, server_default=text("0")),
    Column("wanted_profile", Integer),
    Column("password_form", Text, nullable=False, server_default=""),
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

# Connectors that a station was asked to keep free for a card and may keep still; its number there is the row's id.
reservations = Table(
    "reservations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("stations.id", ondelete="CASCADE"), nullable=False, index=True),
    # None: whichever is free.
    Column("connector_id", Integer),
    Column("holder", Text, nullable=False),
    Column("until", Moment, nullable=False),
    sqlite_autoincrement=True,
)

# What is set inside a station, as last read; a secret's value is never kept.
station_variables = Table(
    "station_variables",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    Column("name", NO_CASE, primary_key=True),
    Column("value", Text),
    Column("read_only", Boolean),
    Column("read_at", Moment, nullable=False),
)

# When all that is set inside a station was last read at once.
station_reads = Table(
    "station_reads",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    Column("read_at", Moment, nullable=False),
)

# What the last test with cards showed, of a station that was alone for a while: a `CardTest` as JSON.
card_tests = Table(
    "card_tests",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    Column("ended_at", Moment, nullable=False),
    Column("test", Text, nullable=False),
)

# The list of cards that a station keeps itself: what is known of it, and since when it is not what it should be.
local_lists = Table(
    "local_lists",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    # A `Record` as JSON.
    Column("record", Text, nullable=False),
    # Whose list it is: vendor, model, serial number, firmware; of another one nothing learned holds.
    Column("about", Text, nullable=False, server_default=""),
    Column("confirmed_at", Moment),
    Column("out_of_step_since", Moment),
    Column("conflict_at", Moment),
    # Somebody may no longer charge, and the station was not told since to forget whom it let charge.
    Column("cache_stale_since", Moment),
    Column("still_open_since", Moment),
)

# What each station holds, as last confirmed; `raw` in the very letters that were sent.
local_list_entries = Table(
    "local_list_entries",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    Column("raw", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("expires_at", Moment),
    Column("group_id", Text),
)
