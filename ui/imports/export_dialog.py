"""The dialog that writes a list to a file: in whose words, in which format, where to.

desk.run(export(desk, ExportKind.PASSES, ids=shown_ids, of=model.total()))     # the rows that are shown
desk.run(export(desk, ExportKind.MEMBERS, pool=pool))
desk.run(export(desk, ExportKind.MESSAGES, messages=filters.wanted()))
"""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton
from shiboken6 import isValid

from app.application import MessageFilter
from app.domain.errors import AppError
from app.domain.export_kinds import FORMS, ExportForm, ExportKind, FileFormat, formats_of
from app.domain.model import Pool
from ui.desk import Desk
from ui.imports.choosing_files import file_to_write
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.buttons import Action, button
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField, Segmented
from ui.widgets.labels import paragraph


async def export(
    desk: Desk,
    kind: ExportKind,
    *,
    ids: Sequence[int] | None = None,
    of: int = 0,
    pool: Pool | None = None,
    messages: MessageFilter | None = None,
) -> None:
    """Ask how and where to, write the file, and say so with the way to its folder.

    What is written: the rows with these `ids`, `of` so many that there are; those of a pool; the messages that a
    filter admits; all there are.
    """
    await ask(ExportDialog(desk, kind, ids=ids, of=of, pool=pool, messages=messages))


def export_button(desk: Desk, kind: ExportKind) -> QPushButton:
    """A button that writes all there is of a kind."""
    return button(tr("Export…"), lambda: desk.run(export(desk, kind)))


