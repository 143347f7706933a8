"""The sheet of an error report, and the process in which it takes the place of a list in a copy of its workbook.

Run as `python -m app.exchange.error_sheet ORIGINAL COPY` with the report as JSON on its standard input; it ends with 0
when the copy is written. Numbers, days and errors stay what they were in the list: as text they would be taken
for whole UIDs when the list comes back.
"""

import contextlib
import datetime as dt
import re
import sys
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import orjson
from openpyxl.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.sheets import CellKind
from app.exchange.writers import in_xml

MOST_PARTS = 500
LARGEST_INFLATED = 48 * 2**20
MEMORY_LIMIT = 2 * 2**30
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_TEXT_FORMAT = "@"
_WRONG = PatternFill("solid", fgColor="FDE8E8")
_REMARK_WIDTH, _USUAL_WIDTH = 60, 22


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A row of the list: its texts, what each was where it was not text (a `CellKind`), and what is said of it."""

    texts: Sequence[str]
    kinds: Sequence[str]
    remark: str


@dataclass(frozen=True, slots=True)
class ErrorSheet:
    """The rows under the name of the sheet; the first `head` of them are the headers and what stands above them."""

    name: str
    rows: Sequence[ErrorRow]
    head: int


def new_book(report: ErrorSheet) -> openpyxl.Workbook:
    """A workbook with the report alone."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    name = _NOT_IN_A_NAME.sub(" ", report.name)[:_LONGEST_NAME].strip("' ")
    _fill(book.create_sheet(name or "Errors"), report)
    return book


def copied_book(original: Path, report: ErrorSheet) -> openpyxl.Workbook:
    """The workbook of the original with the report in place of the sheet of its name. Raises whatever openpyxl does."""
    with zipfile.ZipFile(original) as parts:
        listed = parts.infolist()
    if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > LARGEST_INFLATED:
        raise ValueError(original)
    # Macros and links to other files do not come along.
    book = openpyxl.load_workbook(original, keep_vba=False, keep_links=False)
    place = book.sheetnames.index(report.name)
    before = book.worksheets[place]
    widths = {letter: column.width for letter, column in before.column_dimensions.items()}
    book.remove(before)
    sheet = book.create_sheet(report.name, place)
    book.active = place
    _fill(sheet, report)
    for letter, width in widths.items():
        sheet.column_dimensions[letter].width = width
    sheet.column_dimensions[get_column_letter(_width(report) + 1)].width = _REMARK_WIDTH
    return book


def save(book: openpyxl.Workbook, part: Path) -> None:
    """Write a workbook, whatever the name of the file."""
    with part.open("wb") as file:
        book.save(file)


def main(original: str, copy: str) -> int:
    """Write the copy; any failure ends the process with another code than 0."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    warnings.simplefilter("ignore")
    told = orjson.loads(sys.stdin.buffer.read())
    report = ErrorSheet(told["name"], [ErrorRow(**row) for row in told["rows"]], told["head"])
    save(copied_book(Path(original), report), Path(copy))
    return 0


def _width(report: ErrorSheet) -> int:
    return max((len(row.texts) for row in report.rows), default=0)


def _fill(sheet: Worksheet, report: ErrorSheet) -> None:
    width = _width(report)
    for at in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(at)].width = _USUAL_WIDTH
    sheet.column_dimensions[get_column_letter(width + 1)].width = _REMARK_WIDTH
    if report.head:
        sheet.freeze_panes = f"A{report.head + 1}"
    for number, row in enumerate(report.rows, 1):
        cells = [
            _written(sheet, number, at, text, kind)
            for at, (text, kind) in enumerate(zip(row.texts, row.kinds, strict=True), 1)
        ]
        remark = _written(sheet, number, width + 1, row.remark, "")
        if number <= report.head:
            for cell in (*cells, remark):
                cell.font = Font(bold=True)
        else:
            remark.fill = _WRONG


def _written(sheet: Worksheet, row: int, column: int, text: str, kind: str) -> Cell:
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError(cell)
    if kind == CellKind.NUMBER:
        cell.value = float(text) if "." in text or "e" in text.casefold() else int(text)
    elif kind == CellKind.DATE and (day := _moment(text)) is not None:
        cell.value = day
    elif kind == CellKind.FAULT:
        # The error or the formula that it was: as text it would be taken for what is meant when the list comes back.
        cell.value = in_xml(text)
    else:
        cell.value = in_xml(text)
        # Set after the value: a text with "=" before it would have made it a formula.
        cell.data_type = "s"
        cell.number_format = _TEXT_FORMAT
    return cell


def _moment(text: str) -> dt.datetime | dt.date | dt.time | None:
    for read in (dt.date.fromisoformat, dt.datetime.fromisoformat, dt.time.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
