"""The server: sockets come in, the right ones become station links, and everyone else learns why not."""

import asyncio
import contextlib
import errno
import http
import logging
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from app.bus import Bus
from app.csms.acquaintance import Acquaintance
from app.csms.dialects import DIALECTS
from app.csms.forms import CALL_TIMEOUT_S
from app.csms.handshake import (
    RefusedError,
    cause_of_rejection,
    cause_of_silence,
    choose_subprotocol,
    station_identity,
    version_spoken,
)
from app.csms.link import StationLink
from app.csms.liveness import Liveness
from app.csms.sockets import StationSocket, free_port
from app.csms.use_cases import UseCases
from app.domain.behaviour import Behaviour
from app.domain.commands import AskToBoot, Command, Result
from app.domain.drafts import printable
from app.domain.errors import AppError
from app.domain.events import (
    HandshakeRefused,
    ServerStarted,
    StationConnected,
    StationDisconnected,
    StationsChanged,
)
from app.domain.model import Knock, KnockCause, Registration, Station
from app.habits import StationHabits
from app.journal import Journal
from app.settings import Settings
from app.stations import Boot, Stations

logger = logging.getLogger(__name__)

#: The library reports each broken handshake with a traceback; we tell the operator instead.
_LIBRARY_LOG = logging.getLogger("app.csms.websockets")
_LIBRARY_LOG.propagate = False
_LIBRARY_LOG.addHandler(logging.NullHandler())

_SUBPROTOCOL = "Sec-WebSocket-Protocol"

LONGEST_MESSAGE = 2**19
OPEN_TIMEOUT_S = 10.0
OLD_SOCKET_HAS_S = 3.0
KNOCKS_KEPT = 100
DETAIL_LIMIT = 100
SAME_KNOCK_WITHIN = timedelta(hours=1)


