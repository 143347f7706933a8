"""The one file of a door for FTP, as pyftpdlib handles files: what a station stores, what it fetches."""

import contextlib
from pathlib import Path

from app.transfers.doors import LARGEST_FILE, Door, piece_of
from app.transfers.uploads import UploadedFile


class NotTakenError(Exception):
    """`str` of it is the answer to the station."""


class Incoming:
    """What a station stores. Nothing is on the disk before its first byte, nor after a `close` without `keep`."""

    name = "upload"

    def __init__(self, door: Door) -> None:
        self._door = door
        self._file: UploadedFile | None = None
        self._moved = 0
        self.closed = False

    def write(self, piece: bytes) -> None:
        """Raises NotTakenError, OSError."""
        if self._file is None:
            if self._door.busy:
                raise NotTakenError("450 Under way already.")
            self._door.busy = True
            self._file = UploadedFile(self._door.file, "")
            self._file.open()
        self._moved += len(piece)
        if self._moved > LARGEST_FILE:
            raise NotTakenError("552 Too large.")
        self._file.write(piece)
        self._door.progress(self._moved)

    def keep(self) -> Path:
        """Raises NotTakenError, OSError."""
        if self._file is None:
            raise NotTakenError("501 Empty.")
        kept = self._file.keep()
        self._file = None
        return kept

    def close(self) -> None:
        self.closed = True
        if self._file is not None:
            # A disk that is gone has taken it along.
            with contextlib.suppress(OSError):
                self._file.drop()
            self._file = None
            self._door.busy = False


class Outgoing:
    """What a station fetches. It is open only while a piece is read: the library forgets what it never came to send."""

    name = "download"

    def __init__(self, file: Path) -> None:
        self._file = file
        self._at = 0
        self.closed = False

    def read(self, _size: int) -> bytes:
        piece = piece_of(self._file, self._at)
        self._at += len(piece)
        return piece

    def seek(self, at: int) -> None:
        self._at = at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self.closed = True
