"""One station's connection: what we ask goes out one at a time and always ends, what comes in is not held up by it."""

import asyncio
import json
import re
import socket
import time
from contextlib import nullcontext
from datetime import timedelta

import pytest

from app.application import Application, MessageFilter
from app.csms import central_system
from app.csms.door import doors
from app.csms.station import link, liveness, outgoing, reports
from app.domain.commands import ReadAllVariables
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import AddressesChanged, Resumed, StationConnected, StationDisconnected
from app.domain.model import AccessLevel, Direction, KnockCause
from tests.disk_faults import nothing_written
from tests.wire import ELSEWHERE, HAS_ELSEWHERE, byte_station, masked, raw_station

CARD = "04A1B2C3D4E580"
START = {"connectorId": 1, "idTag": CARD, "meterStart": 0, "timestamp": "2025-03-04T20:00:00Z"}
ACCEPTED = {"status": "Accepted"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The disk is asked again soon."""
    monkeypatch.setattr(reports, "STORE_AGAIN_S", 0.02)


@pytest.fixture
def talkative(monkeypatch):
    """The server need not wait for stations that might boot."""
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.0)


@pytest.fixture
async def station(application, url):
    """An accepted station in a public pool, and a pass."""
    pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
    await application.stations.accept("CP1", pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD))
    async with raw_station(url, "CP1") as station:
        await station.call("Heartbeat", {})
        yield station


async def asks(application, action="GetConfiguration", payload=None, timeout_s=45.0):
    return await application.server.call("cp1", action, payload or {}, timeout_s)


async def fails(asked):
    with pytest.raises(AppError) as failed:
        await asked
    return failed.value


@pytest.mark.usefixtures("talkative")
class TestACallOfOurs:
    async def test_gives_the_payload_of_its_answer(self, application, station):
        asked = asyncio.create_task(asks(application, "GetConfiguration", {"key": ["HeartbeatInterval"]}))
        message_id, action, payload = await station.was_asked()
        assert (action, payload) == ("GetConfiguration", {"key": ["HeartbeatInterval"]})
        await station.send(json.dumps([3, message_id, {"configurationKey": []}]))
        assert await asked == {"configurationKey": []}

    async def test_waits_for_the_one_before_it(self, application, station):
        first, second = (asyncio.create_task(asks(application, action)) for action in ("ClearCache", "Reset"))
        message_id, action, _ = await station.was_asked()
        assert action == "ClearCache"
        assert await station.hears_nothing(0.1)
        await station.send(json.dumps([3, message_id, ACCEPTED]))
        message_id, action, _ = await station.was_asked()
        assert action == "Reset"
        await station.send(json.dumps([3, message_id, ACCEPTED]))
        assert [await first, await second] == [ACCEPTED, ACCEPTED]

    async def test_may_be_crossed_by_what_the_station_asks(self, application, station):
        asked = asyncio.create_task(asks(application, "RemoteStartTransaction", {"idTag": CARD}))
        message_id, *_ = await station.was_asked()
        assert (await station.call("Authorize", {"idTag": CARD}))["idTagInfo"]["status"] == "Accepted"
        assert (await station.call("StartTransaction", START))["transactionId"]
        await station.send(json.dumps([3, message_id, ACCEPTED]))
        assert await asked == ACCEPTED

    async def test_that_is_refused_says_how_and_leaves_out_what_is_not_legible(self, application, station):
        asked = asyncio.create_task(asks(application))
        message_id, *_ = await station.was_asked()
        await station.send(json.dumps([4, message_id, "NotSupported", "no\n\0such" + "h" * 1000, {"x": 1}]))
        failed = await fails(asked)
        assert failed.code == "station_refused"
        assert (failed.params["action"], failed.params["error"]) == ("GetConfiguration", "NotSupported")
        assert failed.params["description"].isprintable()
        assert len(failed.params["description"]) < 256

    async def test_whose_answer_is_cut_short_fails_at_once(self, application, station):
        asked = asyncio.create_task(asks(application))
        message_id, *_ = await station.was_asked()
        await station.send(f'[3,"{message_id}",{{"configurationKey":[]')
        assert (await fails(asyncio.wait_for(asked, 2))).code == "station_answer_unreadable"

    async def test_ends_when_its_time_is_up_and_the_next_one_goes_out(self, application, station):
        reset = asyncio.create_task(asks(application, "Reset", timeout_s=0.2))
        cache = asyncio.create_task(asks(application, "ClearCache"))
        await station.was_asked()
        assert (await fails(reset)).code == "station_silent"
        message_id, action, _ = await station.was_asked(1)
        assert action == "ClearCache"
        await station.send(json.dumps([3, message_id, ACCEPTED]))
        assert await cache == ACCEPTED

    async def test_that_is_answered_late_is_kept_with_its_answer_and_harms_no_other(self, application, station):
        asked = asyncio.create_task(asks(application, "Reset", {"type": "Soft"}, timeout_s=0.1))
        late_id, *_ = await station.was_asked()
        assert (await fails(asked)).code == "station_silent"
        assert await self.kept(application) == [("Reset", "timed_out", "", True)]

        other = asyncio.create_task(asks(application, "ClearCache"))
        message_id, *_ = await station.was_asked()
        for answer_to in (late_id, late_id, "never-asked"):
            await station.send(json.dumps([3, answer_to, {"status": "Late"}]))
        await station.send(json.dumps([3, message_id, ACCEPTED]))
        assert await other == ACCEPTED
        newest, reset = await self.kept(application)
        assert newest[:2] == ("ClearCache", "Accepted")
        assert (reset[:2], reset[3]) == (("Reset", "Late"), False)
        assert "Late" in reset[2]

    async def kept(self, application):
        await application.journal.flush()
        messages = application.journal.messages(MessageFilter())
        return [
            (message.action, message.outcome, message.response, message.took_ms is None)
            for message in messages
            if message.direction is Direction.TO_STATION
        ]

    async def test_fails_at_once_when_the_connection_ends_with_all_that_wait(self, application, station):
        asked = [asyncio.create_task(asks(application, action)) for action in ("Reset", "ClearCache", "GetDiagnostics")]
        await station.was_asked()
        station.cut()
        async with asyncio.timeout(2):
            assert {(await fails(each)).code for each in asked} == {"station_not_connected"}
        assert [kept[:2] for kept in await self.kept(application)] == [("Reset", "closed")]

    async def test_to_a_station_that_is_away_fails_at_once(self, application):
        assert (await fails(application.server.call("NOBODY", "Reset", {}))).code == "station_not_connected"

    async def test_finds_no_room_behind_too_many_others(self, application, station):
        asked = [asyncio.create_task(asks(application)) for _ in range(66)]
        await station.was_asked()
        done, _ = await asyncio.wait(asked, timeout=0.1)
        assert {task.exception().code for task in done} == {"station_queue_full"}
        station.cut()
        await asyncio.gather(*asked, return_exceptions=True)

    async def test_left_without_an_answer_three_times_in_a_row_closes_the_connection_once(
        self, application, url, station
    ):
        for _ in range(3):
            assert (await fails(asks(application, timeout_s=0.05))).code == "station_silent"
        assert await station.closed() == 1001
        assert application.server.behaviour("CP1").answers_nothing
        async with raw_station(url, "CP1") as again:
            await again.call("Heartbeat", {})
            for _ in range(3):
                assert (await fails(asks(application, timeout_s=0.05))).code == "station_silent"
            assert await again.call("Heartbeat", {})

    async def test_at_which_a_station_breaks_off_twice_is_known_as_such(self, application, url, station):
        for number in range(2):
            async with raw_station(url, "CP1") if number else nullcontext(station) as broken:
                await broken.call("Heartbeat", {})
                asked = asyncio.create_task(asks(application, "GetConfiguration"))
                await broken.was_asked()
                broken.cut()
                assert (await fails(asked)).code == "station_not_connected"
                async with asyncio.timeout(2):
                    while application.server.connected:
                        await asyncio.sleep(0.01)
        assert application.server.behaviour("CP1").breaks_off_at == ("GetConfiguration",)
        async with asyncio.timeout(2):
            while application.habits.of("CP1").breaks_off_at != ("GetConfiguration",):
                await asyncio.sleep(0.01)
        async with raw_station(url, "CP1") as careful:
            await careful.call("Heartbeat", {})
            by_itself = application.server.ask_by_itself("CP1", ReadAllVariables(1))
            assert (await fails(by_itself)).code == "station_breaks_off"
            asked = asyncio.create_task(application.carry_out("CP1", ReadAllVariables(1)))
            assert (await careful.was_asked())[1] == "GetConfiguration"
            asked.cancel()

    async def test_at_which_a_station_broke_off_is_known_when_the_program_begins_anew(self, application, database):
        await application.stations.accept("CP1")
        await application.habits.learned("CP1", never_pongs=True, breaks_off_at=("GetConfiguration",))
        await application.stop()
        again = Application(database)
        await again.start("127.0.0.1", 0)
        async with raw_station(f"ws://127.0.0.1:{again.server.port}/", "CP1") as careful:
            await careful.call("Heartbeat", {})
            known = again.server.behaviour("CP1")
            assert (known.never_pongs, known.breaks_off_at) == (True, ("GetConfiguration",))
            by_itself = again.server.ask_by_itself("CP1", ReadAllVariables(1))
            assert (await fails(by_itself)).code == "station_breaks_off"
        await again.stop()

    async def test_that_nobody_waits_for_any_more_harms_nobody(self, application, station):
        asked = asyncio.create_task(asks(application))
        message_id, *_ = await station.was_asked()
        asked.cancel()
        await station.send(json.dumps([3, message_id, {}]))
        assert await station.call("Heartbeat", {})


class TestTheServerIsQuiet:
    async def test_until_a_station_had_time_to_boot(self, application, url, monkeypatch):
        monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 1.0)
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1") as station:
            await station.call("Heartbeat", {})
            asked = asyncio.create_task(asks(application))
            assert await station.hears_nothing(0.2)
            message_id, *_ = await station.was_asked(5)
            await station.send(json.dumps([3, message_id, {}]))
            assert await asked == {}

    async def test_until_a_moment_after_the_boot_is_answered_and_no_longer(self, application, url, monkeypatch):
        monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.8)
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1") as station:
            asked = asyncio.create_task(asks(application))
            await station.call("BootNotification", {"chargePointVendor": "v", "chargePointModel": "m"})
            assert await station.hears_nothing(0.2)
            message_id, *_ = await station.was_asked(5)
            await station.send(json.dumps([3, message_id, {}]))
            assert await asked == {}

    @pytest.mark.usefixtures("talkative")
    async def test_while_a_boot_waits_for_its_answer(self, application, station):
        with nothing_written(application.store):
            await station.send(json.dumps([2, "s", "StartTransaction", START]))
            await station.send('[2,"b","bootnotification",{}]')
            await station.call("Heartbeat", {})
            asked = asyncio.create_task(asks(application))
            assert await station.hears_nothing(0.3)
        assert [json.loads(await station.answer())[1] for _ in "sb"] == ["s", "b"]
        await station.was_asked()
        asked.cancel()

    async def test_but_not_to_a_station_that_was_just_let_in(self, application, url, monkeypatch):
        monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.05)
        async with raw_station(url, "NEW") as station:
            assert (await station.call("BootNotification", {}))["status"] == "Pending"
            await application.stations.accept("new")
            message_id, action, payload = await station.was_asked(2)
            assert (action, payload) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
            await station.send(json.dumps([4, message_id, "NotImplemented", "", {}]))
            assert (await station.call("BootNotification", {}))["status"] == "Accepted"


class TestAStationOfWhichNoBootIsKnown:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        """It is asked soon."""
        monkeypatch.setattr(central_system, "NEVER_BOOTS_S", 0.05)

    @pytest.mark.usefixtures("talkative")
    async def test_is_asked_for_a_boot_once_by_which_it_is_known(self, application, url):
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1") as station:
            message_id, action, payload = await station.was_asked()
            assert (action, payload) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
            await station.send(json.dumps([4, message_id, "NotImplemented", "", {}]))
            assert await station.hears_nothing(0.2)
        async with raw_station(url, "CP1") as again:
            assert await again.hears_nothing(0.2)
            assert "currentTime" in await again.call("Heartbeat", {})

    @pytest.mark.usefixtures("talkative")
    async def test_is_left_alone_once_it_has_booted(self, application, url):
        await application.stations.accept("CP1")
        async with raw_station(url, "CP1") as station:
            await station.call("BootNotification", {"chargePointVendor": "v", "chargePointModel": "m"})
        async with raw_station(url, "CP1") as again:
            assert await again.hears_nothing(0.2)


class TestAnAnswer:
    async def test_is_held_back_for_a_station_that_cannot_take_it_so_soon(self, application, station):
        await application.habits.treat("cp1", answer_delay_ms=300)
        began = time.monotonic()
        await station.call("Heartbeat", {})
        await station.call("StartTransaction", START)
        assert time.monotonic() - began >= 0.6

    async def test_has_milliseconds_in_its_times_for_a_station_that_wants_them_and_in_the_log(
        self, application, station
    ):
        await application.habits.treat("CP1", milliseconds=True)
        told = [
            (await station.call("Heartbeat", {}))["currentTime"],
            (await station.call("Authorize", {"idTag": CARD}))["idTagInfo"]["expiryDate"],
        ]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", time) for time in told)
        await application.journal.flush()
        (kept, *_) = application.journal.messages(MessageFilter(action="Authorize"))
        assert told[1] in kept.response


class TestReports:
    async def test_wait_for_the_disk_and_are_answered_in_their_order_while_cards_are_decided(
        self, application, station
    ):
        with nothing_written(application.store):
            for number in range(3):
                start = START | {"timestamp": f"2025-03-04T20:0{number}:00Z"}
                await station.send(json.dumps([2, f"s{number}", "StartTransaction", start]))
            assert (await station.call("Authorize", {"idTag": CARD}))["idTagInfo"]["status"] == "Accepted"
            assert await station.call("Heartbeat", {})
            assert await station.hears_nothing(0.2)
        answers = [json.loads(await station.answer()) for _ in range(3)]
        assert [answer[1] for answer in answers] == ["s0", "s1", "s2"]
        assert len({answer[2]["transactionId"] for answer in answers}) == 3

    async def test_told_again_while_they_wait_are_answered_once(self, application, station):
        with nothing_written(application.store):
            for _ in range(4):
                await station.send(json.dumps([2, "s", "StartTransaction", START]))
            await station.call("Heartbeat", {})
        assert json.loads(await station.answer())[1] == "s"
        assert await station.hears_nothing(0.1)
        assert len(application.sessions.recent()) == 1

    async def test_that_found_no_room_are_left_to_be_told_again(self, application, station, monkeypatch):
        monkeypatch.setattr(reports, "MOST_WAITING", 2)
        monkeypatch.setattr(reports, "ROOM_WITHIN_S", 0.05)
        with nothing_written(application.store):
            for number in range(6):
                start = START | {"connectorId": number + 1}
                await station.send(json.dumps([2, f"s{number}", "StartTransaction", start]))
            assert (await station.call("Authorize", {"idTag": CARD}))["idTagInfo"]["status"] == "Accepted"
        assert [json.loads(await station.answer())[1] for _ in range(2)] == ["s0", "s1"]
        assert await station.hears_nothing(0.1)
        await station.send(json.dumps([2, "s5", "StartTransaction", START | {"connectorId": 6}]))
        assert json.loads(await station.answer())[:2] == [3, "s5"]
        assert len(application.sessions.recent()) == 3

    async def test_of_a_station_that_left_at_once_are_stored_all_the_same(self, application, url, station):
        await station.send(json.dumps([2, "s", "StartTransaction", START]))
        await station.socket.close()
        async with asyncio.timeout(2):
            while not application.sessions.recent():
                await asyncio.sleep(0.01)

    async def test_do_not_keep_a_station_that_left_for_ever(self, application, station, monkeypatch):
        monkeypatch.setattr(link, "FINISH_WITHIN_S", 0.1)
        with nothing_written(application.store):
            await station.send(json.dumps([2, "s", "StartTransaction", START]))
            await station.call("Heartbeat", {})
            station.cut()
            async with asyncio.timeout(1):
                while application.server.connected:
                    await asyncio.sleep(0.01)


def small_send_buffers(application):
    """The system keeps little of what a station does not read."""
    for listening in application.server.doors._plain.sockets:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


async def stuff(application, reader, writer):
    """A station that asks and asks and reads no answer, until the server cannot get rid of one more."""
    reader._transport.pause_reading()
    writer.write(b"".join(masked(b'[2,"%0250d","Heartbeat",{}]' % number) for number in range(4000)))
    (link,) = application.server._links.values()
    async with asyncio.timeout(10):
        while link.silent_for_s < 0.3:
            await asyncio.sleep(0.05)
    assert link._socket.transport.get_write_buffer_size()


@HAS_ELSEWHERE
class TestASecondConnectionOfTheSameStation:
    async def test_is_turned_away_while_the_first_one_lives(self, application, url, station):
        async with raw_station(url, "cp1", **ELSEWHERE) as second:
            assert await second.closed() == 1008
        assert await station.call("Heartbeat", {})
        knocked = application.server.knocks[0]
        assert (knocked.cause, knocked.station_id) == (KnockCause.ALREADY_CONNECTED, "cp1")

    @pytest.mark.parametrize("reading", [True, False])
    async def test_takes_the_place_of_one_from_which_nothing_comes(self, application, url, monkeypatch, reading):
        monkeypatch.setattr(central_system, "OLD_SOCKET_HAS_S", 0.2)
        monkeypatch.setattr(link, "CLOSE_WITHIN_S", 0.1)
        await application.stations.accept("CP1")
        told = []
        for kind in (StationConnected, StationDisconnected):
            application.bus.subscribe(kind, told.append)
        if not reading:
            small_send_buffers(application)
        async with byte_station(url, "CP1") as (reader, writer):
            if not reading:
                await stuff(application, reader, writer)
            async with raw_station(url, "CP1", **ELSEWHERE) as second:
                assert await second.call("Heartbeat", {})
                assert application.server.connected == {"CP1"}
                assert (told[0], told[-1]) == (StationConnected("CP1"), StationConnected("CP1"))

    async def test_is_turned_away_though_the_first_one_sends_bytes_that_are_no_message(self, application, url, station):
        async def ping():
            while True:
                await station.socket.ping()
                await asyncio.sleep(0.01)

        pinging = asyncio.create_task(ping())
        async with raw_station(url, "CP1", **ELSEWHERE) as second:
            assert await second.closed() == 1008
        pinging.cancel()

    async def test_from_the_same_address_is_the_station_that_came_again(self, application, url, station):
        async with raw_station(url, "CP1") as second:
            assert await station.closed() == 1001
            assert await second.call("Heartbeat", {})
            assert application.server.connected == {"CP1"}
            assert not application.server.knocks


class TestAStationThatFellSilent:
    @pytest.fixture(autouse=True)
    def watchful(self, monkeypatch):
        monkeypatch.setattr(liveness, "LOOK_AROUND_EVERY_S", 0.05)
        monkeypatch.setattr(liveness, "SHORTEST_SILENCE_S", 0.3)
        monkeypatch.setattr(liveness, "PING_WAIT_S", 0.2)
        monkeypatch.setattr(link, "CLOSE_WITHIN_S", 0.1)
        monkeypatch.setattr("app.settings.Settings.heartbeat_interval_s", 0)

    async def test_is_dropped_when_a_ping_brings_nothing(self, application, url):
        # By the time this end knows that it is connected, the other may have waited for long.
        began = time.monotonic()
        async with byte_station(url, "CP1") as (reader, _writer):
            async with asyncio.timeout(3):
                while await reader.read(100):
                    pass
            assert time.monotonic() - began >= 0.5
            async with asyncio.timeout(1):
                while application.server.connected:
                    await asyncio.sleep(0.01)

    @pytest.mark.parametrize("event", [Resumed(timedelta(hours=8)), AddressesChanged((), ("10.0.0.7",))])
    async def test_is_asked_at_once_after_a_sleep_or_with_another_network(self, application, url, monkeypatch, event):
        monkeypatch.setattr(liveness, "SHORTEST_SILENCE_S", 180.0)
        monkeypatch.setattr(liveness, "PING_WAIT_AFTER_CHANGE_S", 0.2)
        async with byte_station(url, "DEAD") as (reader, _writer), raw_station(url, "CP1") as living:
            await living.call("BootNotification", {})
            while application.server.connected != {"CP1", "DEAD"}:
                await asyncio.sleep(0.01)
            application.bus.publish(event)
            async with asyncio.timeout(3):
                while await reader.read(100):
                    pass
                while application.server.connected != {"CP1"}:
                    await asyncio.sleep(0.01)
            assert living.socket.close_code is None

    async def test_is_not_dropped_for_not_answering_a_ping_if_it_never_does_and_speaks(
        self, application, url, monkeypatch
    ):
        monkeypatch.setattr(liveness, "SHORTEST_SILENCE_S", 180.0)
        monkeypatch.setattr(liveness, "PING_WAIT_AFTER_CHANGE_S", 0.2)
        await application.stations.accept("CP1")
        async with byte_station(url, "CP1") as (_reader, writer):
            writer.write(masked(b'[2,"1","Heartbeat",{}]'))
            while application.server.connected != {"CP1"}:
                await asyncio.sleep(0.01)
            application.bus.publish(Resumed(timedelta(hours=8)))
            await asyncio.sleep(0.05)
            writer.write(masked(b'[2,"2","Heartbeat",{}]'))
            async with asyncio.timeout(2):
                while not application.server.behaviour("CP1").never_pongs:
                    await asyncio.sleep(0.01)
            application.bus.publish(Resumed(timedelta(hours=8)))
            await asyncio.sleep(0.4)
            assert application.server.connected == {"CP1"}

    async def test_stays_when_it_answers_a_ping(self, application, url):
        async with raw_station(url, "CP1") as station:
            await asyncio.sleep(1.0)
            assert application.server.connected == {"CP1"}
            assert station.socket.close_code is None

    async def test_stays_though_it_never_answers_a_ping_as_long_as_it_speaks(self, application, url):
        async with byte_station(url, "CP1") as (_reader, writer):
            for number in range(20):
                writer.write(masked(b'[2,"%d","Heartbeat",{}]' % number))
                await asyncio.sleep(0.05)
            assert application.server.connected == {"CP1"}


class TestAFrameThatIsNoMessage:
    @pytest.mark.parametrize(
        "frame", ["", " ", "\r\n", "\0", "[]", "{}", "null", "[1,2", '[9,"x",{}]', '[3,"x",{}]', "é"]
    )
    async def test_leaves_the_connection_open(self, station, frame):
        await station.send(frame)
        assert await station.call("Heartbeat", {})

    async def test_with_a_secret_in_it_nested_as_deep_as_can_be_leaves_the_connection_open(self, application, station):
        await station.send("[" * 900 + '{"password":"canary"}' + "]" * 900)
        assert await station.call("Heartbeat", {})
        await application.journal.flush()
        assert not application.journal.messages(MessageFilter(text="canary"))

    async def test_is_kept_with_what_was_wrong(self, application, station):
        answer = await station.say('[2,"cut-short","Authorize",{"idTag":"04A2')
        assert answer == [4, "cut-short", "FormationViolation", "", {}]
        await application.journal.flush()
        (kept,) = application.journal.messages(MessageFilter(text="cut-short"))
        assert (kept.outcome, kept.request) == ("not_json", '[2,"cut-short","Authorize",{"idTag":"04A2')

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            (masked(b"x" * doors.LONGEST_MESSAGE + b"y"), 1009),
            (masked(b"\xff\xfe"), 1007),
            (bytes([0xC1, 0x80]) + bytes(4), 1002),
            (masked(b"", opcode=3), 1002),
        ],
    )
    async def test_of_the_websocket_itself_closes_it_with_the_right_code(self, application, url, station, sent, code):
        async with byte_station(url, "CP2") as (reader, writer):
            writer.write(sent)
            closing = await asyncio.wait_for(reader.read(4), 5)
            assert closing[0] == 0x88
            assert int.from_bytes(closing[2:4], "big") == code
        assert await station.call("Heartbeat", {})

    async def test_that_was_compressed_unasked_is_known_of_its_station(self, application, url, station):
        await station.call("Heartbeat", {})
        await application.stations.accept("CP2")
        async with byte_station(url, "CP2") as (reader, writer):
            assert not application.server.behaviour("CP2").compresses
            writer.write(bytes([0xC1, 0x80]) + bytes(4))
            await asyncio.wait_for(reader.read(), 5)
        async with asyncio.timeout(5):
            while not application.server.behaviour("CP2").compresses:
                await asyncio.sleep(0.005)
        assert not application.server.behaviour("CP1").compresses

    async def test_of_a_vendor_is_kept_as_far_as_anyone_reads_it(self, application, station):
        await station.call("DataTransfer", {"vendorId": "v", "data": "x" * 100_000})
        await application.journal.flush()
        kept = application.journal.messages(MessageFilter(), limit=1)[0]
        assert len(kept.request) < 4_200
        assert kept.request.startswith('[2, "m2", "DataTransfer", {"vendorId": "v", "data": "xxx')
