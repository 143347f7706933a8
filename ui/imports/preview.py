"""What a plan looks like on the screen: its rows by what would happen to them, counted once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.application import PlannedImport, Sheet
from app.domain.import_fields import Field
from app.domain.import_plan import ImportPlan, PlannedRow, Verdict

#: So many rows are let go of in a thousandth of a second.
FORGOTTEN_AT_ONCE = 1_000


class Which(StrEnum):
    """Which rows are looked at."""

    ALL = "all"
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERRORS = "errors"
    CHECK = "check"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """What would be removed: it stands in no row of the file, so its `number` is below zero."""

    number: int
    record: Any
    verdict = None
    problems = ()

    def shown(self, wanted: Field) -> tuple[str, str]:
        """What stands there now, and that nothing would."""
        return str(getattr(self.record, wanted.value, None) or ""), ""


ShownRow = PlannedRow[Any] | RemovedRow


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` are sorted by number under every filter. `alike` tells of which offers there are several, by their code:
    how many. `without_uid` are the passes that would still have none."""

    planned: PlannedImport
    rows: dict[Which, Sequence[ShownRow]]
    alike: dict[str, int]
    without_uid: int
    new_emails: frozenset[str]

    def count(self, which: Which) -> int:
        """How many rows a filter lets through."""
        return len(self.rows[which])

    @property
    def carried_out(self) -> int:
        """How many rows would be written."""
        return self.count(Which.NEW) + self.count(Which.CHANGED)

    def emptied(self) -> "Preview":
        """The same without a row."""
        job = replace(self.planned.job, sheet=Sheet("", []))
        return Preview(PlannedImport(job, ImportPlan(()), None), dict.fromkeys(Which, ()), {}, 0, frozenset())


def waits_for_uid(record: object) -> bool:
    """Whether it is a card of which only the visible ID is known."""
    return getattr(record, "uid", "") is None and bool(getattr(record, "visible_id", None))


def preview_of(planned: PlannedImport) -> Preview:
    """Sort a plan. Takes a while for a long list: call it in a thread."""
    plan = planned.plan
    rows: dict[Which, list[ShownRow]] = {which: [] for which in Which}
    alike: Counter[str] = Counter()
    without_uid = 0
    for row in plan.rows:
        if row.problems:
            alike.update(problem.code for problem in row.problems if problem.offered)
        if row.verdict is Verdict.ERROR:
            rows[Which.ERRORS].append(row)
            continue
        if row.verdict is Verdict.SAME:
            rows[Which.SAME].append(row)
            continue
        rows[Which.NEW if row.before is None else Which.CHANGED].append(row)
        if waits_for_uid(row.after):
            without_uid += 1
        if row.verdict is Verdict.CHECK:
            rows[Which.CHECK].append(row)
    gone = len(plan.removed)
    removed = [RemovedRow(at - gone, record) for at, record in enumerate(plan.removed)]
    by_filter: dict[Which, Sequence[ShownRow]] = {**rows, Which.ALL: plan.rows, Which.REMOVED: removed}
    several = {code: count for code, count in alike.items() if count > 1}
    return Preview(planned, by_filter, several, without_uid, frozenset(map(str.casefold, plan.new_emails)))


def forget(held: list[Preview]) -> None:
    """Let go of previews bit by bit: a long plan all at once would hold up the window. Call it in a thread, with the
    only reference there is."""
    while held:
        preview = held.pop()
        rows = list(preview.planned.plan.rows)
        del preview
        while rows:
            del rows[-FORGOTTEN_AT_ONCE:]


def offers_of(preview: Preview, code: str) -> dict[tuple[int, int], str]:
    """The corrections that put right every row with this problem, by the value that is offered in it."""
    job = preview.planned.job
    found: dict[tuple[int, int], str] = {}
    for row in (*preview.rows[Which.ERRORS], *preview.rows[Which.CHECK]):
        for problem in row.problems:
            place = job.columns.by_field.get(problem.field) if problem.field else None
            if problem.code == code and problem.offered and place is not None:
                found[row.number - 1, place] = problem.offered
    return found
