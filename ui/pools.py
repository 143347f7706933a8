"""The page of pools: the list of them, and of the selected one its name, its rule, its stations and its members."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.application import PoolSummary
from app.domain.errors import AppError
from app.domain.model import AccessLevel
from ui.buttons import Action, danger_button, primary_button
from ui.desk import Desk
from ui.freshness import Freshness
from ui.inputs import DropDown, SearchField, Segmented
from ui.labels import paragraph
from ui.name_edit import NameEdit
from ui.pool_dialog import new_pool
from ui.pool_lists import IDENTITIES, PASSES, PoolMembers, PoolStations
from ui.pool_words import contents_of, level_of, stations, what_it_means
from ui.strings import sentence, tr
from ui.tables import Column, RowsModel, TableView
from ui.widgets import Banner, Card, CardHead, EmptyState, PageHead, empty, page_layout, row

STATIONS, MEMBERS = "stations", "members"
LIST_LEAST, LIST_MOST, REST = 232, 270, 838


class PoolsPage(QWidget):
    """`select(pool_id)` shows that pool."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._pool: PoolSummary | None = None
        self._warned: tuple[object, ...] = ()
        self._read: set[str] = set()
        self.head = PageHead(tr("Pools"), "", primary_button(tr("New pool"), self.new_pool))
        self.model = RowsModel(_columns(), key=lambda summary: summary.pool.id)
        self.table = TableView(self.model, tr("Pools"), head=False, row_height=60)
        self.name = NameEdit(tr("Name of the pool"))
        self.name_error = paragraph(tone="bad")
        self.level = Segmented(
            tr("Access level"), [(AccessLevel.PUBLIC, tr("Public")), (AccessLevel.PRIVATE, tr("Private"))]
        )
        self.meaning = paragraph(tone="muted")
        self.tab = Segmented(tr("What is shown"), [(STATIONS, tr("Stations")), (MEMBERS, tr("Identities and passes"))])
        self.kind = DropDown(
            tr("Kind"), [(None, tr("All kinds")), (IDENTITIES, tr("Identities")), (PASSES, tr("Passes"))]
        )
        self.filter = SearchField(tr("Filter"))
        self.stations, self.members = PoolStations(desk), PoolMembers(desk)
        self._banner = QVBoxLayout()
        self._lay_out()
        self._add_actions()
        self._connect()
        self.tab.select(MEMBERS)
        self._show_tab()
        bridge = desk.bridge
        self._fresh = Freshness(
            self,
            self._refresh,
            bridge.pools_changed,
            bridge.identities_changed,
            bridge.passes_changed,
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

    # How it looks

    def _lay_out(self) -> None:
        teaching = EmptyState(
            tr("No pools yet"),
            tr(
                "A pool is a group of stations with one rule of who may charge there. "
                "Stations in no pool let nobody charge."
            ),
            Action(tr("New pool"), self.new_pool, "primary"),
        )
        card = Card()
        card.body.addWidget(teaching)
        self._stack = QStackedWidget()
        self._stack.addWidget(card)
        self._stack.addWidget(self._both())
        column = page_layout(self)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)

    def _both(self) -> QWidget:
        pools = Card()
        pools.setMinimumWidth(LIST_LEAST)
        pools.setMaximumWidth(LIST_MOST)
        pools.body.addWidget(self.table)
        right = QVBoxLayout()
        right.setSpacing(14)
        right.addLayout(self._banner)
        right.addWidget(self._about_one(), 1)
        both = QWidget()
        line = row(spacing=12)
        line.addWidget(pools, LIST_MOST)
        line.addLayout(right, REST)
        both.setLayout(line)
        return both

    def _about_one(self) -> Card:
        card = Card()
        top = CardHead()
        lines = QVBoxLayout(top)
        lines.setContentsMargins(7, 10, 14, 10)
        lines.setSpacing(7)
        remove = danger_button(tr("Remove pool"), self._remove)
        lines.addLayout(row(self.name, self.level, None, remove))
        words = row(self.name_error)
        words.addWidget(self.meaning)
        words.setContentsMargins(11, 0, 0, 0)
        lines.addLayout(words)
        self.name_error.hide()
        card.body.addWidget(top)
        tools = card.add_row(self.tab, None, self.kind, self.filter).layout()
        tools.setStretch(3, 10)
        self.filter.setMinimumWidth(90)
        self.filter.setMaximumWidth(220)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.stations)
        self._lists.addWidget(self.members)
        card.body.addWidget(self._lists, 1)
        return card

    def _add_actions(self) -> None:
        remove = QAction(tr("Remove pool"), self.table)
        remove.setShortcut(QKeySequence("Del"))
        remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        remove.triggered.connect(self._remove)
        rename = QAction(tr("Rename"), self.table)
        rename.setShortcut(QKeySequence("F2"))
        rename.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        rename.triggered.connect(self.name.edit)
        self.addAction(rename)
        self.table.addActions([rename, remove])
        for keys, run in (("Ctrl+N", self.new_pool), ("Ctrl+F", self.filter.setFocus)):
            QShortcut(QKeySequence(keys), self, run, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _connect(self) -> None:
        self.table.row_selected.connect(self._chosen)
        self.table.row_activated.connect(lambda _summary: self.name.edit())
        self.name.renamed.connect(lambda name: self._desk.run(self._rename(name), on_error=self._name_refused))
        self.name.reverted.connect(self._clear_name_error)
        self.name.textEdited.connect(lambda _text: self._clear_name_error())
        self.level.changed.connect(self._set_level)
        self.tab.changed.connect(lambda _tab: self._show_tab())
        self.kind.changed.connect(lambda _kind: self._filter())
        self.filter.searched.connect(lambda _text: self._filter())
        for lists in (self.stations, self.members):
            lists.show_all.connect(self._show_all)

    # What is shown

    def _refresh(self) -> None:
        self._read.clear()
        self._read_pools()
        self._read_lists()

    def _refresh_stations(self) -> None:
        self._read.discard(STATIONS)
        self._read_pools()
        self._read_lists()

    def _read_pools(self) -> None:
        summaries = self._desk.application.pools.all()
        self._stack.setCurrentIndex(1 if summaries else 0)
        place = self.model.position(self._pool.pool.id) if self._pool is not None else None
        self.model.replace(summaries)
        if summaries and not self.table.selected_rows():
            self.table.selectRow(min(place or 0, len(summaries) - 1))
        self._show_facts()

    def _chosen(self, summary: PoolSummary | None) -> None:
        other = self._pool is None or summary is None or summary.pool.id != self._pool.pool.id
        self._pool = summary
        if other:
            self._clear_name_error()
            self._read.clear()
            if summary is not None:
                self.name.show_name(summary.pool.name)
            self._read_lists()
        self._show_facts()

    def _show_facts(self) -> None:
        summary = self._pool
        if summary is None:
            return
        pool = summary.pool
        self.name.show_name(pool.name, though_typing=False)
        self.level.select(pool.level)
        self.meaning.say(what_it_means(pool.level))
        self.tab.set_count(STATIONS, summary.stations)
        self.tab.set_count(MEMBERS, summary.identities + summary.passes)
        self._warn(summary)

    def _warn(self, summary: PoolSummary) -> None:
        """Say where a pool as it is lets nobody charge."""
        nobody = summary.pool.level is AccessLevel.PRIVATE and not summary.identities + summary.passes
        warned = (summary.pool.name, summary.stations, nobody)
        if warned == self._warned:
            return
        self._warned = warned
        empty(self._banner)
        if not summary.stations:
            said = tr("{pool} has no stations").format(pool=summary.pool.name)
            fact = tr("Its members can charge nowhere by it.")
            self._banner.addWidget(_banner(said, fact, Action(tr("Choose stations"), self._to_stations)))
        elif nobody:
            if summary.stations == 1:
                said = tr("Nobody can charge at the station of {pool}").format(pool=summary.pool.name)
            else:
                said = tr("Nobody can charge at the {stations} of {pool}").format(
                    stations=stations(summary.stations), pool=summary.pool.name
                )
            fact = tr("It is private and has no members.")
            self._banner.addWidget(_banner(said, fact, Action(tr("Choose members"), self._to_members)))

    def _show_tab(self) -> None:
        on_members = self.tab.value() == MEMBERS
        self._lists.setCurrentWidget(self.members if on_members else self.stations)
        self.kind.setVisible(on_members)
        self._read_lists()
        self._filter()

    def _read_lists(self) -> None:
        """Read what the open tab shows, unless it was read since the last change."""
        tab = str(self.tab.value())
        if self._pool is None or tab in self._read:
            return
        self._read.add(tab)
        (self.members if tab == MEMBERS else self.stations).show_pool(self._pool.pool)

    def _filter(self) -> None:
        text = self.filter.text()
        if self.tab.value() == MEMBERS:
            self.members.filter(text, self.kind.value())
        else:
            self.stations.filter(text)

    def _show_all(self) -> None:
        self.filter.clear()
        self.kind.select(None)
        self._filter()

    def _to_stations(self) -> None:
        self.tab.select(STATIONS)
        self._show_tab()
        self.stations.outside.table.setFocus(Qt.FocusReason.TabFocusReason)

    def _to_members(self) -> None:
        self.tab.select(MEMBERS)
        self._show_tab()
        self.members.outside.table.setFocus(Qt.FocusReason.TabFocusReason)

    # What is done

    async def _ask_new(self) -> None:
        pool = await new_pool(self._desk)
        if pool is not None:
            self.select(pool.id)

    async def _rename(self, name: str) -> None:
        if self._pool is None:
            return
        pool = self._pool.pool
        undo = await self._desk.application.pools.rename(pool.id, name)
        renamed = self._desk.application.pools.require(pool.id)
        self._clear_name_error()
        self.name.show_name(renamed.name)
        if renamed.name != pool.name:
            self._desk.offer_undo(tr("{before} is called {now} now.").format(before=pool.name, now=renamed.name), undo)

    def _name_refused(self, error: AppError) -> None:
        self.name_error.say(sentence(error.code, **error.params))
        self._mark_name(wrong=True)

    def _clear_name_error(self) -> None:
        self._mark_name(wrong=False)

    def _mark_name(self, *, wrong: bool) -> None:
        self.name_error.setVisible(wrong)
        self.meaning.setVisible(not wrong)
        self.name.setAccessibleDescription(self.name_error.words() if wrong else "")

    def _set_level(self, level: object) -> None:
        if self._pool is None:
            return
        pool, chosen = self._pool.pool, AccessLevel(str(level))
        said = (
            tr("{pool} is public now: every pass known here may charge there.")
            if chosen is AccessLevel.PUBLIC
            else tr("{pool} is private now: only its members may charge there.")
        )
        self._desk.do(self._desk.application.pools.set_level(pool.id, chosen), said.format(pool=pool.name))

    def _remove(self) -> None:
        if self._pool is None:
            return
        pool, count = self._pool.pool, self._pool.stations
        if count == 0:
            said = tr("{pool} was removed. It had no stations.")
        elif count == 1:
            said = tr("{pool} was removed. Its station is in no pool now: nobody may charge there.")
        else:
            said = tr("{pool} was removed. Its {count} stations are in no pool now: nobody may charge there.")
        removing = self._desk.application.pools.remove(pool.id)
        self._desk.do(removing, said.format(pool=pool.name, count=count))


def _banner(said: str, fact: str, action: Action) -> Banner:
    made = Banner("warn", said, fact, [action])
    # A long name is cut (and whole in the tooltip) rather than making the window wider.
    made.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made


def _columns() -> list[Column[PoolSummary]]:
    def level(summary: PoolSummary) -> str:
        return level_of(summary.pool)[0]

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
            text=level,
            pill=lambda summary: level_of(summary.pool)[1],
            # In line with the name, not with what stands below it.
            below=lambda _summary: "",
            width=84,
        ),
    ]
