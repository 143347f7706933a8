"""How a station's own list stands, in words for an operator: in step is said only of a list that is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Status
from app.domain.list_record import Record, Support, Trouble
from app.domain.local_list import Entry, differs, fit, key_of
from app.domain.wanted_list import Wanted


class ListState(StrEnum):
    IN_STEP = "in_step"
    """It holds what it should, as last confirmed."""
    NOT_NEEDED = "not_needed"
    """The pool lets everyone charge, and the list holds nobody back."""
    WAITING = "waiting"
    """It is not, or not known to be, what it should be: the station is away, was not asked yet, or is tried again."""
    SENDING = "sending"
    FAILING = "failing"
    """Several tries failed; the next one is hours away."""
    TOO_SMALL = "too_small"
    """It holds all there is room for; `missing` are the others."""
    INCOMPLETE = "incomplete"
    """It holds all but some cards that cannot be sent to it or that it refuses; `missing` are those."""
    NOT_SUPPORTED = "not_supported"
    KEEPS_NOTHING = "keeps_nothing"
    """It accepts lists and does not keep them."""


class MissingWhy(StrEnum):
    NO_ROOM = "no_room"
    REFUSED = "refused"
    """The station refuses this card, and takes others."""
    CANNOT_BE_SENT = "cannot_be_sent"
    """The ID is too long for the station's version of OCPP, or has characters that it does not allow."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A pass that should be in a list and will not be."""

    pass_id: int
    raw: str
    why: MissingWhy


@dataclass(frozen=True, slots=True)
class ListStatus:
    """How the list of one station stands.

    `count` are the entries it holds as last confirmed (`confirmed_at`), `capacity` how many it takes where that is
    known. `members` are the passes that should charge here. `still_open` are cards that it lets charge and should not,
    `open_since` when there has been one; `since` when it has not been what it should be.
    While it is sent, `count` are those that arrived so far; `piece` is how many go in one message, 0 where one is all.
    `cache_stale_since`: it may remember cards that it let charge before, and was not told since to forget them.
    """

    station_id: str
    state: ListState
    version: int | None = None
    count: int = 0
    piece: int = 0
    wanted: int = 0
    members: int = 0
    capacity: int | None = None
    missing: tuple[Missing, ...] = ()
    still_open: int = 0
    open_since: datetime | None = None
    since: datetime | None = None
    confirmed_at: datetime | None = None
    conflict_at: datetime | None = None
    cache_stale_since: datetime | None = None
    trouble: Trouble = Trouble.NONE
    detail: str = ""
    attempts: int = 0
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a station is here.

    Since it came: `tried`, it was asked and sent what there was to; `checked`, it said that it holds what we believe.
    `sending`: it gets its list now.
    """

    connected: bool = False
    tried: bool = False
    checked: bool = False
    sending: bool = False


class Difference(StrEnum):
    """What is between the list a station holds and the one it should hold, for one card."""

    NONE = "none"
    TO_ADD = "to_add"
    TO_CHANGE = "to_change"
    TO_REMOVE = "to_remove"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class ListRow:
    """One card beside the other: as the list should have it, and as it has it."""

    raw: str
    pass_id: int | None
    wanted: Entry | None
    held: Entry | None
    difference: Difference


def target_of(wanted: Sequence[Wanted], record: Record) -> tuple[Entry, ...]:
    """What the list should hold, of what is wanted: without what the station refuses or has no room for."""
    welcome = (each.entry for each in wanted if each.entry.key not in record.refused)
    return fit(welcome, record.limits.capacity)[0]


def is_in_step(wanted: Sequence[Wanted], record: Record, held: Mapping[str, Entry]) -> bool:
    """Whether the list is known to hold what it should."""
    known = record.version is not None and record.sent is None
    return known and not differs(target_of(wanted, record), held)


def missing_passes(wanted: Sequence[Wanted], unsendable: Sequence[int], record: Record) -> Iterator[Missing]:
    """Who will not be in the list, and why."""
    target = {entry.key for entry in target_of(wanted, record)}
    yield from (Missing(pass_id, "", MissingWhy.CANNOT_BE_SENT) for pass_id in unsendable)
    for each in wanted:
        if each.entry.key not in target:
            refused = each.entry.key in record.refused
            why = MissingWhy.REFUSED if refused else MissingWhy.NO_ROOM
            yield Missing(each.pass_id, each.entry.raw, why)


def state_of(
    record: Record, presence: Presence, missing: Sequence[Missing], *, in_step: bool, is_needed: bool
) -> ListState:
    """The one word for a list."""
    if presence.sending:
        return ListState.SENDING
    if record.support in _HOPELESS:
        return _HOPELESS[record.support] if is_needed else ListState.NOT_NEEDED
    if not in_step or (presence.connected and not presence.checked):
        return ListState.FAILING if record.is_failing else ListState.WAITING
    if any(each.why is MissingWhy.NO_ROOM for each in missing):
        return ListState.TOO_SMALL
    if missing:
        return ListState.INCOMPLETE
    return ListState.IN_STEP if is_needed else ListState.NOT_NEEDED


_HOPELESS = {Support.NO: ListState.NOT_SUPPORTED, Support.KEEPS_NOTHING: ListState.KEEPS_NOTHING}


def still_open(wanted: Sequence[Wanted], held: Mapping[str, Entry]) -> int:
    """How many cards the list lets charge that should not be let."""
    welcome = {each.entry.key for each in wanted if each.entry.status is Status.ACCEPTED}
    return sum(each.status is Status.ACCEPTED and each.key not in welcome for each in held.values())


def side_by_side(wanted: Sequence[Wanted], record: Record, held: Mapping[str, Entry]) -> list[ListRow]:
    """Every card that is in the list or should be, as it should be and as it is; what differs first."""
    target = {entry.raw for entry in target_of(wanted, record)}
    rows = []
    for each in wanted:
        entry, is_held = each.entry, held.get(each.entry.raw)
        difference = _difference(entry, is_held, is_left_out=entry.raw not in target)
        rows.append(ListRow(entry.raw, each.pass_id, entry, is_held, difference))
    wanted_raws, owners = {each.entry.raw for each in wanted}, {key_of(each.entry.raw): each.pass_id for each in wanted}
    rows += (
        ListRow(raw, owners.get(key_of(raw)), None, entry, Difference.TO_REMOVE)
        for raw, entry in held.items()
        if raw not in wanted_raws
    )
    return sorted(rows, key=lambda row: row.difference is Difference.NONE)


def _difference(wanted: Entry, held: Entry | None, *, is_left_out: bool) -> Difference:
    if is_left_out:
        return Difference.LEFT_OUT if held is None else Difference.TO_REMOVE
    if held is None:
        return Difference.TO_ADD
    return Difference.NONE if held == wanted else Difference.TO_CHANGE
