"""`tapdesk history`: what changed in who may charge."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common, lines
from app.domain.history import AccessChange, ChangeKind

if TYPE_CHECKING:
    from app.application import Application

LINES = 50


def show_history(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        rows = [asdict(change) | {"what": _what(change, console)} for change in _changes(application, args)]
    return console.table(rows, ("at", "name", "what", "origin"))


def _what(change: AccessChange, console: Console) -> str:
    detail = change.detail
    if change.kind is ChangeKind.OPTIONS_CHANGED:
        detail = ", ".join(console.words(f"option.{option}") for option in detail.split())
    return console.words(f"change.{change.kind.value}", pool=change.pool_name, name=change.name, detail=detail)


def _changes(application: "Application", args: argparse.Namespace) -> list[AccessChange]:
    history = application.history
    if args.pool is not None:
        return history.of_pool(site.pool_named(application, args.pool).id, limit=args.limit)
    if args.email is not None:
        return history.of_identity(site.identity_with(application, args.email), limit=args.limit)
    return history.of_pass(site.pass_with(application, args.uid).id, limit=args.limit)


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`history`."""
    about = "what changed in who may charge, latest first"
    history = commands.add_parser("history", help=about, description=f"What changed{about[12:]}.", parents=common)
    history.set_defaults(command=show_history)
    subject = history.add_mutually_exclusive_group(required=True)
    subject.add_argument("--pool", metavar="NAME", help="its members, stations, PINs, requests, level and options")
    subject.add_argument("--email", metavar="E", help="an identity and its passes")
    subject.add_argument("--uid", metavar="U", help="a pass, also by the identity it belongs to")
    history.add_argument("--limit", metavar="N", type=lines, default=LINES, help=f"so many lines; {LINES} by default")
