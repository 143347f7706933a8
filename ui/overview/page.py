"""The page that is open when nothing else is: the site at a glance, and what to do next."""

from datetime import date

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.freshness import Freshness
from ui.long_date import long_date
from ui.overview.attention import Attention
from ui.overview.energy_card import EnergyCard
from ui.overview.lid_line import LidLine
from ui.stations.connect_panel import ConnectPanel
from ui.stations.dialogs import AcceptStationDialog
from ui.stations.knocks import Knocks
from ui.stations.newcomers import Newcomers
from ui.stations.tiles import StationTiles
from ui.stations.words import stations_now
from ui.strings import tr
from ui.taps.last_cards import LastCards
from ui.tasks import ask
from ui.unhurried import Unhurried
from ui.widgets.boxes import Card, PageHead, page_layout, row
from ui.widgets.buttons import button
from ui.widgets.labels import paragraph

TICK_MS = 30_000


class OverviewPage(QWidget):
    """Stations, last cards, what needs attention, energy; on a site without stations, how to connect the first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._day: date | None = None
        self.head = PageHead(tr("Overview"))
        self.newcomers = Newcomers(desk, lambda: desk.go("stations"))
        self.knocks = Knocks(desk)
        self.first = FirstStation(desk)
        self.tiles = StationTiles(desk)
        self.lid = LidLine(desk)
        self.cards = LastCards(desk)
        self.attention = Attention(desk)
        self.energy = EnergyCard(desk)
        self._beginning = QWidget()
        self._working = (self.tiles, self.cards, self.attention, self.energy)
        self._lay_out()
        self._follow()

    def _lay_out(self) -> None:
        beginning = QVBoxLayout(self._beginning)
        beginning.setContentsMargins(0, 0, 0, 0)
        beginning.setSpacing(14)
        for part in (self.newcomers, self.knocks, self.first):
            beginning.addWidget(part)
        inside = QWidget()
        column = page_layout(inside)
        for half in (self.attention, self.energy):
            half.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            half.setMinimumHeight(190)
        for part in (self.head, self._beginning, self.tiles, self.lid, self.cards):
            column.addWidget(part)
        column.addLayout(row(self.attention, self.energy, spacing=12), 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def _follow(self) -> None:
        bridge = self._desk.bridge
        self._stations = Unhurried(self, self._show_stations)
        self._cards = Unhurried(self, self.cards.refresh)
        self._refusals = Unhurried(self, self.attention.look_at_taps)
        self._passes = Unhurried(self, self.attention.look_at_passes)
        self._requests = Unhurried(self, self.attention.look_at_requests)
        self._letters = Unhurried(self, self.attention.look_at_letters)
        self._energy = Unhurried(self, self.energy.refresh, share=0.01)
        Freshness(
            self,
            self._stations,
            bridge.stations_changed,
            bridge.knocks_changed,
            bridge.sessions_changed,
            bridge.pools_changed,
            bridge.pin_entry_closed,
        )
        self._lids = Unhurried(self, self._show_lids)
        Freshness(self, self._lids, bridge.lids_changed, bridge.stations_changed, bridge.pools_changed)
        Freshness(
            self,
            self._cards,
            bridge.cards_tapped,
            bridge.stations_changed,
            bridge.pools_changed,
            bridge.passes_changed,
            bridge.identities_changed,
        )
        Freshness(self, self._refusals, bridge.cards_tapped)
        Freshness(self, self._passes, bridge.passes_changed)
        Freshness(self, self._requests, bridge.requests_changed)
        Freshness(self, self._letters, bridge.outbox_changed)
        Freshness(self, self._energy, bridge.sessions_changed)
        clock = QTimer(self, interval=TICK_MS)
        clock.timeout.connect(self.tick)
        clock.start()

    def tick(self) -> None:
        """Times go on without an event, and at midnight it is another day."""
        if not self.isVisible():
            return
        another_day = self._day != self._desk.now().date()
        self._stations()
        if another_day:
            self._cards()
            self._refusals()
            self._energy()

    def _show_lids(self) -> None:
        lids = self._desk.application.lid.all()
        self.lid.show_lids(lids)
        self.attention.show_lids(lids)

    def _show_stations(self) -> None:
        now = self._desk.now()
        self._day = now.date()
        self.head.subtitle.setText(long_date(now))
        stations = stations_now(self._desk)
        at_work = any(each.accepted for each in stations)
        for part in self._working:
            part.setVisible(at_work)
        self._beginning.setVisible(not at_work)
        if at_work:
            # The list of what needs attention names who wants to join and who was not let in from here on.
            self.tiles.show_stations(stations)
            self.attention.show_stations(stations)
        else:
            self.newcomers.show_stations(stations)
            self.knocks.refresh()


class FirstStation(Card):
    """What a new site has to do first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Connect your first station"), padding=20)
        self.body.setSpacing(18)
        self.body.addWidget(
            paragraph(
                tr("Stations come to Tapdesk over the network of this site. Type this address into one:"), tone="muted"
            )
        )
        self.body.addWidget(ConnectPanel(desk))
        self.ahead = button(
            tr("Add one by its ID…"),
            lambda: desk.run(ask(AcceptStationDialog(desk))),
            tooltip=tr("Let a station in before it connects for the first time"),
        )
        self.body.addLayout(row(self.ahead, None))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
