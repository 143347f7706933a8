"""One tab of the station's pane: what stands below its head while it is chosen.

class HistoryTab(StationTab):
    key = "history"
    ...
    def build(self, now): ...           # sections of `self.pane`; once, each time the tab is opened for a station
    def show(self, now): ...            # now and then: what differs from what stands there
"""

from ui.desk import Desk
from ui.stations.words import StationNow
from ui.widgets.boxes import SidePane


class StationTab:
    """`build` is called when the tab is opened or another station shown, then `show` whenever something may differ."""

    key = ""

    def __init__(self, desk: Desk, pane: SidePane) -> None:
        self.desk = desk
        self.pane = pane
        self._told: dict[str, object] = {}

    @property
    def name(self) -> str:
        """What stands on the tab."""
        raise NotImplementedError

    def begin(self, now: StationNow) -> None:
        """Build it anew."""
        self._told.clear()
        self.build(now)
        self.show(now)

    def build(self, now: StationNow) -> None:
        """Put the tab's sections into the pane."""

    def show(self, now: StationNow) -> None:
        """Show what differs from what stands there."""

    def differs(self, part: str, content: object) -> bool:
        """Whether a part must be shown anew to say this."""
        if part in self._told and self._told[part] == content:
            return False
        self._told[part] = content
        return True

    def forget(self, part: str) -> None:
        """Show a part anew, whatever stands there."""
        self._told.pop(part, None)
