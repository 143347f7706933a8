"""The page of passes on a real site: found by whatever is known, changed in place, and every change taken back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from app.domain.access import Moment, Reason, Status
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import AccessLevel, TapSource
from app.sessions import Admission, Start, Stop
from ui.passes.dialog import PassDialog
from ui.passes.page import PassesPage
from ui.passes.words import state_of, validity
from ui.pools.choice import PoolChoiceDialog
from ui.widgets.labels import Label
from ui.widgets.tables import TableView

LONG = "A card whose name is longer than any column, any head of a pane and any note can show in one line of text"


@pytest.fixture
async def site(application):
    """Anna with a card and a fob, a pass that waits, one of nobody; Guests (Anna) and Staff, a station in each."""
    guests = await application.pools.create("Guests")
    staff = await application.pools.create("Staff")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    await application.members.add(guests.id, identity_ids=[anna.id])
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=guests.id)
    await application.stations.accept("EVB-P1881", name="Entrance left", pool_id=staff.id)
    card = await application.passes.add(PassDraft("04A2B3C4D5E680", "NL-DEL-000011-8", "Anna's card", anna.id))
    await application.passes.add(PassDraft("5E0A917C", "", "Fob", anna.id))
    await application.passes.add(PassDraft("", "NL-TNM-C00122045-K", "Night shift", anna.id))
    await application.passes.add(PassDraft("B1204F77", "", "Visitor"))
    return {"guests": guests, "staff": staff, "anna": anna, "card": card}


@pytest.fixture
async def page(desk, site, qtbot, until):
    page = PassesPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    page.activateWindow()
    await until(page.isActiveWindow)
    return page


def names(page):
    return [page.model.row(at).card.name for at in range(page.model.rowCount())]


def words_in(widget):
    return [label.text() for label in widget.findChildren(Label) if label.isVisible()]


def search(page, text):
    page.search.setText(text)
    QTest.keyClick(page.search, Qt.Key.Key_Return)


async def choose(page, until, *ids):
    """Select passes as Ctrl and clicks do."""
    page.table.clearSelection()
    page.select(ids[0])
    for pass_id in ids[1:]:
        at = page.model.index(page.model.position(pass_id), 0)
        flags = page.table.selectionModel().SelectionFlag
        page.table.selectionModel().select(at, flags.Select | flags.Rows)
    await until(lambda: len(page.pane._shown) == len(ids) and page.pane._shown[0].card.id in ids)


async def test_the_head_says_how_many_there_are_and_how_many_wait(page, application, until):
    assert page.head.subtitle.text() == "4, of which 1 has no UID yet"
    waiting = application.passes.waiting()[0].card
    await application.passes.give_uid(waiting.id, "04FF01C2D4E580")
    await until(lambda: page.head.subtitle.text() == "4, all with a UID")


class TestFinding:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("04:a2:b3", ["Anna's card"]),
            ("a2 b3 c4", ["Anna's card"]),
            ("nldel000011", ["Anna's card"]),
            ("NL*DEL*000011*8", ["Anna's card"]),
            ("night", ["Night shift"]),
            ("anna fob", ["Fob"]),
            ("delinde.example", ["Night shift", "Fob", "Anna's card"]),
            ("de vries", ["Night shift", "Fob", "Anna's card"]),
            ("-", ["Night shift", "Anna's card"]),
            ("zzz", []),
        ],
    )
    async def test_by_an_id_in_any_spelling_a_name_or_a_person(self, page, text, found):
        search(page, text)
        assert names(page) == found

    async def test_by_state_with_the_numbers_in_the_choice(self, page, application, site, until):
        await application.passes.block([site["card"].id])
        await until(lambda: page.which.segment("blocked").text() == "Blocked 1")
        page.which.segment("blocked").click()
        assert names(page) == ["Anna's card"]
        page.which.segment("waiting").click()
        assert names(page) == ["Night shift"]
        page.which.segment("never_used").click()
        assert page.which.segment("never_used").text() == "Never used 4"
        assert len(names(page)) == 4

    async def test_by_pool_with_those_who_are_members_by_their_identity(self, page, application, site, until):
        visitor = application.passes.find("B1204F77")
        await application.members.add(site["staff"].id, pass_ids=[visitor.id])
        await until(lambda: page.model.row(0).pools == "Staff")
        for pool, found in ((site["guests"].id, 3), (site["staff"].id, 1), ("no pool", 0), (None, 4)):
            page.pool.select(pool)
            page.pool.changed.emit(pool)
            assert page.model.rowCount() == found

    async def test_nothing_found_leads_back_to_everything(self, page, press):
        search(page, "zzz")
        press(page.table, "Show everything")
        assert len(names(page)) == 4
        assert page.search.text() == ""

    async def test_a_pass_that_is_asked_for_from_elsewhere_is_shown_whatever_the_filters_say(self, page, site):
        search(page, "zzz")
        page.select(site["card"].id)
        assert [summary.card.id for summary in page.table.selected_rows()] == [site["card"].id]

    async def test_a_pass_that_was_made_this_moment_is_shown_too(self, page, application):
        card = await application.passes.add(PassDraft("04C2117F3A5B80", "", "Guest card 3"))
        page.select(card.id)
        assert [summary.card.id for summary in page.table.selected_rows()] == [card.id]

    async def test_ctrl_f_goes_to_the_search(self, page, until):
        page.table.setFocus()
        QTest.keyClick(page.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        await until(page.search.hasFocus)


async def test_an_empty_page_teaches_what_a_pass_is(desk, qtbot, application, opened, press):
    page = PassesPage(desk)
    qtbot.addWidget(page)
    page.show()
    assert any("card, fob or tag" in label.text() for label in page.table.findChildren(QLabel))
    press(page.table, "New pass")
    (await opened(PassDialog)).reject()


async def test_a_page_that_is_not_seen_reads_nothing_and_catches_up_when_it_is_shown(page, application, until, desk):
    told = []
    desk.bridge.passes_changed.connect(lambda: told.append(1))
    page.hide()
    await application.passes.add(PassDraft("04C2117F3A5B80", "", "Guest card 3"))
    await until(lambda: told)
    assert len(names(page)) == 4
    page.show()
    assert names(page)[0] == "Guest card 3"


class TestPane:
    async def test_it_says_where_a_pass_can_charge_and_why_not(self, page, site, until):
        await choose(page, until, site["card"].id)
        table = page.pane.findChildren(TableView)[-1]
        said = [[table.model().text_at(at, column) for column in range(3)] for at in range(2)]
        assert said == [["✓", "Garage 2", "member of Guests"], ["✕", "Entrance left", "not a member of Staff"]]

    async def test_it_follows_what_the_pools_admit(self, page, application, site, until):
        await choose(page, until, site["card"].id)
        await application.pools.change(site["staff"].id, level=AccessLevel.PUBLIC)
        await until(lambda: "2 of 2" in words_in(page.pane))

    async def test_a_pass_that_waits_says_what_to_do_instead(self, page, application, until):
        await choose(page, until, application.passes.waiting()[0].card.id)
        assert "waiting for its first tap" in words_in(page.pane)
        assert any("hold it to a reader" in label.text() for label in page.pane.findChildren(QLabel))

    async def test_a_wrong_check_digit_is_warned_of_and_corrected_with_a_click(
        self, page, application, until, press, said, desk
    ):
        card = await application.passes.add(PassDraft("04C2117F3A5B80", "NL-TNM-012204-6", "Guest card 3"))
        await choose(page, until, card.id)
        press(page.pane, "NL-TNM-012204-5")
        note = await said("NL-TNM-012204-5 now")
        assert application.passes.require(card.id).visible_id == "NL-TNM-012204-5"
        assert application.passes.require(card.id).uid == "04C2117F3A5B80"
        press(note, "Undo")
        await until(lambda: application.passes.require(card.id).visible_id == "NL-TNM-012204-6")

    async def test_other_spellings_and_what_was_done_are_told(self, page, application, site, until, desk):
        card, now = site["card"], application.clock()
        start = Start("ALF-0021", 1, "80E6D5C4B3A204", card.uid, 1000, now, now.isoformat())
        admitted = Admission(
            Status.ACCEPTED.value, Reason.IDENTITY_IS_MEMBER.value, "Garage 2", "Guests", card.id, None, "Anna"
        )
        session_id = (await application.sessions.started(start, admitted)).transaction_id
        application.taps.record(
            application.taps.judge("ALF-0021", card.uid, Moment.START),
            station_id="ALF-0021",
            connector_id=1,
            raw_id_tag="80E6D5C4B3A204",
            source=TapSource.START,
            message_id=1,
        )
        await application.journal.flush()
        await choose(page, until, card.id)
        assert any("began to charge at Garage 2" in text for text in words_in(page.pane))
        assert "80E6D5C4B3A204" in words_in(page.pane)
        await application.sessions.stopped(Stop("ALF-0021", session_id, 22_400, now + timedelta(hours=2)))
        await until(lambda: any("charged 21.4 kWh at Garage 2" in text for text in words_in(page.pane)))
        assert page.which.segment("never_used").text() == "Never used 3"

    async def test_a_refused_tap_stands_in_the_history_with_its_reason(self, page, application, site, until):
        verdict = application.taps.judge("EVB-P1881", "04A2B3C4D5E680", Moment.AUTHORIZE)
        application.taps.record(
            verdict,
            station_id="EVB-P1881",
            connector_id=1,
            raw_id_tag="04A2B3C4D5E680",
            source=TapSource.AUTHORIZE,
            message_id=1,
        )
        await choose(page, until, site["card"].id)
        assert any("refused at Entrance left: not in pool Staff" in text for text in words_in(page.pane))

    async def test_the_identity_is_one_click_away(self, page, site, until, press, went):
        await choose(page, until, site["card"].id)
        press(page.pane, "Anna de Vries →")
        assert went == [("identities", site["anna"].id)]

    async def test_a_station_is_opened_with_enter(self, page, site, until, went):
        await choose(page, until, site["card"].id)
        table = page.pane.findChildren(TableView)[-1]
        table.select_key("ALF-0021")
        QTest.keyClick(table, Qt.Key.Key_Return)
        assert went == [("stations", "ALF-0021")]

    async def test_the_keyboard_stays_at_the_button_that_was_pressed(self, page, site, until, press):
        await choose(page, until, site["card"].id)
        button = page.pane.findChild(QPushButton, "block")
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        await until(lambda: page.pane.findChild(QPushButton, "block").text() == "Unblock")
        assert page.pane.findChild(QPushButton, "block").hasFocus()

    async def test_a_long_name_never_widens_the_pane_nor_hides_the_state(self, page, application, until):
        card = await application.passes.add(PassDraft("04C2117F3A5B80", "", LONG))
        await choose(page, until, card.id)
        title = next(label for label in page.pane.findChildren(Label) if label.text() == LONG)
        assert title.toolTip() == LONG
        assert page.pane.width() <= 372
        assert page.width() == 1160

    async def test_every_control_is_named_and_reached(self, page, site, until, out_of_reach):
        await choose(page, until, site["card"].id)
        assert out_of_reach(page) == []


class TestActions:
    async def test_several_are_blocked_at_once_and_let_go_by_undo(self, page, application, site, until, press, said):
        fob = application.passes.find("5E0A917C")
        await choose(page, until, site["card"].id, fob.id)
        press(page.pane, "Block")
        note = await said("2 passes are blocked.")
        assert all(application.passes.require(one).blocked for one in (site["card"].id, fob.id))
        press(note, "Undo")
        await until(lambda: not application.passes.require(fob.id).blocked)

    async def test_del_removes_what_is_selected_names_the_number_and_can_be_undone(
        self, page, application, site, until, press, said
    ):
        fob = application.passes.find("5E0A917C")
        await choose(page, until, site["card"].id, fob.id)
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        note = await said("2 passes were removed.")
        await until(lambda: names(page) == ["Visitor", "Night shift"])
        press(note, "Undo")
        await until(lambda: len(names(page)) == 4)
        assert application.passes.require(fob.id) == fob

    async def test_what_is_blocked_can_only_be_let_go(self, page, application, site, until):
        await choose(page, until, site["card"].id)
        await application.passes.block([site["card"].id])
        await until(page.unblock.isEnabled)
        assert not page.block.isEnabled()

    async def test_nothing_can_be_done_while_nothing_is_selected(self, page, until):
        page.table.clearSelection()
        await until(lambda: not page.remove.isEnabled())
        assert not any(action.isEnabled() for action in page.table.actions())

    async def test_one_pass_of_somebody_may_join_a_pool_alone(
        self, page, application, site, until, opened, press, said
    ):
        await choose(page, until, site["card"].id)
        press(page.pane, "Add to a pool…")
        dialog = await opened(PoolChoiceDialog)
        dialog.pool.select(site["staff"].id)
        press(dialog, "Only this pass: Anna's card")
        press(dialog, "Add")
        note = await said("Anna's card may charge at Staff now.")
        assert [member.pass_id for member in application.members.of_pool(site["staff"].id)] == [site["card"].id]
        press(note, "Undo")
        await until(lambda: application.members.of_pool(site["staff"].id) == [])

    async def test_or_its_person_joins_with_every_pass(self, page, application, site, until, opened, press, said):
        await choose(page, until, site["card"].id)
        page.add.trigger()
        dialog = await opened(PoolChoiceDialog)
        dialog.pool.select(site["staff"].id)
        press(dialog, "Add")
        await said("Anna de Vries may charge at Staff now, with every pass.")
        assert [member.identity_id for member in application.members.of_pool(site["staff"].id)] == [site["anna"].id]

    async def test_without_a_pool_the_way_to_one_is_shown(self, desk, application, qtbot, until, press, said, went):
        card = await application.passes.add(PassDraft("04C2117F3A5B80"))
        page = PassesPage(desk)
        qtbot.addWidget(page)
        page.show()
        await choose(page, until, card.id)
        press(page.pane, "Add to a pool…")
        press(await said("There is no pool yet."), "Open Pools")
        assert went == [("pools", None)]


class TestDialog:
    async def test_a_new_pass_for_a_new_identity_is_kept_in_one_go_and_undone_in_one(
        self, page, application, site, opened, press, said, until
    ):
        QTest.keyClick(page.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        dialog = await opened(PassDialog)
        dialog.form.uid.setText("04:c2:11:7f:3a:5b:80")
        dialog.form.name.setText("Van 12")
        dialog.form.identity.unfold()
        dialog.form.identity.new.email.setText("planning@vdmeulen.example")
        dialog.pool.select(site["staff"].id)
        press(dialog, "Create pass")
        note = await said("Van 12 is a pass now.")
        card = application.passes.find("04C2117F3A5B80")
        assert application.identities.require(card.identity_id).email == "planning@vdmeulen.example"
        assert [member.pass_id for member in application.members.of_pool(site["staff"].id)] == [card.id]
        await until(lambda: [summary.card.id for summary in page.table.selected_rows()] == [card.id])
        press(note, "Undo")
        await until(lambda: application.identities.find("planning@vdmeulen.example") is None)
        assert application.passes.find("04C2117F3A5B80") is None

    async def test_what_cannot_be_kept_is_said_at_its_field_and_nothing_typed_is_lost(
        self, page, opened, press, until, went, application, site
    ):
        page.new_pass()
        dialog = await opened(PassDialog)
        press(dialog, "Create pass")
        await until(dialog.form.uid_field.has_error)
        dialog.form.uid.setText("5E0A917C")
        dialog.form.name.setText("Another fob")
        press(dialog, "Create pass")
        await until(lambda: "belongs to Fob" in dialog.form.uid_field.error.words())
        assert dialog.form.name.text() == "Another fob"
        press(dialog.form.uid_field, "Show that pass")
        await until(lambda: went == [("passes", application.passes.find("5E0A917C").id)])

    async def test_somebody_who_is_not_here_is_refused_at_the_identity(self, page, opened, press, until, application):
        page.new_pass()
        dialog = await opened(PassDialog)
        dialog.form.uid.setText("04C2117F3A5B80")
        dialog.form.identity.name.setText("Piet")
        press(dialog, "Create pass")
        await until(dialog.form.identity.name_field.has_error)
        assert application.passes.find("04C2117F3A5B80") is None
        dialog.reject()

    async def test_the_last_day_is_included(self, page, opened, press, said, application, desk):
        page.new_pass()
        dialog = await opened(PassDialog)
        dialog.form.uid.setText("04C2117F3A5B80")
        dialog.begins.show_value(date(2030, 11, 1))
        dialog.ends.show_value(date(2030, 11, 30))
        press(dialog, "Create pass")
        await said("04C2117F3A5B80 is a pass now.")
        card = application.passes.find("04C2117F3A5B80")
        assert desk.local(card.valid_from).isoformat()[:19] == "2030-11-01T00:00:00"
        assert desk.local(card.valid_until).isoformat()[:19] == "2030-12-01T00:00:00"
        assert validity(desk, card) == "1 Nov 2030 to 30 Nov 2030"
        assert state_of(desk, card) == ("Not yet valid", "grey")

    async def test_dates_the_wrong_way_round_are_swapped_with_a_click(self, page, opened, press, until):
        page.new_pass()
        dialog = await opened(PassDialog)
        dialog.form.uid.setText("04C2117F3A5B80")
        dialog.begins.show_value(date(2030, 12, 1))
        dialog.ends.show_value(date(2030, 11, 1))
        press(dialog, "Create pass")
        await until(dialog.validity_field.has_error)
        press(dialog.validity_field, "Swap them")
        assert (dialog.begins.value(), dialog.ends.value()) == (date(2030, 11, 1), date(2030, 12, 1))
        assert not dialog.validity_field.has_error()
        dialog.reject()

    async def test_an_edit_keeps_what_was_not_touched_to_the_second(
        self, page, application, site, opened, press, said, until
    ):
        ends = application.clock() + timedelta(days=3, seconds=7)
        draft = PassDraft(tapped="DE*8AA*C12345678*9", name="Car", valid_until=ends)
        card = await application.passes.add(draft)
        await choose(page, until, card.id)
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        dialog = await opened(PassDialog)
        dialog.form.name.setText("Anna's car")
        dialog.form.identity.select(site["anna"].id)
        press(dialog, "Save")
        note = await said("Anna's car was changed.")
        changed = application.passes.require(card.id)
        assert (changed.uid, changed.valid_until) == (card.uid, card.valid_until)
        assert (changed.name, changed.identity_id) == ("Anna's car", site["anna"].id)
        press(note, "Undo")
        await until(lambda: application.passes.require(card.id) == card)

    async def test_an_edit_may_make_the_identity_too_and_its_undo_takes_it_away(
        self, page, application, opened, press, said, until
    ):
        visitor = application.passes.find("B1204F77")
        await choose(page, until, visitor.id)
        press(page.pane, "Edit…")
        dialog = await opened(PassDialog)
        dialog.form.identity.unfold()
        dialog.form.identity.new.email.setText("sara@visitor.example")
        press(dialog, "Save")
        note = await said("Visitor was changed.")
        assert application.passes.require(visitor.id).identity_id is not None
        press(note, "Undo")
        await until(lambda: application.identities.find("sara@visitor.example") is None)
        assert application.passes.require(visitor.id) == visitor

    async def test_an_edit_that_fails_leaves_no_new_identity_behind(self, page, application, opened, press, until):
        visitor = application.passes.find("B1204F77")
        await choose(page, until, visitor.id)
        page.edit.trigger()
        dialog = await opened(PassDialog)
        dialog.form.uid.setText("5E0A917C")
        dialog.form.identity.unfold()
        dialog.form.identity.new.email.setText("sara@visitor.example")
        press(dialog, "Save")
        await until(dialog.form.uid_field.has_error)
        assert application.identities.find("sara@visitor.example") is None
        dialog.reject()

    async def test_esc_leaves_everything_as_it_was(self, page, application, opened, until):
        page.new_pass()
        dialog = await opened(PassDialog)
        dialog.form.uid.setText("04C2117F3A5B80")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await until(lambda: not dialog.isVisible())
        assert application.passes.find("04C2117F3A5B80") is None


async def test_a_day_before_its_end_a_pass_says_until_when_and_a_day_after_that_it_expired(desk, application):
    now = application.clock()
    ending = await application.passes.add(PassDraft("01020304", valid_until=now + timedelta(hours=1)))
    ended = await application.passes.add(PassDraft("01020305", valid_until=now - timedelta(hours=1)))
    assert state_of(desk, ending)[0].startswith("Until ")
    assert state_of(desk, ended) == ("Expired", "bad")
    assert validity(desk, await application.passes.add(PassDraft("01020306"))) == "always"


async def test_ten_thousand_selected_passes_outlive_a_refresh(desk, application, qtbot, until):
    """Rows are found by their key, and neighbours selected as one range: else this takes many seconds."""
    page = PassesPage(desk)
    qtbot.addWidget(page)
    page.show()
    card = await application.passes.add(PassDraft("01020304"))
    summary = application.passes.all()[0]
    many = [replace(summary, card=replace(card, id=number)) for number in range(10_000)]
    page.model.replace(many)
    page.table.selectAll()
    page.model.replace(many)
    assert len(page.table.selected_rows()) == 10_000
