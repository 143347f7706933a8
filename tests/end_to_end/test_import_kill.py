"""Killed at any moment of an import, a site has all of it or nothing."""

import asyncio
import csv
import os
import random
import sqlite3
import sys
from pathlib import Path

from app.data_folder import DATABASE

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("TAPDESK_KILL_ROUNDS", "3"))
SEED = int(os.environ.get("TAPDESK_FUZZ_SEED", "1"))
ROWS = 5_000
#: Starting, reading, planning, the backup and the commit all lie within it.
LONGEST_S = 3.0


async def test_killed_at_any_moment_an_import_is_whole_or_not_there(tmp_path):
    chance = random.Random(SEED)
    outcomes = []
    for number in range(ROUNDS):
        path, folder = tmp_path / f"{number}.csv", tmp_path / f"site-{number}"
        with path.open("w", newline="") as file:
            rows = [[f"04{number:02X}{row:04X}", f"p{row % 50}@hotel.example"] for row in range(ROWS)]
            csv.writer(file).writerows([["UID", "E-mail"], *rows])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", "import", str(path), "--create-identities", "--data", str(folder)),
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(chance.uniform(0, LONGEST_S)):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        outcomes.append(count(folder / DATABASE))
    assert set(outcomes) <= {(0, 0, 0, 0), (ROWS, 50, ROWS, 1)}


def count(database):
    """Passes, identities, changes of passes in the history, and records of imports."""
    if not database.exists():
        return (0, 0, 0, 0)
    connection = sqlite3.connect(database)
    try:
        if not connection.execute("select 1 from sqlite_master where name = 'imports'").fetchone():
            return (0, 0, 0, 0)
        return tuple(
            connection.execute(f"select count(*) from {rows}").fetchone()[0]
            for rows in ("passes", "identities", "access_changes where pass_id is not null", "imports")
        )
    finally:
        connection.close()
