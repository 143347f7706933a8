"""One pass out of all whose UID is known, found by person, name or number.

choice = PassChoice(desk); choice.changed.connect(...); choice.taken.connect(self.start); choice.chosen()
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.application import PassSummary
from ui.desk import Desk
from ui.searching import Search
from ui.strings import tr
from ui.widgets.boxes import Card, EmptyState
from ui.widgets.inputs import SearchField
from ui.widgets.tables import Column, RowsModel, TableView

_HEIGHT = 270


class PassChoice(QWidget):
    changed = Signal()
    taken = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._search = Search[PassSummary](
            key=lambda summary: summary.card.id,
            ids=lambda summary: (summary.card.uid, summary.card.visible_id),
            words=lambda summary: (summary.card.name, summary.holder, summary.email),
        )
        self.search = SearchField(tr("Person, name, visible ID, UID"))
        self.rows: RowsModel[PassSummary] = RowsModel(_columns(), key=lambda summary: summary.card.id)
        nothing = EmptyState(tr("No such pass"), tr("Only passes whose UID is known to Tapdesk are listed here."))
        self.table = TableView(self.rows, tr("Passes"), empty=nothing)
        self.rows.replace([each for each in desk.application.passes.all() if each.card.uid])
        card = Card()
        card.body.addWidget(self.table)
        card.setFixedHeight(_HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self.search)
        column.addWidget(card)
        self.search.searched.connect(self._searched)
        self.table.row_selected.connect(lambda _row: self.changed.emit())
        self.table.row_activated.connect(lambda _row: self.taken.emit())

    def chosen(self) -> PassSummary | None:
        """The one that is selected."""
        selected = self.table.selected_rows()
        return selected[0] if selected else None

    def _searched(self, text: str) -> None:
        self.rows.show_only(self._search.predicate(text))
        if text.strip() and self.rows.rowCount() == 1:
            self.table.selectRow(0)
        self.changed.emit()


def _columns() -> list[Column[PassSummary]]:
    return [
        Column(title=tr("Identity"), text=lambda summary: summary.holder, weight=500, width=140, stretch=2),
        Column(title=tr("Pass"), text=lambda summary: summary.card.name, width=110, stretch=1),
        Column(title=tr("UID"), text=lambda summary: summary.card.uid or "", mono=True, width=140),
        Column(title=tr("Pools"), text=lambda summary: summary.pools, tone="muted", width=110, stretch=1, drop=1),
    ]
