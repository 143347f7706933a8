"""The page that captures cards: hold card after card to one reader, and each goes where it is meant to.

desk.go("capture"); desk.go("capture", CaptureMode.FILL); desk.go("capture", pass_id)   # that pass is the next one
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.application import PassSummary, Undo
from app.domain.capture import CapturedCard, CaptureMode, ReaderKind
from app.domain.export_kinds import ExportKind
from ui.capture.choices import CaptureChoices
from ui.capture.queue import ROW_HEIGHT, QueueTable
from ui.capture.stage import CaptureStage
from ui.capture.usb_keys import UsbKeys
from ui.capture.words import about, kind_of, outcome_of
from ui.desk import Desk
from ui.freshness import Freshness
from ui.imports.export_dialog import export
from ui.strings import tr
from ui.taps.words import clock
from ui.unhurried import Unhurried
from ui.widgets.boxes import Card, EmptyState, PageHead, Progress, page_layout, row
from ui.widgets.buttons import Action, button, link_button
from ui.widgets.labels import muted, title
from ui.widgets.tables import Column, RowsModel, TableView

_SIDE_WIDTH, _STAGE_WIDTH = 462, 646
_QUEUE_SHOWN, _QUEUE_ROWS = 100, 4


class CapturePage(QWidget):
    """Cards count while this page is on the screen; it goes on where it was left, also after a restart."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._capturing = desk, desk.application.capturing
        self._shown = self._last_number()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.finish = button(
            tr("Finish"), lambda: desk.run(self._finish()), tooltip=tr("Begin a new list (Ctrl+Enter)")
        )
        self.head = PageHead(tr("Capture cards"), "", self.finish)
        self.choices = CaptureChoices(desk)
        self.stage = CaptureStage(desk)
        self.queue = QueueTable()
        self.done: RowsModel[CapturedCard] = RowsModel(self._columns(), key=lambda card: card.number)
        self.table = TableView(self.done, tr("Done"), empty=_nothing_yet(), row_height=33, several=True, head=False)
        self.left = muted()
        self.copy = link_button(tr("Copy UIDs"), self.copy_uids, tooltip=tr("One below the other"))
        self.copy_all = link_button(tr("Copy as table"), self.copy_table, tooltip=tr("With names, for a spreadsheet"))
        self.export = link_button(tr("Export…"), self._export, tooltip=tr("The passes that were captured, as a file"))
        self.progress, self.count = Progress(tr("Captured")), muted()
        self.keys = UsbKeys(self)
        self._lay_out()
        self._connect()

    def select(self, key: object) -> None:
        """Fill passes; with the id of one that waits, that one first."""
        if isinstance(key, CaptureMode):
            self._desk.run(self._capturing.choose_mode(key))
        elif isinstance(key, int):
            self._desk.run(self._begin_with(key))

    def copy_uids(self) -> None:
        """Put what was captured on the clipboard, a UID a line."""
        uids = [card.uid for card in self._capturing.captured]
        QGuiApplication.clipboard().setText("\n".join(uids))
        self._desk.say(
            tr("1 UID is copied.") if len(uids) == 1 else tr("{count} UIDs are copied.").format(count=len(uids))
        )

    def copy_table(self) -> None:
        """Put what was captured on the clipboard as rows of a spreadsheet, in the columns that an import reads."""
        cards = self._capturing.captured
        ids = [card.pass_id for card in cards if card.pass_id is not None]
        summaries = {summary.card.id: summary for summary in self._desk.application.passes.these(ids)}
        lines = [(tr("Visible ID"), tr("UID"), tr("Pass name"), tr("E-mail address"))]
        for card in cards:
            summary = summaries.get(card.pass_id) if card.pass_id is not None else None
            visible_id, name = (summary.card.visible_id or "", summary.card.name) if summary else ("", card.title)
            lines.append((visible_id, card.uid, name, summary.email if summary else ""))
        QGuiApplication.clipboard().setText("\n".join("\t".join(map(_one_cell, line)) for line in lines))
        self._desk.say(tr("{count} rows are copied.").format(count=len(cards)))

    # How it looks

    def _lay_out(self) -> None:
        side = Card()
        self._next = side.add_row(title(tr("Next")), None, self.left)
        self._next.setToolTip(tr("Drag a pass to another place, or move it with Alt and the arrow keys"))
        side.body.addWidget(self.queue)
        side.add_row(title(tr("Done"), whole=True), None, self.copy, self.copy_all, self.export)
        side.body.addWidget(self.table, 1)
        side.setMaximumWidth(_SIDE_WIDTH)
        halves = row(spacing=12)
        halves.addWidget(self.stage, _STAGE_WIDTH)
        halves.addWidget(side, _SIDE_WIDTH)
        column = page_layout(self)
        column.addWidget(self.head)
        column.addWidget(self.choices)
        column.addLayout(halves, 1)
        foot = row(self.progress, self.count)
        foot.setStretch(0, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        desk, stage = self._desk, self.stage
        stage.skip_asked.connect(self.skip)
        stage.undo_asked.connect(self.undo)
        stage.give_asked.connect(self._give)
        stage.elsewhere.connect(self._go_elsewhere)
        self.queue.moved.connect(lambda pass_id, to: desk.run(self._move(pass_id, to)))
        self.queue.row_activated.connect(lambda summary: desk.run(self._capturing.place(summary.card.id, 0)))
        self.keys.line.connect(self._capturing.typed)
        self.keys.watch(self, self.queue, self.table, self.choices.reader, self.choices.form)
        for keys, run in (("Ctrl+Right", self.skip), ("Ctrl+Z", self.undo)):
            QShortcut(QKeySequence(keys), self, run).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self, self.finish.click)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)
        bridge = desk.bridge
        # Each card is looked at: the page may take more of the time than one that nobody works with.
        self._refresh = Unhurried(self, self._show, share=0.4)
        self._fresh = Freshness(self, self._refresh, bridge.capture_changed, bridge.passes_changed)
        Freshness(self, self._readers_changed, bridge.stations_changed)
        people_and_pools = (bridge.identities_changed, bridge.pools_changed)
        Freshness(self.choices.new_fields, self.choices.show_people_and_pools, *people_and_pools)

    def _columns(self) -> list[Column[CapturedCard]]:
        return [
            Column(
                title=tr("Time"), text=lambda card: clock(self._desk, card.at), mono=True, width=84, drop=1, sort=None
            ),
            Column(title=tr("UID"), text=lambda card: card.uid, mono=True, width=128, sort=None),
            Column(title=tr("Pass"), text=lambda card: card.title, width=80, stretch=1, sort=None),
            Column(title=tr("Outcome"), text=outcome_of, pill=kind_of, width=138, sort=None),
        ]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # What became of cards before is in the list; it is no news.
        self._shown = self._last_number()
        self._capturing.arm()
        self._fresh.grow_stale()
        self._fresh.catch_up()
        self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        # A window that is minimized is still what the operator works with.
        if not event.spontaneous():
            self._capturing.disarm()

    def _readers_changed(self) -> None:
        self.choices.show_readers()
        self._refresh()

    def _show(self) -> None:
        capturing = self._capturing
        following = self._show_queue()
        self.choices.show_chosen()
        self.choices.show_readers()
        self.head.subtitle.setText(about(capturing.mode))
        self.keys.set_on(on=capturing.reader.kind is ReaderKind.USB)
        self._show_stage(following)
        cards = capturing.cards
        self.done.replace(reversed(cards))
        last = cards[-1] if cards else None
        self.stage.show_card(last, is_new=last is not None and last.number > self._shown)
        self._shown = self._last_number()
        captured = capturing.captured
        self.copy.setEnabled(bool(captured))
        self.export.setEnabled(bool(captured))
        # A file is written of passes; UIDs that are none go by the clipboard.
        self.copy_all.setVisible(any(card.pass_id is None for card in captured))
        self.export.setVisible(not captured or any(card.pass_id is not None for card in captured))
        self._show_progress(captured)

    def _show_queue(self) -> PassSummary | None:
        ids = self._capturing.queue() if self._capturing.mode is CaptureMode.FILL else []
        passes = self._desk.application.passes.these(ids[: _QUEUE_SHOWN + 1])
        self.queue.passes.replace(passes[1:])
        self._next.setVisible(self._capturing.mode is CaptureMode.FILL and bool(passes))
        self.queue.setVisible(len(passes) > 1)
        self.queue.setFixedHeight(min(len(passes) - 1, _QUEUE_ROWS) * ROW_HEIGHT if passes else 0)
        return passes[0] if passes else None

    def _show_stage(self, following: PassSummary | None) -> None:
        reader, application = self._capturing.reader, self._desk.application
        station = application.stations.find(reader.station_id) if reader.station_id else None
        self.stage.show_next(
            following,
            station.title if station else reader.station_id,
            online=reader.station_id in application.server.connected,
            typing_arrives=self._has_keyboard(),
        )

    def _show_progress(self, captured: list[CapturedCard]) -> None:
        filling = self._capturing.mode is CaptureMode.FILL
        done = sum(card.mode is CaptureMode.FILL for card in captured)
        left = len(self._capturing.queue()) if filling else 0
        self.left.setText(tr("{left} left of {all}").format(left=left, all=done + left))
        self.progress.setVisible(filling and done + left > 0)
        self.progress.show_part(done, done + left)
        words = tr("{done} of {all}").format(done=done, all=done + left)
        if not filling:
            count = len(captured)
            words = (
                tr("1 card captured so far") if count == 1 else tr("{count} cards captured so far").format(count=count)
            )
        self.count.setText(words if not filling or done + left else "")

    # The keyboard

    def _focus_changed(self, _before: QWidget | None, _now: QWidget | None) -> None:
        if self.isVisible() and self._capturing.reader.kind is ReaderKind.USB:
            self._show_stage(self.stage.next)

    def _has_keyboard(self) -> bool:
        """Whether what a reader types arrives here."""
        focus = QApplication.focusWidget()
        here = focus is not None and (focus is self or self.isAncestorOf(focus))
        return here and not isinstance(focus, QLineEdit)

    # What is done

    def skip(self) -> None:
        """Let the other passes go first."""
        if self.stage.next is not None:
            self._desk.run(self._capturing.skip(self.stage.next.card.id))

    def undo(self) -> None:
        """Take the last card back."""
        self._desk.run(self._capturing.undo_last())

    def _export(self) -> None:
        ids = [card.pass_id for card in self._capturing.captured if card.pass_id is not None]
        of = self._desk.application.passes.count()
        self._desk.run(export(self._desk, ExportKind.PASSES, ids=list(dict.fromkeys(ids)), of=of))

    def _give(self, number: int) -> None:
        if self.stage.next is not None:
            self._desk.run(self._capturing.give_to(number, self.stage.next.card.id))

    def _go_elsewhere(self, where: str) -> None:
        if where == "new":
            self.select(CaptureMode.NEW)
        elif self.stage.last is not None:
            self._desk.go("passes", self.stage.last.pass_id)

    async def _move(self, pass_id: int, to: int) -> None:
        # The first of the queue is the large one, which is not in this list.
        await self._capturing.place(pass_id, to + 1)
        self._show()
        self.queue.select_key(pass_id)

    async def _begin_with(self, pass_id: int) -> None:
        await self._capturing.choose_mode(CaptureMode.FILL)
        await self._capturing.place(pass_id, 0)

    async def _finish(self) -> None:
        count = len(self._capturing.captured)
        bring_back = await self._capturing.finish()
        self._desk.go("passes")
        if count:
            words = tr("1 card was captured.") if count == 1 else tr("{count} cards were captured.").format(count=count)
            self._desk.notes.show_note(
                words, "ok", Action(tr("Bring the list back"), lambda: self._desk.run(self._return(bring_back)))
            )

    async def _return(self, bring_back: Undo) -> None:
        await bring_back()
        self._desk.go("capture")

    def _last_number(self) -> int:
        cards = self._capturing.cards
        return cards[-1].number if cards else 0


def _one_cell(text: str) -> str:
    return " ".join(text.split())


def _nothing_yet() -> EmptyState:
    words = tr("Choose the reader, then hold card after card to it. What becomes of each is listed here.")
    return EmptyState(tr("No card yet"), words)
