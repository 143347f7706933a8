"""What was learned of stations: what they do otherwise than OCPP has it, how to treat each, who may pose as one."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, text

from app.database.columns import NO_CASE, Moment, metadata

repairs = Table(
    "repairs",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    Column("code", Text, primary_key=True),
    # The action and the field where only the schema objects to it.
    Column("about", Text, primary_key=True, server_default=""),
    Column("times", Integer, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("example", Text, nullable=False),
)

habits = Table(
    "habits",
    metadata,
    Column("station_id", NO_CASE, primary_key=True),
    Column("answer_delay_ms", Integer, nullable=False, server_default=text("0")),
    Column("milliseconds", Boolean, nullable=False, server_default=text("0")),
    # The address of this computer that it connected to last.
    Column("reached_at", Text, nullable=False, server_default=""),
    # The serial number by which it is known, and another one that the same identity told since.
    Column("serial_number", Text, nullable=False, server_default=""),
    Column("other_serial_number", Text, nullable=False, server_default=""),
    # The address from which it comes without naming itself.
    Column("nameless_at", Text, nullable=False, server_default=""),
    Column("never_pongs", Boolean, nullable=False, server_default=text("0")),
    # Questions at which it ended the connection, a blank between them.
    Column("breaks_off_at", Text, nullable=False, server_default=""),
)

#: Connections by which somebody may have tried to pass for a station, the latest of each kind.
alarms = Table(
    "alarms",
    metadata,
    Column("address", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("station_id", NO_CASE, primary_key=True),
    Column("detail", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
