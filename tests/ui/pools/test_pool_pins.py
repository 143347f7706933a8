"""The PINs of a restricted pool: typed twice or made here, shown once, changed and removed with Undo."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.application import PinDraft
from app.domain.model import AccessLevel
from tests.ui.pools.looking import words_of
from ui.pools.options import PoolOptionsDialog
from ui.pools.pin_dialog import PinDialog


@pytest.fixture
async def pins(desk, site, application, until):
    """The list of PINs in the options of Guests, which is restricted and has one PIN."""
    await application.pools.change(site["guests"].id, level=AccessLevel.RESTRICTED)
    await application.pins.add(site["guests"].id, "4821", PinDraft("Wedding", uses=10))
    dialog = PoolOptionsDialog(desk, application.pools.require(site["guests"].id), remove=lambda: None)
    dialog.open()
    dialog.activateWindow()
    await until(dialog.isActiveWindow)
    # It goes with the window, which is closed before this would be.
    return dialog.pins


@pytest.fixture
def asked(pins, until):
    """Waits for the dialog of a PIN."""

    async def wait():
        def there():
            return [dialog for dialog in pins.window().findChildren(PinDialog) if dialog.isVisible()]

        await until(there)
        return there()[-1]

    return wait


def lines(pins):
    return [" · ".join(pins.model.text_at(at, column) for column in (1, 2)) for at in range(pins.model.rowCount())]


def names(pins):
    return [pins.model.row(at).name for at in range(pins.model.rowCount())]


async def is_good(application, site, digits):
    return await application.pins.find(site["guests"].id, digits) is not None


def fill_in(dialog, name, digits, again):
    dialog.name.setText(name)
    dialog.digits.setText(digits)
    dialog.again.setText(again)


async def test_the_list_tells_when_and_how_often_each_is_good(desk, pins, site, application, until):
    await application.pins.add(
        site["guests"].id, "77665", PinDraft("Tradesmen", valid_until=desk.now() - timedelta(days=1))
    )
    await until(lambda: names(pins) == ["Tradesmen", "Wedding"])
    assert lines(pins)[0].startswith("ended ")
    assert lines(pins)[1] == "always · 0 of 10 uses"


async def test_one_is_typed_twice_and_good_from_then_on(pins, site, application, asked, press, until):
    press(pins, "Add PIN…")
    dialog = await asked()
    fill_in(dialog, "Tradesmen", "998877", "998878")
    press(dialog, "Add PIN")
    assert "not the same" in dialog.again_field.error.words()
    dialog.again.setText("998877")
    dialog.uses.box.click()
    dialog.uses.number.setValue(3)
    press(dialog, "Add PIN")
    await until(lambda: names(pins) == ["Tradesmen", "Wedding"])
    assert await is_good(application, site, "998877")
    assert lines(pins)[0] == "always · 0 of 3 uses"
    assert pins.said.words() == "Tradesmen opens stations from now on."
    press(pins, "Undo")
    await until(lambda: names(pins) == ["Wedding"])


async def test_one_is_made_and_shown_this_once(pins, site, application, asked, press, until):
    press(pins, "Add PIN…")
    dialog = await asked()
    dialog.name.setText("Tradesmen")
    press(dialog, "Make one for me")
    made = dialog.digits.text()
    assert made.isdigit()
    assert dialog.digits.echoMode() is dialog.digits.EchoMode.Password
    assert f"Write it down now: {made}" in dialog.made.words()
    press(dialog, "Copy")
    assert QGuiApplication.clipboard().text() == made
    press(dialog, "Add PIN")
    await until(lambda: "Tradesmen" in names(pins))
    assert await is_good(application, site, made)
    assert not any(made in words for words in words_of(pins.window()))


@pytest.mark.parametrize(
    ("name", "digits", "where"),
    [
        ("", "5544", "name_field"),
        ("Party", "12ab", "digits_field"),
        ("Party", "1", "digits_field"),
        ("Party", "4821", "digits_field"),
    ],
)
async def test_what_cannot_be_is_told_at_its_place(pins, asked, press, until, name, digits, where):
    press(pins, "Add PIN…")
    dialog = await asked()
    fill_in(dialog, name, digits, digits)
    press(dialog, "Add PIN")
    await until(getattr(dialog, where).has_error)
    assert names(pins) == ["Wedding"]
    dialog.reject()


async def test_validity_and_uses_are_changed_and_the_digits_stay(pins, site, application, asked, press, until):
    pins.table.link_clicked.emit(pins.model.row(0), "Wedding")
    dialog = await asked()
    assert not dialog.digits.isVisible()
    assert dialog.uses.value() == 10
    dialog.name.setText("Anna's wedding")
    dialog.uses.box.click()
    press(dialog, "Save")
    await until(lambda: names(pins) == ["Anna's wedding"])
    assert lines(pins) == ["always · 0 uses"]
    assert await is_good(application, site, "4821")
    press(pins, "Undo")
    await until(lambda: names(pins) == ["Wedding"])


async def test_del_removes_one_and_undo_brings_it_back_with_its_digits(pins, site, application, press, until):
    pins.table.setFocus()
    pins.table.selectRow(0)
    QTest.keyClick(pins.table, Qt.Key.Key_Delete)
    await until(lambda: names(pins) == [])
    assert pins.said.words() == "Wedding opens nothing any more."
    assert not await is_good(application, site, "4821")
    press(pins, "Undo")
    await until(lambda: names(pins) == ["Wedding"])
    assert await is_good(application, site, "4821")
