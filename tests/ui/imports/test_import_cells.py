"""Telling what a column holds, and putting single cells right."""

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from app.domain.import_fields import Field
from tests.ui.imports.looking import cells, click, column_of, pick
from ui.imports.preview import Which

# The columns


async def test_a_column_that_was_not_understood_is_told_at_its_head_and_remembered(
    review_of, written, settled, page, press, until
):
    rows = [["NL-TNM-000006", "Porsche", "anna@delinde.example"]]
    headers = ["Visible ID", "Wagen des Monats", "E-mail"]
    review = await review_of(written("odd.csv", rows, headers))
    model = review.table.model()
    odd = model.places.index(1)
    assert model.columns[odd].title == "Wagen des Monats: left out ▾"
    await pick(review, odd, "Pass name")
    await settled()
    assert review.table.model().columns[column_of(review, Field.NAME)].title == "Pass name ▾"
    assert "Porsche" in cells(review, "2")
    press(review, "Cancel")
    await until(lambda: page.review is None)
    again = await review_of(written("again.csv", [["NL-TNM-000007", "Fiat", "anna@delinde.example"]], headers))
    assert again.job.columns.by_field[Field.NAME] == 1


async def test_a_column_can_be_left_out(review_of, november, settled):
    review = await review_of(november)
    await pick(review, column_of(review, Field.UID), "Leave this column out")
    await settled()
    assert Field.UID not in review.job.columns.by_field
    assert review.preview.count(Which.CHANGED) == 0


async def test_the_column_can_be_told_with_the_keyboard_alone(review_of, november):
    review = await review_of(november)
    review.table.setFocus()
    review.table.setCurrentIndex(review.table.model().index(0, column_of(review, Field.UID)))
    QTest.keyClick(review.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    menu = next(menu for menu in review.table.findChildren(QMenu) if menu.isVisible())
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["UID"]
    menu.close()


# Putting cells right


async def test_a_cell_is_put_right_in_place_and_compared_again(review_of, november, settled, press, site, note, until):
    review = await review_of(november)
    table = review.table
    review.show_which(Which.ERRORS)
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, column_of(review, Field.UID)))
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = table.findChild(QLineEdit)
    assert editor.text() == "NL-TNM-000004"
    editor.setText("04D5E680A1B2C3")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    await until(lambda: review.job.corrections)
    await settled()
    assert review.preview.count(Which.ERRORS) == 1
    review.show_which(Which.ALL)
    assert cells(review, "5")[1] == "New"
    press(review, "Import 3 passes")
    await note("Imported 3 passes.")
    assert site.passes.find("04D5E680A1B2C3").name == "Pool car"


async def test_what_a_double_click_opens_and_esc_closes_changes_nothing(review_of, november):
    review = await review_of(november)
    table, column = review.table, column_of(review, Field.NAME)
    job = review.job
    place = table.visualRect(table.model().index(0, column)).center()
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    editor = table.findChild(QLineEdit)
    editor.setText("Something")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert review.job is job


@pytest.fixture
def numbers(tmp_path):
    """A spreadsheet whose UIDs were taken for numbers: two of them lost their zeros."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Passes"
    for row in (
        ["UID", "Pass name"],
        ["40112233", "One"],
        [1234567, "Two"],
        [7654321, "Three"],
        ["50112233", "Four"],
    ):
        sheet.append(row)
    book.create_sheet("Notes").append(["E-mail", "Name"])
    book["Notes"].append(["jan@delinde.example", "Jan's card"])
    path = tmp_path / "numbers.xlsx"
    book.save(path)
    return path


async def test_an_offered_value_is_taken_with_one_click(review_of, numbers, settled):
    review = await review_of(numbers)
    assert review.preview.count(Which.ERRORS) == 2
    remarks = review.table.model().places.index(None, 2)
    assert review.table.model().columns[remarks].link(review.table.model().row(1)) == "Make it 01234567"
    click(review, 1, remarks)
    await settled()
    assert cells(review, "3")[1:3] == ["New", "01234567"]
    assert review.preview.count(Which.ERRORS) == 1


async def test_all_alike_are_put_right_with_one_click(review_of, numbers, settled, press):
    review = await review_of(numbers)
    press(review, "Put all 2 right as offered")
    await settled()
    assert review.preview.count(Which.ERRORS) == 0
    assert cells(review, "4")[2] == "07654321"
    assert not review.put_right.isVisible()


async def test_a_day_that_may_be_read_two_ways_is_told_and_turned_round(review_of, written, settled):
    rows = [["NL-TNM-000003", "04A1B2C3D4E580", "03-04-2027"]]
    review = await review_of(written("days.csv", rows, headers=["Visible ID", "UID", "Valid until"]))
    assert cells(review, "2")[1] == "Check"
    assert cells(review, "2")[-1] == "read day first, but may be 2027-03-04"
    review.table.link_clicked.emit(review.table.model().row(0), "")
    await settled()
    assert cells(review, "2")[1:5] == ["New", "NL-TNM-000003", "04A1B2C3D4E580", "2027-03-04"]


async def test_another_sheet_of_the_file_can_be_looked_at(review_of, numbers, page, looked_at, until):
    review = await review_of(numbers)
    assert "sheet “Passes”" in review.head.subtitle.text()
    review.sheets.select("Notes")
    review.sheets.changed.emit("Notes")
    await until(lambda: page.review is not review)
    other = await looked_at()
    assert other.job.sheet.name == "Notes"
    assert other.sheets.value() == "Notes"
