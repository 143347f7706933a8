"""That a loop answers soon: it waits neither for garbage to be looked for nor for threads that work beside it.

with responsive(loop):              # whoever serves stations or a window
with nothing_collected():           # whoever works through a long list

Garbage, objects that only refer to each other, Python looks for on whatever thread happens to make an object, the
database's writer among them: a QObject that is found there is destroyed there, which ends the program now and then. And
looking takes as long as there are objects to look at. So it is done often, each time at what is new; what is still
there after some rounds is looked at again only now and then.

A thread that reads from a socket or from SQLite lets others run meanwhile, and then waits until the one that runs gives
way: an answer that does so three times waits for three times `GIVE_WAY_S` while a long list is worked out.
"""

import asyncio
import contextlib
import gc
import sys
import threading
from collections.abc import Callable, Iterator

EVERY_S = 0.1
THOROUGHLY_EVERY_S = 10 * 60.0
#: Python's own 5 ms is for throughput.
GIVE_WAY_S = 0.000_5


@contextlib.contextmanager
def responsive(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Within it garbage is looked for on this loop's thread, while the loop runs, and on no other; threads beside
    it give way soon.
    """
    gave_way_after_s = sys.getswitchinterval()
    sys.setswitchinterval(GIVE_WAY_S)
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
        sys.setswitchinterval(gave_way_after_s)


@contextlib.contextmanager
def nothing_collected() -> Iterator[None]:
    """Within it no garbage is looked for; after it again. Other threads may do the same meanwhile.

    A list of 100,000 rows is nothing but more and more objects, and each look at them is a time in which no other
    thread runs. It is told by Python's threshold of 0: `responsive` goes by that too.
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
