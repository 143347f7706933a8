"""`tapdesk organizations`: whom identities, stations and pools belong to, and the passes each has set to Off."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import NONE, UNCHANGED, Common, action, given, group
from app.domain.errors import AppError


def list_organizations(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        found = application.organizations.all()
        names = {each.organization.id: site.name_of(application, each.organization) for each in found}
        rows = [
            {
                "name": names[each.organization.id],
                "parent": "" if each.organization.parent_id is None else names[each.organization.parent_id],
                "currency": application.organizations.currency(each.organization.id),
                "identities": each.identities,
                "stations": each.stations,
                "pools": each.pools,
            }
            for each in found
        ]
    return console.table(rows, ("name", "parent", "currency", "identities", "stations", "pools"))


def create_organization(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        organizations = application.organizations
        if args.parent:
            parent_id = site.organization_named(application, args.parent).id
            organization = asyncio.run(organizations.create(args.name, parent_id, args.currency))
        else:
            organization = asyncio.run(organizations.create(args.name, currency=args.currency))
    return console.done(f"The organization {organization.name} is there.", organization)


def change_organization(args: argparse.Namespace, console: Console) -> int:
    if not given(args, ("name", "parent", "currency")):
        raise AppError("nothing_to_change")
    with site.changing(args.data) as application:
        wanted = site.organization_named(application, args.organization)
        wanted = replace(wanted, **given(args, ("name", "currency")))
        for parent in given(args, ("parent",)).values():
            above = None if parent == NONE else site.organization_named(application, parent).id
            wanted = replace(wanted, parent_id=above)
        asyncio.run(application.organizations.change(wanted))
        organization = application.organizations.require(wanted.id)
    return console.done(f"{organization.name} is changed.", organization)


def remove_organization(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        organization = site.organization_named(application, args.organization)
        asyncio.run(application.organizations.remove(organization.id))
    return console.done(f"The organization {organization.name} is removed.", organization)


def passes_of_organization(args: argparse.Namespace, console: Console) -> int:
    """Set passes to Whitelist or Off; with none named, list the setting of each."""
    if not (args.off or args.whitelist):
        return _list_settings(args, console)
    with site.changing(args.data) as application:
        organization = site.organization_named(application, args.organization)
        named = site.pass_ids(application, args.off or args.whitelist)
        asyncio.run(application.organizations.set_passes(organization.id, named, on=bool(args.whitelist)))
        cards = [application.passes.require(pass_id) for pass_id in named]
        host = site.name_of(application, organization)
    setting = "Whitelist" if args.whitelist else "Off"
    return console.done(f"{setting} at {host}: {', '.join(card.title for card in cards)}.", cards)


def _list_settings(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        off = application.organizations.passes_off(site.organization_named(application, args.organization).id)
        rows = [
            {
                "visible_id": summary.card.visible_id,
                "uid": summary.card.uid,
                "name": summary.card.name,
                "email": summary.email,
                "setting": "off" if summary.card.id in off else "whitelist",
            }
            for summary in application.passes.all()
        ]
    return console.table(rows, ("visible_id", "uid", "name", "email", "setting"))


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`organizations list|create|change|remove|passes`."""
    organizations = group(commands, "organizations", "whom identities, stations and pools belong to")
    action(
        organizations, "list", "list the organizations, each below the one it belongs to", list_organizations, common
    )

    create = action(organizations, "create", "create an organization", create_organization, common)
    create.add_argument("name", metavar="NAME")
    create.add_argument("--parent", metavar="NAME", help="the one it belongs to; the first organization by default")
    create.add_argument("--currency", metavar="C", default="", help="such as EUR; by default that of the one above")

    change = action(
        organizations, "change", "rename an organization, move it, change its currency", change_organization, common
    )
    change.add_argument("organization", metavar="NAME")
    change.add_argument("--name", metavar="NEW", default=UNCHANGED, help="its new name")
    change.add_argument("--parent", metavar="NAME", default=UNCHANGED, help="the one it belongs to; none: to no other")
    change.add_argument("--currency", metavar="C", default=UNCHANGED, help='such as EUR; "": that of the one above')

    remove = action(
        organizations, "remove", "remove an organization to which nothing belongs", remove_organization, common
    )
    remove.add_argument("organization", metavar="NAME")

    passes = action(
        organizations,
        "passes",
        "say which passes open the stations an organization hosts",
        passes_of_organization,
        common,
        "With no pass named, lists the setting of each.",
    )
    passes.add_argument("organization", metavar="NAME")
    setting = passes.add_mutually_exclusive_group()
    setting.add_argument("--whitelist", metavar="UID", action="append", help="let it charge there where a pool does")
    setting.add_argument("--off", metavar="UID", action="append", help="refuse it there whatever a pool says")
