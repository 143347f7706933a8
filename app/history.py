"""What changed in who may charge: per pool, pass and identity, latest first."""

from sqlalchemy import ColumnElement, or_, select

from app.database import schema
from app.database.history_rows import HANDED_ON
from app.database.rows import to_access_change
from app.database.store import Store
from app.domain.history import AccessChange

LIMIT = 200


class History:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of_pool(self, pool_id: int, *, limit: int = LIMIT) -> list[AccessChange]:
        """Its members, stations, PINs, requests, level and options."""
        return self._latest(schema.access_changes.c.pool_id == pool_id, limit)

    def of_identity(self, identity_id: int, *, limit: int = LIMIT) -> list[AccessChange]:
        """What changed for an identity, also by one of its passes."""
        return self._latest(schema.access_changes.c.identity_id == identity_id, limit)

    def of_pass(self, pass_id: int, *, limit: int = LIMIT) -> list[AccessChange]:
        """What changed for a pass by itself or by the identity it belongs to now."""
        change, card = schema.access_changes.c, schema.passes.c
        holder = select(card.identity_id).where(card.id == pass_id).scalar_subquery()
        own = (change.pass_id == pass_id) & (change.detail != HANDED_ON)
        of_holder = (change.identity_id == holder) & change.pass_id.is_(None)
        return self._latest(or_(own, of_holder), limit)

    def _latest(self, condition: ColumnElement[bool], limit: int) -> list[AccessChange]:
        query = select(schema.access_changes).where(condition).order_by(schema.access_changes.c.id.desc()).limit(limit)
        return [to_access_change(row) for row in self._store.reader.execute(query).mappings()]
