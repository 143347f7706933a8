"""`tapdesk pools add|remove`: stations, identities and passes, into a pool and out of it."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import UNCHANGED, Common, action, end, given
from app.commands.effects import confirm_opening, confirm_removal, declare_yes, entries
from app.domain.errors import AppError
from app.domain.model import Pool

if TYPE_CHECKING:
    from app.application import Application, Member

CONTENTS = (("--station", "ID", "a station"), ("--email", "E", "an identity"), ("--uid", "U", "a pass"))


def add_to_pool(args: argparse.Namespace, console: Console) -> int:
    if not (args.station or args.email or args.uid):
        raise AppError("nothing_to_change")
    with site.changing(args.data) as application:
        pool = site.pool_named(application, args.pool)
        identity_ids, pass_ids = _named(application, args)
        stations = [application.stations.require(station).station_id for station in args.station]
        valid_until = given(args, ["until"]).get("until")

        async def add() -> None:
            if stations:
                await application.stations.move(stations, pool.id)
            members = application.members
            await members.add(pool.id, identity_ids=identity_ids, pass_ids=pass_ids, valid_until=valid_until)
            if hasattr(args, "until"):
                # Those who were members before keep their end otherwise.
                named = _members(application, pool, identity_ids, pass_ids)
                others = [member for member in named if member.valid_until != valid_until]
                await members.set_end(pool.id, entries(others), valid_until)

        asyncio.run(add())
    return console.done(f"Added to {pool.name}.", pool)


def remove_from_pool(args: argparse.Namespace, console: Console) -> int:
    """Remove what is named from a pool; with nothing named, the pool itself."""
    with site.changing(args.data) as application:
        pool = site.pool_named(application, args.pool)
        stations = [application.stations.require(station) for station in args.station]
        for station in stations:
            if station.pool_id != pool.id:
                raise AppError("station_not_in_pool", station=station.title, pool=pool.name)
        leaving = _members(application, pool, *_named(application, args))
        if not stations and not leaving:
            confirm_removal(application, pool.id, yes=args.yes)
            asyncio.run(application.pools.remove(pool.id))
            return console.done(f"The pool {pool.name} is removed.", pool)
        confirm_opening(application, pool, leaving, yes=args.yes)

        async def remove() -> None:
            await application.stations.move([station.station_id for station in stations], None)
            await application.members.remove(pool.id, entries(leaving))

        asyncio.run(remove())
    return console.done(f"Removed from {pool.name}.", pool)


def _named(application: "Application", args: argparse.Namespace) -> tuple[list[int], list[int]]:
    return [site.identity_with(application, email) for email in args.email], site.pass_ids(application, args.uid)


def _members(
    application: "Application", pool: Pool, identity_ids: Sequence[int], pass_ids: Sequence[int]
) -> list["Member"]:
    """These as members of the pool. Raises AppError `not_a_member_of_pool`."""
    found = [
        member
        for member in application.members.of_pool(pool.id)
        if member.identity_id in identity_ids or member.pass_id in pass_ids
    ]
    if len(found) < len(set(identity_ids)) + len(set(pass_ids)):
        raise AppError("not_a_member_of_pool", pool=pool.name)
    return found


def declare(pools: Any, common: Sequence[Common]) -> None:
    """`pools add|remove`."""
    add = action(pools, "add", "put stations, identities and passes into a pool", add_to_pool, common)
    add.add_argument("pool", metavar="POOL")
    _declare_contents(add)
    add.add_argument(
        "--until",
        metavar="DATE",
        type=end,
        default=UNCHANGED,
        help="how long they are members, also those who are already: a last day, a moment, or none for without end",
    )
    remove = action(
        pools, "remove", "take them out of a pool; with nothing named, remove the pool", remove_from_pool, common
    )
    remove.add_argument("pool", metavar="POOL")
    _declare_contents(remove)
    declare_yes(remove)


def _declare_contents(parser: argparse.ArgumentParser) -> None:
    for flag, metavar, what in CONTENTS:
        parser.add_argument(flag, metavar=metavar, action="append", default=[], help=f"{what}; may be repeated")
