"""The stations that an organization hosts, and those that could be allocated to it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.model import Registration, Station
from ui.desk import Desk
from ui.organizations.allocation import allocate, ask_where_to_allocate
from ui.searching import Search
from ui.stations.words import NOTHING, model_words
from ui.strings import tr
from ui.widgets.boxes import EmptyState, row
from ui.widgets.buttons import button, primary_button
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import Segmented
from ui.widgets.labels import muted
from ui.widgets.tables import Column, RowsModel, TableView

HERE, ELSEWHERE = "here", "elsewhere"


class OrganizationStations(QWidget):
    """Those allocated to it, and behind them the others: in another organization, or in none yet.

    `emptied` tells that the text is not looked for any more.
    """

    emptied = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._organization_id, self._text = 0, ""
        self._names: dict[int | None, str] = {}
        self._pools: dict[int | None, str] = {}
        self._search = Search[Station](
            key=lambda station: station.station_id,
            ids=lambda station: (station.station_id, station.serial_number),
            words=lambda station: (station.name, self._pools.get(station.pool_id), self._names.get(station.host_id)),
        )
        self.which = Segmented(tr("Which stations"), [(HERE, tr("Allocated")), (ELSEWHERE, tr("Others"))])
        self.meaning = muted()
        self.put_here = primary_button(tr("Allocate here"), self._put_here)
        self.put_elsewhere = button(tr("Allocate to another…"), self._put_elsewhere)
        self.model = RowsModel(self._columns(), key=lambda station: station.station_id)
        self._empty = EmptyTable(self._teaching(), self.show_all)
        self.table = TableView(self.model, tr("Stations"), empty=self._empty, several=True)
        self._lay_out()
        self.which.changed.connect(lambda _which: self._filter())
        self.table.row_activated.connect(lambda station: desk.go("stations", station.station_id))
        self.table.link_clicked.connect(lambda station, _words: desk.go("stations", station.station_id))
        for changed in (self.table.selectionModel().selectionChanged, self.model.modelReset):
            changed.connect(lambda *_: self._selected())
        self._selected()

    def show_organization(self, organization_id: int, name: str, names: dict[int | None, str]) -> None:
        """Read every station anew; `names` are those of all organizations."""
        if organization_id != self._organization_id:
            self.which.select(HERE)
        self._organization_id, self._names = organization_id, names
        application = self._desk.application
        self._pools = {summary.pool.id: summary.pool.name for summary in application.pools.all()}
        accepted = [station for station in application.stations.all() if station.registration is Registration.ACCEPTED]
        self._search.forget()
        self.model.replace(accepted)
        self.meaning.setText(tr("{organization} hosts them").format(organization=name))
        here = sum(station.host_id == organization_id for station in accepted)
        self.which.set_count(HERE, here)
        self.which.set_count(ELSEWHERE, len(accepted) - here)
        self._filter()

    def filter(self, text: str) -> None:
        """Show those that a text means."""
        self._text = text
        self._filter()

    def show_all(self) -> None:
        """Look for nothing."""
        self._text = ""
        self.emptied.emit()
        self._filter()

    def _columns(self) -> list[Column[Station]]:
        return [
            Column(title=tr("Station"), text=lambda station: station.title, weight=500, width=130, stretch=3),
            Column(title=tr("ID"), text=lambda station: station.station_id, mono=True, width=124),
            Column(title=tr("Model"), text=lambda station: model_words(station) or NOTHING, width=100, drop=2),
            Column(
                title=tr("Pool"),
                text=lambda station: self._pools.get(station.pool_id) or tr("no pool"),
                tone=lambda station: "text" if station.pool_id is not None else "warn",
                width=110,
                stretch=2,
                drop=1,
            ),
            Column(
                title=tr("Allocated to"),
                text=lambda station: self._names.get(station.host_id) or tr("none yet"),
                tone=lambda station: "text" if station.host_id is not None else "warn",
                width=120,
                stretch=2,
            ),
            Column(title="", text=lambda _station: "", link=lambda _station: tr("Open"), width=66, sort=None),
        ]

    def _teaching(self) -> EmptyState:
        return EmptyState(
            tr("No stations here"),
            tr("Choose stations under “Others” and allocate them here. A station has one organization at a time."),
        )

    def _lay_out(self) -> None:
        head = row(self.which, self.meaning, None, self.put_elsewhere, self.put_here)
        head.setContentsMargins(14, 9, 14, 7)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        put_here = QAction(tr("Allocate here"), self.table)
        put_here.setShortcut(QKeySequence("Ins"))
        put_here.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        put_here.triggered.connect(self._put_here)
        put_elsewhere = QAction(tr("Allocate to another…"), self.table)
        put_elsewhere.triggered.connect(self._put_elsewhere)
        self.table.addActions([put_here, put_elsewhere])

    def _is_here(self, station: Station) -> bool:
        return station.host_id == self._organization_id

    def _filter(self) -> None:
        here = self.which.value() == HERE
        found = self._search.predicate(self._text)
        self.model.show_only(lambda station: self._is_here(station) is here and (found is None or found(station)))
        self._empty.choose(self.model.total() if self._text.strip() else 0)
        self.meaning.setVisible(here)
        self.put_here.setVisible(not here)
        self.put_elsewhere.setVisible(here)

    def _selected(self) -> None:
        some = self.table.selectionModel().hasSelection()
        self.put_here.setEnabled(some)
        self.put_elsewhere.setEnabled(some)

    def _chosen(self) -> Sequence[Station]:
        return self.table.selected_rows()

    def _put_here(self) -> None:
        allocate(self._desk, self._chosen(), self._organization_id)

    def _put_elsewhere(self) -> None:
        if chosen := self._chosen():
            self._desk.run(ask_where_to_allocate(self._desk, chosen))
