from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from ui.theme import LIGHT
from ui.widgets.chart import Bar, BarChart

DAYS = [Bar(str(day), float(day), f"{day} November: {day}.0 kWh") for day in range(1, 15)]


def chart(qtbot, bars):
    made = BarChart("Energy of the last 14 days", empty="No energy yet.")
    made.set_bars(bars)
    made.resize(520, 130)
    qtbot.addWidget(made)
    return made


def test_only_the_last_bar_wears_the_full_accent(qtbot, pixels):
    picture = pixels(chart(qtbot, DAYS))
    accent = [x for x in range(520) if picture.pixelColor(x, 100).name().upper() == LIGHT.accent]
    assert len(accent) > 20
    assert min(accent) > 520 * 13 / 14 - 4


def test_a_higher_value_is_a_taller_bar(qtbot, pixels):
    picture = pixels(chart(qtbot, [Bar("1", 1.0, ""), Bar("2", 2.0, "")]))

    def tall(x):
        return sum(picture.pixelColor(x, y) != picture.pixelColor(0, 0) for y in range(107))

    assert abs(tall(390) - 2 * tall(130)) <= 2


def test_the_pointer_finds_the_bar_of_its_column(qtbot):
    made = chart(qtbot, DAYS)
    assert made.bar_at(QPoint(3, 5)) == DAYS[0]
    assert made.bar_at(QPoint(516, 5)) == DAYS[-1]


def test_the_keyboard_walks_over_the_bars_and_reads_them(qtbot, shown):
    made = shown(chart(qtbot, DAYS))
    made.setFocus(Qt.FocusReason.TabFocusReason)
    assert made.accessibleDescription() == "14 November: 14.0 kWh"
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(made, key)
    assert made.accessibleDescription() == "13 November: 13.0 kWh"
    QTest.keyClick(made, Qt.Key.Key_Right)
    QTest.keyClick(made, Qt.Key.Key_Right)
    assert made.accessibleDescription() == "14 November: 14.0 kWh"


def test_without_energy_it_says_so(qtbot, pixels):
    for bars in ([], [Bar("1", 0.0, ""), Bar("2", -1.0, "")]):
        made = chart(qtbot, bars)
        assert made.accessibleDescription() == "No energy yet."
        assert made.bar_at(QPoint(3, 5)) is None
        assert pixels(made).size() == made.size()
