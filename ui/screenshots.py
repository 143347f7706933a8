"""Every page, dialog and side pane as a picture, light and dark, from the demo's morning."""

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.application import Application, MessageFilter
from app.demo_morning import MorningClock, morning
from app.domain.errors import AppError
from app.domain.model import Tap
from ui.buttons import Action
from ui.capture import AssignPassDialog, CaptureDialog, CreatePassDialog
from ui.closing import ClosingDialog
from ui.identity_dialog import IdentityDialog
from ui.pass_dialog import PassDialog
from ui.station_dialogs import AcceptStationDialog, ConnectStationDialog
from ui.strings import tr
from ui.theme import Choice, Theme
from ui.window import TapdeskWindow

SIZE = (1360, 850)
SETTLE_S = 0.15
UNKNOWN_CARD = "B1204F77"


def draw_all(folder: Path) -> int:
    """Write the pictures into `folder`, which is made if it is not there. Raises AppError when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError("data_folder_unusable", path=str(folder), why=error.strerror or str(error)) from error
    qt = QApplication.instance() or QApplication(["tapdesk"])
    qt.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory(prefix="tapdesk-pictures-") as throw_away, qasync.QEventLoop(qt) as loop:
        count = loop.run_until_complete(_Studio(qt, Path(throw_away), folder).draw())
    print(tr("{count} pictures in {folder}").format(count=count, folder=folder))
    return 0


class _Studio:
    """The window of the demo's morning, its pages and dialogs in turn before the camera."""

    def __init__(self, qt: QApplication, data: Path, folder: Path) -> None:
        self._clock = MorningClock()
        self._application = Application(data / "tapdesk.db", clock=self._clock)
        self._theme = Theme(qt, "light")
        self._folder = folder
        self._count = 0

    async def draw(self) -> int:
        await self._application.listen("127.0.0.1", 0)
        try:
            await self._draw_the_empty_site()
            async with morning(self._application, self._clock):
                for choice in ("light", "dark"):
                    await self._draw_the_morning(choice)
        finally:
            await self._application.stop()
        return self._count

    async def _draw_the_empty_site(self) -> None:
        window = await self._window("light")
        for page in ("overview", "log", "stations", "pools", "identities", "passes", "sessions"):
            window.go(page)
            await self._take(window, f"empty-{page}-light")
        await self._done_with(window)

    async def _draw_the_morning(self, choice: Choice) -> None:
        window = await self._window(choice)
        tap = self._tap(UNKNOWN_CARD)
        for page, key in self._pages(tap):
            window.desk.go(page, key)
            await self._take(window, f"{page}-{choice}")
        window.desk.go("overview")
        window.search_requested.emit()
        await self._take(window, f"finder-{choice}")
        window.setFocus()
        for name, dialog in self._dialogs(window, tap):
            await self._take_dialog(window, dialog, f"{name}-{choice}")
        note = window.notes.show_note(tr("Unknown card {uid}").format(uid=UNKNOWN_CARD), "warn", Action("", lambda: None))
        note.close_note()
        await self._done_with(window)
