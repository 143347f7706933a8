"""The page of stations on a real site with real stations: every change of one, and every change taken back."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from app.application import MessageFilter
from app.domain.drafts import PassDraft
from app.domain.model import Registration
from app.simulation.station import SimulatedStation
from tests.wire import knock, raw_station, request
from ui.stations import page as page_module
from ui.stations.dialogs import AcceptStationDialog, ConnectStationDialog
from ui.stations.history import StationHistory
from ui.stations.knocks import KnocksDialog
from ui.stations.nameless_dialog import NamelessDialog
from ui.stations.page import StationsPage
from ui.widgets.boxes import Banner
from ui.widgets.labels import Label, Paragraph
from ui.widgets.pill import Pill

ANNA = "04A2B3C4D5E680"
ELVI = {"chargePointVendor": "EVBox", "chargePointModel": "Elvi", "chargePointSerialNumber": "2118-0071"}


@pytest.fixture
async def site(application, asked):
    """Three stations in two pools; Anna's card may charge at Guests."""
    guests = await application.pools.create("Guests")
    staff = await application.pools.create("Staff")
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=guests.id)
    await application.stations.accept("ALF-0022", name="Garage 10", pool_id=guests.id)
    await application.stations.accept("EVB-P1881", name="Entrance left", pool_id=staff.id)
    await application.passes.add(PassDraft(tapped=ANNA, name="Anna's card"), pool_id=guests.id)
    return {"guests": guests.id, "staff": staff.id}


@pytest.fixture
async def page(desk, site, qtbot, until):
    page = StationsPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    page.activateWindow()
    await until(page.isActiveWindow)
    return page


@pytest.fixture
def asked(desk, until):
    """Waits for a dialog to be open, and gives it."""

    async def wait(kind):
        await until(lambda: any(each.isVisible() for each in desk.window.findChildren(kind)))
        return next(each for each in desk.window.findChildren(kind) if each.isVisible())

    return wait


@pytest.fixture
def undo(desk, until):
    """Presses Undo in the note with these words."""

    async def press(words):
        await until(lambda: any(note.text == words for note in desk.notes.shown))
        note = next(note for note in desk.notes.shown if note.text == words)
        next(each for each in note.findChildren(QPushButton) if each.text() == "Undo").click()

    return press


@asynccontextmanager
async def at_work(url, station_id="ALF-0021"):
    async with SimulatedStation(url, station_id, vendor="Alfen", model="NG910", serial="ACE0021442") as station:
        await station.start_up(longest_wait=0.1)
        yield station


def ids(page):
    return [page.model.row(at).station.station_id for at in range(page.model.rowCount())]


def row_of(page, station_id):
    at = page.model.position(station_id)
    return {column.title: page.model.text_at(at, number) for number, column in enumerate(page.model.columns)}


def status(page, station_id):
    return row_of(page, station_id)["Status"]


def words_in(widget):
    labels = [each.text() for each in widget.findChildren(Label) if each.isVisible()]
    return [*labels, *(each.words() for each in widget.findChildren(Paragraph) if each.isVisible())]


def pills_in(widget):
    return [each.text for each in widget.findChildren(Pill) if each.isVisible()]


def banners(page):
    return [each.title.text() for each in page.newcomers.findChildren(Banner) if each.isVisible()]


def choose(page, *station_ids):
    page.table.clearSelection()
    flags = page.table.selectionModel().SelectionFlag
    for station_id in station_ids:
        at = page.model.index(page.model.position(station_id), 0)
        page.table.selectionModel().select(at, flags.Select | flags.Rows)


def search(page, text):
    page.search.setText(text)
    QTest.keyClick(page.search, Qt.Key.Key_Return)


def offered(page):
    """What the menu of the selected station offers."""
    menu = page.pane.findChildren(QMenu)[-1]
    return [action.text() for action in menu.actions()]


