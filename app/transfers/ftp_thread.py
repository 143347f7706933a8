"""The thread on which a door for FTP is served. Loaded with the first one, for it brings pyftpdlib."""

import logging
import socket
import threading
import time
from collections.abc import Sequence

from pyftpdlib.ioloop import IOLoop

from app.transfers.doors import Door
from app.transfers.ftp_session import DoorServer, Login

logger = logging.getLogger(__name__)

#: How often it is looked whether the door is shut.
TICK_S = 0.2
#: How long stations may take to say goodbye once it is.
LINGER_S = 5.0


class FtpThread:
    """Serves one door until it is shut; `progress` and `ended` of the door are called on this thread."""

    def __init__(self, listening: socket.socket, data_ports: Sequence[int], door: Door, login: Login) -> None:
        """Takes the listening socket over. Without `data_ports` any will do."""
        self._shut = threading.Event()
        self._lingers = True
        self._thread = threading.Thread(
            target=self._run, args=(listening, data_ports, door, login), name="ftp-door", daemon=True
        )
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def shut(self, *, at_once: bool = False) -> None:
        """Nobody can begin anything any more. Who is there may finish and take leave, unless `at_once`."""
        self._lingers = self._lingers and not at_once
        self._shut.set()

    def join(self) -> None:
        """Wait until all of it is closed, and nothing half-way is left. Blocks."""
        self._thread.join()

    def _run(self, listening: socket.socket, data_ports: Sequence[int], door: Door, login: Login) -> None:
        loop = IOLoop()
        server = DoorServer(listening, loop, data_ports, door, login, self._shut)
        try:
            while not self._shut.is_set():
                _turn(loop)
            server.close()
            until = time.monotonic() + LINGER_S
            while server.sessions and self._lingers and time.monotonic() < until:
                _turn(loop)
        except Exception:
            logger.exception("A file could not be moved")
        finally:
            # One that gave a wrong password, or waits for the end of its file to leave, is not in the loop.
            for session in tuple(server.sessions):
                session.close()
            loop.close()


def _turn(loop: IOLoop) -> None:
    loop.poll(TICK_S)
    loop.sched.poll()
