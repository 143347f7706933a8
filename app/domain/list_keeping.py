"""What to ask a station next, to make its list what it should be, and what its answers tell: every decision of it.

A `Push` is one try. Whoever carries it out asks the station what `next_step` says, tells `heard` what came of it, and
keeps `record` and what `unsaved` gives before each message goes out: then whatever is cut off in the middle is settled
by reading the version (OCPP 1.6 §5.10, §5.15; 2.0.1 D01, D02).

What stations say is not believed: after a push the version is read back. A message that fails is tried in halves, until
it is plain whether the message, the list or one card is too much for the station.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.domain.list_record import PAUSES, Record, Support, Trouble, missing
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
)
from app.domain.local_list import Entry, Piece, apply, plan

#: What was learned from failures is tried anew after a while.
LEARNED_FOR = timedelta(days=1)
#: Messages that fail within one try, and versions that are refused.
FAILURES_AT_MOST = 24
SILENCES_AT_MOST = 2
MISMATCHES_AT_MOST = 2
#: Pushes that were accepted and not kept, before the station is not believed any more.
LIES_AT_MOST = 2


_HAS_NO_SUCH_THING = frozenset({"notsupported", "notimplemented"})


@dataclass(slots=True)
class _Sofar:
    """What this try has come to."""

    lies: int = 0
    failures: int = 0
    mismatches: int = 0
    proven: int = 0
    trial: int | None = None
    skipped: list[str] = field(default_factory=list)
    unconfirmed: bool = False
    doubtful: bool = False


class Push:
    """One try to bring a station's list to `wanted` (the most wanted first), beginning with `record` and `held`.

    `look_first`: the station came back, and may have lost its list: its limits and version are read before anything.
    """

    def __init__(
        self, record: Record, held: dict[str, Entry], wanted: Iterable[Entry], now: datetime, *, look_first: bool
    ) -> None:
        self._wanted = tuple(wanted)
        if record.learned_at is not None and now - record.learned_at >= LEARNED_FOR:
            record = replace(record, per_message=None, capacity=None, refused=frozenset(), learned_at=None)
        if len(record.refused) == 1 and len(self._wanted) <= len(held):
            # It may have been one too many for the list, and now there is room.
            record = replace(record, refused=frozenset())
        self.record = record
        self.held = held
        self.done = False
        self._now = now
        self._unsaved: list[Piece] = []
        self._pieces: list[Piece] | None = None
        self._step: Step | None = None
        self._read_limits = look_first or record.support is Support.UNKNOWN
        self._read_capacity = self._read_limits and not record.capacity_asked
        self._read_version = self._read_limits or record.version is None or record.sent is not None
        self._enable = False
        self._enabled = False
        self._so_far = _Sofar()

    @property
    def unsaved(self) -> list[Piece]:
        """The messages the station took since this was last asked for, in order."""
        taken, self._unsaved = self._unsaved, []
        return taken

    @property
    def messages_to_come(self) -> int:
        """How many messages are planned, that of the current step among them."""
        return len(self._pieces or ())

    def next_step(self) -> Step | None:
        """What to ask the station now; None when this try is over."""
        self._step = None if self.done else self._choose()
        if isinstance(self._step, Send):
            piece = self._step.piece
            self.record = replace(self.record, sent=piece, highest=piece.version)
        return self._step

    def heard(self, answer: Answer, now: datetime) -> None:
        """What came of the last step."""
        self._now = now
        if isinstance(answer, Gone):
            self.done = True
            return
        match self._step:
            case ReadLimits():
                self._limits_heard(answer)
            case ReadCapacity():
                told = answer.entries if isinstance(answer, CapacityRead) else None
                self.record = replace(self.record, capacity_asked=True, capacity_told=told)
            case Enable():
                self._enable, self._enabled, self._read_version = False, True, True
            case ReadVersion():
                self._version_heard(answer)
            case Send(piece):
                self._update_heard(piece, answer)
            case None:
                raise AssertionError("nothing was asked")

    def _choose(self) -> Step | None:
        if self._read_limits:
            return ReadLimits()
        if self._enable:
            return Enable()
        if self._read_version:
            return ReadVersion()
        if self._read_capacity and not self.record.capacity_asked and self.record.told.capacity is None:
            return ReadCapacity()
        if self._pieces is None:
            self._pieces = self._planned()
        if self._pieces:
            return Send(self._pieces[0])
        if self._so_far.unconfirmed:
            return ReadVersion()
        self.done = True
        self._succeeded()
        return None

    def _planned(self) -> list[Piece]:
        limits, record = self.record.limits, self.record
        if self._so_far.trial is not None:
            limits = replace(limits, per_message=min(limits.per_message, self._so_far.trial))
        held = None if record.version is None else self.held
        welcome = (entry for entry in self._wanted if entry.key not in record.refused)
        return list(plan(welcome, held, limits, record.highest).pieces)

    # What the answers tell

    def _limits_heard(self, answer: Answer) -> None:
        self._read_limits = False
        if isinstance(answer, LimitsRead):
            self.record = replace(self.record, told=answer.told)
            self._enable = answer.told.enabled is False
            self._enabled = answer.told.enabled is True
        elif isinstance(answer, Silent):
            # Nor would it answer that.
            self._read_capacity = False

    def _version_heard(self, answer: Answer) -> None:
        match answer:
            case VersionRead(version) if version >= 0:
                self._read_version = False
                self._settle(version)
            case VersionRead():
                self._not_supported()
            case Refused(code) if _has_no_such_thing(code):
                self._not_supported()
            case Silent():
                if self._so_far.doubtful and self.record.sent is not None:
                    self._halve(self.record.sent)
                self._failed(Trouble.SILENT)
            case Refused(code):
                self._failed(Trouble.REFUSED, code)
            case _:
                self._failed(Trouble.UNREADABLE)

    def _settle(self, version: int) -> None:
        """What the station holds, now that it named its version."""
        record, sent, so_far = self.record, self.record.sent, self._so_far
        self.record = replace(record, highest=max(record.highest, version), sent=None)
        if sent is not None and _is_of(version, sent) and (sent.full or record.version is not None):
            self._took(sent)
            so_far.doubtful = False
        elif record.version is None or not (version == record.version or (version == 0 and not self.held)):
            self._forget_what_it_holds()
        if so_far.unconfirmed:
            so_far.unconfirmed = False
            if self.record.version is None:
                self._lied()
        if so_far.doubtful and sent is not None:
            so_far.doubtful = False
            self._too_much(sent, Trouble.SILENT)

    def _lied(self) -> None:
        self._so_far.lies += 1
        if self._so_far.lies >= LIES_AT_MOST:
            self.record = replace(self.record, support=Support.KEEPS_NOTHING, attempts=0, next_try_at=None)
            self.done = True

    def _update_heard(self, piece: Piece, answer: Answer) -> None:
        match answer:
            case Updated(status):
                self._status_heard(piece, status)
            case Refused(code) if _has_no_such_thing(code):
                self._not_supported()
            case Refused(code):
                self._read_version = True
                self._too_much(piece, Trouble.REFUSED, code)
            case _:
                # No answer, or none that can be read: it may have been taken all the same.
                self._read_version = self._so_far.doubtful = True

    def _status_heard(self, piece: Piece, status: str) -> None:
        match status.strip().casefold():
            case "accepted":
                self.record = replace(self.record, sent=None)
                self._took(piece)
                self._so_far.unconfirmed = True
            case "versionmismatch":
                self._mismatched()
            case "notsupported":
                self._not_supported()
            case _:
                self._read_version = True
                self.record = replace(self.record, sent=None)
                self._too_much(piece, Trouble.FAILED)

    def _took(self, piece: Piece) -> None:
        self.held = apply(piece, self.held)
        self.record = replace(self.record, version=piece.version, support=Support.YES)
        self._unsaved.append(piece)
        if self._pieces and self._pieces[0] == piece:
            self._pieces.pop(0)
        else:
            self._pieces = None
        if piece.entries:
            self._so_far.proven = max(self._so_far.proven, piece.length)
            self._so_far.skipped.clear()

    def _mismatched(self) -> None:
        self._so_far.mismatches += 1
        self.record = replace(self.record, sent=None)
        if self._so_far.mismatches > MISMATCHES_AT_MOST:
            self._failed(Trouble.VERSION_MISMATCH)
            return
        self._read_version = True
        self._forget_what_it_holds()

    # What to make of failures

    def _too_much(self, piece: Piece, trouble: Trouble, detail: str = "") -> None:
        self._so_far.failures += 1
        self._so_far.unconfirmed = False
        self._pieces = None
        if piece.length == 0 or self._is_enough(trouble):
            self._halve(piece)
            self._forget_what_it_holds()
            self._failed(trouble, detail)
        elif piece.length == 1:
            self._one_too_many(piece, trouble, detail)
        elif not piece.full and piece.length <= self._so_far.proven:
            # Messages as long as this were taken: more likely the list is full.
            self._so_far.trial = piece.length // 2
        else:
            self._halve(piece)
            self._forget_what_it_holds()

    def _is_enough(self, trouble: Trouble) -> bool:
        failures = self._so_far.failures
        return failures >= (SILENCES_AT_MOST if trouble is Trouble.SILENT else FAILURES_AT_MOST)

    def _one_too_many(self, piece: Piece, trouble: Trouble, detail: str) -> None:
        """One card alone failed. When the next one fails too, the list is full; else it was that card."""
        if piece.removals:
            self._forget_what_it_holds()
            return
        if len(self._wanted) == 1:
            self._failed(trouble, detail)
            return
        skipped = self._so_far.skipped
        skipped.append(piece.entries[0].key)
        self._learn(refused=self.record.refused | {skipped[-1]})
        if len(skipped) < 2:
            return
        self._learn(refused=self.record.refused - set(skipped))
        skipped.clear()
        if piece.full or not self.held:
            self._forget_what_it_holds()
            self._failed(trouble, detail)
        else:
            self._learn(capacity=len(self.held))

    def _learn(
        self,
        *,
        per_message: int | None = None,
        capacity: int | None = None,
        refused: frozenset[str] | None = None,
    ) -> None:
        record = self.record
        self.record = replace(
            record,
            per_message=record.per_message if per_message is None else max(1, per_message),
            capacity=record.capacity if capacity is None else capacity,
            refused=record.refused if refused is None else refused,
            learned_at=self._now,
        )

    def _halve(self, piece: Piece) -> None:
        if piece.length > 1:
            self._learn(per_message=piece.length // 2)

    def _forget_what_it_holds(self) -> None:
        self.record = replace(self.record, version=None)
        self._pieces = None

    def _not_supported(self) -> None:
        """Some say so while their list is switched off: switched on once, it is asked once more."""
        if not self._enabled:
            self._enable = True
            return
        self.record = replace(
            self.record, support=Support.NO, version=None, sent=None, attempts=0, trouble=Trouble.NONE, next_try_at=None
        )
        self.done = True

    def _failed(self, trouble: Trouble, detail: str = "") -> None:
        attempts = self.record.attempts + 1
        pause = PAUSES[min(attempts, len(PAUSES)) - 1]
        self.record = replace(
            self.record,
            refused=self.record.refused - set(self._so_far.skipped),
            attempts=attempts,
            trouble=trouble,
            detail=detail,
            next_try_at=self._now + pause,
        )
        self.done = True

    def _succeeded(self) -> None:
        learned_at, anew = self.record.learned_at, None
        if learned_at is not None and missing(self.record, self._wanted):
            anew = learned_at + LEARNED_FOR
        self.record = replace(
            self.record, support=Support.YES, attempts=0, trouble=Trouble.NONE, detail="", next_try_at=anew
        )


def _is_of(version: int, piece: Piece) -> bool:
    """Whether a station that names this version took this message; some say 0 for an empty list."""
    return version == piece.version or (version == 0 and piece.full and not piece.entries)


def _has_no_such_thing(code: str) -> bool:
    return code.strip().casefold() in _HAS_NO_SUCH_THING
