"""Every page, dialog and side pane as a picture, light and dark, from the demo's morning."""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication, QDialog, QScrollArea, QWidget

from app.application import Application, MessageFilter
from app.demo import CARDS, NEWCOMER
from app.demo_morning import MorningClock, morning
from app.domain.capture import CardReader, ReaderKind
from app.domain.commands import ClearCache
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.model import Message, Tap
from app.responsiveness import responsive
from ui.access.history import AccessHistory, AccessHistoryDialog
from ui.access.try_card import TryCardDialog
from ui.frame.closing import ClosingDialog
from ui.frame.window import TapdeskWindow
from ui.identities.dialog import IdentityDialog
from ui.imports.incoming import Pasted
from ui.organizations.dialog import OrganizationsDialog
from ui.passes.dialog import PassDialog
from ui.pools.options import PoolOptionsDialog
from ui.pools.pin_dialog import PinDialog
from ui.requests.approve_dialog import ApproveRequestDialog
from ui.sessions.report import ReportDialog
from ui.stations.card_dialogs import ReserveDialog, StartChargeDialog
from ui.stations.card_test_view import CardTestDialog
from ui.stations.dialogs import AcceptStationDialog, ConnectStationDialog
from ui.stations.firmware_dialog import SignedFirmwareDialog
from ui.stations.list_dialog import LocalListDialog
from ui.stations.nameless_dialog import NamelessDialog
from ui.stations.page import StationsPage
from ui.stations.password_dialog import PasswordDialog
from ui.stations.roots_dialog import RootsDialog
from ui.stations.setting_right import set_right
from ui.stations.show_tab import ShowTab
from ui.strings import tr
from ui.taps.assign_pass import AssignPassDialog
from ui.taps.create_pass import CreatePassDialog
from ui.theme import Choice, Theme

_CHOICES: tuple[Choice, ...] = ("light", "dark")
SETTLE_S = 0.25
WITHIN_S = 30
UNKNOWN_CARD = "B1204F77"
#: Stations that would go on differently with Tapdesk closed.
LIDS = {
    "right": "EVB-P1881",
    "strangers": "ALF-0021",
    "too-small": "EVB-P1882",
    "away": "ALF-0022",
    "no-list": "ABB-T54-7",
}
REFUSED_MEMBER = "774F20B1"
PASTED = """Passes of November
Visible ID\tUID\tPass name\tE-mail address of passholder
NL-TNM-012203-7\t04A1B2C3D4E580\tReception 1\tanna@delinde.example
NL-TNM-C00122045-K\t047C11AA902B81\tNight shift\tmila@delinde.example
NL-DEL-000011-2\t04A2B3C4D5E680\tAnna's card\tanna@delinde.example
NL-TNM-B20003-8\tNL-TNM-B20003-8\tPool car 2\tfacility@delinde.example
NL-TNM-B20004-5\t4.12346E+12\tVisitor\ttom@delinde.example
NL-TNM-B20005-3\t#N/A\tVisitor 2\ttom@delinde.example
NL-TNM-012203-7\t\tReception 2\tanna@delinde.example
NL-DEL-000022-6\t\tPool van\tnew.person@delinde.example
"""
HELD = ("04C0FFEE123480", "04C0FFEE123480", "774F20B1", "04D00DAD567880")


