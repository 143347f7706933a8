import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ui.frame.main_window import MainWindow, Page
from ui.frame.rail import Rail
from ui.widgets.boxes import PageHead, page_layout
from ui.widgets.labels import Label


def plain_page(name, made):
    def make():
        made.append(name)
        page = QWidget()
        column = page_layout(page)
        column.addWidget(PageHead(name))
        column.addStretch(1)
        return page

    return make


@pytest.fixture
def made():
    return []


@pytest.fixture
def window(made, shown):
    pages = [
        Page("overview", "Overview", plain_page("Overview", made)),
        Page("log", "Live log", plain_page("Live log", made)),
        Page("passes", "Passes", plain_page("Passes", made)),
        Page("capture", "Capture cards", plain_page("Capture cards", made), under="passes"),
        Page("settings", "Settings", plain_page("Settings", made), line_before=True),
    ]
    made_window = MainWindow(pages, site="Parkhotel De Linde", primary="Capture cards")
    made_window.set_status("Listening", "ok")
    made_window.set_address("ws://192.168.1.20:9000/")
    made_window.set_footer(["6 of 7 stations online", "2 sessions · 14.2 kW"], "Last backup today 08:00")
    return shown(made_window)


def button(window, words):
    return next(found for found in window.findChildren(QPushButton) if found.text() == words)


def words_shown(window):
    return {found.text() for found in window.findChildren(Label) if found.isVisible()}


def test_a_page_is_made_when_it_is_first_shown_and_only_once(window, made):
    assert made == ["Overview"]
    window.go("passes")
    window.go("overview")
    window.go("passes")
    assert made == ["Overview", "Passes"]
    assert window.is_made("passes")
    assert not window.is_made("log")


def test_the_page_that_is_open_is_told_and_marked(window, qtbot):
    with qtbot.waitSignal(window.page_changed) as told:
        window.go("log")
    assert told.args == ["log"]
    rail = window.findChild(Rail)
    assert rail.item("log").isChecked()
    assert not rail.item("overview").isChecked()


def test_a_page_outside_the_rail_marks_the_page_it_belongs_to(window):
    window.go("capture")
    assert window.current == "capture"
    assert window.findChild(Rail).item("passes").isChecked()


def test_control_and_a_number_open_the_pages_of_the_rail(window):
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.current == "passes"
    QTest.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert window.current == "settings"


def test_the_arrow_keys_walk_over_the_rail(window):
    rail = window.findChild(Rail)
    rail.item("overview").setFocus()
    QTest.keyClick(rail.item("overview"), Qt.Key.Key_Down)
    assert window.current == "log"
    QTest.keyClick(rail.item("log"), Qt.Key.Key_Up)
    QTest.keyClick(rail.item("overview"), Qt.Key.Key_Up)
    assert window.current == "overview"


def test_a_press_on_the_rail_opens_the_page(window):
    QTest.mouseClick(window.findChild(Rail).item("settings"), Qt.MouseButton.LeftButton)
    assert window.current == "settings"


def test_the_buttons_of_the_top_bar_tell_what_is_wanted(window, qtbot):
    for words, signal in (
        ("Copy", window.copy_address),
        ("QR", window.qr_requested),
        ("Capture cards", window.primary_clicked),
    ):
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button(window, words), Qt.MouseButton.LeftButton)


def test_control_k_and_the_field_ask_for_the_finder(window, qtbot):
    with qtbot.waitSignal(window.search_requested):
        QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    field = next(found for found in window.findChildren(QWidget) if found.accessibleName() == "Find anything")
    with qtbot.waitSignal(window.search_requested):
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)


def test_the_frame_shows_site_address_and_facts(window):
    facts = {"Parkhotel De Linde", "ws://192.168.1.20:9000/", "6 of 7 stations online", "Last backup today 08:00"}
    assert facts <= words_shown(window)
    window.set_footer(["5 of 7 stations online"], "")
    assert "2 sessions · 14.2 kW" not in words_shown(window)
    window.set_address("")
    assert not button(window, "Copy").isVisible()
    window.set_site("Garage Noord")
    assert window.windowTitle() == "Tapdesk – Garage Noord"


def test_counts_and_the_live_dot_stand_at_their_pages(window, pixels):
    item = window.findChild(Rail).item("passes")
    before = pixels(item)
    window.set_count("passes", 486)
    assert pixels(item) != before
    assert item.accessibleDescription() == "486"
    window.set_live("log", True)
    assert window.findChild(Rail).item("log").accessibleDescription() == "live"


def test_it_fits_a_small_screen_with_nothing_cut(window, qtbot):
    window.add_to_top(QPushButton("Requests"))
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: window.width() == 1024)
    assert [found.text() for found in window.findChildren(Label) if found.isVisible() and found.is_cut()] == []
    for found in window.findChildren(QPushButton):
        assert found.width() >= found.sizeHint().width()


def test_it_fits_half_a_full_hd_screen_at_200_percent(window):
    assert window.minimumSizeHint().width() <= 960
    assert window.minimumSizeHint().height() <= 500


def test_nothing_wears_the_focus_ring_before_a_key_is_pressed(window):
    assert not isinstance(window.focusWidget(), QPushButton)


def test_every_control_of_the_frame_is_reached_and_named(window, out_of_reach):
    assert out_of_reach(window) == []


def test_notes_stand_over_the_page(window):
    note = window.notes.problem("The station did not answer.")
    assert window.childAt(note.geometry().center()) in [note, *note.findChildren(QWidget)]


def test_a_page_may_hold_anything(shown):
    def make():
        page = QWidget()
        QVBoxLayout(page).addWidget(QLabel("mine"))
        return page

    window = shown(MainWindow([Page("only", "Only", make)]))
    assert window.windowTitle() == "Tapdesk"
    assert window.page("only").accessibleName() == "Only"
