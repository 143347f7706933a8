"""Who may have posed as a station, and what was learned of how stations behave."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("alter table habits add column never_pongs BOOLEAN DEFAULT 0 NOT NULL")
    op.execute("alter table habits add column breaks_off_at TEXT DEFAULT '' NOT NULL")
    op.create_table(
        "alarms",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("station_id", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("address", "cause", "station_id", name=op.f("pk_alarms")),
    )
