"""An address to hold a phone or a commissioning app to.

    code = QrCode(side=196)
    code.show_text("ws://192.168.1.20:9000/")       # an empty text shows nothing

Dark on white in both schemes, since many readers do not take light on dark, with the four modules of quiet zone that
ISO/IEC 18004 asks for. Each module is a whole number of the screen's own pixels, at every scale.
"""

from math import ceil

import segno
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.strings import tr

QUIET_ZONE = 4
_ROUND = 6.0


class QrCode(QWidget):
    """A QR code in the middle of a square of `side` pixels of an unscaled screen, or of what a layout gives."""

    def __init__(self, text: str = "", *, side: int = 196) -> None:
        super().__init__()
        self._side = side
        self._modules = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Encode this instead. It may be some 2,300 bytes long; an address has fifty."""
        self._modules = _modules(text) if text else QImage()
        self.setAccessibleName(tr("QR code of {text}").format(text=text) if text else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Never so small that a module has no pixel."""
        side = max(self._side, self._modules.width())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio, across = self.devicePixelRatioF(), self._modules.width()
        unit = int(min(self.width(), self.height()) * ratio) // across if across else 0
        if not unit:
            return
        side = unit * across / ratio
        with QPainter(self) as painter:
            corner = QPointF((self.width() - side) / 2, (self.height() - side) / 2)
            square = QRectF(_on_pixel(painter, corner, ratio), QRectF(0, 0, side, side).size())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.GlobalColor.white)
            painter.drawRoundedRect(square, _ROUND, _ROUND)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.drawImage(square, self._modules)


def _modules(text: str) -> QImage:
    """A pixel a module, the light ones clear, the quiet zone round them."""
    code = segno.make(text, error="m", micro=False)
    side = len(code.matrix) + 2 * QUIET_ZONE
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    for y, line in enumerate(code.matrix, start=QUIET_ZONE):
        for x, dark in enumerate(line, start=QUIET_ZONE):
            if dark:
                image.setPixelColor(x, y, Qt.GlobalColor.black)
    return image


def _on_pixel(painter: QPainter, point: QPointF, ratio: float) -> QPointF:
    """The point, moved to where a pixel of the screen begins: between two pixels every edge would be blurred."""
    begin = painter.deviceTransform().map(QPointF(0, 0))
    return QPointF(
        (ceil(begin.x() + point.x() * ratio) - begin.x()) / ratio,
        (ceil(begin.y() + point.y() * ratio) - begin.y()) / ratio,
    )
