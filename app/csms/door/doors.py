"""The ports at which stations connect: one for ws, and where the site has certificates one for wss."""

import asyncio
import contextlib
import errno
import logging
import ssl
import time
import weakref
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from app.csms.door import sockets
from app.csms.door.handshake import cause_of_silence
from app.csms.door.knocks import Knocks
from app.csms.door.sockets import StationSocket, Watching, free_port
from app.csms.door.tls import TlsOffer, cause_of_tls_failure
from app.domain.errors import AppError
from app.domain.model import KnockCause

#: The library reports each broken handshake with a traceback; we tell the operator instead.
_LIBRARY_LOG = logging.getLogger("app.csms.websockets")
_LIBRARY_LOG.propagate = False
_LIBRARY_LOG.addHandler(logging.NullHandler())

LONGEST_MESSAGE = 2**19
_COMPRESSION = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
#: From the first byte until a station is let in. Its request is due sooner; passwords of many at once take their time.
OPEN_WITHIN_S = 30.0


class Doors:
    """Listening, and ending it. `answers` is how the library is to treat what comes: the arguments of its `serve`."""

    def __init__(
        self,
        serve_station: Callable[[ServerConnection], Awaitable[None]],
        answers: Mapping[str, Any],
        knocks: Knocks,
    ) -> None:
        self._serve_station = serve_station
        self._answers = answers
        self._knocks = knocks
        self._plain: Server | None = None
        self._tls: Server | None = None
        self._context: ssl.SSLContext | None = None
        self._begun: weakref.WeakSet[StationSocket] = weakref.WeakSet()

    @property
    def port(self) -> int:
        """The port for ws; 0 while it is closed."""
        return _port(self._plain)

    @property
    def tls_port(self) -> int:
        """The port for wss; 0 while it is closed."""
        return _port(self._tls)

    @property
    def is_open(self) -> bool:
        return self._plain is not None and self._plain.is_serving()

    async def open(self, host: str, port: int) -> None:
        """Listen for ws. Raises AppError `port_taken`, `port_not_allowed`, `address_not_here`."""
        self._plain = await self._listen(host, port, only_tls=False)

    async def open_tls(self, host: str, port: int, context: ssl.SSLContext) -> None:
        """Serve whoever begins so at the other port with TLS, and listen for wss too. Raises AppError as `open`."""
        self.serve_tls_with(context)
        if self._tls is None:
            self._tls = await self._listen(host, port, only_tls=True)

    def serve_tls_with(self, context: ssl.SSLContext) -> None:
        """Serve new connections with other certificates; those that are there go on with theirs."""
        self._context = context

    async def close_tls(self) -> None:
        """Serve no TLS any more. Stations that came so are sent away."""
        self._context = None
        if self._tls is not None:
            closing, self._tls = self._tls, None
            await self._close(closing)

    def close_begun(self) -> None:
        """Stop listening, and cut the connections that have not said yet what they want."""
        for server in filter(None, (self._plain, self._tls)):
            server.close()
        for socket in tuple(self._begun):
            if socket.request is None:
                socket.transport.abort()

    async def wait_closed(self) -> None:
        """Wait until every connection has ended, after `close_begun`."""
        closing = [server for server in (self._plain, self._tls) if server is not None]
        self._plain = self._tls = self._context = None
        await asyncio.gather(*(server.wait_closed() for server in closing))

    async def _close(self, server: Server) -> None:
        server.close()
        with contextlib.suppress(asyncio.CancelledError):
            await server.wait_closed()

    async def _listen(self, host: str, port: int, *, only_tls: bool) -> Server:
        watching = Watching(self._begun.add, self._explain_silence, self._explain_tls, self._explain_plain)
        offer = TlsOffer(lambda: self._context, only=only_tls)
        try:
            return await serve(
                self._serve_station,
                host or None,
                port if host or port else free_port(),
                create_connection=StationSocket.kind(watching, offer),
                # Who may use it is settled by the version it offers. Without a memory of what was sent before, a
                # connection that is silent holds no buffers for it.
                extensions=[_COMPRESSION],
                compression=None,
                server_header=None,
                open_timeout=OPEN_WITHIN_S,
                # Stations that never pong are common: liveness is ours, any byte counts.
                ping_interval=None,
                max_size=LONGEST_MESSAGE,
                logger=_LIBRARY_LOG,
                **self._answers,
            )
        except OSError as error:
            raise _cannot_listen(error, host, port) from error

    def _explain_silence(self, socket: StationSocket) -> None:
        if not self.is_open:
            return
        timed_out = time.monotonic() - socket.opened_at >= sockets.REQUEST_WITHIN_S - 0.5
        cause = cause_of_silence(socket.first_bytes, timed_out=timed_out)
        if cause is not None:
            self._knocks.add(socket.peer, cause)

    def _explain_tls(self, socket: StationSocket, error: BaseException) -> None:
        if self.is_open:
            cause, detail = cause_of_tls_failure(error)
            self._knocks.add(socket.peer, cause, detail=detail)

    def _explain_plain(self, socket: StationSocket) -> None:
        self._knocks.add(socket.peer, KnockCause.PLAIN_ON_TLS_PORT)


#: Windows has a number of its own for it.
_TAKEN = frozenset({errno.EADDRINUSE, 10048})


def _port(server: Server | None) -> int:
    listening = server.sockets if server else ()
    return int(next(iter(listening)).getsockname()[1]) if listening else 0


def _cannot_listen(error: OSError, host: str, port: int) -> AppError:
    if error.errno is not None and error.errno in _TAKEN:
        return AppError("port_taken", port=port)
    if isinstance(error, PermissionError):
        return AppError("port_not_allowed", port=port)
    return AppError("address_not_here", host=host, why=error.strerror or str(error))
