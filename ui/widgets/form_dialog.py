"""A dialog that is filled in: what it is for, its fields, one action that Enter does, and Cancel, which Esc does.

    class RenameDialog(FormDialog):
        def __init__(self, parent):
            super().__init__(parent, tr("Rename"))
            self.body.addWidget(FormField(...))
            self.add_buttons(tr("Rename"), self._save)      # `_save` accepts the dialog when all is well

It is as high as its content; where the screen is lower, the content scrolls and the buttons stay.
"""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.strings import tr
from ui.widgets.boxes import row
from ui.widgets.buttons import Run, button, primary_button
from ui.widgets.labels import heading

_LEAVE_OF_SCREEN = 80
_ROOM_FOR_AN_ERROR = 60


class _Content(QScrollArea):
    """What scrolls, and asks to be as high as what is in it."""

    grown = Signal()

    def __init__(self, inside: QWidget, column: QVBoxLayout) -> None:
        super().__init__()
        self._column = column
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusObjectChanged.connect(self._follow)

    def _follow(self, now: QObject | None) -> None:
        """A field that gets the keyboard, and what is said of it, is in sight."""
        if isinstance(now, QWidget) and self.isAncestorOf(now):
            self.ensureWidgetVisible(now, 0, _ROOM_FOR_AN_ERROR)

    def wanted(self, width: int) -> int:
        column = self._column
        return column.heightForWidth(width) if column.hasHeightForWidth() else column.sizeHint().height()

    def sizeHint(self) -> QSize:
        return QSize(self.width(), self.wanted(self.width()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.grown.emit()
        return super().eventFilter(watched, event)


class FormDialog(QDialog):
    """Put the fields into `body`, then call `add_buttons` once."""

    def __init__(self, parent: QWidget, name: str, *, width: int = 480) -> None:
        super().__init__(parent)
        self.setWindowTitle(name)
        self.setAccessibleName(name)
        self.setFixedWidth(width)
        inside = QWidget()
        self.body = QVBoxLayout(inside)
        # A ring round a focused field must not be cut at the edge of what scrolls.
        self.body.setContentsMargins(20, 4, 20, 4)
        self.body.setSpacing(14)
        self._content = _Content(inside, self.body)
        self._content.grown.connect(self._fit)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 18, 0, 18)
        self._column.setSpacing(10)
        self.heading = heading(name)
        self._column.addLayout(self._edge(self.heading, None))
        self._column.addWidget(self._content, 1)

    def add_buttons(self, action: str, run: Run, *others: QWidget) -> QPushButton:
        """Cancel and the action, at the foot; `others` stand at the left. Gives the action's button."""
        save = primary_button(action, run)
        save.setDefault(True)
        self._column.addLayout(self._edge(*others, None, button(tr("Cancel"), self.reject), save))
        self._fit()
        return save

    def _edge(self, *items: QWidget | None) -> QVBoxLayout:
        line = row(*items)
        line.setContentsMargins(20, 0, 20, 0)
        held = QVBoxLayout()
        held.addLayout(line)
        return held

    def _fit(self) -> None:
        self._content.updateGeometry()
        frame = self._column.sizeHint().height() - self._content.sizeHint().height()
        most = self.screen().availableGeometry().height() - _LEAVE_OF_SCREEN
        self.setFixedHeight(min(frame + self._content.wanted(self.width()), most))
