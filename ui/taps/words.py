"""What was decided about a card, in the operator's words.

decided("Accepted", "pass_is_member", holder="Anna de Vries")                    # Accepted · Anna de Vries
decided("Invalid", "not_a_member", pool="DC fast")                               # Invalid · not in pool DC fast
decided("Accepted", "pin", holder="Wedding party")                               # Accepted · by PIN · Wedding party
verdict_now(desk, tap)                                                           # what it would be answered now
what_was_held(tap)                                                               # 04A2B3C4D5E680, PIN, no UID
said_after(desk, tap, tr("{title} is made a pass").format(title=card.title))     # … Hold the card again.
"""

from datetime import datetime

from app.application import Verdict
from app.domain.access import OF_A_PIN, Decision, Moment, Reason, Status, Step
from app.domain.ids import UidKind, classify_uid
from app.domain.model import Tap, TapSource
from ui.desk import Desk
from ui.strings import sentence, tr

_MOMENTS = {TapSource.AUTHORIZE: Moment.AUTHORIZE, TapSource.START: Moment.START, TapSource.STOP: Moment.STOP}
_NEVER_A_PASS = frozenset({UidKind.RANDOM, UidKind.EMPTY})
# Their status says the same already.
_NEEDS_NO_REASON = frozenset({Reason.PASS_BLOCKED.value, Reason.PASS_EXPIRED.value})


def decided(status: str, reason: str, *, holder: str = "", pool: str = "") -> str:
    """Status, reason and holder in one line; an accepted card needs no reason where it has a holder."""
    why = "" if reason in _NEEDS_NO_REASON else sentence(reason, pool=pool)
    if status == Status.ACCEPTED.value and holder and reason != Reason.PIN.value:
        why = ""
    return " · ".join(part for part in (status, why, holder) if part)


def verdict_now(desk: Desk, tap: Tap) -> Verdict:
    """What the same card would be answered at the same station now: one indexed read.

    Of a PIN nothing is kept that could be tried again: its verdict is the one it got.
    """
    if is_of_a_pin(tap):
        return _as_it_was(tap)
    return desk.application.taps.judge(tap.station_id, tap.raw_id_tag, _MOMENTS[tap.source])


def is_of_a_pin(tap: Tap) -> bool:
    """Whether digits were typed on the station's keypad, right or wrong ones, and no card was held."""
    return tap.reason in OF_A_PIN


def what_was_held(tap: Tap) -> str:
    """The UID of the card; or that it was a PIN, or that there was no UID."""
    return tr("PIN") if is_of_a_pin(tap) else tap.uid or tr("no UID")


def can_become_pass(tap: Tap) -> bool:
    """Whether this card has a UID that it will have again at its next tap."""
    return not is_of_a_pin(tap) and classify_uid(tap.uid) not in _NEVER_A_PASS


def said_after(desk: Desk, tap: Tap, done: str) -> str:
    """What was done, and whether the card is let in by it."""
    verdict = verdict_now(desk, tap)
    if verdict.decision.accepted:
        return tr("{done}. Hold the card again.").format(done=done)
    why = sentence(verdict.decision.reason.value, pool=verdict.pool_name)
    return tr("{done}. {station} still refuses it: {why}.").format(done=done, station=verdict.station_name, why=why)


def when_and_where(desk: Desk, tap: Tap) -> str:
    """Which tap this is about."""
    return tr("Held to {station} at {time}").format(station=tap.station_name, time=clock(desk, tap.at))


def clock(desk: Desk, moment: datetime) -> str:
    """The local time to the second, with the day where that is not today."""
    at = desk.local(moment)
    return f"{at:%H:%M:%S}" if at.date() == desk.now().date() else f"{at.day} {at:%b %H:%M:%S}"


def _as_it_was(tap: Tap) -> Verdict:
    trail = tuple((Step(step), passed) for step, passed in tap.trail)
    return Verdict(
        decision=Decision(Status(tap.status), Reason(tap.reason), trail),
        uid=tap.uid,
        station_name=tap.station_name,
        pool_id=tap.pool_id,
        pool_name=tap.pool_name,
        pass_id=None,
        identity_id=None,
        holder=tap.holder,
    )
