"""From when until when something may be used: two days, both of them included, each of which may be left open.

field = ValidityField(desk, helper=tr("Without dates the pass is always valid."))
field.show_moments(card.valid_from, card.valid_until)
draft = replace(draft, valid_from=field.valid_from(), valid_until=field.valid_until())
field.show_error_of(error)                     # True for `validity_reversed`, with the way to put it right
"""

from datetime import datetime, timedelta

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.errors import AppError
from ui.desk import Desk
from ui.passes.words import first_moment, last_day
from ui.strings import sentence, tr
from ui.widgets.buttons import Action
from ui.widgets.inputs import FormField
from ui.widgets.optional_date import OptionalDate

_A_DAY = timedelta(days=1)


class ValidityField(FormField):
    """A moment within a day that was kept before stays that moment, unless another day is chosen."""

    def __init__(self, desk: Desk, *, helper: str) -> None:
        today = desk.now().date()
        self.begins, self.ends = OptionalDate(tr("From"), today), OptionalDate(tr("Until and including"), today)
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.begins)
        column.addWidget(self.ends)
        super().__init__(tr("Validity"), both, optional=tr("optional"), helper=helper)
        self._desk = desk
        self._from: datetime | None = None
        self._until: datetime | None = None
        self.begins.changed.connect(self.clear_error)
        self.ends.changed.connect(self.clear_error)

    def show_moments(self, valid_from: datetime | None, valid_until: datetime | None) -> None:
        """Show what is kept: from this moment on, and up to that one."""
        self._from, self._until = valid_from, valid_until
        self.begins.show_value(self._desk.local(valid_from).date() if valid_from else None)
        self.ends.show_value(last_day(self._desk, valid_until) if valid_until else None)

    def valid_from(self) -> datetime | None:
        """The first moment of the first day, as UTC; None: since ever."""
        chosen, before = self.begins.value(), self._from
        if chosen is None:
            return None
        return before if before and self._desk.local(before).date() == chosen else first_moment(chosen)

    def valid_until(self) -> datetime | None:
        """The moment after the last day, as UTC; None: for ever."""
        chosen, before = self.ends.value(), self._until
        if chosen is None:
            return None
        return before if before and last_day(self._desk, before) == chosen else first_moment(chosen + _A_DAY)

    def show_error_of(self, error: AppError) -> bool:
        """Show an error that is about the two days; False for any other."""
        if error.code != "validity_reversed":
            return False
        self.show_error(sentence(error.code, **error.params), Action(tr("Swap them"), self._swap))
        self.begins.setFocus()
        return True

    def _swap(self) -> None:
        begins, ends = self.begins.value(), self.ends.value()
        self.begins.show_value(ends)
        self.ends.show_value(begins)
