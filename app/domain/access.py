"""Who may charge where: facts and the moment in, a decision and its reasons out.

The order of the rules is their precedence. Nothing here guesses: a card that merely looks like a known one
is an unknown card. A report of a charge that already happened (StartTransaction) is decided by the same
rules; that it is stored whatever the answer is not this module's business.
"""

from collections.abc import Callable, Iterator
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
    NOT_A_MEMBER = "not_a_member"
    SESSION_LIMIT = "session_limit"
    REGISTERED_PASS = "registered_pass"
    PASS_IS_MEMBER = "pass_is_member"
    IDENTITY_IS_MEMBER = "identity_is_member"
    GRANT = "grant"
    MAY_STOP = "may_stop"


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
    POOL_ADMITS = "pool_admits"
    WITHIN_LIMIT = "within_limit"


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
    level: AccessLevel
    free_vend: bool = False
    has_members: bool = True
    session_limit: int | None = None


@dataclass(frozen=True, slots=True)
class PassFacts:
    """What is known of the pass a card belongs to. A grant is a live PIN or approval for this pool."""

    blocked: bool = False
    validity: Validity = Validity()
    identity_validity: Validity = Validity()
    is_member: bool = False
    identity_is_member: bool = False
    has_grant: bool = False
    open_sessions: int = 0
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision rests on. None: the station is in no pool, the card belongs to no pass."""

    station_accepted: bool
    pool: PoolFacts | None
    card: PassFacts | None


@dataclass(frozen=True, slots=True)
class Decision:
    """`trail` holds each rule that was passed, in order, and last the one that settled it.

    `expires_at` (only when accepted) bounds how long a station may remember the answer.
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


def _admitted(facts: Facts, moment: Moment, _now: datetime) -> Verdict | None:
    return None if admission(facts, moment) else (Status.NOT_AT_THIS_LOCATION, Reason.NOT_A_MEMBER)


def _within_limit(facts: Facts, moment: Moment, _now: datetime) -> Verdict | None:
    limit = facts.pool.session_limit if facts.pool else None
    if moment is not Moment.START or limit is None or facts.card is None or facts.card.open_sessions < limit:
        return None
    return Status.CONCURRENT_TX, Reason.SESSION_LIMIT


BEFORE_THE_CARD: tuple[Rule, ...] = ((Step.STATION_ACCEPTED, _station), (Step.STATION_IN_POOL, _pool))
ABOUT_THE_CARD: tuple[Rule, ...] = (
    (Step.CARD_KNOWN, _known),
    (Step.PASS_NOT_BLOCKED, _blocked),
    (Step.PASS_VALID, _pass_valid),
    (Step.IDENTITY_VALID, _identity_valid),
    (Step.POOL_ADMITS, _admitted),
    (Step.WITHIN_LIMIT, _within_limit),
)


def admission(facts: Facts, moment: Moment) -> Reason | None:
    """Why this pool lets this pass charge (or stop), leaving blocks and dates aside; None when it does not."""
    pool, card = facts.pool, facts.card
    if pool is None or card is None:
        return None
    if pool.level is AccessLevel.PUBLIC or (pool.level is AccessLevel.BY_LIST and not pool.has_members):
        return Reason.REGISTERED_PASS
    if card.is_member:
        return Reason.PASS_IS_MEMBER
    if card.identity_is_member:
        return Reason.IDENTITY_IS_MEMBER
    if card.has_grant:
        return Reason.GRANT
    return Reason.MAY_STOP if moment is Moment.STOP else None


def decide(facts: Facts, moment: Moment, now: datetime, remember_for: timedelta) -> Decision:
    """Decide one tap. `remember_for` bounds `expires_at`, which never passes the end of the pass or identity."""
    trail: list[tuple[Step, bool]] = []
    if refusal := _first_refusal(BEFORE_THE_CARD, facts, moment, now, trail):
        return refusal
    if facts.pool and facts.pool.free_vend:
        trail.append((Step.POOL_FREE_VEND, True))
        return Decision(Status.ACCEPTED, Reason.FREE_VEND, tuple(trail))
    if refusal := _first_refusal(ABOUT_THE_CARD, facts, moment, now, trail):
        return refusal
    card, reason = facts.card, admission(facts, moment)
    if card is None or reason is None:
        raise AssertionError("a card that no rule refused is known and admitted")
    expires_at = min((now + remember_for, *_ends(card)))
    return Decision(Status.ACCEPTED, reason, tuple(trail), expires_at, card.group_id)


def _first_refusal(
    rules: tuple[Rule, ...], facts: Facts, moment: Moment, now: datetime, trail: list[tuple[Step, bool]]
) -> Decision | None:
    for step, rule in rules:
        verdict = rule(facts, moment, now)
        trail.append((step, verdict is None))
        if verdict:
            return Decision(*verdict, tuple(trail))
    return None


def _ends(card: PassFacts) -> Iterator[datetime]:
    for validity in (card.validity, card.identity_validity):
        if validity.end is not None:
            yield validity.end
