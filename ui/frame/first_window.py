"""One window per data folder: a second start brings the first window to the front."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_WITHIN_MS = 2000


def _name(folder: Path) -> str:
    return f"tapdesk-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"


class FirstWindow:
    """Listens for later starts on the same data folder and calls `show` for each. Keep it while the window lives."""

    def __init__(self, folder: Path, show: Callable[[], None]) -> None:
        self._show = show
        self._server = QLocalServer()
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # One that was left by a crash is in the way; whoever holds the data folder is the first.
        QLocalServer.removeServer(_name(folder))
        self._server.newConnection.connect(self._asked)
        self._server.listen(_name(folder))

    def close(self) -> None:
        self._server.close()

    def _asked(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.write(b"shown")
        socket.flush()
        socket.disconnectFromServer()
        socket.disconnected.connect(socket.deleteLater)
        self._show()


def show_first_window(folder: Path) -> bool:
    """Bring the window that has this folder open to the front; False when there is none (a server without one)."""
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    return socket.waitForConnected(ANSWER_WITHIN_MS) and socket.waitForReadyRead(ANSWER_WITHIN_MS)
