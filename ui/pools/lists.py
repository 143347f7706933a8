"""The lists that a pool's stations keep themselves: how many are in step, which are not, who still charges by one.

pill = lists_pill(desk, pool.id)                # (words, kind, which are not in step), None without stations
lists = PoolLists(desk); lists.show_pool(pool)  # a banner while a list lets cards charge that should not
"""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.list_state import ListStatus
from app.domain.model import Pool, Registration, Station
from ui.desk import Desk
from ui.pools.words import names_of
from ui.stations.list_words import SETTLED, list_words
from ui.stations.show_tab import ShowTab
from ui.stations.words import at_clock
from ui.strings import tr
from ui.theme import Kind
from ui.widgets.boxes import Banner, empty
from ui.widgets.buttons import Action


def _lists_of(desk: Desk, pool_id: int) -> list[tuple[Station, ListStatus]]:
    application = desk.application
    return [
        (station, application.local_lists.of(station.station_id))
        for station in application.stations.all()
        if station.pool_id == pool_id and station.registration is Registration.ACCEPTED
    ]


def lists_pill(desk: Desk, pool_id: int) -> tuple[str, Kind, str] | None:
    """How many of a pool's stations hold what they should, how that is coloured, and in words which do not."""
    lists = _lists_of(desk, pool_id)
    if not lists:
        return None
    others = [(station, status) for station, status in lists if status.state not in SETTLED]
    if not others:
        return tr("Local lists in step"), "ok", ""
    connected = {station_id.casefold() for station_id in desk.application.server.connected}
    which = "\n".join(
        f"{station.title}: {list_words(status, online=station.station_id.casefold() in connected)[0]}"
        for station, status in others
    )
    words = tr("{count} of {all} local lists in step").format(count=len(lists) - len(others), all=len(lists))
    return words, "warn", which


class PoolLists(QWidget):
    """Shown while a station's list lets cards charge that should not any more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_pool(self, pool: Pool | None) -> None:
        """Look at the lists of this pool's stations."""
        found = [] if pool is None else [each for each in _lists_of(self._desk, pool.id) if each[1].still_open]
        if found == self._shown:
            return
        self._shown = found
        empty(self._column)
        self.setVisible(bool(found))
        if found:
            self._column.addWidget(self._banner(found))

    def _banner(self, found: list[tuple[Station, ListStatus]]) -> Banner:
        count = sum(status.still_open for _station, status in found)
        name = (
            tr("1 card can still charge that should not")
            if count == 1
            else tr("{count} cards can still charge that should not")
        ).format(count=count)
        since = tr("at {station} since {time}")
        facts = names_of(
            since.format(
                station=station.title, time=at_clock(self._desk, status.open_since) if status.open_since else ""
            )
            for station, status in found
        )
        show = Action(tr("Show"), lambda: self._desk.go("stations", ShowTab(found[0][0].station_id, "lid")))
        return Banner("warn", name, facts, [show])
