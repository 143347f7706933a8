"""The TCP connection under a station's WebSocket: read in small bites, remembered from its first byte, and cut when its
other end sends but never reads.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any, ClassVar

from websockets.asyncio.server import ServerConnection

from app.csms.handshake import TLS_RECORD

#: Bytes read at a time: what one station sends in a burst must not keep the others waiting.
BITE = 1024
#: The part of the loop's time that taking one station's bytes in may cost, after a burst of so many seconds. Pings and
#: empty parts of messages cost no more than that; messages have a pace of their own.
SHARE = 0.2
BURST_S = 0.1
#: Bytes that wait for a peer which does not read them; our own messages wait for it long before that, pongs do not.
MOST_UNREAD = 2**20
FIRST_BYTES_KEPT = 4096


def free_port() -> int:
    """A port that is free on every address: left to itself, the system gives IPv4 one and IPv6 another."""
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    with socket.create_server(("", 0), family=family, dualstack_ipv6=both) as probe:
        return int(probe.getsockname()[1])


class StationSocket(ServerConnection, asyncio.BufferedProtocol):
    """A connection that knows how it began, for telling an operator what was wrong with it, and when it last spoke.

    The library makes the connections; `kind` makes the class it needs.
    """

    began: ClassVar[Callable[["StationSocket"], None]]
    ended_silently: ClassVar[Callable[["StationSocket"], None]]

    @classmethod
    def kind(
        cls, began: Callable[["StationSocket"], None], ended_silently: Callable[["StationSocket"], None]
    ) -> type["StationSocket"]:
        """Connections that tell of their beginning, and of an end before there was a request to answer."""
        told = {"began": staticmethod(began), "ended_silently": staticmethod(ended_silently)}
        return type(cls.__name__, (cls,), told)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.peer = ""
        self.own_address = ""
        self.first_bytes = b""
        self.opened_at = self.heard_at = time.monotonic()
        self._bite = bytearray(BITE)
        self._credit_s = BURST_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.peer = str((transport.get_extra_info("peername") or ("",))[0])
        self.own_address = str((transport.get_extra_info("sockname") or ("",))[0]).removeprefix("::ffff:")
        super().connection_made(transport)
        type(self).began(self)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - the event loop's
        return self._bite

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(memoryview(self._bite)[:nbytes]))

    def data_received(self, data: bytes) -> None:
        began = time.monotonic()
        self._credit_s = min(BURST_S, self._credit_s + (began - self.heard_at) * SHARE)
        self.heard_at = began
        if self.request is None:
            self.first_bytes = (self.first_bytes + data)[:FIRST_BYTES_KEPT]
            if self.first_bytes.startswith(TLS_RECORD):
                # No line ever ends in this, so the handshake's time limit would have to run out first.
                self.transport.abort()
                return
        super().data_received(data)
        if self.transport.get_write_buffer_size() > MOST_UNREAD:
            self.transport.abort()
        self._credit_s -= time.monotonic() - began
        if self._credit_s < 0:
            self.transport.pause_reading()
            self.loop.call_later(-self._credit_s / SHARE, self._read_on)

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

    def connection_lost(self, exc: Exception | None) -> None:
        if self.request is None:
            type(self).ended_silently(self)
        super().connection_lost(exc)
