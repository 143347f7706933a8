"""Counting, station by station, what had to be put right in its messages, and what its schemas have against them.

Everything is learned from the messages that the journal tells of, after they are answered, and written in batches: a
station that waits for its answer pays nothing for it.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from sqlalchemy import Connection, delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from app.bus import Bus
from app.database import schema
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import MessageLogged
from app.domain.model import Direction, Message, OcppVersion
from app.repairs.schemas import deviations

WRITE_EVERY_S = 5.0
#: Each kind of message of a station is held against its schema so often at most: they are alike.
CHECK_AGAIN_AFTER_S = 300.0
EXAMPLE_LIMIT = 600
#: Different things kept of one station: field names are of its own choosing.
MOST_OF_ONE = 100
#: Kinds of messages remembered as looked at: a station may invent as many as it likes.
MOST_KINDS = 10_000
#: Begins the code of what only the schema objects to; the rest is one of `Deviation`.
SCHEMA = "schema."


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that a station does otherwise, and a message in which it did.

    `code` is that of the repair, of the fault in a frame that could not be read, or `SCHEMA` with a `Deviation`; then
    `about` is the action and the field, and `times` counts the messages that were looked at.
    """

    station_id: str
    code: str
    about: str
    times: int
    first_at: datetime
    last_at: datetime
    example: str


class Repairs:
    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._counted: dict[tuple[str, str, str], Repair] = {}
        self._to_check: dict[tuple[str, str, bool], Message] = {}
        self._checked_at: dict[tuple[str, str, bool], float] = {}
        bus.subscribe(MessageLogged, self._heard)

    def of(self, station_id: str) -> list[Repair]:
        """What was counted of a station so far, the most frequent first; that of the last seconds may be missing."""
        query = select(schema.repairs).where(schema.repairs.c.station_id == station_id)
        rows = self._store.reader.execute(query.order_by(schema.repairs.c.times.desc(), schema.repairs.c.code))
        return [Repair(**row) for row in rows.mappings()]

    def found_in(self, message: Message) -> list[Repair]:
        """What the schema of the station's version has against what it said in a message; nothing where that is not
        known, or not kept whole.
        """
        version = self._version(message.station_id)
        return _deviating(message, version) if version and message.action else []

    async def run(self) -> None:
        """Write now and then, until cancelled."""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            # While the disk takes nothing, the counts wait: a few for each station.
            try:
                await self.flush()
            except AppError:
                continue

    async def flush(self) -> None:
        """Look at what waits and write what was counted. Raises AppError `disk_…`: then it is kept and counted on."""
        await self._check_what_waits()
        counted, self._counted = self._counted, {}
        if not counted:
            return
        try:
            await self._store.write(lambda connection: _add(connection, list(counted.values())))
        except AppError:
            for repair in counted.values():
                self._count(repair)
            raise

    async def forget(self, before: datetime) -> None:
        """Forget what no station did since then. Raises AppError `disk_…`."""
        await self._store.write(
            lambda connection: connection.execute(delete(schema.repairs).where(schema.repairs.c.last_at < before))
        )

    def _heard(self, event: MessageLogged) -> None:
        message = event.message
        is_answer = message.direction is Direction.TO_STATION
        if message.took_ms is None and message.action:
            return  # a question of ours that waits for its answer
        codes = message.repairs if message.action else (message.outcome,)
        for code in codes:
            said = message.response if is_answer else message.request
            self._count(_repair(message, code, "", said))
        kind = (message.station_id, message.action, is_answer)
        due_at = self._checked_at.get(kind, 0.0) + CHECK_AGAIN_AFTER_S
        if message.action and (kind not in self._checked_at or time.monotonic() >= due_at):
            self._to_check[kind] = message

    def _count(self, repair: Repair) -> None:
        key = (repair.station_id, repair.code, repair.about)
        before = self._counted.get(key)
        self._counted[key] = repair if before is None else _together(before, repair)

    async def _check_what_waits(self) -> None:
        waiting, self._to_check = self._to_check, {}
        versions: dict[str, OcppVersion | None] = {}
        if len(self._checked_at) > MOST_KINDS:
            self._checked_at.clear()
        for kind, message in waiting.items():
            self._checked_at[kind] = time.monotonic()
            if message.station_id not in versions:
                versions[message.station_id] = self._version(message.station_id)
            version = versions[message.station_id]
            for each in _deviating(message, version) if version else ():
                self._count(each)
            await asyncio.sleep(0)

    def _version(self, station_id: str) -> OcppVersion | None:
        query = select(schema.stations.c.ocpp_version).where(schema.stations.c.station_id == station_id)
        version = self._store.reader.execute(query).scalar()
        return OcppVersion(version) if version else None


def _deviating(message: Message, version: OcppVersion) -> list[Repair]:
    is_answer = message.direction is Direction.TO_STATION
    said = message.response if is_answer else message.request
    payload = _payload(said, 2 if is_answer else 3)
    found = None if payload is None else deviations(version, message.action, payload, is_answer=is_answer)
    named = [(each.how, " ".join(part for part in (message.action, each.path) if part)) for each in found or ()]
    return [_repair(message, f"{SCHEMA}{how}", about, said) for how, about in named]


def _repair(message: Message, code: str, about: str, said: str) -> Repair:
    return Repair(message.station_id, code, about, 1, message.at, message.at, said[:EXAMPLE_LIMIT])


def _together(before: Repair, after: Repair) -> Repair:
    return replace(after, times=before.times + after.times, first_at=min(before.first_at, after.first_at))


def _payload(frame: str, position: int) -> dict[str, object] | None:
    try:
        value = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return None
    payload = value[position] if isinstance(value, list) and len(value) > position else None
    return payload if isinstance(payload, dict) else None


def _add(connection: Connection, counted: Sequence[Repair]) -> None:
    rows = schema.repairs.c
    statement = insert(schema.repairs)
    statement = statement.on_conflict_do_update(
        index_elements=["station_id", "code", "about"],
        set_={
            "times": rows.times + statement.excluded.times,
            "last_at": statement.excluded.last_at,
            "example": statement.excluded.example,
        },
    )
    names = Repair.__slots__
    connection.execute(statement, [{name: getattr(repair, name) for name in names} for repair in counted])
    for station_id in {repair.station_id for repair in counted}:
        _forget_surplus(connection, station_id)


def _forget_surplus(connection: Connection, station_id: str) -> None:
    rows = schema.repairs.c
    own = select(func.count()).select_from(schema.repairs).where(rows.station_id == station_id)
    if connection.execute(own).scalar_one() > MOST_OF_ONE:
        kept = select(rows.code, rows.about).where(rows.station_id == station_id)
        surplus = kept.order_by(rows.last_at.desc(), rows.times.desc()).offset(MOST_OF_ONE)
        is_surplus = tuple_(rows.code, rows.about).in_(surplus)
        connection.execute(delete(schema.repairs).where(rows.station_id == station_id, is_surplus))
