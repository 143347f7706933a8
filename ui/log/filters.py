"""Which messages of the live log to show: one station, one kind, cards or refusals only, a text.

filters = LogFilters(desk)
filters.changed.connect(self.reload)           # the operator changed something
application.journal.messages(filters.wanted())
"""

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.application import MessageFilter
from app.domain.model import Station
from ui.desk import Desk
from ui.strings import tr
from ui.widgets.boxes import row
from ui.widgets.inputs import DropDown, SearchField, Segmented

PAUSE_MS = 150
_FIRST = "Authorize"
# OCPP 1.6 §4, the security whitepaper, what 2.x has besides in daily use; others are added when one comes.
_USUAL = (
    "BootNotification",
    "DataTransfer",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "NotifyEvent",
    "NotifyReport",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
    "TransactionEvent",
    "TriggerMessage",
)


class LogFilters(QWidget):
    """A row of inputs. What the program changes emits nothing."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._actions = set(_USUAL)
        self.station = DropDown(tr("Station"))
        self.action = DropDown(tr("Message type"))
        self.which = Segmented(
            tr("Which messages"), [("all", tr("All")), ("cards", tr("Cards only")), ("refused", tr("Refused"))]
        )
        self.text = SearchField(tr("Search station ID, idTag or any text in a message"), pause_ms=PAUSE_MS)
        for box, width in ((self.station, 170), (self.action, 190)):
            box.setMinimumWidth(width - 25)
            box.setMaximumWidth(width)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line = row(self.station, self.action, self.which, self.text)
        for place, share in ((0, 17), (1, 19), (3, 52)):
            line.setStretch(place, share)
        self.setLayout(line)
        self.stations_changed()
        self._offer_actions()
        for signal in (self.station.changed, self.action.changed, self.which.changed, self.text.searched):
            signal.connect(self._changed)
        self._told = self.wanted()
        self._show_beginnings()

    def wanted(self) -> MessageFilter:
        """What is asked for now."""
        return MessageFilter(
            station_id=str(self.station.value() or ""),
            action=str(self.action.value() or ""),
            cards_only=self.which.value() == "cards",
            refused_only=self.which.value() == "refused",
            text=self.text.text().strip(),
        )

    def clear(self) -> None:
        """Ask for everything again."""
        self.only(MessageFilter())

    def only(self, wanted: MessageFilter) -> None:
        """Ask for these messages and no others."""
        self.saw_actions({wanted.action})
        self.station.select(wanted.station_id)
        self.action.select(wanted.action)
        self.which.select("refused" if wanted.refused_only else "cards" if wanted.cards_only else "all")
        self.text.setText(wanted.text)
        self._told = self.wanted()
        self._show_beginnings()

    def saw_actions(self, actions: set[str]) -> None:
        """Offer kinds of messages that are not usual, since they came."""
        new = actions - self._actions - {"", _FIRST}
        if new:
            self._actions |= new
            self._offer_actions()

    def stations_changed(self) -> None:
        """Offer the stations there are now, by name."""
        stations = self._desk.application.stations.all()
        names = Counter(station.title for station in stations)

        def title(station: Station) -> str:
            return station.title if names[station.title] == 1 else f"{station.title} · {station.station_id}"

        choices = [(station.station_id, title(station)) for station in stations]
        self.station.set_choices([("", tr("All stations")), *choices])
        self._show_beginnings()

    def _offer_actions(self) -> None:
        kinds = [_FIRST, *sorted(self._actions)]
        self.action.set_choices([("", tr("All message types")), *((kind, kind) for kind in kinds)])

    def _show_beginnings(self) -> None:
        """A name that is longer than its box begins at its beginning."""
        for box in (self.station, self.action):
            edit = box.lineEdit()
            if edit is not None and not edit.hasFocus():
                edit.setCursorPosition(0)

    def _changed(self) -> None:
        self._show_beginnings()
        wanted = self.wanted()
        if wanted != self._told:
            self._told = wanted
            self.changed.emit()