class TestTheTable:
    async def test_it_lists_the_stations_as_people_count_and_says_how_many_are_there(self, page, url, until):
        assert ids(page) == ["EVB-P1881", "ALF-0021", "ALF-0022"]
        assert page.head.subtitle.text() == "0 of 3 online"
        async with at_work(url):
            await until(lambda: page.head.subtitle.text() == "1 of 3 online")
            await until(lambda: status(page, "ALF-0021") == "Available")
            row = row_of(page, "ALF-0021")
            assert row == {
                "Name": "Garage 2",
                "ID": "ALF-0021",
                "Status": "Available",
                "Pool": "Guests",
                "Local list": "Waiting",
                "Model": "Alfen NG910",
                "Last heard": "just now",
            }
            assert row_of(page, "ALF-0022")["Last heard"] == "never"
        await until(lambda: status(page, "ALF-0021") == "Offline")

    async def test_a_fault_and_a_charge_show_as_they_happen(self, page, url, until):
        async with at_work(url) as station:
            await station.status(1, "Charging")
            await until(lambda: status(page, "ALF-0021") == "Charging")
            await station.status(1, "Faulted", "GroundFailure")
            await until(lambda: status(page, "ALF-0021") == "Faulted")

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("garage", ["ALF-0021", "ALF-0022"]),
            ("alf0022", ["ALF-0022"]),
            ("staff", ["EVB-P1881"]),
            ("ng910 2", ["ALF-0021"]),
            ("ACE-0021442", ["ALF-0021"]),
            ("zzz", []),
        ],
    )
    async def test_a_station_is_found_by_name_id_model_serial_number_or_pool(self, page, url, until, text, found):
        async with at_work(url):
            await until(lambda: row_of(page, "ALF-0021")["Model"] == "Alfen NG910")
            search(page, text)
            assert ids(page) == found

    async def test_nothing_found_leads_back_to_everything(self, page, press):
        search(page, "zzz")
        press(page.table, "Show everything")
        assert len(ids(page)) == 3
        assert page.search.text() == ""

    async def test_one_that_is_asked_for_from_elsewhere_is_shown_whatever_is_searched_for(self, page, application):
        search(page, "zzz")
        await application.stations.accept("NEW-1")
        page.select("NEW-1")
        assert [now.station.station_id for now in page.table.selected_rows()] == ["NEW-1"]
        page.select("not there")
        assert [now.station.station_id for now in page.table.selected_rows()] == ["NEW-1"]

    async def test_ordered_by_status_problems_come_first(self, page, application, url, until):
        await application.stations.accept("ZZZ-1")
        async with at_work(url) as station:
            await station.status(1, "Faulted", "GroundFailure")
            await until(lambda: status(page, "ALF-0021") == "Faulted")
            page.table.horizontalHeader().setSortIndicator(2, Qt.SortOrder.AscendingOrder)
            assert ids(page)[:2] == ["ALF-0021", "ZZZ-1"]

    async def test_the_selection_stays_while_stations_come_and_go(self, page, application, url, until):
        page.select("ALF-0022")
        async with at_work(url):
            await until(lambda: status(page, "ALF-0021") == "Available")
            await application.stations.accept("AAA-1", name="Aardvark")
            await until(lambda: len(ids(page)) == 4)
        assert [now.station.station_id for now in page.table.selected_rows()] == ["ALF-0022"]

    async def test_copying_gives_the_row_as_text(self, page):
        page.select("ALF-0021")
        QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text().startswith("Garage 2\tALF-0021\tNot seen yet\tGuests")

    async def test_every_control_is_reached_and_named(self, page, url, out_of_reach, until):
        await knock(url, request("GET / HTTP/1.1"))
        async with raw_station(url, "EVB-P2118") as station:
            await station.call("BootNotification", ELVI)
            await until(lambda: banners(page) and page.knocks.isVisible())
            for station_id in (*ids(page), None):
                choose(page, *[station_id] if station_id else [])
                assert out_of_reach(page) == []

    async def test_an_empty_site_teaches_how_to_connect_one(self, desk, qtbot, until, press, asked):
        page = StationsPage(desk)
        qtbot.addWidget(page)
        page.show()
        assert not page.search.isVisible()
        press(page.table, "Connect a station…")
        (await asked(ConnectStationDialog)).reject()


