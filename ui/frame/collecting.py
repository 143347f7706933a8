"""Objects that only refer to each other are taken away on Qt's thread, and on no other.

with collecting_here():
    loop.run_until_complete(...)

Python looks for them on whatever thread happens to make an object, the database's writer among them. A QObject that is
found there is destroyed there, which ends the program now and then.

Looking takes as long as there are objects to look at, and nobody is answered meanwhile. So it is done often, each time
at what is new; what is still there after some rounds is looked at again only now and then.
"""

import contextlib
import gc
from collections.abc import Callable, Iterator

from PySide6.QtCore import QTimer

EVERY_MS = 100
THOROUGHLY_EVERY_MS = 10 * 60 * 1_000


@contextlib.contextmanager
def collecting_here() -> Iterator[None]:
    """From now on collect by timers of this thread."""
    collector = _Collector()
    collector.collect_thoroughly()
    gc.disable()
    timers = [_timer(EVERY_MS, collector.collect), _timer(THOROUGHLY_EVERY_MS, collector.collect_thoroughly)]
    try:
        yield
    finally:
        for timer in timers:
            timer.stop()
        gc.enable()
        gc.unfreeze()


def _timer(interval: int, collect: Callable[[], None]) -> QTimer:
    timer = QTimer(interval=interval)
    timer.timeout.connect(collect)
    timer.start()
    return timer


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
