"""The database file: one writer, many readers, and what a disk can do to both."""

import asyncio
import contextlib
import os
import sqlite3
import stat
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from app.database.store import Store
from app.domain.errors import AppError
from tests.disk_faults import (
    POSIX,
    driver_of_the_writer,
    files_no_longer_than,
    no_room,
    nothing_written,
    without_privileges,
)


@pytest.fixture
def store(database):
    store = Store(database)
    yield store
    store.close()


def keep(key, value="1"):
    return lambda connection: connection.execute(
        text("insert into settings values (:key, :value)"), {"key": key, "value": value}
    )


def kept(store):
    return [row.key for row in store.reader.execute(text("select key from settings order by rowid"))]


@contextlib.contextmanager
def writes_waiting(store):
    """What is written meanwhile waits, and then goes into one transaction."""
    busy, go_on = threading.Event(), threading.Event()

    def hold(connection):
        busy.set()
        assert go_on.wait(10)

    held = store.submit(hold)
    assert busy.wait(10)
    try:
        yield
    finally:
        go_on.set()
        held.result()


def code_of(future):
    error = future.exception(10)
    return error.code if isinstance(error, AppError) else error


class TestWriting:
    async def test_what_was_written_is_read_at_once(self, store):
        await store.write(keep("a"))
        assert kept(store) == ["a"]
        assert await asyncio.to_thread(kept, store) == ["a"]

    async def test_a_write_gives_what_its_function_gives(self, store):
        assert await store.write(lambda connection: connection.execute(text("select 6 * 7")).scalar()) == 42

    def test_a_result_comes_only_after_the_commit(self, store):
        seen = []

        def look(done):
            with contextlib.closing(sqlite3.connect(store.path)) as another:
                seen.append(another.execute("select count(*) from settings").fetchone()[0])

        with writes_waiting(store):
            futures = [store.submit(keep(f"k{number}")) for number in range(5)]
            for future in futures:
                future.add_done_callback(look)
        store.submit(keep("and then")).result()
        assert seen == [5] * 5

    def test_writes_that_wait_together_share_one_transaction(self, store):
        def commits():
            return store.fast_reader.execute("pragma data_version").fetchone()[0]

        begun = commits()
        with writes_waiting(store):
            futures = [store.submit(keep(f"k{number}")) for number in range(50)]
        for future in futures:
            future.result()
        # The one that held them up, and all fifty.
        assert commits() - begun <= 2
        assert len(kept(store)) == 50

    def test_writes_keep_their_order(self, store):
        with writes_waiting(store):
            futures = [store.submit(keep(f"k{number:03}")) for number in range(600)]
        for future in futures:
            future.result()
        assert kept(store) == [f"k{number:03}" for number in range(600)]

    def test_one_that_fails_harms_no_other(self, store):
        def fail_half_way(connection):
            keep("half")(connection)
            raise LookupError("half-way")

        with writes_waiting(store):
            futures = [
                store.submit(keep("a")),
                store.submit(fail_half_way),
                store.submit(keep("a")),
                store.submit(lambda connection: connection.exec_driver_sql("no such statement")),
                store.submit(keep("b")),
            ]
        errors = [type(future.exception(10)).__name__ for future in futures]
        assert errors == ["NoneType", "LookupError", "IntegrityError", "OperationalError", "NoneType"]
        assert kept(store) == ["a", "b"]
        assert store.fault == ""

    def test_one_that_was_given_up_while_it_waited_is_not_written(self, store):
        with writes_waiting(store):
            given_up, other = store.submit(keep("given up")), store.submit(keep("other"))
            assert given_up.cancel()
        other.result()
        assert kept(store) == ["other"]

    def test_many_threads_may_write(self, store):
        def write_some(number):
            for turn in range(20):
                store.submit(keep(f"{number}.{turn}")).result()

        threads = [threading.Thread(target=write_some, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(kept(store)) == 160

    async def test_references_are_kept_whole(self, store):
        orphan = text("insert into linked_uids values ('04A2', 999, 0)")
        with pytest.raises(Exception, match="FOREIGN KEY"):
            await store.write(lambda connection: connection.execute(orphan))

    async def test_an_error_names_no_uid(self, store):
        await store.write(keep("04A2246F"))
        with pytest.raises(Exception, match="UNIQUE") as refused:
            await store.write(keep("04A2246F"))
        assert "04A2246F" not in str(refused.value)


class TestClosing:
    def test_what_waits_is_still_written(self, database):
        store = Store(database)
        with writes_waiting(store):
            futures = [store.submit(keep(f"k{number}")) for number in range(400)]
            closing = threading.Thread(target=store.close)
            closing.start()
        closing.join()
        assert all(future.done() and future.exception() is None for future in futures)
        with contextlib.closing(sqlite3.connect(database)) as another:
            assert another.execute("select count(*) from settings").fetchone() == (400,)

    def test_a_closed_store_takes_no_more_and_may_be_closed_again(self, database):
        store = Store(database)
        store.close()
        store.close()
        with pytest.raises(AppError, match="database_read_only"):
            store.submit(keep("late"))

    def test_nothing_but_the_database_is_left_in_the_folder(self, database):
        store = Store(database)
        store.submit(keep("a")).result()
        store.close()
        assert names_in(database.parent) == [database.name]


class TestADiskThatTakesNothing:
    def test_a_full_disk_is_told_to_each_who_waits_and_nobody_is_lost(self, store):
        with no_room(store, pages=10):
            with writes_waiting(store):
                futures = [store.submit(keep(f"k{number}", "x" * 5_000)) for number in range(40)]
            assert {code_of(future) for future in futures} == {"disk_full"}
            assert store.fault == "disk_full"
            assert kept(store) == []
        again = [store.submit(keep(f"k{number}", "x" * 5_000)) for number in range(40)]
        for future in again:
            future.result()
        assert len(kept(store)) == 40

    async def test_the_fault_is_over_when_a_probe_gets_through(self, store):
        with no_room(store):
            with pytest.raises(AppError, match="disk_full"):
                await store.write(keep("big", "x" * 50_000))
            assert store.fault == "disk_full"
            with pytest.raises(AppError, match="disk_full"):
                await store.probe()
            assert store.fault == "disk_full"
        await store.probe()
        assert store.fault == ""
        await store.write(keep("big", "x" * 50_000))
        assert kept(store) == ["big"]

    async def test_a_read_only_disk_is_told_until_it_can_be_written_again(self, store):
        with nothing_written(store):
            for attempt in (store.write(keep("a")), store.probe()):
                with pytest.raises(AppError, match="disk_read_only"):
                    await attempt
                assert store.fault == "disk_read_only"
            assert kept(store) == []
        await store.probe()
        assert store.fault == ""
        await store.write(keep("a"))
        assert kept(store) == ["a"]

    @POSIX
    async def test_a_disk_that_fails_half_way_keeps_what_was_kept_before(self, store):
        await store.write(keep("before"))
        with files_no_longer_than(store.path.stat().st_size), pytest.raises(AppError, match="disk_failing"):
            await store.write(keep("big", "x" * 2_000_000))
        assert store.fault == "disk_failing"
        await store.write(keep("after"))
        assert store.fault == ""
        assert kept(store) == ["before", "after"]

    async def test_a_database_that_another_program_holds_is_told_and_waited_for(self, database, monkeypatch):
        monkeypatch.setattr("app.database.store.BUSY_TIMEOUT_S", 0.05)
        store = Store(database)
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as another:
            another.execute("begin immediate")
            with pytest.raises(AppError, match="disk_busy"):
                await store.write(keep("a"))
            assert store.fault == "disk_busy"
        await store.write(keep("a"))
        assert store.fault == ""
        store.close()

    async def test_a_write_that_changes_nothing_tells_nothing_of_the_disk(self, store):
        with no_room(store):
            with pytest.raises(AppError, match="disk_full"):
                await store.write(keep("big", "x" * 50_000))
            await store.write(lambda connection: connection.execute(text("delete from settings")))
            assert store.fault == "disk_full"
        await store.write(keep("a"))
        assert store.fault == ""

    async def test_probing_leaves_nothing_behind(self, store):
        layout = store.reader.exec_driver_sql("select name from sqlite_master order by name").all()
        for _ in range(20):
            await store.probe()
        assert store.reader.exec_driver_sql("select name from sqlite_master order by name").all() == layout
        assert store.path.stat().st_size < 1_000_000

    async def test_reading_goes_on_meanwhile(self, store):
        await store.write(keep("a"))
        with nothing_written(store):
            assert kept(store) == ["a"]


class TestOpening:
    def test_a_file_that_is_no_database_is_left_as_it_is(self, database):
        database.parent.mkdir()
        database.write_bytes(b"Dear diary,\n" * 500)
        assert refusal(database) == "database_damaged"
        assert database.read_bytes() == b"Dear diary,\n" * 500

    @pytest.mark.parametrize("share", [0.0005, 0.2, 0.5, 0.95])
    def test_half_a_database_is_not_opened(self, database, share):
        Store(database).close()
        whole = database.read_bytes()
        database.write_bytes(whole[: int(len(whole) * share)])
        assert refusal(database) == "database_damaged"
        assert refusal(database, read_only=True) == "database_damaged"

    def test_a_newer_database_is_left_as_it_is(self, database):
        Store(database).close()
        name_revision(database, "9999")
        before = database.read_bytes()
        assert refusal(database) == "database_newer"
        assert refusal(database, read_only=True) == "database_newer"
        assert database.read_bytes() == before

    def test_what_reads_only_brings_nothing_up_to_date(self, database):
        Store(database).close()
        name_revision(database, "0000")
        assert refusal(database, read_only=True) == "database_older"

    def test_what_reads_only_makes_nothing(self, database):
        assert refusal(database, read_only=True) == "database_absent"
        assert not database.parent.exists()
        database.parent.mkdir()
        database.touch()
        assert refusal(database, read_only=True) == "database_absent"

    def test_a_folder_below_a_file_cannot_be(self, tmp_path):
        (tmp_path / "file").touch()
        assert refusal(tmp_path / "file" / "site" / "tapdesk.db") == "data_folder_unusable"

    @pytest.mark.skipif(sys.platform != "linux", reason="/proc")
    def test_a_folder_that_no_system_makes_cannot_be(self):
        assert refusal(Path("/proc/tapdesk/tapdesk.db")) == "data_folder_unusable"

    @POSIX
    @pytest.mark.parametrize("mode", [0o500, 0o000])
    def test_a_folder_of_somebody_else_is_named(self, database, mode):
        database.parent.mkdir()
        database.parent.chmod(mode)
        with without_privileges(), pytest.raises(AppError) as refused:
            Store(database)
        database.parent.chmod(0o700)
        assert refused.value.code == "data_folder_not_writable"
        assert refused.value.params["path"] == str(database.parent)

    def test_a_folder_in_the_place_of_the_file_is_no_database(self, database):
        database.mkdir(parents=True, mode=0o755)
        assert refusal(database) in {"data_folder_unusable", "data_folder_not_writable"}

    def test_a_database_that_another_program_holds_is_in_use(self, database, monkeypatch):
        monkeypatch.setattr("app.database.store.BUSY_TIMEOUT_S", 0.05)
        database.parent.mkdir()
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as another:
            another.execute("begin exclusive")
            another.execute("create table mine (id)")
            assert refusal(database) == "data_folder_in_use"
            another.execute("rollback")

    def test_a_database_of_another_program_is_left_as_it_is(self, database):
        database.parent.mkdir()
        with contextlib.closing(sqlite3.connect(database)) as another:
            another.execute("create table pools (theirs)")
        before = database.read_bytes()
        assert refusal(database) == "database_damaged"
        assert database.read_bytes()[100:] == before[100:]

    @POSIX
    def test_everything_is_private(self, database):
        store = Store(database)
        store.submit(keep("a")).result()
        assert mode_of(database.parent) == 0o700
        assert {file.name: mode_of(file) for file in database.parent.iterdir()} == {
            f"{database.name}{suffix}": 0o600 for suffix in ("", "-wal", "-shm")
        }
        store.close()

    @POSIX
    def test_a_file_that_others_could_read_is_made_private(self, database):
        Store(database).close()
        database.chmod(0o644)
        Store(database).close()
        assert mode_of(database) == 0o600

    @pytest.mark.parametrize(
        "name", ["100% #1", "Ä ö", "a%20b", "it's"] + (["what? &x=1"] if os.name == "posix" else [])
    )
    def test_a_folder_may_have_any_name(self, tmp_path, name):
        path = tmp_path / name / "tapdesk.db"
        store = Store(path)
        store.submit(keep("a")).result()
        reading = Store(path, read_only=True)
        assert kept(reading) == ["a"]
        reading.close()
        store.close()
        assert names_in(tmp_path) == [name]

    def test_what_reads_only_sees_what_another_commits_and_writes_nothing(self, store):
        reading = Store(store.path, read_only=True)
        store.submit(keep("a")).result()
        assert kept(reading) == ["a"]
        with pytest.raises(AppError, match="database_read_only"):
            reading.submit(keep("b"))
        with pytest.raises(Exception, match="readonly"):
            reading.reader.exec_driver_sql("delete from settings")
        reading.close()

    def test_a_commit_is_on_the_disk_before_it_is_told(self, store):
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        writer = driver_of_the_writer(store)
        assert [writer.execute(f"pragma {pragma}").fetchone()[0] for pragma in pragmas] == ["wal", 2, 1]


class TestBackingUp:
    def test_the_copy_is_whole_and_private_and_alone(self, store, tmp_path):
        store.submit(keep("a")).result()
        target = tmp_path / "copies" / "copy.db"
        target.parent.mkdir()
        store.back_up(target)
        assert names_in(target.parent) == ["copy.db"]
        copy = Store(target)
        assert kept(copy) == ["a"]
        copy.close()

    @POSIX
    def test_the_copy_is_private(self, store, tmp_path):
        store.back_up(tmp_path / "copy.db")
        assert mode_of(tmp_path / "copy.db") == 0o600

    def test_a_copy_replaces_an_earlier_one(self, store, tmp_path):
        store.back_up(tmp_path / "copy.db")
        store.submit(keep("a")).result()
        store.back_up(tmp_path / "copy.db")
        copy = Store(tmp_path / "copy.db", read_only=True)
        assert kept(copy) == ["a"]
        copy.close()

    def test_a_copy_made_while_others_write_holds_whole_writes_only(self, store, tmp_path):
        stop = threading.Event()

        def write_pairs():
            number = 0
            while not stop.is_set():
                number += 1
                store.submit(
                    lambda connection, n=number: (keep(f"{n}a")(connection), keep(f"{n}b")(connection))
                ).result()

        writing = threading.Thread(target=write_pairs)
        writing.start()
        try:
            for number in range(3):
                store.back_up(tmp_path / f"{number}.db")
        finally:
            stop.set()
            writing.join()
        for number in range(3):
            copy = Store(tmp_path / f"{number}.db", read_only=True)
            keys = kept(copy)
            copy.close()
            assert keys == [f"{n}{letter}" for n in range(1, len(keys) // 2 + 1) for letter in "ab"]

    @pytest.mark.parametrize("name", ["tapdesk.db", "tapdesk.db-wal", "../site/tapdesk.db"])
    def test_a_copy_never_takes_the_place_of_the_database(self, store, name):
        store.submit(keep("a")).result()
        with pytest.raises(AppError, match="backup_onto_itself"):
            store.back_up(store.path.parent / name)
        assert kept(store) == ["a"]

    def test_a_place_that_is_not_there_is_told(self, store, tmp_path):
        with pytest.raises(AppError, match="backup_not_written") as refused:
            store.back_up(tmp_path / "nowhere" / "copy.db")
        assert refused.value.params["why"]

    @POSIX
    def test_a_disk_that_fails_half_way_leaves_the_earlier_copy(self, store, tmp_path):
        target = tmp_path / "copies" / "copy.db"
        target.parent.mkdir()
        store.back_up(target)
        before = target.read_bytes()
        store.submit(keep("big", "x" * 500_000)).result()
        with files_no_longer_than(len(before)), pytest.raises(AppError, match="backup_not_written"):
            store.back_up(target)
        assert target.read_bytes() == before
        assert names_in(target.parent) == ["copy.db"]

    def test_a_copy_can_be_made_of_what_is_open_for_reading_only(self, store, tmp_path):
        store.submit(keep("a")).result()
        reading = Store(store.path, read_only=True)
        reading.back_up(tmp_path / "copy.db")
        reading.close()
        assert (tmp_path / "copy.db").exists()


def refusal(path, **options):
    with pytest.raises(AppError) as refused:
        Store(path, **options).close()
    return refused.value.code


def name_revision(database, revision):
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update alembic_version set version_num = ?", (revision,))


def names_in(folder):
    return sorted(file.name for file in folder.iterdir())


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)