class ExportDialog(FormDialog):
    """It stays open while the file is written; Cancel stops that, and then there is no file."""

    def __init__(
        self,
        desk: Desk,
        kind: ExportKind,
        *,
        ids: Sequence[int] | None = None,
        of: int = 0,
        pool: Pool | None = None,
        messages: MessageFilter | None = None,
    ) -> None:
        super().__init__(desk.window, _titles()[kind])
        self._desk, self._kind = desk, kind
        self._ids, self._pool, self._messages = ids, pool, messages
        self._stop: threading.Event | None = None
        forms = (ExportForm.ALL, *FORMS.get(kind, ()))
        self.what = paragraph(_what(ids, of, pool, messages), tone="muted")
        self.form = Segmented(tr("For whom"), [(form, _forms()[form]) for form in forms])
        self.form_field = FormField(tr("For whom"), self.form, helper=_form_help(kind, ExportForm.ALL))
        formats = list(dict.fromkeys(each for form in forms for each in formats_of(kind, form)))
        self.format = Segmented(tr("File format"), [(each, _formats()[each]) for each in formats])
        self.state = paragraph(tone="muted")
        self.body.addWidget(self.what)
        self.body.addWidget(self.form_field)
        self.body.addWidget(FormField(tr("File format"), self.format))
        self.body.addWidget(self.state)
        self.form_field.setVisible(len(forms) > 1)
        self.state.hide()
        self.save = self.add_buttons(tr("Choose where to…"), lambda: desk.run(self._choose(), on_error=self._failed))
        self.form.changed.connect(lambda _form: self._form_chosen())
        self._form_chosen()

    def reject(self) -> None:
        """Close it; while a file is written, stop that first."""
        if self._stop is None:
            super().reject()
        else:
            self._stop.set()

    def _form_chosen(self) -> None:
        form = self._form()
        possible = formats_of(self._kind, form)
        for each in FileFormat:
            if each in _offered(self._kind):
                self.format.segment(each).setEnabled(each in possible)
        if self.format.value() not in possible:
            self.format.select(possible[0])
        self.form_field.helper.say(_form_help(self._kind, form))

    def _form(self) -> ExportForm:
        return ExportForm(str(self.form.value()))

    async def _choose(self) -> None:
        name = f"{_file_names()[self._kind]} {self._desk.now():%Y-%m-%d}.{self.format.value()}"
        path = await file_to_write(self, self.windowTitle(), name)
        if path is not None:
            await self._write(path)

    async def _write(self, path: Path) -> None:
        stop, loop = threading.Event(), asyncio.get_running_loop()
        self._stop = stop
        self._show_working(working=True)

        def tell(done: int) -> None:
            loop.call_soon_threadsafe(self._show_progress, done)

        try:
            count = await self._desk.application.exporter.export(
                self._kind,
                path,
                form=self._form(),
                ids=self._ids,
                pool_id=self._pool.id if self._pool else None,
                messages=self._messages,
                progress=tell,
                stop=stop,
            )
        finally:
            # Who waits for it may be gone with the window, while the thread goes on.
            stop.set()
            self._stop = None
            if isValid(self):
                self._show_working(working=False)
        self._say(count, path)
        self.accept()

    def _show_working(self, *, working: bool) -> None:
        for each in (self.form, self.format, self.save):
            each.setEnabled(not working)
        self.state.say(
            tr("Writing…"),
        )
        self.state.setVisible(working)

    def _show_progress(self, done: int) -> None:
        if isValid(self):
            self.state.say(tr("{count} rows so far…").format(count=f"{done:,}"))

    def _say(self, count: int, path: Path) -> None:
        words = tr("1 row is in {name}.") if count == 1 else tr("{count} rows are in {name}.")
        folder = QUrl.fromLocalFile(str(path.parent))
        open_folder = Action(tr("Open folder"), lambda: QDesktopServices.openUrl(folder))
        self._desk.notes.show_note(words.format(count=f"{count:,}", name=path.name), "ok", open_folder)

    def _failed(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if error.code == "export_stopped":
            self._desk.notes.show_note(words, "info")
            self.reject()
            return
        self.state.say(words)
        self.state.show()


def _offered(kind: ExportKind) -> set[FileFormat]:
    forms = (ExportForm.ALL, *FORMS.get(kind, ()))
    return {each for form in forms for each in formats_of(kind, form)}


def _what(ids: Sequence[int] | None, of: int, pool: Pool | None, messages: MessageFilter | None) -> str:
    if pool is not None:
        return tr("What belongs to the pool {name}.").format(name=pool.name)
    if messages is not None and messages != MessageFilter():
        return tr("The messages that the filters admit, the newest first.")
    if ids is None:
        return tr("All there are.")
    if len(ids) < of:
        return tr("{count} of {all}: the rows that are shown, as they are sorted.").format(
            count=f"{len(ids):,}", all=f"{of:,}"
        )
    return tr("All {count}, as they are sorted.").format(count=f"{len(ids):,}")


def _titles() -> dict[ExportKind, str]:
    return {
        ExportKind.PASSES: tr("Export passes"),
        ExportKind.IDENTITIES: tr("Export identities"),
        ExportKind.MEMBERS: tr("Export members"),
        ExportKind.STATIONS: tr("Export stations"),
        ExportKind.SESSIONS: tr("Export sessions"),
        ExportKind.TAPS: tr("Export cards held to readers"),
        ExportKind.MESSAGES: tr("Export messages"),
    }


def _file_names() -> dict[ExportKind, str]:
    return {
        ExportKind.PASSES: tr("Passes"),
        ExportKind.IDENTITIES: tr("Identities"),
        ExportKind.MEMBERS: tr("Members"),
        ExportKind.STATIONS: tr("Stations"),
        ExportKind.SESSIONS: tr("Sessions"),
        ExportKind.TAPS: tr("Taps"),
        ExportKind.MESSAGES: tr("Messages"),
    }


def _forms() -> dict[ExportForm, str]:
    return {
        ExportForm.ALL: tr("Everything"),
        ExportForm.MAXEM: tr("Maxem"),
        ExportForm.EV_PORTAL: tr("EV Portal"),
    }


def _form_help(kind: ExportKind, form: ExportForm) -> str:
    if form is ExportForm.MAXEM:
        return tr(
            "The four columns that Maxem imports passes by. Blocked passes are among them: it has no column for that."
        )
    if form is ExportForm.EV_PORTAL:
        return tr(
            "The one column that EV Portal imports tokens by: the visible ID, or the UID where there is none. "
            "Blocked passes are among them."
        )
    if kind is ExportKind.MEMBERS:
        return tr("Every identity and pass that is a member, to read or to import again.")
    return tr("Every column, to read or to import again.")


def _formats() -> dict[FileFormat, str]:
    return {
        FileFormat.XLSX: tr("Excel (.xlsx)"),
        FileFormat.CSV: tr("CSV"),
        FileFormat.JSON_LINES: tr("JSON lines"),
    }
