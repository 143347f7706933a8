"""The simulated station against a central system that is not ours: the `ocpp` package's own, on a real socket."""

import asyncio
import io
import json
import logging
import random
import re
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from app.simulation import (
    BootRejectedError,
    CallRefusedError,
    CannotConnectError,
    DemoStation,
    NoAnswerError,
    OfflineError,
    Patience,
    SimulatedStation,
    StationError,
    run_demo_site,
    simulate,
)
from app.simulation.memory import LocalList, instant
from app.simulation.script import Transcript

KNOWN, BLOCKED, UNKNOWN = "04A2B3C4D5E680", "04BADBADBAD180", "0BADCAFE"
NOW = "2026-01-01T00:00:00Z"

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
            while not condition():  # noqa: ASYNC110 (what is waited for happens on the other side of a socket)
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


@pytest.fixture
async def site():
    async with Site().running() as running:
        yield running


@pytest.fixture
async def station(site):
    """A station with two connectors that lives a thousand times faster than the clock, accepted and idle."""
    async with SimulatedStation(site.url, "CP1", connectors=2, pace=1000, configuration=FAST) as station:
        await station.start_up()
        site.heard.clear()
        yield station


@asynccontextmanager
async def speaking(words):
    """Something on a free port that says `words` to whoever connects, and nothing more."""
    left = asyncio.Event()

    async def speak(reader, writer):
        writer.write(words)
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        left.set()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.wait_for(left.wait(), 5)


FAST = {"TransactionMessageAttempts": "1"}


class TestJoining:
    async def test_the_identity_is_the_percent_encoded_last_segment_with_or_without_a_slash_before_it(self, site):
        for url in (site.url, site.url + "/", site.url + "//"):
            async with SimulatedStation(url, "RDAM 12/3|ü") as station:
                await station.connect()
        assert site.paths == ["/ocpp/RDAM%2012%2F3%7C%C3%BC"] * 3

    async def test_a_password_is_sent_as_http_basic(self, site):
        async with SimulatedStation(site.url, "CP1", password="geheim") as station:
            await station.connect()
        assert site.credentials == ["Basic Q1AxOmdlaGVpbQ=="]

    async def test_boot_tells_who_the_station_is_and_asks_again_while_pending(self, site):
        site.boot_answers = ["Pending", "Pending", "Accepted"]
        waits = []
        async with SimulatedStation(
            site.url, "CP1", vendor="Alfen", model="Eve", serial="S1", firmware="7.1"
        ) as station:
            await station.connect()
            await station.boot(longest_wait=0.01, on_pending=waits.append)
            assert station.accepted
        assert (
            site.all("BootNotification")
            == [
                {
                    "charge_point_vendor": "Alfen",
                    "charge_point_model": "Eve",
                    "charge_point_serial_number": "S1",
                    "firmware_version": "7.1",
                }
            ]
            * 3
        )
        assert waits == [0.01, 0.01]

    async def test_a_pending_station_waits_as_long_as_the_server_said_and_a_trigger_ends_the_wait(self, site):
        site.boot_answers, site.interval = ["Pending", "Accepted"], 600
        waits = []
        async with SimulatedStation(site.url, "CP1") as station:
            await station.connect()
            booting = asyncio.create_task(station.boot(on_pending=waits.append))
            await site.until(lambda: waits)
            answer = await site.stations["CP1"].call(call.TriggerMessage("BootNotification"))
            await asyncio.wait_for(booting, 5)
        assert (answer.status, waits) == ("Accepted", [600])

    async def test_a_pending_station_says_nothing_of_its_own(self, site):
        site.boot_answers = ["Pending"]
        async with SimulatedStation(site.url, "CP1") as station:
            await station.connect()
            booting = asyncio.create_task(station.boot())
            await site.until(lambda: site.heard)
            await station.status(1, "Faulted", "GroundFailure")
            session = await station.start(KNOWN)
            assert (await station.tap(KNOWN)).status == "Invalid"
            booting.cancel()
        assert site.actions() == ["BootNotification"]
        assert (session.transaction_id, station.unreported) == (None, 1)

    async def test_a_rejected_station_is_told_so(self, site):
        site.boot_answers = ["Rejected"]
        async with SimulatedStation(site.url, "CP1") as station:
            await station.connect()
            with pytest.raises(BootRejectedError, match="rejected the station “CP1”"):
                await station.boot()

    async def test_start_up_reports_the_station_and_every_connector(self, site):
        async with SimulatedStation(site.url, "CP1", connectors=2) as station:
            await station.start_up()
        assert [(f["connector_id"], f["status"]) for f in site.all("StatusNotification")] == [
            (0, "Available"),
            (1, "Available"),
            (2, "Available"),
        ]

    async def test_heartbeats_follow_the_interval_of_the_server_and_of_its_configuration(self, site):
        site.interval = 1
        async with SimulatedStation(site.url, "CP1") as station:
            await station.start_up()
            assert station.cabinet.configuration.number("HeartbeatInterval") == 1
            station.spawn(station.keep_alive)
            await site.until(lambda: site.all("Heartbeat"))
            changed = call.ChangeConfiguration("heartbeatinterval", "900")
            assert (await site.stations["CP1"].call(changed)).status == "Accepted"
            assert station.cabinet.configuration.number("HeartbeatInterval") == 900

    @pytest.mark.parametrize(
        ("status", "words"), [(401, "another password"), (404, "knows neither"), (503, "no more"), (418, "HTTP 418")]
    )
    async def test_a_refused_handshake_says_why(self, site, status, words):
        site.refuse_handshake = status
        with pytest.raises(CannotConnectError, match=words):
            await SimulatedStation(site.url, "CP1").connect()

    async def test_a_server_without_ocpp_1_6_is_left(self):
        async with Site().running(subprotocols=()) as site:
            with pytest.raises(CannotConnectError, match=r"did not agree to speak OCPP 1\.6"):
                await SimulatedStation(site.url, "CP1").connect()

    async def test_something_else_than_a_websocket_server_is_named_so(self):
        async with speaking(b"220 smtp.example.org\r\n") as url:
            with pytest.raises(CannotConnectError, match="not a WebSocket server"):
                await SimulatedStation(url, "CP1").connect()

    async def test_an_encrypted_address_of_a_plain_server_is_one_sentence(self, site):
        with pytest.raises(CannotConnectError, match=r"wss:// may be mixed up|No encrypted connection"):
            await SimulatedStation(site.url.replace("ws:", "wss:"), "CP1").connect()

    async def test_a_server_that_never_answers_the_handshake_is_given_up(self):
        async with speaking(b"") as url:
            with pytest.raises(CannotConnectError, match=r"within 0\.1 seconds"):
                await SimulatedStation(url, "CP1", answer_timeout=0.1).connect()

    @pytest.mark.parametrize(
        "url",
        ["", "127.0.0.1:9000", "http://host/", "ws://", "ws://host:99999/", "ws://h:0/", "ws://[::1/", "ws://u:p@h/"],
    )
    async def test_an_unusable_address_is_refused_before_anything_is_sent(self, url):
        with pytest.raises(CannotConnectError, match="address"):
            await SimulatedStation(url, "CP1").connect()

    async def test_a_station_needs_an_identity(self, site):
        with pytest.raises(CannotConnectError, match="needs an identity"):
            await SimulatedStation(site.url, " ").connect()


