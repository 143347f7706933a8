"""Who can charge at a station or in a pool: every pass with yes or no and why, to be searched.

who_can_charge_at(desk, station)
who_can_charge_in(desk, pool)
section.addWidget(WhoCanChargeHere(desk, station))      # how many, the list, and a card to try
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.application import PassAnswer
from app.domain.errors import AppError
from app.domain.model import Pool, Station
from ui.access.explanations import how_many_can, mark, mark_tone, why
from ui.access.try_card import try_card
from ui.desk import Desk
from ui.freshness import Freshness
from ui.passes.words import NOTHING
from ui.searching import Search
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import Card, EmptyState, row
from ui.widgets.buttons import button, link_button
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import SearchField, Segmented
from ui.widgets.labels import muted, paragraph
from ui.widgets.reading_dialog import ReadingDialog
from ui.widgets.tables import Column, RowsModel, TableView

ALL, CAN, CANNOT = "all", "can", "cannot"
_PAUSE_MS = 150


def who_can_charge_at(desk: Desk, station: Station) -> None:
    """Open the list of who may charge at a station."""
    explanations, stations = desk.application.explanations, desk.application.stations

    def pool_id() -> int | None:
        now = stations.find(station.station_id)
        return now.pool_id if now else None

    dialog = WhoCanChargeDialog(desk, station.title, lambda: explanations.at_station(station.station_id), pool_id)
    desk.run(ask(dialog))


def who_can_charge_in(desk: Desk, pool: Pool) -> None:
    """Open the list of who may charge at the stations of a pool."""
    explanations = desk.application.explanations
    desk.run(ask(WhoCanChargeDialog(desk, pool.name, lambda: explanations.in_pool(pool.id), lambda: pool.id)))


class WhoCanChargeHere(QWidget):
    """How many passes may charge at a station; it follows what changes, a moment later."""

    def __init__(self, desk: Desk, station: Station) -> None:
        super().__init__()
        self._desk, self._station = desk, station
        # Ten thousand passes take longer than a frame: who leafs through the stations must not wait for each.
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self.count = muted("…")
        everyone = button(tr("Show who…"), lambda: who_can_charge_at(desk, station))
        attempt = link_button(tr("Try a card…"), lambda: try_card(desk, station_id=station.station_id))
        everyone.setObjectName("who")
        attempt.setObjectName("try")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.count)
        column.addLayout(row(everyone, attempt, None))
        bridge = desk.bridge
        self._fresh = Freshness(
            self,
            self._pause.start,
            bridge.passes_changed,
            bridge.identities_changed,
            bridge.pools_changed,
            bridge.stations_changed,
            bridge.organizations_changed,
        )

    def refresh(self) -> None:
        """Count again."""
        station = self._desk.application.stations.find(self._station.station_id)
        if station is None:
            return
        if station.pool_id is None:
            self.count.setText(tr("Nobody: it is in no pool."))
        elif self._desk.application.pools.require(station.pool_id).free_vend:
            self.count.setText(tr("Everyone: its pool has free vend."))
        else:
            self.count.setText(how_many_can(self._desk.application.explanations.at_station(station.station_id)))


class WhoCanChargeDialog(ReadingDialog):
    """It follows what changes. Enter or a double click opens the pass."""

    def __init__(
        self,
        desk: Desk,
        place: str,
        read: Callable[[], Sequence[PassAnswer]],
        pool_id: Callable[[], int | None],
    ) -> None:
        """`place` is what the station or the pool is called; `read` and `pool_id` are asked at each look."""
        super().__init__(desk.window, tr("Who can charge at {place}?").format(place=place), width=820, height=620)
        self._desk, self._read, self._pool_id = desk, read, pool_id
        self._pool: Pool | None = None
        self._search = Search[PassAnswer](
            key=lambda answer: answer.pass_id,
            ids=lambda answer: (answer.uid,),
            words=lambda answer: (answer.holder, answer.title),
        )
        self.search = SearchField(tr("UID, name, person"))
        self.which = Segmented(tr("Which passes"), [(ALL, tr("All")), (CAN, tr("Can")), (CANNOT, tr("Cannot"))])
        self.free_vend = paragraph(tr("Free vend is on: anyone charges here, with any card or none that is known."))
        self.free_vend.hide()
        self.model = RowsModel(self._columns(), key=lambda answer: answer.pass_id)
        teaching = EmptyState(tr("No pass yet"), tr("Who may charge here is listed as soon as there are passes."))
        self._empty = EmptyTable(teaching, self.show_all)
        self.table = TableView(self.model, tr("Who can charge here"), empty=self._empty)
        self.table.row_activated.connect(self._open)
        self._lay_out()
        self.search.searched.connect(lambda _text: self._filter())
        self.which.changed.connect(lambda _which: self._filter())
        bridge = desk.bridge
        self._fresh = Freshness(
            self,
            self.refresh,
            bridge.passes_changed,
            bridge.identities_changed,
            bridge.pools_changed,
            bridge.stations_changed,
            bridge.organizations_changed,
        )
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Look again."""
        answers = self._read()
        self._pool = self._find_pool()
        self.free_vend.setVisible(self._pool is not None and self._pool.free_vend)
        accepted = sum(answer.decision.accepted for answer in answers)
        self.which.set_count(CAN, accepted)
        self.which.set_count(CANNOT, len(answers) - accepted)
        self.subtitle.setText(how_many_can(answers) if answers else "")
        self._search.forget()
        self.model.replace(answers)
        self._empty.choose(self.model.total())

    def show_all(self) -> None:
        """Search for nothing in particular."""
        self.search.clear()
        self.which.select(ALL)
        self._filter()

    def _lay_out(self) -> None:
        tools = row(self.search, self.which)
        tools.setStretch(0, 1)
        held = Card()
        held.body.addWidget(self.table)
        self.body.addLayout(tools)
        self.body.addWidget(self.free_vend)
        self.body.addWidget(held, 1)

    def _find_pool(self) -> Pool | None:
        pool_id = self._pool_id()
        try:
            return None if pool_id is None else self._desk.application.pools.require(pool_id)
        except AppError:
            return None

    def _filter(self) -> None:
        meant, which = self._search.predicate(self.search.text()), self.which.value()

        def wanted(answer: PassAnswer) -> bool:
            fits = which == ALL or answer.decision.accepted is (which == CAN)
            return fits and (meant is None or meant(answer))

        self.model.show_only(None if meant is None and which == ALL else wanted)

    def _open(self, answer: PassAnswer) -> None:
        self.accept()
        self._desk.go("passes", answer.pass_id)

    def _why(self, answer: PassAnswer) -> str:
        free = self._pool is not None and self._pool.options.members_free
        return why(answer.decision, self._pool.name if self._pool else "", members_free=free)

    def _columns(self) -> list[Column[PassAnswer]]:
        return [
            Column(
                title="",
                text=lambda answer: mark(answer.decision),
                # Without a UID it would be let in, and cannot be yet.
                tone=lambda answer: mark_tone(answer.decision) if answer.uid else "muted",
                width=34,
                sort=lambda answer: not answer.decision.accepted,
            ),
            Column(title=tr("Whose"), text=lambda answer: answer.holder or NOTHING, width=150, stretch=2),
            Column(title=tr("Pass"), text=lambda answer: answer.title, width=130, stretch=2),
            Column(
                title=tr("Hidden ID (UID)"),
                text=lambda answer: answer.uid or tr("waiting for its first tap"),
                tone=lambda answer: "text" if answer.uid else "muted",
                mono=lambda answer: answer.uid is not None,
                width=150,
                stretch=1,
            ),
            Column(title=tr("Why"), text=self._why, tone="muted", width=190, stretch=3),
        ]
