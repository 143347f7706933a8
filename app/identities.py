"""The people and companies that charge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import removal, schema
from app.database.matching import closeness, holds
from app.database.rows import insert_row, to_identity
from app.database.store import Store
from app.domain.drafts import IdentityDraft
from app.domain.errors import AppError
from app.domain.events import IdentitiesChanged, PassesChanged
from app.domain.model import Identity
from app.undo import Undo, put_back


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

    async def add(self, draft: IdentityDraft) -> Identity:
        """Keep a new identity. Raises AppError `email_…`, `email_taken`, `name_too_long`."""
        cleaned, now = draft.cleaned(), self._clock()
        identity_id = await self._write_email(
            lambda connection: insert_identity(connection, cleaned, now), cleaned.email
        )
        self._bus.publish(IdentitiesChanged((identity_id,)))
        return self.require(identity_id)

    async def change(self, identity_id: int, draft: IdentityDraft) -> Undo:
        """Replace what is known of an identity. Raises AppError as `add` does."""
        before, cleaned = self.require(identity_id), draft.cleaned()
        await self._update(identity_id, cleaned)
        earlier = IdentityDraft(
            before.email, before.first_name, before.last_name, before.role, before.external_id or ""
        )
        return lambda: self._update(identity_id, earlier)

    async def remove(self, identity_id: int) -> Undo:
        """Remove an identity and its passes: they open no station from the next tap on. Its sessions stay."""
        self.require(identity_id)

        def write(connection: Connection) -> removal.Removal:
            own = list(connection.scalars(select(schema.passes.c.id).filter_by(identity_id=identity_id)))
            taken = removal.remove(connection, schema.passes, own)
            return removal.remove(connection, schema.identities, [identity_id], taken)

        taken = await self._store.write(write)
        changed = IdentitiesChanged((identity_id,))
        self._bus.publish(changed)
        self._bus.publish(PassesChanged(()))
        undo = put_back(self._store, self._bus, taken, changed)

        async def undo_both() -> None:
            await undo()
            self._bus.publish(PassesChanged(()))

        return undo_both

    async def _update(self, identity_id: int, draft: IdentityDraft) -> None:
        values = _values(draft)

        def write(connection: Connection) -> int:
            return connection.execute(update(schema.identities).filter_by(id=identity_id).values(**values)).rowcount

        await self._write_email(write, draft.email)
        self._bus.publish(IdentitiesChanged((identity_id,)))

    async def _write_email(self, write: Callable[[Connection], int], email: str) -> int:
        try:
            return await self._store.write(write)
        except IntegrityError as error:
            raise AppError("email_taken", email=email) from error

    def _one(self, condition: ColumnElement[bool]) -> Identity | None:
        row = self._store.reader.execute(select(schema.identities).where(condition)).mappings().first()
        return to_identity(row) if row else None


def insert_identity(connection: Connection, draft: IdentityDraft, created_at: datetime) -> int:
    """Keep a cleaned draft within a transaction that does more; its id. Raises IntegrityError for a taken address."""
    values = _values(draft) | {"organization_id": schema.FIRST_ORGANIZATION, "created_at": created_at}
    return insert_row(connection, insert(schema.identities).values(**values))


def _values(draft: IdentityDraft) -> dict[str, object]:
    return {
        "email": draft.email,
        "first_name": draft.first_name,
        "last_name": draft.last_name,
        "role": draft.role.value,
        "external_id": draft.external_id or None,
    }
