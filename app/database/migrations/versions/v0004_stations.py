"""What stations speak, and what is known of them beyond their boot."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("alter table stations add column ocpp_version text default '' not null")
    op.execute(
        """
        create table station_variables (
            station_id VARCHAR collate "NOCASE" not null,
            name VARCHAR collate "NOCASE" not null,
            value TEXT,
            read_only BOOLEAN,
            read_at INTEGER not null,
            constraint pk_station_variables primary key (station_id, name)
        )
        """
    )
    _learned()


def _learned() -> None:
    op.create_table(
        "repairs",
        sa.Column("station_id", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Integer(), nullable=False),
        sa.Column("example", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", "code", "about", name=op.f("pk_repairs")),
    )
    op.create_table(
        "habits",
        sa.Column("station_id", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("answer_delay_ms", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("milliseconds", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("reached_at", sa.Text(), server_default="", nullable=False),
        sa.Column("serial_number", sa.Text(), server_default="", nullable=False),
        sa.Column("other_serial_number", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_habits")),
    )
