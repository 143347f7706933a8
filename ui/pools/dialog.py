"""Making a pool.

desk.run(new_pool(desk))                       # asks, keeps it, says so with Undo; gives the pool, or None
"""

from PySide6.QtWidgets import QLineEdit
from shiboken6 import isValid

from app.domain.errors import AppError
from app.domain.model import AccessLevel, Pool, PoolOptions
from ui.desk import Desk
from ui.organizations.choice import OrganizationDropDown, organization_choices
from ui.pools.words import levels, what_it_means
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField, Segmented
from ui.widgets.labels import paragraph

AT_NAME = {"pool_name_empty", "pool_name_taken", "name_too_long"}


async def new_pool(desk: Desk) -> Pool | None:
    """Ask for a new pool; None when the operator let it be."""
    dialog = PoolDialog(desk)
    return dialog.saved if await ask(dialog) else None


class PoolDialog(FormDialog):
    """Keeps the pool by itself and is accepted then: `saved` is the pool."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.window, tr("New pool"))
        self.saved: Pool | None = None
        self._desk = desk
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Guests, staff, visitors parking…"))
        self.name_field = FormField(tr("Name"), self.name)
        self.level = Segmented(tr("Access level"), levels())
        self.level.select(AccessLevel.PRIVATE)
        self.level_field = FormField(tr("Access level"), self.level)
        self.meaning = paragraph(what_it_means(AccessLevel.PRIVATE), tone="muted")
        self.organization = OrganizationDropDown(tr("Organization"), organization_choices(desk))
        self.organization_field = FormField(tr("Organization"), self.organization)
        self.organization_field.setVisible(self.organization.count() > 0)
        self.problem = paragraph(tone="bad")
        self.problem.hide()
        for part in (self.name_field, self.level_field, self.meaning, self.organization_field, self.problem):
            self.body.addWidget(part)
        self.name.textEdited.connect(self.name_field.clear_error)
        self.level.changed.connect(lambda level: self.meaning.say(what_it_means(level)))
        self._save_button = self.add_buttons(tr("Create pool"), self._save)
        self.name.setFocus()

    def _save(self) -> None:
        self._save_button.setEnabled(False)
        self.problem.hide()
        self.name_field.clear_error()
        self._desk.run(self._keep(), on_error=self._refused)

    async def _keep(self) -> None:
        pools = self._desk.application.pools
        try:
            saved = self.saved = await pools.create(
                self.name.text(), AccessLevel(str(self.level.value())), self._options()
            )
        finally:
            # The operator may have closed it meanwhile.
            if isValid(self):
                self._save_button.setEnabled(True)

        async def undo() -> None:
            await pools.remove(saved.id)

        self._desk.offer_undo(tr("{pool} is a pool now.").format(pool=saved.name), undo)
        if isValid(self):
            self.accept()

    def _options(self) -> PoolOptions:
        chosen = self.organization.value()
        return PoolOptions(organization_id=chosen) if isinstance(chosen, int) else PoolOptions()

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
        elif error.code in AT_NAME:
            self.name_field.show_error(words)
            self.name.setFocus()
        else:
            self.problem.say(words)
            self.problem.show()