class TestWhoWantsToJoin:
    async def test_stands_in_a_banner_with_what_is_on_its_plate(self, page, url, until):
        async with raw_station(url, "EVB-P2118") as station:
            await station.call("BootNotification", ELVI)
            await until(lambda: banners(page) == ["EVB-P2118 wants to join"])
            [banner] = page.newcomers.findChildren(Banner)
            assert banner.facts.text() == "EVBox Elvi · serial 2118-0071 · from 127.0.0.1"
            assert row_of(page, "EVB-P2118")["Name"] == "wants to join"
            assert ids(page)[0] == "EVB-P2118"

    async def test_accept_asks_for_a_name_and_a_pool_and_lets_it_in(
        self, page, url, application, until, press, asked, desk
    ):
        async with raw_station(url, "EVB-P2118") as station:
            await station.call("BootNotification", ELVI)
            await until(lambda: banners(page) == ["EVB-P2118 wants to join"])
            press(page.newcomers, "Accept…")
            dialog = await asked(AcceptStationDialog)
            dialog.name.setText("Terrace")
            dialog.pool.choice.select(application.pools.find("Staff").id)
            QTest.keyClick(dialog, Qt.Key.Key_Return)
            await until(lambda: status(page, "EVB-P2118") == "Online")
            await until(lambda: banners(page) == [])
            station = application.stations.find("EVB-P2118")
            assert (station.name, station.pool_id) == ("Terrace", application.pools.find("Staff").id)
            await until(lambda: any(note.text == "Terrace is accepted." for note in desk.notes.shown))

    async def test_refuse_turns_it_away_and_undo_lets_it_wait_again(self, page, url, application, until, press, undo):
        async with raw_station(url, "EVB-P2118") as station:
            await station.call("BootNotification", ELVI)
            await until(lambda: banners(page) == ["EVB-P2118 wants to join"])
            press(page.newcomers, "Refuse")
            await until(lambda: banners(page) == [] and status(page, "EVB-P2118") == "Refused")
            await undo("EVB-P2118 is refused: nobody can charge there with a card from here.")
            await until(lambda: banners(page) == ["EVB-P2118 wants to join"])

    async def test_of_more_than_three_two_are_shown_and_how_many_more(self, page, url, application, until, press):
        for number in range(5):
            async with raw_station(url, f"NEW-{number}") as station:
                await station.call("BootNotification", ELVI)
        more = "and 3 more that want to join"
        await until(lambda: more in [each.text() for each in page.newcomers.findChildren(QPushButton)])
        await until(lambda: len(banners(page)) == 2)
        press(page.newcomers, more)
        assert page.table.selected_rows()[0].pending

    async def test_one_that_was_refused_can_be_let_in_again(self, page, application, until, press, asked):
        await application.stations.reject("ALF-0021")
        await until(lambda: status(page, "ALF-0021") == "Refused")
        page.select("ALF-0021")
        assert offered(page) == ["Accept…", "Show its messages", "Remove"]
        press(page.pane, "Accept…")
        dialog = await asked(AcceptStationDialog)
        assert (dialog.name.text(), dialog.pool.choice.currentText()) == ("Garage 2", "Guests")
        dialog.save()
        await until(lambda: application.stations.find("ALF-0021").registration is Registration.ACCEPTED)
        await until(lambda: status(page, "ALF-0021") == "Not seen yet")


