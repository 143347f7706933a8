"""A site full of stations that live: people come and charge, cards are refused, things break and recover."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from app.simulation.conversation import Direction
from app.simulation.errors import BootRejectedError, StationError
from app.simulation.station import SimulatedStation

_LOG = logging.getLogger(__name__)
_MINUTE = 60.0
_DAY = 24 * 60 * _MINUTE
_USUAL_POWERS_W = (3_680.0, 7_360.0, 11_040.0, 11_040.0, 22_080.0)
_TICK = 5 * _MINUTE
_TRIES_AGAIN = 0.4


@dataclass(frozen=True)
class DemoStation:
    """A station of the site and what happens at it.

    `cards` are the UIDs of its regulars, `strangers` those of people the site does not know yet; they come again,
    and charge once their card has become a pass. The weights say how often each thing happens compared with the
    others. An outage is a lost network during which a regular charges, if one was ever accepted here.
    """

    station_id: str
    vendor: str
    model: str
    serial: str
    firmware: str
    connectors: int = 1
    cards: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    password: str | None = None
    regular_weight: float = 10.0
    stranger_weight: float = 5.0
    fault_weight: float = 1.0
    outages_per_day: float = 12.0
    ocpp: str = "1.6"


@dataclass(frozen=True)
class Patience:
    """Real seconds: the longest between two requests to join, and the shortest and longest before a new try to
    connect, which doubles with each one that fails."""

    join: float = 30.0
    first_try: float = 1.0
    last_try: float = 30.0


async def run_demo_site(
    url: str,
    stations: Sequence[DemoStation],
    rng: random.Random,
    *,
    pace: float = 30.0,
    patience: Patience | None = None,
    on_frame: Callable[[str, Direction, str], None] | None = None,
) -> None:
    """Let the stations live on real connections to the server at `url`, until cancelled.

    Each connects, asks to join for as long as the server holds it, and lives once it is accepted; when the
    connection or the server goes away it comes back by itself. `pace` is how many of the site's seconds pass in
    a real one. What happens follows from `rng` alone, as far as the network lets it. `on_frame` sees every frame
    as `(station_id, "sent" | "received", text)`.
    """
    async with asyncio.TaskGroup() as site:
        for facts in stations:
            station = SimulatedStation(
                url,
                facts.station_id,
                ocpp=facts.ocpp,
                password=facts.password,
                vendor=facts.vendor,
                model=facts.model,
                serial=facts.serial,
                firmware=facts.firmware,
                connectors=facts.connectors,
                pace=pace,
                on_frame=None if on_frame is None else partial(on_frame, facts.station_id),
            )
            life = _Life(station, facts, pace, patience or Patience(), rng.getrandbits(64))
            site.create_task(life.live())


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (nothing here is a secret, and it shall repeat)


class _Life:
    """What happens at one station, by chance; each connector has a chance of its own."""

    def __init__(
        self, station: SimulatedStation, facts: DemoStation, pace: float, patience: Patience, seed: int
    ) -> None:
        self._station = station
        self._facts = facts
        self._pace = pace
        self._patience = patience
        self._seed = seed
        self._joined = asyncio.Event()

    async def live(self) -> None:
        async with self._station, asyncio.TaskGroup() as happenings:
            happenings.create_task(self._stay_connected(_chance(self._seed)))
            for connector in self._station.cabinet.plugs:
                happenings.create_task(self._receive_visitors(connector, _chance(self._seed + connector)))

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._pace)

    # The network

    async def _stay_connected(self, rng: random.Random) -> None:
        wait = self._patience.first_try
        while True:
            try:
                await self._station.start_up(longest_wait=self._patience.join)
                self._joined.set()
                wait = self._patience.first_try
                while True:
                    await self._work_until_the_next_outage(rng)
                    await self._outage(rng)
            except BootRejectedError:
                wait = max(wait, self._patience.join)
            except StationError as error:
                _LOG.info("%s: %s", self._station.station_id, error)
            await self._station.drop()
            await asyncio.sleep(wait * rng.uniform(0.5, 1.0))
            wait = min(2 * wait, self._patience.last_try)

    async def _work_until_the_next_outage(self, rng: random.Random) -> None:
        """Raises StationError when the connection is lost before."""
        rate = self._facts.outages_per_day
        spell = rng.uniform(0.5, 1.5) * _DAY / rate / self._pace if rate > 0 else None
        duties = [asyncio.create_task(duty) for duty in (self._station.until_lost(), self._station.keep_alive())]
        try:
            done, _ = await asyncio.wait(duties, timeout=spell, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)
        for duty in done:
            await duty

    async def _outage(self, rng: random.Random) -> None:
        await self._station.drop()
        cabinet = self._station.cabinet
        await self._rest(rng.uniform(1, 3) * _MINUTE)
        regulars = [uid for uid in self._facts.cards if cabinet.decide_offline(uid).accepted]
        uid = rng.choice(regulars) if regulars else None
        plug = cabinet.free_plug(uid, None) if uid else None
        if uid and plug:
            with suppress(StationError):
                await self._visit(rng, uid, plug.connector_id)
        await self._rest(rng.uniform(1, 5) * _MINUTE)
        await self._station.reconnect()

    # The people

    async def _receive_visitors(self, connector: int, rng: random.Random) -> None:
        facts = self._facts
        happenings = {
            self._regular: facts.regular_weight if facts.cards else 0.0,
            self._stranger: facts.stranger_weight if facts.strangers else 0.0,
            self._fault: facts.fault_weight,
        }
        await self._joined.wait()
        await self._rest(rng.uniform(0, 4) * _MINUTE)
        while any(happenings.values()):
            [happening] = rng.choices(list(happenings), list(happenings.values()))
            if self._station.accepted and self._station.cabinet.plugs[connector].status == "Available":
                with suppress(StationError):
                    await happening(rng, connector)
            await self._rest(rng.uniform(2, 12) * _MINUTE)

    async def _regular(self, rng: random.Random, connector: int) -> None:
        charging = {session.uid for session in self._station.cabinet.sessions()}
        free = [uid for uid in self._facts.cards if uid not in charging]
        if free:
            await self._visit(rng, rng.choice(free), connector)

    async def _stranger(self, rng: random.Random, connector: int) -> None:
        uid = rng.choice(self._facts.strangers)
        if not await self._visit(rng, uid, connector) and rng.random() < _TRIES_AGAIN:
            await self._rest(rng.uniform(0.2, 1) * _MINUTE)
            await self._visit(rng, uid, connector)

    async def _visit(self, rng: random.Random, uid: str, connector: int) -> bool:
        """Whether the card was accepted."""
        seconds = rng.uniform(10, 45) * _MINUTE
        power_w = rng.choice(_USUAL_POWERS_W) * rng.uniform(0.93, 1.0)
        session = await self._station.charge(uid, seconds, power_w=power_w, tick=_TICK, connector=connector)
        return session is not None

    async def _fault(self, rng: random.Random, connector: int) -> None:
        await self._station.status(connector, "Faulted", "GroundFailure")
        await self._rest(rng.uniform(4, 12) * _MINUTE)
        self._station.cabinet.plugs[connector].rest()
        await self._station.report_statuses()
