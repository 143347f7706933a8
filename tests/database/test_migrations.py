"""The layout that the migrations make is the layout that the program is written for."""

import contextlib
import sqlite3
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from app.database.migrate import MIGRATIONS
from app.database.schema import FIRST_ORGANIZATION, HEAD, metadata
from app.database.store import Store
from app.domain.errors import AppError
from tests.disk_faults import POSIX, files_no_longer_than


@pytest.fixture
def migrated(database):
    Store(database).close()
    with contextlib.closing(sqlite3.connect(database)) as connection:
        yield connection


@pytest.fixture
def described(tmp_path):
    """A database made from the description, without any migration."""
    path = tmp_path / "described.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection


def test_alembic_finds_no_difference(database):
    Store(database).close()
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def layout(connection):
    """What Alembic does not compare: collations, partial indexes, what deletions do, keys never given twice."""
    tables = [
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table' order by name")
        if not name.startswith(("sqlite_", "alembic_"))
    ]
    indexes = {
        name: (
            table,
            sorted(connection.execute(f"pragma index_xinfo({name})").fetchall()),
            "".join(str(sql).split("WHERE")[1:]).strip().removeprefix("(").removesuffix(")"),
        )
        for name, table, sql in connection.execute(
            "select name, tbl_name, sql from sqlite_master where type = 'index' and sql is not null"
        )
    }
    return {
        "tables": {
            name: (
                connection.execute(f"pragma table_xinfo({name})").fetchall(),
                sorted(row[2:] for row in connection.execute(f"pragma foreign_key_list({name})")),
                sorted(row[2:] for row in connection.execute(f"pragma index_list({name})")),
                "AUTOINCREMENT"
                in connection.execute(f"select sql from sqlite_master where name='{name}'").fetchone()[0],
            )
            for name in tables
        },
        "indexes": indexes,
    }


def test_the_layouts_agree_to_the_last_index(migrated, described):
    assert layout(migrated) == layout(described)


def test_the_rules_that_rows_must_keep_agree(database, tmp_path, described):
    Store(database).close()
    rules = []
    for path in (database, tmp_path / "described.db"):
        engine = create_engine(f"sqlite:///{path}")
        inspector = inspect(engine)
        rules.append(
            {
                name: {(check["name"], check["sqltext"]) for check in inspector.get_check_constraints(name)}
                for name in metadata.tables
            }
        )
        engine.dispose()
    assert rules[0] == rules[1]
    assert sum(map(len, rules[0].values())) == 13


def test_the_program_is_written_for_the_newest_revision():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_an_empty_file_becomes_a_site(database):
    database.parent.mkdir()
    database.touch()
    store = Store(database)
    found = store.reader.exec_driver_sql("select id, name from organizations").all()
    assert [tuple(row) for row in found] == [(FIRST_ORGANIZATION, "")]
    store.close()


def test_opening_again_changes_nothing(database):
    store = Store(database)
    store.submit(lambda connection: connection.exec_driver_sql("insert into settings values ('a', '1')")).result()
    store.close()
    before = database.read_bytes()
    Store(database).close()
    assert database.read_bytes() == before


@POSIX
def test_a_migration_that_fails_half_way_leaves_nothing_half_made(database):
    with files_no_longer_than(100_000), pytest.raises(AppError, match="data_folder_unusable"):
        Store(database)
    store = Store(database)
    assert store.reader.exec_driver_sql("select version_num from alembic_version").scalar() == HEAD
    store.close()