class TestWhoWasNotLetIn:
    async def test_is_told_with_the_cause_and_what_to_change(self, page, url, until):
        for _ in range(3):
            await knock(url, request("GET / HTTP/1.1"))
        await until(page.knocks.isVisible)
        await until(lambda: any(each.startswith("3 times, last ") for each in words_in(page.knocks)))
        said = f"Its URL names no station. Add the station's ID at the end: {url}ID."
        assert {"127.0.0.1", said} <= set(words_in(page.knocks))

    async def test_one_without_a_subprotocol_can_be_accepted_by_its_id(
        self, page, url, until, press, application, asked
    ):
        await knock(url, request("GET /GRIZZL-1 HTTP/1.1", without=("Sec-WebSocket-Protocol",)))
        await until(page.knocks.isVisible)
        assert any(each.startswith("GRIZZL-1: It does not say that it speaks OCPP.") for each in words_in(page.knocks))
        press(page.knocks, "Accept it by its ID…")
        dialog = await asked(AcceptStationDialog)
        dialog.pool.choice.select("none")
        dialog.save()
        await until(lambda: application.stations.find("GRIZZL-1") is not None)

    async def test_one_that_names_no_station_can_be_said_to_be_one(
        self, page, url, until, press, application, asked, undo
    ):
        await knock(url, request("GET / HTTP/1.1"))
        await until(page.knocks.isVisible)
        press(page.knocks, "Say which it is…")
        dialog = await asked(NamelessDialog)
        dialog.station.select("ALF-0022")
        dialog.save()
        await until(lambda: application.habits.of("ALF-0022").nameless_at == "127.0.0.1")
        async with raw_station(url, ""):
            await until(lambda: application.server.connected == {"ALF-0022"})
        await undo("What comes from 127.0.0.1 without an ID is Garage 10.")
        await until(lambda: not application.habits.of("ALF-0022").nameless_at)

    async def test_one_that_names_no_station_is_no_two(self, page, desk, until, application):
        await application.habits.expect_nameless("ALF-0021", "127.0.0.2")
        dialog = NamelessDialog(desk, "127.0.0.2")
        dialog.station.select("ALF-0022")
        dialog.show()
        dialog.save()
        await until(dialog.problem.isVisible)
        assert dialog.problem.words().startswith("ALF-0021 is expected from 127.0.0.2 already.")
        dialog.reject()

    async def test_goes_away_when_the_station_comes_in_after_all(self, page, url, application, until):
        await knock(url, request("GET /ALF-0021 HTTP/1.1", without=("Connection",)))
        await knock(url, request("GET /GRIZZL-1 HTTP/1.1", without=("Sec-WebSocket-Protocol",)))
        await until(lambda: page.knocks.isVisible())
        before = len([each for each in words_in(page.knocks) if each == "127.0.0.1"])
        await application.stations.accept("GRIZZL-1")
        async with raw_station(url, "GRIZZL-1", subprotocols=None):
            await until(lambda: len([each for each in words_in(page.knocks) if each == "127.0.0.1"]) == before - 1)

    async def test_what_is_put_away_comes_back_only_when_it_knocks_again(self, page, url, until):
        await knock(url, request("GET / HTTP/1.1"))
        await until(page.knocks.isVisible)
        close = next(
            each
            for each in page.knocks.findChildren(type(page.knocks.all))
            if each.accessibleName() == "Put away until it comes again"
        )
        close.click()
        assert not page.knocks.isVisible()
        page.knocks.refresh()
        assert not page.knocks.isVisible()
        await knock(url, request("GET / HTTP/1.1"))
        await until(page.knocks.isVisible)

    async def test_of_more_than_two_the_rest_is_in_a_dialog(self, page, url, until, press, asked, desk):
        await knock(url, request("GET / HTTP/1.1"))
        await knock(url, request("GET /%ZZ HTTP/1.1"))
        await knock(url, request("GET /A HTTP/1.1", without=("Sec-WebSocket-Protocol",)))
        await until(lambda: page.knocks.all.text() == "Show all 3")
        press(page.knocks, "Show all 3")
        dialog = desk.window.findChild(KnocksDialog)
        assert words_in(dialog).count("127.0.0.1") == 3
        press(dialog, "Accept it by its ID…")
        (await asked(AcceptStationDialog)).reject()


