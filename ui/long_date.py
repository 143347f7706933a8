"""A day in full: `long_date(at)` gives "Friday 20 November"."""

from datetime import date

from ui.strings import tr


def long_date(at: date) -> str:
    """Weekday, day and month of a local date."""
    weekdays = (
        tr("Monday"),
        tr("Tuesday"),
        tr("Wednesday"),
        tr("Thursday"),
        tr("Friday"),
        tr("Saturday"),
        tr("Sunday"),
    )
    months = (
        tr("January"),
        tr("February"),
        tr("March"),
        tr("April"),
        tr("May"),
        tr("June"),
        tr("July"),
        tr("August"),
        tr("September"),
        tr("October"),
        tr("November"),
        tr("December"),
    )
    words = tr("{weekday} {day} {month}")
    return words.format(weekday=weekdays[at.weekday()], day=at.day, month=months[at.month - 1])
