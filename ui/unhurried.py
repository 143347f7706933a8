"""Work that is done at once when it is asked for now and then, and seldom enough when it is asked for all the time.

self._refresh = Unhurried(self, self._read_and_show)        # then, from any signal: self._refresh()

However fast it is asked for, it takes a tenth of the window's time at most (or another `share`): a site of six
stations is shown anew at each event, one of five hundred a few times a second.
"""

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid


class Unhurried(QObject):
    """Call it like the work itself; `at_once` where what follows needs the outcome."""

    def __init__(self, parent: QObject, work: Callable[[], object], *, share: float = 0.1) -> None:
        super().__init__(parent)
        self._work, self._share = work, share
        self._not_before = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.at_once)

    @property
    def is_due(self) -> bool:
        """Whether it was asked for and not done yet."""
        return self._timer.isActive()

    def __call__(self) -> None:
        if not isValid(self):
            # Its page is gone; a signal forgets methods of what is gone, and keeps what is merely called.
            return
        wait = self._not_before - perf_counter()
        if wait <= 0:
            self.at_once()
        elif not self._timer.isActive():
            self._timer.start(round(wait * 1000) + 1)

    def at_once(self) -> None:
        """Do it now; what was asked for before is done with it."""
        self._timer.stop()
        began = perf_counter()
        self._work()
        ended = perf_counter()
        self._not_before = ended + (ended - began) / self._share
