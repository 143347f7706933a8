"""The server: sockets come in, the right ones become station links, and everyone else learns why not."""

import asyncio
import contextlib
import logging
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from websockets.asyncio.server import ServerConnection

from app.bus import Bus
from app.csms.door.admission import Admission, ours
from app.csms.door.doors import Doors
from app.csms.door.handshake import version_spoken
from app.csms.door.knocks import Knocks
from app.csms.door.logins import Logins
from app.csms.station.acquaintance import Acquaintance
from app.csms.station.link import StationLink
from app.csms.station.liveness import Liveness
from app.csms.use_cases import UseCases
from app.csms.versions.dialects import DIALECTS
from app.csms.versions.forms import CALL_TIMEOUT_S
from app.domain.behaviour import Behaviour
from app.domain.commands import AskToBoot, Command, Result
from app.domain.errors import AppError
from app.domain.events import (
    CredentialsChanged,
    ServerStarted,
    StationConnected,
    StationDisconnected,
    StationsChanged,
)
from app.domain.model import Knock, KnockCause, Registration, Station
from app.domain.security import SecurityProfile
from app.habits import StationHabits
from app.journal import Journal
from app.settings import Settings
from app.stations import Boot, Stations

logger = logging.getLogger(__name__)

OLD_SOCKET_HAS_S = 3.0
#: A station of which no boot is known is asked for one when it has sent none for so long.
NEVER_BOOTS_S = 30.0


