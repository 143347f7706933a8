"""The page of pools: the list of them, and beside it the selected one to be changed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.application import PoolSummary
from ui.buttons import Action, primary_button
from ui.desk import Desk
from ui.freshness import Freshness
from ui.pool_dialog import new_pool
from ui.pool_editor import MEMBERS, STATIONS, PoolEditor
from ui.pool_words import contents_of, level_of
from ui.strings import tr
from ui.tables import Column, RowsModel, TableView
from ui.widgets import Card, EmptyState, PageHead, page_layout, row

LIST_LEAST, LIST_MOST, REST = 232, 270, 838


class PoolsPage(QWidget):
    """`select(pool_id)` shows that pool."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.head = PageHead(tr("Pools"), "", primary_button(tr("New pool"), self.new_pool))
        self.model = RowsModel(_columns(), key=lambda summary: summary.pool.id)
        self.table = TableView(self.model, tr("Pools"), head=False, row_height=60)
        self.editor = PoolEditor(desk)
        self._stack = QStackedWidget()
        self._lay_out()
        self._add_actions()
        self.table.row_selected.connect(self.editor.show_pool)
        self.table.row_activated.connect(lambda _summary: self.editor.name.edit())
        bridge = desk.bridge
        self._fresh = Freshness(
            self, self._refresh, bridge.pools_changed, bridge.identities_changed, bridge.passes_changed
        )
        self._fresh_stations = Freshness(self, self._refresh_stations, bridge.stations_changed)

    def select(self, key: object) -> None:
        """Select a pool by its id."""
        self._fresh.catch_up()
        if self.model.position(key) is None:
            # What was added a moment ago was not told yet.
            self._refresh()
        if self.table.select_key(key):
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

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
        pools.body.addWidget(self.table)
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
        self.table.addActions([rename, remove])
        for keys, run in (("Ctrl+N", self.new_pool), ("Ctrl+F", self.editor.filter.setFocus)):
            QShortcut(QKeySequence(keys), self, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _refresh(self) -> None:
        self.editor.forget(STATIONS, MEMBERS)
        self._read_pools()

    def _refresh_stations(self) -> None:
        # First the rest, where that is stale as well: nothing is read twice.
        self._fresh.catch_up()
        self.editor.forget(STATIONS)
        self._read_pools()

    def _read_pools(self) -> None:
        summaries = self._desk.application.pools.all()
        self._stack.setCurrentIndex(1 if summaries else 0)
        before = self.table.selected_rows()
        place = self.model.position(before[0].pool.id) if before else None
        self.model.replace(summaries)
        if summaries and not self.table.selected_rows():
            self.table.selectRow(min(place or 0, len(summaries) - 1))
        chosen = self.table.selected_rows()
        self.editor.show_pool(chosen[0] if chosen else None)

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
            width=120,
            stretch=1,
        ),
        Column(
            title=tr("Access level"),
            text=lambda summary: level_of(summary.pool)[0],
            pill=lambda summary: level_of(summary.pool)[1],
            # In line with the name, not with what stands below it.
            below=lambda _summary: "",
            width=84,
        ),
    ]
