"""The live log: every message between Tapdesk and the stations, as it happens and for as long as it is kept."""

import contextlib
from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QWidget

from app.application import MessageFilter
from app.domain.errors import AppError
from app.domain.export_kinds import ExportKind
from app.domain.model import Message
from ui.desk import Desk
from ui.imports.export_dialog import export
from ui.log.details import MessagePane
from ui.log.filters import LogFilters
from ui.log.model import LogModel
from ui.log.reader import LogReader
from ui.log.table import LogTable, NothingHere
from ui.log.words import LogWords, log_columns
from ui.strings import tr
from ui.widgets.boxes import Card, beside, page_layout, row
from ui.widgets.buttons import Action, button
from ui.widgets.labels import heading, muted
from ui.widgets.pill import Pill

PAGE = 500
#: Rows held while following; who reads back may load more.
KEEP_LIVE = 5_000
MOST_LOADED = 20_000
#: Newer messages shown above one that was opened from elsewhere.
CONTEXT = 25
#: A search that takes longer says that it goes on.
SLOW_MS = 200


class LogPage(QWidget):
    """Follows what happens until the operator scrolls away or pauses; then new messages wait, counted."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._words = LogWords(desk)
        self._reader = LogReader(desk)
        self._model = LogModel(log_columns(self._words), self)
        self._waiting: dict[int, Message] = {}
        self._paused = self._loading = self._exhausted = False
        # Newer messages are stored than those that are loaded and those that wait.
        self._behind = False
        self._stale = True
        self._load_number = 0
        self._row_actions: list[QAction] = []
        self._lay_out()
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(lambda: self.fact.setText(tr("Searching…")))
        self._connect()
        self._show_state()

    def _lay_out(self) -> None:
        self.filters = LogFilters(self._desk)
        self.state = Pill(dot=True)
        self.fact = muted()
        self.follow_button = button("", self.toggle_following)
        self.export = button(
            tr("Export…"),
            lambda: self._desk.run(export(self._desk, ExportKind.MESSAGES, messages=self.filters.wanted())),
        )
        self.empty = NothingHere(self._desk, Action(tr("Show all messages"), self._show_all))
        self.table = LogTable(self._model, self.empty)
        self.pane = MessagePane(self._desk, self._words)
        self.pane.hide()
        card = Card()
        card.body.addWidget(self.table)
        column = page_layout(self)
        column.addLayout(row(heading(tr("Live log")), self.state, self.fact, None, self.export, self.follow_button))
        column.addWidget(self.filters)
        column.addLayout(beside(card, self.pane), 1)

    def _connect(self) -> None:
        bridge = self._desk.bridge
        bridge.messages_arrived.connect(self._messages_arrived)
        bridge.stations_changed.connect(self._stations_changed)
        bridge.server_changed.connect(self._stations_changed)
        for signal in (bridge.passes_changed, bridge.pools_changed, bridge.identities_changed):
            signal.connect(self._facts_changed)
        self.filters.changed.connect(self._filters_changed)
        self.table.row_selected.connect(self._opened)
        self.table.row_activated.connect(lambda _message: self.pane.focus_first())
        self.table.pause_wanted.connect(self.toggle_following)
        self.table.scrolled.connect(self._scrolled)
        self.table.end_is_near.connect(self._load_older)
        self.table.left.connect(self.close_pane)
        self.pane.close_wanted.connect(self.close_pane)
        self.destroyed.connect(self._reader.close)
        QShortcut(QKeySequence.StandardKey.Find, self, self.filters.text.setFocus)

    # Following

    @property
    def following(self) -> bool:
        """Whether new messages are shown as they come."""
        return not self._paused and not self._behind and self.table.is_at_top()

    def toggle_following(self) -> None:
        """Pause, or go to the newest message and follow again."""
        if self.following:
            self._paused = True
            self._show_state()
        else:
            self.follow()

    def follow(self) -> None:
        """Go to the newest message and show those to come."""
        self._paused = False
        if self._behind:
            self._load()
            return
        self.table.scrollToTop()
        self._take_waiting()
        self._show_state()

    def _scrolled(self) -> None:
        if self._loading:
            return
        if self.following:
            self._take_waiting()
        self._show_state()

    def _take_waiting(self) -> None:
        waiting, self._waiting = list(self._waiting.values()), {}
        self._arrive(waiting)

    def _arrive(self, messages: Sequence[Message]) -> None:
        if not self._exhausted:
            # Between those here and one that is older than all of them, stored ones may be missing.
            oldest = self._model.oldest_id()
            messages = [message for message in messages if message.id > oldest]
        self._model.take_in(messages)
        # What goes at the bottom can be loaded again.
        self._exhausted = self._exhausted and self._model.total() <= KEEP_LIVE
        self._model.keep_newest(KEEP_LIVE)

    def _show_state(self) -> None:
        if self.following:
            self.state.show_state(tr("Following"), "ok")
            self.follow_button.setText(tr("Pause"))
        else:
            new = tr("{count} new").format(count=f"{len(self._waiting):,}") if self._waiting else ""
            if self._behind:
                new = tr("newer ones above")
            self.state.show_state(" · ".join(part for part in (tr("Paused"), new) if part), "warn")
            at_top = self.table.is_at_top() and not self._behind
            self.follow_button.setText(tr("Follow") if at_top else tr("Jump to newest"))
        if self._loading:
            return
        full = tr("{count} messages are loaded: narrow the filters to look further back.")
        self.fact.setText(full.format(count=f"{MOST_LOADED:,}") if self._model.total() >= MOST_LOADED else "")

    # What comes

    def _messages_arrived(self, messages: Sequence[Message]) -> None:
        if not self.isVisible():
            self._stale = True
            return
        self.filters.saw_actions({message.action for message in messages})
        wanted, fresh = self.filters.wanted(), []
        for message in messages:
            if self._model.holds(message.id):
                self._model.update(message)
            elif wanted.admits(message):
                fresh.append(message)
        if self.following and not self._loading:
            self._arrive(fresh)
        else:
            self._wait(fresh)
        self._after_rows_changed()
        opened = self.pane.message
        for message in messages:
            if opened is not None and message.id == opened.id:
                self.pane.show_message(message)

    def _wait(self, messages: Sequence[Message]) -> None:
        if self._behind:
            return
        self._waiting.update((message.id, message) for message in messages)
        if len(self._waiting) > KEEP_LIVE:
            self._waiting.clear()
            self._behind = True

    def _after_rows_changed(self) -> None:
        self._words.day_may_have_changed()
        rows = self._model.messages()
        self.table.make_room_for_dates(bool(rows) and self._words.is_of_another_day(rows[-1]))
        self._show_state()

    # What is stored

    def select(self, key: object) -> None:
        """Open the message with this id, whatever the filters say; or show what a MessageFilter admits."""
        if isinstance(key, MessageFilter):
            self.filters.only(key)
            self._load(close_pane=True)
        elif isinstance(key, int):
            self.filters.clear()
            self._load(show_id=key)

    def _filters_changed(self) -> None:
        self._load(close_pane=True)

    def _show_all(self) -> None:
        self.filters.clear()
        self._load(close_pane=True)

    def _load(self, *, show_id: int | None = None, close_pane: bool = False) -> None:
        self._desk.run(self._load_newest(show_id, close_pane=close_pane))

    async def _load_newest(self, show_id: int | None, *, close_pane: bool) -> None:
        """Show the newest stored messages, or those round one of them, in place of what is shown."""
        self._load_number += 1
        number, wanted = self._load_number, self.filters.wanted()
        self._stale = False
        self._begin_loading()
        try:
            with contextlib.suppress(AppError):
                await self._desk.application.journal.flush()
            rows = await self._read(wanted, number)
            behind = show_id is not None and not any(message.id == show_id for message in rows)
            if behind and show_id is not None:
                rows = await self._read(wanted, number, before_id=show_id + 1 + CONTEXT)
            if number != self._load_number:
                return
            self._replace(rows, wanted, behind=behind)
        finally:
            self._end_loading(number)
        if close_pane and self.pane.message is not None and not self._model.holds(self.pane.message.id):
            self.close_pane()
        if show_id is not None and not self.table.select_key(show_id):
            self._desk.say(tr("That message is not kept any more."))

    async def _read(self, wanted: MessageFilter, number: int, *, before_id: int | None = None) -> list[Message]:
        return await self._reader.read(
            wanted, before_id=before_id, limit=PAGE, still_wanted=lambda: number == self._load_number
        )

    def _replace(self, rows: list[Message], wanted: MessageFilter, *, behind: bool) -> None:
        newest = rows[0].id if rows else 0
        # While the disk takes nothing, the latest are only here.
        here = [*self._model.messages(), *self._waiting.values()]
        unstored = [message for message in here if message.id > newest and wanted.admits(message)]
        self._model.replace(rows)
        self._waiting = {}
        self._behind, self._exhausted = behind, len(rows) < PAGE
        if not behind:
            self._arrive(unstored)
        self.table.scrollToTop()
        self.empty.look(wanted)
        self._after_rows_changed()

    def _load_older(self) -> None:
        if not (self._loading or self._exhausted or self._model.total() >= MOST_LOADED):
            self._desk.run(self._append_older())

    async def _append_older(self) -> None:
        number, wanted = self._load_number, self.filters.wanted()
        self._begin_loading()
        try:
            rows = await self._read(wanted, number, before_id=self._model.oldest_id())
            if number != self._load_number:
                return
            self._model.take_in(rows)
            self._exhausted = len(rows) < PAGE
            self._after_rows_changed()
        finally:
            self._end_loading(number)

    def _begin_loading(self) -> None:
        self._loading = True
        self._slow.start()

    def _end_loading(self, number: int) -> None:
        """What came while stored messages were read is shown now, unless a later load goes on."""
        if number == self._load_number:
            self._loading = False
            self._slow.stop()
            self._scrolled()

    # The opened message

    def _opened(self, message: Message | None) -> None:
        if message is None:
            return
        self.pane.show_message(message)
        self.pane.show()
        self._offer_row_actions(message)

    def close_pane(self) -> None:
        """Put the details away."""
        self.pane.hide()
        self.table.clearSelection()
        self.table.setFocus()

    def _offer_row_actions(self, message: Message) -> None:
        for action in self._row_actions:
            self.table.removeAction(action)
            action.deleteLater()
        offered = [
            *self.pane.card_actions(),
            *([Action(tr("Copy hidden ID"), self.pane.copy_id_tag)] if message.id_tag else []),
            Action(tr("Copy message"), self.pane.copy_message),
            Action(tr("Only this station"), lambda: self._only(station_id=message.station_id)),
        ]
        if message.action:
            offered.append(
                Action(tr("Only {action}").format(action=message.action), lambda: self._only(action=message.action))
            )
        self._row_actions = [QAction(one.text, self.table) for one in offered]
        for action, one in zip(self._row_actions, offered, strict=True):
            action.triggered.connect(lambda _checked=False, run=one.run: run())
            self.table.addAction(action)

    def _only(self, *, station_id: str = "", action: str = "") -> None:
        self.filters.only(MessageFilter(station_id=station_id, action=action))
        self._load(close_pane=True)

    # What changes round it

    def _facts_changed(self) -> None:
        if self.isVisible() and self.pane.isVisible():
            self.pane.refresh()

    def _stations_changed(self) -> None:
        if not self.isVisible():
            self._stale = True
            return
        self._words.names_changed()
        self.filters.stations_changed()
        self.empty.look(self.filters.wanted())
        self.table.viewport().update()
        self._facts_changed()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._stale:
            return
        self._words.names_changed()
        self.filters.stations_changed()
        if self._model.total() and not self.following:
            # Who reads back finds the place again; what came meanwhile is a jump away.
            self._behind, self._stale = True, False
            self._waiting.clear()
            self._show_state()
        else:
            self._load()
        self.pane.refresh()
