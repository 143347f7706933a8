"""The commands for sites without a screen: what they print, and the one action each of them is."""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from app.data_folder import DATABASE, DataFolder
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.model import AccessLevel, Message, Pool, Role

if TYPE_CHECKING:
    from app.application import Application, MessageFilter

FOLLOW_EVERY_S = 0.3
LOG_LINES = 200

Command = Callable[[argparse.Namespace, TextIO], int]


def _site(database: Path, *, read_only: bool = False) -> "Application":
    """The site in a database. Its insides take longer to load than a window to appear: only who needs them waits."""
    from app.application import Application

    return Application(database, read_only=read_only)


@contextmanager
def _writing(folder: Path) -> Iterator["Application"]:
    """The site of a data folder that nothing else has open. Raises AppError `data_folder_in_use`."""
    with DataFolder(folder) as held:
        application = _site(held.database)
        try:
            yield application
        finally:
            application.store.close()


@contextmanager
def _reading(folder: Path) -> Iterator["Application"]:
    """The site of a data folder, for reading, whether or not something else serves from it."""
    try:
        application = _site(folder / DATABASE, read_only=True)
    except AppError as error:
        if error.code != "database_absent":
            raise
        raise AppError("nothing_here_yet", path=str(folder)) from error
    try:
        yield application
    finally:
        application.store.close()


def list_stations(args: argparse.Namespace, out: TextIO) -> int:
    with _reading(args.data) as application:
        pools = {summary.pool.id: summary.pool.name for summary in application.pools.all()}
        rows = [
            {
                "station_id": station.station_id,
                "name": station.name,
                "registration": station.registration.value,
                "pool": "" if station.pool_id is None else pools.get(station.pool_id, ""),
                "vendor": station.vendor,
                "model": station.model,
                "serial_number": station.serial_number,
                "firmware": station.firmware,
                "address": station.address,
                "last_seen_at": station.last_seen_at,
            }
            for station in application.stations.all()
        ]
    return _print(rows, args, out, ("station_id", "name", "registration", "pool", "vendor", "model", "address"))


def accept_station(args: argparse.Namespace, out: TextIO) -> int:
    with _writing(args.data) as application:
        pool = _pool(application, args.pool) if args.pool else None
        station = asyncio.run(
            application.stations.accept(args.id, name=args.name or "", pool_id=pool.id if pool else None)
        )
    return _say(args, out, f"{station.station_id} is accepted.", station)


def reject_station(args: argparse.Namespace, out: TextIO) -> int:
    with _writing(args.data) as application:
        asyncio.run(application.stations.reject(args.id))
        station = application.stations.require(args.id)
    return _say(args, out, f"{station.station_id} is refused.", station)


def list_identities(args: argparse.Namespace, out: TextIO) -> int:
    with _reading(args.data) as application:
        rows = [
            {
                "email": summary.identity.email,
                "first_name": summary.identity.first_name,
                "last_name": summary.identity.last_name,
                "role": summary.identity.role.value,
                "passes": summary.passes,
                "pools": summary.pools,
            }
            for summary in application.identities.all()
        ]
    return _print(rows, args, out, ("email", "first_name", "last_name", "role", "passes", "pools"))


def add_identity(args: argparse.Namespace, out: TextIO) -> int:
    draft = IdentityDraft(args.email, args.first, args.last, Role(args.role))
    with _writing(args.data) as application:
        identity = asyncio.run(application.identities.add(draft))
    return _say(args, out, f"{identity.name} is added.", identity)


def list_passes(args: argparse.Namespace, out: TextIO) -> int:
    with _reading(args.data) as application:
        now = application.clock()
        rows = [
            {
                "visible_id": summary.card.visible_id,
                "uid": summary.card.uid,
                "name": summary.card.name,
                "email": summary.email,
                "pools": summary.pools,
                "state": summary.card.state(now).value,
            }
            for summary in application.passes.all()
        ]
    return _print(rows, args, out, ("visible_id", "uid", "name", "email", "pools", "state"))


def add_pass(args: argparse.Namespace, out: TextIO) -> int:
    with _writing(args.data) as application:
        identity_id = _identity_id(application, args.email) if args.email else None
        draft = PassDraft(args.uid or "", args.visible_id or "", args.name or "", identity_id)
        card = asyncio.run(application.passes.add(draft))
    return _say(args, out, f"{card.title} is added.", card)


