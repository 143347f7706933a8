"""All about one station, or what can be done to several: the pane beside the table of stations.

pane = StationPane(desk)
pane.show_stations(chosen)      # again with newer ones: only what differs is shown anew, what is being typed stays
pane.tick()                     # now and then: times go on
pane.open_tab("history")        # the keys are those of `StationPane.tabs`
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from app.application import MessageFilter
from app.domain.model import Registration, Station
from ui.access.try_card import try_card
from ui.desk import Desk
from ui.stations.actions import refuse, remove
from ui.stations.asking import commands_for
from ui.stations.behaviour_tab import BehaviourTab
from ui.stations.configuration_tab import ConfigurationTab
from ui.stations.fields import StationFields
from ui.stations.history_tab import HistoryTab
from ui.stations.lid_tab import LidTab
from ui.stations.newcomers import accept_station
from ui.stations.now_tab import NowTab
from ui.stations.tab import StationTab
from ui.stations.words import StationNow, state_of
from ui.strings import tr
from ui.widgets.boxes import CardHead, EmptyState, SidePane, row
from ui.widgets.buttons import Action, button, danger_button, menu_button, primary_button
from ui.widgets.inputs import Segmented
from ui.widgets.labels import paragraph
from ui.widgets.pane_place import keeping_place

#: Wider where the tabs need it.
WIDTH = 452


class StationPane(SidePane):
    """The pane of the page of stations."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(WIDTH)
        self._desk = desk
        self._chosen: tuple[StationNow, ...] = ()
        self._built_for: object = None
        self._head_told: object = None
        self.fields = StationFields(desk)
        self._now_tab = NowTab(desk, self, self.fields)
        self.tabs: tuple[StationTab, ...] = (
            self._now_tab,
            LidTab(desk, self),
            ConfigurationTab(desk, self),
            HistoryTab(desk, self),
            BehaviourTab(desk, self),
        )
        self.strip = Segmented(tr("What to show of it"), [(tab.key, tab.name) for tab in self.tabs])
        self.strip.changed.connect(lambda _key: self._rebuild())
        self._strip_row = self._place_strip()
        least = self._strip_row.sizeHint().width()
        self.setMinimumWidth(least)
        self.setMaximumWidth(max(WIDTH, least))
        self.show_stations(())

    def show_stations(self, chosen: Sequence[StationNow]) -> None:
        """Tell all about one station, or offer what can be done to several."""
        self._chosen = tuple(chosen)
        one = chosen[0].station if len(chosen) == 1 else None
        built_for = (one.station_id, one.registration) if one else tuple(each.station.station_id for each in chosen)
        if built_for != self._built_for:
            self._built_for = built_for
            self._rebuild()
        else:
            self.tick()

    def open_tab(self, key: str) -> None:
        """Show that tab, of this station and of those that are selected next."""
        if self.strip.value() != key:
            self.strip.select(key)
            self._rebuild()

    def tick(self) -> None:
        """Show what differs from what stands there."""
        if self._chosen:
            self.fields.show([each.station for each in self._chosen])
        if len(self._chosen) != 1:
            return
        now = self._chosen[0]
        self._show_head(now)
        if now.accepted:
            self._tab().show(now)
        else:
            self._now_tab.show_about(now)

    def edit_name(self) -> None:
        """Put the keyboard to the name."""
        if len(self._chosen) == 1:
            self._open_now()
            self.fields.name.edit()

    def choose_pool(self) -> None:
        """Open the list of pools to move to."""
        if self._chosen:
            self._open_now()
            self.fields.pool.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.fields.pool.showPopup()

    # What it is made of

    def _place_strip(self) -> QFrame:
        """Below the head, and not scrolled with what stands below it."""
        frame = CardHead()
        line = row(self.strip, None)
        line.setContentsMargins(16, 9, 16, 9)
        frame.setLayout(line)
        frame.hide()
        self._column.insertWidget(1, frame)
        return frame

    def _tab(self) -> StationTab:
        return next(tab for tab in self.tabs if tab.key == self.strip.value())

    def _open_now(self) -> None:
        if len(self._chosen) == 1 and self._chosen[0].accepted:
            self.open_tab(self._now_tab.key)

    def _rebuild(self) -> None:
        self._head_told = None
        self.clear()
        self.fields.make_for([each.station for each in self._chosen])
        one = self._chosen[0] if len(self._chosen) == 1 else None
        self._strip_row.setVisible(one is not None and one.accepted)
        if one is None:
            self._build_several() if self._chosen else self._build_none()
        elif one.accepted:
            self._tab().begin(one)
        else:
            self._add_question(one.station)
            self._now_tab.build_about()
        self.tick()

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
        section.addLayout(self.fields.pool_row())
        section.addLayout(row(danger_button(tr("Remove"), lambda: remove(self._desk, stations)), None))

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

    def _show_head(self, now: StationNow) -> None:
        state = state_of(now, self._desk.now())
        told = (now.station, state, now.online, now.connectors, now.sessions, now.reservations)
        if self._head_told != told:
            self._head_told = told
            with keeping_place(self):
                menu = menu_button(tr("Actions"), self._actions(now))
                menu.setObjectName("actions")
                self.show_head(now.station.title, pill=state, actions=[menu])

    def _actions(self, now: StationNow) -> list[Action | None]:
        desk, station = self._desk, now.station
        messages = Action(tr("Show its messages"), lambda: desk.go("log", MessageFilter(station_id=station.station_id)))
        taken_away = Action(tr("Remove"), lambda: remove(desk, [station]))
        turned_away = Action(tr("Refuse"), lambda: refuse(desk, station))
        let_in = Action(tr("Accept…"), lambda: accept_station(desk, station.station_id))
        if station.registration is Registration.PENDING:
            return [let_in, turned_away, messages, taken_away]
        if station.registration is Registration.REJECTED:
            return [let_in, messages, taken_away]
        return [
            *commands_for(desk, now),
            None,
            Action(tr("Rename"), self.edit_name),
            Action(tr("Move to pool…"), self.choose_pool),
            Action(tr("Try a card…"), lambda: try_card(desk, station_id=station.station_id)),
            messages,
            turned_away,
            taken_away,
        ]
