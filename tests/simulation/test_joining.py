"""How a simulated station connects, and what it says when it cannot."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from ocpp.v16 import call

from app.simulation import BootRejectedError, CannotConnectError, SimulatedStation
from tests.simulation.central_site import KNOWN, Site


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
