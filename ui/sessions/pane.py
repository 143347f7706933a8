"""All that is known of one session, at the right of the table.

pane = SessionPane(desk); pane.closed.connect(...)
pane.show_session(session)      # again with a newer one of the same id: what runs is shown anew, nothing else moves
pane.tick()                     # now and then, while it is on the screen
"""

from collections.abc import Callable
from datetime import timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.access import Status
from app.domain.errors import AppError
from app.domain.ids import canonical_uid
from app.domain.model import Session, Tap, TapSource
from ui.days import day
from ui.desk import Desk
from ui.sessions.words import (
    NOTHING,
    began,
    cost,
    duration,
    is_authorized,
    is_by_pin,
    is_doubtful,
    kwh,
    power,
    price,
    state_of,
    to_know,
    who,
    who_ended,
    why_decided,
    why_ended,
)
from ui.strings import tr
from ui.taps.fixes import fix_for
from ui.theme import Tone, metrics
from ui.widgets.boxes import KeyValueGrid, SidePane, row
from ui.widgets.buttons import button_for, close_button, link_button
from ui.widgets.labels import label, mono, paragraph, rich
from ui.widgets.pane_place import keeping_place

# The card is held before the charge is reported, and the report may come over a slow network.
_AROUND = timedelta(minutes=5)
_TAPS = 8
_LINK_WIDTH = 160


