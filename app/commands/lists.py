"""`tapdesk lists`: the lists of cards that stations keep themselves, as they are and as they should be."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common, action, group
from app.domain.list_state import Difference
from app.domain.model import OcppVersion

_COLUMNS = (
    *("station_id", "state", "version", "count", "wanted", "capacity"),
    *("missing", "since", "still_open", "open_since"),
)
#: The exit code of `lists diff` when there is a difference.
DIFFERS = 3


def show_lists(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        statuses = application.local_lists.worked_out()
    wanted = args.station and args.station.casefold()
    rows = [
        asdict(status) | {"state": status.state.value, "missing": len(status.missing)}
        for status in statuses
        if wanted in (None, status.station_id.casefold())
    ]
    return console.table(rows, _COLUMNS)


def show_difference(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        contents = application.local_lists.contents(args.station)
    rows = [
        {
            "raw": row.raw,
            "pass_id": row.pass_id,
            "difference": row.difference.value,
            "should_be": row.wanted and row.wanted.status.value,
            "is": row.held and row.held.status.value,
        }
        for row in contents
        if args.all or row.difference is not Difference.NONE
    ]
    console.table(rows, ("raw", "difference", "should_be", "is"))
    return DIFFERS if any(row.difference is not Difference.NONE for row in contents) else 0


def retry_list(args: argparse.Namespace, console: Console) -> int:
    with site.deciding(args.data) as application:
        station = application.stations.require(args.station)
        asyncio.run(application.local_lists.retry(station.station_id))
    said = f"The list of {station.title} is tried anew: within half a minute while it is connected, else when it is."
    return console.done(said, {"station_id": station.station_id})


def export_list(args: argparse.Namespace, console: Console) -> int:
    version = OcppVersion(args.ocpp) if args.ocpp else None
    with site.reading(args.data) as application:
        files = application.list_files
        if args.station:
            count = asyncio.run(files.of_station(args.station, args.file, version))
        else:
            count = asyncio.run(files.of_pool(site.pool_named(application, args.pool).id, args.file, version))
    entries = "1 entry is" if count == 1 else f"{count} entries are"
    return console.done(f"{entries} in {args.file}.", {"entries": count, "file": str(args.file)})


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`lists show | diff | retry | export`."""
    actions = group(commands, "lists", "the lists of cards that stations keep themselves")
    showing = action(actions, "show", "how each station's list stands", show_lists, common)
    showing.add_argument("--station", metavar="ID", help="only this one")
    more = f"It ends with 0 when there is no difference, with {DIFFERS} when there is one."
    differing = action(actions, "diff", "a station's list beside what it should be", show_difference, common, more)
    differing.add_argument("station", metavar="STATION")
    differing.add_argument("--all", action="store_true", help="also the cards that are as they should be")
    about = "try a station's list anew, where it failed, is too small or is said not to be supported"
    retrying = action(actions, "retry", about, retry_list, common, "It works while something serves the site, too.")
    retrying.add_argument("station", metavar="STATION")
    about = "write what a list should hold to a file, for a station that its vendor's own tool fills"
    formats = "In a file that ends in .json it is the payload of SendLocalList; else a table (.csv, .xlsx, .jsonl)."
    exporting = action(actions, "export", about, export_list, common, formats)
    exporting.add_argument("file", metavar="FILE", type=Path)
    whose = exporting.add_mutually_exclusive_group(required=True)
    whose.add_argument("--station", metavar="ID", help="as this station spells cards")
    whose.add_argument("--pool", metavar="NAME", help="for any station of this pool")
    exporting.add_argument("--ocpp", choices=[version.value for version in OcppVersion], help="the version of .json")
