"""Cells that a spreadsheet could not work out, such as #N/A: python-calamine gives them as empty, they are sought here.

Also formulas that no program has worked out yet. Each is found as `Faults`: what stands there, by row and column
counted from 0.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.parsers import expat

from app.domain.errors import AppError
from app.exchange.tables import MOST_COLUMNS, MOST_ROWS

Faults = Mapping[tuple[int, int], str]

_WORKBOOK = "xl/workbook.xml"
_WORKBOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
_OPEN_DOCUMENT = "content.xml"
#: Without one of these there is neither an error nor a formula in a sheet: telling that is twenty times as fast.
_XLSX_HINTS = (b't="e"', b"t='e'", b"<f", b":f>", b":f ")
_ODS_HINT = b'"error"'
_ODS = "urn:oasis:names:tc:opendocument:xmlns:table:1.0:"
_ODS_CELLS = frozenset({f"{_ODS}table-cell", f"{_ODS}covered-table-cell"})
_ODS_TABLE, _ODS_NAME = f"{_ODS}table", f"{_ODS}name"
_ODS_ROW, _ODS_ROWS, _ODS_COLUMNS = f"{_ODS}table-row", f"{_ODS}number-rows-repeated", f"{_ODS}number-columns-repeated"
_BROKEN = (expat.ExpatError, ElementTree.ParseError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError)


def faults_in_zip(data: bytes, sheet: str) -> Faults:
    """Those of a sheet of an xlsx or an ods; none for other kinds. Raises AppError `file_damaged`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = set(parts.namelist())
            if _OPEN_DOCUMENT in names:
                xml = parts.read(_OPEN_DOCUMENT)
                return _OpenDocument(sheet).read(xml) if _ODS_HINT in xml else {}
            if _WORKBOOK in names:
                xml = parts.read(_part_of(parts, sheet))
                return _Worksheet().read(xml) if any(hint in xml for hint in _XLSX_HINTS) else {}
    except _BROKEN as error:
        raise AppError("file_damaged") from error
    return {}


def faults_in_xls(data: bytes, sheet: str) -> Faults:
    """Those of a sheet of an xls. Raises AppError `file_damaged`."""
    import xlrd
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    try:
        book = xlrd.open_workbook(
            file_contents=data, on_demand=True, ignore_workbook_corruption=True, logfile=io.StringIO()
        )
        page = book.sheet_by_name(sheet)
        return {
            (row, column): xlrd.error_text_from_code.get(int(page.cell_value(row, column)), "#N/A")
            for row in range(page.nrows)
            for column, kind in enumerate(page.row_types(row))
            if kind == xlrd.XL_CELL_ERROR
        }
    except (XLRDError, CompDocError, struct.error, LookupError, ValueError, AssertionError) as error:
        raise AppError("file_damaged") from error


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str:
    """Which part of an xlsx holds the sheet of this name."""
    for each in ElementTree.fromstring(parts.read(_WORKBOOK)).iter():  # noqa: S314 - expat limits what entities become
        if _local(each.tag) == "sheet" and each.get("name") == sheet:
            wanted = next(value for name, value in each.attrib.items() if _local(name) == "id")
            break
    else:
        raise KeyError(sheet)
    for each in ElementTree.fromstring(parts.read(_WORKBOOK_RELATIONS)):  # noqa: S314
        if each.get("Id") == wanted:
            target = each.get("Target", "")
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(wanted)


def _local(name: str) -> str:
    """Without its namespace, or the prefix that stands for one."""
    return name[max(name.rfind("}"), name.rfind(":")) + 1 :]


class _Worksheet:
    """One sheet of an xlsx, whose rows and cells may say where they are, or follow each other.

    Millions of elements stream by: what they hold is looked at only within a cell that may be one of those wanted.
    """

    def __init__(self) -> None:
        self._faults: dict[tuple[int, int], str] = {}
        self._row = self._column = -1  # the one before the first
        self._cell: dict[str, str] = {}
        self._kept = ""
        self._said = {"v": "", "f": ""}
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin

    def read(self, xml: bytes) -> Faults:
        self._parser.Parse(xml, True)
        return self._faults

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name) if ":" in name else name
        if local == "c":
            self._column += 1
            self._cell = attributes
            if attributes.get("t") == "e":
                self._look_into()
        elif local == "f":
            if self._parser.EndElementHandler is None:
                self._look_into()
            self._kept = "f"
        elif local == "v":
            self._kept = "v"
        elif local == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1

    def _look_into(self) -> None:
        self._said = {"v": "", "f": ""}
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        if self._kept:
            self._said[self._kept] += text

    def _end(self, name: str) -> None:
        self._kept = ""
        if _local(name) != "c":
            return
        self._parser.EndElementHandler = self._parser.CharacterDataHandler = None
        kind, value = self._cell.get("t"), self._said["v"]
        # A formula whose result is an empty text says so by its type.
        if kind == "e" or (kind is None and not value):
            place = self._cell.get("r")
            self._faults[self._row, _column(place) if place else self._column] = value or f"={self._said['f']}"


class _OpenDocument:
    """One sheet of an ods, whose rows and cells say how often they are repeated instead of where they are."""

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._faults: dict[tuple[int, int], str] = {}
        self._is_wanted = False
        self._row = self._column = 0
        self._rows = self._columns = 0  # how often the one before is there
        self._said: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=":")
        self._parser.StartElementHandler = self._begin

    def read(self, xml: bytes) -> Faults:
        self._parser.Parse(xml, True)
        return self._faults

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        if name in _ODS_CELLS:
            self._column += self._columns
            self._columns = int(attributes.get(_ODS_COLUMNS, 1))
            # LibreOffice's own word for it stands beside that of the standard, which knows no errors.
            if self._is_wanted and "error" in attributes.values():
                self._said = []
                self._parser.CharacterDataHandler = self._said.append
                self._parser.EndElementHandler = self._end
        elif name == _ODS_ROW:
            self._row += self._rows
            self._rows = int(attributes.get(_ODS_ROWS, 1))
            self._column = self._columns = 0
        elif name == _ODS_TABLE:
            self._is_wanted = attributes.get(_ODS_NAME) == self._sheet
            self._row = self._rows = 0

    def _end(self, name: str) -> None:
        if name in _ODS_CELLS:
            self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
            said = "".join(self._said).strip() or "#N/A"
            for row in range(self._row, min(self._row + self._rows, MOST_ROWS)):
                for column in range(self._column, min(self._column + self._columns, MOST_COLUMNS)):
                    self._faults[row, column] = said


def _column(place: str) -> int:
    """The column of a place such as AB12, counted from 0."""
    number = 0
    for letter in place.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number - 1
