"""The page "Import & export": what lists may come in, the one that is looked at now, and the last one that came in."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.application import ImportRecord
from app.domain.errors import AppError
from ui.desk import Desk
from ui.freshness import Freshness
from ui.imports.choosing_files import files_to_read
from ui.imports.incoming import Item, Pasted
from ui.imports.preview import Preview, Which
from ui.imports.review import ImportReview
from ui.imports.start import ImportStart
from ui.imports.words import counted, number
from ui.strings import sentence, tr
from ui.widgets.buttons import Action

FILES = "*.xlsx *.xlsm *.xls *.ods *.csv *.tsv *.txt"


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the list that is looked at came from."""

    item: Item
    name: str


class ImportsPage(QWidget):
    """`select(items)` takes files and pasted text; they are looked at one after another."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._queue: deque[Item] = deque()
        self._reading = False
        self._source: _Source | None = None
        self.review: ImportReview | None = None
        self._places = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._places)
        self.start = ImportStart(desk, self.choose_file)
        self._places.addWidget(self.start)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Open), self, self.choose_file).setContext(
            Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        bridge = desk.bridge
        Freshness(self, self.start.refresh, bridge.passes_changed, bridge.identities_changed)

    def select(self, items: Sequence[Item]) -> None:
        """Look at these lists, after those that wait already."""
        self._queue.extend(items)
        self._show_queue()
        self._next()

    def choose_file(self) -> None:
        """Ask for files."""
        self._desk.run(self._ask_for_files())

    @property
    def waiting(self) -> int:
        """How many lists wait until the one that is looked at is done with."""
        return len(self._queue)

    async def _ask_for_files(self) -> None:
        filters = [f"{tr('Spreadsheets and CSV')} ({FILES})", f"{tr('All files')} (*)"]
        chosen = await files_to_read(self, tr("Choose lists to import"), filters)
        if chosen:
            self.select(chosen)

    # One list after another

    def _next(self) -> None:
        if self.review is None and not self._reading and self._queue:
            self._reading = True
            self._desk.run(self._open(self._queue.popleft()))

    async def _open(self, item: Item, sheet: str = "") -> None:
        name = item.name if isinstance(item, Path) else tr("Pasted cells")
        self.start.zone.show_reading(name)
        importer = self._desk.application.importer
        try:
            if isinstance(item, Pasted):
                book = await asyncio.to_thread(importer.pasted, item.text)
            else:
                book = await importer.read(item, sheet)
            review = ImportReview(self._desk, name, book, item if isinstance(item, Path) else None)
        except AppError as error:
            self._desk.notes.problem(f"{name}: {sentence(error.code, **error.params)}")
        else:
            self._show(review, _Source(item, name))
        finally:
            self._reading = False
            self.start.zone.show_reading("")
        self._show_queue()
        self._next()

    def _show(self, review: ImportReview, source: _Source) -> None:
        self._put_away()
        self.review, self._source = review, source
        review.left.connect(self._leave)
        review.imported.connect(self._tell)
        review.sheet_wanted.connect(self._change_sheet)
        self._places.addWidget(review)
        self._places.setCurrentWidget(review)

    def _put_away(self) -> None:
        review, self.review, self._source = self.review, None, None
        if review is not None:
            self._places.removeWidget(review)
            review.let_go()
            review.deleteLater()

    def _leave(self) -> None:
        self._put_away()
        self.start.refresh()
        self._show_queue()
        self._next()

    def _change_sheet(self, name: str) -> None:
        if self._source is not None and not self._reading:
            self._reading = True
            self._desk.run(self._open(self._source.item, name))

    def _show_queue(self) -> None:
        if self.review is not None:
            waiting = len(self._queue)
            words = tr("1 more waits") if waiting == 1 else tr("{count} more wait")
            pill = self.review.head.pill
            pill.show_state(words.format(count=waiting) if waiting else "", "info")
            pill.setMinimumWidth(pill.sizeHint().width())

    # What was done

    def _tell(self, record: ImportRecord, preview: Preview) -> None:
        removed = preview.count(Which.REMOVED)
        words = tr("Imported {what}.").format(what=counted(record.kind, preview.carried_out))
        if removed:
            words = tr("Imported {what}, removed {removed}.").format(
                what=counted(record.kind, preview.carried_out), removed=number(removed)
            )
        self._desk.notes.show_note(words, "ok", Action(tr("Undo"), lambda: self.start.undo(record.id)))
        self.start.tell_without_uid(preview.without_uid)
        self._leave()
