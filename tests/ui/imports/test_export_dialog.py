"""Lists that go out, from the pages they are shown on, to a file the operator chooses."""

import csv
import json
import threading

import openpyxl
import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.export_kinds import ExportForm, ExportKind, FileFormat
from app.domain.model import Direction, Message
from app.exchange import exporter
from app.sessions import Admission, Start
from ui.identities.page import IdentitiesPage
from ui.imports.export_dialog import ExportDialog, export
from ui.log.page import LogPage
from ui.passes.page import PassesPage
from ui.pools.page import PoolsPage
from ui.sessions.page import SessionsPage
from ui.stations.page import StationsPage


@pytest.fixture
async def site(application):
    """Anna with a card and a fob, a pass of nobody, the pool Garage with her and a station, one session."""
    pool = await application.pools.create("Garage")
    anna = await application.identities.add(IdentityDraft("anna@hotel.example", "Anna", "de Vries"))
    await application.identities.add(IdentityDraft("bert@hotel.example", "Bert"))
    await application.members.add(pool.id, identity_ids=[anna.id])
    for uid, visible_id, name, holder in (
        ("04A2B3C4D5E680", "NL-TNM-012204-5", "Card", anna.id),
        ("5E0A917C", "", "Fob", anna.id),
        ("B1204F77", "", "Visitor", None),
    ):
        await application.passes.add(PassDraft(uid, visible_id, name, holder))
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=pool.id)
    admission = Admission("Accepted", "identity_is_member", "Garage 2", "Garage", None, anna.id, "Anna de Vries")
    await application.sessions.started(
        Start("ALF-0021", 1, "5e0a917c", "5E0A917C", 0, application.clock(), ""), admission
    )
    return pool


@pytest.fixture
async def shows(desk, site, qtbot):
    """Shows a page of the site. Nothing is waited for in a loop of its own: tasks of the page would be lost in it."""

    def show(kind):
        page = kind(desk)
        qtbot.addWidget(page)
        page.resize(1120, 780)
        page.show()
        return page

    return show


@pytest.fixture
def choose_file(opened, until):
    """Fills in the dialog that asks for a file."""

    async def choose(path):
        dialog = await opened(QFileDialog)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
        dialog.accept()

    return choose


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


class TestPages:
    async def test_the_passes_that_are_shown_go_out_as_they_are_sorted(
        self, shows, opened, press, choose_file, said, tmp_path
    ):
        page = shows(PassesPage)
        page.search.setText("anna")
        page.search.searched.emit("anna")
        press(page, "Export…")
        dialog = await opened(ExportDialog)
        assert dialog.what.words() == "2 of 3: the rows that are shown, as they are sorted."
        press(dialog, "Choose where to…")
        await choose_file(tmp_path / "passes.xlsx")
        await said("2 rows are in passes.xlsx.")
        sheet = openpyxl.load_workbook(tmp_path / "passes.xlsx").worksheets[0]
        shown_names = [page.model.row(at).card.name for at in range(page.model.rowCount())]
        assert [row[2] for row in sheet.iter_rows(min_row=2, values_only=True)] == shown_names

    async def test_passes_in_the_words_of_ev_portal(self, shows, opened, press, choose_file, said, tmp_path):
        press(shows(PassesPage), "Export…")
        dialog = await opened(ExportDialog)
        press(dialog, "EV Portal")
        assert dialog.format.value() == FileFormat.CSV
        assert not dialog.format.segment(FileFormat.XLSX).isEnabled()
        assert "visible ID, or the UID" in dialog.form_field.helper.words()
        press(dialog, "Choose where to…")
        await choose_file(tmp_path / "tokens.csv")
        await said("3 rows are in tokens.csv.")
        assert sorted(rows_of(tmp_path / "tokens.csv"), key=len)[0] == ["Auth ID"]

    async def test_identities(self, shows, opened, press, choose_file, said, tmp_path):
        page = shows(IdentitiesPage)
        press(page, "No pass 1")
        press(page, "Export…")
        press(await opened(ExportDialog), "CSV")
        press(await opened(ExportDialog), "Choose where to…")
        await choose_file(tmp_path / "people")
        await said("1 row is in people.csv.")
        assert rows_of(tmp_path / "people.csv")[1][0] == "Bert"

    async def test_stations(self, shows, opened, press, choose_file, said, tmp_path):
        press(shows(StationsPage), "Export…")
        press(await opened(ExportDialog), "Choose where to…")
        await choose_file(tmp_path / "stations.xlsx")
        await said("1 row is in stations.xlsx.")

    async def test_all_sessions_where_nothing_is_filtered(self, shows, opened, press, choose_file, said, tmp_path):
        press(shows(SessionsPage), "Export…")
        dialog = await opened(ExportDialog)
        assert dialog.what.words() == "All there are."
        press(dialog, "Choose where to…")
        await choose_file(tmp_path / "sessions.xlsx")
        await said("1 row is in sessions.xlsx.")

    async def test_no_sessions_where_none_is_shown(self, shows, opened, press, choose_file, said, tmp_path):
        page = shows(SessionsPage)
        page.search.setText("nobody")
        page.search.searched.emit("nobody")
        press(page, "Export…")
        dialog = await opened(ExportDialog)
        assert dialog.what.words() == "0 of 1: the rows that are shown, as they are sorted."
        dialog.reject()

    async def test_the_members_of_the_selected_pool(self, shows, opened, press, choose_file, said, tmp_path):
        press(shows(PoolsPage), "Export members…")
        dialog = await opened(ExportDialog)
        assert dialog.what.words() == "What belongs to the pool Garage."
        press(dialog, "EV Portal")
        press(dialog, "Choose where to…")
        await choose_file(tmp_path / "garage.csv")
        await said("2 rows are in garage.csv.")
        assert rows_of(tmp_path / "garage.csv") == [["Auth ID"], ["NL-TNM-012204-5"], ["5E0A917C"]]

    async def test_messages_as_they_are_filtered(
        self, shows, application, opened, press, choose_file, said, until, tmp_path
    ):
        for action in ("Authorize", "Heartbeat"):
            about = (application.clock(), "ALF-0021", Direction.FROM_STATION, action, "", "", "{}", "{}", 1.0)
            application.journal.log(Message(application.journal.next_message_id(), *about))
        page = shows(LogPage)
        await until(lambda: not page._stale and not page._loading)
        page.filters.action.select("Authorize")
        page.filters.action.changed.emit("Authorize")
        press(page, "Export…")
        dialog = await opened(ExportDialog)
        assert dialog.what.words() == "The messages that the filters admit, the newest first."
        press(dialog, "Choose where to…")
        await choose_file(tmp_path / "messages.jsonl")
        await said("1 row is in messages.jsonl.")
        assert json.loads((tmp_path / "messages.jsonl").read_text(encoding="utf-8"))["action"] == "Authorize"


