"""The list of cards that a station keeps itself (Local Authorization List, OCPP 1.6 §3.5.2; 2.0.1 D01): what it should
hold, what it holds, and the messages that make the second the first.

Pure: `plan` gives the messages, `apply` says what a station holds after one of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from app.domain.access import Status

#: OCPP's listVersion is a 32-bit number here and there; 0 and -1 mean something else (1.6 errata 4.0 §3.52).
HIGHEST_VERSION = 2**31 - 1
#: For a station that does not say how much it takes in one message.
ENTRIES_TO_BEGIN_WITH = 20
BYTES_TO_BEGIN_WITH = 60_000
#: A list so short is sent whole when something is taken from it: not every station carries out a deletion.
SHORT_ENTRIES = 100
SHORT_MESSAGES = 5

#: At most what JSON adds around the values of an entry, a deletion, a message, in either version.
_AROUND_MESSAGE, _AROUND_ENTRY, _EXPIRY, _AROUND_GROUP = 200, 110, 60, 70


@dataclass(frozen=True, slots=True)
class Entry:
    """One card as a station is to know it: `raw` as its reader spells it, `expires_at` in whole seconds."""

    raw: str
    status: Status = Status.ACCEPTED
    expires_at: datetime | None = None
    group_id: str | None = None

    @property
    def key(self) -> str:
        """Entries with the same key are the same card to a station that compares as OCPP says (1.6 §7.28)."""
        return key_of(self.raw)

    @property
    def size(self) -> int:
        """Bytes this entry takes in a message, at most."""
        group = 0 if self.group_id is None else _AROUND_GROUP + _json_size(self.group_id)
        return _AROUND_ENTRY + _json_size(self.raw) + (_EXPIRY if self.expires_at else 0) + group


Held = Mapping[str, Entry]
"""What a station holds, by the exact spelling."""

Element = TypeVar("Element", bound=Entry | str)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a station takes in one message, and how much altogether (`capacity` None: nobody knows)."""

    per_message: int = ENTRIES_TO_BEGIN_WITH
    capacity: int | None = None
    bytes_per_message: int = BYTES_TO_BEGIN_WITH


@dataclass(frozen=True, slots=True)
class Piece:
    """One SendLocalList: the whole list, or changes to it; `removals` are spellings, sent without an idTagInfo."""

    full: bool
    version: int
    entries: tuple[Entry, ...] = ()
    removals: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """How many elements the message has."""
        return len(self.entries) + len(self.removals)


@dataclass(frozen=True, slots=True)
class Plan:
    """`pieces` in the order of sending, none when nothing is to do; `left_out` found no room in the station."""

    pieces: tuple[Piece, ...]
    left_out: tuple[Entry, ...] = ()


def key_of(raw: str) -> str:
    """A spelling without its letter case."""
    return raw.upper()


def fit(wanted: Iterable[Entry], capacity: int | None) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Those that fit and those that do not, the most wanted first; of one card only its first spelling."""
    once: dict[str, Entry] = {}
    for entry in wanted:
        once.setdefault(entry.key, entry)
    unique = tuple(once.values())
    room = len(unique) if capacity is None else max(0, capacity)
    return unique[:room], unique[room:]


def differs(wanted: Sequence[Entry], held: Held) -> bool:
    """Whether a station that holds this does not hold exactly what is wanted (as `fit` gives it)."""
    return len(wanted) != len(held) or any(held.get(entry.raw) != entry for entry in wanted)


def plan(wanted: Iterable[Entry], held: Held | None, limits: Limits, highest: int, *, full: bool = False) -> Plan:
    """The messages that make a station hold what is wanted, the most wanted first where there is no room for all.

    `held` None: nobody knows what it holds, so it is sent whole, as with `full`. `highest` is the highest version that
    was ever sent to it or read from it: the messages go on from there, and begin again at 1 (whole) after the last
    number there is.
    """
    target, left_out = fit(wanted, limits.capacity)
    if held is not None and not full and not differs(target, held):
        return Plan((), left_out)
    changes = None if held is None or full else _changes(target, held, limits)
    if changes is None or highest + len(changes) > HIGHEST_VERSION:
        return Plan(_whole(target, limits, highest), left_out)
    return Plan(tuple(replace(each, version=highest + n) for n, each in enumerate(changes, 1)), left_out)


def apply(piece: Piece, held: Held) -> dict[str, Entry]:
    """What a station holds after it took this message."""
    after = {} if piece.full else dict(held)
    for raw in piece.removals:
        after.pop(raw, None)
    after.update((entry.raw, entry) for entry in piece.entries)
    return after


def _whole(target: Sequence[Entry], limits: Limits, highest: int) -> tuple[Piece, ...]:
    chunks = _chunks(target, limits) or [()]
    first = highest + 1 if highest + len(chunks) <= HIGHEST_VERSION else 1
    return tuple(Piece(n == 0, first + n, chunk) for n, chunk in enumerate(chunks))


def _changes(target: Sequence[Entry], held: Held, limits: Limits) -> list[Piece] | None:
    """As changes, without their versions; None where it is better to send the list whole.

    What takes access away goes first, and makes room. A card with a new spelling goes into a later message than the
    deletion of its old one: to most stations both are the same card, and one message may not name it twice.
    """
    wanted = {entry.raw for entry in target}
    removals = tuple(raw for raw in held if raw not in wanted)
    changed = [entry for entry in target if held.get(entry.raw) != entry]
    removed_keys = {key_of(raw) for raw in removals}
    respelled = [entry for entry in changed if entry.key in removed_keys]
    plain = [entry for entry in changed if entry.key not in removed_keys]
    plain.sort(key=lambda entry: entry.status is Status.ACCEPTED)
    elements: list[Entry | str] = [*removals, *plain]
    pieces = [_piece_of(chunk) for chunk in (*_chunks(elements, limits), *_chunks(respelled, limits))]
    whole = len(_chunks(target, limits)) or 1
    short = len(target) <= SHORT_ENTRIES and whole <= SHORT_MESSAGES
    return None if short and (whole == 1 or removals) else pieces


def _piece_of(chunk: Sequence[Entry | str]) -> Piece:
    entries = tuple(each for each in chunk if isinstance(each, Entry))
    return Piece(False, 0, entries, tuple(each for each in chunk if isinstance(each, str)))


def _chunks(elements: Sequence[Element], limits: Limits) -> list[tuple[Element, ...]]:
    """In messages that the station can take; one element is sent alone even when it is too long."""
    chunks: list[list[Element]] = []
    size = 0
    for element in elements:
        length = element.size if isinstance(element, Entry) else _AROUND_ENTRY + _json_size(element)
        most = max(1, limits.per_message)
        if not chunks or len(chunks[-1]) >= most or size + length > limits.bytes_per_message:
            chunks.append([])
            size = _AROUND_MESSAGE
        chunks[-1].append(element)
        size += length
    return [tuple(chunk) for chunk in chunks]


def _json_size(text: str) -> int:
    """Bytes of a text between quotes: printable ASCII only, where two characters are escaped."""
    return len(text) + text.count('"') + text.count("\\")