class TestCharging:
    async def test_a_tap_gives_the_verdict_of_the_server(self, site, station):
        assert [(await station.tap(uid)).status for uid in (KNOWN, BLOCKED, UNKNOWN)] == [
            "Accepted",
            "Blocked",
            "Invalid",
        ]
        assert site.all("Authorize") == [{"id_tag": uid} for uid in (KNOWN, BLOCKED, UNKNOWN)]

    @pytest.mark.parametrize("uid", ["", "X" * 21])
    async def test_a_card_that_ocpp_cannot_carry_is_refused_here(self, site, station, uid):
        with pytest.raises(StationError, match="1 to 20 characters"):
            await station.tap(uid)
        assert site.heard == []

    async def test_a_charge_is_told_step_by_step_with_exact_energy(self, site, station):
        session = await station.charge(KNOWN, 60, power_w=36_000, tick=20, connector=2)
        assert site.actions() == [
            "Authorize",
            "StatusNotification",
            "StartTransaction",
            "StatusNotification",
            "MeterValues",
            "MeterValues",
            "MeterValues",
            "StopTransaction",
            "StatusNotification",
        ]
        assert site.statuses(2) == ["Preparing", "Charging", "Available"]
        registers = [f["meter_value"][0]["sampled_value"][0] for f in site.all("MeterValues")]
        assert [value["value"] for value in registers] == ["200", "400", "600"]
        assert {f["transaction_id"] for f in site.all("MeterValues")} == {41}
        [start], [stop] = site.all("StartTransaction"), site.all("StopTransaction")
        assert (start["connector_id"], start["id_tag"], start["meter_start"]) == (2, KNOWN, 0)
        assert (stop["transaction_id"], stop["meter_stop"], stop["id_tag"]) == (41, 600, KNOWN)
        assert (session.transaction_id, session.energy_wh) == (41, 600)

    async def test_meter_values_carry_energy_power_and_each_phase(self, site, station):
        await station.charge(KNOWN, 10, power_w=11_040, tick=10)
        [reading] = site.all("MeterValues")
        values = {
            (value["measurand"], value.get("phase")): (value["value"], value["unit"])
            for value in reading["meter_value"][0]["sampled_value"]
        }
        assert values == {
            ("Energy.Active.Import.Register", None): ("31", "Wh"),
            ("Power.Active.Import", None): ("11040", "W"),
            **{("Current.Import", phase): ("16.0", "A") for phase in ("L1", "L2", "L3")},
            **{("Voltage", f"{phase}-N"): ("230", "V") for phase in ("L1", "L2", "L3")},
        }

    async def test_the_register_counts_on_from_session_to_session(self, site, station):
        await station.charge(KNOWN, 10, power_w=36_000)
        await station.charge(KNOWN, 10, power_w=36_000)
        assert [(f["meter_start"]) for f in site.all("StartTransaction")] == [0, 100]

    async def test_a_refused_card_does_not_charge(self, site, station):
        assert await station.charge(UNKNOWN, 10) is None
        assert site.actions() == ["Authorize"]

    async def test_a_start_that_is_refused_ends_at_once_without_energy(self, site, station):
        site.start_verdict = {"status": "ConcurrentTx"}
        session = await station.charge(KNOWN, 600)
        assert (session.energy_wh, session.id_tag_info.status) == (0, "ConcurrentTx")
        assert site.all("StopTransaction")[0]["reason"] == "DeAuthorized"
        assert site.statuses() == ["Preparing", "Available"]

    async def test_a_connector_takes_one_session_at_a_time(self, site, station):
        await station.start(KNOWN)
        with pytest.raises(StationError, match="charging already"):
            await station.start(KNOWN)
        with pytest.raises(StationError, match="not free"):
            await station.charge(KNOWN, 1)
        for connector, words in ((0, "the station itself"), (3, "no connector 3")):
            with pytest.raises(StationError, match=words):
                await station.tap(KNOWN, connector)

    async def test_an_error_answer_is_raised_with_its_code_and_frees_the_connector(self, site, station):
        site.fails_to_start = True
        with pytest.raises(CallRefusedError, match="refused StartTransaction with InternalError"):
            await station.charge(KNOWN, 10)
        assert site.statuses() == ["Preparing", "Available"]
        assert (station.unreported, station.cabinet.sessions()) == (0, [])

    async def test_a_transaction_message_is_tried_as_often_as_configured(self, site, station):
        station.configure("TransactionMessageAttempts", "3")
        station.configure("TransactionMessageRetryInterval", "1")
        site.fails_to_start = True
        with pytest.raises(CallRefusedError):
            await station.start(KNOWN)
        assert len(site.all("StartTransaction")) == 3

    async def test_a_silent_server_is_not_waited_for_longer_than_told(self, site):
        site.silent = True
        async with SimulatedStation(site.url, "CP1", answer_timeout=0.1) as station:
            await station.connect()
            with pytest.raises(NoAnswerError, match=r"did not answer Authorize within 0\.1 seconds"):
                await station.tap(KNOWN)


