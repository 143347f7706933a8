"""The stations of a site: who was let in, under which name, in which pool, and what they last said of themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, literal, select, update
from sqlalchemy.dialects.sqlite import insert

from app.bus import Bus
from app.database import removal, schema
from app.database.rows import to_station
from app.database.store import Store
from app.domain.drafts import clean_name, clean_station_id
from app.domain.errors import AppError
from app.domain.events import StationsChanged, StationWantsToJoin
from app.domain.model import Connector, ConnectorStatus, Registration, Station
from app.pools import require_pool
from app.undo import Undo, put_back

#: Strangers remembered at most: whoever floods the port with identities must not fill the disk.
PENDING_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Boot:
    """What a station says of itself in BootNotification (OCPP 1.6 §6.3), and where it came from."""

    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""
    address: str = ""


class Stations:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    def count(self) -> int:
        """How many there are, those that wait to join included."""
        return int(self._store.reader.execute(select(func.count()).select_from(schema.stations)).scalar_one())

    def all(self) -> list[Station]:
        """Every station, those that wait to join included, by name."""
        title = func.coalesce(func.nullif(schema.stations.c.name, ""), schema.stations.c.station_id)
        rows = self._store.reader.execute(select(schema.stations).order_by(title.collate("NOCASE")))
        return [to_station(row) for row in rows.mappings()]

    def find(self, station_id: str) -> Station | None:
        """The station with this OCPP identity in whatever case, or None."""
        rows = self._store.reader.execute(select(schema.stations).where(schema.stations.c.station_id == station_id))
        row = rows.mappings().first()
        return to_station(row) if row else None

    def connectors(self) -> list[Connector]:
        """The last reported state of every connector."""
        rows = self._store.reader.execute(select(schema.connectors).order_by(schema.connectors.c.connector_id))
        return [Connector(**{**row, "status": ConnectorStatus(row["status"])}) for row in rows.mappings()]

    async def accept(self, station_id: str, *, name: str = "", pool_id: int | None = None) -> Station:
        """Let a station in, before or after it first connects; again for one that is in: gives it name and pool.

        An empty name or pool leaves what is there. Raises AppError `station_id_…`, `name_too_long`, `pool_unknown`.
        """
        station_id, name = clean_station_id(station_id), clean_name(name)

        def write(connection: Connection) -> None:
            if pool_id is not None:
                require_pool(connection, pool_id)
            statement = insert(schema.stations).values(
                station_id=station_id, name=name, pool_id=pool_id, registration=Registration.ACCEPTED.value
            )
            kept: dict[str, object] = {"registration": Registration.ACCEPTED.value}
            if name:
                kept["name"] = name
            if pool_id is not None:
                kept["pool_id"] = pool_id
            connection.execute(statement.on_conflict_do_update(index_elements=["station_id"], set_=kept))

        await self._store.write(write)
        station = self.require(station_id)
        self._bus.publish(StationsChanged((station.station_id,)))
        return station

    async def reject(self, station_id: str) -> Undo:
        """Refuse a station: its boots are answered Rejected and nothing it says is kept."""
        station = self.require(station_id)
        await self._change(station.station_id, registration=Registration.REJECTED.value)
        return lambda: self._change(station.station_id, registration=station.registration.value)

    async def rename(self, station_id: str, name: str) -> Undo:
        """Give it another name; an empty one shows its ID again."""
        station = self.require(station_id)
        await self._change(station.station_id, name=clean_name(name))
        return lambda: self._change(station.station_id, name=station.name)

    async def move(self, station_ids: Sequence[str], pool_id: int | None) -> Undo:
        """Put stations into a pool (out of the one they were in), or with None into none: then nobody may charge."""
        before = [(station.station_id, station.pool_id) for station in map(self.require, station_ids)]

        async def put(places: Sequence[tuple[str, int | None]]) -> None:
            def write(connection: Connection) -> None:
                for station_id, place in places:
                    if place is not None:
                        require_pool(connection, place)
                    connection.execute(
                        update(schema.stations).where(schema.stations.c.station_id == station_id).values(pool_id=place)
                    )

            await self._store.write(write)
            self._bus.publish(StationsChanged(tuple(station_id for station_id, _ in places)))

        await put([(station_id, pool_id) for station_id, _ in before])
        return lambda: put(before)

    async def remove(self, station_id: str) -> Undo:
        """Forget a station; its sessions and taps stay."""
        station = self.require(station_id)
        taken = await self._store.write(lambda connection: removal.remove(connection, schema.stations, [station.id]))
        changed = StationsChanged((station.station_id,))
        self._bus.publish(changed)
        return put_back(self._store, self._bus, taken, changed)

    def require(self, station_id: str) -> Station:
        """The station with this identity. Raises AppError `station_unknown`."""
        station = self.find(station_id)
        if station is None:
            raise AppError("station_unknown", station_id=station_id)
        return station

    async def booted(self, station_id: str, boot: Boot) -> Station:
        """Keep what a station says of itself. One never seen before is kept as wanting to join, at most 200 of them."""
        now = self._clock()
        about = {
            "vendor": boot.vendor,
            "model": boot.model,
            "serial_number": boot.serial_number,
            "firmware": boot.firmware,
            "address": boot.address,
            "last_seen_at": now,
        }

        def write(connection: Connection) -> None:
            statement = insert(schema.stations).values(
                station_id=station_id, registration=Registration.PENDING.value, first_seen_at=now, **about
            )
            first_seen = func.coalesce(schema.stations.c.first_seen_at, literal(now, schema.Moment))
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["station_id"], set_=about | {"first_seen_at": first_seen}
                )
            )
            _forget_oldest_strangers(connection, but=station_id)

        known = self.find(station_id)
        await self._store.write(write)
        station = self.require(station_id)
        self._bus.publish(StationsChanged((station.station_id,)))
        if known is None:
            self._bus.publish(StationWantsToJoin(station.station_id))
        return station

    async def connector_changed(self, connector: Connector) -> None:
        """Keep the state a station reports for one of its connectors."""
        values = {
            "status": connector.status.value,
            "error_code": connector.error_code,
            "info": connector.info,
            "changed_at": connector.changed_at or self._clock(),
        }

        def write(connection: Connection) -> None:
            statement = insert(schema.connectors).values(
                station_id=connector.station_id, connector_id=connector.connector_id, **values
            )
            connection.execute(
                statement.on_conflict_do_update(index_elements=["station_id", "connector_id"], set_=values)
            )

        await self._store.write(write)
        self._bus.publish(StationsChanged((connector.station_id,)))

    async def heard(self, station_id: str, at: datetime) -> None:
        """Keep when a station was last heard of; the server tells at disconnection and now and then."""

        def write(connection: Connection) -> None:
            connection.execute(
                update(schema.stations).where(schema.stations.c.station_id == station_id).values(last_seen_at=at)
            )

        await self._store.write(write)

    async def _change(self, station_id: str, **values: object) -> None:
        def write(connection: Connection) -> None:
            connection.execute(
                update(schema.stations).where(schema.stations.c.station_id == station_id).values(**values)
            )

        await self._store.write(write)
        self._bus.publish(StationsChanged((station_id,)))


def _forget_oldest_strangers(connection: Connection, *, but: str) -> None:
    # The one that speaks now is the newest, whatever the clock said of the others.
    speaks_now = schema.stations.c.station_id == but
    pending = schema.stations.c.registration == Registration.PENDING.value
    surplus = (
        select(schema.stations.c.id)
        .where(pending)
        .order_by(speaks_now.desc(), schema.stations.c.last_seen_at.desc(), schema.stations.c.id.desc())
        .offset(PENDING_LIMIT)
    )
    connection.execute(delete(schema.stations).where(schema.stations.c.id.in_(surplus)))
