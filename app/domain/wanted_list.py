"""Which cards a station's own list should hold: whom its pool admits by the rules of `access`, as it spells them.

What the list of a station cannot say is left out, never granted: a pass that is not valid yet (OCPP has no "from"), a
PIN, whoever is not a member. Who is blocked stands in it as blocked.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.access import Facts, Moment, Reason, Status, decide
from app.domain.ids import Uid, canonical_uid
from app.domain.local_list import Entry, key_of

#: So far ahead that it is no end: a list says only when an admission really ends.
_NO_END = timedelta(days=36_500)
_HEX = re.compile(r"(?:[0-9A-F]{2})+")
_PRINTABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@dataclass(frozen=True, slots=True)
class KnownPass:
    """A pass with all its UIDs, its own first, and what is known of it at a station."""

    pass_id: int
    uids: tuple[Uid, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Admitted:
    """A pass that belongs into the list, as accepted or as blocked."""

    pass_id: int
    uids: tuple[Uid, ...]
    status: Status
    expires_at: datetime | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """How a station's reader writes a UID that is hex: in which case, with what between the bytes."""

    lower: bool = False
    separator: str = ""

    def spelled(self, uid: Uid) -> str:
        """A UID as this reader would write it."""
        if not _HEX.fullmatch(uid):
            return uid
        parts = [uid[n : n + 2] for n in range(0, len(uid), 2)] if self.separator else [uid]
        text = self.separator.join(parts)
        return text.lower() if self.lower else text


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry of a list and the pass it is for."""

    entry: Entry
    pass_id: int


@dataclass(frozen=True, slots=True)
class Spelled:
    """A list as a station is to hold it, and the passes whose IDs cannot be sent to it at all."""

    wanted: tuple[Wanted, ...] = ()
    unsendable: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """Who belongs into the lists of stations that share a pool and a host, the most wanted first.

    `changes_at` is when time alone changes it next. `is_needed` False: the pool lets everyone charge.
    """

    passes: tuple[Admitted, ...] = ()
    changes_at: datetime | None = None
    is_needed: bool = True
    _alike: dict[tuple[Habit, int], Spelled] = field(default_factory=dict, compare=False, repr=False)

    def spelled(self, forms: Mapping[int, Sequence[str]], habit: Habit, longest: int) -> Spelled:
        """The list of one of the stations.

        `forms` are the spellings of each pass this station sent, latest first: those are what it compares with. A pass
        that was never held to it is spelled as the station spells others. An ID is sent in at most `longest`
        characters. Stations that spell alike are given the very same entries: a hundred lists of thousands exist once.
        """
        alike = self._alike.get((habit, longest))
        if alike is None:
            alike = self._alike[habit, longest] = _spelled(self.passes, {}, habit, longest, {})
        own = {each.pass_id for each in self.passes if each.pass_id in forms} if forms else ()
        if not own:
            return alike
        return _spelled(self.passes, forms, habit, longest, {each.entry.raw: each for each in alike.wanted})


def admission(passes: Iterable[KnownPass], now: datetime) -> Admission:
    """Whom a pool admits now, accepted ones before blocked ones; the first in `passes` are the most wanted of each."""
    accepted: list[Admitted] = []
    blocked: list[Admitted] = []
    changes: list[datetime] = []
    for known in passes:
        decision = decide(known.facts, Moment.AUTHORIZE, now, _NO_END)
        if decision.reason is Reason.FREE_VEND:
            return Admission(is_needed=False)
        changes.extend(_changes(known.facts, now))
        if decision.accepted:
            ends = decision.expires_at
            expires_at = None if ends is None or ends == now + _NO_END else ends.replace(microsecond=0)
            accepted.append(Admitted(known.pass_id, known.uids, Status.ACCEPTED, expires_at, decision.group_id))
        elif decision.status is Status.BLOCKED:
            blocked.append(Admitted(known.pass_id, known.uids, Status.BLOCKED))
    return Admission((*accepted, *blocked), min(changes, default=None))


def _changes(facts: Facts, now: datetime) -> Iterable[datetime]:
    card = facts.card
    if card is None:
        return ()
    own, identity = card.validity, card.identity_validity
    moments = (own.start, own.end, identity.start, identity.end, card.member_until)
    return (moment for moment in moments if moment is not None and moment > now)


def habit_of(forms: Iterable[str]) -> Habit:
    """How a station writes UIDs, by what it sent so far; in capitals, while it sent nothing that tells."""
    seen = Counter(found for form in forms if (found := _habit(form)) is not None)
    return seen.most_common(1)[0][0] if seen else Habit()


def _habit(form: str) -> Habit | None:
    uid = canonical_uid(form)
    if not _HEX.fullmatch(uid) or uid.isdecimal():
        return None
    habits = (Habit(lower, separator) for separator in ("", ":", "-", " ") for lower in (False, True))
    return next((habit for habit in habits if habit.spelled(uid) == form), None)


def _spelled(
    passes: Iterable[Admitted],
    forms: Mapping[int, Sequence[str]],
    habit: Habit,
    longest: int,
    known: Mapping[str, Wanted],
) -> Spelled:
    wanted: list[Wanted] = []
    unsendable: list[int] = []
    for each in passes:
        raws = _raws(each, forms.get(each.pass_id, ()), habit, longest)
        if not raws:
            unsendable.append(each.pass_id)
        for raw in raws:
            one = Wanted(Entry(raw, each.status, each.expires_at, each.group_id), each.pass_id)
            wanted.append(same if (same := known.get(raw)) == one and same is not None else one)
    return Spelled(tuple(wanted), tuple(unsendable))


def _raws(each: Admitted, forms: Sequence[str], habit: Habit, longest: int) -> list[str]:
    usual = [habit.spelled(uid) for uid in each.uids]
    # What was seen of a UID that is no longer this pass's opens nothing any more.
    forms = [form for form in forms if canonical_uid(form) in each.uids]
    # What a station says twice in different cases may be an echo of ours: its habit tells which its reader would say.
    seen = [form for form in forms if form in usual]
    seen += [form for form in forms if key_of(form) not in {key_of(known) for known in seen}]
    fitting = [raw for raw in seen or usual if len(raw) <= longest and _PRINTABLE.fullmatch(raw)]
    if not fitting:
        fitting = [uid for uid in each.uids if len(uid) <= longest and _PRINTABLE.fullmatch(uid)]
    return list({key_of(raw): raw for raw in reversed(fitting)}.values())[::-1]
