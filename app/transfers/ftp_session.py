"""What a station can do that comes to a door by FTP (RFC 959, 2428, 3659): log in, and move the door's one file.

Loaded with the first such door. All of it runs, and waits for the disk, on the door's own thread. pyftpdlib knows who
speaks and opens the data connections, those back to the station (PORT, EPRT) only to the address that the station
itself came from. Whatever path a station names, none is looked up on this machine.
"""

import hmac
import logging
import os
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# First of all: it brings asyncore along without its warning.
import pyftpdlib.ioloop as loops
from pyftpdlib.exceptions import AuthenticationFailed, FilesystemError
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import DTPHandler, FTPHandler
from pyftpdlib.servers import FTPServer

from app.transfers.doors import IDLE_S, MOST_CONNECTIONS, PIECE, WHOLE_CONNECTION_S, Door
from app.transfers.ftp_files import Incoming, NotTakenError, Outgoing
from app.transfers.uploads import safe_name

logger = logging.getLogger(__name__)
#: It tells of every login and every wrong command, which anybody can send.
logging.getLogger("pyftpdlib").setLevel(logging.ERROR)

WRONG_LOGIN_DELAY_S = 1.0
#: STAT and QUIT must be among them: the library looks for them in whatever a line ends with.
_COMMANDS = (
    *("ABOR", "ALLO", "CDUP", "CWD", "EPRT", "EPSV", "FEAT", "LIST", "MDTM", "MKD", "MLSD", "MLST", "MODE", "NLST"),
    *("NOOP", "OPTS", "PASS", "PASV", "PORT", "PWD", "QUIT", "REST", "RETR", "SIZE", "STAT", "STOR", "STRU", "SYST"),
    *("TYPE", "USER", "XCUP", "XCWD", "XMKD", "XPWD"),
)
#: In the library's letters: enter folders, list, make folders, store; enter folders, list, fetch.
_MAY_STORE, _MAY_FETCH = "elmw", "elr"


@dataclass(frozen=True, slots=True)
class Login:
    """The only one that a door knows."""

    user: str
    password: str

    def is_right(self, user: str, password: str) -> bool:
        """Takes as long for a wrong one, whatever is wrong with it."""
        given, wanted = (f"{one}\n{other}".encode() for one, other in ((user, password), (self.user, self.password)))
        return hmac.compare_digest(given, wanted)


class _OneFile(AbstractedFS):  # type: ignore[misc]
    """What a station sees: where it is to bring a file, any folder that it likes, empty; else one folder with one file.

    Paths stay what they are in FTP: absolute, with slashes, and of no meaning on this machine.
    """

    def __init__(self, root: str, session: "_Session") -> None:
        super().__init__(root, session)
        self._server = session.server
        self._door = session.server.door
        self._name = "" if self._door.incoming else safe_name(self._door.file.name)

    def ftp2fs(self, path: str) -> str:
        return str(self.ftpnorm(path))

    def fs2ftp(self, path: str) -> str:
        return path

    def realpath(self, path: str) -> str:
        return path

    def validpath(self, _path: str) -> bool:
        return True

    def open(self, path: str, mode: str) -> Incoming | Outgoing:
        if self._server.why_not:
            raise FilesystemError(self._server.why_not)
        if self.cmd_channel.is_moving_data:
            raise FilesystemError("something is under way already")
        if not self._door.incoming:
            self.lstat(path)
            return Outgoing(self._door.file)
        if mode != "wb":
            raise FilesystemError("begin with the first byte")
        return Incoming(self._door)

    def chdir(self, path: str) -> None:
        if not self.isdir(path):
            raise FilesystemError("nothing here")
        self.cwd = path

    def mkdir(self, path: str) -> None:
        """Every folder is there already."""

    def listdir(self, _path: str) -> list[str]:
        return [self._name] if self._name else []

    def isdir(self, path: str) -> bool:
        return path == "/" or self._door.incoming

    def isfile(self, path: str) -> bool:
        return bool(self._name) and path == f"/{self._name}"

    def lstat(self, path: str) -> os.stat_result:
        return self._file(path).stat()

    stat = lstat

    def getsize(self, path: str) -> int:
        return self.lstat(path).st_size

    def getmtime(self, path: str) -> float:
        return self.lstat(path).st_mtime

    def get_user_by_uid(self, _uid: int) -> str:
        return "owner"

    def get_group_by_gid(self, _gid: int) -> str:
        return "group"

    def _file(self, path: str) -> Path:
        if not self.isfile(path):
            raise FilesystemError("nothing here")
        return self._door.file


