"""The small rounded state: `Pill("Charging", "info")` as a widget, `paint_pill(...)` for a cell of a table.

A pill always carries its state in words; the colour only helps the eye.
"""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Kind, tokens
from ui.widgets.lettering import lettering

HEIGHT = 20.0
_SIDE, _DOT, _GAP = 9.0, 8.0, 6.0
_SIZE, _WEIGHT = 12, 500


def pill_width(text: str, *, dot: bool = False) -> float:
    """How wide `paint_pill` wants to be."""
    return _SIDE * 2 + lettering(text, _SIZE, _WEIGHT).width + (_DOT + _GAP if dot else 0)


def paint_pill(painter: QPainter, space: QRectF, text: str, kind: Kind, *, dot: bool = False) -> float:
    """Paint a pill at the left of `space`, cut with an ellipsis where it does not fit; gives its width."""
    colours = tokens()
    ground, ink = colours.pair(kind)
    width, middle = min(pill_width(text, dot=dot), space.width()), space.center().y()
    shape = QRectF(space.left(), middle - HEIGHT / 2, width, HEIGHT)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(ground)
    if kind == "grey":
        painter.setPen(QPen(colours.colour("line"), 1))
        shape.adjust(0.5, 0.5, -0.5, -0.5)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(shape, shape.height() / 2, shape.height() / 2)
    inner = shape.adjusted(_SIDE, 0, -_SIDE, 0)
    painter.setPen(Qt.PenStyle.NoPen)
    if dot:
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(inner.left() + _DOT / 2, middle), _DOT / 2, _DOT / 2)
        inner.setLeft(inner.left() + _DOT + _GAP)
    words = lettering(text, _SIZE, _WEIGHT).fitting(inner.width())
    words.paint(painter, inner.left(), inner.center().y(), ink)
    painter.restore()
    return width


class Pill(QWidget):
    """A state in a few words. `dot` is for states that are alive: listening, following."""

    def __init__(self, text: str = "", kind: Kind = "grey", *, dot: bool = False) -> None:
        super().__init__()
        self._dot = dot
        self._details = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_state(text, kind)

    def show_state(self, text: str, kind: Kind, details: str = "") -> None:
        """Change what it says, and what more the tooltip says. Empty text hides it."""
        self.text, self.kind, self._details = text, kind, details
        self.setAccessibleName(text)
        self.setAccessibleDescription(details)
        if not text:
            self.hide()
        elif self.parentWidget() is not None:
            self.show()
        self._show_tooltip()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(ceil(pill_width(self.text, dot=self._dot)), round(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 48), round(HEIGHT))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._show_tooltip()

    def _show_tooltip(self) -> None:
        """What is cut off, and the details."""
        cut = self.text if self.width() < self.sizeHint().width() else ""
        self.setToolTip("\n".join(filter(None, (cut, self._details))))

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_pill(painter, QRectF(self.rect()), self.text, self.kind, dot=self._dot)
