"""The answer to an opening handshake: let in, or turned away, with a word to the station and the reason to us."""

import http
from collections.abc import Sequence, Set
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from app.csms.door.handshake import (
    RefusedError,
    cause_of_rejection,
    choose_subprotocol,
    identities_before,
    may_compress,
    station_identity,
)
from app.csms.door.knocks import Knocks
from app.csms.door.logins import Arriving, Logins
from app.csms.door.sockets import StationSocket
from app.csms.versions.dialects import DIALECTS
from app.domain.model import KnockCause, Registration
from app.habits import StationHabits
from app.stations import Stations

_SUBPROTOCOL = "Sec-WebSocket-Protocol"
_EXTENSIONS = "Sec-WebSocket-Extensions"


class Admission:
    def __init__(
        self,
        stations: Stations,
        habits: StationHabits,
        logins: Logins,
        knocks: Knocks,
        shut_out: Set[str] = frozenset(),
    ) -> None:
        """`shut_out` are the stations, by case-folded identity, to which nobody is at home for a while."""
        self._stations = stations
        self._habits = habits
        self._logins = logins
        self._knocks = knocks
        self._shut_out = shut_out

    @property
    def answers(self) -> dict[str, Any]:
        """How the library is to answer handshakes: arguments of its `serve`."""
        return {
            "process_request": self._let_in,
            "process_response": self._explain_rejection,
            "select_subprotocol": self._select_subprotocol,
        }

    async def _let_in(self, connection: ServerConnection, request: Request) -> Response | None:
        socket = ours(connection)
        try:
            identity = socket.identity = self._identity(socket, request.path)
        except RefusedError as refused:
            self._knocks.add(socket.peer, refused.cause, detail=refused.detail)
            return socket.respond(
                http.HTTPStatus.NOT_FOUND, "The last part of the URL must be the station's identity.\n"
            )
        socket.also_named = self._another_in(request.path, identity)
        if identity.casefold() in self._shut_out:
            return socket.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "Not served for a moment.\n")
        if _SUBPROTOCOL in request.headers and not "".join(request.headers.get_all(_SUBPROTOCOL)).strip():
            # Empty is as good as absent, and the library would call it malformed.
            del request.headers[_SUBPROTOCOL]
        if _EXTENSIONS in request.headers and not may_compress(_listed(request.headers.get_all(_SUBPROTOCOL))):
            del request.headers[_EXTENSIONS]
        headers = tuple(request.headers.get_all("Authorization"))
        arriving = Arriving(socket.peer, headers, socket.over_tls, socket.certificate)
        try:
            socket.proved = await self._logins.admit(identity, arriving)
        except RefusedError as refused:
            self._knocks.add(socket.peer, refused.cause, identity, refused.detail)
            return _turned_away(socket, refused.cause)
        return None

    def _identity(self, socket: StationSocket, path: str) -> str:
        """Who comes. One whose URL names nobody is the station that the operator expects from its address."""
        try:
            return station_identity(path)
        except RefusedError as refused:
            nameless = self._habits.nameless_at(socket.peer) if refused.cause is KnockCause.NO_IDENTITY else ""
            if not nameless:
                raise
            socket.named_itself = False
            return nameless

    def _another_in(self, path: str, identity: str) -> str:
        found = filter(None, map(self._stations.find, identities_before(path)))
        others = (each.station_id for each in found if each.station_id.casefold() != identity.casefold())
        return next(others, "")

    def _select_subprotocol(self, socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        identity = ours(socket).identity
        station = self._stations.find(identity)
        known = station is not None and station.registration is Registration.ACCEPTED
        try:
            chosen = choose_subprotocol(offered, served=DIALECTS, known_station=known)
        except RefusedError as refused:
            self._knocks.add(ours(socket).peer, refused.cause, identity, refused.detail)
            raise NegotiationError(refused.cause.value) from refused
        return None if chosen is None else Subprotocol(chosen)

    def _explain_rejection(self, socket: ServerConnection, request: Request, _response: Response) -> None:
        error = socket.protocol.handshake_exc
        # What is told already (the identity, the subprotocol) was refused by us.
        if error is not None and not isinstance(error, NegotiationError):
            cause, detail = cause_of_rejection(error, request.headers)
            # A browser's path names a page.
            meant = ours(socket).identity if cause is KnockCause.BROKEN_HEADERS else ""
            self._knocks.add(ours(socket).peer, cause, meant, detail)


def ours(socket: ServerConnection) -> StationSocket:
    """A connection as this server's doors make them."""
    if not isinstance(socket, StationSocket):
        raise TypeError(socket)
    return socket


def _turned_away(socket: StationSocket, cause: KnockCause) -> Response:
    """An answer that says no more than the station has to know."""
    if cause is KnockCause.TOO_MANY_TRIES:
        return socket.respond(http.HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong passwords; try again later.\n")
    if cause in (KnockCause.PASSWORD_MISSING, KnockCause.PASSWORD_WRONG, KnockCause.USER_WRONG):
        response = socket.respond(http.HTTPStatus.UNAUTHORIZED, "The station's identity and password are needed.\n")
        response.headers["WWW-Authenticate"] = 'Basic realm="OCPP"'
        return response
    return socket.respond(http.HTTPStatus.FORBIDDEN, "This station needs a more secure connection.\n")


def _listed(headers: Sequence[str]) -> list[str]:
    return ",".join(headers).split(",")
