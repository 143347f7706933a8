"""Adding passes or an identity to a pool that is chosen here.

desk.run(add_passes_to_a_pool(desk, cards))
desk.run(add_identity_to_a_pool(desk, identity))
"""

from collections.abc import Sequence

from PySide6.QtWidgets import QRadioButton

from app.application import PoolSummary
from app.domain.model import AccessLevel, Identity, Pass
from ui.desk import Desk
from ui.strings import tr
from ui.tasks import ask
from ui.widgets.buttons import Action
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import DropDown, FormField
from ui.widgets.labels import paragraph


def pools_named(pools: Sequence[PoolSummary], names: str) -> list[PoolSummary]:
    """The pools whose names stand in such a list of names as a summary holds."""
    return [summary for summary in pools if f", {summary.pool.name}, " in f", {names}, "]


async def add_passes_to_a_pool(desk: Desk, cards: Sequence[Pass]) -> None:
    """Ask for a pool, and for a single pass of somebody whether the person is meant; then add them, with Undo."""
    if not cards or not _any_pool(desk):
        return
    owner = None
    if len(cards) == 1 and cards[0].identity_id is not None:
        owner = desk.application.identities.require(cards[0].identity_id)
    what = cards[0].title if len(cards) == 1 else tr("{count} passes").format(count=len(cards))
    dialog = PoolChoiceDialog(desk, what, owner)
    if not await ask(dialog):
        return
    pool_id, pool_name = dialog.pool_id, dialog.pool_name
    if owner is not None and dialog.whole_identity:
        await _add_identity(desk, owner, pool_id, pool_name)
        return
    undo = await desk.application.members.add(pool_id, pass_ids=[card.id for card in cards])
    desk.offer_undo(tr("{what} may charge at {pool} now.").format(what=what, pool=pool_name), undo)


async def add_identity_to_a_pool(desk: Desk, identity: Identity) -> None:
    """Ask for a pool, then make an identity a member of it, with Undo."""
    if not _any_pool(desk):
        return
    dialog = PoolChoiceDialog(desk, identity.name)
    if await ask(dialog):
        await _add_identity(desk, identity, dialog.pool_id, dialog.pool_name)


async def _add_identity(desk: Desk, identity: Identity, pool_id: int, pool_name: str) -> None:
    undo = await desk.application.members.add(pool_id, identity_ids=[identity.id])
    said = tr("{name} may charge at {pool} now, with every pass.")
    desk.offer_undo(said.format(name=identity.name, pool=pool_name), undo)


def _any_pool(desk: Desk) -> bool:
    if desk.application.pools.all():
        return True
    desk.notes.show_note(
        tr("There is no pool yet. A pool is a group of stations with one rule of who may charge there."),
        "info",
        Action(tr("Open Pools"), lambda: desk.go("pools")),
    )
    return False


class PoolChoiceDialog(FormDialog):
    """Accepted: read `pool_id`, `pool_name` and `whole_identity`."""

    def __init__(self, desk: Desk, what: str, owner: Identity | None = None) -> None:
        """`owner` is offered beside the pass itself."""
        super().__init__(desk.window, tr("Add to a pool"))
        pools = [summary.pool for summary in desk.application.pools.all()]
        # A public pool admits every pass: it needs no members.
        pools.sort(key=lambda pool: pool.level is AccessLevel.PUBLIC)
        public = tr("{name} (public: open to every pass)")
        self._names = {pool.id: pool.name for pool in pools}
        self.pool = DropDown(
            tr("Pool"),
            [
                (pool.id, public.format(name=pool.name) if pool.level is AccessLevel.PUBLIC else pool.name)
                for pool in pools
            ],
        )
        self._identity, self._pass = QRadioButton(), QRadioButton(tr("Only this pass: {title}").format(title=what))
        if owner is None:
            said = paragraph(tr("{what} may charge there from the next tap on.").format(what=what), tone="muted")
            self.body.addWidget(said)
        self.body.addWidget(FormField(tr("Pool"), self.pool))
        if owner is not None:
            count = len(desk.application.passes.of_identity(owner.id))
            self._identity.setText(tr("{name}, with every pass ({count})").format(name=owner.name, count=count))
            self._identity.setChecked(True)
            self.body.addWidget(self._identity)
            self.body.addWidget(self._pass)
        self.add_buttons(tr("Add"), self.accept)
        self.pool.setFocus()

    @property
    def pool_id(self) -> int:
        """The pool that was chosen."""
        return int(str(self.pool.value()))

    @property
    def pool_name(self) -> str:
        """Its name."""
        return self._names[self.pool_id]

    @property
    def whole_identity(self) -> bool:
        """Whether the person is meant, with passes still to come."""
        return self._identity.isChecked()
