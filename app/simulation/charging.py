"""What happens at a connector: its status, its meter, the session that runs, and what is reported about it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.simulation.errors import OfflineError, StationError
from app.simulation.memory import IdTagInfo

_MAINS_VOLTAGE = 230.0
_MOST_ON_ONE_PHASE_W = 7_400.0


def utc_now() -> datetime:
    return datetime.now(UTC)


def ocpp_time(moment: datetime) -> str:
    """`moment` (aware) as stations write it: UTC with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def happens_within(seconds: float, event: asyncio.Event) -> bool:
    """Wait for an event; False when `seconds` went by without it."""
    try:
        # Not wait_for: on Python 3.11 it forgets a cancellation that meets the event.
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


@dataclass
class Session:
    """A charge. `transaction_id` and `id_tag_info` are None until the server has answered its start.

    `ending` is set when it shall end, `released` is clear while a car draws power. `reference` is the station's own
    name for it and `told` how many events of it were numbered: OCPP 2.x wants both.
    """

    connector_id: int
    uid: str
    meter_start: int
    started_at: datetime
    reservation_id: int | None = None
    transaction_id: int | str | None = None
    id_tag_info: IdTagInfo | None = None
    meter_stop: int | None = None
    stopped_at: datetime | None = None
    reason: str = "Local"
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    reference: str = field(default_factory=lambda: str(uuid4()))
    remote_start_id: int | None = None
    told: int = 0

    def __post_init__(self) -> None:
        self.released.set()

    @property
    def energy_wh(self) -> int:
        """What was charged, in whole Wh; 0 until the session has ended."""
        return 0 if self.meter_stop is None else self.meter_stop - self.meter_start

    def end(self, reason: str) -> None:
        """Ask the session to end; the first reason given is the one that is reported."""
        if not self.ending.is_set():
            self.reason = reason
            self.ending.set()


@dataclass(frozen=True)
class Reservation:
    """A connector kept free for a card until `expires_at` (OCPP 1.6 §5.13)."""

    reservation_id: int
    uid: str
    parent_id_tag: str | None
    expires_at: datetime

    def is_for(self, uid: str, info: IdTagInfo | None = None) -> bool:
        if uid.upper() == self.uid.upper():
            return True
        parent = info.parent_id_tag if info is not None else None
        return parent is not None and self.parent_id_tag is not None and parent.upper() == self.parent_id_tag.upper()


@dataclass
class Connector:
    """A socket of the station, or the station as a whole when `connector_id` is 0 (OCPP 1.6 §3.8).

    `register_wh` counts on from session to session, as a real meter does. `claimed` is True from the moment
    somebody is about to charge here.
    """

    connector_id: int
    register_wh: float = 0.0
    power_w: float = 0.0
    status: str = "Available"
    error_code: str = "NoError"
    since: datetime = field(default_factory=utc_now)
    #: Of the RequestStartTransaction that claimed it (2.x).
    remote_start_id: int | None = None
    reported: bool = True
    operative: bool = True
    claimed: bool = False
    session: Session | None = None
    reservation: Reservation | None = None

    @property
    def meter(self) -> int:
        """The register in whole Wh."""
        return round(self.register_wh)

    @property
    def is_free(self) -> bool:
        """Whether nobody uses it; it may be kept for somebody."""
        return self.status in {"Available", "Reserved"} and not self.claimed

    def show(self, status: str, error_code: str = "NoError") -> None:
        """Change the status; showing what is shown already is no news."""
        if (status, error_code) != (self.status, self.error_code):
            self.status, self.error_code, self.since, self.reported = status, error_code, utc_now(), False

    def rest(self) -> None:
        """Show what an unused connector shows."""
        if not self.operative:
            self.show("Unavailable")
        else:
            # The station as a whole is never reserved (OCPP 1.6 §4.9).
            self.show("Available" if self.reservation is None or not self.connector_id else "Reserved")

    def sample(self, context: str) -> list[dict[str, Any]]:
        """One MeterValue of now: the register in Wh, the power in W, current and voltage per phase used."""
        phases = ("L1", "L2", "L3") if self.power_w > _MOST_ON_ONE_PHASE_W else ("L1",)
        current = self.power_w / len(phases) / _MAINS_VOLTAGE
        values = [
            {"value": str(self.meter), "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": f"{self.power_w:.0f}", "measurand": "Power.Active.Import", "unit": "W"},
            *({"value": f"{current:.1f}", "measurand": "Current.Import", "unit": "A", "phase": p} for p in phases),
            *(
                {"value": f"{_MAINS_VOLTAGE:.0f}", "measurand": "Voltage", "unit": "V", "phase": f"{phase}-N"}
                for phase in phases
            ),
        ]
        sampled = [{"context": context, **value} for value in values]
        return [{"timestamp": ocpp_time(utc_now()), "sampled_value": sampled}]


@dataclass
class Report:
    """A transaction-related message with the facts of its moment; it waits until the server has answered it.

    `offline`: what it tells happened without a connection.
    """

    action: str
    session: Session
    fields: dict[str, Any]
    offline: bool = False
    failures: int = 0
    failure: StationError | None = None


class ReportQueue:
    """Delivers transaction-related messages in the order they happened (OCPP 1.6 §3.7).

    `deliver` sends one and raises when the server did not take it. `patience` gives how often a message is
    tried, and `pause` waits the given seconds before a repetition.
    """

    def __init__(
        self,
        deliver: Callable[[Report], Awaitable[None]],
        patience: Callable[[], tuple[int, int]],
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._deliver = deliver
        self._patience = patience
        self._pause = pause
        self._waiting: deque[Report] = deque()
        self._turn = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, report: Report) -> None:
        self._waiting.append(report)

    async def flush(self) -> None:
        """Deliver all there is; comes back early when the connection is gone. What the server would not take
        after so many attempts is given up, its `failure` says why (§3.7.1)."""
        async with self._turn:
            while self._waiting:
                report = self._waiting[0]
                try:
                    await self._deliver(report)
                except OfflineError:
                    return
                except StationError as error:
                    report.failures += 1
                    attempts, interval = self._patience()
                    if report.failures < attempts:
                        await self._pause(interval * report.failures)
                        continue
                    report.failure = error
                self._waiting.popleft()
