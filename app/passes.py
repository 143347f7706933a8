"""Cards, fobs and tags: who they belong to, the ID printed on them and the one a reader sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.matching import closeness, holds
from app.database.names import whole_name
from app.database.removal_history import note_removed_passes
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.rows import insert_row, to_pass
from app.database.store import Store
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import IdentitiesChanged, PassesChanged, PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.ids import (
    LookAlike,
    Uid,
    canonical_uid,
    canonical_visible_id,
    look_alike_ranges,
    look_alikes,
    why_alike,
)
from app.domain.model import Pass
from app.identities import insert_identity, refuse_shared_uids
from app.members import delete_members, insert_members
from app.pools import require_pool
from app.undo import Undo, put_back, taking_back

SUGGESTIONS_LIMIT = 5


@dataclass(frozen=True, slots=True)
class PassSummary:
    """A pass as a list shows it; `pools` are the names of those that admit it, by itself or by its identity."""

    card: Pass
    holder: str
    email: str
    pools: str
    #: Of its identity; None for an external pass.
    organization_id: int | None = None


@dataclass(frozen=True, slots=True)
class SeenForm:
    """How a station spelled this pass."""

    station_id: str
    raw_id_tag: str
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pass whose UID resembles that of an unknown card, and how. Only an operator may link the two."""

    card: Pass
    holder: str
    uid: Uid
    likeness: LookAlike


