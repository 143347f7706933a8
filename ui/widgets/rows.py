"""Rows of objects as a Qt model: what a table shows, filtered and sorted, without its look.

Use it through `ui.widgets.tables`, whose docstring shows how.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Literal, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.theme import Kind, Tone

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """One column, said once. Everything that is asked of a row is a function of the row.

    text    what stands in the cell, and what is copied
    pill    the kind of pill the text is painted in; None for plain words
    tone    the colour of plain words; mono and weight: their letters
    prefix  muted words before the text; below: a muted second line (give the table taller rows)
    align   left, or right for numbers, whose digits then stand below each other
    link    words after the text that can be clicked; with an empty text they are the whole cell
    width   pixels, before stretching; stretch: its share of the room that is left
    drop    where the room is short, columns with a drop go, the highest first; then the others shrink, IDs never
    sort    what to order by; None where the column cannot be sorted; without it, the text
    """

    title: str
    text: Callable[[Row], str]
    pill: Callable[[Row], Kind | None] | None = None
    tone: Tone | Callable[[Row], Tone] = "text"
    mono: bool | Callable[[Row], bool] = False
    weight: int = 400
    prefix: Callable[[Row], str] | None = None
    below: Callable[[Row], str] | None = None
    link: Callable[[Row], str] | None = None
    align: Literal["left", "right"] = "left"
    width: int = 120
    stretch: int = 0
    drop: int = 0
    sort: Callable[[Row], Any] | Literal["text"] | None = "text"


class RowsModel(QAbstractTableModel, Generic[Row]):
    """A list of row objects. `key` names a row: two rows with one key are one row, the later one.

    `limit` bounds how many are kept: the ones at the bottom go first. Call it on the loop's thread only.
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        *,
        limit: int | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._key, self._limit = key, limit
        self._all: dict[Hashable, Row] = {}
        self._shown: list[Row] = []
        self._keys: list[Hashable] = []
        self._places: dict[Hashable, int] | None = None
        self._wanted: Callable[[Row], bool] | None = None
        self._order: tuple[Callable[[Row], Any], bool] | None = None

    # What a page calls

    def replace(self, rows: Iterable[Row]) -> None:
        """Show these rows and no others."""
        self._all = {self._key(row): row for row in rows}
        self._bound()
        self._rebuild()

    def insert_at_top(self, rows: Sequence[Row]) -> None:
        """Put rows above the others, the first of them on top; one call for a whole batch."""
        fresh = {self._key(row): row for row in rows}
        known = fresh.keys() & self._all.keys()
        self._all = fresh | {key: row for key, row in self._all.items() if key not in known}
        gone = self._bound()
        if known or gone or self._order is not None:
            self._rebuild()
            return
        shown = [row for row in fresh.values() if self._wanted is None or self._wanted(row)]
        if shown:
            self.beginInsertRows(_NOWHERE, 0, len(shown) - 1)
            self._shown[0:0] = shown
            self._keys[0:0] = [self._key(row) for row in shown]
            self._places = None
            self.endInsertRows()

    def update(self, row: Row) -> None:
        """Show a row anew. A key that is not here yet comes on top."""
        key = self._key(row)
        if key not in self._all:
            self.insert_at_top([row])
            return
        self._all[key] = row
        at = self.position(key)
        stays = self._wanted is None or self._wanted(row)
        if at is None or not stays or self._order is not None:
            if stays or at is not None:
                self._rebuild()
            return
        self._shown[at] = row
        self.dataChanged.emit(self.index(at, 0), self.index(at, len(self.columns) - 1))

    def remove(self, key: Hashable) -> None:
        """Take a row out; a key that is not here is no mistake."""
        if self._all.pop(key, None) is None:
            return
        at = self.position(key)
        if at is not None:
            self.beginRemoveRows(_NOWHERE, at, at)
            del self._shown[at], self._keys[at]
            self._places = None
            self.endRemoveRows()

    def show_only(self, wanted: Callable[[Row], bool] | None) -> None:
        """Show the rows for which `wanted` holds; None for all."""
        self._wanted = wanted
        self._rebuild()

    def row(self, at: int) -> Row:
        """The row object at a place on the screen."""
        return self._shown[at]

    def position(self, key: Hashable) -> int | None:
        """Where a row stands on the screen, or None."""
        if self._places is None:
            self._places = {each: at for at, each in enumerate(self._keys)}
        return self._places.get(key)

    def key_at(self, at: int) -> Hashable:
        """The key of the row at a place on the screen."""
        return self._keys[at]

    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._all)

    # What Qt calls

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole and index.isValid():
            return self.text_at(index.row(), index.column())
        return None

    def text_at(self, at: int, column: int) -> str:
        """All words of a cell in one line, as they are copied and read aloud."""
        row, of = self._shown[at], self.columns[column]
        words = (of.prefix(row) if of.prefix else "") + of.text(row)
        parts = (words, of.below(row) if of.below else "")
        return " · ".join(part for part in parts if part)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.columns[section].title
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        by = self.columns[column].sort if 0 <= column < len(self.columns) else None
        if by is None:
            self._order = None
        else:
            text = self.columns[column].text
            ask: Callable[[Row], Any] = (lambda row: text(row).casefold()) if by == "text" else by
            self._order = (ask, order == Qt.SortOrder.DescendingOrder)
        self._rebuild()

    def _bound(self) -> bool:
        if self._limit is None or len(self._all) <= self._limit:
            return False
        self._all = dict(islice(self._all.items(), self._limit))
        return True

    def _rebuild(self) -> None:
        wanted = self._wanted
        shown = list(self._all.values()) if wanted is None else [row for row in self._all.values() if wanted(row)]
        if self._order is not None:
            shown.sort(key=self._order[0], reverse=self._order[1])
        self.beginResetModel()
        self._shown, self._keys = shown, [self._key(row) for row in shown]
        self._places = None
        self.endResetModel()
