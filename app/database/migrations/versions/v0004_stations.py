"""What stations speak, and what is known of them beyond their boot."""

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
