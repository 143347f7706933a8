"""`tapdesk pools pins`: digits for the keypads of a pool's stations. They never stand in a command's arguments,
which every account of the machine can read: they are typed, piped in, or made up and told once."""

import argparse
import asyncio
import getpass
import secrets
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.commands import site
from app.commands.console import Console
from app.commands.declaring import UNCHANGED, Common, action, count, end, given, group, start
from app.domain.errors import AppError
from app.domain.model import AccessLevel, Pool
from app.domain.pins import Pin

if TYPE_CHECKING:
    from app.application import Application, PinDraft

GENERATED_DIGITS = 6
#: Of a million some may be taken; that so many in a row are, is no chance any more.
GENERATING_TRIES = 20
DRAFTED = ("name", "valid_from", "valid_until", "uses")


def list_pins(args: argparse.Namespace, console: Console) -> int:
    with site.reading(args.data) as application:
        pool = site.pool_named(application, args.pool)
        rows = [asdict(pin) for pin in application.pins.of_pool(pool.id)]
    return console.table(rows, ("id", "name", "digits", "valid_from", "valid_until", "uses", "used"))


def add_pin(args: argparse.Namespace, console: Console) -> int:
    typed = None if args.generate else _typed()
    with site.changing(args.data) as application:
        pool = site.pool_named(application, args.pool)
        draft = _draft(args, {"name": args.pin})
        if typed is None:
            digits, pin = asyncio.run(_generated(application, pool, draft))
            told = f"{_opens(pin, pool)}\nIt is {digits}, and is not shown again."
            return console.done(told, asdict(pin) | {"pin": digits})
        pin = asyncio.run(application.pins.add(pool.id, typed, draft))
    return console.done(_opens(pin, pool), pin)


def _opens(pin: Pin, pool: Pool) -> str:
    if pool.level is AccessLevel.RESTRICTED:
        return f"The PIN {pin.name} opens {pool.name}."
    level = pool.level.value
    return f"The PIN {pin.name} is there. It opens {pool.name} when that is restricted, not while it is {level}."


def change_pin(args: argparse.Namespace, console: Console) -> int:
    if not given(args, DRAFTED):
        raise AppError("nothing_to_change")
    with site.changing(args.data) as application:
        pin = _pin_named(application, site.pool_named(application, args.pool), args.pin)
        draft = _draft(args, {name: getattr(pin, name) for name in DRAFTED})
        asyncio.run(application.pins.change(pin.id, draft))
        pin = application.pins.require(pin.id)
    return console.done(f"The PIN {pin.name} is changed.", pin)


def remove_pin(args: argparse.Namespace, console: Console) -> int:
    with site.changing(args.data) as application:
        pool = site.pool_named(application, args.pool)
        pin = _pin_named(application, pool, args.pin)
        asyncio.run(application.pins.remove(pin.id))
    return console.done(f"The PIN {pin.name} opens {pool.name} no more.", pin)


def _typed() -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        try:
            typed = getpass.getpass("PIN: ")
            if getpass.getpass("Again: ") != typed:
                raise AppError("pins_differ")
        except EOFError as error:
            raise AppError("pin_not_given") from error
    else:
        typed = sys.stdin.readline() if sys.stdin is not None else ""
    if not typed.strip():
        raise AppError("pin_not_given")
    return typed


async def _generated(application: "Application", pool: Pool, draft: "PinDraft") -> tuple[str, Pin]:
    for _ in range(GENERATING_TRIES):
        digits = f"{secrets.randbelow(10**GENERATED_DIGITS):0{GENERATED_DIGITS}}"
        try:
            return digits, await application.pins.add(pool.id, digits, draft)
        except AppError as error:
            if error.code != "pin_taken":
                raise
    raise AppError("pin_taken")


def _draft(args: argparse.Namespace, known: dict[str, Any]) -> "PinDraft":
    from app.application import PinDraft

    return PinDraft(**known | given(args, DRAFTED))


def _pin_named(application: "Application", pool: Pool, name: str) -> Pin:
    """By its name, or by its number in the list where several share a name."""
    pins = application.pins.of_pool(pool.id)
    found = [pin for pin in pins if pin.name.casefold() == name.strip().casefold()]
    found = found or [pin for pin in pins if str(pin.id) == name]
    if not found:
        raise AppError("pin_not_found", name=name, pool=pool.name)
    if len(found) > 1:
        raise AppError("pin_name_shared", name=name, pool=pool.name)
    return found[0]


def declare(pools: Any, common: Sequence[Common]) -> None:
    """`pools pins list|add|change|remove`."""
    pins = group(pools, "pins", "PINs: digits for the keypads of restricted pools")
    action(pins, "list", "list the PINs of a pool; their digits are not kept", list_pins, common).add_argument(
        "pool", metavar="POOL"
    )
    asked = "The digits, 4 to 7, are asked for, or read from the standard input."
    add = action(pins, "add", "give a pool a PIN", add_pin, common, asked)
    add.add_argument("pool", metavar="POOL")
    add.add_argument("pin", metavar="NAME", help="under which its sessions are recorded")
    add.add_argument("--generate", action="store_true", help="make one up and print it, once")
    _declare_draft(add)

    change = action(pins, "change", "rename a PIN, change when and how often it is good", change_pin, common)
    change.add_argument("pool", metavar="POOL")
    change.add_argument("pin", metavar="PIN", help="its name, or its number in the list")
    change.add_argument("--name", metavar="NEW", default=UNCHANGED, help="its new name")
    _declare_draft(change)

    remove = action(pins, "remove", "remove a PIN: it opens nothing from now on", remove_pin, common)
    remove.add_argument("pool", metavar="POOL")
    remove.add_argument("pin", metavar="PIN", help="its name, or its number in the list")


def _declare_draft(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="valid_from", metavar="DATE", type=start, default=UNCHANGED, help="its first day or moment"
    )
    parser.add_argument(
        "--until", dest="valid_until", metavar="DATE", type=end, default=UNCHANGED, help="its last day, or a moment"
    )
    parser.add_argument(
        "--uses", metavar="N", type=count, default=UNCHANGED, help="how many sessions it gives; none: any number"
    )
