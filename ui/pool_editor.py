"""One pool, changed where it stands: its name, its access level, its stations and its members."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.application import PoolSummary
from app.domain.errors import AppError
from app.domain.model import AccessLevel
from ui.buttons import Action, danger_button
from ui.desk import Desk
from ui.inputs import DropDown, SearchField, Segmented
from ui.labels import paragraph
from ui.name_edit import NameEdit
from ui.pool_lists import IDENTITIES, PASSES, PoolMembers, PoolStations
from ui.pool_words import stations, what_it_means
from ui.strings import sentence, tr
from ui.widgets import Banner, Card, CardHead, empty, row

STATIONS, MEMBERS = "stations", "members"


class PoolEditor(QWidget):
    """`show_pool` with what was read of a pool; the lists are read here, when their tab is open and not before."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._pool: PoolSummary | None = None
        self._warned: tuple[object, ...] = ()
        self._read: set[str] = set()
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
        self._lists = QStackedWidget()
        self._banner = QVBoxLayout()
        self._lay_out()
        self._connect()
        self._open(MEMBERS)

    def show_pool(self, summary: PoolSummary | None) -> None:
        """Show a pool, or what became of the one that is shown already."""
        other = self._pool is None or summary is None or summary.pool.id != self._pool.pool.id
        self._pool = summary
        if other:
            self._show_name_error("")
            self._read.clear()
        if summary is None:
            return
        pool = summary.pool
        self.name.show_name(pool.name, though_typing=other)
        self.level.select(pool.level)
        self.meaning.say(what_it_means(pool.level))
        self.tab.set_count(STATIONS, summary.stations)
        self.tab.set_count(MEMBERS, summary.identities + summary.passes)
        self._warn(summary)
        self._read_lists()

    def forget(self, *tabs: str) -> None:
        """What these tabs show changed: it is read anew with the next `show_pool`, or when the tab is opened."""
        self._read.difference_update(tabs)

    # How it looks

    def _lay_out(self) -> None:
        top = CardHead()
        lines = QVBoxLayout(top)
        lines.setContentsMargins(7, 10, 14, 10)
        lines.setSpacing(7)
        lines.addLayout(row(self.name, self.level, None, danger_button(tr("Remove pool"), self.remove)))
        words = row(self.name_error, self.meaning)
        words.setContentsMargins(11, 0, 0, 0)
        lines.addLayout(words)
        self.name_error.hide()
        tools = CardHead()
        line = row(self.tab, None, self.kind, self.filter)
        line.setContentsMargins(14, 10, 14, 10)
        line.setStretchFactor(self.filter, 10)
        tools.setLayout(line)
        self.filter.setMinimumWidth(90)
        self.filter.setMaximumWidth(220)
        self._lists.addWidget(self.stations)
        self._lists.addWidget(self.members)
        card = Card()
        card.body.addWidget(top)
        card.body.addWidget(tools)
        card.body.addWidget(self._lists, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addLayout(self._banner)
        column.addWidget(card, 1)

    def _connect(self) -> None:
        self.name.renamed.connect(lambda name: self._desk.run(self._rename(name), on_error=self._name_refused))
        self.name.reverted.connect(lambda: self._show_name_error(""))
        self.name.textEdited.connect(lambda _text: self._show_name_error(""))
        self.level.changed.connect(self._set_level)
        self.tab.changed.connect(lambda _tab: self._show_tab())
        self.kind.changed.connect(lambda _kind: self._filter())
        self.filter.searched.connect(lambda _text: self._filter())
        for lists in (self.stations, self.members):
            lists.show_all.connect(self._show_all)

    def _warn(self, summary: PoolSummary) -> None:
        """Say where a pool as it is lets nobody charge."""
        nobody = summary.pool.level is AccessLevel.PRIVATE and not summary.identities + summary.passes
        warned = (summary.pool.name, summary.stations, nobody)
        if warned == self._warned:
            return
        self._warned = warned
        empty(self._banner)
        name = summary.pool.name
        if not summary.stations:
            said, fact = tr("{pool} has no stations"), tr("Its members can charge nowhere by it.")
            action = Action(tr("Choose stations"), lambda: self._choose_from(STATIONS))
        elif nobody:
            said = tr("Nobody can charge at the station of {pool}")
            if summary.stations > 1:
                said = tr("Nobody can charge at the {stations} of {pool}")
            fact = tr("It is private and has no members.")
            action = Action(tr("Choose members"), lambda: self._choose_from(MEMBERS))
        else:
            return
        banner = Banner("warn", said.format(pool=name, stations=stations(summary.stations)), fact, [action])
        # A long name is cut (and whole in the tooltip) rather than making the window wider.
        banner.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._banner.addWidget(banner)

    # The lists

    def _open(self, tab: str) -> None:
        self.tab.select(tab)
        self._show_tab()

    def _choose_from(self, tab: str) -> None:
        self._open(tab)
        lists = self.members if tab == MEMBERS else self.stations
        lists.outside.table.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_tab(self) -> None:
        on_members = self.tab.value() == MEMBERS
        self._lists.setCurrentWidget(self.members if on_members else self.stations)
        self.kind.setVisible(on_members)
        self._read_lists()
        self._filter()

    def _read_lists(self) -> None:
        """Read what the open tab shows, unless it was read since the last change."""
        tab = str(self.tab.value())
        if self._pool is not None and tab not in self._read:
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

    # What is done

    def remove(self) -> None:
        """Remove the pool that is shown, and say what becomes of its stations."""
        if self._pool is None:
            return
        pool, count = self._pool.pool, self._pool.stations
        if count == 0:
            said = tr("{pool} was removed. It had no stations.")
        elif count == 1:
            said = tr("{pool} was removed. Its station is in no pool now: nobody may charge there.")
        else:
            said = tr("{pool} was removed. Its {count} stations are in no pool now: nobody may charge there.")
        self._desk.do(self._desk.application.pools.remove(pool.id), said.format(pool=pool.name, count=count))

    async def _rename(self, name: str) -> None:
        if self._pool is None:
            return
        pool = self._pool.pool
        undo = await self._desk.application.pools.rename(pool.id, name)
        renamed = self._desk.application.pools.require(pool.id)
        self._show_name_error("")
        self.name.show_name(renamed.name)
        if renamed.name != pool.name:
            self._desk.offer_undo(tr("{before} is called {now} now.").format(before=pool.name, now=renamed.name), undo)

    def _name_refused(self, error: AppError) -> None:
        self._show_name_error(sentence(error.code, **error.params))

    def _show_name_error(self, words: str) -> None:
        self.name_error.say(words)
        self.name_error.setVisible(bool(words))
        self.meaning.setVisible(not words)
        self.name.setAccessibleDescription(words)

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
