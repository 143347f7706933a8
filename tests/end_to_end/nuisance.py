"""Stations that behave badly, in a process of their own: `python -m tests.end_to_end.nuisance URL SECONDS KIND…`.

Each is named as it begins, and has an identity of its own: NUISANCE and its place in the list.
"""

import itertools
import socket
import sys
import threading
import time
from contextlib import suppress

from tests.wire import masked, request

METER_VALUES = (
    b'[2,"%d","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2025-03-04T20:00:00Z",'
    b'"sampledValue":[{"value":"%d"}]}]}]'
)


def calls(text, several=500):
    """Calls with ids of their own, several at a time."""
    numbers = itertools.count(1)
    while True:
        yield b"".join(masked(text.replace(b"%d", b"%d" % next(numbers))) for _ in range(several))


def for_ever(piece):
    return itertools.repeat(piece)


#: What each sends after its handshake, and whether it reads what it is answered.
KINDS = {
    "asks without end": (calls(b'[2,"%d","Authorize",{"idTag":"04A1B2C3"}]'), True),
    "asks and never reads": (calls(b'[2,"%d","Authorize",{"idTag":"04A1B2C3"}]'), False),
    "reports without end": (calls(METER_VALUES), True),
    "pings without end": (for_ever(masked(b"", opcode=9) * 5000), True),
    "pings and never reads": (for_ever(masked(b"", opcode=9) * 5000), False),
    "sends empty frames": (for_ever(masked(b"") * 5000), True),
    "sends one message in empty parts": (
        itertools.chain([masked(b"", final=False)], for_ever(masked(b"", opcode=0, final=False) * 5000)),
        True,
    ),
    "sends what is no message": (for_ever(masked(b"[2,[[[[") * 500), True),
    "sends 10 MB": (for_ever(masked(b"x" * 10_000_000)), True),
    "sends all that fits": (
        calls(b'[2,"%d","DataTransfer",{"vendorId":"\x01","data":[' + b"{}," * 150_000 + b"0]}]", 1),
        True,
    ),
    "sends meter values for a year": (
        calls(b'[2,"%d","MeterValues",{"meterValue":[' + b'{"sampledValue":[{"value":"%d"}]},' * 10_000 + b"{}]}]", 1),
        True,
    ),
}


def connect(url):
    host, port = url.removeprefix("ws://").rstrip("/").split(":")
    connection = socket.create_connection((host, int(port)))
    connection.settimeout(0.5)
    return connection


def shake_hands(connection, station_id):
    connection.sendall(request(f"GET /{station_id} HTTP/1.1"))
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096) or b"\r\n\r\n"


def swallow(connection):
    while True:
        try:
            if not connection.recv(2**20):
                return
        except TimeoutError:
            continue
        except OSError:
            return


def pester(url, station_id, pieces, reads, until):
    """Send until the time is up, with a new connection whenever the server closed the last."""
    while time.monotonic() < until:
        with suppress(OSError), connect(url) as connection:
            shake_hands(connection, station_id)
            if reads:
                threading.Thread(target=swallow, args=[connection], daemon=True).start()
            for piece in pieces:
                rest = memoryview(piece)
                while rest and time.monotonic() < until:
                    with suppress(TimeoutError):
                        rest = rest[connection.send(rest) :]
                if time.monotonic() >= until:
                    return
        time.sleep(0.02)


def knock_without_end(url, until):
    """Connect and go, as fast as can be."""
    while time.monotonic() < until:
        with suppress(OSError), connect(url) as connection:
            connection.sendall(request("GET / HTTP/1.1"))
            connection.recv(100)


def never_finish(url, until):
    """Two hundred handshakes of which none ends."""
    connections = [connect(url) for _ in range(200)]
    for byte in itertools.cycle(b"x"):
        if time.monotonic() >= until:
            return
        for connection in connections:
            with suppress(OSError):
                connection.send(bytes([byte]))
        time.sleep(0.05)


OTHERS = {"knocks without end": knock_without_end, "never finishes its handshakes": never_finish}


def main(url, seconds, *kinds):
    for number, kind in enumerate(kinds):
        print(kind, flush=True)
        until = time.monotonic() + float(seconds)
        if kind in OTHERS:
            OTHERS[kind](url, until)
        else:
            pester(url, f"NUISANCE{number}", *KINDS[kind], until)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
