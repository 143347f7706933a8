"""Connectors that stations keep free for a pass until a moment (OCPP 1.6 §5.13, 2.x H01 to H04).

That a reservation stands is the station's to say. What is kept here is what it takes to name it and to take it back,
also after a restart; it is forgotten as soon as the station says that it is over.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from app.bus import Bus
from app.database import schema
from app.database.rows import insert_row
from app.database.store import Store
from app.domain.access import Moment
from app.domain.commands import CancelReservation, CarryOut, Reserve
from app.domain.errors import AppError
from app.domain.events import ReservationsChanged
from app.stations import Stations
from app.taps import Taps, Verdict

#: After these it is sure that the station keeps nothing; after any other error it may.
_SURELY_NOT = frozenset({"station_refused", "command_not_in_version", "station_queue_full"})
_UNKNOWN_THERE = "rejected"


@dataclass(frozen=True, slots=True)
class Reservation:
    """A connector, or with None any one, that a station may keep free for somebody until then."""

    number: int
    station_id: str
    connector_id: int | None
    holder: str
    until: datetime


class Reservations:
    def __init__(
        self,
        store: Store,
        bus: Bus,
        stations: Stations,
        taps: Taps,
        clock: Callable[[], datetime],
        carry_out: CarryOut,
        connected: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._bus = bus
        self._stations = stations
        self._taps = taps
        self._clock = clock
        self._carry_out = carry_out
        self._connected = connected

    def standing(self) -> Mapping[str, Sequence[Reservation]]:
        """Those that may stand now, the first to end first, by the station's case-folded identity."""
        query = (
            select(_row.id.label("number"), schema.stations.c.station_id, _row.connector_id, _row.holder, _row.until)
            .join(schema.stations)
            .where(_row.until > self._clock())
            .order_by(_row.until, _row.id)
        )
        found = defaultdict(list)
        for row in self._store.reader.execute(query).mappings():
            found[row["station_id"].casefold()].append(Reservation(**row))
        return found

    async def reserve(
        self, station_id: str, raw_id_tag: str, until: datetime, connector_id: int | None = None
    ) -> Reservation:
        """Have a station keep a connector free for a card, and those of its group, until then, in whole seconds.

        Raises AppError `pass_refused_there` for a card that could not charge there, `station_unknown`, and as
        `CarryOut` does: `station_refused` when the station cannot, with its word for why as `error`. Where its answer
        did not come, the reservation may stand, and can be taken back.
        """
        station = self._stations.require(station_id)
        verdict = self._taps.judge(station.station_id, raw_id_tag, Moment.AUTHORIZE)
        if not verdict.decision.accepted:
            raise AppError("pass_refused_there", who=verdict.holder or raw_id_tag, station=station.title)
        if not self._connected(station.station_id):
            raise AppError("station_not_connected", station_id=station.station_id)
        # As it is told.
        until = until.replace(microsecond=0)
        now, holder = self._clock(), verdict.holder or raw_id_tag
        values = {"station_id": station.id, "connector_id": connector_id, "holder": holder, "until": until}

        def write(connection: Connection) -> int:
            connection.execute(delete(schema.reservations).where(_row.until <= now))
            return insert_row(connection, insert(schema.reservations).values(**values))

        number = await self._store.write(write)
        spelled = self._spelled(station.station_id, verdict) or raw_id_tag
        asked = Reserve(number, spelled, until, connector_id, verdict.decision.group_id)
        try:
            await self._carry_out(station.station_id, asked)
        except AppError as error:
            if error.code in _SURELY_NOT:
                await self._forget(_row.id == number)
            else:
                self._bus.publish(ReservationsChanged(station.station_id))
            raise
        self._bus.publish(ReservationsChanged(station.station_id))
        return Reservation(number, station.station_id, connector_id, holder, until)

    async def cancel(self, reservation: Reservation) -> None:
        """Take a reservation back. Raises AppError as `CarryOut` does.

        It is over as well when the station refuses because it knows of none (1.6 §5.4, H02.FR.01).
        """
        try:
            await self._carry_out(reservation.station_id, CancelReservation(reservation.number))
        except AppError as error:
            if str(error.params.get("status", "")).casefold() == _UNKNOWN_THERE:
                await self.over(reservation.station_id, reservation.number)
            raise
        await self.over(reservation.station_id, reservation.number)

    async def over(self, station_id: str, number: int) -> None:
        """A reservation of a station was used, ran out or was taken back. Raises AppError `disk_…`."""
        of_station = _row.station_id.in_(select(schema.stations.c.id).where(schema.stations.c.station_id == station_id))
        this = (_row.id == number) & of_station
        # Most starts use none.
        if self._store.reader.execute(select(_row.id).where(this)).first() is not None:
            await self._forget(this)
            self._bus.publish(ReservationsChanged(station_id))

    async def _forget(self, which: ColumnElement[bool]) -> None:
        await self._store.write(lambda connection: connection.execute(delete(schema.reservations).where(which)))

    def _spelled(self, station_id: str, verdict: Verdict) -> str | None:
        """How the station's own reader spelled the card last: it may compare letter by letter."""
        form = schema.seen_forms.c
        query = (
            select(form.raw_id_tag)
            .where(form.pass_id == verdict.pass_id, form.station_id == station_id)
            .order_by(form.last_seen_at.desc())
            .limit(1)
        )
        return self._store.reader.execute(query).scalar()


_row = schema.reservations.c