class CentralSystem:
    def __init__(
        self,
        stations: Stations,
        habits: StationHabits,
        use_cases: UseCases,
        journal: Journal,
        settings: Settings,
        logins: Logins,
        bus: Bus,
        clock: Callable[[], datetime],
        alarms: Iterable[Knock] = (),
    ) -> None:
        """`alarms` are told with what is not let in from now on."""
        self._stations = stations
        self._habits = habits
        self._use_cases = use_cases
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._links: dict[str, StationLink] = {}
        self._acquaintances: dict[str, Acquaintance] = {}
        self._arrivals: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._knocks = Knocks(bus, clock, alarms)
        self._shut_out: set[str] = set()
        admission = Admission(stations, habits, logins, self._knocks, self._shut_out)
        self.doors = Doors(self._serve_station, admission.answers, self._knocks)
        self._liveness = Liveness(self._links.values, settings, bus)
        self._looking_around: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        bus.subscribe(StationsChanged, self._stations_changed)
        bus.subscribe(CredentialsChanged, self._credentials_changed)

    @property
    def port(self) -> int:
        """The port we listen on; 0 while we do not."""
        return self.doors.port

    @property
    def connected(self) -> frozenset[str]:
        """The identities of the stations that are connected now."""
        return frozenset(link.station_id for link in self._links.values())

    @property
    def knocks(self) -> Sequence[Knock]:
        """Connections that were not let in, latest first."""
        return self._knocks.latest

    def last_heard(self, station_id: str) -> datetime | None:
        """When the last message of a connected station came; None when it is not connected."""
        link = self._links.get(station_id.casefold())
        return link.last_heard_at if link else None

    def reached_at(self, station_id: str) -> str:
        """The address of this machine that a station is connected to. Raises AppError `station_not_connected`."""
        return self._link(station_id).own_address

    def proved(self, station_id: str) -> SecurityProfile | None:
        """What a connected station proved when it came in; None when it is not connected."""
        link = self._links.get(station_id.casefold())
        return link.proved if link else None

    def is_over_tls(self, station_id: str) -> bool:
        """Whether a station is connected over TLS."""
        link = self._links.get(station_id.casefold())
        return link is not None and link.over_tls

    def behaviour(self, station_id: str) -> Behaviour:
        """What was learned of a station; of one that did not come since this program runs, nothing."""
        key = station_id.casefold()
        link = self._links.get(key)
        known = link.acquaintance if link else self._acquaintances.get(key)
        return known.behaviour(time.monotonic()) if known else Behaviour()

    async def start(self, host: str, port: int) -> None:
        """Listen. An empty host is every address of this machine; port 0 is any that is free.

        Raises AppError `port_taken`, `port_not_allowed`, `address_not_here`.
        """
        await self.doors.open(host, port)
        self._looking_around = asyncio.create_task(self._liveness.run())
        self._bus.publish(ServerStarted(host, self.port))

    async def stop(self) -> None:
        """Close every socket with 1001 (going away) and stop listening."""
        if self._looking_around:
            self._looking_around.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking_around
            self._looking_around = None
        self.doors.close_begun()
        for link in tuple(self._links.values()):
            self._run(link.close(1001, "going away"))
        await self.doors.wait_closed()
        await asyncio.gather(*self._errands, return_exceptions=True)

    def shut_out(self, station_id: str) -> None:
        """Answer this station no more, as if nobody listened; the others are served. `let_in` ends it."""
        key = station_id.casefold()
        self._shut_out.add(key)
        if link := self._links.get(key):
            self._run(link.close(1001, "going away"))

    def let_in(self, station_id: str) -> None:
        """Answer a station again that was shut out."""
        self._shut_out.discard(station_id.casefold())

    async def call(
        self, station_id: str, action: str, payload: dict[str, Any], timeout_s: float = CALL_TIMEOUT_S
    ) -> dict[str, Any]:
        """Ask a station something. Raises AppError `station_not_connected` and those of `StationLink.call`."""
        return await self._link(station_id).call(action, payload, timeout_s)

    async def carry_out(self, station_id: str, command: Command[Result]) -> Result:
        """Ask a station to do something, in whatever version it speaks, and give what its answer comes down to.

        Raises AppError `station_not_connected` and those of `StationLink.carry_out`.
        """
        return await self._link(station_id).carry_out(command)

    async def ask_by_itself(self, station_id: str, command: Command[Result]) -> Result:
        """As `carry_out`, of what no operator asked for: not where it has ended the station's connection before.

        Raises AppError `station_breaks_off` besides.
        """
        return await self._link(station_id).carry_out(command, by_itself=True)

    def _link(self, station_id: str) -> StationLink:
        link = self._links.get(station_id.casefold())
        if link is None:
            raise AppError("station_not_connected", station_id=station_id)
        return link

    async def _serve_station(self, connection: ServerConnection) -> None:
        socket = ours(connection)
        identity = socket.identity
        key = identity.casefold()
        station = await self._known(identity, socket.peer)
        habits = self._habits.of(station.station_id)
        link = StationLink(
            socket,
            station.station_id,
            DIALECTS[version_spoken(socket.subprotocol)],
            use_cases=self._use_cases,
            journal=self._journal,
            registration=station.registration,
            acquaintance=self._acquaintances.get(key) or Acquaintance(habits),
            habits=habits,
        )
        if station.security_profile > socket.proved:
            # What was enough a moment ago, while it waited for its answer, is not any more.
            await link.close(1008, "security profile")
            return
        if key in self._shut_out:
            await link.close(1001, "going away")
            return
        if not await self._take_place(key, link):
            self._knocks.add(socket.peer, KnockCause.ALREADY_CONNECTED, identity)
            await link.close(1008, "already connected")
            return
        # Waiting for its place it may have missed what the operator decided.
        link.registration = (self._stations.find(identity) or station).registration
        with contextlib.suppress(AppError):
            await self._stations.speaks(link.station_id, link.dialect.version)
            await self._habits.came_to(link.station_id, socket.own_address)
        link.acquaintance.also_named = socket.also_named
        self._get_acquainted(link)
        self._bus.publish(StationConnected(link.station_id))
        asking = asyncio.get_running_loop().call_later(NEVER_BOOTS_S, self._ask_who_it_is, link)
        try:
            await link.serve()
        except Exception:
            logger.exception("The connection of %s failed", link.station_id)
        finally:
            asking.cancel()
            await self._leave(key, link)

    async def _known(self, identity: str, address: str) -> Station:
        """The station; one that was never seen is kept as wanting to join, even if it never boots."""
        station = self._stations.find(identity)
        if station is not None:
            return station
        try:
            return await self._stations.booted(identity, Boot(address=address))
        except AppError:
            return Station(0, identity, "", Registration.PENDING)

    async def _take_place(self, key: str, link: StationLink) -> bool:
        """One socket per station. The station may come again before its first socket is known to be dead: one that
        proved to be it, or says from the same address that it is, takes the first one's place; any other only a dead
        one's.
        """
        lock = self._arrivals.setdefault(key, asyncio.Lock())
        async with lock:
            first = self._links.get(key)
            if first is not None:
                is_it = link.proved > SecurityProfile.NONE or (link.named_itself and link.address == first.address)
                if not is_it and await first.is_alive(OLD_SOCKET_HAS_S):
                    return False
                # It did not wait for our close, so its first connection had ended before.
                first.acquaintance.broke_off(time.monotonic())
                await first.close(1001, "replaced")
            self._links[key] = link
            return True

    async def _leave(self, key: str, link: StationLink) -> None:
        if self._links.get(key) is not link:
            return
        del self._links[key]
        with contextlib.suppress(AppError):
            await self._stations.heard(link.station_id, link.last_heard_at)
            if link.registration is Registration.ACCEPTED:
                behaviour = link.acquaintance.behaviour(time.monotonic())
                await self._habits.learned(
                    link.station_id, never_pongs=behaviour.never_pongs, breaks_off_at=behaviour.breaks_off_at
                )
        # By now it may be back.
        if key not in self._links:
            self._bus.publish(StationDisconnected(link.station_id))

    def _stations_changed(self, event: StationsChanged) -> None:
        for station_id in event.station_ids:
            link = self._links.get(station_id.casefold())
            if link is None:
                continue
            station = self._stations.find(station_id)
            now = station.registration if station else Registration.PENDING
            just_let_in = now is Registration.ACCEPTED and link.registration is not now
            link.registration = now
            link.habits = self._habits.of(station_id)
            self._get_acquainted(link)
            if station is not None and link.proved < station.security_profile:
                self._run(link.close(1008, "security profile"))
            elif just_let_in:
                self._run(self._ask_to_boot(link))

    def _get_acquainted(self, link: StationLink) -> None:
        # Of strangers there may be any number.
        if link.registration is Registration.ACCEPTED:
            self._acquaintances[link.station_id.casefold()] = link.acquaintance

    def _credentials_changed(self, event: CredentialsChanged) -> None:
        link = self._links.get(event.station_id.casefold())
        if event.ends_connection and link is not None and self._demanded(event.station_id) > SecurityProfile.NONE:
            self._run(link.close(1008, "credentials changed"))

    def _demanded(self, station_id: str) -> SecurityProfile:
        station = self._stations.find(station_id)
        return station.security_profile if station else SecurityProfile.NONE

    def _ask_who_it_is(self, link: StationLink) -> None:
        """A station that was let in before it ever booted here may have booted elsewhere, and say no more by itself."""
        station = self._stations.find(link.station_id)
        never_booted = station is not None and not (station.vendor or station.model)
        if link.registration is Registration.ACCEPTED and never_booted and not link.acquaintance.asked_to_boot:
            self._run(self._ask_to_boot(link))

    async def _ask_to_boot(self, link: StationLink) -> None:
        """A station that was just let in need not wait for its next try to learn it (OCPP 1.6 §4.2, §5.17)."""
        link.acquaintance.asked_to_boot = True
        with contextlib.suppress(AppError):
            await link.carry_out(AskToBoot(), by_itself=True)

    def _run(self, errand: Any) -> None:
        task = asyncio.ensure_future(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
