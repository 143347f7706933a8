"""One morning at the demo's hotel, always the same: for pictures of the window, and for looking at its pages.

The stations say what is written here, message by message, while the application's clock stands at the moment of each;
what they are asked they answer as any simulated station.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from app.application import Application
from app.demo import CARDS, NEWCOMER, STATIONS, furnish
from app.domain.errors import AppError
from app.domain.events import LocalListsChanged
from app.domain.list_state import ListState
from app.simulation import SimulatedStation

DAY = (2026, 11, 20)
END = "09:41:07.214"
LEAVES_EARLY = "ALF-0022"
#: It speaks OCPP 2.0.1; the others speak 1.6.
SPEAKS_201 = LEAVES_EARLY
#: What each has set otherwise than most: no two go on in the same way with Tapdesk closed.
SET_INSIDE = {
    "EVB-P1881": {"LocalAuthListMaxLength": "200"},
    "EVB-P1882": {"LocalAuthListMaxLength": "3"},
    "ALF-0020": {"LocalAuthListMaxLength": "800"},
    "ALF-0021": {"LocalAuthListMaxLength": "800", "AllowOfflineTxForUnknownId": "true"},
    "ABB-T54-7": {"SupportedFeatureProfiles": "Core,RemoteTrigger", "AuthorizationCacheEnabled": "true"},
}
#: By then each station was asked for its settings and got its list.
SETTLED = "07:10:00.000"
_SETTLES_WITHIN_S = 15.0
#: Its holder reports it lost while Garage 3 is away.
LOST = "Sara's card"
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
    async with contextlib.AsyncExitStack() as open_stations:
        stations: dict[str, SimulatedStation] = {}
        for station_id in (*(station[0] for station in STATIONS), NEWCOMER[0]):
            version = "2.0.1" if station_id == SPEAKS_201 else "1.6"
            settings = {"AuthorizationCacheEnabled": "false"} | SET_INSIDE.get(station_id, {})
            station = SimulatedStation(base, station_id, ocpp=version, configuration=settings)
            stations[station_id] = await open_stations.enter_async_context(station)
            await station.connect()
        played = sorted(_frames(), key=lambda frame: frame[0])
        for time, station_id, action, payload in played:
            if time > SETTLED and clock() < clock.at(SETTLED):
                await _settle(application)
            clock.put(time)
            stamped = payload | {"timestamp": clock().isoformat()} if action in STAMPED else payload
            await stations[station_id].ask(action, **_snake(stamped))
        clock.put("09:29:00.000")
        await stations[LEAVES_EARLY].close()
        await _knock(application.server.port)
        clock.put("09:35:20.000")
        await _lose_a_card(application)
        clock.put(END)
        await application.journal.flush()
        yield


async def _settle(application: Application) -> None:
    """Stations are asked for their settings, and their lists are sent, some seconds after they came."""
    for station_id, *_ in STATIONS:
        with contextlib.suppress(AppError):
            await application.lid.read(station_id)
    lists = application.local_lists
    await _until(application, lambda: all(lists.of(each[0]).state not in _UNDER_WAY for each in STATIONS))


async def _until(application: Application, so: Callable[[], bool]) -> None:
    """Wait for the lists to be so, but not for ever."""
    changed = asyncio.Event()
    no_longer = application.bus.subscribe(LocalListsChanged, lambda _event: changed.set())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SETTLES_WITHIN_S):
            while not so():
                changed.clear()
                await changed.wait()
    no_longer()


_UNDER_WAY = (ListState.WAITING, ListState.SENDING)


async def _lose_a_card(application: Application) -> None:
    uid = next(uid for _, name, _, uid in CARDS if name == LOST)
    card = application.passes.find(uid)
    if card is not None:
        await application.passes.block([card.id])
        await _until(application, lambda: application.local_lists.of(LEAVES_EARLY).still_open > 0)


def _snake(fields: Any) -> Any:
    """With the names that the simulated stations' messages have."""
    if isinstance(fields, dict):
        return {re.sub("(?=[A-Z])", "_", name).lower(): _snake(value) for name, value in fields.items()}
    return [_snake(each) for each in fields] if isinstance(fields, list) else fields


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
        yield f"07:00:0{second}.120", station_id, "BootNotification", _boot(vendor, model, serial, firmware)
        yield f"07:00:0{second}.480", station_id, "StatusNotification", _status("Available")
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
