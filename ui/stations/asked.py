"""What was asked of one station from here and what came of it, and the files that go to it and come from it.

asked = AskedHistory(desk); asked.show_station("ALF-0021")       # follows by itself
files = StationFiles(desk, station)
"""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from app.application import MessageFilter
from app.domain.model import Message, Station
from app.domain.transfers import Transfer, TransferKind, TransferState
from ui.desk import Desk
from ui.freshness import Freshness
from ui.stations.asked_words import answer_words, asked_words
from ui.stations.asking import try_ftp
from ui.stations.words import at_clock, joined
from ui.strings import tr
from ui.theme import Tone
from ui.widgets.boxes import EmptyState, Progress, empty, row
from ui.widgets.buttons import link_button
from ui.widgets.labels import label, muted
from ui.widgets.pane_table import ROW_HEIGHT
from ui.widgets.tables import Column, RowsModel, TableView

MOST = 12
_LOOKED_AT = 200
_EMPTY_HEIGHT = 92
_FILES_SHOWN = 4


class AskedHistory(TableView):
    """Newest first; Enter or a double click opens the message."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._station_id = ""
        self._lines = RowsModel(self._columns(), key=lambda message: message.id)
        nothing = EmptyState(tr("Nothing yet"), tr("What you ask of it, from the menu above, is listed here."))
        super().__init__(self._lines, tr("Asked of it"), empty=nothing, head=False, row_height=ROW_HEIGHT)
        self.row_activated.connect(lambda message: desk.go("log", message.id))
        desk.bridge.messages_arrived.connect(self._arrived)
        self._show([])

    def show_station(self, station_id: str) -> None:
        """List what this one was asked."""
        self._station_id = station_id
        if self.isVisible():
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while it was not seen is read now, what is not stored yet a moment later."""
        super().showEvent(event)
        self._read()
        self._desk.run(self._read_what_was_written(), on_error=lambda _error: self._read())

    def _read(self) -> None:
        wanted = MessageFilter(station_id=self._station_id, asked_only=True)
        found = self._desk.application.journal.messages(wanted, limit=_LOOKED_AT)
        self._show([message for message in found if asked_words(message)][:MOST])

    def _show(self, messages: list[Message]) -> None:
        self._lines.replace(messages)
        self.setFixedHeight(len(messages) * ROW_HEIGHT + 2 if messages else _EMPTY_HEIGHT)

    def _arrived(self, messages: list[Message]) -> None:
        wanted = MessageFilter(station_id=self._station_id, asked_only=True)
        if self.isVisible() and any(wanted.admits(message) and asked_words(message) for message in messages):
            self._desk.run(self._read_what_was_written(), on_error=lambda _error: self._read())

    async def _read_what_was_written(self) -> None:
        """Messages are told before they are stored, and are listed from the store."""
        await self._desk.application.journal.flush()
        if isValid(self):
            self._read()

    def _columns(self) -> list[Column[Message]]:
        return [
            Column(
                title=tr("When"),
                text=lambda message: at_clock(self._desk, message.at),
                tone="muted",
                width=64,
                stretch=1,
            ),
            Column(title=tr("What"), text=asked_words, width=170, stretch=3),
            Column(title=tr("Answer"), text=lambda message: answer_words(message)[0], tone=_tone, width=96, stretch=2),
        ]


class StationFiles(QWidget):
    """The files that were asked for lately, each with how far it is; hidden while there are none."""

    def __init__(self, desk: Desk, station: Station) -> None:
        super().__init__()
        self._desk, self._station = desk, station
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._fresh = Freshness(self, self.refresh, desk.bridge.transfers_changed)
        self.refresh()

    def refresh(self) -> None:
        """Show them as they are now."""
        transfers = self._desk.application.transfers.recent(self._station.station_id)[:_FILES_SHOWN]
        empty(self._column)
        for transfer in transfers:
            self._add(transfer)
        if not transfers:
            self._column.addWidget(muted(tr("None since Tapdesk started.")))

    def _add(self, transfer: Transfer) -> None:
        file = Path(transfer.file) if transfer.file else None
        link = None
        if file is not None and transfer.kind is not TransferKind.FIRMWARE:
            link = link_button(tr("Open its folder"), lambda: open_folder(file.parent), tooltip=str(file))
        elif self._desk.application.transfers.may_try_ftp(transfer):
            why = tr("Ask again with an address for FTP, which is all that some stations know. FTP is not encrypted.")
            link = link_button(tr("Try FTP"), lambda: try_ftp(self._desk, self._station, transfer), tooltip=why)
        name = label(joined(_kind_words(transfer.kind), file.name if file else ""))
        self._column.addLayout(row(name, None, link) if link else row(name, None))
        self._column.addWidget(muted(joined(at_clock(self._desk, transfer.asked_at), state_words(transfer))))
        if transfer.state is TransferState.RUNNING and transfer.size:
            bar = Progress(_kind_words(transfer.kind))
            bar.show_part(transfer.moved, transfer.size)
            self._column.addWidget(bar)


def open_folder(folder: Path) -> None:
    """Show a folder in the system's own way."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def state_words(transfer: Transfer) -> str:
    """How far a file is."""
    by = transfer.protocol.value.upper()
    amount = tr("{amount} KB").format(amount=f"{transfer.moved / 1024:,.0f}")
    match transfer.state:
        case TransferState.ASKED:
            return tr("asked for by {protocol}; nothing moved yet").format(protocol=by)
        case TransferState.RUNNING:
            return joined(amount if transfer.moved else tr("under way"), transfer.said)
        case TransferState.DONE:
            return joined(tr("done"), amount, transfer.said)
        case TransferState.FAILED:
            nothing = "" if transfer.moved else tr("nothing moved by {protocol}").format(protocol=by)
            return joined(tr("it did not work"), nothing, transfer.said)


def _kind_words(kind: TransferKind) -> str:
    words = {
        TransferKind.DIAGNOSTICS: tr("Diagnostics"),
        TransferKind.SECURITY_LOG: tr("Security log"),
        TransferKind.FIRMWARE: tr("Firmware"),
    }
    return words[kind]


def _tone(message: Message) -> Tone:
    return answer_words(message)[1]