class TestThePane:
    async def test_tells_what_happens_at_the_station_now(self, page, url, until, went, press):
        page.select("ALF-0021")
        await until(lambda: "It has not connected yet. It is let in as soon as it does." in words_in(page.pane))
        async with at_work(url) as station:
            await until(lambda: pills_in(page.pane) == ["Available"] * 3)
            session = await station.start(ANNA)
            await station.status(1, "Charging")
            await until(lambda: "0.00 kWh · 0:00" in words_in(page.pane))
            press(page.pane, "Anna's card →")
            assert went == [("sessions", session.transaction_id)]
            await station.status(1, "Faulted", "GroundFailure")
            await until(lambda: "Ground failure" in words_in(page.pane))
            assert {"Alfen", "NG910", "ACE0021442", "127.0.0.1"} <= set(words_in(page.pane))
        await until(lambda: any(each.startswith("Not connected; last heard") for each in words_in(page.pane)))

    async def test_lists_cards_and_sessions_as_they_come(self, page, url, until, went):
        page.select("ALF-0021")
        page.pane.open_tab("history")

        def lines():
            model = page.pane.findChild(StationHistory).model()
            return [model.text_at(at, 1) for at in range(model.rowCount())]

        async with at_work(url) as station:
            await station.tap("B1204F77")
            await until(lambda: lines() == ["B1204F77 refused: unknown card"])
            await station.charge(ANNA, seconds=0.2, power_w=11_000)
            await until(lambda: len(lines()) == 2 and lines()[0].startswith("Anna's card charged"))
            page.pane.findChild(StationHistory).row_activated.emit(page.pane.findChild(StationHistory).model().row(1))
            assert went[0][0] == "log"

    async def test_what_happened_while_the_page_was_hidden_is_there_when_it_is_shown(self, page, url, until):
        page.select("ALF-0021")
        page.pane.open_tab("history")
        page.hide()
        async with at_work(url) as station:
            await station.tap("B1204F77")
            await until(lambda: page._desk.application.journal.messages(MessageFilter(cards_only=True)))
            page.show()
            assert page.pane.findChild(StationHistory).model().rowCount() == 1

    async def test_its_tabs_are_reached_with_the_keyboard_and_stay_from_station_to_station(self, page, until):
        page.select("ALF-0021")
        first, last = page.pane.tabs[0].key, page.pane.tabs[-1].key
        assert page.pane.strip.value() == first
        page.pane.strip.segment(first).setFocus(Qt.FocusReason.TabFocusReason)
        for _ in page.pane.tabs[1:]:
            QTest.keyClick(page.focusWidget(), Qt.Key.Key_Right)
        assert page.pane.strip.value() == last
        assert page.focusWidget() is page.pane.strip.segment(last)
        page.select("ALF-0022")
        assert page.pane.strip.value() == last
        page.pane.open_tab("history")
        await until(lambda: page.pane.findChild(StationHistory).isVisible())
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        assert page.pane.strip.value() == first

    async def test_one_that_is_not_let_in_has_no_tabs(self, page, application, url):
        await application.stations.reject("ALF-0021")
        page.select("ALF-0021")
        assert not page.pane.strip.isVisible()

    async def test_f2_renames_in_place_and_undo_brings_the_name_back(self, page, application, until, undo):
        page.select("ALF-0021")
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        assert page.pane.fields.name.hasFocus()
        QTest.keyClicks(page.pane.fields.name, "  Garage   two ")
        QTest.keyClick(page.pane.fields.name, Qt.Key.Key_Return)
        await until(lambda: row_of(page, "ALF-0021")["Name"] == "Garage two")
        await undo("ALF-0021 is called Garage two now.")
        await until(lambda: row_of(page, "ALF-0021")["Name"] == "Garage 2")
        await until(lambda: page.pane.fields.name.text() == "Garage 2")

    async def test_escape_takes_back_what_was_typed(self, page, application):
        page.select("ALF-0021")
        page.pane.edit_name()
        QTest.keyClicks(page.pane.fields.name, "nonsense")
        QTest.keyClick(page.pane.fields.name, Qt.Key.Key_Escape)
        assert page.pane.fields.name.text() == "Garage 2"

    async def test_a_name_being_typed_survives_what_happens_meanwhile(self, page, url, until):
        page.select("ALF-0021")
        page.pane.edit_name()
        QTest.keyClicks(page.pane.fields.name, "Half a na")
        async with at_work(url) as station:
            await station.status(1, "Faulted", "GroundFailure")
            await until(lambda: "Ground failure" in words_in(page.pane))
            assert page.pane.fields.name.text() == "Half a na"
            assert page.pane.fields.name.hasFocus()

    async def test_a_name_left_by_choosing_another_station_is_kept_for_the_first(self, page, application, until):
        page.select("ALF-0021")
        page.pane.edit_name()
        QTest.keyClicks(page.pane.fields.name, "Renamed")
        page.select("ALF-0022")
        await until(lambda: application.stations.find("ALF-0021").name == "Renamed")
        assert application.stations.find("ALF-0022").name == "Garage 10"
        assert page.pane.fields.name.text() == "Garage 10"

    async def test_an_empty_name_shows_the_id_again(self, page, application, until, desk):
        page.select("ALF-0021")
        page.pane.edit_name()
        page.pane.fields.name.clear()
        QTest.keyClick(page.pane.fields.name, Qt.Key.Key_Return)
        await until(lambda: any(note.text == "ALF-0021 goes by its ID again." for note in desk.notes.shown))
        assert application.stations.find("ALF-0021").title == "ALF-0021"

    async def test_the_pool_is_chosen_in_place_with_the_way_back(self, page, application, site, until, undo):
        page.select("ALF-0021")
        assert page.pane.fields.pool.currentText() == "Guests"
        page.pane.fields.pool.select(site["staff"])
        page.pane.fields.pool.changed.emit(site["staff"])
        await until(lambda: row_of(page, "ALF-0021")["Pool"] == "Staff")
        await undo("Moved to Staff: Garage 2.")
        await until(lambda: row_of(page, "ALF-0021")["Pool"] == "Guests")
        await until(lambda: page.pane.fields.pool.currentText() == "Guests")
        page.pane.fields.pool.changed.emit(None)
        await until(lambda: row_of(page, "ALF-0021")["Pool"] == "no pool")

    async def test_the_menu_leads_to_the_messages_of_this_station(self, page, went):
        page.select("ALF-0021")
        actions = [action for menu in page.pane.findChildren(QMenu) for action in menu.actions()]
        next(action for action in actions if action.text() == "Show its messages").trigger()
        assert went == [("log", MessageFilter(station_id="ALF-0021"))]

    async def test_a_name_of_any_length_never_makes_the_pane_wider(self, page, application, url, until):
        long = "A holder whose name is longer than any pane can be wide, and then some more words of it " * 2
        card = application.passes.find(ANNA)
        await application.passes.change(card.id, PassDraft(tapped=ANNA, name=long[:118]))
        await application.stations.rename("ALF-0021", long[:118])
        async with at_work(url) as station:
            await station.start(ANNA)
            await station.status(1, "Charging")
            page.select("ALF-0021")
            await until(lambda: any("kWh" in each for each in words_in(page.pane)))
            assert page.pane.width() <= page.pane.maximumWidth()
            assert page.pane.x() + page.pane.width() <= page.width()


