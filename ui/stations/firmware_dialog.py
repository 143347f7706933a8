"""Firmware that a station's maker signed: the file, with the certificate and the signature that came with it.

ask(SignedFirmwareDialog(desk, station))
"""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget
from shiboken6 import isValid

from app.application import SignatureFiles
from app.domain.errors import AppError
from app.domain.model import Station
from ui.desk import Desk
from ui.stations.refusals import refusal_words
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.buttons import button
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.labels import muted, paragraph

_WIDTH = 560


class _FileField(QWidget):
    """A file of this machine, chosen in the system's own way."""

    changed = Signal()

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self._desk, self._name = desk, name
        self.file: Path | None = None
        self._shown = muted(tr("none chosen"))
        self.choose_button = button(tr("Choose…"), self._choose)
        self.choose_button.setAccessibleName(tr("Choose: {name}").format(name=name))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.choose_button)
        line.addWidget(self._shown, 1)
        self.setFocusProxy(self.choose_button)

    def take(self, file: Path) -> None:
        """Have this one chosen."""
        self.file = file
        self._shown.setText(file.name)
        self._shown.setToolTip(str(file))
        self.changed.emit()

    def _choose(self) -> None:
        dialog = QFileDialog(self, self._name)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        if self.file is not None:
            dialog.setDirectory(str(self.file.parent))
        dialog.fileSelected.connect(lambda path: self.take(Path(path)))
        self._desk.run(ask(dialog))


class SignedFirmwareDialog(FormDialog):
    """Tells the station by itself and is accepted once it said yes."""

    def __init__(self, desk: Desk, station: Station) -> None:
        super().__init__(desk.window, tr("Signed firmware for {station}").format(station=station.title), width=_WIDTH)
        self._desk, self._station = desk, station
        about = tr(
            "The station installs it only when its maker signed it: it has to trust its maker’s certificate, and the "
            "two files that came with the firmware have to belong to it."
        )
        self.body.addWidget(paragraph(about, tone="muted"))
        names = (tr("Firmware"), tr("Certificate that signed it"), tr("Signature"))
        self.firmware, self.certificate, self.signature = (_FileField(desk, name) for name in names)
        self._fields = (self.firmware, self.certificate, self.signature)
        for name, field in zip(names, self._fields, strict=True):
            self.body.addWidget(FormField(name, field))
            field.changed.connect(self._changed)
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        self.body.addWidget(self.problem)
        self.update_button = self.add_buttons(tr("Update"), self.update_firmware)
        self._changed()

    def update_firmware(self) -> None:
        """Have the station fetch, verify and install it."""
        firmware, certificate, signature = (field.file for field in self._fields)
        if firmware and certificate and signature and self.update_button.isEnabled():
            self.problem.hide()
            self.update_button.setEnabled(False)
            work = self._update(firmware, SignatureFiles(certificate, signature))
            self._desk.run(work, on_error=self._show_error)

    async def _update(self, firmware: Path, signed: SignatureFiles) -> None:
        try:
            await self._desk.application.transfers.update_firmware(self._station.station_id, firmware, signed=signed)
        finally:
            if isValid(self):
                self._changed()
        if isValid(self):
            self.accept()
        words = tr("{station} was told to fetch {file}. Its history shows how it gets on.")
        self._desk.say(words.format(station=self._station.title, file=firmware.name))

    def _show_error(self, error: AppError) -> None:
        words = refusal_words(self._station, error)
        if not isValid(self):
            self._desk.notes.problem(words)
            return
        self.problem.say(words)
        self.problem.show()

    def _changed(self) -> None:
        self.update_button.setEnabled(all(field.file for field in self._fields))
