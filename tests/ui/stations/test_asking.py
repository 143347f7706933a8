"""What can be asked of a station from its pane: with a real station on the other side, and what came of it in words."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton

from app.application import WriteOutcome, Written
from app.csms.station import outgoing
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.transfers import FileProtocol, TransferKind, TransferState
from app.simulation.memory import Configuration
from app.simulation.station import SimulatedStation
from tests.tls_site import foreign_certificate, station_key
from ui.stations.asked import AskedHistory
from ui.stations.asking import update_firmware
from ui.stations.card_dialogs import ForgetHolderDialog, ReserveDialog, StartChargeDialog
from ui.stations.configuration_tab import written_words
from ui.stations.firmware_dialog import SignedFirmwareDialog
from ui.stations.page import StationsPage
from ui.stations.refusals import refusal_words
from ui.stations.variable_table import VariableTable

ANNA = "04A2B3C4D5E680"


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """Simulated stations are not confused by a call soon after their boot."""
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.02)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.02)


@pytest.fixture
async def page(desk, application, shown):
    guests = await application.pools.create("Guests")
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=guests.id)
    await application.passes.add(PassDraft(uid=ANNA, name="Anna's card"), pool_id=guests.id)
    page = shown(StationsPage(desk))
    page.resize(1100, 760)
    return page


@pytest.fixture
def at_work(page, url, until):
    """A connected station, selected on the page, that has told all of itself: `async with at_work() as station`."""

    @asynccontextmanager
    async def work():
        async with SimulatedStation(url, "ALF-0021", connectors=2, pace=1000, restart_seconds=0.05) as station:
            await station.start_up()
            page.select("ALF-0021")
            await until(lambda: page.pane.strip.isVisible() and "Unlock connector 2" in entries(page))
            yield station

    return work


def entries(page):
    """What the menu of actions offers, with why it cannot be done."""
    menu = page.pane.findChild(QPushButton, "actions").menu()
    return {each.text(): "" if each.isEnabled() else each.toolTip() for each in menu.actions() if each.text()}


def do(page, text):
    menu = page.pane.findChild(QPushButton, "actions").menu()
    next(each for each in menu.actions() if each.text() == text).trigger()


def labels(page):
    return page.pane.findChildren(QLabel)


def latest(application):
    return application.transfers.recent("ALF-0021")[0]


def texts(page):
    """What the labels in view say, without the time in front."""
    return {each.text().partition(" · ")[2] for each in page.findChildren(QLabel) if each.isVisible()}


def said(page):
    return [note.text for note in page._desk.notes.shown]


class TestCommands:
    async def test_each_says_in_words_what_came_of_it(self, page, until, at_work):
        async with at_work() as station:
            do(page, "Unlock connector 2")
            await until(lambda: "Connector 2 of Garage 2 is unlocked." in said(page))
            do(page, "Forget remembered cards")
            await until(
                lambda: "Garage 2 has forgotten the cards it remembered. It asks about each again." in said(page)
            )
            station.configure("AuthorizationCacheEnabled", "false")
            do(page, "Forget remembered cards")
            await until(lambda: "Garage 2 remembers no cards: there was nothing to forget." in said(page))
            do(page, "Restart")
            await until(lambda: "Garage 2 will restart." in said(page))

    async def test_out_of_use_and_back_by_undo(self, page, until, press, at_work):
        async with at_work() as station:
            do(page, "Take out of use")
            await until(lambda: "Garage 2 is out of use." in said(page))
            await until(lambda: "Put back into use" in entries(page))
            note = next(note for note in page._desk.notes.shown if note.text == "Garage 2 is out of use.")
            press(note, "Undo")
            await until(lambda: all(each.status == "Available" for each in station.cabinet.connectors.values()))

    async def test_a_charge_is_started_with_a_pass_and_stopped(self, page, application, opened, until, at_work):
        async with at_work() as station:
            page.pane.findChildren(QPushButton, "Start… 1")[-1].click()
            dialog = await opened(StartChargeDialog)
            assert dialog.connector.value() == 1
            assert not dialog.ask_button.isEnabled()
            QTest.keyClicks(dialog.passes.search, "anna")
            await until(lambda: dialog.ask_button.isEnabled())
            dialog.ask()
            await until(lambda: "Garage 2 begins with Anna's card as soon as a cable is in." in said(page))
            await until(lambda: "Stop Anna's card" in entries(page) and station.cabinet.sessions()[0].transaction_id)
            do(page, "Stop Anna's card")
            await until(lambda: not application.sessions.recent(open_only=True))

    async def test_a_connector_is_kept_for_a_pass_and_taken_back(self, page, application, opened, until, at_work):
        async with at_work() as station:
            do(page, "Reserve a connector for a pass…")
            dialog = await opened(ReserveDialog)
            dialog.passes.table.selectRow(0)
            dialog.connector.select(2)
            dialog.lasts.select(timedelta(hours=4))
            dialog.ask()
            take_back = "Take back the reservation of Anna's card"
            await until(lambda: entries(page).get(take_back) == "")
            assert station.cabinet.plugs[2].reservation.uid == ANNA
            (note,) = said(page)
            assert note.startswith("Garage 2 keeps a connector for Anna's card until ")
            await until(lambda: any(each.text().startswith("Kept for Anna's card") for each in labels(page)))
            do(page, take_back)
            await until(lambda: "Garage 2 keeps no connector for Anna's card any more." in said(page))
            await until(lambda: take_back not in entries(page))
            page.pane.open_tab("history")

            def lines():
                model = page.pane.findChild(AskedHistory).model()
                return [(model.text_at(at, 1), model.text_at(at, 2)) for at in range(model.rowCount())]

            await until(lambda: ("Take back a reservation", "done") in lines())
            assert (f"Keep connector 2 for {ANNA}", "done") in lines()

    async def test_why_a_connector_is_not_kept_is_said_where_it_was_asked(
        self, page, application, opened, until, at_work
    ):
        async with at_work() as station:
            do(page, "Reserve a connector for a pass…")
            dialog = await opened(ReserveDialog)
            station.cabinet.plugs[2].show("Faulted", "GroundFailure")
            dialog.passes.table.selectRow(0)
            dialog.connector.select(2)
            dialog.ask()
            await until(lambda: "Garage 2 refused: the connector is out of order." in dialog.problem.text())
            dialog.connector.select(None)
            dialog.ask()
            await until(lambda: "Garage 2 refused: it reserves nothing, or not this way." in dialog.problem.text())
            await application.passes.block([application.passes.find(ANNA).id])
            dialog.ask()
            await until(lambda: "cannot charge at Garage 2, so nothing is reserved" in dialog.problem.text())
            dialog.reject()

    async def test_a_station_that_cannot_keep_any_connector_is_not_asked_for_one(
        self, page, application, opened, until, at_work
    ):
        async with at_work():
            await application.configuration.read("ALF-0021")
            do(page, "Reserve a connector for a pass…")
            dialog = await opened(ReserveDialog)
            assert [dialog.connector.itemText(at) for at in range(dialog.connector.count())] == [
                "Connector 1",
                "Connector 2",
            ]
            dialog.reject()

    async def test_one_that_knows_of_no_reservation_says_that_it_is_over(self, page, application, until, at_work):
        async with at_work() as station:
            await application.reservations.reserve("ALF-0021", ANNA, application.clock() + timedelta(hours=1), 1)
            await until(lambda: "Take back the reservation of Anna's card" in entries(page))
            station.cabinet.plugs[1].reservation = None
            do(page, "Take back the reservation of Anna's card")
            await until(lambda: "Garage 2 refused: it knows of no such reservation: it is over." in said(page))
            await until(lambda: "Take back the reservation of Anna's card" not in entries(page))

    async def test_a_station_of_2_x_forgets_whose_a_card_is(self, page, url, application, opened, until):
        async with SimulatedStation(url, "ALF-0021", ocpp="2.0.1", pace=1000) as station:
            await station.start_up()
            await station.tap(ANNA)
            page.select("ALF-0021")
            await until(lambda: page.pane.strip.isVisible() and entries(page).get("Forget a card’s holder…") == "")
            do(page, "Forget a card’s holder…")
            dialog = await opened(ForgetHolderDialog)
            dialog.passes.table.selectRow(0)
            dialog.ask()
            await until(lambda: "Garage 2 forgets what it keeps about Anna's card." in said(page))
            await until(lambda: station.cabinet.cache.find(ANNA) is None)

    async def test_a_refusal_is_said_where_it_was_asked(self, page, opened, until, at_work):
        async with at_work() as station:
            do(page, "Start a charge…")
            dialog = await opened(StartChargeDialog)
            for plug in station.cabinet.plugs.values():
                plug.claimed = True
            dialog.passes.table.selectRow(0)
            dialog.ask()
            await until(lambda: "Garage 2 refused: it gives no reason." in dialog.problem.text())
            assert dialog.ask_button.isEnabled()
            dialog.reject()

    async def test_what_ends_a_charge_for_good_is_asked_about_first(self, page, until, press, at_work):
        async with at_work() as station:
            await station.start(ANNA)
            await station.status(1, "Charging")
            await until(lambda: page.model.row(page.model.position("ALF-0021")).running)
            do(page, "Restart at once")
            words = "Restarting at once ends the charge that runs there."
            await until(lambda: words in said(page))
            assert not station.restarting
            press(next(note for note in page._desk.notes.shown if note.text == words), "Restart at once")
            await until(lambda: "Garage 2 will restart." in said(page))

    async def test_one_that_knows_only_ftp_and_does_not_say_so_is_asked_by_ftp_with_a_click(
        self, page, application, url, until, press, at_work, tmp_path
    ):
        file = tmp_path / "new.bin"
        file.write_bytes(b"new")
        async with at_work() as station:
            await application.configuration.read("ALF-0021", ["NumberOfConnectors"])
            station.cabinet.configuration = Configuration({"SupportedFileTransferProtocols": "FTP"})
            do(page, "Fetch diagnostics")
            words = "The station says that it has no diagnostics to send. It may know only FTP."
            await until(lambda: words in said(page))
            update_firmware(page._desk, page._desk.application.stations.find("ALF-0021"), file)
            await until(lambda: application.transfers.recent("ALF-0021"))
            await until(lambda: latest(application).state is TransferState.FAILED)
            page.pane.open_tab("history")
            await until(lambda: "it did not work · nothing moved by HTTP · DownloadFailed" in texts(page))
            press(page, "Try FTP")
            await until(lambda: latest(application).state is TransferState.DONE)
            assert "Garage 2 is asked again, by FTP." in said(page)
            assert latest(application).protocol is FileProtocol.FTP
            press(next(note for note in page._desk.notes.shown if note.text == words), "Try FTP")
            await until(lambda: latest(application).kind is TransferKind.DIAGNOSTICS)
            await until(lambda: latest(application).state is TransferState.DONE)
            await until(lambda: not [button for button in page.findChildren(QPushButton) if button.text() == "Try FTP"])

    async def test_signed_firmware_is_offered_with_what_came_with_it(
        self, page, url, application, opened, until, tmp_path
    ):
        for name, content in (
            ("fw.bin", "new"),
            ("maker.pem", foreign_certificate(station_key(), "Maker")),
            ("fw.sig", "no signature"),
        ):
            (tmp_path / name).write_text(content)
        async with SimulatedStation(url, "ALF-0021", ocpp="2.0.1", pace=1000) as station:
            await station.start_up()
            page.select("ALF-0021")
            await until(lambda: page.pane.strip.isVisible() and entries(page).get("Update signed firmware…") == "")
            do(page, "Update signed firmware…")
            dialog = await opened(SignedFirmwareDialog)
            dialog.firmware.take(tmp_path / "fw.bin")
            dialog.certificate.take(tmp_path / "maker.pem")
            assert not dialog.update_button.isEnabled()
            dialog.signature.take(tmp_path / "fw.sig")
            dialog.update_button.click()
            await until(lambda: "fw.sig is no signature" in dialog.problem.text())
            assert not application.transfers.recent()
            (tmp_path / "fw.sig").write_bytes(bytes(range(200, 256)))
            dialog.update_button.click()
            await until(lambda: application.transfers.recent() and latest(application).state is TransferState.DONE)
            assert any(words.startswith("Garage 2 was told to fetch fw.bin.") for words in said(page))

    async def test_one_of_1_6_that_knows_no_signed_firmware_says_so(self, page, opened, until, at_work, tmp_path):
        for name, content in (("fw.bin", b"new"), ("fw.sig", b"AAAA")):
            (tmp_path / name).write_bytes(content)
        (tmp_path / "maker.pem").write_text(foreign_certificate(station_key(), "Maker"))
        async with at_work():
            do(page, "Update signed firmware…")
            dialog = await opened(SignedFirmwareDialog)
            dialog.firmware.take(tmp_path / "fw.bin")
            dialog.certificate.take(tmp_path / "maker.pem")
            dialog.signature.take(tmp_path / "fw.sig")
            dialog.update_button.click()
            await until(lambda: "Garage 2 refused: it cannot do that." in dialog.problem.text())
            dialog.reject()

    async def test_one_that_is_away_offers_nothing_and_says_why(self, page, until, at_work):
        async with at_work() as station:
            await station.close()
            await until(lambda: entries(page).get("Restart") == "It is not connected.")
            assert entries(page)["Start a charge…"] == "It is not connected."
            assert entries(page)["Rename"] == ""

    async def test_the_menu_of_the_table_offers_the_same(self, page, at_work):
        async with at_work():
            menu = page.commands.menu()
            assert isinstance(menu, QMenu)
            offered = {each.text() for each in menu.actions() if each.text()}
            assert offered <= set(entries(page))
            assert "Unlock connector 2" in offered

    async def test_the_history_tells_what_was_asked_and_what_was_answered(self, page, until, at_work):
        async with at_work():
            do(page, "Unlock connector 2")
            await until(lambda: said(page))
            page.pane.open_tab("history")

            def lines():
                model = page.pane.findChild(AskedHistory).model()
                return [(model.text_at(at, 1), model.text_at(at, 2)) for at in range(model.rowCount())]

            await until(lambda: ("Unlock connector 2", "Unlocked") in lines())
            do(page, "Tell its state again")
            await until(lambda: ("Tell StatusNotification", "done") in lines())


class TestConfiguration:
    @pytest.fixture
    def read(self, page, press, until):
        """The table once all of it was read."""

        async def read():
            page.pane.open_tab("configuration")
            press(page.pane, "Read now")
            table = page.pane.findChild(VariableTable)
            await until(lambda: table.model().rowCount() > 20)
            return table

        return read

    def row(self, table, name):
        return table.model().position(name.casefold())

    async def test_it_is_read_and_what_matters_for_access_comes_first_and_is_explained(
        self, page, until, read, at_work
    ):
        async with at_work():
            table = await read()
            assert table.model().text_at(0, 0) == "AllowOfflineTxForUnknownId"
            table.selectRow(self.row(table, "LocalPreAuthorize"))
            tab = page.pane._tab()
            assert "without asking Tapdesk" in tab.meaning.text()
            assert table.model().text_at(self.row(table, "NumberOfConnectors"), 2) == "read only"
            await until(lambda: tab.again.text() == "Read again")

    async def test_it_is_searched_by_what_it_means(self, page, until, read, at_work):
        async with at_work():
            table = await read()
            QTest.keyClicks(page.pane._tab().search, "seconds cable")
            await until(lambda: table.model().rowCount() == 1)
            assert table.model().text_at(0, 0) == "ConnectionTimeOut"

    async def test_a_value_is_changed_where_it_stands_and_read_back(self, page, until, press, read, at_work):
        async with at_work() as station:
            table = await read()
            table.select_key("connectiontimeout")
            table.setFocus()
            QTest.keyClick(table, Qt.Key.Key_Return)
            editor = table.findChild(QLineEdit)
            QTest.keyClicks(editor, "90")
            QTest.keyClick(editor, Qt.Key.Key_Return)
            words = "ConnectionTimeOut is 90 now, as Garage 2 says itself."
            await until(lambda: words in said(page))
            await until(lambda: table.model().text_at(self.row(table, "ConnectionTimeOut"), 1) == "90")
            press(next(note for note in page._desk.notes.shown if note.text == words), "Undo")
            await until(lambda: station.cabinet.configuration.text("ConnectionTimeOut") == "60")

    async def test_escape_leaves_it_as_it_was(self, page, read, at_work):
        async with at_work() as station:
            table = await read()
            table.select_key("connectiontimeout")
            table.edit_value(table.selected_rows()[0])
            editor = table.findChild(QLineEdit)
            QTest.keyClicks(editor, "90")
            QTest.keyClick(editor, Qt.Key.Key_Escape)
            assert station.cabinet.configuration.text("ConnectionTimeOut") == "60"
            assert table._editor is None

    async def test_what_the_station_lets_nobody_change_is_not_edited(self, read, at_work):
        async with at_work():
            table = await read()
            table.select_key("numberofconnectors")
            table.edit_value(table.selected_rows()[0])
            assert table._editor is None

    async def test_a_value_the_station_refuses_is_said_to_be(self, page, until, read, at_work):
        async with at_work():
            table = await read()
            table.select_key("connectiontimeout")
            table.edit_value(table.selected_rows()[0])
            editor = table.findChild(QLineEdit)
            QTest.keyClicks(editor, "soon")
            QTest.keyClick(editor, Qt.Key.Key_Return)
            await until(lambda: "Garage 2 refused ConnectionTimeOut = soon." in said(page))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AppError("station_refused", error="UnlockFailed", description=""), "the cable did not come loose"),
        (AppError("station_refused", error="NotImplemented", description="no such thing"), "it cannot do that."),
        (AppError("station_refused", error="Odd", description="says so"), "Garage 2 refused: Odd says so"),
        (AppError("station_silent", action="Reset"), "did not answer Reset in time"),
    ],
)
async def test_every_refusal_has_its_words(application, error, words):
    station = await application.stations.accept("ALF-0021", name="Garage 2")
    assert words in refusal_words(station, error)


@pytest.mark.parametrize("outcome", WriteOutcome)
async def test_every_outcome_of_writing_has_its_words(application, outcome):
    station = await application.stations.accept("ALF-0021", name="Garage 2")
    words = written_words(station, Written("ConnectionTimeOut", "90", outcome, "60"))
    assert "ConnectionTimeOut" in words and "{" not in words
