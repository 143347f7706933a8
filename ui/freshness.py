"""A page that is seen follows what happens; one that is not costs nothing and catches up when it is shown.

self._fresh = Freshness(self, self._refresh, desk.bridge.passes_changed, desk.bridge.pools_changed)
self._fresh.catch_up()                          # before something is selected in it from outside
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, SignalInstance
from PySide6.QtWidgets import QWidget


class Freshness(QObject):
    """Calls `refresh` at each of the signals while the page is visible, else once when it is shown."""

    def __init__(self, page: QWidget, refresh: Callable[[], object], *signals: SignalInstance) -> None:
        super().__init__(page)
        self._page, self._refresh = page, refresh
        self._stale = True
        page.installEventFilter(self)
        for signal in signals:
            signal.connect(self._changed)

    def catch_up(self) -> None:
        """Refresh now if something happened since the last time."""
        if self._stale:
            self._stale = False
            self._refresh()

    def grow_stale(self) -> None:
        """Something happened that the next look must show."""
        self._stale = True

    def _changed(self) -> None:
        self.grow_stale()
        if self._page.isVisible():
            self.catch_up()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and watched is self._page:
            self.catch_up()
        return False
