"""Who may charge where: facts and the moment in, a decision and its reasons out.

The order of the rules is their precedence. Nothing here guesses: a card that merely looks like a known one
is an unknown card. A report of a charge that already happened (StartTransaction) is decided by the same
rules; that it is stored whatever the answer is not this module's business.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.model import AccessLevel


class Status(StrEnum):
    """The answer to a tap, in the words of OCPP 2.0.1; 1.6 says Invalid where it has no word of its own."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"
    CONCURRENT_TX = "ConcurrentTx"


class Reason(StrEnum):
    """Why: the rule that settled the matter."""

    STATION_NOT_ACCEPTED = "station_not_accepted"
    NO_POOL = "no_pool"
    FREE_VEND = "free_vend"
    UNKNOWN_CARD = "unknown_card"
    PASS_BLOCKED = "pass_blocked"
    PASS_EXPIRED = "pass_expired"
    PASS_NOT_YET_VALID = "pass_not_yet_valid"
    IDENTITY_EXPIRED = "identity_expired"
    IDENTITY_NOT_YET_VALID = "identity_not_yet_valid"
    PASS_OFF_HERE = "pass_off_here"
    NOT_A_MEMBER = "not_a_member"
    SESSION_LIMIT = "session_limit"
    REGISTERED_PASS = "registered_pass"
    PASS_IS_MEMBER = "pass_is_member"
    IDENTITY_IS_MEMBER = "identity_is_member"
    MAY_STOP = "may_stop"
    PIN = "pin"
    WRONG_PIN = "wrong_pin"
    PIN_ENTRY_CLOSED = "pin_entry_closed"
    PIN_EXPIRED = "pin_expired"
    PIN_NOT_YET_VALID = "pin_not_yet_valid"
    PIN_USED_UP = "pin_used_up"


#: What was typed on a keypad and not held to a reader: a secret, whatever came of it.
OF_A_PIN = frozenset(
    {
        Reason.PIN,
        Reason.WRONG_PIN,
        Reason.PIN_ENTRY_CLOSED,
        Reason.PIN_EXPIRED,
        Reason.PIN_NOT_YET_VALID,
        Reason.PIN_USED_UP,
    }
)


class Moment(StrEnum):
    """Asking before a charge, or reporting its start or stop.

    The session limit counts only at the start; whoever may no longer start a charge may still stop one.
    """

    AUTHORIZE = "authorize"
    START = "start"
    STOP = "stop"


class Step(StrEnum):
    """One line of the trail that led to a decision."""

    STATION_ACCEPTED = "station_accepted"
    STATION_IN_POOL = "station_in_pool"
    POOL_FREE_VEND = "pool_free_vend"
    CARD_KNOWN = "card_known"
    PASS_NOT_BLOCKED = "pass_not_blocked"
    PASS_VALID = "pass_valid"
    IDENTITY_VALID = "identity_valid"
    PASS_ON_HERE = "pass_on_here"
    POOL_ADMITS = "pool_admits"
    WITHIN_LIMIT = "within_limit"
    PIN_ENTRY_OPEN = "pin_entry_open"
    PIN_KNOWN = "pin_known"
    PIN_VALID = "pin_valid"
    PIN_NOT_USED_UP = "pin_not_used_up"


@dataclass(frozen=True, slots=True)
class Validity:
    """From (inclusive) until (exclusive); None is without end on that side."""

    start: datetime | None = None
    end: datetime | None = None

    def has_begun(self, now: datetime) -> bool:
        return self.start is None or self.start <= now

    def has_ended(self, now: datetime) -> bool:
        return self.end is not None and self.end <= now


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """`has_members` counts every entry of the list, also one whose time is over: an old entry opens nothing."""

    level: AccessLevel
    free_vend: bool = False
    has_members: bool = True
    published: bool = False
    session_limit: int | None = None


