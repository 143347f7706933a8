"""Doors for stations that know only FTP: one login each, for one file, and nothing else exists.

door = await server.expect(host, folder, "CP-1.log", on_progress, on_end)   # STOR, under any name
door = await server.offer(host, file, on_progress, on_end)                  # RETR, under the file's name
door.location                                                               # "ftp://3fj0…:8d1c…@host:9081/"
server.shut(door)

FTP is not encrypted: whoever listens on the way learns the login. It holds for as long as the one transfer.
"""

import asyncio
import errno
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.transfers.doors import Door, in_url

if TYPE_CHECKING:
    from app.transfers.ftp_session import Login
    from app.transfers.ftp_thread import FtpThread

#: The ports for commands, and behind them those for data where stations open that connection: a firewall can know them.
COMMAND_PORTS, DATA_PORTS = 4, 16
_HIGHEST_PORT = 65_535
_T = TypeVar("_T")


class FtpServer:
    """Each door listens by itself, at the one address of this machine by which its station reaches it."""

    def __init__(self, port: Callable[[], int]) -> None:
        """`port` is the first that is tried; 0 for any."""
        self._first_port = port
        self._threads: dict[Door, FtpThread] = {}
        self._ending: set[FtpThread] = set()

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
        """Give one file by its `safe_name`, as often as it is asked for. `host` as in `expect`. Raises OSError."""
        return await self._open(host, file, False, progress, ended)

    def shut(self, door: Door) -> None:
        """Nothing begins at this address any more; who is there takes leave, and then nobody listens."""
        thread = self._threads.pop(door, None)
        if thread is not None:
            thread.shut()
            self._ending = {each for each in self._ending if each.is_alive} | {thread}

    async def close(self) -> None:
        """Shut every door and cut what is under way; nothing half-way stays."""
        threads = [*self._threads.values(), *self._ending]
        self._threads.clear()
        for thread in threads:
            thread.shut(at_once=True)
        for thread in threads:
            await asyncio.to_thread(thread.join)

    async def _open(
        self, host: str, file: Path, incoming: bool, progress: Callable[[int], None], ended: Callable[[Path], None]
    ) -> Door:
        thread, login_of = await asyncio.to_thread(_load)
        listening = _listening(host, self._ports(0, COMMAND_PORTS))
        login = login_of(secrets.token_hex(8), secrets.token_hex(16))
        location = f"ftp://{login.user}:{login.password}@{in_url(host)}:{listening.getsockname()[1]}/"
        loop = asyncio.get_running_loop()
        door = Door(location, file, incoming, progress, ended)
        heard = replace(door, progress=_on(loop, progress), ended=_on(loop, ended))
        self._threads[door] = thread(listening, self._ports(COMMAND_PORTS, DATA_PORTS), heard, login)
        return door

    def _ports(self, begin: int, number: int) -> Sequence[int]:
        first = self._first_port()
        return range(first + begin, min(first + begin + number, _HIGHEST_PORT)) if first else ()


def _load() -> "tuple[type[FtpThread], type[Login]]":
    """pyftpdlib comes with the first door: few sites ever open one."""
    from app.transfers.ftp_session import Login
    from app.transfers.ftp_thread import FtpThread

    return FtpThread, Login


def _on(loop: asyncio.AbstractEventLoop, told: Callable[[_T], None]) -> Callable[[_T], None]:
    """Tells it on the loop's thread."""

    def tell(value: _T) -> None:
        loop.call_soon_threadsafe(told, value)

    return tell


def _listening(host: str, ports: Sequence[int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in ports:
        try:
            return socket.create_server((host, port), family=family)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    return socket.create_server((host, 0), family=family)
