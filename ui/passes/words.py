"""What a pass is, in the few words of a cell or a pill."""

from datetime import UTC, date, datetime, time, timedelta

from app.domain.model import Identity, Pass, PassState
from ui.days import day
from ui.desk import Desk
from ui.strings import tr
from ui.theme import Kind

NOTHING = "–"


def state_of(desk: Desk, card: Pass) -> tuple[str, Kind]:
    """What an operator wants to know first of a pass, and how it is coloured."""
    state = card.state(desk.now())
    if state is PassState.READY and card.valid_until is not None:
        return tr("Until {day}").format(day=day(last_day(desk, card.valid_until), desk.now())), "grey"
    return _state_words(state)


def validity(desk: Desk, of: Pass | Identity) -> str:
    """From when until when a pass or the passes of an identity may be used, the days themselves included."""
    now = desk.now()
    begins = day(desk.local(of.valid_from), now) if of.valid_from else ""
    ends = day(last_day(desk, of.valid_until), now) if of.valid_until else ""
    if begins and ends:
        return tr("{begins} to {ends}").format(begins=begins, ends=ends)
    if begins:
        return tr("from {day}").format(day=begins)
    return tr("until {day}").format(day=ends) if ends else tr("always")


def last_day(desk: Desk, valid_until: datetime) -> date:
    """The last day on which a pass that ends at this moment may still be used, in this machine's zone."""
    return desk.local(valid_until - timedelta(microseconds=1)).date()


def first_moment(of: date) -> datetime:
    """When a day begins in this machine's zone, as UTC."""
    return datetime.combine(of, time()).astimezone().astimezone(UTC)


def _state_words(state: PassState) -> tuple[str, Kind]:
    words: dict[PassState, tuple[str, Kind]] = {
        PassState.READY: (tr("Ready"), "ok"),
        PassState.WAITING_FOR_FIRST_TAP: (tr("No UID"), "warn"),
        PassState.BLOCKED: (tr("Blocked"), "bad"),
        PassState.EXPIRED: (tr("Expired"), "bad"),
        PassState.NOT_YET_VALID: (tr("Not yet valid"), "grey"),
    }
    return words[state]
