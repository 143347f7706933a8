"""Cards held to real stations become passes: new ones, ones that wait for a first tap, one more of a known pass."""

import asyncio
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from app.domain.capture import CardReader, ReaderKind
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import AccessLevel, Role
from app.simulation.station import SimulatedStation
from tests.wire import raw_station
from ui.frame.main_window import MainWindow
from ui.log.page import LogPage
from ui.taps.assign_pass import AssignPassDialog
from ui.taps.create_pass import CreatePassDialog, create_pass
from ui.taps.notices import TapNotices
from ui.tasks import ask
from ui.widgets.labels import Paragraph

UNKNOWN = "B1204F77"
ANNAS = "04A2B3C4D5E680"


@pytest.fixture
async def site(application):
    """Anna is a member of Staff; a station in Staff, one in the public Guests, one in no pool."""
    staff = await application.pools.create("Staff")
    guests = await application.pools.create("Guests", AccessLevel.PUBLIC)
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    jan = await application.identities.add(IdentityDraft("jan@delinde.example", "Jan", "Bakker"))
    await application.members.add(staff.id, identity_ids=[anna.id])
    await application.passes.add(PassDraft(ANNAS, "", "Anna's card", anna.id))
    await application.stations.accept("EVB-P1882", name="Entrance right", pool_id=staff.id)
    await application.stations.accept("ALF-0020", name="Garage 1", pool_id=guests.id)
    await application.stations.accept("ABB-T54", name="Terrace")
    return {"staff": staff, "guests": guests, "anna": anna, "jan": jan}


@pytest.fixture
async def station(site, url):
    async with raw_station(url, "EVB-P1882") as station:
        yield station


@pytest.fixture
def tapped(desk, station):
    """Holds a card to the reader; gives the tap."""

    async def hold(id_tag=UNKNOWN, at=station):
        await at.call("Authorize", {"idTag": id_tag})
        return desk.application.journal.taps(limit=1)[0]

    return hold


@pytest.fixture
def creating(desk, tapped, opened):
    """Holds a card and opens the dialog that makes it a pass."""

    async def begin(id_tag=UNKNOWN):
        create_pass(desk, await tapped(id_tag))
        return await opened(CreatePassDialog)

    return begin


@pytest.fixture
def assigning(desk, tapped, opened):
    async def begin(id_tag=UNKNOWN):
        desk.run(ask(AssignPassDialog(desk, await tapped(id_tag))))
        return await opened(AssignPassDialog)

    return begin


@pytest.fixture
def accepted(station):
    async def hold(id_tag=UNKNOWN):
        return (await station.call("Authorize", {"idTag": id_tag}))["idTagInfo"]["status"] == "Accepted"

    return hold


def said_in(widget):
    visible = [label for label in widget.findChildren(QLabel) if label.isVisible()]
    texts = [label.words() if isinstance(label, Paragraph) else label.text() for label in visible]
    return [text for text in texts if text]


def buttons_of(widget):
    return [button.text() for button in widget.findChildren(QAbstractButton) if button.isVisible() and button.text()]


def gone(dialog):
    """Whether a dialog was closed; a moment later it does not exist any more."""
    try:
        return not dialog.isVisible()
    except RuntimeError:
        return True


