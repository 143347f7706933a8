"""A laptop that slept, a cable that was out: half-open connections are found at once, and all comes back by itself."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from app.csms.station import link, liveness
from app.surroundings import LOOK_EVERY_S
from tests.wire import raw_station

HEARD_AGAIN_S = 2.0


class Cable:
    """Between a station and the server; while it is out, nothing passes and neither end learns why."""

    def __init__(self):
        self.is_in = asyncio.Event()
        self.is_in.set()

    async def carry(self, reader, writer):
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65536):
                await self.is_in.wait()
                writer.write(data)
        writer.close()


@asynccontextmanager
async def cable_to(url):
    """A cable, and the URL at its far end."""
    host, port = url.removeprefix("ws://").rstrip("/").split(":")
    cable, carrying = Cable(), []

    async def connected(reader, writer):
        there = await asyncio.open_connection(host, int(port))
        carrying.extend(
            [asyncio.ensure_future(cable.carry(reader, there[1])), asyncio.ensure_future(cable.carry(there[0], writer))]
        )

    relay = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield cable, f"ws://127.0.0.1:{relay.sockets[0].getsockname()[1]}/"
    finally:
        relay.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(liveness, "PING_WAIT_AFTER_CHANGE_S", 0.3)
    monkeypatch.setattr(link, "CLOSE_WITHIN_S", 0.1)


def sleeps(application, hours):
    """The computer slept so long: its clocks went on, and this program did not."""
    slept = timedelta(hours=hours)
    application.surroundings._at -= slept
    application.surroundings._passed_at -= slept.total_seconds()
    application.surroundings.look()


async def until(condition, within_s=HEARD_AGAIN_S):
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


async def test_after_a_sleep_dead_connections_are_found_at_once_and_living_ones_stay(application, url):
    for station_id in ("AWAY", "HERE"):
        await application.stations.accept(station_id)
    async with cable_to(url) as (cable, far_url):
        async with raw_station(far_url, "AWAY") as away, raw_station(url, "HERE") as here:
            await away.call("Heartbeat", {})
            await here.call("Heartbeat", {})
            cable.is_in.clear()
            sleeps(application, 8)
            await until(lambda: application.server.connected == {"HERE"})
            assert await here.call("Heartbeat", {})
            away.cut()
        cable.is_in.set()
        async with raw_station(far_url, "AWAY") as back:
            # It comes back without a boot and goes on.
            status = {"connectorId": 1, "status": "Available", "errorCode": "NoError"}
            assert await back.call("StatusNotification", status) == {}
            assert "AWAY" in application.server.connected


async def test_a_station_that_is_back_before_its_old_connection_is_known_to_be_dead_is_served(application, url):
    await application.stations.accept("CP1")
    async with cable_to(url) as (cable, far_url), raw_station(far_url, "CP1") as before:
        await before.call("Heartbeat", {})
        cable.is_in.clear()
        async with raw_station(url, "CP1") as back:
            assert await back.call("Heartbeat", {})
            assert application.server.connected == {"CP1"}
        before.cut()


async def test_a_cable_that_was_out_for_a_moment_loses_nothing(application, url):
    await application.stations.accept("CP1")
    async with cable_to(url) as (cable, far_url), raw_station(far_url, "CP1") as station:
        await station.call("Heartbeat", {})
        cable.is_in.clear()
        waiting = asyncio.create_task(station.call("Heartbeat", {}))
        await asyncio.sleep(0.2)
        cable.is_in.set()
        assert await asyncio.wait_for(waiting, HEARD_AGAIN_S)
        assert station.socket.close_code is None


def test_as_it_is_set_up_all_of_that_takes_less_than_a_minute(monkeypatch):
    monkeypatch.undo()
    noticed_s = LOOK_EVERY_S
    assert noticed_s + liveness.PING_WAIT_AFTER_CHANGE_S + link.CLOSE_WITHIN_S < 60
