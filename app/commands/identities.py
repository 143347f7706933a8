"""`tapdesk identities`: the people and companies that charge."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import Common, action, group
from app.domain.drafts import IdentityDraft
from app.domain.model import Role


def list_identities(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        belonging = site.Belonging(application, args.organization)
        rows = [
            {
                "email": summary.identity.email,
                "first_name": summary.identity.first_name,
                "last_name": summary.identity.last_name,
                "external_id": summary.identity.external_id,
                "role": summary.identity.role.value,
                "organization": belonging.name(summary.identity.organization_id),
                "passes": summary.passes,
                "pools": summary.pools,
            }
            for summary in application.identities.all()
            if belonging.wants(summary.identity.organization_id)
        ]
    return console.table(rows, ("email", "first_name", "last_name", "role", *belonging.column, "passes", "pools"))


def add_identity(args: argparse.Namespace, console: Console) -> int:
    draft = IdentityDraft(args.email, args.first, args.last, Role(args.role), args.external_id)
    with site.changing(args.data) as application:
        if args.organization:
            organization = site.organization_named(application, args.organization)
            draft = replace(draft, organization_id=organization.id)
        identity = asyncio.run(application.identities.add(draft))
    return console.done(f"{identity.name} is added.", identity)


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`identities list|add`."""
    identities = group(commands, "identities", "the people and companies that charge")
    listing = action(identities, "list", "list the identities", list_identities, common)
    listing.add_argument("--organization", metavar="NAME", help="only those of it or of one below it")

    add = action(identities, "add", "add an identity", add_identity, common)
    add.add_argument("--first", metavar="F", default="", help="first name")
    add.add_argument("--last", metavar="L", default="", help="last name")
    add.add_argument("--email", metavar="E", required=True, help="e-mail address, its key")
    add.add_argument("--external-id", metavar="X", default="", help="what another system calls it")
    roles = [role.value for role in Role]
    add.add_argument("--role", choices=roles, default=Role.CARDHOLDER.value, help="cardholder by default")
    add.add_argument("--organization", metavar="NAME", help="whom it belongs to; the first organization by default")