class TestOffline:
    async def test_a_session_held_offline_is_replayed_in_order_with_its_own_times(self, site, station):
        await station.tap(KNOWN)
        await station.drop()
        site.heard.clear()
        before = datetime.now(UTC)
        session = await station.charge(KNOWN, 20, power_w=36_000, tick=10)
        after = datetime.now(UTC)
        assert (session.transaction_id, station.unreported) == (None, 4)
        await asyncio.sleep(0.05)
        await station.reconnect()

        assert site.actions() == [
            "StartTransaction",
            "MeterValues",
            "MeterValues",
            "StopTransaction",
            "StatusNotification",
        ]
        [start], [stop] = site.all("StartTransaction"), site.all("StopTransaction")
        times = [instant(fields["timestamp"]) for fields in (start, stop)]
        assert before - timedelta(milliseconds=1) <= times[0] < times[1] <= after
        assert (start["id_tag"], stop["id_tag"], stop["meter_stop"]) == (KNOWN, KNOWN, 200)
        assert {f["transaction_id"] for f in [*site.all("MeterValues"), stop]} == {41} == {session.transaction_id}
        assert station.unreported == 0

    async def test_a_session_begun_online_ends_offline_under_its_transaction(self, site, station):
        session = await station.start(KNOWN)
        await station.drop()
        await station.stop(session)
        await station.reconnect()
        assert [f["transaction_id"] for f in site.all("StopTransaction")] == [41]

    async def test_two_offline_sessions_keep_their_ids_apart(self, site, station):
        await station.drop()
        first, second = await station.start(KNOWN, 1), await station.start(BLOCKED, 2)
        await station.stop(second)
        await station.stop(first)
        await station.reconnect()
        assert [f["transaction_id"] for f in site.all("StopTransaction")] == [42, 41]

    async def test_a_start_whose_answer_was_lost_is_sent_again_the_same(self, site, station):
        side = site.stations["CP1"]
        side.connection.close_timeout = 0

        async def cut_instead_of_answering(message):
            side.connection.transport.abort()

        side._connection = type(
            "Mute", (), {"send": staticmethod(cut_instead_of_answering), "recv": side.connection.recv}
        )
        session = await station.start(KNOWN)
        assert (session.transaction_id, station.unreported) == (None, 1)
        await site.until(lambda: not station.online)
        await station.reconnect()
        first, again = site.all("StartTransaction")
        assert first == again
        assert session.transaction_id is not None

    async def test_the_stop_of_a_start_the_server_never_took_says_minus_one(self, site, station):
        await station.drop()
        session = await station.start(KNOWN)
        site.fails_to_start = True
        await station.reconnect()
        await station.stop(session)
        assert site.all("StopTransaction")[0]["transaction_id"] == -1

    async def test_offline_the_station_decides_by_its_list_then_its_cache_then_its_setting(self, site, station):
        await station.tap(KNOWN)
        entries = [
            {"idTag": BLOCKED.lower(), "idTagInfo": {"status": "Accepted", "expiryDate": "2020-01-01T00:00:00Z"}}
        ]
        await site.stations["CP1"].call(call.SendLocalList(3, "Full", entries))
        await station.drop()
        assert [(await station.tap(uid)).status for uid in (KNOWN, BLOCKED, UNKNOWN)] == [
            "Accepted",
            "Expired",
            "Invalid",
        ]
        station.configure("AllowOfflineTxForUnknownId", "true")
        assert (await station.tap(UNKNOWN)).accepted

    async def test_an_offline_session_the_server_does_not_allow_is_ended_when_it_says_so(self, site, station):
        station.configure("AllowOfflineTxForUnknownId", "true")
        await station.drop()
        charging = asyncio.create_task(station.charge(UNKNOWN, 3_600_000))
        await site.until(lambda: station.cabinet.connectors[1].status == "Charging")
        await station.reconnect()
        session = await asyncio.wait_for(charging, 5)
        assert (session.reason, session.id_tag_info.status) == ("DeAuthorized", "Invalid")

    async def test_a_drop_is_seen_as_such_by_the_server_and_is_no_loss_for_the_station(self, site, station):
        lost = asyncio.create_task(station.until_lost())
        connection = site.stations["CP1"].connection
        await station.drop()
        await asyncio.wait_for(connection.wait_closed(), 5)
        assert (connection.close_code, lost.done()) == (1006, False)
        with pytest.raises(OfflineError):
            await station.heartbeat()
        lost.cancel()

    async def test_a_connection_the_server_closes_is_lost_with_its_reason(self, site, station):
        await site.stations["CP1"].connection.close(1008, "go away")
        with pytest.raises(OfflineError, match=r"closed the connection \(code 1008, “go away”\)"):
            await asyncio.wait_for(station.until_lost(), 5)
        assert not station.online

    async def test_a_call_under_way_fails_with_the_connection(self, site, station):
        site.silent = True
        tapping = asyncio.create_task(station.tap(KNOWN))
        await site.until(lambda: site.all("Authorize"))
        site.stations["CP1"].connection.transport.abort()
        with pytest.raises(OfflineError, match="was lost"):
            await asyncio.wait_for(tapping, 1)


