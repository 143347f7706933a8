"""Stations with passwords that all come back at once, while each of them asks for a card every second.

    uv run python tests/benchmarks/reconnect_storm.py [STATIONS] [SECONDS]

Once at a server that has just started and recognises no password yet (cold), and once more (warm). Printed are the time
until every station was online and had its first answer, and the waits for Authorize during the storm.
"""

import asyncio
import base64
import contextlib
import sys
import tempfile
import time
from pathlib import Path

from websockets.asyncio.client import connect

from app.application import Application
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel
from app.domain.security import SecurityProfile

sys.path.insert(0, str(Path(__file__).parent))
from authorize import serving
from load import asked

CARD = "04A2B3C4D5E680"
TRY_AGAIN_S = 1.0
ALL_ONLINE_S, AUTHORIZE_P99_MS = 15.0, 250.0


def main() -> None:
    stations = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else ALL_ONLINE_S
    with tempfile.TemporaryDirectory() as folder:
        passwords = asyncio.run(furnish(Path(folder), stations))
        with serving("-m", "app", "serve", "--host", "127.0.0.1", "--port", "0", "--data", folder) as url:
            print(f"{stations} stations with passwords, {seconds:.0f} s each")
            for name in ("cold", "warm"):
                print(f"{name:<5} {asyncio.run(storm(url, passwords, seconds))}")
    print(f"goals: all online within {ALL_ONLINE_S:.0f} s, Authorize p99 within {AUTHORIZE_P99_MS:.0f} ms")


async def furnish(folder: Path, stations: int) -> dict[str, bytes]:
    """Stations of a public pool that need their passwords; the passwords."""
    application = Application(folder / "tapdesk.db")
    pool = await application.pools.create("Everyone", AccessLevel.PUBLIC)
    await application.passes.add(PassDraft(uid=CARD))

    async def one(number: int) -> tuple[str, bytes]:
        name = f"BENCH-{number}"
        await application.stations.accept(name, pool_id=pool.id)
        new = await application.credentials.generate(name)
        await application.credentials.set_profile(name, SecurityProfile.PASSWORD)
        return name, bytes.fromhex(new.password)

    passwords = dict(await asyncio.gather(*map(one, range(stations))))
    application.store.close()
    return passwords


async def storm(url: str, passwords: dict[str, bytes], seconds: float) -> str:
    """All of them at once; what came of it, in a line."""
    began = time.monotonic()
    online: dict[str, float] = {}
    waits: list[float] = []
    tries = [0]

    async def station(name: str, password: bytes) -> None:
        secret = base64.b64encode(name.encode() + b":" + password).decode()
        options = {"subprotocols": ["ocpp1.6"], "compression": None, "ping_interval": None, "proxy": None}
        while True:
            tries[0] += 1
            with contextlib.suppress(OSError, TimeoutError, EOFError):
                headers = {"Authorization": f"Basic {secret}"}
                async with connect(f"{url}{name}", additional_headers=headers, open_timeout=30, **options) as socket:
                    await talk(name, socket)
            await asyncio.sleep(TRY_AGAIN_S)

    async def talk(name: str, socket: object) -> None:
        number = 0
        while True:
            number += 1
            began_at = time.monotonic()
            answer = await asked(socket, str(number), "Authorize", {"idTag": CARD})
            if answer["idTagInfo"]["status"] != "Accepted":
                raise RuntimeError(answer)
            waits.append((time.monotonic() - began_at) * 1000)
            online.setdefault(name, time.monotonic() - began)
            await asyncio.sleep(1.0)

    running = [asyncio.create_task(station(name, password)) for name, password in passwords.items()]
    await asyncio.sleep(seconds)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    waits.sort()
    last = f"{max(online.values()):.1f} s" if len(online) == len(passwords) else "not yet"
    return (
        f"online {len(online)}/{len(passwords)}, all after {last}, {tries[0]} handshakes; Authorize "
        f"p50 {waits[len(waits) // 2]:.1f} ms, p99 {waits[int(len(waits) * 0.99)]:.1f} ms of {len(waits)}"
    )


if __name__ == "__main__":
    main()
