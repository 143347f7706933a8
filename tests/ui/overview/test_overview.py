"""The first page on a real site with real stations: what it shows, where it leads, and that it follows what happens."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.application import MessageFilter, PinDraft
from app.demo import furnish
from app.domain.capture import CaptureMode
from app.domain.drafts import PassDraft
from app.domain.ids import Uid
from app.domain.model import AccessLevel, PoolOptions, Tap, TapSource
from app.simulation.station import SimulatedStation
from tests.tls_site import signing_request, station_key
from tests.wire import ELSEWHERE, HAS_ELSEWHERE, knock, raw_station, request
from ui.overview.attention import refused_often
from ui.overview.page import OverviewPage
from ui.stations.dialogs import AcceptStationDialog
from ui.taps.last_cards import visits
from ui.unhurried import Unhurried
from ui.widgets.labels import Label, Paragraph
from ui.widgets.qr import QrCode

AT = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
ANNA = "04A2B3C4D5E680"


@pytest.fixture
async def page(desk, qtbot):
    page = OverviewPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    return page


@pytest.fixture
async def garage(application):
    """One accepted station in a pool with one card that may charge."""
    pool = await application.pools.create("Staff")
    await application.stations.accept("GARAGE-1", name="Garage 1", pool_id=pool.id)
    await application.passes.add(PassDraft(tapped=ANNA, name="Anna's card"), pool_id=pool.id)
    return pool


@asynccontextmanager
async def at_work(url, station_id="GARAGE-1"):
    async with SimulatedStation(url, station_id) as station:
        await station.start_up(longest_wait=0.1)
        yield station


def tap(number, second, source=TapSource.AUTHORIZE, uid=ANNA, station="GARAGE-1", status="Accepted"):
    at = AT + timedelta(seconds=second)
    facts = ("", None, "Anna", 1, "Staff", number)
    return Tap(number, at, station, station, 1, uid, Uid(uid), source, status, facts[0], (), *facts[1:])


def tiles(page):
    return [tile.words() for tile in page.tiles.tiles]


def cards(page):
    model = page.cards.model
    return [tuple(model.text_at(at, column) for column in (1, 3, 4, 5)) for at in range(model.rowCount())]


def matters(page):
    """What needs attention, as read from the screen."""
    return [each.words() for each in page.attention.findChildren(Paragraph) if each.isVisible()]


def follow_link(page, sentence):
    for each in page.attention.findChildren(QPushButton):
        if each.accessibleDescription() == sentence and each.isVisible():
            each.click()
            return
    raise AssertionError(sentence)


class TestAnEmptySite:
    async def test_teaches_the_address_and_the_three_steps(self, page, url, press):
        said = [each.words() for each in page.first.findChildren(Paragraph)]
        assert any(f"{url}GARAGE-1" in each for each in said)
        assert page.first.isVisible()
        assert not page.cards.isVisible()
        press(page.first, "Copy")
        assert QGuiApplication.clipboard().text() == url

    async def test_the_code_to_scan_is_that_of_the_address(self, page, url):
        assert page.first.findChild(QrCode).accessibleName() == f"QR code of {url}"

    async def test_a_station_that_knocks_is_offered_at_once(self, page, url, until, desk, press):
        async with raw_station(url, "EVB-P2118") as station:
            await station.call("BootNotification", {"chargePointVendor": "EVBox", "chargePointModel": "Elvi"})
            await until(page.newcomers.isVisible)
            assert "EVB-P2118 wants to join" in [each.text() for each in page.newcomers.findChildren(Label)]
            press(page.newcomers, "Accept…")
            await until(lambda: any(each.isVisible() for each in desk.window.findChildren(AcceptStationDialog)))
            desk.window.findChild(AcceptStationDialog).reject()

    async def test_a_station_with_a_wrong_address_is_explained(self, page, url, until):
        await knock(url, request("GET / HTTP/1.1"))
        await until(page.knocks.isVisible)
        said = [each.words() for each in page.knocks.findChildren(Paragraph)]
        assert said == [f"Its URL names no station. Add the station's ID at the end: {url}ID."]

    async def test_gives_way_to_the_site_when_the_first_station_is_accepted(self, page, application, until):
        await application.stations.accept("GARAGE-1")
        await until(lambda: page.tiles.isVisible() and not page.first.isVisible())
        assert page.cards.isVisible()

    async def test_is_there_again_when_the_last_station_is_removed(self, page, application, url, until):
        await knock(url, request("GET / HTTP/1.1"))
        await until(page.knocks.isVisible)
        await application.stations.accept("GARAGE-1")
        await until(lambda: not page.knocks.isVisible())
        await application.stations.remove("GARAGE-1")
        await until(lambda: page.first.isVisible() and page.knocks.isVisible())

    async def test_every_control_is_reached_and_named(self, page, out_of_reach):
        assert out_of_reach(page) == []


class TestTheStations:
    async def test_a_station_shows_its_pool_then_who_charges_then_its_fault(self, page, garage, url, until):
        async with at_work(url) as station:
            await until(lambda: tiles(page) == [("Garage 1", "Available", "Pool: Staff")])
            session = await station.start(ANNA)
            await station.status(1, "Charging")
            await until(lambda: tiles(page) == [("Garage 1", "Charging", "Anna's card · 0.00 kWh · 0:00")])
            await station.stop(session)
            await station.status(1, "Available")
            await until(lambda: tiles(page)[0][2] == "Pool: Staff")
            await station.status(1, "Faulted", "GroundFailure")
            await until(lambda: tiles(page) == [("Garage 1", "Faulted", "Ground failure · connector 1")])
        await until(lambda: tiles(page)[0][1] == "Offline")
        assert tiles(page)[0][2].startswith("Last heard ")

    async def test_a_station_in_no_pool_says_that_nobody_can_charge(self, page, application, url, until):
        await application.stations.accept("GARAGE-1")
        assert await _shown(until, page, ("GARAGE-1", "Not seen yet", "It has not connected yet"))
        async with at_work(url):
            assert await _shown(until, page, ("GARAGE-1", "Available", "In no pool: nobody can charge here"))

    async def test_a_press_and_enter_open_the_station(self, page, garage, went, until):
        await until(lambda: page.tiles.tiles)
        tile = page.tiles.tiles[0]
        tile.click()
        QTest.keyClick(tile, Qt.Key.Key_Return)
        assert went == [("stations", "GARAGE-1"), ("stations", "GARAGE-1")]
        assert tile.accessibleName() == "Garage 1, Not seen yet, It has not connected yet"

    async def test_where_there_are_many_the_problems_come_first_and_the_last_tile_leads_on(
        self, page, application, garage, went, until
    ):
        for number in range(2, 23):
            await application.stations.accept(f"GARAGE-{number}", name=f"Garage {number}", pool_id=garage.id)
        await application.stations.accept("Z-1", name="Z without a pool")
        await until(lambda: tiles(page) and tiles(page)[0][0] == "Z without a pool")
        assert len(tiles(page)) == 9
        assert tiles(page)[-1][0] == "and 15 more"
        assert tiles(page)[1][0] == "Garage 1"
        page.tiles.tiles[-1].click()
        page.tiles.tiles[0].click()
        assert went == [("stations", None), ("stations", "Z-1")]

    async def test_the_columns_follow_the_width(self, page, application, garage, until):
        for number in range(2, 5):
            await application.stations.accept(f"GARAGE-{number}", pool_id=garage.id)
        await until(lambda: len(tiles(page)) == 4)
        tops = {}
        for width in (700, 1160, 1700):
            page.resize(width, 780)
            await until(lambda width=width: page.tiles.width() > width - 100)
            await asyncio.sleep(0.05)
            tops[width] = sum(tile.y() == page.tiles.tiles[0].y() for tile in page.tiles.tiles)
        assert tops == {700: 2, 1160: 3, 1700: 4}

    async def test_a_name_that_is_too_long_is_whole_in_the_tooltip(self, page, application, until):
        name = "Underground parking, level 2, the place beside the second lift of the east wing, left"
        await application.stations.accept("GARAGE-1", name=name)
        await until(lambda: tiles(page) and tiles(page)[0][0] == name)
        await until(page.tiles.tiles[0]._is_cut)


async def _shown(until, page, tile):
    await until(lambda: tiles(page) == [tile])
    return True


class TestTheLastCards:
    async def test_an_unknown_card_is_there_at_once_with_its_fix(self, page, garage, url, until):
        async with at_work(url) as station:
            await station.tap("B1204F77")
            await until(lambda: cards(page) == [("Garage 1", "–", "Refused", "unknown card")])
            assert page.cards.model.row(0).fix.text == "Create pass…"

    async def test_a_card_that_starts_a_charge_is_one_line(self, page, garage, url, until):
        async with at_work(url) as station:
            await station.tap(ANNA)
            await station.start(ANNA)
            line = ("Garage 1", "Anna's card", "Accepted", "member of Staff, charging")
            await until(lambda: cards(page) == [line])

    async def test_a_refusal_that_was_put_right_says_so_and_offers_nothing(self, page, garage, url, application, until):
        async with at_work(url) as station:
            await station.tap("B1204F77")
            await until(lambda: len(cards(page)) == 1)
            await application.passes.add(PassDraft(tapped="B1204F77", name="Visitor"), pool_id=garage.id)
            await until(lambda: cards(page)[0][3] == "unknown card; it would be accepted now")
            assert page.cards.model.row(0).fix is None

    async def test_a_line_opens_its_message_and_the_link_in_it_puts_things_right(
        self, page, garage, url, application, went, until, desk
    ):
        async with at_work(url) as station:
            await application.passes.block([application.passes.find(ANNA).id])
            await station.tap(ANNA)
            await until(lambda: len(cards(page)) == 1)
            page.cards.table.row_activated.emit(page.cards.model.row(0))
            assert went == [("log", page.cards.model.row(0).tap.message_id)]
            page.cards.table.link_clicked.emit(page.cards.model.row(0), "Unblock")
            await until(lambda: not application.passes.find(ANNA).blocked)

    async def test_six_are_enough(self, page, garage, url, until):
        async with at_work(url) as station:
            for number in range(8):
                await station.tap(f"0000000{number}")
            await until(lambda: len(cards(page)) == 6 and page.cards.model.row(0).tap.uid == "00000007")

    def test_each_start_takes_one_authorize_of_its_card_at_its_station(self):
        start = TapSource.START
        newest_first = [
            tap(9, 300, start),
            tap(8, 200),
            tap(7, 62, start),
            tap(6, 60, uid="B1204F77"),
            tap(5, 50, station="GARAGE-2"),
            tap(4, 40),
            tap(3, 30),
            tap(2, 5, start),
            tap(1, 0),
        ]
        assert [each.id for each in visits(newest_first)] == [9, 8, 7, 6, 5, 3, 2]


class TestNeedsAttention:
    async def test_says_so_when_there_is_nothing(self, page, garage, url, until):
        async with at_work(url):
            await until(lambda: matters(page) == ["Nothing needs you."])

    async def test_who_wants_to_join_leads_to_that_station(self, page, garage, url, until, went):
        async with at_work(url), raw_station(url, "EVB-P2118") as station:
            await station.call("BootNotification", {"chargePointVendor": "EVBox", "chargePointModel": "Elvi"})
            await until(lambda: matters(page) == ["EVB-P2118 wants to join"])
            follow_link(page, "EVB-P2118 wants to join")
            assert went == [("stations", "EVB-P2118")]

    async def test_passes_without_a_uid_are_counted(self, page, garage, url, application, until, went):
        async with at_work(url):
            for number in range(2):
                await application.passes.add(PassDraft("", f"NL-TNM-C0012204{number}", ""))
            await until(lambda: matters(page) == ["Passes have no UID yet"])
            follow_link(page, "Passes have no UID yet")
            assert went == [("capture", CaptureMode.FILL)]

    async def test_a_card_refused_four_times_today_leads_to_its_messages(self, page, garage, url, until, went):
        async with at_work(url) as station:
            for _ in range(3):
                await station.tap("B1204F77")
            await until(lambda: len(cards(page)) == 3)
            await until(lambda: matters(page) == ["Nothing needs you."])
            await station.tap("B1204F77")
            said = "Card B1204F77 was refused 4 times today"
            await until(lambda: matters(page) == [said])
            follow_link(page, said)
            assert went == [("log", MessageFilter(refused_only=True, text="B1204F77"))]

    async def test_a_station_that_went_away_and_one_that_is_faulted(self, page, garage, url, application, until):
        await application.stations.accept("GARAGE-2", name="Garage 2", pool_id=garage.id)
        async with at_work(url, "GARAGE-2") as station:
            async with at_work(url):
                await until(lambda: matters(page) == ["Nothing needs you."])
            await until(lambda: matters(page) == ["Garage 1 is offline"])
            await station.status(1, "Faulted", "HighTemperature")
            await until(lambda: matters(page) == ["Garage 2 is faulted: Too hot", "Garage 1 is offline"])

    async def test_a_private_pool_without_members_and_a_station_without_a_pool(
        self, page, garage, application, until, went
    ):
        empty = await application.pools.create("DC fast")
        await application.stations.accept("GARAGE-2", name="Garage 2", pool_id=empty.id)
        await application.stations.accept("GARAGE-3", name="Garage 3")
        said = "Nobody can charge at DC fast: it is private and has no members"
        await until(lambda: matters(page) == ["Garage 3 is in no pool: nobody can charge there", said])
        follow_link(page, said)
        assert went == [("pools", empty.id)]

    async def test_a_connection_that_was_not_let_in(self, page, garage, url, until):
        async with at_work(url):
            await knock(url, request("GET / HTTP/1.1"))
            await until(lambda: matters(page) == ["Connection from 127.0.0.1 was not let in"])

    @HAS_ELSEWHERE
    async def test_somebody_who_comes_as_a_station_that_is_there(self, page, garage, url, until):
        async with raw_station(url, "GARAGE-1") as station:
            await station.call("Heartbeat", {})
            async with raw_station(url, "GARAGE-1", **ELSEWHERE) as other:
                assert await other.closed() == 1008
            await until(lambda: "Somebody at 127.0.0.2 may pose as GARAGE-1" in matters(page))

    async def test_a_station_that_asks_for_a_certificate(self, page, garage, url, until, went):
        async with raw_station(url, "GARAGE-1") as station:
            await station.call("SignCertificate", {"csr": signing_request(station_key(), "GARAGE-1")})
            await until(lambda: "Station asks for a certificate" in matters(page))
        follow_link(page, "Station asks for a certificate")
        assert went == [("stations", "GARAGE-1")]

    def test_a_visit_with_both_messages_counts_once(self):
        start = TapSource.START
        taps = []
        for number in range(4):
            taps += [tap(2 * number, 600 * number, status="Invalid")]
            taps += [tap(2 * number + 1, 600 * number + 2, start, status="Invalid")]
        assert refused_often(reversed(taps)) == {ANNA: 4}
        assert refused_often(reversed(taps[:6])) == {}

    async def test_who_asks_for_access_comes_first_and_leads_to_the_requests(self, page, url, application, until, went):
        options = PoolOptions(takes_requests=True)
        pool = await application.pools.create("DC fast", AccessLevel.RESTRICTED, options)
        await application.stations.accept("GARAGE-1", name="Terrace DC", pool_id=pool.id)
        async with at_work(url) as station:
            await station.tap("04C2117F3A5B80")
            one = "Card 04C2117F3A5B80 asks for access to DC fast"
            await until(lambda: matters(page)[:1] == [one])
            follow_link(page, one)
            assert went == [("requests", None)]
            await station.tap("B1204F77")
            await until(lambda: matters(page)[:1] == ["Cards ask for access"])
            for request in application.requests.pending():
                await application.requests.deny(request.id)
            await until(lambda: "Cards ask for access" not in matters(page))

    async def test_a_keypad_that_is_not_listened_to_says_until_when(self, page, url, application, until, went):
        pool = await application.pools.create("Yard", AccessLevel.RESTRICTED)
        await application.pins.add(pool.id, "830517", PinDraft("Wedding party"))
        await application.stations.accept("GARAGE-1", name="Garage 1", pool_id=pool.id)
        async with at_work(url) as station:
            for digits in ("830518", "305170", "83051", "999999", "000000"):
                await station.tap(digits)
            await until(lambda: application.pins.closed_until("GARAGE-1") is not None)
            closed = page._desk.local(application.pins.closed_until("GARAGE-1"))
            words = f"Wrong PINs at Garage 1: none is taken there until {closed:%H:%M}"
            await until(lambda: words in matters(page))
            follow_link(page, words)
            assert went == [("stations", "GARAGE-1")]

    async def test_letters_that_go_nowhere_lead_to_the_outbox(self, page, garage, url, application, until, went):
        await application.settings.change(mail_host="127.0.0.1", mail_port=1, mail_sender="us@site.example")
        await application.mail.stop()
        facts = {"who": "Sara", "pool": "DC fast"}

        async def write(recipient, state, problem):
            [letter_id] = await application.store.write(
                lambda connection: application.mail.write(connection, "approved", [recipient], facts, request_id=1)
            )
            await application.store.write(
                lambda connection: connection.exec_driver_sql(
                    "update outbox set state = ?, problem = ? where id = ?", (state, problem, letter_id)
                )
            )
            application.mail.tell()
            return letter_id

        letter_id = await write("sara@visitor.example", "refused", "550 no such mailbox")
        one = "A letter to sara@visitor.example was refused: 550 no such mailbox"
        await until(lambda: one in matters(page))
        follow_link(page, one)
        assert went == [("outbox", letter_id)]
        await write("tom@visitor.example", "unsure", "")
        await until(lambda: "Letters were not sent, or may not have arrived" in matters(page))
        follow_link(page, "Letters were not sent, or may not have arrived")
        assert went[-1] == ("outbox", "stuck")

    async def test_a_name_with_marks_in_it_is_only_a_name(self, page, application, until):
        await application.stations.accept("GARAGE-1", name="<b>Garage</b> {0} & co")
        await until(lambda: matters(page) == ["<b>Garage</b> {0} & co is in no pool: nobody can charge there"])


class TestTheEnergy:
    async def test_the_sum_of_fourteen_days_stands_above_the_bars(self, application, desk, qtbot, until):
        await furnish(application)
        page = OverviewPage(desk)
        qtbot.addWidget(page)
        page.show()
        days = application.sessions.energy_by_day(14, desk.now().tzinfo)
        energy, sessions = sum(day.energy_wh for day in days), sum(day.sessions for day in days)
        assert page.energy.total.text() == f"{energy / 1000:,.0f} kWh · {sessions} sessions"
        assert page.energy.chart.accessibleDescription().endswith(("sessions", "session"))

    async def test_a_charge_that_ends_is_added(self, page, garage, url, until):
        async with at_work(url) as station:
            await station.charge(ANNA, seconds=0.2, power_w=11_000)
            await until(lambda: page.energy.total.text().endswith("1 session"))


class TestItsCost:
    async def test_a_hidden_page_reads_nothing_and_catches_up_when_it_is_shown(self, page, garage, until, monkeypatch):
        await until(lambda: len(tiles(page)) == 1)
        page.hide()
        # What was asked for while it was seen may still come.
        await asyncio.sleep(0.3)
        read = []
        stations = page._desk.application.stations
        real = stations.all
        monkeypatch.setattr(stations, "all", lambda: read.append(1) or real())
        await stations.rename("GARAGE-1", "Entrance")
        page.tick()
        await asyncio.sleep(0.15)
        assert read == []
        page.show()
        assert tiles(page)[0][0] == "Entrance"

    async def test_a_storm_of_events_leaves_the_window_its_time(self, qtbot, qapp):
        done = []

        def slow():
            done.append(time.perf_counter())
            time.sleep(0.01)

        work = Unhurried(qapp, slow)
        began = time.perf_counter()
        while time.perf_counter() - began < 0.35:
            work()
            await asyncio.sleep(0.005)
        assert 2 <= len(done) <= 5
        work()
        count = len(done)
        await asyncio.sleep(0.2)
        assert len(done) in (count, count + 1)
        assert done[-1] > began + 0.2
