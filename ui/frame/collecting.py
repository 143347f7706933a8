"""Objects that only refer to each other are taken away on Qt's thread, and on no other.

with collecting_here():
    loop.run_until_complete(...)

Python looks for them on whatever thread happens to make an object, the database's writer among them. A QObject that is
found there is destroyed there, which ends the program now and then.
"""

import contextlib
import gc
from collections.abc import Iterator

from PySide6.QtCore import QTimer

EVERY_MS = 1_000


@contextlib.contextmanager
def collecting_here() -> Iterator[None]:
    """From now on collect by a timer of this thread, as often as Python would have."""
    gc.collect()
    # What is here already stays: a full collection need not look at it again and again.
    gc.freeze()
    gc.disable()
    timer = QTimer(interval=EVERY_MS)
    timer.timeout.connect(_collect)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        gc.enable()
        gc.unfreeze()


def _collect() -> None:
    due = [made > limit for made, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if any(due):
        gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))
