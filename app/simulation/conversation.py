# mypy: disable-error-code="import-untyped, misc"
# The `ocpp` package ships no types: its names are Any here, and this package uses them nowhere else.
"""One connection's OCPP-J conversation, on the `ocpp` package's ChargePoint.

The package awaits a request's handler inside its receive loop, leaves a pending call waiting when the socket
closes, and queues answers nobody waits for. This class adds what a client needs to live with that: calls that
fail at once with the socket, answers matched to the one open call, and every frame shown to whoever listens.
"""

import asyncio
import json
import logging
import socket
import struct
import sys
from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, ParamSpec, TypeVar, cast
from uuid import uuid4

from ocpp.charge_point import ChargePoint
from ocpp.exceptions import OCPPError, UnknownCallErrorCodeError
from ocpp.messages import CallError
from ocpp.routing import after, on
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from app.simulation.charging import Report
from app.simulation.errors import CallRefusedError, NoAnswerError, OfflineError, StationError

Direction = Literal["sent", "received"]
OnFrame = Callable[[Direction, str], None]

# The package reports with tracebacks what a server's frame can cause; the frames themselves tell the story.
_LIBRARY_LOG = logging.getLogger("app.simulation.ocpp")
_LIBRARY_LOG.setLevel(logging.CRITICAL)

_P = ParamSpec("_P")
_R = TypeVar("_R")


def answers(action: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Mark a method as what answers the server's `action`. It must not await a call of its own."""
    return cast("Callable[[Callable[_P, _R]], Callable[_P, _R]]", on(action))


def afterwards(action: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Mark a method as what happens once the answer to `action` is on its way. It must not be a coroutine."""
    return cast("Callable[[Callable[_P, _R]], Callable[_P, _R]]", after(action))


@dataclass
class _OpenCall:
    unique_id: str = field(default_factory=lambda: str(uuid4()))
    sent: bool = False
    answer: list[Any] | None = None


class Conversation(ChargePoint):
    """One open socket: `listen` runs as a task for as long as it lives, `ask` may be used from any other.

    A subclass is of one version, which it has from the package's own ChargePoint.
    """

    def __init__(
        self, station_id: str, link: ClientConnection, on_frame: OnFrame | None, answer_timeout: float
    ) -> None:
        super().__init__(station_id, link, response_timeout=answer_timeout, logger=_LIBRARY_LOG)
        self._link = link
        self._on_frame = on_frame
        self._answer_timeout = answer_timeout
        self._line = asyncio.Lock()
        self._open_call: _OpenCall | None = None
        self.spoke = asyncio.Event()
        self.ended: str | None = None

    @property
    def line_is_free(self) -> bool:
        """Whether no call waits for its answer: only then does a handler's task get to send at once."""
        return not self._line.locked()

    async def listen(self) -> str:
        """Read until the socket closes; returns the sentence that says how it ended."""
        try:
            while True:
                raw = await self._link.recv()
                text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
                self._show("received", text)
                if self._is_readable(text):
                    await self.route_message(text)
        except ConnectionClosed as closed:
            self.ended = _how_it_ended(closed)
            return self.ended
        finally:
            self.ended = self.ended or "The station closed the connection."
            if self._open_call is not None:
                self._response_queue.put_nowait(CallError(self._open_call.unique_id, "GenericError", self.ended))
            self._link.transport.abort()

    async def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        """Send one call and wait for its answer, both with snake_case names; calls wait for each other (§4.1.1).

        Raises OfflineError, NoAnswerError or CallRefusedError, and StationError when either side's message is
        not valid in this version of OCPP.
        """
        request = getattr(self._call, action)(**fields)
        async with self._line:
            opened = self._open_call = _OpenCall()
            try:
                if self.ended is not None:
                    raise OfflineError(self.ended)
                answer = await self.call(request, suppress=False, unique_id=opened.unique_id)
            except ConnectionClosed as closed:
                raise OfflineError(_how_it_ended(closed)) from closed
            except TimeoutError as error:
                raise NoAnswerError(
                    f"The server did not answer {action} within {self._answer_timeout:g} seconds."
                ) from error
            except (OCPPError, UnknownCallErrorCodeError) as error:
                raise self._why_failed(action, opened, error) from error
            finally:
                self._open_call = None
        return asdict(answer)

    @abstractmethod
    async def tell(self, report: Report) -> dict[str, Any]:
        """Deliver a report of a charge: of the answer `transaction_id` and `id_tag_info`, as 1.6 names them.

        Raises as `ask` does.
        """

    async def tell_expired(self, reservation_id: int) -> None:
        """Say that a reservation ran out, where the version has more words for that than the connector's status."""

    async def close(self) -> None:
        """Close the socket politely; the listener ends with it."""
        await self._link.close()

    def cut(self) -> None:
        """End the TCP connection with a reset, as a pulled cable and a returning station do: no close frame."""
        tcp = self._link.transport.get_extra_info("socket")
        # The other side may have closed it a moment ago.
        with suppress(OSError):
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._link.transport.abort()

    async def _get_specific_response(self, unique_id: str, timeout: float) -> Any:  # noqa: ASYNC109 (the package's)
        # The package's own waits with wait_for, which on Python 3.11 forgets a cancellation that meets the answer.
        async with asyncio.timeout(timeout):
            while (answer := await self._response_queue.get()).unique_id != unique_id:
                pass
        return answer

    async def _send(self, message: str) -> None:
        await super()._send(message)
        self._show("sent", message)
        if self._open_call is not None and message.startswith(f'[2,"{self._open_call.unique_id}"'):
            self._open_call.sent = True
        self.spoke.set()

    def _show(self, direction: Direction, text: str) -> None:
        if self._on_frame is not None:
            self._on_frame(direction, text)

    def _is_readable(self, text: str) -> bool:
        """Whether the package can take this frame: requests, and the answer to the open call."""
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            return False
        match frame:
            case [2, _, str(), *_]:
                return True
            case [3 | 4, unique_id, *_] if self._open_call is not None and unique_id == self._open_call.unique_id:
                self._open_call.answer = frame
                return True
            case _:
                return False

    def _why_failed(self, action: str, opened: _OpenCall, error: Exception) -> StationError:
        if self.ended is not None:
            return OfflineError(self.ended)
        match opened.answer:
            case [4, _, code, description, *_]:
                return CallRefusedError(action, str(code), str(description))
        cause = str(getattr(error, "details", {}).get("cause") or error).rstrip(".")
        if not opened.sent:
            return StationError(f"{action} was not sent, it would not be valid OCPP {self._ocpp_version}: {cause}.")
        return StationError(f"The server's answer to {action} is not valid OCPP {self._ocpp_version}: {cause}.")


def _how_it_ended(closed: ConnectionClosed) -> str:
    if closed.rcvd is None:
        return "The connection to the server was lost."
    reason = f", “{closed.rcvd.reason}”" if closed.rcvd.reason else ""
    return f"The server closed the connection (code {int(closed.rcvd.code)}{reason})."
