"""A PIN on a station's keypad, over real sockets, up to the session that is recorded under its name."""

import asyncio
import json
import statistics
import time
from datetime import timedelta

import pytest

from app.application import MessageFilter, PinDraft
from app.csms.station import link
from app.domain.access import Reason
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import CardTapped, MessageLogged, PinEntryClosed, SessionChanged
from app.domain.instants import wire_time
from app.domain.model import AccessLevel, PoolOptions
from app.domain.pins import HIDDEN_PIN
from app.simulation import SimulatedStation
from tests.wire import raw_station

PIN, CARD = "830517", "04A2B3C4D5E680"
WRONG = ("830518", "305170", "83051", "999999", "000000")
START = {"connectorId": 1, "meterStart": 0, "timestamp": "2025-03-04T20:00:00Z"}
STOP = {"transactionId": 1, "meterStop": 10, "timestamp": "2025-03-04T21:00:00Z"}


@pytest.fixture
async def pool(application):
    return await application.pools.create("Yard", AccessLevel.RESTRICTED)


@pytest.fixture
async def pin(application, pool):
    """Good for one session."""
    return await application.pins.add(pool.id, PIN, PinDraft("Wedding party", uses=1))


@pytest.fixture
async def two_stations(application, pool):
    for station_id in ("CP1", "CP2"):
        await application.stations.accept(station_id, pool_id=pool.id)


@pytest.fixture
async def station(application, url, two_stations):
    async with SimulatedStation(url, "CP1", connectors=2, pace=1000) as station:
        await station.start_up()
        yield station


async def latest_tap(application):
    return application.journal.taps(limit=1)[0]


def on_disk(application):
    """Every byte of the database, its write-ahead log and what stands beside them."""
    return b"".join(file.read_bytes() for file in application.store.path.parent.iterdir() if file.is_file())


class TestADriverWithAPin:
    async def test_charges_once_and_the_session_has_the_pins_name(self, application, station, pin):
        assert (await station.tap(PIN)).accepted
        session = await station.start(PIN)
        (kept,) = application.sessions.recent()
        assert (kept.holder, kept.pin_id, kept.status, kept.reason) == ("Wedding party", pin.id, "Accepted", "pin")
        assert (kept.raw_id_tag, kept.pool_name, kept.pass_id) == (HIDDEN_PIN, "Yard", None)

        # Many stations ask before they end a charge too.
        assert (await station.tap(PIN)).accepted
        await station.stop(session)
        assert not application.sessions.find(kept.id).is_open
        assert not (await station.tap(PIN)).accepted
        assert (await latest_tap(application)).reason == Reason.PIN_USED_UP.value
        assert application.pins.require(pin.id).used == 1

    async def test_ends_that_session_also_at_a_station_that_forgot_its_number(
        self, application, url, two_stations, pin
    ):
        async with raw_station(url, "CP1") as station:
            await station.call("StartTransaction", START | {"idTag": PIN})
            await station.call("StartTransaction", START | {"idTag": CARD, "connectorId": 2})
            await station.call("StopTransaction", STOP | {"idTag": PIN, "transactionId": -1})
        by_card, by_pin = application.sessions.recent()
        assert (by_pin.pin_id, by_pin.is_open) == (pin.id, False)
        assert by_card.is_open

    async def test_is_refused_when_its_time_is_over(self, application, station, pool):
        ends = application.clock() - timedelta(minutes=1)
        await application.pins.add(pool.id, PIN, PinDraft("Yesterday", valid_until=ends))
        assert (await station.tap(PIN)).status == "Expired"
        assert (await latest_tap(application)).holder == "Yesterday"

    async def test_finds_the_entry_closed_after_five_wrong_ones_and_cards_are_still_let_in(
        self, application, station, pin, pool
    ):
        closed = []
        application.bus.subscribe(PinEntryClosed, closed.append)
        await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
        for digits in WRONG:
            assert not closed
            assert not (await station.tap(digits)).accepted
            assert (await latest_tap(application)).reason == Reason.WRONG_PIN.value
        assert [each.station_id for each in closed] == ["CP1"]
        assert not (await station.tap(PIN)).accepted
        assert (await latest_tap(application)).reason == Reason.PIN_ENTRY_CLOSED.value
        assert (await station.tap(CARD)).accepted

    async def test_is_refused_from_the_moment_the_pin_is_removed(self, application, station, pin):
        assert (await station.tap(PIN)).accepted
        await application.pins.remove(pin.id)
        assert not (await station.tap(PIN)).accepted


