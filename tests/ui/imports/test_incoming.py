"""Files, links and cells that reach the window."""

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDragLeaveEvent, QGuiApplication
from PySide6.QtTest import QTest

from ui.imports.preview import Which

CELLS = "Visible ID\tUID\tE-mail\nNL-TNM-000003\t04A1B2C3D4E580\tanna@delinde.example\n"


@pytest.fixture
def overlay(window):
    return window._incoming.overlay


async def test_a_file_over_the_window_is_told_what_a_drop_will_do(window, overlay, dragged, files, november):
    window.go("stations")
    dragged(files(november))
    assert overlay.isVisible()
    assert overlay.size() == window.size()
    assert overlay.title.text() == "Drop to see what it would change"
    assert "Nothing is written yet" in overlay.sentence.words()
    assert "november.csv" in overlay.sentence.words()


async def test_a_dropped_file_is_looked_at_wherever_it_was_dropped(
    window, site, overlay, dragged, files, november, looked_at
):
    window.go("stations")
    dragged(files(november))()
    assert not overlay.isVisible()
    assert window.current == "imports"
    review = await looked_at()
    assert review.job.source == "november.csv"
    assert review.preview.count(Which.ALL) == 5
    assert site.passes.count() == 2


async def test_a_file_dropped_on_a_text_field_is_not_typed_into_it(window, dragged, files, november, looked_at):
    passes = window.go("passes")
    place = passes.search.mapTo(window, passes.search.rect().center())
    dragged(files(november), (place.x(), place.y()))()
    assert (await looked_at()).job.source == "november.csv"
    assert passes.search.text() == ""


async def test_a_drag_that_leaves_takes_the_overlay_with_it(window, overlay, dragged, files, november):
    dragged(files(november))
    QGuiApplication.sendEvent(window.windowHandle(), QDragLeaveEvent())
    assert not overlay.isVisible()


async def test_several_files_are_looked_at_one_after_another(
    window, page, overlay, dragged, files, november, written, looked_at, until, press
):
    december = written("december.csv", [["NL-TNM-000006", "04A1B2C3D4E581", "", "anna@delinde.example"]])
    let_go = dragged(files(november, december))
    assert "2 files, one after another: november.csv, december.csv" in overlay.sentence.words()
    let_go()
    review = await looked_at()
    assert review.job.source == "november.csv"
    assert review.head.pill.text == "1 more waits"
    press(review, "Cancel")
    await until(lambda: page.review is not None and page.review is not review)
    assert (await looked_at()).job.source == "december.csv"
    assert page.waiting == 0


async def test_a_folder_gets_one_clear_sentence(window, page, dragged, files, tmp_path, note, until):
    dragged(files(tmp_path))()
    assert (await note("This is a folder.")).kind == "bad"
    assert page.review is None


async def test_a_file_that_cannot_be_read_does_not_keep_the_next_one(
    window, page, dragged, files, tmp_path, november, note, looked_at
):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not really")
    dragged(files(broken, november))()
    await note("broken.xlsx: This file is damaged")
    assert (await looked_at()).job.source == "november.csv"


async def test_a_web_link_gets_one_clear_sentence(window, page, overlay, dragged, note):
    mime = QMimeData()
    mime.setUrls([QUrl("https://delinde.example/passes.xlsx")])
    let_go = dragged(mime)
    assert overlay.title.text() == "This cannot be imported"
    let_go()
    await note("This is a link to a web page.")
    assert page.review is None
    assert not overlay.isVisible()


async def test_something_without_a_file_gets_one_clear_sentence(window, page, dragged, note):
    mime = QMimeData()
    mime.setData("application/x-mail-attachment", b"passes.xlsx")
    dragged(mime)()
    await note("There is no file and no text in this.")
    assert page.review is None


async def test_cells_pasted_anywhere_are_looked_at(window, page, looked_at):
    window.go("pools")
    QGuiApplication.clipboard().setText(CELLS)
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    review = await looked_at()
    assert review.job.source == "Pasted cells"
    assert review.preview.count(Which.NEW) == 1


async def test_what_is_pasted_into_a_text_field_stays_there(window, page):
    passes = window.go("passes")
    passes.search.setFocus()
    QGuiApplication.clipboard().setText("Anna")
    QTest.keyClick(passes.search, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert passes.search.text() == "Anna"
    assert window.current == "passes"
    assert page.review is None


async def test_a_copied_file_can_be_pasted(window, files, november, looked_at):
    QGuiApplication.clipboard().setMimeData(files(november))
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert (await looked_at()).job.source == "november.csv"


async def test_an_empty_clipboard_is_told_as_such(window, note):
    QGuiApplication.clipboard().clear()
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    await note("There is no file and no text in this.")
