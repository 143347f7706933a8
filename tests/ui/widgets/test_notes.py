import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from ui.widgets.buttons import Action
from ui.widgets.notes import Notes


@pytest.fixture
def window(shown):
    made = QWidget()
    QLineEdit(made).setAccessibleName("Elsewhere")
    made.resize(1024, 700)
    return shown(made)


@pytest.fixture
def notes(window):
    return Notes(window)


def test_a_note_goes_by_itself(notes, qtbot):
    notes.show_note("12 passes were imported.", "ok", seconds=0.03)
    assert [note.text for note in notes.shown] == ["12 passes were imported."]
    qtbot.waitUntil(lambda: notes.shown == [])


def test_a_problem_stays_until_it_is_closed(notes, qtbot):
    note = notes.problem("The station did not answer.")
    qtbot.wait(30)
    assert notes.shown == [note]
    cross = next(button for button in note.findChildren(QPushButton) if button.accessibleName())
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert notes.shown == []


def test_a_note_in_use_does_not_go(notes, window, qtbot):
    note = notes.show_note("12 passes were imported.", "ok", Action("Undo", print), seconds=0.03)
    note.findChild(QPushButton).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.wait(60)
    assert notes.shown == [note]


def test_the_action_runs_once_and_takes_the_note_away(notes):
    done = []
    note = notes.show_note("12 passes were imported.", "ok", Action("Undo", lambda: done.append("undone")))
    QTest.mouseClick(note.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert done == ["undone"]
    assert notes.shown == []


def test_notes_stand_at_the_bottom_right_the_newest_lowest(notes, window):
    first = notes.show_note("First.")
    second = notes.show_note(
        "Second, which is a long sentence that has to be wrapped because it has so many words in it."
    )
    assert first.geometry().bottom() < second.geometry().top()
    for note in (first, second):
        assert window.rect().contains(note.geometry())
        assert note.geometry().right() == first.geometry().right()


def test_notes_move_with_the_window(notes, window, qtbot):
    note = notes.show_note("First.")
    window.resize(800, 500)
    qtbot.waitUntil(lambda: window.rect().contains(note.geometry()))


def test_the_same_words_are_shown_once(notes):
    notes.problem("The disk is full.")
    notes.problem("The disk is full.")
    assert [note.text for note in notes.shown] == ["The disk is full."]


def test_only_the_newest_four_stay(notes):
    for number in range(7):
        notes.problem(f"Problem {number}.")
    assert [note.text for note in notes.shown] == [f"Problem {number}." for number in (3, 4, 5, 6)]


def test_a_note_is_named_and_its_buttons_are_reached(notes, window, out_of_reach):
    note = notes.show_note("12 passes were imported.", "ok", Action("Undo", print))
    assert note.accessibleName() == "12 passes were imported."
    assert out_of_reach(window) == []
