"""Handshakes of chance, at both ports: nobody is let in by one, the log is silent, and who works goes on working.

TAPDESK_HANDSHAKES is how many (200 as a rule), TAPDESK_SEED the number it begins with.
"""

import asyncio
import base64
import os
import random

import pytest

from app.domain.security import SecurityProfile
from tests.tls_site import make_certificates, open_tls, trusting
from tests.wire import raw_station, request

COUNT = int(os.environ.get("TAPDESK_HANDSHAKES", "200"))
SEED = int(os.environ.get("TAPDESK_SEED", "1"))
AT_ONCE = 20
HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
NAMES = (
    "Authorization",
    "Connection",
    "Upgrade",
    *(f"Sec-WebSocket-{each}" for each in ("Version", "Key", "Protocol")),
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


def handshake(chance):
    """A handshake as no station should send it, or nearly one that it should."""
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 400))
    if kind == 1:
        hello = bytearray(HELLO[: chance.randrange(1, len(HELLO))])
        hello[chance.randrange(len(hello))] ^= chance.randrange(1, 256)
        return bytes(hello)
    user, password = chance.choice(("CP1", "cp1", "CP2", "", "CP1:")), chance.randbytes(chance.randrange(0, 45))
    secret = base64.b64encode(user.encode() + b":" + password).decode()
    scheme = chance.choice(("Basic", "basic", "Bearer", "", "Basic Basic"))
    path = chance.choice(("/CP1", "/cp1/", "/CP%31", "/CP1?x", "//CP1", "/", "/%00", "/" + "A" * 60, "/CP2"))
    sent = bytearray(
        request(
            f"{chance.choice(('GET', 'POST', 'get'))} {path} HTTP/1.{chance.randrange(3)}",
            without=[name for name in NAMES if chance.random() < 0.05],
            Authorization=f"{scheme} {secret}",
        )
    )
    for _ in range(chance.randrange(4) if kind == 2 else 0):
        sent[chance.randrange(len(sent))] = chance.randrange(256)
    if kind == 3:
        del sent[chance.randrange(len(sent)) :]
    return bytes(sent)


async def test_none_lets_anybody_in_and_none_harms_anybody(application, url, certificates, monkeypatch):
    monkeypatch.setattr("app.csms.door.sockets.REQUEST_WITHIN_S", 1.0)
    monkeypatch.setattr("app.csms.door.logins.SHORTEST_WAIT_S", 0.0)
    wss = await open_tls(application, certificates)
    for name in ("CP1", "CP2", "NEIGHBOUR"):
        await application.stations.accept(name)
        await application.credentials.generate(name)
        if name != "NEIGHBOUR":
            await application.credentials.set_profile(name, SecurityProfile.PASSWORD)
    ports = (application.server.port, application.secure_door.port)
    let_in = []

    async def one(number):
        chance = random.Random(f"{SEED} {number}")
        reader, writer = await asyncio.open_connection("127.0.0.1", chance.choice(ports))
        try:
            writer.write(handshake(chance))
            if chance.random() < 0.3:
                writer.write_eof()
            async with asyncio.timeout(20):
                answer = await reader.read(64)
            if b" 101 " in answer:
                let_in.append(number)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    async with (
        raw_station(url, "NEIGHBOUR") as plain,
        raw_station(wss, "NEIGHBOUR-2", ssl=trusting(application)) as secure,
    ):
        boot = {"chargePointVendor": "v", "chargePointModel": "m"}
        for start in range(0, COUNT, AT_ONCE):
            await asyncio.gather(*map(one, range(start, min(COUNT, start + AT_ONCE))))
            assert await plain.call("Heartbeat", {})
            assert await secure.call("BootNotification", boot)
    assert let_in == []