class TestRequestsOfTheServer:
    async def test_a_remote_start_is_answered_while_the_card_is_being_asked_for(self, site, station):
        frames = []
        station._conversation._on_frame = lambda direction, text: frames.append((direction, json.loads(text)))
        side = site.stations["CP1"]
        assert (await side.call(call.RemoteStartTransaction(KNOWN, 2))).status == "Accepted"
        await site.until(lambda: "Charging" in site.statuses(2))
        order = [frame[2] if frame[0] == 2 else "answer" for direction, frame in frames if direction == "sent"]
        assert order[:2] == ["Authorize", "answer"]

        assert (await side.call(call.RemoteStopTransaction(99))).status == "Rejected"
        assert (await side.call(call.RemoteStopTransaction(41))).status == "Accepted"
        await site.until(lambda: site.statuses(2)[-1] == "Available")
        [stop] = site.all("StopTransaction")
        assert (stop["transaction_id"], stop["reason"]) == (41, "Remote")
        assert stop["meter_stop"] > 0

    async def test_a_remote_start_crosses_a_call_that_is_still_open(self, site, station):
        site.silent = True
        tapping = asyncio.create_task(station.tap(BLOCKED))
        await site.until(lambda: site.all("Authorize"))
        site.silent = False
        answer = await asyncio.wait_for(site.stations["CP1"].call(call.RemoteStartTransaction(KNOWN, 2)), 3)
        assert answer.status == "Accepted"
        tapping.cancel()
        await site.until(lambda: "Charging" in site.statuses(2))

    async def test_without_authorization_of_remote_starts_the_session_begins_at_once(self, site, station):
        station.configure("AuthorizeRemoteTxRequests", "false")
        await site.stations["CP1"].call(call.RemoteStartTransaction(UNKNOWN))
        await site.until(lambda: site.all("StartTransaction"))
        assert site.all("Authorize") == []

    async def test_a_remote_start_needs_a_free_connector(self, site, station):
        await station.start(KNOWN, 1)
        await station.status(1, "Charging")
        await station.status(2, "Faulted", "GroundFailure")
        for connector in (1, 2, 9, None):
            request = call.RemoteStartTransaction(KNOWN, connector)
            assert (await site.stations["CP1"].call(request)).status == "Rejected"

    async def test_unlocking_ends_the_session_first(self, site, station):
        await station.start(KNOWN, 1)
        side = site.stations["CP1"]
        assert (await side.call(call.UnlockConnector(1))).status == "Unlocked"
        assert (await side.call(call.UnlockConnector(7))).status == "NotSupported"
        await site.until(lambda: site.all("StopTransaction"))
        assert site.all("StopTransaction")[0]["reason"] == "UnlockCommand"

    async def test_a_reset_ends_the_sessions_closes_and_comes_back_with_a_boot(self, site, station):
        charging = asyncio.create_task(station.charge(KNOWN, 3_600_000, connector=1))
        await site.until(lambda: "Charging" in site.statuses())
        side = site.stations["CP1"]
        assert (await side.call(call.Reset("Soft"))).status == "Accepted"
        await asyncio.wait_for(side.connection.wait_closed(), 5)
        assert side.connection.close_code == 1000
        await site.until(lambda: site.all("BootNotification") and site.statuses(2) == ["Available"])
        await charging
        assert site.all("StopTransaction")[0]["reason"] == "SoftReset"
        assert site.actions().index("StopTransaction") < site.actions().index("BootNotification")
        assert site.stations["CP1"] is not side

    async def test_availability_changes_now_or_after_the_session(self, site, station):
        side = site.stations["CP1"]
        session = await station.start(KNOWN, 1)
        await station.status(1, "Charging")
        assert (await side.call(call.ChangeAvailability(2, "Inoperative"))).status == "Accepted"
        assert (await side.call(call.ChangeAvailability(1, "Inoperative"))).status == "Scheduled"
        assert (await side.call(call.ChangeAvailability(5, "Inoperative"))).status == "Rejected"
        await site.until(lambda: site.statuses(2) == ["Unavailable"])
        with pytest.raises(StationError, match="not free"):
            await station.charge(KNOWN, 1, connector=2)
        await station.stop(session)
        assert (await side.call(call.ChangeAvailability(0, "Operative"))).status == "Accepted"
        await site.until(lambda: site.statuses(2)[-1] == "Available")

    async def test_configuration_is_read_and_changed_by_its_rules(self, site, station):
        side = site.stations["CP1"]
        everything = await side.call(call.GetConfiguration())
        assert {entry["key"] for entry in everything.configuration_key} >= {
            "LocalAuthListEnabled",
            "LocalAuthListMaxLength",
            "SendLocalListMaxLength",
            "HeartbeatInterval",
        }
        some = await side.call(call.GetConfiguration(["numberofconnectors", "Nonsense"]))
        assert some.configuration_key == [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}]
        assert some.unknown_key == ["Nonsense"]
        answers = [
            (await side.call(call.ChangeConfiguration(key, value))).status
            for key, value in (
                ("LocalPreAuthorize", "TRUE"),
                ("LocalPreAuthorize", "perhaps"),
                ("HeartbeatInterval", "-1"),
                ("HeartbeatInterval", "99999999999"),
                ("NumberOfConnectors", "4"),
                ("Nonsense", "1"),
            )
        ]
        assert answers == ["Accepted", "Rejected", "Rejected", "Rejected", "Rejected", "NotSupported"]

    async def test_with_local_pre_authorization_a_listed_card_is_not_asked_for(self, site, station):
        station.configure("LocalPreAuthorize", "true")
        await site.stations["CP1"].call(call.SendLocalList(1, "Full", [entry(UNKNOWN)]))
        assert (await station.tap(UNKNOWN.lower())).accepted
        assert site.all("Authorize") == []

    async def test_clearing_the_cache_forgets_the_cards(self, site, station):
        await station.tap(KNOWN)
        assert (await site.stations["CP1"].call(call.ClearCache())).status == "Accepted"
        await station.drop()
        assert (await station.tap(KNOWN)).status == "Invalid"

    async def test_each_message_can_be_triggered(self, site, station):
        side = site.stations["CP1"]
        for message in (
            "BootNotification",
            "StatusNotification",
            "Heartbeat",
            "MeterValues",
            "FirmwareStatusNotification",
            "DiagnosticsStatusNotification",
        ):
            site.heard.clear()
            assert (await side.call(call.TriggerMessage(message, 1))).status == "Accepted"
            await site.until(lambda: site.heard)
            await asyncio.sleep(0.02)
            assert site.actions() == [message]
        assert (await side.call(call.TriggerMessage("Heartbeat", 8))).status == "Rejected"

    async def test_a_reserved_connector_is_kept_for_its_card_until_it_expires(self, site, station):
        side = site.stations["CP1"]
        soon = datetime.now(UTC) + timedelta(seconds=0.6)
        answers = [
            (await side.call(call.ReserveNow(connector, expiry, KNOWN, number))).status
            for connector, expiry, number in (
                (1, soon.isoformat(), 7),
                (1, soon.isoformat(), 8),
                (2, "2020-01-01T00:00:00Z", 9),
                (2, "whenever", 9),
                (0, soon.isoformat(), 9),
            )
        ]
        assert answers == ["Accepted", "Occupied", "Rejected", "Rejected", "Rejected"]
        await site.until(lambda: site.statuses(1) == ["Reserved"])
        assert (await station.tap(BLOCKED, 1)).status == "Invalid"
        assert site.all("Authorize") == []
        assert (await side.call(call.RemoteStartTransaction(BLOCKED, 1))).status == "Rejected"
        await site.until(lambda: site.statuses(1) == ["Reserved", "Available"])
        assert (await side.call(call.CancelReservation(7))).status == "Rejected"

    async def test_a_reservation_is_used_up_by_its_session_or_cancelled(self, site, station):
        side = site.stations["CP1"]
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        await side.call(call.ReserveNow(1, later, KNOWN, 7))
        await station.charge(KNOWN, 1)
        assert site.all("StartTransaction")[0]["reservation_id"] == 7
        await side.call(call.ReserveNow(2, later, KNOWN, 8))
        assert (await side.call(call.CancelReservation(8))).status == "Accepted"
        await site.until(lambda: site.statuses(2) == ["Reserved", "Available"])

    async def test_what_the_station_cannot_do_is_answered_so(self, site, station):
        side = site.stations["CP1"]
        profile = {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]},
        }
        assert (await side.call(call.SetChargingProfile(1, profile))).status == "NotSupported"
        assert (await side.call(call.ClearChargingProfile())).status == "Unknown"
        assert (await side.call(call.GetCompositeSchedule(1, 60))).status == "Rejected"
        assert (await side.call(call.DataTransfer("acme"))).status == "UnknownVendorId"
        assert await side.call(call.GetDiagnostics("ftp://example.org/")) == call_result.GetDiagnostics()
        await side.call(call.UpdateFirmware("ftp://example.org/", NOW))
        await site.until(lambda: site.all("FirmwareStatusNotification") == [{"status": "DownloadFailed"}])

    async def test_frames_that_make_no_sense_do_not_disturb_the_station(self, site, station):
        connection = site.stations["CP1"].connection
        for frame in (
            "",
            "\ufeff[]",
            "null",
            "[]",
            "[2]",
            '[2,"1",["Reset"],{}]',
            '[3,"stray",{}]',
            '[4,"stray"]',
            "[" * 9999,
        ):
            await connection.send(frame)
        await connection.send(b'[2,"bin","GetLocalListVersion",{}]')
        await station.heartbeat()
        assert (await station.tap(KNOWN)).accepted

    async def test_a_request_that_breaks_the_schema_gets_an_error_answer(self, site, station):
        code, *_ = await _ask_aside(site.stations["CP1"], "Reset", {"type": "Lukewarm"})
        assert code == "FormatViolation"
        code, *_ = await _ask_aside(site.stations["CP1"], "Dance", {})
        assert code == "NotSupported"


