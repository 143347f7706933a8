"""Letting in who asked, or not: one press where nothing is left to ask, else a dialog.

desk.run(approve_request(desk, request))       # says what was done, with Undo, and offers to start the charge
desk.run(deny_request(desk, request))
"""

from datetime import datetime, timedelta

from PySide6.QtWidgets import QLineEdit
from shiboken6 import isValid

from app.application import Undo
from app.domain.drafts import IdentityDraft, clean_email
from app.domain.errors import AppError
from app.domain.requests import AccessRequest
from ui.desk import Desk
from ui.identities.chooser import IdentityChooser
from ui.passes.words import first_moment
from ui.requests.start_charge import offer_start
from ui.requests.words import is_known, who
from ui.strings import sentence, tr
from ui.taps.words import clock
from ui.tasks import ask
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField
from ui.widgets.labels import label, paragraph, rich
from ui.widgets.optional_date import OptionalDate


async def approve_request(desk: Desk, request: AccessRequest) -> None:
    """Let a known pass in at once, ask for the rest where it is not. Raises AppError as `Requests.approve` does."""
    if is_known(request):
        told(desk, request, await desk.application.requests.approve(request.id))
    else:
        await ask(ApproveRequestDialog(desk, request))


async def deny_request(desk: Desk, request: AccessRequest) -> None:
    """Let nobody in. Raises AppError `request_unknown`, `request_decided`."""
    undo = await desk.application.requests.deny(request.id)
    desk.offer_undo(tr("{who} is not let in at {pool}.").format(who=who(request), pool=request.pool_name), undo)


def told(desk: Desk, request: AccessRequest, undo: Undo) -> None:
    """Say that it is approved, and offer to start the charge where the driver still waits."""
    after = desk.application.requests.require(request.id)
    desk.offer_undo(tr("{who} may charge at {pool}.").format(who=who(after), pool=after.pool_name), undo)
    offer_start(desk, after)


class ApproveRequestDialog(FormDialog):
    """Approves by itself and is accepted then; what cannot be kept is said at its field, and all stays."""

    def __init__(self, desk: Desk, request: AccessRequest) -> None:
        super().__init__(desk.window, tr("Approve request"))
        self._desk, self._request = desk, request
        self.identity = IdentityChooser([summary.identity for summary in desk.application.identities.all()])
        self.identity.name.setPlaceholderText(tr("A name, or an e-mail address"))
        self.identity.name_field.helper.say(tr("Leave it empty for a card that is nobody's: an external pass."))
        self.newcomer = paragraph(tone="ok")
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Key fob, pool car, night shift…"))
        self.name_field = FormField(tr("Name of the pass"), self.name, optional=tr("optional"))
        today = desk.now().date()
        self.until = OptionalDate(tr("Only until"), today)
        self.until.date.setMinimumDate(self.until.date.date())
        self.lasting = paragraph(tone="muted")
        self.problem = paragraph(tone="bad")
        self._lay_out()
        self.approve_button = self.add_buttons(tr("Approve"), self.approve)
        self.identity.name.textChanged.connect(self._show_newcomer)
        self.identity.name.textChanged.connect(self.problem.hide)
        self.name.textChanged.connect(self.name_field.clear_error)
        self.until.changed.connect(self._show_lasting)
        self._show_newcomer()
        self._show_lasting()
        self.problem.hide()
        self.identity.name.setFocus()

    def _lay_out(self) -> None:
        request = self._request
        held = rich(
            tr("Card <code>{uid}</code> was held to <b>{station}</b> at {time}."),
            uid=request.uid,
            station=request.station_name,
            time=clock(self._desk, request.last_at),
        )
        self.body.addWidget(held)
        self.body.addWidget(self.identity)
        self.body.addWidget(self.newcomer)
        if request.pass_id is None:
            self.body.addWidget(self.name_field)
        else:
            # A pass that is there has its name already.
            self.name_field.setParent(self)
            self.name_field.hide()
        self.body.addWidget(label(tr("How long"), weight=500))
        self.body.addWidget(self.until)
        self.body.addWidget(self.lasting)
        self.body.addWidget(self.problem)

    def approve(self) -> None:
        """Approve with what is filled in."""
        self.problem.hide()
        self.name_field.clear_error()
        self.identity.name_field.clear_error()
        self.identity.new.clear_errors()
        # Now and not when the task begins: a second press may come in between.
        self.approve_button.setEnabled(False)
        self._desk.run(self._approve(), on_error=self._refused)

    async def _approve(self) -> None:
        try:
            identity_id, new_identity = self.choice()
            undo = await self._desk.application.requests.approve(
                self._request.id,
                identity_id=identity_id,
                new_identity=new_identity,
                name=self.name.text(),
                valid_until=self.valid_until(),
            )
        finally:
            # The operator may have closed it meanwhile.
            if isValid(self):
                self.approve_button.setEnabled(True)
        if isValid(self):
            self.accept()
        told(self._desk, self._request, undo)

    def choice(self) -> tuple[int | None, IdentityDraft | None]:
        """Whose card it becomes; an address that nobody has makes a new identity.

        Raises AppError `identity_not_chosen` when what was typed is neither a name nor an address.
        """
        address = self._new_address()
        return (None, IdentityDraft(address)) if address else self.identity.choice()

    def valid_until(self) -> datetime | None:
        """The end of the last day, or None for good."""
        last = self.until.value()
        return None if last is None else first_moment(last + timedelta(days=1))

    def _new_address(self) -> str:
        """The address that was typed where a name is looked for, when it is nobody's yet; else empty."""
        if self.identity.is_unfolded():
            return ""
        try:
            self.identity.choice()
        except AppError:
            typed = self.identity.name.text()
        else:
            return ""
        try:
            return clean_email(typed)
        except AppError:
            return ""

    def _show_newcomer(self) -> None:
        address = self._new_address()
        self.newcomer.setVisible(bool(address))
        self.newcomer.say(tr("{email} is new: an identity is made with it.").format(email=address))

    def _show_lasting(self) -> None:
        pool = self._request.pool_name
        if self.until.value() is None:
            words = tr("For good, at all stations of {pool}. Remove it from the pool to end it.")
        else:
            words = tr("At all stations of {pool}; that day is the last one.")
        self.lasting.say(words.format(pool=pool))

    def _refused(self, error: AppError) -> None:
        words = sentence(error.code, **error.params)
        if not isValid(self):
            self._desk.notes.problem(words)
        elif error.code in ("request_decided", "request_unknown"):
            # Nothing is left to approve.
            self.reject()
            self._desk.notes.problem(words)
        elif self.identity.show_error(error):
            return
        elif error.code == "name_too_long":
            self.name_field.show_error(words)
            self.name.setFocus()
        else:
            self.problem.say(words)
            self.problem.show()
