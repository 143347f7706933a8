import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from ui.log.json_view import JsonView
from ui.theme import DARK, LIGHT


@pytest.fixture
def view(shown):
    return shown(JsonView("Request"))


def look_of(view, text):
    cursor = view.document().find(text)
    assert not cursor.isNull()
    return cursor.charFormat()


def test_a_call_is_laid_out_one_key_a_line(view):
    view.show_json([2, "91c2-77", "Authorize", {"idTag": "B1204F77"}])
    assert view.toPlainText() == '[\n  2, "91c2-77", "Authorize",\n  {\n    "idTag": "B1204F77"\n  }\n]'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([3, "1", {}], '[\n  3, "1", {}\n]'),
        ({"a": [], "b": None, "c": "é"}, '{\n  "a": [],\n  "b": null,\n  "c": "é"\n}'),
        ([[1, 2], [3]], "[\n  [\n    1, 2\n  ],\n  [\n    3\n  ]\n]"),
        ("plain", '"plain"'),
    ],
)
def test_every_shape_of_json_is_shown(view, value, text):
    view.show_json(value)
    assert view.toPlainText() == text


def test_the_value_looked_for_stands_out(view, theme):
    view.show_json([2, "1", "Authorize", {"idTag": "B1204F77", "other": "x"}], highlight="idTag")
    assert look_of(view, '"B1204F77"').background().color().name().upper() == LIGHT.accent_soft
    assert look_of(view, '"x"').background().color().name().upper() != LIGHT.accent_soft
    theme.choose("dark")
    assert look_of(view, '"B1204F77"').background().color().name().upper() == DARK.accent_soft


def test_only_a_plain_value_stands_out(view):
    view.show_json({"idToken": {"idToken": "04A2", "type": "ISO14443"}}, highlight="idToken")
    assert look_of(view, '"04A2"').background().color().name().upper() == LIGHT.accent_soft
    assert look_of(view, '"type"').background().color().name().upper() != LIGHT.accent_soft


def test_what_is_no_json_is_shown_as_it_came(view):
    view.show_text("[2, <b>broken</b>")
    assert view.toPlainText() == "[2, <b>broken</b>"


def test_it_can_be_selected_and_copied_but_not_changed(view, qtbot):
    view.show_json({"idTag": "B1204F77"})
    view.setFocus()
    view.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(view, "zzz")
    view.selectAll()
    view.copy()
    assert QApplication.clipboard().text() == '{\n  "idTag": "B1204F77"\n}'