class TestTheDigits:
    @pytest.mark.parametrize("good", [True, False], ids=["a PIN", "wrong"])
    async def test_are_nowhere_in_what_is_kept(self, application, url, two_stations, pin, caplog, good):
        """In whatever form they came, understood or not."""
        told = []
        for kind in (CardTapped, MessageLogged, SessionChanged):
            application.bus.subscribe(kind, told.append)
        digits = PIN if good else "830519"
        number = int(digits)
        forms = [digits, f" {digits} ", f"{digits}#", f"{digits}\u0000", number, float(number), {"idToken": digits}]
        async with raw_station(url, "CP1") as station:
            for place, form in enumerate(forms):
                await station.call("Authorize", {"idTag": form})
                await station.call("StartTransaction", START | {"idTag": form, "meterStart": place})
                await station.call("StopTransaction", STOP | {"idTag": form, "meterStop": place})
                await station.refused("Authorise", {"idTag": form})
                await station.call("Authorize", {"idtag": form})
            escaped = "".join(f"\\u00{ord(digit):02x}" for digit in digits)
            for text in (
                f'[2,"a","Authorize",{{"idTag":"{escaped}"}}]',
                f'[2,"b","Authorize",{{"idTag":"{digits}\x01"}}]',
                f'[2,"c","Authorize",{{"id\\u0054ag":"{digits}"}}]',
                f'[2,"d","Authorize",{{"idTag":"{digits}",}}]',
                f'[2,"e","Authorize",{{"idTag":{digits}',
                f'[2,"f","Authorize",{{"idTag":"{digits}"}},"{escaped}"]',
            ):
                await station.say(text)
            await station.call("Authorize", {"idTag": CARD})
        await application.journal.flush()
        assert len(application.journal.messages(MessageFilter())) == 5 * len(forms) + 7
        assert [event for event in told if digits in repr(event)] == []
        assert digits.encode() not in on_disk(application)
        assert digits not in caplog.text
        assert CARD.encode() in on_disk(application)

    async def test_are_as_secret_at_a_station_where_they_open_nothing(self, application, url, pin):
        """Typed at the wrong garage, or where the PINs are not taken any more."""
        private = await application.pools.create("Office", AccessLevel.PRIVATE)
        free = await application.pools.create("Guests", AccessLevel.PUBLIC, PoolOptions(free_vend=True))
        for station_id, pool_id in (("A", private.id), ("B", free.id), ("C", None)):
            await application.stations.accept(station_id, pool_id=pool_id)
            async with raw_station(url, station_id) as station:
                await station.call("Authorize", {"idTag": PIN})
                await station.call("StartTransaction", START | {"idTag": PIN})
                await station.call("StopTransaction", STOP | {"idTag": PIN})
        await application.journal.flush()
        assert len(application.journal.taps()) == 9
        assert PIN.encode() not in on_disk(application)

    async def test_leave_the_rest_of_a_message_as_it_was(self, application, url, two_stations, pin):
        async with raw_station(url, "CP1") as station:
            await station.say(json.dumps([2, PIN, "Authorize", {"idTag": PIN, "meter": 8305170, "info": "a 83"}]))
        await application.journal.flush()
        (message,) = application.journal.messages(MessageFilter(action="Authorize"))
        assert json.loads(message.request) == [
            2,
            PIN,
            "Authorize",
            {"idTag": HIDDEN_PIN, "meter": 8305170, "info": "a 83"},
        ]
        assert (message.id_tag, message.holder, message.reason) == (HIDDEN_PIN, "Wedding party", "pin")


