"""Since when a station's list lets cards charge that should not."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("alter table local_lists add column still_open_since INTEGER")
