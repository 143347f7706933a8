import pytest
import segno
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from ui.widgets.qr import QUIET_ZONE, QrCode

URL = "ws://192.168.1.20:9000/"
BLACK, WHITE = 0x000000, 0xFFFFFF


@pytest.fixture
def code(shown):
    made = QrCode(URL)
    return shown(made)


def colour(picture: QImage, x: float, y: float) -> int:
    return picture.pixel(QPoint(int(x), int(y))) & 0xFFFFFF


def modules_in(picture: QImage, widget: QrCode) -> list[list[bool]]:
    """What a reader sees: the square in the middle, cut into the number of modules it has."""
    expected = segno.make(URL, error="m", micro=False)
    across = len(expected.matrix) + 2 * QUIET_ZONE
    ratio = picture.devicePixelRatio()
    unit = int(widget.width() * ratio) // across
    left = round((picture.width() - unit * across) / 2)
    top = round((picture.height() - unit * across) / 2)
    centre = [(number + 0.5) * unit for number in range(across)]
    return [[colour(picture, left + x, top + y) == BLACK for x in centre] for y in centre]


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_modules_are_dark_on_white_in_both_schemes(code, theme, pixels, choice):
    theme.choose(choice)
    seen = modules_in(pixels(code), code)
    quiet = [False] * len(seen)
    expected = [
        [False] * QUIET_ZONE + [bool(dark) for dark in line] + [False] * QUIET_ZONE
        for line in segno.make(URL, error="m", micro=False).matrix
    ]
    assert seen == [quiet] * QUIET_ZONE + expected + [quiet] * QUIET_ZONE


def test_the_ground_is_white_in_the_dark_too(code, theme, pixels):
    theme.choose("dark")
    picture = pixels(code)
    assert colour(picture, picture.width() / 2, picture.height() / 2) in (BLACK, WHITE)
    assert colour(picture, 30, picture.height() / 2) == WHITE


@pytest.mark.parametrize("side", [100, 151, 196, 333])
def test_every_module_is_whole_pixels(shown, pixels, side):
    """A run of one colour that is no multiple of a module would be a blurred or unequal module."""
    picture = pixels(shown(QrCode(URL, side=side)))
    across = len(segno.make(URL, error="m", micro=False).matrix) + 2 * QUIET_ZONE
    unit = picture.width() // across
    middle = picture.height() // 2
    line = [colour(picture, x, middle) for x in range(picture.width())]
    first, last = line.index(BLACK), len(line) - 1 - line[::-1].index(BLACK)
    runs, length = [], 0
    for here, after in zip(line[first : last + 1], line[first + 1 : last + 2], strict=True):
        length += 1
        if here != after:
            runs.append(length)
            length = 0
    assert set(line[first : last + 1]) == {BLACK, WHITE}
    assert [run % unit for run in runs] == [0] * len(runs)


def test_another_text_is_another_picture_and_none_is_no_picture(code, pixels):
    before = pixels(code)
    code.show_text("ws://10.0.0.7:9000/")
    assert pixels(code) != before
    assert "10.0.0.7" in code.accessibleName()
    code.show_text("")
    picture = pixels(code)
    assert colour(picture, picture.width() / 2, picture.height() / 2) not in (BLACK, WHITE)
    assert code.accessibleName() == ""


def test_it_is_never_smaller_than_a_pixel_a_module(qtbot):
    made = QrCode("x" * 2000, side=100)
    qtbot.addWidget(made)
    assert made.sizeHint().width() > 150
