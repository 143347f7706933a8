"""What belongs to the data folder itself: imports, choices, settings."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text

from app.database.columns import Moment, metadata

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
