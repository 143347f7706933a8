"""Who may charge where, and why: for everyone at once, and as it would be after a change that is not made yet.

All of it is decided by the rules of a tap (`app.domain.access`), of a card that asks before a charge: limits of
simultaneous sessions do not count. A pass without UID is explained as if it had one.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.database import facts, schema
from app.database.facts import Found
from app.database.names import pass_title
from app.database.rows import to_pool, to_session
from app.database.store import Store
from app.domain.access import Decision, Facts, Moment, PassFacts, PinFacts, PoolFacts, Validity, decide
from app.domain.drafts import possible_options
from app.domain.errors import AppError
from app.domain.ids import Uid, canonical_uid
from app.domain.model import AccessLevel, PoolOptions, Session
from app.domain.pins import Pin
from app.pins import Pins
from app.taps import Taps


@dataclass(frozen=True, slots=True)
class StationAnswer:
    """What a pass would be answered at a station; `pool_id` None: the station is in no pool."""

    station_id: str
    station_name: str
    pool_id: int | None
    pool_name: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class PassAnswer:
    """What would be answered to a pass. `title` is what the pass is called, `holder` whose it is, else the title."""

    pass_id: int
    identity_id: int | None
    uid: Uid | None
    title: str
    holder: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of a pool would do at this moment; the decisions are those after it.

    `loses` may charge at the pool now and could not any more, `gains` the other way round. `opens_to_everyone`: every
    registered pass, or with free vend every card, would be let in, and is not now. `nobody_left`: the pool would not
    be public, and no pass and no PIN would be let in.
    """

    loses: tuple[PassAnswer, ...]
    gains: tuple[PassAnswer, ...]
    opens_to_everyone: bool
    nobody_left: bool


