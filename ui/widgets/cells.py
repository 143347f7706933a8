"""How one cell of a table is painted: its ground and hairline, its words or pill, its link.

Use it through `ui.widgets.tables`. The row object is asked directly, without the model's roles: a screenful of cells
must be painted well within a frame.
"""

from typing import Any, NamedTuple

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from ui.theme import Tokens, Tone, metrics, tokens
from ui.widgets.lettering import Lettering, lettering
from ui.widgets.pill import paint_pill, pill_width
from ui.widgets.rows import Column, Index, RowsModel

SIDE = 12.0
_GAP = 9.0
# Flags as plain numbers: an `&` of two enumerations costs more than painting the words.
_SELECTED = QStyle.StateFlag.State_Selected.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value


class _Run(NamedTuple):
    """Words of one look inside a cell."""

    words: Lettering
    tone: Tone


def _words(column: Column[Any], row: Any) -> list[_Run]:
    runs = []
    if column.prefix is not None and (prefix := column.prefix(row)):
        runs.append(_Run(lettering(prefix), "muted"))
    if text := column.text(row):
        mono = column.mono(row) if callable(column.mono) else column.mono
        tone = column.tone(row) if callable(column.tone) else column.tone
        size, tabular = 12 if mono else 13, column.align == "right"
        runs.append(_Run(lettering(text, size, column.weight, mono=mono, tabular=tabular), tone))
    return runs


def _link(column: Column[Any], row: Any) -> _Run | None:
    text = column.link(row) if column.link is not None else ""
    return _Run(lettering(text, weight=500), "accent") if text else None


class CellDelegate(QStyledItemDelegate):
    """Paints a cell straight from its row object: ground, hairline, words or pill, link."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model: RowsModel[Any] = index.model()
        row, column, colours = model.row(index.row()), model.columns[index.column()], tokens()
        self._paint_ground(painter, option, index, colours)
        if column.below is None:
            self._paint_line(painter, QRectF(option.rect), column, row, colours)
            return
        middle = option.rect.center().y()
        upper = QRectF(option.rect.left(), middle - 20, option.rect.width(), 20)
        self._paint_line(painter, upper, column, row, colours)
        room = upper.translated(0, 19).adjusted(SIDE, 0, -SIDE, 0)
        _paint_run(painter, room, _Run(lettering(column.below(row)), "muted"), colours)

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, colours: Tokens) -> None:
        state, space = option.state.value, option.rect
        if state & _SELECTED:
            painter.fillRect(space, colours.colour("sel"))
        if index.row() < index.model().rowCount() - 1:
            painter.fillRect(space.left(), space.bottom(), space.width(), 1, colours.colour("line"))
        if state & _FOCUSED and option.widget.shows_ring():
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colours.colour("accent"), 1.5))
            painter.drawRoundedRect(QRectF(space).adjusted(2, 2, -2, -3), 4, 4)
            painter.restore()

    def _paint_line(self, painter: QPainter, space: QRectF, column: Column[Any], row: Any, colours: Tokens) -> None:
        room = space.adjusted(SIDE, 0, -SIDE, 0)
        link = _link(column, row)
        words = _words(column, row)
        kind = column.pill(row) if column.pill is not None else None
        if link is not None:
            # The link is what the operator came for: the words before it give way.
            room.setRight(max(room.left(), room.right() - link.words.width - (_GAP if words else 0)))
        if kind is not None and words:
            room.setLeft(room.left() + paint_pill(painter, room.adjusted(0, -0.5, 0, -0.5), words[-1].words.text, kind))
        else:
            if column.align == "right":
                room.setLeft(max(room.left(), room.right() - sum(run.words.width for run in words) - 0.5))
            for run in words:
                room.setLeft(room.left() + _paint_run(painter, room, run, colours))
        if link is not None:
            room.setLeft(room.left() + (_GAP if words else 0))
            room.setRight(space.right() - SIDE)
            _paint_run(painter, room, link, colours)

    def link_area(self, space: QRect, column: Column[Any], row: Any) -> QRectF | None:
        """Where in a cell its link is."""
        link = _link(column, row)
        if link is None:
            return None
        words, room = _words(column, row), QRectF(space).adjusted(SIDE, 0, -SIDE, 0)
        before = _content_width(column, row)
        left = room.left() + min(before, max(0.0, room.width() - link.words.width - _GAP)) + (_GAP if words else 0)
        return QRectF(left, room.top(), link.words.width, room.height())

    def is_cut(self, space: QRect, column: Column[Any], row: Any) -> bool:
        """Whether some of a cell's words do not fit into it."""
        link = _link(column, row)
        room = space.width() - 2 * SIDE
        wanted = _content_width(column, row) + (link.words.width + _GAP if link else 0)
        below = metrics().horizontalAdvance(column.below(row)) if column.below is not None else 0
        return max(wanted, below) > room + 1.5

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        model: RowsModel[Any] = index.model()
        cut = index.isValid() and self.is_cut(option.rect, model.columns[index.column()], model.row(index.row()))
        QToolTip.showText(event.globalPos(), model.text_at(index.row(), index.column()) if cut else "", view)
        return True


def _content_width(column: Column[Any], row: Any) -> float:
    words = _words(column, row)
    if words and column.pill is not None and column.pill(row) is not None:
        return pill_width(words[-1].words.text)
    return sum(run.words.width for run in words)


def _paint_run(painter: QPainter, room: QRectF, run: _Run, colours: Tokens) -> float:
    if room.width() <= 0:
        return 0
    run.words.fitting(room.width()).paint(painter, room.left(), room.center().y(), colours.colour(run.tone))
    return min(run.words.width, room.width())
