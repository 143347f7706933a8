"""`tapdesk import`: a list from a file becomes passes, members, identities or stations."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common
from app.domain.errors import AppError
from app.domain.import_cells import Problem
from app.domain.import_fields import Field, ListKind, kind_of
from app.domain.import_plan import Choices, PlannedRow, Verdict

if TYPE_CHECKING:
    from app.application import Application, ImportJob, PlannedImport


def import_list(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        return asyncio.run(_import(application, args, console))


async def _import(application: "Application", args: argparse.Namespace, console: Console) -> int:
    planned = await application.importer.plan(await _job(application, args))
    rows = planned.plan.rows
    is_needed = planned.changes_something
    if is_needed and not args.dry_run:
        await application.importer.carry_out(planned)
    console.show(_data(planned), _lines(planned, console, is_dry=args.dry_run))
    # Nothing to do is as good as done, unless it is because nothing could be read.
    nothing_understood = not is_needed and any(row.verdict is Verdict.ERROR for row in rows)
    return 1 if nothing_understood or not rows else 0


async def _job(application: "Application", args: argparse.Namespace) -> "ImportJob":
    from app.application import ImportJob

    book = await application.importer.read(args.file, args.sheet)
    kind = ListKind(args.kind) if args.kind else kind_of(book.sheet.rows)
    pool = site.pool_named(application, args.pool) if args.pool else None
    columns = application.importer.columns_for(book.sheet, kind)
    if not args.kind and pool and kind is ListKind.PASSES and Field.EMAIL not in columns.by_field:
        # IDs alone, for a pool: nobody's passes, so it is the pool's list.
        kind = ListKind.MEMBERS
        columns = application.importer.columns_for(book.sheet, kind)
    if args.clear and pool is None:
        raise AppError("import_clears_no_pool")
    organization = site.organization_named(application, args.organization).id if args.organization else 1
    is_complete = args.complete_list or (args.clear and kind is ListKind.MEMBERS)
    choices = Choices(is_complete, args.create_identities, email_required=Field.EMAIL in columns.by_field)
    return ImportJob(
        kind,
        book.sheet,
        columns,
        choices,
        source=args.file.name,
        pool_id=pool.id if pool else None,
        clear_pool=args.clear,
        organization_id=organization,
    )


def _data(planned: "PlannedImport") -> dict[str, Any]:
    counts = {verdict.value: count for verdict, count in planned.plan.counts().items()}
    rows = [
        {"row": row.number, "verdict": row.verdict.value, "problems": [asdict(problem) for problem in row.problems]}
        for row in planned.plan.rows
    ]
    return {**counts, "removed": len(planned.plan.removed), "rows": rows}


def _lines(planned: "PlannedImport", console: Console, *, is_dry: bool) -> list[str]:
    told = [_row(row, console) for row in planned.plan.rows if row.problems]
    counts = _data(planned)
    summary = ", ".join(f"{counts[name]} {name}" for name in (*Verdict, "removed") if counts[name])
    return [*told, f"{planned.job.source}: {summary or 'nothing in it'}.{' Nothing was written.' if is_dry else ''}"]


def _row(row: PlannedRow[Any], console: Console) -> str:
    return f"Row {row.number}: {row.verdict.value}: {'; '.join(_words(problem, console) for problem in row.problems)}"


def _words(problem: Problem, console: Console) -> str:
    code = f"{problem.code}.{problem.field}" if problem.code == "duplicate_in_list" else problem.code
    facts = {"value": problem.value, "other": problem.other, "offered": problem.offered}
    said = console.words(f"row.{code}", **facts)
    return f"{said} ({problem.value})" if problem.value and problem.value not in said else said


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`import FILE`."""
    about = "bring in a list from a spreadsheet, CSV or text file"
    more = (
        "Passes, members of a pool, identities or stations: its headers tell, or --kind. Everything good in it "
        "is carried out in one go after a backup; rows with errors are left out and named."
    )
    parser = commands.add_parser(
        "import", help=about, description=f"{about[:1].upper()}{about[1:]}. {more}", parents=common
    )
    parser.set_defaults(command=import_list)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--kind", choices=[kind.value for kind in ListKind], help="what the list is of")
    parser.add_argument("--sheet", metavar="NAME", default="", help="of a spreadsheet with several")
    parser.add_argument("--complete-list", action="store_true", help="passes that are not in it are removed")
    parser.add_argument("--create-identities", action="store_true", help="make holders that are not known yet")
    parser.add_argument("--pool", metavar="NAME", help="put what it brings into this pool")
    parser.add_argument("--clear", action="store_true", help="empty the pool's list first")
    parser.add_argument("--organization", metavar="NAME", help="to which new identities belong")
    parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
