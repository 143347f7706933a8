"""The heads of a table's columns, and which of them a narrow window keeps. Use it through `ui.widgets.tables`."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QTableView, QToolTip

from ui.theme import SMALL, font, metrics, tokens
from ui.widgets.cells import SIDE
from ui.widgets.rows import Column, RowsModel


def columns_kept(columns: Sequence[Column[Any]], widths: Sequence[int], room: int) -> list[int]:
    """The positions of the columns that fit into a room, once those that may be left out are."""
    kept = list(range(len(columns)))
    while sum(widths[number] for number in kept) > room:
        droppable = [number for number in kept if columns[number].drop]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda number: columns[number].drop))
    return kept


class TableHead(QHeaderView):
    """Column heads: small muted words, a hairline below, an arrow where the rows are ordered."""

    def __init__(self, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setFixedHeight(31)
        self.setMinimumSectionSize(32)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        model: RowsModel[Any] = self.model()
        column, colours = model.columns[section], tokens()
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(colours.line))
        room = QRectF(rect).adjusted(SIDE, 0, -SIDE, -1)
        text, words = column.title, metrics(SMALL, 500)
        arrow = ""
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == section:
            arrow = " ↑" if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else " ↓"
        shown = words.elidedText(text, Qt.TextElideMode.ElideRight, room.width() - words.horizontalAdvance(arrow) + 1)
        painter.setFont(font(SMALL, 500))
        painter.setPen(QColor(colours.text if arrow else colours.muted))
        side = Qt.AlignmentFlag.AlignRight if column.align == "right" else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, shown + arrow)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            section = self.logicalIndexAt(event.pos())
            text = self.model().columns[section].title if section >= 0 else ""
            cut = metrics(SMALL, 500).horizontalAdvance(text) > self.sectionSize(section) - 2 * SIDE + 1
            QToolTip.showText(event.globalPos(), text if cut else "", self)
            return True
        return super().viewportEvent(event)
