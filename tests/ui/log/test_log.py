"""The live log, with real stations: what comes is shown at once, what is stored is found, refusals are explained."""

import asyncio
import json
from datetime import timedelta
from itertools import count

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from app.application import MessageFilter
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.events import MessageLogged
from app.domain.model import Direction, Message
from tests.csms.messages201 import event, token
from tests.wire import raw_station
from ui.log.json_view import JsonView
from ui.log.page import KEEP_LIVE, PAGE, LogPage
from ui.taps.add_to_pool import AddToPoolDialog
from ui.widgets.labels import Label, Paragraph

UNKNOWN = "B1204F77"
REVERSED = "774F20B1"
ANNAS = "04A2B3C4D5E680"


@pytest.fixture
async def site(application):
    """Anna is a member of Staff with one card, Jan is of no pool; a station in Staff."""
    staff = await application.pools.create("Staff")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    jan = await application.identities.add(IdentityDraft("jan@delinde.example", "Jan", "Bakker"))
    await application.members.add(staff.id, identity_ids=[anna.id])
    await application.passes.add(PassDraft(ANNAS, "", "Anna's card", anna.id))
    await application.passes.add(PassDraft(REVERSED, "", "Key fob", jan.id))
    await application.stations.accept("EVB-P1882", name="Entrance right", pool_id=staff.id)
    return {"staff": staff, "anna": anna, "jan": jan}


@pytest.fixture
async def station(site, url):
    async with raw_station(url, "EVB-P1882") as station:
        yield station


@pytest.fixture
async def station201(site, url):
    async with raw_station(url, "EVB-P1882", subprotocols=["ocpp2.0.1"]) as station:
        yield station


@pytest.fixture
async def page(desk, site, qtbot, until):
    page = LogPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    page.activateWindow()
    await until(lambda: page.isActiveWindow() and not page._stale and not page._loading)
    return page


@pytest.fixture
def row(page, until):
    """Waits for the row of an action (and a card): the words of its columns."""

    async def wait(action, id_tag=""):
        def found():
            return [message for message in shown(page) if (message.action, message.id_tag) == (action, id_tag)]

        await until(found)
        return words_of(page, found()[0])

    return wait


@pytest.fixture
def open_row(page, until):
    async def wait(action, id_tag=""):
        def found():
            return [message for message in shown(page) if (message.action, message.id_tag) == (action, id_tag)]

        await until(found)
        page.table.select_key(found()[0].id)
        await until(page.pane.isVisible)
        return page.pane

    return wait


@pytest.fixture
def publish(desk):
    """Messages as the server tells them, without being stored; gives their ids."""
    ids = count(1_000_000)

    def tell(number=1, **changes):
        told = [message(next(ids), at=desk.application.clock(), **changes) for _ in range(number)]
        for each in told:
            desk.application.bus.publish(MessageLogged(each))
        return [each.id for each in told]

    return tell


@pytest.fixture
def store(desk):
    """Messages that were stored earlier, oldest first."""

    async def keep(number, *, ago=timedelta(0), **changes):
        journal, now = desk.application.journal, desk.application.clock()
        for at in range(number):
            journal.log(message(journal.next_message_id(), at=now - ago + timedelta(milliseconds=at), **changes))
        await journal.flush()

    return keep


def message(message_id, **changes):
    facts = {
        "station_id": "EVB-P1882",
        "direction": Direction.FROM_STATION,
        "action": "Heartbeat",
        "id_tag": "",
        "outcome": "",
        "request": json.dumps([2, str(message_id), "Heartbeat", {}]),
        "response": json.dumps([3, str(message_id), {"currentTime": "2026-03-02T09:00:00Z"}]),
        "took_ms": 0.4,
    }
    return Message(id=message_id, **(facts | changes))


def shown(page):
    return [page._model.row(at) for at in range(page._model.rowCount())]


