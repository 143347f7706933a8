"""Letting a known card in: its holder with all passes, or this one pass, becomes a member of the station's pool."""

from PySide6.QtWidgets import QRadioButton, QWidget

from app.application import Verdict
from app.domain.errors import AppError
from ui.desk import Desk
from ui.form_dialog import FormDialog
from ui.labels import paragraph
from ui.strings import tr
from ui.tasks import ask


def add_to_pool(desk: Desk, verdict: Verdict) -> None:
    """Ask whether the person or only the pass is meant, then add it, with Undo; a pass of nobody needs no question."""
    desk.run(_ask_and_add(desk, verdict))


async def _ask_and_add(desk: Desk, verdict: Verdict) -> None:
    if verdict.pool_id is None or verdict.pass_id is None:
        raise AppError("pool_unknown" if verdict.pool_id is None else "pass_unknown")
    card = desk.application.passes.require(verdict.pass_id)
    whole_identity = False
    if card.identity_id is not None:
        dialog = AddToPoolDialog(desk, verdict, card.title, len(desk.application.passes.of_identity(card.identity_id)))
        if not await ask(dialog):
            return
        whole_identity = dialog.whole_identity
    if whole_identity and card.identity_id is not None:
        adding = desk.application.pools.add_members(verdict.pool_id, identity_ids=[card.identity_id])
    else:
        adding = desk.application.pools.add_members(verdict.pool_id, pass_ids=[card.id])
    who = verdict.holder if whole_identity else card.title
    desk.offer_undo(
        tr("{who} may charge at {pool}. Hold the card again.").format(who=who, pool=verdict.pool_name), await adding
    )


class AddToPoolDialog(FormDialog):
    """Accepted: read `whole_identity`."""

    def __init__(self, desk: Desk, verdict: Verdict, title: str, passes: int, parent: QWidget | None = None) -> None:
        super().__init__(parent or desk.window, tr("Add to {pool}").format(pool=verdict.pool_name))
        everyone = tr("{holder}, with every pass ({count})").format(holder=verdict.holder, count=passes)
        self._identity = QRadioButton(everyone)
        self._identity.setChecked(True)
        self._pass = QRadioButton(tr("Only this pass: {title}").format(title=title))
        self.body.addWidget(paragraph(tr("Who may charge at these stations from now on?"), tone="muted"))
        self.body.addWidget(self._identity)
        self.body.addWidget(self._pass)
        self.add_buttons(tr("Add"), self.accept)
        self._identity.setFocus()

    @property
    def whole_identity(self) -> bool:
        """Whether the person is meant, with passes still to come; else this one pass."""
        return self._identity.isChecked()
