"""Stations with passwords that all come back at once. How many: TAPDESK_STORM_STATIONS; the figures are in
`tests/benchmarks/reconnect_storm.py`.
"""

import asyncio
import os

from app.csms.door import logins
from app.domain.security import SecurityProfile
from tests.csms.test_logins import basic, turned_away
from tests.wire import raw_station

STATIONS = int(os.environ.get("TAPDESK_STORM_STATIONS", "60"))


async def test_all_are_served_and_each_password_is_hashed_once(application, url, monkeypatch):
    hashed = []
    matches = logins.matches

    def counting(kept, key):
        hashed.append(kept)
        return matches(kept, key)

    monkeypatch.setattr(logins, "matches", counting)

    async def furnish(number):
        name = f"CP{number}"
        await application.stations.accept(name)
        new = await application.credentials.generate(name)
        await application.credentials.set_profile(name, SecurityProfile.PASSWORD)
        return name, bytes.fromhex(new.password)

    passwords = await asyncio.gather(*map(furnish, range(STATIONS)))

    async def comes(name, password):
        async with raw_station(url, name, **basic(name, password)) as station:
            assert await station.call("Heartbeat", {}, within_s=60)

    for _ in range(3):
        await asyncio.gather(*(comes(name, password) for name, password in passwords))
    assert len(hashed) == STATIONS
    assert not application.server.knocks


async def test_whoever_guesses_meanwhile_holds_up_nobody(application, url):
    await application.stations.accept("CP1")
    new = await application.credentials.generate("CP1")
    await application.credentials.set_profile("CP1", SecurityProfile.PASSWORD)
    await application.stations.accept("CP2")
    other = await application.credentials.generate("CP2")
    await application.credentials.set_profile("CP2", SecurityProfile.PASSWORD)
    guessing = [asyncio.create_task(turned_away(url, **basic("CP1", f"guess-number-{n:06}"))) for n in range(20)]
    async with asyncio.timeout(10), raw_station(url, "CP2", **basic("CP2", other.password)) as station:
        assert await station.call("Heartbeat", {})
    assert set(await asyncio.gather(*guessing)) <= {401, 429}
    # After all that, the true one waits no longer than the longest pause.
    async with asyncio.timeout(logins.LONGEST_WAIT_S * 3), raw_station(url, "CP1", **basic("CP1", new.password)) as it:
        assert await it.call("Heartbeat", {})
