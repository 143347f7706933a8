"""Making a pass, and changing one.

desk.run(new_pass(desk))                       # asks, keeps it, says so with Undo; gives the pass, or None
desk.run(new_pass(desk, identity_id=7))        # for somebody
desk.run(edit_pass(desk, card))
"""

from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.model import Pass
from ui.desk import Desk
from ui.passes.actions import draft_of
from ui.passes.form import PassForm
from ui.passes.words import first_moment, last_day
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.buttons import Action
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import DropDown, FormField
from ui.widgets.labels import paragraph
from ui.widgets.optional_date import OptionalDate

A_DAY = timedelta(days=1)


async def new_pass(desk: Desk, identity_id: int | None = None) -> Pass | None:
    """Ask for a new pass, of somebody when an identity is given; the pass, or None when the operator let it be."""
    dialog = PassDialog(desk, PassDraft(identity_id=identity_id))
    return dialog.saved if await ask(dialog) else None


async def edit_pass(desk: Desk, card: Pass) -> None:
    """Ask what to change of a pass."""
    await ask(PassDialog(desk, draft_of(card), card))


class PassDialog(FormDialog):
    """Keeps the pass by itself and is accepted then: `saved` is the pass as it is kept now."""

    def __init__(self, desk: Desk, draft: PassDraft, card: Pass | None = None) -> None:
        """With `card` that pass is changed; without it a new one is made."""
        super().__init__(desk.window, tr("New pass") if card is None else tr("Edit pass"))
        self.saved: Pass | None = None
        self._desk, self._card, self._before = desk, card, draft
        self.form = PassForm(summary.identity for summary in desk.application.identities.all())
        today = desk.now().date()
        self.begins, self.ends = OptionalDate(tr("From"), today), OptionalDate(tr("Until and including"), today)
        self.validity_field = FormField(
            tr("Validity"),
            _stacked(self.begins, self.ends),
            optional=tr("optional"),
            helper=tr("Without dates the pass is always valid."),
        )
        self.pool = DropDown(tr("Pool"), [(None, tr("No pool of its own"))])
        self.pool_field = FormField(
            tr("Pool"), self.pool, optional=tr("optional"), helper=tr("Where this one pass may charge, whoever has it.")
        )
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        self._lay_out()
        self._fill_in(draft)
        self._save_button = self.add_buttons(tr("Create pass") if card is None else tr("Save"), self._save)
        (self.form.visible_id if draft.tapped else self.form.uid).setFocus()

    def _lay_out(self) -> None:
        self.body.addWidget(self.form)
        self.body.addWidget(self.validity_field)
        if self._card is None:
            pools = [(summary.pool.id, summary.pool.name) for summary in self._desk.application.pools.all()]
            self.pool.set_choices([(None, tr("No pool of its own")), *pools])
            self.body.addWidget(self.pool_field)
        self.body.addWidget(self.problem)
        self.begins.changed.connect(self.validity_field.clear_error)
        self.ends.changed.connect(self.validity_field.clear_error)
        self.form.pass_wanted.connect(self._show_other)

    def _fill_in(self, draft: PassDraft) -> None:
        self.form.show_draft(draft)
        if draft.valid_from is not None:
            self.begins.show_value(self._desk.local(draft.valid_from).date())
        if draft.valid_until is not None:
            self.ends.show_value(last_day(self._desk, draft.valid_until))

    def _save(self) -> None:
        self._save_button.setEnabled(False)
        self.problem.hide()
        self.form.clear_errors()
        self._desk.run(self._keep(), on_error=self._refused)

    async def _keep(self) -> None:
        try:
            draft, new_identity = self.form.draft()
            draft = replace(draft, valid_from=self._valid_from(), valid_until=self._valid_until())
            if self._card is None:
                await self._add(draft, new_identity)
            else:
                await self._change(self._card.id, draft, new_identity)
        finally:
            # The operator may have closed it meanwhile.
            if isValid(self):
                self._save_button.setEnabled(True)
        if isValid(self):
            self.accept()

    async def _add(self, draft: PassDraft, new_identity: IdentityDraft | None) -> None:
        application = self._desk.application
        pool_id = self.pool.value()
        card = await application.passes.add(
            draft, new_identity=new_identity, pool_id=pool_id if isinstance(pool_id, int) else None
        )

        async def undo() -> None:
            await application.passes.remove([card.id])
            if new_identity is not None and card.identity_id and not application.passes.of_identity(card.identity_id):
                await application.identities.remove(card.identity_id)

        said = tr("{title} is a pass now.") if card.uid else tr("{title} is a pass now. It waits for its first tap.")
        self._desk.offer_undo(said.format(title=card.title), undo)
        self.saved = card

    async def _change(self, pass_id: int, draft: PassDraft, new_identity: IdentityDraft | None) -> None:
        application = self._desk.application
        identity = await application.identities.add(new_identity) if new_identity is not None else None
        if identity is not None:
            draft = replace(draft, identity_id=identity.id)
        try:
            change_back = await application.passes.change(pass_id, draft)
        except AppError:
            if identity is not None:
                await application.identities.remove(identity.id)
            raise

        async def undo() -> None:
            await change_back()
            if identity is not None and not application.passes.of_identity(identity.id):
                await application.identities.remove(identity.id)

        self.saved = application.passes.require(pass_id)
        self._desk.offer_undo(tr("{title} was changed.").format(title=self.saved.title), undo)

    def _valid_from(self) -> datetime | None:
        chosen, before = self.begins.value(), self._before.valid_from
        if chosen is None:
            return None
        return before if before and self._desk.local(before).date() == chosen else first_moment(chosen)

    def _valid_until(self) -> datetime | None:
        chosen, before = self.ends.value(), self._before.valid_until
        if chosen is None:
            return None
        return before if before and last_day(self._desk, before) == chosen else first_moment(chosen + A_DAY)

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
            return
        if self.form.show_error(error):
            return
        if error.code == "validity_reversed":
            self.validity_field.show_error(words, Action(tr("Swap them"), self._swap_dates))
            self.begins.setFocus()
        elif error.code == "pool_unknown":
            self.pool_field.show_error(words)
        else:
            self.problem.say(words)
            self.problem.show()

    def _swap_dates(self) -> None:
        begins, ends = self.begins.value(), self.ends.value()
        self.begins.show_value(ends)
        self.ends.show_value(begins)

    def _show_other(self, pass_id: int) -> None:
        self.reject()
        self._desk.go("passes", pass_id)


def _stacked(*parts: QWidget) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for part in parts:
        column.addWidget(part)
    return whole
