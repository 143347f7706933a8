"""How commands and their arguments are declared: the shapes that several of them share.

Options of something that is there already are declared with `default=UNCHANGED`: `given(args, …)` is what was named.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from app.commands.console import Console

Common = argparse.ArgumentParser
Command = Callable[[argparse.Namespace, Console], int]

#: For an option that leaves things as they are when it is not given.
UNCHANGED = argparse.SUPPRESS
NONE = "none"


def group(commands: Any, name: str, about: str) -> Any:
    """A noun; its actions are added to what is returned."""
    return commands.add_parser(name, help=about, description=_sentence(about)).add_subparsers(
        metavar="ACTION", required=True
    )


def action(
    actions: Any, name: str, about: str, command: Command, common: Sequence[Common], more: str = ""
) -> argparse.ArgumentParser:
    """One action. `about` stands in the list of actions, and with `more` behind it above the action's own help."""
    description = f"{_sentence(about)} {more}".strip()
    parser: argparse.ArgumentParser = actions.add_parser(name, help=about, description=description, parents=common)
    parser.set_defaults(command=command)
    return parser


def given(args: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Those of the `UNCHANGED` options that were named."""
    return {name: getattr(args, name) for name in names if hasattr(args, name)}


def moment(text: str) -> datetime:
    """A local day (its beginning) or moment, also with a zone of its own; aware UTC."""
    return _read(text, after_day=0)


def end(text: str) -> datetime | None:
    """Until when: a local moment, or a day (its end); `none` is without end. Aware UTC."""
    return None if text == NONE else _read(text, after_day=1)


def start(text: str) -> datetime | None:
    """From when: a local day or moment; `none` is from ever. Aware UTC."""
    return None if text == NONE else moment(text)


def count(text: str) -> int | None:
    """A whole number; `none` is any number."""
    return None if text == NONE else int(text)


def lines(text: str) -> int:
    """How many lines, at least one."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def amount(text: str) -> Decimal | None:
    """An amount of money; `none` is nothing asked for."""
    if text == NONE:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error


# What argparse calls them when they cannot be read.
moment.__name__, end.__name__, start.__name__ = "day or time", "day or time", "day or time"


def _read(text: str, *, after_day: int) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _utc(datetime.fromisoformat(text))
    return _utc(datetime.combine(day, datetime.min.time()), after_day)


def _utc(at: datetime, days: int = 0) -> datetime:
    try:
        return (at + timedelta(days=days)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(at) from error


def _sentence(about: str) -> str:
    return f"{about[:1].upper()}{about[1:]}."
