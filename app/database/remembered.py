"""What is read once between two commits, however often it is asked for."""

from collections.abc import Callable
from typing import Generic, TypeVar

from app.database.store import Store

Read = TypeVar("Read")


class Remembered(Generic[Read]):
    """Call it like `read` itself, which must give something nobody changes. It is exact: any commit makes it read anew.

    For what a window asks for at many places when something happened. Each thread remembers for itself.
    """

    def __init__(self, store: Store, read: Callable[[], Read]) -> None:
        self._store = store
        self._read = read
        self._known: dict[int, tuple[int, Read]] = {}

    def __call__(self) -> Read:
        reader = self._store.fast_reader
        version = int(reader.execute("pragma data_version").fetchone()[0])
        known = self._known.get(id(reader))
        if known is None or known[0] != version:
            known = self._known[id(reader)] = (version, self._read())
        return known[1]