def entry(uid, status="Accepted"):
    return {"idTag": uid, "idTagInfo": {"status": status}}


class TestLocalList:
    """OCPP 1.6 §5.15 and §7.47."""

    async def send(self, site, version, kind, *entries):
        return (await site.stations["CP1"].call(call.SendLocalList(version, kind, list(entries)))).status

    async def version(self, site):
        return (await site.stations["CP1"].call(call.GetLocalListVersion())).list_version

    async def test_a_full_list_replaces_and_a_differential_one_adds_changes_and_deletes(self, site, station):
        held = station.cabinet.local_list
        assert await self.version(site) == 0
        assert await self.send(site, 5, "Full", entry("AA"), entry("BB")) == "Accepted"
        assert (
            await self.send(site, 6, "Differential", entry("CC"), entry("aa", "Blocked"), {"idTag": "BB"}) == "Accepted"
        )
        assert [held.find(uid) and held.find(uid).status for uid in ("AA", "BB", "CC")] == ["Blocked", None, "Accepted"]
        assert await self.version(site) == 6
        assert await self.send(site, 2, "Full", entry("DD")) == "Accepted"
        assert (await self.version(site), len(held)) == (2, 1)

    async def test_a_differential_list_that_does_not_raise_the_version_is_a_mismatch(self, site, station):
        await self.send(site, 5, "Full", entry("AA"))
        for version in (5, 4):
            assert await self.send(site, version, "Differential", entry("BB")) == "VersionMismatch"
        assert (await self.version(site), len(station.cabinet.local_list)) == (5, 1)

    async def test_an_empty_full_list_clears_and_reads_as_version_zero(self, site, station):
        for version in (0, 9):
            await self.send(site, 5, "Full", entry("AA"))
            assert await self.send(site, version, "Full") == "Accepted"
            assert (await self.version(site), len(station.cabinet.local_list)) == (0, 0)

    async def test_duplicates_and_entries_without_a_verdict_fail_and_change_nothing(self, site, station):
        await self.send(site, 5, "Full", entry("AA"))
        assert await self.send(site, 6, "Full", entry("b1"), entry("B1")) == "Failed"
        assert await self.send(site, 6, "Full", {"idTag": "BB"}) == "Failed"
        assert await self.send(site, 0, "Full", entry("BB")) == "Failed"
        assert (await self.version(site), len(station.cabinet.local_list)) == (5, 1)

    async def test_the_limits_of_the_station_hold(self, site):
        limits = {"LocalAuthListMaxLength": "2", "SendLocalListMaxLength": "2"}
        async with SimulatedStation(site.url, "CP1", configuration=limits) as station:
            await station.start_up()
            assert await self.send(site, 1, "Full", entry("AA"), entry("BB"), entry("CC")) == "Failed"
            assert await self.send(site, 1, "Full", entry("AA"), entry("BB")) == "Accepted"
            assert await self.send(site, 2, "Differential", entry("CC")) == "Failed"
            assert await self.send(site, 2, "Differential", entry("CC"), {"idTag": "AA"}) == "Accepted"

    async def test_a_station_without_a_list_says_minus_one_and_not_supported(self, site, station):
        station.configure("LocalAuthListEnabled", "false")
        assert await self.version(site) == -1
        assert await self.send(site, 1, "Full", entry("AA")) == "NotSupported"

    def test_a_failed_update_leaves_every_entry_as_it_was(self):
        held = LocalList()
        held.update(1, "Full", [{"id_tag": "AA", "id_tag_info": {"status": "Accepted"}}], 1)
        assert held.update(2, "Differential", [{"id_tag": "BB", "id_tag_info": {"status": "Accepted"}}], 1) == "Failed"
        assert (held.version, held.find("BB")) == (1, None)


