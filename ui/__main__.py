"""The program `tapdesk`: the command line with a window. Qt is loaded only when a window is opened."""

import os
import socket
import sys
from pathlib import Path

from app.__main__ import main as command_line
from ui.strings import sentence, tr


class DesktopScreen:
    """The window, for the command line to open."""

    def why_not(self) -> str:
        """Why no window can be opened here; empty when one can."""
        if not _has_display():
            return tr("There is no display")
        try:
            import PySide6.QtNetwork
            import PySide6.QtSvg
            import PySide6.QtWidgets  # noqa: F401
        except ImportError as error:
            return tr("Qt cannot start here ({why})").format(why=error)
        return ""

    def open(self, folder: Path, host: str | None, port: int | None, *, demo: bool) -> int:
        """Show the window of the site in `folder` until it is quit."""
        from ui.frame.running import run_window

        return run_window(folder, host, port, demo=demo)

    def screenshots(self, folder: Path) -> int:
        """Draw every page into pictures, without a display."""
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from ui.screenshots import draw_all

        return draw_all(folder)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    display = os.environ.get("DISPLAY", "")
    return bool(display) and (not display.startswith(":") or _x_server_answers(display))


def _x_server_answers(display: str) -> bool:
    """Whether someone is behind `:N`: Qt ends the whole process when nobody is."""
    number = display[1:].split(".")[0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        for address in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):  # noqa: S108 - where X listens
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False


def main() -> int:
    """Run the command line of this process."""
    return command_line(screen=DesktopScreen(), words=sentence)


if __name__ == "__main__":
    sys.exit(main())