def list_pools(args: argparse.Namespace, out: TextIO) -> int:
    with _reading(args.data) as application:
        rows = [
            {
                "name": summary.pool.name,
                "level": summary.pool.level.value,
                "stations": summary.stations,
                "identities": summary.identities,
                "passes": summary.passes,
            }
            for summary in application.pools.all()
        ]
    return _print(rows, args, out, ("name", "level", "stations", "identities", "passes"))


def create_pool(args: argparse.Namespace, out: TextIO) -> int:
    with _writing(args.data) as application:
        pool = asyncio.run(application.pools.create(args.name, AccessLevel(args.level)))
    return _say(args, out, f"The pool {pool.name} is there, {pool.level.value}.", pool)


def add_to_pool(args: argparse.Namespace, out: TextIO) -> int:
    with _writing(args.data) as application:
        pool = _pool(application, args.name)
        identity_ids, pass_ids = _members_named(application, args)
        stations = [application.stations.require(station).station_id for station in args.station]

        async def add() -> None:
            if stations:
                await application.stations.move(stations, pool.id)
            await application.pools.add_members(pool.id, identity_ids=identity_ids, pass_ids=pass_ids)

        asyncio.run(add())
    return _say(args, out, f"Added to {pool.name}.", pool)


def remove_from_pool(args: argparse.Namespace, out: TextIO) -> int:
    """Remove what is named from a pool; with nothing named, the pool itself."""
    with _writing(args.data) as application:
        pool = _pool(application, args.name)
        identity_ids, pass_ids = _members_named(application, args)
        stations = [application.stations.require(station) for station in args.station]
        for station in stations:
            if station.pool_id != pool.id:
                raise AppError("station_not_in_pool", station=station.title, pool=pool.name)
        members = [
            member.id
            for member in application.pools.members(pool.id)
            if member.id is not None and (member.identity_id in identity_ids or member.pass_id in pass_ids)
        ]
        if len(members) < len(identity_ids) + len(pass_ids):
            raise AppError("not_a_member_of_pool", pool=pool.name)

        async def remove() -> None:
            if not stations and not members:
                await application.pools.remove(pool.id)
                return
            await application.stations.move([station.station_id for station in stations], None)
            await application.pools.remove_members(pool.id, members)

        asyncio.run(remove())
    what = f"Removed from {pool.name}." if stations or members else f"The pool {pool.name} is removed."
    return _say(args, out, what, pool)


def show_log(args: argparse.Namespace, out: TextIO) -> int:
    """The last messages, oldest first; `--follow` goes on until it is interrupted."""
    from app.application import MessageFilter

    wanted = MessageFilter(station_id=args.station or "", action=args.action or "")
    with _reading(args.data) as application:
        last = _print_messages(list(reversed(application.journal.messages(wanted, limit=LOG_LINES))), args, out, 0)
        if args.follow:
            asyncio.run(_follow(application, wanted, last, args, out))
    return 0


async def _follow(
    application: "Application", wanted: "MessageFilter", last: int, args: argparse.Namespace, out: TextIO
) -> None:
    while True:
        await asyncio.sleep(FOLLOW_EVERY_S)
        fresh = [message for message in application.journal.messages(wanted) if message.id > last]
        last = _print_messages(list(reversed(fresh)), args, out, last)


def _print_messages(messages: Sequence[Message], args: argparse.Namespace, out: TextIO, last: int) -> int:
    for message in messages:
        if args.json:
            print(json.dumps(_plain(message), ensure_ascii=False), file=out)
        else:
            arrow = "→" if message.direction.value == "from_station" else "←"
            at = message.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
            parts = (message.id_tag, message.outcome, message.reason, message.holder)
            about = " · ".join(part for part in parts if part)
            print(f"{at}  {message.station_id:<16} {arrow} {message.action:<24} {about}".rstrip(), file=out)
        last = max(last, message.id)
    out.flush()
    return last


def _pool(application: "Application", name: str) -> Pool:
    pool = application.pools.find(name)
    if pool is None:
        raise AppError("pool_not_found", name=name)
    return pool


