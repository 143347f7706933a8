"""The window's frame: top bar, navigation, pages, foot, notes. It knows no page: they come in as a list.

    window = MainWindow(
        [
            Page("overview", tr("Overview"), lambda: OverviewPage(...)),
            Page("passes", tr("Passes"), lambda: PassesPage(...)),
            Page("capture", tr("Capture cards"), lambda: CapturePage(...), under="passes"),  # not in the rail
            Page("settings", tr("Settings"), lambda: SettingsPage(...), line_before=True),
        ],
        site="Parkhotel De Linde", primary=tr("Capture cards"),
    )
    window.set_status(tr("Listening"), "ok"); window.set_address("ws://192.168.1.20:9000/")
    window.set_count("passes", 486); window.set_live("log", True)
    window.set_footer(["6 of 7 stations online", "2 sessions · 14.2 kW"], "Last backup today 08:00")
    window.search_requested.connect(finder.open_finder); window.go("passes")

A page is made when it is first shown. Ctrl+1 … Ctrl+9 open the pages of the rail, Ctrl+K asks for the finder.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from ui.frame.rail import Rail
from ui.frame.top_bar import Footer, TopBar
from ui.theme import Kind
from ui.widgets.notes import Notes

_SHORTCUTS = 9


@dataclass(frozen=True)
class Page:
    """A page to come: `make` is called once, when it is first shown.

    `under` keeps a page out of the rail and marks another's entry while it is open.
    """

    key: str
    title: str
    make: Callable[[], QWidget]
    line_before: bool = False
    under: str = ""


class MainWindow(QMainWindow):
    """The frame round the pages."""

    search_requested = Signal()
    copy_address = Signal()
    qr_requested = Signal()
    primary_clicked = Signal()
    page_changed = Signal(str)

    def __init__(self, pages: Sequence[Page], *, site: str = "", primary: str = "", open_first: bool = True) -> None:
        """With `open_first` False no page is made yet, so that the frame can be on the screen before anything else."""
        super().__init__()
        self.setWindowTitle("Tapdesk" if not site else f"Tapdesk – {site}")
        self.resize(1360, 850)
        self._pages = {page.key: page for page in pages}
        self._made: dict[str, QWidget] = {}
        self._current = ""
        self._top, self._rail, self._foot = TopBar(site, primary), Rail(), Footer()
        self._stack = QStackedWidget()
        self.notes = Notes(self)
        self._lay_out()
        for signal in ("search_requested", "copy_address", "qr_requested", "primary_clicked"):
            getattr(self._top, signal).connect(getattr(self, signal))
        self._fill_rail()
        QShortcut(QKeySequence("Ctrl+K"), self, self.search_requested.emit)
        if open_first:
            self.go(pages[0].key)
        # Nothing wears the focus ring until the keyboard is used.
        self.centralWidget().setFocus()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._rail)
        middle.addWidget(self._stack, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addLayout(middle, 1)
        column.addWidget(self._foot)
        self.setCentralWidget(whole)

    def _fill_rail(self) -> None:
        listed = [page for page in self._pages.values() if not page.under]
        for number, page in enumerate(listed, start=1):
            self._rail.add(page.key, page.title, line_before=page.line_before)
            if number <= _SHORTCUTS:
                keys = QKeySequence(f"Ctrl+{number}")
                QShortcut(keys, self, lambda key=page.key: self.go(key))
                self._rail.item(page.key).setToolTip(keys.toString(QKeySequence.SequenceFormat.NativeText))
        self._rail.chosen.connect(self.go)

    # Pages

    def go(self, key: str) -> QWidget:
        """Open a page and give it."""
        page = self.page(key)
        changed = key != self._current
        self._current = key
        self._stack.setCurrentWidget(page)
        self._rail.show_current(self._pages[key].under or key)
        if changed:
            self.page_changed.emit(key)
        return page

    def page(self, key: str) -> QWidget:
        """A page's widget, made now if it was never shown. KeyError for a key that is no page's."""
        if key not in self._made:
            page = self._pages[key].make()
            page.setAccessibleName(self._pages[key].title)
            self._made[key] = page
            self._stack.addWidget(page)
        return self._made[key]

    def is_made(self, key: str) -> bool:
        """Whether a page was shown already: one that was not has nothing to refresh."""
        return key in self._made

    @property
    def current(self) -> str:
        """The key of the page that is open."""
        return self._current

    # The frame

    def set_site(self, site: str) -> None:
        """The name under the brand and in the title."""
        self._top.site.setText(site)
        self.setWindowTitle("Tapdesk" if not site else f"Tapdesk – {site}")

    def set_status(self, text: str, kind: Kind) -> None:
        """The pill in the top bar: whether the server listens."""
        self._top.show_status(text, kind)

    def set_address(self, address: str) -> None:
        """Where stations connect; empty hides it with Copy and QR."""
        self._top.show_address(address)

    def add_to_top(self, widget: QWidget) -> None:
        """Put a widget into the top bar, before the main action."""
        self._top.add(widget)

    def set_count(self, key: str, count: int | None) -> None:
        """The number at a page's entry."""
        self._rail.item(key).show_count(count)

    def set_live(self, key: str, live: bool | None) -> None:
        """The dot at a page's entry, coloured while something is live."""
        self._rail.item(key).show_live(live)

    def set_footer(self, left: Sequence[str], right: str = "") -> None:
        """The facts at the foot."""
        self._foot.show_facts(left, right)
