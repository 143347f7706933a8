"""Stations with a list of their own, over real sockets, each with the ways of one of those in the field.

The list is `ListStation`'s, written from the specification alone; how a station answers beside that is a `Manner`.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.domain.list_station import ListStation
from tests.schemas import faults_of_request

#: No answer; the connection ends before or after the call is carried out.
SILENT, CUT_BEFORE, CUT_AFTER = object(), object(), object()


@dataclass(frozen=True)
class CallError:
    code: Any = "GenericError"


#: Questions that are answered with a report that follows.
REPORTS = ("GetReport", "GetBaseReport")

Reply = dict[str, Any] | CallError | object
Manner = Callable[["ZooStation", str, dict[str, Any]], Reply | None]


@dataclass
class ZooStation:
    """`keys` are what it says of itself; `manner` answers first, None leaves it to the specification.

    `most` is how many entries it holds at most, as one of 2.x tells in its reports and nowhere else.
    """

    station_id: str
    own: ListStation = field(default_factory=ListStation)
    keys: dict[str, str] = field(default_factory=dict)
    manner: Manner = lambda _station, _action, _payload: None
    version: str = "ocpp1.6"
    most: int | None = None
    longest: int = 10**9
    slow_s: float = 0.0
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    socket: ClientConnection | None = None

    @asynccontextmanager
    async def at(self, url: str):
        """Connected for as long as this lasts, also after a cut."""
        connecting = asyncio.create_task(self._stay(url))
        try:
            yield self
        finally:
            connecting.cancel()
            with suppress(asyncio.CancelledError):
                await connecting

    def asked_for(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.asked if name == action]

    async def say(self, action: str, payload: dict[str, Any]) -> None:
        """Tell the server something; what it answers is its own affair."""
        assert self.socket is not None
        await self.socket.send(json.dumps([2, f"s{len(self.asked)}{action}", action, payload]))

    async def _stay(self, url: str) -> None:
        while True:
            options = {"subprotocols": [self.version], "compression": None, "ping_interval": None, "proxy": None}
            async with connect(f"{url}{self.station_id}", close_timeout=1, max_size=None, **options) as socket:
                self.socket = socket
                with suppress(ConnectionClosed):
                    async for text in socket:
                        await self._hear(socket, str(text))
            await asyncio.sleep(0.02)

    async def _hear(self, socket: ClientConnection, text: str) -> None:
        kind, message_id, *rest = json.loads(text)
        if kind != 2:
            return
        action, payload = rest
        self.asked.append((action, payload))
        await asyncio.sleep(self.slow_s)
        reply = CallError() if len(text) > self.longest else self.manner(self, action, payload)
        if reply is CUT_BEFORE:
            socket.transport.abort()
            return
        answer = self.by_the_book(action, payload) if reply is None or reply is CUT_AFTER else reply
        if reply is CUT_AFTER:
            socket.transport.abort()
        elif isinstance(answer, CallError):
            await socket.send(json.dumps([4, message_id, answer.code, "", {}]))
        elif answer is not SILENT:
            await socket.send(json.dumps([3, message_id, answer]))
            if action in REPORTS and answer == {"status": "Accepted"}:
                await self.say("NotifyReport", self._report(payload["requestId"]))

    def by_the_book(self, action: str, payload: dict[str, Any]) -> Reply:
        """The answer of the specification."""
        match action:
            case "GetConfiguration" | "GetVariables":
                return self._keys(payload)
            case "ChangeConfiguration":
                return {"status": self._set(payload["key"], payload["value"])}
            case "GetLocalListVersion":
                return {"listVersion" if self.is_16 else "versionNumber": self.own.version}
            case "SendLocalList":
                return {"status": self._take(payload)}
            case "ClearCache":
                return {"status": "Accepted"}
            case "GetReport" | "GetBaseReport" if self.most is not None:
                self.faults += faults_of_request(action, payload, self.version.removeprefix("ocpp"))
                return {"status": "Accepted"}
        return CallError("NotImplemented")

    @property
    def is_16(self) -> bool:
        return self.version == "ocpp1.6"

    def _keys(self, payload: dict[str, Any]) -> Reply:
        if not self.is_16:
            return CallError("NotImplemented")
        names = payload.get("key") or list(self.keys)
        known = [{"key": k, "value": v, "readonly": False} for k, v in self.keys.items() if k in names]
        return {"configurationKey": known, "unknownKey": [k for k in names if k not in self.keys]}

    def _report(self, number: int) -> dict[str, Any]:
        entries = {
            "component": {"name": "LocalAuthListCtrlr"},
            "variable": {"name": "Entries"},
            "variableAttribute": [{"value": str(len(self.own.cards)), "mutability": "ReadOnly"}],
            "variableCharacteristics": {"dataType": "integer", "maxLimit": self.most, "supportsMonitoring": True},
        }
        now = "2027-03-01T09:00:00Z"
        return {"requestId": number, "generatedAt": now, "seqNo": 0, "tbc": False, "reportData": [entries]}

    def _set(self, key: str, value: str) -> str:
        if key not in self.keys:
            return "NotSupported"
        self.keys[key] = value
        return "Accepted"

    def _take(self, payload: dict[str, Any]) -> str:
        self.faults += faults_of_request("SendLocalList", payload, self.version.removeprefix("ocpp"))
        entries = payload.get("localAuthorizationList", [])
        if self.is_16:
            version, changes = payload["listVersion"], [(each["idTag"], each.get("idTagInfo")) for each in entries]
        else:
            version = payload["versionNumber"]
            changes = [(each["idToken"]["idToken"], each.get("idTokenInfo")) for each in entries]
        return self.own.send(version, full=payload["updateType"] == "Full", changes=changes)


async def until(true: Callable[[], Any], within_s: float = 20.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)
