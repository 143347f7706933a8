"""Bars over days.

    chart = BarChart("Energy of the last 14 days", empty="No energy yet: the first session will show here.")
    chart.set_bars([Bar("7", 12.4, "Friday 7 November: 12.4 kWh, 3 sessions"), ...])   # the last one is today

The pointer shows a bar's sentence as tooltip; the left and right keys walk over the bars, for a screen reader too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import SMALL, font, metrics, tokens

_GAP, _FOOT, _TALLEST = 6.0, 22.0, 108.0


@dataclass(frozen=True)
class Bar:
    """`label` stands under the bar, `sentence` is its tooltip and what a screen reader says."""

    label: str
    value: float
    sentence: str


class BarChart(QWidget):
    """A bar for each day, today in the accent colour."""

    def __init__(self, name: str, *, empty: str) -> None:
        super().__init__()
        self._name, self._empty = name, empty
        self._bars: list[Bar] = []
        self._current = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_bars([])

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these, the oldest first. Values below zero count as zero."""
        self._bars = list(bars)
        self._current = -1
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(self._empty if self._is_empty() else self._bars[-1].sentence)
        self.update()

    def bar_at(self, where: QPoint) -> Bar | None:
        """The bar in whose column a point lies."""
        if self._is_empty():
            return None
        for number, bar in enumerate(self._bars):
            column = self._column(number)
            if column.left() - _GAP / 2 <= where.x() < column.right() + _GAP / 2:
                return bar
        return None

    def sizeHint(self) -> QSize:
        return QSize(360, round(_TALLEST + _FOOT))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 70)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._is_empty():
                painter.setPen(QColor(colours.muted))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(16, 0, -16, 0), flags, self._empty)
                return
            for number, bar in enumerate(self._bars):
                column = self._column(number)
                colour = QColor(colours.accent)
                if number < len(self._bars) - 1:
                    colour.setAlphaF(0.55)
                painter.fillPath(_rounded_top(column), colour)
                painter.setFont(font(SMALL))
                painter.setPen(QColor(colours.muted))
                under = QRectF(column.left() - _GAP, self._floor() + 4, column.width() + 2 * _GAP, _FOOT - 4)
                if metrics(SMALL).horizontalAdvance(bar.label) <= column.width() + _GAP:
                    painter.drawText(under, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, bar.label)
                if self.hasFocus() and number == self._current:
                    painter.setPen(QPen(QColor(colours.text), 2))
                    painter.drawRoundedRect(column.adjusted(-3, -3, 3, 3), 4, 4)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            bar = self.bar_at(event.pos())
            QToolTip.showText(event.globalPos(), bar.sentence if bar else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())
        if step is None or self._is_empty():
            super().keyPressEvent(event)
        else:
            self._walk_to(min(max(self._current + step, 0), len(self._bars) - 1))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self._is_empty():
            self._walk_to(len(self._bars) - 1 if self._current < 0 else self._current)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        QToolTip.hideText()

    def _walk_to(self, number: int) -> None:
        self._current = number
        bar = self._bars[number]
        self.setAccessibleDescription(bar.sentence)
        QToolTip.showText(self.mapToGlobal(self._column(number).center().toPoint()), bar.sentence, self)
        self.update()

    def _is_empty(self) -> bool:
        return not any(bar.value > 0 for bar in self._bars)

    def _floor(self) -> float:
        return min(_TALLEST + 6, self.height() - _FOOT)

    def _column(self, number: int) -> QRectF:
        most = max(bar.value for bar in self._bars)
        wide = (self.width() - _GAP * (len(self._bars) - 1)) / len(self._bars)
        tall = max(2.0, (self._floor() - 6) * max(0.0, self._bars[number].value) / most)
        return QRectF(number * (wide + _GAP), self._floor() - tall, wide, tall)


def _rounded_top(column: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    radius = min(3.0, column.height())
    path.addRoundedRect(column, radius, radius)
    path.addRect(column.adjusted(0, min(radius, column.height() / 2), 0, 0))
    return path
