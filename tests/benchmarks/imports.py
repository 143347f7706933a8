"""What bringing in a list of 100,000 passes costs, against reading it bare and inserting it bare, in the same run.

uv run python tests/benchmarks/imports.py

Twice each: by the clock, and in the time that processors worked at it, which holds on a busy machine too.
"""

import asyncio
import os
import random
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import openpyxl
from python_calamine import CalamineWorkbook
from sqlalchemy import insert

from app.application import Application, ImportJob
from app.database import schema
from app.domain.import_fields import ListKind
from app.domain.import_plan import Choices

ROWS = 100_000
HOLDERS = 500
ROUNDS = 3


def write_list(path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Visible ID", "UID", "Pass name", "E-mail address of passholder"])
    chance = random.Random(1)
    for number in range(ROWS):
        uid = f"04{chance.getrandbits(48):012X}"
        sheet.append([f"NL-TNM-{number:06d}", uid, f"Card {number}", f"p{number % HOLDERS}@hotel.example"])
    book.save(path)


@dataclass
class Took:
    """How long something took, by the clock and of processors' time: of this process and those that it started."""

    clock_s: float = 0.0
    work_s: float = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter(), self._worked()
        return self

    def __exit__(self, *_: object) -> None:
        self.clock_s, self.work_s = time.perf_counter() - self._began[0], self._worked() - self._began[1]

    def against(self, floor: "Took") -> str:
        by_clock, by_work = self.clock_s / floor.clock_s, self.work_s / floor.work_s
        return f"{self.clock_s:.2f} s = {by_clock:.1f} × {floor.clock_s:.2f} s (work {by_work:.1f} ×)"

    @staticmethod
    def _worked() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system


def bare_read(path: Path) -> Took:
    with Took() as took:
        CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return took


async def bare_insert(folder: Path, number: int, cells: list[list[str]]) -> Took:
    """The same rows into the same table, in chunks of one statement, in one transaction."""
    application = Application(folder / f"bare-{number}.db")
    now = application.clock()
    rows = [
        {"visible_id": visible, "visible_key": visible, "uid": uid, "name": name, "created_at": now}
        for visible, uid, name, _ in cells
    ]

    def write(connection):
        for start in range(0, len(rows), 2_000):
            connection.execute(insert(schema.passes), rows[start : start + 2_000])

    with Took() as took:
        await application.store.write(write)
    await application.stop()
    return took


class Stalls:
    """The longest time in which the loop did nothing else."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest_s = max(self.longest_s, time.perf_counter() - began - 0.001)

    def over(self) -> float:
        self._task.cancel()
        return self.longest_s


async def bring_in(folder: Path, number: int, path: Path) -> tuple[Took, Took, Took, float, list[list[str]]]:
    application = Application(folder / f"site-{number}.db")
    stalls = Stalls()
    with Took() as preview:
        book = await application.importer.read(path)
        columns = application.importer.columns_for(book.sheet, ListKind.PASSES)
        job = ImportJob(ListKind.PASSES, book.sheet, columns, Choices(create_identities=True), path.name)
        planned = await application.importer.plan(job)
    with Took() as commit:
        record = await application.importer.carry_out(planned)
    with Took() as undo:
        await application.importer.undo_last()
    longest = stalls.over()
    if record.counts["new"] != ROWS or application.passes.count():
        raise AssertionError(record)
    await application.stop()
    return preview, commit, undo, longest, book.sheet.rows[1:]


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "list.xlsx"
        write_list(path)
        for number in range(ROUNDS):
            read = bare_read(path)
            preview, commit, undo, longest, cells = await bring_in(folder, number, path)
            floor = await bare_insert(folder, number, cells)
            print(
                f"preview {preview.against(read)} of a bare read; commit {commit.against(floor)} of a bare insert; "
                f"undo {undo.clock_s:.2f} s; "
                f"longest stall of the loop {longest * 1000:.0f} ms"
            )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory of this process {memory:.0f} MB")


if __name__ == "__main__":
    asyncio.run(main())
