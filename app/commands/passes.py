"""`tapdesk passes`: cards, fobs and tags."""

import argparse
import asyncio
from collections.abc import Sequence
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common, action, group
from app.domain.drafts import PassDraft


def list_passes(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        now = application.clock()
        belonging = site.Belonging(application, args.organization)
        rows = [
            {
                "visible_id": summary.card.visible_id,
                "uid": summary.card.uid,
                "name": summary.card.name,
                "email": summary.email,
                "organization": belonging.name(summary.organization_id),
                "pools": summary.pools,
                "state": summary.card.state(now).value,
            }
            for summary in application.passes.all()
            if belonging.wants(summary.organization_id)
        ]
    return console.table(rows, ("visible_id", "uid", "name", "email", *belonging.column, "pools", "state"))


def add_pass(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        identity_id = site.identity_with(application, args.email) if args.email else None
        draft = PassDraft(args.uid or "", args.visible_id or "", args.name or "", identity_id)
        card = asyncio.run(application.passes.add(draft))
    return console.done(f"{card.title} is added.", card)


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`passes list|add`."""
    passes = group(commands, "passes", "cards, fobs and tags")
    listing = action(passes, "list", "list the passes", list_passes, common)
    listing.add_argument("--organization", metavar="NAME", help="only those of its identities or of one below it")

    add = action(passes, "add", "add a pass", add_pass, common)
    add.add_argument("--uid", metavar="U", help="hidden ID: what a reader sees")
    add.add_argument("--visible-id", metavar="V", help="what is printed on it")
    add.add_argument("--name", metavar="N", help="what people call it")
    add.add_argument("--email", metavar="E", help="the identity it belongs to")
