"""Stations that hold cards to their readers, in a process of their own; prints what they measured as JSON.

    python tests/benchmarks/load.py URL STATIONS SECONDS [--per-second RATE]

Without a rate every station asks again as soon as it has its answer (throughput); with one, each asks that often,
spread evenly (latency as on a site). Times are those between writing the frame and having read the answer.
"""

import argparse
import asyncio
import json
import os
import random
import time

from websockets.asyncio.client import ClientConnection, connect

#: No two runs hold the same cards, so that a row on a screen is of this run.
RUN = f"{os.getpid() & 0xFFFF:04X}"


async def station(
    url: str, number: int, until: float, period: float | None, times: list[tuple[str, float, float]]
) -> None:
    async with connect(f"{url}BENCH-{number}", subprotocols=["ocpp1.6"], compression=None, proxy=None) as socket:
        await barrier(socket, number)
        count = 0
        if period:
            await asyncio.sleep(random.Random(number).random() * period)
        while time.monotonic() < until:
            tag = f"{RUN}{number:04X}{count:06X}"
            began = time.monotonic()
            await asked(socket, f"{number}-{count}", "Authorize", {"idTag": tag})
            ended = time.monotonic()
            times.append((tag, began, ended))
            count += 1
            if period:
                await asyncio.sleep(max(0.0, began + period - time.monotonic()))


async def barrier(socket: ClientConnection, number: int) -> None:
    """One exchange that is not counted, so that connecting is not measured."""
    await asked(socket, f"warm-{number}", "Heartbeat", {})


async def asked(socket: ClientConnection, message_id: str, action: str, payload: dict[str, object]) -> dict:
    """The answer, once it is there. What the server asks meanwhile is not known to this station."""
    await socket.send(json.dumps([2, message_id, action, payload]))
    while (message := json.loads(await socket.recv()))[0] == 2:
        await socket.send(json.dumps([4, message[1], "NotImplemented", "", {}]))
    if message[:2] != [3, message_id]:
        raise RuntimeError(message)
    return message[2]


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("stations", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--per-second", type=float, default=None)
    parser.add_argument("--tags", action="store_true", help="also print when each tag was sent")
    args = parser.parse_args()
    times: list[tuple[str, float, float]] = []
    began = time.monotonic()
    settle = 0.5 + args.stations / 200
    until = began + settle + args.seconds
    period = 1 / args.per_second if args.per_second else None
    await asyncio.gather(*(station(args.url, number, until, period, times) for number in range(args.stations)))
    counted = sorted((ended - start) * 1000 for _, start, ended in times if start > began + settle)
    result: dict[str, object] = {
        "stations": args.stations,
        "count": len(counted),
        "per_second": len(counted) / args.seconds,
        "p50_ms": percentile(counted, 0.5),
        "p99_ms": percentile(counted, 0.99),
        "worst_ms": counted[-1],
    }
    if args.tags:
        result["tags"] = {tag: start for tag, start, _ in times if start > began + settle}
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
