"""Access pools: groups of stations with one rule, and the identities and passes that are members."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, literal, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import removal, schema
from app.database.rows import insert_row, to_pool
from app.database.store import Store
from app.domain.drafts import clean_name
from app.domain.errors import AppError
from app.domain.events import PoolsChanged
from app.domain.model import AccessLevel, Pool
from app.undo import Undo, put_back


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """A pool as a list shows it."""

    pool: Pool
    stations: int
    identities: int
    passes: int


@dataclass(frozen=True, slots=True)
class Member:
    """An identity (all its passes) or a single pass of a pool; with `id` None, one that could become a member."""

    id: int | None
    identity_id: int | None
    pass_id: int | None
    name: str
    contact: str
    visible_id: str | None
    uid: str | None
    passes: int
    last_used_at: datetime | None


class Pools:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def count(self) -> int:
        """How many there are."""
        return int(self._store.reader.execute(select(func.count()).select_from(schema.pools)).scalar_one())

    def all(self) -> list[PoolSummary]:
        """Every pool by name, with how much is in it."""
        pools, members, stations = schema.pools.c, schema.members.c, schema.stations.c
        rows = self._store.reader.execute(
            select(
                schema.pools,
                _count(stations.id, stations.pool_id == pools.id).label("stations"),
                _count(members.identity_id, members.pool_id == pools.id).label("identities"),
                _count(members.pass_id, members.pool_id == pools.id).label("passes"),
            ).order_by(pools.name)
        )
        return [PoolSummary(to_pool(row), row["stations"], row["identities"], row["passes"]) for row in rows.mappings()]

    def find(self, name: str) -> Pool | None:
        """The pool of this name in whatever case, or None."""
        row = self._store.reader.execute(select(schema.pools).where(schema.pools.c.name == name)).mappings().first()
        return to_pool(row) if row else None

    def require(self, pool_id: int) -> Pool:
        """The pool with this id. Raises AppError `pool_unknown`."""
        row = self._store.reader.execute(select(schema.pools).filter_by(id=pool_id)).mappings().first()
        if row is None:
            raise AppError("pool_unknown")
        return to_pool(row)

    def members(self, pool_id: int) -> list[Member]:
        """The members, identities first, by name."""
        member = schema.members.c
        return self._rows(
            _identities(member.id).join(schema.members, member.identity_id == schema.identities.c.id),
            _passes(member.id).join(schema.members, member.pass_id == schema.passes.c.id),
            member.pool_id == pool_id,
        )

    def available(self, pool_id: int) -> list[Member]:
        """Identities and passes that are not members, identities first, by name."""
        member, nobody = schema.members.c, literal(None)
        taken = select(member.id).where(member.pool_id == pool_id)
        return self._rows(
            _identities(nobody).where(~taken.where(member.identity_id == schema.identities.c.id).exists()),
            _passes(nobody).where(~taken.where(member.pass_id == schema.passes.c.id).exists()),
            literal(value=True),
        )

    async def create(self, name: str, level: AccessLevel = AccessLevel.PRIVATE) -> Pool:
        """A new pool. Raises AppError `pool_name_empty`, `pool_name_taken`, `name_too_long`."""
        name = _clean_pool_name(name)

        def write(connection: Connection) -> int:
            return insert_row(connection, insert(schema.pools).values(name=name, level=level.value))

        pool_id = await self._write_name(write)
        self._bus.publish(PoolsChanged((pool_id,)))
        return Pool(pool_id, name, level)

    async def rename(self, pool_id: int, name: str) -> Undo:
        """Raises AppError as `create` does."""
        pool = self.require(pool_id)
        await self._change(pool_id, name=_clean_pool_name(name))
        return lambda: self._change(pool_id, name=pool.name)

    async def set_level(self, pool_id: int, level: AccessLevel) -> Undo:
        """Change who may charge, from the next tap on. Free vend ends when the pool is no longer public."""
        pool = self.require(pool_id)
        await self._change(pool_id, level=level.value, free_vend=pool.free_vend and level is AccessLevel.PUBLIC)
        return lambda: self._change(pool_id, level=pool.level.value, free_vend=pool.free_vend)

    async def remove(self, pool_id: int) -> Undo:
        """Remove a pool; its stations are then in none, and nobody may charge there."""
        self.require(pool_id)
        return await self._take_away(pool_id, lambda connection: removal.remove(connection, schema.pools, [pool_id]))

    async def add_members(
        self, pool_id: int, *, identity_ids: Sequence[int] = (), pass_ids: Sequence[int] = ()
    ) -> Undo:
        """Make identities and passes members; those that are already stay as they are."""
        self.require(pool_id)
        now = self._clock()

        def write(connection: Connection) -> list[int]:
            return insert_members(connection, pool_id, now, identity_ids=identity_ids, pass_ids=pass_ids)

        try:
            added = await self._store.write(write)
        except IntegrityError as error:
            raise AppError("member_unknown") from error
        self._bus.publish(PoolsChanged((pool_id,)))

        async def undo() -> None:
            await self.remove_members(pool_id, added)

        return undo

    async def remove_members(self, pool_id: int, member_ids: Sequence[int]) -> Undo:
        """End the access that this pool gave, from the next tap on; what other pools gave stays."""
        return await self._take_away(pool_id, lambda connection: removal.remove(connection, schema.members, member_ids))

    def _rows(self, identities: Select[Any], passes: Select[Any], condition: ColumnElement[bool]) -> list[Member]:
        read = self._store.reader.execute
        found = [Member(**row) for query in (identities, passes) for row in read(query.where(condition)).mappings()]
        return sorted(found, key=lambda member: (member.identity_id is None, member.name.casefold()))

    async def _take_away(self, pool_id: int, write: Callable[[Connection], removal.Removal]) -> Undo:
        taken = await self._store.write(write)
        changed = PoolsChanged((pool_id,))
        self._bus.publish(changed)
        return put_back(self._store, self._bus, taken, changed)

    async def _change(self, pool_id: int, **values: object) -> None:
        def write(connection: Connection) -> int:
            return connection.execute(update(schema.pools).filter_by(id=pool_id).values(**values)).rowcount

        await self._write_name(write)
        self._bus.publish(PoolsChanged((pool_id,)))

    async def _write_name(self, write: Callable[[Connection], int]) -> int:
        try:
            return await self._store.write(write)
        except IntegrityError as error:
            raise AppError("pool_name_taken") from error


def require_pool(connection: Connection, pool_id: int) -> None:
    """Within a transaction that does more: raises AppError `pool_unknown` when there is no such pool."""
    if not connection.execute(select(schema.pools.c.id).filter_by(id=pool_id)).first():
        raise AppError("pool_unknown")


def insert_members(
    connection: Connection,
    pool_id: int,
    added_at: datetime,
    *,
    identity_ids: Sequence[int] = (),
    pass_ids: Sequence[int] = (),
) -> list[int]:
    """Make identities and passes members within a transaction that does more; members already stay.

    Gives the ids of the new members. Raises IntegrityError when one of those named is not there.
    """
    statement = sqlite.insert(schema.members).on_conflict_do_nothing().returning(schema.members.c.id)
    added: list[int] = []
    for column, ids in (("identity_id", identity_ids), ("pass_id", pass_ids)):
        if ids:
            rows = [{"pool_id": pool_id, column: member, "added_at": added_at} for member in ids]
            added += connection.scalars(statement, rows)
    return added


def _clean_pool_name(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise AppError("pool_name_empty")
    return cleaned


def _count(counted: ColumnElement[Any], condition: ColumnElement[bool]) -> Any:
    return select(func.count(counted)).where(condition).scalar_subquery()


def _full_name() -> ColumnElement[str]:
    identity = schema.identities.c
    both = func.trim(identity.first_name + " " + identity.last_name)
    return func.coalesce(func.nullif(both, ""), identity.email)


def _identities(member_id: ColumnElement[Any]) -> Select[Any]:
    identity, of_identity = schema.identities.c, schema.passes.c.identity_id == schema.identities.c.id
    return select(
        member_id.label("id"),
        identity.id.label("identity_id"),
        literal(None).label("pass_id"),
        _full_name().label("name"),
        identity.email.label("contact"),
        literal(None).label("visible_id"),
        literal(None).label("uid"),
        _count(schema.passes.c.id, of_identity).label("passes"),
        select(func.max(schema.passes.c.last_used_at)).where(of_identity).scalar_subquery().label("last_used_at"),
    ).select_from(schema.identities)


def _passes(member_id: ColumnElement[Any]) -> Select[Any]:
    row = schema.passes.c
    return select(
        member_id.label("id"),
        literal(None).label("identity_id"),
        row.id.label("pass_id"),
        func.coalesce(func.nullif(row.name, ""), row.visible_id, row.uid).label("name"),
        func.coalesce(_full_name(), "").label("contact"),
        row.visible_id,
        row.uid,
        literal(1).label("passes"),
        row.last_used_at,
    ).select_from(schema.passes.outerjoin(schema.identities))