class TestFromTheLogToTheStation:
    async def test_an_unknown_card_becomes_a_pass_with_a_few_keys_and_opens_the_station(
        self, desk, site, url, qtbot, press, opened, said, until
    ):
        page = LogPage(desk)
        qtbot.addWidget(page)
        page.resize(1160, 780)
        page.show()
        async with SimulatedStation(url, "EVB-P1882") as station:
            await station.start_up()
            assert (await station.tap(UNKNOWN)).status == "Invalid"
            await until(lambda: any(page._model.text_at(at, 4) == UNKNOWN for at in range(page._model.rowCount())))
            page.table.select_key(page._model.row(0).id)
            await until(page.pane.isVisible)
            press(page.pane, "Create pass…")
            dialog = await opened(CreatePassDialog)
            dialog.form.name.setText("Key fob")
            press(dialog, "New identity…")
            dialog.form.identity.new.first_name.setText("Mila")
            dialog.form.identity.new.last_name.setText("Jansen")
            dialog.form.identity.new.email.setText("mila@delinde.example")
            QTest.keyClick(dialog.form.identity.new.email, Qt.Key.Key_Return)
            await said("Key fob is made a pass. Hold the card again.")
            await until(lambda: gone(dialog))
            assert (await station.tap(UNKNOWN)).status == "Accepted"
            session = await station.charge(UNKNOWN, seconds=0.1)
            assert session is not None
        await until(
            lambda: "Accepted · Mila Jansen" in [page._model.text_at(at, 5) for at in range(page._model.rowCount())]
        )
        card = desk.application.passes.find(UNKNOWN)
        identity = desk.application.identities.require(card.identity_id)
        assert (card.name, identity.name, identity.role) == ("Key fob", "Mila Jansen", Role.CARDHOLDER)

    async def test_undo_takes_the_pass_and_its_new_identity_away(self, desk, creating, press, said, until):
        dialog = await creating()
        press(dialog, "New identity…")
        dialog.form.identity.new.email.setText("mila@delinde.example")
        press(dialog, "Create pass")
        press(await said("is made a pass"), "Undo")
        await until(lambda: desk.application.identities.find("mila@delinde.example") is None)
        assert desk.application.passes.find(UNKNOWN) is None

    async def test_undo_leaves_an_identity_that_was_there_before(self, desk, creating, press, said, until):
        dialog = await creating()
        dialog.form.identity.name.setText("jan@delinde.example")
        press(dialog, "Create pass")
        press(await said("is made a pass"), "Undo")
        await until(lambda: desk.application.passes.find(UNKNOWN) is None)
        assert desk.application.identities.find("jan@delinde.example") is not None


