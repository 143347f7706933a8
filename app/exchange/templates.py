"""Empty lists to be filled in: a sheet with the headers alone, and one that explains them with an example.

The example stands on the sheet of notes, so that nobody can leave it in the list by mistake. Every column is text:
Excel keeps the zeros before a UID then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.errors import AppError
from app.domain.export_kinds import FileFormat
from app.domain.import_fields import ListKind
from app.exchange.tables import MOST_ROWS
from app.exchange.writers import format_of, whole_or_not

_TEXT_FORMAT = "@"
_BOLD = Font(bold=True)
_HEAD = PatternFill("solid", fgColor="E8EEF7")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_TOP = Alignment(vertical="top")
_COMMENT_WIDTH, _COMMENT_HEIGHT = 260, 110


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    must: str
    note: str
    example: str
    width: int = 20
    choices: tuple[str, ...] = ()


_YES, _NO = "yes", "no"

_VISIBLE_ID = _Column(
    "Visible ID",
    _YES,
    "The number printed on the card, with or without its hyphens.",
    "NL-TNM-012204-5",
    22,
)
_UID = _Column(
    "UID",
    _NO,
    "The hidden number in the card's chip, as a reader shows it: usually 8 or 14 digits and letters from A to F. "
    "Leave it empty when you do not know it: hold the card to a station later.",
    "04A2B3C4D5E680",
    22,
)
_VALID_UNTIL = _Column("Valid until", _NO, "The last day, such as 2027-12-31.", "2027-12-31", 14)
_VALID_FROM = _Column("Valid from", _NO, "The first day, such as 2027-01-01.", "2027-01-01", 14)
_ORGANIZATION = _Column(
    "Organization", _NO, "One that is in Tapdesk already. Leave it empty where there is only one.", "", 24
)

_COLUMNS: Mapping[ListKind, tuple[_Column, ...]] = {
    ListKind.PASSES: (
        _VISIBLE_ID,
        _UID,
        _Column("Pass name", _NO, "What people call it.", "Anna's key fob", 24),
        _Column(
            "E-mail address of passholder",
            _YES,
            "Whose pass it is. One person may have any number of passes.",
            "anna@hotel.example",
            34,
        ),
    ),
    ListKind.MEMBERS: (
        _Column("Visible ID", "one of the first three", _VISIBLE_ID.note, _VISIBLE_ID.example, 22),
        _Column("UID", "one of the first three", _UID.note, "", 22),
        _Column(
            "E-mail address",
            "one of the first three",
            "Alone in its row: this person with all passes. Beside an ID: the holder of that pass.",
            "",
            34,
        ),
        _VALID_UNTIL,
    ),
    ListKind.IDENTITIES: (
        _Column("First name", _NO, "", "Anna", 18),
        _Column("Last name", _NO, "", "de Vries", 22),
        _Column("E-mail address", _YES, "It tells people apart: one row for each address.", "anna@hotel.example", 34),
        _Column(
            "Role",
            _NO,
            "cardholder or administrator; a cardholder when it is empty.",
            "cardholder",
            16,
            ("cardholder", "administrator"),
        ),
        _Column("External ID", _NO, "A number of yours, such as a personnel or customer number.", "1042", 18),
        _ORGANIZATION,
        _VALID_FROM,
        _VALID_UNTIL,
    ),
    ListKind.STATIONS: (
        _Column("Station ID", _YES, "Its OCPP identity, as it is set in the station itself.", "ALF-0021", 22),
        _Column("Name", _NO, "What people call it.", "Garage left", 24),
        _Column("Pool", _NO, "One that is in Tapdesk already.", "", 24),
        _ORGANIZATION,
    ),
}


def save_template(kind: ListKind, path: Path) -> None:
    """Write the template of a kind of list, as xlsx. Blocks: call it in a thread.

    Raises AppError `format_unknown`, `format_not_for_this` (any format but xlsx) and `file_not_written`.
    """
    if format_of(path) is not FileFormat.XLSX:
        raise AppError("format_not_for_this", name=path.name, formats=f".{FileFormat.XLSX}")
    book = Workbook()
    book.remove(book.worksheets[0])
    columns = _COLUMNS[kind]
    _fill_list(book.create_sheet(kind.value.capitalize()), columns)
    _fill_notes(book.create_sheet("Notes"), columns)

    def write(part: Path) -> int:
        # Not by its name: openpyxl would look at how that ends.
        with part.open("wb") as file:
            book.save(file)
        return 0

    whole_or_not(path, write)


def _fill_list(sheet: Worksheet, columns: tuple[_Column, ...]) -> None:
    sheet.freeze_panes = "A2"
    for at, column in enumerate(columns, 1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        # Of every cell that is still empty.
        sheet.column_dimensions[letter].number_format = _TEXT_FORMAT
        cell = sheet.cell(1, at, column.header)
        cell.number_format, cell.font, cell.fill = _TEXT_FORMAT, _BOLD, _HEAD
        must = "" if column.must == _NO else f"Must be filled in: {column.must}.\n"
        cell.comment = Comment(
            f"{must}{column.note}".strip() or column.header, "Tapdesk", _COMMENT_HEIGHT, _COMMENT_WIDTH
        )
        if column.choices:
            chosen = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            chosen.add(f"{letter}2:{letter}{MOST_ROWS}")
            sheet.add_data_validation(chosen)


def _fill_notes(sheet: Worksheet, columns: tuple[_Column, ...]) -> None:
    for letter, width in zip("ABCD", (32, 24, 70, 26), strict=True):
        sheet.column_dimensions[letter].width = width
    lines = [
        ("How to fill in the first sheet", "", "", ""),
        ("One row for each, below the headers. Then drop the file on Tapdesk: nothing is kept before you see it.",),
        (),
        ("Column", "Must be filled in", "What goes there", "Example"),
        *((column.header, column.must, column.note, column.example) for column in columns),
    ]
    for number, line in enumerate(lines, 1):
        for at, text in enumerate(line, 1):
            cell = sheet.cell(number, at, text)
            cell.number_format = _TEXT_FORMAT
            cell.alignment = _WRAPPED if at == 3 else _TOP
            if number in (1, 4):
                cell.font = _BOLD
            if number == 4:
                cell.fill = _HEAD
