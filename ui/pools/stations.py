"""The stations of a pool, and those that are not in it: what keeps each out, and what changes that.

It reads its rows with `show_pool`, filters them, and does what the operator asks, with Undo.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from app.domain.list_state import ListStatus
from app.domain.model import Pool, Registration, Station
from ui.desk import Desk
from ui.organizations.allocation import ask_where_to_allocate
from ui.passes.words import NOTHING
from ui.pools.words import names_of
from ui.searching import Search
from ui.stations.dialogs import AcceptStationDialog
from ui.stations.list_words import list_words
from ui.strings import tr
from ui.tasks import ask
from ui.theme import Kind
from ui.widgets.tables import Column
from ui.widgets.two_lists import ListWords, TwoLists


class Place(Enum):
    """Where a station stands, as seen from one pool."""

    HERE = "here"
    NO_POOL = "no_pool"
    OTHER_POOL = "other_pool"
    NOT_ALLOCATED = "not_allocated"
    NOT_ACCEPTED = "not_accepted"


#: What can be put in as it stands.
FREE = (Place.NO_POOL, Place.OTHER_POOL)


@dataclass(frozen=True)
class StationRow:
    """A station, whether it is connected, and where it is when that is not here."""

    station: Station
    online: bool
    place: Place
    pool_name: str = ""
    list: ListStatus | None = None

    @property
    def why(self) -> str:
        """Why it is not here; empty for one that is."""
        if self.place is Place.NOT_ACCEPTED:
            refused = self.station.registration is Registration.REJECTED
            return tr("refused") if refused else tr("wants to join")
        words = {
            Place.HERE: "",
            Place.NO_POOL: tr("in no pool"),
            Place.OTHER_POOL: tr("in pool {pool}").format(pool=self.pool_name),
            Place.NOT_ALLOCATED: tr("allocated to no organization"),
        }
        return words[self.place]

    @property
    def fix(self) -> str:
        """What brings it here, in the words of a link; empty for one that is here."""
        words = {
            Place.HERE: "",
            Place.NO_POOL: tr("Add"),
            Place.OTHER_POOL: tr("Move here"),
            Place.NOT_ALLOCATED: tr("Allocate…"),
            Place.NOT_ACCEPTED: tr("Accept…"),
        }
        return words[self.place]


class PoolStations(TwoLists):
    """The stations of a pool, and the others."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            _columns(),
            key=lambda at: at.station.station_id,
            words=ListWords(
                inside=tr("Stations"),
                outside=tr("Available"),
                nothing_inside=tr("No stations here yet"),
                how_to_begin=tr("Choose them below. A station is in one pool at most."),
                nothing_outside=tr("No other stations"),
                where_from=tr("A station stands here as soon as it connects for the first time."),
            ),
        )
        self._desk = desk
        self._pool: Pool | None = None
        self._search = Search[StationRow](
            key=lambda at: at.station.station_id,
            ids=lambda at: (at.station.station_id, at.station.serial_number),
            words=lambda at: (at.station.name, at.station.vendor, at.station.model, at.why),
        )
        self.put_in.connect(self._add)
        self.take_out.connect(self._remove)
        self.linked.connect(self._follow)

    def show_pool(self, pool: Pool) -> None:
        """Read the stations anew."""
        self._pool = pool
        application = self._desk.application
        names = {summary.pool.id: summary.pool.name for summary in application.pools.all()}
        connected = application.server.connected
        rows = [
            StationRow(
                station,
                station.station_id in connected,
                _place(station, pool.id),
                names.get(station.pool_id, "") if station.pool_id is not None else "",
                application.local_lists.of(station.station_id) if station.pool_id == pool.id else None,
            )
            for station in application.stations.all()
        ]
        self._search.forget()
        inside = [row for row in rows if row.place is Place.HERE]
        self.show_rows(inside, sorted((row for row in rows if row.place is not Place.HERE), key=_free_first))
        offline = sum(not row.online for row in inside)
        self.say(
            tr("{count} offline: they hear of a change when they connect").format(count=offline) if offline else ""
        )

    def filter(
        self, text: str, place: object, online: object, hosted_by: Callable[[int | None], bool] | None = None
    ) -> None:
        """Show those that a text means; `place` (a Place), `online` (a bool) and the host narrow, None does not."""
        tests: list[Callable[[StationRow], bool]] = []
        if wanted := self._search.predicate(text):
            tests.append(wanted)
        if isinstance(place, Place):
            tests.append(lambda row: row.place in (Place.HERE, place))
        if isinstance(online, bool):
            tests.append(lambda row: row.online is online)
        if hosted_by is not None:
            tests.append(lambda row: hosted_by(row.station.host_id))
        wanted = (lambda row: all(holds(row) for holds in tests)) if tests else None
        self.show_only(wanted, wanted)

    def _follow(self, row: StationRow, words: str) -> None:
        if words == tr("Open"):
            self._desk.go("stations", row.station.station_id)
        elif row.place is Place.NOT_ACCEPTED:
            self._accept(row.station)
        elif row.place is Place.NOT_ALLOCATED:
            self._desk.run(ask_where_to_allocate(self._desk, [row.station]))
        elif row.place in FREE:
            self._add([row])

    def _accept(self, station: Station) -> None:
        dialog = AcceptStationDialog(self._desk, station.station_id)
        if self._pool is not None and station.pool_id is None:
            dialog.pool.choice.select(self._pool.id)
        self._desk.run(ask(dialog))

    def _add(self, rows: Sequence[StationRow]) -> None:
        if self._pool is None:
            return
        free = [row for row in rows if row.place in FREE]
        kept_out = [row for row in rows if row.place not in FREE]
        if not free:
            self._follow(kept_out[0], kept_out[0].fix)
            return
        said = _said(free, tr("{name} is in {pool} now."), tr("{count} stations are in {pool} now."))
        if kept_out:
            left = tr("Not {stations}: accept and allocate first.")
            said = f"{said} {left.format(stations=names_of(row.station.title for row in kept_out))}"
        self._move(free, self._pool.id, said)

    def _remove(self, rows: Sequence[StationRow]) -> None:
        said = _said(
            rows,
            tr("{name} is in no pool now: nobody may charge there."),
            tr("{count} stations are in no pool now: nobody may charge there."),
        )
        self._move(rows, None, said)

    def _move(self, rows: Sequence[StationRow], pool_id: int | None, said: str) -> None:
        station_ids = [at.station.station_id for at in rows]
        pool = self._pool.name if self._pool is not None else ""
        said = said.format(name=rows[0].station.title, count=len(rows), pool=pool)
        self._desk.do(self._desk.application.stations.move(station_ids, pool_id), said)


