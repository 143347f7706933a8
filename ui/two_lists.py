"""What is in and what could be: two tables one above the other, with the ways from one to the other.

    lists = TwoLists(columns, key=lambda row: row.id, words=ListWords(inside=tr("Members"), ...))
    lists.put_in.connect(self.add); lists.take_out.connect(self.remove)      # each a list of rows
    lists.opened.connect(self.open)                                          # the row whose link was clicked
    lists.show_rows(members, available); lists.show_only(predicate)

A double click or Enter moves what is selected to the other list, as the buttons do; Del takes out.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from ui.buttons import button, danger_button, primary_button
from ui.empty_table import EmptyTable
from ui.labels import muted, title
from ui.strings import tr
from ui.tables import Column, RowsModel, TableView
from ui.widgets import EmptyState, Line, row

INSIDE_SHARE, OUTSIDE_SHARE = 5, 3


@dataclass(frozen=True)
class ListWords:
    """What the two lists are called, and what they say when they are empty."""

    inside: str
    outside: str
    nothing_inside: str
    how_to_begin: str
    nothing_outside: str
    where_from: str


class _List(QWidget):
    """One of the two: its name, a fact beside it, its buttons, its table."""

    moved = Signal(list)
    show_all = Signal()

    def __init__(
        self,
        name: str,
        columns: Sequence[Column[Any]],
        key: Callable[[Any], Hashable],
        teaching: EmptyState,
        move: tuple[str, str],
        *,
        head: bool = True,
    ) -> None:
        """`move`: the words and the key of what takes the selected rows to the other list."""
        super().__init__()
        self._key = key
        self.title, self.fact = title(name, whole=True), muted()
        self.model = RowsModel(columns, key)
        self._empty = EmptyTable(teaching, self.show_all.emit)
        self.table = TableView(self.model, name, empty=self._empty, several=True, head=head)
        self.head = row(self.title, self.fact, None)
        self.head.setContentsMargins(14, 9, 14, 7)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.head)
        column.addWidget(self.table, 1)
        self.move_action = QAction(move[0], self.table)
        self.move_action.setShortcut(QKeySequence(move[1]))
        self.move_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.move_action.triggered.connect(self.move_selected)
        self.table.addAction(self.move_action)
        self.table.row_activated.connect(lambda _row: self.move_selected())

    def add_button(self, made: QPushButton, *, needs_selection: bool) -> QPushButton:
        """Put a button at the right; one that `needs_selection` can be pressed only while a row is selected."""
        self.head.addWidget(made)
        if needs_selection:
            chosen = self.table.selectionModel().selectionChanged
            for changed in (chosen, self.model.modelReset):
                changed.connect(lambda *_: made.setEnabled(self.table.selectionModel().hasSelection()))
            made.setEnabled(False)
        return made

    def move_selected(self) -> None:
        """Ask that what is selected goes to the other list."""
        if rows := self.table.selected_rows():
            self.moved.emit(rows)

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show these; where all that was selected went away, what stands in its place is selected instead."""
        selected = self.table.selected_rows()[:1]
        place = self.model.position(self._key(selected[0])) if selected else None
        self.model.replace(rows)
        self._empty.choose(self.model.total())
        last = self.model.rowCount() - 1
        if place is not None and last >= 0 and self.table.hasFocus() and not self.table.selected_rows():
            self.table.selectRow(min(place, last))


class TwoLists(QWidget):
    """Give it the rows; it asks for what shall happen to them."""

    put_in = Signal(list)
    take_out = Signal(list)
    opened = Signal(object)
    show_all = Signal()

    def __init__(self, columns: Sequence[Column[Any]], key: Callable[[Any], Hashable], words: ListWords) -> None:
        super().__init__()
        self.inside = _List(
            words.inside, columns, key, EmptyState(words.nothing_inside, words.how_to_begin), (tr("Remove"), "Del")
        )
        self.outside = _List(
            words.outside,
            columns,
            key,
            EmptyState(words.nothing_outside, words.where_from),
            (tr("Add"), "Ins"),
            # Its columns are those above it.
            head=False,
        )
        self.remove_selected = danger_button(tr("Remove selected"), self.inside.move_selected)
        self.remove_all = button("", self._take_out_all)
        self.add_selected = primary_button(tr("Add selected"), self.outside.move_selected)
        self.inside.add_button(self.remove_selected, needs_selection=True)
        self.inside.add_button(self.remove_all, needs_selection=False)
        self.outside.add_button(self.add_selected, needs_selection=True)
        self.inside.moved.connect(self.take_out)
        self.outside.moved.connect(self.put_in)
        for each in (self.inside, self.outside):
            each.table.link_clicked.connect(lambda chosen, _words: self.opened.emit(chosen))
            each.show_all.connect(self.show_all)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addWidget(self.outside)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.inside)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, INSIDE_SHARE)
        splitter.setStretchFactor(1, OUTSIDE_SHARE)
        splitter.setHandleWidth(5)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)
        self._count()

    def show_rows(self, inside: Sequence[Any], outside: Sequence[Any]) -> None:
        """Show what is in, and what could be."""
        self.inside.show_rows(inside)
        self.outside.show_rows(outside)
        self._count()

    def show_only(self, wanted: Callable[[Any], bool] | None) -> None:
        """Filter both lists; None for all."""
        self.inside.model.show_only(wanted)
        self.outside.model.show_only(wanted)
        self._count()

    def say(self, inside: str) -> None:
        """A fact beside the name of the upper list."""
        self.inside.fact.setText(inside)

    def _count(self) -> None:
        shown, total = self.inside.model.rowCount(), self.inside.model.total()
        self.remove_all.setEnabled(shown > 0)
        self.remove_all.setText(tr("Remove all") if shown == total else tr("Remove these {count}").format(count=shown))
        found, others = self.outside.model.rowCount(), self.outside.model.total()
        self.outside.fact.setText(
            tr("{count} more").format(count=others)
            if found == others
            else tr("{found} of {count} more").format(found=found, count=others)
        )

    def _take_out_all(self) -> None:
        model = self.inside.model
        self.take_out.emit([model.row(at) for at in range(model.rowCount())])
