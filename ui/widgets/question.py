"""A question at the place where its answer takes effect, instead of a dialog over it.

question = Question(); question.pose(tr("34 passes lose access"), names, Action(tr("Change"), self._change), tr("Keep"))

Esc is the second answer. Another question takes the place of one that was not answered.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.widgets.boxes import Banner, empty
from ui.widgets.buttons import Action


class Question(QWidget):
    """Hidden until one is posed."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._focus_before: QWidget | None = None
        self.hide()

    def pose(self, name: str, facts: str, yes: Action, no: str, *, in_full: str = "") -> None:
        """Ask. `yes` is done when it is pressed, `no` are the words of the way out; `in_full` is shown on pointing."""
        if not self.is_posed():
            self._focus_before = QApplication.focusWidget()
        empty(self._column)

        def answer() -> None:
            self.withdraw()
            yes.run()

        actions = [Action(no, self.withdraw), Action(yes.text, answer, "danger")]
        banner = Banner("warn", name, facts, actions)
        banner.setToolTip(in_full)
        self._column.addWidget(banner)
        self.show()
        banner.findChildren(QPushButton)[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def withdraw(self) -> None:
        """Take the question away; nothing is done."""
        if not self.is_posed():
            return
        had_focus = self.isAncestorOf(QApplication.focusWidget())
        empty(self._column)
        self.hide()
        before, self._focus_before = self._focus_before, None
        if had_focus and before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def is_posed(self) -> bool:
        """Whether it waits for an answer."""
        return not self.isHidden()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_posed():
            self.withdraw()
        else:
            super().keyPressEvent(event)
