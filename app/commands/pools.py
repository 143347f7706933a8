"""`tapdesk pools`: who may charge at which stations."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.commands import pins, pool_members, site
from app.commands.console import Console
from app.commands.declaring import UNCHANGED, Common, action, given, group
from app.commands.effects import confirm, declare_yes, lost_without_pass, told
from app.commands.pool_options import NAMED, SWITCHES, declare_options, options_named
from app.domain.drafts import possible_options
from app.domain.errors import AppError
from app.domain.model import AccessLevel, Pool, PoolOptions

if TYPE_CHECKING:
    from app.application import Application, Member

LEVELS = (
    "public: every registered pass; private: members only; restricted: members, PINs and approved requests; "
    "by_list: members only, or every registered pass while the list is empty and the pool published"
)
SAYS_BEFOREHAND = "What is not named stays as it is. Where people would lose access it says so, and asks for --yes."


def list_pools(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        belonging = site.Belonging(application, args.organization)
        rows = [
            {
                "name": summary.pool.name,
                "level": summary.pool.level.value,
                "organization": belonging.name(summary.pool.options.organization_id),
                "stations": summary.stations,
                "identities": summary.identities,
                "passes": summary.passes,
            }
            for summary in application.pools.all()
            if belonging.wants(summary.pool.options.organization_id)
        ]
    return console.table(rows, ("name", "level", *belonging.column, "stations", "identities", "passes"))


def show_pool(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        pool = site.pool_named(application, args.name)
        stations = [station.station_id for station in application.stations.all() if station.pool_id == pool.id]
        answers = application.explanations.in_pool(pool.id)
        facts = _facts(application, pool) | {
            "stations": stations,
            "pins": [pin.name for pin in application.pins.of_pool(pool.id)],
            "requests": sum(request.pool_id == pool.id for request in application.requests.pending()),
            "passes_known": len(answers),
            "passes_admitted": sum(answer.decision.accepted for answer in answers),
        }
        members = [_member(member) for member in application.members.of_pool(pool.id)]
    return console.sheet(facts, "members", members, ("name", "email", "visible_id", "uid", "until"))


def create_pool(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        level = AccessLevel(args.level)
        options = options_named(application, args, PoolOptions(), level)
        pool = asyncio.run(application.pools.create(args.name, level, options))
    return console.done(f"The pool {pool.name} is there, {pool.level.value}.", pool)


def change_pool(args: argparse.Namespace, console: Console) -> int:
    if not given(args, ("name", "level", *NAMED)):
        raise AppError("nothing_to_change")
    with site.changing(args.data) as application:
        before = site.pool_named(application, args.pool)
        level = AccessLevel(getattr(args, "level", before.level))
        options = options_named(application, args, possible_options(before.options, level), level)
        wanted = replace(before, name=getattr(args, "name", before.name), level=level, options=options)
        effect = application.explanations.effect_of(before.id, level=level, options=options)
        also_lost = lost_without_pass(before, wanted, len(application.pins.of_pool(before.id)))
        confirm(effect, also_lost, yes=args.yes)
        asyncio.run(application.pools.change(before.id, name=wanted.name, level=level, options=options))
        pool = application.pools.require(before.id)
    # That nobody can charge there is worth a word where it is what was chosen, not at each change.
    effects = told(effect) if hasattr(args, "level") or effect.loses or effect.gains else []
    return console.done(" ".join([f"{pool.name} is changed.", *also_lost, *effects]), pool)


def _facts(application: "Application", pool: Pool) -> dict[str, Any]:
    options = pool.options
    return {
        "name": pool.name,
        "level": pool.level.value,
        "organization": site.Belonging(application).name(options.organization_id),
        "description": options.description,
        **{switch: getattr(options, switch) for switch in SWITCHES},
        "session_limit": options.session_limit,
        "price_per_kwh": options.price.per_kwh,
        "price_per_session": options.price.per_session,
        "member_price_per_kwh": options.member_price.per_kwh,
        "member_price_per_session": options.member_price.per_session,
        "currency": application.organizations.currency(options.organization_id),
        "notify": options.notify,
    }


def _member(member: "Member") -> dict[str, Any]:
    is_identity = member.identity_id is not None
    return {
        "kind": "identity" if is_identity else "pass",
        "name": member.name,
        "email": member.contact if is_identity else "",
        "visible_id": member.visible_id,
        "uid": member.uid,
        "until": member.valid_until,
    }


def declare(commands: Any, common: Sequence[Common]) -> None:
    """`pools list|show|create|change|add|remove` and `pools pins …`."""
    pools = group(commands, "pools", "access pools: who may charge at which stations")
    listing = action(pools, "list", "list the pools", list_pools, common)
    listing.add_argument("--organization", metavar="NAME", help="only those of it or of one below it")
    action(pools, "show", "show a pool with its options and members", show_pool, common).add_argument(
        "name", metavar="POOL"
    )

    create = action(pools, "create", "create a pool", create_pool, common)
    create.add_argument("name", metavar="NAME")
    levels = [level.value for level in AccessLevel]
    create.add_argument("--level", choices=levels, default=AccessLevel.PRIVATE.value, help=LEVELS)
    declare_options(create)

    change = action(pools, "change", "change a pool's name, level or options", change_pool, common, SAYS_BEFOREHAND)
    change.add_argument("pool", metavar="POOL")
    change.add_argument("--name", metavar="NEW", default=UNCHANGED, help="its new name")
    change.add_argument("--level", choices=levels, default=UNCHANGED, help=LEVELS)
    declare_options(change)
    declare_yes(change)

    pool_members.declare(pools, common)
    pins.declare(pools, common)
