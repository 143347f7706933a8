"""The question whether a station was exchanged: it tells another serial number than the one it is known by."""

from PySide6.QtWidgets import QVBoxLayout

from app.domain.model import Station
from ui.desk import Desk
from ui.stations.actions import refuse
from ui.strings import tr
from ui.widgets.boxes import SidePane, empty, row
from ui.widgets.buttons import button, primary_button
from ui.widgets.labels import rich
from ui.widgets.pane_place import keeping_place


class ExchangedQuestion:
    """A section of the pane, of no height while there is nothing to ask."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pane: SidePane | None = None
        self._inside = QVBoxLayout()
        self._told: object = None

    def add_to(self, pane: SidePane) -> None:
        """Put it below what stands in the pane."""
        self._pane = pane
        section = pane.add_section(margins=(0, 0, 0, 0))
        self._inside.setSpacing(8)
        section.addLayout(self._inside)

    def show_station(self, station: Station) -> None:
        """Ask it of this station where that is to be asked."""
        habits = self._desk.application.habits.of(station.station_id)
        asks = (station.station_id, habits.serial_number, habits.other_serial_number)
        if self._pane is None or asks == self._told:
            return
        self._told = asks
        with keeping_place(self._pane):
            empty(self._inside)
            asked = bool(habits.other_serial_number)
            self._inside.setContentsMargins(*((16, 14, 16, 14) if asked else (0, 0, 0, 0)))
            if asked:
                self._ask(station, habits.serial_number, habits.other_serial_number)

    def _ask(self, station: Station, known: str, other: str) -> None:
        words = tr(
            "<bad>It told another serial number:</bad> <code>{other}</code> instead of <code>{known}</code>. "
            "Was the station exchanged? If not, something else uses its ID."
        )
        self._inside.addWidget(rich(words, other=other, known=known))
        said = tr("{station} is known by the serial number {other} now.").format(station=station.title, other=other)
        habits = self._desk.application.habits
        self._inside.addLayout(
            row(
                primary_button(
                    tr("It was exchanged"), lambda: self._desk.do(habits.exchanged(station.station_id), said)
                ),
                button(tr("Refuse"), lambda: refuse(self._desk, station)),
                None,
            )
        )
