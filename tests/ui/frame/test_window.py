"""The whole window: from the first start to a card that opens the station, closing, and a second start."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from app.application import Application, MessageFilter
from app.data_folder import DataFolder
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.simulation.station import SimulatedStation
from tests.disk_faults import no_room
from ui.frame.closing import ClosingDialog
from ui.frame.first_window import FirstWindow
from ui.frame.window import TapdeskWindow
from ui.widgets.labels import Label

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def window(qtbot, database, theme):
    application = Application(database)
    window = TapdeskWindow(theme, host="127.0.0.1", port=0)
    qtbot.addWidget(window)
    window.show()
    window.open_site(application)
    await window.listen()
    yield window
    await window.close_site()
    await application.stop()


def application_of(window: TapdeskWindow) -> Application:
    return window.desk.application


async def until(condition, within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.02)


async def test_an_unknown_card_becomes_a_pass_and_then_opens_the_station(window):
    application = application_of(window)
    async with SimulatedStation(f"ws://127.0.0.1:{application.server.port}/", "GARAGE-1") as station:
        await station.connect()
        booting = asyncio.create_task(station.boot(longest_wait=0.2))
        await until(lambda: application.stations.find("GARAGE-1") is not None)
        pool = await application.pools.create("Staff")
        await application.stations.accept("GARAGE-1", name="Garage 1", pool_id=pool.id)
        await booting
        assert (await station.tap("04A2B3C4D5E680")).status == "Invalid"
        await application.passes.add(PassDraft(tapped="04A2B3C4D5E680", name="Fob"), pool_id=pool.id)
        assert (await station.tap("04A2B3C4D5E680")).status == "Accepted"
        session = await station.charge("04A2B3C4D5E680", seconds=0.2, power_w=7000)
        assert session is not None
    await until(lambda: application.sessions.recent() and not application.sessions.recent()[0].is_open)
    assert application.sessions.recent()[0].holder == "Fob"


async def test_every_page_opens_with_nothing_in_it_and_nothing_is_out_of_reach(window, out_of_reach):
    for page in ("overview", "log", "stations", "pools", "identities", "passes", "sessions", "settings", "capture"):
        widget = window.go(page)
        await asyncio.sleep(0)
        assert out_of_reach(widget) == [], page


async def test_the_top_bar_says_where_stations_connect(window):
    port = str(application_of(window).server.port)
    await until(lambda: any(port in label.text() for label in window.findChildren(Label)))


async def test_a_taken_port_is_said_and_can_be_tried_again(qtbot, tmp_path, theme, window):
    taken = application_of(window).server.port
    second = TapdeskWindow(theme, host="127.0.0.1", port=taken)
    qtbot.addWidget(second)
    second.open_site(Application(tmp_path / "second" / "tapdesk.db"))
    await second.listen()
    assert [note.text for note in second.notes.shown if str(taken) in note.text]
    assert any(button.text() == "Try again" for button in second.findChildren(QPushButton))
    await second.close_site()
    await application_of(second).stop()


async def test_what_stations_do_while_their_site_is_stopped_asks_it_nothing_any_more(qtbot, tmp_path, theme):
    application, window = Application(tmp_path / "tapdesk.db"), TapdeskWindow(theme, host="127.0.0.1", port=0)
    qtbot.addWidget(window)
    window.open_site(application)
    await window.listen()
    async with SimulatedStation(f"ws://127.0.0.1:{application.server.port}/", "GARAGE-1") as station:
        await station.connect()
        await until(lambda: application.server.connected)
        told = []
        window.bridge.stations_changed.connect(lambda: told.append(1))
        await window.close_site()
        await application.stop()
        await asyncio.sleep(0.2)
    assert told == []


async def test_without_a_tray_closing_quits(window, qtbot):
    window._tray = None
    with qtbot.waitSignal(window.quitting):
        window.close()


async def test_closing_keeps_serving_from_the_tray_when_the_operator_said_so(window):
    application = application_of(window)
    window._tray = object()
    await application.settings.change(keep_serving_when_closed="yes")
    window.close()
    assert not window.isVisible()
    assert application.server.port
    window.come_to_front()
    assert window.isVisible()


async def test_what_closing_means_is_asked_once_and_remembered(window):
    application = application_of(window)
    window._tray = object()
    window.close()
    await until(lambda: window.findChildren(ClosingDialog))
    assert window.isVisible()
    (dialog,) = window.findChildren(ClosingDialog)
    dialog._close(keep_serving=True)
    await until(lambda: application.settings.keep_serving_when_closed == "yes")
    await until(lambda: not window.isVisible())


async def test_a_full_disk_is_said_and_so_is_its_recovery(window):
    application = application_of(window)

    with no_room(application.store):
        with pytest.raises(AppError, match="disk_full"):
            await fill(application)
        await until(lambda: any("disk is full" in note.text for note in window.notes.shown))
    await until(lambda: any("takes data again" in note.text for note in window.notes.shown))
    assert not [note for note in window.notes.shown if "disk is full" in note.text]


async def fill(application: Application) -> None:
    for number in range(2000):
        await application.passes.add(PassDraft(uid=f"04{number:012X}", name="x" * 100))


async def test_a_second_start_brings_the_first_window_to_the_front_and_ends(tmp_path, qapp):
    shown = asyncio.Event()
    with DataFolder(tmp_path) as held:
        first = FirstWindow(held.path, shown.set)
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ui", "--data", str(tmp_path)),
            cwd=ROOT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        )
        async with asyncio.timeout(20):
            assert await second.wait() == 0
        assert shown.is_set()
        first.close()


def test_without_a_display_the_demo_says_so_and_serves_without_loading_qt(tmp_path):
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key and "QT" not in key}
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "ui", "demo", "--port", "0"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline().startswith("There is no display")
        assert "Listening on ws://0.0.0.0:" in process.stdout.readline()
    finally:
        process.terminate()
    _, imports = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "app.application" in imports
    assert "PySide6" not in imports


async def test_the_demo_lives_in_the_window(window):
    from app.demo import DemoSite

    application = application_of(window)
    with await DemoSite.open(application):
        await until(lambda: len(application.server.connected) >= 6, within=20)
        await until(lambda: application.journal.messages(MessageFilter(action="BootNotification")), within=20)
