"""A new password for a station: sent to it, or made here and shown this once, to be entered at it.

dialog = PasswordDialog(desk, station, online=True); await ask(dialog)
"""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit
from shiboken6 import isValid

from app.domain.errors import AppError
from app.domain.model import Station
from ui.desk import Desk
from ui.strings import sentence, tr
from ui.widgets.boxes import row
from ui.widgets.buttons import button
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.labels import paragraph, rich


class PasswordDialog(FormDialog):
    """Keeps the password by itself; a made one stands here until the dialog is closed, and nowhere after that."""

    def __init__(self, desk: Desk, station: Station, *, online: bool) -> None:
        super().__init__(desk.window, tr("New password for {station}").format(station=station.title))
        self._desk, self._station = desk, station
        self.send_button = button(tr("Send it one"), lambda: desk.run(self._send(), on_error=self._refused))
        self.send_button.setEnabled(online)
        self.make_button = button(tr("Make one"), lambda: desk.run(self._make(), on_error=self._refused))
        self.copy_button = button(tr("Copy"), self._copy)
        self.made = rich("", password="")
        self._made = ""
        self.typed = QLineEdit()
        self.typed.setEchoMode(QLineEdit.EchoMode.Password)
        self.typed_field = FormField(
            tr("Or the one the station has"),
            self.typed,
            helper=tr("16 to 40 characters. For OCPP 1.6 they are hexadecimal digits, as a rule."),
        )
        self.typed.textEdited.connect(self.typed_field.clear_error)
        self.problem = paragraph(tone="bad")
        self._lay_out(online=online)
        self._keep_button = self.add_buttons(tr("Keep"), self._keep)

    def _lay_out(self, *, online: bool) -> None:
        until = tr("The password it has goes on working until it has used the new one.")
        self.body.addWidget(paragraph(until, tone="muted"))
        if online:
            sent = tr("It is connected: Tapdesk can send it a password that nobody needs to see.")
        else:
            sent = tr("It is not connected, so it cannot be sent one. Make one, and enter it at the station.")
        self.body.addWidget(paragraph(sent))
        self.body.addLayout(row(self.send_button, self.make_button, self.copy_button, None))
        self.body.addWidget(self.made)
        self.body.addWidget(self.typed_field)
        self.body.addWidget(self.problem)
        for hidden in (self.made, self.copy_button, self.problem):
            hidden.hide()

    async def _send(self) -> None:
        self.problem.hide()
        self.send_button.setEnabled(False)
        try:
            await self._desk.application.securing.give_password(self._station.station_id)
        finally:
            if isValid(self):
                self.send_button.setEnabled(True)
        self._desk.say(tr("{station} took the new password.").format(station=self._station.title))
        if isValid(self):
            self.accept()

    async def _make(self) -> None:
        self.problem.hide()
        new = await self._desk.application.credentials.generate(self._station.station_id)
        if not isValid(self):
            return
        self._made = new.password
        self.made.say_rich(
            tr("Enter it at the station now: <code>{password}</code>. It is not shown again."), password=new.password
        )
        self.made.show()
        self.copy_button.show()
        self._keep_button.setText(tr("Done"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._made)
        self._desk.say(tr("The password is copied."))

    def _keep(self) -> None:
        if self._made and not self.typed.text():
            self.accept()
            return
        self._desk.run(self._set(), on_error=self._refused)

    async def _set(self) -> None:
        await self._desk.application.credentials.set_password(self._station.station_id, self.typed.text())
        self._desk.say(tr("{station} has a new password here.").format(station=self._station.title))
        if isValid(self):
            self.accept()

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
        elif error.code in ("password_length", "password_characters"):
            self.typed_field.show_error(words)
            self.typed.setFocus()
        else:
            self.problem.say(words)
            self.problem.show()
