"""Access pools whole: options, PINs, requests, organizations, and what changed in who may charge."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NO_CASE = sa.String(collation="NOCASE")


def upgrade() -> None:
    _organizations()
    _pools()
    _pins()
    _members()
    _stations()
    _sessions()
    _requests()
    _outbox()
    _history()


def _organizations() -> None:
    op.create_table(
        "organizations_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organizations.id"], name=op.f("fk_organizations_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sqlite_autoincrement=True,
    )
    _take_the_place_of("organizations", ("id", "name", "parent_id"))
    op.create_index(op.f("ix_organizations_parent_id"), "organizations", ["parent_id"])
    op.create_index(op.f("ix_identities_organization_id"), "identities", ["organization_id"])
    op.create_table(
        "passes_off",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("pass_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_passes_off_organization_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pass_id"], ["passes.id"], name=op.f("fk_passes_off_pass_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "pass_id", name=op.f("pk_passes_off")),
    )
    op.create_index(op.f("ix_passes_off_pass_id"), "passes_off", ["pass_id"])


def _pools() -> None:
    op.create_table(
        "pools_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", NO_CASE, nullable=False),
        sa.Column("level", sa.Text(), server_default="private", nullable=False),
        sa.Column("free_vend", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("organization_id", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("published", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("takes_requests", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("members_free", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("passes_stop_each_other", sa.Boolean(), server_default=sa.text("0"), nullable=False),
        sa.Column("session_limit", sa.Integer(), nullable=True),
        sa.Column("member_price_per_kwh", sa.Text(), nullable=True),
        sa.Column("member_price_per_session", sa.Text(), nullable=True),
        sa.Column("price_per_kwh", sa.Text(), nullable=True),
        sa.Column("price_per_session", sa.Text(), nullable=True),
        sa.Column("notify", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("level in ('public', 'private', 'restricted', 'by_list')", name=op.f("ck_pools_level")),
        sa.CheckConstraint("free_vend = 0 or level = 'public'", name=op.f("ck_pools_free_vend_is_public")),
        sa.CheckConstraint("published = 0 or level = 'by_list'", name=op.f("ck_pools_published_is_by_list")),
        sa.CheckConstraint("takes_requests = 0 or level = 'restricted'", name=op.f("ck_pools_requests_are_restricted")),
        sa.CheckConstraint("session_limit > 0", name=op.f("ck_pools_session_limit")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_pools_organization_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint("name", name=op.f("uq_pools_name")),
        sqlite_autoincrement=True,
    )
    _take_the_place_of("pools", ("id", "name", "level", "free_vend"))
    op.create_index(op.f("ix_pools_organization_id"), "pools", ["organization_id"])


def _pins() -> None:
    op.create_table(
        "pins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.CheckConstraint("uses > 0", name=op.f("ck_pins_uses")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_pins_pool_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_pins_pool_id_digest", "pins", ["pool_id", "digest"], unique=True)


def _members() -> None:
    op.execute("alter table members add column valid_until integer")


def _stations() -> None:
    op.create_table(
        "stations_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("vendor", sa.Text(), server_default="", nullable=False),
        sa.Column("model", sa.Text(), server_default="", nullable=False),
        sa.Column("serial_number", sa.Text(), server_default="", nullable=False),
        sa.Column("firmware", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("first_seen_at", sa.Integer(), nullable=True),
        sa.Column("last_seen_at", sa.Integer(), nullable=True),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "registration in ('pending', 'accepted', 'rejected')", name=op.f("ck_stations_registration")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_stations_pool_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["host_id"], ["organizations.id"], name=op.f("fk_stations_host_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("station_id", name=op.f("uq_stations_station_id")),
        sqlite_autoincrement=True,
    )
    _take_the_place_of(
        "stations",
        (
            "id",
            "station_id",
            "name",
            "registration",
            "pool_id",
            "vendor",
            "model",
            "serial_number",
            "firmware",
            "address",
            "first_seen_at",
            "last_seen_at",
        ),
    )
    # Who was let in before there were organizations belongs to the only one there was.
    op.execute("update stations set host_id = 1 where registration = 'accepted'")
    op.create_index(op.f("ix_stations_pool_id"), "stations", ["pool_id"], unique=False)
    op.create_index(op.f("ix_stations_host_id"), "stations", ["host_id"])


def _sessions() -> None:
    op.create_table(
        "sessions_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("station_name", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("raw_id_tag", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("pass_id", sa.Integer(), nullable=True),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("pool_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_start", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.Integer(), nullable=True),
        sa.Column("meter_start_wh", sa.Integer(), nullable=True),
        sa.Column("meter_last_wh", sa.Integer(), nullable=True),
        sa.Column("power_w", sa.Float(), nullable=True),
        sa.Column("stop_id_tag", sa.Text(), server_default="", nullable=False),
        sa.Column("stop_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("stored_at", sa.Integer(), nullable=False),
        sa.Column("pin_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identities.id"], name=op.f("fk_sessions_identity_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["pass_id"], ["passes.id"], name=op.f("fk_sessions_pass_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["pin_id"], ["pins.id"], name=op.f("fk_sessions_pin_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sqlite_autoincrement=True,
    )
    _take_the_place_of(
        "sessions",
        (
            "id",
            "station_id",
            "station_name",
            "connector_id",
            "raw_id_tag",
            "uid",
            "pass_id",
            "identity_id",
            "holder",
            "pool_name",
            "status",
            "reason",
            "reported_start",
            "started_at",
            "stopped_at",
            "meter_start_wh",
            "meter_last_wh",
            "power_w",
            "stop_id_tag",
            "stop_reason",
            "stored_at",
        ),
    )
    op.create_index(op.f("ix_sessions_identity_id"), "sessions", ["identity_id"], unique=False)
    op.create_index(
        "ix_sessions_open", "sessions", ["station_id"], unique=False, sqlite_where=sa.text("stopped_at IS NULL")
    )
    op.create_index(op.f("ix_sessions_pass_id"), "sessions", ["pass_id"], unique=False)
    op.create_index(op.f("ix_sessions_started_at"), "sessions", ["started_at"], unique=False)
    op.create_index(
        "ix_sessions_station_connector", "sessions", ["station_id", "connector_id", "reported_start"], unique=False
    )
    op.create_index(op.f("ix_sessions_pin_id"), "sessions", ["pin_id"])
    op.create_index("ix_sessions_open_of_pass", "sessions", ["pass_id"], sqlite_where=sa.text("stopped_at IS NULL"))


def _requests() -> None:
    op.create_table(
        "access_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("raw_id_tag", sa.Text(), nullable=False),
        sa.Column("pass_id", sa.Integer(), nullable=True),
        sa.Column("station_id", NO_CASE, nullable=False),
        sa.Column("station_name", sa.Text(), nullable=False),
        sa.Column("connector_id", sa.Integer(), nullable=True),
        sa.Column("first_at", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("decided_at", sa.Integer(), nullable=True),
        sa.CheckConstraint("state in ('pending', 'approved', 'denied')", name=op.f("ck_access_requests_state")),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_access_requests_pool_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["pass_id"], ["passes.id"], name=op.f("fk_access_requests_pass_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_access_requests_pool_id"), "access_requests", ["pool_id"])
    op.create_index(op.f("ix_access_requests_pass_id"), "access_requests", ["pass_id"])
    op.create_index(
        "uq_access_requests_pending",
        "access_requests",
        ["pool_id", "uid"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'sending', 'sent', 'unsure', 'refused')", name=op.f("ck_outbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at"], sqlite_where=sa.text("state = 'waiting'"))


def _history() -> None:
    op.create_table(
        "access_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("pool_name", sa.Text(), server_default="", nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("pass_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_changes")),
    )
    for column in ("pool_id", "identity_id", "pass_id"):
        op.create_index(
            f"ix_access_changes_{column}", "access_changes", [column], sqlite_where=sa.text(f"{column} IS NOT NULL")
        )


def _take_the_place_of(table: str, kept: Sequence[str]) -> None:
    """Move the rows of `table` to `table_new` and give that its name; no id is ever given twice all the same."""
    columns = ", ".join(kept)
    op.execute(f"insert into {table}_new ({columns}) select {columns} from {table}")
    op.execute(
        f"insert into sqlite_sequence (name, seq) select '{table}_new', 0"
        f" where not exists (select 1 from sqlite_sequence where name = '{table}_new')"
    )
    op.execute(
        "update sqlite_sequence set seq = max(seq, coalesce("
        f"(select seq from sqlite_sequence where name = '{table}'), 0)) where name = '{table}_new'"
    )
    op.execute(f"drop table {table}")
    op.execute(f"alter table {table}_new rename to {table}")
