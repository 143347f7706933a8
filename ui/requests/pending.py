"""Who was refused and may be let in: a button in the top bar with their number, the list that drops from it, notes.

requests = PendingRequests(desk, window, tray)  # keep it for as long as the window lives
requests.open_panel()                           # from elsewhere: a note, the overview, Ctrl+R
"""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSystemTrayIcon

from ui.desk import Desk
from ui.frame.main_window import MainWindow
from ui.frame.top_bar import CountButton
from ui.requests.notices import RequestNotices
from ui.requests.panel import RequestsPanel
from ui.strings import tr
from ui.unhurried import Unhurried


class PendingRequests(QObject):
    """Button, list and notes of one window.

    The button is there where a pool takes requests or one is pending: to other sites it would say nothing.
    `come_to_front` shows the window when a message of the tray is pressed.
    """

    def __init__(
        self,
        desk: Desk,
        window: MainWindow,
        tray: QSystemTrayIcon | None = None,
        come_to_front: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(window)
        self._desk, self._come_to_front = desk, come_to_front
        self.button = CountButton(tr("Requests"))
        keys = QKeySequence("Ctrl+R")
        self.button.setToolTip(keys.toString(QKeySequence.SequenceFormat.NativeText))
        self.button.hide()
        window.add_to_top(self.button)
        self.panel = RequestsPanel(desk, window, self.button)
        self.notices = RequestNotices(desk, window, self.panel, self.open_panel, tray)
        self.button.clicked.connect(self.panel.toggle)
        window.page_changed.connect(self.panel.close_panel)
        QShortcut(keys, window, lambda: self.open_panel(keyboard=True))
        self._look_again = Unhurried(self, self._look)
        desk.bridge.requests_changed.connect(self._changed)
        desk.bridge.pools_changed.connect(self._changed)
        self._look()

    def open_panel(self, *, keyboard: bool = False) -> None:
        """Drop the list down, in front of everything; `keyboard` puts the ring on the first answer."""
        if not self.button.isHidden():
            self._come_to_front()
            self.panel.drop_down(keyboard=keyboard)

    def _changed(self) -> None:
        self._look_again()

    def _look(self) -> None:
        count = self._desk.application.requests.count_pending()
        self.button.show_count(count)
        takes = (summary.pool.options.takes_requests for summary in self._desk.application.pools.all())
        self.button.setVisible(count > 0 or any(takes))
