"""The process in which files are opened: a file made to do harm takes down this one only.

Run as `python -m app.exchange.child PATH SHEET`; it prints to its standard output what `app.exchange.answers` makes of
the table, or of what is wrong with the file, and does nothing else.
"""

import contextlib
import datetime as dt
import gc
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

from app.domain.errors import AppError
from app.domain.sheets import CellKind
from app.exchange.answers import refusal, told
from app.exchange.delimited import decoded, parsed
from app.exchange.faults import Faults, faults_in_xls, faults_in_zip
from app.exchange.tables import LARGEST_FILE, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Sheet, Workbook

LARGEST_INFLATED = 512 * 2**20
MOST_PARTS = 5_000
MEMORY_LIMIT = 2 * 2**30

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OLE = "EncryptedPackage".encode("utf-16-le")
_ONLY_TEXT = frozenset({str})


def main(path: str, sheet: str) -> int:
    """Print the table of a file; exit with 0 also when it is refused."""
    _limit_memory()
    # It makes a great many objects, of which none is garbage before it ends.
    gc.disable()
    try:
        answer = told(_read(Path(path), sheet))
    except AppError as error:
        answer = refusal(error)
    except MemoryError:
        answer = refusal(AppError("file_too_large"))
    sys.stdout.buffer.write(answer)
    return 0


def _read(path: Path, sheet: str) -> Workbook:
    data = path.read_bytes()[: LARGEST_FILE + 1]
    if len(data) > LARGEST_FILE:
        raise AppError("file_too_large")
    if not data.strip(b"\0"):
        raise AppError("file_not_there_yet" if data else "file_empty")
    if data.startswith(_ZIP):
        _check_zip(path)
    elif data.startswith(_OLE):
        if _ENCRYPTED_OLE in data:
            raise AppError("file_encrypted")
    else:
        return Workbook(parsed(decoded(data)))
    return _read_spreadsheet(data, sheet)


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > LARGEST_INFLATED:
                raise AppError("file_too_large")
            if any(part.flag_bits & 1 for part in listed):
                raise AppError("file_encrypted")
            names = {part.filename for part in listed}
            if "META-INF/manifest.xml" in names and b"encryption-data" in parts.read("META-INF/manifest.xml"):
                raise AppError("file_encrypted")
            if not names & {"[Content_Types].xml", "content.xml"}:
                raise AppError("file_not_a_table")
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise AppError("file_damaged") from error


def _read_spreadsheet(data: bytes, wanted: str) -> Workbook:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        # Not by its path: by the name's ending it would not know one kind of file from another.
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = book.sheet_names
            if wanted and wanted not in names:
                raise AppError("sheet_absent", sheet=wanted)
            for name in [wanted] if wanted else names:
                sheet = book.get_sheet_by_name(name)
                _check_size(sheet.total_width, sheet.total_height)
                rows = sheet.to_python(skip_empty_area=False)
                _check_size(max(map(len, rows), default=0), len(rows))
                found = _faults(data, name, rows)
                if rows or found or wanted:
                    return Workbook(_as_text(name, rows, found), tuple(names))
    except PasswordError as error:
        raise AppError("file_encrypted") from error
    except CalamineError as error:
        raise AppError("file_damaged") from error
    raise AppError("file_empty")


def _check_size(width: int, height: int) -> None:
    if height > MOST_ROWS:
        raise AppError("too_many_rows", limit=MOST_ROWS)
    if width > MOST_COLUMNS:
        raise AppError("too_many_columns", limit=MOST_COLUMNS)


def _faults(data: bytes, name: str, rows: list[list[Any]]) -> Faults:
    if data.startswith(_OLE):
        return faults_in_xls(data, name)
    # What could not be worked out is empty here: where nothing is, the long look can be saved.
    return faults_in_zip(data, name) if not rows or any("" in row for row in rows) else {}


def _as_text(name: str, rows: list[list[Any]], faults: Faults) -> Sheet:
    kinds: dict[tuple[int, int], CellKind] = {}
    texts: list[list[str]] = []
    for at, row in enumerate(rows):
        text = row
        if not _ONLY_TEXT.issuperset(map(type, row)):
            text = []
            for column, cell in enumerate(row):
                written, kind = _written(cell)
                text.append(written)
                if kind is not None and written:
                    kinds[at, column] = kind
        texts.append([cell[:LONGEST_CELL] for cell in text])
    _put_in(faults, texts, kinds)
    return Sheet(name, texts, kinds)


def _put_in(faults: Faults, rows: list[list[str]], kinds: dict[tuple[int, int], CellKind]) -> None:
    for (at, column), text in faults.items():
        _check_size(column + 1, at + 1)
        rows += ([] for _ in range(at + 1 - len(rows)))
        row = rows[at]
        row += [""] * (column + 1 - len(row))
        if not row[column]:
            row[column], kinds[at, column] = text[:LONGEST_CELL], CellKind.FAULT


def _written(cell: Any) -> tuple[str, CellKind | None]:
    if isinstance(cell, str):
        return cell, None
    if isinstance(cell, bool):
        return str(cell).upper(), None
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 2**53
        return (str(int(cell)) if whole else repr(cell)), CellKind.NUMBER
    if isinstance(cell, int):
        return str(cell), CellKind.NUMBER
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat(), CellKind.DATE
    return ("" if cell is None else str(cell)), CellKind.DATE


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
