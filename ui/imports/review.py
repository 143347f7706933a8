"""One list that came in: what it would change, everything the operator may say of it, and the button that does it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.application import ImportJob, ImportRecord, PlannedImport, Sheet, Workbook
from app.domain.errors import AppError
from app.domain.import_fields import Columns, Field, ListKind, kind_of
from app.domain.import_plan import Choices
from ui.desk import Desk
from ui.imports.choosing_files import file_to_write
from ui.imports.foot import ImportFoot
from ui.imports.options import ImportOptions, begun
from ui.imports.preview import Preview, Which, forget, offers_of, preview_of
from ui.imports.table import ImportRows, ImportTable
from ui.imports.template import save_template
from ui.imports.tiles import CountTiles
from ui.imports.words import number, reason
from ui.strings import sentence, tr
from ui.widgets.boxes import Card, CardHead, EmptyState, PageHead, page_layout, row
from ui.widgets.buttons import button, link_button
from ui.widgets.inputs import DropDown, Segmented

FORGET_AFTER_S = 0.5
_NAMES = {
    ListKind.PASSES: "Import passes",
    ListKind.MEMBERS: "Import members of a pool",
    ListKind.IDENTITIES: "Import identities",
    ListKind.STATIONS: "Import stations",
}
_TILES_IN_CHIPS = (Which.NEW, Which.CHANGED, Which.SAME)


class ImportReview(QWidget):
    """`imported` comes with the record and the preview it was carried out from, `left` when the operator cancels,
    `sheet_wanted` with the name of another sheet of the same file."""

    imported = Signal(object, object)
    left = Signal()
    sheet_wanted = Signal(str)

    def __init__(self, desk: Desk, source: str, book: Workbook, file: Path | None = None) -> None:
        super().__init__()
        self._file = file
        self._desk = desk
        self._sheet: Sheet = book.sheet
        kind = kind_of(book.sheet.rows)
        columns = desk.application.importer.columns_for(book.sheet, kind)
        self._job = begun(desk, ImportJob(kind, book.sheet, columns, Choices(), source))
        self._preview: Preview | None = None
        self._which = Which.ALL
        self._model: ImportRows | None = None
        self._plans_begun = self._plans_shown = 0
        self.head = PageHead("", "")
        self.sheets = DropDown(tr("Sheet"), [(name, name) for name in book.sheet_names])
        self.sheets.select(book.sheet.name)
        self.sheets.setMaximumWidth(200)
        self.sheets.changed.connect(lambda name: self.sheet_wanted.emit(str(name)))
        self.head.add(link_button(tr("Get the template"), lambda: desk.run(save_template(desk, self._job.kind))))
        self.head.add(self.sheets)
        self.sheets.setVisible(len(book.sheet_names) > 1)
        self.tiles = CountTiles()
        self.options = ImportOptions(desk)
        self.chips = Segmented(
            tr("Which rows"),
            [
                (Which.ALL, tr("All")),
                *((Which.NEW, tr("New")), (Which.CHANGED, tr("Changed")), (Which.SAME, tr("The same"))),
                *((Which.ERRORS, tr("Errors")), (Which.CHECK, tr("To check")), (Which.REMOVED, tr("Removed"))),
            ],
        )
        self.put_right = link_button("", self._put_all_right)
        self.put_right.hide()
        self.report = button(tr("Save error report…"), lambda: desk.run(self._save_report()))
        self.table: ImportTable | None = None
        self._places = QStackedWidget()
        self._waiting = EmptyState(tr("Comparing with what is there…"), tr("Nothing is written yet."))
        self._poolless = EmptyState(
            tr("Which pool is it?"), tr("Choose above the pool whose members these are. Nothing is written yet.")
        )
        self._places.addWidget(self._waiting)
        self._places.addWidget(self._poolless)
        self.foot = ImportFoot()
        self.foot.wanted.connect(self._begin)
        self.foot.left.connect(self.left)
        self._lay_out()
        self.show_which(Which.ALL)
        self.tiles.chosen.connect(self.show_which)
        self.chips.changed.connect(self.show_which)
        self.options.kind_changed.connect(self._change_kind)
        self.options.changed.connect(lambda: self._plan(self.options.applied_to(self._job)))
        self._plan(self._job)

    @property
    def job(self) -> ImportJob:
        """The list with all that was said of it."""
        return self._job

    @property
    def preview(self) -> Preview | None:
        """What it would change; None while that is not known."""
        return self._preview

    @property
    def is_compared(self) -> bool:
        """Whether the preview is that of the list with all that was said of it."""
        return self._preview is not None and self._plans_shown == self._plans_begun

    @property
    def is_importing(self) -> bool:
        """Whether it is being written now."""
        return self.foot.is_busy

    def show_which(self, which: Which) -> None:
        """Show the rows of a kind."""
        self._which = which
        for each in _TILES_IN_CHIPS:
            self.chips.segment(each).setVisible(each is which)
            self.chips.segment(each).setEnabled(each is which)
        self.chips.select(which)
        self.tiles.mark(which)
        if self._model is not None:
            self._model.show_which(which)

    def let_go(self) -> None:
        """Nobody looks at this list any more: what is still being compared comes to nothing."""
        self._plans_begun += 1
        self.hide()
        self._forget(self._preview)
        self._preview = None
        if self._model is not None:
            self._model.show_nothing()

    def _forget(self, preview: Preview | None) -> None:
        if preview is not None:
            held = [preview]
            # By then nobody who was told of it holds it any more.
            loop = asyncio.get_running_loop()
            loop.call_later(FORGET_AFTER_S, loop.run_in_executor, None, forget, held)

    # How it looks

    def _lay_out(self) -> None:
        card = Card()
        chips = QHBoxLayout()
        chips.setContentsMargins(14, 10, 14, 10)
        chips.addLayout(row(self.chips, None, self.put_right, self.report))
        above = CardHead()
        above.setLayout(chips)
        card.body.addWidget(above)
        card.body.addWidget(self._places, 1)
        column: QVBoxLayout = page_layout(self)
        for widget in (self.head, self.tiles, self.options):
            column.addWidget(widget)
        column.addWidget(card, 1)
        column.addWidget(self.foot)

    def _show_head(self) -> None:
        job = self._job
        self.head.name.setText(tr(_NAMES[job.kind]))
        rows = (
            len(self._preview.rows[Which.ALL])
            if self._preview is not None
            else len(job.sheet.rows) - job.columns.first_row
        )
        counted_rows = tr("1 row") if rows == 1 else tr("{count} rows").format(count=number(rows))
        sheet = tr("sheet “{name}”").format(name=job.sheet.name) if job.sheet.name else ""
        self.head.subtitle.setText(" · ".join(part for part in (job.source, sheet, counted_rows) if part))

    # What it would change

    def _plan(self, job: ImportJob) -> None:
        """Compare a job with what there is; the newest job wins."""
        self._job = job
        self.options.show_job(job)
        self._plans_begun += 1
        if job.kind is ListKind.MEMBERS and job.pool_id is None:
            self._forget_plan()
            self._places.setCurrentWidget(self._poolless)
            return
        self.foot.commit.setEnabled(False)
        self._desk.run(self._compare(job, self._plans_begun), on_error=self._plan_failed)

    async def _compare(self, job: ImportJob, which_plan: int) -> None:
        planned = await self._desk.application.importer.plan(job)
        preview = await asyncio.to_thread(preview_of, planned)
        if which_plan == self._plans_begun:
            self._plans_shown = which_plan
            self._show(preview)

    def _plan_failed(self, error: AppError) -> None:
        self._forget_plan()
        self._desk.notes.problem(sentence(error.code, **error.params))
        if error.code == "pool_unknown":
            self._plan(replace(self._job, pool_id=None))

    def _forget_plan(self) -> None:
        self._forget(self._preview)
        self._preview = None
        self._show_head()
        self._show_counts()

    def _show(self, preview: Preview) -> None:
        before, self._preview = self._preview, preview
        self._forget(before)
        has_same_columns = before is not None and _columns_of(before.planned) == _columns_of(preview.planned)
        if has_same_columns and self._model is not None:
            self._model.show_preview(preview)
        else:
            self._make_table(preview)
        if self.table is not None:
            self._places.setCurrentWidget(self.table)
        self._show_head()
        self._show_counts()

    def _make_table(self, preview: Preview) -> None:
        old, had_focus = self.table, self.table is not None and self.table.hasFocus()
        self._model = ImportRows(preview)
        self._model.show_which(self._which)
        self.table = ImportTable(self._model)
        self.table.mapped.connect(self._map)
        self.table.corrected.connect(self.correct)
        self._places.addWidget(self.table)
        if old is not None:
            self._places.removeWidget(old)
            old.deleteLater()
        if had_focus:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_counts(self) -> None:
        preview = self._preview
        counts = {which: preview.count(which) for which in Which} if preview is not None else {}
        if not self._job.choices.complete_list:
            counts.pop(Which.REMOVED, None)
        self.tiles.show_counts(counts)
        for which in Which:
            self.chips.set_count(which, counts.get(which))
        self.chips.segment(Which.REMOVED).setEnabled(Which.REMOVED in counts)
        if self._which is Which.REMOVED and Which.REMOVED not in counts:
            self.show_which(Which.ALL)
        self.tiles.mark(self._which)
        self.foot.show_plan(self._job.kind, preview)
        code = max(preview.alike, key=lambda each: preview.alike[each]) if preview and preview.alike else ""
        self.put_right.setVisible(bool(code))
        self.report.setVisible(bool(counts.get(Which.ERRORS)))
        if preview and code:
            words = tr("Put all {count} right as offered").format(count=number(preview.alike[code]))
            self.put_right.setText(words)
            self.put_right.setProperty("code", code)

    # What the operator says

    def _change_kind(self, kind: ListKind) -> None:
        columns = self._desk.application.importer.columns_for(self._sheet, kind)
        self.show_which(Which.ALL)
        self._plan(begun(self._desk, replace(self._job, kind=kind, columns=columns, pool_id=None)))

    def _map(self, place: int, wanted: Field | None) -> None:
        """Let a column of the sheet hold something else, and keep that for the next sheet like it."""
        by_field = {each: column for each, column in self._job.columns.by_field.items() if column != place}
        if wanted is not None:
            by_field[wanted] = place
        columns = Columns(self._job.columns.header_row, by_field)
        self._desk.run(self._desk.application.importer.remember(self._sheet, self._job.kind, columns))
        had_email = Field.EMAIL in self._job.columns.by_field
        job = replace(self._job, columns=columns)
        if had_email != (Field.EMAIL in by_field):
            job = begun(self._desk, job)
        self._plan(job)

    def correct(self, cells: Mapping[tuple[int, int], str]) -> None:
        """Put cells of the sheet right, by row and column counted from 0."""
        self._plan(replace(self._job, corrections={**self._job.corrections, **cells}))

    def _put_all_right(self) -> None:
        if self._preview is not None:
            self.correct(offers_of(self._preview, str(self.put_right.property("code"))))

    # What is done

    async def _save_report(self) -> None:
        """The rows that would be left out, each with what is wrong with it, as a workbook to be put right."""
        preview, source = self._preview, Path(self._job.source)
        name = tr("{name} - errors.xlsx").format(name=source.stem)
        path = await file_to_write(self, tr("Save the error report"), name)
        if path is not None and preview is not None:
            exporter = self._desk.application.exporter
            count = await exporter.save_errors(preview.planned, path, reason, self._file)
            words = tr("1 row is saved in {file}.") if count == 1 else tr("{count} rows are saved in {file}.")
            self._desk.say(words.format(count=number(count), file=path.name))

    def _begin(self) -> None:
        if self._preview is None or self.is_importing:
            return
        self.foot.begin(self._preview.carried_out)
        self._set_importing(importing=True)
        self._desk.run(self._carry_out(self._preview), on_error=self._not_imported)

    async def _carry_out(self, preview: Preview) -> None:
        foot, importer = self.foot, self._desk.application.importer
        try:
            record: ImportRecord = await importer.carry_out(preview.planned, foot.note, foot.stopping)
        finally:
            foot.end()
            self._set_importing(importing=False)
        self.imported.emit(record, preview)

    def _not_imported(self, error: AppError) -> None:
        if error.code == "import_stopped":
            self._desk.say(sentence(error.code))
        else:
            self._desk.notes.problem(sentence(error.code, **error.params))
        self._plan(self._job)

    def _set_importing(self, *, importing: bool) -> None:
        for widget in (self.options, self.sheets, self.put_right, self._places):
            widget.setEnabled(not importing)


def _columns_of(planned: PlannedImport) -> tuple[object, ...]:
    job = planned.job
    return job.kind, id(job.sheet), job.columns.header_row, tuple(job.columns.by_field.items())
