"""A station that floods, sends too much, never finishes or never reads harms no other one."""

import asyncio
import json
import os
import statistics
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app.csms.station import link, pace
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel
from tests.end_to_end.nuisance import KINDS, OTHERS
from tests.mutations import CARD, Mutations
from tests.wire import byte_station, raw_station

ROOT = Path(__file__).parents[2]
SEED = int(os.environ.get("TAPDESK_FUZZ_SEED", "1"))
MUTATE_S = float(os.environ.get("TAPDESK_FUZZ_SECONDS", "1.5"))
EACH_S = 0.3
TAP_EVERY_S = 0.02


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


async def test_whoever_misbehaves_the_others_are_served(application, url, neighbour, record_property):
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
        assert next_one.result() == b"done\n"
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def keep_tapping(neighbour):
    while True:
        await neighbour.call("Authorize", {"idTag": CARD})
        await asyncio.sleep(0.005)


async def test_mutated_frames_close_nothing_break_nothing_and_are_answered_soundly(
    application, url, neighbour, monkeypatch
):
    monkeypatch.setattr(pace, "RATE_PER_S", 1e6)
    mutations, answers = Mutations(SEED), set()
    await application.stations.accept("MUTANT")
    async with raw_station(url, "MUTANT") as mutant:
        tapping = asyncio.create_task(keep_tapping(neighbour))
        until = time.monotonic() + MUTATE_S
        while time.monotonic() < until and not tapping.done():
            for _ in range(50):
                await mutant.send(mutations.frame())
            await mutant.send('[2,"the last","Heartbeat",{}]')
            answers.update(map(sound, await mutant.answers_until("the last")))
        assert not tapping.done(), tapping
        tapping.cancel()
    assert answers == {3, "FormationViolation", "NotImplemented", "OccurenceConstraintViolation"}


async def test_mutated_bytes_close_at_most_the_connection_they_come_on(application, url, neighbour):
    mutations = Mutations(SEED + 1)
    await application.stations.accept("MUTANT")
    tapping = asyncio.create_task(keep_tapping(neighbour))
    until, connections = time.monotonic() + MUTATE_S, 0
    while time.monotonic() < until and not tapping.done():
        with suppress(ConnectionError, asyncio.IncompleteReadError, AssertionError):
            async with byte_station(url, "MUTANT") as (_reader, writer):
                connections += 1
                for _ in range(10):
                    writer.write(mutations.broken_bytes())
                    await writer.drain()
                await asyncio.sleep(0.01)
    assert not tapping.done(), tapping
    tapping.cancel()
    assert connections > 5
    assert "NEIGHBOUR" in application.server.connected


def sound(text):
    """What kind of answer it is: 3, or the code of an error that tells nothing of what was sent."""
    answer = json.loads(text)
    if answer[0] == 3:
        assert isinstance(answer[2], dict)
        return 3
    kind, _message_id, code, _description, details = answer
    assert (kind, details) == (4, {})
    return code