class Passes:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def count(self) -> int:
        """How many there are."""
        return int(self._store.reader.execute(select(func.count()).select_from(schema.passes)).scalar_one())

    def all(self) -> list[PassSummary]:
        """Every pass, newest first."""
        return self._summaries(None)

    def of_identity(self, identity_id: int) -> list[PassSummary]:
        """The passes of one identity, newest first."""
        return self._summaries(schema.passes.c.identity_id == identity_id)

    def waiting(self) -> list[PassSummary]:
        """Passes that have no UID yet and so open no station: they wait for their first tap."""
        return self._summaries(schema.passes.c.uid.is_(None))

    def names(self) -> list[str]:
        """What every pass is called, in no order."""
        return list(self._store.reader.scalars(select(schema.passes.c.name)))

    def these(self, pass_ids: Sequence[int]) -> list[PassSummary]:
        """The passes with these ids, in this order; those that are gone are left out."""
        found = {summary.card.id: summary for summary in self._summaries(schema.passes.c.id.in_(pass_ids))}
        return [found[pass_id] for pass_id in pass_ids if pass_id in found]

    def require(self, pass_id: int) -> Pass:
        """Raises AppError `pass_unknown`."""
        return _pass(self._store.reader, pass_id)

    def find(self, raw_uid: str) -> Pass | None:
        """The pass which this card opens stations as: by its UID, or by one that an operator linked to it."""
        uid = canonical_uid(raw_uid)
        linked = select(schema.linked_uids.c.pass_id).where(schema.linked_uids.c.uid == uid)
        return self._one(or_(schema.passes.c.uid == uid, schema.passes.c.id.in_(linked)))

    def seen_forms(self, pass_id: int) -> list[SeenForm]:
        """Every spelling in which stations sent this pass, latest first."""
        form = schema.seen_forms.c
        rows = self._store.reader.execute(
            select(form.station_id, form.raw_id_tag, form.last_seen_at)
            .where(form.pass_id == pass_id)
            .order_by(form.last_seen_at.desc())
        )
        return [SeenForm(**row) for row in rows.mappings()]

    def search(self, text: str, *, limit: int) -> list[PassSummary]:
        """Passes of this name, or with this in one of their IDs however it is written; those that begin so first."""
        row, linked = schema.passes.c, schema.linked_uids.c
        uid = canonical_uid(text)
        parts = [(row.uid, uid), (row.visible_key, canonical_visible_id(text)), (row.name, text.strip())]
        parts = [(column, part) for column, part in parts if part]
        if not parts:
            return []
        is_linked = row.id.in_(select(linked.pass_id).where(linked.uid == uid))
        found = (
            select(row.id)
            .where(or_(*(holds(part, column) for column, part in parts), is_linked))
            .order_by(closeness(*parts), row.name, row.id)
            .limit(limit)
        )
        order = {pass_id: place for place, pass_id in enumerate(self._store.reader.scalars(found))}
        return sorted(self._summaries(row.id.in_(list(order))), key=lambda summary: order[summary.card.id])

    def suggestions(self, raw_uid: str) -> list[Suggestion]:
        """Passes whose UID resembles that of an unknown card, with how: for an operator to judge, never applied."""
        uid = canonical_uid(raw_uid)
        uids = schema.passes.c.uid
        near = [and_(uids >= low, uids < high) for low, high in look_alike_ranges(uid)]
        found = []
        for summary in self._summaries(or_(uids.in_(list(look_alikes(uid))), *near)):
            likeness = why_alike(uid, summary.card.uid) if summary.card.uid else None
            if likeness and summary.card.uid:
                found.append(Suggestion(summary.card, summary.holder, summary.card.uid, likeness))
        return found[:SUGGESTIONS_LIMIT]

    async def add(
        self, draft: PassDraft, *, new_identity: IdentityDraft | None = None, pool_id: int | None = None
    ) -> Pass:
        """Keep a new pass, in one go with its new identity and its membership of a pool when these are given.

        Raises AppError from `PassDraft.parsed` and `IdentityDraft.cleaned`, `uid_taken` and `visible_id_taken`
        (with the pass that has it), `email_taken`, `identity_unknown`, `pool_unknown`. Then nothing is kept.
        """
        card, now = _drafted(draft), self._clock()
        identity = new_identity.cleaned() if new_identity else None

        def write(connection: Connection) -> int:
            _refuse_taken(connection, card)
            values = _columns(card) | {"created_at": now}
            if identity:
                values["identity_id"] = insert_identity(connection, identity, now)
            pass_id = insert_row(connection, insert(schema.passes).values(**values))
            history_rows.note_passes(connection, now, ChangeKind.PASS_ADDED, Origin.BY_HAND, [pass_id])
            if pool_id is not None:
                require_pool(connection, pool_id)
                insert_members(connection, pool_id, now, pass_ids=[pass_id])
            return pass_id

        try:
            pass_id = await self._store.write(write)
        except IntegrityError as error:
            raise AppError("identity_unknown") from error
        if identity:
            self._bus.publish(IdentitiesChanged(()))
        for event in _changed(pass_id, pool_id):
            self._bus.publish(event)
        return self.require(pass_id)

    async def change(self, pass_id: int, draft: PassDraft) -> Undo:
        """Replace what is known of a pass. Raises AppError as `add` does, and `pass_unknown`."""
        card, now = replace(_drafted(draft), id=pass_id), self._clock()

        def write(connection: Connection) -> Replacement:
            _pass(connection, pass_id)
            _refuse_taken(connection, card)
            replaced = replace_columns(connection, schema.passes, [pass_id], _columns(card))
            history_rows.note_pass_change(connection, now, Origin.BY_HAND, replaced, replaced.before)
            return replaced

        try:
            replaced = await self._store.write(write)
        except IntegrityError as error:
            raise AppError("identity_unknown") from error
        changed = PassesChanged((pass_id,))
        self._bus.publish(changed)

        def take_back(connection: Connection) -> None:
            put_columns_back(connection, replaced)
            refuse_shared_uids(connection)
            history_rows.note_pass_change(connection, self._clock(), Origin.UNDO, replaced, replaced.after)

        return taking_back(self._store, self._bus, take_back, changed)

    async def give_uid(self, pass_id: int, raw_uid: str, *, pool_id: int | None = None) -> Undo:
        """Give a pass that waits for its first tap the UID a reader saw.

        Raises AppError `pass_unknown`, `pass_has_uid`, `uid_taken`, `uid_empty`, `pool_unknown`.
        """
        uid, now, ended = _seen_uid(raw_uid), self._clock(), removal.Removal()

        def write(connection: Connection) -> tuple[Replacement, list[int]]:
            card = _pass(connection, pass_id)
            if card.uid is not None:
                raise AppError("pass_has_uid", title=card.title, uid=card.uid)
            _refuse_uid(connection, uid, but=pass_id)
            replaced = replace_columns(connection, schema.passes, [pass_id], {"uid": uid})
            history_rows.note_passes(connection, now, ChangeKind.UID_CAPTURED, Origin.BY_HAND, [pass_id], str(uid))
            if pool_id is None:
                return replaced, []
            require_pool(connection, pool_id)
            return replaced, insert_members(connection, pool_id, now, pass_ids=[pass_id], ended=ended)

        replaced, added = await self._store.write(write)
        changed = _changed(pass_id, pool_id)
        for event in changed:
            self._bus.publish(event)

        def take_back(connection: Connection) -> None:
            put_columns_back(connection, replaced)
            history_rows.note_pass_change(connection, self._clock(), Origin.UNDO, replaced, replaced.after)
            if pool_id is not None:
                delete_members(connection, pool_id, self._clock(), Origin.UNDO, added)
                removal.restore(connection, ended)

        return taking_back(self._store, self._bus, take_back, *changed)

    async def link(self, pass_id: int, raw_uid: str) -> Undo:
        """Say that a card seen under another UID is this pass.

        Raises AppError `pass_unknown`, `uid_taken`, `uid_empty`.
        """
        uid, now = _seen_uid(raw_uid), self._clock()

        def write(connection: Connection) -> None:
            _pass(connection, pass_id)
            _refuse_uid(connection, uid, but=None)
            connection.execute(insert(schema.linked_uids).values(uid=uid, pass_id=pass_id, linked_at=now))
            history_rows.note_passes(connection, now, ChangeKind.UID_LINKED, Origin.BY_HAND, [pass_id], str(uid))

        await self._store.write(write)
        self._bus.publish(PassesChanged((pass_id,)))

        def take_back(connection: Connection) -> None:
            if not connection.execute(delete(schema.linked_uids).filter_by(uid=uid, pass_id=pass_id)).rowcount:
                raise AppError("undo_overtaken")
            history_rows.note_passes(
                connection, self._clock(), ChangeKind.PASS_CHANGED, Origin.UNDO, [pass_id], "linked_uid"
            )

        return taking_back(self._store, self._bus, take_back, PassesChanged((pass_id,)))

    async def block(self, pass_ids: Sequence[int], *, blocked: bool = True) -> Undo:
        """Block passes (or let them be used again), from the next tap on. Raises AppError `pass_unknown`."""
        now, done, undone = self._clock(), ChangeKind.PASS_BLOCKED, ChangeKind.PASS_UNBLOCKED
        if not blocked:
            done, undone = undone, done

        def write(connection: Connection) -> Replacement:
            for pass_id in pass_ids:
                _pass(connection, pass_id)
            replaced = replace_columns(connection, schema.passes, pass_ids, {"blocked": blocked})
            history_rows.note_passes(connection, now, done, Origin.BY_HAND, replaced.ids)
            return replaced

        replaced = await self._store.write(write)
        changed = PassesChanged(replaced.ids)
        self._bus.publish(changed)

        def take_back(connection: Connection) -> None:
            put_columns_back(connection, replaced)
            history_rows.note_passes(connection, self._clock(), undone, Origin.UNDO, replaced.ids)

        return taking_back(self._store, self._bus, take_back, changed)

    async def remove(self, pass_ids: Sequence[int]) -> Undo:
        """Remove passes: they open no station from the next tap on. Their sessions stay.

        Those that are gone already are left alone.
        """
        now = self._clock()

        def write(connection: Connection) -> removal.Removal:
            note_removed_passes(connection, now, pass_ids, back=False)
            return removal.remove(connection, schema.passes, pass_ids)

        taken = await self._store.write(write)
        changed = (PassesChanged(tuple(pass_ids)), PoolsChanged(()))
        for event in changed:
            self._bus.publish(event)

        def note(connection: Connection) -> None:
            refuse_shared_uids(connection)
            note_removed_passes(connection, self._clock(), taken.ids(schema.passes), back=True)

        return put_back(self._store, self._bus, taken, *changed, also=note)

    def _one(self, condition: ColumnElement[bool]) -> Pass | None:
        row = self._store.reader.execute(select(schema.passes).where(condition)).mappings().first()
        return to_pass(row) if row else None

    def _summaries(self, condition: ColumnElement[bool] | None) -> list[PassSummary]:
        identity, member, pool = schema.identities.c, schema.members.c, schema.pools.c
        admits = or_(member.pass_id == schema.passes.c.id, member.identity_id == schema.passes.c.identity_id)
        names = select(pool.name).join(schema.members, member.pool_id == pool.id).where(admits).distinct()
        admitted = names.correlate(schema.passes).subquery("admitted")
        query = (
            select(
                schema.passes,
                func.coalesce(whole_name(), "").label("holder"),
                identity.organization_id,
                func.coalesce(identity.email, "").label("email"),
                func.coalesce(select(func.group_concat(admitted.c.name, ", ")).scalar_subquery(), "").label("pools"),
            )
            .select_from(schema.passes.outerjoin(schema.identities))
            .order_by(schema.passes.c.id.desc())
        )
        if condition is not None:
            query = query.where(condition)
        return [
            PassSummary(to_pass(row), row["holder"], row["email"], row["pools"], row["organization_id"])
            for row in self._store.reader.execute(query).mappings()
        ]


