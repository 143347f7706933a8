"""A table as it came out of a file or the clipboard: text in rows, whatever wrote it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.sheets import CellKind, Row

#: More than any site has cards; beyond it a file is something else, or several lists.
MOST_ROWS = 200_000
MOST_COLUMNS = 256
LONGEST_CELL = 32_767
LARGEST_FILE = 64 * 2**20
#: Of all that stands in a table: one text may stand in millions of cells and in the file but once.
LARGEST_TABLE = 128 * 2**20


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; `kinds` tells of cells that were not text. A row may be shorter than others: the rest of it is empty.

    Moments are written as ISO 8601, whole numbers without a point, what is empty as an empty text.
    """

    name: str
    rows: Sequence[Row]
    kinds: Mapping[tuple[int, int], CellKind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheet that was asked for (or the first with anything in it), and the names of all."""

    sheet: Sheet
    sheet_names: tuple[str, ...] = ()
