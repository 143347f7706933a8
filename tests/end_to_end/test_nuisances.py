"""A station that floods, sends too much, never finishes or never reads harms no other one."""

import asyncio
import statistics
import sys
import time
from pathlib import Path

import pytest

from app.csms import link
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel
from tests.end_to_end.nuisance import KINDS, OTHERS
from tests.wire import raw_station

ROOT = Path(__file__).parents[2]
CARD = "04A1B2C3D4E580"
EACH_S = 0.4
TAP_EVERY_S = 0.01

#: Far above what is measured (a few milliseconds), far below what a driver at a reader would notice.
SOON_MS = 100


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Nobody wants to wait at the end of each test for a peer that is gone."""
    monkeypatch.setattr(link, "CLOSE_WITHIN_S", 0.1)
    monkeypatch.setattr(link, "FINISH_WITHIN_S", 0.1)


@pytest.fixture
async def neighbour(application, url):
    """A station of which each test demands that it is served all the time."""
    pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
    await application.passes.add(PassDraft(uid=CARD))
    await application.stations.accept("NEIGHBOUR", pool_id=pool.id)
    async with raw_station(url, "NEIGHBOUR") as station:
        await station.call("Heartbeat", {})
        yield station


async def taps(station, until):
    """Milliseconds from each moment at which a card was to be held to a station, to the decision on it."""
    took, due = [], time.perf_counter()
    while not until.done():
        await asyncio.sleep(max(0, due - time.perf_counter()))
        answer = await station.call("Authorize", {"idTag": CARD})
        assert answer["idTagInfo"]["status"] == "Accepted"
        took.append((time.perf_counter() - due) * 1000)
        due += TAP_EVERY_S
    return took


async def test_whoever_misbehaves_the_others_are_served_soon(application, url, neighbour, record_property):
    kinds = [*KINDS, *OTHERS]
    for number in range(len(KINDS)):
        await application.stations.accept(f"NUISANCE{number}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.end_to_end.nuisance", url, str(EACH_S), *kinds),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 30)
        for kind in kinds:
            next_one = asyncio.ensure_future(asyncio.wait_for(process.stdout.readline(), 30))
            took = sorted(await taps(neighbour, next_one))
            told = f"{kind}: median {statistics.median(took):.1f} ms, worst {took[-1]:.1f} ms of {len(took)}"
            record_property("latency", told)
            print(told)
            assert statistics.median(took) < SOON_MS, told
        assert next_one.result() == b"done\n"
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
