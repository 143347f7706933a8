"""Drag files out of another program and drop them on the real window, with a real mouse, on the display at hand.

    python tests/smoke/real_drop.py PICTURE.png

Not collected by the test run: it needs a display (Xvfb will do) and `xdotool`. The other program is this file too, in
a process of its own; it lets two lists be dragged out of it. The picture shows the window while they hover above it.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

import qasync
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from app.application import Application
from app.responsiveness import responsive
from ui.frame.window import TapdeskWindow
from ui.imports.drop_overlay import DropOverlay
from ui.theme import Theme

WITHIN_S = 20
#: Where the other program's window is, and a place above Tapdesk's, in pixels of the screen.
SOURCE, TARGET = (1300, 20), (700, 450)


class Files(QLabel):
    """Something to be dragged, as a file manager shows it."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__("Lists")
        self._urls = [QUrl.fromLocalFile(path) for path in paths]

    def mousePressEvent(self, _event: object) -> None:
        drag, mime = QDrag(self), QMimeData()
        mime.setUrls(self._urls)
        drag.setMimeData(mime)
        print("dragging", flush=True)
        taken = drag.exec(Qt.DropAction.CopyAction)
        print(f"taken by {taken.name}", flush=True)


def other_program(paths: list[str]) -> None:
    qt = QApplication(["files"])
    files = Files(paths)
    files.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    files.setGeometry(SOURCE[0], SOURCE[1], 80, 40)
    files.show()
    print("ready", flush=True)
    qt.exec()


async def mouse(*said: object) -> None:
    process = await asyncio.create_subprocess_exec("xdotool", *map(str, said))
    assert await process.wait() == 0, said


async def until(holds: object) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not holds():
            await asyncio.sleep(0.05)


async def drag_and_drop(window: TapdeskWindow, paths: list[Path], picture: Path) -> None:
    others = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--other", *map(str, paths)), stdout=subprocess.PIPE
    )
    try:
        assert await others.stdout.readline() == b"ready\n"
        await asyncio.sleep(1)
        await mouse("mousemove", SOURCE[0] + 20, SOURCE[1] + 20, "mousedown", 1)
        assert await others.stdout.readline() == b"dragging\n"
        for step in range(1, 11):
            x, y = (a + (b - a) * step // 10 for a, b in zip(SOURCE, TARGET, strict=True))
            await mouse("mousemove", x, y)
            await asyncio.sleep(0.1)
        overlay = window.findChild(DropOverlay)
        await until(overlay.isVisible)
        assert window.grab().save(str(picture)), picture
        await mouse("mouseup", 1)
        assert await others.stdout.readline() == b"taken by CopyAction\n"
        await until(lambda: not overlay.isVisible())
        await until(lambda: any("Import passes" in label.text() for label in window.findChildren(QLabel)))
    finally:
        others.kill()
        await others.wait()


async def look(qt: QApplication, folder: Path, picture: Path) -> None:
    lists = [folder / "First list.csv", folder / "Second list.csv"]
    for number, path in enumerate(lists):
        path.write_text(f"Visible ID;UID;E-mail\nNL-TNM-01220{number}-5;04A2B3C4D5E68{number};a@hotel.example\n")
    application = Application(folder / "tapdesk.db")
    window = TapdeskWindow(Theme(qt, "light"), host="127.0.0.1", port=0)
    window.setGeometry(0, 0, 1200, 850)
    window.show()
    window.open_site(application)
    await window.listen()
    try:
        assert QGuiApplication.platformName() != "offscreen", "this wants a real display"
        await drag_and_drop(window, lists, picture)
        await asyncio.sleep(0.5)
        assert window.grab().save(str(picture.with_stem(f"{picture.stem}-dropped"))), picture
    finally:
        window.hide()
        await window.close_site()
        await application.stop()


def main() -> None:
    qt = QApplication(["tapdesk"])
    qt.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(qt) as loop, responsive(loop):
        loop.run_until_complete(look(qt, Path(folder), Path(sys.argv[1])))
    print(f"Dropped; the window is in {sys.argv[1]}")


if __name__ == "__main__":
    if sys.argv[1] == "--other":
        other_program(sys.argv[2:])
    else:
        main()
