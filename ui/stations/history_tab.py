"""What happened at a station: the cards held to it, the charges at it, what was asked of it, the files it sent."""

from ui.stations.asked import AskedHistory, StationFiles
from ui.stations.history import StationHistory
from ui.stations.setting_right import show_set_right
from ui.stations.tab import StationTab
from ui.stations.words import StationNow
from ui.strings import tr
from ui.widgets.boxes import empty
from ui.widgets.pane_place import keeping_place
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
        self._set_right = self.pane.add_section()
        asked = AskedHistory(self.desk)
        asked.show_station(now.station.station_id)
        table_section(self.pane, tr("Asked of it")).addWidget(asked)
        self.pane.add_section(tr("Files")).addWidget(StationFiles(self.desk, now.station))

    def show(self, now: StationNow) -> None:
        done = self.desk.application.lid.last_set_right(now.station.station_id)
        section = self._set_right.parentWidget()
        if not self.differs("set right", done) or section is None:
            return
        with keeping_place(self.pane):
            empty(self._set_right)
            section.setVisible(done is not None)
            if done is not None:
                show_set_right(self.desk, self._set_right, done)
