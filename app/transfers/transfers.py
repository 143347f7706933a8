"""What an operator can do with files: fetch a station's diagnostics and logs, give it firmware.

transfer = await transfers.fetch("CP-1", TransferKind.DIAGNOSTICS)      # the station is asked, and will upload it
transfers.recent("CP-1")                                                # what came of it, while the program runs
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from app.bus import Bus
from app.domain.commands import CarryOut, InstallFirmware, SendDiagnostics, SendSecurityLog
from app.domain.errors import AppError
from app.domain.events import TransferChanged
from app.domain.transfers import Transfer, TransferKind, TransferState, state_told
from app.transfers.file_server import Door, FileServer
from app.transfers.uploads import safe_name

#: A station may take its time: some pack their logs first, and fetch firmware at night.
OPEN_FOR_S = 3_600.0
FILES_KEPT = 100
LARGEST_FIRMWARE = 2**30
REMEMBERED = 200
TELL_EVERY = 256 * 1024
_AGE = re.compile(r"-(\d{8}-\d{6})")


@dataclass(slots=True)
class _Open:
    transfer: Transfer
    host: str
    door: Door | None = None
    expires: asyncio.TimerHandle | None = None
    told: int = 0


class Transfers:
    def __init__(
        self,
        folder: Path,
        bus: Bus,
        clock: Callable[[], datetime],
        carry_out: CarryOut,
        address_for: Callable[[str], str],
        port: Callable[[], int],
    ) -> None:
        """`folder` is where what stations send is kept; `address_for` gives the host by which a station reaches us."""
        self.folder = folder
        self._bus = bus
        self._clock = clock
        self._carry_out = carry_out
        self._address_for = address_for
        self._server = FileServer(port)
        self._transfers: dict[int, _Open] = {}
        self._ids = count(int(clock().timestamp()) % 2**30)

    def recent(self, station_id: str = "") -> list[Transfer]:
        """Those of a station, or of all, latest first; as long as the program runs."""
        folded = station_id.casefold()
        found = (each.transfer for each in reversed(self._transfers.values()))
        return [each for each in found if not folded or each.station_id.casefold() == folded]

    async def fetch(self, station_id: str, kind: TransferKind, since: datetime | None = None) -> Transfer:
        """Ask a station for its diagnostics or its security log; it uploads them when it is ready.

        Raises AppError as `CarryOut` does, `transfer_running`, `station_has_no_log`, `files_not_served`.
        """
        ask = SendSecurityLog if kind is TransferKind.SECURITY_LOG else SendDiagnostics
        opened = self._begin(station_id, kind)
        name = safe_name(f"{station_id}-{self._clock().astimezone():%Y%m%d-%H%M%S}-{kind.value}.log")
        door = self._server.expect(self.folder, name, self._progress(opened), self._arrived(opened))
        location = await self._opened(opened, door)
        try:
            named = await self._carry_out(station_id, ask(opened.transfer.id, location, since))
        except AppError:
            self._forget(opened)
            raise
        if kind is TransferKind.DIAGNOSTICS and not named and opened.transfer.state is TransferState.ASKED:
            # Without a file's name there is nothing to send (OCPP 1.6 §6.24).
            self._forget(opened)
            raise AppError("station_has_no_log")
        return opened.transfer

    async def update_firmware(self, station_id: str, file: Path, at: datetime | None = None) -> Transfer:
        """Have a station fetch a file of this machine and install it, from that moment on.

        Raises AppError as `CarryOut` does, `transfer_running`, `firmware_unreadable`, `firmware_too_large`,
        `files_not_served`.
        """
        size = await asyncio.to_thread(_size_of, file)
        opened = self._begin(station_id, TransferKind.FIRMWARE, size, str(file))
        door = self._server.offer(file, self._progress(opened), self._taken(opened))
        location = await self._opened(opened, door) + safe_name(file.name)
        try:
            await self._carry_out(station_id, InstallFirmware(opened.transfer.id, location, at or self._clock()))
        except AppError:
            self._forget(opened)
            raise
        return opened.transfer

    def told(self, station_id: str, kind: TransferKind, word: str, transfer_id: int | None = None) -> None:
        """A station says how a file is getting on; without a number it is about the latest of that kind."""
        opened = self._meant(station_id, kind, transfer_id)
        state = state_told(opened.transfer.kind, word) if opened else None
        if opened is None or state is None or not opened.transfer.is_open:
            return
        self._change(opened, state=state, said=word)
        if state in (TransferState.DONE, TransferState.FAILED):
            self._shut(opened)

    async def close(self) -> None:
        """Give up what is under way and stop listening."""
        for opened in self._transfers.values():
            self._shut(opened)
        await self._server.close()

    def _begin(self, station_id: str, kind: TransferKind, size: int | None = None, file: str = "") -> _Open:
        for each in self.recent(station_id):
            if each.kind is kind and each.is_open:
                raise AppError("transfer_running", kind=kind.value)
        host = self._address_for(station_id)
        transfer = Transfer(next(self._ids), station_id, kind, TransferState.ASKED, self._clock(), size=size, file=file)
        opened = self._transfers[transfer.id] = _Open(transfer, host)
        while len(self._transfers) > REMEMBERED:
            self._forget(next(iter(self._transfers.values())))
        return opened

    async def _opened(self, opened: _Open, opening: Awaitable[Door]) -> str:
        """The address to give to the station."""
        host = opened.host
        try:
            opened.door = await opening
        except OSError as error:
            self._forget(opened)
            raise AppError("files_not_served", why=error.strerror or str(error)) from error
        opened.expires = asyncio.get_running_loop().call_later(OPEN_FOR_S, self._expired, opened)
        self._bus.publish(TransferChanged(opened.transfer))
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self._server.port}{opened.door.path}"

    def _progress(self, opened: _Open) -> Callable[[int], None]:
        def progress(moved: int) -> None:
            if opened.transfer.state is not TransferState.RUNNING or moved - opened.told >= TELL_EVERY:
                opened.told = moved
                self._change(opened, state=TransferState.RUNNING, moved=moved)

        return progress

    def _arrived(self, opened: _Open) -> Callable[[Path], None]:
        def arrived(file: Path) -> None:
            size = file.stat().st_size
            self._change(opened, state=TransferState.DONE, moved=size, size=size, file=str(file))
            self._shut(opened)
            _keep_newest(self.folder)

        return arrived

    def _taken(self, opened: _Open) -> Callable[[Path], None]:
        def taken(_file: Path) -> None:
            # That it has the file does not say that it installed it: that it tells itself.
            self._change(opened, moved=opened.transfer.size or 0)

        return taken

    def _expired(self, opened: _Open) -> None:
        if opened.transfer.is_open:
            self._change(opened, state=TransferState.FAILED)
        self._shut(opened)

    def _meant(self, station_id: str, kind: TransferKind, transfer_id: int | None) -> _Open | None:
        named = self._transfers.get(transfer_id) if transfer_id is not None else None
        if named is not None and named.transfer.station_id.casefold() == station_id.casefold():
            return named
        logs = kind is not TransferKind.FIRMWARE
        for transfer in self.recent(station_id):
            if transfer.is_open and (transfer.kind is not TransferKind.FIRMWARE) is logs:
                return self._transfers[transfer.id]
        return None

    def _change(self, opened: _Open, **values: object) -> None:
        opened.transfer = replace(opened.transfer, **values)  # type: ignore[arg-type]
        self._bus.publish(TransferChanged(opened.transfer))

    def _shut(self, opened: _Open) -> None:
        if opened.expires is not None:
            opened.expires.cancel()
        if opened.door is not None:
            self._server.shut(opened.door)
            opened.door = None

    def _forget(self, opened: _Open) -> None:
        self._shut(opened)
        self._transfers.pop(opened.transfer.id, None)


def _size_of(file: Path) -> int:
    try:
        with file.open("rb"):
            size = file.stat().st_size
    except OSError as error:
        raise AppError("firmware_unreadable", path=str(file), why=error.strerror or str(error)) from error
    if size > LARGEST_FIRMWARE:
        raise AppError("firmware_too_large", limit=LARGEST_FIRMWARE)
    return size


def _keep_newest(folder: Path) -> None:
    dated = [file for file in folder.iterdir() if _AGE.search(file.name) and file.is_file()]
    for old in sorted(dated, key=lambda file: file.stat().st_mtime)[:-FILES_KEPT]:
        old.unlink(missing_ok=True)