def words_of(page, message):
    at = page._model.position(message.id)
    return [page._model.text_at(at, column) for column in range(len(page._model.columns))]


def said_in(widget):
    visible = [label for label in widget.findChildren(QLabel) if label.isVisible()]
    texts = [label.words() if isinstance(label, Paragraph) else label.text() for label in visible]
    return [text for text in texts if text]


def buttons_of(widget):
    return [button.text() for button in widget.findChildren(QAbstractButton) if button.isVisible() and button.text()]


def json_of(pane):
    return pane.findChildren(JsonView)[-1].toPlainText()


class TestWhatComes:
    async def test_an_unknown_card_is_on_the_screen_with_its_refusal(self, row, station):
        assert (await station.call("Authorize", {"idTag": UNKNOWN}))["idTagInfo"]["status"] == "Invalid"
        time, *rest = await row("Authorize", UNKNOWN)
        assert rest == ["Entrance right", "→", "Authorize", UNKNOWN, "Invalid · unknown card"]
        assert len(time) == len("09:40:31.650")

    async def test_an_accepted_card_is_told_with_its_holder(self, page, row, station):
        await station.call("Authorize", {"idTag": ANNAS})
        assert (await row("Authorize", ANNAS))[-1] == "Accepted · Anna de Vries"
        assert page._words.pill(shown(page)[0]) == "ok"

    async def test_a_known_card_that_is_refused_tells_the_pool_and_the_holder(self, row, station):
        await station.call("Authorize", {"idTag": REVERSED})
        assert (await row("Authorize", REVERSED))[-1] == "Invalid · not in pool Staff · Jan Bakker"

    async def test_a_refusal_is_told_in_the_word_that_the_station_heard(self, row, station201):
        answer = await station201.call("Authorize", {"idToken": token(REVERSED)})
        assert answer["idTokenInfo"]["status"] == "NotAtThisLocation"
        assert (await row("Authorize", REVERSED))[-1] == "NotAtThisLocation · not in pool Staff · Jan Bakker"

    async def test_a_blocked_card_is_not_told_twice_that_it_is_blocked(self, desk, row, station):
        await desk.application.passes.block([desk.application.passes.find(ANNAS).id])
        await station.call("Authorize", {"idTag": ANNAS})
        assert (await row("Authorize", ANNAS))[-1] == "Blocked · Anna de Vries"

    async def test_the_newest_message_is_on_top(self, page, row, station):
        await station.call("Heartbeat", {})
        await station.call("Authorize", {"idTag": UNKNOWN})
        await row("Authorize", UNKNOWN)
        assert [message.action for message in shown(page)] == ["Authorize", "Heartbeat"]

    async def test_what_we_ask_points_to_the_station_and_its_answer_comes_later(self, page, publish, until):
        asked = {"direction": Direction.TO_STATION, "action": "TriggerMessage", "response": "", "took_ms": None}
        [asked_id] = publish(**asked)
        await until(lambda: shown(page))
        assert words_of(page, shown(page)[0])[2:] == ["←", "TriggerMessage", "", "waiting for the answer"]
        answered = asked | {"response": '[3,"1",{"status":"Accepted"}]', "took_ms": 30.0, "outcome": "Accepted"}
        page._desk.application.bus.publish(MessageLogged(message(asked_id, at=shown(page)[0].at, **answered)))
        await until(lambda: words_of(page, shown(page)[0])[-1] == "Accepted")
        assert len(shown(page)) == 1

    async def test_a_question_of_ours_that_timed_out_says_so(self, page, publish, until):
        publish(direction=Direction.TO_STATION, action="Reset", outcome="timed_out", response="", took_ms=None)
        await until(lambda: shown(page))
        assert words_of(page, shown(page)[0])[-1] == "no answer in time"

    async def test_a_broken_frame_is_an_unreadable_message_and_not_lost(self, page, row, station, open_row):
        await station.send('[2, "7", "Authorize", {"idTag": ')
        assert (await row(""))[3:] == ["Unreadable message", "", "it is not JSON"]
        pane = await open_row("")
        assert json_of(pane).startswith('[2, "7", "Authorize"')
        assert "It is not JSON." in said_in(pane)

    async def test_an_error_that_we_answer_is_told(self, page, row, station):
        await station.refused("Authorize", {})
        assert (await row("Authorize"))[-1] == "error OccurenceConstraintViolation"
        assert page._words.tone(shown(page)[0]) == "bad"

    async def test_a_message_that_had_to_be_mended_says_so_quietly_and_in_words(self, row, station, open_row):
        await station.say('[2, 17, "Heartbeat", {}]')
        assert (await row("Heartbeat"))[-1] == "repaired"
        assert "Its message ID was a number." in said_in(await open_row("Heartbeat"))

    async def test_what_is_not_as_ocpp_has_it_is_told_beside_what_was_put_right(self, row, station, open_row):
        await station.say('[2, 18, "Heartbeat", {"uptime": 5}]')
        await row("Heartbeat")
        said = said_in(await open_row("Heartbeat"))
        told = ["Its message ID was a number.", "Heartbeat uptime is not in OCPP."]
        assert [words for words in said if words in told] == told

    async def test_of_a_message_that_is_as_ocpp_has_it_nothing_is_told(self, row, station, open_row):
        await station.call("Heartbeat", {})
        await row("Heartbeat")
        assert not [words for words in said_in(await open_row("Heartbeat")) if words.startswith("Heartbeat ")]

    async def test_a_station_that_gets_a_name_is_called_by_it_at_once(self, desk, page, row, station, until):
        await station.call("Heartbeat", {})
        await row("Heartbeat")
        await desk.application.stations.rename("EVB-P1882", "North gate")
        await until(lambda: words_of(page, shown(page)[0])[1] == "North gate")

    async def test_a_message_of_another_day_has_its_date(self, desk, page, store, until):
        await store(1, ago=timedelta(days=400))
        page._load()
        await until(lambda: shown(page))
        at = desk.local(shown(page)[0].at)
        assert words_of(page, shown(page)[0])[0].strip() == f"{at.day} {at:%b %H:%M:%S}.{at.microsecond // 1000:03}"

    async def test_nothing_secret_is_shown_or_copied(self, page, row, station, open_row):
        secret = "geheim-8fa1"
        await station.call("DataTransfer", {"vendorId": "x", "messageId": "AuthorizationKey", "data": secret})
        words = await row("DataTransfer")
        pane = await open_row("DataTransfer")
        pane.copy_message()
        assert "•••" in json_of(pane)
        assert secret not in "".join([*words, json_of(pane), QGuiApplication.clipboard().text(), *said_in(pane)])


