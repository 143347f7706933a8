"""A station's own list beside what it should be, card by card, what differs first."""

from PySide6.QtWidgets import QDialog, QVBoxLayout

from app.domain.access import Status
from app.domain.list_state import Difference, ListRow
from app.domain.local_list import Entry
from ui.days import moment
from ui.desk import Desk
from ui.stations.list_words import list_meaning, list_words
from ui.stations.words import NOTHING
from ui.strings import tr
from ui.theme import Kind
from ui.widgets.boxes import Card, EmptyState, row
from ui.widgets.buttons import button, primary_button
from ui.widgets.inputs import SearchField
from ui.widgets.labels import heading, muted, paragraph
from ui.widgets.pill import Pill
from ui.widgets.tables import Column, RowsModel, TableView

_SIZE = (760, 560)


class LocalListDialog(QDialog):
    """It follows what happens to the list while it is open."""

    def __init__(self, desk: Desk, station_id: str) -> None:
        super().__init__(desk.window)
        self._desk, self._station_id = desk, station_id
        self._titles: dict[int, str] = {}
        name = tr("Local list of {name}").format(name=desk.application.stations.require(station_id).title)
        self.setWindowTitle(name)
        self.setAccessibleName(name)
        self.resize(*_SIZE)
        self.pill, self.facts, self.meaning = Pill(), muted(), paragraph(tone="muted")
        self.search = SearchField(tr("Card, pass"))
        self.model = RowsModel(self._columns(), key=lambda each: each.raw)
        nobody = EmptyState(tr("Nobody is listed"), tr("Members' passes with a UID stand here, and blocked ones."))
        self.table = TableView(self.model, name, empty=nobody)
        self.table.row_activated.connect(self._open)
        card = Card()
        card.body.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(10)
        column.addWidget(heading(name))
        column.addLayout(row(self.pill, self.facts, None))
        column.addWidget(self.meaning)
        column.addWidget(self.search)
        column.addWidget(card, 1)
        close = primary_button(tr("Close"), self.accept)
        again = button(tr("Try again"), lambda: desk.run(desk.application.local_lists.retry(station_id)))
        column.addLayout(row(again, None, close))
        self.search.searched.connect(self._filter)
        desk.bridge.lids_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read it anew."""
        application = self._desk.application
        status = application.local_lists.of(self._station_id)
        online = application.server.last_heard(self._station_id) is not None
        rows = application.local_lists.contents(self._station_id)
        self._titles = {each.card.id: each.card.title for each in application.passes.all()}
        self.pill.show_state(*list_words(status, online=online))
        held, wanted = sum(each.held is not None for each in rows), sum(each.wanted is not None for each in rows)
        self.facts.setText(tr("{held} in it, {wanted} should be").format(held=held, wanted=wanted))
        self.meaning.say(list_meaning(status, online=online))
        self.meaning.setVisible(bool(self.meaning.words()))
        self.model.replace(rows)

    def _filter(self, text: str) -> None:
        plain = text.strip().casefold()
        self.model.show_only(
            (lambda each: plain in each.raw.casefold() or plain in self._title(each).casefold()) if plain else None
        )

    def _open(self, each: ListRow) -> None:
        if each.pass_id is not None:
            self.accept()
            self._desk.go("passes", each.pass_id)

    def _title(self, each: ListRow) -> str:
        return NOTHING if each.pass_id is None else self._titles.get(each.pass_id, NOTHING)

    def _columns(self) -> list[Column[ListRow]]:
        return [
            Column(title=tr("Card"), text=lambda each: each.raw, mono=True, width=150),
            Column(title=tr("Pass"), text=self._title, width=150, stretch=1),
            Column(title=tr("In the station"), text=lambda each: self._entry(each.held), width=130),
            Column(title=tr("As it should be"), text=lambda each: self._entry(each.wanted), width=130),
            Column(
                title="",
                text=lambda each: _difference(each.difference)[0],
                pill=lambda each: _difference(each.difference)[1],
                width=110,
            ),
        ]

    def _entry(self, entry: Entry | None) -> str:
        if entry is None:
            return NOTHING
        words = {Status.ACCEPTED: tr("may charge"), Status.BLOCKED: tr("blocked")}.get(entry.status, entry.status.value)
        if entry.expires_at is None:
            return words
        until = moment(self._desk.local(entry.expires_at), self._desk.now())
        return tr("{state} until {time}").format(state=words, time=until)


def _difference(difference: Difference) -> tuple[str, Kind]:
    words: dict[Difference, tuple[str, Kind]] = {
        Difference.NONE: (tr("the same"), "ok"),
        Difference.TO_ADD: (tr("to add"), "warn"),
        Difference.TO_CHANGE: (tr("to change"), "warn"),
        Difference.TO_REMOVE: (tr("to remove"), "bad"),
        Difference.LEFT_OUT: (tr("left out"), "bad"),
    }
    return words[difference]
