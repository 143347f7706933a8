"""How a station behaves and what it does otherwise than OCPP has it, in sentences."""

from datetime import timedelta

from app.application import Repair
from app.domain.behaviour import Behaviour, StationClock
from ui.days import moment
from ui.desk import Desk
from ui.strings import SENTENCES, sentence, tr

#: Begins the code of what only the schema objects to.
SCHEMA = "schema."


def clock_words(behaviour: Behaviour) -> str:
    """How its clock stands."""
    ahead = behaviour.clock_ahead
    match behaviour.clock:
        case StationClock.UNKNOWN:
            return tr("It has told no time since Tapdesk runs.")
        case StationClock.RIGHT:
            return tr("Its clock is right.")
        case StationClock.NOT_SET:
            return tr("Its clock is not set: the times of arrival are used instead of its own.")
        case StationClock.WRONG if ahead > timedelta():
            return tr("Its clock is {time} ahead.").format(time=span(ahead))
        case _:
            return tr("Its clock is {time} behind.").format(time=span(-ahead))


def is_clock_wrong(behaviour: Behaviour) -> bool:
    """Whether somebody should set it."""
    return behaviour.clock in (StationClock.NOT_SET, StationClock.WRONG)


def behaviour_words(behaviour: Behaviour) -> list[str]:
    """What is worth knowing of how it behaves, beside its clock; nothing of a well-behaved one."""
    said = []
    if behaviour.boots:
        many = tr("It started {count} times in ten minutes. Look at its power and at its settings.")
        said.append(many.format(count=behaviour.boots))
    if behaviour.answers_nothing:
        silent = tr("It reports, but answers no question. Its connection was closed once to wake it.")
        said.append(silent)
    if behaviour.compresses:
        said.append(compressed_words())
    if behaviour.also_named:
        said.append(also_named_words(behaviour.also_named))
    breaks_off = tr("It breaks off the connection when it is asked for {action}: that is not asked by itself any more.")
    said += [breaks_off.format(action=action) for action in behaviour.breaks_off_at]
    if behaviour.never_pongs:
        said.append(tr("It does not answer pings. Anything it sends counts as a sign of life."))
    return said


def compressed_words() -> str:
    """What an operator does about a station that compresses unasked."""
    return tr(
        "It compresses its messages without having agreed on that, so its connection was closed. Switch compression "
        "off in the station, or let it come by wss."
    )


def also_named_words(other: str) -> str:
    """Of a station whose URL names another one before it."""
    return tr("The URL it was given names {other} too, before its own ID. Look whether it is the right one.").format(
        other=other
    )


def repair_words(repair: Repair) -> str:
    """What it does, and how that is read."""
    if repair.code.startswith(SCHEMA):
        return (
            sentence(repair.code, field=repair.about) if repair.code in SENTENCES else f"{repair.about} ({repair.code})"
        )
    code = f"habit.{repair.code}"
    return sentence(code) if code in SENTENCES else repair.code


def how_often(desk: Desk, repair: Repair) -> str:
    """How often, and when it did so last."""
    last = moment(desk.local(repair.last_at), desk.now())
    if repair.code.startswith(SCHEMA):
        return tr("last {time}").format(time=last)
    if repair.times == 1:
        return tr("once, {time}").format(time=last)
    return tr("{count} times, last {time}").format(count=f"{repair.times:,}", time=last)


def span(time: timedelta) -> str:
    """A length of time as people say it: "2 h 5 min", "3 days", "40 s"."""
    seconds = round(abs(time).total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days >= 2:
        return tr("{count} days").format(count=days)
    if hours:
        rest = minutes - 60 * hours
        return (
            tr("{hours} h {minutes} min").format(hours=hours, minutes=rest)
            if rest
            else tr("{hours} h").format(hours=hours)
        )
    return tr("{count} min").format(count=minutes) if minutes else tr("{count} s").format(count=seconds)
