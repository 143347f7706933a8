"""A message as a station sent it, easy to read.

view = JsonView("Request")
view.show_json([2, "91c2-77", "Authorize", {"idTag": "B1204F77"}], highlight="idTag")
view.show_text("[2, broken")                        # what is not JSON is shown as it came
"""

import json
from collections.abc import Iterator
from typing import Literal

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from ui.theme import font, tokens

_Style = Literal["text", "muted", "mark"]
_Piece = tuple[str, _Style]
_STEP = "  "
#: And what OCPP 2.1 has besides: CALLRESULTERROR and SEND.
_MESSAGES = range(2, 7)


class JsonView(QTextEdit):
    """Read-only; select in it and copy from it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFont(font(12, mono=True))
        self.document().setDocumentMargin(0)
        self._pieces: list[_Piece] = []

    def show_json(self, value: object, *, highlight: str = "") -> None:
        """Lay a decoded message out, one key a line; the plain value of the key `highlight` stands out."""
        self._pieces = list(_laid_out(value, "", highlight))
        self._draw()

    def show_text(self, text: str) -> None:
        """Show text as it is."""
        self._pieces = [(text, "text")]
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._draw()

    def _draw(self) -> None:
        formats = _formats()
        self.clear()
        cursor = QTextCursor(self.document())
        lines = QTextBlockFormat()
        lines.setLineHeight(120, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.beginEditBlock()
        cursor.setBlockFormat(lines)
        for text, style in self._pieces:
            cursor.insertText(text, formats[style])
        cursor.endEditBlock()


def _formats() -> dict[_Style, QTextCharFormat]:
    colours = tokens()
    formats: dict[_Style, QTextCharFormat] = {}
    for style, colour in (("text", colours.text), ("muted", colours.muted), ("mark", colours.accent)):
        formats[style] = QTextCharFormat()
        formats[style].setForeground(QColor(colour))
    formats["mark"].setBackground(QColor(colours.accent_soft))
    formats["mark"].setFontWeight(QFont.Weight.Bold)
    return formats


def _laid_out(value: object, margin: str, highlight: str) -> Iterator[_Piece]:
    if isinstance(value, dict) and value:
        yield from _object(value, margin, highlight)
    elif isinstance(value, list) and value:
        yield from _array(value, margin, highlight)
    else:
        yield json.dumps(value, ensure_ascii=False), "text"


def _object(value: dict[str, object], margin: str, highlight: str) -> Iterator[_Piece]:
    yield "{", "muted"
    before = "\n"
    for key, held in value.items():
        yield before + margin + _STEP, "text"
        yield json.dumps(key, ensure_ascii=False) + ": ", "text"
        if key == highlight and not isinstance(held, dict | list):
            yield json.dumps(held, ensure_ascii=False), "mark"
        else:
            yield from _laid_out(held, margin + _STEP, highlight)
        before = ",\n"
    yield "\n" + margin + "}", "muted"


def _array(value: list[object], margin: str, highlight: str) -> Iterator[_Piece]:
    """Plain values share a line, each object or array has its own."""
    is_message = not margin and value[0] in _MESSAGES
    yield "[", "muted"
    shared = False
    for number, held in enumerate(value):
        plain = not isinstance(held, dict | list) or not held
        comma = "," if number else ""
        yield comma + (" " if plain and shared else "\n" + margin + _STEP), "text"
        if is_message and number == 1:
            yield json.dumps(held, ensure_ascii=False), "muted"
        else:
            yield from _laid_out(held, margin + _STEP, highlight)
        shared = plain
    yield "\n" + margin + "]", "muted"
