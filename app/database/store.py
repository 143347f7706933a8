"""SQLite behind three verbs: read, write, back up.

One thread owns the only writing connection. A write is a function of that connection; writes that wait
together share one transaction and one fsync, each in a savepoint of its own, so that one that fails harms
no other. `await store.write(...)` returns after the commit is on the disk (`synchronous=FULL`).
Reads run where they are called, on a connection of that thread, and see the last commit (WAL).
"""

import asyncio
import contextlib
import errno
import logging
import os
import queue
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, exc

from app.database.enclosed import enclose
from app.database.schema import HEAD
from app.domain.errors import AppError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Write = Callable[[Connection], Result]

#: Writes that may share one transaction: enough to absorb a reconnect storm, few enough to answer soon.
GROUP_LIMIT = 256
BUSY_TIMEOUT_S = 10.0
ROOM_TO_OPEN = 1 << 16


@dataclass(slots=True)
class _Job(Generic[Result]):
    write: Write[Result]
    done: "Future[Result]"


class Store:
    """The database file of one data folder. Open it once per process; `close()` ends its thread."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open and, when needed, create or migrate the database.

        Raises AppError: `data_folder_not_writable`, `data_folder_unusable`, `data_folder_in_use` (another program
        holds it), `database_newer` (written by a later version), `database_damaged` (not a database,
        or not all of one); for reading only also `database_absent` and `database_older` (not brought up to date yet).
        """
        self.path = path
        self._local = threading.local()
        self._readers: list[Connection] = []
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._taking_jobs = threading.Lock()
        self._thread: threading.Thread | None = None
        #: The code of the disk's fault that ended the last write; empty once something is written again.
        self.fault = ""
        with _opening(path):
            if read_only and not path.exists():
                raise AppError("database_absent", path=str(path))
            if not read_only:
                _make_private(path)
            self._engine = _engine(path, read_only=read_only)
            if read_only:
                _require_up_to_date(self._engine, path)
                return
            _bring_up_to_date(self._engine, path)
            # Opened here, so that what keeps it from opening is told now and not to each write.
            writer = self._engine.connect()
        self._thread = threading.Thread(target=self._serve_writes, args=(writer,), name="database writer", daemon=True)
        self._thread.start()

    @property
    def reader(self) -> Connection:
        """This thread's reading connection, in autocommit: each statement sees the last commit."""
        connection: Connection | None = getattr(self._local, "reader", None)
        if connection is None:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._local.reader = connection
            self._readers.append(connection)
        return connection

    @property
    def fast_reader(self) -> sqlite3.Connection:
        """The driver's own connection below `reader`, for the few statements where a tenth of a millisecond counts."""
        driver = self.reader.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError(driver)
        return driver

    async def write(self, write: Write[Result]) -> Result:
        """Run `write` in the writer's thread and return its result once the commit is on the disk.

        What `write` raises is raised here and nothing of it is kept. A disk that is full, read-only, held by another
        program or failing raises AppError `disk_full`, `disk_read_only`, `disk_busy` or `disk_failing`.
        """
        return await asyncio.wrap_future(self.submit(write))

    def submit(self, write: Write[Result]) -> "Future[Result]":
        """As `write`, for callers without a loop: the future ends after the commit."""
        done: Future[Result] = Future()
        with self._taking_jobs:
            if self._thread is None:
                raise AppError("database_read_only")
            self._jobs.put(_Job(write, done))
        return done

    def back_up(self, target: Path, files: Mapping[str, bytes] | None = None) -> None:
        """Write a complete, checked copy to `target`, these files in it: whole or not at all. It blocks.

        Raises AppError `backup_onto_itself`, `backup_not_written` and `backup_damaged`; what was at `target` before
        is still there then.
        """
        half_way = target.with_name(target.name + ".part")
        if target.name.startswith(self.path.name) and target.parent.resolve() == self.path.parent.resolve():
            raise AppError("backup_onto_itself", path=str(target))
        try:
            half_way.unlink(missing_ok=True)
            half_way.touch(mode=0o600)
            self._copy_to(half_way)
            if files:
                enclose(half_way, files)
            if not _is_sound(half_way):
                raise AppError("backup_damaged", path=str(target))
            with half_way.open("rb+") as file:
                os.fsync(file.fileno())
            half_way.replace(target)
        except (OSError, exc.DBAPIError, sqlite3.Error) as error:
            inner = error.orig if isinstance(error, exc.DBAPIError) else getattr(error, "strerror", None)
            why = str(inner or error)
            raise AppError("backup_not_written", path=str(target), why=why) from error
        finally:
            with contextlib.suppress(OSError):
                half_way.unlink(missing_ok=True)

    def _copy_to(self, empty_file: Path) -> None:
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                "vacuum into ?", (str(empty_file),)
            )

    async def probe(self) -> None:
        """Ask the disk for room and give it back. Raises AppError `disk_…` while it takes nothing."""

        def write(connection: Connection) -> None:
            connection.exec_driver_sql("create table room (bytes)")
            connection.exec_driver_sql("insert into room values (zeroblob(65536))")
            connection.exec_driver_sql("drop table room")

        await self.write(write)

    def close(self) -> None:
        """Finish the writes that wait, then close the file."""
        with self._taking_jobs:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            thread.join()
        for reader in self._readers:
            reader.close()
        self._engine.dispose()

    def _serve_writes(self, writer: Connection) -> None:
        with writer:
            while jobs := self._next_group():
                self._run_group(writer, [job for job in jobs if job is not None])
                if jobs[-1] is None:
                    break

    def _next_group(self) -> list[_Job[Any] | None]:
        jobs = [self._jobs.get()]
        with contextlib.suppress(queue.Empty):
            while jobs[-1] is not None and len(jobs) < GROUP_LIMIT:
                jobs.append(self._jobs.get_nowait())
        return jobs

    def _run_group(self, connection: Connection, jobs: Sequence[_Job[Any]]) -> None:
        """Run the jobs, commit them together, and only then tell each who waits; `fault` is right by then.

        Also who failed: it may be by what another one did before it, which nobody can read before the commit.
        """
        wanted = [job for job in jobs if job.done.set_running_or_notify_cancel()]
        changes = _changes(connection)
        try:
            with connection.begin():
                finished = [_run_in_savepoint(connection, job) for job in wanted]
        except BaseException as error:  # noqa: BLE001 - whatever ends the transaction is told to each who waits for it
            failure = as_app_error(error)
            if isinstance(failure, AppError):
                self.fault = failure.code
            for job in wanted:
                job.done.set_exception(failure)
        else:
            if _changes(connection) != changes:
                self.fault = ""  # what changes nothing writes nothing, and so tells nothing of the disk
            for tell in finished:
                tell()


