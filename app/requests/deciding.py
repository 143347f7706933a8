"""Approving and denying, each within one transaction, and taking either back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, literal, select, update

from app.database import history_rows, removal, schema
from app.database.names import pass_title, whole_name
from app.database.rows import insert_row
from app.domain.drafts import IdentityDraft
from app.domain.errors import AppError
from app.domain.history import ChangeKind, Origin
from app.domain.requests import RequestState
from app.identities import insert_identity
from app.mail import Mail
from app.mail.wording import local_time
from app.members import delete_members, insert_members
from app.requests import rows

#: A decision is told a little later: so long Undo can withdraw the letter.
TOLD_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Approval:
    """What an operator says with an approval; the draft and the name in it are clean."""

    identity_id: int | None = None
    new_identity: IdentityDraft | None = None
    name: str = ""
    valid_until: datetime | None = None


@dataclass(slots=True)
class Decided:
    """What a decision changed: enough to tell of it, and to take it back.

    `made_pass`, `made_identity`: they are new; `gave_pass`: it had no holder before. `ended` is the membership that
    was over and made room for a new one. `pass_before` is what the request named before.
    """

    request_id: int
    pool_id: int
    state: RequestState
    at: datetime
    pass_before: int | None
    pass_id: int | None = None
    identity_id: int | None = None
    made_pass: bool = False
    gave_pass: bool = False
    made_identity: bool = False
    member_ids: list[int] = field(default_factory=list)
    ended: removal.Removal = field(default_factory=removal.Removal)
    letter_ids: list[int] = field(default_factory=list)


def approve(connection: Connection, mail: Mail, request_id: int, approval: Approval, now: datetime) -> Decided:
    """Raises AppError `request_unknown`, `request_decided`, `identity_unknown`, `pass_has_holder`, or those of
    `insert_identity`."""
    request = _pending(connection, request_id)
    decided = _begun(connection, request, RequestState.APPROVED, now)
    _settle_holder(connection, approval, decided)
    _settle_pass(connection, request, approval, decided)
    _let_in(connection, approval.valid_until, decided)
    until = local_time(approval.valid_until) if approval.valid_until else ""
    _conclude(connection, mail, request, decided, until)
    return decided


def deny(connection: Connection, mail: Mail, request_id: int, now: datetime) -> Decided:
    """Raises AppError `request_unknown`, `request_decided`."""
    request = _pending(connection, request_id)
    decided = _begun(connection, request, RequestState.DENIED, now)
    _conclude(connection, mail, request, decided)
    return decided


def take_back(connection: Connection, mail: Mail, decided: Decided, now: datetime) -> None:
    """Let the request wait again, and end the access that it gave; what was made for it goes, unless it is in use.

    Raises AppError `undo_overtaken`, and IntegrityError when the card has asked anew since.
    """
    request = schema.access_requests.c
    as_decided = (request.id == decided.request_id) & (request.state == decided.state.value)
    as_before = {"state": RequestState.PENDING.value, "decided_at": None, "pass_id": decided.pass_before}
    still = update(schema.access_requests).where(as_decided, request.decided_at == decided.at)
    if not connection.execute(still.values(**as_before)).rowcount:
        raise AppError("undo_overtaken")
    mail.withdraw(connection, decided.letter_ids)
    if decided.state is RequestState.APPROVED:
        delete_members(connection, decided.pool_id, now, Origin.UNDO, decided.member_ids)
        removal.restore(connection, decided.ended)
        _take_pass_back(connection, decided, now)
        _take_identity_back(connection, decided, now)


def _pending(connection: Connection, request_id: int) -> RowMapping:
    query = select(schema.access_requests, schema.pools.c.name.label("pool_name")).join(schema.pools)
    found = connection.execute(query.where(schema.access_requests.c.id == request_id)).mappings().first()
    if found is None:
        raise AppError("request_unknown")
    if found["state"] != RequestState.PENDING.value:
        raise AppError("request_decided", state=found["state"])
    return found


def _begun(connection: Connection, request: RowMapping, state: RequestState, now: datetime) -> Decided:
    card = schema.passes.c
    known = select(card.id, card.identity_id).where(card.id == rows.pass_of(literal(request["uid"])))
    found = connection.execute(known).first()
    decided = Decided(request["id"], request["pool_id"], state, now, request["pass_id"])
    if found is not None:
        decided.pass_id, decided.identity_id = found.id, found.identity_id
    return decided


def _settle_holder(connection: Connection, approval: Approval, decided: Decided) -> None:
    if approval.new_identity is None and approval.identity_id in (None, decided.identity_id):
        return
    if decided.identity_id is not None:
        identity = schema.identities.c
        holder = connection.execute(select(whole_name()).where(identity.id == decided.identity_id)).scalar()
        raise AppError("pass_has_holder", holder=holder)
    if approval.new_identity is not None:
        decided.identity_id = insert_identity(connection, approval.new_identity, decided.at, Origin.APPROVAL)
        decided.made_identity = True
    elif not _exists(connection, schema.identities.c.id == approval.identity_id):
        raise AppError("identity_unknown")
    else:
        decided.identity_id = approval.identity_id
    decided.gave_pass = decided.pass_id is not None


def _settle_pass(connection: Connection, request: RowMapping, approval: Approval, decided: Decided) -> None:
    kind = ChangeKind.PASS_CHANGED
    if decided.pass_id is None:
        values = {"uid": request["uid"], "name": approval.name, "identity_id": decided.identity_id}
        decided.pass_id = insert_row(connection, insert(schema.passes).values(**values, created_at=decided.at))
        decided.made_pass, kind = True, ChangeKind.PASS_ADDED
    elif decided.gave_pass:
        connection.execute(update(schema.passes).filter_by(id=decided.pass_id).values(identity_id=decided.identity_id))
    else:
        return
    history_rows.note_passes(connection, decided.at, kind, Origin.APPROVAL, [decided.pass_id])


def _let_in(connection: Connection, valid_until: datetime | None, decided: Decided) -> None:
    identity_ids = [] if decided.identity_id is None else [decided.identity_id]
    pass_ids = [] if identity_ids or decided.pass_id is None else [decided.pass_id]
    decided.member_ids = insert_members(
        connection,
        decided.pool_id,
        decided.at,
        Origin.APPROVAL,
        identity_ids=identity_ids,
        pass_ids=pass_ids,
        valid_until=valid_until,
        ended=decided.ended,
    )


def _conclude(connection: Connection, mail: Mail, request: RowMapping, decided: Decided, until: str = "") -> None:
    connection.execute(
        update(schema.access_requests)
        .filter_by(id=decided.request_id)
        .values(state=decided.state.value, decided_at=decided.at, pass_id=decided.pass_id)
    )
    approved = decided.state is RequestState.APPROVED
    identity, card = schema.identities.c, schema.passes.c
    holder = connection.execute(select(whole_name(), identity.email).where(identity.id == decided.identity_id)).first()
    title = connection.execute(select(pass_title()).where(card.id == decided.pass_id)).scalar()
    history_rows.note(
        connection,
        decided.at,
        ChangeKind.REQUEST_APPROVED if approved else ChangeKind.REQUEST_DENIED,
        pool_id=decided.pool_id,
        identity_id=decided.identity_id,
        pass_id=decided.pass_id,
        name=holder[0] if holder else title or request["uid"],
    )
    if holder is not None:
        decided.letter_ids = mail.write(
            connection,
            "approved" if approved else "denied",
            [holder.email],
            {"who": holder[0], "pool": request["pool_name"], "until": until},
            request_id=decided.request_id,
            after=TOLD_AFTER,
        )


def _take_pass_back(connection: Connection, decided: Decided, now: datetime) -> None:
    card, pass_id = schema.passes.c, decided.pass_id
    if pass_id is None:
        return
    if decided.gave_pass:
        given = update(schema.passes).where(card.id == pass_id, card.identity_id == decided.identity_id)
        connection.execute(given.values(identity_id=None))
        history_rows.note_passes(connection, now, ChangeKind.PASS_CHANGED, Origin.UNDO, [pass_id])
    if decided.made_pass and not _exists(
        connection,
        schema.members.c.pass_id == pass_id,
        schema.sessions.c.pass_id == pass_id,
        schema.linked_uids.c.pass_id == pass_id,
    ):
        history_rows.note_passes(connection, now, ChangeKind.PASS_REMOVED, Origin.UNDO, [pass_id])
        connection.execute(delete(schema.passes).filter_by(id=pass_id))


def _take_identity_back(connection: Connection, decided: Decided, now: datetime) -> None:
    identity_id = decided.identity_id
    if identity_id is None or not decided.made_identity:
        return
    if not _exists(connection, schema.members.c.identity_id == identity_id, schema.passes.c.identity_id == identity_id):
        history_rows.note_identities(connection, now, ChangeKind.IDENTITY_REMOVED, Origin.UNDO, [identity_id])
        connection.execute(delete(schema.identities).filter_by(id=identity_id))


def _exists(connection: Connection, *conditions: ColumnElement[bool]) -> bool:
    return any(connection.execute(select(literal(1)).where(each).limit(1)).first() for each in conditions)
