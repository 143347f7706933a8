"""What a station does at this moment, what it is called and in which pool, who can charge there, what it says it is."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from app.domain.model import Connector, ConnectorStatus, Session
from ui.access.who_can_charge import WhoCanChargeHere
from ui.days import day
from ui.desk import Desk
from ui.sessions.words import duration, is_authorized, kwh, power, who
from ui.stations.asking import ask_to_start, ask_to_stop, ask_to_unlock
from ui.stations.exchanged import ExchangedQuestion
from ui.stations.fields import NAMES_WIDTH, StationFields
from ui.stations.security import SecuritySection
from ui.stations.tab import StationTab
from ui.stations.words import (
    NOTHING,
    StationNow,
    at_clock,
    error_words,
    heard_words,
    joined,
    lasted,
    reservation_words,
    status_words,
)
from ui.strings import tr
from ui.theme import metrics
from ui.widgets.boxes import KeyValueGrid, SidePane, empty, row
from ui.widgets.buttons import link_button
from ui.widgets.labels import label, mono, muted, paragraph
from ui.widgets.pane_place import keeping_place
from ui.widgets.pill import Pill

_LONGEST_NAME = 230


class NowTab(StationTab):
    """`about` stands alone for a station that is not let in."""

    key = "now"

    def __init__(self, desk: Desk, pane: SidePane, fields: StationFields) -> None:
        super().__init__(desk, pane)
        self._fields = fields
        self._now = QVBoxLayout()
        self._facts = KeyValueGrid()
        self._question = ExchangedQuestion(desk)
        self._security = SecuritySection(desk)

    @property
    def name(self) -> str:
        return tr("Now")

    def build(self, now: StationNow) -> None:
        self._question = ExchangedQuestion(self.desk)
        self._question.add_to(self.pane)
        self._now = QVBoxLayout()
        self._now.setSpacing(8)
        self.pane.add_section(tr("Now")).addLayout(self._now)
        fields = self.pane.add_section()
        fields.addLayout(self._fields.name_row())
        fields.addLayout(self._fields.pool_row())
        self.pane.add_section(tr("Who can charge here?")).addWidget(WhoCanChargeHere(self.desk, now.station))
        self._security = SecuritySection(self.desk)
        self.pane.add_section(tr("Connection")).addWidget(self._security)
        self.build_about()

    def build_about(self) -> None:
        """What the station says of itself."""
        self.forget("facts")
        self._facts = KeyValueGrid()
        self.pane.add_section(tr("About it")).addWidget(self._facts)

    def show(self, now: StationNow) -> None:
        self._question.show_station(now.station)
        self._show_now(now)
        self._security.show_station(now)
        self.show_about(now)

    def _show_now(self, now: StationNow) -> None:
        lines = (
            now.online,
            now.connectors,
            now.sessions,
            now.reservations,
            heard_words(self.desk, now),
            self._durations(now),
        )
        if not now.accepted or not self.differs("now", lines):
            return
        with keeping_place(self.pane):
            empty(self._now)
            if not now.online:
                self._now.addWidget(paragraph(self._why_offline(now), tone="muted"))
            elif not now.connectors:
                self._now.addWidget(muted(tr("It is connected, and has said nothing of its connectors yet.")))
            for connector in now.connectors:
                self._add_connector(now, connector)
            for reservation in now.reservations:
                if reservation.connector_id is None:
                    self._now.addWidget(muted(reservation_words(self.desk, reservation)))
            known = {connector.connector_id for connector in now.connectors}
            for session in now.running:
                if session.connector_id not in known:
                    self._add_session(session)

    def _durations(self, now: StationNow) -> tuple[str, ...]:
        return tuple(duration(session, self.desk.now()) for session in now.sessions)

    def _why_offline(self, now: StationNow) -> str:
        heard = now.station.last_seen_at
        if heard is None:
            return tr("It has not connected yet. It is let in as soon as it does.")
        time = lasted(self.desk.now() - heard)
        words = (
            tr("Not connected for {time}; last heard {clock}.") if time else tr("Not connected; last heard {clock}.")
        )
        if now.connectors:
            words = tr("{offline} What it said before:").format(offline=words)
        return words.format(time=time, clock=at_clock(self.desk, heard))

    def _add_connector(self, now: StationNow, connector: Connector) -> None:
        number = tr("Connector {number}").format(number=connector.connector_id)
        name = label(number if connector.connector_id else tr("Station"))
        name.setFixedWidth(NAMES_WIDTH)
        since = muted(
            tr("since {time}").format(time=at_clock(self.desk, connector.changed_at)) if connector.changed_at else ""
        )
        self._now.addLayout(
            row(name, Pill(*status_words(connector.status)), since, None, *self._buttons(now, connector))
        )
        if error := error_words(connector):
            said = error.casefold().replace(" ", "")
            code = connector.error_code if connector.error_code.casefold() != said else ""
            self._now.addWidget(
                paragraph(joined(error, code, connector.info if connector.info != error else ""), tone="bad")
            )
        for reservation in now.reservations:
            if reservation.connector_id == connector.connector_id:
                self._now.addWidget(muted(reservation_words(self.desk, reservation)))
        for session in now.running:
            if session.connector_id == connector.connector_id:
                self._add_session(session)

    def _buttons(self, now: StationNow, connector: Connector) -> list[QPushButton]:
        """What can be asked of one connector of a station that is there."""
        if not connector.connector_id or not now.online:
            return []
        number, made = connector.connector_id, []
        running = [session for session in now.running if session.connector_id == number]
        if running:
            made.append(link_button(tr("Stop"), lambda: ask_to_stop(self.desk, now.station, running[0])))
        elif connector.status is not ConnectorStatus.UNAVAILABLE:
            made.append(link_button(tr("Start…"), lambda: ask_to_start(self.desk, now.station, number)))
        made.append(link_button(tr("Unlock"), lambda: ask_to_unlock(self.desk, now, number)))
        for each in made:
            each.setObjectName(f"{each.text()} {number}")
        return made

    def _add_session(self, session: Session) -> None:
        # A button is never narrower than its words, and a name may be longer than the pane is wide.
        name = metrics(weight=500).elidedText(who(session), Qt.TextElideMode.ElideRight, _LONGEST_NAME)
        whose = link_button(f"{name} →", lambda: self.desk.go("sessions", session.id), flush=True)
        whose.setToolTip(who(session) if name != who(session) else "")
        whose.setObjectName(f"session {session.id}")
        facts = joined(
            "" if is_authorized(session) else tr("not authorized"),
            tr("{amount} kWh").format(amount=kwh(session)),
            power(session),
            duration(session, self.desk.now()),
        )
        self._now.addLayout(row(whose, None))
        self._now.addWidget(muted(facts))

    def show_about(self, now: StationNow) -> None:
        """Show what the station says of itself."""
        station, today = now.station, self.desk.now()
        first = self.desk.local(station.first_seen_at) if station.first_seen_at else None
        facts = [
            (tr("ID"), station.station_id),
            (tr("Vendor"), station.vendor),
            (tr("Model"), station.model),
            (tr("Serial number"), station.serial_number),
            (tr("Firmware"), station.firmware),
            (tr("Speaks"), f"OCPP {station.ocpp_version}" if station.ocpp_version else ""),
            (tr("Address"), station.address),
            (tr("First seen"), f"{day(first, today)} {first:%H:%M}" if first else ""),
            (tr("Last heard"), heard_words(self.desk, now)),
        ]
        if self.differs("facts", facts):
            mono_rows = (tr("ID"), tr("Serial number"), tr("Address"))
            self._facts.set_rows(
                [(name, mono(value) if name in mono_rows and value else value or NOTHING) for name, value in facts]
            )
