"""One morning at the demo's hotel, always the same: for pictures of the window, and for looking at its pages.

The stations are plain sockets that send what is written here, frame by frame, while the application's clock
stands at the moment of each.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.application import Application
from app.demo import NEWCOMER, STATIONS, furnish
from app.simulation.memory import Configuration

DAY = (2026, 11, 20)
END = "09:41:07.214"
LEAVES_EARLY = "ALF-0022"
#: It speaks OCPP 2.0.1; the others speak 1.6.
SPEAKS_201 = LEAVES_EARLY
CALL, CALLRESULT = 2, 3
STAMPED = ("StartTransaction", "StatusNotification")

Frame = tuple[str, str, str, dict[str, Any]]


class MorningClock:
    """A clock that stands where it was put, in this machine's zone."""

    def __init__(self) -> None:
        self.moment = self.at("06:55:00.000")

    def __call__(self) -> datetime:
        return self.moment

    def put(self, time: str) -> None:
        """Put it to `HH:MM:SS.mmm` of that morning, local time."""
        self.moment = self.at(time)

    @staticmethod
    def at(time: str) -> datetime:
        """That time of that morning, aware."""
        clock = datetime.strptime(time, "%H:%M:%S.%f").time()  # noqa: DTZ007 - made aware below
        return datetime.combine(date(*DAY), clock).astimezone()


@contextlib.asynccontextmanager
async def morning(application: Application, clock: MorningClock) -> AsyncIterator[None]:
    """Furnish the site and play the morning; the stations stay connected until the end of the context."""
    clock.put("06:55:00.000")
    await furnish(application)
    base = f"ws://127.0.0.1:{application.server.port}/"
    sockets: dict[str, ClientConnection] = {}
    async with contextlib.AsyncExitStack() as connected:
        for station_id in (*(station[0] for station in STATIONS), NEWCOMER[0]):
            # Loopback only: a proxy of this machine has nothing to do with it.
            version = Subprotocol("ocpp2.0.1" if station_id == SPEAKS_201 else "ocpp1.6")
            opening = connect(base + station_id, subprotocols=[version], proxy=None)
            sockets[station_id] = await connected.enter_async_context(opening)
        played = sorted(_frames(), key=lambda frame: frame[0])
        for number, (time, station_id, action, payload) in enumerate(played):
            clock.put(time)
            stamped = payload | {"timestamp": clock().isoformat()} if action in STAMPED else payload
            await sockets[station_id].send(json.dumps([2, f"{number:04x}", action, stamped]))
            await sockets[station_id].recv()
        clock.put("09:29:00.000")
        await sockets[LEAVES_EARLY].close()
        await _knock(application.server.port)
        clock.put(END)
        await application.journal.flush()
        async with _answering(sockets.values()):
            yield


@contextlib.asynccontextmanager
async def _answering(sockets: Iterable[ClientConnection]) -> AsyncIterator[None]:
    """From now on the stations answer what they are asked."""
    answering = [asyncio.create_task(_answer(socket)) for socket in sockets]
    try:
        yield
    finally:
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)


async def _answer(socket: ClientConnection) -> None:
    configuration = Configuration({})
    with contextlib.suppress(ConnectionClosed):
        async for text in socket:
            kind, message_id, *rest = json.loads(text)
            if kind == CALL:
                await socket.send(json.dumps([CALLRESULT, message_id, _result(configuration, *rest)]))


def _result(configuration: Configuration, action: str, asked: dict[str, Any]) -> dict[str, Any]:
    if action == "GetConfiguration":
        known, unknown = configuration.read(asked.get("key"))
        return {"configurationKey": known, "unknownKey": unknown}
    if action == "ChangeConfiguration":
        return {"status": configuration.change(asked["key"], asked["value"])}
    return {"status": "Accepted"}


async def _knock(port: int) -> None:
    """Somebody's station with nothing behind the slash of its URL."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
    )
    await reader.read()
    writer.close()


def _frames() -> Iterator[Frame]:
    for second, (station_id, _, _, vendor, model, serial, firmware) in enumerate(STATIONS):
        boot, status = (_boot_201, _status_201) if station_id == SPEAKS_201 else (_boot, _status)
        yield f"07:00:0{second}.120", station_id, "BootNotification", boot(vendor, model, serial, firmware)
        yield f"07:00:0{second}.480", station_id, "StatusNotification", status("Available")
    station_id, *about = NEWCOMER
    yield "09:38:12.055", station_id, "BootNotification", _boot(*about)
    yield from _charge("EVB-P1881", "04A2B3C4D5E680", "08:53:02", 1_240_310, (1_243_900, 1_246_630, 1_246_720), 7_100)
    yield from _charge("ALF-0020", "047C11AA902B80", "09:12:02", 802_118, (803_010, 803_960, 804_168), 7_100)
    yield "09:29:00.000", "ALF-0022", "Heartbeat", {}
    for time in ("07:31:40.500", "07:32:06.120", "07:33:51.800"):
        yield time, "ABB-T54-7", "Authorize", {"idTag": "04B7722E9F1D80"}
    yield "08:51:17.240", "ABB-T54-7", "Authorize", {"idTag": "9A01F3C2"}
    yield "09:36:50.334", "ABB-T54-7", "Authorize", {"idTag": "774F20B1"}
    yield "09:40:11.902", "ABB-T54-7", "Authorize", {"idTag": "04C55A1B7F3D80"}
    yield "09:39:12.090", "ALF-0020", "Heartbeat", {}
    yield "09:40:02.771", "EVB-P1882", "Authorize", {"idTag": "774F20B1"}
    yield "09:40:30.002", "ABB-T54-7", "StatusNotification", _status("Faulted", "GroundFailure")
    yield "09:40:31.650", "EVB-P1882", "Authorize", {"idTag": "B1204F77"}
    yield "09:40:58.117", "EVB-P1882", "Heartbeat", {}
    yield END, "ALF-0021", "Authorize", {"idTag": "04A2B3C4D5E680"}


def _charge(
    station_id: str, card: str, began: str, meter_start: int, readings: Sequence[int], power_w: int
) -> Iterator[Frame]:
    start = {"connectorId": 1, "idTag": card, "meterStart": meter_start}
    yield f"{began}.310", station_id, "Authorize", {"idTag": card}
    yield f"{began}.902", station_id, "StartTransaction", start
    yield f"{began}.951", station_id, "StatusNotification", _status("Charging")
    for time, energy in zip(("09:20:00.118", "09:40:12.771", "09:41:05.902"), readings, strict=True):
        samples = [
            {"value": str(energy), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": str(power_w), "measurand": "Power.Active.Import", "unit": "W"},
        ]
        values = [{"timestamp": MorningClock.at(time).isoformat(), "sampledValue": samples}]
        yield time, station_id, "MeterValues", {"connectorId": 1, "meterValue": values}


def _boot(vendor: str, model: str, serial: str, firmware: str) -> dict[str, Any]:
    return {
        "chargePointVendor": vendor,
        "chargePointModel": model,
        "chargePointSerialNumber": serial,
        "firmwareVersion": firmware,
    }


def _status(status: str, error_code: str = "NoError") -> dict[str, Any]:
    return {"connectorId": 1, "status": status, "errorCode": error_code}


def _boot_201(vendor: str, model: str, serial: str, firmware: str) -> dict[str, Any]:
    it = {"vendorName": vendor, "model": model, "serialNumber": serial, "firmwareVersion": firmware}
    return {"chargingStation": it, "reason": "PowerUp"}


def _status_201(status: str) -> dict[str, Any]:
    return {"evseId": 1, "connectorId": 1, "connectorStatus": status}
