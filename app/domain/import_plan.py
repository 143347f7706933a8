"""What a list would change: every row with its verdict and its reasons, before anything is written.

Pure: a sheet, what its columns mean and what exists go in, a plan comes out. How the rows of each kind of list are
judged is in `import_passes`, `import_members`, `import_identities` and `import_stations`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from app.domain.import_cells import Cells, Problem, habits_of
from app.domain.import_fields import Columns, Field
from app.domain.sheets import Kinds, Row

Record = TypeVar("Record")
"""What a row is about; its attributes are named as the fields are."""


class Verdict(StrEnum):
    """What would happen to a row. A row to CHECK is carried out, one with an ERROR is left out."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"
    CHECK = "check"
    ERROR = "error"


# Looked up once: before Python 3.12, naming a member of an enum takes longer than a verdict.
_NEW, _CHANGE, _SAME = Verdict.NEW, Verdict.CHANGE, Verdict.SAME
_CARRIED_OUT = frozenset({Verdict.NEW, Verdict.CHANGE, Verdict.CHECK})


class PlannedRow(NamedTuple, Generic[Record]):
    """One row: `number` counts from 1 as a spreadsheet does. `before` is what there is, `after` as it would be."""

    number: int
    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    before: Record | None = None
    after: Record | None = None

    @property
    def is_carried_out(self) -> bool:
        return self.verdict in _CARRIED_OUT

    def shown(self, wanted: Field) -> tuple[str, str]:
        """What stands there now and what would stand there, as text; empty for nothing."""
        return _shown(self.before, wanted), _shown(self.after, wanted)


@dataclass(frozen=True, slots=True)
class ImportPlan(Generic[Record]):
    """`removed` is what is not in a complete list; `new_emails` are the identities that would be made."""

    rows: tuple[PlannedRow[Record], ...]
    removed: tuple[Record, ...] = ()
    new_emails: tuple[str, ...] = ()

    def counts(self) -> dict[Verdict, int]:
        """How many rows have each verdict."""
        counted = dict.fromkeys(Verdict, 0)
        for row in self.rows:
            counted[row.verdict] += 1
        return counted


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator chose: is the list complete, may identities be made, must every pass have a holder."""

    complete_list: bool = False
    create_identities: bool = False
    email_required: bool = True


class FirstSeen:
    """Which row of the list first named something."""

    def __init__(self) -> None:
        self._rows: dict[Field | None, dict[object, int]] = defaultdict(dict)

    def earlier(self, at: int, field: Field | None, value: object) -> Problem | None:
        """The problem of naming again what an earlier row named; this row is the first otherwise."""
        first = self._rows[field].setdefault(value, at)
        return None if first == at else Problem("duplicate_in_list", field, other=str(first + 1))


def rows_below(rows: Sequence[Row], columns: Columns, kinds: Kinds) -> Iterator[tuple[int, Cells]]:
    """Every row below the headers that is not empty, with its place counted from 0."""
    habits = habits_of(rows[columns.first_row :], columns)
    for at in range(columns.first_row, len(rows)):
        row = rows[at]
        if any(map(str.strip, row)):
            yield at, Cells(row, at, columns, kinds, habits)


def judged(
    at: int,
    cells: Cells,
    before: Record | None,
    named: Record,
    merge: Callable[[Record, Record], Record],
    replaced: Callable[[Record, Record], Iterator[Problem]],
) -> PlannedRow[Record]:
    """The verdict on a row, once everything that can be wrong with it was noted in `cells.problems`."""
    problems, after = cells.problems, named
    if before is not None and not cells.has_error():
        after = merge(before, named)
        if after == before:
            return PlannedRow(at + 1, _SAME, (), before, before)
        problems += replaced(before, after)
    if _is_reversed(after):
        problems.append(Problem("validity_reversed", Field.VALID_UNTIL))
    if not problems:
        verdict = _NEW if before is None else _CHANGE
    else:
        verdict = Verdict.ERROR if cells.has_error() else Verdict.CHECK
    return PlannedRow(at + 1, verdict, tuple(problems), before, after)


def _is_reversed(record: object) -> bool:
    ends = getattr(record, "valid_until", None)
    begins = getattr(record, "valid_from", None) if ends else None
    return begins is not None and begins > ends


def _shown(record: object, wanted: Field) -> str:
    value = getattr(record, wanted.value, None)
    if isinstance(value, bool):
        return "x" if value else ""
    return value.isoformat() if isinstance(value, date) else str(value or "")
