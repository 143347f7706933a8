"""Requests as they are kept, and as they are seen.

A pending request is seen while there is something to decide: its pool takes requests, and its card may not charge
there yet. When one of these ends (the card's holder was made a member by hand, the level was changed) it is out of
sight at once; `Requests.settle` removes it a little later, so that Undo brings it back.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, func, literal, literal_column, or_, select

from app.database import schema
from app.database.names import whole_name
from app.domain.ids import Uid
from app.domain.model import AccessLevel
from app.domain.requests import AccessRequest, RequestState

_ROW, _POOL, _CARD = schema.access_requests.c, schema.pools.c, schema.passes.c
_IDENTITY, _MEMBER, _LINKED = schema.identities.c, schema.members.c, schema.linked_uids.c

# Written out, so that SQLite sees that the index of what is pending is meant.
IS_PENDING = _ROW.state == literal_column("'pending'")


def pass_of(uid: ColumnElement[Any]) -> ColumnElement[int | None]:
    """The pass that a card opens stations as: by its UID, or by one that an operator linked to it."""
    card = schema.passes.alias("card_of_uid")
    own = select(card.c.id).where(card.c.uid == uid).scalar_subquery()
    linked = select(_LINKED.pass_id).where(_LINKED.uid == uid).scalar_subquery()
    return func.coalesce(own, linked)


def seen(now: datetime) -> ColumnElement[bool]:
    """Of rows of `read`: those to decide."""
    admitted = select(_MEMBER.id).where(_MEMBER.pool_id == _ROW.pool_id, _admits_card(now)).exists()
    return and_(IS_PENDING, takes_requests(), ~admitted)


def takes_requests() -> ColumnElement[bool]:
    """Of a pool: whether a refused card becomes a request there."""
    return and_(_POOL.takes_requests, _POOL.level == AccessLevel.RESTRICTED.value)


def joined(*columns: Any) -> Select[Any]:
    """Requests with their pool, pass and identity: those of now while pending, those of the decision afterwards."""
    card = case((IS_PENDING, pass_of(_ROW.uid)), else_=_ROW.pass_id)
    return (
        select(*columns)
        .select_from(schema.access_requests)
        .join(schema.pools)
        .outerjoin(schema.passes, _CARD.id == card)
        .outerjoin(schema.identities, _IDENTITY.id == _CARD.identity_id)
    )


def read(reader: Connection, query: Select[Any]) -> list[AccessRequest]:
    return [
        AccessRequest(**row | {"uid": Uid(row["uid"]), "state": RequestState(row["state"])})
        for row in (dict(row) for row in reader.execute(query).mappings())
    ]


def whole() -> Select[Any]:
    """Every column of an AccessRequest."""
    return joined(
        _ROW.id,
        _ROW.pool_id,
        _POOL.name.label("pool_name"),
        _ROW.uid,
        _ROW.raw_id_tag,
        _CARD.id.label("pass_id"),
        _CARD.identity_id,
        func.coalesce(whole_name(), "").label("holder"),
        func.coalesce(_IDENTITY.email, "").label("email"),
        _ROW.station_id,
        _ROW.station_name,
        _ROW.connector_id,
        _ROW.first_at,
        _ROW.last_at,
        _ROW.times,
        _ROW.state,
        _ROW.decided_at,
    )


def seen_ids(reader: Connection, now: datetime) -> dict[int, int]:
    """What there is to decide: the pool of each."""
    return {row.id: row.pool_id for row in reader.execute(joined(_ROW.id, _ROW.pool_id).where(seen(now)))}


def unseen_ids(reader: Connection, now: datetime) -> list[int]:
    """Pending requests with nothing left to decide."""
    return list(reader.scalars(joined(_ROW.id).where(IS_PENDING, ~seen(now))))


def forget_unseen(connection: Connection, request_ids: Collection[int], now: datetime) -> None:
    """Remove those of these with which there is still nothing left to decide."""
    gone: Sequence[int] = [each for each in unseen_ids(connection, now) if each in request_ids]
    connection.execute(delete(schema.access_requests).where(_ROW.id.in_(gone)))


def is_member(connection: Connection, pool_id: int, uid: Uid, now: datetime) -> bool:
    """Whether a card may charge at a restricted pool."""
    query = (
        select(_MEMBER.id)
        .join(schema.passes, _admits_card(now))
        .where(_MEMBER.pool_id == pool_id, _CARD.id == pass_of(literal(uid)))
    )
    return connection.execute(query).first() is not None


def _admits_card(now: datetime) -> ColumnElement[bool]:
    lives = or_(_MEMBER.valid_until.is_(None), _MEMBER.valid_until > now)
    return and_(lives, or_(_MEMBER.pass_id == _CARD.id, _MEMBER.identity_id == _CARD.identity_id))