class CentralSystem:
    def __init__(
        self,
        stations: Stations,
        habits: StationHabits,
        use_cases: UseCases,
        journal: Journal,
        settings: Settings,
        bus: Bus,
        clock: Callable[[], datetime],
    ) -> None:
        self._stations = stations
        self._habits = habits
        self._use_cases = use_cases
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._server: Server | None = None
        self._begun: weakref.WeakSet[StationSocket] = weakref.WeakSet()
        self._links: dict[str, StationLink] = {}
        self._acquaintances: dict[str, Acquaintance] = {}
        self._arrivals: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._knocks: deque[Knock] = deque(maxlen=KNOCKS_KEPT)
        self._liveness = Liveness(self._links.values, settings, bus)
        self._looking_around: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        bus.subscribe(StationsChanged, self._stations_changed)

    @property
    def port(self) -> int:
        """The port we listen on; 0 while we do not."""
        sockets = self._server.sockets if self._server else ()
        return int(next(iter(sockets)).getsockname()[1]) if sockets else 0

    @property
    def connected(self) -> frozenset[str]:
        """The identities of the stations that are connected now."""
        return frozenset(link.station_id for link in self._links.values())

    @property
    def knocks(self) -> Sequence[Knock]:
        """Connections that were not let in, latest first."""
        return tuple(self._knocks)

    def last_heard(self, station_id: str) -> datetime | None:
        """When the last message of a connected station came; None when it is not connected."""
        link = self._links.get(station_id.casefold())
        return link.last_heard_at if link else None

    def reached_at(self, station_id: str) -> str:
        """The address of this machine that a station is connected to. Raises AppError `station_not_connected`."""
        return self._link(station_id).own_address

    def behaviour(self, station_id: str) -> Behaviour:
        """What was learned of a station since this program runs."""
        known = self._acquaintances.get(station_id.casefold())
        return known.behaviour(time.monotonic()) if known else Behaviour()

    async def start(self, host: str, port: int) -> None:
        """Listen. An empty host is every address of this machine; port 0 is any that is free.

        Raises AppError `port_taken`, `port_not_allowed`, `address_not_here`.
        """
        try:
            self._server = await serve(
                self._serve_station,
                host or None,
                port if host or port else free_port(),
                process_request=self._let_in,
                process_response=self._explain_rejection,
                select_subprotocol=self._select_subprotocol,
                create_connection=StationSocket.kind(self._begun.add, self._explain_silence),
                compression=None,
                server_header=None,
                open_timeout=OPEN_TIMEOUT_S,
                # Stations that never pong are common: liveness is ours, any byte counts.
                ping_interval=None,
                max_size=LONGEST_MESSAGE,
                logger=_LIBRARY_LOG,
            )
        except OSError as error:
            raise _cannot_listen(error, host, port) from error
        self._looking_around = asyncio.create_task(self._liveness.run())
        self._bus.publish(ServerStarted(host, self.port))

    async def stop(self) -> None:
        """Close every socket with 1001 (going away) and stop listening."""
        if self._looking_around:
            self._looking_around.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking_around
            self._looking_around = None
        if self._server:
            self._server.close()
            for socket in tuple(self._begun):
                if socket.request is None:
                    socket.transport.abort()
            for link in tuple(self._links.values()):
                self._run(link.close(1001, "going away"))
            await self._server.wait_closed()
            self._server = None
        await asyncio.gather(*self._errands, return_exceptions=True)

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

    def _link(self, station_id: str) -> StationLink:
        link = self._links.get(station_id.casefold())
        if link is None:
            raise AppError("station_not_connected", station_id=station_id)
        return link

    async def _serve_station(self, connection: ServerConnection) -> None:
        socket = _ours(connection)
        identity = station_identity(socket.request.path if socket.request else "/")
        key = identity.casefold()
        station = await self._known(identity, socket.peer)
        link = StationLink(
            socket,
            station.station_id,
            DIALECTS[version_spoken(socket.subprotocol)],
            use_cases=self._use_cases,
            journal=self._journal,
            registration=station.registration,
            acquaintance=self._acquaintances.get(key) or Acquaintance(),
            habits=self._habits.of(station.station_id),
        )
        if not await self._take_place(key, link):
            self._knock(socket.peer, KnockCause.ALREADY_CONNECTED, identity)
            await link.close(1008, "already connected")
            return
        # Waiting for its place it may have missed what the operator decided.
        link.registration = (self._stations.find(identity) or station).registration
        with contextlib.suppress(AppError):
            await self._stations.speaks(link.station_id, link.dialect.version)
            await self._habits.came_to(link.station_id, socket.own_address)
        self._get_acquainted(link)
        self._bus.publish(StationConnected(link.station_id))
        try:
            await link.serve()
        except Exception:
            logger.exception("The connection of %s failed", link.station_id)
        finally:
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
        """One socket per station: a second one replaces a dead first one and never closes a live one."""
        lock = self._arrivals.setdefault(key, asyncio.Lock())
        async with lock:
            first = self._links.get(key)
            if first is not None:
                if await first.is_alive(OLD_SOCKET_HAS_S):
                    return False
                await first.close(1001, "replaced")
            self._links[key] = link
            return True

    async def _leave(self, key: str, link: StationLink) -> None:
        if self._links.get(key) is not link:
            return
        del self._links[key]
        with contextlib.suppress(AppError):
            await self._stations.heard(link.station_id, link.last_heard_at)
        self._bus.publish(StationDisconnected(link.station_id))

    def _let_in(self, socket: ServerConnection, request: Request) -> Response | None:
        try:
            station_identity(request.path)
        except RefusedError as refused:
            self._knock(_ours(socket).peer, refused.cause, detail=refused.detail)
            return socket.respond(
                http.HTTPStatus.NOT_FOUND, "The last part of the URL must be the station's identity.\n"
            )
        if _SUBPROTOCOL in request.headers and not "".join(request.headers.get_all(_SUBPROTOCOL)).strip():
            # Empty is as good as absent, and the library would call it malformed.
            del request.headers[_SUBPROTOCOL]
        return None

    def _select_subprotocol(self, socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        identity = station_identity(socket.request.path if socket.request else "/")
        station = self._stations.find(identity)
        known = station is not None and station.registration is Registration.ACCEPTED
        try:
            chosen = choose_subprotocol(offered, served=DIALECTS, known_station=known)
        except RefusedError as refused:
            self._knock(_ours(socket).peer, refused.cause, identity, refused.detail)
            raise NegotiationError(refused.cause.value) from refused
        return None if chosen is None else Subprotocol(chosen)

    def _explain_rejection(self, socket: ServerConnection, request: Request, _response: Response) -> None:
        error = socket.protocol.handshake_exc
        # What is told already (the identity, the subprotocol) was refused by us.
        if error is not None and not isinstance(error, NegotiationError):
            cause, detail = cause_of_rejection(error, request.headers)
            # A browser's path names a page.
            meant = station_identity(request.path) if cause is KnockCause.BROKEN_HEADERS else ""
            self._knock(_ours(socket).peer, cause, meant, detail)

    def _explain_silence(self, socket: StationSocket) -> None:
        if self._server is None or not self._server.is_serving():
            return
        timed_out = time.monotonic() - socket.opened_at >= OPEN_TIMEOUT_S - 0.5
        cause = cause_of_silence(socket.first_bytes, timed_out=timed_out)
        if cause is not None:
            self._knock(socket.peer, cause)

    def _knock(self, address: str, cause: KnockCause, station_id: str = "", detail: str = "") -> None:
        knock = Knock(self._clock(), address, cause, station_id, printable(detail)[:DETAIL_LIMIT])
        for earlier in self._knocks:
            same = (earlier.address, earlier.cause, earlier.station_id) == (address, cause, station_id)
            if same and knock.at - earlier.at < SAME_KNOCK_WITHIN:
                self._knocks.remove(earlier)
                knock = replace(knock, count=earlier.count + 1)
                break
        self._knocks.appendleft(knock)
        self._bus.publish(HandshakeRefused(knock))

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
            if just_let_in:
                self._run(self._ask_to_boot(link))

    def _get_acquainted(self, link: StationLink) -> None:
        # Of strangers there may be any number.
        if link.registration is Registration.ACCEPTED:
            self._acquaintances[link.station_id.casefold()] = link.acquaintance

    async def _ask_to_boot(self, link: StationLink) -> None:
        """A station that was just let in need not wait for its next try to learn it (OCPP 1.6 §4.2, §5.17)."""
        with contextlib.suppress(AppError):
            await link.carry_out(AskToBoot())

    def _run(self, errand: Any) -> None:
        task = asyncio.ensure_future(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


#: Windows has a number of its own for it.
_TAKEN = frozenset({errno.EADDRINUSE, 10048})


def _ours(socket: ServerConnection) -> StationSocket:
    if not isinstance(socket, StationSocket):
        raise TypeError(socket)
    return socket


def _cannot_listen(error: OSError, host: str, port: int) -> AppError:
    if error.errno is not None and error.errno in _TAKEN:
        return AppError("port_taken", port=port)
    if isinstance(error, PermissionError):
        return AppError("port_not_allowed", port=port)
    return AppError("address_not_here", host=host, why=error.strerror or str(error))
