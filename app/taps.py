"""A card at a reader, or digits on a keypad: the facts, the decision, and what is kept of both."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.database import facts
from app.database.store import Store
from app.domain.access import Decision, Moment, PinFacts, decide
from app.domain.ids import Uid, canonical_uid
from app.domain.model import AccessLevel, Tap, TapSource
from app.domain.pins import HIDDEN_PIN, typed_digits
from app.journal import Journal
from app.pins import Pins, TypedPin
from app.sessions import Admission
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with the names a person knows the things by.

    `is_typed`: no card, but digits that may be a PIN, or most of one: whatever came of them, they are kept nowhere, and
    `uid` is empty. `may_be_pin`: here they are worth trying. `is_member`: the pass is on the pool's list, or
    its identity is.
    """

    decision: Decision
    uid: Uid
    station_name: str
    pool_id: int | None
    pool_name: str
    pass_id: int | None
    identity_id: int | None
    holder: str
    pin_id: int | None = None
    is_typed: bool = False
    may_be_pin: bool = False
    is_member: bool = False


class StartJudge:
    """Decides one start within the transaction that stores it, where no other start counts the same sessions.

    `verdict` is the last one: until it was called, of the sessions there were before.
    """

    def __init__(self, judge: Callable[[sqlite3.Connection, int | None], Verdict], verdict: Verdict) -> None:
        self._judge = judge
        self.verdict = verdict

    def __call__(self, connection: sqlite3.Connection, told_before: int | None) -> Admission:
        self.verdict = self._judge(connection, told_before)
        return Admission(
            status=self.verdict.decision.status.value,
            reason=self.verdict.decision.reason.value,
            station_name=self.verdict.station_name,
            pool_name=self.verdict.pool_name,
            pass_id=self.verdict.pass_id,
            identity_id=self.verdict.identity_id,
            holder=self.verdict.holder,
            pin_id=self.verdict.pin_id,
            pool_id=self.verdict.pool_id,
            is_member=self.verdict.is_member,
        )


