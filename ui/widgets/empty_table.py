"""What stands in a table without rows: how to get the first one, or that the filters hide them all.

empty = EmptyTable(EmptyState("No passes yet", "…", Action(...)), self._show_all)
table = TableView(model, "Passes", empty=empty)
empty.choose(model.total())                     # after each change of the rows
"""

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget

from ui.strings import tr
from ui.widgets.boxes import EmptyState
from ui.widgets.buttons import Action


class EmptyTable(QStackedWidget):
    """The first place teaches, the second leads back to the rows that are there."""

    def __init__(self, teaching: EmptyState, show_all: Callable[[], object], *, nothing_found: str = "") -> None:
        super().__init__()
        self.teaching = teaching
        self.nothing_found = EmptyState(
            tr("Nothing found"),
            nothing_found or tr("Nothing here is like that. Look for something else, or show everything again."),
            Action(tr("Show everything"), show_all),
        )
        self.addWidget(self.teaching)
        self.addWidget(self.nothing_found)

    def choose(self, total: int) -> None:
        """Say which of the two it is: `total` rows are there, shown or not."""
        self.setCurrentWidget(self.nothing_found if total else self.teaching)
