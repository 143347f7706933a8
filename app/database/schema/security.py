"""What stations prove themselves with. Passwords are here as slow hashes, certificates without their keys."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from app.database.columns import Moment, metadata

# The one in use, and those that were given to a station which has not used them yet.
station_passwords = Table(
    "station_passwords",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("stations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kept", Text, nullable=False),
    Column("in_use", Boolean, nullable=False),
    Column("set_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

# What stations asked to have signed, and what became of it. A certificate that is not here opens nothing.
station_certificates = Table(
    "station_certificates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("station_id", ForeignKey("stations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csr", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("key_kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("valid_until", Moment),
    Column("fingerprint", Text, nullable=False, server_default=""),
    CheckConstraint("state in ('asked', 'issued', 'refused', 'revoked')", name="state"),
    sqlite_autoincrement=True,
)
Index(
    "ix_station_certificates_asked",
    station_certificates.c.id,
    sqlite_where=station_certificates.c.state == "asked",
)
