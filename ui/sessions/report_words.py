"""A month's report in words: the names of its rows, its sums, and what to know about them."""

from app.domain.month_report import Grouping, MonthReport, ReportRow
from ui.long_date import long_month
from ui.sessions.words import costs
from ui.strings import sentence, tr


def report_title(report: MonthReport) -> str:
    """What it is a report of."""
    said = tr("Sessions in {month} by person") if report.by is Grouping.IDENTITY else tr("Sessions in {month} by pool")
    return said.format(month=long_month(report.month))


def name(row: ReportRow) -> str:
    """Who or where."""
    return row.name or sentence(f"report.{row.group}")


def amount(row: ReportRow) -> str:
    """How many sessions took how much: 14 sessions, 132.45 kWh."""
    sessions = tr("1 session") if row.sessions == 1 else tr("{count} sessions").format(count=f"{row.sessions:,}")
    return tr("{sessions}, {energy} kWh").format(sessions=sessions, energy=f"{row.energy_wh / 1000:,.2f}")


def row_cost(row: ReportRow) -> str:
    """What is to be paid; that all of it is free, where it is."""
    return tr("free") if row.free and row.free == row.sessions else costs(row.costs)


def notes(report: MonthReport) -> list[str]:
    """What is not in the sums, and what should be looked at first."""
    total, said = report.total, []
    if report.running:
        running = tr("1 session still runs and is not counted yet.")
        several = tr("{count} sessions still run and are not counted yet.")
        said.append((running if report.running == 1 else several).format(count=report.running))
    if total.unknown:
        unknown = tr("Of 1 session the energy is not known.")
        several = tr("Of {count} sessions the energy is not known.")
        said.append((unknown if total.unknown == 1 else several).format(count=total.unknown))
    if total.doubtful:
        doubtful = tr("Of 1 session something had to be supposed: look at it before anyone pays.")
        several = tr("Of {count} sessions something had to be supposed: look at them before anyone pays.")
        said.append((doubtful if total.doubtful == 1 else several).format(count=total.doubtful))
    return said
