"""Access pools: groups of stations with one rule."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.removal_history import note_removed_pool
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.rows import insert_row, pool_columns, to_pool
from app.database.store import Store
from app.domain.drafts import clean_name, clean_options, possible_options
from app.domain.errors import AppError
from app.domain.events import PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.model import AccessLevel, Pool, PoolOptions
from app.undo import Undo, put_back, taking_back

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """A pool as a list shows it."""

    pool: Pool
    stations: int
    identities: int
    passes: int


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
        return _pool(self._store.reader, pool_id)

    def of_identity(self, identity_id: int) -> list[Pool]:
        """The pools that an identity is a member of, by name."""
        return self._with_member(schema.members.c.identity_id == identity_id)

    def of_pass(self, pass_id: int) -> list[Pool]:
        """The pools that a pass is a member of by itself, by name."""
        return self._with_member(schema.members.c.pass_id == pass_id)

    async def create(
        self, name: str, level: AccessLevel = AccessLevel.PRIVATE, options: PoolOptions | None = None
    ) -> Pool:
        """A new pool.

        Raises AppError `pool_name_empty`, `pool_name_taken`, `name_too_long`, `organization_unknown`, or those of
        `clean_options`.
        """
        pool = Pool(0, _clean_pool_name(name), level, clean_options(options or PoolOptions(), level))
        now = self._clock()

        def write(connection: Connection) -> int:
            pool_id = _writing_name(
                connection, pool, lambda: insert_row(connection, insert(schema.pools).values(**pool_columns(pool)))
            )
            history_rows.note(connection, now, ChangeKind.POOL_CREATED, pool_id=pool_id, detail=level.value)
            return pool_id

        pool_id = await self._store.write(write)
        self._bus.publish(PoolsChanged((pool_id,)))
        return replace(pool, id=pool_id)

    async def change(
        self,
        pool_id: int,
        *,
        name: str | None = None,
        level: AccessLevel | None = None,
        options: PoolOptions | None = None,
    ) -> Undo:
        """Change what is given, from the next tap on. A new level ends the options that it does not have.

        Raises AppError as `create` does, and `pool_unknown`.
        """
        now = self._clock()

        def write(connection: Connection) -> Replacement:
            before = _pool(connection, pool_id)
            new_level = level or before.level
            kept = possible_options(before.options, new_level) if options is None else clean_options(options, new_level)
            after = Pool(pool_id, before.name if name is None else _clean_pool_name(name), new_level, kept)
            changed = _writing_name(
                connection, after, lambda: replace_columns(connection, schema.pools, [pool_id], pool_columns(after))
            )
            _note_change(connection, now, Origin.BY_HAND, pool_id, changed)
            return changed

        changed = await self._store.write(write)
        if changed.ids:
            self._bus.publish(PoolsChanged((pool_id,)))

        def take_back(connection: Connection) -> None:
            put_columns_back(connection, changed)
            _note_change(connection, self._clock(), Origin.UNDO, pool_id, changed)

        return taking_back(self._store, self._bus, take_back, PoolsChanged((pool_id,)))

    async def remove(self, pool_id: int) -> Undo:
        """Remove a pool; its stations are then in none, and nobody may charge there. Raises AppError `pool_unknown`."""
        now = self._clock()

        def write(connection: Connection) -> removal.Removal:
            require_pool(connection, pool_id)
            note_removed_pool(connection, now, pool_id, back=False)
            return removal.remove(connection, schema.pools, [pool_id])

        taken = await self._store.write(write)
        self._bus.publish(PoolsChanged((pool_id,)))

        def note(connection: Connection) -> None:
            note_removed_pool(connection, self._clock(), pool_id, back=True)

        return put_back(self._store, self._bus, taken, PoolsChanged((pool_id,)), also=note)

    def _with_member(self, condition: ColumnElement[bool]) -> list[Pool]:
        query = select(schema.pools).join(schema.members).where(condition).order_by(schema.pools.c.name)
        return [to_pool(row) for row in self._store.reader.execute(query).mappings()]


def require_pool(connection: Connection, pool_id: int) -> None:
    """Within a transaction that does more: raises AppError `pool_unknown` when there is no such pool."""
    if not connection.execute(select(schema.pools.c.id).filter_by(id=pool_id)).first():
        raise AppError("pool_unknown")


def _pool(connection: Connection, pool_id: int) -> Pool:
    row = connection.execute(select(schema.pools).filter_by(id=pool_id)).mappings().first()
    if row is None:
        raise AppError("pool_unknown")
    return to_pool(row)


def _writing_name(connection: Connection, pool: Pool, write: Callable[[], Result]) -> Result:
    try:
        return write()
    except IntegrityError as error:
        organization_id = pool.options.organization_id
        if connection.execute(select(schema.organizations.c.id).filter_by(id=organization_id)).first():
            raise AppError("pool_name_taken", name=pool.name) from error
        raise AppError("organization_unknown") from error


def _note_change(connection: Connection, at: datetime, origin: Origin, pool_id: int, changed: Replacement) -> None:
    """What a change of a pool's columns did to who may charge; a new name alone did nothing."""
    options = [_option(column) for column in changed.columns if column not in ("name", "level")]
    if "level" in changed.columns:
        detail = _pool(connection, pool_id).level.value
        history_rows.note(connection, at, ChangeKind.LEVEL_CHANGED, origin, pool_id=pool_id, detail=detail)
    if options:
        detail = " ".join(dict.fromkeys(options))
        history_rows.note(connection, at, ChangeKind.OPTIONS_CHANGED, origin, pool_id=pool_id, detail=detail)


def _option(column: str) -> str:
    return column.removesuffix("_per_kwh").removesuffix("_per_session")


def _clean_pool_name(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise AppError("pool_name_empty")
    return cleaned


def _count(counted: ColumnElement[Any], condition: ColumnElement[bool]) -> Any:
    return select(func.count(counted)).where(condition).scalar_subquery()
