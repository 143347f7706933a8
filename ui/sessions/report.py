"""What was charged in a month, by who charged or by pool: on the screen, as a table for a spreadsheet, as a PDF.

desk.run(ask(ReportDialog(desk)))
"""

import asyncio
from datetime import date
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.domain.export_kinds import FileFormat
from app.domain.month_report import Grouping, MonthReport, ReportRow
from ui.desk import Desk
from ui.imports.choosing_files import file_to_write
from ui.long_date import long_month
from ui.sessions.report_pdf import write_pdf
from ui.sessions.report_words import amount, name, notes, report_title, row_cost
from ui.strings import tr
from ui.unhurried import Unhurried
from ui.widgets.boxes import Card, EmptyState, Line, row
from ui.widgets.buttons import Action, button
from ui.widgets.inputs import DropDown, Segmented
from ui.widgets.labels import label, paragraph
from ui.widgets.reading_dialog import ReadingDialog
from ui.widgets.tables import Column, RowsModel, TableView


class ReportDialog(ReadingDialog):
    """It opens with this month, and follows what is reported meanwhile."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.window, tr("Month report"), width=860, height=600)
        self._desk = desk
        self._report: MonthReport | None = None
        self._reading = self._wanted = False
        months = desk.application.reports.months()
        self.month = DropDown(tr("Month"), [(month, long_month(month)) for month in months])
        self.by = Segmented(tr("By"), [(Grouping.IDENTITY, tr("By person")), (Grouping.POOL, tr("By pool"))])
        self.model = RowsModel(_columns(), key=lambda each: each)
        self.table = TableView(
            self.model,
            tr("Month report"),
            empty=EmptyState(
                tr("Nothing was charged in this month"),
                tr("Sessions count in the month in which they began, once they have ended."),
            ),
        )
        self.total, self.costs, self.notes = label(weight=600), label(weight=600), paragraph(tone="muted")
        self.files: list[QWidget] = [
            button(tr("PDF…"), lambda: desk.run(self._save("pdf"))),
            button(tr("Excel…"), lambda: desk.run(self._save(FileFormat.XLSX))),
            button(tr("CSV…"), lambda: desk.run(self._save(FileFormat.CSV))),
        ]
        self._lay_out()
        self.month.changed.connect(lambda _month: self.refresh())
        self.by.changed.connect(lambda _by: self.refresh())
        self._follow = Unhurried(self, self.refresh)
        desk.bridge.sessions_changed.connect(self._follow)
        self.refresh()

    def refresh(self) -> None:
        """Sum up anew; while that is being done, once more afterwards."""
        self._wanted = True
        if not self._reading:
            self._desk.run(self._read())

    def _lay_out(self) -> None:
        self.body.addLayout(row(self.month, self.by, None, *self.files))
        card = Card()
        card.body.addWidget(self.table, 1)
        card.body.addWidget(Line())
        foot = row(self.total, None, self.costs)
        foot.setContentsMargins(14, 8, 14, 8)
        card.body.addLayout(foot)
        self.body.addWidget(card, 1)
        self.body.addWidget(self.notes)

    async def _read(self) -> None:
        self._reading = True
        try:
            while self._wanted and isValid(self):
                self._wanted = False
                month, by = self.month.value(), Grouping(str(self.by.value()))
                if isinstance(month, date):
                    report = await self._desk.application.reports.month(month, by)
                    # What was chosen meanwhile is read next.
                    if not self._wanted and isValid(self):
                        self._show(report)
        finally:
            self._reading = False

    def _show(self, report: MonthReport) -> None:
        self._report = report
        self.model.replace(report.rows)
        self.total.setText(amount(report.total))
        self.costs.setText(row_cost(report.total))
        said = notes(report)
        self.notes.say(" ".join(said))
        self.notes.setVisible(bool(said))
        for each in self.files:
            each.setEnabled(bool(report.rows))

    async def _save(self, ending: str) -> None:
        report = self._report
        if report is None:
            return
        path = await file_to_write(self, report_title(report), f"{tr('Sessions')} {report.month:%Y-%m}.{ending}")
        if path is None:
            return
        if ending == "pdf":
            site = self._desk.application.settings.site_name
            await asyncio.to_thread(write_pdf, report, path, site, self._desk.now())
        else:
            await self._desk.application.exporter.save_report(report, path)
        self._say(path)

    def _say(self, path: Path) -> None:
        folder = QUrl.fromLocalFile(str(path.parent))
        open_folder = Action(tr("Open folder"), lambda: QDesktopServices.openUrl(folder))
        self._desk.notes.show_note(tr("The report is in {name}.").format(name=path.name), "ok", open_folder)


def _columns() -> list[Column[ReportRow]]:
    return [
        Column(title=tr("Name"), text=name, width=190, stretch=3),
        Column(title=tr("E-mail address"), text=lambda each: each.email, tone="muted", width=150, stretch=2, drop=1),
        Column(
            title=tr("Sessions"),
            text=lambda each: f"{each.sessions:,}",
            sort=lambda each: each.sessions,
            align="right",
            width=84,
        ),
        Column(
            title=tr("kWh"),
            text=lambda each: f"{each.energy_wh / 1000:,.2f}",
            sort=lambda each: each.energy_wh,
            align="right",
            width=90,
        ),
        Column(
            title=tr("Cost"),
            text=row_cost,
            sort=lambda each: sum(cost for _, cost in each.costs),
            align="right",
            width=120,
        ),
        Column(
            title=tr("To check"),
            text=lambda each: f"{each.doubtful:,}" if each.doubtful else "",
            sort=lambda each: each.doubtful,
            tone="warn",
            align="right",
            width=82,
            drop=2,
        ),
    ]
