"""What lies over the window while a file is dragged across it: it says what letting go will do."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.strings import tr
from ui.theme import H1, tokens
from ui.widgets.labels import Label, paragraph

_MOST_NAMES = 4
_VEIL = 235


class DropOverlay(QWidget):
    """As large as the window. `announce` shows it; whoever watches it hides it again."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setAcceptDrops(True)
        self.title = Label("", H1, 700)
        self.sentence = paragraph("", tone="muted")
        for words in (self.title, self.sentence):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self.title)
        column.addWidget(self.sentence)
        column.addStretch(1)
        window.installEventFilter(self)
        self.hide()

    def announce(self, files: Sequence[str], *, refusal: str = "") -> None:
        """Say what a drop will do with these files (none: with copied cells), or why it will do nothing."""
        if refusal:
            self.title.setText(tr("This cannot be imported"))
            self.sentence.say(refusal)
        else:
            self.title.setText(tr("Drop to see what it would change"))
            nothing_yet = tr("Nothing is written yet.")
            if len(files) == 1:
                nothing_yet = f"{files[0]} · {nothing_yet}"
            elif files:
                names = ", ".join(files[:_MOST_NAMES]) + (", …" if len(files) > _MOST_NAMES else "")
                nothing_yet += " " + tr("{count} files, one after another: {names}").format(
                    count=len(files), names=names
                )
            self.sentence.say(nothing_yet)
        self.setAccessibleName(f"{self.title.text()}. {self.sentence.words()}")
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = tokens()
        veil = QColor(colours.bg)
        veil.setAlpha(_VEIL)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), veil)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(QColor(colours.accent), 2, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(16, 16, -16, -16), 12, 12)
