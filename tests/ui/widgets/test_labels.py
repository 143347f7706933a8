from PySide6.QtCore import Qt

from ui.theme import DARK, LIGHT
from ui.widgets.labels import label, mono, muted, paragraph, rich


def test_text_that_fits_needs_no_tooltip(qtbot):
    name = label("Garage 2")
    qtbot.addWidget(name)
    name.resize(name.sizeHint())
    assert not name.is_cut()
    assert name.toolTip() == ""


def test_text_that_is_cut_is_whole_in_its_tooltip(qtbot):
    name = mono("04A2B3C4D5E680")
    qtbot.addWidget(name)
    name.show()
    name.resize(60, 20)
    assert name.is_cut()
    assert name.toolTip() == "04A2B3C4D5E680"
    name.setText("04A2")
    assert name.toolTip() == ""


def test_cut_text_ends_with_an_ellipsis_inside_its_room(qtbot, pixels):
    name = label("A station with a very long name indeed")
    qtbot.addWidget(name)
    name.show()
    name.resize(80, 20)
    cut = pixels(name)
    name.setText(name.fontMetrics().elidedText(name.text(), Qt.TextElideMode.ElideRight, 80))
    assert name.text().endswith("…")
    assert pixels(name) == cut


def test_markup_in_a_name_stays_text(qtbot):
    name = label("<b>Bob</b> & Co")
    sentence = rich("<b>{name}</b> holds a card", name="<i>Eve</i> & Co")
    qtbot.addWidget(name)
    qtbot.addWidget(sentence)
    assert name.text() == "<b>Bob</b> & Co"
    assert sentence.words() == "<i>Eve</i> & Co holds a card"
    assert sentence.accessibleName() == "<i>Eve</i> & Co holds a card"


def test_braces_in_a_value_are_no_fields(qtbot):
    sentence = rich("UID <code>{uid}</code>", uid="{uid} {other}")
    qtbot.addWidget(sentence)
    assert sentence.words() == "UID {uid} {other}"


def test_a_link_in_a_sentence_tells_when_it_is_pressed(qtbot):
    sentence = rich("Looks like <b>{name}</b> <a href='use'>Use this UID</a>", name="Key fob")
    qtbot.addWidget(sentence)
    with qtbot.waitSignal(sentence.linkActivated) as pressed:
        sentence.linkActivated.emit("use")
    assert pressed.args == ["use"]
    assert "Use this UID" in sentence.words()


def test_the_colours_of_a_sentence_follow_the_theme(qtbot, theme, has_colour):
    sentence = rich("<ok>█</ok> known")
    qtbot.addWidget(sentence)
    sentence.show()
    assert LIGHT.ok in sentence.text()
    theme.choose("dark")
    assert DARK.ok in sentence.text()


def test_muted_words_wear_the_muted_colour(qtbot, has_colour):
    words = muted("▮▮▮ 1 l I")
    qtbot.addWidget(words)
    assert has_colour(words, LIGHT.muted)
    assert not has_colour(words, LIGHT.text)


def test_lines_of_a_paragraph_are_kept(qtbot):
    both = paragraph("one\ntwo")
    qtbot.addWidget(both)
    assert both.words() == "one\ntwo"
