"""A list that is looked at: what it would change, what the operator says of it, and carrying it out."""

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from app.domain.drafts import PassDraft
from app.domain.import_fields import ListKind
from tests.ui.imports.looking import cells
from ui.imports.export_dialog import ExportDialog
from ui.imports.preview import Which
from ui.widgets.boxes import Banner

MEMBERS = ListKind.MEMBERS


async def test_every_row_says_what_would_happen_to_it_and_why(review_of, november):
    review = await review_of(november)
    assert cells(review, "2")[1:6] == [
        *("New", "NL-TNM-000003", "04A1B2C3D4E580", "Reception"),
        "anna@delinde.example",
    ]
    assert cells(review, "3")[1] == "Change"
    assert cells(review, "3")[3] == "— → 047C11AA902B80"
    assert cells(review, "4")[1] == "Same"
    assert cells(review, "5")[1] == "Error"
    assert cells(review, "5")[-1] == "UID column holds a visible ID"
    assert cells(review, "6")[-1] == "holder not known"
    assert review.head.subtitle.text() == "november.csv · 5 rows"


async def test_the_tiles_and_the_chips_count_and_show_their_rows(review_of, november):
    review = await review_of(november)
    counts = {which: tile.accessibleName() for which, tile in review.tiles.tiles.items()}
    assert counts[Which.NEW] == "1 new"
    assert counts[Which.CHANGED] == "1 changed"
    assert counts[Which.ERRORS] == "2 errors, left out"
    QTest.mouseClick(review.tiles.tiles[Which.ERRORS], Qt.MouseButton.LeftButton)
    assert review.table.model().rowCount() == 2
    assert review.chips.value() == Which.ERRORS
    review.chips.segment(Which.ALL).click()
    assert review.table.model().rowCount() == 5
    assert not review.tiles.tiles[Which.ERRORS].isChecked()


async def test_nothing_is_written_until_it_is_imported(site, review_of, november, press, page, until):
    review = await review_of(november)
    press(review, "Cancel")
    await until(lambda: page.review is None)
    assert site.passes.count() == 2
    assert site.importer.last() is None


async def test_the_button_names_the_numbers_and_the_note_takes_it_back(
    site, window, page, review_of, november, press, note, until
):
    review = await review_of(november)
    assert review.foot.commit.text() == "Import 2 passes"
    before = site.passes.all()
    press(review, "Import 2 passes")
    done = await note("Imported 2 passes.")
    assert page.review is None
    assert site.passes.find("047C11AA902B80").visible_id == "NL-TNM-000002"
    press(done, "Undo")
    await note("The import was taken back.")
    assert site.passes.all() == before


async def test_the_last_import_can_be_taken_back_later_on_the_page(
    site, window, page, review_of, november, press, note, until
):
    press(await review_of(november), "Import 2 passes")
    await note("Imported 2 passes.")
    window.go("stations")
    window.go("imports")
    (last,) = page.start.findChildren(Banner)
    assert last.title.text() == "Last import: november.csv"
    assert "1 new, 1 changed, 2 left out" in last.facts.text()
    press(page.start, "Undo the last import")
    await note("The import was taken back.")
    assert site.passes.count() == 2


async def test_the_note_of_an_earlier_import_does_not_take_back_a_later_one(
    site, review_of, november, written, press, note
):
    press(await review_of(november), "Import 2 passes")
    earlier = await note("Imported 2 passes.")
    press(await review_of(written("later.csv", [["NL-TNM-000006", "", "", "jan@delinde.example"]])), "Import 1 pass")
    await note("Imported 1 pass.")
    press(earlier, "Undo")
    await note("There is no import left that can be taken back.")
    assert site.passes.count() == 4


async def test_a_complete_list_shows_what_it_would_remove_and_removes_it(
    site, review_of, november, press, settled, note
):
    await site.passes.add(PassDraft("04FFEE00000001", "", "Lost card"))
    review = await review_of(november)
    assert not review.chips.segment(Which.REMOVED).isEnabled()
    review.options.complete.segment(True).click()
    await settled()
    assert review.foot.commit.text() == "Import 2 passes, remove 1"
    review.chips.segment(Which.REMOVED).click()
    assert cells(review, "")[1:5] == ["Removed", "—", "04FFEE00000001", "Lost card"]
    press(review, "Import 2 passes, remove 1")
    await note("Imported 2 passes, removed 1.")
    assert site.passes.find("04FFEE00000001") is None


