"""The stations of a site: who was let in, under which name, in which pool, and what they last said of themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.columns import Moment
from app.database.remembered import Remembered
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.rows import to_station
from app.database.store import Store
from app.domain.drafts import clean_name, clean_station_id
from app.domain.errors import AppError
from app.domain.events import ListConflictReported, StationBooted, StationsChanged, StationWantsToJoin
from app.domain.history import ChangeKind, Origin
from app.domain.model import Connector, ConnectorStatus, OcppVersion, Registration, Station
from app.organizations import only_organization
from app.pools import require_pool
from app.undo import Undo, put_back, taking_back

#: Strangers remembered at most: whoever floods the port with identities must not fill the disk.
PENDING_LIMIT = 200
#: The error code by which a station says that its own list says otherwise (OCPP 1.6 §7.6), case-folded.
LIST_CONFLICT = "locallistconflict"


@dataclass(frozen=True, slots=True)
class Boot:
    """What a station says of itself in BootNotification (OCPP 1.6 §6.3), and where it came from."""

    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""
    address: str = ""


#: Made once: a station that connects is looked up several times, and 500 may connect at once.
_BY_IDENTITY = select(schema.stations).where(schema.stations.c.station_id == bindparam("identity"))


class Stations:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._all = Remembered(store, self._read_all)

    def count(self) -> int:
        """How many there are, those that wait to join included."""
        return int(self._store.reader.execute(select(func.count()).select_from(schema.stations)).scalar_one())

    def all(self) -> Sequence[Station]:
        """Every station, those that wait to join included, by name."""
        return self._all()

    def _read_all(self) -> tuple[Station, ...]:
        title = func.coalesce(func.nullif(schema.stations.c.name, ""), schema.stations.c.station_id)
        rows = self._store.reader.execute(select(schema.stations).order_by(title.collate("NOCASE")))
        return tuple(to_station(row) for row in rows.mappings())

    def find(self, station_id: str) -> Station | None:
        """The station with this OCPP identity in whatever case, or None."""
        row = self._store.reader.execute(_BY_IDENTITY, {"identity": station_id}).mappings().first()
        return to_station(row) if row else None

    def connectors(self) -> list[Connector]:
        """The last reported state of every connector."""
        rows = self._store.reader.execute(select(schema.connectors).order_by(schema.connectors.c.connector_id))
        return [Connector(**{**row, "status": ConnectorStatus(row["status"])}) for row in rows.mappings()]

    def connector(self, station_id: str, connector_id: int) -> Connector | None:
        """The last reported state of one connector, or None."""
        rows = schema.connectors.c
        query = select(schema.connectors).where(rows.station_id == station_id, rows.connector_id == connector_id)
        row = self._store.reader.execute(query).mappings().first()
        return Connector(**{**row, "status": ConnectorStatus(row["status"])}) if row else None

    async def accept(
        self, station_id: str, *, name: str = "", pool_id: int | None = None, host_id: int | None = None
    ) -> Station:
        """Let a station in, before or after it first connects; again for one that is in: gives it what is named.

        What is left out stays as it is; where there is only one organization, the station is allocated to it.
        Raises AppError `station_id_…`, `name_too_long`, `pool_unknown`, `organization_unknown`,
        `station_not_allocated` as `move` does.
        """
        station_id, name, now = clean_station_id(station_id), clean_name(name), self._clock()

        def write(connection: Connection) -> None:
            given = {"name": name or None, "host_id": host_id or only_organization(connection)}
            kept: dict[str, object] = {key: value for key, value in given.items() if value is not None}
            kept["registration"] = Registration.ACCEPTED.value
            statement = insert(schema.stations).values(station_id=station_id, **kept)
            connection.execute(statement.on_conflict_do_update(index_elements=["station_id"], set_=kept))
            if pool_id is not None:
                require_pool(connection, pool_id)
                _place(connection, now, _in(connection, [station_id]), pool_id)

        try:
            await self._store.write(write)
        except IntegrityError as error:
            raise AppError("organization_unknown") from error
        station = self.require(station_id)
        self._bus.publish(StationsChanged((station.station_id,)))
        return station

    async def reject(self, station_id: str) -> Undo:
        """Refuse a station: its boots are answered Rejected and nothing it says is kept."""
        return await self._change([station_id], {"registration": Registration.REJECTED.value})

    async def rename(self, station_id: str, name: str) -> Undo:
        """Give it another name; an empty one shows its ID again."""
        return await self._change([station_id], {"name": clean_name(name)})

    async def allocate(self, station_ids: Sequence[str], host_id: int) -> Undo:
        """Allocate stations to the organization that hosts them. Raises AppError `organization_unknown`."""
        try:
            return await self._change(station_ids, {"host_id": host_id})
        except IntegrityError as error:
            raise AppError("organization_unknown") from error

    async def move(self, station_ids: Sequence[str], pool_id: int | None) -> Undo:
        """Put stations into a pool (out of the one they were in), or with None into none: then nobody may charge.

        Raises AppError `pool_unknown`, and `station_not_allocated` for one that belongs to no organization yet; where
        there is only one organization, it is allocated to that.
        """
        now = self._clock()

        def write(connection: Connection) -> tuple[list[Station], list[Replacement]]:
            stations = _in(connection, station_ids)
            if pool_id is not None:
                require_pool(connection, pool_id)
            return stations, _place(connection, now, stations, pool_id)

        stations, replaced = await self._store.write(write)
        changed = _changed(stations)
        self._bus.publish(changed)

        def take_back(connection: Connection) -> None:
            moved = [row_id for each in replaced if "pool_id" in each.columns for row_id in each.ids]
            _note(connection, self._clock(), ChangeKind.STATION_REMOVED, Origin.UNDO, moved)
            for each in replaced:
                put_columns_back(connection, each)
            _note(connection, self._clock(), ChangeKind.STATION_ADDED, Origin.UNDO, moved)

        return taking_back(self._store, self._bus, take_back, changed)

    async def remove(self, station_id: str) -> Undo:
        """Forget a station; its sessions and taps stay."""
        now = self._clock()

        def write(connection: Connection) -> tuple[list[Station], removal.Removal]:
            stations = _in(connection, [station_id])
            ids = [station.id for station in stations]
            _note(connection, now, ChangeKind.STATION_REMOVED, Origin.BY_HAND, ids)
            return stations, removal.remove(connection, schema.stations, ids)

        stations, taken = await self._store.write(write)
        changed = _changed(stations)
        self._bus.publish(changed)

        def note(connection: Connection) -> None:
            _note(connection, self._clock(), ChangeKind.STATION_ADDED, Origin.UNDO, taken.ids(schema.stations))

        return put_back(self._store, self._bus, taken, changed, also=note)

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
            first_seen = func.coalesce(schema.stations.c.first_seen_at, literal(now, Moment))
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
        self._bus.publish(StationBooted(station.station_id))
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
        if connector.error_code.casefold() == LIST_CONFLICT:
            self._bus.publish(ListConflictReported(connector.station_id))

    async def speaks(self, station_id: str, version: OcppVersion) -> None:
        """Keep which version of OCPP a station speaks now. Raises AppError `disk_…`."""
        known = self.find(station_id)
        if known is None or known.ocpp_version is version:
            return

        def write(connection: Connection) -> None:
            ours = schema.stations.c.station_id == station_id
            connection.execute(update(schema.stations).where(ours).values(ocpp_version=version.value))

        await self._store.write(write)
        self._bus.publish(StationsChanged((known.station_id,)))

    async def heard(self, station_id: str, at: datetime) -> None:
        """Keep when a station was last heard of; the server tells at disconnection and now and then."""

        def write(connection: Connection) -> None:
            connection.execute(
                update(schema.stations).where(schema.stations.c.station_id == station_id).values(last_seen_at=at)
            )

        await self._store.write(write)

    async def _change(self, station_ids: Sequence[str], values: Mapping[str, object]) -> Undo:
        def write(connection: Connection) -> tuple[list[Station], Replacement]:
            stations = _in(connection, station_ids)
            ids = [station.id for station in stations]
            return stations, replace_columns(connection, schema.stations, ids, values)

        stations, replaced = await self._store.write(write)
        changed = _changed(stations)
        self._bus.publish(changed)
        return taking_back(self._store, self._bus, lambda connection: put_columns_back(connection, replaced), changed)


def _in(connection: Connection, station_ids: Sequence[str]) -> list[Station]:
    found = []
    for station_id in station_ids:
        query = select(schema.stations).where(schema.stations.c.station_id == station_id)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise AppError("station_unknown", station_id=station_id)
        found.append(to_station(row))
    return found


def _place(connection: Connection, at: datetime, stations: Sequence[Station], pool_id: int | None) -> list[Replacement]:
    """Where there is only one organization, every station is its own: nobody has to say so first."""
    rows, moved = schema.stations, [station for station in stations if station.pool_id != pool_id]
    ids = [station.id for station in moved]
    strangers = [station for station in moved if station.host_id is None and pool_id is not None]
    done = []
    if strangers:
        host_id = only_organization(connection)
        if host_id is None:
            raise AppError("station_not_allocated", station_id=strangers[0].station_id)
        done.append(replace_columns(connection, rows, [each.id for each in strangers], {"host_id": host_id}))
    _note(connection, at, ChangeKind.STATION_REMOVED, Origin.BY_HAND, ids)
    done.append(replace_columns(connection, rows, ids, {"pool_id": pool_id}))
    _note(connection, at, ChangeKind.STATION_ADDED, Origin.BY_HAND, ids)
    return done


def _note(connection: Connection, at: datetime, kind: ChangeKind, origin: Origin, ids: Sequence[int]) -> None:
    history_rows.note_stations(connection, at, kind, origin, ids)


def _changed(stations: Sequence[Station]) -> StationsChanged:
    return StationsChanged(tuple(station.station_id for station in stations))


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