def _changes(connection: Connection) -> int:
    driver: Any = connection.connection.driver_connection
    return int(driver.total_changes)


def _run_in_savepoint(connection: Connection, job: _Job[Any]) -> Callable[[], None]:
    """Gives the way to tell who waits what came of it."""
    savepoint = connection.begin_nested()
    try:
        result = job.write(connection)
        savepoint.commit()
    except Exception as error:
        if as_app_error(error) is not error:
            # The disk: SQLite may have ended the whole transaction, so all who share it must hear of it.
            raise
        savepoint.rollback()
        return partial(job.done.set_exception, error)
    return partial(job.done.set_result, result)


#: SQLite's primary result codes that say the disk, not the statement, is at fault.
_DISK_FAULTS = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "disk_read_only",
    sqlite3.SQLITE_BUSY: "disk_busy",
    sqlite3.SQLITE_IOERR: "disk_failing",
    sqlite3.SQLITE_CANTOPEN: "disk_failing",
    sqlite3.SQLITE_CORRUPT: "database_damaged",
    sqlite3.SQLITE_NOTADB: "database_damaged",
}


def as_app_error(error: BaseException) -> BaseException:
    """The disk's faults as AppError; every other error as it is."""
    original = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        if code in _DISK_FAULTS:
            return AppError(_DISK_FAULTS[code])
    return error


