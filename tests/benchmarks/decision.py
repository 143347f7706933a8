"""What a decision costs with 100 and with 1,000,000 passes, in the same run.

uv run python tests/benchmarks/decision.py
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from app.application import Application
from app.database import schema
from app.domain.access import Moment
from app.domain.model import AccessLevel

SIZES = (100, 10_000, 1_000_000)
ROUNDS = 20
PER_ROUND = 500


def uid(number: int) -> str:
    return f"04{number * 2_654_435_761 % 2**48:012X}"


async def site(folder: Path, size: int) -> Application:
    application = Application(folder / f"{size}.db")
    pool = await application.pools.create("Staff", AccessLevel.PRIVATE)
    await application.stations.accept("S1", pool_id=pool.id)
    now = application.clock()
    rows = [{"id": n, "uid": uid(n), "created_at": now} for n in range(1, size + 1)]
    members = [{"pool_id": pool.id, "pass_id": n, "added_at": now} for n in range(1, size + 1)]
    await application.store.write(lambda connection: connection.execute(insert(schema.passes), rows))
    await application.store.write(lambda connection: connection.execute(insert(schema.members), members))
    return application


def cost(application: Application, size: int, start: int) -> float:
    cards = [uid(1 + (start + n * 7919) % size) for n in range(PER_ROUND)]
    began = time.perf_counter()
    for card in cards:
        application.taps.judge("S1", card, Moment.AUTHORIZE)
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
        for application in sites.values():
            application.store.close()


if __name__ == "__main__":
    asyncio.run(main())
