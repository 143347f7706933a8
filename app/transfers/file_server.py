"""A small HTTP server for stations: each address takes one file or gives one, for a while, and nothing else exists.

door = await server.expect(host, folder, "CP-1.log", on_progress, on_end)   # PUT or POST
door = await server.offer(host, file, on_progress, on_end)                  # GET
door.location                                                               # "http://host:9080/3fJ0…/"
server.shut(door)
"""

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import h11

from app.transfers.doors import (
    IDLE_S,
    LARGEST_FILE,
    MOST_CONNECTIONS,
    PIECE,
    WHOLE_CONNECTION_S,
    Door,
    in_url,
    piece_of,
)
from app.transfers.uploads import UploadedFile

logger = logging.getLogger(__name__)

HEAD_LIMIT = 16 * 1024
_SERVED = {b"PUT", b"POST", b"GET", b"HEAD"}


class _BrokenOffError(Exception):
    """The other end went before its request was whole."""


class _Refused(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, status: int, words: str) -> None:
        super().__init__(status, words)
        self.status = status
        self.words = words


class FileServer:
    """Listens only while a door is open."""

    def __init__(self, port: Callable[[], int]) -> None:
        self._wanted_port = port
        self._server: asyncio.Server | None = None
        self._doors: dict[str, Door] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()

    @property
    def port(self) -> int:
        """The port it listens on; 0 while it does not."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server and self._server.sockets else 0

    async def expect(
        self, host: str, folder: Path, name: str, progress: Callable[[int], None], ended: Callable[[Path], None]
    ) -> Door:
        """Take one file; it is kept as `name` in the folder, or beside one of that name. Raises OSError.

        `host` is the address of this machine by which the station reaches it.
        """
        return await self._open(host, folder / name, True, progress, ended)

    async def offer(
        self, host: str, file: Path, progress: Callable[[int], None], ended: Callable[[Path], None]
    ) -> Door:
        """Give one file, as often as it is asked for. `host` as in `expect`. Raises OSError."""
        return await self._open(host, file, False, progress, ended)

    def shut(self, door: Door) -> None:
        """Nothing is at this address any more; with the last door the server goes too."""
        self._doors.pop(door.path, None)
        if not self._doors and self._server is not None:
            self._server.close()
            self._server = None

    async def close(self) -> None:
        """Shut every door and cut what is under way."""
        for door in tuple(self._doors.values()):
            self.shut(door)
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _open(
        self, host: str, file: Path, incoming: bool, progress: Callable[[int], None], ended: Callable[[Path], None]
    ) -> Door:
        async with self._opening:
            if self._server is None:
                self._server = await self._listen()
            location = f"http://{in_url(host)}:{self.port}{_one_time_path()}"
            door = Door(location, file, incoming, progress, ended)
            self._doors[door.path] = door
        return door

    async def _listen(self) -> asyncio.Server:
        try:
            listening = _listening(self._wanted_port())
        except OSError:
            listening = _listening(0)
        return await asyncio.start_server(self._accept, sock=listening)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections.add(task)
        try:
            async with asyncio.timeout(WHOLE_CONNECTION_S):
                await _Exchange(reader, writer, self._doors).run()
        except (OSError, TimeoutError, h11.ProtocolError, _BrokenOffError):
            # Broken off: the door stays open, stations try again.
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
        except Exception:
            logger.exception("A file could not be moved")
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()


class _Exchange:
    """One request and its answer; then the connection is closed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doors: dict[str, Door]) -> None:
        self._reader = reader
        self._writer = writer
        self._doors = doors
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)

    async def run(self) -> None:
        try:
            request = await self._next()
            if not isinstance(request, h11.Request):
                return
            door = self._door(request)
            if door.incoming:
                await self._take(request, door)
            else:
                await self._give(request, door)
        except h11.RemoteProtocolError as error:
            await self._answer(error.error_status_hint, "not understood")
        except _Refused as refused:
            await self._answer(refused.status, refused.words)

    def _door(self, request: h11.Request) -> Door:
        if request.method not in _SERVED:
            raise _Refused(405, "PUT, POST or GET")
        target = request.target.decode("ascii", "replace").split("?")[0]
        # Proxies and careless stations name the whole address; most add a file name of their own behind it.
        found = [door for path, door in self._doors.items() if path in f"{target}/"]
        if not found or found[0].incoming is (request.method in (b"GET", b"HEAD")):
            raise _Refused(404, "nothing here")
        if found[0].busy:
            raise _Refused(409, "under way already")
        return found[0]

    async def _take(self, request: h11.Request, door: Door) -> None:
        headers = dict(request.headers)
        if int(headers.get(b"content-length", b"0")) > LARGEST_FILE:
            raise _Refused(413, "too large")
        door.busy = True
        upload = UploadedFile(door.file, headers.get(b"content-type", b"").decode("latin-1"))
        try:
            await asyncio.to_thread(upload.open)
            await self._receive_into(upload, door)
            kept = await asyncio.to_thread(upload.keep)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(upload.drop))
            raise
        finally:
            door.busy = False
        await self._answer(201, "kept")
        door.ended(kept)

    async def _receive_into(self, upload: UploadedFile, door: Door) -> None:
        moved = 0
        while True:
            event = await self._next()
            if isinstance(event, h11.EndOfMessage):
                break
            if isinstance(event, h11.Data):
                moved += len(event.data)
                if moved > LARGEST_FILE:
                    raise _Refused(413, "too large")
                await asyncio.to_thread(upload.write, bytes(event.data))
                door.progress(moved)
        if not moved:
            raise _Refused(400, "empty")

    async def _give(self, request: h11.Request, door: Door) -> None:
        size = (await asyncio.to_thread(door.file.stat)).st_size
        headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(size)), ("Connection", "close")]
        await self._send(h11.Response(status_code=200, headers=headers))
        if request.method != b"HEAD":
            await self._send_file(door)
        await self._send(h11.EndOfMessage())
        if request.method != b"HEAD":
            door.ended(door.file)

    async def _send_file(self, door: Door) -> None:
        moved = 0
        while piece := await asyncio.to_thread(piece_of, door.file, moved):
            await self._send(h11.Data(data=piece))
            moved += len(piece)
            door.progress(moved)

    async def _next(self) -> h11.Event:
        while True:
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            event = self._http.next_event()
            if isinstance(event, h11.Event):
                if isinstance(event, h11.ConnectionClosed):
                    raise _BrokenOffError
                return event
            if event is h11.PAUSED:
                raise _BrokenOffError
            async with asyncio.timeout(IDLE_S):
                self._http.receive_data(await self._reader.read(PIECE))

    async def _answer(self, status: int, words: str) -> None:
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        body = f"{words}\n".encode()
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Connection", "close")]
        await self._send(h11.Response(status_code=status, headers=headers))
        await self._send(h11.Data(data=body))
        await self._send(h11.EndOfMessage())

    async def _send(self, event: h11.Event) -> None:
        if data := self._http.send(event):
            self._writer.write(data)
            async with asyncio.timeout(IDLE_S):
                await self._writer.drain()


def _listening(port: int) -> socket.socket:
    """On every address, of both families with one port."""
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    return socket.create_server(("", port), family=family, dualstack_ipv6=both)


def _one_time_path() -> str:
    """Long enough not to be guessed, and without letters that a station might take for something else."""
    return f"/{secrets.token_hex(12)}/"
