"""The page of stations: who wants to join, who could not, every station, and all about the selected one."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QWidget

from app.application import MessageFilter
from app.domain.export_kinds import ExportKind
from app.domain.model import Registration, Station
from ui.desk import Desk
from ui.freshness import Freshness
from ui.imports.export_dialog import export
from ui.organizations.allocation import Unallocated, ask_where_to_allocate
from ui.organizations.choice import InOrganization, OrganizationFilter
from ui.searching import Search
from ui.stations.actions import refuse, remove
from ui.stations.asking import commands_for
from ui.stations.astray import Astray
from ui.stations.dialogs import ConnectStationDialog
from ui.stations.knocks import Knocks
from ui.stations.list_words import list_words
from ui.stations.newcomers import Newcomers, accept_station
from ui.stations.pane import StationPane
from ui.stations.show_tab import ShowTab
from ui.stations.words import (
    NOTHING,
    StationNow,
    heard_words,
    last_heard,
    model_words,
    state_of,
    stations_now,
    urgency,
)
from ui.strings import tr
from ui.tasks import ask
from ui.unhurried import Unhurried
from ui.widgets.boxes import Card, EmptyState, PageHead, beside, page_layout, row
from ui.widgets.buttons import Action, button, fill_menu
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import SearchField
from ui.widgets.tables import Column, RowsModel, TableView

TICK_MS = 10_000
READ_EVERY_TICKS = 3
_LONG_AGO = datetime.fromtimestamp(0, UTC)


class StationsPage(QWidget):
    """`select(station_id)` shows that station, whatever is searched for.

    `select(ShowTab(station_id, tab))` opens a tab of its pane.
    `select(InOrganization(id))` shows the stations that an organization hosts.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._stations: list[StationNow] = []
        self._ticks = 0
        self._several_organizations = False
        self._search = Search[StationNow](
            key=lambda now: now.station.station_id,
            ids=lambda now: (now.station.station_id, now.station.serial_number),
            words=lambda now: (now.station.name, now.station.vendor, now.station.model, now.station.address, now.pool),
        )
        self.head = PageHead(
            tr("Stations"),
            "",
            button(tr("Export…"), self.export),
            button(tr("Connect a station…"), self.connect_station),
        )
        self.newcomers = Newcomers(desk, self._show_newcomers)
        self.astray = Astray(desk)
        self.knocks = Knocks(desk)
        self.unallocated = Unallocated(desk)
        self.search = SearchField(tr("Name, ID, model, pool"))
        self.organization = OrganizationFilter(desk, none=tr("In no organization"))
        self.model = RowsModel(self._columns(), key=lambda now: now.station.station_id)
        self._empty = EmptyTable(self._teaching(), self.show_all)
        self.table = TableView(self.model, tr("Stations"), empty=self._empty, several=True)
        self.pane = StationPane(desk)
        self._lay_out()
        self._add_actions()
        self.search.searched.connect(lambda _text: self._filter())
        self.organization.changed.connect(lambda _organization: self._filter())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_chosen())
        self.table.row_selected.connect(lambda _row: self._show_chosen())
        self.table.row_activated.connect(self._open)
        self._follow()

    def select(self, key: object) -> None:
        """Select a station by its ID, or show those of an organization."""
        self._fresh_organizations.catch_up()
        self._refresh.at_once()
        if isinstance(key, InOrganization):
            self.show_all()
            self.organization.select(key.organization_id)
            self._filter()
            return
        if isinstance(key, ShowTab):
            self.pane.open_tab(key.tab)
            key = key.station_id
        if self.model.position(key) is None:
            self.show_all()
        if self.table.select_key(key):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def connect_station(self) -> None:
        """Show how a station is connected."""
        self._desk.run(ask(ConnectStationDialog(self._desk)))

    def export(self) -> None:
        """Write the stations that are shown to a file."""
        shown = [self.model.row(at).station.id for at in range(self.model.rowCount())]
        self._desk.run(export(self._desk, ExportKind.STATIONS, ids=shown, of=self.model.total()))

    def show_all(self) -> None:
        """Take every filter away."""
        self.search.clear()
        self.organization.select(None)
        self._filter()

    # How it looks

    def _columns(self) -> list[Column[StationNow]]:
        return [
            Column(
                title=tr("Name"),
                text=_name,
                tone=lambda now: "text" if now.station.name else "muted",
                weight=500,
                width=108,
                stretch=3,
            ),
            Column(title=tr("ID"), text=lambda now: now.station.station_id, mono=True, width=106),
            Column(
                title=tr("Status"),
                text=lambda now: state_of(now, self._desk.now())[0],
                pill=lambda now: state_of(now, self._desk.now())[1],
                width=118,
                sort=lambda now: (urgency(now), state_of(now, self._desk.now())[0]),
            ),
            Column(
                title=tr("Pool"),
                text=self._pool,
                tone=lambda now: "text" if now.pool else "warn" if now.accepted else "muted",
                width=104,
                stretch=2,
                drop=1,
            ),
            Column(
                title=tr("Local list"),
                text=lambda now: list_words(now.list, online=now.online)[0] if now.list else "",
                pill=lambda now: list_words(now.list, online=now.online)[1] if now.list else None,
                width=160,
                drop=2,
            ),
            Column(
                title=tr("Model"),
                text=lambda now: model_words(now.station) or NOTHING,
                width=92,
                stretch=2,
                drop=4,
            ),
            Column(
                title=tr("Last heard"),
                text=lambda now: heard_words(self._desk, now),
                tone="muted",
                width=94,
                drop=3,
                sort=lambda now: last_heard(self._desk, now) or _LONG_AGO,
            ),
        ]

    def _teaching(self) -> EmptyState:
        return EmptyState(
            tr("No stations yet"),
            tr("Point a station at this machine. It asks to join, and you accept it here with one click."),
            Action(tr("Connect a station…"), self.connect_station, "primary"),
        )

    def _lay_out(self) -> None:
        column = page_layout(self)
        card = Card()
        card.body.addWidget(self.table)
        for part in (self.head, self.newcomers, self.astray, self.knocks, self.unallocated):
            column.addWidget(part)
        line = row(self.search, self.organization)
        line.setStretch(0, 1)
        column.addLayout(line)
        column.addLayout(beside(card, self.pane), 1)

    def _add_actions(self) -> None:
        desk = self._desk
        self.accept = self._action(tr("Accept…"), "", lambda: accept_station(desk, self._one().station_id))
        self.rename = self._action(tr("Rename"), "F2", self.pane.edit_name)
        self.move = self._action(tr("Move to pool…"), "", self.pane.choose_pool)
        self.allocate = self._action(
            tr("Allocate…"), "", lambda: desk.run(ask_where_to_allocate(desk, self._chosen_stations()))
        )
        self.messages = self._action(
            tr("Show its messages"), "", lambda: desk.go("log", MessageFilter(station_id=self._one().station_id))
        )
        self.commands = self._action(tr("Ask it to"), "", lambda: None)
        self.commands.setMenu(QMenu(self.table))
        self.refuse = self._action(tr("Refuse"), "", lambda: refuse(desk, self._one()))
        self.remove = self._action(tr("Remove"), "Del", lambda: remove(desk, self._chosen_stations()))
        for keys, run in (("Ctrl+N", self.connect_station), ("Ctrl+F", self._to_search)):
            QShortcut(QKeySequence(keys), self, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _action(self, text: str, keys: str, run: Callable[[], object]) -> QAction:
        action = QAction(text, self.table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: run())
        self.table.addAction(action)
        return action

    # What is shown

    def _follow(self) -> None:
        bridge = self._desk.bridge
        self._refresh = Unhurried(self, self._read)
        self._fresh_organizations = Freshness(self, self._read_organizations, bridge.organizations_changed)
        what_it_reads = (bridge.stations_changed, bridge.pools_changed, bridge.sessions_changed)
        Freshness(self, self._refresh, *what_it_reads, bridge.addresses_changed, bridge.lids_changed)
        Freshness(self, self.knocks.refresh, bridge.knocks_changed, bridge.stations_changed)
        clock = QTimer(self, interval=TICK_MS)
        clock.timeout.connect(self.tick)
        clock.start()

    def tick(self) -> None:
        """Times go on without an event."""
        if not self.isVisible():
            return
        self._ticks += 1
        if self._ticks % READ_EVERY_TICKS == 0:
            self._refresh()
        self.table.viewport().update()
        self.pane.tick()

    def _read(self) -> None:
        # Who waits stands above the others, which go by name.
        stations = sorted(stations_now(self._desk), key=lambda now: not now.pending)
        online = sum(now.online for now in stations)
        words = tr("{online} of {all} online").format(online=online, all=len(stations))
        self.head.subtitle.setText(words if stations else "")
        self.newcomers.show_stations(stations)
        self.astray.refresh()
        if stations != self._stations:
            self._stations = stations
            self._search.forget()
            self.model.replace(stations)
            self._empty.choose(self.model.total())
            self._show_chosen()
            self._show_homeless()
        # The pools to move to may have changed while no station did.
        self.pane.tick()
        self.search.setVisible(bool(stations))

    def _read_organizations(self) -> None:
        self._several_organizations = not self._desk.application.organizations.is_single
        self.organization.refresh()
        self._filter()
        self._show_homeless()
        self._show_chosen()

    def _show_homeless(self) -> None:
        homeless = [now.station for now in self._stations if now.accepted and now.station.host_id is None]
        self.unallocated.show_stations(homeless if self._several_organizations else ())

    def _pool(self, now: StationNow) -> str:
        if now.pool or not now.accepted:
            return now.pool or NOTHING
        without = self._several_organizations and now.station.host_id is None
        return tr("no organization") if without else tr("no pool")

    def _of_organization(self) -> Callable[[StationNow], bool] | None:
        belongs = self.organization.belongs()
        return None if belongs is None else lambda now: belongs(now.station.host_id)

    def _filter(self) -> None:
        wanted = [each for each in (self._of_organization(), self._search.predicate(self.search.text())) if each]
        self.model.show_only((lambda now: all(holds(now) for holds in wanted)) if wanted else None)
        self._empty.choose(self.model.total())

    def _show_newcomers(self) -> None:
        """The first of those that wait, with the others below it."""
        self.select(next((now.station.station_id for now in self._stations if now.pending), None))

    # What is done

    def _chosen_stations(self) -> list[Station]:
        return [now.station for now in self.table.selected_rows()]

    def _one(self) -> Station:
        return self._chosen_stations()[0]

    def _show_chosen(self) -> None:
        chosen = self.table.selected_rows()
        self.pane.show_stations(chosen)
        one = chosen[0].station.registration if len(chosen) == 1 else None
        self.accept.setVisible(one in (Registration.PENDING, Registration.REJECTED))
        self.rename.setEnabled(one is Registration.ACCEPTED)
        accepted = bool(chosen) and all(now.accepted for now in chosen)
        self.move.setEnabled(accepted)
        self.allocate.setVisible(self._several_organizations)
        self.allocate.setEnabled(accepted)
        self.messages.setEnabled(one is not None)
        self.commands.setVisible(one is Registration.ACCEPTED)
        menu = self.commands.menu()
        if one is Registration.ACCEPTED and isinstance(menu, QMenu):
            menu.clear()
            fill_menu(menu, commands_for(self._desk, chosen[0]))
        self.refuse.setEnabled(one in (Registration.PENDING, Registration.ACCEPTED))
        self.remove.setEnabled(bool(chosen))

    def _open(self, now: StationNow) -> None:
        """Enter does what comes next: let it in, or name it."""
        if now.accepted:
            self.pane.edit_name()
        else:
            accept_station(self._desk, now.station.station_id)

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()


def _name(now: StationNow) -> str:
    if now.station.name:
        return now.station.name
    return tr("wants to join") if now.pending else NOTHING
