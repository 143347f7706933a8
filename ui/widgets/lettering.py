"""Words that are painted again and again, laid out once: painting them then takes a quarter of the time.

words = lettering("04A2…", size=12, mono=True)
words.paint(painter, left, middle, colour)
shorter = words.fitting(80.0)                       # cut with an ellipsis where they are wider
"""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QStaticText

from ui.theme import BODY, font, metrics

#: A table repeats itself at each new row.
_LAID_OUT_AT_MOST = 8_192
#: A width may be rounded up by so much without a letter being lost.
_SLACK = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Lettering:
    """Words in one font, with their measures."""

    text: str
    look: tuple[int, int, bool, bool]
    width: float
    _laid_out: QStaticText
    _font: QFont
    _half_height: float

    def fitting(self, room: float) -> "Lettering":
        """These words, or as much of them as fits, with an ellipsis."""
        return self if self.width <= room + _SLACK else _cut(self.text, self.look, room)

    def paint(self, painter: QPainter, left: float, middle: float, colour: QColor) -> None:
        """Paint them from `left`, around the line in the `middle`."""
        painter.setFont(self._font)
        painter.setPen(colour)
        painter.drawStaticText(QPointF(left, middle - self._half_height), self._laid_out)


def lettering(
    text: str, size: int = BODY, weight: int = 400, *, mono: bool = False, tabular: bool = False
) -> Lettering:
    """Words laid out in the font that `ui.theme.font` gives for the same arguments."""
    return _lettering(text, (size, weight, mono, tabular))


@lru_cache(_LAID_OUT_AT_MOST)
def _lettering(text: str, look: tuple[int, int, bool, bool]) -> Lettering:
    size, weight, mono, tabular = look
    letters = font(size, weight, mono=mono, tabular=tabular)
    words = QStaticText(text)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    words.prepare(font=letters)
    measured = words.size()
    return Lettering(text, look, measured.width(), words, letters, measured.height() / 2)


@lru_cache(_LAID_OUT_AT_MOST)
def _cut(text: str, look: tuple[int, int, bool, bool], room: float) -> Lettering:
    size, weight, mono, tabular = look
    measures = metrics(size, weight, mono=mono, tabular=tabular)
    return _lettering(measures.elidedText(text, Qt.TextElideMode.ElideRight, room), look)