class TestCreating:
    async def test_a_pass_of_nobody_needs_one_key(self, desk, creating, said, accepted):
        dialog = await creating()
        assert dialog.form.uid.text() == UNKNOWN
        QTest.keyClick(dialog.form.visible_id, Qt.Key.Key_Return)
        await said("Hold the card again.")
        assert await accepted()
        assert desk.application.passes.find(UNKNOWN).identity_id is None

    async def test_escape_leaves_everything_as_it_was(self, desk, creating, until):
        dialog = await creating()
        dialog.form.name.setText("Never mind")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await until(lambda: gone(dialog))
        assert desk.application.passes.find(UNKNOWN) is None

    async def test_a_visible_id_in_the_uid_field_is_refused_and_moved(self, desk, creating, press, said, until):
        dialog = await creating()
        dialog.form.uid.setText("NL-TNM-012204-5")
        press(dialog, "Create pass")
        await until(dialog.form.uid_field.has_error)
        assert "ID printed on the card" in dialog.form.uid_field.error.words()
        press(dialog, "Move it to Visible ID")
        assert (dialog.form.uid.text(), dialog.form.visible_id.text()) == (UNKNOWN, "NL-TNM-012204-5")
        press(dialog, "Create pass")
        await said("NL-TNM-012204-5 is made a pass")
        assert desk.application.passes.find(UNKNOWN).visible_id == "NL-TNM-012204-5"

    async def test_a_uid_in_the_visible_id_field_is_refused_and_moved(self, creating, press, until):
        dialog = await creating()
        dialog.form.uid.selectAll()
        QTest.keyClick(dialog.form.uid, Qt.Key.Key_Delete)
        dialog.form.visible_id.setText("04:A2:B3:C4:D5:E6:81")
        press(dialog, "Create pass")
        await until(dialog.form.visible_id_field.has_error)
        assert "hidden number" in dialog.form.visible_id_field.error.words()
        press(dialog, "Move it to Hidden ID (UID)")
        assert (dialog.form.uid.text(), dialog.form.visible_id.text()) == ("04:A2:B3:C4:D5:E6:81", "")

    async def test_the_tapped_uid_comes_back_after_it_was_changed(self, creating, press):
        dialog = await creating()
        dialog.form.uid.setText("04FFFFFF")
        press(dialog, f"Use the UID that was tapped: {UNKNOWN}")
        assert dialog.form.uid.text() == UNKNOWN
        assert f"Use the UID that was tapped: {UNKNOWN}" not in buttons_of(dialog)

    async def test_a_changed_uid_is_kept_as_typed(self, desk, creating, press, said):
        dialog = await creating()
        dialog.form.uid.setText("04:a2:b3:c4:d5:e6:81")
        press(dialog, "Create pass")
        await said("is made a pass")
        assert desk.application.passes.find("04A2B3C4D5E681") is not None
        assert desk.application.passes.find(UNKNOWN) is None

    async def test_what_a_station_sends_is_no_mistake_of_the_operator(self, desk, creating, press, said, accepted):
        """A car's contract ID looks like a visible ID, and is what the station sends for it."""
        dialog = await creating("DE-8AA-CA2B3C4D5-L")
        press(dialog, "Create pass")
        await said("is made a pass")
        assert await accepted("DE-8AA-CA2B3C4D5-L")

    async def test_a_wrong_check_digit_is_a_warning_with_what_was_meant_and_never_a_refusal(
        self, desk, creating, press, said, until
    ):
        dialog = await creating()
        dialog.form.visible_id.setText("NL-TNM-012204-6")
        await until(lambda: "NL-TNM-012204-5" in buttons_of(dialog))
        press(dialog, "Create pass")
        await said("is made a pass")
        assert desk.application.passes.find(UNKNOWN).visible_id == "NL-TNM-012204-6"

    async def test_an_address_that_is_taken_offers_that_identity_and_keeps_what_was_typed(
        self, desk, site, creating, press, said, until
    ):
        dialog = await creating()
        dialog.form.name.setText("Second fob")
        press(dialog, "New identity…")
        dialog.form.identity.new.email.setText("ANNA@delinde.example")
        press(dialog, "Create pass")
        await until(dialog.form.identity.new.email_field.has_error)
        assert dialog.form.name.text() == "Second fob"
        press(dialog, "Choose that one")
        assert "Anna de Vries is a member of Staff: every pass may charge there." in said_in(dialog)
        press(dialog, "Create pass")
        await said("Second fob is made a pass. Hold the card again.")
        assert desk.application.passes.find(UNKNOWN).identity_id == site["anna"].id

    async def test_a_uid_that_became_known_meanwhile_names_the_pass(self, desk, creating, press, until):
        dialog = await creating()
        await desk.application.passes.add(PassDraft(tapped=UNKNOWN, name="Quicker"))
        press(dialog, "Create pass")
        await until(dialog.form.uid_field.has_error)
        assert "Quicker" in dialog.form.uid_field.error.words()
        assert dialog.isVisible()

    async def test_the_printed_number_of_a_waiting_pass_offers_to_give_it_the_card(
        self, desk, creating, press, said, accepted, until
    ):
        waiting = await desk.application.passes.add(PassDraft("", "NL-TNM-012204-5", "Night shift"))
        dialog = await creating()
        dialog.form.visible_id.setText("nl tnm 012204 5")
        press(dialog, "Create pass")
        await until(dialog.form.visible_id_field.has_error)
        press(dialog, "Assign the card to it")
        await said("Night shift has its UID. Hold the card again.")
        assert desk.application.passes.find(UNKNOWN).id == waiting.id
        assert await accepted()

    async def test_pressing_twice_makes_one_pass(self, desk, creating, said):
        dialog = await creating()
        dialog.save_button.click()
        dialog.save_button.click()
        await said("is made a pass")
        await asyncio.sleep(0.05)
        assert len(desk.application.passes.all()) == 2
        assert not [note for note in desk.notes.shown if note.kind == "bad"]

    async def test_everything_is_reached_by_keyboard(self, creating, out_of_reach, press):
        dialog = await creating()
        assert out_of_reach(dialog) == []
        press(dialog, "New identity…")
        assert out_of_reach(dialog) == []


