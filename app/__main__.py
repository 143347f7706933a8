"""The command line."""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from app.commands import Console, Words, add_commands
from app.data_folder import DATABASE, default_folder
from app.domain.errors import AppError

EXPECTED_FAILURE = 1


class Screen(Protocol):
    """What the command line needs of a window, without knowing one."""

    def why_not(self) -> str:
        """A sentence on why there can be no window here; empty when there can."""

    def open(self, folder: Path, host: str | None, port: int | None, *, demo: bool) -> int:
        """Show the window until it is closed; the exit code."""

    def screenshots(self, folder: Path) -> int:
        """Draw every page into pictures; the exit code."""


class NoScreen:
    """An installation without the window."""

    def why_not(self) -> str:
        return "The window is not installed"

    def open(self, folder: Path, host: str | None, port: int | None, *, demo: bool) -> int:  # noqa: ARG002
        raise AppError("no_window", why=self.why_not())

    def screenshots(self, folder: Path) -> int:  # noqa: ARG002
        raise AppError("no_window", why=self.why_not())


def _codes(code: str, /, **facts: object) -> str:
    """What a code says where there are no words for it."""
    return f"{code}({', '.join(f'{name}={fact!r}' for name, fact in facts.items())})"


def main(
    arguments: Sequence[str] | None = None,
    *,
    screen: Screen | None = None,
    words: Words = _codes,
) -> int:
    """Run a command; the exit code: 0 done, 1 it could not be done (said in one line), 2 the command is not one,
    3 (of `explain`) the card is refused.

    `screen` opens the window where one is asked for; `words` puts codes, such as those of errors, into words.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    args = _parser().parse_args(arguments)
    args.chosen_folder = getattr(args, "data", None)
    args.data = args.chosen_folder or default_folder()
    try:
        place = screen or NoScreen() if args.shows else Console(sys.stdout, words, as_json=args.json)
        code = int(args.command(args, place))
        # What still waits to be written would otherwise fail after the end.
        print(end="", flush=True)
    except AppError as error:
        print(f"tapdesk: {words(error.code, **error.params)}", file=sys.stderr)
        return EXPECTED_FAILURE
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would try once more to write what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _open(args: argparse.Namespace, screen: Screen) -> int:
    return _show(screen, args.data, None, None, demo=False)


def _demo(args: argparse.Namespace, screen: Screen) -> int:
    if args.chosen_folder is not None:
        if (args.chosen_folder / DATABASE).exists():
            raise AppError("demo_needs_empty_folder", path=str(args.chosen_folder))
        return _show(screen, args.chosen_folder, None, args.port, demo=True)
    with tempfile.TemporaryDirectory(prefix="tapdesk-demo-", ignore_cleanup_errors=True) as throw_away:
        return _show(screen, Path(throw_away), None, args.port, demo=True)


def _show(screen: Screen, folder: Path, host: str | None, port: int | None, *, demo: bool) -> int:
    why_not = screen.why_not()
    if not why_not:
        return screen.open(folder, host, port, demo=demo)
    print(f"{why_not}: serving without a window. Ctrl-C ends it.", flush=True)
    return _serve(folder, host, port, demo=demo)


def _serve(folder: Path, host: str | None, port: int | None, *, demo: bool = False) -> int:
    from app.serving import serve

    return asyncio.run(serve(folder, host, port, demo=demo))


def _simulate(args: argparse.Namespace, _screen: Screen) -> int:
    from app.simulation.script import simulate

    return asyncio.run(simulate(args.url, args.id, args.password, args.tap, args.charge, sys.stdout, ocpp=args.ocpp))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


_port.__name__ = "port"


def _parser() -> argparse.ArgumentParser:
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument(
        "--data", type=Path, metavar="DIR", default=argparse.SUPPRESS, help="the folder that holds everything"
    )
    printing = argparse.ArgumentParser(add_help=False)
    printing.add_argument("--json", action="store_true", help="print data for programs")

    parser = argparse.ArgumentParser(
        prog="tapdesk",
        description="Who may charge at your charging stations. Without a command: the window.",
        parents=[data],
    )
    # No default for --data: it would be set after the command too, over what was said before it.
    parser.set_defaults(command=_open, shows=True)
    commands = parser.add_subparsers(metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve stations without a window", parents=[data])
    serve.add_argument("--host", metavar="H", help="the address to listen on; by default all of this machine")
    serve.add_argument("--port", metavar="N", type=_port, help="the port to listen on, 9000 unless set otherwise")
    serve.set_defaults(command=lambda args, _screen: _serve(args.data, args.host, args.port))

    demo = commands.add_parser("demo", help="a throw-away site with six stations that live", parents=[data])
    demo.add_argument("--port", metavar="N", type=_port, help="the port to listen on")
    demo.set_defaults(command=_demo)

    simulate = commands.add_parser("simulate", help="be one station", parents=[data])
    simulate.add_argument("url", metavar="URL", help="the server, such as ws://192.168.1.20:9000/")
    simulate.add_argument("--id", metavar="ID", required=True, help="the station's identity")
    simulate.add_argument("--ocpp", choices=["1.6", "2.0.1", "2.1"], default="1.6", help="the version it speaks")
    simulate.add_argument("--password", metavar="P", help="its password, where the server asks for one")
    simulate.add_argument("--tap", metavar="UID", action="append", default=[], help="hold a card; may be repeated")
    simulate.add_argument("--charge", metavar="SECONDS", type=float, help="charge with the last accepted card")
    simulate.set_defaults(command=_simulate)

    screenshots = commands.add_parser("screenshots", help="draw every page into pictures", parents=[data])
    screenshots.add_argument("folder", metavar="DIR", type=Path)
    screenshots.set_defaults(command=lambda args, screen: screen.screenshots(args.folder))

    data_commands = argparse.ArgumentParser(add_help=False, parents=[data, printing])
    data_commands.set_defaults(shows=False)
    add_commands(commands, [data_commands])
    return parser


if __name__ == "__main__":
    sys.exit(main())