class TestSeveralAtOnce:
    async def test_they_move_together_and_come_back_each_to_its_own_pool(self, page, application, site, until, undo):
        choose(page, "ALF-0021", "EVB-P1881")
        await until(lambda: "2 stations" in words_in(page.pane))
        assert page.pane.fields.pool.currentText() == "Several pools"
        third = await application.pools.create("Third")
        await until(lambda: page.pane.fields.pool.findText("Third") >= 0)
        page.pane.fields.pool.changed.emit(third.id)
        await until(lambda: {row_of(page, each)["Pool"] for each in ("ALF-0021", "EVB-P1881")} == {"Third"})
        await undo("Moved to Third: 2 stations.")
        await until(lambda: row_of(page, "EVB-P1881")["Pool"] == "Staff")
        assert row_of(page, "ALF-0021")["Pool"] == "Guests"

    async def test_del_removes_them_and_one_undo_brings_them_all_back(self, page, until, undo):
        page.table.setFocus()
        choose(page, "ALF-0021", "EVB-P1881")
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        await until(lambda: ids(page) == ["ALF-0022"])
        await undo("2 stations were removed. Their sessions stay.")
        await until(lambda: ids(page) == ["EVB-P1881", "ALF-0021", "ALF-0022"])
        assert row_of(page, "EVB-P1881")["Pool"] == "Staff"


