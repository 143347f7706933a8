"""The layout that the migrations make is the layout that the program is written for."""

import contextlib
import sqlite3
import subprocess
import sys

import pytest
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
    assert sum(map(len, rules[0].values())) == 6


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
