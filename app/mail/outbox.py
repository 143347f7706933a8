"""The letters that are kept: written in the caller's transaction, and what becomes of each.

    waiting → sending → sent          a letter is marked before its text leaves, and again when the server has it
    sending → unsure                  the end of it was never heard: it may have arrived, so it is not sent again
    waiting, sending → waiting        the server did not take it; later once more
    waiting, sending → refused        the server never will

Each change names the state it starts from: a letter that was withdrawn or discarded meanwhile stays away.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal_column, select, update

from app.database import schema
from app.database.rows import insert_row, to_letter
from app.domain.letters import Letter, LetterState
from app.mail.wording import Wording

#: How long after each attempt that failed the next one follows; the last holds for all later ones.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))

_ROW = schema.outbox.c
# Written out, so that SQLite sees that the index of what waits is meant.
_WAITS = _ROW.state == literal_column("'waiting'")
_SENDING = _ROW.state == LetterState.SENDING.value


def write(
    connection: Connection,
    recipients: Sequence[str],
    wording: Wording,
    *,
    domain: str,
    request_id: int | None,
    at: datetime,
    due_at: datetime,
) -> list[int]:
    """Keep a letter to each of these; their ids. `domain` is the sender's, for the letter's own name."""
    return [
        insert_row(
            connection,
            insert(schema.outbox).values(
                recipient=recipient,
                subject=wording.subject,
                body=wording.body,
                message_id=message_id(domain),
                request_id=request_id,
                created_at=at,
                due_at=due_at,
            ),
        )
        for recipient in recipients
    ]


def message_id(domain: str) -> str:
    """A name that no other letter has (RFC 5322 §3.6.4); it stays the same however often the letter is tried."""
    return f"<{uuid4().hex}@{domain}>"


def withdraw(connection: Connection, letter_ids: Sequence[int]) -> int:
    """Take letters back that still wait; how many did."""
    return connection.execute(delete(schema.outbox).where(_ROW.id.in_(list(letter_ids)), _WAITS)).rowcount


def letters(reader: Connection, limit: int) -> list[Letter]:
    """The latest first."""
    query = select(schema.outbox).order_by(_ROW.id.desc()).limit(limit)
    return [to_letter(row) for row in reader.execute(query).mappings()]


def due(reader: Connection, now: datetime, limit: int | None = None) -> list[Letter]:
    """Those whose time has come, the longest waiting first."""
    query = select(schema.outbox).where(_WAITS, _ROW.due_at <= now).order_by(_ROW.due_at, _ROW.id).limit(limit)
    return [to_letter(row) for row in reader.execute(query).mappings()]


def next_due(reader: Connection) -> datetime | None:
    """When the next letter is due; None when none waits."""
    return reader.execute(select(func.min(_ROW.due_at)).where(_WAITS)).scalar()


def begin(connection: Connection, letter_id: int) -> bool:
    """Mark that its text is about to leave; False when it does not wait any more, and must not."""
    return _mark(connection, letter_id, _WAITS, state=LetterState.SENDING.value) == 1


def sent(connection: Connection, letter_id: int, now: datetime) -> None:
    """The server has it."""
    _mark(connection, letter_id, _SENDING, state=LetterState.SENT.value, sent_at=now, problem="")


def unsure(connection: Connection, letter_id: int, problem: str) -> None:
    """Its text left, and what became of it was not heard."""
    _mark(connection, letter_id, _SENDING, state=LetterState.UNSURE.value, problem=problem)


def refused(connection: Connection, letter_id: int, problem: str) -> None:
    """The server will never take it."""
    _mark(connection, letter_id, _WAITS | _SENDING, state=LetterState.REFUSED.value, problem=problem)


def put_off(connection: Connection, tried: Sequence[Letter], now: datetime, problem: str) -> None:
    """Try them later, the later the more often they were tried."""
    for letter in tried:
        pause = BACK_OFF[min(letter.attempts, len(BACK_OFF) - 1)]
        _mark(
            connection,
            letter.id,
            _WAITS | _SENDING,
            state=LetterState.WAITING.value,
            attempts=letter.attempts + 1,
            due_at=now + pause,
            problem=problem,
        )


def hurry(connection: Connection, now: datetime) -> None:
    """Let those that were put off be tried now: what stood in their way may be gone."""
    put_off_before = _WAITS & (_ROW.attempts > 0) & (_ROW.due_at > now)
    connection.execute(update(schema.outbox).where(put_off_before).values(due_at=now))


def recover(connection: Connection) -> int:
    """While nothing is being sent: those that were, when the program ended, may have arrived. How many there are."""
    return connection.execute(update(schema.outbox).where(_SENDING).values(state=LetterState.UNSURE.value)).rowcount


def try_again(connection: Connection, letter_ids: Sequence[int], now: datetime) -> int:
    """Let letters wait as if they were new, those too that were refused or may have arrived; how many did."""
    again = _WAITS | _ROW.state.in_((LetterState.REFUSED.value, LetterState.UNSURE.value))
    anew = {"state": LetterState.WAITING.value, "attempts": 0, "due_at": now, "problem": ""}
    return connection.execute(update(schema.outbox).where(_ROW.id.in_(list(letter_ids)), again).values(**anew)).rowcount


def at_rest(connection: Connection, letter_ids: Sequence[int]) -> list[int]:
    """Those of these letters that are not on their way at this moment."""
    return list(connection.scalars(select(_ROW.id).where(_ROW.id.in_(list(letter_ids)), ~_SENDING)))


def forget_sent(connection: Connection, before: datetime) -> int:
    """Forget letters that were sent before this moment; how many went."""
    old = (_ROW.state == LetterState.SENT.value) & (_ROW.sent_at < before)
    return connection.execute(delete(schema.outbox).where(old)).rowcount


def _mark(connection: Connection, letter_id: int, before: ColumnElement[bool], **values: object) -> int:
    return connection.execute(update(schema.outbox).where(_ROW.id == letter_id, before).values(**values)).rowcount
