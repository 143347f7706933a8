import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from ui.theme import DARK, LIGHT
from ui.widgets.boxes import Banner, Card, EmptyState, KeyValueGrid, PageHead, Progress, SidePane, beside, row
from ui.widgets.buttons import Action, button, danger_button, link_button, menu_button, primary_button
from ui.widgets.labels import Label, label, mono
from ui.widgets.pill import Pill


@pytest.mark.parametrize("kind", ["ok", "bad", "warn", "info"])
def test_a_pill_says_its_state_in_words_and_in_colour(qtbot, kind, has_colour):
    pill = Pill("▮ Available", kind)
    qtbot.addWidget(pill)
    assert pill.accessibleName() == "▮ Available"
    assert has_colour(pill, getattr(LIGHT, f"{kind}_soft"))


def test_a_pill_follows_the_theme(qtbot, theme, has_colour):
    pill = Pill("Charging", "info")
    qtbot.addWidget(pill)
    theme.choose("dark")
    assert has_colour(pill, DARK.info_soft)


def test_a_pill_without_words_hides_and_comes_back(qtbot):
    head = PageHead("Live log")
    qtbot.addWidget(head)
    head.show()
    assert not head.pill.isVisible()
    head.pill.show_state("Following", "ok")
    assert head.pill.isVisible()
    head.pill.show_state("", "ok")
    assert not head.pill.isVisible()


def test_a_pill_that_is_cut_has_a_tooltip(qtbot):
    pill = Pill("Waiting for its return", "warn")
    qtbot.addWidget(pill)
    pill.show()
    pill.resize(60, 20)
    assert pill.toolTip() == "Waiting for its return"
    pill.resize(pill.sizeHint())
    assert pill.toolTip() == ""


@pytest.mark.parametrize("make", [button, primary_button, danger_button, link_button])
def test_a_button_runs_its_work_without_arguments(qtbot, make):
    pressed = []
    made = make("Do it", lambda: pressed.append("ran"))
    qtbot.addWidget(made)
    QTest.mouseClick(made, Qt.MouseButton.LeftButton)
    assert pressed == ["ran"]


def test_a_button_can_be_pressed_from_the_keyboard_and_shows_where_the_focus_is(shown, pixels):
    pressed = []
    made = shown(button("Pause", lambda: pressed.append("ran")))
    made.clearFocus()
    before = pixels(made)
    made.setFocus(Qt.FocusReason.TabFocusReason)
    assert pixels(made) != before
    QTest.keyClick(made, Qt.Key.Key_Space)
    assert pressed == ["ran"]


def test_a_menu_button_offers_its_actions(qtbot):
    done = []
    made = menu_button("Actions", [Action("Reset", lambda: done.append("reset"))])
    qtbot.addWidget(made)
    made.menu().actions()[0].trigger()
    assert done == ["reset"]


def test_a_card_without_a_name_has_no_head(qtbot):
    card = Card()
    card.body.addWidget(label("inside"))
    qtbot.addWidget(card)
    card.show()
    assert not card.title.isVisible()
    card.add_to_head(link_button("Open live log"))
    assert card.title.isVisible()


def test_the_rows_of_a_card_can_be_shown_anew(qtbot):
    card = Card("Needs attention")
    qtbot.addWidget(card)
    card.show()
    card.add_row(Pill("14", "warn"), label("Passes have no UID yet"), None, link_button("Capture"))
    assert [found.text() for found in card.findChildren(QPushButton)] == ["Capture"]
    card.clear()
    assert [found for found in card.findChildren(QPushButton) if found.isVisible()] == []


def test_a_grid_names_its_values(qtbot):
    grid = KeyValueGrid([("Hidden ID", mono("047C11AA902B80")), ("Valid", "always")])
    qtbot.addWidget(grid)
    assert [found.text() for found in grid.findChildren(Label)] == ["Hidden ID", "047C11AA902B80", "Valid", "always"]
    assert grid.findChildren(Label)[1].accessibleDescription() == "Hidden ID"
    grid.set_rows([("Identity", link_button("Front desk →", flush=True))])
    assert grid.findChildren(QPushButton)[0].text() == "Front desk →"


