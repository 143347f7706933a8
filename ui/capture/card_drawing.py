"""A card before a reader, drawn: what to do, without words."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Kind, tokens

_SIDE, _CARD = 130, QSize(72, 48)


class CardDrawing(QWidget):
    """A card in a circle; the circle takes the colour of what became of the card."""

    def __init__(self) -> None:
        super().__init__()
        self._kind: Kind | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_kind(self, kind: Kind | None) -> None:
        """The colour of a decision; None while a card is awaited."""
        self._kind = kind
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = tokens()
        ground, line = QColor(colours.accent_soft), QColor(colours.accent)
        if self._kind is not None:
            ground, line = colours.pair(self._kind)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawEllipse(QRectF(self.rect()))
            card = QRectF(0, 0, _CARD.width(), _CARD.height())
            card.moveCenter(QRectF(self.rect()).center())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(line, 3))
            painter.drawRoundedRect(card, 6, 6)
