"""The stations that want to join, each with Refuse and Accept.

newcomers = Newcomers(desk); newcomers.show_stations(stations_now(desk))
"""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.domain.model import Station
from ui.desk import Desk
from ui.stations.actions import refuse
from ui.stations.behaviour_words import also_named_words
from ui.stations.dialogs import AcceptStationDialog
from ui.stations.words import StationNow, about_words
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import Banner, empty, row
from ui.widgets.buttons import Action, link_button

_MOST = 3
_SHOWN_OF_MANY = 2


class Newcomers(QWidget):
    """A banner each; of more than three the first two and how many more there are."""

    def __init__(self, desk: Desk, show_more: Callable[[], object]) -> None:
        super().__init__()
        self._desk, self._show_more = desk, show_more
        self._shown: list[tuple[Station, str]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_stations(self, stations: Sequence[StationNow]) -> None:
        """Show those of these that wait; connected ones first, since they are there to be let in."""
        waiting = sorted((each for each in stations if each.pending), key=lambda each: not each.online)
        server = self._desk.application.server
        found = [(each.station, server.behaviour(each.station.station_id).also_named) for each in waiting]
        if found == self._shown:
            return
        self._shown = found
        empty(self._column)
        shown = found if len(found) <= _MOST else found[:_SHOWN_OF_MANY]
        for station, also_named in shown:
            self._column.addWidget(self._banner(station, also_named))
        if len(found) > len(shown):
            words = tr("and {count} more that want to join").format(count=len(found) - len(shown))
            self._column.addLayout(row(link_button(words, self._show_more, flush=True), None))
        self.setVisible(bool(found))

    def _banner(self, station: Station, also_named: str) -> Banner:
        name = tr("{station_id} wants to join").format(station_id=station.station_id)
        return Banner(
            "warn",
            name,
            " ".join(filter(None, (about_words(station), also_named and also_named_words(also_named)))),
            [
                Action(tr("Refuse"), lambda: refuse(self._desk, station)),
                Action(tr("Accept…"), lambda: accept_station(self._desk, station.station_id), "primary"),
            ],
        )


def accept_station(desk: Desk, station_id: str) -> None:
    """Ask for name and pool, then let it in."""
    desk.run(ask(AcceptStationDialog(desk, station_id)))
