"""The capture page in a real window: card after card from real stations, the queue, and a reader that types."""

import asyncio

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.application import Application
from app.domain.capture import CaptureMode, CardReader, NewPasses, ReaderKind, TypedForm
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.export_kinds import ExportForm
from app.simulation.station import SimulatedStation
from tests.wire import raw_station
from ui.capture.queue import ROW_HEIGHT
from ui.frame.window import TapdeskWindow
from ui.imports.export_dialog import ExportDialog

GARAGE = CardReader(ReaderKind.STATION, "ALF-0021")
USB = CardReader(ReaderKind.USB)
CARD, OTHER, ANNAS = "04A2B3C4D5E680", "0431BE02FF1290", "774F20B1"


@pytest.fixture
async def application(database):
    """A hotel with three passes that wait for their UID, one that has one, and two stations."""
    application = Application(database)
    await application.start("127.0.0.1", 0)
    staff = await application.pools.create("Staff")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    await application.passes.add(PassDraft(ANNAS, "NL-DEL-000011-2", "Anna's fob", anna.id))
    for number in range(1, 4):
        await application.passes.add(PassDraft("", f"NL-TNM-B2000{number}", f"Guest card {number}", anna.id))
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=staff.id)
    await application.stations.accept("EVB-P1882", name="Entrance", pool_id=staff.id)
    yield application
    await application.stop()


@pytest.fixture
async def window(qtbot, application, theme):
    window = TapdeskWindow(theme, host="127.0.0.1")
    qtbot.addWidget(window)
    window.open_site(application)
    window.show()
    window.activateWindow()
    yield window
    await window.desk.tasks.close()


@pytest.fixture
def capturing(application):
    return application.capturing


@pytest.fixture
async def page(window, capturing, garage, until):
    """Open, listening to Garage 2."""
    await capturing.choose_reader(GARAGE)
    window.desk.go("capture")
    page = window.page("capture")
    await until(lambda: "Garage 2" in page.stage.prompt.words() and page.stage.warning.isHidden())
    return page


@pytest.fixture
async def garage(application, url):
    async with raw_station(url, "ALF-0021") as station:
        yield station


@pytest.fixture
def held(garage, capturing, until):
    """Holds cards to Garage 2 and waits until the page shows what became of the last."""

    async def hold(page, *uids):
        for uid in uids:
            await garage.call("Authorize", {"idTag": uid})
        await capturing.settled()
        await until(lambda: page.done.rowCount() == len(capturing.cards) and page.stage.uid.text() == uids[-1])

    return hold


def done(page):
    return [[page.done.text_at(at, column) for column in (1, 2, 3)] for at in range(page.done.rowCount())]


def queue(page):
    return [page.queue.passes.row(at).card.name for at in range(page.queue.passes.rowCount())]


def offered(page):
    return [each.text() for each in page.stage.findChildren(QPushButton) if each.isVisible()]


def note_of(window, words):
    return next((note for note in window.notes.shown if words in note.text), None)


class TestWaysHere:
    async def test_the_button_in_the_top_bar_leads_here_and_listens(self, window, capturing, press):
        await capturing.choose_reader(GARAGE)
        press(window, "Capture cards")
        assert window.current == "capture"
        assert capturing.is_armed

    async def test_another_page_is_no_place_to_capture(self, page, window, capturing):
        window.go("passes")
        assert not capturing.is_armed
        window.go("capture")
        assert capturing.is_armed

    async def test_a_minimized_window_goes_on_capturing(self, page, window, capturing):
        window.showMinimized()
        assert capturing.is_armed

    async def test_a_window_in_the_tray_does_not(self, page, window, capturing):
        window.hide()
        assert not capturing.is_armed

    async def test_the_overview_leads_to_the_passes_that_wait(self, window, capturing, until, press, url):
        await capturing.choose_mode(CaptureMode.COLLECT)
        async with raw_station(url, "ALF-0021"):
            await until(
                lambda: "Passes have no UID yet" in str([m.words for m in window.page("overview").attention._shown])
            )
            press(window.page("overview"), "Capture")
            await until(lambda: capturing.mode is CaptureMode.FILL)
        assert window.current == "capture"

    async def test_the_page_of_passes_leads_here_while_passes_wait(self, window, application, until, press):
        passes = window.go("passes")
        await until(passes.capture.isVisible)
        press(passes, "Capture their UIDs")
        assert window.current == "capture"
        for number, summary in enumerate(application.passes.waiting()):
            await application.passes.give_uid(summary.card.id, f"0400000{number}")
        window.go("passes")
        await until(passes.capture.isHidden)

    async def test_one_pass_that_waits_is_taken_first(self, window, application, until, press):
        third = application.passes.waiting()[0].card
        passes = window.go("passes")
        passes.select(third.id)
        await until(lambda: any(b.text() == "Capture its UID" for b in passes.pane.findChildren(QPushButton)))
        press(passes.pane, "Capture its UID")
        page = window.page("capture")
        await until(lambda: page.stage.name.text() == "NL-TNM-B20003")


