"""How each station wants to be treated, and by what it is known: what an operator set, and what it showed itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from sqlalchemy import Connection, RowMapping, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from app.bus import Bus
from app.database import schema
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import StationsChanged
from app.undo import Undo, taking_back

LONGEST_DELAY_MS = 5_000


@dataclass(frozen=True, slots=True)
class Habits:
    """Of one station. The defaults are right for nearly all."""

    #: How long an answer is held back: some stations break off when it comes too soon.
    answer_delay_ms: int = 0
    #: Whether times are written with milliseconds, for stations that cannot read them without.
    milliseconds: bool = False
    #: The address of this computer that it connected to last; "" when it never did.
    reached_at: str = ""
    #: The serial number by which it is known, and another one that this identity told since; "" for none.
    serial_number: str = ""
    other_serial_number: str = ""
    #: The address from which it comes without naming itself in its URL, as the operator says; "" for none.
    nameless_at: str = ""
    #: It answers no pings, and is alive all the same.
    never_pongs: bool = False
    #: Questions at which it broke off the connection, by their action.
    breaks_off_at: tuple[str, ...] = ()


_OF_STATION = select(schema.habits).where(schema.habits.c.station_id == bindparam("identity"))
_NAMELESS = select(schema.habits.c.station_id).where(schema.habits.c.nameless_at == bindparam("address"))


class StationHabits:
    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus

    def of(self, station_id: str) -> Habits:
        """Those of a station, known or not."""
        row = self._store.reader.execute(_OF_STATION, {"identity": station_id}).mappings().first()
        return _to_habits(row) if row else Habits()

    def all(self) -> dict[str, Habits]:
        """Those of every station that has any, by case-folded identity."""
        rows = self._store.reader.execute(select(schema.habits)).mappings()
        return {row["station_id"].casefold(): _to_habits(row) for row in rows}

    async def treat(
        self, station_id: str, *, answer_delay_ms: int | None = None, milliseconds: bool | None = None
    ) -> Undo:
        """Change how it is treated; what is not named stays. Raises AppError `answer_delay_out_of_range`."""
        if answer_delay_ms is not None and not 0 <= answer_delay_ms <= LONGEST_DELAY_MS:
            raise AppError("answer_delay_out_of_range", highest=LONGEST_DELAY_MS)
        named = {"answer_delay_ms": answer_delay_ms, "milliseconds": milliseconds}
        return await self._change(station_id, {key: value for key, value in named.items() if value is not None})

    def nameless_at(self, address: str) -> str:
        """The station that comes from this address without naming itself; "" for none."""
        found = self._store.reader.execute(_NAMELESS, {"address": address}).scalar() if address else None
        return found or ""

    async def expect_nameless(self, station_id: str, address: str) -> Undo:
        """Take what comes from this address without a name for that station; "" for an end of that.

        Raises AppError `address_unreadable`, and `nameless_at_taken` where another station is expected from there.
        """
        address = _written_as_it_comes(address)
        other = self.nameless_at(address)
        if other and other.casefold() != station_id.casefold():
            raise AppError("nameless_at_taken", station_id=other, address=address)
        return await self._change(station_id, {"nameless_at": address})

    async def exchanged(self, station_id: str) -> Undo:
        """The operator says that the other serial number is right: the station was exchanged. It is known by that now.

        Raises AppError `serial_number_not_other` when it told no other one.
        """
        other = self.of(station_id).other_serial_number
        if not other:
            raise AppError("serial_number_not_other", station_id=station_id)
        return await self._change(station_id, {"serial_number": other, "other_serial_number": ""})

    async def told_serial_number(self, station_id: str, told: str, known: str) -> bool:
        """A station told its serial number; `known` is what it told before, where nothing is kept of it yet.

        The first one is what it is known by. Another one does not take its place: it is kept beside it, until the
        operator says that the station was exchanged. True when it was told now for the first time.
        """
        habits = self.of(station_id)
        if not told:
            return False
        by = habits.serial_number or known or told
        other = "" if _plain(told) == _plain(by) else told
        if (by, other) == (habits.serial_number, habits.other_serial_number):
            return False
        await self._keep(station_id, {"serial_number": by, "other_serial_number": other})
        if other != habits.other_serial_number:
            self._bus.publish(StationsChanged((station_id,)))
        return bool(other)

    async def came_to(self, station_id: str, address: str) -> None:
        """A station connected to this address of ours. Raises AppError `disk_…`."""
        if self.of(station_id).reached_at != address:
            await self._keep(station_id, {"reached_at": address})

    async def learned(self, station_id: str, *, never_pongs: bool, breaks_off_at: Sequence[str]) -> None:
        """Keep what a station showed of itself, for when the program begins anew. Raises AppError `disk_…`."""
        before = self.of(station_id)
        if (before.never_pongs, before.breaks_off_at) != (never_pongs, tuple(breaks_off_at)):
            kept = {"never_pongs": never_pongs, "breaks_off_at": " ".join(breaks_off_at)}
            await self._keep(station_id, kept)

    async def _change(self, station_id: str, values: Mapping[str, object]) -> Undo:
        before = self.of(station_id)
        await self._keep(station_id, values)
        after = self.of(station_id)
        changed = StationsChanged((station_id,))
        self._bus.publish(changed)

        def take_back(connection: Connection) -> None:
            row = connection.execute(select(schema.habits).where(schema.habits.c.station_id == station_id)).mappings()
            now = _to_habits(row.one())
            if any(getattr(now, name) != getattr(after, name) for name in values):
                raise AppError("undo_overtaken")
            _put(connection, station_id, {name: getattr(before, name) for name in values})

        return taking_back(self._store, self._bus, take_back, changed)

    async def _keep(self, station_id: str, values: Mapping[str, object]) -> None:
        await self._store.write(lambda connection: _put(connection, station_id, values))


def _put(connection: Connection, station_id: str, values: Mapping[str, object]) -> None:
    statement = insert(schema.habits).values(station_id=station_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["station_id"], set_=dict(values)))


def _to_habits(row: RowMapping) -> Habits:
    values = {name: row[name] for name in Habits.__slots__}
    return Habits(**values | {"breaks_off_at": tuple(row["breaks_off_at"].split())})


def _written_as_it_comes(address: str) -> str:
    try:
        return str(ip_address(address.strip())) if address.strip() else ""
    except ValueError as error:
        raise AppError("address_unreadable", address=address) from error


def _plain(serial_number: str) -> str:
    """Without what a new firmware may write otherwise: case, blanks, separators, zeros in front."""
    return "".join(filter(str.isalnum, serial_number)).casefold().lstrip("0")
