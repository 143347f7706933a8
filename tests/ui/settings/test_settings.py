import asyncio
import re
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from app.settings import Settings
from ui.settings.page import SettingsPage, licences
from ui.settings.words import sections, setting_words
from ui.widgets.labels import Label

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def page(desk):
    made = SettingsPage(desk)
    made.resize(1120, 780)
    made.show()
    yield made
    # Not left to qtbot: a field that is left is kept, and that wants the loop, which runs only until here.
    made.close()
    await asyncio.sleep(0)
    made.deleteLater()


@pytest.fixture
def settings(application):
    return application.settings


def field(page, key):
    return page.fields[key].input


def type_into(edit, text):
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)


def notes(desk):
    return [note.text for note in desk.notes.shown]


def words(page):
    return {found.text() for found in page.findChildren(Label)}


def press(page, text):
    next(found for found in page.findChildren(QPushButton) if found.text() == text).click()


def test_every_declared_setting_has_its_words():
    declared = {key for key, _ in Settings.declared()}
    assert set(setting_words()) == declared
    assert {each.section for each in setting_words().values()} == set(sections())


def test_every_choice_of_a_setting_has_its_words():
    for key, setting in Settings.declared():
        assert tuple(value for value, _ in setting_words()[key].choices) == setting.choices


async def test_every_setting_is_on_the_page_with_its_value(page, settings):
    assert field(page, "site_name").text() == ""
    assert field(page, "server_host").value() == ""
    assert field(page, "server_port").value() == 9000
    assert field(page, "heartbeat_interval_s").text() == "300 seconds"
    assert field(page, "remember_accepted_h").text() == "24 hours"
    assert field(page, "log_retention_days").text() == "90 days"
    assert field(page, "theme").value() == "system"
    assert field(page, "keep_serving_when_closed").value() == "ask"
    assert all(page.isAncestorOf(each) for each in page.fields.values())


async def test_a_name_is_kept_at_enter_and_can_be_undone(page, settings, desk, until):
    type_into(field(page, "site_name"), "  Parkhotel ")
    assert settings.site_name == ""
    QTest.keyClick(field(page, "site_name"), Qt.Key.Key_Return)
    await until(lambda: settings.site_name == "Parkhotel")
    await until(lambda: notes(desk) == ["Name of the site is changed."])
    assert field(page, "site_name").text() == "Parkhotel"
    next(found for found in desk.window.findChildren(QPushButton) if found.text() == "Undo").click()
    await until(lambda: settings.site_name == "" and field(page, "site_name").text() == "")


async def test_leaving_a_field_keeps_it_once(page, settings, desk, until):
    type_into(field(page, "site_name"), "Garage")
    QTest.keyClick(field(page, "site_name"), Qt.Key.Key_Return)
    field(page, "server_port").setFocus()
    await until(lambda: settings.site_name == "Garage")
    await until(lambda: notes(desk) == ["Name of the site is changed."])
    assert page.fields["site_name"]._saving is None


async def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(page, settings, until):
    long = "x" * 81
    type_into(field(page, "site_name"), long)
    QTest.keyClick(field(page, "site_name"), Qt.Key.Key_Return)
    await until(page.fields["site_name"].has_error)
    assert "80" in page.fields["site_name"].error.words()
    assert field(page, "site_name").text() == long
    assert settings.site_name == ""
    QTest.keyClick(field(page, "site_name"), Qt.Key.Key_Backspace)
    assert not page.fields["site_name"].has_error()
    QTest.keyClick(field(page, "site_name"), Qt.Key.Key_Return)
    await until(lambda: settings.site_name == "x" * 80)


@pytest.mark.parametrize(
    ("key", "typed"), [("server_port", "70000"), ("server_port", "0"), ("log_retention_days", "9999")]
)
async def test_a_number_out_of_its_limits_is_refused_with_the_limits(page, settings, until, key, typed):
    before = getattr(settings, key)
    type_into(field(page, key).lineEdit(), typed)
    QTest.keyClick(field(page, key), Qt.Key.Key_Return)
    await until(page.fields[key].has_error)
    declared = dict(Settings.declared())[key]
    said = page.fields[key].error.words()
    assert str(declared.lowest) in said
    assert str(declared.highest) in said
    assert field(page, key).value() == int(typed)
    assert getattr(settings, key) == before


async def test_a_number_is_kept_at_enter(page, settings, until):
    type_into(field(page, "server_port").lineEdit(), "9100")
    QTest.keyClick(field(page, "server_port"), Qt.Key.Key_Return)
    await until(lambda: settings.server_port == 9100)


async def test_steps_with_the_arrows_are_kept_together_after_a_pause(page, settings, desk, until):
    days = field(page, "log_retention_days")
    days.setFocus()
    for _ in range(3):
        days.stepBy(1)
    assert settings.log_retention_days == 90
    await until(lambda: settings.log_retention_days == 93)
    await until(lambda: notes(desk) == ["Keep messages for is changed."])


async def test_the_colours_change_at_once(page, settings, until):
    field(page, "theme").segment("dark").click()
    await until(lambda: settings.theme == "dark")


