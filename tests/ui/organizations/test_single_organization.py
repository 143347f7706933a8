"""A site with a single organization, which is nearly every site, never sees any of it; with a second it is there."""

import asyncio
import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from app.application import Application
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.ids import canonical_uid
from app.domain.model import Tap, TapSource
from ui.frame.window import TapdeskWindow
from ui.identities.dialog import IdentityDialog
from ui.passes.dialog import PassDialog
from ui.pools.dialog import PoolDialog
from ui.stations.dialogs import AcceptStationDialog, ConnectStationDialog
from ui.taps.create_pass import CreatePassDialog
from ui.widgets.tables import TableView

THE_WORD = re.compile("organi[sz]ation|allocat|tenant", re.IGNORECASE)
PAGES = ("overview", "log", "stations", "pools", "identities", "passes", "sessions", "capture")


@pytest.fixture
async def window(qtbot, database, theme):
    application = Application(database)
    pool = await application.pools.create("Guests")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna"), pool_id=pool.id)
    await application.passes.add(PassDraft("04A2B3C4D5E680", "", "Anna's card", anna.id))
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=pool.id)
    await application.stations.accept("ALF-0022", name="Garage 3")
    window = TapdeskWindow(theme, host="127.0.0.1", port=0)
    qtbot.addWidget(window)
    window.show()
    window.open_site(application)
    await window.listen()
    yield window
    await window.desk.tasks.close()
    await application.stop()


def words_of(root: QWidget) -> list[str]:
    """Everything that can be read in a widget, its menus and its tooltips."""
    seen = [each for each in [root, *root.findChildren(QWidget)] if each is root or each.isVisibleTo(root)]
    words = []
    for each in seen:
        words += [each.toolTip(), each.accessibleName(), each.accessibleDescription()]
        words += [action.text() for action in each.actions() if action.isVisible()]
        if isinstance(each, QLabel | QAbstractButton):
            words.append(each.text())
        if isinstance(each, QLineEdit):
            words += [each.text(), each.placeholderText()]
        if isinstance(each, QComboBox):
            words += [each.itemText(number) for number in range(each.count())]
        if isinstance(each, TableView):
            model = each.model()
            words += [column.title for column in model.columns]
            words += [
                model.text_at(at, column) for at in range(model.rowCount()) for column in range(len(model.columns))
            ]
    return words


def said_of_it(root: QWidget) -> list[str]:
    return [words for words in words_of(root) if THE_WORD.search(words)]


def press(window: TapdeskWindow, key: Qt.Key) -> None:
    QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)


def select_the_last_rows(page: QWidget) -> None:
    for table in page.findChildren(TableView):
        if table.isVisibleTo(page) and table.model().rowCount():
            table.selectRow(table.model().rowCount() - 1)


def dialogs(window):
    desk, application = window.desk, window.desk.application
    tap = Tap(
        1, application.clock(), "ALF-0021", "Garage 2", 1, "B1204F77", canonical_uid("B1204F77"), TapSource.AUTHORIZE,
        "Invalid", "unknown_card", (), None, "", None, "Guests", None,
    )  # fmt: skip
    anna = application.identities.find("anna@delinde.example")
    return [
        IdentityDialog(desk),
        IdentityDialog(desk, anna),
        PassDialog(desk, PassDraft(identity_id=anna.id)),
        CreatePassDialog(desk, tap),
        PoolDialog(desk),
        AcceptStationDialog(desk),
        AcceptStationDialog(desk, "ALF-0022"),
        ConnectStationDialog(desk),
    ]


@pytest.mark.parametrize("page", PAGES)
async def test_no_page_says_the_word(window, page):
    widget = window.go(page)
    await asyncio.sleep(0.1)
    assert said_of_it(widget) == []
    select_the_last_rows(widget)
    await asyncio.sleep(0.1)
    assert said_of_it(widget) == []


async def test_no_dialog_says_the_word(window):
    for dialog in dialogs(window):
        dialog.open()
        await asyncio.sleep(0.05)
        assert said_of_it(dialog) == [], type(dialog).__name__
        dialog.close()


async def test_neither_does_the_frame_nor_can_the_page_be_reached(window, until):
    assert said_of_it(window._rail) == []
    window.activateWindow()
    await until(window.isActiveWindow)
    press(window, Qt.Key.Key_3)
    press(window, Qt.Key.Key_0)
    assert window.current == "stations"
    assert not window.is_made("organizations")


async def test_with_a_second_one_the_page_the_filters_and_the_fields_are_there(window, until):
    application = window.desk.application
    stations = window.go("stations")
    await application.organizations.create("Shops")
    await until(lambda: stations.organization.isVisible())
    assert "Organizations" in words_of(window._rail)
    for page in ("identities", "passes", "sessions"):
        assert "All organizations" in words_of(window.go(page)), page
    window.activateWindow()
    await until(window.isActiveWindow)
    press(window, Qt.Key.Key_0)
    assert window.current == "organizations"
    dialog = IdentityDialog(window.desk)
    dialog.open()
    assert "Organization" in words_of(dialog)
    dialog.close()


async def test_when_the_second_one_goes_so_does_all_of_it(window, until):
    application = window.desk.application
    shops = await application.organizations.create("Shops")
    stations = window.go("stations")
    await until(lambda: stations.organization.isVisible())
    window.desk.go("organizations", shops.id)
    await application.organizations.remove(shops.id)
    await until(lambda: window.current == "overview")
    assert said_of_it(window._rail) == []
    for page in PAGES:
        widget = window.go(page)
        await asyncio.sleep(0.1)
        assert said_of_it(widget) == [], page


async def test_the_words_are_found_where_they_are(window):
    """The search of these tests would see them."""
    await window.desk.application.organizations.create("Shops")
    page = window.go("organizations")
    assert "New organization" in said_of_it(page)
