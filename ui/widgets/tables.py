"""Tables of row objects, in the look of the window.

    columns = [
        Column(title="Time", text=lambda tap: clock(tap.at), mono=True, width=110),
        Column(title="Station", text=lambda tap: tap.station_name, width=140),
        Column(title="Outcome", text=lambda tap: tap.outcome, pill=lambda tap: "ok" if tap.accepted else "bad"),
        Column(title="", text=lambda tap: tap.reason, tone="muted", link=lambda tap: tap.fix, stretch=1, sort=None),
    ]
    model = RowsModel(columns, key=lambda tap: tap.id, limit=5_000)
    table = TableView(model, "Last taps", empty=EmptyState("No taps yet", "Hold a card to a reader."))
    model.replace(taps); model.insert_at_top(newer); model.update(tap); model.show_only(lambda tap: not tap.accepted)
    table.row_selected.connect(self.show_tap)          # the row object, or None; again when a newer one took its place
    table.row_activated.connect(self.open_tap)         # Enter or double click
    table.link_clicked.connect(self.fix)               # the row object and the link's words

Ctrl+C copies the selected rows as lines of tab-separated text, Ctrl+Shift+C the cell with the ring; so does the menu.
Actions added with `table.addAction` appear in that menu too. Selection and place survive every change of the model.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from ui.strings import tr
from ui.widgets.cells import CellDelegate
from ui.widgets.rows import Column, Index, RowsModel
from ui.widgets.table_head import TableHead, columns_kept

__all__ = ["Column", "RowsModel", "TableView"]

_LEAST = 0.8


class TableView(QTableView):
    """A table over a `RowsModel`. `empty` is shown in place of the rows when there are none."""

    row_selected = Signal(object)
    row_activated = Signal(object)
    link_clicked = Signal(object, str)

    def __init__(
        self,
        model: RowsModel[Any],
        name: str,
        *,
        empty: QWidget | None = None,
        row_height: int = 32,
        several: bool = False,
        head: bool = True,
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._rows = model
        self._cells = CellDelegate(self)
        self._widths = [column.width for column in model.columns]
        self._sharing = self._keyboard = False
        self._ordered_by: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._link_pressed: tuple[Hashable, int] | None = None
        self._kept: tuple[list[Hashable], Hashable, int, int] = ([], None, 0, 0)
        self._empty = empty
        self._told: object = None
        self._set_up(row_height, several, head)
        self.setModel(model)
        if empty is not None:
            empty.setParent(self.viewport())
        model.modelAboutToBeReset.connect(self._keep_place)
        model.modelReset.connect(self._restore_place)
        for changed in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            changed.connect(self._show_empty)
        self._show_empty()

    def _set_up(self, row_height: int, several: bool, head: bool) -> None:
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if several else mode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(row_height)
        rows.setDefaultSectionSize(row_height)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns = TableHead(self)
        self.setHorizontalHeader(columns)
        columns.setVisible(head)
        columns.setSortIndicatorShown(True)
        columns.setSortIndicatorClearable(True)
        columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        columns.sortIndicatorChanged.connect(self._order_by)
        columns.sectionResized.connect(self._width_dragged)

    # What a page asks

    def selected_rows(self) -> list[Any]:
        """The selected row objects, from top to bottom."""
        return [self._rows.row(at) for at in self._selected_places()]

    def select_key(self, key: Hashable) -> bool:
        """Select the row of a key and bring it into sight; False when it is not shown."""
        at = self._rows.position(key)
        if at is None:
            return False
        self.setCurrentIndex(self._rows.index(at, max(0, self.currentIndex().column())))
        self.scrollTo(self.currentIndex())
        return True

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard, a line each, the cells apart by tabs."""
        columns = range(len(self._rows.columns))
        lines = ["\t".join(self._rows.text_at(at, column) for column in columns) for at in self._selected_places()]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def copy_cell(self) -> None:
        """Put the words of the current cell on the clipboard."""
        at = self.currentIndex()
        if at.isValid():
            QGuiApplication.clipboard().setText(self._rows.text_at(at.row(), at.column()))

    def shows_ring(self) -> bool:
        """Whether the current cell wears the ring: only for who steers by keyboard."""
        return self._keyboard and self.hasFocus()

    # Keyboard and pointer

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._keyboard = True
        self.viewport().update()
        at = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.keyCombination() == Qt.Modifier.CTRL | Qt.Modifier.SHIFT | Qt.Key.Key_C:
            self.copy_cell()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and at.isValid():
            self._enter(at)
        else:
            super().keyPressEvent(event)

    def _enter(self, at: QModelIndex) -> None:
        row, column = self._rows.row(at.row()), self._rows.columns[at.column()]
        link = column.link(row) if column.link is not None else ""
        if link:
            self.link_clicked.emit(row, link)
        else:
            self.row_activated.emit(row)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._keyboard = True
            if not self.currentIndex().isValid() and self._rows.rowCount():
                flag = QItemSelectionModel.SelectionFlag.NoUpdate
                self.selectionModel().setCurrentIndex(self._rows.index(0, 0), flag)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._keyboard = False
        self._link_pressed = self._link_at(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._link_pressed = self._link_pressed, None
        if pressed is not None and pressed == self._link_at(event.position().toPoint()):
            at = self._rows.position(pressed[0])
            if at is not None:
                self._enter(self._rows.index(at, pressed[1]))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        place = event.position().toPoint()
        at = self.indexAt(place)
        if at.isValid() and self._link_at(place) is None:
            self.row_activated.emit(self._rows.row(at.row()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over_link = self._link_at(event.position().toPoint()) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over_link else Qt.CursorShape.ArrowCursor)

    def _link_at(self, place: QPoint) -> tuple[Hashable, int] | None:
        at = self.indexAt(place)
        if not at.isValid():
            return None
        column, row = self._rows.columns[at.column()], self._rows.row(at.row())
        area = self._cells.link_area(self.visualRect(at), column, row)
        return (self._rows.key_at(at.row()), at.column()) if area is not None and area.contains(place) else None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = self.currentIndex()
        if at.isValid():
            text = self._rows.text_at(at.row(), at.column())
            cell = menu.addAction(tr("Copy “{text}”").format(text=text[:40].replace("&", "&&")), self.copy_cell)
            cell.setEnabled(bool(text))
            menu.addAction(tr("Copy the selected rows"), self.copy_rows).setEnabled(bool(self._selected_places()))
        if self.actions():
            menu.addSeparator()
            menu.addActions(self.actions())
        if any(column.title and column.sort is not None for column in self._rows.columns):
            self._add_orders(menu.addMenu(tr("Order by")))
        menu.popup(event.globalPos())

    def _add_orders(self, menu: QMenu) -> None:
        head = self.horizontalHeader()
        for number, column in enumerate(self._rows.columns):
            if column.title and column.sort is not None:
                menu.addAction(
                    column.title, lambda number=number: head.setSortIndicator(number, Qt.SortOrder.AscendingOrder)
                )
        menu.addAction(tr("As it comes"), lambda: head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder))

    def _order_by(self, section: int, order: Qt.SortOrder) -> None:
        if section >= 0 and self._rows.columns[section].sort is None:
            self.horizontalHeader().setSortIndicator(*self._ordered_by)
            return
        if (section, order) != self._ordered_by:
            self._ordered_by = (section, order)
            self._rows.sort(section, order)

    # Selection and place

    def _selected_places(self) -> list[int]:
        model = self.selectionModel()
        if model is None:
            return []
        # By ranges: ten thousand rows may be selected.
        return sorted({at for part in model.selection() for at in range(part.top(), part.bottom() + 1)})

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._tell()

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        super().dataChanged(first, last, roles)
        self._tell()

    def _tell(self) -> None:
        places = self._selected_places()
        current = self.currentIndex().row()
        row = self._rows.row(current if current in places else places[0]) if places else None
        if row != self._told:
            self._told = row
            self.row_selected.emit(row)

    def _keep_place(self) -> None:
        keys = [self._rows.key_at(at) for at in self._selected_places()]
        current = self.currentIndex()
        key = self._rows.key_at(current.row()) if current.isValid() else None
        self._kept = (keys, key, current.column(), self.verticalScrollBar().value())

    def _restore_place(self) -> None:
        keys, current, column, scrolled = self._kept
        if not keys and current is None and not scrolled:
            return
        self.updateGeometries()
        self.verticalScrollBar().setValue(scrolled)
        flags = QItemSelectionModel.SelectionFlag
        model = self.selectionModel()
        at = self._rows.position(current) if current is not None else None
        if at is not None:
            model.setCurrentIndex(self._rows.index(at, column), flags.NoUpdate)
        model.select(self._selection_of(keys), flags.Select | flags.Rows)
        self._tell()

    def _selection_of(self, keys: Sequence[Hashable]) -> QItemSelection:
        """The rows of these keys. Neighbours are one range: Qt takes seconds over ten thousand ranges of one row."""
        chosen, first, last = QItemSelection(), -1, -2
        for place in [*sorted(at for at in map(self._rows.position, keys) if at is not None), -1]:
            if place != last + 1 or place < 0:
                if last >= first >= 0:
                    chosen.select(self._rows.index(first, 0), self._rows.index(last, 0))
                first = place
            last = place
        return chosen

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        bar = self.verticalScrollBar()
        scrolled = bar.value()
        super().rowsInserted(parent, start, end)
        if start == 0 and scrolled > 0:
            # Who scrolled down reads: new rows on top must not push the text away.
            self.updateGeometries()
            bar.setValue(scrolled + (end - start + 1) * self.verticalHeader().defaultSectionSize())

    # Room

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()
        if self._empty is not None:
            self._empty.setGeometry(self.viewport().rect())

    def _share_room(self) -> None:
        room, columns = self.viewport().width(), self._rows.columns
        kept = columns_kept(columns, self._widths, room)
        widths = {number: float(self._widths[number]) for number in kept}
        spare, shares = room - sum(widths.values()), sum(columns[number].stretch for number in kept)
        if spare > 0 and shares:
            widths = {number: width + spare * columns[number].stretch / shares for number, width in widths.items()}
        elif spare < 0:
            # An ID cut short is another ID.
            soft = {number: width for number, width in widths.items() if columns[number].mono is not True}
            scale = max(_LEAST, 1 + spare / (sum(soft.values()) or 1))
            widths |= {number: width * scale for number, width in soft.items()}
        self._sharing = True
        used = 0.0
        for number in range(len(columns)):
            self.setColumnHidden(number, number not in widths)
            if number in widths:
                # Whole pixels that add up: each column ends where the exact sum, rounded, ends.
                self.setColumnWidth(number, round(used + widths[number]) - round(used))
                used += widths[number]
        self._sharing = False

    def _width_dragged(self, section: int, _before: int, width: int) -> None:
        if not self._sharing and width:
            self._widths[section] = width

    def _show_empty(self) -> None:
        if self._empty is not None:
            self._empty.setVisible(self._rows.rowCount() == 0)
