"""Letting a known card in: its holder with all passes, or this one pass, becomes a member of the station's pool."""

from PySide6.QtWidgets import QRadioButton

from app.domain.model import Identity, Pass, Pool, Tap
from ui.desk import Desk
from ui.strings import tr
from ui.taps.words import said_after
from ui.tasks import ask
from ui.widgets.form_dialog import FormDialog
from ui.widgets.labels import paragraph


async def add_to_pool(desk: Desk, tap: Tap, pool_id: int, pass_id: int) -> None:
    """Ask whether the person or only the pass is meant, then add it, with Undo; a pass of nobody needs no question.

    Raises AppError when the pool or the pass is gone by now.
    """
    application = desk.application
    pool, card = application.pools.require(pool_id), application.passes.require(pass_id)
    holder = None if card.identity_id is None else application.identities.require(card.identity_id)
    if holder is not None:
        dialog = AddToPoolDialog(desk, pool, card, holder)
        if not await ask(dialog):
            return
        holder = holder if dialog.whole_identity else None
    if holder is not None:
        undo = await application.members.add(pool.id, identity_ids=[holder.id])
    else:
        undo = await application.members.add(pool.id, pass_ids=[card.id])
    done = tr("{who} is a member of {pool}").format(who=holder.name if holder else card.title, pool=pool.name)
    desk.offer_undo(said_after(desk, tap, done), undo)


class AddToPoolDialog(FormDialog):
    """Accepted: read `whole_identity`."""

    def __init__(self, desk: Desk, pool: Pool, card: Pass, holder: Identity) -> None:
        super().__init__(desk.window, tr("Add to {pool}").format(pool=pool.name))
        passes = len(desk.application.passes.of_identity(holder.id))
        everything = tr("{holder}, with every pass ({count})").format(holder=holder.name, count=passes)
        only_this = tr("Only this pass: {title}").format(title=card.title)
        # An & would be taken for the mark of a shortcut.
        self._identity = QRadioButton(everything.replace("&", "&&"))
        self._identity.setChecked(True)
        self._pass = QRadioButton(only_this.replace("&", "&&"))
        self.body.addWidget(paragraph(tr("Who may charge at these stations from now on?"), tone="muted"))
        self.body.addWidget(self._identity)
        self.body.addWidget(self._pass)
        self.add_buttons(tr("Add"), self.accept)
        self._identity.setFocus()

    @property
    def whole_identity(self) -> bool:
        """Whether the person is meant, with passes still to come; else this one pass."""
        return self._identity.isChecked()