class Taps:
    def __init__(
        self, store: Store, journal: Journal, pins: Pins, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._journal = journal
        self._pins = pins
        self._settings = settings
        self._clock = clock

    @property
    def remember_for(self) -> timedelta:
        """How long a station may remember that a card was accepted."""
        return timedelta(hours=self._settings.remember_accepted_h)

    def judge(
        self, station_id: str, raw_id_tag: str, moment: Moment, *, at: datetime | None = None, keyed: bool = False
    ) -> Verdict:
        """Decide a card at a station, now or at another moment, without keeping anything: what a tap would be answered.

        What may be a PIN (`Verdict.may_be_pin`) is answered as a wrong one; `judge_typed` tries it. `keyed`: the
        station says that it was typed, so it is no card, whatever it looks like.
        """
        return self._judge(self._store.fast_reader, station_id, raw_id_tag, moment, at or self._clock(), keyed=keyed)

    async def judge_typed(
        self,
        station_id: str,
        raw_id_tag: str,
        moment: Moment,
        *,
        at: datetime | None = None,
        rehearsed: bool = False,
        keyed: bool = False,
    ) -> Verdict:
        """As `judge`, and what no pass is known for is tried as a PIN, which takes a twentieth of a second.

        Wrong ones are counted against the station, unless `rehearsed`.
        """
        typed = await self._try_pin(station_id, raw_id_tag, moment, rehearsed=rehearsed, keyed=keyed)
        now = at or self._clock()
        return self._judge(self._store.fast_reader, station_id, raw_id_tag, moment, now, typed, keyed=keyed)

    async def start_judge(self, station_id: str, raw_id_tag: str, *, keyed: bool = False) -> "StartJudge":
        """Who decides a start when it is stored; what may be a PIN is tried here, as `judge_typed` does."""
        typed, now = await self._try_pin(station_id, raw_id_tag, Moment.START, keyed=keyed), self._clock()

        def judge(reader: sqlite3.Connection, told_before: int | None) -> Verdict:
            return self._judge(reader, station_id, raw_id_tag, Moment.START, now, typed, told_before, keyed=keyed)

        return StartJudge(judge, judge(self._store.fast_reader, None))

    async def _try_pin(
        self, station_id: str, raw_id_tag: str, moment: Moment, *, rehearsed: bool = False, keyed: bool = False
    ) -> TypedPin | None:
        verdict = self.judge(station_id, raw_id_tag, moment, keyed=keyed)
        if not verdict.may_be_pin or verdict.pool_id is None:
            return None
        digits = typed_digits(raw_id_tag)
        if rehearsed:
            return TypedPin(await self._pins.find(verdict.pool_id, digits))
        return await self._pins.typed(station_id, verdict.pool_id, digits)

    def _judge(
        self,
        reader: sqlite3.Connection,
        station_id: str,
        raw_id_tag: str,
        moment: Moment,
        now: datetime,
        typed: TypedPin | None = None,
        told_before: int | None = None,
        *,
        keyed: bool = False,
    ) -> Verdict:
        uid = Uid("") if keyed else canonical_uid(raw_id_tag)
        found = facts.of_card(reader, station_id, uid, now, told_before=told_before)
        known, holder, pin_id = found.facts, found.holder, None
        # What was tried as a PIN stays a secret, even when that was the last one and is gone by now.
        is_typed = keyed or (known.card is None and (typed is not None or _is_typed(raw_id_tag, found)))
        if is_typed:
            pin = PinFacts(known=False, entry_open=typed is None or typed.entry_open)
            if typed and typed.pin_id is not None:
                pin, holder = facts.of_pin(reader, station_id, typed.pin_id, now, told_before=told_before)
                pin_id = typed.pin_id if pin.known else None
            known = replace(known, pin=pin)
        return Verdict(
            decision=decide(known, moment, now, self.remember_for),
            uid=Uid("") if is_typed else uid,
            station_name=found.station_name or station_id,
            pool_id=found.pool_id,
            pool_name=found.pool_name,
            pass_id=found.pass_id,
            identity_id=found.identity_id,
            holder=holder,
            pin_id=pin_id,
            is_typed=is_typed,
            may_be_pin=is_typed and _takes_pins(found),
            is_member=known.card is not None and (known.card.is_member or known.card.identity_is_member),
        )

    def record(
        self,
        verdict: Verdict,
        *,
        station_id: str,
        connector_id: int | None,
        raw_id_tag: str,
        source: TapSource,
        message_id: int,
    ) -> Tap:
        """Keep and tell that a card was held to a reader (or named in a report) and what was decided.

        Of what was typed the digits are not kept, whether they were right or wrong.
        """
        tap = Tap(
            id=self._journal.next_tap_id(),
            at=self._clock(),
            station_id=station_id,
            station_name=verdict.station_name,
            connector_id=connector_id,
            raw_id_tag=HIDDEN_PIN if verdict.is_typed else raw_id_tag,
            uid=verdict.uid,
            source=source,
            status=verdict.decision.status.value,
            reason=verdict.decision.reason.value,
            trail=tuple((step.value, passed) for step, passed in verdict.decision.trail),
            pass_id=verdict.pass_id,
            holder=verdict.holder,
            pool_id=verdict.pool_id,
            pool_name=verdict.pool_name,
            message_id=message_id,
        )
        self._journal.tapped(tap)
        return tap


def _is_typed(raw_id_tag: str, found: facts.Found) -> bool:
    """Whether it may be a PIN: of this pool, of another one, or one whose digits are gone already."""
    return raw_id_tag == HIDDEN_PIN or (found.site_has_pins and bool(typed_digits(raw_id_tag)))


def _takes_pins(found: facts.Found) -> bool:
    pool = found.facts.pool
    restricted = pool is not None and pool.level is AccessLevel.RESTRICTED
    return found.facts.station_accepted and restricted and found.pool_has_pins
