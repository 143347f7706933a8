"""Stations that speak in raw frames and raw bytes, to send what no library would."""

import asyncio
import base64
import itertools
import json
import os
import struct
import sys
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PATIENCE_S = 10.0
#: Another address of the loopback interface, from which stations come that are somewhere else.
ELSEWHERE = {"local_addr": ("127.0.0.2", 0)}
HAS_ELSEWHERE = pytest.mark.skipif(sys.platform != "linux", reason="the loopback interface has one address")
HEADERS = {
    "Host": "tapdesk",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(b"sixteen bytes ok").decode(),
    "Sec-WebSocket-Protocol": "ocpp1.6",
}


class RawStation:
    """A station whose frames are written by hand; calls of the server wait in `asked`."""

    def __init__(self, socket):
        self.socket = socket
        self.asked = asyncio.Queue()
        self._answers = asyncio.Queue()
        self._ids = itertools.count(1)
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self):
        try:
            async for text in self.socket:
                kind = json.loads(text)[0]
                (self.asked if kind == 2 else self._answers).put_nowait(text)
        except ConnectionClosed:
            pass
        finally:
            self._answers.put_nowait(None)

    async def send(self, text):
        await self.socket.send(text)

    async def answer(self, within_s=PATIENCE_S):
        """The next answer of the server, as text. Raises ConnectionError when none can come any more."""
        answer = await asyncio.wait_for(self._answers.get(), within_s)
        if answer is None:
            raise ConnectionError
        return answer

    async def say(self, text, within_s=PATIENCE_S):
        """Send a frame as it stands; the server's answer, read."""
        await self.send(text)
        return json.loads(await self.answer(within_s))

    async def call(self, action, payload, within_s=PATIENCE_S):
        """The answer's payload; an error is one of the test."""
        message_id = f"m{next(self._ids)}"
        kind, answered, *rest = await self.say(json.dumps([2, message_id, action, payload]), within_s)
        assert (kind, answered) == (3, message_id), rest
        return rest[0]

    async def refused(self, action, payload):
        """The error code, of an error that tells nothing else of what was sent."""
        kind, _, code, _description, details = await self.say(json.dumps([2, f"m{next(self._ids)}", action, payload]))
        assert (kind, details) == (4, {})
        return code

    async def answers_until(self, message_id, within_s=PATIENCE_S):
        """All answers up to the one to this call."""
        answers = [await self.answer(within_s)]
        while json.loads(answers[-1])[1] != message_id:
            answers.append(await self.answer(within_s))
        return answers

    async def was_asked(self, within_s=PATIENCE_S):
        """The server's next call: its id, action and payload."""
        return json.loads(await asyncio.wait_for(self.asked.get(), within_s))[1:]

    async def hears_nothing(self, for_s):
        """Whether the server neither answers nor asks for so long."""
        await asyncio.sleep(for_s)
        return self._answers.empty() and self.asked.empty()

    def cut(self):
        """Lose the connection without a word."""
        self.socket.transport.abort()

    async def closed(self):
        """The code with which the connection was closed."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE_S)
        return self.socket.close_code

    async def leave(self):
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        await self.socket.close()


@asynccontextmanager
async def raw_station(url, station_id, **options):
    """A connected station that has said nothing yet."""
    options = {"subprotocols": ["ocpp1.6"], "compression": None, "ping_interval": None, "proxy": None} | options
    station = RawStation(await connect(f"{url}{station_id}", close_timeout=1, **options))
    try:
        yield station
    finally:
        await station.leave()


def request(line="GET /CP1 HTTP/1.1", *, without=(), ends="\r\n", **changes):
    """An opening handshake as bytes."""
    headers = HEADERS | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [line, *(f"{name}: {value}" for name, value in headers.items() if name not in without)]
    return (ends.join(lines) + ends * 2).encode()


@asynccontextmanager
async def tcp(url):
    """A bare connection to the server's port."""
    host, port = url.removeprefix("ws://").rstrip("/").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def knock(url, sent):
    """Send bytes to the server's port; the first line it answers, "" when it just closes."""
    async with tcp(url) as (reader, writer):
        writer.write(sent)
        with suppress(ConnectionError):
            return (await asyncio.wait_for(reader.readline(), PATIENCE_S)).decode().strip()
        return ""


def masked(payload, *, opcode=1, final=True):
    """A client's WebSocket frame (RFC 6455 §5.2); a mask of zeros is one too."""
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 2**16:
        head += bytes([0x80 | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", len(payload))
    return head + bytes(4) + payload


@asynccontextmanager
async def byte_station(url, station_id):
    """A station that finished its handshake and now sends bytes of its choosing."""
    async with tcp(url) as (reader, writer):
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(request(f"GET /{station_id} HTTP/1.1", Sec_WebSocket_Key=key))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        assert b" 101 " in head, head
        yield reader, writer
