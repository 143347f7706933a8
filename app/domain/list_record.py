"""What is known of the list that a station keeps itself, for as long as the station is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.local_list import Entry, Limits, Piece, fit

#: After a try that failed: how long until the next one; from the last of these on the station counts as failing.
PAUSES = (timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=6))


class Support(StrEnum):
    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"
    KEEPS_NOTHING = "keeps_nothing"


class Trouble(StrEnum):
    """What ended the last try."""

    NONE = ""
    SILENT = "silent"
    FAILED = "failed"
    VERSION_MISMATCH = "version_mismatch"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Told:
    """What a station says of its list; None: nothing that can be used."""

    enabled: bool | None = None
    per_message: int | None = None
    capacity: int | None = None
    bytes_per_message: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a station's list, for as long as the station is known.

    `version` belongs to the entries it holds, as last confirmed; None: nobody knows what it holds. `sent` went out and
    has no answer yet. `capacity_told` is what it said when it was asked for its capacity alone, which it is once
    (`capacity_asked`). `per_message`, `capacity` and `refused` (cards, by `key_of`) were learned from failures.
    """

    version: int | None = None
    highest: int = 0
    sent: Piece | None = None
    support: Support = Support.UNKNOWN
    told: Told = Told()
    capacity_asked: bool = False
    capacity_told: int | None = None
    per_message: int | None = None
    capacity: int | None = None
    refused: frozenset[str] = frozenset()
    learned_at: datetime | None = None
    attempts: int = 0
    trouble: Trouble = Trouble.NONE
    detail: str = ""
    next_try_at: datetime | None = None

    @property
    def limits(self) -> Limits:
        """What the station takes, as far as it told and as it turned out."""
        begin = Limits()
        per_message = [each for each in (self.told.per_message, self.per_message) if each]
        told = self.told.capacity or self.capacity_told or None
        capacities = [each for each in (told, self.capacity) if each is not None]
        return Limits(
            per_message=min(per_message, default=begin.per_message),
            capacity=min(capacities, default=None),
            bytes_per_message=self.told.bytes_per_message or begin.bytes_per_message,
        )

    @property
    def is_failing(self) -> bool:
        """Whether so many tries failed that the next one is hours away."""
        return self.attempts >= len(PAUSES)

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing is tried any more until somebody says so, or another device or firmware is there."""
        return self.support in (Support.NO, Support.KEEPS_NOTHING)

    def tried_anew(self) -> "Record":
        """The same, with all forgotten that keeps us from trying: support, failures, what was learned from them."""
        return Record(self.version, self.highest, self.sent)


def missing(record: Record, wanted: Iterable[Entry]) -> tuple[Entry, ...]:
    """What of the wanted list the station will not hold: what it refuses, and what it has no room for."""
    wanted = tuple(wanted)
    refused = tuple(entry for entry in wanted if entry.key in record.refused)
    welcome = (entry for entry in wanted if entry.key not in record.refused)
    return refused + fit(welcome, record.limits.capacity)[1]
