"""Capturing cards: hold one to any station, and it is on the screen, to be made a pass with one click.

await ask(CaptureDialog(desk))
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.access import Reason, Status
from app.domain.ids import UidKind, classify_uid
from app.domain.model import Registration, Tap, TapSource
from ui.assign_pass import AssignPassDialog, assign_pass
from ui.buttons import Action, button, button_for
from ui.card_drawing import CardDrawing
from ui.create_pass import CreatePassDialog, create_pass
from ui.desk import Desk
from ui.fixes import fix_for
from ui.labels import Label, heading, mono, muted, paragraph
from ui.notes import Notes
from ui.pill import Pill
from ui.strings import sentence, tr
from ui.tables import Column, RowsModel, TableView
from ui.tap_notices import TapNotices
from ui.tap_words import can_become_pass, clock, decided, verdict_now, when_and_where
from ui.theme import Kind
from ui.widgets import Card, empty, row

__all__ = ["AssignPassDialog", "CaptureDialog", "CreatePassDialog", "TapNotices", "assign_pass", "create_pass"]

_SIZE = (640, 620)
_CARDS_LISTED = 50
_STATIONS_NAMED = 3
_LIST_HEIGHT = 31 + 4 * 32 + 4
_CAPTURED_BY = frozenset({TapSource.AUTHORIZE, TapSource.START})
_EXPLAINED = frozenset({UidKind.RANDOM, UidKind.VEHICLE, UidKind.FREE_VEND, UidKind.EMPTY})


class CaptureDialog(QDialog):
    """Shows the card that was held to a reader last, and what can be done about it; listens until it is closed.

    What is done in it is told in notes of its own, since those of the window lie behind it.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.window)
        self.setWindowTitle(tr("Capture cards"))
        self.setAccessibleName(self.windowTitle())
        self.resize(*_SIZE)
        self.desk = Desk(desk.application, desk.bridge, Notes(self), self, desk.host)
        self.desk.setParent(self)
        self.desk.going.connect(lambda page, key: self._leave(desk, page, key))
        self.tap: Tap | None = None
        self._lay_out()
        # Nothing wears the focus ring while there is nothing to do.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()
        bridge = desk.bridge
        bridge.cards_tapped.connect(self._cards_tapped)
        for signal in (bridge.passes_changed, bridge.pools_changed, bridge.stations_changed):
            signal.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        self.drawing = CardDrawing()
        self.state = Pill()
        self.headline, self.where = Label("", 15, 600), muted()
        self.uid = mono("", 26, 700)
        self.explanation = paragraph(tone="muted")
        self.explanation.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.explanation.setMaximumWidth(460)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(10)
        middle = QVBoxLayout()
        middle.setSpacing(12)
        middle.addStretch(1)
        for widget in (self.drawing, self.headline, self.uid, self.where, self.state):
            middle.addLayout(_centred(widget))
        explained = _centred(self.explanation)
        explained.setStretch(1, 100)
        middle.addLayout(explained)
        middle.addLayout(self._actions)
        middle.addStretch(1)
        self.cards: RowsModel[Tap] = RowsModel(self._columns(), key=lambda tap: tap.uid, limit=_CARDS_LISTED)
        self.table = TableView(self.cards, tr("Cards held to a reader"))
        self.table.row_selected.connect(self._chosen)
        self._listed = Card(tr("Cards so far"))
        self._listed.body.addWidget(self.table)
        self.table.setFixedHeight(_LIST_HEIGHT)
        self._listed.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(14)
        about = muted(tr("Each card held to a reader appears here"))
        column.addLayout(row(heading(tr("Capture cards")), about, None, button(tr("Finish"), self.accept)))
        column.addLayout(middle, 1)
        column.addWidget(self._listed)

    def _columns(self) -> list[Column[Tap]]:
        return [
            Column(title=tr("Time"), text=lambda tap: clock(self.desk, tap.at), mono=True, width=90, sort=None),
            Column(title=tr("Hidden ID (UID)"), text=lambda tap: tap.uid, mono=True, width=160, sort=None),
            Column(title=tr("Station"), text=lambda tap: tap.station_name, width=110, stretch=1, sort=None),
            Column(title=tr("Outcome"), text=_outcome, pill=_kind, width=200, stretch=2, sort=None),
        ]

    def _cards_tapped(self, taps: Sequence[Tap]) -> None:
        shown = [tap for tap in reversed(taps) if tap.source in _CAPTURED_BY]
        if not shown:
            return
        self.cards.insert_at_top(shown)
        self._listed.setVisible(self.cards.total() > 1)
        if not self._is_answering():
            self.table.clearSelection()
            self.tap = shown[0]
            self._show()

    def _is_answering(self) -> bool:
        """Whether a dialog about an earlier card is open: it must not change behind the operator's back."""
        return any(dialog.isVisible() for dialog in self.findChildren(QDialog))

    def _chosen(self, tap: Tap | None) -> None:
        if tap is not None and tap != self.tap:
            self.tap = tap
            self._show()

    def _show(self) -> None:
        empty(self._actions)
        for widget in (self.uid, self.where, self.explanation):
            widget.hide()
        self.state.show_state("", "grey")
        if self.tap is None:
            self._show_waiting()
        else:
            self._show_tap(self.tap)

    def _show_waiting(self) -> None:
        application = self.desk.application
        accepted = [one for one in application.stations.all() if one.registration is Registration.ACCEPTED]
        online = [station.title for station in accepted if station.station_id in application.server.connected]
        self.drawing.show_kind(None)
        self.headline.setText(tr("Hold a card to any station") if online else tr("No station is online"))
        if online:
            named = ", ".join(online[:_STATIONS_NAMED])
            others = len(online) - _STATIONS_NAMED
            words = tr("Listening: {stations} and {count} more") if others > 0 else tr("Listening: {stations}")
            self._say(words.format(stations=named, count=others))
        else:
            urls = application.station_urls(self.desk.host) if application.server.port else []
            self._say("\n".join([tr("Stations connect to this address:"), *urls[:1]]) if urls else "")

    def _show_tap(self, tap: Tap) -> None:
        verdict = verdict_now(self.desk, tap)
        unknown = verdict.pass_id is None
        self.uid.setText(tap.uid)
        self.uid.setVisible(bool(tap.uid))
        self.where.setText(when_and_where(self.desk, tap))
        self.where.show()
        kind: Kind = "ok" if verdict.decision.accepted else "warn" if unknown else "bad"
        self.drawing.show_kind(kind)
        if unknown:
            is_card = verdict.decision.reason is Reason.UNKNOWN_CARD
            self.headline.setText(tr("Unknown card") if is_card else _outcome(tap))
        else:
            title = self.desk.application.passes.require(verdict.pass_id).title if verdict.pass_id else ""
            self.headline.setText(" · ".join(dict.fromkeys(part for part in (verdict.holder, title) if part)))
            self._show_state(tap, accepted_now=verdict.decision.accepted)
        what = classify_uid(tap.uid)
        if what in _EXPLAINED:
            self._say(sentence(f"kind.{what.value}"))
        self._offer(tap, unknown=unknown)

    def _show_state(self, tap: Tap, *, accepted_now: bool) -> None:
        if tap.status != Status.ACCEPTED.value and accepted_now:
            self.state.show_state(tr("Hold the card again"), "info")
        else:
            self.state.show_state(_outcome(tap), _kind(tap))

    def _offer(self, tap: Tap, *, unknown: bool) -> None:
        fix = fix_for(self.desk, tap)
        offered = [Action(fix.text, fix.run, "primary")] if fix is not None else []
        if unknown and fix is not None and can_become_pass(tap):
            offered.append(Action(tr("Assign to a pass…"), lambda: assign_pass(self.desk, tap)))
        self._actions.addStretch(1)
        for number, action in enumerate(offered):
            made = button_for(action)
            self._actions.addWidget(made)
            if number == 0 and not self._is_answering():
                made.setFocus()
        self._actions.addStretch(1)

    def _say(self, words: str) -> None:
        self.explanation.say(words)
        self.explanation.setVisible(bool(words))

    def _leave(self, desk: Desk, page: str, key: object) -> None:
        self.accept()
        desk.go(page, key)


def _centred(widget: QWidget) -> QHBoxLayout:
    return row(None, widget, None)


def _outcome(tap: Tap) -> str:
    return decided(tap.status, tap.reason, holder=tap.holder, pool=tap.pool_name)


def _kind(tap: Tap) -> Kind:
    return "ok" if tap.status == Status.ACCEPTED.value else "bad"
