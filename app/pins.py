"""The PINs of pools: digits for a station's keypad, kept as a slow hash, each good for sessions under its name."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.rows import insert_row, to_pin
from app.database.store import Store
from app.domain.drafts import clean_name
from app.domain.errors import AppError
from app.domain.events import PinEntryClosed, PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.pins import LONGEST_PIN, SHORTEST_PIN, Pin, WrongPins, clean_pin
from app.pools import require_pool
from app.undo import Undo, put_back

#: RFC 7914: 16 MiB and about a twentieth of a second for each try.
_COST = {"n": 2**14, "r": 8, "p": 1}
SALT_BYTES = 16
MOST_USES = 9999


@dataclass(frozen=True, slots=True)
class PinDraft:
    """A PIN as an operator fills it in; `uses` None is any number of sessions."""

    name: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    uses: int | None = None

    def cleaned(self) -> "PinDraft":
        """Trimmed and checked. Raises AppError `pin_name_empty`, `name_too_long`, `validity_reversed`, `pin_uses`."""
        name = clean_name(self.name)
        if not name:
            raise AppError("pin_name_empty")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise AppError("validity_reversed")
        if self.uses is not None and not 1 <= self.uses <= MOST_USES:
            raise AppError("pin_uses", most=MOST_USES)
        return PinDraft(name, self.valid_from, self.valid_until, self.uses)


@dataclass(frozen=True, slots=True)
class TypedPin:
    """What came of trying digits as a PIN: which one it is, if any; `entry_open` False: it was not tried."""

    pin_id: int | None
    entry_open: bool = True


class Pins:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._wrong: dict[str, WrongPins] = {}
        # One hash at a time, in the order asked for: many stations at once may take time, but not all memory and cores.
        self._trying = asyncio.Lock()

    def of_pool(self, pool_id: int) -> list[Pin]:
        """The PINs of a pool, by name."""
        pin = schema.pins.c
        rows = self._store.reader.execute(_PINS.where(pin.pool_id == pool_id).order_by(pin.name, pin.id))
        return [to_pin(row) for row in rows.mappings()]

    def closed_until(self, station_id: str) -> datetime | None:
        """Until when a station's keypad is not listened to, after too many wrong PINs; None: it is."""
        wrong = self._wrong.get(station_id.casefold())
        return wrong.closed_until(self._clock()) if wrong else None

    async def add(self, pool_id: int, digits: str, draft: PinDraft) -> Pin:
        """A new PIN. Raises AppError from `clean_pin` and `PinDraft.cleaned`, `pin_taken`, `pool_unknown`."""
        typed, cleaned = clean_pin(digits), draft.cleaned()
        pin_id = None
        while pin_id is None:
            pin_id = await self._add(pool_id, typed, cleaned)
        self._bus.publish(PoolsChanged((pool_id,)))
        return self.require(pin_id)

    async def _add(self, pool_id: int, digits: str, draft: PinDraft) -> int | None:
        """None: another window was faster with the first PIN of the pool, whose salt is to be used."""
        now, salts = self._clock(), self._salts(pool_id)
        if await self.find(pool_id, digits) is not None:
            raise AppError("pin_taken")
        salt = salts[0] if salts else secrets.token_bytes(SALT_BYTES)
        digest = await asyncio.to_thread(_digest, digits, salt)

        def write(connection: Connection) -> int | None:
            require_pool(connection, pool_id)
            if list(connection.scalars(_salts(pool_id))) != salts:
                return None
            values = _values(draft) | {"pool_id": pool_id, "digits": len(digits), "created_at": now}
            pin_id = insert_row(connection, insert(schema.pins).values(**values, salt=salt, digest=digest))
            history_rows.note(connection, now, ChangeKind.PIN_ADDED, pool_id=pool_id, name=draft.name)
            return pin_id

        try:
            return await self._store.write(write)
        except IntegrityError as error:
            raise AppError("pin_taken") from error

    async def change(self, pin_id: int, draft: PinDraft) -> Undo:
        """Rename a PIN or change when and how often it is good; its digits stay. Raises AppError as `add` does."""
        before, cleaned = self.require(pin_id), draft.cleaned()
        await self._change(before, cleaned, Origin.BY_HAND)
        earlier = PinDraft(before.name, before.valid_from, before.valid_until, before.uses)
        return lambda: self._change(before, earlier, Origin.UNDO)

    async def remove(self, pin_id: int) -> Undo:
        """Remove a PIN: it opens nothing from the next try on. Its sessions stay."""
        pin, now = self.require(pin_id), self._clock()

        def write(connection: Connection) -> removal.Removal:
            history_rows.note(connection, now, ChangeKind.PIN_REMOVED, pool_id=pin.pool_id, name=pin.name)
            return removal.remove(connection, schema.pins, [pin_id])

        taken = await self._store.write(write)
        changed = PoolsChanged((pin.pool_id,))
        self._bus.publish(changed)
        return put_back(
            self._store,
            self._bus,
            taken,
            changed,
            also=lambda connection: history_rows.note(
                connection, self._clock(), ChangeKind.PIN_ADDED, Origin.UNDO, pool_id=pin.pool_id, name=pin.name
            ),
        )

    def require(self, pin_id: int) -> Pin:
        """Raises AppError `pin_unknown`."""
        row = self._store.reader.execute(_PINS.where(schema.pins.c.id == pin_id)).mappings().first()
        if row is None:
            raise AppError("pin_unknown")
        return to_pin(row)

    async def typed(self, station_id: str, pool_id: int, digits: str) -> TypedPin:
        """Try what was typed at a station, which takes a twentieth of a second.

        A wrong one is counted; after five none is tried for a while, not even a right one.
        """
        if self.closed_until(station_id) is not None:
            return TypedPin(None, entry_open=False)
        async with self._trying:
            if self.closed_until(station_id) is not None:
                return TypedPin(None, entry_open=False)
            pin_id = await self._found(pool_id, digits)
            if pin_id is None and _can_be_pin(digits):
                self._count_wrong(station_id)
            return TypedPin(pin_id)

    async def find(self, pool_id: int, digits: str) -> int | None:
        """Which of a pool's PINs these digits are, if any, without counting anything."""
        async with self._trying:
            return await self._found(pool_id, digits)

    async def _found(self, pool_id: int, digits: str) -> int | None:
        if not _can_be_pin(digits):
            return None
        pin = schema.pins.c
        # One salt as a rule; a PIN whose removal was taken back may have brought its own.
        for salt in self._salts(pool_id):
            digest = await asyncio.to_thread(_digest, digits, salt)
            rows = self._store.reader.execute(select(pin.id, pin.digest).where(pin.pool_id == pool_id)).all()
            for row in rows:
                if hmac.compare_digest(row.digest, digest):
                    return int(row.id)
        return None

    def _salts(self, pool_id: int) -> list[bytes]:
        return list(self._store.reader.scalars(_salts(pool_id)))

    def _count_wrong(self, station_id: str) -> None:
        wrong, now = self._wrong.setdefault(station_id.casefold(), WrongPins()), self._clock()
        wrong.add(now)
        until = wrong.closed_until(now)
        if until is not None:
            self._bus.publish(PinEntryClosed(station_id, until))

    async def _change(self, pin: Pin, draft: PinDraft, origin: Origin) -> None:
        now = self._clock()

        def write(connection: Connection) -> None:
            changed = connection.execute(update(schema.pins).filter_by(id=pin.id).values(**_values(draft)))
            if not changed.rowcount:
                raise AppError("pin_unknown")
            history_rows.note(connection, now, ChangeKind.PIN_CHANGED, origin, pool_id=pin.pool_id, name=draft.name)

        await self._store.write(write)
        self._bus.publish(PoolsChanged((pin.pool_id,)))


def _salts(pool_id: int) -> Select[bytes]:
    pin = schema.pins.c
    return select(pin.salt).where(pin.pool_id == pool_id).distinct().order_by(pin.salt)


def _can_be_pin(digits: str) -> bool:
    return SHORTEST_PIN <= len(digits) <= LONGEST_PIN


def _digest(digits: str, salt: bytes) -> bytes:
    return hashlib.scrypt(digits.encode(), salt=salt, **_COST)


def _values(draft: PinDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "uses": draft.uses,
    }


_USED = (
    select(func.count())
    .select_from(schema.sessions)
    .where(schema.sessions.c.pin_id == schema.pins.c.id, schema.sessions.c.status == "Accepted")
    .scalar_subquery()
)
_PINS = select(schema.pins, _USED.label("used"))