class TestFilters:
    async def test_authorize_is_the_first_kind_of_message(self, page):
        box = page.filters.action
        kinds = [box.itemText(number) for number in range(box.count())]
        assert kinds[:2] == ["All message types", "Authorize"]
        assert kinds[2:] == sorted(kinds[2:])
        assert {"StartTransaction", "StopTransaction", "MeterValues"} <= set(kinds)

    async def test_a_kind_that_nobody_expected_can_be_chosen_once_it_came(self, page, publish, until):
        publish(action="VendorThing")
        await until(lambda: page.filters.action.findText("VendorThing") > 0)

    async def test_only_cards_are_shown_live_and_stored(self, page, station, row, until):
        await station.call("Heartbeat", {})
        await station.call("Authorize", {"idTag": UNKNOWN})
        QTest.mouseClick(page.filters.which.segment("cards"), Qt.MouseButton.LeftButton)
        await until(lambda: not page._loading)
        await station.call("Heartbeat", {})
        await station.call("Authorize", {"idTag": ANNAS})
        await row("Authorize", ANNAS)
        assert [message.id_tag for message in shown(page)] == [ANNAS, UNKNOWN]

    async def test_of_the_events_of_a_charge_only_those_that_name_a_card(self, page, station201, row, until):
        QTest.mouseClick(page.filters.which.segment("cards"), Qt.MouseButton.LeftButton)
        await until(lambda: not page._loading)
        await station201.call("TransactionEvent", event("Started", "CablePluggedIn"))
        await station201.call("TransactionEvent", event("Updated", idToken=token(UNKNOWN)))
        assert (await row("TransactionEvent", UNKNOWN))[-1] == "Invalid · unknown card"
        assert [message.id_tag for message in shown(page)] == [UNKNOWN]
        QTest.mouseClick(page.filters.which.segment("all"), Qt.MouseButton.LeftButton)
        await until(lambda: len(shown(page)) == 2)
        QTest.mouseClick(page.filters.which.segment("cards"), Qt.MouseButton.LeftButton)
        await until(lambda: [message.id_tag for message in shown(page)] == [UNKNOWN])

    async def test_only_refusals_are_shown(self, page, station, row, until):
        QTest.mouseClick(page.filters.which.segment("refused"), Qt.MouseButton.LeftButton)
        await until(lambda: not page._loading)
        await station.call("Authorize", {"idTag": ANNAS})
        await station.call("Authorize", {"idTag": UNKNOWN})
        await row("Authorize", UNKNOWN)
        assert [message.id_tag for message in shown(page)] == [UNKNOWN]

    async def test_text_is_found_a_moment_after_it_was_typed(self, page, station, row, until):
        await station.call("Authorize", {"idTag": ANNAS})
        await station.call("Authorize", {"idTag": UNKNOWN})
        await row("Authorize", UNKNOWN)
        QTest.keyClicks(page.filters.text, "b1204")
        await until(lambda: [message.id_tag for message in shown(page)] == [UNKNOWN])

    async def test_one_station_and_one_kind(self, page, store, until):
        await store(2, station_id="ALF-0021")
        await store(2, action="StatusNotification")
        page._only(station_id="EVB-P1882")
        await until(lambda: {message.station_id for message in shown(page)} == {"EVB-P1882"})
        page._only(action="Heartbeat")
        await until(lambda: {message.station_id for message in shown(page)} == {"ALF-0021"})

    async def test_where_nothing_fits_a_button_shows_everything_again(self, page, store, press, until):
        await store(1)
        page.filters.text.setText("no such thing")
        page.filters.text._search()
        await until(page.empty.filtered.isVisible)
        press(page.empty.filtered, "Show all messages")
        await until(lambda: len(shown(page)) == 1)
        assert page.filters.wanted() == MessageFilter()

    async def test_ctrl_f_goes_to_the_search(self, page, until):
        page.table.setFocus()
        QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        await until(page.filters.text.hasFocus)


