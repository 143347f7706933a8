"""Making a PIN, and changing when and how often one is good.

dialog = PinDialog(desk, pool, None, parent=options)   # a new one: typed twice, or made here and shown this once
if await ask(dialog): dialog.saved, dialog.undo
"""

import secrets

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from shiboken6 import isValid

from app.application import PinDraft, Undo
from app.domain.errors import AppError
from app.domain.model import Pool
from app.domain.pins import LONGEST_PIN, SHORTEST_PIN, Pin
from ui.desk import Desk
from ui.passes.validity_field import ValidityField
from ui.pools.option_fields import LimitBox
from ui.strings import sentence, tr
from ui.widgets.boxes import row
from ui.widgets.buttons import button
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.labels import paragraph, rich

MADE_DIGITS = 6
AT_DIGITS = frozenset({"pin_not_digits", "pin_wrong_length", "pin_taken"})
AT_NAME = frozenset({"pin_name_empty", "name_too_long"})


class PinDialog(FormDialog):
    """Keeps the PIN by itself and is accepted then; the digits cannot be read again after that."""

    def __init__(self, desk: Desk, pool: Pool, pin: Pin | None, *, parent: QWidget) -> None:
        """With `pin` that one is changed, but for its digits; without it a new one is made."""
        super().__init__(parent, tr("New PIN for {pool}").format(pool=pool.name) if pin is None else tr("Change PIN"))
        self.saved: Pin | None = None
        self.undo: Undo | None = None
        self._desk, self._pool, self._pin = desk, pool, pin
        self.name = QLineEdit(pin.name if pin else "")
        self.name_field = FormField(
            tr("Name"), self.name, helper=tr("Its sessions stand under this name: wedding party, tradesmen.")
        )
        self.digits, self.again = _secret(), _secret()
        self.digits_field = FormField(
            tr("PIN"),
            self.digits,
            helper=tr("{least} to {most} digits.").format(least=SHORTEST_PIN, most=LONGEST_PIN),
        )
        self.again_field = FormField(tr("The same again"), self.again)
        self.made = rich(tr("Write it down now: <code>{pin}</code>. It is not shown again."), pin="")
        self.generate_button = button(tr("Make one for me"), self.generate)
        self.copy_button = button(tr("Copy"), lambda: QGuiApplication.clipboard().setText(self.digits.text()))
        self.validity = ValidityField(desk, helper=tr("Without dates it is always good."))
        self.uses = LimitBox(tr("Good for"), tr("sessions, then no more"), pin.uses if pin else None)
        self.problem = paragraph(tone="bad")
        self._lay_out()
        if pin is not None:
            self.validity.show_moments(pin.valid_from, pin.valid_until)
        self._save_button = self.add_buttons(tr("Add PIN") if pin is None else tr("Save"), self._save)
        self.name.setFocus()

    def generate(self) -> None:
        """Make digits that nobody has chosen, and show them this once."""
        made = "".join(secrets.choice("0123456789") for _ in range(MADE_DIGITS))
        for field in (self.digits, self.again):
            field.setText(made)
        self._clear_digits_errors()
        self.made.say_rich(tr("Write it down now: <code>{pin}</code>. It is not shown again."), pin=made)
        self.made.show()
        self.copy_button.show()

    def _lay_out(self) -> None:
        self.body.addWidget(self.name_field)
        if self._pin is None:
            self.body.addWidget(self.digits_field)
            self.body.addWidget(self.again_field)
            self.body.addLayout(row(self.generate_button, self.copy_button, None))
            self.body.addWidget(self.made)
        else:
            words = tr("Its digits stay. For other digits remove it and add another PIN.")
            self.body.addWidget(paragraph(words, tone="muted"))
        self.body.addWidget(self.validity)
        self.body.addWidget(self.uses)
        self.body.addWidget(self.problem)
        for hidden in (self.made, self.copy_button, self.problem):
            hidden.hide()
        self.name.textEdited.connect(self.name_field.clear_error)
        for field in (self.digits, self.again):
            field.textEdited.connect(self._typed)

    def _typed(self) -> None:
        self._clear_digits_errors()
        self.made.hide()
        self.copy_button.hide()

    def _clear_digits_errors(self) -> None:
        self.digits_field.clear_error()
        self.again_field.clear_error()

    def _save(self) -> None:
        self.problem.hide()
        self.name_field.clear_error()
        if self._pin is None and self.digits.text() != self.again.text():
            self.again_field.show_error(tr("The two are not the same. Type the PIN again."))
            self.again.setFocus()
            return
        self._desk.run(self._keep(), on_error=self._refused)

    async def _keep(self) -> None:
        pins = self._desk.application.pins
        draft = PinDraft(self.name.text(), self.validity.valid_from(), self.validity.valid_until(), self.uses.value())
        self._save_button.setEnabled(False)
        try:
            if self._pin is not None:
                self.undo = await pins.change(self._pin.id, draft)
                self.saved = pins.require(self._pin.id)
            else:
                saved = self.saved = await pins.add(self._pool.id, self.digits.text(), draft)

                async def take_away() -> None:
                    await pins.remove(saved.id)

                self.undo = take_away
        finally:
            # The operator may have closed it meanwhile.
            if isValid(self):
                self._save_button.setEnabled(True)
        if isValid(self):
            self.accept()

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
        elif error.code in AT_NAME:
            self.name_field.show_error(words)
            self.name.setFocus()
        elif error.code in AT_DIGITS:
            self.digits_field.show_error(words)
            self.digits.setFocus()
        elif not self.validity.show_error_of(error):
            self.problem.say(words)
            self.problem.show()


def _secret() -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setMaxLength(LONGEST_PIN)
    return field
