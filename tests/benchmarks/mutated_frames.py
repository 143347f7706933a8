"""A million frames with something wrong in them, from stations of every version, beside a station that is well.

    uv run python tests/benchmarks/mutated_frames.py [FRAMES]

The server is a process of its own. Printed are what it was sent and answered, whether it still runs, what it wrote that
it should not have, its memory on the way, and how long the station that is well waited for its cards meanwhile.
"""

import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.application import Application
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel
from tests.mutations import CARD, Mutations, recorded

ROOT = Path(__file__).parents[2]
AT_ONCE = 50
EACH_VERSION = 2
TAP_EVERY_S = 0.05
LOOKS = 10
OPTIONS = {"compression": None, "ping_interval": None, "proxy": None}


class Run:
    """What was sent and what came of it."""

    def __init__(self, url: str, process: subprocess.Popen[str], frames: int) -> None:
        self.url = url
        self.process = process
        self.frames = frames
        self.sent = self.connections = 0
        self.answers: Counter[str] = Counter()
        self.unsound: list[str] = []
        self.waits: list[float] = []
        self.memory: list[int] = []

    @property
    def is_over(self) -> bool:
        return self.sent >= self.frames or self.process.poll() is not None

    async def mutant(self, name: str, version: str, seeds: list[str], seed: int) -> None:
        mutations = Mutations(seed, seeds)
        while not self.is_over:
            self.connections += 1
            try:
                async with connect(f"{self.url}{name}", subprotocols=[f"ocpp{version}"], **OPTIONS) as socket:
                    while not self.is_over:
                        for _ in range(AT_ONCE):
                            await socket.send(mutations.frame())
                        self.sent += AT_ONCE
                        await socket.send('[2,"the last","Heartbeat",{}]')
                        while not self.took(await socket.recv()):
                            pass
            except (ConnectionClosed, OSError):
                # It may close the connection of who sends nonsense; it comes again.
                await asyncio.sleep(0.05)

    def took(self, text: str) -> bool:
        """Note an answer; whether it is the one to the last call."""
        answer = json.loads(text)
        match answer:
            case [3, message_id, dict()]:
                self.answers["answered"] += 1
                return message_id == "the last"
            case [4, message_id, code, _, {}] if not answer[4]:
                self.answers[code] += 1
                return message_id == "the last"
            case [2, *_]:
                return False
        self.unsound.append(text)
        return False

    async def neighbour(self) -> None:
        """Raises ConnectionClosed when its connection ends, which must not happen."""
        async with connect(f"{self.url}NEIGHBOUR", subprotocols=["ocpp1.6"], **OPTIONS) as socket:
            while not self.is_over:
                began = time.monotonic()
                await socket.send('[2,"tap","Authorize",{"idTag":"' + CARD + '"}]')
                while (message := json.loads(await socket.recv()))[:2] != [3, "tap"]:
                    await socket.send(json.dumps([4, message[1], "NotImplemented", "", {}]))
                if message[2]["idTagInfo"]["status"] != "Accepted":
                    raise RuntimeError(message)
                self.waits.append((time.monotonic() - began) * 1000)
                await asyncio.sleep(TAP_EVERY_S)

    async def watch(self) -> None:
        for look in range(LOOKS):
            while self.sent < self.frames * (look + 1) / LOOKS and not self.is_over:
                await asyncio.sleep(0.2)
            self.memory.append(resident_mb(self.process.pid))
            print(f"{self.sent:>9} frames, {self.memory[-1]} MB", flush=True)


def resident_mb(pid: int) -> int:
    """What the process holds in memory; 0 where the system does not say it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


async def furnish(folder: Path) -> None:
    application = Application(folder / "tapdesk.db")
    pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
    await application.passes.add(PassDraft(uid=CARD))
    await application.stations.accept("NEIGHBOUR", pool_id=pool.id)
    for version in recorded():
        for number in range(EACH_VERSION):
            await application.stations.accept(f"MUTANT-{version}-{number}", pool_id=pool.id)
    application.store.close()


async def send_all(run: Run) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run.neighbour())
        tasks.create_task(run.watch())
        stations = itertools.product(recorded().items(), range(EACH_VERSION))
        for seed, ((version, seeds), number) in enumerate(stations):
            tasks.create_task(run.mutant(f"MUTANT-{version}-{number}", version, seeds, seed))


def main() -> None:
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(furnish(Path(folder)))
        command = [sys.executable, "-m", "app", "serve", "--host", "127.0.0.1", "--port", "0", "--data", folder]
        with (Path(folder) / "said.txt").open("w+", encoding="utf-8") as said:
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True)
            url = process.stdout.readline().split(" on ")[1].strip()
            run, began = Run(url, process, frames), time.monotonic()
            asyncio.run(send_all(run))
            took = time.monotonic() - began
            alive = process.poll() is None
            process.terminate()
            ended = process.wait(30)
            said.seek(0)
            written = said.read()
    waits = sorted(run.waits)
    print(
        f"{run.sent} frames in {took:.0f} s over {run.connections} connections; the server "
        f"{'still ran' if alive else 'HAD ENDED'}, ended with {ended}, and wrote {len(written.splitlines())} lines"
    )
    print(f"answers: {dict(run.answers.most_common())}; unsound: {run.unsound[:3]}")
    print(
        f"the station that is well: its connection held; {len(waits)} cards, p50 {waits[len(waits) // 2]:.1f}, "
        f"p99 {waits[int(len(waits) * 0.99)]:.1f}, worst {waits[-1]:.0f} ms"
    )
    print(written[:2000])


if __name__ == "__main__":
    main()
