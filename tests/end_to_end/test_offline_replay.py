"""Stations that were offline tell of their charges afterwards: shuffled, several times, some without a number or time.

`TAPDESK_REPLAY_STATIONS=50 uv run pytest tests/end_to_end/test_offline_replay.py` replays a thousand charges.
"""

import asyncio
import itertools
import json
import os
import random
from datetime import UTC, datetime, timedelta

from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel
from tests.wire import raw_station

STATIONS = int(os.environ.get("TAPDESK_REPLAY_STATIONS", "5"))
CHARGES = 20
SEED = int(os.environ.get("TAPDESK_FUZZ_SEED", "1"))
CARDS = ("04A1B2C3D4E580", "04A1B2C3D4E581", "0BADCAFE")
NO_NUMBER = (0, -1, None, "", 2**63 - 1)


class Charge:
    """One charge as it truly was, and what its station will tell of it."""

    def __init__(self, chance, connector, begins, lasts, meter, energy):
        self.connector, self.meter, self.energy = connector, meter, energy
        self.card = chance.choice(CARDS)
        self.has_clock = chance.random() >= 0.05
        self.never_numbered = chance.random() < 0.10
        self.begins, self.ends = begins, begins + lasts
        self.transaction_id = None

    def time(self, moment, since):
        """As the station writes it; without a clock, by how long it runs since it was switched on."""
        told = moment if self.has_clock else datetime(1970, 1, 1, tzinfo=UTC) + (moment - since)
        return told.strftime("%Y-%m-%dT%H:%M:%SZ")

    def number(self, chance):
        if self.never_numbered or self.transaction_id is None:
            return chance.choice(NO_NUMBER[:2] if self.never_numbered else NO_NUMBER)
        return self.transaction_id


class Station:
    def __init__(self, number, now):
        self.station_id = f"CP{number}"
        self.chance = random.Random(SEED * 1000 + number)
        self.since = now - timedelta(days=3)
        self.charges = list(self._charges())
        self._ids = itertools.count(1)

    def _charges(self):
        # One at least without a clock, at a register that begins with it.
        yield self._anew()
        free_at, meters = {1: self.since, 2: self.since}, {1: 1_000_000, 2: 40_000_000}
        for _ in range(CHARGES - 1):
            connector = self.chance.choice((1, 2))
            begins = free_at[connector] + timedelta(seconds=self.chance.randint(1, 3600))
            lasts, energy = timedelta(seconds=self.chance.randint(60, 7200)), self.chance.randint(1, 30_000)
            yield Charge(self.chance, connector, begins, lasts, meters[connector], energy)
            free_at[connector] = begins + lasts
            meters[connector] += energy

    def _anew(self):
        begins = self.since + timedelta(seconds=self.chance.randint(1, 3600))
        charge = Charge(self.chance, 3, begins, timedelta(hours=1), 0, self.chance.randint(1, 30_000))
        charge.has_clock = False
        return charge

    def reports(self):
        told = []
        for charge in self.charges:
            for action in ("StartTransaction", "MeterValues", "StopTransaction"):
                told += [(action, charge)] * self.chance.randint(1, 5)
        self.chance.shuffle(told)
        return told

    def payload(self, action, charge):
        if action == "StartTransaction":
            time = charge.time(charge.begins, self.since)
            return {
                "connectorId": charge.connector,
                "idTag": charge.card,
                "meterStart": charge.meter,
                "timestamp": time,
            }
        number = charge.number(self.chance)
        if action == "MeterValues":
            sample = {"value": f"{charge.meter + charge.energy / 2:.1f}", "measurand": "Energy.Active.Import.Register"}
            half_way = charge.time(charge.begins + (charge.ends - charge.begins) / 2, self.since)
            values = [{"timestamp": half_way, "sampledValue": [sample]}]
            return {"connectorId": charge.connector, "transactionId": number, "meterValue": values}
        named = {"idTag": charge.card} if charge.has_clock and charge.energy % 2 else {}
        time = charge.time(charge.ends, self.since)
        return {"transactionId": number, "meterStop": charge.meter + charge.energy, "timestamp": time} | named

    async def replay(self, url):
        async with raw_station(url, self.station_id) as station:
            for action, charge in self.reports():
                sent = json.dumps([2, f"{next(self._ids)}", action, self.payload(action, charge)])
                answer = await station.say(sent)
                assert answer[0] == 3, (sent, answer)
                if action == "StartTransaction":
                    assert charge.transaction_id in (None, answer[2]["transactionId"]), sent
                    charge.transaction_id = answer[2]["transactionId"]


async def test_each_charge_is_one_session_with_its_energy_whatever_its_station_tells_of_it(application, url):
    now = datetime.now(UTC)
    stations = [Station(number, now) for number in range(STATIONS)]
    pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
    for station in stations:
        await application.stations.accept(station.station_id, pool_id=pool.id)
    for card in CARDS[:2]:
        await application.passes.add(PassDraft(uid=card))
    await asyncio.gather(*(station.replay(url) for station in stations))
    sessions = application.sessions.recent(limit=STATIONS * CHARGES * 3)
    found = sorted((s.station_id, s.connector_id, s.meter_start_wh or 0, s.energy_wh, s.is_open) for s in sessions)
    true = [
        (station.station_id, charge.connector, charge.meter, charge.energy, False)
        for station in stations
        for charge in station.charges
    ]
    assert found == sorted(true)
    assert {s.id for s in sessions} == {charge.transaction_id for station in stations for charge in station.charges}
    for station in stations:
        for charge in station.charges:
            session = application.sessions.find(charge.transaction_id)
            times = (charge.begins.replace(microsecond=0), charge.ends.replace(microsecond=0))
            assert not charge.has_clock or (session.started_at, session.stopped_at) == times
            assert not [flag for flag in session.flags if flag.startswith(("meter", "energy"))]
