"""From a refused card to a request: noted in memory while the station is answered, written a moment later."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, literal, select, update

from app.database import schema
from app.database.names import whole_name
from app.database.rows import insert_row
from app.database.store import Store
from app.domain.access import Reason
from app.domain.errors import AppError
from app.domain.ids import Uid, UidKind, classify_uid
from app.domain.model import Tap, TapSource
from app.domain.requests import RequestState
from app.mail import Mail
from app.mail.wording import local_time
from app.requests import rows

SOURCES = frozenset({TapSource.AUTHORIZE, TapSource.START})
REASONS = frozenset({Reason.UNKNOWN_CARD.value, Reason.NOT_A_MEMBER.value})
#: What can never be a pass: phones have another UID at each tap, and asking in vain would go on for ever.
NEVER_A_PASS = frozenset({UidKind.RANDOM, UidKind.FREE_VEND, UidKind.EMPTY})

#: Pending requests of one pool at most: whoever floods a reader must fill neither the disk nor the operator's screen.
PENDING_LIMIT = 200
#: Nobody is written to about more requests while so many of the pool are undecided.
LETTERS_LIMIT = 20
#: Cards that wait to be written at most, and those that are written at once.
WAITING_LIMIT = 1_000
WRITE_CHUNK = 100
WRITE_EVERY_S = 0.05
DISK_AGAIN_S = 1.0
#: A card that was denied asks again only after this.
DENIED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Asked:
    """How often a card was refused since it was last written, and the first and last time."""

    first_at: datetime
    last: Tap
    times: int = 1


@dataclass(frozen=True, slots=True)
class Written:
    """The pools whose requests changed, and the letters that were written about new ones."""

    pool_ids: frozenset[int]
    letter_ids: tuple[int, ...]


class Asking:
    """`written` is called after each commit that changed something."""

    def __init__(
        self, store: Store, mail: Mail, clock: Callable[[], datetime], written: Callable[[Written], None]
    ) -> None:
        self._store = store
        self._mail = mail
        self._clock = clock
        self._written = written
        self._waiting: dict[tuple[int, Uid], Asked] = {}
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self.look_at_pools()

    def look_at_pools(self) -> None:
        """Pools were changed: see where cards may ask."""
        query = select(schema.pools.c.id).where(rows.takes_requests())
        self._pools = frozenset(self._store.reader.scalars(query))

    def card_tapped(self, tap: Tap) -> None:
        """Note a card that may become a request. It is called before the station has its answer: it only notes."""
        if tap.pool_id is None or tap.pool_id not in self._pools:
            return
        if tap.reason not in REASONS or tap.source not in SOURCES:
            return
        if classify_uid(tap.uid) in NEVER_A_PASS:
            return
        key = (tap.pool_id, tap.uid)
        noted = self._waiting.get(key)
        if noted is not None:
            self._waiting[key] = replace(noted, last=tap, times=noted.times + 1)
        elif len(self._waiting) < WAITING_LIMIT:
            self._waiting[key] = Asked(tap.at, tap)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_behind())

    async def close(self) -> None:
        """Write what waits, for the last time."""
        self._closing.set()
        if self._writing:
            # Not cancelled: what is being written then would be counted twice.
            await self._writing
        with contextlib.suppress(AppError):
            while self._waiting:
                await self._write()

    async def _write_behind(self) -> None:
        while self._waiting and not self._closing.is_set():
            try:
                await self._write()
            except AppError:
                # The window says that the disk is at fault; what waits is tried again.
                await self._pause(DISK_AGAIN_S)
            else:
                await self._pause(WRITE_EVERY_S)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _write(self) -> None:
        chosen = dict(islice(self._waiting.items(), WRITE_CHUNK))
        if not chosen:
            return
        now = self._clock()
        written = await self._store.write(lambda connection: _keep(connection, self._mail, chosen, now))
        for key, asked in chosen.items():
            self._forget(key, asked)
        if written.pool_ids:
            self._written(written)

    def _forget(self, key: tuple[int, Uid], written: Asked) -> None:
        noted = self._waiting.pop(key)
        if noted.times > written.times:
            # Held to the reader again while it was being written.
            self._waiting[key] = replace(noted, times=noted.times - written.times)


def _keep(connection: Connection, mail: Mail, chosen: Mapping[tuple[int, Uid], Asked], now: datetime) -> Written:
    changed: set[int] = set()
    letter_ids: list[int] = []
    for (pool_id, uid), asked in chosen.items():
        pool = _pool(connection, pool_id)
        if pool is None or rows.is_member(connection, pool_id, uid, now):
            continue
        if _told_again(connection, pool_id, uid, asked):
            changed.add(pool_id)
            continue
        pending = _count_pending(connection, pool_id)
        if pending >= PENDING_LIMIT or _was_denied(connection, pool_id, uid, now):
            continue
        request_id = insert_row(connection, insert(schema.access_requests).values(_new(pool_id, uid, asked)))
        changed.add(pool_id)
        if pending < LETTERS_LIMIT:
            letter_ids += _write_letters(connection, mail, pool, request_id, asked.last)
    return Written(frozenset(changed), tuple(letter_ids))


def _pool(connection: Connection, pool_id: int) -> RowMapping | None:
    pools = schema.pools.c
    query = select(pools.name, pools.notify).where(pools.id == pool_id, rows.takes_requests())
    return connection.execute(query).mappings().first()


def _told_again(connection: Connection, pool_id: int, uid: Uid, asked: Asked) -> bool:
    request = schema.access_requests.c
    same = update(schema.access_requests).where(request.pool_id == pool_id, request.uid == uid, rows.IS_PENDING)
    return (
        connection.execute(
            same.values(
                times=request.times + asked.times,
                last_at=asked.last.at,
                raw_id_tag=asked.last.raw_id_tag,
                station_id=asked.last.station_id,
                station_name=asked.last.station_name,
                connector_id=asked.last.connector_id,
            )
        ).rowcount
        > 0
    )


def _count_pending(connection: Connection, pool_id: int) -> int:
    request = schema.access_requests.c
    query = select(func.count()).select_from(schema.access_requests)
    return int(connection.execute(query.where(request.pool_id == pool_id, rows.IS_PENDING)).scalar_one())


def _was_denied(connection: Connection, pool_id: int, uid: Uid, now: datetime) -> bool:
    request = schema.access_requests.c
    query = select(request.id).where(
        request.pool_id == pool_id,
        request.uid == uid,
        request.state == RequestState.DENIED.value,
        request.decided_at > now - DENIED_FOR,
    )
    return connection.execute(query).first() is not None


def _new(pool_id: int, uid: Uid, asked: Asked) -> dict[str, Any]:
    return {
        "pool_id": pool_id,
        "uid": uid,
        "raw_id_tag": asked.last.raw_id_tag,
        "station_id": asked.last.station_id,
        "station_name": asked.last.station_name,
        "connector_id": asked.last.connector_id,
        "first_at": asked.first_at,
        "last_at": asked.last.at,
        "times": asked.times,
    }


def _write_letters(connection: Connection, mail: Mail, pool: RowMapping, request_id: int, tap: Tap) -> list[int]:
    holder = (
        select(whole_name())
        .select_from(schema.passes)
        .join(schema.identities)
        .where(schema.passes.c.id == rows.pass_of(literal(tap.uid)))
    )
    who = connection.execute(holder).scalar()
    facts = {
        "who": who or "",
        # Of somebody who is known the number of the card says nothing more, and letters travel far.
        "card": "" if who else tap.uid,
        "station": tap.station_name,
        "pool": pool["name"],
        "at": local_time(tap.at),
    }
    return mail.write(connection, "request", pool["notify"].splitlines(), facts, request_id=request_id)
