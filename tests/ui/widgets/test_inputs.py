import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.theme import LIGHT
from ui.widgets.buttons import Action
from ui.widgets.inputs import DropDown, FormField, NumberField, SearchField, Segmented


@pytest.fixture
def which(qtbot):
    made = Segmented("Which messages", [("all", "All"), ("cards", "Cards only"), ("refused", "Refused")])
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_press_moves_the_choice_and_tells_once(which, qtbot):
    told = []
    which.changed.connect(told.append)
    QTest.mouseClick(which.segment("cards"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(which.segment("cards"), Qt.MouseButton.LeftButton)
    assert told == ["cards"]
    assert which.value() == "cards"
    assert [which.segment(key).isChecked() for key in ("all", "cards", "refused")] == [False, True, False]


def test_the_arrow_keys_move_the_choice_and_stay_inside(which):
    told = []
    which.changed.connect(told.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(which.segment(which.value()), key)
    assert told == ["cards", "refused", "cards"]


def test_only_the_choice_is_a_tab_stop(which):
    which.select("refused")
    stops = [key for key in ("all", "cards", "refused") if which.segment(key).focusPolicy() == Qt.FocusPolicy.TabFocus]
    assert stops == ["refused"]


def test_a_choice_that_is_off_is_skipped(which):
    which.segment("cards").setEnabled(False)
    QTest.keyClick(which.segment("all"), Qt.Key.Key_Right)
    assert which.value() == "refused"


def test_counts_stand_after_the_words(which):
    which.set_count("refused", 3)
    assert which.segment("refused").text() == "Refused 3"
    which.set_count("refused", None)
    assert which.segment("refused").text() == "Refused"


def test_a_choice_by_the_program_is_silent(which):
    told = []
    which.changed.connect(told.append)
    which.select("refused")
    assert (which.value(), told) == ("refused", [])


def test_a_search_comes_after_a_pause_in_typing(qtbot):
    field = SearchField("Name", pause_ms=20)
    qtbot.addWidget(field)
    told = []
    field.searched.connect(told.append)
    QTest.keyClicks(field, "b12 ")
    assert told == []
    qtbot.waitUntil(lambda: told == ["b12"])


def test_enter_searches_at_once_and_escape_empties(qtbot):
    field = SearchField("Name", pause_ms=10_000)
    qtbot.addWidget(field)
    told = []
    field.searched.connect(told.append)
    QTest.keyClicks(field, "key")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert told == ["key", ""]
    assert field.text() == ""


def choices(count):
    return [(number, f"Garage {number}") for number in range(count)]


def test_a_drop_down_gives_the_value_behind_the_words(qtbot):
    box = DropDown("Station", [(None, "All stations"), ("ALF-0021", "Garage 2")])
    qtbot.addWidget(box)
    told = []
    box.changed.connect(told.append)
    assert box.value() is None
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert (box.value(), told) == ("ALF-0021", ["ALF-0021"])


def test_new_choices_keep_the_chosen_one(qtbot):
    box = DropDown("Station", choices(4))
    qtbot.addWidget(box)
    box.select(3)
    box.set_choices(choices(6))
    assert box.value() == 3
    box.set_choices(choices(2))
    assert box.value() == 0


def test_scrolling_over_a_drop_down_or_a_number_changes_nothing(qtbot):
    for field in (DropDown("Station", choices(4)), NumberField("Port", 1, 65_535, 9000)):
        qtbot.addWidget(field)
        field.show()
        before = field.currentText() if isinstance(field, DropDown) else field.value()
        place = QPointF(5, 5)
        event = QWheelEvent(
            place,
            field.mapToGlobal(place),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, event)
        assert (field.currentText() if isinstance(field, DropDown) else field.value()) == before


def test_a_long_list_is_narrowed_by_typing(qtbot):
    box = DropDown("Station", choices(40))
    qtbot.addWidget(box)
    box.show()
    told = []
    box.changed.connect(told.append)
    box.lineEdit().selectAll()
    QTest.keyClicks(box.lineEdit(), "age 3")
    assert box.completer().completionCount() == 11
    box.lineEdit().setText("garage 31")
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert told == [31]
    assert box.currentText() == "Garage 31"


def test_words_that_are_no_choice_fall_back_to_the_last_one(qtbot):
    box = DropDown("Station", choices(40))
    qtbot.addWidget(box)
    box.show()
    box.select(7)
    box.lineEdit().setText("nothing like it")
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert (box.value(), box.currentText()) == (7, "Garage 7")


@pytest.fixture
def uid(qtbot):
    made = FormField("Hidden ID (UID)", QLineEdit(), helper="The number the reader sees")
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_field_says_what_is_wrong_and_offers_the_fix(uid, has_colour):
    fixed = []
    uid.show_error("This is a visible ID.", Action("Move it to Visible ID", lambda: fixed.append(1)))
    assert uid.has_error()
    assert uid.error.words() == "This is a visible ID."
    assert uid.input.accessibleDescription() == "This is a visible ID."
    assert not uid.helper.isVisible()
    assert has_colour(uid.input, LIGHT.bad)
    QTest.mouseClick(uid.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert fixed == [1]


def test_an_error_goes_without_a_trace(uid, has_colour):
    uid.show_error("This is a visible ID.", Action("Move it", print))
    uid.clear_error()
    assert not uid.has_error()
    assert uid.helper.isVisible()
    assert [button for button in uid.findChildren(QPushButton) if button.isVisible()] == []
    assert not has_colour(uid.input, LIGHT.bad)


def test_a_second_error_replaces_the_first(uid):
    uid.show_error("First.", Action("Fix one", print))
    uid.show_error("Second.", Action("Fix two", print))
    assert uid.error.words() == "Second."
    assert [button.text() for button in uid.findChildren(QPushButton) if button.isVisible()] == ["Fix two"]


def test_every_input_is_reached_and_named(qtbot, out_of_reach):
    page = QWidget()
    column = QVBoxLayout(page)
    column.addWidget(Segmented("Which messages", [("all", "All"), ("refused", "Refused")]))
    for field in (SearchField("Name"), DropDown("Pool", choices(3)), DropDown("Station", choices(30))):
        column.addWidget(field)
    column.addWidget(FormField("Port", NumberField("Port", 1, 65_535, 9000)))
    qtbot.addWidget(page)
    page.show()
    assert out_of_reach(page) == []