async def test_the_address_is_chosen_among_those_of_this_machine(page, settings, application, until):
    choice = field(page, "server_host")
    offered = [choice.itemData(row) for row in range(choice.count())]
    assert offered == ["", *application.own_addresses(), "127.0.0.1"]
    choice.setCurrentIndex(choice.count() - 1)
    choice.activated.emit(choice.count() - 1)
    await until(lambda: settings.server_host == "127.0.0.1")


async def test_an_address_that_is_not_here_now_is_shown_as_such(desk, settings, qtbot):
    await settings.change(server_host="192.0.2.77")
    page = SettingsPage(desk)
    qtbot.addWidget(page)
    assert field(page, "server_host").value() == "192.0.2.77"
    assert "not an address of this machine now" in field(page, "server_host").currentText()


async def test_what_is_changed_elsewhere_is_shown_but_not_over_what_is_being_typed(page, settings, until):
    type_into(field(page, "site_name"), "Half a na")
    await settings.change(keep_serving_when_closed="yes", log_retention_days=30)
    await until(lambda: field(page, "keep_serving_when_closed").value() == "yes")
    assert field(page, "log_retention_days").value() == 30
    assert field(page, "site_name").text() == "Half a na"


async def test_the_server_says_where_stations_connect_now_and_when_a_change_counts(page, application, settings):
    url = f"ws://127.0.0.1:{application.server.port}/"
    assert url in words(page)
    assert "next start" in page.fields["server_port"].helper.words()
    copy = next(found for found in page.findChildren(QPushButton) if found.accessibleName() == f"Copy {url}")
    copy.click()
    assert QGuiApplication.clipboard().text() == url


async def test_a_server_that_does_not_listen_is_said(page, application, desk):
    await application.server.stop()
    desk.bridge.server_changed.emit()
    assert "Stations cannot connect at the moment." in words(page)


async def test_a_disk_that_takes_nothing_is_said_at_the_field(page, settings, application, until):
    await application.store.write(lambda connection: connection.exec_driver_sql("pragma query_only = on"))
    type_into(field(page, "site_name"), "Garage")
    QTest.keyClick(field(page, "site_name"), Qt.Key.Key_Return)
    await until(page.fields["site_name"].has_error)
    assert "read-only" in page.fields["site_name"].error.words()
    assert field(page, "site_name").text() == "Garage"
    assert settings.site_name == ""


async def test_the_folder_is_shown_and_copied(page, application):
    folder = str(application.store.path.parent)
    assert folder in words(page)
    next(b for b in page.findChildren(QPushButton) if b.accessibleName() == "Copy the path of the folder").click()
    assert QGuiApplication.clipboard().text() == folder


async def choose_file(page, until, path):
    await until(lambda: page.findChildren(QFileDialog) != [])
    dialog = page.findChildren(QFileDialog)[0]
    await until(dialog.isVisible)
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    name.setText(str(path))
    dialog.accept()


async def test_a_backup_is_a_complete_copy_in_the_chosen_place(page, application, desk, until, tmp_path):
    await application.pools.create("Guests")
    target = tmp_path / "copies" / "site"
    target.parent.mkdir()
    press(page, "Back up now…")
    await choose_file(page, until, target)
    copy = target.with_suffix(".db")
    await until(lambda: any(str(copy) in text for text in notes(desk)))
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("select name from pools").fetchall() == [("Guests",)]
    assert page.back_up.isEnabled()
    assert page.back_up.text() == "Back up now…"


async def test_the_site_is_never_copied_over_itself(page, application, desk, until):
    before = application.store.path.stat().st_ino
    press(page, "Back up now…")
    await until(lambda: page.findChildren(QFileDialog) != [])
    page.findChildren(QFileDialog)[0].setOption(QFileDialog.Option.DontConfirmOverwrite)
    await choose_file(page, until, application.store.path)
    await until(lambda: any("is the site itself" in text for text in notes(desk)))
    assert application.store.path.stat().st_ino == before
    assert page.back_up.isEnabled()


async def test_a_place_that_cannot_be_written_is_said(application, tmp_path, desk, until):
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    desk.run(application.back_up(blocked / "site.db"))
    await until(lambda: any("could not be written" in text for text in notes(desk)))


async def test_backing_up_can_be_given_up(page, desk, until):
    press(page, "Back up now…")
    await until(lambda: page.findChildren(QFileDialog) != [])
    page.findChildren(QFileDialog)[0].reject()
    await until(lambda: page.findChildren(QFileDialog) == [])
    assert notes(desk) == []


async def test_the_versions_can_be_told_to_whoever_helps(page):
    press(page, "Copy the versions")
    assert re.search(r"Tapdesk \S+, Python 3\.\d+\.\d+, Qt 6\.", QGuiApplication.clipboard().text())


def test_everything_it_is_made_with_is_named_with_its_licence():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = [re.match(r"[A-Za-z0-9-]+", dependency).group() for dependency in declared]
    assert [name for name in names if name not in licences()] == []
    for font in (ROOT / "resources" / "fonts").glob("*-OFL.txt"):
        assert font.name.removesuffix("-OFL.txt").replace("Mono", " Mono") in licences()


async def test_every_control_is_reached_and_named(page, out_of_reach):
    assert out_of_reach(page) == []


async def test_it_fits_the_smallest_window(page, until):
    page.resize(824, 620)
    await until(lambda: page.width() == 824)
    right = max(each.mapTo(page, each.rect().topRight()).x() for each in page.fields.values())
    assert right <= page.width()
