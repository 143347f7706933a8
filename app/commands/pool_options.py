"""The options of a pool as arguments of a command, shared by creating and changing one."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from app.commands import site
from app.commands.declaring import NONE, UNCHANGED, amount, count, given
from app.domain.errors import AppError
from app.domain.model import ONLY_AT, AccessLevel, PoolOptions, Price

if TYPE_CHECKING:
    from app.application import Application

SWITCHES = {
    "free_vend": ("--free-vend", "anyone charges, for free, with any card (public pools)"),
    "published": ("--published", "any registered pass charges while the list is empty (pools by list)"),
    "takes_requests": ("--takes-requests", "a refused card becomes a request (restricted pools)"),
    "members_free": ("--members-free", "members charge for free"),
    "hidden": ("--hidden", "left out where drivers look for stations"),
    "passes_stop_each_other": ("--stop-each-other", "any pass of the identity that started a session ends it"),
}
PRICES = {
    "price": ("--price", "of whoever is no member"),
    "member_price": ("--member-price", "of members"),
}
UNITS = {"per_kwh": ("-per-kwh", "a kWh"), "per_session": ("-per-session", "a session")}
OPTIONS = (*SWITCHES, "description", "session_limit")
AMOUNTS = tuple(f"{price}_{unit}" for price in PRICES for unit in UNITS)
#: Every one that may be named, by which a command sees whether any was.
NAMED = (*OPTIONS, *AMOUNTS, "notify", "organization")


def declare_options(parser: argparse.ArgumentParser) -> None:
    """Every option beside name and level; those that are not named stay as they are."""
    parser.add_argument("--description", metavar="TEXT", default=UNCHANGED, help="what the pool is for")
    for name, (flag, about) in SWITCHES.items():
        parser.add_argument(flag, dest=name, action=argparse.BooleanOptionalAction, default=UNCHANGED, help=about)
    parser.add_argument(
        "--session-limit",
        metavar="N",
        type=count,
        default=UNCHANGED,
        help="sessions that one pass may have at the same time; none: any number",
    )
    for price, (flag, whom) in PRICES.items():
        for unit, (per, what) in UNITS.items():
            parser.add_argument(
                flag + per,
                dest=f"{price}_{unit}",
                metavar="N",
                type=amount,
                default=UNCHANGED,
                help=f"asked for {what} {whom}, in the organization's currency; none: nothing",
            )
    parser.add_argument(
        "--notify",
        metavar="E",
        action="append",
        default=UNCHANGED,
        help="who is written to about requests: all of them, may be repeated; none: nobody",
    )
    parser.add_argument("--organization", metavar="NAME", default=UNCHANGED, help="the organization it belongs to")


def options_named(
    application: "Application", args: argparse.Namespace, before: PoolOptions, level: AccessLevel
) -> PoolOptions:
    """`before` with what was named. Raises AppError `organization_not_found`, `option_only_at`."""
    options = replace(before, **given(args, OPTIONS))
    options = replace(options, price=_price(args, "price", options.price))
    options = replace(options, member_price=_price(args, "member_price", options.member_price))
    if hasattr(args, "notify"):
        options = replace(options, notify=tuple(address for address in args.notify if address != NONE))
    if hasattr(args, "organization"):
        options = replace(options, organization_id=site.organization_named(application, args.organization).id)
    for name, only in ONLY_AT.items():
        if getattr(options, name) and level is not only:
            raise AppError("option_only_at", option=SWITCHES[name][0], level=only.value)
    return options


def _price(args: argparse.Namespace, name: str, before: Price) -> Price:
    return replace(before, **{unit: value for unit in UNITS for value in given(args, [f"{name}_{unit}"]).values()})