class TestFollowing:
    async def test_while_paused_new_messages_wait_and_are_counted(self, page, publish, until):
        publish(3)
        await until(lambda: len(shown(page)) == 3)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Space)
        publish(12)
        await until(lambda: page.state.text == "Paused · 12 new")
        assert len(shown(page)) == 3
        assert page.follow_button.text() == "Follow"
        QTest.keyClick(page.table, Qt.Key.Key_Space)
        assert len(shown(page)) == 15
        assert (page.state.text, page.follow_button.text()) == ("Following", "Pause")

    async def test_who_scrolls_away_reads_undisturbed_and_jumps_back(self, page, publish, press, until):
        publish(100)
        await until(lambda: len(shown(page)) == 100)
        bar = page.table.verticalScrollBar()
        await until(lambda: bar.maximum() > 320)
        bar.setValue(320)
        publish(5)
        await until(lambda: page.state.text == "Paused · 5 new")
        assert (len(shown(page)), bar.value()) == (100, 320)
        press(page, "Jump to newest")
        assert (len(shown(page)), bar.value(), page.following) == (105, 0, True)

    async def test_scrolling_back_to_the_top_follows_again(self, page, publish, until):
        publish(100)
        await until(lambda: len(shown(page)) == 100)
        page.table.verticalScrollBar().setValue(320)
        publish(5)
        await until(lambda: page.state.text == "Paused · 5 new")
        page.table.verticalScrollBar().setValue(0)
        assert (len(shown(page)), page.state.text) == (105, "Following")

    async def test_a_selected_row_stays_selected_and_following_goes_on(self, page, publish, until):
        first = publish(5)
        await until(lambda: len(shown(page)) == 5)
        page.table.select_key(first[2])
        publish(7)
        await until(lambda: len(shown(page)) == 12)
        assert page.following
        assert [message.id for message in page.table.selected_rows()] == [first[2]]
        assert page.pane.message.id == first[2]

    async def test_memory_is_bounded_and_the_newest_stay(self, page, publish, until):
        oldest = publish(KEEP_LIVE)
        await until(lambda: len(shown(page)) == KEEP_LIVE)
        page.table.select_key(oldest[0])
        page.table.scrollToTop()
        newest = publish(300)
        await until(lambda: shown(page)[0].id == newest[-1])
        assert page._model.total() == KEEP_LIVE
        assert not page._model.holds(oldest[0])
        # What was opened is still beside the table, and no other row was chosen for it.
        assert page.pane.message.id == oldest[0]
        assert page.table.selected_rows() == []

    async def test_more_than_can_wait_is_read_again_on_the_way_back(self, page, publish, store, until):
        await store(3)
        page.toggle_following()
        publish(KEEP_LIVE + 1)
        await until(lambda: page._behind)
        assert "newer" in page.state.text
        page.follow()
        await until(lambda: len(shown(page)) == 3 and page.following)

    async def test_a_page_that_is_not_seen_does_nothing_and_catches_up(self, page, station, row):
        page.hide()
        await station.call("Authorize", {"idTag": UNKNOWN})
        await asyncio.sleep(0.2)
        assert shown(page) == []
        page.show()
        await row("Authorize", UNKNOWN)

    async def test_messages_that_overtake_each_other_stand_in_the_order_of_what_happened(self, page, publish, until):
        [first] = publish()
        late = message(first - 5, at=page._desk.application.clock())
        publish()
        page._desk.application.bus.publish(MessageLogged(late))
        await until(lambda: len(shown(page)) == 3)
        ids = [message.id for message in shown(page)]
        assert ids == sorted(ids, reverse=True)
        assert all(page._model.position(message_id) == at for at, message_id in enumerate(ids))


