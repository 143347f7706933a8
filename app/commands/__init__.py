"""The commands for sites without a screen: one noun, one module; each command is one action of the application.

add_commands(subparsers, [parser_with_data_and_json])
args.command(args, Console(sys.stdout, sentence, as_json=args.json))      # the exit code

Loading this loads no database and no server: only who runs a command waits for them.
"""

from collections.abc import Sequence
from typing import Any

from app.commands import (
    certificate,
    explain,
    exports,
    history,
    identities,
    imports,
    lid,
    lists,
    log,
    organizations,
    passes,
    pools,
    report,
    requests,
    stations,
)
from app.commands.console import Console, Words
from app.commands.declaring import Common

__all__ = ["Console", "Words", "add_commands"]


def add_commands(commands: Any, common: Sequence[Common]) -> None:
    """Declare every command of a site; `common` holds the options that all of them take."""
    for noun in (
        stations,
        certificate,
        identities,
        passes,
        pools,
        organizations,
        requests,
        explain,
        history,
        imports,
        exports,
        lists,
        report,
        log,
        lid,
    ):
        noun.declare(commands, common)
