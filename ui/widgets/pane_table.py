"""A short table inside a side pane: as high as its rows, scrolling by itself where there are many.

section.addWidget(pane_table(tr("Passes"), columns, summaries, key=lambda summary: summary.card.id))
section = table_section(pane, tr("Passes"))     # a section in whose table and words stand in line
section.addLayout(indented(link_button(...), None))
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.boxes import SidePane, row
from ui.widgets.cells import SIDE
from ui.widgets.labels import muted, title
from ui.widgets.tables import Column, RowsModel, TableView

Row = TypeVar("Row")
ROWS_IN_SIGHT = 8
ROW_HEIGHT = 31


def pane_table(
    name: str, columns: Sequence[Column[Row]], rows: Sequence[Row], key: Callable[[Row], Hashable]
) -> TableView:
    """A table without column heads, of eight rows at most before it scrolls."""
    model = RowsModel(columns, key)
    table = TableView(model, name, head=False, row_height=ROW_HEIGHT)
    model.replace(rows)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setFixedHeight(min(len(rows), ROWS_IN_SIGHT) * ROW_HEIGHT + 2)
    return table


def table_section(pane: SidePane, name: str, fact: str = "", *, fills: bool = False) -> QVBoxLayout:
    """A section for a table: its words begin a little to the right of its edge, so all else there is `indented`."""
    section = pane.add_section(margins=(16 - round(SIDE), 14, 4, 14), fills=fills)
    section.addLayout(indented(title(name), None, muted(fact)))
    return section


def indented(*items: QWidget | None) -> QHBoxLayout:
    """Widgets side by side, in line with the words of a table."""
    line = row(*items)
    line.setContentsMargins(round(SIDE), 0, round(SIDE), 0)
    return line
