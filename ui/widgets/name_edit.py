"""A name that is changed in place: it looks like words until it is pointed at or has the keyboard.

name = NameEdit(tr("Name of the pool")); name.show_name("Guests"); name.renamed.connect(self._rename)
name.edit()                                    # what F2 does
"""

from math import ceil

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from ui.theme import font, metrics

_SIZE, _WEIGHT = 15, 600
_LEAST, _MOST, _EDGES = 90, 420, 26


class NameEdit(QLineEdit):
    """Enter, or leaving it, tells the new name; Esc brings the old one back."""

    renamed = Signal(str)
    reverted = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._before = ""
        self.setAccessibleName(name)
        self.setFont(font(_SIZE, _WEIGHT))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("QLineEdit:!focus:!hover { border-color: transparent; background: transparent; }")
        self.textChanged.connect(self._changed)

    def show_name(self, name: str, *, though_typing: bool = True) -> None:
        """Show a name. Otherwise than `though_typing`, a name that is being typed stays; Esc then brings this one."""
        typing = self.hasFocus() and self.text() != self._before
        self._before = name
        if though_typing or not typing:
            self.setText(name)
            self.setCursorPosition(0)

    def edit(self) -> None:
        """Take the keyboard, the whole name selected."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tell()
        elif event.key() == Qt.Key.Key_Escape:
            self.setText(self._before)
            self.selectAll()
            self.reverted.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._tell()

    def sizeHint(self) -> QSize:
        return QSize(min(max(self._wanted(), _LEAST), _MOST), 31)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, 31)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hint()

    def _changed(self) -> None:
        self.updateGeometry()
        self._hint()

    def _hint(self) -> None:
        self.setToolTip(self.text() if self._wanted() > self.width() else "")

    def _wanted(self) -> int:
        return ceil(metrics(_SIZE, _WEIGHT).horizontalAdvance(self.text())) + _EDGES

    def _tell(self) -> None:
        if self.text() != self._before:
            self.renamed.emit(self.text())
