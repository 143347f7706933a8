"""The one window of a running site: the frame filled with the pages, kept true by what happens."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget
from shiboken6 import isValid

from app.domain.errors import AppError
from ui.frame.main_window import MainWindow, Page
from ui.strings import sentence, tr
from ui.theme import Theme, app_icon
from ui.widgets.buttons import Action

if TYPE_CHECKING:
    from app.application import Application
    from ui.desk import Desk

FACTS_EVERY_MS = 30_000

# What is on the screen first must not wait for the database and the network to be loaded: pages, and with them all of
# `app`, are imported when a site is opened.
_PAGES = {
    "overview": "OverviewPage",
    "log": "LogPage",
    "stations": "StationsPage",
    "pools": "PoolsPage",
    "identities": "IdentitiesPage",
    "passes": "PassesPage",
    "sessions": "SessionsPage",
    "imports": "ImportsPage",
    "organizations": "OrganizationsPage",
    "settings": "SettingsPage",
    "outbox": "OutboxPage",
    "capture": "CapturePage",
}


class TapdeskWindow(MainWindow):
    """The window of a site: an empty frame until `open_site`.

    `listen` starts serving; `quitting` asks whoever runs the loop to end. `memory` is a file that keeps the window's
    place and look from one start to the next.
    """

    quitting = Signal()
    desk: "Desk"

    def __init__(
        self, theme: Theme, *, host: str | None = None, port: int | None = None, memory: Path | None = None
    ) -> None:
        self._theme = theme
        self._port = port
        self._host = host
        self._memory = QSettings(str(memory), QSettings.Format.IniFormat) if memory else None
        titles = {
            "overview": tr("Overview"),
            "log": tr("Live log"),
            "stations": tr("Stations"),
            "pools": tr("Pools"),
            "identities": tr("Identities"),
            "passes": tr("Passes"),
            "sessions": tr("Sessions"),
            "imports": tr("Import & export"),
            "settings": tr("Settings"),
        }
        pages = [
            Page(key, title, lambda key=key: self._make_page(key), line_before=key == "imports")
            for key, title in titles.items()
        ]
        pages.append(Page("capture", tr("Capture cards"), lambda: self._make_page("capture"), under="passes"))
        pages.append(Page("outbox", tr("Outbox"), lambda: self._make_page("outbox"), under="settings"))
        super().__init__(pages, primary=tr("Capture cards"), open_first=False)
        self._to_organizations = self._add_organizations()
        self._tray = self._make_tray()
        self._facts_timer = QTimer(self, interval=FACTS_EVERY_MS)
        self.set_status(tr("Starting"), "grey")
        self.setEnabled(False)
        self._recall()

    def open_site(self, application: "Application") -> None:
        """Fill the frame with the pages of a site."""
        from ui.bridge import Bridge
        from ui.desk import Desk
        from ui.frame.computer_notices import ComputerNotices
        from ui.frame.finding import find
        from ui.frame.palette import Finder
        from ui.imports.incoming import Incoming
        from ui.requests.pending import PendingRequests
        from ui.taps.notices import TapNotices

        self._application = application
        if self._host is None:
            self._host = application.settings.server_host
        self.bridge = Bridge(application.bus)
        self.desk = Desk(application, self.bridge, self.notes, self, self._host)
        self._finder = Finder(self, lambda text: find(self.desk, text))
        self._notices = TapNotices(self.desk, self)
        self._computer = ComputerNotices(self.desk, self)
        self._incoming = Incoming(self.desk, self)
        self._requests = PendingRequests(self.desk, self, self._tray, self.come_to_front)
        self._connect()
        self._take_settings()
        self.setEnabled(True)
        # Nothing wears the focus ring until the keyboard is used.
        self.centralWidget().setFocus()
        self.go("overview")
        self._show_server()
        self._show_facts()
        self._offer_organizations()
        self._facts_timer.timeout.connect(self._show_facts)
        self._facts_timer.start()

    async def close_site(self) -> None:
        """Ask the site nothing any more; what was begun is ended. Then the site can be stopped."""
        if isValid(self._facts_timer):
            # Whoever closes the site may have thrown the window away.
            self._facts_timer.stop()
        self.bridge.fall_silent()
        await self.desk.tasks.close()

    def _add_organizations(self) -> QShortcut:
        """A page that is out of sight and out of reach until the site has several organizations; its keys."""
        title, keys = tr("Organizations"), QKeySequence("Ctrl+0")
        self._pages["organizations"] = Page("organizations", title, lambda: self._make_page("organizations"))
        self._rail.add("organizations", title, before="settings")
        self._rail.offer("organizations", offered=False)
        self._rail.item("organizations").setToolTip(keys.toString(QKeySequence.SequenceFormat.NativeText))
        shortcut = QShortcut(keys, self, lambda: self.go("organizations"))
        shortcut.setEnabled(False)
        return shortcut

    def _offer_organizations(self) -> None:
        several = not self._application.organizations.is_single
        self._rail.offer("organizations", offered=several)
        self._to_organizations.setEnabled(several)
        if several:
            self.set_count("organizations", len(self._application.organizations.all()))
        elif self.current == "organizations":
            self.go("overview")

    def _make_page(self, key: str) -> QWidget:
        page: QWidget = getattr(importlib.import_module(f"ui.{key}.page"), _PAGES[key])(self.desk)
        return page

    def _connect(self) -> None:
        self.desk.going.connect(self._go)
        self.search_requested.connect(self._finder.open_finder)
        self.copy_address.connect(self._copy_address)
        self.qr_requested.connect(lambda: self.desk.run(self._show_address()))
        self.primary_clicked.connect(lambda: self.desk.go("capture"))
        for signal in (
            self.bridge.stations_changed,
            self.bridge.pools_changed,
            self.bridge.identities_changed,
            self.bridge.passes_changed,
            self.bridge.sessions_changed,
            self.bridge.lids_changed,
        ):
            signal.connect(self._show_facts)
        self.bridge.organizations_changed.connect(self._offer_organizations)
        self.bridge.settings_changed.connect(self._take_settings)
        self.bridge.storage_changed.connect(self._show_storage)
        self.bridge.server_changed.connect(self._show_server)

    async def _show_address(self) -> None:
        from ui.stations.dialogs import ConnectStationDialog
        from ui.tasks import ask

        await ask(ConnectStationDialog(self.desk))

    # Serving

    async def listen(self, *, any_port: bool = False) -> None:
        """Serve stations where the command line or the settings say; a port that is taken can be tried again.

        With `any_port` another port will do when that one is taken.
        """
        try:
            await self._application.listen(self._host, self._port, any_port=any_port)
        except AppError as error:
            self.set_status(tr("Not listening"), "bad")
            self.notes.show_note(
                sentence(error.code, **error.params),
                "bad",
                Action(tr("Try again"), lambda: self.desk.run(self.listen())),
                seconds=None,
            )

    def _show_server(self) -> None:
        listening = self._application.server.port > 0
        self.set_live("log", listening)
        if not listening:
            self.set_status(tr("Starting"), "grey")
            self.set_address("")
            return
        self.set_status(tr("Listening"), "ok")
        self.set_address(self._application.station_urls(self._host)[0])

    def _show_storage(self) -> None:
        fault = self._application.disk_fault
        if fault:
            self.set_status(tr("Not storing"), "bad")
            self.notes.problem(sentence(fault))
            return
        for note in self.notes.shown:
            if note.kind == "bad":
                note.close_note()
        self._show_server()
        self.desk.say(tr("The disk takes data again. What waited has been stored."))

    # The frame

    def _show_facts(self) -> None:
        from ui.stations.list_words import lists_in_short

        application = self._application
        stations, connected = application.stations.count(), len(application.server.connected)
        running = application.sessions.recent(open_only=True)
        power = sum(session.power_w or 0 for session in running) / 1000
        for page, count in (
            ("stations", stations),
            ("pools", application.pools.count()),
            ("identities", application.identities.count()),
            ("passes", application.passes.count()),
        ):
            self.set_count(page, count)
        online = tr("{connected} of {all} stations online").format(connected=connected, all=stations)
        charging = tr("{count} sessions").format(count=len(running)) if len(running) != 1 else tr("1 session")
        lists = lists_in_short(application.local_lists.all())
        facts = [online, f"{charging} · {power:.1f} kW" if running else tr("No session"), lists]
        self.set_footer([fact for fact in facts if fact])

    def _take_settings(self) -> None:
        settings = self._application.settings
        self.set_site(settings.site_name)
        self._theme.choose(settings.theme)
        if self._memory:
            self._memory.setValue("site", settings.site_name)
            self._memory.setValue("theme", settings.theme)

    def _copy_address(self) -> None:
        address = self._application.station_urls(self._host)[0]
        QGuiApplication.clipboard().setText(address)
        self.desk.say(tr("{address} is copied. The station's ID follows it.").format(address=address))

    def _go(self, page: str, key: object) -> None:
        if page == "requests":
            # Not a page: a list that drops from the top bar, over whichever page is open.
            self._requests.open_panel()
            return
        widget = self.go(page)
        select = getattr(widget, "select", None)
        if key is not None and select is not None:
            select(key)

    # Coming and going

    def _recall(self) -> None:
        """As it was when it was last closed: place, size, colours, the site's name."""
        if self._memory is None:
            return
        geometry = self._memory.value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self.set_site(str(self._memory.value("site", "")))
        theme = str(self._memory.value("theme", "system"))
        if theme in ("system", "light", "dark"):
            self._theme.choose(theme)

    def remember(self) -> None:
        """Keep the window's place for the next start."""
        if self._memory:
            self._memory.setValue("geometry", self.saveGeometry())
            self._memory.sync()

    def come_to_front(self) -> None:
        """Show the window above the others, out of the tray or out of the dock."""
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep serving from the tray, or quit: as the operator once said. Without a tray there is only quitting."""
        self.remember()
        choice = self._application.settings.keep_serving_when_closed
        if self._tray is None or choice == "no":
            event.accept()
            self.quitting.emit()
            return
        event.ignore()
        if choice == "yes":
            self.hide()
        else:
            self.desk.run(self._ask_what_closing_means())

    async def _ask_what_closing_means(self) -> None:
        from ui.frame.closing import ClosingDialog
        from ui.tasks import ask

        dialog = ClosingDialog(self)
        if not await ask(dialog):
            return
        if dialog.remember:
            await self._application.settings.change(keep_serving_when_closed="yes" if dialog.keep_serving else "no")
        if dialog.keep_serving:
            self.hide()
        else:
            self.quitting.emit()

    def _make_tray(self) -> QSystemTrayIcon | None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return None
        tray = QSystemTrayIcon(app_icon(), self)
        menu = QMenu(self)
        menu.addAction(tr("Open Tapdesk"), self.come_to_front)
        menu.addAction(tr("Quit"), self.quitting.emit)
        tray.setContextMenu(menu)
        tray.setToolTip(tr("Tapdesk serves your stations"))
        tray.activated.connect(self._tray_used)
        tray.show()
        return tray

    def _tray_used(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.come_to_front()
