"""A central system and a station on it."""

import asyncio

import pytest

from app.simulation import SimulatedStation
from tests.simulation.central_site import FAST, Site


@pytest.fixture
async def site():
    async with Site().running() as running:
        yield running


@pytest.fixture
async def station(site):
    """A station with two connectors that lives a thousand times faster than the clock, accepted and idle."""
    async with SimulatedStation(site.url, "CP1", connectors=2, pace=1000, configuration=FAST) as station:
        await station.start_up()
        site.heard.clear()
        yield station


@pytest.fixture
async def unused_port():
    async with await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0) as server:
        return server.sockets[0].getsockname()[1]
