"""The page of identities: the people and companies that charge, with all about the selected one."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.application import IdentitySummary
from app.domain.export_kinds import ExportKind
from app.domain.model import Role
from ui.days import last_time
from ui.desk import Desk
from ui.freshness import Freshness
from ui.identities.dialog import edit_identity, new_identity
from ui.identities.pane import IdentityPane, remove_identity
from ui.imports.export_dialog import export
from ui.organizations.choice import InOrganization, OrganizationFilter
from ui.passes.dialog import new_pass
from ui.passes.words import NOTHING
from ui.pools.choice import add_identity_to_a_pool
from ui.searching import Search
from ui.strings import tr
from ui.widgets.boxes import Card, EmptyState, PageHead, beside, page_layout, row
from ui.widgets.buttons import Action, button, primary_button
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import SearchField, Segmented
from ui.widgets.tables import Column, RowsModel, TableView

ALL, WITHOUT_PASS, ADMINISTRATORS = "all", "without_pass", "administrators"
RECENT_SESSIONS = 20


class IdentitiesPage(QWidget):
    """`select(identity_id)` shows that identity, whatever is searched for.

    `select(InOrganization(id))` shows the identities of an organization.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._summaries: dict[int, IdentitySummary] = {}
        self._sessions_seen: set[int] = set()
        self._search = Search[IdentitySummary](
            key=lambda summary: summary.identity.id,
            ids=lambda summary: (summary.identity.external_id,),
            words=lambda summary: (summary.identity.name, summary.identity.email),
        )
        self.head = PageHead(
            tr("Identities"),
            "",
            button(tr("Export…"), self.export),
            primary_button(tr("New identity"), self.new_identity),
        )
        self.search = SearchField(tr("Name, e-mail address, external ID"))
        self.organization = OrganizationFilter(desk)
        self.which = Segmented(
            tr("Which identities"),
            [(ALL, tr("All")), (WITHOUT_PASS, tr("No pass")), (ADMINISTRATORS, tr("Administrators"))],
        )
        self.model = RowsModel(self._columns(), key=lambda summary: summary.identity.id)
        self._empty = EmptyTable(self._teaching(), self.show_all)
        self.table = TableView(self.model, tr("Identities"), empty=self._empty)
        self.pane = IdentityPane(desk)
        self._lay_out()
        self._add_actions()
        self.search.searched.connect(lambda _text: self._filter())
        self.which.changed.connect(lambda _which: self._filter())
        self.organization.changed.connect(lambda _organization: self._filter())
        self.table.row_selected.connect(self._show_chosen)
        self.table.row_activated.connect(lambda summary: desk.run(edit_identity(desk, summary.identity)))
        bridge = desk.bridge
        self._fresh = Freshness(
            self,
            self._refresh,
            bridge.identities_changed,
            bridge.passes_changed,
            bridge.pools_changed,
            bridge.organizations_changed,
        )
        bridge.sessions_changed.connect(self._sessions_changed)

    def select(self, key: object) -> None:
        """Select an identity by its id, or show those of an organization."""
        self._fresh.catch_up()
        if isinstance(key, InOrganization):
            self.show_all()
            self.organization.select(key.organization_id)
            self._filter()
            return
        if self.model.position(key) is None:
            self.show_all()
        if self.model.position(key) is None:
            # What was added a moment ago was not told yet.
            self._refresh()
        if self.table.select_key(key):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def new_identity(self) -> None:
        """Ask for a new identity and select it."""
        self._desk.run(self._ask_new())

    def export(self) -> None:
        """Write the identities that are shown to a file."""
        shown = [self.model.row(at).identity.id for at in range(self.model.rowCount())]
        self._desk.run(export(self._desk, ExportKind.IDENTITIES, ids=shown, of=self.model.total()))

    def show_all(self) -> None:
        """Take every filter away."""
        self.search.clear()
        self.organization.select(None)
        self.which.select(ALL)
        self._filter()

    # How it looks

    def _columns(self) -> list[Column[IdentitySummary]]:
        return [
            Column(title=tr("Name"), text=lambda summary: summary.identity.name, width=130, stretch=2),
            Column(title=tr("E-mail"), text=lambda summary: summary.identity.email, width=190, stretch=2),
            Column(
                title=tr("Role"),
                text=lambda summary: _role(summary.identity.role),
                tone=lambda summary: "text" if summary.identity.role is Role.ADMINISTRATOR else "muted",
                width=110,
                drop=2,
            ),
            Column(
                title=tr("Passes"),
                text=lambda summary: str(summary.passes) if summary.passes else NOTHING,
                align="right",
                width=72,
                sort=lambda summary: summary.passes,
            ),
            Column(title=tr("Pools"), text=lambda summary: summary.pools or NOTHING, width=110, stretch=2),
            Column(
                title=tr("Last charged"),
                text=self._last_charged,
                tone=lambda summary: "text" if summary.last_used_at else "muted",
                width=112,
                drop=1,
                sort=lambda summary: summary.last_used_at.timestamp() if summary.last_used_at else 0.0,
            ),
        ]

    def _last_charged(self, summary: IdentitySummary) -> str:
        at = summary.last_used_at
        return last_time(self._desk.local(at) if at else None, self._desk.now())

    def _teaching(self) -> EmptyState:
        return EmptyState(
            tr("No identities yet"),
            tr(
                "An identity is a person or a company that charges. It has passes, and as a member of a pool all of "
                "them may charge there."
            ),
            Action(tr("New identity"), self.new_identity, "primary"),
        )

    def _lay_out(self) -> None:
        column = page_layout(self)
        column.addWidget(self.head)
        line = row(self.search, self.organization, self.which)
        line.setStretch(0, 1)
        column.addLayout(line)
        card = Card()
        card.body.addWidget(self.table)
        column.addLayout(beside(card, self.pane), 1)

    def _add_actions(self) -> None:
        desk = self._desk
        self.actions_on_one = [
            self._action(tr("Edit…"), "F2", lambda one: desk.run(edit_identity(desk, one.identity))),
            self._action(tr("New pass…"), "", lambda one: desk.run(new_pass(desk, one.identity.id))),
            self._action(tr("Add to a pool…"), "", lambda one: desk.run(add_identity_to_a_pool(desk, one.identity))),
            self._action(tr("Remove"), "Del", lambda one: remove_identity(desk, one)),
        ]
        for keys, run in (("Ctrl+N", self.new_identity), ("Ctrl+F", self._to_search)):
            QShortcut(QKeySequence(keys), self, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _action(self, text: str, keys: str, run: Callable[[IdentitySummary], object]) -> QAction:
        action = QAction(text, self.table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setEnabled(False)
        action.triggered.connect(lambda: run(self.table.selected_rows()[0]))
        self.table.addAction(action)
        return action

    # What is shown

    def _refresh(self) -> None:
        self._summaries = {summary.identity.id: summary for summary in self._desk.application.identities.all()}
        self.organization.refresh()
        self._search.forget()
        self.model.replace(self._summaries.values())
        self._filter()
        self._count()
        self.pane.refresh()

    def _count(self) -> None:
        without = sum(map(_has_no_pass, self._summaries.values()))
        self.which.set_count(WITHOUT_PASS, without)
        self.which.set_count(ADMINISTRATORS, sum(map(_is_administrator, self._summaries.values())))
        self.head.subtitle.setText(self._how_many(without))

    def _how_many(self, without: int) -> str:
        count = len(self._summaries)
        if not count:
            return ""
        if not without:
            return tr("{count}, all with a pass").format(count=count)
        if without == 1:
            return tr("{count}, of which 1 has no pass").format(count=count)
        return tr("{count}, of which {without} have no pass").format(count=count, without=without)

    def _of_organization(self) -> Callable[[IdentitySummary], bool] | None:
        belongs = self.organization.belongs()
        return None if belongs is None else lambda summary: belongs(summary.identity.organization_id)

    def _filter(self) -> None:
        which = {WITHOUT_PASS: _has_no_pass, ADMINISTRATORS: _is_administrator}.get(str(self.which.value()))
        found = self._search.predicate(self.search.text())
        wanted = [each for each in (which, self._of_organization(), found) if each]
        self.model.show_only((lambda summary: all(holds(summary) for holds in wanted)) if wanted else None)
        self._empty.choose(self.model.total())

    def _sessions_changed(self) -> None:
        """Who charged just now did so last; the list as a whole need not be read anew."""
        if not self.isVisible():
            self._fresh.grow_stale()
            return
        application = self._desk.application
        recent = application.sessions.recent(limit=RECENT_SESSIONS)
        for session in recent:
            if session.id not in self._sessions_seen and session.pass_id is not None:
                card = application.passes.require(session.pass_id)
                summary = self._summaries.get(card.identity_id) if card.identity_id is not None else None
                if summary is not None and card.last_used_at is not None:
                    latest = max(card.last_used_at, summary.last_used_at or card.last_used_at)
                    self._summaries[summary.identity.id] = replace(summary, last_used_at=latest)
                    self.model.update(self._summaries[summary.identity.id])
        self._sessions_seen = {session.id for session in recent}
        self.pane.refresh()

    def _show_chosen(self, summary: IdentitySummary | None) -> None:
        self.pane.show_identity(summary)
        for action in self.actions_on_one:
            action.setEnabled(summary is not None)

    async def _ask_new(self) -> None:
        identity = await new_identity(self._desk, organization_id=self.organization.organization_id())
        if identity is not None:
            self.select(identity.id)

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()


def _has_no_pass(summary: IdentitySummary) -> bool:
    return summary.passes == 0


def _is_administrator(summary: IdentitySummary) -> bool:
    return summary.identity.role is Role.ADMINISTRATOR


def _role(role: Role) -> str:
    return tr("Administrator") if role is Role.ADMINISTRATOR else tr("Cardholder")
