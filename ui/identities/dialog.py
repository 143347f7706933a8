"""Making an identity, and changing one.

desk.run(new_identity(desk))                   # asks, keeps it, says so with Undo; gives the identity, or None
desk.run(new_identity(desk, organization_id=3))
desk.run(edit_identity(desk, identity))
"""

from dataclasses import replace

from shiboken6 import isValid

from app.domain.drafts import IdentityDraft
from app.domain.errors import AppError
from app.domain.model import Identity
from ui.desk import Desk
from ui.identities.form import IdentityForm
from ui.organizations.choice import organization_choices
from ui.passes.validity_field import ValidityField
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.form_dialog import FormDialog
from ui.widgets.labels import paragraph


async def new_identity(desk: Desk, *, organization_id: int | None = None) -> Identity | None:
    """Ask for a new identity, of an organization when one is given; None when the operator let it be."""
    dialog = IdentityDialog(desk, organization_id=organization_id)
    return dialog.saved if await ask(dialog) else None


async def edit_identity(desk: Desk, identity: Identity) -> None:
    """Ask what to change of an identity."""
    await ask(IdentityDialog(desk, identity))


class IdentityDialog(FormDialog):
    """Keeps the identity by itself and is accepted then: `saved` is the identity as it is kept now."""

    def __init__(self, desk: Desk, identity: Identity | None = None, *, organization_id: int | None = None) -> None:
        """With `identity` that one is changed; without it a new one is made, of `organization_id` to begin with."""
        super().__init__(desk.window, tr("New identity") if identity is None else tr("Edit identity"))
        self.saved: Identity | None = None
        self._desk, self._identity = desk, identity
        self.form = IdentityForm(
            external_id=True, take_existing=tr("Show that one"), organizations=organization_choices(desk)
        )
        self.validity = ValidityField(
            desk, helper=tr("Outside these days none of its passes opens a station. Without dates it is always valid.")
        )
        if organization_id is not None:
            self.form.show_draft(replace(IdentityDraft(""), organization_id=organization_id))
        if identity is not None:
            self.validity.show_moments(identity.valid_from, identity.valid_until)
            self.form.show_draft(
                IdentityDraft(
                    identity.email,
                    identity.first_name,
                    identity.last_name,
                    identity.role,
                    identity.external_id or "",
                    identity.organization_id,
                )
            )
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        self.body.addWidget(self.form)
        self.body.addWidget(self.validity)
        self.body.addWidget(self.problem)
        self.form.existing_wanted.connect(self._show_other)
        self._save_button = self.add_buttons(tr("Create identity") if identity is None else tr("Save"), self._save)
        self.form.first_name.setFocus()

    def _save(self) -> None:
        self._save_button.setEnabled(False)
        self.problem.hide()
        self.form.clear_errors()
        self._desk.run(self._keep(), on_error=self._refused)

    async def _keep(self) -> None:
        draft = replace(
            self.form.draft(), valid_from=self.validity.valid_from(), valid_until=self.validity.valid_until()
        )
        try:
            await (self._add(draft) if self._identity is None else self._change(self._identity.id, draft))
        finally:
            # The operator may have closed it meanwhile.
            if isValid(self):
                self._save_button.setEnabled(True)
        if isValid(self):
            self.accept()

    async def _add(self, draft: IdentityDraft) -> None:
        identities = self._desk.application.identities
        saved = self.saved = await identities.add(draft)

        async def undo() -> None:
            await identities.remove(saved.id)

        self._desk.offer_undo(tr("{name} is here now.").format(name=saved.name), undo)

    async def _change(self, identity_id: int, draft: IdentityDraft) -> None:
        undo = await self._desk.application.identities.change(identity_id, draft)
        self.saved = self._desk.application.identities.require(identity_id)
        self._desk.offer_undo(tr("{name} was changed.").format(name=self.saved.name), undo)

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
        elif not self.form.show_error(error) and not self.validity.show_error_of(error):
            self.problem.say(words)
            self.problem.show()

    def _show_other(self, email: str) -> None:
        other = self._desk.application.identities.find(email)
        if other is not None:
            self.reject()
            self._desk.go("identities", other.id)
