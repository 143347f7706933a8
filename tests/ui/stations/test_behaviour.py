"""How a station behaves and what it does otherwise than OCPP has it, as the operator reads it."""

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QPushButton

from app.domain.behaviour import Behaviour, StationClock
from app.domain.events import AddressesChanged
from app.repairs import SCHEMA, Deviation
from tests.wire import byte_station, raw_station
from ui.overview.attention import Attention
from ui.stations.behaviour_words import behaviour_words, clock_words, span
from ui.stations.page import StationsPage
from ui.stations.words import stations_now
from ui.strings import SENTENCES
from ui.widgets.boxes import Banner
from ui.widgets.labels import Label, Paragraph

BOOT = {"chargePointVendor": "v", "chargePointModel": "m", "chargePointSerialNumber": "SN-1"}


@pytest.mark.parametrize("code", [code for code in SENTENCES if code.startswith(("habit.", "repair."))])
def test_what_is_put_right_is_told_in_a_whole_sentence(code):
    assert SENTENCES[code].split()[0].strip(",") in ("It", "Its", "A", "The", "There")
    assert SENTENCES[code].endswith(".")


@pytest.mark.parametrize("code", Deviation)
def test_every_deviation_is_a_sentence_about_a_field(code):
    assert "{field}" in SENTENCES[f"{SCHEMA}{code}"]


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=-2, minutes=-5), "2 h 5 min"),
        (timedelta(minutes=3), "3 min"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(days=20454), "20454 days"),
    ],
)
def test_a_length_of_time_is_as_people_say_it(time, words):
    assert span(time) == words


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour(), "It has told no time since Tapdesk runs."),
        (Behaviour(clock=StationClock.RIGHT), "Its clock is right."),
        (Behaviour(StationClock.WRONG, timedelta(hours=2)), "Its clock is 2 h ahead."),
        (Behaviour(StationClock.WRONG, -timedelta(minutes=9)), "Its clock is 9 min behind."),
        (
            Behaviour(StationClock.NOT_SET),
            "Its clock is not set: the times of arrival are used instead of its own.",
        ),
    ],
)
def test_a_clock_is_told_of_in_words(behaviour, words):
    assert clock_words(behaviour) == words


def test_of_a_well_behaved_station_there_is_nothing_to_say():
    assert behaviour_words(Behaviour()) == []
    odd = Behaviour(
        never_pongs=True, answers_nothing=True, boots=7, breaks_off_at=("Reset",), compresses=True, also_named="CP2"
    )
    assert len(behaviour_words(odd)) == 6


@pytest.fixture
async def page(desk, application, qtbot, until):
    await application.stations.accept("CP1", name="Gate")
    page = StationsPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    page.activateWindow()
    await until(page.isActiveWindow)
    return page


def said(widget):
    words = [each.words() for each in widget.findChildren(Paragraph)]
    return [*words, *(each.text() for each in widget.findChildren(Label))]


def press(widget, text):
    (found,) = [each for each in widget.findChildren(QPushButton) if each.text() == text and not each.isHidden()]
    found.click()


