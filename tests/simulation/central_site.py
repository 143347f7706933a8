"""A central system that is not ours: the `ocpp` package's own, on a real socket."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager, suppress

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

KNOWN, BLOCKED, UNKNOWN = "04A2B3C4D5E680", "04BADBADBAD180", "0BADCAFE"
NOW = "2026-01-01T00:00:00Z"

# A station that does not wait before it gives a message up.
FAST = {"TransactionMessageAttempts": "1"}

# The package's server logs an error where a test wants one.
QUIET = logging.getLogger("tests.central_side")
QUIET.setLevel(logging.CRITICAL)


class CentralSide(ChargePoint):
    """The central system's end of one connection; the package checks every message against the schemas."""

    def __init__(self, station_id, connection, site):
        super().__init__(station_id, connection, response_timeout=5, logger=QUIET)
        self.site = site
        self.connection = connection

    def note(self, action, **fields):
        self.site.heard.append((action, fields))

    @on("BootNotification")
    def boot(self, **fields):
        self.note("BootNotification", **fields)
        status = self.site.boot_answers.pop(0) if len(self.site.boot_answers) > 1 else self.site.boot_answers[0]
        return call_result.BootNotification(NOW, self.site.interval, status)

    @on("Heartbeat")
    def heartbeat(self):
        self.note("Heartbeat")
        return call_result.Heartbeat(NOW)

    @on("StatusNotification")
    def status(self, **fields):
        self.note("StatusNotification", **fields)
        return call_result.StatusNotification()

    async def route_message(self, raw_msg):
        kind, _, action, *payload = [*json.loads(raw_msg), None, None][:4]
        if self.site.silent and (kind, action) == (2, "Authorize"):
            self.note(action, id_tag=payload[0]["idTag"])
        else:
            await super().route_message(raw_msg)

    @on("Authorize")
    def authorize(self, id_tag):
        self.note("Authorize", id_tag=id_tag)
        return call_result.Authorize(self.site.verdict(id_tag))

    @on("StartTransaction")
    def start_transaction(self, **fields):
        self.note("StartTransaction", **fields)
        if self.site.fails_to_start:
            raise RuntimeError
        self.site.transactions += 1
        return call_result.StartTransaction(
            self.site.transactions, self.site.start_verdict or self.site.verdict(fields["id_tag"])
        )

    @on("MeterValues")
    def meter_values(self, **fields):
        self.note("MeterValues", **fields)
        return call_result.MeterValues()

    @on("StopTransaction")
    def stop_transaction(self, **fields):
        self.note("StopTransaction", **fields)
        return call_result.StopTransaction()

    @on("FirmwareStatusNotification")
    def firmware(self, **fields):
        self.note("FirmwareStatusNotification", **fields)
        return call_result.FirmwareStatusNotification()

    @on("DiagnosticsStatusNotification")
    def diagnostics(self, **fields):
        self.note("DiagnosticsStatusNotification", **fields)
        return call_result.DiagnosticsStatusNotification()


class Site:
    """A central system on a free port of the loopback, and what it heard in order."""

    def __init__(self):
        self.heard = []
        self.paths = []
        self.credentials = []
        self.boot_answers = ["Accepted"]
        self.interval = 300
        self.cards = {KNOWN: "Accepted", BLOCKED: "Blocked"}
        self.start_verdict = None
        self.fails_to_start = False
        self.silent = False
        self.transactions = 40
        self.refuse_handshake = None
        self.stations = {}

    def verdict(self, id_tag):
        return {"status": self.cards.get(id_tag, "Invalid")}

    def actions(self):
        return [action for action, _ in self.heard]

    def all(self, action):
        return [fields for heard, fields in self.heard if heard == action]

    def statuses(self, connector=1):
        return [f["status"] for f in self.all("StatusNotification") if f["connector_id"] == connector]

    async def until(self, condition, seconds=5.0):
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)

    def _request(self, connection: ServerConnection, request):
        self.paths.append(request.path)
        self.credentials.append(request.headers.get("Authorization"))
        return connection.respond(self.refuse_handshake, "no\n") if self.refuse_handshake else None

    async def _serve(self, connection):
        name = connection.request.path.rsplit("/", 1)[-1]
        self.stations[name] = CentralSide(name, connection, self)
        with suppress(ConnectionClosed):
            await self.stations[name].start()

    @asynccontextmanager
    async def running(self, port=0, subprotocols=("ocpp1.6",)):
        async with serve(
            self._serve, "127.0.0.1", port, subprotocols=list(subprotocols) or None, process_request=self._request
        ) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.url = f"ws://127.0.0.1:{self.port}/ocpp"
            yield self


def entry(uid, status="Accepted"):
    return {"idTag": uid, "idTagInfo": {"status": status}}


async def ask_unchecked(side, action, payload):
    """Ask without the package's checks: the payload of the answer, or an error answer's code and words."""
    answers = asyncio.Queue()
    side._response_queue, usual = answers, side._response_queue
    await side.connection.send(json.dumps([2, "aside", action, payload]))
    try:
        message = await asyncio.wait_for(answers.get(), 3)
    finally:
        side._response_queue = usual
    return message.payload if hasattr(message, "payload") else [message.error_code, message.error_description]