def _identity_id(application: "Application", email: str) -> int:
    identity = application.identities.find(email)
    if identity is None:
        raise AppError("identity_not_found", email=email)
    return identity.id


def _members_named(application: "Application", args: argparse.Namespace) -> tuple[list[int], list[int]]:
    identity_ids = [_identity_id(application, email) for email in args.email]
    pass_ids = []
    for uid in args.uid:
        card = application.passes.find(uid)
        if card is None:
            raise AppError("pass_not_found", uid=uid)
        pass_ids.append(card.id)
    return identity_ids, pass_ids


def _say(args: argparse.Namespace, out: TextIO, sentence: str, value: object) -> int:
    print(json.dumps(_plain(value), ensure_ascii=False) if args.json else sentence, file=out)
    return 0


def _print(rows: Sequence[dict[str, Any]], args: argparse.Namespace, out: TextIO, columns: Sequence[str]) -> int:
    if args.json:
        print(json.dumps(_plain(list(rows)), ensure_ascii=False, indent=2), file=out)
        return 0
    lines = [columns, *([str(row[column] or "") for column in columns] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), file=out)
    return 0


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def add_commands(commands: Any, common: Sequence[argparse.ArgumentParser]) -> None:
    """Declare `stations`, `identities`, `passes`, `pools` and `log`."""

    def group(name: str, about: str) -> Any:
        parser = commands.add_parser(name, help=about, description=about)
        return parser.add_subparsers(metavar="ACTION", required=True)

    def action(actions: Any, name: str, about: str, command: Command) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = actions.add_parser(name, help=about, description=about, parents=common)
        parser.set_defaults(command=command)
        return parser

    stations = group("stations", "the stations of the site")
    action(stations, "list", "list them", list_stations)
    accept = action(stations, "accept", "let a station in, also before it first connects", accept_station)
    accept.add_argument("id", metavar="ID", help="its OCPP identity: the last part of its URL")
    accept.add_argument("--pool", metavar="NAME", help="the pool to put it in")
    accept.add_argument("--name", metavar="N", help="what people call it")
    action(stations, "reject", "refuse a station", reject_station).add_argument("id", metavar="ID")

    identities = group("identities", "the people and companies that charge")
    action(identities, "list", "list them", list_identities)
    add = action(identities, "add", "add one", add_identity)
    add.add_argument("--first", metavar="F", default="", help="first name")
    add.add_argument("--last", metavar="L", default="", help="last name")
    add.add_argument("--email", metavar="E", required=True, help="e-mail address, its key")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.CARDHOLDER.value)

    passes = group("passes", "cards, fobs and tags")
    action(passes, "list", "list them", list_passes)
    add = action(passes, "add", "add one", add_pass)
    add.add_argument("--uid", metavar="U", help="hidden ID: what a reader sees")
    add.add_argument("--visible-id", metavar="V", help="what is printed on it")
    add.add_argument("--name", metavar="N")
    add.add_argument("--email", metavar="E", help="the identity it belongs to")

    pools = group("pools", "access pools: who may charge at which stations")
    action(pools, "list", "list them", list_pools)
    create = action(pools, "create", "create one", create_pool)
    create.add_argument("name", metavar="NAME")
    levels = (AccessLevel.PRIVATE.value, AccessLevel.PUBLIC.value)
    create.add_argument("--level", choices=levels, default=AccessLevel.PRIVATE.value)
    for name, about, command in (
        ("add", "put stations, identities and passes in", add_to_pool),
        ("remove", "take them out; with nothing named, remove the pool", remove_from_pool),
    ):
        change = action(pools, name, about, command)
        change.add_argument("name", metavar="NAME")
        change.add_argument("--station", metavar="ID", action="append", default=[])
        change.add_argument("--email", metavar="E", action="append", default=[])
        change.add_argument("--uid", metavar="U", action="append", default=[])

    log = commands.add_parser("log", help="the messages of the stations", parents=common)
    log.set_defaults(command=show_log)
    log.add_argument("--follow", action="store_true", help="go on as they come")
    log.add_argument("--station", metavar="ID")
    log.add_argument("--action", metavar="A", help="a message type, such as Authorize")
