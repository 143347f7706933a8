"""A card that nobody knows becomes a pass, and may charge where it was held to a reader.

create_pass(desk, tap)                       # asks, keeps, says so with Undo
dialog = CreatePassDialog(desk, tap)         # for `ui.tasks.ask`, which is what the above does
"""

from PySide6.QtCore import QEvent, QObject
from shiboken6 import isValid

from app.application import Undo
from app.domain.errors import AppError
from app.domain.ids import canonical_uid
from app.domain.model import Pass, Tap
from ui.desk import Desk
from ui.passes.form import PassForm
from ui.strings import sentence, tr
from ui.taps.admission import Admission
from ui.taps.words import said_after, when_and_where
from ui.tasks import ask
from ui.widgets.boxes import row
from ui.widgets.buttons import Action, link_button
from ui.widgets.form_dialog import FormDialog
from ui.widgets.labels import paragraph


def create_pass(desk: Desk, tap: Tap) -> None:
    """Open the dialog; what was done becomes a note with Undo."""
    desk.run(ask(CreatePassDialog(desk, tap)))


class CreatePassDialog(FormDialog):
    """Keeps the pass by itself and is accepted then; what cannot be kept is said at its field, and all stays."""

    def __init__(self, desk: Desk, tap: Tap) -> None:
        super().__init__(desk.window, tr("Create pass"))
        self._desk, self._tap = desk, tap
        self.form = PassForm([summary.identity for summary in desk.application.identities.all()])
        self.form.set_tapped(tap.raw_id_tag)
        self.form.uid_field.helper.say(tr("As the reader saw it. Change it only if you know better."))
        self.admission = Admission(desk, tap)
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        self._tapped_again = link_button(
            tr("Use the UID that was tapped: {uid}").format(uid=canonical_uid(tap.raw_id_tag)),
            lambda: self.form.set_tapped(tap.raw_id_tag),
            flush=True,
        )
        self._tapped_again.hide()
        self.body.addWidget(paragraph(when_and_where(desk, tap), tone="muted"))
        self.body.addWidget(self.form)
        self.body.addLayout(row(self._tapped_again, None))
        self.body.addWidget(self.admission)
        self.body.addWidget(self.problem)
        self.save_button = self.add_buttons(tr("Create pass"), self.save)
        self.form.uid.textChanged.connect(self._uid_changed)
        self.form.identity.name.textChanged.connect(self._identity_changed)
        self.form.identity.new.installEventFilter(self)
        self.form.pass_wanted.connect(self._show_pass)
        self.form.visible_id.setFocus()

    def save(self) -> None:
        """Keep what is filled in."""
        self.problem.hide()
        self.form.clear_errors()
        # Now and not when the task begins: a second press may come in between.
        self.save_button.setEnabled(False)
        self._desk.run(self._save(), on_error=self._show_error)

    async def _save(self) -> None:
        try:
            draft, new_identity = self.form.draft()
            card = await self._desk.application.passes.add(
                draft, new_identity=new_identity, pool_id=self.admission.pool_id()
            )
        finally:
            if isValid(self):
                self.save_button.setEnabled(True)
        done = tr("{title} is made a pass").format(title=card.title)
        self._close(done, self._way_back(card, with_identity=new_identity is not None))

    def _way_back(self, card: Pass, *, with_identity: bool) -> Undo:
        async def undo() -> None:
            await self._desk.application.passes.remove([card.id])
            if with_identity and card.identity_id and not self._desk.application.passes.of_identity(card.identity_id):
                await self._desk.application.identities.remove(card.identity_id)

        return undo

    def _close(self, done: str, undo: Undo) -> None:
        if isValid(self):
            self.accept()
        self._desk.offer_undo(said_after(self._desk, self._tap, done), undo)

    def _show_error(self, error: AppError) -> None:
        if not isValid(self):
            self._desk.notes.problem(sentence(error.code, **error.params))
            return
        waiting = self._waiting_pass(error)
        if waiting is not None:
            words = tr("{title} has this visible ID and waits for its first tap.").format(title=waiting.title)
            self.form.visible_id_field.show_error(
                words, Action(tr("Assign the card to it"), lambda: self._desk.run(self._assign(waiting)))
            )
        elif not self.form.show_error(error):
            self.problem.say(sentence(error.code, **error.params))
            self.problem.show()

    def _waiting_pass(self, error: AppError) -> Pass | None:
        """The pass that was imported with this visible ID and never tapped: most likely this very card."""
        pass_id = error.params.get("pass_id")
        if error.code != "visible_id_taken" or not isinstance(pass_id, int) or not self._is_tapped():
            return None
        waiting = (summary.card for summary in self._desk.application.passes.waiting())
        return next((card for card in waiting if card.id == pass_id), None)

    async def _assign(self, card: Pass) -> None:
        undo = await self._desk.application.passes.give_uid(
            card.id, self._tap.raw_id_tag, pool_id=self.admission.pool_id()
        )
        self._close(tr("{title} has its UID").format(title=card.title), undo)

    def _is_tapped(self) -> bool:
        return self.form.uid.text() == canonical_uid(self._tap.raw_id_tag)

    def _uid_changed(self, text: str) -> None:
        if not text and not self.form.uid.isModified():
            # What stood here was moved to the visible ID: the card's own UID takes its place.
            self.form.set_tapped(self._tap.raw_id_tag)
        self._tapped_again.setVisible(not self._is_tapped())

    def _identity_changed(self) -> None:
        try:
            identity_id, _ = self.form.identity.choice()
        except AppError:
            identity_id = None
        self.admission.look_at(identity_id)

    def _show_pass(self, pass_id: int) -> None:
        self.reject()
        self._desk.go("passes", pass_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.form.identity.new and event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._identity_changed()
        return super().eventFilter(watched, event)