class TestTheTab:
    async def test_says_what_had_to_be_put_right_how_often_and_shows_an_example(self, application, url, page, until):
        async with raw_station(url, "CP1") as station:
            for number in range(3):
                await station.say(f'[2,"{number}","heartbeat",null]')
            await station.call("StatusNotification", {"connectorId": 1, "status": "Occupied", "errorCode": "NoError"})
            await station.call("Heartbeat", {})
        await application.repairs.flush()
        page.select("CP1")
        page.pane.open_tab("behaviour")
        words = said(page.pane)
        assert "It spells the names of messages in another way: understood." in words
        assert "StatusNotification status is a word that OCPP does not have." in words
        assert any(each.startswith("3 times, last ") for each in words)
        example = next(each for each in page.pane.findChildren(QPushButton) if each.text() == "Example")
        example.click()
        await until(lambda: '[2,"2","heartbeat",null]' in said(page.pane))
        press(page.pane, "Hide example")
        await until(lambda: '[2,"2","heartbeat",null]' not in said(page.pane))

    async def test_says_that_there_is_nothing_of_a_station_that_is_well(self, page):
        page.select("CP1")
        page.pane.open_tab("behaviour")
        assert "Nothing had to be put right in its messages so far." in said(page.pane)
        assert "It has told no time since Tapdesk runs." in said(page.pane)

    async def test_tells_how_the_clock_stands(self, application, url, page, until):
        async with raw_station(url, "CP1") as station:
            await station.call(
                "StatusNotification",
                {"connectorId": 1, "status": "Available", "errorCode": "NoError", "timestamp": "1970-01-01T00:00:09Z"},
            )
            await station.call("Heartbeat", {})
            page.select("CP1")
            page.pane.open_tab("behaviour")
            words = "Its clock is not set: the times of arrival are used instead of its own."
            await until(lambda: words in said(page.pane))

    async def test_changes_how_the_station_is_treated_and_takes_it_back(self, application, desk, page, until):
        page.select("CP1")
        page.pane.open_tab("behaviour")
        tab = next(each for each in page.pane.tabs if each.key == "behaviour")
        tab.delay.select(1000)
        tab.delay.changed.emit(1000)
        await until(lambda: application.habits.of("CP1").answer_delay_ms == 1000)
        tab.milliseconds.click()
        await until(lambda: application.habits.of("CP1").milliseconds)
        await until(lambda: len(desk.notes.shown) == 2)
        press(desk.notes.shown[-1], "Undo")
        await until(lambda: not application.habits.of("CP1").milliseconds)

    async def test_ends_that_a_station_is_known_by_its_address(self, application, page, until):
        await application.habits.expect_nameless("CP1", "192.168.1.7")
        page.select("CP1")
        page.pane.open_tab("behaviour")
        tab = next(each for each in page.pane.tabs if each.key == "behaviour")
        await until(tab.nameless.isVisible)
        assert tab.nameless.words() == "What comes from 192.168.1.7 without an ID is taken for it."
        press(page.pane, "End this")
        await until(lambda: tab.nameless.isHidden())
        assert application.habits.of("CP1").nameless_at == ""


class TestAStationThatCompressesUnasked:
    async def test_is_named_with_what_to_switch_off(self, application, url, desk, until):
        await application.stations.accept("CP1", name="Gate")
        async with byte_station(url, "CP1") as (reader, writer):
            writer.write(bytes([0xC1, 0x80]) + bytes(4))
            await reader.read()
        await until(lambda: application.server.behaviour("CP1").compresses)
        attention = Attention(desk)
        attention.show_stations(stations_now(desk))
        told = "Gate compresses its messages unasked: switch that off in it, or let it come by wss"
        assert told in said(attention)


class TestAUrlThatNamesAnotherStationToo:
    async def test_is_told_of_one_that_wants_to_join_and_of_one_that_is_in(self, application, url, desk, page, until):
        async with raw_station(url, "CP1/CP2"):
            await until(lambda: any("names CP1 too" in each.facts.text() for each in page.findChildren(Banner)))
            await application.stations.accept("CP2")
            attention = Attention(desk)
            attention.show_stations(stations_now(desk))
            assert "The URL of CP2 names CP1 too" in said(attention)


class TestAnotherSerialNumber:
    async def test_is_a_question_that_is_answered_where_it_stands(self, application, url, desk, page, until):
        async with raw_station(url, "CP1") as station:
            await station.call("BootNotification", BOOT)
            assert (await station.call("BootNotification", BOOT | {"chargePointSerialNumber": "SN-9"}))["status"]
            attention = Attention(desk)
            attention.show_stations(stations_now(desk))
            assert "Gate told another serial number. Was it exchanged?" in said(attention)
            page.select("CP1")
            await until(lambda: any("SN-9 instead of SN-1" in words for words in said(page.pane)))
            press(page.pane, "It was exchanged")
            await until(lambda: application.habits.of("CP1").serial_number == "SN-9")
            await until(lambda: not any("SN-9 instead of SN-1" in words for words in said(page.pane)))


class TestOtherAddresses:
    async def test_name_the_stations_that_may_need_the_new_one(self, application, page, until):
        await application.habits.came_to("CP1", "192.168.77.1")
        application.surroundings.addresses = ("10.0.0.7",)
        assert [(station.title, at) for station, at in application.stations_astray()] == [("Gate", "192.168.77.1")]
        page.astray.refresh()
        (banner,) = page.astray.findChildren(Banner)
        assert banner.title.text() == "Gate may need the new address"
        assert "192.168.77.1" in banner.facts.text()
        application.surroundings.addresses = ("192.168.77.1",)
        page.astray.refresh()
        assert page.astray.isHidden()

    async def test_are_shown_where_the_address_stands(self, application, desk, page, until):
        told = []
        desk.bridge.server_changed.connect(lambda: told.append(True))
        application.bus.publish(AddressesChanged((), ("10.0.0.7",)))
        await until(lambda: told)
