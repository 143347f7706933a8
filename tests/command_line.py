"""Running the program as its users do: a command in this process, in one of its own, or one that serves."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.__main__ import main
from ui.strings import sentence

ROOT = Path(__file__).parents[1]
PATIENCE_S = 30
PROGRAM = [sys.executable, "-m", "app"]
DESKTOP = [sys.executable, "-m", "ui"]
#: Of a machine without a screen, where nobody told Python or Qt to behave otherwise than they do by themselves.
ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if key not in ("DISPLAY", "WAYLAND_DISPLAY") and not key.startswith(("QT_", "PYTHON"))
}


class Ended:
    """What a command did."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def data(self):
        return json.loads(self.out)


class Serving:
    """A process that serves, the port it serves on, and what it said until then."""

    def __init__(self, process: subprocess.Popen[str], port: int, said: list[str]) -> None:
        self.process, self.port, self.said = process, port, said

    def end(self, number: int = signal.SIGTERM) -> Ended:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return Ended(self.process.returncode, "".join(self.said) + out, err)


def commands_on(folder: Path, capsys) -> Callable[..., Ended]:
    """Runs commands in this process, on one site, with the words of the window."""

    def run_here(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main([*arguments, "--data", str(folder)], words=sentence)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run_here


def run(*arguments: object, program: list[str] = PROGRAM, environment: dict[str, str] = ENVIRONMENT) -> Ended:
    """Runs a command in a process of its own."""
    ended = subprocess.run(
        [*program, *map(str, arguments)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@contextlib.contextmanager
def started(
    *arguments: object, program: list[str] = PROGRAM, environment: dict[str, str] = ENVIRONMENT, **options: object
) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on, until the end of the context at the latest; `options` are those of the process."""
    process = subprocess.Popen(
        [*program, *map(str, arguments)],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            stream.close()


@contextlib.contextmanager
def serving(folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Serving]:
    """`serve` on a site, listening."""
    with started("serve", "--host", host, "--port", port, "--data", folder) as process:
        yield listening(process)


def listening(process: subprocess.Popen[str]) -> Serving:
    """What serves in a process, once it says that it listens."""
    said: list[str] = []
    found = None
    while found is None:
        said.append(process.stdout.readline())
        assert said[-1], process.communicate()
        found = re.fullmatch(r"Listening on ws://.+:(\d+)/\n", said[-1])
    return Serving(process, int(found[1]), said)


def hear(process: subprocess.Popen[str], wanted: str) -> str:
    """The next line a process says that holds `wanted`."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        line = process.stdout.readline()
        if wanted in line:
            return line
        assert line, process.communicate()
    raise AssertionError(wanted)


def one_line(text: str) -> str:
    """The only line of what was said on stderr."""
    [line] = text.splitlines()
    assert line.startswith("tapdesk: ")
    return line
