"""Making an organization: a further one, or the one by which a site becomes a site of several tenants.

desk.run(new_organization(desk, parent_id=3))  # asks, keeps it, says so with Undo; gives the organization, or None
desk.run(ask(OrganizationsDialog(desk)))       # on a site with a single one
"""

from dataclasses import replace

from PySide6.QtWidgets import QLineEdit
from shiboken6 import isValid

from app.application import Undo
from app.domain.errors import AppError
from app.domain.model import Organization
from ui.desk import Desk
from ui.organizations.choice import (
    OrganizationDropDown,
    inherited_currency,
    organization_choices,
    organization_name,
)
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.labels import paragraph

AT_NAME = {"organization_name_empty", "organization_name_taken", "name_too_long"}


async def new_organization(desk: Desk, *, parent_id: int | None = None) -> Organization | None:
    """Ask for a new organization, below `parent_id` to begin with; None when the operator let it be."""
    dialog = OrganizationDialog(desk, parent_id=parent_id)
    return dialog.saved if await ask(dialog) else None


class _Dialog(FormDialog):
    """Keeps what it makes by itself and is accepted then: `saved` is the new organization."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__(desk.window, name)
        self.saved: Organization | None = None
        self._desk = desk
        self.name = QLineEdit()
        self.name_field = FormField(tr("Name"), self.name)
        # The field whose name is being kept.
        self._at_work = self.name_field
        self.name.textEdited.connect(lambda _text: self.name_field.clear_error())
        self.problem = paragraph(tone="bad")
        self.problem.hide()

    def _end(self) -> None:
        self.body.addWidget(self.problem)
        self._save_button = self.add_buttons(tr("Create organization"), self._save)

    def _save(self) -> None:
        self._save_button.setEnabled(False)
        self.problem.hide()
        self._at_work.clear_error()
        self._desk.run(self._keep(), on_error=self._refused)

    async def _keep(self) -> None:
        try:
            saved, undo = await self._make()
        finally:
            # The operator may have closed it meanwhile.
            if isValid(self):
                self._save_button.setEnabled(True)
        self.saved = saved
        self._desk.offer_undo(tr("{name} is an organization now.").format(name=saved.name), undo)
        if isValid(self):
            self.accept()

    async def _make(self) -> tuple[Organization, Undo]:
        raise NotImplementedError

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
        elif error.code in AT_NAME:
            self._at_work.show_error(words)
            self._at_work.input.setFocus()
        else:
            self.problem.say(words)
            self.problem.show()


class OrganizationDialog(_Dialog):
    """A further organization, with its place in the tree and its currency."""

    def __init__(self, desk: Desk, *, parent_id: int | None = None) -> None:
        super().__init__(desk, tr("New organization"))
        choices = [*organization_choices(desk), (None, tr("None: at the top"))]
        self.parent_choice = OrganizationDropDown(tr("Below"), choices)
        self.parent_choice.select(parent_id)
        self.currency = QLineEdit()
        self.currency.setMaxLength(3)
        self.currency.setFixedWidth(110)
        self.currency_field = FormField(
            tr("Currency"),
            self.currency,
            optional=tr("optional"),
            helper=tr("Three letters, such as EUR. Empty: that of the one above."),
        )
        self.currency.textEdited.connect(lambda _text: self.currency_field.clear_error())
        self.parent_choice.changed.connect(lambda _parent: self._show_inherited())
        for field in (self.name_field, FormField(tr("Below"), self.parent_choice), self.currency_field):
            self.body.addWidget(field)
        self._show_inherited()
        self._end()
        self.name.setFocus()

    def _show_inherited(self) -> None:
        parent_id = self.parent_choice.value()
        above = parent_id if isinstance(parent_id, int) else None
        self.currency.setPlaceholderText(inherited_currency(self._desk, above))

    async def _make(self) -> tuple[Organization, Undo]:
        organizations, parent_id = self._desk.application.organizations, self.parent_choice.value()
        saved = await organizations.create(
            self.name.text(), parent_id if isinstance(parent_id, int) else None, self.currency.text()
        )

        async def undo() -> None:
            await organizations.remove(saved.id)

        return saved, undo

    def _refused(self, error: AppError) -> None:
        if isValid(self) and error.code == "currency_unknown":
            self.currency_field.show_error(sentence(error.code, **error.params))
            self.currency.setFocus()
        else:
            super()._refused(error)


class OrganizationsDialog(_Dialog):
    """What organizations are for, to who has only one; then the name of that one, and of the second."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, tr("Organizations"))
        [only] = desk.application.organizations.all()
        self._first = only.organization
        self.first_name = QLineEdit(organization_name(desk, self._first))
        self.first_field = FormField(
            tr("Name of the first"), self.first_name, helper=tr("Everything that is here now belongs to it.")
        )
        self.first_name.textEdited.connect(lambda _text: self.first_field.clear_error())
        self.name_field.name.setText(tr("Name of the second"))
        self.name.setAccessibleName(tr("Name of the second"))
        self.name.setPlaceholderText(tr("A tenant, a department, a customer…"))
        self.body.addWidget(
            paragraph(
                tr(
                    "Where several tenants share a site, identities and stations belong to organizations: every list "
                    "can show those of one, and each decides which passes are Off at its stations. A site with a "
                    "single tenant does not need this."
                )
            )
        )
        self.body.addWidget(self.first_field)
        self.body.addWidget(self.name_field)
        self._end()
        self.name.setFocus()

    async def _make(self) -> tuple[Organization, Undo]:
        organizations, ways_back = self._desk.application.organizations, list[Undo]()

        async def undo() -> None:
            for way_back in reversed(ways_back):
                await way_back()

        self._at_work = self.first_field
        if not self._first.name or self.first_name.text() != self._first.name:
            ways_back.append(await organizations.change(replace(self._first, name=self.first_name.text())))
        self._at_work = self.name_field
        try:
            saved = await organizations.create(self.name.text())
        except AppError:
            await undo()
            raise

        async def remove() -> None:
            await organizations.remove(saved.id)

        ways_back.append(remove)
        return saved, undo
