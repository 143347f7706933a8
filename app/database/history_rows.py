"""Writing the history of access, within the transaction that makes the change.

What goes is noted while it is still there, what comes once it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, func, insert, literal, select

from app.database import schema
from app.database.columns import Moment
from app.database.names import pass_title, whole_name
from app.database.replacement import Replacement
from app.domain.history import ChangeKind, Origin

CHUNK = 500

#: What the history of the identity says to which a pass belonged before it went to another.
HANDED_ON = "handed_on"


def note(
    connection: Connection,
    at: datetime,
    kind: ChangeKind,
    origin: Origin = Origin.BY_HAND,
    *,
    pool_id: int | None = None,
    identity_id: int | None = None,
    pass_id: int | None = None,
    name: str = "",
    detail: str = "",
) -> None:
    """One change; `name` is what it is about. The functions below know it of passes, identities, members, stations."""
    pool_name = select(schema.pools.c.name).filter_by(id=pool_id).scalar_subquery()
    connection.execute(
        insert(schema.access_changes).values(
            at=at,
            kind=kind.value,
            origin=origin.value,
            pool_id=pool_id,
            pool_name=func.coalesce(pool_name, ""),
            identity_id=identity_id,
            pass_id=pass_id,
            name=name,
            detail=detail,
        )
    )


def note_passes(
    connection: Connection,
    at: datetime,
    kind: ChangeKind,
    origin: Origin,
    pass_ids: Sequence[int],
    detail: str = "",
    *,
    holder: ColumnElement[Any] = schema.passes.c.identity_id,
) -> None:
    """The same change of passes, in the history of the identity they belong to as well."""
    card = schema.passes.c
    named = select(literal(None), literal(""), holder, card.id, pass_title(), literal(detail)).order_by(card.id)
    _insert(connection, named, card.id, pass_ids, at, kind, origin)


def note_identities(
    connection: Connection,
    at: datetime,
    kind: ChangeKind,
    origin: Origin,
    identity_ids: Sequence[int],
    detail: str = "",
) -> None:
    """The same change of identities."""
    identity = schema.identities.c
    named = select(literal(None), literal(""), identity.id, literal(None), whole_name(), literal(detail))
    _insert(connection, named.order_by(identity.id), identity.id, identity_ids, at, kind, origin)


def note_members(
    connection: Connection,
    at: datetime,
    kind: ChangeKind,
    origin: Origin,
    ids: Sequence[int],
    detail: str = "",
    *,
    by: ColumnElement[Any] = schema.members.c.id,
) -> None:
    """Members of pools that come or go; `ids` are theirs, or those of `by`.

    A single pass is noted with the identity it belongs to. Of those that come, `detail` is when it ends, if it does.
    """
    member, card = schema.members.c, schema.passes.c
    ends = func.strftime("%Y-%m-%dT%H:%M:%fZ", member.valid_until / literal(1000.0), "unixepoch", type_=Text)
    named = (
        select(
            member.pool_id,
            schema.pools.c.name,
            func.coalesce(member.identity_id, card.identity_id),
            member.pass_id,
            func.coalesce(pass_title(), whole_name()),
            func.coalesce(ends, detail) if kind is ChangeKind.MEMBER_ADDED else literal(detail),
        )
        .select_from(schema.members)
        .join(schema.pools)
        .outerjoin(schema.passes, card.id == member.pass_id)
        .outerjoin(schema.identities, schema.identities.c.id == member.identity_id)
        .order_by(member.id)
    )
    _insert(connection, named, by, ids, at, kind, origin)


def note_stations(
    connection: Connection,
    at: datetime,
    kind: ChangeKind,
    origin: Origin,
    ids: Sequence[int],
    detail: str = "",
    *,
    by: ColumnElement[Any] = schema.stations.c.id,
) -> None:
    """Stations that come into their pool or leave it, but for those in none; `ids` are theirs, or those of `by`."""
    station = schema.stations.c
    title = func.coalesce(func.nullif(station.name, ""), station.station_id)
    named = select(schema.pools.c.id, schema.pools.c.name, literal(None), literal(None), title, literal(detail))
    named = named.join_from(schema.stations, schema.pools).order_by(station.id)
    _insert(connection, named, by, ids, at, kind, origin)


def note_pass_change(
    connection: Connection,
    at: datetime,
    origin: Origin,
    replaced: Replacement,
    earlier: Mapping[int, Mapping[str, Any]],
) -> None:
    """What is different of passes now; one that changed hands stands in the history of both. `earlier`: as it was."""
    kind, detail = ChangeKind.PASS_CHANGED, " ".join(column for column in replaced.columns if column != "visible_key")
    for pass_id, row in earlier.items():
        holder = row.get("identity_id")
        if holder is not None:
            note_passes(connection, at, kind, origin, [pass_id], HANDED_ON, holder=literal(holder))
    note_passes(connection, at, kind, origin, replaced.ids, detail)


def _insert(
    connection: Connection,
    named: Select[Any],
    key: ColumnElement[Any],
    ids: Sequence[Any],
    at: datetime,
    kind: ChangeKind,
    origin: Origin,
) -> None:
    """`named` gives pool, its name, identity, pass, what it is about and the detail."""
    columns = ["pool_id", "pool_name", "identity_id", "pass_id", "name", "detail", "at", "kind", "origin"]
    rows = named.add_columns(literal(at, Moment()), literal(kind.value), literal(origin.value))
    for start in range(0, len(ids), CHUNK):
        chosen = rows.where(key.in_(ids[start : start + CHUNK]))
        connection.execute(insert(schema.access_changes).from_select(columns, chosen))