async def _ask_aside(side, action, payload):
    """Ask without the package's checks: the payload of the answer, or an error answer's code and words."""
    answers = asyncio.Queue()
    side._response_queue, usual = answers, side._response_queue
    await side.connection.send(json.dumps([2, "aside", action, payload]))
    try:
        message = await asyncio.wait_for(answers.get(), 3)
    finally:
        side._response_queue = usual
    return message.payload if hasattr(message, "payload") else [message.error_code, message.error_description]


class TestCommand:
    async def run(self, url, taps=(), charge=None, **more):
        out = io.StringIO()
        code = await simulate(url, "CP1", None, list(taps), charge, out, **more)
        return code, out.getvalue().splitlines()

    async def test_it_shows_each_frame_and_says_what_came_of_each_tap(self, site):
        code, lines = await self.run(site.url, [UNKNOWN, KNOWN, BLOCKED])
        assert code == 0
        frames = [line for line in lines if re.match(r"\d\d:\d\d:\d\d\.\d{3} [→←] \[[234],", line)]
        assert len(frames) == 2 * len(site.heard)
        assert [line for line in lines if line not in frames] == [
            f"The card {UNKNOWN} is refused, it is unknown or not allowed here (Invalid).",
            f"The card {KNOWN} is accepted (Accepted).",
            f"The card {BLOCKED} is refused, it is blocked (Blocked).",
        ]

    async def test_it_charges_with_the_last_card_that_was_accepted(self, site):
        code, lines = await self.run(site.url, [KNOWN, UNKNOWN], 0.2)
        assert (code, lines[-1]) == (0, f"Charged 0.001 kWh with the card {KNOWN}, transaction 41.")
        assert site.all("StartTransaction")[0]["id_tag"] == KNOWN
        assert len(site.all("Authorize")) == 2

    @pytest.mark.parametrize(
        ("taps", "charge", "words"),
        [
            ([UNKNOWN], 1.0, "Nothing was charged: no card was accepted."),
            ([], 1.0, "Charging takes a card: give one to tap."),
            ([KNOWN], 0.0, "Charging takes a number of seconds above 0."),
            ([KNOWN], float("nan"), "Charging takes a number of seconds above 0."),
        ],
    )
    async def test_a_charge_that_cannot_be_is_a_failure(self, site, taps, charge, words):
        code, lines = await self.run(site.url, taps, charge)
        assert (code, lines[-1]) == (1, words)

    async def test_a_start_that_is_refused_is_a_failure(self, site):
        site.start_verdict = {"status": "Blocked"}
        code, lines = await self.run(site.url, [KNOWN], 5.0)
        assert (code, lines[-1]) == (
            1,
            f"Nothing was charged: at the start the card {KNOWN} was refused, it is blocked (Blocked).",
        )

    async def test_nobody_listening_is_one_sentence(self, unused_port):
        for host in ("127.0.0.1", "localhost"):
            code, lines = await self.run(f"ws://{host}:{unused_port}")
            assert (code, lines) == (1, [f"Nothing listens at {host}:{unused_port}: the connection was refused."])

    async def test_a_rejected_station_and_a_silent_server_are_one_sentence(self, site):
        site.boot_answers = ["Rejected"]
        code, lines = await self.run(site.url)
        assert (code, lines[-1]) == (1, "The server rejected the station “CP1”: it may not join.")
        site.boot_answers, site.silent = ["Accepted"], True
        code, lines = await self.run(site.url, [KNOWN], answer_timeout=0.2)
        assert (code, lines[-1]) == (1, "The server did not answer Authorize within 0.2 seconds.")

    async def test_without_taps_it_stays_and_beats_until_cancelled(self, site):
        site.interval = 1
        out = io.StringIO()
        running = asyncio.create_task(simulate(site.url, "CP1", None, [], None, out))
        await site.until(lambda: site.all("Heartbeat"))
        running.cancel()
        assert await running == 0
        assert out.getvalue().splitlines()[-1] == "Stopped."
        await site.until(lambda: site.stations["CP1"].connection.close_code == 1000)

    async def test_a_cancelled_charge_is_ended_properly(self, site):
        running = asyncio.create_task(simulate(site.url, "CP1", None, [KNOWN], 600.0, io.StringIO()))
        await site.until(lambda: "Charging" in site.statuses())
        running.cancel()
        assert await running == 0
        assert [f["transaction_id"] for f in site.all("StopTransaction")] == [41]

    async def test_a_pending_station_says_that_it_waits(self, site):
        site.boot_answers, site.interval = ["Pending"], 90
        out = io.StringIO()
        running = asyncio.create_task(simulate(site.url, "CP1", None, [], None, out))
        await site.until(lambda: "asking again in 90 seconds" in out.getvalue())
        running.cancel()
        assert await running == 0

    async def test_a_lost_connection_is_one_sentence(self, site):
        running = asyncio.create_task(self.run(site.url))
        await site.until(lambda: site.statuses())
        site.stations["CP1"].connection.transport.abort()
        code, lines = await asyncio.wait_for(running, 5)
        assert (code, lines[-1]) == (1, "The connection to the server was lost.")

    async def test_it_ends_quietly_when_nobody_reads_any_more(self, site):
        class Gone(io.StringIO):
            def write(self, text):
                raise BrokenPipeError

        assert await asyncio.wait_for(simulate(site.url, "CP1", None, [], None, Gone()), 5) == 0

    async def test_a_frame_is_one_line_whatever_the_server_puts_into_it(self):
        out = io.StringIO()
        Transcript(out).frame("received", '[3,\n"1",\x1b[2J{"a":"é\u202e"}]')
        assert re.fullmatch(r'\S+ ← \[3,\\n"1",\\x1b\[2J\{"a":"é\\u202e"\}\]\n', out.getvalue())

    async def test_a_console_without_arrows_gets_their_code(self):
        raw = io.BytesIO()
        console = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
        Transcript(console).frame("sent", "[]")
        assert raw.getvalue().endswith(b" \\u2192 []\n")


