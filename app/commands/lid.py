"""`tapdesk lid`: what stations would do with cards while Tapdesk is closed."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common
from app.domain.errors import AppError
from app.domain.lid_check import Finding, Light
from app.domain.lid_told import members_told, strangers_told, why_told

if TYPE_CHECKING:
    from app.application import StationLid

#: The exit code when a station would not do what it should, or when that is not known.
NOT_AS_IT_SHOULD_BE = 3
ABOUT = (
    "By the settings last read from each station, its list as last confirmed, and its last test with cards. It ends "
    f"with 0 when every station does what it should, and with {NOT_AS_IT_SHOULD_BE} otherwise."
)


def lid(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        found = application.lid.worked_out()
        if args.station:
            wanted = application.stations.require(args.station)
            found = [each for each in found if each.station.id == wanted.id]
            if not found:
                raise AppError("station_not_let_in", station_id=wanted.station_id)
    if args.station:
        console.show(_value(found[0], console), _lines(found[0], console))
    else:
        rows = [_value(each, console) for each in found]
        console.table(rows, ("station_id", "name", "pool", "light", "members", "strangers", "list", "to_change"))
    right = all(each.check.light is Light.GOOD for each in found)
    return 0 if right else NOT_AS_IT_SHOULD_BE


def _value(found: "StationLid", console: Console) -> dict[str, Any]:
    check = found.check
    return {
        "station_id": found.station.station_id,
        "name": found.station.name,
        "pool": found.pool.name if found.pool else "",
        "opens_to": check.opens_to.value,
        "light": check.light.value,
        "members": check.members.answer.value,
        "members_why": check.members.why.value,
        "strangers": check.strangers.answer.value,
        "strangers_why": check.strangers.why.value,
        "former_may_charge": check.former_may_charge,
        "list": found.list.state.value,
        "list_version": found.list.version,
        "list_count": found.list.count,
        "list_capacity": found.list.capacity,
        "still_open": found.list.still_open,
        "open_since": found.list.open_since,
        "since": found.list.since,
        "to_change": [each.name for each in check.to_change],
        "read_at": found.read_at,
        "tested_at": found.test.began_at if found.test else None,
        "test_holds": found.test_holds,
        "settings": [
            {"name": each.name, "now": each.now, "wanted": each.wanted, "fit": each.fit.value}
            for each in check.settings
        ],
        "said": _sentences(found, console),
    }


def _sentences(found: "StationLid", console: Console) -> list[str]:
    check = found.check
    pool, count = found.pool.name if found.pool else "", found.list.members
    told = (
        (members_told(check, members=count, in_pool=found.pool is not None), check.members),
        (strangers_told(check), check.strangers),
    )

    def say(code: str, finding: Finding) -> str:
        return console.words(code, pool=pool, count=count, why=console.words(why_told(finding.why)))

    return [say(code, finding) for code, finding in told if code]


def _lines(found: "StationLid", console: Console) -> list[str]:
    lines = _sentences(found, console)
    width = max((len(each.name) for each in found.check.settings), default=0)
    if found.check.settings:
        lines.append("")
    for each in found.check.settings:
        should = "" if each.wanted is None else f" (wanted: {str(each.wanted).lower()})"
        lines.append(f"{each.name.ljust(width)}  {each.now or '-'}{should}  {each.fit.value.replace('_', ' ')}")
    return lines


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`lid [STATION]`."""
    about = "what stations would do with cards while Tapdesk is closed"
    command = commands.add_parser(
        "lid", help=about, description=f"{about[0].upper()}{about[1:]}. {ABOUT}", parents=common
    )
    command.add_argument("station", metavar="STATION", nargs="?", help="one station, with its settings")
    command.set_defaults(command=lid)
