import contextlib
import sqlite3

import pytest

from app.bus import Bus
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import SettingsChanged
from app.settings import Settings
from tests.disk_faults import nothing_written


@pytest.fixture
def store(database):
    store = Store(database)
    yield store
    store.close()


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def settings(store, bus):
    return Settings(store, bus)


def store_raw(store, key, text):
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("insert or replace into settings values (?, ?)", (key, text))


def test_every_setting_begins_with_its_default_and_its_default_fits(settings):
    for key, setting in Settings.declared():
        assert getattr(settings, key) == setting.default
        assert setting.check(setting.default) == setting.default


async def test_a_changed_setting_is_there_after_the_next_start(settings, store):
    await settings.change(server_port=9100, site_name="  Hotel Zee ")
    assert (settings.server_port, settings.site_name) == (9100, "Hotel Zee")
    again = Settings(store, Bus())
    assert (again.server_port, again.site_name) == (9100, "Hotel Zee")
    await settings.change(server_port=9200)
    assert Settings(store, Bus()).server_port == 9200


async def test_a_change_is_told_after_it_was_kept(settings, store, bus):
    told = []
    bus.subscribe(SettingsChanged, lambda event: told.append((event.keys, Settings(store, Bus()).theme)))
    await settings.change(theme="dark", log_retention_days=30)
    assert told == [(("theme", "log_retention_days"), "dark")]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"server_port": 0}, "setting_out_of_range"),
        ({"server_port": 65536}, "setting_out_of_range"),
        ({"server_port": "9000"}, "setting_wrong_kind"),
        ({"server_port": 9000.0}, "setting_wrong_kind"),
        ({"server_port": True}, "setting_wrong_kind"),
        ({"server_port": None}, "setting_wrong_kind"),
        ({"server_port": 10**30}, "setting_out_of_range"),
        ({"site_name": 7}, "setting_wrong_kind"),
        ({"site_name": "n" * 81}, "setting_too_long"),
        ({"theme": "sepia"}, "setting_not_a_choice"),
        ({"theme": ""}, "setting_not_a_choice"),
        ({"mail_security": "ssl"}, "setting_not_a_choice"),
        ({"mail_port": 0}, "setting_out_of_range"),
        ({"mail_host": "h" * 256}, "setting_too_long"),
        ({"mail_sender": "Tapdesk"}, "email_not_an_address"),
        ({"mail_sender": "a@b.example\r\nBcc: c@d.example"}, "email_not_an_address"),
        ({"colour": "red"}, "setting_unknown"),
        ({"values": {}}, "setting_unknown"),
    ],
)
async def test_a_value_that_does_not_fit_is_refused(settings, values, code):
    with pytest.raises(AppError) as refused:
        await settings.change(**values)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "values",
    [
        {"server_port": 1},
        {"server_port": 65535},
        {"site_name": "n" * 80},
        {"site_name": ""},
        {"mail_sender": ""},
        {"mail_sender": "desk@site.example"},
    ],
)
async def test_a_limit_is_itself_within_the_limits(settings, values):
    await settings.change(**values)
    assert {key: getattr(settings, key) for key in values} == values


async def test_all_or_none_are_changed(settings, store):
    with pytest.raises(AppError):
        await settings.change(theme="dark", server_port=-1)
    assert settings.theme == "system"
    assert Settings(store, Bus()).theme == "system"


async def test_changing_nothing_is_nothing(settings, bus):
    bus.subscribe(SettingsChanged, lambda event: pytest.fail("told"))
    await settings.change()


async def test_what_the_disk_did_not_take_is_not_changed(settings, store, bus):
    bus.subscribe(SettingsChanged, lambda event: pytest.fail("told"))
    with nothing_written(store), pytest.raises(AppError, match="disk_read_only"):
        await settings.change(theme="dark")
    assert settings.theme == "system"


async def test_what_no_screen_shows_is_left_out(settings, store):
    await settings.change(site_name="Ho\x00tel\ud800\u200b Zee\n")
    assert settings.site_name == "Hotel Zee"
    assert Settings(store, Bus()).site_name == "Hotel Zee"


@pytest.mark.parametrize("text", ['"9000"', "70000", "null", "{", "", "[9000]", "NaN"])
def test_a_stored_value_that_does_not_fit_keeps_nobody_from_starting(store, text, caplog):
    store_raw(store, "server_port", text)
    store_raw(store, "theme", '"dark"')
    settings = Settings(store, Bus())
    assert (settings.server_port, settings.theme) == (9000, "dark")
    assert "server_port" in caplog.text
    caplog.clear()


async def test_a_setting_of_another_version_stays_where_it_is(store):
    store_raw(store, "cloud", '"never"')
    settings = Settings(store, Bus())
    await settings.change(theme="dark")
    assert store.reader.exec_driver_sql("select value from settings where key = 'cloud'").scalar() == '"never"'
