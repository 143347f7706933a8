"""The page of passes: every card, fob and tag, found by whatever is known of it, with all about the selected one."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.application import PassSummary
from app.domain.capture import CaptureMode
from app.domain.export_kinds import ExportKind
from app.domain.model import Pass
from ui.access.try_card import try_card
from ui.desk import Desk
from ui.freshness import Freshness
from ui.imports.export_dialog import export
from ui.organizations.choice import InOrganization, OrganizationFilter
from ui.passes.actions import block, remove
from ui.passes.dialog import edit_pass, new_pass
from ui.passes.pane import PassPane
from ui.passes.words import NOTHING, state_of
from ui.pools.choice import add_passes_to_a_pool
from ui.searching import Search
from ui.strings import tr
from ui.widgets.boxes import Card, EmptyState, PageHead, beside, page_layout, row
from ui.widgets.buttons import Action, button, link_button, primary_button
from ui.widgets.empty_table import EmptyTable
from ui.widgets.inputs import DropDown, SearchField, Segmented
from ui.widgets.tables import Column, RowsModel, TableView

ALL, WAITING, BLOCKED, NEVER_USED = "all", "waiting", "blocked", "never_used"
NO_POOL = "no pool"
RECENT_SESSIONS = 20


class PassesPage(QWidget):
    """`select(pass_id)` shows that pass, whatever the filters say.

    `select(InOrganization(id))` shows the passes of an organization's identities.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._summaries: dict[int, PassSummary] = {}
        self._in_pool: Callable[[PassSummary], bool] | None = None
        self._search = Search[PassSummary](
            key=lambda summary: summary.card.id,
            ids=lambda summary: (summary.card.uid, summary.card.visible_id),
            words=lambda summary: (summary.card.name, summary.holder, summary.email),
        )
        self.head = PageHead(
            tr("Passes"),
            "",
            button(tr("Export…"), self.export),
            button(tr("Try a card…"), lambda: try_card(desk)),
            primary_button(tr("New pass"), self.new_pass),
        )
        self.capture = link_button(tr("Capture their UIDs"), lambda: desk.go("capture", CaptureMode.FILL))
        self.head.add_fact(self.capture)
        self.search = SearchField(tr("Visible ID, UID, name, person"))
        self.organization = OrganizationFilter(desk, none=tr("External passes"))
        self.pool = DropDown(tr("Pool"), [(None, tr("All pools"))])
        self.which = Segmented(
            tr("Which passes"),
            [
                (ALL, tr("All")),
                (WAITING, tr("No UID")),
                (BLOCKED, tr("Blocked")),
                (NEVER_USED, tr("Never used")),
            ],
        )
        self.model = RowsModel(self._columns(), key=lambda summary: summary.card.id)
        self._empty = EmptyTable(self._teaching(), self.show_all)
        self.table = TableView(self.model, tr("Passes"), empty=self._empty, several=True)
        self.pane = PassPane(desk)
        self._lay_out()
        self._add_actions()
        self.search.searched.connect(lambda _text: self._filter())
        self.which.changed.connect(lambda _which: self._filter())
        self.pool.changed.connect(lambda _pool: self._choose_pool())
        self.organization.changed.connect(lambda _organization: self._filter())
        # Both tell of one and the same click.
        self._chosen_timer = QTimer(self, singleShot=True, interval=0)
        self._chosen_timer.timeout.connect(self._show_chosen)
        for changed in (self.table.selectionModel().selectionChanged, self.table.row_selected):
            changed.connect(lambda *_: self._chosen_timer.start())
        self.table.row_activated.connect(lambda summary: self._edit(summary.card))
        bridge = desk.bridge
        self._fresh = Freshness(
            self,
            self._refresh,
            bridge.passes_changed,
            bridge.identities_changed,
            bridge.pools_changed,
            bridge.organizations_changed,
        )
        self._fresh_pane = Freshness(self, self.pane.refresh, bridge.stations_changed, bridge.cards_tapped)
        bridge.sessions_changed.connect(self._sessions_changed)

    def select(self, key: object) -> None:
        """Select a pass by its id; show those of an organization, or with `WAITING` those that wait for a first tap."""
        self._fresh.catch_up()
        if key == WAITING:
            self.show_all()
            self.which.select(WAITING)
            self._filter()
            return
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

    def new_pass(self) -> None:
        """Ask for a new pass and select it."""
        self._desk.run(self._ask_new())

    def export(self) -> None:
        """Write the passes that are shown to a file."""
        shown = [self.model.row(at).card.id for at in range(self.model.rowCount())]
        self._desk.run(export(self._desk, ExportKind.PASSES, ids=shown, of=self.model.total()))

    def show_all(self) -> None:
        """Take every filter away."""
        self.search.clear()
        self.organization.select(None)
        self.pool.select(None)
        self._in_pool = None
        self.which.select(ALL)
        self._filter()

    # How it looks

    def _columns(self) -> list[Column[PassSummary]]:
        def state(summary: PassSummary) -> str:
            return state_of(self._desk, summary.card)[0]

        return [
            Column(
                title=tr("Visible ID"),
                text=lambda summary: summary.card.visible_id or NOTHING,
                tone=lambda summary: "text" if summary.card.visible_id else "muted",
                mono=True,
                width=154,
            ),
            Column(
                title=tr("Hidden ID (UID)"),
                text=lambda summary: summary.card.uid or tr("waiting for its first tap"),
                tone=lambda summary: "text" if summary.card.uid else "muted",
                mono=lambda summary: summary.card.uid is not None,
                width=160,
            ),
            Column(title=tr("Name"), text=lambda summary: summary.card.name or NOTHING, width=104, stretch=2),
            Column(
                title=tr("Identity"),
                text=lambda summary: summary.holder or tr("external"),
                tone=lambda summary: "text" if summary.holder else "muted",
                width=102,
                stretch=2,
                drop=1,
            ),
            Column(title=tr("Pools"), text=lambda summary: summary.pools or NOTHING, width=84, stretch=2, drop=2),
            Column(
                title=tr("State"), text=state, pill=lambda summary: state_of(self._desk, summary.card)[1], width=116
            ),
        ]

    def _teaching(self) -> EmptyState:
        return EmptyState(
            tr("No passes yet"),
            tr(
                "A pass is a card, fob or tag that may charge. Hold one to a station and make it a pass from there, "
                "or fill in what is printed on it."
            ),
            Action(tr("New pass"), self.new_pass, "primary"),
        )

    def _lay_out(self) -> None:
        column = page_layout(self)
        column.addWidget(self.head)
        line = row(self.search, self.organization, self.pool, self.which)
        line.setStretch(0, 1)
        column.addLayout(line)
        card = Card()
        card.body.addWidget(self.table)
        column.addLayout(beside(card, self.pane), 1)
        # Where the room is short the drop-downs give way before it.
        self.search.setMinimumWidth(160)
        self.pool.setMinimumWidth(120)
        self.pool.setMaximumWidth(220)

    def _add_actions(self) -> None:
        self.edit = self._action(tr("Edit…"), "F2", lambda: self._edit(self._chosen()[0].card))
        self.block = self._action(tr("Block"), "", lambda: block(self._desk, self._cards()))
        self.unblock = self._action(tr("Unblock"), "", lambda: block(self._desk, self._cards(), blocked=False))
        self.add = self._action(
            tr("Add to a pool…"), "", lambda: self._desk.run(add_passes_to_a_pool(self._desk, self._cards()))
        )
        self.remove = self._action(tr("Remove"), "Del", lambda: remove(self._desk, self._cards()))
        for keys, run in (("Ctrl+N", self.new_pass), ("Ctrl+F", self._to_search)):
            QShortcut(QKeySequence(keys), self, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _action(self, text: str, keys: str, run: Callable[[], object]) -> QAction:
        action = QAction(text, self.table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: run())
        self.table.addAction(action)
        return action

    # What is shown

    def _refresh(self) -> None:
        self._summaries = {summary.card.id: summary for summary in self._desk.application.passes.all()}
        pools = [(summary.pool.id, summary.pool.name) for summary in self._desk.application.pools.all()]
        self.pool.set_choices([(None, tr("All pools")), *pools, (NO_POOL, tr("In no pool"))])
        self._in_pool = self._admission()
        self.organization.refresh()
        self._search.forget()
        self.model.replace(self._summaries.values())
        self._count()
        self._filter()
        self._show_chosen()

    def _count(self) -> None:
        summaries = self._summaries.values()
        waiting = sum(summary.card.uid is None for summary in summaries)
        self.which.set_count(WAITING, waiting)
        self.which.set_count(BLOCKED, sum(summary.card.blocked for summary in summaries))
        self.which.set_count(NEVER_USED, sum(summary.card.last_used_at is None for summary in summaries))
        self.head.subtitle.setText(_how_many(len(summaries), waiting))
        self.capture.setVisible(waiting > 0)

    def _choose_pool(self) -> None:
        self._in_pool = self._admission()
        self._filter()

    def _admission(self) -> Callable[[PassSummary], bool] | None:
        """Whether a pass is a member of the chosen pool, by itself or by its identity."""
        pool_id = self.pool.value()
        if pool_id == NO_POOL:
            return lambda summary: not summary.pools
        if not isinstance(pool_id, int):
            return None
        members = self._desk.application.members.of_pool(pool_id)
        passes = {member.pass_id for member in members if member.pass_id is not None}
        identities = {member.identity_id for member in members if member.identity_id is not None}
        return lambda summary: summary.card.id in passes or summary.card.identity_id in identities

    def _of_organization(self) -> Callable[[PassSummary], bool] | None:
        belongs = self.organization.belongs()
        return None if belongs is None else lambda summary: belongs(summary.organization_id)

    def _filter(self) -> None:
        which = {
            WAITING: lambda summary: summary.card.uid is None,
            BLOCKED: lambda summary: summary.card.blocked,
            NEVER_USED: lambda summary: summary.card.last_used_at is None,
        }.get(str(self.which.value()))
        found = self._search.predicate(self.search.text())
        wanted = [each for each in (which, self._of_organization(), self._in_pool, found) if each]
        self.model.show_only((lambda summary: all(holds(summary) for holds in wanted)) if wanted else None)
        self._empty.choose(self.model.total())

    def _sessions_changed(self) -> None:
        """A pass that charged for the first time is not unused any more; the list as a whole need not be read anew."""
        if not self.isVisible():
            self._fresh.grow_stale()
            return
        for session in self._desk.application.sessions.recent(limit=RECENT_SESSIONS):
            summary = self._summaries.get(session.pass_id) if session.pass_id is not None else None
            if summary is not None and summary.card.last_used_at is None:
                summary = replace(summary, card=self._desk.application.passes.require(summary.card.id))
                self._summaries[summary.card.id] = summary
                self.model.update(summary)
        self._count()
        self.pane.refresh()

    # What is done

    def _chosen(self) -> list[PassSummary]:
        return self.table.selected_rows()

    def _cards(self) -> list[Pass]:
        return [summary.card for summary in self._chosen()]

    def _show_chosen(self) -> None:
        chosen = self._chosen()
        self.pane.show_passes(chosen)
        self.edit.setEnabled(len(chosen) == 1)
        self.block.setEnabled(any(not summary.card.blocked for summary in chosen))
        self.unblock.setEnabled(any(summary.card.blocked for summary in chosen))
        self.add.setEnabled(bool(chosen))
        self.remove.setEnabled(bool(chosen))

    def _edit(self, card: Pass) -> None:
        self._desk.run(edit_pass(self._desk, card))

    async def _ask_new(self) -> None:
        card = await new_pass(self._desk)
        if card is not None:
            self.select(card.id)

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()


def _how_many(passes: int, waiting: int) -> str:
    if not passes:
        return ""
    if not waiting:
        return tr("{count}, all with a UID").format(count=passes)
    if waiting == 1:
        return tr("{count}, of which 1 has no UID yet").format(count=passes)
    return tr("{count}, of which {waiting} have no UID yet").format(count=passes, waiting=waiting)
