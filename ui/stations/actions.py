"""What can be done to stations from wherever they are shown. Each says what it did, and can be undone."""

from collections.abc import Sequence

from app.application import Undo
from app.domain.model import Registration, Station
from ui.desk import Desk
from ui.strings import tr


def refuse(desk: Desk, station: Station) -> None:
    """Turn a station away: nothing it says is kept any more."""
    said = tr("{station} is refused: nobody can charge there with a card from here.")
    desk.do(desk.application.stations.reject(station.station_id), said.format(station=station.title))


def rename(desk: Desk, station: Station, name: str) -> None:
    """Give it another name; without one it goes by its ID."""
    name = " ".join(name.split())
    if name == station.name:
        return
    if name:
        said = tr("{station_id} is called {name} now.").format(station_id=station.station_id, name=name)
    else:
        said = tr("{station_id} goes by its ID again.").format(station_id=station.station_id)
    desk.do(desk.application.stations.rename(station.station_id, name), said)


def move(desk: Desk, stations: Sequence[Station], pool_id: int | None) -> None:
    """Put stations into a pool, out of those they were in; with None into none."""
    moved = [station for station in stations if station.pool_id != pool_id]
    if not moved:
        return
    who = moved[0].title if len(moved) == 1 else tr("{count} stations").format(count=len(moved))
    if pool_id is None:
        said = tr("Taken out of every pool: {who}. Nobody can charge there now.").format(who=who)
    else:
        pool = desk.application.pools.require(pool_id).name
        said = tr("Moved to {pool}: {who}.").format(who=who, pool=pool)
    desk.do(desk.application.stations.move([station.station_id for station in moved], pool_id), said)


def remove(desk: Desk, stations: Sequence[Station]) -> None:
    """Forget stations; their sessions and cards stay."""
    if stations:
        desk.run(_remove(desk, stations))


async def _remove(desk: Desk, stations: Sequence[Station]) -> None:
    ways_back: list[Undo] = []

    async def undo() -> None:
        for way_back in reversed(ways_back):
            await way_back()

    try:
        for station in stations:
            way_back = await desk.application.stations.remove(station.station_id)
            ways_back.append(way_back)
    finally:
        if ways_back:
            desk.offer_undo(_removed(desk, stations[: len(ways_back)]), undo)


def _removed(desk: Desk, stations: Sequence[Station]) -> str:
    if len(stations) > 1:
        return tr("{count} stations were removed. Their sessions stay.").format(count=len(stations))
    station = stations[0]
    if station.registration is Registration.ACCEPTED and station.station_id in desk.application.server.connected:
        said = tr("{station} was removed. It is still connected and asks to join at its next start.")
    else:
        said = tr("{station} was removed. Its sessions stay.")
    return said.format(station=station.title)