async def test_unknown_holders_are_created_when_the_operator_says_so(site, review_of, november, settled, press, note):
    review = await review_of(november)
    review.options.create_holders.click()
    await settled()
    assert "holder not known: will be created" in cells(review, "6")[-1]
    assert review.foot.commit.text() == "Import 3 passes"
    press(review, "Import 3 passes")
    await note("Imported 3 passes.")
    assert [each.identity.email for each in site.identities.search("new@", limit=2)] == ["new@delinde.example"]


async def test_a_list_without_e_mail_asks_for_none(review_of, written):
    uids = written("uids.csv", [["04A1B2C3D4E581"], ["04A1B2C3D4E582"]], headers=["UID"])
    review = await review_of(uids)
    assert not review.options.email_required.isChecked()
    assert review.foot.commit.text() == "Import 2 passes"


async def test_passes_without_a_uid_lead_to_capturing_them(site, window, page, review_of, written, press, note, until):
    cards = [["NL-TNM-000006", "", "", "anna@delinde.example"], ["NL-TNM-000007", "", "", "jan@delinde.example"]]
    review = await review_of(written("cards.csv", cards))
    assert cells(review, "2")[-1] == "no UID yet: capture it later"
    press(review, "Import 2 passes")
    await note("Imported 2 passes.")
    assert page.start.findChildren(Banner)[0].title.text() == "2 have no UID yet"
    press(page.start, "Capture them")
    await until(lambda: window.current != "imports")
    assert window.current == "capture"


# Kinds of list


async def test_a_list_of_members_asks_which_pool_it_is_of(site, review_of, written, settled, press, note, until):
    fob = written("auth.csv", [["NL-TNM-000001"]], headers=["Auth ID"])
    review = await review_of(fob)
    review.options.kind.segment(MEMBERS).click()
    await until(lambda: not review.foot.commit.isEnabled())
    assert review.job.kind is MEMBERS
    assert review._places.currentWidget().title.text() == "Which pool is it?"
    guests = next(each.pool for each in site.pools.all() if each.pool.name == "Guests")
    review.options.pool.select(guests.id)
    review.options.pool.changed.emit(guests.id)
    await settled()
    press(review, "Import 1 member")
    await note("Imported 1 member.")
    assert len(site.members.of_pool(guests.id)) == 1


async def test_a_member_that_is_no_pass_yet_is_told_as_one_to_be_made(site, review_of, written, settled):
    review = await review_of(written("auth.csv", [["NL-TNM-000001"], ["NL-XYZ-C0000001"]], headers=["Auth ID"]))
    review.options.kind.segment(MEMBERS).click()
    guests = next(each.pool for each in site.pools.all() if each.pool.name == "Guests")
    review.options.pool.select(guests.id)
    review.options.pool.changed.emit(guests.id)
    await settled()
    assert cells(review, "2")[-1] == ""
    assert cells(review, "3")[-1] == "pass not known: will be made; no UID yet: capture it later"


async def test_passes_go_into_a_pool_as_well(site, review_of, november, settled, press, note):
    review = await review_of(november)
    guests = next(each.pool for each in site.pools.all() if each.pool.name == "Guests")
    review.options.pool.select(guests.id)
    review.options.pool.changed.emit(guests.id)
    await settled()
    press(review, "Import 2 passes")
    await note("Imported 2 passes.")
    assert len(site.members.of_pool(guests.id)) == 3


async def test_lists_of_identities_and_stations_are_recognized(site, review_of, written, press, page, until, note):
    people = written("people.csv", [["mila@delinde.example", "Mila"]], headers=["E-mail", "First name"])
    review = await review_of(people)
    assert review.head.name.text() == "Import identities"
    assert not review.options.complete.isVisible()
    press(review, "Import 1 identity")
    await note("Imported 1 identity.")
    boxes = written("boxes.csv", [["ALF-0021", "Garage 2"]], headers=["Station ID", "Name"])
    review = await review_of(boxes)
    press(review, "Import 1 station")
    await note("Imported 1 station.")
    assert site.stations.find("ALF-0021").name == "Garage 2"


