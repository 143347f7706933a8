"""Every change of who may charge: at a pool, for an identity or for a pass, the latest on top.

history = AccessHistory(desk); history.show_pool(pool.id)       # or show_identity, show_pass; it follows what happens
desk.run(ask(AccessHistoryDialog(desk, card.title, lambda history: history.show_pass(card.id))))
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent

from app.domain.history import AccessChange
from ui.access.change_words import in_pool, of_identity, of_pass
from ui.days import moment
from ui.desk import Desk
from ui.strings import tr
from ui.widgets.boxes import Card, EmptyState
from ui.widgets.pane_table import ROW_HEIGHT
from ui.widgets.reading_dialog import ReadingDialog
from ui.widgets.tables import Column, RowsModel, TableView


@dataclass(frozen=True)
class Change:
    """One line; `page` and `key` are where what it is about stands, `page` empty where that is the place itself."""

    id: int
    at: datetime
    words: str
    page: str
    key: object


class AccessHistory(TableView):
    """Enter or a double click opens what a line is about. What changes while it is not seen is read when it is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lines = RowsModel(self._columns(), key=lambda line: line.id)
        self._read_lines: Callable[[], list[Change]] = list
        empty = EmptyState(
            tr("Nothing has changed yet"), tr("Who was added, removed or let in, and when, stands here.")
        )
        super().__init__(self._lines, tr("History of access"), empty=empty, head=False, row_height=ROW_HEIGHT)
        self.row_activated.connect(self._open)
        bridge = desk.bridge
        for changed in (
            bridge.pools_changed,
            bridge.passes_changed,
            bridge.identities_changed,
            bridge.stations_changed,
        ):
            changed.connect(self._changed)

    def show_pool(self, pool_id: int) -> None:
        """Its members, stations, PINs, requests, level and options."""
        history = self._desk.application.history
        self._show(lambda: [_line(each, in_pool(each), "pools") for each in history.of_pool(pool_id)])

    def show_identity(self, identity_id: int) -> None:
        """What changed for an identity and its passes."""
        history = self._desk.application.history
        self._show(lambda: [_line(each, of_identity(each), "identities") for each in history.of_identity(identity_id)])

    def show_pass(self, pass_id: int) -> None:
        """What changed for a pass and for the identity it belongs to."""
        history = self._desk.application.history
        self._show(lambda: [_line(each, of_pass(each), "passes") for each in history.of_pass(pass_id)])

    def refresh(self) -> None:
        """Look again."""
        self._lines.replace(self._read_lines())

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while it was not seen is read now."""
        super().showEvent(event)
        self.refresh()

    def _show(self, read: Callable[[], list[Change]]) -> None:
        self._read_lines = read
        self.refresh()

    def _changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _open(self, line: Change) -> None:
        if line.page:
            self._desk.go(line.page, line.key)

    def _columns(self) -> list[Column[Change]]:
        def when(line: Change) -> str:
            return moment(self._desk.local(line.at), self._desk.now())

        return [
            Column(title=tr("When"), text=when, tone="muted", width=128),
            Column(title=tr("What"), text=lambda line: line.words, width=220, stretch=1),
        ]


class AccessHistoryDialog(ReadingDialog):
    """The history of one thing, as long as it is kept."""

    def __init__(self, desk: Desk, name: str, fill: Callable[[AccessHistory], object]) -> None:
        """`fill` says of what: it calls one of the `show_…` of the history."""
        super().__init__(desk.window, tr("History of {name}").format(name=name))
        self.history = AccessHistory(desk)
        self.history.row_activated.connect(lambda line: self.accept() if line.page else None)
        fill(self.history)
        held = Card()
        held.body.addWidget(self.history)
        self.body.addWidget(held, 1)
        self.history.setFocus(Qt.FocusReason.OtherFocusReason)


def _line(change: AccessChange, words: str, shown_in: str) -> Change:
    places = (("passes", change.pass_id), ("identities", change.identity_id), ("pools", change.pool_id))
    page, key = next(((page, key) for page, key in places if key is not None and page != shown_in), ("", None))
    return Change(change.id, change.at, words, page, key)
