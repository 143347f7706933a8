"""The row above a pool's lists: which of them is seen, and what narrows it.

tools = PoolTools(desk); tools.tab_changed.connect(...); tools.filtered.connect(...)
"""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from ui.desk import Desk
from ui.organizations.choice import OrganizationFilter
from ui.pools.members import ENDED, IDENTITIES, IN_FORCE, NO_CARD, PASSES, WITH_END
from ui.pools.stations import Place
from ui.strings import tr
from ui.widgets.boxes import CardHead, row
from ui.widgets.inputs import DropDown, SearchField, Segmented

STATIONS, MEMBERS, HISTORY = "stations", "members", "history"


class PoolTools(CardHead):
    """The filters stand beside the tabs, and below them where the room is short."""

    tab_changed = Signal()
    filtered = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.tab = Segmented(
            tr("What is shown"),
            [(STATIONS, tr("Stations")), (MEMBERS, tr("Identities and passes")), (HISTORY, tr("History"))],
        )
        self.kind = DropDown(
            tr("Kind"), [(None, tr("All kinds")), (IDENTITIES, tr("Identities")), (PASSES, tr("Passes"))]
        )
        self.state = DropDown(
            tr("Membership"),
            [
                (None, tr("Any state")),
                (IN_FORCE, tr("In force")),
                (WITH_END, tr("With an end")),
                (ENDED, tr("Ended")),
                (NO_CARD, tr("No card yet")),
            ],
        )
        self.place = DropDown(
            tr("Place of those available"),
            [
                (None, tr("Anywhere")),
                (Place.NO_POOL, tr("In no pool")),
                (Place.OTHER_POOL, tr("In another pool")),
                (Place.NOT_ALLOCATED, tr("Not allocated")),
                (Place.NOT_ACCEPTED, tr("Not accepted")),
            ],
        )
        self.online = DropDown(
            tr("Connection"), [(None, tr("Any state")), (True, tr("Online")), (False, tr("Offline"))]
        )
        self.organization = OrganizationFilter(desk, none=tr("No organization"))
        self.filter = SearchField(tr("Filter"))
        self.filter.setMinimumWidth(90)
        self.filter.setMaximumWidth(220)
        self._drop_downs = (self.organization, self.kind, self.state, self.place, self.online)
        self._filters = QWidget()
        filters = row(*self._drop_downs, self.filter)
        filters.setStretchFactor(self.filter, 10)
        self._filters.setLayout(filters)
        self._tabs = QWidget()
        tabs = row(self.tab, None)
        tabs.setAlignment(self.tab, Qt.AlignmentFlag.AlignVCenter)
        self._tabs.setLayout(tabs)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(14, 10, 14, 10)
        self._line.setSpacing(10)
        self._line.addWidget(self._tabs)
        self._line.addStretch(1)
        self._line.addWidget(self._filters)
        self.tab.changed.connect(lambda _tab: self._tab_chosen())
        self.filter.searched.connect(lambda _text: self.filtered.emit())
        for drop_down in self._drop_downs:
            drop_down.changed.connect(lambda _value: self.filtered.emit())
        self._show_filters()

    def open(self, tab: str) -> None:
        """Choose what is seen."""
        self.tab.select(tab)
        self._tab_chosen()

    def show_everything(self) -> None:
        """Take every filter away."""
        self.filter.clear()
        for drop_down in self._drop_downs:
            drop_down.select(None)
        self.filtered.emit()

    def refresh(self) -> None:
        """Organizations came or went."""
        self.organization.refresh()
        self._show_filters()

    def _tab_chosen(self) -> None:
        self._show_filters()
        self.tab_changed.emit()

    def _show_filters(self) -> None:
        tab = self.tab.value()
        self._filters.setVisible(tab != HISTORY)
        for drop_down in (self.kind, self.state):
            drop_down.setVisible(tab == MEMBERS)
        for drop_down in (self.place, self.online):
            drop_down.setVisible(tab == STATIONS)
        self._turn()

    # Room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def minimumSizeHint(self) -> QSize:
        edges = self._line.contentsMargins()
        wider = max(self._tabs.minimumSizeHint().width(), self._filters.minimumSizeHint().width())
        return QSize(wider + edges.left() + edges.right(), self._line.minimumSize().height())

    def _turn(self) -> None:
        edges = self._line.contentsMargins()
        wanted = self._tabs.sizeHint().width() + self._filters.minimumSizeHint().width() + self._line.spacing()
        fits = wanted + edges.left() + edges.right() <= self.width() or self._filters.isHidden()
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if direction is not self._line.direction():
            self._line.setDirection(direction)
            self.updateGeometry()