def draw_all(folder: Path) -> int:
    """Write the pictures into `folder`, which is made if it is not there. Raises AppError when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError("data_folder_unusable", path=str(folder), why=error.strerror or str(error)) from error
    qt = QApplication.instance() or QApplication(["tapdesk"])
    qt.setQuitOnLastWindowClosed(False)
    with (
        tempfile.TemporaryDirectory(prefix="tapdesk-pictures-") as throw_away,
        qasync.QEventLoop(qt) as loop,
        responsive(loop),
    ):
        count = loop.run_until_complete(_Studio(qt, Path(throw_away), folder).draw())
    print(tr("{count} pictures in {folder}").format(count=count, folder=folder))
    return 0


class _Studio:
    """The window of the demo's morning; its pages and dialogs come before the camera in turn."""

    def __init__(self, qt: QApplication, data: Path, folder: Path) -> None:
        self._clock = MorningClock()
        self._application = Application(data / "tapdesk.db", clock=self._clock)
        self._theme = Theme(qt, "light")
        self._folder = folder
        self._count = 0

    async def draw(self) -> int:
        """Draw everything; how many pictures."""
        await self._application.listen("127.0.0.1", 0)
        try:
            await self._draw_the_empty_site()
            async with morning(self._application, self._clock):
                for choice in _CHOICES:
                    await self._draw_the_morning(choice)
                    await self._draw_what_is_set_right(choice)
                await self._draw_a_test_with_cards()
        finally:
            await self._application.stop()
        return self._count

    async def _draw_the_empty_site(self) -> None:
        window = await self._window("light")
        for page in ("overview", "log", "stations", "pools", "identities", "passes", "sessions"):
            window.desk.go(page)
            await self._take(window, f"empty-{page}-light")
        await self._put_away(window)

    async def _draw_the_morning(self, choice: Choice) -> None:
        window = await self._window(choice)
        for name, page, key in self._views():
            window.desk.go(page, key)
            await self._take(window, f"{name}-{choice}")
        await self._take_tabs(window, choice)
        await self._draw_an_import(window, choice)
        await self._draw_capturing(window, choice)
        window.desk.go("overview")
        window.desk.go("requests")
        await self._take(window, f"requests-{choice}")
        await self._close_what_popped_up()
        window.search_requested.emit()
        await self._take(window, f"finder-{choice}")
        window.setFocus()
        tap = self._tap(UNKNOWN_CARD)
        for name, dialog in self._dialogs(window, tap):
            await self._take_dialog(dialog, f"{name}-{choice}")
        await self._put_away(window)

    async def _draw_what_is_set_right(self, choice: Choice) -> None:
        """A station that was set right, until it is put back; and one that is getting its list."""
        window, station_id = await self._window(choice), LIDS["strangers"]
        lid, lists = self._application.lid, self._application.local_lists
        window.desk.go("stations", ShowTab(station_id, "lid"))
        await set_right(window.desk, station_id)
        await self._take(window, f"lid-set-right-{choice}")
        window.desk.go("stations", ShowTab(station_id, "history"))
        await self._take(window, f"lid-set-right-history-{choice}")
        if done := lid.last_set_right(station_id):
            await lid.put_back(done)
        sent, stands = LIDS["right"], lists.of(LIDS["right"])
        lists.progress(sent, 4, 6, 2)
        window.desk.go("stations", ShowTab(sent, "lid"))
        for note in window.notes.shown:
            note.close_note()
        await asyncio.sleep(SETTLE_S)
        bar = window.page("stations").pane.findChild(QScrollArea).verticalScrollBar()
        bar.setValue(bar.maximum())
        await self._take(window, f"lid-sending-{choice}")
        lists.announce(stands)
        await self._put_away(window)

    async def _draw_a_test_with_cards(self) -> None:
        """It cuts its station off, so it comes last."""
        station_id = LIDS["strangers"]
        self._application.lid.tests.begin(station_id)
        self._clock.moment += timedelta(seconds=47)
        for choice in _CHOICES:
            window = await self._window(choice)
            window.desk.go("stations", ShowTab(station_id, "lid"))
            await self._take(window, f"lid-test-{choice}")
            await self._take_dialog(CardTestDialog(window.desk, station_id), f"dialog-card-test-runs-{choice}")
            await self._put_away(window)

    async def _tell_of_behaviour(self, station_id: str) -> None:
        wanted = MessageFilter(station_id=station_id, action="StatusNotification")
        [usual] = self._application.journal.messages(wanted, limit=1)
        self._application.journal.log(replace(usual, repairs=("time_without_zone", "field_missing", "null_payload")))
        await self._application.repairs.flush()
        await self._application.habits.expect_nameless(station_id, "192.168.1.23")

    async def _take_tabs(self, window: TapdeskWindow, choice: Choice) -> None:
        """The pane of a station that was read and asked something, tab by tab."""
        station_id = "EVB-P1881"
        await self._application.configuration.read(station_id)
        await self._application.carry_out(station_id, ClearCache())
        await self._application.configuration.write(station_id, "ConnectionTimeOut", "90")
        await self._application.journal.flush()
        await self._tell_of_behaviour(station_id)
        window.desk.go("stations", station_id)
        page = window.page("stations")
        if not isinstance(page, StationsPage):
            raise TypeError(page)
        for tab in page.pane.tabs:
            page.pane.open_tab(tab.key)
            await self._take(window, f"stations-{tab.key}-{choice}")
        page.pane.open_tab(page.pane.tabs[0].key)

    async def _draw_an_import(self, window: TapdeskWindow, choice: Choice) -> None:
        window.desk.go("imports", (Pasted(PASTED),))
        page = window.page("imports")
        async with asyncio.timeout(WITHIN_S):
            while page.review is None or not page.review.is_compared:  # noqa: ASYNC110 - nobody is told of it
                await asyncio.sleep(SETTLE_S / 5)
        await self._take(window, f"import-preview-{choice}")
        page.review.left.emit()

    async def _draw_capturing(self, window: TapdeskWindow, choice: Choice) -> None:
        capturing = self._application.capturing
        window.desk.go("capture")
        await capturing.choose_reader(CardReader(ReaderKind.USB))
        for uid in HELD:
            capturing.typed(uid)
            await capturing.settled()
        await self._take(window, f"capture-cards-{choice}")
        while capturing.can_undo():
            await capturing.undo_last()
        await capturing.finish()
        await capturing.choose_reader(CardReader())

    def _views(self) -> Iterator[tuple[str, str, object]]:
        """Pages with what is selected there, so that every side pane is in a picture."""
        application = self._application
        yield "overview", "overview", None
        yield "log", "log", self._message(UNKNOWN_CARD).id
        yield "log-refused-member", "log", self._message(REFUSED_MEMBER, refused=True).id
        yield "stations", "stations", "EVB-P1881"
        yield "stations-fault", "stations", "ABB-T54-7"
        for name, station_id in LIDS.items():
            yield f"lid-{name}", "stations", ShowTab(station_id, "lid")
        for name in ("DC fast", "Guests", "Visitors parking"):
            pool = application.pools.find(name)
            yield f"pools-{name.split()[0].lower()}", "pools", pool.id if pool else None
        yield "identities", "identities", application.identities.all()[0].identity.id
        card = application.passes.find(CARDS[0][3])
        yield "passes", "passes", card.id if card else None
        yield "passes-waiting", "passes", application.passes.waiting()[0].card.id
        yield "sessions", "sessions", application.sessions.recent(limit=1)[0].id
        yield "import", "imports", None
        yield "capture", "capture", None
        yield "settings", "settings", None
        yield "settings-mail", "settings", "mail"
        yield "outbox", "outbox", None

    def _dialogs(self, window: TapdeskWindow, tap: Tap) -> Iterator[tuple[str, QDialog]]:
        desk, application = window.desk, self._application
        yield "dialog-create-pass", CreatePassDialog(desk, tap)
        yield "dialog-assign-pass", AssignPassDialog(desk, tap)
        yield "dialog-accept-station", AcceptStationDialog(desk, NEWCOMER[0])
        yield "dialog-connect-station", ConnectStationDialog(desk)
        yield "dialog-nameless-station", NamelessDialog(desk, "192.168.1.23")
        yield "dialog-password", PasswordDialog(desk, application.stations.require("EVB-P1881"), online=True)
        station = application.stations.require("EVB-P1881")
        yield "dialog-start-charge", StartChargeDialog(desk, station)
        yield "dialog-reserve", ReserveDialog(desk, station)
        yield "dialog-signed-firmware", SignedFirmwareDialog(desk, station)
        yield "dialog-trusted-certificates", RootsDialog(desk, station)
        yield "dialog-local-list", LocalListDialog(desk, LIDS["too-small"])
        yield "dialog-card-test", CardTestDialog(desk, LIDS["strangers"])
        yield "dialog-new-pass", PassDialog(desk, PassDraft())
        yield "dialog-identity", IdentityDialog(desk, application.identities.all()[0].identity)
        yield "dialog-closing", ClosingDialog(window)
        fast = application.pools.find("DC fast")
        if fast is not None:
            yield "dialog-pool-options", PoolOptionsDialog(desk, fast, remove=lambda: None)
            yield "dialog-pin", PinDialog(desk, fast, None, parent=window)
        request = next(request for request in application.requests.pending() if not request.holder)
        yield "dialog-approve-request", ApproveRequestDialog(desk, request)
        yield "dialog-try-card", TryCardDialog(desk, station_id="ABB-T54-7", uid=REFUSED_MEMBER)
        card = application.passes.find(CARDS[0][3])
        if card is not None:
            fill = partial(_show_pass, pass_id=card.id)
            yield "dialog-access-history", AccessHistoryDialog(desk, card.title, fill)
        yield "dialog-month-report", ReportDialog(desk)
        yield "dialog-organizations", OrganizationsDialog(desk)

    def _message(self, card: str, *, refused: bool = False) -> Message:
        wanted = MessageFilter(cards_only=True, refused_only=refused)
        return next(message for message in self._application.journal.messages(wanted) if message.id_tag == card)

    def _tap(self, card: str) -> Tap:
        return next(tap for tap in self._application.journal.taps() if tap.raw_id_tag == card)

    async def _window(self, choice: Choice) -> TapdeskWindow:
        await self._application.settings.change(theme=choice)
        window = TapdeskWindow(self._theme, host="192.168.1.20")
        window.open_site(self._application)
        window.show()
        await asyncio.sleep(SETTLE_S)
        # What is told at the start would stand before half of the pages.
        for note in window.notes.shown:
            note.close_note()
        return window

    async def _close_what_popped_up(self) -> None:
        while popup := QApplication.activePopupWidget():
            popup.close()
            await asyncio.sleep(0)

    async def _put_away(self, window: TapdeskWindow) -> None:
        window.hide()
        await window.close_site()
        window.deleteLater()

    async def _take_dialog(self, dialog: QDialog, name: str) -> None:
        dialog.open()
        await self._take(dialog, name)
        dialog.close()
        dialog.deleteLater()

    async def _take(self, widget: QWidget, name: str) -> None:
        await asyncio.sleep(SETTLE_S)
        path = self._folder / f"{name}.png"
        if not widget.grab().save(str(path)):
            raise AppError("picture_not_written", path=str(path))
        self._count += 1


def _show_pass(history: AccessHistory, pass_id: int) -> None:
    history.show_pass(pass_id)
