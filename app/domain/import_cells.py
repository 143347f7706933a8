"""The cells of one row, read as what their columns say they are; what is wrong with them is noted, never guessed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.domain.drafts import clean_email, clean_name
from app.domain.errors import AppError
from app.domain.ids import Uid, UidKind, VisibleId, canonical_uid, classify_uid, parse_uid, parse_visible_id
from app.domain.import_fields import Columns, Field
from app.domain.sheets import CellKind, Kinds, Row
from app.domain.visible_ids import has_wrong_check_digit

Value = TypeVar("Value")

# Looked up once: before Python 3.12, naming a member of an enum takes longer than reading a cell.
_VISIBLE_ID, _UID, _EMAIL = Field.VISIBLE_ID, Field.UID, Field.EMAIL

#: Real cards have UIDs of 4, 7, 8 or 10 bytes.
SHORTEST_UID = 8

_CARD_UID = re.compile(r"(?!08)[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{16}|[0-9A-F]{20}")
_HEX = re.compile(r"[0-9A-F]+")
#: 04E12345 is a UID, 4.1E+12 was one.
_SCIENTIFIC = re.compile(r"[+-]?(\d+[.,]\d+E[+-]?\d+|\d+E\+\d+)", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}([.,' \u00a0\u202f]\d{3})+")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4})(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
#: As Excel and LibreOffice write them in the four languages; ##### is a column that was too narrow.
_FAULT = re.compile(r"#(?:[A-ZÄÖÜ]+(?:/0)? ?[!?]|N/A|N/B|NV|#+)|(?:Err|Fehler|Fout):5\d\d")
_FAULTS_BEGIN = "#EF"
_MONTHS = 12
_YES = frozenset(
    {"1", "x", "y", "yes", "true", "on", "blocked", "j", "ja", "waar", "geblokkeerd", "wahr", "gesperrt"}
    | {"o", "oui", "v", "vrai", "bloqué"}
)
_NO = frozenset({"0", "-", "n", "no", "false", "off", "nee", "onwaar", "nein", "falsch", "non", "f", "faux"})


class DayOrder(StrEnum):
    """What leads in a day whose year comes last."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Habits:
    """What all rows of a list tell of each: how many digits its whole UIDs have, 0 when they differ, and how its days
    are written, EITHER when none of them can only be read one way, or when they contradict each other."""

    uid_length: int = 0
    day_order: DayOrder = DayOrder.EITHER


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about a row, by its code. `value` is what stands there, `other` what it collides with, `offered` what
    may be meant, for the operator to choose."""

    code: str
    field: Field | None = None
    is_error: bool = True
    value: str = ""
    other: str = ""
    offered: str = ""


class Cells:
    """One row. Each reading method gives what the cell holds, None or "" when it is empty or wrong: see `problems`."""

    __slots__ = ("_at", "_columns", "_habits", "_kinds", "_texts", "problems")

    def __init__(self, row: Row, at: int, columns: Columns, kinds: Kinds, habits: Habits) -> None:
        width = len(row)
        self._texts = {each: row[column].strip() for each, column in columns.by_field.items() if column < width}
        self._at = at
        self._columns = columns.by_field
        self._kinds = kinds
        self._habits = habits
        self.problems: list[Problem] = []

    def text(self, wanted: Field) -> str:
        """What stands there, without blanks around it."""
        return self._texts.get(wanted, "")

    def name(self, wanted: Field) -> str:
        return self._read(wanted, clean_name) or ""

    def email(self) -> str:
        return self._read(_EMAIL, clean_email) or ""

    def visible_id(self) -> VisibleId | None:
        visible_id = self._read(_VISIBLE_ID, parse_visible_id)
        if visible_id and has_wrong_check_digit(visible_id):
            self.problems.append(Problem("check_digit_wrong", Field.VISIBLE_ID, is_error=False, value=visible_id))
        return visible_id

    def uid(self) -> Uid | None:
        text = self._texts.get(_UID)
        if not text:
            return None
        kind = self._kind(_UID) if self._kinds else None
        if kind is None and _CARD_UID.fullmatch(text):  # nearly every cell
            return Uid(text)
        if damage := _damage(text, kind, self._habits.uid_length):
            self.problems.append(damage)
            return None
        uid = self._read(Field.UID, parse_uid)
        if uid and classify_uid(uid) is not UidKind.CARD:
            self.problems.append(Problem("uid_unusual", Field.UID, is_error=False, value=uid))
        return uid

    def ids(self) -> tuple[Uid | None, VisibleId | None]:
        """Both IDs. Where the list has one column for them ("Auth ID"), each cell is what it plainly is."""
        uid, visible_id = self.uid(), self.visible_id()
        if self.problems and (Field.UID in self._columns) is not (Field.VISIBLE_ID in self._columns):
            problem = self.problems[-1]
            if problem.code == "visible_id_looks_like_uid":
                self.problems.pop()
                return parse_uid(problem.value), None
            if problem.code == "uid_looks_like_visible_id":
                self.problems.pop()
                return None, parse_visible_id(problem.value)
        return uid, visible_id

    def day(self, wanted: Field) -> date | None:
        """A day, its year first or last. One that can be read two ways is read as the others are, and noted if none
        tells."""
        text = self._texts.get(wanted)
        if not text:
            return None
        order = self._habits.day_order
        day = self._read(wanted, lambda text: _day(text, order))
        if day and order is DayOrder.EITHER and _day_order(text) is DayOrder.EITHER:
            other = day.replace(month=day.day, day=day.month).isoformat()
            self.problems.append(Problem("day_or_month_first", wanted, is_error=False, value=text, offered=other))
        return day

    def flag(self, wanted: Field) -> bool | None:
        """Yes or no, in four languages."""
        return self._read(wanted, _flag)

    def choice(self, wanted: Field, known: Mapping[str, str], code: str) -> str:
        """One of what is `known`, by its name in whatever case; else a problem of this code."""
        text = self._read(wanted, str) or ""
        found = known.get(text.casefold(), "") if text else ""
        if text and not found:
            self.problems.append(Problem(code, wanted, value=text))
        return found

    def has_error(self, wanted: Field | None = None) -> bool:
        """Whether something is wrong, with the row or with one of its cells."""
        return any(problem.is_error and wanted in (None, problem.field) for problem in self.problems)

    def _kind(self, wanted: Field) -> CellKind | None:
        return self._kinds.get((self._at, self._columns.get(wanted, -1)))

    def _read(self, wanted: Field, read: Callable[[str], Value]) -> Value | None:
        text = self._texts.get(wanted)
        if not text:
            return None
        if (self._kinds or text[0] in _FAULTS_BEGIN) and _is_fault(text, self._kind(wanted)):
            self.problems.append(_fault(wanted, text))
            return None
        try:
            return read(text)
        except AppError as error:
            self.problems.append(Problem(error.code, wanted, value=text))
            return None


def habits_of(rows: Sequence[Row], columns: Columns) -> Habits:
    """What these rows, without the headers, tell of each other."""
    return Habits(_usual_uid_length(rows, columns), _usual_day_order(rows, columns))


def _usual_uid_length(rows: Sequence[Row], columns: Columns) -> int:
    """The number of digits that all UIDs have but for those that lost some."""
    column = columns.by_field.get(Field.UID)
    if column is None:
        return 0
    texts = (row[column] for row in rows if column < len(row))
    lengths = {len(text if text.isalnum() else canonical_uid(text.strip())) for text in texts}
    whole = {length for length in lengths if length >= SHORTEST_UID}
    return whole.pop() if len(whole) == 1 else 0


def _usual_day_order(rows: Sequence[Row], columns: Columns) -> DayOrder:
    told: set[DayOrder | None] = set()
    for wanted in (Field.VALID_FROM, Field.VALID_UNTIL):
        column = columns.by_field.get(wanted)
        if column is not None:
            told.update(_day_order(row[column].strip()) for row in rows if column < len(row))
    if (DayOrder.DAY_FIRST in told) == (DayOrder.MONTH_FIRST in told):
        return DayOrder.EITHER
    return DayOrder.DAY_FIRST if DayOrder.DAY_FIRST in told else DayOrder.MONTH_FIRST


def _damage(text: str, kind: CellKind | None, usual_length: int) -> Problem | None:
    """What a spreadsheet did to a UID, named; only what is certain is offered."""
    if _is_fault(text, kind):
        return _fault(Field.UID, text)
    if kind is CellKind.DATE:
        return Problem("uid_became_date", Field.UID, value=text)
    if _SCIENTIFIC.fullmatch(text) or (kind is CellKind.NUMBER and not text.isdigit()):
        return Problem("uid_became_number", Field.UID, value=text)
    if _THOUSANDS.fullmatch(text):
        return Problem("uid_has_separators", Field.UID, value=text, offered=re.sub(r"\D", "", text))
    uid = canonical_uid(text)
    is_short = len(uid) < (usual_length if kind is CellKind.NUMBER and usual_length else SHORTEST_UID)
    if is_short and _HEX.fullmatch(uid):
        return Problem("uid_too_short", Field.UID, value=text, offered=uid.zfill(usual_length) if usual_length else "")
    return None


def _is_fault(text: str, kind: CellKind | None) -> bool:
    return kind is CellKind.FAULT or (text[0] in _FAULTS_BEGIN and _FAULT.fullmatch(text) is not None)


def _fault(wanted: Field, text: str) -> Problem:
    return Problem("formula_without_result" if text.startswith("=") else "cell_fault", wanted, value=text)


def _day_order(text: str) -> DayOrder | None:
    """How a day with its year last is written, as far as it tells; None where that is no question."""
    match = _YEAR_LAST.fullmatch(text)
    if match is None or match[2] == "." or match[1] == match[3]:
        return None
    if int(match[1]) > _MONTHS:
        return DayOrder.DAY_FIRST
    return DayOrder.MONTH_FIRST if int(match[3]) > _MONTHS else DayOrder.EITHER


def _day(text: str, usual: DayOrder) -> date:
    try:
        if match := _YEAR_FIRST.fullmatch(text):
            return date(*map(int, match.groups()))
        if match := _YEAR_LAST.fullmatch(text):
            day, _, month, year = match.groups()
            order = _day_order(text)
            if (usual if order is DayOrder.EITHER else order) is DayOrder.MONTH_FIRST:
                day, month = month, day
            return date(int(year), int(month), int(day))
    except ValueError as error:
        raise AppError("not_a_day") from error
    raise AppError("not_a_day")


def _flag(text: str) -> bool:
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise AppError("neither_yes_nor_no")
