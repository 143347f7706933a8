import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui.frame.palette import Finder, Hit


@pytest.fixture
def opened():
    return []


@pytest.fixture
def asked():
    return []


@pytest.fixture
def window(shown):
    made = QWidget()
    made.resize(1024, 700)
    QVBoxLayout(made).addWidget(QLineEdit())
    return shown(made)


@pytest.fixture
def finder(window, opened, asked):
    things = [("Stations", "Garage 2"), ("Passes", "Guest card 1"), ("Stations", "Garage 3"), ("Pages", "Settings")]

    def find(text):
        asked.append(text)
        return [
            Hit(kind, name, "about it", lambda name=name: opened.append(name))
            for kind, name in things
            if text.lower() in name.lower()
        ]

    return Finder(window, find)


def kinds_and_names(finder):
    return [finder.list.item(row).text() for row in range(finder.list.count())]


def test_it_is_hidden_until_it_is_asked_for(finder):
    assert not finder.isVisible()
    finder.open_finder()
    assert finder.isVisible()
    assert finder.field.hasFocus()


def test_hits_are_grouped_by_kind(finder):
    finder.open_finder()
    assert kinds_and_names(finder) == [
        "Stations",
        "Garage 2 about it",
        "Garage 3 about it",
        "Passes",
        "Guest card 1 about it",
        "Pages",
        "Settings about it",
    ]


def test_typing_asks_once_after_a_pause(finder, asked, qtbot):
    finder.open_finder()
    asked.clear()
    QTest.keyClicks(finder.field, "garage")
    assert asked == []
    qtbot.waitUntil(lambda: asked == ["garage"])
    assert [hit.title for hit in finder.hits()] == ["Garage 2", "Garage 3"]


def test_enter_opens_what_is_chosen_and_goes(finder, opened):
    finder.open_finder()
    for _ in range(2):
        QTest.keyClick(finder.field, Qt.Key.Key_Down)
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert opened == ["Guest card 1"]
    assert not finder.isVisible()


def test_enter_does_not_wait_for_the_pause(finder, opened):
    finder.open_finder()
    QTest.keyClicks(finder.field, "settings")
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert opened == ["Settings"]


def test_the_choice_stays_inside_the_list_and_off_the_kinds(finder, opened):
    finder.open_finder()
    for _ in range(9):
        QTest.keyClick(finder.field, Qt.Key.Key_Down)
    QTest.keyClick(finder.field, Qt.Key.Key_Up)
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert opened == ["Guest card 1"]


def test_a_press_opens_a_hit_but_not_a_kind(finder, opened):
    finder.open_finder()
    for row in (3, 4):
        spot = finder.list.visualItemRect(finder.list.item(row)).center()
        QTest.mouseClick(finder.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert opened == ["Guest card 1"]


def test_escape_closes_it_and_gives_the_focus_back(finder, window):
    before = window.findChild(QLineEdit)
    before.setFocus()
    finder.open_finder()
    QTest.keyClick(finder.field, Qt.Key.Key_Escape)
    assert not finder.isVisible()
    assert before.hasFocus()


def test_leaving_it_closes_it(finder, window):
    finder.open_finder()
    window.findChild(QLineEdit).setFocus(Qt.FocusReason.MouseFocusReason)
    assert not finder.isVisible()


def test_nothing_found_is_said_with_what_can_be_found(finder, opened, qtbot):
    finder.open_finder()
    QTest.keyClicks(finder.field, "<b>zebra")
    qtbot.waitUntil(finder.nothing.isVisible)
    assert "“<b>zebra”" in finder.nothing.words()
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert opened == []
    assert finder.isVisible()


def test_it_opens_empty_each_time(finder):
    finder.open_finder()
    QTest.keyClicks(finder.field, "garage")
    finder.close_finder()
    finder.open_finder()
    assert finder.field.text() == ""
    assert len(finder.hits()) == 4


def test_it_stays_inside_a_small_window(finder, window, qtbot):
    finder.open_finder()
    window.resize(400, 320)
    qtbot.waitUntil(lambda: window.rect().contains(finder.geometry()))


def test_its_controls_are_named(finder, out_of_reach):
    finder.open_finder()
    assert out_of_reach(finder) == []
    assert finder.list.accessibleName()
