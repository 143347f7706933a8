"""How many rows of a list are new, changed, the same, wrong, and what would be removed: each count shows its rows.

tiles = CountTiles(); tiles.show_counts({Which.NEW: 231, ...}); tiles.chosen.connect(...); tiles.mark(Which.NEW)
"""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.imports.preview import Which
from ui.imports.words import number
from ui.strings import tr
from ui.theme import Tone, font, metrics, tokens
from ui.widgets.boxes import row

_HEIGHT, _SIDE, _NUMBER = 70, 14, 20


class CountTile(QAbstractButton):
    """A number in its colour above what is counted."""

    def __init__(self, words: str, tone: Tone) -> None:
        super().__init__()
        self._tone: Tone = tone
        self._count = ""
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_count(self, count: int | None) -> None:
        """Show a number; None where there is none yet."""
        self._count = "–" if count is None else number(count)
        self.setAccessibleName(f"{self._count} {self.text()}")
        self.setEnabled(bool(count))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE * 2 + round(metrics().horizontalAdvance(self.text())) + 2, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            marked = self.isChecked() or self.hasFocus()
            over = self.underMouse() and self.isEnabled()
            painter.setBrush(QColor(colours.sel if self.isChecked() else colours.bg if over else colours.surface))
            painter.setPen(QPen(QColor(colours.accent if marked else colours.line), 2 if self.hasFocus() else 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
            room = QRectF(self.rect()).adjusted(_SIDE, 12, -_SIDE, -10)
            painter.setFont(font(_NUMBER, 700))
            painter.setPen(colours.colour(self._tone if self.isEnabled() else "muted"))
            painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._count)
            words = metrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width() + 1)
            painter.setFont(font())
            painter.setPen(QColor(colours.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, words)


class CountTiles(QWidget):
    """The row of tiles; none or one of them is marked."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.tiles: dict[Which, CountTile] = {
            Which.NEW: CountTile(tr("new"), "ok"),
            Which.CHANGED: CountTile(tr("changed"), "info"),
            Which.SAME: CountTile(tr("the same"), "muted"),
            Which.ERRORS: CountTile(tr("errors, left out"), "bad"),
            Which.REMOVED: CountTile(tr("would be removed"), "warn"),
        }
        self.setLayout(row(*self.tiles.values()))
        for which, tile in self.tiles.items():
            tile.clicked.connect(lambda checked, which=which: self.chosen.emit(which if checked else Which.ALL))

    def show_counts(self, counts: Mapping[Which, int]) -> None:
        """Show these numbers, a dash where there is none."""
        for which, tile in self.tiles.items():
            tile.show_count(counts.get(which))

    def mark(self, which: Which) -> None:
        """Mark the tile whose rows are shown."""
        for each, tile in self.tiles.items():
            tile.setChecked(each is which)
