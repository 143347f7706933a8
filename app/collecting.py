"""When garbage is looked for: objects that only refer to each other, which nobody else takes away.

with collecting_on(loop):           # on the loop's thread, a little at a time
with nothing_collected():           # not now, whoever works through a long list

Python looks by itself on whatever thread happens to make an object, the database's writer among them: a QObject that is
found there is destroyed there, which ends the program now and then. And looking takes as long as there are objects to
look at, and nobody is answered meanwhile. So it is done often, each time at what is new; what is still there after some
rounds is looked at again only now and then.
"""

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable, Iterator

EVERY_S = 0.1
THOROUGHLY_EVERY_S = 10 * 60.0


@contextlib.contextmanager
def collecting_on(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Within it garbage is looked for on this loop's thread, while the loop runs, and on no other thread."""
    collector = _Collector()
    collector.collect_thoroughly()
    gc.disable()
    rounds = (
        _Repeated(loop, EVERY_S, collector.collect),
        _Repeated(loop, THOROUGHLY_EVERY_S, collector.collect_thoroughly),
    )
    try:
        yield
    finally:
        for each in rounds:
            each.stop()
        gc.enable()
        gc.unfreeze()


@contextlib.contextmanager
def nothing_collected() -> Iterator[None]:
    """Within it no garbage is looked for; after it again. Other threads may do the same meanwhile.

    A list of 100,000 rows is nothing but more and more objects, and each look at them is a time in which no other
    thread runs. It is told by Python's threshold of 0: `collecting_on` goes by that too.
    """
    _pauses.begin()
    try:
        yield
    finally:
        _pauses.end()


class _Repeated:
    def __init__(self, loop: asyncio.AbstractEventLoop, every_s: float, work: Callable[[], None]) -> None:
        self._loop = loop
        self._every_s = every_s
        self._work = work
        self._next = loop.call_later(every_s, self._run)

    def stop(self) -> None:
        self._next.cancel()

    def _run(self) -> None:
        self._next = self._loop.call_later(self._every_s, self._run)
        self._work()


class _Collector:
    def __init__(self) -> None:
        self._was_held_up = False

    def collect(self) -> None:
        """Look at what is new, when that is more than Python would let be."""
        (made, rounds, _), (limit, rounds_limit, _) = gc.get_count(), gc.get_threshold()
        if not limit:
            # A long list is being worked through. Its rows refer to nothing in circles: nobody need look at them.
            self._was_held_up = True
        elif self._was_held_up:
            self._was_held_up = False
            gc.freeze()
        elif made > limit and rounds <= rounds_limit:
            gc.collect(0)
        elif made > limit:
            gc.collect(1)
            gc.freeze()

    def collect_thoroughly(self) -> None:
        """Look at everything, also at what became garbage long after it was made."""
        if gc.get_threshold()[0]:
            gc.unfreeze()
            gc.collect()
            gc.freeze()


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
