"""Access on request in the real window: a card at a real station, the list it waits in, what comes of each answer."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QSystemTrayIcon

from app.application import Application
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.ids import Uid
from app.domain.model import AccessLevel, PoolOptions
from app.domain.requests import AccessRequest, RequestState
from app.simulation.station import SimulatedStation
from ui.frame.window import TapdeskWindow
from ui.requests.approve_dialog import ApproveRequestDialog, approve_request
from ui.requests.words import ago, where
from ui.widgets.labels import Label, Paragraph

STRANGER, SARAS = "04C2117F3A5B80", "9A01F3C2"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
async def window(application, theme, qtbot, until):
    window = TapdeskWindow(theme, host="127.0.0.1")
    qtbot.addWidget(window)
    window.open_site(application)
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow)
    yield window
    await window.desk.tasks.close()


@pytest.fixture
def desk(window):
    return window.desk


@pytest.fixture
async def pool(application):
    return await application.pools.create("DC fast", AccessLevel.RESTRICTED, PoolOptions(takes_requests=True))


@pytest.fixture
async def station(application, pool, url):
    await application.stations.accept("ABB-1", name="Terrace DC", pool_id=pool.id)
    async with SimulatedStation(url, "ABB-1") as station:
        await station.start_up(longest_wait=0.1)
        yield station


@pytest.fixture
async def sara(application):
    identity = await application.identities.add(IdentityDraft("sara@visitor.example", "Sara", "Visser"))
    await application.passes.add(PassDraft(tapped=SARAS, identity_id=identity.id))
    return identity


@pytest.fixture
def button(window):
    return window._requests.button


@pytest.fixture
def panel(window):
    return window._requests.panel


@pytest.fixture
def asked(application, station, until):
    """Holds cards to the station and waits until they are requests."""

    async def hold(*uids):
        for uid in uids:
            before = application.requests.count_pending()
            await station.tap(uid)
            await until(lambda before=before: application.requests.count_pending() == before + 1)
        return application.requests.pending()

    return hold


def lines(panel):
    """What each row says: who, and where."""
    return [(" ".join(filter(None, (row.name.text(), row.card.text()))), row.where.words()) for row in panel.rows]


def key(widget, which):
    QTest.keyClick(widget, which)


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def note_button(note, words):
    return next(each for each in note.findChildren(QPushButton) if each.text() == words)


class TestTheButton:
    async def test_is_not_there_where_no_pool_takes_requests(self, button, application, until):
        assert not button.isVisible()
        pool = await application.pools.create("DC fast", AccessLevel.RESTRICTED, PoolOptions(takes_requests=True))
        await until(button.isVisible)
        await application.pools.change(pool.id, options=PoolOptions())
        await until(lambda: not button.isVisible())

    async def test_says_how_many_wait(self, button, asked, until, has_colour):
        await until(button.isVisible)
        assert button.accessibleName() == "Requests"
        assert not has_colour(button, "#FDF1DC")
        await asked(STRANGER, "B1204F77")
        await until(lambda: button.count == 2)
        assert button.accessibleName() == "Requests 2"
        assert has_colour(button, "#FDF1DC")

    async def test_stands_before_the_main_action_and_fits_a_small_screen(self, button, window, asked, until):
        await asked(STRANGER)
        await until(lambda: button.count == 1)
        window.resize(1024, 700)
        await until(lambda: window.width() == 1024)
        capture = next(each for each in window.findChildren(QPushButton) if each.text() == "Capture cards")
        assert button.mapTo(window, button.rect().topRight()).x() < capture.mapTo(window, capture.rect().topLeft()).x()
        assert button.width() >= button.sizeHint().width()
        assert window.minimumSizeHint().width() <= 960


class TestTheList:
    async def test_says_that_nobody_is_waiting(self, button, panel, station, until):
        await until(button.isVisible)
        click(button)
        assert panel.nobody.isVisible()
        assert panel.nobody.title.text() == "Nobody is waiting"
        key(panel, Qt.Key.Key_Escape)
        assert not panel.isVisible()

    async def test_says_who_where_and_since_when_the_latest_first(self, button, panel, asked, sara):
        await asked(STRANGER, SARAS)
        click(button)
        assert lines(panel) == [
            ("Sara Visser", "DC fast · sara@visitor.example, held to Terrace DC, still waiting there"),
            ("Card 04C2117F3A5B80", "DC fast · held to Terrace DC, still waiting there"),
        ]
        assert [row.when.text() for row in panel.rows] == ["just now", "just now"]
        assert "for all stations of the pool" in {each.text() for each in panel.findChildren(Label)}

    async def test_promises_a_question_only_where_one_is_asked(self, button, panel, asked, sara):
        await asked(STRANGER, SARAS)
        click(button)
        assert [row.approve.text() for row in panel.rows] == ["Approve", "Approve…"]
        assert panel.rows[0].approve.accessibleName() == "Approve Sara Visser"

    async def test_counts_how_often_the_same_card_was_held(self, button, panel, asked, station, until):
        await asked(STRANGER)
        click(button)
        await station.tap(STRANGER)
        await until(lambda: "tried 2 times at Terrace DC" in lines(panel)[0][1])
        assert len(panel.rows) == 1

    async def test_keeps_its_order_while_it_is_open(self, button, panel, asked, until):
        await asked(STRANGER)
        click(button)
        await asked("B1204F77")
        await until(lambda: len(panel.rows) == 2)
        assert [str(row.request.uid) for row in panel.rows] == [STRANGER, "B1204F77"]
        key(panel, Qt.Key.Key_Escape)
        click(button)
        assert [str(row.request.uid) for row in panel.rows] == ["B1204F77", STRANGER]

    async def test_scrolls_when_it_is_long_and_stays_inside_the_window(self, button, panel, window, asked, until):
        await asked(*(f"{0xB1204F00 + number:08X}" for number in range(14)))
        click(button)
        assert len(panel.rows) == 14
        bottom = panel.mapTo(window, panel.rect().bottomLeft()).y()
        assert bottom < window.height()
        await until(lambda: panel.scroll.verticalScrollBar().maximum() > 0)

    async def test_three_need_no_scrolling(self, button, panel, asked):
        await asked(STRANGER, "B1204F77", "B1204F78")
        click(button)
        QApplication.sendPostedEvents()
        assert panel.scroll.verticalScrollBar().maximum() == 0

    async def test_a_press_beside_it_closes_it_and_does_nothing_else(self, button, panel, window, asked):
        await asked(STRANGER)
        click(button)
        QTest.mouseClick(window.childAt(60, 120), Qt.MouseButton.LeftButton)
        assert not panel.isVisible()
        assert window.current == "overview"

    async def test_closes_when_another_page_is_opened(self, button, panel, window, asked):
        await asked(STRANGER)
        click(button)
        window.go("pools")
        assert not panel.isVisible()

    async def test_every_control_is_reached_and_named(self, button, panel, asked, sara, out_of_reach):
        await asked(STRANGER, SARAS)
        click(button)
        assert out_of_reach(panel) == []


class TestTheKeyboard:
    @pytest.fixture
    async def rows(self, panel, asked, window):
        await asked("B1204F79", "B1204F78", "B1204F77")
        key(window, Qt.Key.Key_Tab)
        QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        assert panel.isVisible()
        return panel.rows

    async def test_begins_at_the_first_answer(self, rows):
        assert rows[0].approve.hasFocus()

    async def test_up_and_down_walk_over_the_requests_left_and_right_between_the_answers(self, rows):
        key(rows[0].approve, Qt.Key.Key_Right)
        assert rows[0].deny.hasFocus()
        key(rows[0].deny, Qt.Key.Key_Down)
        assert rows[1].deny.hasFocus()
        key(rows[1].deny, Qt.Key.Key_Left)
        key(rows[1].approve, Qt.Key.Key_Left)
        assert rows[1].approve.hasFocus()
        key(rows[1].approve, Qt.Key.Key_Up)
        key(rows[0].approve, Qt.Key.Key_Up)
        assert rows[0].approve.hasFocus()

    async def test_tab_goes_round_inside(self, rows):
        for expected in (rows[0].deny, rows[1].approve, rows[1].deny, rows[2].approve, rows[2].deny, rows[0].approve):
            key(QApplication.focusWidget(), Qt.Key.Key_Tab)
            assert expected.hasFocus()
        key(rows[0].approve, Qt.Key.Key_Backtab)
        assert rows[2].deny.hasFocus()

    async def test_enter_presses_and_the_next_row_has_the_keyboard(self, rows, application, until):
        key(rows[0].approve, Qt.Key.Key_Right)
        key(rows[0].deny, Qt.Key.Key_Return)
        await until(lambda: application.requests.count_pending() == 2)
        assert rows[1].approve.hasFocus()

    async def test_escape_gives_the_keyboard_back(self, rows, window, panel):
        key(rows[0].approve, Qt.Key.Key_Escape)
        assert not panel.isVisible()
        assert window.focusWidget() is not None
        assert not panel.isAncestorOf(window.focusWidget())

    async def test_from_the_pointer_down_leads_into_the_list(self, button, panel, asked):
        await asked(STRANGER)
        click(button)
        assert panel.hasFocus()
        key(panel, Qt.Key.Key_Down)
        assert panel.rows[0].approve.hasFocus()


class TestDenying:
    async def test_is_done_at_once_and_can_be_taken_back(self, button, panel, asked, application, said, press):
        await asked(STRANGER, "B1204F77")
        click(button)
        click(panel.rows[1].deny)
        note = await said("Card 04C2117F3A5B80 is not let in at DC fast.")
        assert application.requests.count_pending() == 1
        note_button(note, "Undo").click()

    async def test_undo_brings_the_request_back(self, button, panel, asked, application, said, until):
        [request] = await asked(STRANGER)
        click(button)
        click(panel.rows[0].deny)
        note = await said("is not let in at DC fast.")
        note_button(note, "Undo").click()
        await until(lambda: application.requests.count_pending() == 1)
        assert application.requests.pending()[0].id == request.id
        await until(lambda: button.count == 1)

    async def test_after_the_last_the_list_closes_by_itself(self, button, panel, asked, until):
        await asked(STRANGER)
        click(button)
        click(panel.rows[0].deny)
        await until(lambda: not panel.isVisible())
        await until(lambda: button.count == 0)

    async def test_the_second_press_of_a_double_click_falls_on_no_other_request(
        self, button, panel, asked, application, until
    ):
        await asked(STRANGER, "B1204F77")
        click(button)
        place = panel.rows[0].deny
        spot = place.mapTo(panel, place.rect().center())
        click(place)
        await until(lambda: application.requests.count_pending() == 1)
        await asyncio.sleep(0.06)
        under = panel.childAt(spot)
        QTest.mouseClick(under, Qt.MouseButton.LeftButton)
        assert application.requests.count_pending() == 1
        await until(lambda: len(panel.rows) == 1)


class TestApprovingAKnownPass:
    async def test_needs_no_question(self, button, panel, asked, sara, application, station, said, window):
        await asked(SARAS)
        click(button)
        click(panel.rows[0].approve)
        await said("Sara Visser may charge at DC fast.")
        assert window.findChildren(ApproveRequestDialog) == []
        assert (await station.tap(SARAS)).status == "Accepted"

    async def test_can_be_taken_back(self, button, panel, asked, sara, station, application, said, until):
        await asked(SARAS)
        click(button)
        click(panel.rows[0].approve)
        note = await said("Sara Visser may charge at DC fast.")
        assert application.requests.count_pending() == 0
        note_button(note, "Undo").click()
        await until(lambda: application.requests.count_pending() == 1)
        assert (await station.tap(SARAS)).status == "Invalid"

    async def test_who_was_faster_is_said(self, button, panel, asked, sara, application, window, until):
        [request] = await asked(SARAS)
        await application.requests.deny(request.id)
        window.desk.run(approve_request(window.desk, request))
        await until(lambda: any(note.kind == "bad" for note in window.notes.shown))
        [problem] = [note.text for note in window.notes.shown if note.kind == "bad"]
        assert "request_decided" not in problem
        assert (await approvals(application)) == 0


async def approvals(application: Application) -> int:
    return sum(summary.identities + summary.passes for summary in application.pools.all())


class TestTheDialog:
    @pytest.fixture
    async def dialog(self, button, panel, asked, sara, opened, until):
        await asked(STRANGER)
        click(button)
        click(panel.rows[0].approve)
        return await opened(ApproveRequestDialog)

    async def test_names_the_card_and_the_station(self, dialog):
        said = [each.words() for each in dialog.findChildren(Paragraph)]
        assert any("04C2117F3A5B80 was held to Terrace DC" in each for each in said)

    async def test_gives_the_card_to_somebody_who_is_there(self, dialog, application, station, sara, said, press):
        dialog.identity.name.setText("Sara Visser")
        dialog.name.setText("Fob")
        press(dialog, "Approve")
        await said("Sara Visser may charge at DC fast.")
        card = application.passes.find(STRANGER)
        assert (card.identity_id, card.name) == (sara.id, "Fob")
        assert (await station.tap(STRANGER)).status == "Accepted"

    async def test_an_address_is_enough_for_somebody_new(self, dialog, application, station, said, press):
        dialog.identity.name.setText("new@visitor.example")
        assert dialog.newcomer.isVisible()
        assert "new@visitor.example is new" in dialog.newcomer.words()
        press(dialog, "Approve")
        await said("new@visitor.example may charge at DC fast.")
        assert application.identities.find("new@visitor.example") is not None
        assert (await station.tap(STRANGER)).status == "Accepted"

    async def test_the_fields_of_a_new_identity_want_no_name(self, dialog, application, said, press):
        dialog.identity.unfold()
        dialog.identity.new.email.setText("new@visitor.example")
        press(dialog, "Approve")
        await said("new@visitor.example may charge at DC fast.")

    async def test_nobody_makes_an_external_pass(self, dialog, application, station, said, press):
        press(dialog, "Approve")
        await said("Card 04C2117F3A5B80 may charge at DC fast.")
        card = application.passes.find(STRANGER)
        assert card.identity_id is None
        assert (await station.tap(STRANGER)).status == "Accepted"

    async def test_the_last_day_is_one_of_them(self, dialog, application, desk, pool, said, press):
        today = desk.now().date()
        dialog.until.box.setChecked(True)
        assert "that day is the last one" in dialog.lasting.words()
        press(dialog, "Approve")
        await said("may charge at DC fast.")
        [member] = application.members.of_pool(pool.id)
        ends = member.valid_until.astimezone()
        assert (ends.date(), ends.hour) == (today + timedelta(days=1), 0)

    async def test_what_is_nobodys_name_is_said_at_the_field(self, dialog, application, press, until):
        dialog.identity.name.setText("Sarah")
        assert not dialog.newcomer.isVisible()
        press(dialog, "Approve")
        await until(dialog.identity.name_field.has_error)
        assert application.requests.count_pending() == 1
        assert dialog.approve_button.isEnabled()

    async def test_a_name_that_is_too_long_is_said_at_its_field(self, dialog, press, until):
        dialog.name.setText("x" * 121)
        press(dialog, "Approve")
        await until(dialog.name_field.has_error)

    async def test_who_was_faster_is_said_and_nothing_is_made(self, dialog, application, window, press, until):
        [request] = application.requests.pending()
        await application.requests.deny(request.id)
        press(dialog, "Approve")
        await until(lambda: any(note.kind == "bad" for note in window.notes.shown))
        await until(lambda: window.findChildren(ApproveRequestDialog) == [])
        assert application.passes.find(STRANGER) is None

    async def test_cancel_leaves_the_request_where_it_is(self, dialog, panel, application, until):
        assert not panel.rows[0].approve.isEnabled()
        dialog.reject()
        await until(lambda: panel.rows[0].approve.isEnabled())
        assert application.requests.count_pending() == 1

    async def test_every_control_is_reached_and_named(self, dialog, out_of_reach):
        assert out_of_reach(dialog) == []

    async def test_a_pass_of_nobody_keeps_its_name(self, asked, application, window, desk, opened):
        await application.passes.add(PassDraft(tapped="B1204F77", name="Pool car"))
        [request] = await asked("B1204F77")
        desk.run(approve_request(desk, request))
        dialog = await opened(ApproveRequestDialog)
        assert not dialog.name.isVisible()
        dialog.reject()


class TestTheChargeOfWhoStillWaits:
    async def test_is_started_from_here(self, asked, sara, station, application, desk, said, until):
        [request] = await asked(SARAS)
        desk.run(approve_request(desk, request))
        note = await said("Sara Visser still waits at Terrace DC.")
        note_button(note, "Start the charge now").click()
        await said("Terrace DC starts the charge.")
        await until(lambda: len(application.sessions.recent(open_only=True)) == 1)
        assert application.sessions.recent(open_only=True)[0].holder == "Sara Visser"

    async def test_a_station_that_does_not_want_to_is_said(self, asked, sara, station, desk, window, said):
        [request] = await asked(SARAS)
        for plug in station.cabinet.plugs.values():
            plug.claimed = True
        desk.run(approve_request(desk, request))
        note_button(await said("still waits at Terrace DC."), "Start the charge now").click()
        await said("Terrace DC does not start a charge now (Rejected).")
        assert not any("Asking" in note.text for note in window.notes.shown)

    async def test_is_not_offered_when_the_station_is_away(self, asked, sara, station, application, desk, said):
        [request] = await asked(SARAS)
        await station.power_off()
        async with asyncio.timeout(5):
            while application.server.connected:
                await asyncio.sleep(0.01)
        desk.run(approve_request(desk, request))
        await said("Sara Visser may charge at DC fast.")
        assert not any("still waits" in note.text for note in desk.notes.shown)

    async def test_the_offer_goes_when_the_approval_is_taken_back(self, asked, sara, desk, said, until):
        [request] = await asked(SARAS)
        desk.run(approve_request(desk, request))
        note = await said("Sara Visser may charge at DC fast.")
        await said("still waits")
        note_button(note, "Undo").click()
        await until(lambda: not any("still waits" in note.text for note in desk.notes.shown))

    async def test_the_offer_goes_when_the_card_began_a_charge(self, asked, sara, station, desk, said, until):
        [request] = await asked(SARAS)
        desk.run(approve_request(desk, request))
        await said("Sara Visser still waits at Terrace DC.")
        await station.start(SARAS)
        await until(lambda: not any("still waits" in note.text for note in desk.notes.shown))


class TestANewRequest:
    async def test_announces_itself_with_the_answer(self, asked, said, desk, sara, application, until):
        await asked(SARAS)
        note = await said("Sara Visser asks to charge at Terrace DC, pool DC fast.")
        note_button(note, "Approve").click()
        await said("Sara Visser may charge at DC fast.")
        assert application.requests.count_pending() == 0

    async def test_is_not_announced_as_an_unknown_card_as_well(self, asked, said, window):
        await asked(STRANGER)
        await said("Card 04C2117F3A5B80 asks to charge")
        assert not any("Unknown card" in note.text for note in window.notes.shown)

    async def test_is_announced_once_however_often_the_card_is_held(self, asked, said, station, window, application):
        [request] = await asked(STRANGER)
        (await said("asks to charge")).close_note()
        await station.tap(STRANGER)
        async with asyncio.timeout(5):
            while application.requests.require(request.id).times < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.15)
        assert not any("asks to charge" in note.text for note in window.notes.shown)

    async def test_the_note_goes_when_somebody_decided(self, asked, said, application, window, until):
        [request] = await asked(STRANGER)
        await said("asks to charge")
        await application.requests.deny(request.id)
        await until(lambda: not any("asks to charge" in note.text for note in window.notes.shown))

    async def test_the_note_goes_when_the_list_is_opened_and_none_comes_while_it_is(
        self, asked, said, button, panel, window, until
    ):
        await asked(STRANGER)
        await said("asks to charge")
        click(button)
        assert not any("asks to charge" in note.text for note in window.notes.shown)
        await asked("B1204F77")
        await until(lambda: len(panel.rows) == 2)
        assert not any("to charge" in note.text for note in window.notes.shown)

    async def test_the_overview_leads_to_the_list(self, asked, window, panel, until):
        await asked(STRANGER)
        window.desk.go("requests")
        await until(panel.isVisible)
        assert window.current == "overview"


class Tray(QSystemTrayIcon):
    """A tray on a machine without one: it keeps what it was told to show."""

    def __init__(self):
        super().__init__()
        self.shown = []

    def showMessage(self, title, words, *_):
        self.shown.append((title, words))


async def test_a_window_out_of_sight_speaks_through_the_tray(application, theme, qtbot, station, monkeypatch, until):
    await application.settings.change(keep_serving_when_closed="no")
    tray = Tray()
    monkeypatch.setattr(TapdeskWindow, "_make_tray", lambda _window: tray)
    window = TapdeskWindow(theme, host="127.0.0.1")
    qtbot.addWidget(window)
    window.open_site(application)
    await station.tap(STRANGER)
    await until(lambda: tray.shown != [])
    assert tray.shown == [("Request for access", "Card 04C2117F3A5B80 asks to charge at Terrace DC, pool DC fast.")]
    tray.messageClicked.emit()
    await until(window._requests.panel.isVisible)
    assert window.isVisible()
    await window.desk.tasks.close()


def request(times=1, holder="", email="", last_at=NOON):
    return AccessRequest(
        1, 1, "DC fast", Uid("AA"), "AA", None, None, holder, email, "S", "Terrace DC", 1, NOON, last_at, times,
        RequestState.PENDING, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1, seconds=50), "1 min ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=3), "09:00"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=4), "16 Nov"),
    ],
)
def test_when_is_said_as_short_as_possible(before, words):
    assert ago(NOON - before, NOON) == words


def test_where_names_an_address_only_where_it_says_more_than_the_name():
    assert where(request(), still_there=False) == "DC fast · held to Terrace DC"
    assert where(request(times=3), still_there=True) == "DC fast · tried 3 times at Terrace DC, still waiting there"
    same = request(holder="a@b.example", email="a@b.example")
    assert where(same, still_there=False) == "DC fast · held to Terrace DC"
