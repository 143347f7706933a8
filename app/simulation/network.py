"""A station's place on the network: it connects, asks to be accepted, stays, is lost, and leaves."""

import asyncio
import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, ParamSpec, Self

from websockets.asyncio.client import ClientConnection

from app.simulation.cabinet import Cabinet
from app.simulation.charging import Connector, Report, happens_within, ocpp_time
from app.simulation.connecting import open_socket
from app.simulation.conversation import Conversation, OnFrame
from app.simulation.errors import BootRejectedError, OfflineError, StationError

_LOG = logging.getLogger(__name__)
_BOOT_AGAIN_SECONDS = 60
_A_DAY = 86_400.0

_P = ParamSpec("_P")


class NetworkedStation(ABC):
    """What a station does before anybody charges: connection, BootNotification, statuses and heartbeats.

    A subclass gives the conversation in which the server's requests are answered.
    """

    def __init__(
        self,
        url: str,
        station_id: str,
        *,
        ocpp: str,
        password: str | None,
        nameplate: Mapping[str, str | None],
        cabinet: Cabinet,
        on_frame: OnFrame | None,
        answer_timeout: float,
    ) -> None:
        self.url = url
        self.station_id = station_id
        self.ocpp = ocpp
        self.password = password
        self.on_frame = on_frame
        self.answer_timeout = answer_timeout
        self.accepted = False
        self.cabinet = cabinet
        self._nameplate = nameplate
        self._conversation: Conversation | None = None
        self._listener: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._booting = False
        self._wake_boot = asyncio.Event()
        self._wake_heartbeat = asyncio.Event()
        self._lost = asyncio.Event()
        self._lost_because = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @abstractmethod
    def _converse(self, link: ClientConnection) -> Conversation:
        """The conversation to hold on a socket that just opened."""

    @property
    def online(self) -> bool:
        return self._conversation is not None and self._conversation.ended is None

    @property
    def may_talk(self) -> bool:
        """Online, and not asking to be accepted: until then a station says nothing of its own (OCPP 1.6 §4.2)."""
        return self.online and not self._booting

    async def connect(self) -> None:
        """Open the connection; nothing is said on it yet. Raises CannotConnectError."""
        if self.online:
            raise StationError(f"The station “{self.station_id}” is connected already.")
        link = await open_socket(self.url, self.station_id, self.ocpp, self.password, self.answer_timeout)
        conversation = self._converse(link)
        self._lost.clear()
        self._conversation = conversation
        self._listener = asyncio.create_task(self._listen(conversation))

    async def boot(self, *, longest_wait: float = math.inf, on_pending: Callable[[float], None] | None = None) -> None:
        """Send BootNotification until the server accepts the station (OCPP 1.6 §4.2).

        While it answers Pending, `on_pending` is told the seconds until the next try: what the server asked
        for, at most `longest_wait` and a day; a TriggerMessage ends the wait. Raises BootRejectedError.
        """
        self._booting = True
        try:
            while not await self._boot_once(longest_wait, on_pending):
                pass
        finally:
            self._booting = False

    async def drop(self) -> None:
        """Lose the connection without a close frame; what happens from now on is offline."""
        await self._leave(abruptly=True)

    async def until_lost(self) -> None:
        """Wait until the connection is lost for another reason than `drop`, `close` or a restart that succeeds;
        then raise OfflineError with the reason."""
        await self._lost.wait()
        raise OfflineError(self._lost_because)

    async def close(self) -> None:
        """Close the connection and end every task; nothing more is said to the server."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._leave(abruptly=False)

    async def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """Send a call with snake_case fields of OCPP 1.6, or of another version; the answer likewise.

        Raises StationError.
        """
        if self._conversation is None:
            raise OfflineError("The station is not connected.")
        return await self._conversation.ask(action, **fields)

    async def tell_expired(self, reservation_id: int) -> None:
        """Say that a reservation ran out, as `Conversation.tell_expired`. Raises StationError."""
        if self._conversation is None:
            raise OfflineError("The station is not connected.")
        await self._conversation.tell_expired(reservation_id)

    async def tell(self, report: Report) -> dict[str, Any]:
        """Deliver a report of a charge, as `Conversation.tell`. Raises StationError."""
        if self._conversation is None:
            raise OfflineError("The station is not connected.")
        return await self._conversation.tell(report)

    async def heartbeat(self) -> None:
        await self.ask("Heartbeat")

    async def keep_alive(self) -> None:
        """Send a heartbeat each HeartbeatInterval for as long as the task lives; silent while not accepted.

        Raises NoAnswerError when the server no longer answers.
        """
        while True:
            self._wake_heartbeat.clear()
            interval = max(1, self.cabinet.configuration.number("HeartbeatInterval"))
            interrupted = await happens_within(interval, self._wake_heartbeat)
            if self.accepted and not interrupted:
                with suppress(OfflineError):
                    await self.heartbeat()

    async def status(self, connector: int, status: str, error_code: str = "NoError") -> None:
        """Show and report the status of a connector, 0 for the station; offline it is reported on return."""
        place = self.cabinet.connector(connector)
        place.show(status, error_code)
        place.reported = False
        if self.may_talk:
            await self._send_status(place)

    async def report_statuses(self) -> None:
        """Report each status that changed and that the server has not heard yet."""
        for connector in self.cabinet.unreported():
            if self.may_talk:
                await self._send_status(connector)

    def spawn(self, work: Callable[_P, Awaitable[None]], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Run `work` beside everything else until it is done or the station is closed."""

        async def quietly() -> None:
            try:
                await work(*args, **kwargs)
            except StationError as error:
                _LOG.info("%s: %s", self.station_id, error)

        task = asyncio.create_task(quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def configure(self, key: str, value: str) -> str:
        """Apply a ChangeConfiguration; the ConfigurationStatus."""
        status = self.cabinet.configuration.change(key, value)
        self._wake_heartbeat.set()
        return status

    async def _boot_once(self, longest_wait: float, on_pending: Callable[[float], None] | None) -> bool:
        self._wake_boot.clear()
        answer = await self.ask("BootNotification", **self._nameplate)
        self.accepted = answer["status"] == "Accepted"
        interval = answer["interval"]
        if self.accepted:
            if interval > 0:
                self.configure("HeartbeatInterval", str(interval))
            return True
        if answer["status"] == "Rejected":
            raise BootRejectedError(self.station_id, interval)
        wait = min(interval if interval > 0 else _BOOT_AGAIN_SECONDS, longest_wait, _A_DAY)
        if on_pending is not None:
            on_pending(wait)
        await happens_within(wait, self._wake_boot)
        return False

    async def _send_status(self, connector: Connector) -> None:
        # Marked first: a change while the message is under way is news again.
        connector.reported = True
        try:
            await self.ask(
                "StatusNotification",
                connector_id=connector.connector_id,
                error_code=connector.error_code,
                status=connector.status,
                timestamp=ocpp_time(connector.since),
            )
        except OfflineError:
            connector.reported = False

    async def _listen(self, conversation: Conversation) -> None:
        because = await conversation.listen()
        if conversation is self._conversation:
            self._lose(because)

    def _lose(self, because: str) -> None:
        self._lost_because = because
        self._lost.set()
        self._wake_boot.set()

    async def _leave(self, *, abruptly: bool) -> None:
        conversation, self._conversation = self._conversation, None
        listener, self._listener = self._listener, None
        self._wake_boot.set()
        if conversation is None or listener is None:
            return
        if abruptly:
            conversation.cut()
        else:
            await conversation.close()
        await asyncio.wait({listener})
