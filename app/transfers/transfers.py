"""What an operator can do with files: fetch a station's diagnostics and logs, give it firmware.

transfer = await transfers.fetch("CP-1", TransferKind.DIAGNOSTICS)      # the station is asked, and will upload it
transfers.recent("CP-1")                                                # what came of it, while the program runs

A file goes by HTTP, and by FTP where the station says that it knows no HTTP, or took FTP before. Where nothing came
by HTTP, `try_ftp` asks for it once more.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TypeAlias

from app.bus import Bus
from app.domain.commands import CarryOut, InstallFirmware, InstallSignedFirmware, SendDiagnostics, SendSecurityLog
from app.domain.errors import AppError
from app.domain.events import TransferChanged
from app.domain.transfers import (
    FileProtocol,
    Transfer,
    TransferKind,
    TransferState,
    protocols_told,
    state_told,
)
from app.transfers.doors import Door
from app.transfers.file_server import FileServer
from app.transfers.ftp_server import FtpServer
from app.transfers.uploads import safe_name

#: A station may take its time: some pack their logs first, and fetch firmware at night.
OPEN_FOR_S = 3_600.0
FILES_KEPT = 100
LARGEST_FIRMWARE = 2**30
REMEMBERED = 200
TELL_EVERY = 256 * 1024
_AGE = re.compile(r"-(\d{8}-\d{6})")


_Server: TypeAlias = FileServer | FtpServer
#: Asks for the same once more.
_Again: TypeAlias = Callable[[FileProtocol], Awaitable[Transfer]]


@dataclass(frozen=True, slots=True)
class SignatureFiles:
    """What a maker gives with firmware: the certificate that signed it (PEM or DER), its signature (base64 or not)."""

    certificate: Path
    signature: Path


@dataclass(slots=True)
class _Open:
    transfer: Transfer
    host: str
    server: _Server
    again: _Again
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
        protocols: Callable[[str], str | None],
    ) -> None:
        """`folder` is where what stations send is kept; `address_for` gives the host by which a station reaches us.

        `protocols` is what a station says of the protocols it knows, as it says it. `port` is where HTTP is spoken, as
        long as a transfer waits for it; FTP has the ports behind it. 0 is any.
        """
        self.folder = folder
        self._bus = bus
        self._clock = clock
        self._carry_out = carry_out
        self._address_for = address_for
        self._protocols = protocols
        self._servers: dict[FileProtocol, _Server] = {
            FileProtocol.HTTP: FileServer(port),
            FileProtocol.FTP: FtpServer(lambda: port() and port() + 1),
        }
        self._transfers: dict[int, _Open] = {}
        self._ids = count(int(clock().timestamp()) % 2**30)

    def recent(self, station_id: str = "") -> list[Transfer]:
        """Those of a station, or of all, latest first; as long as the program runs."""
        folded = station_id.casefold()
        found = (each.transfer for each in reversed(self._transfers.values()))
        return [each for each in found if not folded or each.station_id.casefold() == folded]

    async def fetch(
        self, station_id: str, kind: TransferKind, since: datetime | None = None, by: FileProtocol | None = None
    ) -> Transfer:
        """Ask a station for its diagnostics or its security log; it uploads them when it is ready.

        Raises AppError as `CarryOut` does, `transfer_running`, `station_has_no_log`, `files_not_served`.
        """
        ask = SendSecurityLog if kind is TransferKind.SECURITY_LOG else SendDiagnostics
        opened = self._begin(station_id, kind, by, lambda by: self.fetch(station_id, kind, since, by))
        name = safe_name(f"{station_id}-{self._clock().astimezone():%Y%m%d-%H%M%S}-{kind.value}.log")
        door = opened.server.expect(opened.host, self.folder, name, self._progress(opened), self._arrived(opened))
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

    async def update_firmware(
        self,
        station_id: str,
        file: Path,
        at: datetime | None = None,
        by: FileProtocol | None = None,
        signed: SignatureFiles | None = None,
    ) -> Transfer:
        """Have a station fetch a file of this machine and install it, from that moment on.

        With `signed` it verifies first that its maker signed the file. Raises AppError as `CarryOut` does,
        `transfer_running`, `firmware_unreadable`, `firmware_too_large`, `files_not_served`, `certificate_unreadable`,
        `certificate_not_one`, `certificate_too_long`, `signature_unreadable`.
        """
        size = await asyncio.to_thread(_size_of, file)
        signature = await asyncio.to_thread(_read, signed) if signed else None
        opened = self._begin(
            station_id, TransferKind.FIRMWARE, by, lambda by: self.update_firmware(station_id, file, at, by, signed)
        )
        opened.transfer = replace(opened.transfer, size=size, file=str(file))
        door = opened.server.offer(opened.host, file, self._progress(opened), self._taken(opened))
        location = await self._opened(opened, door) + safe_name(file.name)
        try:
            asked = (opened.transfer.id, location, at or self._clock())
            await self._carry_out(
                station_id, InstallSignedFirmware(*asked, *signature) if signature else InstallFirmware(*asked)
            )
        except AppError:
            self._forget(opened)
            raise
        return opened.transfer

    def may_know_ftp(self, station_id: str) -> bool:
        """Whether a station that is asked by HTTP does not say that it knows no FTP."""
        told = protocols_told(self._protocols(station_id))
        return self._protocol_for(station_id) is FileProtocol.HTTP and (told is None or FileProtocol.FTP in told)

    def may_try_ftp(self, transfer: Transfer) -> bool:
        """Whether this came to nothing by HTTP, as far as can be seen, and may go by FTP."""
        latest = next((each for each in self.recent(transfer.station_id) if each.kind is transfer.kind), None)
        return (
            latest is not None
            and latest.id == transfer.id
            and transfer.protocol is FileProtocol.HTTP
            and transfer.state is not TransferState.DONE
            and not transfer.moved
            and self.may_know_ftp(transfer.station_id)
        )

    async def try_ftp(self, transfer: Transfer) -> Transfer:
        """Give up waiting for it, and ask for the same once more by FTP. Raises AppError as what it was asked with."""
        opened = self._transfers[transfer.id]
        self._expired(opened)
        return await opened.again(FileProtocol.FTP)

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
        for server in self._servers.values():
            await server.close()

    def _begin(self, station_id: str, kind: TransferKind, by: FileProtocol | None, again: _Again) -> _Open:
        for each in self.recent(station_id):
            if each.kind is kind and each.is_open:
                raise AppError("transfer_running", kind=kind.value)
        host = self._address_for(station_id)
        protocol = by or self._protocol_for(station_id)
        transfer = Transfer(next(self._ids), station_id, kind, TransferState.ASKED, self._clock(), protocol=protocol)
        opened = self._transfers[transfer.id] = _Open(transfer, host, self._servers[protocol], again)
        while len(self._transfers) > REMEMBERED:
            self._forget(next(iter(self._transfers.values())))
        return opened

    def _protocol_for(self, station_id: str) -> FileProtocol:
        told = protocols_told(self._protocols(station_id))
        if told:
            return FileProtocol.HTTP if FileProtocol.HTTP in told else FileProtocol.FTP
        took_ftp = any(each.protocol is FileProtocol.FTP and each.moved for each in self.recent(station_id))
        return FileProtocol.FTP if took_ftp else FileProtocol.HTTP

    async def _opened(self, opened: _Open, opening: Awaitable[Door]) -> str:
        """The address to give to the station."""
        try:
            opened.door = await opening
        except OSError as error:
            self._forget(opened)
            raise AppError("files_not_served", why=error.strerror or str(error)) from error
        opened.expires = asyncio.get_running_loop().call_later(OPEN_FOR_S, self._expired, opened)
        self._bus.publish(TransferChanged(opened.transfer))
        return opened.door.location

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
            opened.server.shut(opened.door)
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


def _read(signed: SignatureFiles) -> tuple[str, str]:
    """The certificate and the signature, as they are sent."""
    from app.security import given_files

    return given_files.certificate(signed.certificate), given_files.signature(signed.signature)


def _keep_newest(folder: Path) -> None:
    dated = [file for file in folder.iterdir() if _AGE.search(file.name) and file.is_file()]
    for old in sorted(dated, key=lambda file: file.stat().st_mtime)[:-FILES_KEPT]:
        old.unlink(missing_ok=True)
