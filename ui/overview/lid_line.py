"""The whole site with Tapdesk closed, in one line: how many stations go on for members, which let strangers in."""

from collections.abc import Sequence

from PySide6.QtWidgets import QSizePolicy

from app.application import StationLid
from ui.desk import Desk
from ui.stations.lid_words import light_words, site_in_short
from ui.stations.show_tab import ShowTab
from ui.strings import tr
from ui.widgets.boxes import Card, row
from ui.widgets.buttons import link_button
from ui.widgets.labels import label
from ui.widgets.pill import Pill


class LidLine(Card):
    """Hidden on a site whose stations are in no pool."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._worst = ""
        self.pill, self.words = Pill(), label()
        self.link = link_button(tr("Show"), self._open)
        line = row(self.pill, self.words, None, self.link)
        line.setContentsMargins(14, 6, 6, 4)
        self.body.addLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_lids(self, lids: Sequence[StationLid]) -> None:
        """Say it of these stations."""
        words, light = site_in_short(lids)
        self.setVisible(bool(words))
        if not words:
            return
        self.pill.show_state(*light_words(light))
        self.words.setText(words)
        self._worst = next(lid.station.station_id for lid in lids if lid.check.light is light)

    def _open(self) -> None:
        self._desk.go("stations", ShowTab(self._worst, "lid"))