def _columns() -> list[Column[StationRow]]:
    def state(row: StationRow) -> Kind:
        return "ok" if row.online else "grey"

    return [
        Column(title=tr("Name"), text=lambda at: at.station.title, width=130, stretch=2),
        Column(title=tr("ID"), text=lambda at: at.station.station_id, mono=True, width=110, stretch=1),
        Column(
            title=tr("Model"),
            text=lambda at: f"{at.station.vendor} {at.station.model}".strip() or NOTHING,
            tone="muted",
            width=110,
            stretch=1,
            drop=1,
        ),
        Column(
            title=tr("State"),
            text=lambda at: tr("Online") if at.online else tr("Offline"),
            pill=state,
            width=86,
            drop=2,
        ),
        Column(
            title=tr("Local list"),
            text=lambda at: list_words(at.list, online=at.online)[0] if at.list else "",
            pill=lambda at: list_words(at.list, online=at.online)[1] if at.list else None,
            width=150,
            drop=3,
        ),
        Column(title="", text=lambda at: at.why, link=lambda at: at.fix, tone="muted", width=200, stretch=2, sort=None),
        Column(title="", text=lambda _at: "", link=lambda _at: tr("Open"), width=62, sort=None),
    ]


def _place(station: Station, pool_id: int) -> Place:
    if station.pool_id == pool_id:
        return Place.HERE
    if station.registration is not Registration.ACCEPTED:
        return Place.NOT_ACCEPTED
    if station.pool_id is not None:
        return Place.OTHER_POOL
    return Place.NOT_ALLOCATED if station.host_id is None else Place.NO_POOL


def _free_first(row: StationRow) -> int:
    order = (Place.NO_POOL, Place.NOT_ALLOCATED, Place.NOT_ACCEPTED, Place.OTHER_POOL)
    return order.index(row.place)


def _said(rows: Sequence[object], of_one: str, of_many: str) -> str:
    return of_one if len(rows) == 1 else of_many
