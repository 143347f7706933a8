"""`tapdesk export` and `tapdesk template`: lists go out, and empty ones to be filled in."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common
from app.domain.errors import AppError
from app.domain.export_kinds import ExportForm, ExportKind, FileFormat
from app.domain.import_fields import ListKind


def export(args: argparse.Namespace, console: Console) -> int:
    from app.application import MessageFilter

    kind = ExportKind(args.what)
    if kind is not ExportKind.MESSAGES and (args.station or args.action):
        raise AppError("export_only_messages_so")
    with site.reading(args.data) as application:
        pool_id = site.pool_named(application, args.pool).id if args.pool else None
        messages = MessageFilter(station_id=args.station or "", action=args.action or "")
        form = ExportForm(args.format)
        count = asyncio.run(application.exporter.export(kind, args.file, form=form, pool_id=pool_id, messages=messages))
    rows = "1 row is" if count == 1 else f"{count} rows are"
    return console.done(f"{rows} in {args.file}.", {"rows": count, "file": str(args.file)})


def template(args: argparse.Namespace, console: Console) -> int:
    # What writes spreadsheets is loaded only where one is written.
    from app.exchange.templates import save_template

    save_template(ListKind(args.what), args.file)
    return console.done(f"{args.file} is ready to be filled in.", {"file": str(args.file)})


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`export WHAT FILE`, `template WHAT FILE`."""
    formats = ", ".join(f".{each}" for each in FileFormat)
    exporting = _command(commands, "export", "write a list to a file", export, common)
    exporting.add_argument("what", metavar="WHAT", choices=[kind.value for kind in ExportKind], help=_any(ExportKind))
    exporting.add_argument("file", metavar="FILE", type=Path, help=f"its name ends in one of {formats}")
    exporting.add_argument(
        "--format",
        choices=[form.value for form in ExportForm],
        default=ExportForm.ALL.value,
        help="of passes and members: maxem is the list of passes that Maxem imports, ev-portal the CSV of Auth IDs "
        "that EV Portal imports; all, when it is not given, is everything that is known",
    )
    exporting.add_argument("--pool", metavar="NAME", help="only what belongs to this pool; passes: those it admits")
    exporting.add_argument("--station", metavar="ID", help="messages of one station only")
    exporting.add_argument("--action", metavar="A", help="messages of one type only, such as Authorize")

    emptying = _command(commands, "template", "write an empty list to be filled in and imported", template, common)
    emptying.add_argument("what", metavar="WHAT", choices=[kind.value for kind in ListKind], help=_any(ListKind))
    emptying.add_argument("file", metavar="FILE", type=Path, help=f"its name ends in .{FileFormat.XLSX}")


def _command(commands: Any, name: str, about: str, run: Any, common: Sequence[Common]) -> argparse.ArgumentParser:
    described = f"{about[:1].upper()}{about[1:]}."
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=described, parents=common)
    parser.set_defaults(command=run)
    return parser


def _any(kinds: type[ExportKind] | type[ListKind]) -> str:
    return ", ".join(kind.value for kind in kinds)
