"""Lists of 5,000 cards in 100 stations, first written and then after one change of the pool.

    uv run python tests/benchmarks/local_lists.py [STATIONS] [CARDS]

Until every list is as it should be (which the stations say, not we): the time, the longest stall of the server's loop,
and how long cards held to the same stations' readers waited meanwhile. The stations are in a process of their own.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Connection, insert

from app.application import Application
from app.database import schema
from app.domain.list_state import ListState
from app.responsiveness import responsive
from tests.domain.list_station import ListStation
from tests.lists.zoo import ZooStation

PER_MESSAGE = 250
TAP_EVERY_S = 2.0


def uid(number: int) -> str:
    return f"04{number:012X}"


class Station(ZooStation):
    """Holds a card to its reader now and then, and notes how long the answer took."""

    def __init__(self, number: int, cards: int) -> None:
        keys = {"SendLocalListMaxLength": str(PER_MESSAGE), "LocalAuthListMaxLength": str(2 * cards)}
        super().__init__(f"BENCH-{number}", ListStation(PER_MESSAGE, 2 * cards), keys)
        self.number = number
        self.waits: list[float] = []
        self._asked_at = 0.0

    def _take(self, payload: dict[str, Any]) -> str:
        """Without the schemas, which take longer than all the rest."""
        changes = [(each["idTag"], each.get("idTagInfo")) for each in payload.get("localAuthorizationList", [])]
        return self.own.send(payload["listVersion"], full=payload["updateType"] == "Full", changes=changes)

    async def tap(self) -> None:
        await asyncio.sleep(TAP_EVERY_S * (self.number % 50) / 50)
        while True:
            if self.socket is not None and not self._asked_at:
                self._asked_at = time.monotonic()
                await self.socket.send(json.dumps([2, f"tap{self._asked_at}", "Authorize", {"idTag": uid(1)}]))
            await asyncio.sleep(TAP_EVERY_S)

    async def _hear(self, socket: object, text: str) -> None:
        if text.startswith('[3,"tap'):
            self.waits.append((time.monotonic() - self._asked_at) * 1000)
            self._asked_at = 0.0
        else:
            await super()._hear(socket, text)  # type: ignore[arg-type]


async def be_stations(url: str, count: int, cards: int) -> None:
    """Answer each line of the input with what the lists hold and how long cards waited since the last one."""
    stations = [Station(number, cards) for number in range(count)]
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(responsive(asyncio.get_running_loop()))
        for each in stations:
            await stack.enter_async_context(each.at(url))
        tapping = [asyncio.create_task(each.tap()) for each in stations]
        while await asyncio.to_thread(sys.stdin.readline):
            waits = sorted(wait for each in stations for wait in each.waits)
            for each in stations:
                each.waits.clear()
            held = [[len(each.own.cards), uid(1) in each.own.cards, uid(2) in each.own.cards] for each in stations]
            broken = [rule for each in stations for rule in each.own.broken_rules]
            print(json.dumps({"waits": waits, "held": held, "broken": broken}), flush=True)
        for task in tapping:
            task.cancel()


@contextlib.asynccontextmanager
async def stalls() -> AsyncIterator[list[float]]:
    """The longest time, in milliseconds, for which the loop came to nothing else."""
    longest = [0.0]

    async def watch() -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.005)
            longest[0] = max(longest[0], (time.monotonic() - began - 0.005) * 1000)

    watching = asyncio.create_task(watch())
    yield longest
    watching.cancel()


async def furnish(application: Application, stations: int, cards: int) -> int:
    pool = await application.pools.create("Everyone")
    now = application.clock()

    def fill(connection: Connection) -> None:
        passes = [{"id": n + 1, "uid": uid(n), "created_at": now} for n in range(cards)]
        connection.execute(insert(schema.passes), passes)
        members = [{"pool_id": pool.id, "pass_id": row["id"], "added_at": now} for row in passes]
        connection.execute(insert(schema.members), members)

    await application.store.write(fill)
    for number in range(stations):
        await application.stations.accept(f"BENCH-{number}", pool_id=pool.id)
    return pool.id


async def main(count: int, cards: int) -> None:
    with tempfile.TemporaryDirectory() as folder, responsive(asyncio.get_running_loop()):
        application = Application(Path(folder) / "tapdesk.db")
        await furnish(application, count, cards)
        await application.start("127.0.0.1", 0)
        others = await asyncio.create_subprocess_exec(
            *(sys.executable, __file__, "--stations", f"ws://127.0.0.1:{application.server.port}/"),
            *(str(count), str(cards)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )

        async def ask() -> dict:
            others.stdin.write(b"\n")
            return json.loads(await others.stdout.readline())

        async def all_in_step(what: str, size: int) -> None:
            began = time.monotonic()
            async with stalls() as longest:
                while not all(each.state is ListState.IN_STEP for each in application.local_lists.all()):
                    await asyncio.sleep(0.25)
            took, told = time.monotonic() - began, await ask()
            right = sum(held == [size, True, size == cards] for held in told["held"])
            waits = told["waits"] or [0.0]
            print(
                f"{what}: {right} of {count} lists are right (their own word), broken rules {len(told['broken'])}, "
                f"{took:.1f} s, longest stall {longest[0]:.0f} ms; "
                f"Authorize p50 {waits[len(waits) // 2]:.1f}, p99 {waits[int(len(waits) * 0.99)]:.1f}, "
                f"worst {waits[-1]:.1f} ms of {len(waits)}; load {os.getloadavg()[0]:.1f}"
            )

        while len(application.server.connected) < count:
            await asyncio.sleep(0.1)
        # What is loaded when the first station comes is not measured.
        await asyncio.sleep(2)
        await all_in_step(f"first written, {cards} cards", cards)
        await ask()
        await asyncio.sleep(6)
        waits = (await ask())["waits"]
        print(
            f"meanwhile nothing: Authorize p50 {waits[len(waits) // 2]:.1f}, p99 {waits[int(len(waits) * 0.99)]:.1f} ms"
        )
        await application.passes.remove([3])
        await all_in_step("after one change", cards - 1)
        others.stdin.close()
        await others.wait()
        await application.stop()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stations"]:
        asyncio.run(be_stations(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
    else:
        numbers = [int(text) for text in sys.argv[1:]]
        asyncio.run(main(*(numbers + [100, 5_000][len(numbers) :])))
