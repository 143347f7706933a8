"""A new request announces itself wherever the operator is: in a note, from the tray where the window is not in front.

notices = RequestNotices(desk, window, panel, open_panel, tray)      # keep it for as long as the window lives
"""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon, QWidget
from shiboken6 import isValid

from app.domain.requests import AccessRequest
from ui.desk import Desk
from ui.requests.approve_dialog import approve_request
from ui.requests.panel import RequestsPanel
from ui.requests.words import is_known, who
from ui.strings import tr
from ui.unhurried import Unhurried
from ui.widgets.buttons import Action
from ui.widgets.notes import Note

#: As long as a driver is likely to wait at the station.
SECONDS = 60.0
_TRAY_MS = 10_000


class RequestNotices(QObject):
    """One note at a time. The list itself is announcement enough while it is open."""

    def __init__(
        self,
        desk: Desk,
        window: QWidget,
        panel: RequestsPanel,
        open_panel: Callable[[], object],
        tray: QSystemTrayIcon | None = None,
    ) -> None:
        super().__init__(window)
        self._desk, self._window, self._panel = desk, window, panel
        self._open_panel, self._tray = open_panel, tray
        self._note: Note | None = None
        self._told: frozenset[int] = frozenset()
        self._known = {request.id for request in desk.application.requests.pending()}
        self._look_again = Unhurried(self, self._look)
        desk.bridge.requests_changed.connect(self._changed)
        panel.opened.connect(self._take_back)
        if tray is not None:
            tray.messageClicked.connect(open_panel)

    def _changed(self) -> None:
        self._look_again()

    def _look(self) -> None:
        pending = {request.id: request for request in self._desk.application.requests.pending()}
        new = [request for request_id, request in pending.items() if request_id not in self._known]
        self._known |= pending.keys()
        if new and not self._panel.isVisible():
            self._tell(new)
        elif self._told and not self._told & pending.keys():
            self._take_back()

    def _tell(self, new: list[AccessRequest]) -> None:
        self._take_back()
        self._told = frozenset(request.id for request in new)
        if len(new) == 1:
            [request] = new
            words = tr("{who} asks to charge at {station}, pool {pool}.").format(
                who=who(request), station=request.station_name, pool=request.pool_name
            )
            approve = tr("Approve") if is_known(request) else tr("Approve…")
            action = Action(approve, lambda: self._desk.run(approve_request(self._desk, request)))
        else:
            words = tr("{count} cards ask to charge.").format(count=len(new))
            action = Action(tr("Show"), self._open_panel)
        self._note = self._desk.notes.show_note(words, "warn", action, seconds=SECONDS)
        if self._tray is not None and not self._window.isActiveWindow():
            icon = QSystemTrayIcon.MessageIcon.Information
            self._tray.showMessage(tr("Request for access"), words, icon, _TRAY_MS)

    def _take_back(self) -> None:
        """What it tells of is decided, or something newer is to be told."""
        self._told = frozenset()
        if self._note is not None and isValid(self._note) and self._note in self._desk.notes.shown:
            self._note.close_note()
