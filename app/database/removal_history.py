"""The history of what is removed with all that hangs on it, and of its coming back when that is taken back.

Called while it is there: before the removal, and after the restoration. What hangs on it is noted with the cause as
its detail, and before it: the latest is read first.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from app.database import schema
from app.database.history_rows import note, note_identities, note_members, note_passes, note_stations
from app.domain.history import ChangeKind, Origin

_members, _stations = schema.members.c, schema.stations.c


def note_removed_pool(connection: Connection, at: datetime, pool_id: int, *, back: bool) -> None:
    """A pool with its members and stations."""
    kind, member, origin = _kinds(ChangeKind.POOL_CREATED, ChangeKind.POOL_REMOVED, back=back)
    station = ChangeKind.STATION_ADDED if back else ChangeKind.STATION_REMOVED
    note_members(connection, at, member, origin, [pool_id], kind.value, by=_members.pool_id)
    note_stations(connection, at, station, origin, [pool_id], kind.value, by=_stations.pool_id)
    note(connection, at, kind, origin, pool_id=pool_id)


def note_removed_identity(connection: Connection, at: datetime, identity_id: int, *, back: bool) -> None:
    """An identity with its passes, and the memberships of both."""
    kind, member, origin = _kinds(ChangeKind.IDENTITY_ADDED, ChangeKind.IDENTITY_REMOVED, back=back)
    own = list(connection.scalars(select(schema.passes.c.id).filter_by(identity_id=identity_id)))
    note_removed_passes(connection, at, own, back=back, cause=kind)
    note_members(connection, at, member, origin, [identity_id], kind.value, by=_members.identity_id)
    note_identities(connection, at, kind, origin, [identity_id])


def note_removed_passes(
    connection: Connection, at: datetime, pass_ids: Sequence[int], *, back: bool, cause: ChangeKind | None = None
) -> None:
    """Passes with their memberships; `cause` when they go with something else."""
    kind, member, origin = _kinds(ChangeKind.PASS_ADDED, ChangeKind.PASS_REMOVED, back=back)
    note_members(connection, at, member, origin, pass_ids, (cause or kind).value, by=_members.pass_id)
    note_passes(connection, at, kind, origin, pass_ids, cause.value if cause else "")


def _kinds(came: ChangeKind, went: ChangeKind, *, back: bool) -> tuple[ChangeKind, ChangeKind, Origin]:
    if back:
        return came, ChangeKind.MEMBER_ADDED, Origin.UNDO
    return went, ChangeKind.MEMBER_REMOVED, Origin.BY_HAND
