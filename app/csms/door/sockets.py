"""The TCP connection under a station's WebSocket: read in small bites, remembered from its first byte, and cut when its
other end sends but never reads.
"""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ProtocolError

from app.csms.door.tls import TlsOffer, begins_tls, serve_tls
from app.domain.security import SecurityProfile

#: Bytes read at a time: what one station sends in a burst must not keep the others waiting.
BITE = 1024
#: The part of the loop's time that taking one station's bytes in may cost, after a burst of so many seconds. Pings and
#: empty parts of messages cost no more than that; messages have a pace of their own.
SHARE = 0.2
BURST_S = 0.1
#: Bytes that wait for a peer which does not read them; our own messages wait for it long before that, pongs do not.
MOST_UNREAD = 2**20
FIRST_BYTES_KEPT = 4096
#: How long a station may take to say what it wants, TLS included.
REQUEST_WITHIN_S = 10.0

#: What the library says of a frame with a bit that only an extension gives a meaning to.
_RESERVED_BITS = "reserved bits must be 0"


def free_port() -> int:
    """A port that is free on every address: left to itself, the system gives IPv4 one and IPv6 another."""
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    with socket.create_server(("", 0), family=family, dualstack_ipv6=both) as probe:
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Watching:
    """Who wants to know of a connection: that it began, ended before there was a request to answer, failed in TLS, or
    spoke plain text where only TLS is spoken.
    """

    began: Callable[["StationSocket"], None]
    ended_silently: Callable[["StationSocket"], None]
    tls_failed: Callable[["StationSocket", BaseException], None]
    spoke_plainly: Callable[["StationSocket"], None]


class StationSocket(ServerConnection, asyncio.BufferedProtocol):
    """A connection that knows how it began, for telling an operator what was wrong with it, and when it last spoke.

    It turns to TLS when it begins as TLS does, at any port: stations that are told to use TLS from now on keep the
    port they have. The library makes the connections; `kind` makes the class it needs.
    """

    watching: ClassVar[Watching]
    tls: ClassVar[TlsOffer]

    @classmethod
    def kind(cls, watching: Watching, tls: TlsOffer) -> type["StationSocket"]:
        """Connections of one port, watched so, with what it has to offer."""
        return type(cls.__name__, (cls,), {"watching": watching, "tls": tls})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.peer = ""
        self.own_address = ""
        self.first_bytes = b""
        self.opened_at = self.heard_at = time.monotonic()
        #: Who it is, since it was let in, and whether it named itself in its URL or is known by its address alone.
        self.identity = ""
        self.named_itself = True
        #: Another station, which the URL names before this one.
        self.also_named = ""
        #: What the station proved when it was let in.
        self.proved = SecurityProfile.NONE
        self._bite = bytearray(BITE)
        self._credit_s = BURST_S
        self._is_lost = False
        self._is_told = False
        self._said_early = b""
        self._ended_early = False
        self._turning_to_tls: asyncio.Task[None] | None = None
        self._over_tls = False
        self._request_due: asyncio.TimerHandle | None = None

    @property
    def over_tls(self) -> bool:
        return self._over_tls

    @property
    def compressed_unasked(self) -> bool:
        """Whether the connection was ended over a message marked as compressed, which was not agreed on (RFC 6455 §5.2,
        RFC 7692 §6).
        """
        fault = self.protocol.parser_exc
        return isinstance(fault, ProtocolError) and str(fault) == _RESERVED_BITS and not self.protocol.extensions

    @property
    def certificate(self) -> bytes:
        """The certificate the station showed in the TLS handshake, which checked it (DER); empty for none."""
        tls = self.transport.get_extra_info("ssl_object")
        return (tls.getpeercert(binary_form=True) or b"") if tls is not None else b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self.own_address = str((transport.get_extra_info("sockname") or ("",))[0]).removeprefix("::ffff:")
        super().connection_made(transport)
        self._request_due = self.loop.call_later(REQUEST_WITHIN_S, self._end_if_silent)
        self.watching.began(self)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - the event loop's
        return self._bite

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(memoryview(self._bite)[:nbytes]))

    def data_received(self, data: bytes) -> None:
        began = time.monotonic()
        self._credit_s = min(BURST_S, self._credit_s + (began - self.heard_at) * SHARE)
        self.heard_at = began
        if self._is_turning:
            # Said within TLS already, but this end has not heard yet that the handshake is over.
            self._said_early += data
            return
        if self.request is None and not self._is_welcome(data):
            return
        super().data_received(data)
        if self.transport.get_write_buffer_size() > MOST_UNREAD:
            self.transport.abort()
        self._credit_s -= time.monotonic() - began
        if self._credit_s < 0:
            self.transport.pause_reading()
            self.loop.call_later(-self._credit_s / SHARE, self._read_on)

    def eof_received(self) -> None:
        if self._is_turning:
            self._ended_early = True
        else:
            super().eof_received()

    @property
    def _is_turning(self) -> bool:
        return self._turning_to_tls is not None and not self._over_tls

    def _is_welcome(self, data: bytes) -> bool:
        """Whether to read on as plain text, or within TLS; the first bytes tell."""
        is_first = not self.first_bytes and not self._over_tls
        self.first_bytes = (self.first_bytes + data)[:FIRST_BYTES_KEPT]
        if not is_first:
            return True
        if not begins_tls(data):
            if self.tls.only:
                self._is_told = True
                self.watching.spoke_plainly(self)
                self.transport.abort()
            return not self.tls.only
        context = self.tls.context()
        if context is None:
            # No line ever ends in this, so the handshake's time limit would have to run out first.
            self.transport.abort()
        else:
            self.transport.pause_reading()
            self._turning_to_tls = asyncio.ensure_future(self._turn_to_tls(context, data))
        return False

    async def _turn_to_tls(self, context: ssl.SSLContext, said: bytes) -> None:
        plain = self.transport
        try:
            upgraded = await serve_tls(plain, self, context, said, REQUEST_WITHIN_S)
        except (OSError, ssl.SSLError) as error:
            self._is_told = True
            self.watching.tls_failed(self, error)
            plain.abort()
            self.connection_lost(error)
            return
        if self._is_lost:
            return
        self.first_bytes, self._over_tls = b"", True
        # The server knows the connection already; only what is read and written on has changed.
        Connection.connection_made(self, upgraded)
        if self._said_early:
            self.data_received(self._said_early)
        if self._ended_early:
            super().eof_received()

    def send_data(self) -> None:
        # In one piece: a burst of pings is answered by one write, and a broken connection tells its error once.
        pieces = self.protocol.data_to_send()
        if data := b"".join(pieces):
            self.transport.write(data)
        # An empty piece is the end of all.
        if b"" in pieces:
            if self.transport.can_write_eof():
                # The other end may have gone already.
                with contextlib.suppress(OSError):
                    self.transport.write_eof()
            else:
                self.transport.close()

    def _read_on(self) -> None:
        # While more messages wait than there should, the library has paused it too.
        if not self.recv_messages.paused:
            self.transport.resume_reading()

    def _end_if_silent(self) -> None:
        if self.request is None:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        if self._request_due is not None:
            self._request_due.cancel()
        if self.request is None and not self._is_told:
            self.watching.ended_silently(self)
        super().connection_lost(exc)
