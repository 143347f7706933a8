"""What stations speak, and what is known of them beyond their boot."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("alter table stations add column ocpp_version text default '' not null")
