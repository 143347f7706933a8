"""A file as a station sends it, on its way to the disk: whole under its name, or not there at all."""

import os
import re
import threading
from pathlib import Path
from typing import BinaryIO

from app.transfers.doors import PIECE

#: Names that systems take for devices, and characters that lead elsewhere.
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_BOUNDARY = re.compile(r'multipart/form-data\s*;.*boundary="?([^";,\s]{1,70})"?', re.IGNORECASE)
LONGEST_NAME = 120
_FORM_HEAD_LIMIT = 8 * 1024


def safe_name(name: str) -> str:
    """A name that is a plain file's on every system; "file" where nothing of it can be used."""
    plain = _UNSAFE.sub("_", name).strip("._")[-LONGEST_NAME:]
    return f"_{plain}" if _RESERVED.match(plain) else plain or "file"


class UploadedFile:
    """Bytes that come in. All of it blocks: call it in a thread. One thing is done after the other: whoever is
    cancelled waiting for one of them calls `drop` while it may still be under way.
    """

    def __init__(self, target: Path, content_type: str) -> None:
        self._target = target
        self._half_way = target.with_name(f"{target.name}.part")
        found = _BOUNDARY.search(content_type)
        self._boundary = found[1].encode("latin-1") if found else b""
        self._file: BinaryIO | None = None
        self._one_at_a_time = threading.Lock()

    def open(self) -> None:
        with self._one_at_a_time:
            self._half_way.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._half_way.unlink(missing_ok=True)
            self._half_way.touch(mode=0o600)
            self._file = self._half_way.open("r+b")

    def write(self, data: bytes) -> None:
        with self._one_at_a_time:
            if self._file is None:
                raise ValueError("not open")
            self._file.write(data)

    def keep(self) -> Path:
        """On the disk, under its name or a number behind it; a form's first file is taken out of the form."""
        with self._one_at_a_time:
            if self._file is None:
                raise ValueError("not open")
            if self._boundary:
                _unwrap(self._file, self._boundary)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            kept, number = self._target, 2
            while kept.exists():
                kept, number = self._target.with_stem(f"{self._target.stem}-{number}"), number + 1
            self._half_way.replace(kept)
            return kept

    def drop(self) -> None:
        """Nothing of it stays."""
        with self._one_at_a_time:
            if self._file is not None:
                self._file.close()
            self._half_way.unlink(missing_ok=True)


def _unwrap(file: BinaryIO, boundary: bytes) -> None:
    """Leave only the contents of the first part of a multipart form (RFC 7578); what is no such form stays as it is."""
    file.seek(0)
    head = file.read(_FORM_HEAD_LIMIT)
    begins, opening = head.find(b"\r\n\r\n"), b"--" + boundary
    if not head.startswith(opening) or begins < 0:
        file.seek(0, os.SEEK_END)
        return
    read_at, write_at, closing = begins + 4, 0, b"\r\n--" + boundary
    held = b""
    while True:
        file.seek(read_at)
        piece = file.read(PIECE)
        read_at += len(piece)
        held += piece
        ends = held.find(closing)
        # The end of the part may lie across two pieces.
        sure = ends if ends >= 0 else max(0, len(held) - len(closing)) if piece else len(held)
        file.seek(write_at)
        file.write(held[:sure])
        write_at, held = write_at + sure, held[sure:]
        if ends >= 0 or not piece:
            break
    file.truncate(write_at)
