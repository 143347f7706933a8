"""A pool of 10,000 members, and 20,000 others beside it: reading both, removing 5,000 members, taking that back.

As ratios against the least it could take in the same run: a bare read of as many rows, a bare delete and insert.

uv run python tests/benchmarks/members.py
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import insert

from app.application import Application
from app.database import schema
from app.undo import Undo

MEMBERS = 10_000
REMOVED = 5_000
ROUNDS = 7


async def site(folder: Path) -> tuple[Application, int]:
    """Identities and external passes by halves, each identity with a pass of its own; the first of both are members."""
    application = Application(folder / "tapdesk.db")
    pool = await application.pools.create("Staff")
    now, half = application.clock(), MEMBERS // 2
    people = [
        {"id": n, "first_name": "Person", "last_name": f"{n * 7919 % 10_007:05}", "email": f"p{n}@example.com"}
        | {"role": "cardholder", "organization_id": 1, "created_at": now}
        for n in range(1, MEMBERS + 1)
    ]
    cards = [
        {"id": n, "uid": f"04{n:012X}", "name": f"Card {n}", "created_at": now, "last_used_at": now}
        | {"identity_id": n if n <= MEMBERS else None}
        for n in range(1, 2 * MEMBERS + 1)
    ]
    members = [{"pool_id": pool.id, "added_at": now, "identity_id": n, "pass_id": None} for n in range(1, half + 1)]
    members += [{**row, "identity_id": None, "pass_id": MEMBERS + row["identity_id"]} for row in members]
    for table, rows in ((schema.identities, people), (schema.passes, cards), (schema.members, members)):
        await application.store.write(
            lambda connection, table=table, rows=rows: connection.execute(insert(table), rows)
        )
    return application, pool.id


#: As many rows as there are members, and as there are others.
ARE_IN = (
    "select m.*, i.* from members m join identities i on i.id = m.identity_id where m.pool_id = :pool",
    "select m.*, p.* from members m join passes p on p.id = m.pass_id where m.pool_id = :pool",
)
ARE_NOT = (
    "select * from identities where id not in (select identity_id from members where identity_id > 0)",
    "select * from passes where id not in (select pass_id from members where pass_id > 0)",
)


def bare_read(application: Application, pool_id: int, statements: tuple[str, ...]) -> float:
    driver = application.store.fast_reader
    began = time.perf_counter()
    for statement in statements:
        driver.execute(statement, {"pool": pool_id}).fetchall()
    return time.perf_counter() - began


def bare_delete_and_insert(path: Path, ids: list[int]) -> tuple[float, float]:
    with sqlite3.connect(path) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("create table members (id integer primary key, pool_id, identity_id, pass_id, added_at)")
        connection.execute("create index pools on members (pool_id)")
        connection.execute("create unique index both on members (identity_id, pool_id)")
        connection.execute("create unique index one on members (pass_id, pool_id)")
        rows = [(each, 1, each, None, 0) for each in ids]
        connection.executemany("insert into members values (?, ?, ?, ?, ?)", [(0, 1, 0, None, 0), *rows])
        connection.commit()
        began = time.perf_counter()
        connection.executemany("delete from members where id = ?", [(each,) for each in ids])
        connection.commit()
        deleted = time.perf_counter()
        connection.executemany("insert into members values (?, ?, ?, ?, ?)", rows)
        connection.commit()
        return deleted - began, time.perf_counter() - deleted


def timed(read: Callable[[], object]) -> float:
    began = time.perf_counter()
    read()
    return time.perf_counter() - began


async def waited(action: Callable[[], Awaitable[Undo | None]]) -> tuple[float, Undo | None]:
    began = time.perf_counter()
    undo = await action()
    return time.perf_counter() - began, undo


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        application, pool_id = await site(folder)
        members = application.members
        times: dict[str, list[float]] = {}
        floors: dict[str, list[float]] = {}

        def keep(what: str, took: float, floor: float) -> None:
            times.setdefault(what, []).append(took)
            floors.setdefault(what, []).append(floor)

        for turn in range(ROUNDS):
            keep("who is in it", timed(lambda: members.of_pool(pool_id)), bare_read(application, pool_id, ARE_IN))
            keep("who is not", timed(lambda: members.available(pool_id)), bare_read(application, pool_id, ARE_NOT))
            ids = [member.id for member in members.of_pool(pool_id) if member.id is not None][::2][:REMOVED]
            to_delete, to_insert = bare_delete_and_insert(folder / f"bare{turn}.db", ids)
            took, undo = await waited(lambda ids=ids: members.remove(pool_id, ids))
            keep(f"removing {REMOVED:,}", took, to_delete)
            assert undo
            took, _ = await waited(undo)
            keep("taking that back", took, to_insert)
            people = [member.identity_id for member in members.available(pool_id) if member.identity_id]
            took, undo = await waited(lambda people=people: members.add(pool_id, identity_ids=people))
            keep(f"adding {len(people):,}", took, to_insert)
            assert undo
            await undo()
        for what, taken in times.items():
            median, floor = statistics.median(taken), statistics.median(floors[what])
            ratio, worst = median / floor, max(taken) * 1000
            print(f"{what:>18}: {median * 1000:6.0f} ms, {ratio:4.1f} × the floor, {worst:.0f} ms at worst")
        application.store.close()


if __name__ == "__main__":
    asyncio.run(main())
