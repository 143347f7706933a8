"""The connections that were not let in: from where, why, and what to change at the station.

knocks = Knocks(desk); knocks.refresh()         # at each `bridge.knocks_changed`, and when stations changed
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.domain.model import Knock, KnockCause
from ui.desk import Desk
from ui.stations.nameless_dialog import NamelessDialog
from ui.stations.newcomers import accept_station
from ui.stations.words import at_clock
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.boxes import Card, Line, row
from ui.widgets.buttons import close_button, link_button, primary_button
from ui.widgets.labels import heading, mono, paragraph, small

#: What knocked before that has been put right, or was a stranger.
WORTH_SHOWING = timedelta(hours=24)
_SHOWN = 2


def recent_knocks(desk: Desk, within: timedelta = WORTH_SHOWING) -> list[Knock]:
    """Those worth showing, latest first: not those of a station that is connected by now."""
    now, connected = desk.now(), {station_id.casefold() for station_id in desk.application.server.connected}
    return [
        knock
        for knock in desk.application.server.knocks
        if now - knock.at <= within and (knock.may_pose or knock.station_id.casefold() not in connected)
    ]


def why_not_let_in(desk: Desk, knock: Knock) -> str:
    """The cause, and what to change at the station."""
    url = next(iter(desk.application.station_urls(desk.host)), "")
    return sentence(f"knock.{knock.cause.value}", detail=knock.detail, station_id=knock.station_id, url=url)


class Knocks(Card):
    """The latest two, and a dialog with all; what is put away stays away until it comes again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Not let in"))
        self._desk = desk
        self._put_away: dict[tuple[str, KnockCause, str], int] = {}
        self._shown: list[Knock] | None = None
        self.all = link_button("", self._show_all)
        self.add_to_head(self.all)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.refresh()

    def refresh(self) -> None:
        """Look again at who knocked."""
        found = [knock for knock in recent_knocks(self._desk) if self._put_away.get(_same(knock)) != knock.count]
        if found == self._shown:
            return
        self._shown = found
        self.clear()
        for knock in found[:_SHOWN]:
            _add(self, self._desk, knock, close_button(tr("Put away until it comes again"), self._putting_away(knock)))
        self.all.setText(tr("Show all {count}").format(count=len(found)))
        self.all.setVisible(len(found) > _SHOWN)
        self.setVisible(bool(found))

    def _putting_away(self, knock: Knock) -> Callable[[], None]:
        def put_away() -> None:
            self._put_away[_same(knock)] = knock.count
            self.refresh()

        return put_away

    def _show_all(self) -> None:
        dialog = KnocksDialog(self._desk, self._shown or [])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class KnocksDialog(QDialog):
    """All of them, in a list that scrolls."""

    def __init__(self, desk: Desk, knocks: Sequence[Knock]) -> None:
        super().__init__(desk.window)
        self.setWindowTitle(tr("Connections that were not let in"))
        self.setAccessibleName(self.windowTitle())
        self.resize(760, 520)
        card = Card()
        for knock in knocks:
            _add(card, desk, knock, leaving=self.accept)
        card.body.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(card)
        close = primary_button(tr("Close"), self.accept)
        close.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(14)
        column.addWidget(heading(self.windowTitle()))
        column.addWidget(scroll, 1)
        column.addLayout(row(None, close))


def _same(knock: Knock) -> tuple[str, KnockCause, str]:
    return knock.address, knock.cause, knock.station_id


def _add(card: Card, desk: Desk, knock: Knock, *ends: QWidget, leaving: Callable[[], object] = lambda: None) -> None:
    """A row of where it came from, why, and how often; `leaving` is called before another dialog opens."""

    def accept() -> None:
        leaving()
        accept_station(desk, knock.station_id)

    def say_which() -> None:
        leaving()
        desk.run(ask(NamelessDialog(desk, knock.address)))

    address = mono(knock.address, weight=700)
    address.setFixedWidth(max(104, address.sizeHint().width()))
    times = tr("{count} times, last {time}") if knock.count > 1 else tr("{time}")
    when = small(times.format(count=knock.count, time=at_clock(desk, knock.at)))
    name = f"{knock.station_id}: " if knock.station_id else ""
    words = paragraph(name + why_not_let_in(desk, knock))
    words.setContentsMargins(0, 3, 0, 0)
    items: list[QWidget] = [address, words, when]
    if knock.station_id and knock.cause is KnockCause.NO_SUBPROTOCOL:
        items.append(link_button(tr("Accept it by its ID…"), accept))
    if knock.cause is KnockCause.NO_IDENTITY:
        items.append(link_button(tr("Say which it is…"), say_which))
    line = row(*items, *ends, spacing=12)
    line.setStretch(1, 1)
    line.setContentsMargins(14, 8, 10, 8)
    if card.body.count():
        card.body.addWidget(Line())
    card.body.addLayout(line)
