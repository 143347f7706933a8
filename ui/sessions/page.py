"""The page of sessions: who charges now, and who charged where, when and how much."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.errors import AppError
from app.domain.export_kinds import ExportKind
from app.domain.model import Session
from ui.desk import Desk
from ui.imports.export_dialog import export
from ui.organizations.choice import InOrganization, OrganizationFilter
from ui.searching import Search
from ui.sessions.columns import session_columns
from ui.sessions.pane import SessionPane
from ui.sessions.report import ReportDialog
from ui.strings import tr
from ui.tasks import ask
from ui.unhurried import Unhurried
from ui.widgets.boxes import Card, EmptyState, Line, PageHead, beside, page_layout, row
from ui.widgets.buttons import Action, button, link_button
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import DropDown, SearchField, Segmented
from ui.widgets.labels import muted
from ui.widgets.tables import RowsModel, TableView

ALL, RUNNING = "all", "running"
DAYS = 14
FIRST, MORE = 500, 1_000
TICK_MS = 15_000


class SessionsPage(QWidget):
    """`select(session_id)` shows that session, whatever the filters say.

    `select(InOrganization(id))` shows the sessions of its identities, and those at its stations.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._sessions: dict[int, Session] = {}
        self._oldest: Session | None = None
        self._organization_of: dict[int, int | None] = {}
        self._stale = True
        self._search = Search[Session](
            key=lambda session: session.id,
            ids=lambda session: (session.raw_id_tag,),
            words=lambda session: (session.holder, session.station_name, session.station_id),
        )
        self.head = PageHead(
            tr("Sessions"), "", button(tr("Month report…"), self.report), button(tr("Export…"), self.export)
        )
        self.search = SearchField(tr("Person, station or UID"))
        self.organization = OrganizationFilter(desk)
        self.organization.setToolTip(tr("Sessions of its identities, and sessions at its stations"))
        self.station = DropDown(tr("Station"), [("", tr("All stations"))])
        self.which = Segmented(tr("Which sessions"), [(ALL, tr("All")), (RUNNING, tr("Running"))])
        self.model = RowsModel(session_columns(desk), key=lambda session: session.id)
        self._empty = EmptyTable(self._teaching(), self.show_all)
        self.table = TableView(self.model, tr("Sessions"), empty=self._empty)
        self.shown, self.older = muted(), link_button(tr("Show older"), self.show_older)
        self.pane = SessionPane(desk)
        self.pane.hide()
        self._lay_out()
        self._add_actions()
        self._connect()

    def select(self, key: object) -> None:
        """Select a session by its id."""
        self._catch_up()
        if isinstance(key, InOrganization):
            self.show_all()
            self.organization.select(key.organization_id)
            self._filter()
            return
        session = self._desk.application.sessions.find(key) if isinstance(key, int) else None
        if session is None:
            return
        if self.model.position(key) is None:
            self.show_all()
            self._take([session])
        if self.table.select_key(key):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def export(self) -> None:
        """Write the sessions that are shown to a file; where nothing is filtered, those too that are not loaded."""
        count, total = self.model.rowCount(), self.model.total()
        is_everything = count == total and not self._station_id()
        shown = None if is_everything else [self.model.row(at).id for at in range(count)]
        self._desk.run(export(self._desk, ExportKind.SESSIONS, ids=shown, of=total))

    def report(self) -> None:
        """What was charged in a month, by who charged or by pool."""
        self._desk.run(ask(ReportDialog(self._desk)))

    def show_all(self) -> None:
        """Take every filter away."""
        self.search.clear()
        self.organization.select(None)
        self.which.select(ALL)
        if self.station.value():
            self.station.select("")
            self._load()
        self._filter()

    def show_older(self) -> None:
        """Read more of the past."""
        older = self._desk.application.sessions.recent(limit=MORE, station_id=self._station_id(), before=self._oldest)
        self._remember_oldest(older, MORE)
        self._sessions |= {session.id: session for session in older}
        self._show_rows()

    # How it looks

    def _teaching(self) -> EmptyState:
        return EmptyState(
            tr("No sessions yet"),
            tr(
                "When a car begins to charge it is here at once: who, where and how much. "
                "What a station reports only later is added then."
            ),
            Action(tr("Open Stations"), lambda: self._desk.go("stations")),
        )

    def _lay_out(self) -> None:
        column = page_layout(self)
        column.addWidget(self.head)
        line = row(self.search, self.organization, self.station, self.which)
        line.setStretch(0, 1)
        column.addLayout(line)
        card = Card()
        card.body.addWidget(self.table, 1)
        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(0)
        foot.addWidget(Line())
        line = row(self.shown, None, self.older)
        line.setContentsMargins(14, 7, 14, 5)
        foot.addLayout(line)
        card.body.addWidget(self._foot)
        column.addLayout(beside(card, self.pane), 1)
        self.station.setMinimumWidth(140)
        self.station.setMaximumWidth(240)

    def _add_actions(self) -> None:
        self.to_station = self._action(tr("Open the station"), lambda session: ("stations", session.station_id))
        self.to_pass = self._action(tr("Open the pass"), lambda session: ("passes", session.pass_id))
        for keys, within, run in (
            ("Esc", self.table, self._close_pane),
            ("Esc", self.pane, self._close_pane),
            ("Ctrl+F", self, self._to_search),
        ):
            # Said after it is made: the constructor that takes what to call drops its context.
            QShortcut(QKeySequence(keys), within, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _action(self, text: str, where: Callable[[Session], tuple[str, object]]) -> QAction:
        action = QAction(text, self.table)
        action.triggered.connect(lambda: self._desk.go(*where(self.table.selected_rows()[0])))
        action.setEnabled(False)
        self.table.addAction(action)
        return action

    def _connect(self) -> None:
        self.search.searched.connect(lambda _text: self._filter())
        self.which.changed.connect(lambda _which: self._filter())
        self.station.changed.connect(lambda _station: self._load())
        self.organization.changed.connect(lambda _organization: self._filter())
        self.table.row_selected.connect(self._show_chosen)
        self.pane.closed.connect(self._close_pane)
        self._ticking = QTimer(self, interval=TICK_MS)
        self._ticking.timeout.connect(self._tick)
        self._facts = Unhurried(self, self._show_facts)
        bridge = self._desk.bridge
        bridge.sessions_reported.connect(self._reported)
        bridge.sessions_removed.connect(self._removed)
        for signal in (bridge.organizations_changed, bridge.identities_changed):
            signal.connect(self._organizations_changed)
        for signal in (bridge.stations_changed, bridge.passes_changed, bridge.pools_changed, bridge.cards_tapped):
            signal.connect(self._surroundings_changed)

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._catch_up()
        self._tick()
        self._ticking.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticking.stop()

    def _catch_up(self) -> None:
        if self._stale:
            self._load()

    def _load(self) -> None:
        """Read the latest sessions anew, those that run whenever they began, and the one that is selected."""
        self._stale = False
        application, station_id = self._desk.application, self._station_id()
        latest = application.sessions.recent(limit=FIRST, station_id=station_id)
        running = application.sessions.recent(station_id=station_id, open_only=True)
        self._sessions = {session.id: session for session in (*latest, *running)}
        self._remember_oldest(latest, FIRST)
        for chosen in self.table.selected_rows():
            session = application.sessions.find(chosen.id)
            if session is not None and (not station_id or session.station_id == station_id):
                self._sessions[session.id] = session
        self._offer_stations()
        self._organization_of.clear()
        self.organization.refresh()
        self._show_rows()
        self._show_facts()
        self.pane.refresh()

    def _remember_oldest(self, read: Sequence[Session], limit: int) -> None:
        self._oldest = read[-1] if len(read) == limit else None

    def _offer_stations(self) -> None:
        """Those that are here and those that only their sessions remember."""
        names = {session.station_id: session.station_name for session in self._sessions.values()}
        names |= {station.station_id: station.title for station in self._desk.application.stations.all()}
        choices = sorted(names.items(), key=lambda choice: choice[1].casefold())
        self.station.set_choices([("", tr("All stations")), *choices])

    def _show_rows(self) -> None:
        rows = sorted(self._sessions.values(), key=lambda session: session.started_at, reverse=True)
        self.model.replace(sorted(rows, key=lambda session: not session.is_open))
        self._filter()

    def _filter(self) -> None:
        found, running = self._search.predicate(self.search.text()), self.which.value() == RUNNING
        is_running: Callable[[Session], bool] | None = (lambda session: session.is_open) if running else None
        wanted = [each for each in (is_running, self._of_organization(), found) if each]
        self.model.show_only((lambda session: all(holds(session) for holds in wanted)) if wanted else None)
        self._empty.choose(1 if self._station_id() else self.model.total())
        self._show_count()

    def _of_organization(self) -> Callable[[Session], bool] | None:
        """Whether a session is of one of its identities, or at one of its stations."""
        belongs = self.organization.belongs()
        if belongs is None:
            return None
        stations = self._desk.application.stations.all()
        own = {station.station_id.casefold() for station in stations if belongs(station.host_id)}
        return lambda session: session.station_id.casefold() in own or belongs(self._organization(session.identity_id))

    def _organization(self, identity_id: int | None) -> int | None:
        if identity_id is None:
            return None
        if identity_id not in self._organization_of:
            try:
                found: int | None = self._desk.application.identities.require(identity_id).organization_id
            except AppError:
                # It was removed since the session was read.
                found = None
            self._organization_of[identity_id] = found
        return self._organization_of[identity_id]

    def _show_count(self) -> None:
        self._foot.setVisible(self._oldest is not None)
        count = self.model.total()
        if self.search.text().strip() or self.organization.value() is not None:
            self.shown.setText(tr("The latest {count} sessions were searched.").format(count=f"{count:,}"))
        else:
            self.shown.setText(tr("These are the latest {count} sessions.").format(count=f"{count:,}"))

    def _show_facts(self) -> None:
        now, application = self._desk.now(), self._desk.application
        days = application.sessions.energy_by_day(DAYS, now.tzinfo or UTC)
        sessions, energy = sum(day.sessions for day in days), sum(day.energy_wh for day in days) / 1000
        count = tr("1 session") if sessions == 1 else tr("{count} sessions").format(count=f"{sessions:,}")
        said = tr("{sessions}, {energy} kWh, in the last {days} days")
        self.head.subtitle.setText(said.format(sessions=count, energy=f"{energy:,.0f}", days=DAYS) if sessions else "")
        self.which.set_count(RUNNING, len(application.sessions.recent(open_only=True)))

    def _reported(self, sessions: Iterable[Session]) -> None:
        if not self.isVisible():
            self._stale = True
            return
        self._take(sessions)
        self._facts()

    def _removed(self, session_ids: Iterable[int]) -> None:
        """They were found to be the ends of others."""
        for session_id in session_ids:
            self._sessions.pop(session_id, None)
        self._show_rows()

    def _take(self, sessions: Iterable[Session]) -> None:
        """Show sessions as they are now: in place, unless one is new or does not run any more."""
        station_id = self._station_id()
        fresh = {session.id: session for session in sessions if station_id in ("", session.station_id)}
        same_places = all(
            session.id in self._sessions and self._sessions[session.id].is_open == session.is_open
            for session in fresh.values()
        )
        self._sessions |= fresh
        if not same_places:
            self._show_rows()
            return
        for session in fresh.values():
            self.model.update(session)

    def _organizations_changed(self) -> None:
        self._organization_of.clear()
        if self.isVisible():
            self.organization.refresh()
            self._filter()
        else:
            self._stale = True

    def _surroundings_changed(self) -> None:
        if self.isVisible() and self.pane.isVisible():
            self.pane.refresh()

    def _tick(self) -> None:
        self.table.viewport().update()
        self.pane.tick()

    # What is chosen

    def _station_id(self) -> str:
        return str(self.station.value() or "")

    def _show_chosen(self, session: Session | None) -> None:
        self.to_station.setEnabled(session is not None)
        self.to_pass.setEnabled(session is not None and session.pass_id is not None)
        self.pane.setVisible(session is not None)
        if session is not None:
            self.pane.show_session(session)

    def _close_pane(self) -> None:
        self.table.clearSelection()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()
