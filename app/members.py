"""Who is in a pool: identities (all their passes) and single passes, for good or until a moment."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.names import pass_title, whole_name
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.pools import require_pool
from app.undo import Undo, put_back, taking_back

#: What the history says of a member whose end was taken away.
FOR_GOOD = "for_good"


class Member(NamedTuple):
    """An identity (all its passes) or a single pass of a pool; with `id` None, one that could become a member.

    `organization_id` is that of the identity, None for an external pass. `valid_until` is when the membership ends.
    """

    id: int | None
    identity_id: int | None
    pass_id: int | None
    name: str
    contact: str
    visible_id: str | None
    uid: str | None
    passes: int
    last_used_at: datetime | None
    organization_id: int | None = None
    external_id: str | None = None
    valid_until: datetime | None = None


class Members:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def of_pool(self, pool_id: int) -> list[Member]:
        """The members, identities first, by name. `last_used_at` is anywhere, not only at this pool."""
        member = schema.members.c
        found = (member.id, member.valid_until)
        return self._rows(
            _identities(*found).join(schema.members, member.identity_id == schema.identities.c.id),
            _passes(*found).join(schema.members, member.pass_id == schema.passes.c.id),
            member.pool_id == pool_id,
        )

    def available(self, pool_id: int) -> list[Member]:
        """Identities and passes that are not members, identities first, by name."""
        member, nobody = schema.members.c, literal(None)
        taken = select(member.id).where(member.pool_id == pool_id)
        return self._rows(
            _identities(nobody, nobody).where(~taken.where(member.identity_id == schema.identities.c.id).exists()),
            _passes(nobody, nobody).where(~taken.where(member.pass_id == schema.passes.c.id).exists()),
            literal(value=True),
        )

    async def add(
        self,
        pool_id: int,
        *,
        identity_ids: Sequence[int] = (),
        pass_ids: Sequence[int] = (),
        valid_until: datetime | None = None,
    ) -> Undo:
        """Make identities and passes members; those that are already stay as they are.

        One whose membership has ended is a member anew. Raises AppError `pool_unknown`, `member_unknown`.
        """
        now, ended = self._clock(), removal.Removal()

        def write(connection: Connection) -> list[int]:
            require_pool(connection, pool_id)
            return insert_members(
                connection,
                pool_id,
                now,
                identity_ids=identity_ids,
                pass_ids=pass_ids,
                valid_until=valid_until,
                ended=ended,
            )

        try:
            added = await self._store.write(write)
        except IntegrityError as error:
            raise AppError("member_unknown") from error
        changed = PoolsChanged((pool_id,))
        self._bus.publish(changed)

        def take_back(connection: Connection) -> None:
            delete_members(connection, pool_id, self._clock(), Origin.UNDO, added)
            removal.restore(connection, ended)

        return taking_back(self._store, self._bus, take_back, changed)

    async def remove(self, pool_id: int, member_ids: Sequence[int]) -> Undo:
        """End the access that this pool gave, from the next tap on; what other pools gave stays.

        Members of another pool, and those that are gone already, are left alone.
        """
        now = self._clock()
        taken = await self._store.write(
            lambda connection: delete_members(connection, pool_id, now, Origin.BY_HAND, member_ids)
        )
        changed = PoolsChanged((pool_id,))
        self._bus.publish(changed)

        def note(connection: Connection) -> None:
            back = taken.ids(schema.members)
            history_rows.note_members(connection, self._clock(), ChangeKind.MEMBER_ADDED, Origin.UNDO, back)

        return put_back(self._store, self._bus, taken, changed, also=note)

    async def set_end(self, pool_id: int, member_ids: Sequence[int], valid_until: datetime | None) -> Undo:
        """Say until when these are members, from the next tap on; None: for good.

        Members of another pool, and those that are gone already, are left alone.
        """
        now = self._clock()

        def write(connection: Connection) -> Replacement:
            wanted = _of_pool(connection, pool_id, member_ids)
            replaced = replace_columns(connection, schema.members, wanted, {"valid_until": valid_until})
            _note_ends(connection, now, Origin.BY_HAND, replaced.ids)
            return replaced

        replaced = await self._store.write(write)
        changed = PoolsChanged((pool_id,))
        self._bus.publish(changed)

        def take_back(connection: Connection) -> None:
            put_columns_back(connection, replaced)
            _note_ends(connection, self._clock(), Origin.UNDO, replaced.ids)

        return taking_back(self._store, self._bus, take_back, changed)

    def _rows(self, identities: Select[Any], passes: Select[Any], condition: ColumnElement[bool]) -> list[Member]:
        read, found = self._store.reader.execute, []
        for query in (identities, passes):
            rows = map(Member._make, read(query.where(condition)).all())
            found += sorted(rows, key=lambda member: member.name.casefold())
        return found


def insert_members(
    connection: Connection,
    pool_id: int,
    added_at: datetime,
    origin: Origin = Origin.BY_HAND,
    *,
    identity_ids: Sequence[int] = (),
    pass_ids: Sequence[int] = (),
    valid_until: datetime | None = None,
    ended: removal.Removal | None = None,
) -> list[int]:
    """Make identities and passes members within a transaction that does more; members already stay.

    Memberships that have ended by now make room for new ones, and go into `ended`: to take all this back, restore them
    after `delete_members`. Gives the ids of the new members. Raises IntegrityError when one of those is not there.
    """
    statement = sqlite.insert(schema.members).on_conflict_do_nothing().returning(schema.members.c.id)
    member = schema.members.c
    over = connection.execute(
        select(member.id, member.identity_id, member.pass_id).where(
            member.pool_id == pool_id, member.valid_until <= added_at
        )
    ).all()
    added: list[int] = []
    for column, ids in (("identity_id", identity_ids), ("pass_id", pass_ids)):
        if ids:
            wanted = set(ids)
            again = [row.id for row in over if getattr(row, column) in wanted]
            removal.remove(connection, schema.members, again, ended)
            rows = [
                {"pool_id": pool_id, column: each, "added_at": added_at, "valid_until": valid_until} for each in ids
            ]
            added += connection.scalars(statement, rows)
    history_rows.note_members(connection, added_at, ChangeKind.MEMBER_ADDED, origin, added)
    return added


def delete_members(
    connection: Connection, pool_id: int, at: datetime, origin: Origin, member_ids: Sequence[int]
) -> removal.Removal:
    """Take members out of a pool within a transaction that does more; what is returned can be restored."""
    wanted = _of_pool(connection, pool_id, member_ids)
    history_rows.note_members(connection, at, ChangeKind.MEMBER_REMOVED, origin, wanted)
    return removal.remove(connection, schema.members, wanted)


def _of_pool(connection: Connection, pool_id: int, member_ids: Sequence[int]) -> list[int]:
    rows = schema.members.c
    of_pool = set(connection.scalars(select(rows.id).where(rows.pool_id == pool_id)))
    return [member_id for member_id in dict.fromkeys(member_ids) if member_id in of_pool]


def _note_ends(connection: Connection, at: datetime, origin: Origin, member_ids: Sequence[int]) -> None:
    history_rows.note_members(connection, at, ChangeKind.MEMBER_ADDED, origin, member_ids, FOR_GOOD)


def _identities(member_id: ColumnElement[Any], valid_until: ColumnElement[Any]) -> Select[Any]:
    identity, card = schema.identities.c, schema.passes.c
    return (
        select(
            member_id,
            identity.id,
            literal(None),
            whole_name(),
            identity.email,
            literal(None),
            literal(None),
            func.count(card.id),
            func.max(card.last_used_at),
            identity.organization_id,
            identity.external_id,
            valid_until,
        )
        .select_from(schema.identities.outerjoin(schema.passes))
        .group_by(identity.id)
    )


def _passes(member_id: ColumnElement[Any], valid_until: ColumnElement[Any]) -> Select[Any]:
    card, identity = schema.passes.c, schema.identities.c
    return select(
        member_id,
        literal(None),
        card.id,
        pass_title(),
        func.coalesce(whole_name(), ""),
        card.visible_id,
        card.uid,
        literal(1),
        card.last_used_at,
        identity.organization_id,
        literal(None),
        valid_until,
    ).select_from(schema.passes.outerjoin(schema.identities))
