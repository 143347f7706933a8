"""All about one station, or what can be done to several: the pane beside the table of stations.

pane = StationPane(desk)
pane.show_stations(chosen)      # again with newer ones: only what differs is shown anew, what is being typed stays
pane.tick()                     # now and then: times go on
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.application import MessageFilter
from app.domain.drafts import NAME_LIMIT
from app.domain.model import Connector, Registration, Session, Station
from ui.access.try_card import try_card
from ui.access.who_can_charge import WhoCanChargeHere
from ui.days import day
from ui.desk import Desk
from ui.sessions.words import duration, is_authorized, kwh, power, who
from ui.stations.actions import move, refuse, remove, rename
from ui.stations.history import StationHistory
from ui.stations.newcomers import accept_station
from ui.stations.words import (
    NOTHING,
    StationNow,
    at_clock,
    error_words,
    heard_words,
    joined,
    lasted,
    state_of,
    status_words,
)
from ui.strings import tr
from ui.theme import font, metrics
from ui.widgets.boxes import EmptyState, KeyValueGrid, SidePane, empty, row
from ui.widgets.buttons import Action, button, danger_button, link_button, menu_button, primary_button
from ui.widgets.inputs import DropDown
from ui.widgets.labels import label, mono, muted, paragraph
from ui.widgets.name_edit import NameEdit
from ui.widgets.pane_place import keeping_place
from ui.widgets.pane_table import table_section
from ui.widgets.pill import Pill

_NAMES = 98
_LONGEST_NAME = 230


class StationPane(SidePane):
    """The pane of the page of stations."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        # Narrower, a name beside its state and its menu would be cut on every laptop.
        self.setMinimumWidth(336)
        self._desk = desk
        self._chosen: tuple[StationNow, ...] = ()
        self._built_for: object = None
        self._told: dict[str, object] = {}
        self.name = NameEdit(tr("Name"))
        self.pool = DropDown(tr("Pool"))
        self.history = StationHistory(desk)
        self._now = QVBoxLayout()
        self._facts = KeyValueGrid()
        self.show_stations(())

    def show_stations(self, chosen: Sequence[StationNow]) -> None:
        """Tell all about one station, or offer what can be done to several."""
        self._chosen = tuple(chosen)
        one = chosen[0].station if len(chosen) == 1 else None
        built_for = (one.station_id, one.registration) if one else tuple(each.station.station_id for each in chosen)
        if built_for != self._built_for:
            self._built_for = built_for
            self._told.clear()
            self.clear()
            if one:
                self._build_one(one)
            elif chosen:
                self._build_several()
            else:
                self._build_none()
        self.tick()

    def tick(self) -> None:
        """Show what differs from what stands there."""
        if self._chosen:
            self._show_pools()
        if len(self._chosen) == 1:
            now = self._chosen[0]
            self.name.show_name(now.station.name, though_typing=False)
            self._show_head(now)
            self._show_now(now)
            self._show_facts(now)

    def edit_name(self) -> None:
        """Put the keyboard to the name."""
        if len(self._chosen) == 1:
            self.name.edit()

    def choose_pool(self) -> None:
        """Open the list of pools to move to."""
        if self._chosen:
            self.pool.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.pool.showPopup()

    # What it is made of

    def _build_none(self) -> None:
        self.add_section().addWidget(
            EmptyState(
                tr("No station is selected"),
                tr("Select one to see what happens at it, to name it, or to move it to another pool."),
            )
        )

    def _build_several(self) -> None:
        stations = [each.station for each in self._chosen]
        self.show_head(tr("{count} stations").format(count=len(stations)))
        section = self.add_section()
        section.addWidget(paragraph(tr("What you do now is done to all of them, and can be undone."), tone="muted"))
        self._make_pool()
        section.addLayout(_named(tr("Pool"), self.pool))
        section.addLayout(row(danger_button(tr("Remove"), lambda: remove(self._desk, stations)), None))

    def _build_one(self, station: Station) -> None:
        self._now, self._facts = QVBoxLayout(), KeyValueGrid()
        self._now.setSpacing(8)
        self._make_name(station)
        self._make_pool()
        if station.registration is Registration.ACCEPTED:
            self.add_section(tr("Now")).addLayout(self._now)
            fields = self.add_section()
            fields.addLayout(_named(tr("Name"), self.name))
            fields.addLayout(_named(tr("Pool"), self.pool))
            self.history = StationHistory(self._desk)
            self.history.show_station(station.station_id)
            self.add_section(tr("Who can charge here?")).addWidget(WhoCanChargeHere(self._desk, station))
            table_section(self, tr("Cards and sessions")).addWidget(self.history)
        else:
            self._add_question(station)
        self.add_section(tr("About it")).addWidget(self._facts)

    def _add_question(self, station: Station) -> None:
        section = self.add_section()
        accept = primary_button(tr("Accept…"), lambda: accept_station(self._desk, station.station_id))
        if station.registration is Registration.PENDING:
            words = tr("It wants to join. Until it is accepted nobody can charge there, and nothing it says is kept.")
            buttons = [button(tr("Refuse"), lambda: refuse(self._desk, station)), accept]
        else:
            words = tr("It was refused: nothing it says is kept. It can be let in again.")
            buttons = [accept]
        section.addWidget(paragraph(words))
        section.addLayout(row(*buttons, None))

    def _make_name(self, station: Station) -> None:
        self.name = NameEdit(tr("Name"))
        # Among other facts it looks like what it is, a field.
        self.name.setStyleSheet("")
        self.name.setFont(font())
        self.name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.name.setMaxLength(NAME_LIMIT)
        self.name.setPlaceholderText(station.station_id)
        self.name.show_name(station.name)
        # Leaving it tells the name too, and then another station may be chosen already.
        self.name.renamed.connect(lambda text, field=self.name: self._rename(station.station_id, field, text))

    def _rename(self, station_id: str, field: NameEdit, text: str) -> None:
        name = " ".join(text.split())
        field.show_name(name)
        station = self._desk.application.stations.find(station_id)
        if station is not None:
            rename(self._desk, station, name)

    def _make_pool(self) -> None:
        self.pool = DropDown(tr("Pool"))
        # The longest name of a pool must not make the pane wider.
        self.pool.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.pool.changed.connect(self._move)

    def _move(self, pool_id: object) -> None:
        if pool_id is None or isinstance(pool_id, int):
            move(self._desk, [each.station for each in self._chosen], pool_id)

    # What stands in it

    def _differs(self, part: str, content: object) -> bool:
        """Whether a part must be shown anew to say this."""
        if part in self._told and self._told[part] == content:
            return False
        self._told[part] = content
        return True

    def _show_head(self, now: StationNow) -> None:
        state = state_of(now, self._desk.now())
        if self._differs("head", (now.station, state, now.online)):
            with keeping_place(self):
                menu = menu_button(tr("Actions"), self._actions(now.station))
                menu.setObjectName("actions")
                self.show_head(now.station.title, pill=state, actions=[menu])

    def _actions(self, station: Station) -> list[Action]:
        desk = self._desk
        messages = Action(tr("Show its messages"), lambda: desk.go("log", MessageFilter(station_id=station.station_id)))
        taken_away = Action(tr("Remove"), lambda: remove(desk, [station]))
        turned_away = Action(tr("Refuse"), lambda: refuse(desk, station))
        let_in = Action(tr("Accept…"), lambda: accept_station(desk, station.station_id))
        if station.registration is Registration.PENDING:
            return [let_in, turned_away, messages, taken_away]
        if station.registration is Registration.REJECTED:
            return [let_in, messages, taken_away]
        return [
            Action(tr("Rename"), self.edit_name),
            Action(tr("Move to pool…"), self.choose_pool),
            Action(tr("Try a card…"), lambda: try_card(desk, station_id=station.station_id)),
            messages,
            turned_away,
            taken_away,
        ]

    def _show_pools(self) -> None:
        pools: list[tuple[object, str]] = [
            (summary.pool.id, summary.pool.name) for summary in self._desk.application.pools.all()
        ]
        held = {each.station.pool_id for each in self._chosen}
        if not self._differs("pools", (pools, held)):
            return
        choices = [*pools, (None, tr("No pool: nobody can charge"))]
        if len(held) > 1:
            choices.insert(0, ("several", tr("Several pools")))
        self.pool.set_choices(choices)
        self.pool.select(next(iter(held)) if len(held) == 1 else "several")

    def _show_now(self, now: StationNow) -> None:
        lines = (now.online, now.connectors, now.sessions, heard_words(self._desk, now), self._durations(now))
        if not now.accepted or not self._differs("now", lines):
            return
        with keeping_place(self):
            empty(self._now)
            if not now.online:
                self._now.addWidget(paragraph(self._why_offline(now), tone="muted"))
            elif not now.connectors:
                self._now.addWidget(muted(tr("It is connected, and has said nothing of its connectors yet.")))
            for connector in now.connectors:
                self._add_connector(now, connector)
            known = {connector.connector_id for connector in now.connectors}
            for session in now.running:
                if session.connector_id not in known:
                    self._add_session(session)

    def _durations(self, now: StationNow) -> tuple[str, ...]:
        return tuple(duration(session, self._desk.now()) for session in now.sessions)

    def _why_offline(self, now: StationNow) -> str:
        heard = now.station.last_seen_at
        if heard is None:
            return tr("It has not connected yet. It is let in as soon as it does.")
        time = lasted(self._desk.now() - heard)
        words = (
            tr("Not connected for {time}; last heard {clock}.") if time else tr("Not connected; last heard {clock}.")
        )
        if now.connectors:
            words = tr("{offline} What it said before:").format(offline=words)
        return words.format(time=time, clock=at_clock(self._desk, heard))

    def _add_connector(self, now: StationNow, connector: Connector) -> None:
        number = tr("Connector {number}").format(number=connector.connector_id)
        name = label(number if connector.connector_id else tr("Station"))
        name.setFixedWidth(_NAMES)
        since = muted(
            tr("since {time}").format(time=at_clock(self._desk, connector.changed_at)) if connector.changed_at else ""
        )
        self._now.addLayout(row(name, Pill(*status_words(connector.status)), since, None))
        if error := error_words(connector):
            said = error.casefold().replace(" ", "")
            code = connector.error_code if connector.error_code.casefold() != said else ""
            self._now.addWidget(
                paragraph(joined(error, code, connector.info if connector.info != error else ""), tone="bad")
            )
        for session in now.running:
            if session.connector_id == connector.connector_id:
                self._add_session(session)

    def _add_session(self, session: Session) -> None:
        # A button is never narrower than its words, and a name may be longer than the pane is wide.
        name = metrics(weight=500).elidedText(who(session), Qt.TextElideMode.ElideRight, _LONGEST_NAME)
        whose = link_button(f"{name} →", lambda: self._desk.go("sessions", session.id), flush=True)
        whose.setToolTip(who(session) if name != who(session) else "")
        whose.setObjectName(f"session {session.id}")
        facts = joined(
            "" if is_authorized(session) else tr("not authorized"),
            tr("{amount} kWh").format(amount=kwh(session)),
            power(session),
            duration(session, self._desk.now()),
        )
        self._now.addLayout(row(whose, None))
        self._now.addWidget(muted(facts))

    def _show_facts(self, now: StationNow) -> None:
        station, today = now.station, self._desk.now()
        first = self._desk.local(station.first_seen_at) if station.first_seen_at else None
        facts = [
            (tr("ID"), station.station_id),
            (tr("Vendor"), station.vendor),
            (tr("Model"), station.model),
            (tr("Serial number"), station.serial_number),
            (tr("Firmware"), station.firmware),
            (tr("Address"), station.address),
            (tr("First seen"), f"{day(first, today)} {first:%H:%M}" if first else ""),
            (tr("Last heard"), heard_words(self._desk, now)),
        ]
        if self._differs("facts", facts):
            mono_rows = (tr("ID"), tr("Serial number"), tr("Address"))
            self._facts.set_rows(
                [(name, mono(value) if name in mono_rows and value else value or NOTHING) for name, value in facts]
            )


def _named(name: str, field: QWidget) -> QHBoxLayout:
    """A field with its name before it, below the others."""
    before = muted(name)
    before.setFixedWidth(_NAMES)
    before.setBuddy(field)
    field.setAccessibleName(name)
    line = row(before, field)
    line.setStretch(1, 1)
    return line
