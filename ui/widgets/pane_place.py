"""Filling a side pane anew without losing where the operator was in it.

with keeping_place(pane):
    pane.clear()
    ...                                        # buttons that should keep the keyboard have an objectName
"""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from ui.widgets.boxes import SidePane


@contextmanager
def keeping_place(pane: SidePane) -> Iterator[None]:
    """Scrolled to the same place, with the keyboard at the button of the same `objectName`, afterwards."""
    bar = pane.findChild(QScrollArea).verticalScrollBar()
    scrolled, held = bar.value(), QApplication.focusWidget()
    name = held.objectName() if held is not None and pane.isAncestorOf(held) else ""
    yield
    if scrolled:
        # The pane knows its new height only after it was laid out.
        QTimer.singleShot(0, bar, lambda: bar.setValue(scrolled))
    if name:
        found = [widget for widget in pane.findChildren(QWidget, name) if widget is not held]
        if found:
            found[-1].setFocus(Qt.FocusReason.OtherFocusReason)
