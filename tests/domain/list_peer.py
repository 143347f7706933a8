"""A station at the other end of a `Push`, without sockets: answers the steps, well or as stations do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto

from app.domain.list_keeping import Push
from app.domain.list_record import Record, Told
from app.domain.list_steps import (
    Answer,
    CapacityRead,
    Enable,
    Gone,
    LimitsRead,
    ReadCapacity,
    ReadLimits,
    ReadVersion,
    Refused,
    Send,
    Silent,
    Step,
    Updated,
    VersionRead,
    WasSet,
)
from app.domain.local_list import Entry, Piece, apply
from tests.domain.list_station import ListStation

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


class Fault(Enum):
    """What happens to one message to the station."""

    NONE = auto()
    FAILED = auto()
    MISMATCH = auto()
    CALL_ERROR = auto()
    TAKEN_AND_CUT = auto()
    LOST_AND_CUT = auto()
    TAKEN_AND_SILENT = auto()
    LOST_AND_SILENT = auto()
    ODD_STATUS = auto()


@dataclass
class Peer:
    """`told` is what its keys say, `most` how much it says that its list holds; `faults` happen to its first messages;
    `answer` may say something else.
    """

    station: ListStation = field(default_factory=ListStation)
    told: Told = field(default_factory=Told)
    most: int | None = None
    faults: list[Fault] = field(default_factory=list)
    answer: Callable[[Step], Answer | None] = lambda _step: None
    asked: list[Step] = field(default_factory=list)

    def hears(self, step: Step) -> Answer:
        self.asked.append(step)
        if (own := self.answer(step)) is not None:
            return own
        match step:
            case ReadLimits():
                return LimitsRead(self.told)
            case ReadCapacity():
                return CapacityRead(self.most)
            case Enable():
                return WasSet(True)
            case ReadVersion():
                return VersionRead(self.station.version)
            case Send(piece):
                return self._sent(piece)

    def _sent(self, piece: Piece) -> Answer:
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        if fault in (Fault.NONE, Fault.TAKEN_AND_CUT, Fault.TAKEN_AND_SILENT):
            changes = [*((raw, None) for raw in piece.removals), *((each.raw, each) for each in piece.entries)]
            size = sum(each.size for each in piece.entries)
            status = self.station.send(piece.version, full=piece.full, changes=changes, size=size)
        else:
            status = ""
            self.station.versions.append(piece.version)
        answers: dict[Fault, Answer] = {
            Fault.NONE: Updated(status),
            Fault.FAILED: Updated("Failed"),
            Fault.MISMATCH: Updated("VersionMismatch"),
            Fault.CALL_ERROR: Refused("GenericError"),
            Fault.TAKEN_AND_CUT: Gone(),
            Fault.LOST_AND_CUT: Gone(),
            Fault.ODD_STATUS: Updated("Maybe"),
        }
        return answers.get(fault, Silent())


@dataclass
class Kept:
    """What we keep between tries, as a database would: nothing but what a push gave to be kept."""

    record: Record = field(default_factory=Record)
    held: dict[str, Entry] = field(default_factory=dict)

    def keep(self, push: Push) -> None:
        for piece in push.unsaved:
            self.held = apply(piece, self.held)
        self.record = push.record


def one_try(peer: Peer, kept: Kept, wanted: Iterable[Entry], *, look_first: bool = True, now: datetime = NOW) -> Push:
    """One push against the station; what is kept is kept before each message and at the end."""
    push = Push(kept.record, dict(kept.held), wanted, now, look_first=look_first)
    for _ in range(5_000):
        step = push.next_step()
        kept.keep(push)
        if step is None:
            break
        push.heard(peer.hears(step), now)
        if push.done:
            kept.keep(push)
            break
    else:
        raise AssertionError("a push without end")
    return push