class TestOneStation:
    async def test_refusing_and_taking_that_back(self, page, until, undo):
        page.select("ALF-0021")
        page.refuse.trigger()
        await until(lambda: status(page, "ALF-0021") == "Refused")
        assert not page.rename.isEnabled()
        await undo("Garage 2 is refused: nobody can charge there with a card from here.")
        await until(lambda: status(page, "ALF-0021") == "Not seen yet")

    async def test_one_that_is_connected_is_said_to_come_back_when_it_is_removed(self, page, url, until, undo):
        async with at_work(url):
            await until(lambda: status(page, "ALF-0021") == "Available")
            page.select("ALF-0021")
            QTest.keyClick(page.table, Qt.Key.Key_Delete)
            await until(lambda: "ALF-0021" not in ids(page))
            await undo("Garage 2 was removed. It is still connected and asks to join at its next start.")
            await until(lambda: "ALF-0021" in ids(page) and status(page, "ALF-0021") == "Available")

    async def test_enter_on_one_that_waits_opens_the_question_and_on_others_the_name(self, page, url, until, asked):
        page.select("ALF-0021")
        QTest.keyClick(page.table, Qt.Key.Key_Return)
        assert page.pane.fields.name.hasFocus()
        async with raw_station(url, "EVB-P2118") as station:
            await station.call("BootNotification", ELVI)
            await until(lambda: "EVB-P2118" in ids(page))
            page.select("EVB-P2118")
            QTest.keyClick(page.table, Qt.Key.Key_Return)
            (await asked(AcceptStationDialog)).reject()


class TestItsCost:
    async def test_time_goes_on_without_an_event(self, page, url, until, monkeypatch, application):
        async with at_work(url):
            await until(lambda: status(page, "ALF-0021") == "Available")
            page.select("ALF-0021")
            monkeypatch.setattr(
                page._desk.application, "clock", lambda real=application.clock: real() + timedelta(minutes=7)
            )
            page.tick()
            assert row_of(page, "ALF-0021")["Last heard"] == "7 min ago"
            await until(lambda: "7 min ago" in words_in(page.pane))

    async def test_a_hidden_page_reads_nothing(self, page, application, monkeypatch, until):
        page.hide()
        await until(lambda: not page._refresh.is_due)
        read = []
        # The page's own reading: the lists of the stations follow the site whether or not it is looked at.
        real = page_module.stations_now
        monkeypatch.setattr(page_module, "stations_now", lambda desk: read.append(1) or real(desk))
        await application.stations.rename("ALF-0021", "Hidden")
        for _ in range(3):
            page.tick()
        await asyncio.sleep(0.15)
        assert read == []
        page.show()
        await until(lambda: row_of(page, "ALF-0021")["Name"] == "Hidden")
