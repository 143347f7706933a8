"""A month's report as the lines of a table. Amounts are text as they are to be paid: a fraction has no exact float."""

from collections.abc import Iterator

from app.domain.month_report import Grouping, MonthReport, ReportRow
from app.exchange.writers import Row

_COLUMNS = (
    ("Month", "month"),
    ("By", "by"),
    ("Kind", "kind"),
    ("Name", "name"),
    ("E-mail address", "email"),
    ("Sessions", "sessions"),
    ("kWh", "kwh"),
    ("Cost", "cost"),
    ("Currency", "currency"),
    ("Free of charge", "free"),
    ("Energy unknown", "unknown"),
    ("Repaired", "doubtful"),
)
REPORT_HEADERS = tuple(header for header, _ in _COLUMNS)
REPORT_KEYS = tuple(key for _, key in _COLUMNS)


def report_lines(report: MonthReport) -> Iterator[Row]:
    """A line for each row; one that is to be paid in several currencies has a line more for each of them."""
    for row in report.rows:
        (currency, cost), *others = row.costs or (("", None),)
        yield _line(report, row, "" if cost is None else str(cost), currency)
        for currency, cost in others:
            yield [
                f"{report.month:%Y-%m}",
                report.by,
                row.group,
                row.name,
                row.email,
                None,
                None,
                str(cost),
                currency,
                *_NONE,
            ]


_NONE = (None, None, None)


def _line(report: MonthReport, row: ReportRow, cost: str, currency: str) -> Row:
    return [
        f"{report.month:%Y-%m}",
        report.by.value,
        row.group.value,
        row.name,
        row.email if report.by is Grouping.IDENTITY else "",
        row.sessions,
        row.energy_wh / 1000,
        cost,
        currency,
        row.free,
        row.unknown,
        row.doubtful,
    ]
