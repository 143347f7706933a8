"""`tapdesk report`: what was charged in a month."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common
from app.domain.month_report import Grouping, MonthReport, ReportRow


def show_report(args: argparse.Namespace, console: Console) -> int:
    by = Grouping(args.by)
    with site.reading(args.data) as application:
        wanted = args.month or application.reports.months()[0]
        report = asyncio.run(application.reports.month(wanted, by))
        if args.file is not None:
            count = asyncio.run(application.exporter.save_report(report, args.file))
            written = "1 row is" if count == 1 else f"{count} rows are"
            return console.done(f"{written} in {args.file}.", {"rows": count, "file": str(args.file)})
    rows = [_row(each, console) for each in report.rows]
    if console.as_json:
        return console.show(_plain(report, rows, console), [])
    rows.append(_row(report.total, console) | {"name": "", "sessions": report.total.sessions})
    return console.table(rows, ("name", "email", "sessions", "kwh", "cost", "free", "unknown", "doubtful"))


def _row(row: ReportRow, console: Console) -> dict[str, Any]:
    return {
        "kind": row.group.value,
        "name": row.name or console.words(f"report.{row.group.value}"),
        "email": row.email,
        "sessions": row.sessions,
        "kwh": row.energy_wh / 1000,
        "cost": " + ".join(f"{cost} {currency}" for currency, cost in row.costs),
        "free": row.free,
        "unknown": row.unknown,
        "doubtful": row.doubtful,
    }


def _plain(report: MonthReport, rows: Sequence[dict[str, Any]], console: Console) -> dict[str, Any]:
    total = {key: value for key, value in _row(report.total, console).items() if key not in ("kind", "name", "email")}
    return {
        "month": f"{report.month:%Y-%m}",
        "by": report.by.value,
        "rows": list(rows),
        "total": total,
        "running": report.running,
    }


def month(text: str) -> date:
    """A month, as 2026-11."""
    return date.fromisoformat(f"{text}-01")


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`report [FILE]`."""
    formats = ".xlsx, .csv or .jsonl"
    about = "what was charged in a month, by who charged or by pool: sessions, kWh, cost"
    report = commands.add_parser("report", help=about, description=f"{about[:1].upper()}{about[1:]}.", parents=common)
    report.set_defaults(command=show_report)
    report.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, help=f"write it there; the name ends in {formats}"
    )
    report.add_argument("--month", metavar="YYYY-MM", type=month, help="by default this month")
    report.add_argument(
        "--by", choices=[each.value for each in Grouping], default=Grouping.IDENTITY.value, help="who charged, or where"
    )