class TestAdmission:
    async def test_the_pass_is_let_in_unless_the_operator_says_otherwise(self, site, creating, press, said, accepted):
        dialog = await creating()
        press(dialog, "May charge at Staff")
        press(dialog, "Create pass")
        await said("Entrance right still refuses it: not in pool Staff.")
        assert not await accepted()

    async def test_a_members_pass_needs_no_place_of_its_own(self, desk, site, creating, press, said, accepted):
        dialog = await creating()
        dialog.form.identity.name.setText("anna@delinde.example")
        assert "May charge at Staff" not in buttons_of(dialog)
        press(dialog, "Create pass")
        await said("Hold the card again.")
        assert await accepted()
        assert [member.pass_id for member in desk.application.members.of_pool(site["staff"].id)] == [None]

    async def test_a_public_pool_admits_every_pass(self, desk, site, url, tapped, opened, press, said):
        async with raw_station(url, "ALF-0020") as garage:
            create_pass(desk, await tapped(at=garage))
            dialog = await opened(CreatePassDialog)
            assert "Guests is public: every registered pass may charge there." in said_in(dialog)
            press(dialog, "Create pass")
            await said("Hold the card again.")
            assert desk.application.members.of_pool(site["guests"].id) == []

    async def test_a_station_in_no_pool_is_told_beforehand_and_afterwards(
        self, desk, url, site, tapped, opened, press, said
    ):
        async with raw_station(url, "ABB-T54") as terrace:
            create_pass(desk, await tapped(at=terrace))
            dialog = await opened(CreatePassDialog)
            assert "Terrace is in no pool: put it in one, so that cards can open it." in said_in(dialog)
            press(dialog, "Create pass")
            await said("Terrace still refuses it: the station is in no pool.")


class TestAssigning:
    @pytest.fixture
    async def waiting(self, desk, site):
        passes = desk.application.passes
        return [
            await passes.add(PassDraft("", "NL-TNM-012204-5", "Night shift", site["jan"].id)),
            await passes.add(PassDraft("", "NL-DEL-000022-3", "Pool van")),
        ]

    async def test_a_pass_that_waits_for_its_first_tap_gets_the_card(
        self, desk, waiting, assigning, press, said, accepted, until
    ):
        dialog = await assigning()
        assert [row.summary.card.name for row in dialog.waiting.rows._shown] == ["Pool van", "Night shift"]
        assert not dialog.assign_button.isEnabled()
        dialog.waiting.table.select_key(waiting[0].id)
        press(dialog, "Assign")
        note = await said("Night shift has its UID. Hold the card again.")
        await until(lambda: gone(dialog))
        assert await accepted()
        press(note, "Undo")
        await until(lambda: desk.application.passes.find(UNKNOWN) is None)

    async def test_it_is_found_by_its_number_name_or_holder_and_taken_with_enter(self, desk, waiting, assigning, said):
        dialog = await assigning()
        QTest.keyClicks(dialog.search, "jan")
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)
        await said("Night shift has its UID")
        assert desk.application.passes.find(UNKNOWN).id == waiting[0].id

    async def test_enter_assigns_nothing_while_several_fit(self, desk, waiting, assigning):
        dialog = await assigning()
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)
        await asyncio.sleep(0.1)
        assert dialog.isVisible()
        QTest.keyClick(dialog.search, Qt.Key.Key_Down)
        assert dialog.waiting.table.hasFocus()
        assert dialog.assign_button.isEnabled()

    async def test_one_more_card_of_a_known_pass_opens_stations_as_that_pass(
        self, desk, assigning, press, said, accepted, until
    ):
        dialog = await assigning()
        press(dialog, "Another card of a known pass")
        assert any("The pass keeps its UID" in said for said in said_in(dialog))
        dialog.known.table.select_key(desk.application.passes.find(ANNAS).id)
        press(dialog, "Assign")
        note = await said("This card is Anna's card too. Hold the card again.")
        assert await accepted()
        assert await accepted(ANNAS)
        press(note, "Undo")
        await until(lambda: desk.application.passes.find(UNKNOWN) is None)

    async def test_passes_that_look_like_the_card_come_first(self, desk, site, assigning, press):
        passes = desk.application.passes
        alike = await passes.add(PassDraft("774F20B1", "", "Alike", site["jan"].id))
        await passes.add(PassDraft("04D91B5A716C80", "", "Newer"))
        dialog = await assigning()
        press(dialog, "Another card of a known pass")
        first = dialog.known.rows.row(0)
        assert (first.summary.card.id, first.likeness) == (alike.id, "with its bytes reversed")

    async def test_what_became_impossible_is_said_and_the_dialog_stays(self, desk, waiting, assigning, press, until):
        dialog = await assigning()
        dialog.waiting.table.select_key(waiting[0].id)
        await desk.application.passes.add(PassDraft(tapped=UNKNOWN, name="Quicker"))
        press(dialog, "Assign")
        await until(dialog.problem.isVisible)
        assert "Quicker" in dialog.problem.words()
        assert dialog.assign_button.isEnabled()

    async def test_a_double_click_and_enter_assign_once(self, desk, waiting, assigning, said):
        dialog = await assigning()
        dialog.waiting.table.select_key(waiting[0].id)
        dialog.assign()
        dialog.assign()
        await said("Night shift has its UID")
        await asyncio.sleep(0.05)
        assert not [note for note in desk.notes.shown if note.kind == "bad"]

    async def test_when_none_waits_it_says_what_would_wait_here(self, assigning, out_of_reach):
        dialog = await assigning()
        assert "No pass waits for its first tap" in said_in(dialog)
        assert out_of_reach(dialog) == []


