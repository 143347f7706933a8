"""The page of settings: every one that is declared, where the site is kept, what this program is."""

import platform
from importlib.metadata import version
from pathlib import Path

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.settings.field import SettingField, setting_field
from ui.settings.mail import LettersCard, MailSettings
from ui.settings.site_certificate import SiteCertificateCard
from ui.settings.words import LOG, MAIL, SERVER, SITE, STATIONS, WINDOW, sections, setting_words
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.boxes import Card, KeyValueGrid, PageHead, empty, page_layout, row
from ui.widgets.buttons import button, link_button
from ui.widgets.labels import label, mono, muted, paragraph

LEFT, RIGHT = (SITE, SERVER, STATIONS, LOG), (WINDOW,)
_PADDING, _BETWEEN, _WIDEST = 14, 14, 1120


class SettingsPage(QWidget):
    """Each setting is kept as soon as it was changed and is valid."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._words = setting_words()
        declared = [key for key, _ in desk.application.settings.declared()]
        self.fields: dict[str, SettingField] = {key: setting_field(desk, key, self._words[key]) for key in declared}
        self.folder = mono(str(desk.application.store.path.parent))
        self.back_up = button(tr("Back up now…"), lambda: desk.run(self._back_up()))
        self.mail = MailSettings(desk, [self.fields[key] for key in declared if self._words[key].section == MAIL])
        self.letters = LettersCard(desk)
        self.site_certificate = SiteCertificateCard(desk)
        self._in_use = QVBoxLayout()
        self._in_use.setSpacing(4)
        self._lay_out()
        self._show_server()
        desk.bridge.settings_changed.connect(self._refresh)
        desk.bridge.server_changed.connect(self._show_server)

    def select(self, section: str) -> None:
        """Bring a section into sight."""
        if section == MAIL:
            self.fields["mail_host"].input.setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroll.ensureWidgetVisible(self.mail, 0, 0)

    # How it looks

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(12)
        names = sections()
        left, right = (self._site_card(), self._about_card()), (self.site_certificate, self.mail, self.letters)
        for keys, more in ((LEFT, left), (RIGHT, right)):
            column = QVBoxLayout()
            column.setSpacing(12)
            for key in keys:
                column.addWidget(self._section(key, names[key]))
            for card in more:
                column.addWidget(card)
            column.addStretch(1)
            columns.addLayout(column, 1)
        inside = QWidget()
        inside.setMaximumWidth(_WIDEST)
        inside.setLayout(columns)
        self._scroll = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        page = page_layout(self)
        page.addWidget(PageHead(tr("Settings"), tr("each is kept as soon as you change it")))
        page.addWidget(scroll, 1)

    def _section(self, key: str, name: str) -> Card:
        card = _card(name)
        for setting, words in self._words.items():
            if words.section == key:
                card.body.addWidget(self.fields[setting])
        if key == SERVER:
            card.body.addLayout(self._in_use)
        return card

    def _site_card(self) -> Card:
        card = _card(tr("Data"))
        copy = link_button(tr("Copy"), lambda: self._copy(self.folder.text()), flush=True)
        copy.setAccessibleName(tr("Copy the path of the folder"))
        folder = QVBoxLayout()
        folder.setSpacing(5)
        folder.addWidget(label(tr("Folder of this site"), weight=500))
        folder.addLayout(row(self.folder, copy, None))
        what = tr(
            "People, passes, pools, sessions, messages, the site's certificates and their keys: a backup is one file "
            "with all of it. Keep it where nobody else can read it."
        )
        folder.addWidget(paragraph(what, tone="muted"))
        card.body.addLayout(folder)
        card.body.addLayout(row(self.back_up, None))
        return card

    def _about_card(self) -> Card:
        card = _card(tr("About"))
        card.body.addWidget(KeyValueGrid([(name, mono(each)) for name, each in self._versions()]))
        card.body.addLayout(row(link_button(tr("Copy the versions"), self._copy_versions, flush=True), None))
        card.body.addWidget(paragraph(licences(), tone="muted"))
        return card

    # The server

    def _show_server(self) -> None:
        """Where stations connect now, which the settings above need not be."""
        empty(self._in_use)
        application = self._desk.application
        if not application.server.port:
            self._in_use.addWidget(muted(tr("Stations cannot connect at the moment.")))
            return
        self._in_use.addWidget(muted(tr("Stations connect now to:")))
        for url in application.station_urls(self._desk.host):
            copy = link_button(tr("Copy"), lambda url=url: self._copy(url), flush=True)
            copy.setAccessibleName(tr("Copy {url}").format(url=url))
            self._in_use.addLayout(row(mono(url), copy, None))

    def _refresh(self) -> None:
        for field in self.fields.values():
            field.refresh()

    # The site

    def _copy_versions(self) -> None:
        self._copy(", ".join(f"{name} {each}" for name, each in self._versions()))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._desk.say(tr("{text} is copied.").format(text=text))

    @staticmethod
    def _versions() -> list[tuple[str, str]]:
        return [
            ("Tapdesk", version("tapdesk")),
            ("Python", platform.python_version()),
            ("Qt", PySide6.__version__),
            (tr("System"), platform.platform(terse=True)),
        ]

    async def _back_up(self) -> None:
        """Ask where to, copy in the background, and say where the copy is."""
        dialog = QFileDialog(self, tr("Back up"), str(Path.home()), tr("Tapdesk backup (*.db)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("db")
        dialog.selectFile(f"tapdesk-{self._desk.now():%Y-%m-%d}.db")
        if not await ask(dialog):
            return
        target = Path(dialog.selectedFiles()[0])
        self.back_up.setEnabled(False)
        self.back_up.setText(tr("Backing up…"))
        try:
            await self._desk.application.back_up(target)
        finally:
            self.back_up.setText(tr("Back up now…"))
            self.back_up.setEnabled(True)
        self._desk.say(tr("The site is copied to {path}.").format(path=target))


def _card(name: str) -> Card:
    card = Card(name, padding=_PADDING)
    card.body.setSpacing(_BETWEEN)
    return card


def licences() -> str:
    """What Tapdesk is made with, and under which terms."""
    return "\n".join(
        (
            tr("Tapdesk is free software under the MIT licence. It is made with:"),
            tr("Qt and PySide6 (pyside6-essentials), under the LGPL 3;"),
            tr("aiosmtplib, alembic, filelock, ifaddr and keyring, under the MIT licence;"),
            tr("ocpp, openpyxl, platformdirs, pyftpdlib, python-calamine and sqlalchemy, under the MIT licence too;"),
            tr("qasync, segno and websockets, under BSD licences; orjson, under MIT and MPL 2.0;"),
            tr("cryptography, under Apache 2.0 and BSD; h11 and jsonschema-rs, under MIT; xlrd, under BSD;"),
            tr("the fonts Inter and JetBrains Mono, under the SIL Open Font License 1.1."),
        )
    )
