"""Tapdesk serving inside its window, offscreen, with the live log open; notes when each card's row was painted.

    python tests/benchmarks/window_server.py DATA_FOLDER PAINTED.json

Prints `Listening on …`; ends when its input is closed, and then writes {idTag: monotonic seconds when painted}.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QTableView

from app.application import Application
from app.responsiveness import responsive
from ui.frame.window import TapdeskWindow
from ui.theme import Theme


class PaintedRows(QObject):
    """Notes the moment after which a card's ID stands among the table's visible rows on the screen."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self.at: dict[str, float] = {}
        table.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            model = self._table.model()
            column = next(c for c in range(model.columnCount()) if model.headerData(c, _HORIZONTAL) == "idTag")
            bottom = self._table.rowAt(self._table.viewport().height() - 1)
            last = bottom if bottom >= 0 else model.rowCount() - 1
            # The filter sees the event just before it is painted: painting the visible rows is added below.
            shown = [str(model.index(row, column).data()) for row in range(last + 1)]
            self._table.paintEvent(event)
            now = time.monotonic()
            for tag in shown:
                self.at.setdefault(tag, now)
            return True
        return False


async def run(qt: QApplication, folder: Path, painted: Path) -> None:
    application = Application(folder / "tapdesk.db")
    window = TapdeskWindow(Theme(qt, "light"), host="127.0.0.1", port=0)
    window.show()
    window.open_site(application)
    await window.listen()
    rows = PaintedRows(window.go("log").findChild(QTableView))
    print(f"Listening on ws://127.0.0.1:{application.server.port}/", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    painted.write_text(json.dumps(rows.at))
    window.hide()
    await window.close_site()
    await application.stop()


if __name__ == "__main__":
    from PySide6.QtCore import Qt

    _HORIZONTAL = Qt.Orientation.Horizontal
    qt = QApplication(["tapdesk"])
    qt.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(qt) as loop, responsive(loop):
        loop.run_until_complete(run(qt, Path(sys.argv[1]), Path(sys.argv[2])))
