"""Everything that was said between Tapdesk and the stations: shown live, kept for as long as the setting says.

Entries are told at once and written in batches a moment later, so that answering a station never waits for
them. When the disk takes nothing they wait in memory, the newest of them: 20,000, or fewer long ones.
"""

import asyncio
import contextlib
import re
import string
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from app.bus import Bus
from app.database import schema
from app.database.journal_rows import insert_messages, insert_taps, to_message, to_tap
from app.database.store import Store
from app.domain.access import Status
from app.domain.errors import AppError
from app.domain.events import CardTapped, MessageLogged
from app.domain.ids import Uid
from app.domain.model import Direction, Message, Tap, TapSource

WRITE_EVERY_S = 0.1
WAITING_LIMIT = 20_000
WAITING_CHARACTERS = 2**26
WRITE_CHUNK = 2_000
PURGE_CHUNK = 5_000
#: SQLite takes no longer one for LIKE, which is twice as fast as any other way.
LONGEST_PATTERN = 50_000
#: A message of OCPP 2.x that names a card now and then.
EVENT = "TransactionEvent"
CARD_ACTIONS = (*(source.value for source in TapSource), EVENT)


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages to show; empty fields do not filter. `text` is looked for in every shown and hidden part."""

    station_id: str = ""
    action: str = ""
    cards_only: bool = False
    refused_only: bool = False
    text: str = ""
    #: What stations were asked from here, and not what they said by themselves.
    asked_only: bool = False

    def admits(self, message: Message) -> bool:
        """Whether a live message belongs to what is shown; the same rule as the stored query."""
        if self.station_id and _lower(message.station_id) != _lower(self.station_id):
            return False
        if self.action and message.action != self.action:
            return False
        if self.cards_only and not _is_about_card(message):
            return False
        if self.refused_only and not message.refused:
            return False
        if self.asked_only and message.direction is not Direction.TO_STATION:
            return False
        wanted = _lower(self.text)
        parts = (message.station_id, message.action, message.id_tag, message.outcome, message.request, message.response)
        return not wanted or any(wanted in _lower(part) for part in parts)


def _is_about_card(message: Message) -> bool:
    return message.action in CARD_ACTIONS and (message.action != EVENT or bool(message.id_tag))


class Journal:
    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus
        self._messages: dict[int, Message] = {}
        self._characters = 0
        self._taps: deque[Tap] = deque(maxlen=WAITING_LIMIT)
        self._message_ids = count(_newest_message_id(store) + 1)
        self._tap_ids = count(_newest(store, schema.taps.c.id) + 1)
        self._writing: asyncio.Task[None] | None = None

    def next_message_id(self) -> int:
        """The id for the next message; ids rise with time."""
        return next(self._message_ids)

    def next_tap_id(self) -> int:
        """The id for the next tap; ids rise with time."""
        return next(self._tap_ids)

    def log(self, message: Message) -> None:
        """Tell and keep a message, or the answer to one told before under the same id."""
        self._forget(message.id)
        self._messages[message.id] = message
        self._characters += _length(message)
        while len(self._messages) > WAITING_LIMIT or self._characters > WAITING_CHARACTERS:
            self._forget(next(iter(self._messages)))
        self._wake()
        self._bus.publish(MessageLogged(message))

    def tapped(self, tap: Tap) -> None:
        """Tell and keep a tap."""
        self._taps.append(tap)
        self._wake()
        self._bus.publish(CardTapped(tap))

    async def flush(self) -> None:
        """Write what waits. Raises AppError `disk_…` and keeps everything waiting when the disk does not take it."""
        messages, taps = list(self._messages.values()), list(self._taps)
        for start in range(0, max(len(messages), len(taps)), WRITE_CHUNK):
            # In pieces, so that a station's report never waits long behind it.
            piece = slice(start, start + WRITE_CHUNK)
            await self._flush(messages[piece], taps[piece])

    async def _flush(self, messages: Sequence[Message], taps: Sequence[Tap]) -> None:
        await self._store.write(lambda connection: _keep(connection, messages, taps))
        for message in messages:
            if self._messages.get(message.id) is message:
                self._forget(message.id)
        while self._taps and taps and self._taps[0].id <= taps[-1].id:
            self._taps.popleft()

    def _forget(self, message_id: int) -> None:
        if waited := self._messages.pop(message_id, None):
            self._characters -= _length(waited)

    def messages(self, wanted: MessageFilter, *, before_id: int | None = None, limit: int = 500) -> list[Message]:
        """Up to `limit` stored messages, newest first, older than `before_id` when it is given.

        What was told in the last moments may not be stored yet: `await flush()` first when that matters.
        """
        rows = schema.messages.c
        conditions: list[ColumnElement[bool]] = []
        if wanted.station_id:
            conditions.append(rows.station_id == wanted.station_id)
        if wanted.action:
            conditions.append(rows.action == wanted.action)
        if wanted.cards_only:
            conditions += [rows.action.in_(CARD_ACTIONS), or_(rows.action != EVENT, rows.id_tag != "")]
        if wanted.refused_only:
            conditions += (rows.reason != "", rows.outcome != Status.ACCEPTED.value)
        if wanted.asked_only:
            conditions.append(rows.direction == Direction.TO_STATION.value)
        if wanted.text:
            searched = (rows.station_id, rows.action, rows.id_tag, rows.outcome, rows.request, rows.response)
            conditions.append(or_(*(_holds(part, _lower(wanted.text)) for part in searched)))
        if before_id is not None:
            conditions.append(rows.id < before_id)
        query = select(schema.messages).where(*conditions).order_by(rows.id.desc()).limit(limit)
        return [to_message(row) for row in self._store.reader.execute(query).mappings()]

    def tap(self, tap_id: int) -> Tap | None:
        """The tap a message brought, also when it is not stored yet."""
        for tap in self._taps:
            if tap.id == tap_id:
                return tap
        row = self._store.reader.execute(select(schema.taps).filter_by(id=tap_id)).mappings().first()
        return to_tap(row) if row else None

    def taps(
        self, *, limit: int = 50, uid: Uid | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[Tap]:
        """The latest taps, newest first, those not stored yet included; `since` and `until` belong to the time."""
        conditions: list[ColumnElement[bool]] = []
        if uid is not None:
            conditions.append(schema.taps.c.uid == uid)
        if since is not None:
            conditions.append(schema.taps.c.at >= since)
        if until is not None:
            conditions.append(schema.taps.c.at <= until)
        query = select(schema.taps).where(*conditions).order_by(schema.taps.c.id.desc()).limit(limit)
        found = {tap.id: tap for tap in (to_tap(row) for row in self._store.reader.execute(query).mappings())}
        for tap in self._taps:
            in_time = (since is None or tap.at >= since) and (until is None or tap.at <= until)
            if in_time and (uid is None or tap.uid == uid):
                found[tap.id] = tap
        return sorted(found.values(), key=lambda tap: -tap.id)[:limit]

    async def purge(self, now: datetime, keep_days: int) -> int:
        """Forget messages older than that many days; how many went. Taps and sessions stay."""
        oldest, gone = now - timedelta(days=keep_days), 0
        some = select(schema.messages.c.id).where(schema.messages.c.at < oldest).limit(PURGE_CHUNK)
        statement = delete(schema.messages).where(schema.messages.c.id.in_(some))
        while True:
            # In pieces, so that a station's report never waits long behind it.
            deleted = await self._store.write(lambda connection: connection.execute(statement).rowcount)
            gone += deleted
            if deleted < PURGE_CHUNK:
                return gone

    async def close(self) -> None:
        """Write what waits, for the last time."""
        if self._writing:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing
        with contextlib.suppress(AppError):
            await self.flush()

    def _wake(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_behind())

    async def _write_behind(self) -> None:
        while self._messages or self._taps:
            await asyncio.sleep(WRITE_EVERY_S)
            try:
                await self.flush()
            except AppError:
                # The window says that the disk is at fault (the application watches it); what waits is tried again.
                await asyncio.sleep(1)


def _newest(store: Store, column: ColumnElement[int]) -> int:
    return int(store.reader.execute(select(func.max(column))).scalar() or 0)


def _newest_message_id(store: Store) -> int:
    """Also when that message is forgotten by now: the tap it brought must not seem to come from another one."""
    latest_tap = select(schema.taps.c.message_id).order_by(schema.taps.c.id.desc()).limit(1)
    return max(_newest(store, schema.messages.c.id), int(store.reader.execute(latest_tap).scalar() or 0))


def _keep(connection: Connection, messages: Iterable[Message], taps: Sequence[Tap]) -> None:
    insert_messages(connection, messages)
    insert_taps(connection, taps)


def _holds(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    escaped = re.sub("([%_^])", r"^\1", text)
    pattern = f"%{escaped}%"
    if len(pattern.encode()) <= LONGEST_PATTERN:
        return column.like(pattern, escape="^")
    return func.instr(func.lower(column), text) > 0


def _length(message: Message) -> int:
    return len(message.request) + len(message.response)


_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _lower(text: str) -> str:
    # SQLite folds ASCII only, and can hold no half of a surrogate pair; the live filter must agree with the stored one.
    return text.lower() if text.isascii() else text.translate(_LOWER).encode(errors="replace").decode()