# What comes in between


async def test_when_the_data_moved_on_it_compares_again_and_says_so(site, review_of, november, press, note, settled):
    review = await review_of(november)
    await site.passes.add(PassDraft("04A1B2C3D4E580", "NL-TNM-000003", "Reception"))
    press(review, "Import 2 passes")
    await note("Something was changed here in the meantime")
    await settled()
    assert cells(review, "2")[1] == "Change"
    assert site.importer.last() is None


async def test_an_import_that_is_stopped_writes_nothing(site, review_of, november, press, note, settled):
    review = await review_of(november)
    press(review, "Import 2 passes")
    assert review.is_importing
    press(review, "Stop")
    await note("The import was stopped. Nothing was written.")
    await settled()
    assert site.passes.count() == 2
    assert review.foot.commit.isEnabled()


async def test_files_that_come_while_one_is_written_wait(site, page, review_of, november, written, press, until, note):
    press(await review_of(november), "Import 2 passes")
    page.select([written("next.csv", [["NL-TNM-000008", "", "", "anna@delinde.example"]])])
    assert page.waiting == 1
    await note("Imported 2 passes.")
    await until(lambda: page.review is not None and page.review.job.source == "next.csv")


async def test_a_list_that_changes_nothing_cannot_be_imported(review_of, written):
    same = [["NL-TNM-000001", "04A2B3C4D5E680", "Fob", "anna@delinde.example"]]
    review = await review_of(written("same.csv", same))
    assert review.foot.commit.text() == "Nothing to import"
    assert not review.foot.commit.isEnabled()


async def test_everything_can_be_reached_and_is_named(review_of, november, out_of_reach, page, window):
    assert out_of_reach(await review_of(november)) == []
    window.go("imports")
    assert out_of_reach(page.start) == []


# Files that go out


@pytest.fixture
def chosen(window, until):
    """Answers the question for a file by typing its path."""

    async def answer(path):
        def asked():
            return [dialog for dialog in window.findChildren(QFileDialog) if dialog.isVisible()]

        await until(asked)
        (dialog,) = asked()
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
        dialog.accept()
        assert dialog.result() == QFileDialog.DialogCode.Accepted

    return answer


async def test_the_rows_with_errors_are_saved_with_what_is_wrong(review_of, november, press, chosen, tmp_path, note):
    review = await review_of(november)
    press(review, "Save error report…")
    report = tmp_path / "wrong.xlsx"
    await chosen(report)
    await note("2 rows are saved in wrong.xlsx.")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(report).active.iter_rows()]
    assert [row[-1] for row in rows] == ["What is wrong", "UID column holds a visible ID", "holder not known"]


async def test_without_errors_there_is_no_report_to_save(review_of, written):
    fine = [["NL-TNM-000003", "04A1B2C3D4E580", "", "anna@delinde.example"]]
    review = await review_of(written("fine.csv", fine))
    assert not review.report.isVisible()


async def test_a_template_that_was_saved_is_understood(window, page, press, chosen, tmp_path, note, review_of):
    window.go("imports")
    press(page.start, "Get the template")
    template = tmp_path / "stations.xlsx"
    await chosen(template)
    await note("stations.xlsx is saved.")
    review = await review_of(template)
    assert review.job.kind is ListKind.STATIONS
    assert review.foot.commit.text() == "Nothing to import"


async def test_files_can_be_chosen_instead_of_dropped(window, page, november, press, chosen, looked_at):
    window.go("imports")
    press(page.start, "Choose a file…")
    await chosen(november)
    assert (await looked_at()).job.source == "november.csv"


@pytest.fixture
def opened_dialog(window, until):
    """Waits for a dialog of a kind."""

    async def wait(kind):
        await until(lambda: any(each.isVisible() for each in window.findChildren(kind)))
        return next(each for each in window.findChildren(kind) if each.isVisible())

    return wait


async def test_what_there_is_can_be_exported_from_the_page(window, page, opened_dialog):
    window.go("imports")
    (menu,) = [each.menu() for each in page.start.findChildren(QPushButton) if each.menu() is not None]
    next(action for action in menu.actions() if action.text() == "Taps…").trigger()
    dialog = await opened_dialog(ExportDialog)
    dialog.reject()
