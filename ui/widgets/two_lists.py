"""What is in and what could be: two tables one above the other, with the ways from one to the other.

    lists = TwoLists(columns, key=lambda row: row.id, words=ListWords(inside=tr("Members"), ...))
    lists.put_in.connect(self.add); lists.take_out.connect(self.remove)      # each a list of rows
    lists.linked.connect(self.follow)                                        # the row and the words of its link
    lists.show_rows(members, available); lists.show_only(predicate)

A double click, Enter or the pointer carries what is selected to the other list, as the buttons do; Del takes out, Ins
puts in, F goes to the filter.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from ui.strings import tr
from ui.widgets.boxes import EmptyState, Line, row
from ui.widgets.buttons import button, danger_button, primary_button
from ui.widgets.carrying import CarryTable
from ui.widgets.empty_table import EmptyTable
from ui.widgets.labels import muted, title
from ui.widgets.tables import Column, RowsModel

INSIDE_SHARE, OUTSIDE_SHARE = 5, 3
Wanted = Callable[[Any], bool] | None
# In the head of a list: its name, the fact, the room between, then the buttons.
_BUTTONS_FROM = 3


@dataclass(frozen=True)
class ListWords:
    """What the two lists are called, and what they say when they are empty."""

    inside: str
    outside: str
    nothing_inside: str
    how_to_begin: str
    nothing_outside: str
    where_from: str


class OneList(QWidget):
    """One of the two: its name, a fact beside it, its buttons, its table."""

    moved = Signal(list)
    show_all = Signal()
    find = Signal()

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
        self.model = RowsModel(columns, key, parent=self)
        self._empty = EmptyTable(teaching, self.show_all.emit)
        self.table = CarryTable(self.model, name, empty=self._empty, several=True, head=head)
        self.head = row(self.title, self.fact, None)
        self.head.setContentsMargins(14, 9, 14, 7)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(self.head)
        self.column.addWidget(self.table, 1)
        self.add_action(*move, self.move_selected)
        self.add_action(tr("Filter"), "F", self.find.emit)
        self.table.row_activated.connect(lambda _row: self.move_selected())
        self.table.carried.connect(self.move_selected)

    def add_action(self, words: str, keys: str, run: Callable[[], object]) -> QAction:
        """Something to do in the table's menu, with its key."""
        action = QAction(words, self.table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: run())
        self.table.addAction(action)
        return action

    def add_button(self, made: QPushButton, *, needs_selection: bool, first: bool = False) -> QPushButton:
        """Put a button at the right; one that `needs_selection` can be pressed only while a row is selected."""
        if first:
            self.head.insertWidget(_BUTTONS_FROM, made)
        else:
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

    def carry_to(self, other: "OneList") -> None:
        """What is carried with the pointer may be let go over that list, which shows so."""
        self.table.goal = other
        self.table.hovers.connect(lambda over: other.title.set_tone("accent" if over else "text"))


class TwoLists(QWidget):
    """Give it the rows; it asks for what shall happen to them."""

    put_in = Signal(list)
    take_out = Signal(list)
    linked = Signal(object, str)
    show_all = Signal()
    find = Signal()

    def __init__(self, columns: Sequence[Column[Any]], key: Callable[[Any], Hashable], words: ListWords) -> None:
        super().__init__()
        self.inside = OneList(
            words.inside, columns, key, EmptyState(words.nothing_inside, words.how_to_begin), (tr("Remove"), "Del")
        )
        self.outside = OneList(
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
        self.inside.carry_to(self.outside)
        self.outside.carry_to(self.inside)
        for each in (self.inside, self.outside):
            each.table.link_clicked.connect(self.linked)
            each.show_all.connect(self.show_all)
            each.find.connect(self.find)
        below = QWidget()
        self._below = QVBoxLayout(below)
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.setSpacing(0)
        self._below.addWidget(Line())
        self._below.addWidget(self.outside)
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
        self.count_rows()

    def show_rows(self, inside: Sequence[Any], outside: Sequence[Any]) -> None:
        """Show what is in, and what could be."""
        self.inside.show_rows(inside)
        self.outside.show_rows(outside)
        self.count_rows()

    def show_only(self, inside: Wanted, outside: Wanted) -> None:
        """Filter the two lists; None for all."""
        self.inside.model.show_only(inside)
        self.outside.model.show_only(outside)
        self.count_rows()

    def put_between(self, widget: QWidget) -> None:
        """Put a line between the two lists."""
        self._below.insertWidget(1, widget)

    def say(self, inside: str) -> None:
        """A fact beside the name of the upper list."""
        self.inside.fact.setText(inside)

    def count_rows(self) -> None:
        """Say how many are in each list, and found in it."""
        shown, total = self.inside.model.rowCount(), self.inside.model.total()
        self.remove_all.setEnabled(shown > 0)
        words = tr("Remove all {count}") if shown == total else tr("Remove these {count}")
        self.remove_all.setText(words.format(count=f"{shown:,}") if shown else tr("Remove all"))
        found, others = self.outside.model.rowCount(), self.outside.model.total()
        self.outside.fact.setText(
            tr("{count} more").format(count=f"{others:,}")
            if found == others
            else tr("{found} of {count} more").format(found=f"{found:,}", count=f"{others:,}")
        )

    def _take_out_all(self) -> None:
        model = self.inside.model
        self.take_out.emit([model.row(at) for at in range(model.rowCount())])