@pytest.fixture
async def unused_port():
    async with await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0) as server:
        return server.sockets[0].getsockname()[1]


IMPATIENT = Patience(join=0.05, first_try=0.05, last_try=0.2)


def demo_station(number, **more):
    facts = {
        "station_id": f"DEMO-{number}",
        "vendor": "Alfen",
        "model": "Eve Double",
        "serial": f"S{number}",
        "firmware": "7.1",
        "cards": (KNOWN,),
        "strangers": (UNKNOWN,),
    }
    return DemoStation(**{**facts, **more})


class TestDemoSite:
    @asynccontextmanager
    async def living(self, site, *stations, seed=1, pace=20_000, on_frame=None):
        life = asyncio.create_task(
            run_demo_site(site.url, stations, random.Random(seed), pace=pace, patience=IMPATIENT, on_frame=on_frame)
        )
        try:
            yield life
        finally:
            life.cancel()
            with pytest.raises(asyncio.CancelledError):
                await life

    async def test_people_charge_strangers_are_refused_and_faults_come_and_go(self, site):
        stations = [demo_station(n, connectors=n, fault_weight=5.0, outages_per_day=0) for n in (1, 2)]
        async with self.living(site, *stations):
            await site.until(lambda: {"Faulted", "Charging"} <= set(site.statuses()))
            await site.until(lambda: len(site.all("StopTransaction")) > 2)
            await site.until(lambda: {f["id_tag"] for f in site.all("Authorize")} == {KNOWN, UNKNOWN})
        assert {f["error_code"] for f in site.all("StatusNotification") if f["status"] == "Faulted"} == {
            "GroundFailure"
        }
        assert {f["id_tag"] for f in site.all("StartTransaction")} == {KNOWN}

    async def test_a_session_of_an_outage_is_replayed_on_return(self, site):
        gone = []
        async with self.living(site, demo_station(1, outages_per_day=100), on_frame=lambda *frame: gone.append(frame)):
            await site.until(lambda: len(site.all("BootNotification")) == 1 and self._replayed(site))
        assert {frame[0] for frame in gone} == {"DEMO-1"}

    def _replayed(self, site):
        pairs = pairwise(site.actions())
        # Online a start is followed by the status Charging; replayed, by what came next in the queue.
        return any(pair == ("StartTransaction", "MeterValues") for pair in pairs)

    async def test_a_station_that_is_held_keeps_asking_and_lives_once_it_is_accepted(self, site):
        site.boot_answers = ["Pending"]
        async with self.living(site, demo_station(1)):
            await site.until(lambda: len(site.all("BootNotification")) > 3)
            assert set(site.actions()) == {"BootNotification"}
            site.boot_answers = ["Accepted"]
            await site.until(lambda: site.all("Authorize"))

    async def test_a_rejected_station_comes_again_later(self, site):
        site.boot_answers = ["Rejected", "Accepted"]
        async with self.living(site, demo_station(1)):
            await site.until(lambda: site.all("Authorize"))

    async def test_the_stations_come_back_when_the_server_does(self):
        site = Site()
        async with site.running():
            port = site.port
        async with self.living(site, demo_station(1), demo_station(2)):
            await asyncio.sleep(0.1)
            async with site.running(port):
                await site.until(lambda: len(site.all("BootNotification")) == 2)
            site.heard.clear()
            async with site.running(port):
                await site.until(lambda: len(site.all("BootNotification")) == 2)

    async def test_the_same_chance_gives_the_same_people(self, site):
        visits = []
        for _ in range(2):
            site.heard.clear()
            async with self.living(site, demo_station(1, outages_per_day=0, fault_weight=0), seed=7):
                await site.until(lambda: len(site.all("Authorize")) >= 6)
            visits.append([f["id_tag"] for f in site.all("Authorize")][:6])
        assert visits[0] == visits[1]
