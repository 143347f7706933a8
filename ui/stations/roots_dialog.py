"""The root certificates that a station trusts: those of servers, and of its maker, who signs its firmware.

ask(RootsDialog(desk, station))
"""

from collections.abc import Coroutine
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QVBoxLayout
from shiboken6 import isValid

from app.domain.errors import AppError
from app.domain.model import Station
from app.domain.security import RootKind, RootOwner, TrustedRoot
from ui.desk import Desk
from ui.stations.refusals import refusal_words
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import Card, EmptyState, row
from ui.widgets.buttons import Action, button, primary_button
from ui.widgets.labels import heading, paragraph
from ui.widgets.question import Question
from ui.widgets.tables import Column, RowsModel, TableView

_SIZE = (680, 440)


class RootsDialog(QDialog):
    """It reads them from the station when it opens, and after each change."""

    def __init__(self, desk: Desk, station: Station) -> None:
        super().__init__(desk.window)
        self._desk, self._station = desk, station
        name = tr("Certificates that {station} trusts").format(station=station.title)
        self.setWindowTitle(name)
        self.setAccessibleName(name)
        self.resize(*_SIZE)
        about = tr("By these it judges the server it connects to, and the firmware it is offered.")
        self.model = RowsModel(self._columns(), key=lambda root: root)
        self._empty = EmptyState(tr("Reading them"), tr("The station is asked."))
        self.table = TableView(self.model, name, empty=self._empty)
        self.question = Question()
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        card = Card()
        card.body.addWidget(self.table)
        self.forget_button = button(tr("Have it forget this one"), self._ask_to_forget)
        self.forget_button.setEnabled(False)
        self.give_button = button(tr("Give it its maker’s certificate…"), self._choose_file)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.setSpacing(10)
        column.addWidget(heading(name))
        column.addWidget(paragraph(about, tone="muted"))
        column.addWidget(card, 1)
        column.addWidget(self.question)
        column.addWidget(self.problem)
        column.addLayout(row(self.give_button, self.forget_button, None, primary_button(tr("Close"), self.accept)))
        self.table.row_selected.connect(lambda _root: self._selected())
        self._try(self._read())

    def give(self, file: Path) -> None:
        """Have the station trust the certificate in a file, as that of its maker."""
        self._try(self._give(file))

    async def _read(self) -> None:
        roots = await self._desk.application.roots.of(self._station.station_id)
        if isValid(self):
            self._say_empty(tr("None"), tr("The station says that it trusts no certificate."))
            self.model.replace(sorted(roots, key=lambda root: root.kind is not RootKind.SERVER))
            self._selected()

    async def _give(self, file: Path) -> None:
        await self._desk.application.roots.give(self._station.station_id, file, RootKind.MANUFACTURER)
        words = tr("{station} trusts {file} as its maker’s certificate.")
        self._desk.say(words.format(station=self._station.title, file=file.name))
        await self._read()

    async def _forget(self, root: TrustedRoot) -> None:
        await self._desk.application.roots.forget(self._station.station_id, root)
        words = tr("{station} no longer trusts the certificate {number}.")
        self._desk.say(words.format(station=self._station.title, number=root.serial_number))
        await self._read()

    def _ask_to_forget(self) -> None:
        selected = self.table.selected_rows()
        if not selected:
            return
        root = selected[0]
        words = (
            tr("It trusts no such server then.")
            if root.kind is RootKind.SERVER
            else tr("It installs no such firmware then.")
        )
        forget = Action(tr("Forget it"), lambda: self._try(self._forget(root)))
        self.question.pose(tr("Forget this certificate?"), words, forget, tr("Keep it"))

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Certificate of the maker of {station}").format(station=self._station.title))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Certificates") + " (*.pem *.crt *.cer *.der)", tr("All files") + " (*)"])
        dialog.fileSelected.connect(lambda path: self.give(Path(path)))
        self._desk.run(ask(dialog))

    def _try(self, work: Coroutine[object, object, None]) -> None:
        self.problem.hide()
        self._desk.run(work, on_error=self._show_error)

    def _show_error(self, error: AppError) -> None:
        words = refusal_words(self._station, error)
        if not isValid(self):
            self._desk.notes.problem(words)
            return
        if not self.model.rowCount():
            self._say_empty(tr("Not known"), tr("The station did not tell which certificates it trusts."))
        self.problem.say(words)
        self.problem.show()

    def _say_empty(self, name: str, words: str) -> None:
        self._empty.title.setText(name)
        self._empty.sentence.say(words)

    def _selected(self) -> None:
        self.forget_button.setEnabled(bool(self.table.selected_rows()))

    def _columns(self) -> list[Column[TrustedRoot]]:
        owner = self._desk.application.roots.owner
        return [
            Column(title=tr("For"), text=lambda root: _kind_words(root.kind), width=130),
            Column(title=tr("Whose"), text=lambda root: _owner_words(owner(root)), width=190),
            Column(title=tr("Serial number"), text=lambda root: root.serial_number, mono=True, width=200, stretch=1),
        ]


def _kind_words(kind: RootKind) -> str:
    return {
        RootKind.SERVER: tr("Servers"),
        RootKind.MANUFACTURER: tr("Firmware"),
        RootKind.OTHER: tr("Vehicles"),
    }[kind]


def _owner_words(owner: RootOwner) -> str:
    return {
        RootOwner.SITE: tr("This site’s"),
        RootOwner.EARLIER_SITE: tr("This site’s, replaced since"),
        RootOwner.UNKNOWN: tr("Somebody else’s"),
    }[owner]
