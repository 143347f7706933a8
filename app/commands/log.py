"""`tapdesk log`: the messages of the stations."""

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console, local, plain
from app.commands.declaring import Common
from app.domain.model import Direction, Message

if TYPE_CHECKING:
    from app.application import Application, MessageFilter

FOLLOW_EVERY_S = 0.3
LOG_LINES = 200


def show_log(args: argparse.Namespace, console: Console) -> int:
    """The last messages, oldest first; `--follow` goes on until it is interrupted."""
    from app.application import MessageFilter

    wanted = MessageFilter(station_id=args.station or "", action=args.action or "")
    with site.reading(args.data) as application:
        last = _tell(list(reversed(application.journal.messages(wanted, limit=LOG_LINES))), console, 0)
        if args.follow:
            asyncio.run(_follow(application, wanted, last, console))
    return 0


async def _follow(application: "Application", wanted: "MessageFilter", last: int, console: Console) -> None:
    while True:
        await asyncio.sleep(FOLLOW_EVERY_S)
        fresh = [message for message in application.journal.messages(wanted) if message.id > last]
        last = _tell(list(reversed(fresh)), console, last)


def _tell(messages: Sequence[Message], console: Console, last: int) -> int:
    for message in messages:
        if console.as_json:
            print(json.dumps(plain(message), ensure_ascii=False), file=console.out)
        else:
            arrow = "→" if message.direction is Direction.FROM_STATION else "←"
            parts = (message.id_tag, message.outcome, message.reason, message.holder)
            about = " · ".join(part for part in parts if part)
            line = f"{local(message.at)}  {message.station_id:<16} {arrow} {message.action:<24} {about}"
            print(line.rstrip(), file=console.out)
        last = max(last, message.id)
    console.out.flush()
    return last


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`log`."""
    log = commands.add_parser("log", help="the messages of the stations", parents=common)
    log.set_defaults(command=show_log)
    log.add_argument("--follow", action="store_true", help="go on as they come")
    log.add_argument("--station", metavar="ID", help="of one station only")
    log.add_argument("--action", metavar="A", help="a message type, such as Authorize")
