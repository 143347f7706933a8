from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QPalette
from PySide6.QtWidgets import QPushButton

from ui.theme import DARK, LIGHT, RESOURCES, app_icon, font, tokens


def contrast(one, other):
    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = {
    "text": ("bg", "surface", "rail", "sel", "accent_soft", "ok_soft", "bad_soft", "warn_soft", "info_soft"),
    "muted": ("bg", "surface", "rail", "sel", "accent_soft", "ok_soft", "bad_soft", "warn_soft", "info_soft"),
    "accent": ("bg", "surface", "rail", "sel", "accent_soft"),
    "ok": ("surface", "sel", "ok_soft"),
    "bad": ("surface", "sel", "bad_soft"),
    "warn": ("surface", "sel", "warn_soft"),
    "info": ("surface", "sel", "info_soft"),
    "on_accent": ("accent",),
}
PAIRS = [(words, ground) for words, grounds in GROUNDS.items() for ground in grounds]


@pytest.mark.parametrize(("scheme", "pair"), list(product((LIGHT, DARK), PAIRS)), ids=lambda value: str(value)[:40])
def test_words_read_at_four_and_a_half_to_one_on_every_ground_they_stand_on(scheme, pair):
    words, ground = pair
    assert contrast(getattr(scheme, words), getattr(scheme, ground)) >= 4.5


def test_the_fonts_come_with_the_program():
    for file in ("Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf"):
        assert (RESOURCES / "fonts" / file).is_file()
    for licence in ("Inter-OFL.txt", "JetBrainsMono-OFL.txt"):
        assert "SIL OPEN FONT LICENSE" in (RESOURCES / "fonts" / licence).read_text()
    assert QFontInfo(font()).family() == "Inter"
    assert QFontInfo(font(weight=600)).weight() == 600
    assert QFontInfo(font(12, mono=True)).family() == "JetBrains Mono"


def test_a_fixed_choice_wins_over_the_system(theme, qapp):
    theme.choose("dark")
    assert tokens() == DARK
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert tokens() == DARK


def test_the_system_is_followed_live(theme, qapp, qtbot):
    theme.choose("system")
    with qtbot.waitSignal(theme.changed) as told:
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert told.args == [DARK]
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.bg
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert tokens() == LIGHT


def test_a_shown_widget_changes_its_colours_with_the_scheme(theme, qtbot, has_colour):
    button = QPushButton("Export…")
    qtbot.addWidget(button)
    button.show()
    assert has_colour(button, LIGHT.surface)
    theme.choose("dark")
    assert has_colour(button, DARK.surface)


def test_the_icon_is_sharp_at_the_usual_sizes():
    sides = {size.width() for size in app_icon().availableSizes()}
    assert {16, 32, 48, 256} <= sides
    middle = app_icon().pixmap(64, 64).toImage().pixelColor(32, 60)
    assert middle.name().upper() == LIGHT.accent