@dataclass(frozen=True, slots=True)
class PassFacts:
    """What is known of the pass a card belongs to; a membership counts while it lasts.

    `off_here`: the organization that hosts the station has set the pass to Off. `member_until` is when the last of its
    memberships ends; None is never.
    """

    blocked: bool = False
    validity: Validity = Validity()
    identity_validity: Validity = Validity()
    is_member: bool = False
    identity_is_member: bool = False
    off_here: bool = False
    open_sessions: int = 0
    group_id: str | None = None
    member_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class PinFacts:
    """What is known of digits that came from a station's keypad; `uses_left` None is without limit.

    `charging_here`: a session that this PIN began is under way at the station.
    """

    known: bool
    entry_open: bool = True
    validity: Validity = Validity()
    uses_left: int | None = None
    charging_here: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision rests on. None: the station is in no pool, the card belongs to no pass.

    `pin` is there when what came belongs to no pass and looks as if it was typed on the station's keypad.
    """

    station_accepted: bool
    pool: PoolFacts | None
    card: PassFacts | None
    pin: PinFacts | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`trail` holds each rule that was passed, in order, and last the one that settled it.

    `expires_at` (always when accepted, only then) bounds how long a station may remember the answer.
    """

    status: Status
    reason: Reason
    trail: tuple[tuple[Step, bool], ...]
    expires_at: datetime | None = None
    group_id: str | None = None

    @property
    def accepted(self) -> bool:
        return self.status is Status.ACCEPTED


Verdict = tuple[Status, Reason]
Rule = tuple[Step, Callable[[Facts, Moment, datetime], Verdict | None]]


def _station(facts: Facts, _moment: Moment, _now: datetime) -> Verdict | None:
    return None if facts.station_accepted else (Status.INVALID, Reason.STATION_NOT_ACCEPTED)


def _pool(facts: Facts, _moment: Moment, _now: datetime) -> Verdict | None:
    return None if facts.pool else (Status.INVALID, Reason.NO_POOL)


def _known(facts: Facts, _moment: Moment, _now: datetime) -> Verdict | None:
    return None if facts.card else (Status.INVALID, Reason.UNKNOWN_CARD)


def _blocked(facts: Facts, _moment: Moment, _now: datetime) -> Verdict | None:
    return (Status.BLOCKED, Reason.PASS_BLOCKED) if facts.card and facts.card.blocked else None


def _pass_valid(facts: Facts, _moment: Moment, now: datetime) -> Verdict | None:
    validity = facts.card.validity if facts.card else Validity()
    return _outside(validity, now, Reason.PASS_EXPIRED, Reason.PASS_NOT_YET_VALID)


def _identity_valid(facts: Facts, _moment: Moment, now: datetime) -> Verdict | None:
    validity = facts.card.identity_validity if facts.card else Validity()
    return _outside(validity, now, Reason.IDENTITY_EXPIRED, Reason.IDENTITY_NOT_YET_VALID)


def _outside(validity: Validity, now: datetime, ended: Reason, not_begun: Reason) -> Verdict | None:
    if validity.has_ended(now):
        return Status.EXPIRED, ended
    return None if validity.has_begun(now) else (Status.EXPIRED, not_begun)


def _on_here(facts: Facts, moment: Moment, _now: datetime) -> Verdict | None:
    off = facts.card is not None and facts.card.off_here and moment is not Moment.STOP
    return (Status.NOT_AT_THIS_LOCATION, Reason.PASS_OFF_HERE) if off else None


def _admitted(facts: Facts, moment: Moment, _now: datetime) -> Verdict | None:
    return None if admission(facts, moment) else (Status.NOT_AT_THIS_LOCATION, Reason.NOT_A_MEMBER)


def _within_limit(facts: Facts, moment: Moment, _now: datetime) -> Verdict | None:
    limit = facts.pool.session_limit if facts.pool else None
    if moment is not Moment.START or limit is None or facts.card is None or facts.card.open_sessions < limit:
        return None
    return Status.CONCURRENT_TX, Reason.SESSION_LIMIT


def _pin_entry_open(facts: Facts, _moment: Moment, _now: datetime) -> Verdict | None:
    return (Status.INVALID, Reason.PIN_ENTRY_CLOSED) if facts.pin and not facts.pin.entry_open else None


def _pin_known(facts: Facts, _moment: Moment, _now: datetime) -> Verdict | None:
    takes_pins = facts.pool is not None and facts.pool.level is AccessLevel.RESTRICTED
    known = takes_pins and facts.pin is not None and facts.pin.known
    return None if known else (Status.INVALID, Reason.WRONG_PIN)


def _pin_valid(facts: Facts, moment: Moment, now: datetime) -> Verdict | None:
    validity = Validity() if facts.pin is None or _ends_a_charge(facts.pin, moment) else facts.pin.validity
    return _outside(validity, now, Reason.PIN_EXPIRED, Reason.PIN_NOT_YET_VALID)


def _pin_not_used_up(facts: Facts, moment: Moment, _now: datetime) -> Verdict | None:
    left = None if facts.pin is None or _ends_a_charge(facts.pin, moment) else facts.pin.uses_left
    return (Status.INVALID, Reason.PIN_USED_UP) if left is not None and left <= 0 else None


