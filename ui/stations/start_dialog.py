"""Starting a charge from here: with which pass, at which connector.

dialog = StartChargeDialog(desk, station, connector_id)     # for `ui.tasks.ask`
"""

from shiboken6 import isValid

from app.application import PassSummary
from app.domain.commands import StartCharge
from app.domain.errors import AppError
from app.domain.model import Station
from ui.desk import Desk
from ui.searching import Search
from ui.stations.refusals import refusal_words
from ui.strings import tr
from ui.widgets.boxes import Card, EmptyState
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import DropDown, FormField, SearchField
from ui.widgets.labels import paragraph
from ui.widgets.tables import Column, RowsModel, TableView

_WIDTH, _LIST_HEIGHT = 640, 270


class StartChargeDialog(FormDialog):
    """Asks the station by itself and is accepted once it said yes."""

    def __init__(self, desk: Desk, station: Station, connector_id: int | None = None) -> None:
        super().__init__(desk.window, tr("Start a charge at {station}").format(station=station.title), width=_WIDTH)
        self._desk, self._station = desk, station
        self._search = Search[PassSummary](
            key=lambda summary: summary.card.id,
            ids=lambda summary: (summary.card.uid, summary.card.visible_id),
            words=lambda summary: (summary.card.name, summary.holder, summary.email),
        )
        self.search = SearchField(tr("Person, name, visible ID, UID"))
        self.rows: RowsModel[PassSummary] = RowsModel(_columns(), key=lambda summary: summary.card.id)
        nothing = EmptyState(tr("No such pass"), tr("Only passes whose UID is known can start a charge."))
        self.table = TableView(self.rows, tr("Passes"), empty=nothing)
        self.rows.replace([each for each in desk.application.passes.all() if each.card.uid])
        card = Card()
        card.body.addWidget(self.table)
        card.setFixedHeight(_LIST_HEIGHT)
        self.connector = DropDown(tr("Connector"), self._connectors())
        self.connector.select(connector_id)
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        self.body.addWidget(
            paragraph(
                tr("The station begins as if this pass were held to it. It waits for the cable first, if none is in."),
                tone="muted",
            )
        )
        self.body.addWidget(self.search)
        self.body.addWidget(card)
        self.body.addWidget(FormField(tr("Connector"), self.connector))
        self.body.addWidget(self.problem)
        self.start_button = self.add_buttons(tr("Start"), self.start)
        self.search.searched.connect(self._searched)
        self.table.row_selected.connect(lambda _row: self._chosen())
        self.table.row_activated.connect(lambda _row: self.start())
        self._chosen()
        self.search.setFocus()

    def start(self) -> None:
        """Ask the station to begin with the chosen pass."""
        chosen = self.table.selected_rows()
        if chosen and self.start_button.isEnabled():
            self.problem.hide()
            self.start_button.setEnabled(False)
            self._desk.run(self._start(chosen[0]), on_error=self._show_error)

    async def _start(self, summary: PassSummary) -> None:
        connector = self.connector.value()
        command = StartCharge(summary.card.uid or "", connector if isinstance(connector, int) else None)
        try:
            await self._desk.application.carry_out(self._station.station_id, command)
        finally:
            if isValid(self):
                self.start_button.setEnabled(True)
        if isValid(self):
            self.accept()
        words = tr("{station} begins with {who} as soon as a cable is in.")
        who = summary.holder or summary.card.title
        self._desk.say(words.format(station=self._station.title, who=who))

    def _show_error(self, error: AppError) -> None:
        words = refusal_words(self._station, error)
        if not isValid(self):
            self._desk.notes.problem(words)
            return
        self.problem.say(words)
        self.problem.show()

    def _connectors(self) -> list[tuple[object, str]]:
        own = self._station.station_id.casefold()
        numbers = [
            each.connector_id
            for each in self._desk.application.stations.connectors()
            if each.connector_id and each.station_id.casefold() == own
        ]
        named: list[tuple[object, str]] = [(each, tr("Connector {number}").format(number=each)) for each in numbers]
        return [(None, tr("Whichever is free")), *named]

    def _searched(self, text: str) -> None:
        self.rows.show_only(self._search.predicate(text))
        if text.strip() and self.rows.rowCount() == 1:
            self.table.selectRow(0)
        self._chosen()

    def _chosen(self) -> None:
        self.start_button.setEnabled(bool(self.table.selected_rows()))


def _columns() -> list[Column[PassSummary]]:
    return [
        Column(title=tr("Identity"), text=lambda summary: summary.holder, weight=500, width=140, stretch=2),
        Column(title=tr("Pass"), text=lambda summary: summary.card.name, width=110, stretch=1),
        Column(title=tr("UID"), text=lambda summary: summary.card.uid or "", mono=True, width=140),
        Column(title=tr("Pools"), text=lambda summary: summary.pools, tone="muted", width=110, stretch=1, drop=1),
    ]
