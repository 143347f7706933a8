"""What a table is made of before anybody knows what its columns mean: rows of text, and what a spreadsheet took a cell
for. Apart from the rest because the process that reads files needs this and no more."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

Row = Sequence[str]


class CellKind(StrEnum):
    """What a spreadsheet took a cell for, where that was not text."""

    NUMBER = "number"
    DATE = "date"
    FAULT = "fault"  # an error value, such as #N/A, or a formula that nothing has worked out


Kinds = Mapping[tuple[int, int], CellKind]
"""By row and column, counted from 0; what is not in it is text."""
