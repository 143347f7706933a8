"""From a data folder to a window that serves: one Qt application, one event loop, an orderly end."""

import asyncio
import contextlib
import importlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import qasync
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.data_folder import DataFolder
from app.domain.errors import AppError
from app.responsiveness import responsive
from ui.frame.first_window import FirstWindow, show_first_window
from ui.frame.window import TapdeskWindow
from ui.theme import Theme

if TYPE_CHECKING:
    from app.application import Application

NOTICE_SIGNALS_EVERY_MS = 250
WINDOW_MEMORY = "window.ini"


def run_window(folder: Path, host: str | None, port: int | None, *, demo: bool) -> int:
    """Show the window until it is quit; the exit code. Raises AppError for what keeps the site from opening."""
    qt = QApplication.instance() or QApplication([sys.argv[0] or "tapdesk"])
    qt.setApplicationName("Tapdesk")
    qt.setQuitOnLastWindowClosed(False)
    try:
        held = DataFolder(folder)
    except AppError as error:
        if error.code == "data_folder_in_use" and show_first_window(folder):
            return 0
        raise
    with held, qasync.QEventLoop(qt) as loop, responsive(loop):
        loop.run_until_complete(_serve_with_window(qt, held, host, port, demo=demo))
    return 0


async def _serve_with_window(
    qt: QApplication, held: DataFolder, host: str | None, port: int | None, *, demo: bool
) -> None:
    window = TapdeskWindow(Theme(qt), host=host, port=port, memory=held.path / WINDOW_MEMORY)
    ended = asyncio.Event()
    window.quitting.connect(ended.set)
    first = FirstWindow(held.path, window.come_to_front)
    try:
        with _signals_end(ended):
            window.show()
            application = await _opened(held)
            try:
                window.open_site(application)
                async with contextlib.AsyncExitStack() as living:
                    await window.listen(any_port=demo and port is None)
                    if demo:
                        # The simulated stations bring a protocol stack of their own, which a real site never needs.
                        from app.demo import DemoSite

                        living.enter_context(await DemoSite.open(application))
                    await ended.wait()
            finally:
                await window.close_site()
                await application.stop()
    finally:
        first.close()
        window.remember()
        window.hide()


async def _opened(held: DataFolder) -> "Application":
    """The site, loaded while the frame of the window is on the screen and answers to the mouse already."""
    module = await asyncio.to_thread(importlib.import_module, "app.application")
    application: Application = module.Application(held.database)
    return application


@contextlib.contextmanager
def _signals_end(ended: asyncio.Event):  # noqa: ANN202 - a context
    """Ctrl-C in the terminal quits; Python only notices a signal while it runs, so it is woken now and then."""
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    wake = QTimer(interval=NOTICE_SIGNALS_EVERY_MS)
    wake.timeout.connect(lambda: None)
    wake.start()
    try:
        yield
    finally:
        wake.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
