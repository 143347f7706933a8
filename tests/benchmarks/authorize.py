"""Authorize, wire to wire, headless and inside the window, against a bare echo server in the same run.

    uv run python tests/benchmarks/authorize.py [SECONDS]

Throughput: every station asks as fast as it is answered. Latency: each of them asks once a second.
Also: from frame to painted row, with all stations talking. Figures are ratios to the floor where there is one.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.application import Application
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel

HERE = Path(__file__).parent
STATIONS = (1, 50, 200)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        asyncio.run(furnish(site / "headless"))
        asyncio.run(furnish(site / "window"))
        with (
            serving("echo_server.py") as echo,
            serving(
                "-m", "app", "serve", "--host", "127.0.0.1", "--port", "0", "--data", str(site / "headless")
            ) as bare,
            serving("window_server.py", str(site / "window"), str(site / "painted.json")) as window,
        ):
            servers = {"echo": echo, "headless": bare, "window": window}
            print(
                f"{'stations':>8}  {'server':<9} {'per s':>8} {'of echo':>8}  {'p50 ms':>7} {'p99 ms':>7} {'worst':>7}"
            )
            for stations in STATIONS:
                floor = 0.0
                for name, url in servers.items():
                    flat_out = load(url, stations, seconds)
                    paced = load(url, stations, seconds, "--per-second", "1")
                    floor = floor or flat_out["per_second"]
                    share = flat_out["per_second"] / floor
                    print(
                        f"{stations:>8}  {name:<9} {flat_out['per_second']:>8.0f} {share:>8.2f}"
                        f"  {paced['p50_ms']:>7.2f} {paced['p99_ms']:>7.2f} {paced['worst_ms']:>7.2f}"
                    )
            talking = load(window, max(STATIONS), seconds, "--per-second", "1", "--tags")
        painted = json.loads((site / "painted.json").read_text())
        waits = sorted((painted[tag] - sent) * 1000 for tag, sent in talking["tags"].items() if tag in painted)
        missed = len(talking["tags"]) - len(waits)
        print(
            f"frame to painted row, {max(STATIONS)} stations talking: p50 {waits[len(waits) // 2]:.0f} ms, "
            f"p99 {waits[int(len(waits) * 0.99)]:.0f} ms of {len(waits)}; {missed} scrolled past unpainted"
        )


async def furnish(folder: Path) -> None:
    """A public pool with every station of the load in it, and a few passes."""
    application = Application(folder / "tapdesk.db")
    pool = await application.pools.create("Everyone", AccessLevel.PUBLIC)
    for number in range(max(STATIONS)):
        await application.stations.accept(f"BENCH-{number}", pool_id=pool.id)
    for number in range(1000):
        await application.passes.add(PassDraft(uid=f"04{number:012X}"))
    application.store.close()


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """A server in a process of its own; its URL. It ends with its input, or is asked to."""
    command = [str(HERE / arguments[0]), *arguments[1:]] if arguments[0].endswith(".py") else list(arguments)
    process = subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE.parent.parent
    )
    try:
        line = process.stdout.readline()
        yield line.split(" on ")[1].strip()
    finally:
        process.stdin.close()
        if arguments[0] != "window_server.py":
            process.terminate()
        process.wait(timeout=20)


def load(url: str, stations: int, seconds: float, *more: str) -> dict:
    command = [sys.executable, str(HERE / "load.py"), url, str(stations), str(seconds), *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
