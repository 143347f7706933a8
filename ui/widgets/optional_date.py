"""A date that may be left open: a box to tick, then a date with its calendar.

until = OptionalDate(tr("Until"), today)
until.value()                              # a date, or None while the box is not ticked
"""

from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QTextCharFormat, QWheelEvent
from PySide6.QtWidgets import QCalendarWidget, QCheckBox, QDateEdit, QWidget

from ui.strings import tr
from ui.widgets.boxes import row


class _Date(QDateEdit):
    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a dialog must not change a date under the pointer.
        event.ignore()


class OptionalDate(QWidget):
    """`changed` tells that the operator ticked the box or chose another date."""

    changed = Signal()

    def __init__(self, name: str, today: date) -> None:
        super().__init__()
        self.box = QCheckBox(name)
        self.date = _Date(_to_qt(today))
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("d MMM yyyy")
        self.date.setAccessibleName(tr("{name}: date").format(name=name))
        self.date.setFixedHeight(31)
        self.date.setMinimumWidth(148)
        self.date.setEnabled(False)
        self.date.lineEdit().setTextMargins(7, 0, 0, 0)
        make_calm(self.date.calendarWidget())
        self.setLayout(row(self.box, None, self.date))
        self.setFocusProxy(self.box)
        self.box.toggled.connect(self.date.setEnabled)
        self.box.toggled.connect(self.changed)
        self.date.dateChanged.connect(self.changed)

    def value(self) -> date | None:
        """The date, or None when it is left open."""
        return self.date.date().toPython() if self.box.isChecked() else None

    def show_value(self, value: date | None) -> None:
        """Choose a date, or leave it open."""
        self.box.setChecked(value is not None)
        if value is not None:
            self.date.setDate(_to_qt(value))


def _to_qt(value: date) -> QDate:
    return QDate(value.year, value.month, value.day)


def make_calm(calendar: QCalendarWidget) -> None:
    """The colours of the window: a ground under the days, and no red."""
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    calendar.setStyleSheet("QCalendarWidget QAbstractItemView { background: palette(base); }")
    for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        calendar.setWeekdayTextFormat(weekend, QTextCharFormat())
