"""What the doors for files have in common, whichever protocol is spoken at them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

LARGEST_FILE = 64 * 2**20
#: Nothing came or could be sent for so long: the other end is gone.
IDLE_S = 60.0
#: However it goes on, a connection is over after so long.
WHOLE_CONNECTION_S = 1_800.0
PIECE = 64 * 1024
MOST_CONNECTIONS = 16


@dataclass(eq=False, slots=True)
class Door:
    """One address. `progress` is told the bytes moved so far; `ended` once, with the file that arrived or was taken."""

    #: The URL of the folder in which the file is put or found; it ends with a slash. Who knows it may use the door.
    location: str = field(repr=False)
    file: Path
    incoming: bool
    progress: Callable[[int], None]
    ended: Callable[[Path], None]
    busy: bool = field(default=False)

    @property
    def path(self) -> str:
        return urlsplit(self.location).path


def in_url(host: str) -> str:
    """An address as it stands in a URL (RFC 3986 §3.2.2)."""
    return f"[{host}]" if ":" in host else host


def piece_of(file: Path, start: int) -> bytes:
    """What comes next, b"" at the end. It is opened each time: whoever waits may go, and nobody would close it."""
    with file.open("rb") as opened:
        opened.seek(start)
        return opened.read(PIECE)