class TestWhatIsStored:
    async def test_scrolling_to_the_end_loads_what_is_older(self, page, store, until):
        await store(1, ago=timedelta(days=1), action="Authorize", id_tag=UNKNOWN)
        await store(2 * PAGE)
        page._load()
        await until(lambda: page._model.total() == PAGE)
        bar = page.table.verticalScrollBar()
        while page._model.total() <= 2 * PAGE:
            bar.setValue(bar.maximum())
            await asyncio.sleep(0.01)
        yesterday = shown(page)[-1]
        assert yesterday.id_tag == UNKNOWN
        ids = [message.id for message in shown(page)]
        assert ids == sorted(set(ids), reverse=True)

    async def test_a_late_answer_to_an_old_message_leaves_no_gap_behind_it(self, page, store, until):
        await store(2 * PAGE)
        page._load()
        await until(lambda: page._model.total() == PAGE and not page._loading)
        stored = page._desk.application.journal.messages(MessageFilter(), limit=10**6)
        page._desk.application.bus.publish(MessageLogged(stored[-3]))
        await asyncio.sleep(0.15)
        assert not page._model.holds(stored[-3].id)
        bar = page.table.verticalScrollBar()
        while page._model.total() < 2 * PAGE:
            bar.setValue(bar.maximum())
            await asyncio.sleep(0.01)
        assert [message.id for message in shown(page)] == [message.id for message in stored]

    async def test_another_page_opens_an_old_message_among_its_neighbours(self, page, store, until):
        await store(3 * PAGE)
        oldest = min(message.id for message in page._desk.application.journal.messages(MessageFilter(), limit=10**6))
        wanted = oldest + PAGE
        page.filters.only(MessageFilter(action="Authorize"))
        page.select(wanted)
        await until(lambda: page.pane.isVisible() and page.pane.message.id == wanted)
        assert page.filters.wanted() == MessageFilter()
        assert page._model.position(wanted) > 0
        assert not page.following
        page.follow()
        await until(lambda: page.following and shown(page)[0].id == oldest + 3 * PAGE - 1)

    async def test_a_message_that_was_forgotten_is_said_to_be_gone(self, page, store, said):
        await store(2)
        page.select(999_999_999)
        await said("not kept any more")

    async def test_what_the_disk_does_not_take_is_not_lost_from_the_screen(self, desk, page, publish, until):
        publish(4)
        await until(lambda: len(shown(page)) == 4)
        page._load()
        await until(lambda: not page._loading)
        assert len(shown(page)) == 4


