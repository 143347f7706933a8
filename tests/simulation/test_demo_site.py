"""Stations that live by themselves."""

import asyncio
import random
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from app.simulation import DemoStation, Patience, run_demo_site
from tests.simulation.central_site import KNOWN, UNKNOWN, Site

IMPATIENT = Patience(join=0.05, first_try=0.05, last_try=0.2)


def demo_station(number, **more):
    facts = {
        "station_id": f"DEMO-{number}",
        "vendor": "Alfen",
        "model": "Eve Double",
        "serial": f"S{number}",
        "firmware": "7.1",
        "cards": (KNOWN,),
        "strangers": (UNKNOWN,),
    }
    return DemoStation(**{**facts, **more})


class TestDemoSite:
    @asynccontextmanager
    async def living(self, site, *stations, seed=1, pace=20_000, on_frame=None):
        life = asyncio.create_task(
            run_demo_site(site.url, stations, random.Random(seed), pace=pace, patience=IMPATIENT, on_frame=on_frame)
        )
        try:
            yield life
        finally:
            life.cancel()
            with pytest.raises(asyncio.CancelledError):
                await life

    async def test_people_charge_strangers_are_refused_and_faults_come_and_go(self, site):
        stations = [demo_station(n, connectors=n, fault_weight=5.0, outages_per_day=0) for n in (1, 2)]
        async with self.living(site, *stations):
            await site.until(lambda: {"Faulted", "Charging"} <= set(site.statuses()))
            await site.until(lambda: len(site.all("StopTransaction")) > 2)
            await site.until(lambda: {f["id_tag"] for f in site.all("Authorize")} == {KNOWN, UNKNOWN})
        assert {f["error_code"] for f in site.all("StatusNotification") if f["status"] == "Faulted"} == {
            "GroundFailure"
        }
        assert {f["id_tag"] for f in site.all("StartTransaction")} == {KNOWN}

    async def test_a_session_of_an_outage_is_replayed_on_return(self, site):
        gone = []
        async with self.living(site, demo_station(1, outages_per_day=100), on_frame=lambda *frame: gone.append(frame)):
            await site.until(lambda: len(site.all("BootNotification")) == 1 and self._replayed(site))
        assert {frame[0] for frame in gone} == {"DEMO-1"}

    def _replayed(self, site):
        pairs = pairwise(site.actions())
        # Online a start is followed by the status Charging; replayed, by what came next in the queue.
        return any(pair == ("StartTransaction", "MeterValues") for pair in pairs)

    async def test_a_station_that_is_held_keeps_asking_and_lives_once_it_is_accepted(self, site):
        site.boot_answers = ["Pending"]
        async with self.living(site, demo_station(1)):
            await site.until(lambda: len(site.all("BootNotification")) > 3)
            assert set(site.actions()) == {"BootNotification"}
            site.boot_answers = ["Accepted"]
            await site.until(lambda: site.all("Authorize"))

    async def test_a_rejected_station_comes_again_later(self, site):
        site.boot_answers = ["Rejected", "Accepted"]
        async with self.living(site, demo_station(1)):
            await site.until(lambda: site.all("Authorize"))

    async def test_the_stations_come_back_when_the_server_does(self):
        site = Site()
        async with site.running():
            port = site.port
        async with self.living(site, demo_station(1), demo_station(2)):
            await asyncio.sleep(0.1)
            async with site.running(port):
                await site.until(lambda: len(site.all("BootNotification")) == 2)
            site.heard.clear()
            async with site.running(port):
                await site.until(lambda: len(site.all("BootNotification")) == 2)

    async def test_the_same_chance_gives_the_same_people(self, site):
        visits = []
        for _ in range(2):
            site.heard.clear()
            async with self.living(site, demo_station(1, outages_per_day=0, fault_weight=0), seed=7):
                await site.until(lambda: len(site.all("Authorize")) >= 6)
            visits.append([f["id_tag"] for f in site.all("Authorize")][:6])
        assert visits[0] == visits[1]
