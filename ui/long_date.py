"""A day or month in full: "Friday 20 November", "November 2026"."""

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
    words = tr("{weekday} {day} {month}")
    return words.format(weekday=weekdays[at.weekday()], day=at.day, month=_month(at))


def long_month(at: date) -> str:
    """A month with its year: November 2026."""
    return tr("{month} {year}").format(month=_month(at), year=at.year)


def _month(at: date) -> str:
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
    return months[at.month - 1]
