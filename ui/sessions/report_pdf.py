"""A month's report on paper: a PDF that is written whole or not at all."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from app.domain.errors import AppError
from app.domain.month_report import Grouping, MonthReport, ReportRow
from ui.days import day
from ui.sessions.report_words import amount, name, notes, report_title, row_cost
from ui.strings import tr

_DOTS_PER_INCH = 300
#: Numbers at the right, the head again on each page, nothing that a black and white printer loses.
_STYLE = """
h1 { font-size: 17pt; }
p, td, th { font-size: 9pt; }
p.small { color: #555555; }
th { text-align: left; border-bottom: 1px solid #333333; }
td.number, th.number { text-align: right; }
tr.total td { font-weight: bold; border-top: 1px solid #333333; }
"""


def write_pdf(report: MonthReport, path: Path, site: str, made_at: datetime) -> None:
    """Write the report to `path`. Blocks, for seconds where it is long: call it in a thread.

    Raises AppError `file_not_written`; what was there before is still there then.
    """
    part = path.with_name(path.name + ".part")
    try:
        # Qt only says that it did not work: here it is said why.
        part.touch()
        _draw(report, part, site, made_at)
        part.replace(path)
    except OSError as error:
        raise AppError("file_not_written", path=str(path), why=error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def _draw(report: MonthReport, path: Path, site: str, made_at: datetime) -> None:
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    # The document brings margins of its own.
    writer.setPageMargins(QMarginsF(), QPageLayout.Unit.Millimeter)
    writer.setResolution(_DOTS_PER_INCH)
    writer.setTitle(report_title(report))
    writer.setCreator("Tapdesk")
    document = QTextDocument()
    document.setDefaultFont(QFont("Sans Serif", 9))
    document.setDefaultStyleSheet(_STYLE)
    document.setHtml(_html(report, site, made_at))
    document.print_(writer)
    if not path.stat().st_size:
        raise OSError(tr("nothing was written"))


def _html(report: MonthReport, site: str, made_at: datetime) -> str:
    by_person = report.by is Grouping.IDENTITY
    heads = [(tr("Name"), ""), *([(tr("E-mail address"), "")] if by_person else [])]
    heads += [(each, "number") for each in (tr("Sessions"), tr("kWh"), tr("Cost"))]
    head = "".join(f'<th class="{kind}">{escape(words)}</th>' for words, kind in heads)
    rows = "".join(_row(each, name(each), by_person=by_person) for each in report.rows)
    total = _row(report.total, tr("Total"), by_person=by_person, kind="total")
    made = tr("Made on {day} with Tapdesk.").format(day=f"{day(made_at, made_at)} {made_at.year}")
    said = [amount(report.total) + ".", *notes(report), made]
    return (
        f"<h1>{escape(report_title(report))}</h1>{_paragraph([site] if site else [])}"
        f'<table width="100%" cellpadding="4" cellspacing="0"><thead><tr>{head}</tr></thead>{rows}{total}</table>'
        f"{_paragraph(said)}"
    )


def _paragraph(words: Iterable[str]) -> str:
    said = " ".join(escape(each) for each in words)
    return f'<p class="small">{said}</p>' if said else ""


def _row(row: ReportRow, words: str, *, by_person: bool, kind: str = "") -> str:
    cells = [(words, ""), *([(row.email, "")] if by_person else [])]
    cells += [(each, "number") for each in (f"{row.sessions:,}", f"{row.energy_wh / 1000:,.2f}", row_cost(row))]
    return f'<tr class="{kind}">' + "".join(f'<td class="{of}">{escape(each)}</td>' for each, of in cells) + "</tr>"
