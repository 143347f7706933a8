"""A card reader that types: the keys of a line, ended by Enter, told apart from the operator's typing.

keys = UsbKeys(page); keys.watch(page, table, box); keys.line.connect(capturing.typed)
keys.set_on(on=True)                            # only while such a reader is chosen
"""

from time import monotonic

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

#: A reader's keys follow each other faster than anybody's fingers.
LONGEST_PAUSE_S = 0.25
SHORTEST_LINE = 4
_END = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN_MODIFIERS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class UsbKeys(QObject):
    """Takes keys from the watched widgets before they see them; fields for text keep theirs."""

    line = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._typed = ""
        self._last = 0.0
        self._is_on = False

    def watch(self, *widgets: QWidget) -> None:
        """Listen to what is typed while one of these has the focus, or something in it that has no use for the key."""
        for widget in widgets:
            widget.installEventFilter(self)

    def set_on(self, *, on: bool) -> None:
        """Whether a reader that types is chosen."""
        self._is_on, self._typed = on, ""

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        return (
            self._is_on and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._takes(event)
        )

    def _takes(self, event: QKeyEvent) -> bool:
        now = monotonic()
        if now - self._last > LONGEST_PAUSE_S:
            self._typed = ""
        if event.key() in _END and len(self._typed) >= SHORTEST_LINE:
            line, self._typed = self._typed, ""
            self.line.emit(line)
            return True
        text = event.text()
        # A blank presses the button that has the focus.
        if event.modifiers() & ~_OWN_MODIFIERS or not text.isprintable() or not text.strip():
            return False
        self._typed += text
        self._last = now
        return True
