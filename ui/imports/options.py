"""What the operator says of a list: what it lists, whether it is complete, where what it brings belongs.

options = ImportOptions(desk); options.show_job(job); options.changed.connect(...); job = options.applied_to(job)
"""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from app.application import ImportJob
from app.domain.import_fields import Field, ListKind
from ui.desk import Desk
from ui.organizations.choice import OrganizationDropDown, organization_choices
from ui.strings import tr
from ui.widgets.boxes import row
from ui.widgets.inputs import DropDown, Segmented
from ui.widgets.labels import Label, muted

ADDS, IS_COMPLETE = False, True
_WIDEST_CHOICE = 200


class ImportOptions(QWidget):
    """`kind_changed` comes when the sheet is a list of something else, `changed` at every other choice."""

    kind_changed = Signal(object)
    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.kind = Segmented(
            tr("What the file lists"),
            [
                (ListKind.PASSES, tr("Passes")),
                (ListKind.MEMBERS, tr("Members of a pool")),
                (ListKind.IDENTITIES, tr("Identities")),
                (ListKind.STATIONS, tr("Stations")),
            ],
        )
        self.pool = DropDown(tr("Pool"))
        self.organization = OrganizationDropDown(tr("Organization"))
        self._pool_name, self._organization_name = muted(), muted()
        self.complete = Segmented(
            tr("The file"), [(ADDS, tr("adds and updates")), (IS_COMPLETE, tr("is the complete list"))]
        )
        self._removes = muted()
        self.create_holders = QCheckBox(tr("Create holders that are not known"))
        self.email_required = QCheckBox(tr("E-mail required"))
        for box in (self.pool, self.organization):
            box.setMinimumWidth(110)
            box.setMaximumWidth(_WIDEST_CHOICE)
            box.changed.connect(lambda _value: self.changed.emit())
        self.kind.changed.connect(self.kind_changed)
        self.complete.changed.connect(lambda _value: self.changed.emit())
        for tick in (self.create_holders, self.email_required):
            tick.clicked.connect(lambda _checked: self.changed.emit())
        self._of_file = QWidget()
        self._of_file.setLayout(
            row(_fixed(tr("The file")), self.complete, self._removes, None, self.email_required, self.create_holders)
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(
            row(
                *(_fixed(tr("It lists")), self.kind, None),
                *(self._pool_name, self.pool, self._organization_name, self.organization),
            )
        )
        column.addWidget(self._of_file)

    def show_job(self, job: ImportJob) -> None:
        """Show what is chosen, and offer what can be chosen in a list of its kind."""
        is_of_passes, is_of_members = job.kind is ListKind.PASSES, job.kind is ListKind.MEMBERS
        self.kind.select(job.kind)
        pools = [(summary.pool.id, summary.pool.name) for summary in self._desk.application.pools.all()]
        no_pool = tr("no pool") if is_of_passes else tr("Choose the pool")
        self.pool.set_choices([(None, no_pool), *pools])
        self.pool.select(job.pool_id)
        self._pool_name.setText(tr("Put them into") if is_of_passes else tr("Members of"))
        organizations = organization_choices(self._desk)
        self.organization.set_choices(organizations)
        self.organization.select(job.organization_id)
        self._organization_name.setText(tr("Who is new belongs to") if is_of_passes or is_of_members else tr("In"))
        self.complete.select(job.choices.complete_list)
        self._removes.setText(
            tr("Passes not in it are removed") if is_of_passes else tr("Members not in it are taken out")
        )
        self.create_holders.setChecked(job.choices.create_identities)
        self.email_required.setChecked(job.choices.email_required)
        for widget, is_offered in (
            (self.pool, is_of_passes or is_of_members),
            (self._pool_name, is_of_passes or is_of_members),
            (self.organization, bool(organizations)),
            (self._organization_name, bool(organizations)),
            (self._of_file, is_of_passes or is_of_members),
            (self._removes, job.choices.complete_list),
            (self.email_required, is_of_passes),
        ):
            widget.setVisible(is_offered)

    def applied_to(self, job: ImportJob) -> ImportJob:
        """The job as it is with what is chosen now."""
        choices = replace(
            job.choices,
            complete_list=self.complete.value() is IS_COMPLETE,
            create_identities=self.create_holders.isChecked(),
            email_required=self.email_required.isChecked(),
        )
        pool_id, organization_id = self.pool.value(), self.organization.value()
        return replace(
            job,
            choices=choices,
            pool_id=pool_id if isinstance(pool_id, int) else None,
            organization_id=organization_id if isinstance(organization_id, int) else job.organization_id,
        )


def begun(desk: Desk, job: ImportJob) -> ImportJob:
    """A job with what most lists of its kind want: the only pool there is, e-mail where there is a column of it."""
    pools = desk.application.pools.all()
    only = pools[0].pool.id if len(pools) == 1 and job.kind is ListKind.MEMBERS else None
    choices = replace(job.choices, email_required=Field.EMAIL in job.columns.by_field)
    return replace(job, choices=choices, pool_id=job.pool_id or only)


def _fixed(text: str) -> Label:
    made = muted(text)
    made.setMinimumWidth(made.sizeHint().width())
    return made
