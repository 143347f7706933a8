"""The last cards held to one station, and the last charges at it.

history = StationHistory(desk); history.show_station("ALF-0021")      # it follows what happens there by itself
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtGui import QShowEvent

from app.application import MessageFilter
from app.domain.model import Session, Tap, TapSource
from ui.days import energy
from ui.desk import Desk
from ui.sessions.words import who
from ui.stations.words import at_clock
from ui.strings import sentence, tr
from ui.taps.last_cards import visits
from ui.taps.words import is_of_a_pin
from ui.widgets.boxes import EmptyState
from ui.widgets.pane_table import ROW_HEIGHT
from ui.widgets.tables import Column, RowsModel, TableView

MOST = 8
_EMPTY_HEIGHT = 92


@dataclass(frozen=True)
class Happened:
    """One line; `page` and `key` are where it is told in full."""

    at: datetime
    words: str
    refused: bool
    page: str
    key: object


class StationHistory(TableView):
    """Newest first; Enter or a double click opens the message or the session."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._station_id = ""
        self._lines = RowsModel(self._columns(), key=lambda line: (line.page, line.key, line.at))
        empty = EmptyState(tr("Nothing yet"), tr("Cards held to it and charges at it are listed here."))
        super().__init__(self._lines, tr("Cards and sessions"), empty=empty, head=False, row_height=ROW_HEIGHT)
        self.row_activated.connect(lambda line: desk.go(line.page, line.key))
        desk.bridge.cards_tapped.connect(self._tapped)
        desk.bridge.sessions_reported.connect(self._reported)
        self._show([])

    def show_station(self, station_id: str) -> None:
        """List what happened at this one."""
        self._station_id = station_id
        if self.isVisible():
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while it was not seen is read now."""
        super().showEvent(event)
        self._read()

    def _read(self) -> None:
        lines = [*self._taps(), *self._sessions()]
        self._show(sorted(lines, key=lambda line: line.at, reverse=True)[:MOST])

    def _show(self, lines: list[Happened]) -> None:
        self._lines.replace(lines)
        self.setFixedHeight(len(lines) * ROW_HEIGHT + 2 if lines else _EMPTY_HEIGHT)

    def _taps(self) -> Iterable[Happened]:
        journal = self._desk.application.journal
        # A visit may be two messages.
        messages = journal.messages(MessageFilter(station_id=self._station_id, cards_only=True), limit=2 * MOST)
        found = [tap for message in messages if message.tap_id and (tap := journal.tap(message.tap_id)) is not None]
        for tap in visits(found):
            # A charge that was let in is told as a session.
            if tap.status != "Accepted" or tap.source is TapSource.AUTHORIZE:
                yield Happened(tap.at, _tapped(tap), tap.status != "Accepted", "log", tap.message_id)

    def _sessions(self) -> Iterable[Happened]:
        for session in self._desk.application.sessions.recent(station_id=self._station_id, limit=MOST):
            yield Happened(session.started_at, _charged(session), False, "sessions", session.id)

    def _tapped(self, taps: list[Tap]) -> None:
        if self.isVisible() and any(tap.station_id == self._station_id for tap in taps):
            self._desk.run(self._read_what_was_written(), on_error=lambda _error: self._read())

    async def _read_what_was_written(self) -> None:
        """Taps are told before they are stored, and are listed from the store."""
        await self._desk.application.journal.flush()
        self._read()

    def _reported(self, sessions: list[Session]) -> None:
        if self.isVisible() and any(session.station_id == self._station_id for session in sessions):
            self._read()

    def _columns(self) -> list[Column[Happened]]:
        def when(line: Happened) -> str:
            return at_clock(self._desk, line.at)

        return [
            Column(title=tr("When"), text=when, tone="muted", width=128),
            Column(
                title=tr("What"),
                text=lambda line: line.words,
                tone=lambda line: "bad" if line.refused else "text",
                width=190,
                stretch=1,
            ),
        ]


def _tapped(tap: Tap) -> str:
    whose = _who_tapped(tap)
    if tap.status == "Accepted":
        return tr("{who} was accepted").format(who=whose)
    return tr("{who} refused: {why}").format(who=whose, why=sentence(tap.reason, pool=tap.pool_name))


def _who_tapped(tap: Tap) -> str:
    if is_of_a_pin(tap):
        return tr("PIN {name}").format(name=tap.holder) if tap.holder else tr("A PIN")
    return tap.holder or tap.uid or tr("a card without UID")


def _charged(session: Session) -> str:
    if session.is_open:
        return tr("{who} began to charge").format(who=who(session))
    if session.energy_wh is None:
        return tr("{who} charged").format(who=who(session))
    return tr("{who} charged {energy}").format(who=who(session), energy=energy(session.energy_wh))
