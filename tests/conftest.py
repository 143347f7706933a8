"""What every test has at hand, and what Qt needs of the system where it is missing."""

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

# A wheel of Qt carries everything but these; a Debian without a screen has none of them.
QT_WANTS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}


def _missing() -> list[str]:
    found = []
    for library, package in QT_WANTS.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            found.append(package)
    return found


def _provide_what_qt_wants() -> None:
    """Install the missing libraries where that is ours to do (root on a Debian), else say the one command."""
    packages = _missing() if sys.platform == "linux" else []
    if not packages:
        return
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise pytest.UsageError(f"Qt needs libraries of the system that are not there: sudo {' '.join(command)}")
    print("Qt needs", *packages, "- installing", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


_provide_what_qt_wants()

from app.application import Application  # noqa: E402 - the libraries come first
from app.csms.lists import sync as list_sync  # noqa: E402
from app.database.store import Store  # noqa: E402
from app.domain import events as domain_events  # noqa: E402
from app.lid import lid  # noqa: E402
from tests.clock import Clock  # noqa: E402


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a site's database may be; on disk, since a database in memory is another one on each thread."""
    return tmp_path / "site" / "tapdesk.db"


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of an empty site. Making one takes seven times as long as copying it."""
    path = tmp_path_factory.mktemp("empty") / "tapdesk.db"
    Store(path).close()
    return path


@pytest.fixture
async def application(database: Path, empty_site: Path) -> AsyncIterator[Application]:
    """An empty site that serves stations on a free port of the loopback interface."""
    _copy(empty_site, database)
    application = Application(database)
    await application.start("127.0.0.1", 0)
    yield application
    await application.stop()


@pytest.fixture
def clock() -> Clock:
    """The time at `site`: it stands until a test lets it go on."""
    return Clock()


@pytest.fixture
async def site(database: Path, clock: Clock, empty_site: Path) -> AsyncIterator[Application]:
    """An empty site that serves no station: what an operator can do with it, and what is kept."""
    _copy(empty_site, database)
    site = Application(database, clock=clock)
    yield site
    await site.stop()


def _copy(empty_site: Path, database: Path) -> None:
    database.parent.mkdir(mode=0o700, exist_ok=True)
    if not database.exists():
        shutil.copy(empty_site, database)


@pytest.fixture
def told(site: Application) -> list[object]:
    """Every event published at `site`, in order."""
    events: list[object] = []
    for kind in vars(domain_events).values():
        if isinstance(kind, type) and kind.__module__ == domain_events.__name__:
            site.bus.subscribe(kind, events.append)
    return events


@pytest.fixture(autouse=True)
def lists_can_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stations are asked about their own lists and settings where a test is about that, and nowhere else."""
    monkeypatch.setattr(list_sync, "QUIET_S", 3600.0)
    monkeypatch.setattr(list_sync, "GATHER_AT_MOST_S", 3600.0)
    monkeypatch.setattr(lid, "READ_AFTER_S", 3600.0)


@pytest.fixture(autouse=True)
def no_unexpected_log_records(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning or error in the log that the test did not ask for (`caplog.clear()`) is a failure."""
    yield
    unexpected = [
        f"{record.name}: {record.getMessage()}"
        for record in [*caplog.get_records("setup"), *caplog.get_records("call")]
        if record.levelno >= logging.WARNING
    ]
    assert not unexpected, unexpected


@pytest.fixture
def url(application: Application) -> str:
    """Where stations connect."""
    return f"ws://127.0.0.1:{application.server.port}/"