def test_an_empty_place_says_what_to_do_and_does_it(qtbot):
    done = []
    place = EmptyState(
        "No stations yet", "Point a station here.", Action("Show how", lambda: done.append(1), "primary")
    )
    qtbot.addWidget(place)
    assert place.sentence.words() == "Point a station here."
    QTest.mouseClick(place.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert done == [1]


def test_a_banner_keeps_its_name_whole_and_cuts_its_facts(qtbot):
    done = []
    banner = Banner(
        "warn", "EVB-P2118 wants to join", "EVBox Elvi · " * 20, [Action("Accept…", lambda: done.append(1))]
    )
    qtbot.addWidget(banner)
    banner.resize(500, 51)
    banner.show()
    assert not banner.title.is_cut()
    assert banner.facts.is_cut()
    assert banner.facts.toolTip()
    QTest.mouseClick(banner.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert done == [1]


def test_a_banner_is_coloured_by_its_kind(qtbot, has_colour):
    banner = Banner("bad", "The disk is full")
    qtbot.addWidget(banner)
    assert has_colour(banner, LIGHT.bad_soft)


def test_a_side_pane_is_cleared_and_filled_again(qtbot):
    pane = SidePane()
    qtbot.addWidget(pane)
    pane.show()
    for name in ("Garage 2", "Garage 3"):
        pane.clear()
        pane.show_head(name, pill=("Available", "ok"), actions=[button("Reset")])
        pane.add_section("Why refused").addWidget(label(f"about {name}"))
        pane.add_section().addWidget(label("more"))
    QApplication.processEvents()
    shown = [found.text() for found in pane.findChildren(Label) if found.isVisible()]
    assert shown == ["Garage 3", "Why refused", "about Garage 3", "more"]


@pytest.mark.parametrize(("done", "total", "expected"), [(33, 800, 33), (61, 48, 48), (0, 0, 0)])
def test_progress_never_runs_over_nor_moves_without_end(qtbot, done, total, expected):
    bar = Progress("Places used")
    qtbot.addWidget(bar)
    bar.show_part(done, total)
    assert bar.value() == expected
    assert bar.maximum() > 0


def test_a_pane_is_never_narrower_than_its_buttons(qtbot):
    page, pane = QWidget(), SidePane(372)
    page.setLayout(beside(Card("Messages"), pane))
    first, last = primary_button("Create pass…"), button("Assign to a pass…")
    pane.add_section().addLayout(row(first, last))
    qtbot.addWidget(page)
    page.resize(500, 600)
    page.show()
    assert last.width() >= last.sizeHint().width()
    assert pane.rect().contains(last.mapTo(pane, last.rect().bottomRight()))


@pytest.mark.parametrize(("room", "least", "most"), [(1108, 372, 372), (784, 240, 300), (1600, 372, 372)])
def test_a_pane_has_its_width_where_there_is_room_and_shrinks_with_the_table(qtbot, room, least, most):
    page, pane = QWidget(), SidePane(372)
    page.setLayout(beside(Card("Messages"), pane))
    qtbot.addWidget(page)
    page.resize(room, 600)
    page.show()
    assert least <= pane.width() <= most


def test_every_control_of_the_boxes_is_reached_and_named(qtbot, out_of_reach):
    page = QWidget()
    column = QVBoxLayout(page)
    column.addWidget(PageHead("Stations", "6 of 7 online", button("Connect a station…")))
    column.addWidget(Banner("warn", "EVB-P2118 wants to join", "", [Action("Refuse", print), Action("Accept…", print)]))
    pane = SidePane()
    pane.show_head("Garage 2", actions=[menu_button("Actions", [])])
    pane.add_section().addWidget(link_button("Show"))
    column.addWidget(pane)
    qtbot.addWidget(page)
    page.show()
    assert out_of_reach(page) == []
