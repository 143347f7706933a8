"""When something was and how much, in the words of the window. Give local times: `desk.local(...)`, `desk.now()`.

day(at, now)         "3 Nov", and "3 Nov 2024" in another year
moment(at, now)      "09:41 today", "yesterday 18:02", "3 Nov 18:02"
energy(21_400)       "21.4 kWh"
"""

from datetime import date, datetime, timedelta

from ui.strings import tr


def month(number: int) -> str:
    """The short name of a month, 1 to 12."""
    names = (
        tr("Jan"),
        tr("Feb"),
        tr("Mar"),
        tr("Apr"),
        tr("May"),
        tr("Jun"),
        tr("Jul"),
        tr("Aug"),
        tr("Sep"),
        tr("Oct"),
        tr("Nov"),
        tr("Dec"),
    )
    return names[number - 1]


def day(at: date, now: date) -> str:
    """A date, with its year when that is not this one."""
    text = tr("{day} {month}").format(day=at.day, month=month(at.month))
    return text if at.year == now.year else f"{text} {at.year}"


def moment(at: datetime, now: datetime) -> str:
    """A date and time, as people say it of the last days."""
    clock = at.strftime("%H:%M")
    if at.date() == now.date():
        return tr("{clock} today").format(clock=clock)
    if at.date() == now.date() - timedelta(days=1):
        return tr("yesterday {clock}").format(clock=clock)
    return f"{day(at, now)} {clock}"


def energy(wh: int) -> str:
    """An amount of energy in kWh."""
    return tr("{amount} kWh").format(amount=f"{wh / 1000:,.1f}")


def last_time(at: datetime | None, now: datetime) -> str:
    """When something last happened, as short as a cell wants it."""
    if at is None:
        return tr("never")
    if at.date() == now.date():
        return tr("{clock} today").format(clock=at.strftime("%H:%M"))
    if at.date() == now.date() - timedelta(days=1):
        return tr("yesterday")
    return day(at, now)
