"""Disks that do not take what is written, made from what the system itself offers."""

import contextlib
import os
import sqlite3

import pytest

#: Where the system has POSIX permissions and limits.
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions and limits")


@contextlib.contextmanager
def files_no_longer_than(length):
    """The system refuses to let any file grow past `length`: writing fails as on a disk that is at fault."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def without_privileges():
    """As an ordinary account: permissions mean nothing to root."""
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(65534)
    try:
        yield
    finally:
        if privileged:
            os.seteuid(0)


def driver_of_the_writer(store) -> sqlite3.Connection:
    """The connection that writes, to take its room or its leave to write away."""
    return store.submit(lambda connection: connection.connection.driver_connection).result()


@contextlib.contextmanager
def no_room(store, *, pages=0):
    """The database may grow by so many pages and no further; SQLite says that the disk is full."""
    writer = driver_of_the_writer(store)
    length = writer.execute("pragma page_count").fetchone()[0]
    writer.execute(f"pragma max_page_count = {length + pages}")
    try:
        yield
    finally:
        writer.execute("pragma max_page_count = 1073741823")


@contextlib.contextmanager
def nothing_written(store):
    """The disk is read-only."""
    writer = driver_of_the_writer(store)
    writer.execute("pragma query_only = on")
    try:
        yield
    finally:
        writer.execute("pragma query_only = off")