class Explanations:
    def __init__(self, store: Store, taps: Taps, pins: Pins, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._taps = taps
        self._pins = pins
        self._clock = clock

    def of_pass(self, pass_id: int, *, at: datetime | None = None) -> list[StationAnswer]:
        """A pass at every accepted station, by the station's name, now or at another moment.

        Empty when there is no such pass.
        """
        now = at or self._clock()
        decided = self._judge(now)
        return [
            _station_answer(each, decided(each.facts))
            for each in facts.at_stations(self._store.fast_reader, pass_id, now)
            if each.facts.station_accepted
        ]

    def of_identity(self, identity_id: int, *, at: datetime | None = None) -> list[StationAnswer]:
        """The best answer that any pass of an identity would get at every accepted station, by the station's name.

        Passes without UID count only while none has one. Empty when it has no pass.
        """
        best: dict[str, StationAnswer] = {}
        for pass_id in self._unlike_passes(identity_id):
            for answer in self.of_pass(pass_id, at=at):
                known = best.get(answer.station_id)
                if known is None or _merit(answer.decision) > _merit(known.decision):
                    best[answer.station_id] = answer
        return list(best.values())

    def at_station(self, station_id: str, *, at: datetime | None = None) -> list[PassAnswer]:
        """Every pass at a station, those that may charge first, then by holder.

        Empty when there is no such station.
        """
        now = at or self._clock()
        return self._answers(facts.at_station(self._store.fast_reader, station_id, now), now)

    def in_pool(self, pool_id: int, *, at: datetime | None = None) -> list[PassAnswer]:
        """Every pass as far as a pool rules, those that may charge first, then by holder.

        What only one station decides (that it is accepted, that its organization has switched a pass off) is left
        aside. Empty when there is no such pool.
        """
        now = at or self._clock()
        return self._answers(facts.in_pool(self._store.fast_reader, pool_id, now), now)

    def effect_of(
        self,
        pool_id: int,
        *,
        level: AccessLevel | None = None,
        options: PoolOptions | None = None,
        without_members: Collection[int] = (),
    ) -> Effect:
        """What would become of who may charge at a pool (as `in_pool`), if this were changed now.

        What is not given stays; as in `Pools.change` a level ends the options that it does not have.
        `without_members` are the ids of memberships. Raises AppError `pool_unknown`.
        """
        now = self._clock()
        listed = self._listed(pool_id)
        gone = set(without_members)
        leaving = [row for row in listed if row.id in gone]
        passes, identities = {row.pass_id for row in leaving}, {row.identity_id for row in leaving} - {None}
        before, after = self._before_and_after(pool_id, level, options, len(listed), len(listed) - len(leaving))
        judge, titles = self._judge(now), self._titles()
        loses: list[PassAnswer] = []
        gains: list[PassAnswer] = []
        anyone = False
        for each in facts.in_pool(self._store.fast_reader, pool_id, now):
            card = each.facts.card
            if card is None:
                continue
            then = _without(card, own=each.pass_id in passes, identitys=each.identity_id in identities)
            accepted = judge(Facts(True, before, card)).accepted
            decision = judge(Facts(True, after, then))
            anyone = anyone or decision.accepted
            if accepted is not decision.accepted:
                (loses if accepted else gains).append(_pass_answer(each, decision, titles))
        return Effect(
            loses=tuple(sorted(loses, key=_by_holder)),
            gains=tuple(sorted(gains, key=_by_holder)),
            opens_to_everyone=_openness(after) > _openness(before),
            nobody_left=not (anyone or _openness(after) or self._takes_a_pin(pool_id, after, now)),
        )

    def still_running(self, pool_id: int) -> list[Session]:
        """The open sessions at a pool's stations whose card or PIN may not begin one there now, latest first."""
        session, station = schema.sessions.c, schema.stations.c
        at_pool = session.station_id.in_(select(station.station_id).where(station.pool_id == pool_id))
        query = select(schema.sessions).where(at_pool, session.stopped_at.is_(None)).order_by(session.id.desc())
        running = [to_session(row) for row in self._store.reader.execute(query).mappings()]
        now = self._clock()
        pins = {pin.id: pin for pin in self._pins.of_pool(pool_id)}
        return [each for each in running if not self._may_go_on(each, pins, now)]

    def _may_go_on(self, session: Session, pins: dict[int, Pin], now: datetime) -> bool:
        found = facts.of_card(self._store.fast_reader, session.station_id, canonical_uid(session.raw_id_tag), now)
        known = found.facts
        if session.pin_id is not None:
            pin = pins.get(session.pin_id)
            validity = Validity(pin.valid_from, pin.valid_until) if pin else Validity()
            known = Facts(known.station_accepted, known.pool, None, PinFacts(known=pin is not None, validity=validity))
        return self._decide(known, now).accepted

    # Deciding

    def _decide(self, known: Facts, now: datetime) -> Decision:
        return decide(known, Moment.AUTHORIZE, now, self._taps.remember_for)

    def _judge(self, now: datetime) -> Callable[[Facts], Decision]:
        """Decides one pass after the other, and each kind of pass only once: most passes of a site are alike.

        `expires_at` and `group_id`, in which passes that are answered alike may differ, are left out.
        """
        decided: dict[object, Decision] = {}

        def judge(known: Facts) -> Decision:
            kind = (known.station_accepted, known.pool, known.card and _kind(known.card, now))
            decision = decided.get(kind)
            if decision is None:
                decision = replace(self._decide(known, now), expires_at=None, group_id=None)
                decided[kind] = decision
            return decision

        return judge

    def _answers(self, found: Iterable[Found], now: datetime) -> list[PassAnswer]:
        judge, titles = self._judge(now), self._titles()
        return sorted((_pass_answer(each, judge(each.facts), titles) for each in found), key=_accepted_first)

    # Reading

    def _titles(self) -> dict[int, str]:
        rows = self._store.reader.execute(select(schema.passes.c.id, pass_title()))
        return {row[0]: row[1] for row in rows}

    def _unlike_passes(self, identity_id: int) -> list[int]:
        """Passes of an identity, of each kind that could be answered differently one."""
        card, member, off = schema.passes.c, schema.members.c, schema.passes_off.c
        own = select(func.group_concat(member.pool_id)).where(member.pass_id == card.id).scalar_subquery()
        offs = select(func.group_concat(off.organization_id)).where(off.pass_id == card.id).scalar_subquery()
        kinds = (card.uid.is_(None), card.blocked, card.valid_from, card.valid_until, own, offs)
        query = select(func.min(card.id), card.uid.is_(None)).where(card.identity_id == identity_id).group_by(*kinds)
        found = self._store.reader.execute(query).all()
        known = [pass_id for pass_id, waits in found if not waits]
        return known or [pass_id for pass_id, _waits in found]

    def _listed(self, pool_id: int) -> Sequence[Any]:
        """Every membership of a pool, also those that are over."""
        member = schema.members.c
        query = select(member.id, member.pass_id, member.identity_id).where(member.pool_id == pool_id)
        return self._store.reader.execute(query).all()

    def _before_and_after(
        self, pool_id: int, level: AccessLevel | None, options: PoolOptions | None, listed: int, left: int
    ) -> tuple[PoolFacts, PoolFacts]:
        """What a decision needs to know of a pool, as it is with so many listed, and as it would be with those left."""
        row = self._store.reader.execute(select(schema.pools).filter_by(id=pool_id)).mappings().first()
        if row is None:
            raise AppError("pool_unknown")
        pool = to_pool(row)
        new_level = level or pool.level
        kept = possible_options(options or pool.options, new_level)
        return _pool_facts(pool.level, pool.options, listed), _pool_facts(new_level, kept, left)

    def _takes_a_pin(self, pool_id: int, pool: PoolFacts, now: datetime) -> bool:
        return pool.level is AccessLevel.RESTRICTED and any(_is_good(pin, now) for pin in self._pins.of_pool(pool_id))


def _pool_facts(level: AccessLevel, options: PoolOptions, listed: int) -> PoolFacts:
    return PoolFacts(level, options.free_vend, listed > 0, options.published, options.session_limit)


def _is_good(pin: Pin, now: datetime) -> bool:
    validity = Validity(pin.valid_from, pin.valid_until)
    return validity.has_begun(now) and not validity.has_ended(now) and (pin.uses is None or pin.used < pin.uses)


def _openness(pool: PoolFacts) -> int:
    """0: whom it names; 1: every registered pass; 2: every card."""
    if pool.free_vend:
        return 2
    is_open_list = pool.level is AccessLevel.BY_LIST and pool.published and not pool.has_members
    return 1 if pool.level is AccessLevel.PUBLIC or is_open_list else 0


def _without(card: PassFacts, *, own: bool, identitys: bool) -> PassFacts:
    """The facts about a pass whose own membership, or whose identity's, is gone."""
    if not (own and card.is_member) and not (identitys and card.identity_is_member):
        return card
    # Not `replace`, which takes three times as long: there may be ten thousand.
    return PassFacts(
        card.blocked,
        card.validity,
        card.identity_validity,
        card.is_member and not own,
        card.identity_is_member and not identitys,
        card.off_here,
        card.open_sessions,
        card.group_id,
    )


def _kind(card: PassFacts, now: datetime) -> tuple[object, ...]:
    """All of a pass that a decision at this moment may depend on."""
    return (
        card.blocked,
        _phase(card.validity, now),
        _phase(card.identity_validity, now),
        card.is_member,
        card.identity_is_member,
        card.off_here,
        card.open_sessions,
    )


def _phase(validity: Validity, now: datetime) -> int:
    if validity.end is not None and validity.end <= now:
        return 1
    return 0 if validity.start is None or validity.start <= now else -1


def _merit(decision: Decision) -> tuple[bool, int]:
    """Accepted before refused; of refusals the one that came furthest."""
    return decision.accepted, len(decision.trail)


def _station_answer(found: Found, decision: Decision) -> StationAnswer:
    return StationAnswer(found.station_id, found.station_name, found.pool_id, found.pool_name, decision)


def _pass_answer(found: Found, decision: Decision, titles: dict[int, str]) -> PassAnswer:
    if found.pass_id is None:
        raise AssertionError("facts about every pass are about a pass")
    title = titles.get(found.pass_id, "")
    return PassAnswer(found.pass_id, found.identity_id, found.uid, title, found.holder or title, decision)


def _by_holder(answer: PassAnswer) -> tuple[str, str]:
    return answer.holder.casefold(), answer.title.casefold()


def _accepted_first(answer: PassAnswer) -> tuple[bool, str, str]:
    return (not answer.decision.accepted, *_by_holder(answer))
