"""The fields of an identity, for every dialog that makes or changes one.

form = IdentityForm(external_id=True, organizations=organization_choices(desk))
form.show_draft(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
await application.identities.add(form.draft())
form.show_error(error)                         # True when it was shown at one of these fields
form.existing_wanted.connect(...)              # the e-mail address of an identity that is there already
"""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.domain.drafts import IdentityDraft, clean_name
from app.domain.errors import AppError
from app.domain.model import Role
from ui.organizations.choice import OrganizationDropDown
from ui.strings import sentence, tr
from ui.widgets.boxes import row
from ui.widgets.buttons import Action
from ui.widgets.inputs import FormField, Segmented


class IdentityForm(QWidget):
    """First and last name, e-mail address, role; with `external_id` also the number another system knows it by.

    With `organizations`, as `organization_choices` gives them, also the one it belongs to.
    """

    existing_wanted = Signal(str)

    def __init__(
        self,
        *,
        external_id: bool = False,
        take_existing: str = "",
        organizations: Sequence[tuple[object, str]] = (),
    ) -> None:
        """`take_existing`: the words of the button that is offered where an e-mail address is taken."""
        super().__init__()
        self._take_existing = take_existing or tr("Choose that one")
        self.first_name, self.last_name = QLineEdit(), QLineEdit()
        self.email, self.external_id = QLineEdit(), QLineEdit()
        self.email.setPlaceholderText(tr("name@example.com"))
        self.role = Segmented(
            tr("Role"), [(Role.CARDHOLDER, tr("Cardholder")), (Role.ADMINISTRATOR, tr("Administrator"))]
        )
        self.first_name_field = FormField(tr("First name"), self.first_name)
        self.last_name_field = FormField(tr("Last name"), self.last_name)
        self.email_field = FormField(tr("E-mail address"), self.email)
        self.external_id_field = FormField(
            tr("External ID"),
            self.external_id,
            optional=tr("optional"),
            helper=tr("The number another system knows this person or company by."),
        )
        # What is not asked for stays as it was.
        self._shown = IdentityDraft("")
        self.organization = OrganizationDropDown(tr("Organization"), organizations)
        self.organization_field = FormField(tr("Organization"), self.organization)
        names = row(self.first_name_field, self.last_name_field, spacing=12)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(names)
        column.addWidget(self.email_field)
        column.addWidget(FormField(tr("Role"), self.role))
        column.addWidget(self.organization_field)
        self.organization_field.setVisible(bool(organizations))
        if external_id:
            column.addWidget(self.external_id_field)
        else:
            self.external_id_field.setParent(self)
            self.external_id_field.hide()
        for field in self._fields():
            field.input.textEdited.connect(field.clear_error)
        self.organization.changed.connect(lambda _organization: self.organization_field.clear_error())

    def show_draft(self, draft: IdentityDraft) -> None:
        """Fill the fields in."""
        self._shown = draft
        self.first_name.setText(draft.first_name)
        self.last_name.setText(draft.last_name)
        self.email.setText(draft.email)
        self.role.select(draft.role)
        self.external_id.setText(draft.external_id)
        self.organization.select(draft.organization_id)
        self.clear_errors()

    def begin_with(self, text: str) -> None:
        """Fill in what was typed elsewhere: an address where it has an @, else a name."""
        if "@" in text:
            self.show_draft(IdentityDraft(text))
        else:
            first, _, last = text.partition(" ")
            self.show_draft(IdentityDraft("", first, last.strip()))

    def draft(self) -> IdentityDraft:
        """What is filled in, as typed."""
        organization_id = self.organization.value()
        return replace(
            self._shown,
            email=self.email.text(),
            first_name=self.first_name.text(),
            last_name=self.last_name.text(),
            role=Role(str(self.role.value())),
            external_id=self.external_id.text(),
            organization_id=organization_id if isinstance(organization_id, int) else self._shown.organization_id,
        )

    def show_error(self, error: AppError) -> bool:
        """Show an error at the field it is about; False when it is about none of these."""
        fix = None
        if error.code == "name_too_long":
            field = next(
                (field for field in self._fields() if field is not self.email_field and _too_long(field)), None
            )
        elif error.code.startswith("email_"):
            field = self.email_field
            if error.code == "email_taken":
                email = str(error.params.get("email", self.email.text()))
                fix = Action(self._take_existing, lambda: self.existing_wanted.emit(email))
        elif error.code == "organization_unknown" and not self.organization_field.isHidden():
            field = self.organization_field
        else:
            field = None
        if field is None:
            return False
        field.show_error(sentence(error.code, **error.params), fix)
        field.input.setFocus()
        return True

    def clear_errors(self) -> None:
        """Nothing is wrong any more."""
        for field in (*self._fields(), self.organization_field):
            field.clear_error()

    def _fields(self) -> tuple[FormField, ...]:
        return self.first_name_field, self.last_name_field, self.email_field, self.external_id_field


def _too_long(field: FormField) -> bool:
    try:
        clean_name(field.input.text())
    except AppError:
        return True
    return False
