"""What happened at a station: the cards held to it, the charges at it, what was asked of it, the files it sent."""

from ui.stations.asked import AskedHistory, StationFiles
from ui.stations.history import StationHistory
from ui.stations.tab import StationTab
from ui.stations.words import StationNow
from ui.strings import tr
from ui.widgets.pane_table import table_section


class HistoryTab(StationTab):
    key = "history"

    @property
    def name(self) -> str:
        return tr("History")

    def build(self, now: StationNow) -> None:
        history = StationHistory(self.desk)
        history.show_station(now.station.station_id)
        table_section(self.pane, tr("Cards and sessions")).addWidget(history)
        asked = AskedHistory(self.desk)
        asked.show_station(now.station.station_id)
        table_section(self.pane, tr("Asked of it")).addWidget(asked)
        self.pane.add_section(tr("Files")).addWidget(StationFiles(self.desk, now.station))
