"""What was typed to find somebody and is nobody yet: a card's UID or printed ID, an e-mail address, added in a click.

offers = QuickAdd(desk); offers.offer(pool, "04A2B3C4")         # shows a line with a button, or nothing
"""

from PySide6.QtWidgets import QWidget

from app.domain.drafts import IdentityDraft, PassDraft, clean_email
from app.domain.errors import AppError
from app.domain.ids import UidKind, canonical_uid, classify_uid
from app.domain.model import Pool
from app.domain.visible_ids import canonical_visible_id, visible_id_in
from ui.desk import Desk
from ui.strings import tr
from ui.widgets.boxes import row
from ui.widgets.buttons import primary_button
from ui.widgets.labels import muted


class QuickAdd(QWidget):
    """Hidden while there is nothing to offer. What it adds is a member at once, with Undo."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._pool: Pool | None = None
        self._new: PassDraft | IdentityDraft | None = None
        self.fact = muted()
        self.button = primary_button(tr("Add"), self._add)
        line = row(self.fact, None, self.button)
        line.setContentsMargins(14, 8, 14, 0)
        self.setLayout(line)
        self.hide()

    def offer(self, pool: Pool | None, text: str) -> None:
        """Offer to add what this text names, where it is plainly an ID or an address that nobody has."""
        self._pool, text = pool, text.strip()
        self._new = self._unknown(text) if pool is not None and text else None
        self.setVisible(self._new is not None)
        if isinstance(self._new, IdentityDraft):
            self.fact.setText(tr("Nobody has this e-mail address yet."))
            words = tr("Add new identity {email}").format(email=self._new.email)
        elif isinstance(self._new, PassDraft):
            self.fact.setText(
                tr("No pass has this UID yet.") if self._new.uid else tr("No pass has this printed ID yet.")
            )
            words = tr("Add {id} as an external pass").format(id=self._new.uid or self._new.visible_id)
        else:
            return
        self.button.setText(words.replace("&", "&&"))

    def _unknown(self, text: str) -> PassDraft | IdentityDraft | None:
        application = self._desk.application
        if "@" in text:
            try:
                email = clean_email(text)
            except AppError:
                return None
            return None if application.identities.find(email) else IdentityDraft(email)
        if visible_id := visible_id_in(text):
            key = canonical_visible_id(visible_id)
            found = application.passes.search(visible_id, limit=20)
            known = any(canonical_visible_id(each.card.visible_id or "") == key for each in found)
            return None if known else PassDraft(visible_id=visible_id)
        uid = canonical_uid(text)
        if classify_uid(uid) not in (UidKind.CARD, UidKind.VEHICLE) or application.passes.find(uid):
            return None
        return PassDraft(uid=uid)

    def _add(self) -> None:
        if self._new is not None and self._pool is not None:
            self._desk.run(self._keep(self._pool, self._new))
            self.hide()

    async def _keep(self, pool: Pool, new: PassDraft | IdentityDraft) -> None:
        application = self._desk.application
        if isinstance(new, IdentityDraft):
            identity = await application.identities.add(new, pool_id=pool.id)
            name = identity.name

            async def undo() -> None:
                await application.identities.remove(identity.id)
        else:
            card = await application.passes.add(new, pool_id=pool.id)
            name = card.title

            async def undo() -> None:
                await application.passes.remove([card.id])

        said = tr("{name} is here now, and a member of {pool}.")
        if isinstance(new, PassDraft) and not new.uid:
            said = tr("{name} is a member of {pool} now. It waits for its first tap.")
        self._desk.offer_undo(said.format(name=name, pool=pool.name), undo)