class SessionPane(SidePane):
    """The pane of the page of sessions."""

    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._session: Session | None = None
        self._running = KeyValueGrid()

    def show_session(self, session: Session) -> None:
        """Show this one."""
        before, self._session = self._session, session
        if before is None or (before.id, before.is_open) != (session.id, session.is_open):
            self.refresh()
            return
        if state_of(before) != state_of(session):
            self._name(session)
        self.tick()

    def tick(self) -> None:
        """Show what changes while a charge runs."""
        if self._session is not None:
            self._running.set_rows(self._running_facts(self._session))

    def refresh(self) -> None:
        """Ask anew for what surrounds the session: its station, its pass, its taps."""
        if self._session is not None:
            with keeping_place(self):
                self.clear()
                self._fill(self._session)

    def _fill(self, session: Session) -> None:
        self._name(session)
        facts = self.add_section()
        self._running = KeyValueGrid()
        facts.addWidget(self._running)
        facts.addWidget(KeyValueGrid(self._lasting_facts(session)))
        if is_doubtful(session):
            self._say_what_to_know(session, tr("To check"), "warn")
        taps = self._taps(session)
        self._say_why(session, taps)
        if ended := why_ended(session):
            why = self.add_section(tr("Why it ended"))
            why.addWidget(paragraph(_capital(ended)))
            why.addWidget(paragraph(tr("Ended by: {whom}").format(whom=who_ended(session)), tone="muted"))
        if session.flags and not is_doubtful(session):
            self._say_what_to_know(session, tr("Good to know"), "muted")
        self._list_taps(self.add_section(tr("Taps")), taps)
        self.tick()

    def _name(self, session: Session) -> None:
        close = _called(close_button(tr("Close"), self.closed.emit), "close")
        self.show_head(who(session), pill=state_of(session), actions=[close])

    # What it is

    def _running_facts(self, session: Session) -> list[tuple[str, str | QWidget]]:
        now = self._desk.now()
        started, stopped = self._desk.local(session.started_at), session.stopped_at
        energy = kwh(session)
        facts: list[tuple[str, str | QWidget]] = [
            (tr("Started"), f"{day(started, now)} {started:%H:%M:%S}" if began(session) else NOTHING)
        ]
        if stopped is not None:
            ended = self._desk.local(stopped)
            facts.append((tr("Ended"), f"{day(ended, now)} {ended:%H:%M:%S}"))
        facts.append((tr("Duration"), duration(session, now)))
        facts.append((tr("Energy"), tr("{amount} kWh").format(amount=energy) if energy != NOTHING else NOTHING))
        facts.append((tr("Cost"), cost(session)))
        if session.is_open:
            facts.append((tr("Power now"), power(session) or NOTHING))
        return facts

    def _lasting_facts(self, session: Session) -> list[tuple[str, str | QWidget]]:
        return [
            (tr("Station"), self._station(session)),
            (tr("Connector"), str(session.connector_id) if session.connector_id else NOTHING),
            (tr("Pool"), session.pool_name or NOTHING),
            (tr("Price"), price(session)),
            (tr("On the list"), _membership(session)),
            (tr("Pass"), self._pass(session)),
            (tr("Card as sent"), self._card(session)),
            (tr("Transaction"), mono(session.reference or str(session.id))),
        ]

    def _station(self, session: Session) -> str | QWidget:
        if self._desk.application.stations.find(session.station_id) is None:
            return session.station_name

        def go() -> None:
            self._desk.go("stations", session.station_id)

        return _called(_link(session.station_name, go), "station")

    def _pass(self, session: Session) -> str | QWidget:
        try:
            card = self._desk.application.passes.require(session.pass_id or 0)
        except AppError:
            return session.pass_name or session.visible_id or NOTHING

        def go() -> None:
            self._desk.go("passes", card.id)

        return _called(_link(card.title, go), "pass")

    def _card(self, session: Session) -> str | QWidget:
        if not session.raw_id_tag:
            return NOTHING
        if is_by_pin(session):
            return tr("none: a PIN was typed")

        def copy() -> None:
            QGuiApplication.clipboard().setText(session.raw_id_tag)
            self._desk.say(tr("{text} is copied.").format(text=session.raw_id_tag))

        both = QWidget()
        both.setLayout(row(mono(session.raw_id_tag), _called(link_button(tr("Copy"), copy, flush=True), "copy"), None))
        return both

    def _say_what_to_know(self, session: Session, name: str, tone: Tone) -> None:
        section = self.add_section(name)
        for each in to_know(session):
            section.addWidget(paragraph(each, tone=tone))

    # Why

    def _say_why(self, session: Session, taps: list[Tap]) -> None:
        if is_authorized(session):
            why = rich("<ok>✓</ok> {why}" if session.status else "{why}", why=_capital(why_decided(session)))
            self.add_section(tr("Why it may charge") if session.status else tr("Why its start is unknown")).addWidget(
                why
            )
            return
        section = self.add_section(tr("Why it is not authorized"))
        section.addWidget(rich("<bad>✕</bad> {why}", why=_capital(why_decided(session))))
        section.addWidget(
            paragraph(
                tr("The station reported the charge all the same, so it is kept. Ending it is up to the station."),
                tone="muted",
            )
        )
        refused = next((tap for tap in taps if tap.source is TapSource.START), None)
        fix = fix_for(self._desk, refused) if refused is not None else None
        if fix is not None:
            section.addLayout(row(_called(button_for(fix, "plain"), "fix"), None))

    # Its taps

    def _taps(self, session: Session) -> list[Tap]:
        """The taps of this card at this station while it charged, newest first."""
        uid = canonical_uid(session.raw_id_tag)
        if not uid:
            return []
        until = None if session.stopped_at is None else session.stopped_at + _AROUND
        found = self._desk.application.journal.taps(uid=uid, since=session.started_at - _AROUND, until=until)
        return [tap for tap in found if tap.station_id.casefold() == session.station_id.casefold()][:_TAPS]

    def _list_taps(self, section: QVBoxLayout, taps: list[Tap]) -> None:
        if not taps:
            section.addWidget(
                paragraph(tr("None was seen then. The station may have told of this charge later on."), tone="muted")
            )
        for tap in taps:
            accepted = tap.status == Status.ACCEPTED.value
            mark = rich("<ok>✓</ok> {source}" if accepted else "<bad>✕</bad> {source}", source=_source(tap.source))
            line = row(label(f"{self._desk.local(tap.at):%H:%M:%S}"), mark, None)
            if tap.message_id is not None:
                line.addWidget(_called(self._to_log(tap, tap.message_id), f"log {tap.id}"))
            section.addLayout(line)

    def _to_log(self, tap: Tap, message_id: int) -> QWidget:
        at = f"{self._desk.local(tap.at):%H:%M:%S}"
        made = link_button(tr("Live log"), lambda: self._desk.go("log", message_id), flush=True)
        made.setAccessibleName(tr("The tap of {time} in the live log").format(time=at))
        return made


def _source(source: TapSource) -> str:
    words = {
        TapSource.AUTHORIZE: tr("Card held"),
        TapSource.START: tr("Start reported"),
        TapSource.STOP: tr("Stop reported"),
    }
    return words[source]


def _membership(session: Session) -> str:
    if not session.pool_name or session.status != Status.ACCEPTED.value:
        return NOTHING
    return tr("yes, of {pool}").format(pool=session.pool_name) if session.is_member else tr("no")


def _link(name: str, go: Callable[[], object]) -> QWidget:
    """To another page; a long name is cut and whole in the tooltip, since a button does not shrink."""
    shown = metrics(weight=500).elidedText(name, Qt.TextElideMode.ElideRight, _LINK_WIDTH)
    made = link_button(f"{shown} →", go, flush=True, tooltip=name if shown != name else "")
    made.setAccessibleName(name)
    return made


def _called(widget: QWidget, name: str) -> QWidget:
    """Named, so that the keyboard finds the same button again after the pane was filled anew."""
    widget.setObjectName(name)
    return widget


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