def _ends_a_charge(pin: PinFacts, moment: Moment) -> bool:
    """Whoever charges may end that; many stations ask before that as they do before a charge."""
    return moment is Moment.STOP or (moment is Moment.AUTHORIZE and pin.charging_here)


BEFORE_THE_CARD: tuple[Rule, ...] = ((Step.STATION_ACCEPTED, _station), (Step.STATION_IN_POOL, _pool))
ABOUT_THE_CARD: tuple[Rule, ...] = (
    (Step.CARD_KNOWN, _known),
    (Step.PASS_NOT_BLOCKED, _blocked),
    (Step.PASS_VALID, _pass_valid),
    (Step.IDENTITY_VALID, _identity_valid),
    (Step.PASS_ON_HERE, _on_here),
    (Step.POOL_ADMITS, _admitted),
    (Step.WITHIN_LIMIT, _within_limit),
)
ABOUT_THE_PIN: tuple[Rule, ...] = (
    (Step.PIN_ENTRY_OPEN, _pin_entry_open),
    (Step.PIN_KNOWN, _pin_known),
    (Step.PIN_VALID, _pin_valid),
    (Step.PIN_NOT_USED_UP, _pin_not_used_up),
)

#: A station may not remember a PIN for longer: it gives one session, and the next one is asked for again.
PIN_REMEMBERED_FOR = timedelta(minutes=5)


def admission(facts: Facts, moment: Moment) -> Reason | None:
    """Why this pool lets this pass charge (or stop), leaving blocks and dates aside; None when it does not."""
    pool, card = facts.pool, facts.card
    if pool is None or card is None:
        return None
    if pool.level is AccessLevel.PUBLIC or _is_open_list(pool):
        return Reason.REGISTERED_PASS
    if card.is_member:
        return Reason.PASS_IS_MEMBER
    if card.identity_is_member:
        return Reason.IDENTITY_IS_MEMBER
    return Reason.MAY_STOP if moment is Moment.STOP else None


def _is_open_list(pool: PoolFacts) -> bool:
    return pool.level is AccessLevel.BY_LIST and pool.published and not pool.has_members


def decide(facts: Facts, moment: Moment, now: datetime, remember_for: timedelta) -> Decision:
    """Decide one tap. `remember_for` bounds `expires_at`, which never passes the end of what the card was let in by."""
    trail: list[tuple[Step, bool]] = []
    if refusal := _first_refusal(BEFORE_THE_CARD, facts, moment, now, trail):
        return refusal
    latest = now + remember_for
    if facts.pool and facts.pool.free_vend:
        trail.append((Step.POOL_FREE_VEND, True))
        return Decision(Status.ACCEPTED, Reason.FREE_VEND, tuple(trail), latest)
    typed = facts.pin if facts.card is None else None
    if refusal := _first_refusal(ABOUT_THE_PIN if typed else ABOUT_THE_CARD, facts, moment, now, trail):
        return refusal
    if typed:
        latest = now if moment is Moment.STOP else min(latest, now + PIN_REMEMBERED_FOR)
        return Decision(Status.ACCEPTED, Reason.PIN, tuple(trail), _first_end(now, latest, typed.validity.end))
    card, reason = facts.card, admission(facts, moment)
    if card is None or reason is None:
        raise AssertionError("a card that no rule refused is known and admitted")
    if reason is Reason.MAY_STOP or card.off_here:
        latest = now  # stations remember the answer to a stop too
    ends = [card.validity.end, card.identity_validity.end]
    if reason in (Reason.PASS_IS_MEMBER, Reason.IDENTITY_IS_MEMBER):
        ends.append(card.member_until)
    return Decision(Status.ACCEPTED, reason, tuple(trail), _first_end(now, latest, *ends), card.group_id)


def _first_refusal(
    rules: tuple[Rule, ...], facts: Facts, moment: Moment, now: datetime, trail: list[tuple[Step, bool]]
) -> Decision | None:
    for step, rule in rules:
        verdict = rule(facts, moment, now)
        trail.append((step, verdict is None))
        if verdict:
            return Decision(*verdict, tuple(trail))
    return None


def _first_end(now: datetime, latest: datetime, *ends: datetime | None) -> datetime:
    """The first of these that is still to come: a PIN may end a charge after its own end."""
    return min([latest, *(end for end in ends if end is not None and end > now)])
