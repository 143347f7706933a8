"""Tables as files: text stays text and numbers are numbers, whoever opens the file; whole or not written at all.

A text that a spreadsheet would take for a formula (`=cmd|' /C calc'!A0` fits an idTag) gets an apostrophe before it in
CSV, which reading takes off again; in xlsx the cell itself says that it is text.
"""

import csv
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import AppError
from app.domain.export_kinds import FileFormat
from app.exchange.delimited import guarded

# Loaded when an xlsx is written: at the start it would cost a tenth of a second, and every garbage collection some.
if TYPE_CHECKING:
    from openpyxl.cell import Cell as XlsxCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | int | float | bool | None
"""Empty is None or an empty text; what is true or false is "yes" or "no" where a format knows text alone."""

Row = Sequence[Cell]

#: XML has no place for these; spreadsheets write them as _xHHHH_, and what looks like one with its own underscore so.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_TEXT_FORMAT = "@"
_WIDEST = 40
_NARROWEST = 8
#: Excel opens no sheet with more, the headers among them.
MOST_XLSX_ROWS = 1_048_576


def format_of(path: Path) -> FileFormat:
    """By the end of its name. Raises AppError `format_unknown`."""
    try:
        return FileFormat(path.suffix.removeprefix(".").casefold())
    except ValueError as error:
        known = ", ".join(f".{each}" for each in FileFormat)
        raise AppError("format_unknown", name=path.name, formats=known) from error


def write_table(
    path: Path, headers: Sequence[str], rows: Iterable[Row], *, sheet: str = "", for_programs: bool = False
) -> int:
    """Write a table in the format that the name ends in; how many rows. Blocks: call it in a thread.

    `for_programs` leaves out of a CSV the mark by which Excel knows its encoding, and quotes that need not be there:
    programs take them for a part of what is in them. Raises AppError `format_unknown`, `too_many_rows_for_xlsx`,
    `file_not_written`, and whatever `rows` raises; what was there before is still there then.
    """
    match format_of(path):
        case FileFormat.XLSX:
            return whole_or_not(path, lambda part: _write_xlsx(part, headers, rows, sheet))
        case FileFormat.CSV:
            return whole_or_not(path, lambda part: _write_csv(part, headers, rows, for_programs=for_programs))
        case FileFormat.JSON_LINES:
            return whole_or_not(path, lambda part: _write_json_lines(part, headers, rows))


def whole_or_not(path: Path, write: Callable[[Path], int]) -> int:
    """Have a file written beside `path` and put it there once it is whole and on the disk; what `write` gives.

    Raises AppError `file_not_written`; what was at `path` before is still there then.
    """
    part = path.with_name(path.name + ".part")
    try:
        count = write(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise AppError("file_not_written", path=str(path), why=error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _write_csv(path: Path, headers: Sequence[str], rows: Iterable[Row], *, for_programs: bool) -> int:
    count = 0
    with path.open("w", encoding="utf-8" if for_programs else "utf-8-sig", newline="") as file:
        # For people all in quotes: a tab or a semicolon in a cell must not be taken for what divides the cells.
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL if for_programs else csv.QUOTE_ALL)
        writer.writerow(headers)
        for count, row in enumerate(rows, 1):  # noqa: B007 - how many there were
            writer.writerow([guarded(cell) if isinstance(cell, str) else _as_text(cell) for cell in row])
    return count


def _write_json_lines(path: Path, headers: Sequence[str], rows: Iterable[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007 - how many there were
            file.write(json.dumps(dict(zip(headers, row, strict=True)), ensure_ascii=False) + "\n")
    return count


def _write_xlsx(path: Path, headers: Sequence[str], rows: Iterable[Row], sheet: str) -> int:
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet or "Tapdesk")
    page.freeze_panes = "A2"
    for at, header in enumerate(headers, 1):
        width = min(max(_NARROWEST, len(header) + 4), _WIDEST)
        page.column_dimensions[get_column_letter(at)].width = width
    count = -1
    try:
        for count, cells in enumerate(_xlsx_rows(page, headers, rows)):  # noqa: B007 - how many there were
            page.append(cells)
    except BaseException:
        # Its half-written sheet would otherwise complain when it is forgotten.
        page.close()
        raise
    book.save(path)
    return count


def _xlsx_rows(page: "WriteOnlyWorksheet", headers: Sequence[str], rows: Iterable[Row]) -> Iterator[list[object]]:
    """The rows as cells. Cells are used again for each row: the sheet writes a row down before the next is made."""
    from openpyxl.styles import Font

    texts = [_cell(page, _TEXT_FORMAT) for _ in headers]
    numbers = [_cell(page, "General") for _ in headers]
    for cell in texts:
        cell.font = Font(bold=True)
    for at, row in enumerate(chain([headers], rows)):
        if at == MOST_XLSX_ROWS:
            raise AppError("too_many_rows_for_xlsx", limit=MOST_XLSX_ROWS)
        if at == 1:
            for cell in texts:
                cell.font = Font()
        cells: list[object] = []
        for value, text, number in zip(row, texts, numbers, strict=True):
            if value is None or value == "":
                cells.append(None)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                number.value = value
                cells.append(number)
            else:
                text.value = in_xml(_as_text(value))
                # Set after the value: a text with "=" before it would have made it a formula.
                text.data_type = "s"
                cells.append(text)
        yield cells


def _cell(page: "WriteOnlyWorksheet", number_format: str) -> "XlsxCell":
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page)
    cell.number_format = number_format
    return cell


def _as_text(value: Cell) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def in_xml(text: str) -> str:
    """A text as the XML of a spreadsheet can hold it."""
    return _NOT_IN_XML.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
