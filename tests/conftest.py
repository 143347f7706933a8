"""What every test has at hand."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.application import Application


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a site's database may be; on disk, since a database in memory is another one on each thread."""
    return tmp_path / "site" / "tapdesk.db"


@pytest.fixture
async def application(database: Path) -> AsyncIterator[Application]:
    """An empty site that serves stations on a free port of the loopback interface."""
    application = Application(database)
    await application.start("127.0.0.1", 0)
    yield application
    await application.stop()


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
