"""The people and companies that charge."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.matching import closeness, holds
from app.database.removal_history import note_removed_identity
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.rows import insert_row, to_identity
from app.database.store import Store
from app.domain.drafts import IdentityDraft
from app.domain.errors import AppError
from app.domain.events import IdentitiesChanged, PassesChanged, PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.model import Identity
from app.members import insert_members
from app.pools import require_pool
from app.undo import Undo, put_back, taking_back


@dataclass(frozen=True, slots=True)
class IdentitySummary:
    """An identity as a list shows it; `pools` are the names of those it is a member of."""

    identity: Identity
    passes: int
    pools: str
    last_used_at: datetime | None


class Identities:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def count(self) -> int:
        """How many there are."""
        return int(self._store.reader.execute(select(func.count()).select_from(schema.identities)).scalar_one())

    def all(self) -> list[IdentitySummary]:
        """Every identity by name, with what it has."""
        return sorted(self._summaries(), key=lambda summary: summary.identity.name.casefold())

    def search(self, text: str, *, limit: int) -> list[IdentitySummary]:
        """Identities with these words in their name, e-mail address or external ID; those that begin so first."""
        row, wanted = schema.identities.c, text.strip()
        if not wanted:
            return []
        whole = row.first_name + " " + row.last_name
        external = func.coalesce(row.external_id, "")
        found = (
            select(row.id)
            .where(holds(wanted, whole, row.email, external))
            .order_by(closeness((whole, wanted), (row.email, wanted), (external, wanted)), whole, row.id)
            .limit(limit)
        )
        order = {identity_id: place for place, identity_id in enumerate(self._store.reader.scalars(found))}
        return sorted(self._summaries(row.id.in_(list(order))), key=lambda summary: order[summary.identity.id])

    def _summaries(self, *conditions: ColumnElement[bool]) -> list[IdentitySummary]:
        identity, member = schema.identities.c, schema.members.c
        of_identity = schema.passes.c.identity_id == identity.id
        pools = (
            select(func.group_concat(schema.pools.c.name, ", "))
            .join(schema.members, member.pool_id == schema.pools.c.id)
            .where(member.identity_id == identity.id)
        )
        rows = self._store.reader.execute(
            select(
                schema.identities,
                select(func.count(schema.passes.c.id)).where(of_identity).scalar_subquery().label("passes"),
                select(func.max(schema.passes.c.last_used_at)).where(of_identity).scalar_subquery().label("used"),
                func.coalesce(pools.scalar_subquery(), "").label("pools"),
            ).where(*conditions)
        )
        return [IdentitySummary(to_identity(row), row["passes"], row["pools"], row["used"]) for row in rows.mappings()]

    def find(self, email: str) -> Identity | None:
        """The identity with this e-mail address in whatever case, or None."""
        return self._one(schema.identities.c.email == email.strip())

    def require(self, identity_id: int) -> Identity:
        """Raises AppError `identity_unknown`."""
        found = self._one(schema.identities.c.id == identity_id)
        if found is None:
            raise AppError("identity_unknown")
        return found

    async def add(self, draft: IdentityDraft, *, pool_id: int | None = None) -> Identity:
        """Keep a new identity, in one go with its membership of a pool when that is given.

        Raises AppError from `IdentityDraft.cleaned`, `email_taken`, `organization_unknown`, `pool_unknown`.
        """
        cleaned, now = draft.cleaned(), self._clock()

        def write(connection: Connection) -> int:
            identity_id = insert_identity(connection, cleaned, now)
            if pool_id is not None:
                require_pool(connection, pool_id)
                insert_members(connection, pool_id, now, identity_ids=[identity_id])
            return identity_id

        identity_id = await self._store.write(write)
        self._bus.publish(IdentitiesChanged((identity_id,)))
        if pool_id is not None:
            self._bus.publish(PoolsChanged((pool_id,)))
        return self.require(identity_id)

    async def change(self, identity_id: int, draft: IdentityDraft) -> Undo:
        """Replace what is known of an identity. Raises AppError as `add` does, and `identity_unknown`."""
        cleaned, now = draft.cleaned(), self._clock()

        def write(connection: Connection) -> Replacement:
            _require(connection, identity_id)
            with _explaining(connection, cleaned):
                replaced = replace_columns(connection, schema.identities, [identity_id], _values(cleaned))
            _note_change(connection, now, Origin.BY_HAND, replaced)
            return replaced

        replaced = await self._store.write(write)
        changed = IdentitiesChanged((identity_id,))
        self._bus.publish(changed)

        def take_back(connection: Connection) -> None:
            put_columns_back(connection, replaced)
            _note_change(connection, self._clock(), Origin.UNDO, replaced)

        return taking_back(self._store, self._bus, take_back, changed)

    async def remove(self, identity_id: int) -> Undo:
        """Remove an identity and its passes: they open no station from the next tap on. Its sessions stay.

        Raises AppError `identity_unknown`.
        """
        now = self._clock()

        def write(connection: Connection) -> removal.Removal:
            _require(connection, identity_id)
            note_removed_identity(connection, now, identity_id, back=False)
            own = list(connection.scalars(select(schema.passes.c.id).filter_by(identity_id=identity_id)))
            taken = removal.remove(connection, schema.passes, own)
            return removal.remove(connection, schema.identities, [identity_id], taken)

        taken = await self._store.write(write)
        changed = (IdentitiesChanged((identity_id,)), PassesChanged(()), PoolsChanged(()))
        for event in changed:
            self._bus.publish(event)

        def note(connection: Connection) -> None:
            refuse_shared_uids(connection)
            note_removed_identity(connection, self._clock(), identity_id, back=True)

        return put_back(self._store, self._bus, taken, *changed, also=note)

    def _one(self, condition: ColumnElement[bool]) -> Identity | None:
        row = self._store.reader.execute(select(schema.identities).where(condition)).mappings().first()
        return to_identity(row) if row else None


def insert_identity(
    connection: Connection, draft: IdentityDraft, created_at: datetime, origin: Origin = Origin.BY_HAND
) -> int:
    """Keep a cleaned draft within a transaction that does more; its id.

    Raises AppError `email_taken`, `organization_unknown`.
    """
    with _explaining(connection, draft):
        identity_id = insert_row(connection, insert(schema.identities).values(**_values(draft), created_at=created_at))
    history_rows.note_identities(connection, created_at, ChangeKind.IDENTITY_ADDED, origin, [identity_id])
    return identity_id


def _require(connection: Connection, identity_id: int) -> None:
    if not connection.execute(select(schema.identities.c.id).filter_by(id=identity_id)).first():
        raise AppError("identity_unknown")


def refuse_shared_uids(connection: Connection) -> None:
    """Within a transaction that puts passes back: raises AppError `uid_taken` when one is linked to another by now."""
    card, linked = schema.passes.c, schema.linked_uids.c
    both = select(card.uid, card.id).join(schema.linked_uids, (linked.uid == card.uid) & (linked.pass_id != card.id))
    shared = connection.execute(both).first()
    if shared:
        raise AppError("uid_taken", value=shared.uid, title=shared.uid, pass_id=shared.id)


def _note_change(connection: Connection, at: datetime, origin: Origin, replaced: Replacement) -> None:
    changed = " ".join(replaced.columns)
    history_rows.note_identities(connection, at, ChangeKind.IDENTITY_CHANGED, origin, replaced.ids, changed)


@contextmanager
def _explaining(connection: Connection, draft: IdentityDraft) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        organization = select(schema.organizations.c.id).filter_by(id=draft.organization_id)
        if connection.execute(organization).first():
            raise AppError("email_taken", email=draft.email) from error
        raise AppError("organization_unknown") from error


def _values(draft: IdentityDraft) -> dict[str, object]:
    return {
        "email": draft.email,
        "first_name": draft.first_name,
        "last_name": draft.last_name,
        "role": draft.role.value,
        "external_id": draft.external_id or None,
        "organization_id": draft.organization_id,
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
    }
