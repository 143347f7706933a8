"""The page of pools: the list of them, and beside it the selected one to be changed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.application import PoolSummary
from app.domain.export_kinds import ExportKind
from ui.desk import Desk
from ui.freshness import Freshness
from ui.imports.export_dialog import export
from ui.organizations.choice import InOrganization, OrganizationFilter
from ui.pools.dialog import new_pool
from ui.pools.editor import PoolEditor
from ui.pools.tools import MEMBERS, STATIONS
from ui.pools.words import contents_of, level_of
from ui.strings import tr
from ui.widgets.boxes import Card, EmptyState, PageHead, page_layout, row
from ui.widgets.buttons import Action, button, primary_button
from ui.widgets.tables import Column, RowsModel, TableView

LIST_LEAST, LIST_MOST, REST = 232, 270, 838


class PoolsPage(QWidget):
    """`select(pool_id)` shows that pool, `select(InOrganization(id))` those of an organization."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.export_button = button(tr("Export members…"), self.export)
        self.head = PageHead(tr("Pools"), "", self.export_button, primary_button(tr("New pool"), self.new_pool))
        self.model = RowsModel(_columns(), key=lambda summary: summary.pool.id)
        self.table = TableView(self.model, tr("Pools"), head=False, row_height=60)
        self.organization = OrganizationFilter(desk)
        self.editor = PoolEditor(desk)
        self._stack = QStackedWidget()
        self._lay_out()
        self._add_actions()
        self.table.row_selected.connect(self.editor.show_pool)
        self.table.row_activated.connect(lambda _summary: self.editor.name.edit())
        self.organization.changed.connect(lambda _organization: self._narrow())
        bridge = desk.bridge
        self._fresh = Freshness(
            self,
            self._refresh,
            bridge.pools_changed,
            bridge.identities_changed,
            bridge.passes_changed,
            bridge.organizations_changed,
        )
        self._fresh_stations = Freshness(self, self._refresh_stations, bridge.stations_changed)
        self._fresh_sessions = Freshness(self, self.editor.look_at_sessions, bridge.sessions_changed)
        self._fresh_lists = Freshness(self, self._refresh_lists, bridge.lids_changed)

    def select(self, key: object) -> None:
        """Select a pool by its id, or show those of an organization."""
        self._fresh.catch_up()
        if isinstance(key, InOrganization):
            self.organization.select(key.organization_id)
            self._narrow()
            return
        if self.model.position(key) is None and self.organization.value() is not None:
            self.organization.select(None)
            self._narrow()
        if self.model.position(key) is None:
            # What was added a moment ago was not told yet.
            self._refresh()
        if self.table.select_key(key):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def export(self) -> None:
        """Write the members of the selected pool to a file."""
        for summary in self.table.selected_rows():
            self._desk.run(export(self._desk, ExportKind.MEMBERS, pool=summary.pool))

    def new_pool(self) -> None:
        """Ask for a new pool and select it."""
        self._desk.run(self._ask_new())

    def _lay_out(self) -> None:
        teaching = Card()
        teaching.body.addWidget(
            EmptyState(
                tr("No pools yet"),
                tr(
                    "A pool is a group of stations with one rule of who may charge there. "
                    "Stations in no pool let nobody charge."
                ),
                Action(tr("New pool"), self.new_pool, "primary"),
            )
        )
        pools = Card()
        pools.setMinimumWidth(LIST_LEAST)
        pools.setMaximumWidth(LIST_MOST)
        self._above = row(self.organization)
        pools.body.addLayout(self._above)
        pools.body.addWidget(self.table, 1)
        line = row(spacing=12)
        line.addWidget(pools, LIST_MOST)
        line.addWidget(self.editor, REST)
        both = QWidget()
        both.setLayout(line)
        self._stack.addWidget(teaching)
        self._stack.addWidget(both)
        column = page_layout(self)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)

    def _add_actions(self) -> None:
        rename = QAction(tr("Rename"), self.table)
        rename.setShortcut(QKeySequence("F2"))
        rename.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        rename.triggered.connect(self.editor.name.edit)
        self.addAction(rename)
        remove = QAction(tr("Remove pool"), self.table)
        remove.setShortcut(QKeySequence("Del"))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(self.editor.remove)
        options = QAction(tr("Options…"), self.table)
        options.setShortcut(QKeySequence("Ctrl+O"))
        options.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        options.triggered.connect(self.editor.open_options)
        self.addAction(options)
        self.table.addActions([rename, options, remove])
        for keys, run in (("Ctrl+N", self.new_pool), ("Ctrl+F", self.editor.filter.setFocus)):
            QShortcut(QKeySequence(keys), self, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _refresh(self) -> None:
        self.editor.forget(STATIONS, MEMBERS)
        self._read_pools()

    def _refresh_lists(self) -> None:
        self._fresh.catch_up()
        self.editor.look_at_lists()

    def _refresh_stations(self) -> None:
        # First the rest, where that is stale as well: nothing is read twice.
        self._fresh.catch_up()
        self.editor.forget(STATIONS)
        self._read_pools()

    def _read_pools(self) -> None:
        summaries = self._desk.application.pools.all()
        self._stack.setCurrentIndex(1 if summaries else 0)
        self.organization.refresh()
        self._above.setContentsMargins(*((8, 8, 8, 8) if not self.organization.isHidden() else (0, 0, 0, 0)))
        before = self.table.selected_rows()
        place = self.model.position(before[0].pool.id) if before else None
        self.model.replace(summaries)
        self._narrow(place or 0)

    def _narrow(self, place: int = 0) -> None:
        """Show the pools of the chosen organization; where the selected one is not of them, another is selected."""
        belongs = self.organization.belongs()
        wanted = None if belongs is None else lambda summary: belongs(summary.pool.options.organization_id)
        self.model.show_only(wanted)
        if self.model.rowCount() and not self.table.selected_rows():
            self.table.selectRow(min(place, self.model.rowCount() - 1))
        chosen = self.table.selected_rows()
        self.editor.setEnabled(bool(chosen))
        self.editor.show_pool(chosen[0] if chosen else None)
        self.export_button.setEnabled(bool(chosen))

    async def _ask_new(self) -> None:
        pool = await new_pool(self._desk)
        if pool is not None:
            self.select(pool.id)


def _columns() -> list[Column[PoolSummary]]:
    return [
        Column(
            title=tr("Name"),
            text=lambda summary: summary.pool.name,
            below=contents_of,
            weight=600,
            width=110,
            stretch=1,
        ),
        Column(
            title=tr("Access level"),
            text=lambda summary: level_of(summary.pool)[0],
            pill=lambda summary: level_of(summary.pool)[1],
            # In line with the name, not with what stands below it.
            below=lambda _summary: "",
            width=100,
        ),
    ]