class TestTheOpenedMessage:
    async def test_an_unknown_card_is_large_and_can_be_made_a_pass(self, station, open_row):
        await station.call("Authorize", {"idTag": UNKNOWN})
        pane = await open_row("Authorize", UNKNOWN)
        assert {"Create pass…", "Assign to a pass…", "Copy"} <= set(buttons_of(pane))
        [large] = [label for label in pane.findChildren(Label) if label.text() == UNKNOWN]
        assert large.font().pixelSize() == 20
        said = said_in(pane)
        assert "Why refused" in said
        assert "✓ Entrance right is accepted" in said
        assert "✓ It is in pool Staff" in said
        assert f"✕ No pass has UID {UNKNOWN}" in said

    async def test_in_2_0_1_a_card_that_a_charge_names_can_be_made_a_pass_too(self, station201, open_row):
        await station201.call("TransactionEvent", event(idToken=token(UNKNOWN)))
        pane = await open_row("TransactionEvent", UNKNOWN)
        assert {"Create pass…", "Assign to a pass…", "Copy"} <= set(buttons_of(pane))
        assert "Hidden ID (idToken)" in said_in(pane)
        assert f"✕ No pass has UID {UNKNOWN}" in said_in(pane)

    async def test_a_look_alike_is_offered_and_never_applied_unasked(self, desk, station, open_row, press, said, until):
        await station.call("Authorize", {"idTag": UNKNOWN})
        pane = await open_row("Authorize", UNKNOWN)
        assert f"Looks like Jan Bakker, Key fob with its bytes reversed ({REVERSED})" in said_in(pane)
        assert desk.application.passes.find(UNKNOWN) is None
        press(pane, "Use this UID")
        note = await said(f"{UNKNOWN} is Key fob too. Entrance right still refuses it: not in pool Staff.")
        assert desk.application.passes.find(UNKNOWN).name == "Key fob"
        await until(lambda: "Open pass" in buttons_of(pane))
        press(note, "Undo")
        await until(lambda: desk.application.passes.find(UNKNOWN) is None)
        await until(lambda: "Create pass…" in buttons_of(pane))

    async def test_a_holder_who_is_no_member_is_added_and_let_in(
        self, desk, site, station, open_row, press, opened, said, until
    ):
        await station.call("Authorize", {"idTag": REVERSED})
        pane = await open_row("Authorize", REVERSED)
        assert "✕ Jan Bakker is not a member of Staff" in said_in(pane)
        press(pane, "Add to pool…")
        dialog = await opened(AddToPoolDialog)
        press(dialog, "Add")
        note = await said("Jan Bakker is a member of Staff. Hold the card again.")
        assert (await station.call("Authorize", {"idTag": REVERSED}))["idTagInfo"]["status"] == "Accepted"
        await until(lambda: "It would be accepted now: hold the card again." in said_in(pane))
        press(note, "Undo")
        await until(lambda: "Add to pool…" in buttons_of(pane))

    async def test_only_the_pass_can_be_added(self, desk, site, station, open_row, press, opened, until):
        await station.call("Authorize", {"idTag": REVERSED})
        press(await open_row("Authorize", REVERSED), "Add to pool…")
        dialog = await opened(AddToPoolDialog)
        press(dialog, "Only this pass: Key fob")
        press(dialog, "Add")
        members = desk.application.members.of_pool
        await until(lambda: any(member.pass_id for member in members(site["staff"].id)))

    async def test_a_blocked_pass_is_unblocked(self, desk, station, open_row, press, said):
        await desk.application.passes.block([desk.application.passes.find(ANNAS).id])
        await station.call("Authorize", {"idTag": ANNAS})
        pane = await open_row("Authorize", ANNAS)
        assert "✕ The pass is blocked" in said_in(pane)
        press(pane, "Unblock")
        await said("not blocked any more")
        assert (await station.call("Authorize", {"idTag": ANNAS}))["idTagInfo"]["status"] == "Accepted"

    async def test_a_station_in_no_pool_is_gone_to(self, desk, station, open_row, press):
        await desk.application.stations.move(["EVB-P1882"], None)
        places = []
        desk.going.connect(lambda page, key: places.append((page, key)))
        await station.call("Authorize", {"idTag": ANNAS})
        press(await open_row("Authorize", ANNAS), "Put it in a pool…")
        assert places == [("stations", "EVB-P1882")]

    async def test_why_a_card_was_accepted(self, desk, station, open_row, press):
        places = []
        desk.going.connect(lambda page, key: places.append((page, key)))
        await station.call("Authorize", {"idTag": ANNAS})
        pane = await open_row("Authorize", ANNAS)
        assert {"Why accepted", "✓ Staff admits this pass", "Member of Staff"} <= set(said_in(pane))
        press(pane, "Open pass")
        assert places == [("passes", desk.application.passes.find(ANNAS).id)]

    @pytest.mark.parametrize(
        ("id_tag", "words"),
        [("08A1B2C3", "new one at each tap"), ("VID:0024A1B2C3D4", "Autocharge"), ("#FreeCharging", "everyone charge")],
    )
    async def test_what_is_no_card_is_named_as_such(self, station, open_row, id_tag, words):
        await station.call("Authorize", {"idTag": id_tag})
        pane = await open_row("Authorize", id_tag)
        assert any(words in said for said in said_in(pane))

    @pytest.mark.parametrize("id_tag", ["08A1B2C3", ""])
    async def test_a_uid_that_will_not_come_again_is_no_pass(self, station, open_row, id_tag):
        await station.call("Authorize", {"idTag": id_tag})
        pane = await open_row("Authorize", id_tag)
        assert not {"Create pass…", "Assign to a pass…"} & set(buttons_of(pane))

    async def test_the_answer_is_a_click_away_and_both_are_copied(self, page, station, open_row, press):
        await station.call("Authorize", {"idTag": UNKNOWN})
        pane = await open_row("Authorize", UNKNOWN)
        assert f'"idTag": "{UNKNOWN}"' in json_of(pane)
        press(pane, "Response")
        assert '"status": "Invalid"' in json_of(pane)
        assert any(words.startswith("answered in ") for words in said_in(pane))
        press(pane, "Copy message")
        question, answer = QGuiApplication.clipboard().text().splitlines()
        assert (json.loads(question)[2], json.loads(answer)[0]) == ("Authorize", 3)

    async def test_a_message_without_a_card_is_just_its_text(self, station, open_row):
        await station.call("Heartbeat", {})
        pane = await open_row("Heartbeat")
        assert set(buttons_of(pane)) == {"Request", "Response", "Copy message"}

    async def test_the_hidden_id_and_the_row_are_copied(self, page, station, open_row, press):
        await station.call("Authorize", {"idTag": UNKNOWN})
        press(await open_row("Authorize", UNKNOWN), "Copy")
        assert QGuiApplication.clipboard().text() == UNKNOWN
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text().split("\t")[3:] == ["Authorize", UNKNOWN, "Invalid · unknown card"]

    async def test_enter_goes_to_its_buttons_and_escape_puts_it_away(self, page, station, open_row, until):
        await station.call("Authorize", {"idTag": UNKNOWN})
        pane = await open_row("Authorize", UNKNOWN)
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_Return)
        assert pane.isAncestorOf(page.focusWidget())
        QTest.keyClick(page.focusWidget(), Qt.Key.Key_Escape)
        assert not pane.isVisible()
        assert page.table.hasFocus()
        assert page.table.selected_rows() == []

    async def test_a_busy_site_does_not_take_the_button_from_under_the_hand(self, page, station, open_row, until):
        await station.call("Authorize", {"idTag": UNKNOWN})
        pane = await open_row("Authorize", UNKNOWN)
        pane.focus_first()
        held = page.focusWidget()
        await page._desk.application.passes.add(PassDraft("0401020304AABB", "", "Another"))
        await station.call("Heartbeat", {})
        await until(lambda: shown(page)[0].action == "Heartbeat")
        await asyncio.sleep(0.1)
        assert page.focusWidget() is held

    async def test_the_menu_of_a_row_offers_what_can_be_done_with_it(self, page, station, open_row, until):
        await station.call("Authorize", {"idTag": UNKNOWN})
        await open_row("Authorize", UNKNOWN)
        offered = {action.text(): action for action in page.table.actions()}
        assert {"Create pass…", "Assign to a pass…", "Copy hidden ID", "Copy message"} <= set(offered)
        await station.call("Heartbeat", {})
        offered["Only Authorize"].trigger()
        await until(lambda: not page._loading and page.filters.wanted().action == "Authorize")
        assert [message.action for message in shown(page)] == ["Authorize"]

    async def test_long_names_keep_the_page_in_its_width(self, desk, page, station, open_row, until):
        long = "Anna Wilhelmina Geertruida Cornelia van den Bovenkamp-Oudshoorn of the facility management"
        await desk.application.stations.rename("EVB-P1882", long)
        await station.call("Authorize", {"idTag": UNKNOWN})
        page.resize(824, 600)
        pane = await open_row("Authorize", UNKNOWN)
        assert page.width() == 824
        assert pane.geometry().right() <= page.width()


class TestNothingThere:
    async def test_an_empty_log_teaches_how_to_begin(self, desk, page):
        said = said_in(page.empty)
        assert said[0] == "Nothing yet: connect a station and hold a card to it"
        assert desk.application.station_urls("127.0.0.1")[0] in said[1]

    async def test_a_station_that_waits_to_be_let_in_is_why_nothing_comes(self, page, url, press, until):
        places = []
        page._desk.going.connect(lambda where, what: places.append(where))
        async with raw_station(url, "STRANGER-1") as stranger:
            await stranger.call("BootNotification", {"chargePointVendor": "A", "chargePointModel": "B"})
            await until(lambda: "A station wants to join" in said_in(page.empty))
        press(page.empty, "Go to Stations")
        assert places == ["stations"]

    async def test_everything_is_reached_by_keyboard(self, page, station, open_row, out_of_reach):
        await station.call("Authorize", {"idTag": UNKNOWN})
        await open_row("Authorize", UNKNOWN)
        assert out_of_reach(page) == []


async def test_another_page_can_ask_for_the_refused_cards_of_one_text(page):
    asked = MessageFilter(refused_only=True, text="B1204F77")
    page.select(asked)
    assert page.filters.wanted() == asked
