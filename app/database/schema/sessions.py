"""Charges, and what their meters said."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from app.database.columns import NO_CASE, Amount, Moment, metadata

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
    # The name a station of OCPP 2.x gave it.
    Column("reference", Text),
    # Who charged and at which price, as it was then.
    Column("pool_id", Integer),
    Column("pass_name", Text, nullable=False, server_default=""),
    Column("visible_id", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("is_member", Boolean, nullable=False, server_default=text("0")),
    Column("tariff", Text, nullable=False, server_default=""),
    Column("price_per_kwh", Amount),
    Column("price_per_session", Amount),
    Column("currency", Text, nullable=False, server_default=""),
    # What was concluded from all that was told of it: its energy, until which reading, and what had to be supposed.
    Column("energy_wh", Integer),
    Column("metered_at", Moment),
    Column("flags", Text, nullable=False, server_default=""),
    Column("clock_set", Boolean, nullable=False, server_default=text("1")),
    # The station's own stop: when it was told (null: it was not), and whether it named this session.
    Column("stop_told_at", Moment),
    Column("stop_named", Boolean, nullable=False, server_default=text("0")),
    Column("stop_clock_set", Boolean, nullable=False, server_default=text("1")),
    Column("reported_stop", Text, nullable=False, server_default=""),
    Column("meter_stop_wh", Integer),
    Column("stop_holder", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
Index("ix_sessions_station_connector", sessions.c.station_id, sessions.c.connector_id, sessions.c.reported_start)
Index("ix_sessions_open", sessions.c.station_id, sqlite_where=sessions.c.stopped_at.is_(None))
Index("ix_sessions_open_of_pass", sessions.c.pass_id, sqlite_where=sessions.c.stopped_at.is_(None))
Index(
    "uq_sessions_reference",
    sessions.c.station_id,
    sessions.c.reference,
    unique=True,
    sqlite_where=sessions.c.reference.is_not(None),
)
Index("ix_sessions_unsure", sessions.c.station_id, sqlite_where=sessions.c.stop_named == text("0"))
Index("ix_sessions_stop", sessions.c.station_id, sessions.c.reported_stop)

meter_values = Table(
    "meter_values",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", NO_CASE, nullable=False),
    Column("connector_id", Integer, nullable=False),
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), index=True),
    Column("at", Moment, nullable=False),
    Column("sampled", Text, nullable=False),
    Column("energy_wh", Integer),
    # It came with a stop, and goes where that goes.
    Column("of_stop", Boolean, nullable=False, server_default=text("0")),
)
Index(
    "uq_meter_values_sample",
    meter_values.c.station_id,
    meter_values.c.connector_id,
    meter_values.c.at,
    meter_values.c.sampled,
    unique=True,
)