@contextlib.contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise AppError("data_folder_not_writable", path=str(path.parent)) from error
    except OSError as error:
        raise AppError("data_folder_unusable", path=str(path.parent), why=error.strerror or str(error)) from error
    except (exc.DBAPIError, sqlite3.Error) as error:
        failure = as_app_error(error)
        if not isinstance(failure, AppError):
            raise
        raise _cannot_open(path, failure, error) from error


def _cannot_open(path: Path, failure: AppError, error: Exception) -> AppError:
    if failure.code == "database_damaged":
        return AppError("database_damaged", path=str(path))
    folder = str(path.parent)
    if failure.code == "disk_read_only":
        return AppError("data_folder_not_writable", path=folder)
    if failure.code == "disk_busy":
        return AppError("data_folder_in_use", path=folder)
    # SQLite calls it an I/O error when there is no room for the file that its readers share.
    is_full = failure.code == "disk_full" or shutil.disk_usage(path.parent).free < ROOM_TO_OPEN
    why = os.strerror(errno.ENOSPC) if is_full else str(getattr(error, "orig", error))
    return AppError("data_folder_unusable", path=folder, why=why)


def _make_private(path: Path) -> None:
    """A folder (0700) and a file (0600) for this account only: UIDs are personal data."""
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True)
    path.touch(mode=0o600)
    path.chmod(0o600)


def _engine(path: Path, *, read_only: bool) -> Engine:
    # As an URI of our own making: a folder may be called "100% #1?".
    location = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    pragmas = [
        "foreign_keys=on",
        "synchronous=full",
        "temp_store=memory",
        "cache_size=-16000",
        *(() if read_only else ("journal_mode=wal", "journal_size_limit=67108864")),
    ]

    def connect() -> sqlite3.Connection:
        with contextlib.ExitStack() as if_that_fails:
            connection = sqlite3.connect(
                location,
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                check_same_thread=False,
                cached_statements=512,
                # Transactions are begun by us (below), at once as writers, so that none fails half-way for the lock.
                isolation_level=None,
            )
            if_that_fails.callback(connection.close)
            for pragma in pragmas:
                connection.execute(f"pragma {pragma}")
            if_that_fails.pop_all()
        return connection

    # UIDs are personal data: an error's text must not carry them into a log.
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("begin immediate")

    return engine


def _bring_up_to_date(engine: Engine, path: Path) -> None:
    """Migrate to HEAD. The migration library costs a tenth of a second: it is loaded only when there is work."""
    with engine.connect() as connection:
        found = _revision(connection)
        is_empty = not connection.exec_driver_sql("select 1 from sqlite_master").first()
    if found == HEAD:
        return
    if found is None and not is_empty:
        raise AppError("database_damaged", path=str(path))
    from app.database.migrate import migrate

    migrate(engine, found)


def _require_up_to_date(engine: Engine, path: Path) -> None:
    with engine.connect() as connection:
        found = _revision(connection)
    if found is None:
        raise AppError("database_absent", path=str(path))
    if found != HEAD:
        raise AppError("database_older" if found < HEAD else "database_newer", found=found)


def _is_sound(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(path)) as copy, contextlib.suppress(sqlite3.DatabaseError):
        return bool(copy.execute("pragma integrity_check").fetchone() == ("ok",))
    return False


def _revision(connection: Connection) -> str | None:
    named = connection.exec_driver_sql("select name from sqlite_master where name='alembic_version'").first()
    row = connection.exec_driver_sql("select version_num from alembic_version").first() if named else None
    return row[0] if row else None
