"""Unknown cards announce themselves in a note of the window, wherever the operator is.

notices = TapNotices(desk, window)             # keep it for as long as the window lives
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from app.domain.access import Reason
from app.domain.ids import Uid
from app.domain.model import Tap, TapSource
from ui.desk import Desk
from ui.frame.main_window import MainWindow
from ui.strings import tr
from ui.taps.admission import pool_of_station
from ui.taps.create_pass import create_pass
from ui.taps.words import can_become_pass
from ui.widgets.buttons import Action
from ui.widgets.notes import Note

SAME_CARD_WITHIN = timedelta(seconds=10)
#: Long enough to walk from the reader to the screen.
SECONDS = 30.0
_SOURCES = frozenset({TapSource.AUTHORIZE, TapSource.START})


class TapNotices(QObject):
    """One note at a time, the latest card's; a card that is held again and again is told once in a while.

    Nothing is told where the card is on the screen already: on the live log, and while a dialog asks for something.
    """

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        super().__init__(window)
        self._desk, self._window = desk, window
        self._note: Note | None = None
        self._told: dict[Uid, datetime] = {}
        desk.bridge.cards_tapped.connect(self.announce)

    def announce(self, taps: Sequence[Tap]) -> None:
        """Tell of the last of these that is a card nobody knows."""
        for tap in reversed(taps):
            if self._is_news(tap):
                self._told = {uid: at for uid, at in self._told.items() if tap.at - at < SAME_CARD_WITHIN}
                self._told[tap.uid] = tap.at
                self._tell(tap)
                return

    def _is_news(self, tap: Tap) -> bool:
        unknown = tap.reason == Reason.UNKNOWN_CARD.value and tap.source in _SOURCES and can_become_pass(tap)
        if not unknown or self._is_seen_anyway() or self._becomes_request(tap) or self._is_captured(tap):
            return False
        told = self._told.get(tap.uid)
        return told is None or tap.at - told >= SAME_CARD_WITHIN

    def _becomes_request(self, tap: Tap) -> bool:
        """Where access is on request the card is announced as such."""
        pool = pool_of_station(self._desk, tap)
        return pool is not None and pool.options.takes_requests

    def _is_captured(self, tap: Tap) -> bool:
        """The page that captures cards shows its own."""
        return self._desk.application.capturing.hears(tap)

    def _is_seen_anyway(self) -> bool:
        return self._window.current == "log" or any(one.isVisible() for one in self._window.findChildren(QDialog))

    def _tell(self, tap: Tap) -> None:
        if self._note is not None and isValid(self._note):
            self._note.close_note()
        words = tr("Unknown card {uid} at {station}").format(uid=tap.uid, station=tap.station_name)
        make = Action(tr("Create pass…"), lambda: create_pass(self._desk, tap))
        self._note = self._desk.notes.show_note(words, "warn", make, seconds=SECONDS)
