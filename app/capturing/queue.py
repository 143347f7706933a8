"""The passes that wait for their UID, in the order in which their cards will be held to the reader."""

from collections.abc import Sequence

from sqlalchemy import select

from app.database import schema
from app.database.store import Store

#: More changes at once are cheaper to read as a whole.
FEW = 50


class PassQueue:
    """In the order in which the passes were made, as an imported list was; then as the operator moved them."""

    def __init__(self, store: Store, order: Sequence[int] = ()) -> None:
        self._store = store
        self._ids = list(order)
        self._by_hand = bool(order)
        self._stale = True

    def ids(self) -> list[int]:
        """The ids of the passes, the next one first."""
        self._read()
        return list(self._ids)

    def first(self) -> int | None:
        """The next pass; None when every one has its UID."""
        self._read()
        return self._ids[0] if self._ids else None

    @property
    def order(self) -> list[int]:
        """What to keep so that the order is the same after a restart; nothing when it is the usual one."""
        return self.ids() if self._by_hand else []

    def look_at(self, pass_ids: Sequence[int]) -> None:
        """These passes changed; none named means that any may have."""
        if self._stale or not pass_ids or len(pass_ids) > FEW:
            self._stale = True
            return
        card = schema.passes.c
        waiting = set(self._store.reader.scalars(select(card.id).where(card.id.in_(pass_ids), card.uid.is_(None))))
        for pass_id in pass_ids:
            if pass_id in self._ids and pass_id not in waiting:
                self._ids.remove(pass_id)
            elif pass_id in waiting and pass_id not in self._ids:
                self._stale = True

    def place(self, pass_id: int, at: int) -> None:
        """Put a pass at a place, 0 is the next one; one that does not wait is left alone."""
        self._read()
        if pass_id in self._ids:
            self._ids.remove(pass_id)
            self._ids.insert(at, pass_id)
            self._by_hand = True

    def put_last(self, pass_id: int) -> None:
        """Let every other pass go before this one."""
        self.place(pass_id, len(self.ids()))

    def forget_order(self) -> None:
        """Back to the usual order."""
        self._ids, self._by_hand, self._stale = [], False, True

    def _read(self) -> None:
        if not self._stale:
            return
        card = schema.passes.c
        waiting = list(self._store.reader.scalars(select(card.id).where(card.uid.is_(None)).order_by(card.id)))
        if self._by_hand:
            there, known = set(waiting), set(self._ids)
            self._ids = [each for each in self._ids if each in there] + [each for each in waiting if each not in known]
        else:
            self._ids = waiting
        self._stale = False