def test_the_migration_library_is_not_loaded_where_there_is_nothing_to_do(database):
    Store(database).close()
    script = (
        "import sys, pathlib\n"
        "from app.database.store import Store\n"
        "Store(pathlib.Path(sys.argv[1])).close()\n"
        "print('alembic' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(database)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_a_revision_nobody_knows_is_a_newer_program(database):
    Store(database).close()
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update alembic_version set version_num = 'abcd'")
    with pytest.raises(AppError, match="database_newer"):
        Store(database)


EARLIER_ROWS = """
update organizations set name = 'Hotel' where id = 1;
insert into organizations values (2, 'Annex', 1), (7, 'Guests', 2);
insert into identities values
    (1, 'Ann', 'Bo', 'ann@example.com', 'cardholder', 2, 'E-1', 5, 9, 1000), (40, '', '', 'x@y', 'administrator', 1,
    null, null, null, 1001);
insert into passes values
    (1, '04A2246F', 'NL-TNM-000001', 'NLTNM000001', 'Van', 1, 1, 5, 9, 1000, 2000), (30, 'BB', null, null, '', null,
    0, null, null, 1001, null);
insert into linked_uids values ('6F24A204', 1, 1002);
insert into seen_forms values (1, 'CP-1', '04:a2:24:6f', 1003, 1004);
insert into pools values (1, 'Garage', 'by_list', 0), (2, 'Guests', 'public', 1), (20, 'Staff', 'restricted', 0);
insert into members values (1, 1, 1, null, 1005), (50, 20, null, 30, 1006);
insert into stations values
    (1, 'CP-1', 'Left', 'accepted', 1, 'V', 'M', 'S', 'F', 'A', 1, 2),
    (2, 'CP-2', '', 'pending', null, '', '', '', '', '', null, null),
    (60, 'cp-3', '', 'rejected', 20, '', '', '', '', '', 3, 4);
insert into connectors values ('CP-1', 1, 'Charging', '', 'i', 7);
insert into sessions values
    (1, 'CP-1', 'Left', 1, '04a2', '04A2', 1, 1, 'Ann', 'Garage', 'Accepted', 'pass_is_member', 't', 1, null, 5, 6,
    7.5, '', '', 8),
    (70, 'gone', '', 2, 'cc', 'CC', null, null, '', '', 'Invalid', 'unknown_card', 't', 2, 9, null, null, null, 'cc',
    'Local', 9);
insert into meter_values values (3, 'CP-1', 1, 1, 8, '[1]'), (4, 'CP-1', 1, null, 9, '[2]');
insert into taps values
    (1, 1, 'CP-1', 'Left', 1, '04a2', '04A2', 'Authorize', 'Accepted', 'pass_is_member', '[]', 1, 'Ann', 1, 'Garage',
    1), (2, 2, 'CP-1', 'Left', null, 'cc', 'CC', 'Authorize', 'Invalid', 'unknown_card', '[]', null, '', 1, 'Garage',
    null);
insert into messages values
    (1, 1, 'CP-1', 'from_station', 'Authorize', '04a2', 'Accepted', '[2]', '[3]', 1.5, '', 1, 'pass_is_member', 'Ann');
insert into settings values ('site_name', '"Hotel"');
"""
#: Ids that were given and whose rows are gone: nothing may ever mean another thing by them.
GIVEN_BEFORE = {"identities": 41, "passes": 31, "pools": 21, "members": 51, "stations": 61, "sessions": 71}


@pytest.fixture
def earlier(database):
    """A site as the first layout keeps it, with rows in every table, and every row of it."""
    database.parent.mkdir()
    engine = create_engine(f"sqlite:///{database}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(EARLIER_ROWS)
        for table, row_id in GIVEN_BEFORE.items():
            connection.execute("update sqlite_sequence set seq = ? where name = ?", (row_id, table))
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        return rows_by_table(connection)


def rows_by_table(connection):
    """Every row as a dictionary, of every table of the site."""
    tables = [
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
        if not name.startswith(("sqlite_", "alembic_"))
    ]
    found = {}
    for table in tables:
        cursor = connection.execute(f"select * from {table}")
        names = [column[0] for column in cursor.description]
        found[table] = [dict(zip(names, row, strict=True)) for row in cursor]
    return found


class TestASiteOfTheFirstLayout:
    def test_keeps_every_row_to_the_last_column(self, database, earlier):
        assert all(earlier.values())
        Store(database).close()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            now = rows_by_table(connection)
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
            assert connection.execute("pragma foreign_key_check").fetchall() == []
        for table, rows in earlier.items():
            kept = [{name: row[name] for name in rows[0]} for row in now[table]]
            assert kept == rows, table
        assert {table for table in now if table not in earlier and now[table]} == set()

    def test_gives_what_is_new_its_quiet_value(self, database, earlier):
        store = Store(database)
        (garage, *_) = store.reader.exec_driver_sql("select * from pools").mappings()
        assert {name: value for name, value in garage.items() if name not in earlier["pools"][0]} == {
            "description": "",
            "organization_id": FIRST_ORGANIZATION,
            "published": 0,
            "takes_requests": 0,
            "members_free": 0,
            "hidden": 0,
            "passes_stop_each_other": 0,
            "session_limit": None,
            "member_price_per_kwh": None,
            "member_price_per_session": None,
            "price_per_kwh": None,
            "price_per_session": None,
            "notify": "",
        }
        ends = store.reader.exec_driver_sql("select distinct valid_until from members").scalars().all()
        pins = store.reader.exec_driver_sql("select distinct pin_id from sessions").scalars().all()
        currencies = store.reader.exec_driver_sql("select distinct currency from organizations").scalars().all()
        assert (ends, pins, currencies) == ([None], [None], [""])
        store.close()

    def test_allocates_the_stations_that_were_let_in_to_the_first_organization(self, database, earlier):
        store = Store(database)
        found = store.reader.exec_driver_sql("select station_id, host_id from stations order by id").all()
        assert [tuple(row) for row in found] == [("CP-1", FIRST_ORGANIZATION), ("CP-2", None), ("cp-3", None)]
        store.close()

    def test_keeps_with_its_sessions_what_they_took_and_who_it_was(self, database, earlier):
        store = Store(database)
        asked = "select id, energy_wh, pool_id, pass_name, visible_id, email, stop_named, flags, tariff from sessions"
        found = [tuple(row) for row in store.reader.exec_driver_sql(f"{asked} order by id")]
        assert found == [
            (1, 1, 1, "Van", "NL-TNM-000001", "ann@example.com", 0, "", ""),
            (70, None, None, "", "", "", 1, "", ""),
        ]
        store.close()

    def test_never_gives_an_id_again(self, database, earlier):
        Store(database).close()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            rows = rows_by_table(connection)
            for table, given in GIVEN_BEFORE.items():
                copy = {name: value for name, value in rows[table][-1].items() if name != "id"}
                copy |= {
                    name: f"another {value}"
                    for name, value in copy.items()
                    if name in ("email", "uid", "name", "station_id", "visible_key") and value
                }
                if table == "members":
                    copy |= {"pool_id": 2}
                names, marks = ", ".join(copy), ", ".join("?" * len(copy))
                cursor = connection.execute(f"insert into {table} ({names}) values ({marks})", tuple(copy.values()))
                assert cursor.lastrowid == given + 1, table
            made = connection.execute("insert into organizations (name) values ('New')").lastrowid
            assert made == 8
            connection.execute("delete from organizations where id = 8")
            assert connection.execute("insert into organizations (name) values ('Newer')").lastrowid == 9
            connection.rollback()

    def test_still_sets_its_references_free_and_takes_along_what_belongs_to_a_pool(self, database, earlier):
        Store(database).close()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("pragma foreign_keys = on")
            connection.execute("delete from pools where id in (1, 20)")
            stations = connection.execute("select pool_id from stations order by id").fetchall()
            members = connection.execute("select count(*) from members").fetchone()
            assert (stations, members) == ([(None,), (None,), (None,)], (0,))
            connection.execute("delete from sessions where id = 1")
            assert connection.execute("select count(*) from meter_values").fetchone() == (1,)
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute("delete from organizations where id = 2")
            connection.rollback()

    @POSIX
    def test_stays_as_it_was_when_the_disk_is_full_half_way(self, database, earlier):
        with files_no_longer_than(40_000), pytest.raises(AppError, match="data_folder_unusable"):
            Store(database)
        with contextlib.closing(sqlite3.connect(database)) as connection:
            assert rows_by_table(connection) == earlier
        Store(database).close()
        with contextlib.closing(sqlite3.connect(database)) as connection:
            assert [row["id"] for row in rows_by_table(connection)["sessions"]] == [1, 70]
