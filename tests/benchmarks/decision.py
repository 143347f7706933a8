"""What deciding a start costs with 100 and with 1,000,000 passes, and what a PIN costs, in the same run.

uv run python tests/benchmarks/decision.py
"""

import asyncio
import hashlib
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, insert

from app.application import Application
from app.database import schema
from app.domain.access import Moment
from app.domain.model import AccessLevel, PoolOptions
from app.pins import PinDraft

SIZES = (100, 10_000, 1_000_000)
ROUNDS = 20
PER_ROUND = 500
PIN, PINS_TRIED = "471100", 20


def uid(number: int) -> str:
    return f"04{number * 2_654_435_761 % 2**48:012X}"


async def site(folder: Path, size: int) -> Application:
    """Every pass a member of the one pool, a tenth of them with a session behind it, one in a hundred charging."""
    application = Application(folder / f"{size}.db")
    options = PoolOptions(session_limit=2, passes_stop_each_other=True)
    pool = await application.pools.create("Staff", AccessLevel.RESTRICTED, options)
    await application.stations.accept("S1", pool_id=pool.id)
    await application.pins.add(pool.id, PIN, PinDraft("Guests"))
    now = application.clock()
    rows = [{"id": n, "uid": uid(n), "created_at": now} for n in range(1, size + 1)]
    members = [{"pool_id": pool.id, "pass_id": n, "added_at": now} for n in range(1, size + 1)]
    sessions = [
        {
            "station_id": "S1",
            "station_name": "",
            "connector_id": n,
            "raw_id_tag": uid(n),
            "uid": uid(n),
            "pass_id": n,
            "holder": "",
            "pool_name": "Staff",
            "status": "Accepted",
            "reason": "pass_is_member",
            "reported_start": str(n),
            "started_at": now,
            "stopped_at": None if n % 100 == 0 else now,
            "stored_at": now,
        }
        for n in range(10, size + 1, 10)
    ]

    def fill(connection: Connection) -> None:
        for table, made in ((schema.passes, rows), (schema.members, members), (schema.sessions, sessions)):
            connection.execute(insert(table), made)

    await application.store.write(fill)
    return application


def cost(application: Application, size: int, start: int) -> float:
    cards = [uid(1 + (start + n * 7919) % size) for n in range(PER_ROUND)]
    began = time.perf_counter()
    for card in cards:
        application.taps.judge("S1", card, Moment.START)
    return (time.perf_counter() - began) / PER_ROUND * 1e6


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sites = {size: await site(Path(folder), size) for size in SIZES}
        costs: dict[int, list[float]] = {size: [] for size in SIZES}
        for turn in range(ROUNDS):
            for size, application in sites.items():
                costs[size].append(cost(application, size, turn * PER_ROUND))
        floor = statistics.median(costs[SIZES[0]])
        for size in SIZES:
            median = statistics.median(costs[size])
            print(f"{size:>9,} passes: {median:6.1f} µs a decision, {median / floor:.2f} × that with {SIZES[0]}")
        began = time.perf_counter()
        for _ in range(PINS_TRIED):
            await sites[SIZES[-1]].taps.judge_typed("S1", PIN, Moment.AUTHORIZE)
        took = (time.perf_counter() - began) / PINS_TRIED * 1e3
        began = time.perf_counter()
        for _ in range(PINS_TRIED):
            hashlib.scrypt(PIN.encode(), salt=bytes(16), n=2**14, r=8, p=1)
        bare = (time.perf_counter() - began) / PINS_TRIED * 1e3
        print(f"a PIN typed: {took:.1f} ms, {took / bare:.2f} × a bare hash")
        for application in sites.values():
            application.store.close()


if __name__ == "__main__":
    asyncio.run(main())
