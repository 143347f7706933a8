"""Every page of a large site: how long until it is on the screen the first time, when it is shown again, and a search.

    uv run python tests/benchmarks/pages.py [ROWS]

ROWS identities, passes and sessions, half as many messages, 500 stations. The floor is a bare table of Qt's of as many
rows, filled and painted in the same run.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView
from sqlalchemy import Connection, insert

from app.application import Application
from app.database import schema
from app.domain.model import Direction, Message
from app.responsiveness import responsive
from ui.frame.finding import find
from ui.frame.window import TapdeskWindow
from ui.theme import Theme

ROWS = 10_000
STATIONS = 500
COLUMNS = 6
PAGES = ("overview", "log", "stations", "pools", "identities", "passes", "sessions", "imports", "settings", "capture")
SEARCHES = ("card 77", "0", "04", "zebra")


async def furnish(folder: Path, rows: int) -> Application:
    application = Application(folder / "tapdesk.db")
    pool, now = await application.pools.create("Everyone"), application.clock()
    numbers = range(1, rows + 1)
    identities = [
        {"id": n, "first_name": "Person", "last_name": f"{n * 7919 % 10_007:05}", "email": f"p{n}@example.com"}
        | {"role": "cardholder", "organization_id": schema.FIRST_ORGANIZATION, "created_at": now}
        for n in numbers
    ]
    passes = [
        {"id": n, "uid": f"04{n * 7919:012X}", "name": f"Card {n}", "identity_id": n, "created_at": now}
        for n in numbers
    ]
    members = [{"pool_id": pool.id, "identity_id": n, "added_at": now} for n in numbers]
    stations = [
        {"station_id": f"BAY-{n:03}", "name": f"Bay {n}", "registration": "accepted", "pool_id": pool.id}
        for n in range(STATIONS)
    ]
    sessions = [
        {"station_id": f"BAY-{n % STATIONS:03}", "station_name": f"Bay {n % STATIONS}", "connector_id": 1}
        | {"raw_id_tag": passes[n - 1]["uid"], "uid": passes[n - 1]["uid"], "pass_id": n, "identity_id": n}
        | {"holder": f"Person {n}", "pool_name": "Everyone", "status": "Accepted", "reason": "member"}
        | {"reported_start": "", "started_at": now - timedelta(minutes=n), "stopped_at": now, "stored_at": now}
        | {"meter_start_wh": 0, "meter_last_wh": n, "energy_wh": n}
        for n in numbers
    ]

    def fill(connection: Connection) -> None:
        for table, made in (
            (schema.identities, identities),
            (schema.passes, passes),
            (schema.members, members),
            (schema.stations, stations),
            (schema.sessions, sessions),
        ):
            connection.execute(insert(table), made)

    await application.store.write(fill)
    for n in range(rows // 2):
        text = f'[2,"{n}","Heartbeat",{{}}]'
        application.journal.log(
            Message(
                id=application.journal.next_message_id(),
                at=now,
                station_id="BAY-001",
                direction=Direction.FROM_STATION,
                action="Heartbeat",
                id_tag="",
                outcome="Accepted",
                request=text,
                response="[3,1,{}]",
                took_ms=1.0,
            )
        )
    await application.journal.flush()
    return application


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def bare_table(rows: int) -> float:
    def show() -> None:
        table, model = QTableView(), QStandardItemModel(rows, COLUMNS)
        for row in range(rows):
            for column in range(COLUMNS):
                model.setItem(row, column, QStandardItem(f"{row} {column}"))
        table.setModel(model)
        table.resize(1100, 700)
        table.grab()

    return min(timed(show) for _ in range(3))


async def run(qt: QApplication, folder: Path, rows: int) -> None:
    application = await furnish(folder, rows)
    window = TapdeskWindow(Theme(qt, "light"), host="127.0.0.1", port=0)
    window.resize(1360, 850)
    window.show()
    window.open_site(application)
    await window.listen()
    floor = bare_table(rows)
    print(f"{rows} rows, {STATIONS} stations; a bare table of as many rows: {floor:.0f} ms")
    print(f"{'page':<12} {'first ms':>9} {'of bare':>8} {'again ms':>9}")

    def show(page: str) -> None:
        window.go(page)
        window.grab()

    for page in PAGES:
        first = timed(lambda page=page: show(page))
        await asyncio.sleep(0.3)
        window.go("overview" if page != "overview" else "log")
        await asyncio.sleep(0.3)
        again = timed(lambda page=page: show(page))
        print(f"{page:<12} {first:>9.0f} {first / floor:>8.2f} {again:>9.0f}")
        await asyncio.sleep(0.1)
    for text in SEARCHES:
        best = min(timed(lambda text=text: find(window.desk, text)) for _ in range(5))
        print(f"find {text!r}: {best:.0f} ms")
    window.hide()
    await window.close_site()
    await application.stop()


if __name__ == "__main__":
    qt = QApplication(["tapdesk"])
    qt.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as name, qasync.QEventLoop(qt) as loop, responsive(loop):
        loop.run_until_complete(run(qt, Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
