"""Stations that look for this computer at an address it does not have any more: who they are, and the new one.

astray = Astray(desk); astray.refresh()         # a banner, hidden while there are none
"""

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.domain.model import Station
from ui.desk import Desk
from ui.stations.dialogs import ConnectStationDialog
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import Banner, empty
from ui.widgets.buttons import Action

_NAMED = 3


class Astray(QWidget):
    """One banner for all of them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def refresh(self) -> None:
        """Ask anew who may need the new address."""
        found = self._desk.application.stations_astray()
        if found == self._shown:
            return
        self._shown = found
        empty(self._column)
        if found:
            self._column.addWidget(self._banner(found))
        self.setVisible(bool(found))

    def _banner(self, found: list[tuple[Station, str]]) -> Banner:
        names = [station.title for station, _ in found]
        who = ", ".join(names[:_NAMED])
        if len(names) > _NAMED:
            who = tr("{names} and {count} more").format(names=who, count=len(names) - _NAMED)
        title = tr("{who} may need the new address").format(who=who)
        old = ", ".join(sorted({address for _, address in found}))
        facts = tr("Set to {old}, which is not this computer any more.").format(old=old)
        show = Action(tr("Show the address"), lambda: self._desk.run(ask(ConnectStationDialog(self._desk))))
        banner = Banner("warn", title, facts, [show])
        banner.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return banner