class TestFilling:
    async def test_the_next_pass_stands_large_and_the_others_wait_in_order(self, page):
        assert page.stage.name.text() == "NL-TNM-B20001"
        assert page.stage.about.text() == "Guest card 1 · anna@delinde.example"
        assert queue(page) == ["Guest card 2", "Guest card 3"]
        assert (page.left.text(), page.count.text()) == ("3 left of 3", "0 of 3")

    async def test_a_card_is_saved_in_green_and_the_next_pass_follows(self, page, held, has_colour, until):
        await held(page, CARD)
        assert done(page) == [[CARD, "Guest card 1", "Saved"]]
        assert page.stage.said.words() == "Guest card 1 has its UID."
        assert has_colour(page.stage.drawing, "#E3F5E9")
        assert page.stage.name.text() == "NL-TNM-B20002"
        assert (page.left.text(), page.count.text()) == ("2 left of 3", "1 of 3")
        assert (page.progress.value(), page.progress.maximum()) == (1, 3)
        await until(lambda: has_colour(page.stage.drawing, "#E2F3F1"))

    async def test_the_same_card_again_is_grey_and_changes_nothing(self, page, held, has_colour):
        await held(page, CARD)
        await held(page, CARD)
        assert done(page)[0] == [CARD, "Guest card 1", "Same card again"]
        assert not has_colour(page.stage.drawing, "#E3F5E9")
        assert page.stage.name.text() == "NL-TNM-B20002"

    async def test_a_card_of_somebody_is_amber_and_can_be_moved_and_moved_back(
        self, page, held, has_colour, press, until, application
    ):
        await held(page, ANNAS)
        assert done(page) == [[ANNAS, "Anna's fob", "Is a pass already"]]
        assert has_colour(page.stage.drawing, "#FDF1DC")
        assert "Move it to NL-TNM-B20001" in offered(page)
        press(page.stage, "Move it to NL-TNM-B20001")
        await until(lambda: done(page) == [[ANNAS, "Guest card 1", "Moved"]])
        assert application.passes.find(ANNAS).name == "Guest card 1"
        press(page.stage, "Undo last")
        await until(lambda: application.passes.find(ANNAS).name == "Anna's fob")

    async def test_moving_that_would_remove_a_pass_says_so_before(self, page, held, application):
        await application.passes.add(PassDraft(CARD, "", "Fob"))
        await held(page, CARD)
        assert "moving the card removes that pass" in page.stage.said.words()

    async def test_a_card_of_somebody_leads_to_that_pass(self, page, held, press, window):
        await held(page, ANNAS)
        press(page.stage, "Show Anna's fob")
        assert window.current == "passes"

    async def test_a_strangers_card_at_another_station_is_not_shown(self, page, held, url):
        async with SimulatedStation(url, "EVB-P1882") as busy:
            await busy.start_up()
            assert (await busy.tap("B1204F77")).status == "Invalid"
        await held(page, CARD)
        assert len(done(page)) == 1

    async def test_a_phone_is_named_as_what_it_is(self, page, held):
        await held(page, "08A1B2C3")
        assert "cannot be a pass" in page.stage.said.words()
        assert page.stage.name.text() == "NL-TNM-B20001"

    async def test_when_all_have_their_uid_it_says_so_and_offers_new_passes(self, page, held, press, until, capturing):
        await held(page, CARD, OTHER, "04C2117F3A5B80")
        assert page.stage.prompt.words() == "Every pass has its UID"
        assert not page.stage.skip.isEnabled()
        await held(page, "04FF01C2D4E580")
        assert "No pass left" in done(page)[0]
        press(page.stage, "New pass for each card")
        await until(lambda: capturing.mode is CaptureMode.NEW)

    async def test_fifty_cards_as_fast_as_they_come_are_all_on_the_page(self, page, held, application):
        for number in range(4, 51):
            await application.passes.add(PassDraft("", f"NL-TNM-B{20000 + number}", f"Guest card {number}"))
        uids = [f"04{number:010X}80" for number in range(50)]
        await held(page, *uids)
        assert [line[0] for line in done(page)] == uids[::-1]
        assert {line[2] for line in done(page)} == {"Saved"}
        assert [line[1] for line in done(page)] == [f"Guest card {number}" for number in range(50, 0, -1)]
        assert page.count.text() == "50 of 50"

    async def test_the_passes_go_straight_out_as_a_file(self, page, held, press, window, application, until, tmp_path):
        await held(page, CARD, OTHER)
        press(page, "Export…")
        await until(lambda: [each for each in window.findChildren(ExportDialog) if each.isVisible()])
        dialog = window.findChildren(ExportDialog)[-1]
        dialog.form.segment(ExportForm.MAXEM).click()
        await dialog._write(tmp_path / "captured.xlsx")
        table = await application.importer.read(tmp_path / "captured.xlsx")
        rows = [row for row in map(str, table.sheet.rows) if "NL-TNM" in row]
        assert [(CARD in row, OTHER in row) for row in rows] == [(True, False), (False, True)]
        assert all("anna@delinde.example" in row for row in rows)

    async def test_a_station_that_leaves_is_said(self, page, garage, until):
        garage.cut()
        await until(page.stage.warning.isVisible)
        assert "Garage 2 is not connected" in page.stage.warning.words()
        assert "Reader: Garage 2 (offline)" in page.choices.reader.currentText()


