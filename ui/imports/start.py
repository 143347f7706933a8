"""The page "Import & export" while no list is looked at: what may come in, and what came in last."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.application import ImportRecord
from app.domain.errors import AppError
from app.domain.export_kinds import ExportKind
from app.domain.import_fields import ListKind
from ui.days import moment
from ui.desk import Desk
from ui.imports.export_dialog import export
from ui.imports.template import template_button
from ui.imports.words import counted, number
from ui.strings import tr
from ui.theme import tokens
from ui.widgets.boxes import Banner, Card, EmptyState, PageHead, empty, page_layout, row
from ui.widgets.buttons import Action, menu_button
from ui.widgets.labels import paragraph, title

_ZONE = 250


class DropZone(QFrame):
    """A place with a dashed edge, which says what to drop there or what is being read."""

    def __init__(self, choose: Callable[[], object]) -> None:
        super().__init__()
        self.setMinimumHeight(_ZONE)
        self._places = QStackedWidget()
        self._teaching = EmptyState(
            tr("Drop a spreadsheet anywhere on this window"),
            tr(
                "Excel, OpenDocument or CSV, or cells copied in a spreadsheet and pasted with Ctrl+V. "
                "You see what it would change; nothing is written before you say so."
            ),
            Action(tr("Choose a file…"), choose, "primary"),
        )
        self._reading = EmptyState("", tr("Nothing is written yet."))
        self._places.addWidget(self._teaching)
        self._places.addWidget(self._reading)
        column = QVBoxLayout(self)
        column.addWidget(self._places)

    def show_reading(self, name: str) -> None:
        """Say which file is being read; empty: none is."""
        self._reading.title.setText(tr("Reading {name}…").format(name=name))
        self._places.setCurrentWidget(self._reading if name else self._teaching)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tokens().faint), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(QColor(tokens().surface))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)


class ImportStart(QWidget):
    """`refresh` reads what was imported last; `tell_without_uid` leads to the cards that have yet to be captured."""

    def __init__(self, desk: Desk, choose: Callable[[], object]) -> None:
        super().__init__()
        self._desk = desk
        self._without_uid = 0
        self.zone = DropZone(choose)
        self.head = PageHead(
            tr("Import & export"),
            tr("lists of passes, members, identities and stations"),
            menu_button(
                tr("Export…"),
                [Action(words, lambda kind=kind: desk.run(export(desk, kind))) for kind, words in _exported().items()],
            ),
        )
        self._banners = QVBoxLayout()
        self._banners.setSpacing(10)
        column = page_layout(self)
        column.addWidget(self.head)
        column.addLayout(self._banners)
        column.addWidget(self.zone, 1)
        kinds = QHBoxLayout()
        kinds.setSpacing(10)
        for kind, words in _KINDS.items():
            kinds.addWidget(self._kind_card(kind, tr(words)), 1)
        column.addLayout(kinds)

    def refresh(self) -> None:
        """Show the last import, with the way back while there is one."""
        empty(self._banners)
        if self._without_uid:
            self._banners.addWidget(self._to_capture(self._without_uid))
        last = self._desk.application.importer.last()
        if last is not None:
            self._banners.addWidget(self._last_import(last))

    def tell_without_uid(self, count: int) -> None:
        """So many passes of the last import have no UID yet."""
        self._without_uid = count
        self.refresh()

    def undo(self, import_id: int) -> None:
        """Take an import back; only the last one can be."""
        self._desk.run(self._undo(import_id))

    async def _undo(self, import_id: int) -> None:
        importer = self._desk.application.importer
        last = importer.last()
        if last is None or last.id != import_id:
            raise AppError("nothing_to_undo")
        await importer.undo_last()
        self._without_uid = 0
        self.refresh()
        self._desk.say(tr("The import was taken back."))

    def _kind_card(self, kind: ListKind, words: str) -> Card:
        card = Card(padding=14)
        card.body.setSpacing(6)
        card.body.addWidget(title(tr(_TITLES[kind])))
        card.body.addWidget(paragraph(words, tone="muted"))
        card.body.addStretch(1)
        card.body.addLayout(row(template_button(self._desk, kind), None))
        return card

    def _to_capture(self, count: int) -> Banner:
        name = tr("1 pass has no UID yet") if count == 1 else tr("{count} have no UID yet").format(count=number(count))
        facts = tr("A card opens no station until its UID was seen.")
        capture = tr("Capture it") if count == 1 else tr("Capture them")
        return Banner("warn", name, facts, [Action(capture, lambda: self._desk.go("capture"))])

    def _last_import(self, record: ImportRecord) -> Banner:
        at = moment(self._desk.local(record.at), self._desk.now())
        facts = f"{_what_it_did(record)} · {at}"
        undo = [Action(tr("Undo the last import"), lambda: self.undo(record.id))] if record.can_be_undone else []
        if not undo:
            facts += f" · {tr('can not be taken back any more')}"
        return Banner("info", tr("Last import: {source}").format(source=record.source), facts, undo)


_KINDS = {
    ListKind.PASSES: "Visible ID and e-mail of the passholder; UID and pass name where they are known.",
    ListKind.MEMBERS: "Auth IDs or e-mail addresses of who may charge at the stations of a pool.",
    ListKind.IDENTITIES: "The e-mail address of each person, with names, role and days of validity.",
    ListKind.STATIONS: "Station IDs with name and pool: they are let in before they first connect.",
}
_TITLES = {
    ListKind.PASSES: "Passes",
    ListKind.MEMBERS: "Members of a pool",
    ListKind.IDENTITIES: "Identities",
    ListKind.STATIONS: "Stations",
}


def _exported() -> dict[ExportKind, str]:
    """What can be written as a whole; members go out pool by pool."""
    return {
        ExportKind.PASSES: tr("Passes…"),
        ExportKind.IDENTITIES: tr("Identities…"),
        ExportKind.STATIONS: tr("Stations…"),
        ExportKind.SESSIONS: tr("Sessions…"),
        ExportKind.TAPS: tr("Taps…"),
        ExportKind.MESSAGES: tr("Messages…"),
    }


def _what_it_did(record: ImportRecord) -> str:
    """In numbers: "231 new, 18 changed, 12 removed"."""
    counts = record.counts
    parts = [
        (counts.get("new", 0), tr("{count} new")),
        (counts.get("change", 0), tr("{count} changed")),
        (counts.get("check", 0), tr("{count} with remarks")),
        (counts.get("error", 0), tr("{count} left out")),
        (counts.get("removed", 0), tr("{count} removed")),
    ]
    said = [words.format(count=number(count)) for count, words in parts if count]
    return ", ".join(said) or counted(record.kind, 0)
