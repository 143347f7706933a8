"""What happened: sessions, meter values, taps, messages. It outlives what it names."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, Text

from app.database.columns import NO_CASE, Moment, metadata

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
