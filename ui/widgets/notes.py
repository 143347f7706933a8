"""Short messages at the bottom right of the window, instead of message boxes.

    notes = Notes(window)
    notes.show_note("12 passes were imported.", "ok", Action("Undo", self.undo))
    notes.problem("The station did not answer within 30 s. Nothing was changed.")

A note goes after eight seconds, later while the pointer or the keyboard is on it. A problem stays until it is closed.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QCursor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QWidget

from ui.strings import tr
from ui.theme import Kind, metrics, tokens
from ui.widgets.boxes import row
from ui.widgets.buttons import Action, button, close_button
from ui.widgets.labels import Paragraph, paragraph

SECONDS = 8.0
_EDGE, _GAP, _WIDEST, _MOST = 20, 10, 420, 4


class Note(QFrame):
    """One message: a coloured mark, the words, what can be done about it, a cross."""

    closed = Signal()

    def __init__(
        self, parent: QWidget, text: str, kind: Kind, actions: Sequence[Action], seconds: float | None
    ) -> None:
        super().__init__(parent)
        self.text, self.kind = text, kind
        self.setAccessibleName(text)
        self._words: Paragraph = paragraph(text)
        room = _WIDEST - 110 - sum(20 + round(metrics(weight=500).horizontalAdvance(each.text)) for each in actions)
        self._words.setFixedWidth(min(round(metrics().horizontalAdvance(text)) + 6, room))
        line = row(self._words, None, spacing=12)
        line.setContentsMargins(33, 10, 9, 10)
        for action in actions:
            line.addWidget(button(action.text, partial(self._act, action), "link"))
        line.addWidget(close_button(tr("Close this message"), self.close_note))
        self.setLayout(line)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 6)
        shadow.setColor(QColor(0, 0, 0, 56))
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._time_over)
        if seconds is not None:
            self._timer.start(round(seconds * 1000))

    def close_note(self) -> None:
        """Take it away now."""
        self._timer.stop()
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def _act(self, action: Action) -> None:
        self.close_note()
        action.run()

    def _time_over(self) -> None:
        focus = self.window().focusWidget()
        under_pointer = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        if under_pointer or (focus is not None and self.isAncestorOf(focus)):
            self._timer.start(2000)
        else:
            self.close_note()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.raise_()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens().pair(self.kind)[1])
            painter.drawEllipse(QPointF(19, self.height() / 2), 4, 4)


class Notes(QObject):
    """The stack of notes of one window: the newest lowest, four at most."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._shown: list[Note] = []
        window.installEventFilter(self)

    @property
    def shown(self) -> list[Note]:
        """The notes on the screen, the oldest first."""
        return list(self._shown)

    def show_note(self, text: str, kind: Kind = "info", *actions: Action, seconds: float | None = SECONDS) -> Note:
        """Show a message, until it is closed with `seconds=None`. The same words are never on the screen twice."""
        for other in self.shown:
            if other.text == text:
                other.close_note()
        note = Note(self._window, text, kind, actions, seconds)
        note.closed.connect(lambda: self._gone(note))
        self._shown.append(note)
        while len(self._shown) > _MOST:
            self._shown[0].close_note()
        self._place()
        note.show()
        event = QAccessibleAnnouncementEvent(note, text)
        if kind == "bad":
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
        return note

    def problem(self, text: str, *actions: Action) -> Note:
        """Show what went wrong, and what can be done about it, until the operator closes it."""
        return self.show_note(text, "bad", *actions, seconds=None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._place()
        return False

    def _gone(self, note: Note) -> None:
        if note in self._shown:
            self._shown.remove(note)
            self._place()

    def _place(self) -> None:
        bottom = self._window.height() - _EDGE - 26
        for note in reversed(self._shown):
            note.adjustSize()
            note.move(self._window.width() - _EDGE - note.width(), bottom - note.height())
            note.raise_()
            bottom -= note.height() + _GAP
