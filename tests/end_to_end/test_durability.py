"""What was acknowledged is there: after a kill at any moment, and once a disk takes things again."""

import asyncio
import itertools
import json
import os
import random
import re
import sqlite3
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from app import application as application_module
from app.application import Application
from app.csms.station import reports
from app.data_folder import DATABASE
from app.domain.drafts import PassDraft
from app.domain.events import StorageFailed, StorageRecovered
from app.domain.model import AccessLevel
from tests.disk_faults import no_room, nothing_written
from tests.wire import raw_station

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("TAPDESK_KILL_ROUNDS", "3"))
SEED = int(os.environ.get("TAPDESK_FUZZ_SEED", "1"))
STATIONS = ("CP1", "CP2", "CP3", "CP4")
CARD = "04A1B2C3D4E580"


@asynccontextmanager
async def serving(folder):
    """A process that serves the site in `folder`: the process, and where stations connect. It is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "serve", "--data", str(folder), "--host", "127.0.0.1", "--port", "0"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def listening(process):
    line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    said = re.match(r"Listening on (ws://127\.0\.0\.1:\d+/)$", line)
    assert said, line + (await process.stdout.read()).decode()
    return said[1]


class Charging:
    """A station that charges without a pause and remembers what it was told, and what it was not told yet."""

    def __init__(self, station_id):
        self.station_id = station_id
        self.started = {}
        self.metered, self.stopped = [], []
        self._steps = self._charges()
        self._waiting = next(self._steps)
        self._ids = itertools.count(1)

    def _charges(self):
        """Each message of one charge after the other; what is sent back to it is the answer."""
        for number in itertools.count(1):
            at = f"2025-03-04T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
            meter = number * 1000
            start = {"connectorId": 1, "idTag": CARD, "meterStart": meter, "timestamp": at}
            answer = yield "StartTransaction", start
            self.started[meter] = session_id = answer["transactionId"]
            sampled = {"timestamp": at, "sampledValue": [{"value": str(meter + 7), "context": "Sample.Periodic"}]}
            yield "MeterValues", {"connectorId": 1, "transactionId": session_id, "meterValue": [sampled]}
            self.metered.append((session_id, meter + 7))
            stop = {"transactionId": session_id, "meterStop": meter + 9, "timestamp": at}
            yield "StopTransaction", stop
            self.stopped.append((session_id, meter + 9))

    async def run(self, url):
        """Charge until the connection is gone; what was not answered then is told again the next time."""
        with suppress(WebSocketException, OSError, TimeoutError):
            async with raw_station(url, self.station_id) as station:
                while True:
                    action, payload = self._waiting
                    answer = await station.say(json.dumps([2, f"{next(self._ids)}", action, payload]))
                    assert answer[0] == 3, answer
                    self._waiting = self._steps.send(answer[2])


async def prepared(folder):
    application = Application(folder / DATABASE)
    pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
    for station_id in STATIONS:
        await application.stations.accept(station_id, pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD))
    await application.stop()


async def test_after_a_kill_at_any_moment_everything_acknowledged_is_there_exactly_once(tmp_path, record_property):
    await prepared(tmp_path)
    chance, stations = random.Random(SEED), [Charging(station_id) for station_id in STATIONS]
    for number in range(ROUNDS + 1):
        began = time.monotonic()
        async with serving(tmp_path) as process:
            url = await listening(process)
            record_property("listening_after_s", round(time.monotonic() - began, 2))
            print(f"listening after {time.monotonic() - began:.2f} s")
            charging = asyncio.gather(*(station.run(url) for station in stations))
            await asyncio.sleep(chance.uniform(0.05, 0.6))
            if number < ROUNDS:
                process.kill()
            else:
                process.terminate()
            await charging
            await asyncio.wait_for(process.wait(), 10)
        said = (await process.stdout.read()).decode()
        assert "Traceback" not in said, said
    assert process.returncode == 0
    told = sum(len(station.started) + len(station.metered) + len(station.stopped) for station in stations)
    print(f"{told} acknowledged reports in {ROUNDS} kills")
    check(tmp_path / DATABASE, stations)


def check(database, stations):
    connection = sqlite3.connect(database)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    rows = connection.execute(
        "select id, station_id, meter_start_wh, meter_last_wh, stopped_at from sessions"
    ).fetchall()
    sessions = {row[0]: row for row in rows}
    samples = connection.execute("select session_id, sampled from meter_values").fetchall()
    connection.close()
    assert len({(station_id, start) for _, station_id, start, *_ in rows}) == len(rows)
    told_ids = [session_id for station in stations for session_id in station.started.values()]
    assert len(told_ids) == len(set(told_ids)) > len(stations)
    kept = sorted((session_id, int(json.loads(sampled)[0]["value"])) for session_id, sampled in samples)
    assert len(kept) == len(set(kept))
    for station in stations:
        for meter, session_id in station.started.items():
            assert sessions[session_id][1:3] == (station.station_id, meter)
        for session_id, meter in station.stopped:
            assert sessions[session_id][3] == meter
            assert sessions[session_id][4] is not None
        assert set(station.metered) <= set(kept)


async def test_a_kill_during_its_very_first_start_harms_no_later_one(tmp_path):
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        async with serving(folder):
            await asyncio.sleep(chance.uniform(0.0, 0.5))
        async with serving(folder) as process:
            assert await listening(process)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The disk is asked again soon."""
    monkeypatch.setattr(application_module, "WATCH_DISK_EVERY_S", 0.05)
    monkeypatch.setattr(reports, "STORE_AGAIN_S", 0.05)