class TestNotices:
    @pytest.fixture
    def notices(self, desk, site):
        assert isinstance(desk.window, MainWindow)
        return TapNotices(desk, desk.window)

    async def test_an_unknown_card_announces_itself_with_the_way_to_make_it_a_pass(
        self, notices, tapped, said, press, opened
    ):
        await tapped()
        note = await said(f"Unknown card {UNKNOWN} at Entrance right")
        press(note, "Create pass…")
        assert (await opened(CreatePassDialog)).form.uid.text() == UNKNOWN

    async def test_there_is_one_notice_at_a_time(self, desk, notices, tapped, said):
        await tapped()
        await said(UNKNOWN)
        await tapped("04B7722E9F1D80")
        await said("04B7722E9F1D80")
        assert len(desk.notes.shown) == 1

    async def test_a_card_held_again_and_again_is_told_once_in_ten_seconds(self, desk, notices, tapped, said, until):
        tap = await tapped()
        (await said(UNKNOWN)).close_note()
        await tapped()
        await asyncio.sleep(0.15)
        assert desk.notes.shown == []
        later = tap.at + timedelta(seconds=11)
        notices.announce([type(tap)(**{name: getattr(tap, name) for name in tap.__slots__} | {"at": later})])
        await said(UNKNOWN)

    @pytest.mark.parametrize("uid", [ANNAS, "08A1B2C3"])
    async def test_what_needs_no_pass_or_cannot_be_one_is_no_news(self, desk, notices, tapped, uid):
        await tapped(uid)
        await asyncio.sleep(0.15)
        assert desk.notes.shown == []

    async def test_a_card_that_is_captured_is_not_announced_and_a_strangers_is(self, desk, notices, tapped, url, until):
        capturing = desk.application.capturing
        await capturing.choose_reader(CardReader(ReaderKind.STATION, "EVB-P1882"))
        capturing.arm()
        await tapped()
        await until(lambda: capturing.cards)
        await asyncio.sleep(0.1)
        assert desk.notes.shown == []
        async with raw_station(url, "ALF-0020") as garage:
            await tapped("04B7722E9F1D80", at=garage)
            await until(lambda: desk.notes.shown)

    async def test_nothing_is_announced_on_the_live_log(self, desk, notices, tapped, monkeypatch):
        monkeypatch.setattr(desk.window, "_current", "log")
        await tapped()
        await asyncio.sleep(0.15)
        assert desk.notes.shown == []
