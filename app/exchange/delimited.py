"""Text with delimiters: CSV as it comes from anywhere, tab-separated, or pasted from a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator

from app.domain.errors import AppError
from app.exchange.tables import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Sheet

DELIMITERS = (";", ",", "\t", "|")
_BOMS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))
_SAMPLE_LINES = 50
_NAMES_DELIMITER = re.compile(r"sep=([^\s\"]|\t)\r?", re.IGNORECASE)
#: What a spreadsheet takes for the beginning of a formula, and the apostrophe that keeps it from doing so.
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with or without its mark, else Windows-1252.

    Raises AppError `file_not_a_table` when it is no text.
    """
    for encoding, mark in _BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\0" in data[:1000]:
        # Latin letters in UTF-16 have a zero for every other byte.
        return _strictly(data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def parsed(text: str, name: str = "") -> Sheet:
    """Text with delimiters as a table. Raises AppError `too_many_rows`, `too_many_columns`, `file_not_a_table`."""
    if "\0" in text:
        raise AppError("file_not_a_table")
    delimiter, text = _delimiter(text)
    csv.field_size_limit(LONGEST_CELL)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(row) > MOST_COLUMNS:
                raise AppError("too_many_columns", limit=MOST_COLUMNS)
            if len(rows) == MOST_ROWS:
                raise AppError("too_many_rows", limit=MOST_ROWS)
            rows.append([unguarded(cell) for cell in row])
    except csv.Error as error:
        raise AppError("file_not_a_table") from error
    return Sheet(name, rows)


def guarded(text: str) -> str:
    """A cell as it is written to CSV, so that no spreadsheet takes it for a formula; `unguarded` undoes it."""
    return f"'{text}" if text.startswith(_GUARDED) else text


def unguarded(text: str) -> str:
    """A cell of a CSV as it was meant."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise AppError("file_not_a_table") from error


def _delimiter(text: str) -> tuple[str, str]:
    """The delimiter, and the text without the line in which Excel names it."""
    first, _, rest = text.partition("\n")
    if named := _NAMES_DELIMITER.fullmatch(first):
        return named[1], rest
    return max(DELIMITERS, key=lambda delimiter: _evenness(text, delimiter)), text


def _evenness(text: str, delimiter: str) -> tuple[int, int]:
    """How well a delimiter explains the text: in how many lines it gives the same number of columns, and how many."""
    widths = [len(row) for row in _first_rows(text, delimiter) if row]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    return (widths.count(usual) if usual > 1 else 0, usual)


def _first_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    rows = csv.reader(io.StringIO(text[: LONGEST_CELL * 4], newline=""), delimiter=delimiter)
    try:
        for _, row in zip(range(_SAMPLE_LINES), rows, strict=False):
            yield row
    except csv.Error:
        return
