"""What can be asked of a station about its own list, and what can come of it, in no version's words."""

from dataclasses import dataclass

from app.domain.list_record import Told
from app.domain.local_list import Piece


@dataclass(frozen=True, slots=True)
class ReadLimits:
    pass


@dataclass(frozen=True, slots=True)
class ReadCapacity:
    """How many entries the list may hold, where that is not among the limits: in 2.x it is no value of its own."""


@dataclass(frozen=True, slots=True)
class Enable:
    """Set LocalAuthListEnabled (2.x LocalAuthListCtrlr.Enabled)."""


@dataclass(frozen=True, slots=True)
class ReadVersion:
    pass


@dataclass(frozen=True, slots=True)
class Send:
    piece: Piece


Step = ReadLimits | ReadCapacity | Enable | ReadVersion | Send


@dataclass(frozen=True, slots=True)
class LimitsRead:
    told: Told


@dataclass(frozen=True, slots=True)
class CapacityRead:
    """None: it does not say."""

    entries: int | None


@dataclass(frozen=True, slots=True)
class WasSet:
    accepted: bool


@dataclass(frozen=True, slots=True)
class VersionRead:
    version: int


@dataclass(frozen=True, slots=True)
class Updated:
    """`status`: Accepted, Failed, VersionMismatch, NotSupported, or whatever else the station calls it."""

    status: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A CALLERROR, with its code."""

    code: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An answer in which nothing can be found."""


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer in time."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The connection ended."""


Answer = LimitsRead | CapacityRead | WasSet | VersionRead | Updated | Refused | Unreadable | Silent | Gone
