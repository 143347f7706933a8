"""Stations that do not name themselves are told by their address."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("alter table habits add column nameless_at TEXT DEFAULT '' NOT NULL")
