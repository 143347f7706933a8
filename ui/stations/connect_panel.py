"""How a station is connected, for who stands before one: the address to type, its QR code, the three steps.

panel = ConnectPanel(desk)                      # the address follows the server; `refresh()` when it listens anew
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QRadioButton, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.strings import tr
from ui.theme import font
from ui.widgets.boxes import empty, row
from ui.widgets.buttons import link_button
from ui.widgets.labels import Label, mono, paragraph, rich
from ui.widgets.qr import QrCode

_EXAMPLE = "GARAGE-1"


class ConnectPanel(QWidget):
    """Every address of this machine with Copy; the QR code is that of the chosen one."""

    def __init__(self, desk: Desk, *, side: int = 188) -> None:
        super().__init__()
        self._desk = desk
        self.chosen = ""
        self.code = QrCode(side=side)
        self._addresses = QVBoxLayout()
        self._addresses.setSpacing(4)
        self._steps = QGridLayout()
        self._steps.setHorizontalSpacing(10)
        self._steps.setVerticalSpacing(10)
        self._steps.setColumnStretch(1, 1)
        self._silent = paragraph(
            tr("Tapdesk does not listen yet, so no station can connect. Settings shows on which port it should."),
            tone="muted",
        )
        words = QVBoxLayout()
        words.setSpacing(14)
        words.addWidget(self._silent)
        words.addLayout(self._addresses)
        words.addLayout(self._steps)
        words.addStretch(1)
        line = row(spacing=24)
        line.addLayout(words, 1)
        line.addWidget(self.code, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        desk.bridge.server_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read the addresses anew; the chosen one stays where it still is one."""
        listening = self._desk.application.server.port > 0
        urls = self._desk.application.station_urls(self._desk.host) if listening else []
        self._silent.setVisible(not urls)
        self._list(urls)
        self._choose(self.chosen if self.chosen in urls else next(iter(urls), ""))

    def _list(self, urls: list[str]) -> None:
        empty(self._addresses)
        if len(urls) > 1:
            self._addresses.addWidget(
                paragraph(
                    tr("This machine has several addresses. Take the one in the stations' network."), tone="muted"
                )
            )
        for url in urls:
            self._addresses.addLayout(self._address(url, alone=len(urls) == 1))

    def _address(self, url: str, *, alone: bool) -> QVBoxLayout:
        copy = link_button(tr("Copy"), lambda: self._copy(url))
        copy.setAccessibleName(tr("Copy {address}").format(address=url))
        if alone:
            shown: QWidget = mono(url, size=15)
        else:
            shown = QRadioButton(url)
            shown.setFont(font(13, mono=True))
            shown.setChecked(url == (self.chosen or url))
            shown.clicked.connect(lambda: self._choose(url))
        held = QVBoxLayout()
        held.addLayout(row(shown, copy, None))
        return held

    def _choose(self, url: str) -> None:
        self.chosen = url
        for each in self.findChildren(QRadioButton):
            each.setChecked(each.text() == url)
        self.code.show_text(url)
        self.code.setVisible(bool(url))
        empty(self._steps)
        if url:
            self._show_steps(url)

    def _show_steps(self, url: str) -> None:
        steps = (
            rich(
                tr(
                    "Open the station's own menu: its web page, the installer's app or its display. "
                    "Look for <b>OCPP</b>, <b>Backend</b> or <b>Central system</b>."
                )
            ),
            rich(
                tr(
                    "Choose <b>OCPP 1.6 JSON</b>, <b>2.0.1</b> or <b>2.1</b>, and type <code>{url}</code> as the "
                    "address. Leave user name and password empty."
                ),
                url=url,
            ),
            rich(
                tr(
                    "Its ID stands at the end of the address: <code>{url}{example}</code>. Many stations add it "
                    "by themselves. Save and restart the station: it asks to join, and you accept it here."
                ),
                url=url,
                example=_EXAMPLE,
            ),
        )
        for number, words in enumerate(steps):
            mark = Label(str(number + 1), weight=600, tone="accent")
            self._steps.addWidget(mark, number, 0, Qt.AlignmentFlag.AlignTop)
            self._steps.addWidget(words, number, 1)

    def _copy(self, url: str) -> None:
        QGuiApplication.clipboard().setText(url)
        self._desk.say(tr("{address} is copied. The station's ID follows it.").format(address=url))
