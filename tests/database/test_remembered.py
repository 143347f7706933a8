"""What is read once between two commits is never what was there before the last of them."""

import threading

import pytest

from app.database.remembered import Remembered
from app.database.store import Store


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "tapdesk.db")
    yield store
    store.close()


@pytest.fixture
def names(store):
    """Reads the names of all settings, and counts how often it did."""

    class Names:
        times = 0

        def __call__(self):
            self.times += 1
            return tuple(name for (name,) in store.fast_reader.execute("select key from settings order by key"))

    return Names()


async def add(store, name):
    await store.write(lambda connection: connection.exec_driver_sql("insert into settings values (?, '1')", (name,)))


async def test_it_is_read_once_until_something_is_committed(store, names):
    remembered = Remembered(store, names)
    assert (remembered(), remembered(), names.times) == ((), (), 1)
    await add(store, "a")
    assert (remembered(), remembered(), names.times) == (("a",), ("a",), 2)


async def test_another_thread_sees_the_last_commit_too(store, names):
    remembered, seen = Remembered(store, names), []

    def look():
        thread = threading.Thread(target=lambda: seen.append(remembered()))
        thread.start()
        thread.join()

    look()
    await add(store, "a")
    look()
    assert (seen, remembered()) == ([(), ("a",)], ("a",))


async def test_what_another_program_commits_is_seen(store, names, tmp_path):
    remembered = Remembered(store, names)
    assert remembered() == ()
    other = Store(tmp_path / "tapdesk.db")
    await add(other, "b")
    other.close()
    assert remembered() == ("b",)
