"""While a long list is worked through, nobody looks for garbage in it.

Python looks through everything there is each time that a quarter more has come; a list of 100,000 rows is nothing but
more, and each look is a time in which no other thread runs.
"""

import contextlib
import gc
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def nothing_collected() -> Iterator[None]:
    """Within it no garbage is looked for; after it again. Other threads may do the same meanwhile.

    It is told by Python's threshold of 0: the window, which collects by a clock of its own, goes by that too.
    """
    _pauses.begin()
    try:
        yield
    finally:
        _pauses.end()


class _Pauses:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._thresholds = gc.get_threshold()

    def begin(self) -> None:
        with self._lock:
            if self._count == 0:
                self._thresholds = gc.get_threshold()
                gc.set_threshold(0)
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0:
                gc.set_threshold(*self._thresholds)


_pauses = _Pauses()
