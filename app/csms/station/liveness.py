"""Which connections are alive: any byte counts, and where none came for long, a ping asks for one."""

import asyncio
from collections.abc import Callable, Iterable

from app.bus import Bus
from app.csms.station.link import StationLink
from app.domain.events import AddressesChanged, Resumed
from app.settings import Settings

#: A station is looked after when nothing came for so long, and dropped when a ping brings nothing either.
SHORTEST_SILENCE_S = 180.0
PING_WAIT_S = 20.0
#: After a sleep, or with other addresses, many connections are dead and their stations soon back.
PING_WAIT_AFTER_CHANGE_S = 10.0
LOOK_AROUND_EVERY_S = 10.0


class Liveness:
    """Drops connections from which nothing comes any more, so that the screen tells the truth."""

    def __init__(self, links: Callable[[], Iterable[StationLink]], settings: Settings, bus: Bus) -> None:
        self._links = links
        self._settings = settings
        self._asking: set[asyncio.Task[None]] = set()
        self._running = False
        bus.subscribe(Resumed, lambda _event: self.ask_all())
        bus.subscribe(AddressesChanged, lambda _event: self.ask_all())

    async def run(self) -> None:
        """Look around now and then, until cancelled."""
        self._running = True
        try:
            while True:
                await asyncio.sleep(LOOK_AROUND_EVERY_S)
                for link in tuple(self._links()):
                    if link.silent_for_s > self._silence_s:
                        self._ask(link, PING_WAIT_S)
        finally:
            self._running = False
            for task in tuple(self._asking):
                task.cancel()
            await asyncio.gather(*self._asking, return_exceptions=True)

    def ask_all(self) -> None:
        """Ask every station at once whether it is still there.

        Those known never to answer a ping are left until they have been silent for as long as a dead one is.
        """
        if self._running:
            for link in tuple(self._links()):
                if not link.never_pongs or link.silent_for_s > self._silence_s:
                    self._ask(link, PING_WAIT_AFTER_CHANGE_S)

    @property
    def _silence_s(self) -> float:
        return max(3.0 * self._settings.heartbeat_interval_s, SHORTEST_SILENCE_S)

    def _ask(self, link: StationLink, within_s: float) -> None:
        task = asyncio.ensure_future(_drop_if_dead(link, within_s))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)


async def _drop_if_dead(link: StationLink, within_s: float) -> None:
    if not await link.is_alive(within_s):
        await link.close(1001, "nothing heard")
