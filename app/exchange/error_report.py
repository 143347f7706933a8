"""The rows that an import left out, as a workbook to be put right and dropped again: what is wrong stands beside each.

A spreadsheet keeps its other sheets. They are the work of strangers: that copy is made in a process of its own, with
an end to its time and memory; where it cannot be made, the rows stand in a workbook of their own. Formulas are copied
as they are written and never worked out.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson

from app.domain.errors import AppError
from app.domain.export_kinds import FileFormat
from app.domain.import_cells import Problem
from app.domain.import_plan import Verdict
from app.exchange.error_sheet import ErrorRow, ErrorSheet, new_book, save
from app.exchange.importer import PlannedImport
from app.exchange.writers import format_of, whole_or_not

HEADER = "What is wrong"
COPY_WITHIN_S = 20.0
#: A workbook of formatted cells takes fifty times as much memory as its file.
LARGEST_ORIGINAL = 8 * 2**20


def write_error_report(
    planned: PlannedImport, path: Path, words: Callable[[Problem], str], original: Path | None = None
) -> int:
    """Write the rows with errors below the headers of the list, as xlsx; how many. Blocks: call it in a thread.

    `words` puts a problem into words; `original` is the file that the list came from. Corrections that the operator
    made stand in the rows. Raises AppError `format_unknown`, `format_not_for_this` (any format but xlsx),
    `nothing_left_out` and `file_not_written`.
    """
    if format_of(path) is not FileFormat.XLSX:
        raise AppError("format_not_for_this", name=path.name, formats=f".{FileFormat.XLSX}")
    report = _report(planned, words)
    count = len(report.rows) - report.head
    if not count:
        raise AppError("nothing_left_out")

    def write(part: Path) -> int:
        if original is None or not _copied(original, part, report):
            save(new_book(report), part)
        return count

    return whole_or_not(path, write)


def _report(planned: PlannedImport, words: Callable[[Problem], str]) -> ErrorSheet:
    job = planned.job
    header_row = job.columns.header_row
    rows = [_row(planned, at, HEADER if at == header_row else "") for at in range(job.columns.first_row)]
    for row in planned.plan.rows:
        if row.verdict is Verdict.ERROR:
            wrong = "; ".join(words(problem) for problem in row.problems if problem.is_error)
            rows.append(_row(planned, row.number - 1, wrong))
    return ErrorSheet(job.sheet.name, rows, planned.job.columns.first_row)


def _row(planned: PlannedImport, at: int, remark: str) -> ErrorRow:
    job = planned.job
    texts = list(job.sheet.rows[at])
    kinds = [job.sheet.kinds.get((at, column)) for column in range(len(texts))]
    for (row, column), text in job.corrections.items():
        if row == at:
            missing = column + 1 - len(texts)
            texts += [""] * missing
            kinds += [None] * missing
            texts[column], kinds[column] = text, None
    return ErrorRow(texts, [kind.value if kind else "" for kind in kinds], remark)


def _copied(original: Path, part: Path, report: ErrorSheet) -> bool:
    """Whether the original's workbook could be copied with the report in place of its list."""
    try:
        if original.stat().st_size > LARGEST_ORIGINAL:
            return False
        # The interpreter and module are ours; the paths are arguments, never a command.
        child = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "app.exchange.error_sheet", str(original.absolute()), str(part.absolute())],
            input=orjson.dumps(report),
            capture_output=True,
            timeout=COPY_WITHIN_S,
            check=False,
            cwd=Path(__file__).parents[2],
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return child.returncode == 0