class TestTheQueue:
    async def test_skip_lets_the_others_go_first(self, page, press, until):
        press(page.stage, "Skip")
        await until(lambda: page.stage.name.text() == "NL-TNM-B20002")
        assert queue(page) == ["Guest card 3", "Guest card 1"]

    async def test_skip_and_undo_have_keys(self, page, held, until, application):
        QTest.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: page.stage.name.text() == "NL-TNM-B20002")
        await held(page, CARD)
        QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: page.stage.name.text() == "NL-TNM-B20002")
        assert application.passes.find(CARD) is None
        assert done(page) == [[CARD, "Guest card 2", "Taken back"]]
        assert not page.stage.undo.isEnabled()

    async def test_alt_and_the_arrows_move_a_pass_and_enter_makes_it_the_next(self, page, until):
        page.queue.setFocus()
        page.queue.select_key(page.queue.passes.key_at(1))
        QTest.keyClick(page.queue, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        await until(lambda: queue(page) == ["Guest card 3", "Guest card 2"])
        assert page.queue.currentIndex().row() == 0
        QTest.keyClick(page.queue, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        await until(lambda: page.stage.name.text() == "NL-TNM-B20003")
        page.queue.select_key(page.queue.passes.key_at(1))
        QTest.keyClick(page.queue, Qt.Key.Key_Return)
        await until(lambda: page.stage.name.text() == "NL-TNM-B20002")

    async def test_the_last_one_cannot_be_moved_further_down(self, page):
        page.queue.setFocus()
        page.queue.select_key(page.queue.passes.key_at(1))
        QTest.keyClick(page.queue, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        await asyncio.sleep(0.05)
        assert queue(page) == ["Guest card 2", "Guest card 3"]

    async def test_a_pass_is_dragged_to_another_place(self, page, until):
        port = page.queue.viewport()

        def row_middle(at):
            return QPoint(60, at * ROW_HEIGHT + ROW_HEIGHT // 2)

        QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=row_middle(0))
        QTest.mouseMove(port, row_middle(1))
        QTest.mouseMove(port, row_middle(1) + QPoint(0, 12))
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=row_middle(1) + QPoint(0, 12))
        await until(lambda: queue(page) == ["Guest card 3", "Guest card 2"])

    async def test_a_click_moves_nothing(self, page):
        port = page.queue.viewport()
        QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=QPoint(60, ROW_HEIGHT + 5))
        await asyncio.sleep(0.05)
        assert queue(page) == ["Guest card 2", "Guest card 3"]
        assert page.queue.selected_rows()[0].card.name == "Guest card 3"


class TestNewPasses:
    @pytest.fixture
    async def making(self, page, capturing, until):
        page.choices.mode.segment(CaptureMode.NEW).click()
        await until(page.choices.pattern.isVisible)
        return page

    async def test_name_identity_and_pool_are_chosen_once(self, making, held, application, capturing, until):
        choices, pool = making.choices, application.pools.all()[0].pool
        anna = application.identities.find("anna@delinde.example")
        choices.pattern.setFocus()
        choices.pattern.selectAll()
        QTest.keyClicks(choices.pattern, "Key {nnn}")
        for box, value in ((choices.identity, anna.id), (choices.pool, pool.id)):
            box.select(value)
            box.changed.emit(value)
        await until(lambda: capturing.new_passes == NewPasses("Key {nnn}", anna.id, pool.id))
        await until(lambda: making.stage.name.text() == "Key 001")
        await held(making, CARD, OTHER)
        assert done(making) == [[OTHER, "Key 002", "Saved"], [CARD, "Key 001", "Saved"]]
        assert making.stage.name.text() == "Key 003"
        assert application.passes.find(OTHER).identity_id == anna.id
        assert len(application.members.of_pool(pool.id)) == 2

    async def test_a_name_that_is_too_long_is_refused_at_its_field(self, making, capturing, until):
        making.choices.pattern.setText("x" * 130)
        QTest.keyClick(making.choices.pattern, Qt.Key.Key_Return)
        await until(making.choices.pattern_field.has_error)
        assert capturing.new_passes == NewPasses()

    async def test_a_card_that_is_a_pass_stays_one(self, making, held):
        await held(making, ANNAS)
        assert done(making) == [[ANNAS, "Anna's fob", "Is a pass already"]]
        assert not [words for words in offered(making) if words.startswith("Move")]


class TestCollecting:
    @pytest.fixture
    async def collecting(self, page, capturing, until):
        page.choices.mode.segment(CaptureMode.COLLECT).click()
        await until(lambda: page.stage.name.text() == "0 UIDs")
        return page

    async def test_uids_are_listed_and_copied(self, collecting, held, press, until):
        await held(collecting, CARD, ANNAS)
        assert collecting.stage.name.text() == "2 UIDs"
        assert done(collecting) == [[ANNAS, "Anna's fob", "Listed"], [CARD, "", "Listed"]]
        press(collecting, "Copy UIDs")
        assert QGuiApplication.clipboard().text() == f"{CARD}\n{ANNAS}"

    async def test_they_are_copied_as_the_columns_of_an_import(self, collecting, held, press):
        await held(collecting, CARD, ANNAS)
        press(collecting, "Copy as table")
        assert QGuiApplication.clipboard().text().split("\n") == [
            "Visible ID\tUID\tPass name\tE-mail address",
            f"\t{CARD}\t\t",
            f"NL-DEL-000011-2\t{ANNAS}\tAnna's fob\tanna@delinde.example",
        ]

    async def test_there_is_nothing_to_copy_before_the_first(self, collecting):
        assert not collecting.copy.isEnabled()
        assert not collecting.export.isEnabled()

    async def test_only_passes_are_exported_and_only_what_is_none_is_copied_as_table(self, collecting, held):
        await held(collecting, CARD)
        assert (collecting.copy_all.isVisible(), collecting.export.isVisible()) == (True, False)
        await held(collecting, ANNAS)
        assert (collecting.copy_all.isVisible(), collecting.export.isVisible()) == (True, True)

    async def test_finish_begins_anew_and_the_list_can_be_brought_back(self, collecting, held, window, until, press):
        await held(collecting, CARD)
        press(collecting, "Finish")
        await until(lambda: window.current == "passes")
        await until(lambda: note_of(window, "1 card was captured."))
        press(note_of(window, "1 card was captured."), "Bring the list back")
        await until(lambda: window.current == "capture" and done(collecting) == [[CARD, "", "Listed"]])


class TestTheReader:
    async def test_none_is_chosen_at_first_and_nothing_counts(self, window, garage, capturing, until):
        window.desk.go("capture")
        page = window.page("capture")
        await until(lambda: page.stage.prompt.words() == "Choose the reader that you hold the cards to")
        await garage.call("Authorize", {"idTag": CARD})
        await asyncio.sleep(0.1)
        assert capturing.cards == []

    async def test_choosing_one_listens_to_it(self, page, capturing, until):
        any_station = CardReader(ReaderKind.ANY)
        page.choices.reader.select(any_station)
        page.choices.reader.changed.emit(any_station)
        await until(lambda: capturing.reader == any_station)
        await until(lambda: "also a stranger's" in page.stage.warning.words())

    async def test_it_goes_on_where_it_was_left(self, page, held, window, capturing, until, has_colour):
        await held(page, CARD)
        window.go("passes")
        window.go("capture")
        assert done(page) == [[CARD, "Guest card 1", "Saved"]]
        assert page.stage.name.text() == "NL-TNM-B20002"

    async def test_sound_is_chosen_and_kept(self, page, capturing, until):
        page.choices.sound.click()
        await until(lambda: not capturing.sound)

    async def test_a_beep_for_what_is_saved_and_none_when_it_is_off(self, page, held, capturing, monkeypatch):
        heard = []
        monkeypatch.setattr("ui.capture.stage.QApplication.beep", lambda: heard.append("beep"))
        await held(page, CARD)
        assert heard == ["beep"]
        await held(page, ANNAS)
        await asyncio.sleep(0.3)
        assert heard == ["beep"] * 3
        await capturing.choose_sound(sound=False)
        await held(page, OTHER)
        assert heard == ["beep"] * 3


class TestAReaderThatTypes:
    @pytest.fixture
    async def usb(self, page, capturing, until):
        await capturing.choose_reader(USB)
        await until(lambda: "USB reader" in page.stage.prompt.words() and page.choices.form.isVisible())
        page.setFocus()
        await until(lambda: page.stage.warning.isHidden())
        return page

    def type_line(self, widget, text):
        QTest.keyClicks(widget, text)
        QTest.keyClick(widget, Qt.Key.Key_Return)

    async def test_its_line_is_a_card(self, usb, until, application):
        self.type_line(usb, "04a2b3c4d5e680")
        await until(lambda: done(usb) == [[CARD, "Guest card 1", "Saved"]])
        assert application.passes.find(CARD).name == "Guest card 1"

    async def test_wherever_on_the_page_the_focus_is(self, usb, until):
        for number, widget in enumerate((usb.table, usb.queue, usb.stage.skip, usb.choices.reader), start=1):
            widget.setFocus()
            self.type_line(widget, f"04a2b3c4d5e68{number}")
            await until(lambda number=number: len(done(usb)) == number)
        assert usb.stage.prompt.words() == "Every pass has its UID"

    async def test_decimal_in_both_byte_orders(self, usb, capturing, until):
        for form, uid in ((TypedForm.DECIMAL, "B1204F77"), (TypedForm.DECIMAL_REVERSED, "774F20B1")):
            usb.choices.form.select(form)
            usb.choices.form.changed.emit(form)
            await until(lambda form=form: capturing.typed_form is form)
            self.type_line(usb, "2971684727")
            await until(lambda uid=uid: usb.stage.uid.text() == uid)

    async def test_what_is_no_uid_says_what_to_choose(self, usb, until):
        self.type_line(usb, "2971684727")
        await until(lambda: done(usb) == [["", "", "Not saved"]])
        assert "no card has a UID of 10 digits" in usb.stage.said.words()

    async def test_what_is_typed_slowly_is_no_reader(self, usb, monkeypatch):
        now = [0.0]
        monkeypatch.setattr("ui.capture.usb_keys.monotonic", lambda: now[0])
        for letter in "04a2b3c4":
            now[0] += 0.4
            QTest.keyClicks(usb, letter)
        QTest.keyClick(usb, Qt.Key.Key_Return)
        await asyncio.sleep(0.1)
        assert done(usb) == []

    async def test_a_field_for_text_keeps_its_keys_and_the_page_says_that_it_hears_nothing(self, usb, capturing, until):
        await capturing.choose_mode(CaptureMode.NEW)
        await until(usb.choices.pattern.isVisible)
        usb.choices.pattern.setFocus()
        usb.choices.pattern.selectAll()
        QTest.keyClicks(usb.choices.pattern, "04a2b3c4d5e680")
        assert usb.choices.pattern.text() == "04a2b3c4d5e680"
        assert "click on this page first" in usb.stage.warning.words()
        await asyncio.sleep(0.1)
        assert done(usb) == []

    async def test_nothing_counts_while_a_station_is_chosen(self, page):
        page.setFocus()
        self.type_line(page, "04a2b3c4d5e680")
        await asyncio.sleep(0.1)
        assert done(page) == []


class TestTheLook:
    @pytest.mark.parametrize("mode", list(CaptureMode))
    async def test_everything_is_reached_by_keyboard(self, page, held, capturing, out_of_reach, mode, until):
        await held(page, ANNAS)
        await capturing.choose_mode(mode)
        await asyncio.sleep(0.15)
        assert out_of_reach(page) == []

    async def test_it_fits_a_small_screen(self, page, window, capturing, until):
        await capturing.choose_reader(USB)
        await capturing.choose_mode(CaptureMode.NEW)
        await until(page.choices.form.isVisible)
        assert window.minimumSizeHint().width() <= 960
