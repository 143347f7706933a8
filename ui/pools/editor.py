"""One pool, changed where it stands: its name, its access level, its options, its stations and its members."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.application import PoolSummary
from app.domain.errors import AppError
from app.domain.model import AccessLevel
from ui.access.history import AccessHistory
from ui.access.revocation import StillRunning
from ui.desk import Desk
from ui.pools.level_change import LevelChange
from ui.pools.lists import PoolLists, lists_pill
from ui.pools.members import PoolMembers
from ui.pools.options import PoolOptionsDialog
from ui.pools.stations import PoolStations
from ui.pools.tools import HISTORY, MEMBERS, STATIONS, PoolTools
from ui.pools.warnings import PoolWarnings
from ui.pools.words import levels, what_it_means
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.boxes import Card, CardHead, row
from ui.widgets.buttons import button
from ui.widgets.inputs import Segmented
from ui.widgets.labels import muted, paragraph
from ui.widgets.name_edit import NameEdit
from ui.widgets.pill import Pill
from ui.widgets.question import Question


class PoolEditor(QWidget):
    """`show_pool` with what was read of a pool; the lists are read here, when their tab is open and not before."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._pool: PoolSummary | None = None
        self._read: set[str] = set()
        self.name = NameEdit(tr("Name of the pool"))
        self.name_error = paragraph(tone="bad")
        self.level = Segmented(tr("Access level"), levels())
        self.options_button = button(tr("Options…"), self.open_options)
        self.lists_pill = Pill(dot=True)
        # On a small screen it gives way.
        self.lists_pill.setMinimumWidth(1)
        self.meaning = paragraph(tone="muted")
        self.description = muted()
        self.question = Question()
        self.tools = PoolTools(desk)
        self.tab, self.filter = self.tools.tab, self.tools.filter
        self.stations, self.members = PoolStations(desk), PoolMembers(desk, self.question)
        self.history = AccessHistory(desk)
        self.warnings, self.running = PoolWarnings(desk, self._choose_from), StillRunning(desk)
        self.lists = PoolLists(desk)
        self._change_level = LevelChange(desk, self.question)
        self._lists = QStackedWidget()
        self._lay_out()
        self._connect()
        self.tools.open(MEMBERS)

    def show_pool(self, summary: PoolSummary | None) -> None:
        """Show a pool, or what became of the one that is shown already."""
        other = self._pool is None or summary is None or summary.pool.id != self._pool.pool.id
        self._pool = summary
        if other:
            self._show_name_error("")
            self._read.clear()
            self.question.withdraw()
        self.warnings.show_pool(summary)
        self.running.show_pool(summary.pool if summary is not None else None)
        self.look_at_lists()
        if summary is None:
            return
        pool = summary.pool
        self.name.show_name(pool.name, though_typing=other)
        self.level.select(pool.level)
        self.meaning.say(what_it_means(pool.level, pool.options))
        self.description.setText(" ".join(pool.options.description.split()))
        self.description.setVisible(bool(pool.options.description))
        self.tools.refresh()
        self.tab.set_count(STATIONS, summary.stations)
        self.tab.set_count(MEMBERS, summary.identities + summary.passes)
        self._change_level.look_again(pool)
        self._read_lists()

    def forget(self, *tabs: str) -> None:
        """What these tabs show changed: it is read anew with the next `show_pool`, or when the tab is opened."""
        self._read.difference_update(tabs)

    def look_at_sessions(self) -> None:
        """Sessions came or went."""
        self.running.show_pool(self._pool.pool if self._pool is not None else None)

    def look_at_lists(self) -> None:
        """Lists that the stations keep themselves are no longer what they were."""
        pool = self._pool.pool if self._pool is not None else None
        self.lists.show_pool(pool)
        words, kind, which = (lists_pill(self._desk, pool.id) if pool is not None else None) or ("", "grey", "")
        self.lists_pill.show_state(words, kind, which)

    def open_options(self) -> None:
        """Open the dialog of all that can be chosen for the pool."""
        if self._pool is not None:
            self._desk.run(self._ask_for_options(self._pool.pool.id))

    async def _ask_for_options(self, pool_id: int) -> None:
        # As it is now: what was shown may be a moment old.
        pool = self._desk.application.pools.require(pool_id)
        await ask(PoolOptionsDialog(self._desk, pool, remove=self.remove))

    # How it looks

    def _lay_out(self) -> None:
        top = CardHead()
        lines = QVBoxLayout(top)
        lines.setContentsMargins(7, 10, 14, 10)
        lines.setSpacing(6)
        lines.addLayout(row(self.name, self.level, None, self.lists_pill, self.options_button))
        for words in (self.name_error, self.meaning, self.description):
            line = row(words)
            line.setContentsMargins(11, 0, 0, 0)
            lines.addLayout(line)
        asked = row(self.question)
        asked.setContentsMargins(7, 0, 0, 0)
        lines.addLayout(asked)
        self.name_error.hide()
        for part in (self.stations, self.members, self.history):
            self._lists.addWidget(part)
        card = Card()
        card.body.addWidget(top)
        card.body.addWidget(self.tools)
        card.body.addWidget(self._lists, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.warnings)
        column.addWidget(self.running)
        column.addWidget(self.lists)
        column.addWidget(card, 1)

    def _connect(self) -> None:
        self.name.renamed.connect(lambda name: self._desk.run(self._rename(name), on_error=self._name_refused))
        self.name.reverted.connect(lambda: self._show_name_error(""))
        self.name.textEdited.connect(lambda _text: self._show_name_error(""))
        self.level.changed.connect(self._set_level)
        self.tools.tab_changed.connect(self._show_tab)
        self.tools.filtered.connect(self._filter)
        for lists in (self.stations, self.members):
            lists.show_all.connect(self.tools.show_everything)
            lists.find.connect(lambda: self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason))

    # The lists

    def _choose_from(self, tab: str) -> None:
        self.tools.open(tab)
        lists = self.members if tab == MEMBERS else self.stations
        lists.outside.table.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_tab(self) -> None:
        shown = {STATIONS: self.stations, MEMBERS: self.members, HISTORY: self.history}[str(self.tab.value())]
        self._lists.setCurrentWidget(shown)
        self._read_lists()
        self._filter()

    def _read_lists(self) -> None:
        """Read what the open tab shows, unless it was read since the last change."""
        tab = str(self.tab.value())
        if self._pool is None or tab in self._read:
            return
        self._read.add(tab)
        pool = self._pool.pool
        if tab == HISTORY:
            self.history.show_pool(pool.id)
        else:
            (self.members if tab == MEMBERS else self.stations).show_pool(pool)

    def _filter(self) -> None:
        text, belongs, tools = self.filter.text(), self.tools.organization.belongs(), self.tools
        if self.tab.value() == MEMBERS:
            self.members.filter(text, tools.kind.value(), tools.state.value(), belongs)
        elif self.tab.value() == STATIONS:
            self.stations.filter(text, tools.place.value(), tools.online.value(), belongs)

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
        undo = await self._desk.application.pools.change(pool.id, name=name)
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
        pool = self._pool.pool
        # It stays what it is until the change is made.
        self.level.select(pool.level)
        self._desk.run(self._change_level.choose(pool, AccessLevel(str(level))))
