"""A card at a reader: the facts about it from one indexed read, the decision, and what is kept of both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.store import Store
from app.domain.access import Decision, Facts, Moment, PassFacts, PoolFacts, Validity, decide
from app.domain.ids import Uid, canonical_uid
from app.domain.instants import from_ms
from app.domain.model import AccessLevel, Tap, TapSource
from app.journal import Journal
from app.settings import Settings

# Straight to the driver: this is the one statement a driver waits for while holding a card to the reader.
_FACTS = """
select s.registration = 'accepted', s.pool_id, p.name, p.level, p.free_vend,
       case p.level when 'by_list' then exists(select 1 from members m where m.pool_id = p.id) else 1 end,
       c.id, c.blocked, c.valid_from, c.valid_until, i.valid_from, i.valid_until,
       exists(select 1 from members m where m.pass_id = c.id and m.pool_id = s.pool_id),
       exists(select 1 from members m where m.identity_id = c.identity_id and m.pool_id = s.pool_id),
       c.identity_id,
       coalesce(nullif(trim(i.first_name || ' ' || i.last_name), ''), i.email, nullif(c.name, ''), c.visible_id, ''),
       coalesce(nullif(s.name, ''), s.station_id)
from (select 1)
left join stations s on s.station_id = :station_id
left join pools p on p.id = s.pool_id
left join passes c on c.id = coalesce(
    (select id from passes where uid = :uid), (select pass_id from linked_uids where uid = :uid))
left join identities i on i.id = c.identity_id
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with the names a person knows the things by."""

    decision: Decision
    uid: Uid
    station_name: str
    pool_id: int | None
    pool_name: str
    pass_id: int | None
    identity_id: int | None
    holder: str


class Taps:
    def __init__(self, store: Store, journal: Journal, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._journal = journal
        self._settings = settings
        self._clock = clock

    def judge(self, station_id: str, raw_id_tag: str, moment: Moment) -> Verdict:
        """Decide a card at a station now, without keeping anything: what a tap would be answered."""
        uid = canonical_uid(raw_id_tag)
        row = self._store.fast_reader.execute(_FACTS, {"station_id": station_id, "uid": uid}).fetchone()
        (
            accepted,
            pool_id,
            pool_name,
            level,
            free_vend,
            has_members,
            pass_id,
            blocked,
            pass_from,
            pass_until,
            identity_from,
            identity_until,
            is_member,
            identity_is_member,
            identity_id,
            holder,
            station_name,
        ) = row
        pool = None if pool_id is None else PoolFacts(AccessLevel(level), bool(free_vend), bool(has_members))
        card = None
        if pass_id is not None and uid:
            card = PassFacts(
                blocked=bool(blocked),
                validity=_validity(pass_from, pass_until),
                identity_validity=_validity(identity_from, identity_until),
                is_member=bool(is_member),
                identity_is_member=bool(identity_is_member),
            )
        remember_for = timedelta(hours=self._settings.remember_accepted_h)
        decision = decide(Facts(bool(accepted), pool, card), moment, self._clock(), remember_for)
        return Verdict(
            decision, uid, station_name or station_id, pool_id, pool_name or "", pass_id, identity_id, holder
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
        """Keep and tell that a card was held to a reader (or named in a report) and what was decided."""
        tap = Tap(
            id=self._journal.next_tap_id(),
            at=self._clock(),
            station_id=station_id,
            station_name=verdict.station_name,
            connector_id=connector_id,
            raw_id_tag=raw_id_tag,
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


def _validity(start: int | None, end: int | None) -> Validity:
    if start is None and end is None:
        return _ALWAYS
    return Validity(None if start is None else from_ms(start), None if end is None else from_ms(end))


_ALWAYS = Validity()