class _DataConnection(DTPHandler):  # type: ignore[misc]
    """The file, or a list, on its way."""

    timeout = IDLE_S
    cmd_channel: "_Session"
    file_obj: Any

    def handle_read(self) -> None:
        """A piece, or the end. The library would take a connection that broke for one that ended."""
        try:
            piece = self.socket.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            self._broken_off()
            return
        try:
            if piece:
                self.tot_bytes_received += len(piece)
                self.file_obj.write(piece)
            elif self.cmd_channel.is_there():
                self.cmd_channel.server.keep(self.file_obj)
                self._end("226 Kept.")
            else:
                # Who ends both connections at once has gone, and does not say that its file is whole.
                self._broken_off()
        except NotTakenError as error:
            self._end(str(error))
        except OSError:
            self._end("452 Not written.")

    handle_read_event = handle_read

    def handle_close(self) -> None:
        if self.receive:
            self._broken_off()
        else:
            super().handle_close()

    def send(self, piece: bytes) -> int:
        sent: int = super().send(piece)
        if self.file_obj is not None and not self.file_obj.closed:
            self.cmd_channel.server.door.progress(self.file_obj.tell())
        return sent

    def close(self) -> None:
        fetched = self.transfer_finished and not self._closed and self.file_obj is not None
        super().close()
        if fetched:
            door = self.cmd_channel.server.door
            door.ended(door.file)

    @property
    def is_in_use(self) -> bool:
        """Whether something was begun on it, not only connected."""
        return bool(self._initialized)

    def _broken_off(self) -> None:
        self._end("426 Broken off.")

    def _end(self, answer: str) -> None:
        self._resp = (answer, logger.debug)
        self.close()


class _Authorizer:
    """Lets the one login in, and tells of each command whether it is for that."""

    def __init__(self, server: "DoorServer") -> None:
        self._server = server

    def validate_authentication(self, user: str, password: str, _session: "_Session") -> None:
        if not self._server.login.is_right(user, password) or self._server.why_not:
            raise AuthenticationFailed

    def has_perm(self, user: str, permission: str, _path: str) -> bool:
        return permission in self.get_perms(user)

    def get_perms(self, _user: str) -> str:
        return _MAY_STORE if self._server.door.incoming else _MAY_FETCH

    def get_home_dir(self, _user: str) -> str:
        return "/"

    def get_msg_login(self, _user: str) -> str:
        return "welcome"

    def get_msg_quit(self, _user: str) -> str:
        return "goodbye"

    def impersonate_user(self, user: str, password: str) -> None:
        """No account of this machine is behind it."""

    def terminate_impersonation(self, user: str) -> None:
        """No account of this machine is behind it."""


class _Session(FTPHandler):  # type: ignore[misc]
    """One station's connection for commands."""

    abstracted_fs = _OneFile
    dtp_handler = _DataConnection
    proto_cmds = {name: FTPHandler.proto_cmds[name] for name in _COMMANDS}  # noqa: RUF012 - as the library has it
    banner = "ready"
    timeout = IDLE_S
    auth_failed_timeout = WRONG_LOGIN_DELAY_S
    use_sendfile = False
    server: "DoorServer"

    def __init__(self, connection: socket.socket, server: "DoorServer", ioloop: loops.IOLoop) -> None:
        server.sessions.add(self)
        self.authorizer = _Authorizer(server)
        self.passive_ports = server.data_ports or None
        super().__init__(connection, server, ioloop=ioloop)
        if self.connected:
            self.call_later(WHOLE_CONNECTION_S, self.close)

    @property
    def _current_type(self) -> str:
        """Binary, whatever was agreed on: stations forget to say so, and no line end of a log needs changing."""
        return "i"

    @_current_type.setter
    def _current_type(self, wanted: str) -> None:
        pass

    def handle_error(self) -> None:
        """Once a session is closed the library misses what it closed itself, for what was sent behind: no fault."""
        if not self._closed:
            super().handle_error()

    def ftp_TYPE(self, wanted: str) -> None:  # noqa: N802 - as the library finds it
        """`A N` says no more than `A` (RFC 959 §3.1.1.5), which is all that the library knows."""
        super().ftp_TYPE(wanted.upper().removesuffix(" N"))

    def push_dtp_data(self, *arguments: Any, **named: Any) -> None:
        """Something goes out on the data connection: one thing at a time."""
        if self.is_moving_data:
            self.respond("450 Something is under way already.")
        else:
            super().push_dtp_data(*arguments, **named)

    @property
    def is_moving_data(self) -> bool:
        return self.data_channel is not None and self.data_channel.is_in_use

    def is_there(self) -> bool:
        """Whether the station still listens for answers."""
        try:
            return bool(self.socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        super().close()
        self.server.sessions.discard(self)

    def _shutdown_connecting_dtp(self) -> None:
        """Another data connection is to come, or none: the file that waited for this one must not go by that."""
        super()._shutdown_connecting_dtp()
        self._in_dtp_queue = self._out_dtp_queue = None


class DoorServer(FTPServer):  # type: ignore[misc]
    """Who is at one door; begins with a socket that listens. `shut` is set once nobody may begin anything."""

    max_cons = MOST_CONNECTIONS

    def __init__(
        self,
        listening: socket.socket,
        loop: loops.IOLoop,
        data_ports: Sequence[int],
        door: Door,
        login: Login,
        shut: threading.Event,
    ) -> None:
        super().__init__(listening, _Session, ioloop=loop)
        self.data_ports = data_ports
        self.door = door
        self.login = login
        self.sessions: set[_Session] = set()
        self._shut = shut
        self._kept = False

    @property
    def why_not(self) -> str:
        """Why nothing can be begun any more; "" while it can."""
        return "it is here already" if self._kept else "too late" if self._shut.is_set() else ""

    def keep(self, incoming: Incoming) -> None:
        """The file is whole. Raises NotTakenError, OSError."""
        kept = incoming.keep()
        self._kept = True
        self.door.ended(kept)
