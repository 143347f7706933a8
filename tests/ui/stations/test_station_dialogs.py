"""Letting a station in and connecting one, on a real site: sensible as it opens, and no mistake loses anything."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from app.domain.model import AccessLevel, Registration
from tests.disk_faults import nothing_written
from tests.wire import raw_station
from ui.pools.field import NEW, NONE
from ui.stations.connect_panel import ConnectPanel
from ui.stations.dialogs import AcceptStationDialog, ConnectStationDialog
from ui.widgets.labels import Paragraph
from ui.widgets.qr import QrCode


@pytest.fixture
def open_dialog(qtbot, desk, until):
    async def show(station_id=""):
        dialog = AcceptStationDialog(desk, station_id)
        qtbot.addWidget(dialog)
        dialog.open()
        await until(dialog.isVisible)
        return dialog

    return show


async def press_enter(dialog, until):
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    await until(lambda: dialog.isHidden() or dialog.accept_button.isEnabled())


def said(desk):
    return [note.text for note in desk.notes.shown]


class TestAccepting:
    async def test_with_one_pool_enter_is_enough(self, open_dialog, application, until):
        pool = await application.pools.create("Staff")
        async with raw_station(f"ws://127.0.0.1:{application.server.port}/", "EVB-P2118"):
            await until(lambda: application.stations.find("EVB-P2118") is not None)
            dialog = await open_dialog("EVB-P2118")
            assert dialog.name.placeholderText() == "EVB-P2118"
            QTest.keyClick(dialog, Qt.Key.Key_Return)
            await until(dialog.isHidden)
        station = application.stations.find("EVB-P2118")
        assert (station.registration, station.pool_id, station.name) == (Registration.ACCEPTED, pool.id, "")

    async def test_without_a_pool_a_private_one_is_made_in_the_same_stroke(self, open_dialog, application, until):
        dialog = await open_dialog("EVB-P2118")
        assert dialog.pool.name_field.isVisible()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        await until(dialog.isHidden)
        [summary] = application.pools.all()
        assert (summary.pool.name, summary.pool.level, summary.stations) == ("Main pool", AccessLevel.PRIVATE, 1)

    async def test_with_several_pools_one_must_be_chosen(self, open_dialog, application, until):
        await application.pools.create("Staff")
        guests = await application.pools.create("Guests")
        dialog = await open_dialog("EVB-P2118")
        dialog.name.setText("Terrace")
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert dialog.pool.field.has_error()
        assert application.stations.find("EVB-P2118") is None
        dialog.pool.choice.select(guests.id)
        dialog.pool.choice.changed.emit(guests.id)
        assert not dialog.pool.field.has_error()
        dialog.save()
        await until(dialog.isHidden)
        assert application.stations.find("EVB-P2118").pool_id == guests.id

    async def test_no_pool_is_a_choice_and_says_what_it_means(self, open_dialog, application, until, desk):
        await application.pools.create("Staff")
        async with raw_station(f"ws://127.0.0.1:{application.server.port}/", "EVB-P2118"):
            await until(lambda: application.stations.find("EVB-P2118") is not None)
            dialog = await open_dialog("EVB-P2118")
            dialog.pool.choice.select(NONE)
            dialog.save()
            await until(dialog.isHidden)
            assert "EVB-P2118 is accepted. It is in no pool yet, so nobody can charge there." in said(desk)

    async def test_one_let_in_again_without_a_pool_leaves_its_old_one(self, open_dialog, application, until):
        pool = await application.pools.create("Staff")
        await application.stations.accept("EVB-P2118", pool_id=pool.id)
        await application.stations.reject("EVB-P2118")
        dialog = await open_dialog("EVB-P2118")
        dialog.pool.choice.select(NONE)
        dialog.save()
        await until(dialog.isHidden)
        assert application.stations.find("EVB-P2118").pool_id is None

    async def test_a_name_of_a_pool_that_is_taken_is_said_at_its_field(self, open_dialog, application, until):
        await application.pools.create("Staff")
        dialog = await open_dialog("EVB-P2118")
        dialog.pool.choice.select(NEW)
        dialog.pool.choice.changed.emit(NEW)
        dialog.pool.name.setText("staff")
        await press_enter(dialog, until)
        await until(dialog.pool.name_field.has_error)
        assert dialog.pool.name_field.error.words() == "There is a pool of that name already. Choose another name."
        assert application.stations.find("EVB-P2118") is None
        dialog.pool.name.setText("Guests")
        dialog.save()
        await until(dialog.isHidden)
        assert len(application.pools.all()) == 2

    async def test_a_disk_that_takes_nothing_is_said_and_nothing_typed_is_lost(self, open_dialog, application, until):
        pool = await application.pools.create("Staff")
        dialog = await open_dialog("EVB-P2118")
        dialog.name.setText("Terrace")
        with nothing_written(application.store):
            dialog.save()
            await until(dialog.problem.isVisible)
        assert "disk" in dialog.problem.words()
        assert (dialog.isVisible(), dialog.name.text()) == (True, "Terrace")
        await until(dialog.accept_button.isEnabled)
        dialog.save()
        await until(dialog.isHidden)
        assert application.stations.find("EVB-P2118").pool_id == pool.id

    async def test_every_control_is_reached_and_named(self, open_dialog, out_of_reach):
        assert out_of_reach(await open_dialog("EVB-P2118")) == []
        assert out_of_reach(await open_dialog()) == []


class TestAddingAhead:
    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("", "Fill in the station's ID: the last part of the address it connects to."),
            ("a/b", "“a/b” cannot be a station's ID: use letters, digits and . _ - ~ | @ + *"),
            ("x" * 49, "A station's ID has 48 characters at most."),
        ],
    )
    async def test_an_id_that_will_not_do_is_said_before_a_pool_is_made(
        self, open_dialog, application, until, typed, sentence
    ):
        dialog = await open_dialog()
        dialog.station_id.setText(typed)
        dialog.save()
        await until(dialog.station_id_field.has_error)
        assert dialog.station_id_field.error.words() == sentence
        assert application.pools.all() == []
        QTest.keyClicks(dialog.station_id, "1")
        assert not dialog.station_id_field.has_error()

    async def test_the_station_is_let_in_when_it_comes(self, open_dialog, application, until, desk):
        dialog = await open_dialog()
        QTest.keyClicks(dialog.station_id, "GARAGE-1")
        assert dialog.name.placeholderText() == "GARAGE-1"
        dialog.name.setText("Garage 1")
        dialog.save()
        await until(dialog.isHidden)
        assert "Garage 1 is let in as soon as it connects." in said(desk)
        async with raw_station(f"ws://127.0.0.1:{application.server.port}/", "GARAGE-1") as station:
            answer = await station.call("BootNotification", {"chargePointVendor": "A", "chargePointModel": "B"})
            assert answer["status"] == "Accepted"

    async def test_a_name_that_is_too_long_is_said_at_its_field(self, open_dialog, until):
        dialog = await open_dialog("EVB-P2118")
        dialog.name.setText("x" * 121)
        dialog.save()
        await until(dialog.name_field.has_error)
        assert dialog.isVisible()


class TestConnecting:
    async def test_the_dialog_shows_address_code_and_steps(self, desk, qtbot, url, until, press):
        dialog = ConnectStationDialog(desk)
        qtbot.addWidget(dialog)
        dialog.open()
        await until(dialog.isVisible)
        assert dialog.findChild(QrCode).accessibleName() == f"QR code of {url}"
        assert any("OCPP 1.6 JSON" in each.words() for each in dialog.findChildren(Paragraph))
        press(dialog, "Copy")
        assert QGuiApplication.clipboard().text() == url
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert dialog.isHidden()

    async def test_it_leads_to_adding_one_by_its_id(self, desk, qtbot, until, press):
        dialog = ConnectStationDialog(desk)
        qtbot.addWidget(dialog)
        dialog.open()
        press(dialog, "Add one by its ID…")
        await until(lambda: any(each.isVisible() for each in desk.window.findChildren(AcceptStationDialog)))
        assert dialog.isHidden()
        desk.window.findChild(AcceptStationDialog).reject()

    async def test_of_several_addresses_each_can_be_chosen_and_copied(self, desk, qtbot, monkeypatch, press, until):
        urls = ["ws://192.168.1.20:9000/", "ws://10.0.0.4:9000/"]
        monkeypatch.setattr(desk.application, "station_urls", lambda _host: urls)
        panel = ConnectPanel(desk)
        qtbot.addWidget(panel)
        panel.show()
        assert [each.text() for each in panel.findChildren(QRadioButton)] == urls
        assert panel.code.accessibleName() == f"QR code of {urls[0]}"
        press(panel, urls[1])
        assert panel.code.accessibleName() == f"QR code of {urls[1]}"
        await until(lambda: any(urls[1] in each.words() for each in panel.findChildren(Paragraph) if each.isVisible()))
        press(panel, "Copy")
        assert QGuiApplication.clipboard().text() == urls[1]
        panel.refresh()
        assert panel.chosen == urls[1]

    async def test_while_nothing_listens_it_says_so_and_it_follows_when_it_does(self, desk, qtbot, application, until):
        port = application.server.port
        await application.server.stop()
        panel = ConnectPanel(desk)
        qtbot.addWidget(panel)
        panel.show()
        assert not panel.code.isVisible()
        assert any("does not listen" in each.words() for each in panel.findChildren(Paragraph) if each.isVisible())
        await application.server.start("127.0.0.1", port)
        await until(panel.code.isVisible)
        assert panel.chosen == f"ws://127.0.0.1:{port}/"
