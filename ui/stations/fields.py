"""What an operator gives to stations: a name, a pool. Both are changed where they stand.

fields = StationFields(desk); fields.make_name(station); fields.make_pool([station])
section.addLayout(fields.name_row())
"""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from app.domain.drafts import NAME_LIMIT
from app.domain.model import Station
from ui.desk import Desk
from ui.stations.actions import move, rename
from ui.strings import tr
from ui.theme import font
from ui.widgets.boxes import row
from ui.widgets.inputs import DropDown
from ui.widgets.labels import muted
from ui.widgets.name_edit import NameEdit

NAMES_WIDTH = 98


class StationFields:
    """`name` and `pool` are made anew for each station, so that what is being typed stays with its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stations: tuple[Station, ...] = ()
        self._shown: object = None
        self.name = NameEdit(tr("Name"))
        self.pool = DropDown(tr("Pool"))

    def make_for(self, stations: Sequence[Station]) -> None:
        """Fields for these stations; a name only where there is one."""
        self._stations, self._shown = tuple(stations), None
        self._make_pool()
        if len(stations) == 1:
            self._make_name(stations[0])

    def name_row(self) -> QHBoxLayout:
        """The name with its label."""
        return named(tr("Name"), self.name)

    def pool_row(self) -> QHBoxLayout:
        """The pool with its label."""
        return named(tr("Pool"), self.pool)

    def show(self, stations: Sequence[Station]) -> None:
        """Show what the stations have now; what is being typed stays."""
        self._stations = tuple(stations)
        if len(stations) == 1:
            self.name.show_name(stations[0].name, though_typing=False)
        self._show_pools()

    def _make_name(self, station: Station) -> None:
        self.name = NameEdit(tr("Name"))
        # Among other facts it looks like what it is, a field.
        self.name.setStyleSheet("")
        self.name.setFont(font())
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.name.setMaxLength(NAME_LIMIT)
        self.name.setPlaceholderText(station.station_id)
        self.name.show_name(station.name)
        # Leaving it tells the name too, and then another station may be chosen already.
        self.name.renamed.connect(lambda text, field=self.name: self._rename(station.station_id, field, text))

    def _rename(self, station_id: str, field: NameEdit, text: str) -> None:
        name = " ".join(text.split())
        field.show_name(name)
        station = self._desk.application.stations.find(station_id)
        if station is not None:
            rename(self._desk, station, name)

    def _make_pool(self) -> None:
        self.pool = DropDown(tr("Pool"))
        # The longest name of a pool must not make the pane wider.
        self.pool.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.pool.changed.connect(self._move)

    def _move(self, pool_id: object) -> None:
        if pool_id is None or isinstance(pool_id, int):
            move(self._desk, list(self._stations), pool_id)

    def _show_pools(self) -> None:
        pools: list[tuple[object, str]] = [
            (summary.pool.id, summary.pool.name) for summary in self._desk.application.pools.all()
        ]
        held = {station.pool_id for station in self._stations}
        if self._shown == (pools, held):
            return
        self._shown = (pools, held)
        choices = [*pools, (None, tr("No pool: nobody can charge"))]
        if len(held) > 1:
            choices.insert(0, ("several", tr("Several pools")))
        self.pool.set_choices(choices)
        self.pool.select(next(iter(held)) if len(held) == 1 else "several")


def named(name: str, field: QWidget) -> QHBoxLayout:
    """A field with its name before it, below the others."""
    before = muted(name)
    before.setFixedWidth(NAMES_WIDTH)
    before.setBuddy(field)
    field.setAccessibleName(name)
    line = row(before, field)
    line.setStretch(1, 1)
    return line
