"""A dialog that is read and closed: a heading, something tall below it, Close. Its size is the operator's to change.

dialog = ReadingDialog(desk.window, tr("History of Guests"))
dialog.body.addWidget(table, 1)
desk.run(ask(dialog))
"""

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from ui.strings import tr
from ui.theme import H1
from ui.widgets.boxes import row
from ui.widgets.buttons import button
from ui.widgets.labels import Label, muted


class ReadingDialog(QDialog):
    """Put what is read into `body`; `subtitle` says a few facts beside the heading."""

    def __init__(self, parent: QWidget, name: str, *, width: int = 600, height: int = 520) -> None:
        super().__init__(parent)
        self.setWindowTitle(name)
        self.setAccessibleName(name)
        self.setMinimumSize(360, 260)
        self.resize(width, height)
        # A name from outside may be of any length: it is cut before it makes the dialog wider.
        self.heading, self.subtitle = Label(name, H1, 700), muted()
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        close = button(tr("Close"), self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(14)
        column.addLayout(row(self.heading, self.subtitle, None))
        column.addLayout(self.body, 1)
        column.addLayout(row(None, close))
