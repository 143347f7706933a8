"""The table of the live log, and what stands in its place while it is empty."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget

from app.application import MessageFilter
from app.domain.model import Registration
from ui.desk import Desk
from ui.log.model import LogModel
from ui.strings import tr
from ui.widgets.boxes import EmptyState
from ui.widgets.buttons import Action
from ui.widgets.tables import TableView

_TIME, _TIME_WIDTH, _WITH_DATE = 0, 111, 161
_PAGES_AHEAD = 2


class NothingHere(QStackedWidget):
    """Says why there is no message, and what brings one."""

    def __init__(self, desk: Desk, show_all: Action) -> None:
        super().__init__()
        self._desk = desk
        self.first = EmptyState(tr("Nothing yet: connect a station and hold a card to it"), "")
        self.stranger = EmptyState(
            tr("A station wants to join"), "", Action(tr("Go to Stations"), lambda: desk.go("stations"), "primary")
        )
        self.filtered = EmptyState(
            tr("No message is like that"), tr("What you look for may have another station or type."), show_all
        )
        for each in (self.first, self.stranger, self.filtered):
            self.addWidget(each)

    def look(self, wanted: MessageFilter) -> None:
        """Choose the words that fit now."""
        application = self._desk.application
        strangers = [one for one in application.stations.all() if one.registration is Registration.PENDING]
        if wanted != MessageFilter():
            self.setCurrentWidget(self.filtered)
        elif strangers:
            self.stranger.sentence.say(
                tr("{station} is connected. Accept it, and what it says is shown here.").format(
                    station=strangers[0].title
                )
            )
            self.setCurrentWidget(self.stranger)
        else:
            urls = application.station_urls(self._desk.host) if application.server.port else []
            words = tr("Every message is shown here as it comes.")
            if urls:
                words += " " + tr("Give the station this address, its ID behind it:") + f"\n{urls[0]}"
            self.first.sentence.say(words)
            self.setCurrentWidget(self.first)


class LogTable(TableView):
    """Space pauses and follows; the end of what is loaded is told before it is reached."""

    pause_wanted = Signal()
    end_is_near = Signal()
    scrolled = Signal()
    left = Signal()

    def __init__(self, model: LogModel, empty: NothingHere) -> None:
        super().__init__(model, tr("Messages"), empty=empty)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)

    def is_at_top(self) -> bool:
        """Whether the newest row is in sight."""
        return self.verticalScrollBar().value() == 0

    def make_room_for_dates(self, dates: bool) -> None:
        """Messages of other days have a longer time."""
        width = _WITH_DATE if dates else _TIME_WIDTH
        if self._widths[_TIME] != width:
            self._widths[_TIME] = width
            self._share_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.pause_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def rowsAboutToBeRemoved(self, parent: QModelIndex | QPersistentModelIndex, start: int, end: int) -> None:
        # Qt would choose another row in place of one that goes.
        if start <= self.currentIndex().row() <= end:
            self.selectionModel().clear()
        super().rowsAboutToBeRemoved(parent, start, end)

    def _scrolled(self, value: int) -> None:
        self.scrolled.emit()
        bar = self.verticalScrollBar()
        if value > 0 and value >= bar.maximum() - _PAGES_AHEAD * bar.pageStep():
            self.end_is_near.emit()