class TestDialog:
    async def test_the_folder_is_a_click_away(
        self, desk, site, opened, press, choose_file, said, tmp_path, monkeypatch
    ):
        folders = []
        monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: folders.append(url.toLocalFile()))
        desk.run(export(desk, ExportKind.TAPS))
        press(await opened(ExportDialog), "Choose where to…")
        await choose_file(tmp_path / "taps.xlsx")
        press(await said("0 rows are in taps.xlsx."), "Open folder")
        assert folders == [str(tmp_path)]

    async def test_only_passes_and_members_have_forms_of_others(self, desk, opened):
        for kind in ExportKind:
            desk.run(export(desk, kind))
            dialog = await opened(ExportDialog)
            has_forms = kind in (ExportKind.PASSES, ExportKind.MEMBERS)
            assert dialog.form_field.isVisible() == has_forms
            assert dialog.form.value() == ExportForm.ALL
            dialog.reject()

    async def test_what_went_wrong_is_said_in_the_dialog_which_stays(
        self, desk, site, opened, press, choose_file, until, tmp_path
    ):
        desk.run(export(desk, ExportKind.PASSES))
        dialog = await opened(ExportDialog)
        press(dialog, "Choose where to…")
        # A folder of this name, where the file would be.
        (tmp_path / "passes.xlsx").mkdir()
        (tmp_path / "passes.xlsx" / "inside").touch()
        desk.run(dialog._write(tmp_path / "passes.xlsx"), on_error=dialog._failed)
        await until(lambda: "cannot be written" in dialog.state.words())
        assert dialog.isVisible()
        assert dialog.save.isEnabled()

    async def test_cancel_while_it_writes_leaves_no_file(
        self, desk, site, application, opened, press, choose_file, said, until, tmp_path, monkeypatch
    ):
        going_on, read = threading.Event(), application.journal.messages

        def slowly(*arguments, **options):
            going_on.wait(5)
            return read(*arguments, **options)

        monkeypatch.setattr(application.journal, "messages", slowly)
        monkeypatch.setattr(exporter, "PIECE", 1)
        about = (application.clock(), "ALF-0021", Direction.FROM_STATION, "Heartbeat", "", "", "{}", "{}", 1.0)
        application.journal.log(Message(application.journal.next_message_id(), *about))
        desk.run(export(desk, ExportKind.MESSAGES))
        dialog = await opened(ExportDialog)
        press(dialog, "Choose where to…")
        await choose_file(tmp_path / "messages.csv")
        await until(lambda: dialog.state.words() == "Writing…")
        assert not dialog.save.isEnabled()
        press(dialog, "Cancel")
        going_on.set()
        await said("The export was stopped. Nothing was written.")
        assert list(tmp_path.glob("messages*")) == []
        await until(lambda: desk.window.findChildren(ExportDialog) == [])

    async def test_everything_in_it_can_be_reached_and_named(self, desk, site, opened, out_of_reach):
        desk.run(export(desk, ExportKind.PASSES))
        dialog = await opened(ExportDialog)
        assert out_of_reach(dialog) == []
        assert dialog.findChildren(QPushButton)
        dialog.reject()