def _seen_uid(raw_uid: str) -> Uid:
    uid = canonical_uid(raw_uid)
    if not uid:
        raise AppError("uid_empty")
    return uid


def _drafted(draft: PassDraft) -> Pass:
    uid, visible_id, name = draft.parsed()
    return Pass(0, uid, visible_id, name, draft.identity_id, valid_from=draft.valid_from, valid_until=draft.valid_until)


def _columns(card: Pass) -> dict[str, object]:
    return {
        "uid": card.uid,
        "visible_id": card.visible_id,
        "visible_key": canonical_visible_id(card.visible_id) if card.visible_id else None,
        "name": card.name,
        "identity_id": card.identity_id,
        "valid_from": card.valid_from,
        "valid_until": card.valid_until,
    }


def _pass(connection: Connection, pass_id: int) -> Pass:
    row = connection.execute(select(schema.passes).filter_by(id=pass_id)).mappings().first()
    if row is None:
        raise AppError("pass_unknown")
    return to_pass(row)


def _changed(pass_id: int, pool_id: int | None) -> list[object]:
    return [*([] if pool_id is None else [PoolsChanged((pool_id,))]), PassesChanged((pass_id,))]


def _refuse_taken(connection: Connection, card: Pass) -> None:
    if card.uid is not None:
        _refuse_uid(connection, card.uid, but=card.id)
    if card.visible_id is not None:
        same = schema.passes.c.visible_key == canonical_visible_id(card.visible_id)
        _refuse(connection, same, "visible_id_taken", card.visible_id, but=card.id)


def _refuse_uid(connection: Connection, uid: Uid, *, but: int | None) -> None:
    linked = select(schema.linked_uids.c.pass_id).where(schema.linked_uids.c.uid == uid)
    _refuse(connection, or_(schema.passes.c.uid == uid, schema.passes.c.id.in_(linked)), "uid_taken", uid, but=but)


def _refuse(connection: Connection, holds: ColumnElement[bool], code: str, value: str, *, but: int | None) -> None:
    for row in connection.execute(select(schema.passes).where(holds)).mappings():
        if row["id"] != but:
            holder = to_pass(row)
            raise AppError(code, value=value, title=holder.title, pass_id=holder.id)
