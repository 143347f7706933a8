"""What happened: taps and messages. It outlives what it names."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, Text

from app.database.columns import NO_CASE, Moment, metadata

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
Index("ix_messages_asked", messages.c.station_id, messages.c.id, sqlite_where=messages.c.direction == "to_station")
Index("ix_messages_cards", messages.c.id, sqlite_where=messages.c.reason != "")
