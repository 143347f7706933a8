"""What stations speak, and what is known of them beyond their boot."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("alter table stations add column ocpp_version TEXT DEFAULT '' NOT NULL")
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
    op.create_index(
        "ix_messages_asked", "messages", ["station_id", "id"], sqlite_where=sa.text("direction = 'to_station'")
    )
    _alone()
    _learned()
    _sessions()
    _security()
    _lists()


def _alone() -> None:
    op.create_table(
        "station_reads",
        sa.Column("station_id", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("read_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_station_reads")),
    )
    op.create_table(
        "card_tests",
        sa.Column("station_id", sa.String(collation="NOCASE"), nullable=False),
        sa.Column("ended_at", sa.Integer(), nullable=False),
        sa.Column("test", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_card_tests")),
    )


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


def _sessions() -> None:
    for column in (
        "reference TEXT",
        "pool_id INTEGER",
        "pass_name TEXT DEFAULT '' NOT NULL",
        "visible_id TEXT DEFAULT '' NOT NULL",
        "email TEXT DEFAULT '' NOT NULL",
        "is_member BOOLEAN DEFAULT 0 NOT NULL",
        "tariff TEXT DEFAULT '' NOT NULL",
        "price_per_kwh TEXT",
        "price_per_session TEXT",
        "currency TEXT DEFAULT '' NOT NULL",
        "energy_wh INTEGER",
        "metered_at INTEGER",
        "flags TEXT DEFAULT '' NOT NULL",
        "clock_set BOOLEAN DEFAULT 1 NOT NULL",
        "stop_told_at INTEGER",
        "stop_named BOOLEAN DEFAULT 0 NOT NULL",
        "stop_clock_set BOOLEAN DEFAULT 1 NOT NULL",
        "reported_stop TEXT DEFAULT '' NOT NULL",
        "meter_stop_wh INTEGER",
        "stop_holder TEXT DEFAULT '' NOT NULL",
    ):
        op.execute(f"alter table sessions add column {column}")
    op.execute("alter table meter_values add column energy_wh INTEGER")
    op.execute("alter table meter_values add column of_stop BOOLEAN DEFAULT 0 NOT NULL")
    op.execute(
        "create unique index uq_sessions_reference on sessions (station_id, reference) WHERE reference IS NOT NULL"
    )
    op.execute("create index ix_sessions_unsure on sessions (station_id) WHERE stop_named = 0")
    op.execute("create index ix_sessions_stop on sessions (station_id, reported_stop)")
    op.execute("update sessions set energy_wh = meter_last_wh - meter_start_wh where meter_last_wh >= meter_start_wh")
    op.execute(
        "update sessions set stop_named = 1, stop_told_at = stopped_at, meter_stop_wh = meter_last_wh "
        "where stopped_at is not null and stop_reason != 'stop_never_came'"
    )
    op.execute("update sessions set flags = 'stop_never_came' where stop_reason = 'stop_never_came'")
    # What told such a stop from others was kept as its start.
    op.execute(
        "update sessions set flags = 'start_never_came', stop_named = 0, reported_start = '' "
        "where reason = 'start_never_came'"
    )
    # Who it was is known as far as it still is there.
    op.execute(
        "update sessions set pass_name = p.name, visible_id = coalesce(p.visible_id, '') "
        "from passes p where p.id = sessions.pass_id"
    )
    op.execute("update sessions set email = i.email from identities i where i.id = sessions.identity_id")
    op.execute("update sessions set pool_id = (select id from pools p where p.name = sessions.pool_name)")


def _security() -> None:
    op.execute("alter table stations add column security_profile INTEGER DEFAULT 0 NOT NULL")
    op.execute("alter table stations add column wanted_profile INTEGER")
    op.execute("alter table stations add column password_form TEXT DEFAULT '' NOT NULL")
    op.create_table(
        "station_passwords",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("set_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_station_passwords_station_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_passwords")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_station_passwords_station_id"), "station_passwords", ["station_id"])
    op.create_table(
        "station_certificates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("csr", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("key_kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state in ('asked', 'issued', 'refused', 'revoked')", name=op.f("ck_station_certificates_state")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"],
            ["stations.id"],
            name=op.f("fk_station_certificates_station_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_certificates")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_station_certificates_station_id"), "station_certificates", ["station_id"])
    op.create_index(
        "ix_station_certificates_asked",
        "station_certificates",
        ["id"],
        sqlite_where=sa.text("state = 'asked'"),
    )


def _lists() -> None:
    op.execute(
        """
        create table local_lists (
            station_id VARCHAR collate "NOCASE" not null,
            record TEXT not null,
            about TEXT default '' not null,
            confirmed_at INTEGER,
            out_of_step_since INTEGER,
            conflict_at INTEGER,
            cache_stale_since INTEGER,
            constraint pk_local_lists primary key (station_id)
        )
        """
    )
    op.execute(
        """
        create table local_list_entries (
            station_id VARCHAR collate "NOCASE" not null,
            raw TEXT not null,
            status TEXT not null,
            expires_at INTEGER,
            group_id TEXT,
            constraint pk_local_list_entries primary key (station_id, raw)
        )
        """
    )
    op.execute("create index ix_seen_forms_station_id on seen_forms (station_id)")