@pytest.fixture
def disk(application):
    """What is told of the disk."""
    told = []
    for kind in (StorageFailed, StorageRecovered):
        application.bus.subscribe(kind, told.append)
    return told


@pytest.fixture
async def stations(application, url):
    """Two stations that are let in, and a pass."""
    pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
    for station_id in STATIONS[:2]:
        await application.stations.accept(station_id, pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD))
    async with raw_station(url, "CP1") as first, raw_station(url, "CP2") as second:
        await first.call("Heartbeat", {})
        await second.call("Heartbeat", {})
        yield first, second


async def until(condition, within_s=5.0):
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


def start(number):
    payload = {"connectorId": 1, "idTag": CARD, "meterStart": number, "timestamp": f"2025-03-04T19:{number:02}:00Z"}
    return json.dumps([2, f"s{number}", "StartTransaction", payload])


@pytest.mark.parametrize(("fault", "code"), [(no_room, "disk_full"), (nothing_written, "disk_read_only")])
async def test_while_the_disk_takes_nothing_cards_are_decided_and_a_start_waits(
    application, url, disk, stations, fault, code
):
    station, other = stations
    with fault(application.store):
        held = await filled(station)
        await until(lambda: disk == [StorageFailed(code)])
        before = len(application.sessions.recent())

        for each in stations:
            assert (await each.call("Authorize", {"idTag": CARD}))["idTagInfo"]["status"] == "Accepted"
            assert (await each.call("Authorize", {"idTag": "0BADCAFE"}))["idTagInfo"]["status"] == "Invalid"
            assert await each.call("Heartbeat", {})
        # What need not be kept keeps nobody waiting, nor does a known station that boots.
        assert (
            await other.call("StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"})
            == {}
        )
        assert (await other.call("BootNotification", {}))["status"] == "Accepted"
        async with raw_station(url, "STRANGER") as stranger:
            assert (await stranger.call("BootNotification", {}))["status"] == "Pending"

        assert await station.hears_nothing(0.3)
        assert len(application.sessions.recent()) == before
        assert disk == [StorageFailed(code)]
    answer = json.loads(await station.answer())
    assert answer[:2] == [3, held]
    assert answer[2]["idTagInfo"]["status"] == "Accepted"
    assert len(application.sessions.recent()) == before + 1
    await until(lambda: disk == [StorageFailed(code), StorageRecovered()])
    await until(lambda: len(application.journal._messages) == 0)
    # Each tap of the meantime is kept.
    assert len([tap for tap in application.journal.taps(limit=500) if tap.uid == "0BADCAFE"]) == 2


async def filled(station):
    """Report starts until one finds no room; its message id."""
    for number in range(60):
        await station.send(start(number))
        try:
            assert json.loads(await station.answer(0.6))[0] == 3
        except TimeoutError:
            return f"s{number}"
    raise AssertionError("the disk never filled")
