"""A card that is one pass becomes another one: on the operator's word only, and in one transaction."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.removal_history import note_removed_passes
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.rows import to_pass
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import PassesChanged, PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.ids import Uid
from app.domain.model import Pass
from app.identities import refuse_shared_uids
from app.undo import Undo, taking_back


async def move_uid(store: Store, bus: Bus, clock: Callable[[], datetime], uid: Uid, to: int) -> Undo:
    """Give a pass that waits for its UID that of another pass, which waits from then on.

    One that has no visible ID cannot be without a UID: it is removed. Raises AppError `pass_unknown`, `pass_has_uid`.
    """
    now, touched = clock(), [to]
    taken: list[_Taken] = []

    def write(connection: Connection) -> Replacement:
        card = _pass(connection, schema.passes.c.id == to)
        if card is None:
            raise AppError("pass_unknown")
        if card.uid is not None:
            raise AppError("pass_has_uid", title=card.title, uid=card.uid)
        taken.append(_Taken(connection, uid, now))
        touched.extend(taken[0].pass_ids)
        replaced = replace_columns(connection, schema.passes, [to], {"uid": uid})
        history_rows.note_passes(connection, now, ChangeKind.UID_CAPTURED, Origin.BY_HAND, [to], str(uid))
        return replaced

    replaced = await store.write(write)
    changed = (PassesChanged(tuple(touched)), *((PoolsChanged(()),) if taken[0].is_removed else ()))
    for event in changed:
        bus.publish(event)

    def take_back(connection: Connection) -> None:
        put_columns_back(connection, replaced)
        history_rows.note_pass_change(connection, clock(), Origin.UNDO, replaced, replaced.after)
        taken[0].give_back(connection, clock())
        refuse_shared_uids(connection)

    return taking_back(store, bus, take_back, *changed)


class _Taken:
    """A UID taken from whichever pass had it, so that it can be given back."""

    def __init__(self, connection: Connection, uid: Uid, now: datetime) -> None:
        linked = schema.linked_uids.c
        rows = connection.execute(select(schema.linked_uids).where(linked.uid == uid)).mappings()
        self._links = [dict(row) for row in rows]
        connection.execute(delete(schema.linked_uids).where(linked.uid == uid))
        self._unlinked = [link["pass_id"] for link in self._links]
        history_rows.note_passes(connection, now, ChangeKind.PASS_CHANGED, Origin.BY_HAND, self._unlinked, "linked_uid")
        self._removed: removal.Removal | None = None
        self._emptied: Replacement | None = None
        holder = _pass(connection, schema.passes.c.uid == uid)
        self.pass_ids = [*self._unlinked, *([holder.id] if holder else [])]
        if holder is not None and holder.visible_id is not None:
            self._emptied = replace_columns(connection, schema.passes, [holder.id], {"uid": None})
            history_rows.note_pass_change(connection, now, Origin.BY_HAND, self._emptied, self._emptied.before)
        elif holder is not None:
            note_removed_passes(connection, now, [holder.id], back=False)
            self._removed = removal.remove(connection, schema.passes, [holder.id])

    @property
    def is_removed(self) -> bool:
        return self._removed is not None

    def give_back(self, connection: Connection, now: datetime) -> None:
        if self._emptied is not None:
            put_columns_back(connection, self._emptied)
            history_rows.note_pass_change(connection, now, Origin.UNDO, self._emptied, self._emptied.after)
        if self._removed is not None:
            removal.restore(connection, self._removed)
            note_removed_passes(connection, now, self._removed.ids(schema.passes), back=True)
        if self._links:
            connection.execute(insert(schema.linked_uids), self._links)
            history_rows.note_passes(
                connection, now, ChangeKind.PASS_CHANGED, Origin.UNDO, self._unlinked, "linked_uid"
            )


def _pass(connection: Connection, condition: ColumnElement[bool]) -> Pass | None:
    row = connection.execute(select(schema.passes).where(condition)).mappings().first()
    return to_pass(row) if row else None
