"""What the reading process says: lines of JSON, each so short that nothing waits long while one is understood."""

from typing import Any

import orjson

from app.domain.errors import AppError
from app.domain.sheets import CellKind, Row
from app.exchange.tables import LARGEST_TABLE, Sheet, Workbook

CHUNK = 1_000


def told(book: Workbook) -> bytes:
    """A table. Raises AppError `file_too_large` when there is more in it than anybody's list has."""
    sheet = book.sheet
    kinds = [(row, column, kind.value) for (row, column), kind in sheet.kinds.items()]
    said = {"name": sheet.name, "sheets": book.sheet_names}
    lines = [said, *({"rows": rows} for rows in _chunks(sheet.rows)), *({"kinds": some} for some in _chunks(kinds))]
    size, answer = 0, []
    for line in lines:
        answer.append(orjson.dumps(line))
        size += len(answer[-1])
        if size > LARGEST_TABLE:
            raise AppError("file_too_large")
    return b"\n".join(answer)


def refusal(error: AppError) -> bytes:
    """What is wrong with a file."""
    return orjson.dumps({"error": error.code, "params": error.params})


def understood(answer: bytes) -> Workbook:
    """The table that was told. Raises the AppError of a refusal."""
    first, *lines = answer.split(b"\n")
    said = orjson.loads(first)
    if "error" in said:
        raise AppError.told(said["error"], said["params"])
    rows: list[Row] = []
    kinds: dict[tuple[int, int], CellKind] = {}
    for line in lines:
        more = orjson.loads(line)
        # Tuples of texts are nothing that the garbage collector would have to look through.
        rows += map(tuple, more.get("rows", ()))
        kinds.update(((row, column), CellKind(kind)) for row, column, kind in more.get("kinds", ()))
    return Workbook(Sheet(said["name"], rows, kinds), tuple(said["sheets"]))


def _chunks(items: Any) -> Any:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
