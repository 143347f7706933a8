"""Try a card: what a station would answer to it, now or at another moment, and why, without a session or a tap.

try_card(desk)                                              # from Ctrl+K
try_card(desk, station_id=station.station_id)               # from a station
try_card(desk, uid=card.uid)                                # from a pass
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDateTimeEdit, QLineEdit, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.application import Verdict
from app.domain.access import OF_A_PIN, Moment
from app.domain.ids import UID_LIMIT, canonical_uid
from app.domain.model import Registration, Tap
from ui.access.explanations import why
from ui.access.trail import TrailNames, step_line, worth_telling
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.taps.words import clock, is_of_a_pin
from ui.tasks import ask
from ui.theme import font
from ui.widgets.boxes import empty, row
from ui.widgets.buttons import link_button
from ui.widgets.inputs import DropDown, FormField, Segmented
from ui.widgets.labels import label, muted, paragraph
from ui.widgets.optional_date import make_calm
from ui.widgets.pill import Pill
from ui.widgets.reading_dialog import ReadingDialog

NOW, AT = "now", "at"
_PAUSE_MS = 150


def try_card(desk: Desk, station_id: str = "", uid: str = "") -> None:
    """Open the dialog, with a station and a card filled in where they are known."""
    desk.run(ask(TryCardDialog(desk, station_id=station_id, uid=uid)))


class _DateTime(QDateTimeEdit):
    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a dialog must not change a date under the pointer.
        event.ignore()


class TryCardDialog(ReadingDialog):
    """Decides anew with every change of what is filled in. A card held to a station fills itself in."""

    def __init__(self, desk: Desk, *, station_id: str = "", uid: str = "") -> None:
        super().__init__(desk.window, tr("Try a card"), width=540, height=700)
        self._desk = desk
        self._asked = 0
        self.uid = QLineEdit(uid)
        self.uid.setMaxLength(UID_LIMIT)
        self.uid.setFont(font(mono=True))
        self.uid_field = FormField(
            tr("Hidden ID (UID) or PIN"),
            self.uid,
            helper=tr("Type it, or hold the card to any station: it fills itself in."),
        )
        self.station = DropDown(tr("Station"), self._stations())
        self.station_field = FormField(tr("Station"), self.station)
        self.when = Segmented(tr("When"), [(NOW, tr("Now")), (AT, tr("At"))])
        self.moment = _DateTime()
        self.moment.setAccessibleName(tr("Date and time"))
        self.moment.setDisplayFormat("d MMM yyyy HH:mm")
        self.moment.setCalendarPopup(True)
        self.moment.setFixedHeight(31)
        self.moment.setMinimumWidth(170)
        self.moment.lineEdit().setTextMargins(7, 0, 0, 0)
        make_calm(self.moment.calendarWidget())
        self.moment.setDateTime(_to_qt(desk.now()))
        self.moment.setEnabled(False)
        self.state, self.reason = Pill(), label(weight=600)
        self.held = muted()
        self._trail = QVBoxLayout()
        self._trail.setSpacing(6)
        self._lay_out()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.judge)
        self._connect()
        if station_id:
            self.station.select(station_id)
        self.uid.selectAll()
        self.uid.setFocus(Qt.FocusReason.OtherFocusReason)
        self.judge()

    def judge(self) -> None:
        """Ask what would be answered to what is filled in, and show it."""
        self._pause.stop()
        self._asked += 1
        self._desk.run(self._judge(self._asked), on_error=lambda error: self._say(sentence(error.code, **error.params)))

    # How it looks

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        column.addLayout(row(self.state, self.reason, None))
        column.addLayout(self._trail)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        name = label(tr("When"), weight=500)
        when = QVBoxLayout()
        when.setSpacing(5)
        when.addWidget(name)
        when.addLayout(row(self.when, self.moment, None))
        self.body.addWidget(self.uid_field)
        self.body.addWidget(self.station_field)
        self.body.addLayout(when)
        self.body.addWidget(self.held)
        self.body.addWidget(scroll, 1)
        self.held.hide()

    def _connect(self) -> None:
        self.uid.textEdited.connect(lambda _text: self._typed())
        self.station.changed.connect(lambda _station: self.judge())
        self.when.changed.connect(self._when_changed)
        self.moment.dateTimeChanged.connect(lambda _moment: self._pause.start())
        bridge = self._desk.bridge
        bridge.cards_tapped.connect(self._tapped)
        bridge.stations_changed.connect(self._stations_changed)
        for changed in (
            bridge.passes_changed,
            bridge.pools_changed,
            bridge.identities_changed,
            bridge.organizations_changed,
            bridge.sessions_changed,
        ):
            changed.connect(self._pause.start)

    def _stations(self) -> list[tuple[object, str]]:
        stations = self._desk.application.stations.all()
        return [(one.station_id, one.title) for one in stations if one.registration is Registration.ACCEPTED]

    # What happens

    def _typed(self) -> None:
        self.held.hide()
        self._pause.start()

    def _when_changed(self, when: object) -> None:
        self.moment.setEnabled(when == AT)
        if when == AT:
            self.moment.setFocus(Qt.FocusReason.OtherFocusReason)
        self.judge()

    def _stations_changed(self) -> None:
        stations = self._stations()
        if stations != [(self.station.itemData(at), self.station.itemText(at)) for at in range(self.station.count())]:
            self.station.set_choices(stations)
        self._pause.start()

    def _tapped(self, taps: Sequence[Tap]) -> None:
        # Of a PIN that was typed at a station nothing is known that could be tried.
        cards = [tap for tap in taps if not is_of_a_pin(tap) and tap.uid]
        if not cards:
            return
        tap = cards[-1]
        self.uid.setText(tap.raw_id_tag)
        self.station.select(tap.station_id)
        words = tr("Held to {station} at {time}")
        self.held.setText(words.format(station=tap.station_name, time=clock(self._desk, tap.at)))
        self.held.show()
        self.judge()

    # The decision

    def _at(self) -> datetime | None:
        """The moment that is filled in; None: now."""
        if self.when.value() == NOW:
            return None
        local: datetime = self.moment.dateTime().toPython()
        return local.astimezone(UTC)

    async def _judge(self, asked: int) -> None:
        station_id, raw_id_tag = self.station.value(), self.uid.text()
        if not isinstance(station_id, str):
            self._say(tr("No station was accepted yet, so there is none to try a card at."))
            return
        if not canonical_uid(raw_id_tag):
            self._say(tr("What the station would answer stands here, with every rule that led to it."))
            return
        at = self._at()
        verdict = await self._desk.application.taps.judge_typed(
            station_id, raw_id_tag, Moment.START, at=at, rehearsed=True
        )
        # A slower answer to what stood here before is not shown.
        if isValid(self) and asked == self._asked:
            self._show(station_id, raw_id_tag, verdict)

    def _say(self, words: str) -> None:
        if isValid(self):
            self._clear()
            self._trail.addWidget(paragraph(words, tone="muted"))

    def _clear(self) -> None:
        empty(self._trail)
        self.state.show_state("", "grey")
        self.reason.setText("")

    def _show(self, station_id: str, raw_id_tag: str, verdict: Verdict) -> None:
        self._clear()
        decision = verdict.decision
        self.state.show_state(
            tr("Accepted") if decision.accepted else tr("Refused"), "ok" if decision.accepted else "bad"
        )
        words = why(decision, verdict.pool_name)
        self.reason.setText(words[:1].upper() + words[1:])
        names = TrailNames.of_verdict(verdict, raw_id_tag)
        for step, passed in worth_telling(decision.trail):
            self._trail.addWidget(step_line(names, step, passed=passed))
        self._add_closed(station_id, verdict)
        self._add_links(verdict)

    def _add_closed(self, station_id: str, verdict: Verdict) -> None:
        until = self._desk.application.pins.closed_until(station_id) if verdict.decision.reason in OF_A_PIN else None
        if until is not None:
            words = tr("At the station itself no PIN is tried until {time}: too many were wrong.")
            self._trail.addWidget(paragraph(words.format(time=clock(self._desk, until)), tone="warn"))

    def _add_links(self, verdict: Verdict) -> None:
        links: list[QWidget] = []
        for words, page, key in (
            (tr("Open pass"), "passes", verdict.pass_id),
            (tr("Open identity"), "identities", verdict.identity_id),
            (tr("Open pool"), "pools", verdict.pool_id),
        ):
            if key is not None:
                links.append(link_button(words, lambda page=page, key=key: self._leave(page, key), flush=True))
        if links:
            self._trail.addLayout(row(*links, None, spacing=16))

    def _leave(self, page: str, key: object) -> None:
        self.accept()
        self._desk.go(page, key)


def _to_qt(moment: datetime) -> QDateTime:
    return QDateTime(moment.year, moment.month, moment.day, moment.hour, moment.minute, 0)