class TestAtTheSameMoment:
    async def test_two_stations_get_one_session_of_a_pin_that_is_good_for_one(
        self, application, url, two_stations, pin
    ):
        async with raw_station(url, "CP1") as left, raw_station(url, "CP2") as right:
            for station in (left, right):
                assert (await station.call("Authorize", {"idTag": PIN}))["idTagInfo"]["status"] == "Accepted"
            answers = await asyncio.gather(
                *(station.call("StartTransaction", START | {"idTag": PIN}) for station in (left, right))
            )
        assert sorted(answer["idTagInfo"]["status"] for answer in answers) == ["Accepted", "Invalid"]
        assert len({answer["transactionId"] for answer in answers}) == 2
        assert sorted(session.reason for session in application.sessions.recent()) == ["pin", "pin_used_up"]

    async def test_a_pass_starts_as_many_sessions_as_the_pool_allows(self, application, url, pool, two_stations):
        await application.pools.change(pool.id, options=PoolOptions(session_limit=2))
        await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
        async with raw_station(url, "CP1") as left, raw_station(url, "CP2") as right:
            start = START | {"idTag": CARD, "timestamp": wire_time(application.clock())}
            answers = await asyncio.gather(
                *(
                    station.call("StartTransaction", start | {"connectorId": connector})
                    for station in (left, right)
                    for connector in range(1, 6)
                )
            )
        statuses = [answer["idTagInfo"]["status"] for answer in answers]
        assert sorted(statuses) == ["Accepted"] * 2 + ["ConcurrentTx"] * 8

    @pytest.mark.parametrize("tag", [PIN, CARD])
    async def test_a_start_told_again_over_a_new_connection_is_answered_as_the_first_time(
        self, application, url, two_stations, pin, pool, tag
    ):
        await application.pools.change(pool.id, options=PoolOptions(session_limit=1))
        card = await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
        told = START | {"idTag": tag}
        async with raw_station(url, "CP1") as station:
            first = await station.call("StartTransaction", told)
        async with raw_station(url, "CP1") as station:
            again = await station.call("StartTransaction", told)
        assert first["idTagInfo"]["status"] == again["idTagInfo"]["status"] == "Accepted"
        assert first["transactionId"] == again["transactionId"]
        await application.pins.remove(pin.id)
        await application.passes.remove([card.id])
        async with raw_station(url, "CP1") as station:
            late = await station.call("StartTransaction", told)
        assert late["idTagInfo"]["status"] == "Accepted"
        assert late["idTagInfo"]["expiryDate"] <= wire_time(application.clock())
        assert late["transactionId"] == first["transactionId"]


class TestAStationThatFloods:
    async def flood(self, url, digits):
        async with raw_station(url, "CP1") as station:
            while True:
                await station.call("Authorize", {"idTag": digits})

    @pytest.mark.parametrize("digits", [PIN, WRONG[0]], ids=["right PINs", "wrong PINs"])
    async def test_keeps_no_other_waiting(self, application, url, two_stations, pin, pool, digits):
        await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
        flooding = asyncio.create_task(self.flood(url, digits))
        took = []
        async with raw_station(url, "CP2") as station:
            for _ in range(60):
                began = time.perf_counter()
                await station.call("Authorize", {"idTag": CARD})
                took.append(time.perf_counter() - began)
                await asyncio.sleep(0.005)
            began = time.perf_counter()
            answer = await station.call("Authorize", {"idTag": PIN})
            pin_took = time.perf_counter() - began
        flooding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await flooding
        assert answer["idTagInfo"]["status"] == "Accepted"
        # A PIN is hashed, which takes long; none of that may stand before a card.
        assert statistics.median(took) < pin_took

    async def test_finds_its_messages_answered_in_order_all_the_same(self, application, url, two_stations, pin):
        async with raw_station(url, "CP1") as station:
            await station.send(json.dumps([2, "pin", "Authorize", {"idTag": PIN}]))
            await station.send(json.dumps([2, "beat", "Heartbeat", {}]))
            assert [json.loads(await station.answer())[1] for _ in range(2)] == ["pin", "beat"]


async def test_a_fault_while_a_pin_is_tried_tells_nobody_its_digits(application, url, two_stations, pin, caplog):
    async def fail(*_):
        raise AppError("disk_failing")

    application.pins._found = fail
    async with raw_station(url, "CP1") as station:
        assert await station.refused("Authorize", {"idTag": PIN}) == "InternalError"
    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == [link.logger.name]
    assert PIN not in caplog.text
    caplog.clear()
    await application.journal.flush()
    assert PIN.encode() not in on_disk(application)
