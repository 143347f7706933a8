"""Start the demo in a real window on the display at hand, wait until a station talks, take its picture, quit.

    python tests/smoke/real_window.py PICTURE.png

Not collected by the test run: it needs a display, which the continuous integration provides with Xvfb.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import qasync
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.application import Application, MessageFilter
from app.demo import DemoSite
from app.responsiveness import responsive
from ui.frame.window import TapdeskWindow
from ui.theme import Theme

STATIONS_TALK_WITHIN_S = 30


async def look(qt: QApplication, folder: Path, picture: Path) -> None:
    application = Application(folder / "tapdesk.db")
    window = TapdeskWindow(Theme(qt, "light"), host="127.0.0.1", port=0)
    window.show()
    window.open_site(application)
    await window.listen()
    try:
        with await DemoSite.open(application):
            async with asyncio.timeout(STATIONS_TALK_WITHIN_S):
                while len(application.journal.messages(MessageFilter())) < 20:
                    await asyncio.sleep(0.2)
            window.go("log")
            await asyncio.sleep(1)
            assert QGuiApplication.platformName() != "offscreen", "this wants a real display"
            assert window.grab().save(str(picture)), picture
    finally:
        window.hide()
        await window.close_site()
        await application.stop()


def main() -> None:
    qt = QApplication(["tapdesk"])
    qt.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(qt) as loop, responsive(loop):
        loop.run_until_complete(look(qt, Path(folder), Path(sys.argv[1])))
    print(f"The window is in {sys.argv[1]}")


if __name__ == "__main__":
    main()
