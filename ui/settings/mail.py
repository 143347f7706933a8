"""The sections of the settings page about mail: the server, its password, a test, and what became of the letters.

mail = MailSettings(desk, [fields["mail_host"], ...])
letters = LettersCard(desk)
"""

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid

from app.domain.errors import AppError
from app.domain.letters import Letter, LetterState
from ui.desk import Desk
from ui.freshness import Freshness
from ui.outbox.letter_words import is_stuck
from ui.strings import sentence, tr
from ui.widgets.boxes import Card, row
from ui.widgets.buttons import button, link_button
from ui.widgets.inputs import FormField
from ui.widgets.labels import paragraph

_PADDING, _BETWEEN = 14, 14


class MailSettings(Card):
    """Where letters are handed to, and whether that works. Everything else works without it."""

    def __init__(self, desk: Desk, fields: Sequence[QWidget]) -> None:
        super().__init__(tr("Mail"), padding=_PADDING)
        self.body.setSpacing(_BETWEEN)
        self._desk = desk
        self.about = paragraph(
            tr(
                "Tapdesk writes to the addresses of a pool when somebody asks for access, and to the driver when you "
                "decide. Everything else works without mail."
            ),
            tone="muted",
        )
        self.password = PasswordField(desk)
        self.test = MailTest(desk)
        self.body.addWidget(self.about)
        *before, sender = fields
        for part in (*before, self.password, sender, self.test):
            self.body.addWidget(part)


class PasswordField(FormField):
    """Goes into the system's keyring and never comes back on the screen."""

    def __init__(self, desk: Desk) -> None:
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        super().__init__(tr("Password"), self.edit, helper=tr("Kept in this machine's keyring, never in the site."))
        self._desk = desk
        self.forget = link_button(tr("Forget it"), self._forget, flush=True)
        self.forget.setAccessibleName(tr("Forget the password"))
        self.layout().addLayout(row(self.forget, None))
        self.forget.hide()
        self.edit.editingFinished.connect(self.save)
        self.edit.textEdited.connect(lambda _text: self.clear_error())
        self._saving = False
        self._account = ("", "")
        desk.bridge.settings_changed.connect(self._look_again)
        self._look_again()

    def save(self) -> None:
        """Keep what was typed; nothing typed is nothing changed."""
        typed = self.edit.text()
        if typed and not self._saving:
            self._saving = True
            self._desk.run(self._keep(typed), on_error=self._not_kept)

    def _forget(self) -> None:
        self._desk.run(self._keep(""), on_error=self._not_kept)

    def _look_again(self) -> None:
        """Each user of each server has a password of its own."""
        settings = self._desk.application.settings
        account = (settings.mail_host, settings.mail_user)
        if account != self._account:
            self._account = account
            self._show(known=False)
            # A keyring may ask its owner to open it: not for who sends no mail.
            if all(account):
                self._desk.run(self._look())

    async def _look(self) -> None:
        known = await self._desk.application.mail.load_password()
        if isValid(self) and not self.edit.text():
            self._show(known=bool(known))

    async def _keep(self, typed: str) -> None:
        try:
            await self._desk.application.mail.set_password(typed)
        finally:
            self._saving = False
        if isValid(self):
            self._show(known=bool(typed))
        self._desk.say(tr("The password is kept.") if typed else tr("The password is forgotten."))

    def _not_kept(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
            return
        self._show(known=True)
        self.show_error(words)

    def _show(self, *, known: bool) -> None:
        self.edit.clear()
        self.edit.setPlaceholderText("••••••••" if known else "")
        self.forget.setVisible(known)


class MailTest(QWidget):
    """Sends a letter now and says what the server answered."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.recipient = QLineEdit()
        self.recipient.setPlaceholderText(tr("name@example.com"))
        self.field = FormField(tr("Send a test to"), self.recipient)
        self.send = button(tr("Send a test"), self.run)
        self.outcome = paragraph(tone="ok")
        self.outcome.hide()
        column = self.field.layout()
        column.addWidget(self.outcome)
        column.addLayout(row(self.send, None))
        whole = row(self.field)
        self.setLayout(whole)
        self.recipient.returnPressed.connect(self.run)
        self.recipient.textEdited.connect(lambda _text: self._begin())
        desk.bridge.settings_changed.connect(self._enable)
        self._enable()

    def run(self) -> None:
        """Send it, unless one is on its way."""
        if not self.send.isEnabled():
            return
        self._begin()
        self.send.setEnabled(False)
        self.send.setText(tr("Sending…"))
        self._desk.run(self._send(self.recipient.text()), on_error=self._failed)

    async def _send(self, recipient: str) -> None:
        try:
            await self._desk.application.mail.send_test(recipient)
        finally:
            if isValid(self):
                self.send.setText(tr("Send a test"))
                self._enable()
        if isValid(self):
            self.outcome.say(tr("The server took it. Look into the mailbox of {to}.").format(to=recipient.strip()))
            self.outcome.show()

    def _failed(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if isValid(self):
            self.field.show_error(words)
        else:
            self._desk.notes.problem(words)

    def _begin(self) -> None:
        self.field.clear_error()
        self.outcome.hide()

    def _enable(self) -> None:
        ready = self._desk.application.mail.is_set_up
        self.send.setEnabled(ready)
        self.send.setToolTip("" if ready else tr("Fill in the server and the sender first."))


class LettersCard(Card):
    """What became of the letters, in a line, and the way to all of them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Letters"), padding=_PADDING)
        self.body.setSpacing(8)
        self._desk = desk
        self.facts = paragraph()
        self.body.addWidget(self.facts)
        self.body.addLayout(row(link_button(tr("Open the outbox"), lambda: desk.go("outbox"), flush=True), None))
        Freshness(self, self.refresh, desk.bridge.outbox_changed)

    def refresh(self) -> None:
        """Count again."""
        letters = self._desk.application.mail.letters()
        self.facts.say(_counted(letters))
        stuck = any(map(is_stuck, letters))
        self.facts.setProperty("tone", "warn" if stuck else "muted")
        self.facts.style().unpolish(self.facts)
        self.facts.style().polish(self.facts)


def _counted(letters: Sequence[Letter]) -> str:
    if not letters:
        return tr("No letter was written yet.")
    names = {
        LetterState.WAITING: tr("{count} waiting"),
        LetterState.SENDING: tr("{count} being sent"),
        LetterState.UNSURE: tr("{count} may have arrived"),
        LetterState.REFUSED: tr("{count} refused"),
        LetterState.SENT: tr("{count} sent"),
    }
    counts = {state: sum(letter.state is state for letter in letters) for state in names}
    return " · ".join(names[state].format(count=count) for state, count in counts.items() if count)
