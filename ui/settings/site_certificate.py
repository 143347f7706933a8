"""The site's certificate: what stations have to trust before they come over TLS."""

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.domain.errors import AppError
from ui.days import day
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.boxes import Card, KeyValueGrid, empty, row
from ui.widgets.buttons import Action, button, link_button
from ui.widgets.labels import mono, paragraph
from ui.widgets.question import Question

#: Pairs in a line: a fingerprint in short lines is compared with another by eye.
_PAIRS = 8


class SiteCertificateCard(Card):
    """Tells whether there is one, what its fingerprint is, and gives it away as a file."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Secure connections"), padding=14)
        self._desk = desk
        self._inside = QVBoxLayout()
        self._inside.setSpacing(10)
        self._question = Question()
        self.body.addLayout(self._inside)
        self.body.addWidget(self._question)
        self.show_certificate()
        desk.bridge.server_changed.connect(self.show_certificate)
        desk.bridge.settings_changed.connect(self.show_certificate)

    def show_certificate(self) -> None:
        """Show what is so now."""
        empty(self._inside)
        application = self._desk.application
        if application.secure_door.fault is not None:
            self._add_problem(application.secure_door.fault)
        for url in application.secure_urls(self._desk.host):
            copy = link_button(tr("Copy"), lambda url=url: self._copy(url, url), flush=True)
            copy.setAccessibleName(tr("Copy {url}").format(url=url))
            self._inside.addLayout(row(mono(url), copy, None))
        try:
            certificate = application.site_certificates.describe()
        except AppError as error:
            self._add_problem(error)
            self._add_renewal()
            return
        if certificate is None:
            words = tr("Switch the secure port on, and this site gets a certificate of its own.")
            self._inside.addWidget(paragraph(words, tone="muted"))
            return
        facts = [
            (tr("SHA-256"), _fingerprint(certificate.fingerprint)),
            (tr("Good until"), mono(day(self._desk.local(certificate.valid_until), self._desk.now()))),
            (tr("Good for"), paragraph(", ".join(certificate.names))),
        ]
        self._inside.addWidget(KeyValueGrid(facts))
        words = tr(
            "Each station that comes over TLS needs this certificate: a menu calls it CA, root or central system "
            "certificate. Save it, give it to the station, and compare the fingerprint. A connected station can be "
            "sent it from its page."
        )
        self._inside.addWidget(paragraph(words, tone="muted"))
        save = button(tr("Save it…"), lambda: self._desk.run(self._save()))
        copied = tr("The fingerprint is copied.")
        copy = button(tr("Copy the fingerprint"), lambda: self._copy(certificate.fingerprint, copied))
        self._inside.addLayout(row(save, copy, None))
        self._add_renewal()

    def _add_problem(self, error: AppError) -> None:
        self._inside.addWidget(paragraph(sentence(error.code, **error.params), tone="bad"))

    def _add_renewal(self) -> None:
        self._inside.addLayout(row(link_button(tr("Make a new one…"), self._ask_renewal, flush=True), None))

    def _ask_renewal(self) -> None:
        application = self._desk.application
        secured = sum(station.security_profile.needs_tls for station in application.stations.all())
        words = tr("{count} stations come over TLS only. None of them trusts the new one before it was given it.")
        self._question.pose(
            tr("Make a new certificate?"),
            words.format(count=secured),
            Action(tr("Make a new one"), lambda: self._desk.run(self._renew())),
            tr("Keep it"),
        )

    async def _renew(self) -> None:
        application = self._desk.application
        await application.renew_site_certificate()
        self._desk.say(tr("The site has a new certificate."))
        self.show_certificate()

    async def _save(self) -> None:
        dialog = QFileDialog(self, tr("Where to save the certificate"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        if not await ask(dialog):
            return
        target = Path(dialog.selectedFiles()[0])
        paths = await self._desk.application.site_certificates.export(target)
        names = ", ".join(path.name for path in paths)
        self._desk.say(tr("Saved in {folder}: {names}.").format(folder=target, names=names))

    def _copy(self, text: str, said: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._desk.say(said if said != text else tr("{text} is copied.").format(text=text))


def _fingerprint(whole: str) -> QWidget:
    pairs = whole.split(":")
    lines = QWidget()
    column = QVBoxLayout(lines)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    for start in range(0, len(pairs), _PAIRS):
        column.addWidget(mono(":".join(pairs[start : start + _PAIRS])))
    return lines
