"""A card held to the armed station, until its row is painted on the capture page: card after card, in the window.

    uv run python tests/benchmarks/capture.py [CARDS [A_SECOND]]

The station is in a process of its own. Beside it, for a busy machine: how late a timer of 1 ms is in the same window.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QTableView

from app.application import Application
from app.domain.capture import CardReader, ReaderKind
from app.domain.drafts import PassDraft
from app.responsiveness import responsive
from app.simulation.station import SimulatedStation
from ui.frame.window import TapdeskWindow
from ui.theme import Theme

STATION = "BENCH-1"


class Painted(QObject):
    """The moment after which a card's row was painted, by its UID."""

    def __init__(self, table: object) -> None:
        super().__init__(table)
        self._table = table
        self.at: dict[str, float] = {}
        table.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Paint:
            return False
        model = self._table.model()
        shown = (
            [str(model.index(0, column).data()) for column in range(model.columnCount())] if model.rowCount() else []
        )
        self._table.paintEvent(event)
        now = time.monotonic()
        for text in shown:
            self.at.setdefault(text, now)
        return True


async def reader(url: str, cards: int, per_second: float) -> None:
    """The other process: holds card after card, and says when."""
    async with SimulatedStation(url, STATION) as station:
        await station.start_up()
        for number in range(cards):
            began = time.monotonic()
            uid = f"04{number:010X}80"
            print(uid, began, flush=True)
            await station.tap(uid)
            await asyncio.sleep(max(0.0, began + 1 / per_second - time.monotonic()))


async def run(qt: QApplication, folder: Path, cards: int, per_second: float) -> None:
    application = Application(folder / "tapdesk.db")
    await application.stations.accept(STATION)
    for number in range(cards):
        await application.passes.add(PassDraft("", f"NL-TNM-B{20000 + number}", f"Guest card {number}"))
    window = TapdeskWindow(Theme(qt, "light"), host="127.0.0.1", port=0)
    window.show()
    window.open_site(application)
    await window.listen()
    await application.capturing.choose_reader(CardReader(ReaderKind.STATION, STATION))
    page = window.go("capture")
    painted = Painted(next(table for table in page.findChildren(QTableView) if table.model() is page.done))
    delays: list[float] = []
    late = asyncio.create_task(watch(delays))
    other = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            __file__,
            "--reader",
            f"ws://127.0.0.1:{application.server.port}/",
            str(cards),
            str(per_second),
        ),
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await other.communicate()
    await application.capturing.settled()
    await asyncio.sleep(1)
    late.cancel()
    held = {uid: float(at) for uid, at in (line.split() for line in told.decode().splitlines())}
    waits = [(painted.at[uid] - at) * 1000 for uid, at in held.items() if uid in painted.at]
    saved = sum(1 for card in application.capturing.captured)
    print(f"{saved} of {cards} captured, {len(waits)} painted; card held to row painted: {spread(waits)}")
    print(f"a timer of 1 ms was late by: {spread([delay * 1000 for delay in delays])}")
    window.hide()
    await window.close_site()
    await application.stop()


def spread(values: list[float]) -> str:
    values = sorted(values)
    return f"p50 {values[len(values) // 2]:.0f} ms, p99 {values[int(len(values) * 0.99)]:.0f} ms"


async def watch(delays: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        delays.append(time.perf_counter() - began - 0.001)


def main() -> None:
    if sys.argv[1:2] == ["--reader"]:
        asyncio.run(reader(sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
        return
    cards = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    per_second = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    qt = QApplication(["tapdesk"])
    qt.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(qt) as loop, responsive(loop):
        loop.run_until_complete(run(qt, Path(folder), cards, per_second))


if __name__ == "__main__":
    main()
