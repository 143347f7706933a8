"""The two halves of a pool: its stations, and the identities and passes that are members of it.

Each reads its rows with `show_pool`, filters them by a text, and does what the operator asks, with Undo.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.application import Member
from app.domain.model import AccessLevel, Pool, Registration, Station
from ui.days import last_time
from ui.desk import Desk
from ui.pass_words import NOTHING
from ui.searching import Search
from ui.strings import tr
from ui.tables import Column
from ui.two_lists import ListWords, TwoLists

IDENTITIES, PASSES = "identities", "passes"


@dataclass(frozen=True)
class StationRow:
    """A station, and in words where it is now when that is not here."""

    station: Station
    elsewhere: str


class PoolStations(TwoLists):
    """The stations of a pool, and the accepted ones that are not in it."""

    def __init__(self, desk: Desk) -> None:
        columns: list[Column[StationRow]] = [
            Column(title=tr("Name"), text=lambda at: at.station.title, width=130, stretch=2),
            Column(title=tr("ID"), text=lambda at: at.station.station_id, mono=True, width=120, stretch=1),
            Column(
                title=tr("Model"),
                text=lambda at: f"{at.station.vendor} {at.station.model}".strip() or NOTHING,
                tone="muted",
                width=110,
                stretch=1,
                drop=1,
            ),
            Column(title="", text=lambda at: at.elsewhere, tone="muted", width=190, stretch=2),
            Column(title="", text=lambda _at: "", link=lambda _at: tr("Open"), width=66, sort=None),
        ]
        super().__init__(
            columns,
            key=lambda at: at.station.station_id,
            words=ListWords(
                inside=tr("Stations"),
                outside=tr("Available"),
                nothing_inside=tr("No stations here yet"),
                how_to_begin=tr("Choose them below. A station is in one pool at most."),
                nothing_outside=tr("No other stations"),
                where_from=tr("A station stands here as soon as it was accepted."),
            ),
        )
        self._desk = desk
        self._pool: Pool | None = None
        self._search = Search[StationRow](
            key=lambda at: at.station.station_id,
            ids=lambda at: (at.station.station_id,),
            words=lambda at: (at.station.name, at.station.vendor, at.station.model, at.elsewhere),
        )
        self.put_in.connect(self._add)
        self.take_out.connect(self._remove)
        self.opened.connect(lambda at: desk.go("stations", at.station.station_id))

    def show_pool(self, pool: Pool) -> None:
        """Read the stations anew."""
        self._pool = pool
        names = {summary.pool.id: summary.pool.name for summary in self._desk.application.pools.all()}
        accepted = [
            station
            for station in self._desk.application.stations.all()
            if station.registration is Registration.ACCEPTED
        ]
        inside = [StationRow(station, "") for station in accepted if station.pool_id == pool.id]
        others = [station for station in accepted if station.pool_id != pool.id]
        self._search.forget()
        self.show_rows(inside, [StationRow(station, _where(station, names)) for station in others])

    def filter(self, text: str) -> None:
        """Show those that a text means."""
        self.show_only(self._search.predicate(text))

    def _add(self, rows: Sequence[StationRow]) -> None:
        if self._pool is not None:
            said = _said(rows, tr("{name} is in {pool} now."), tr("{count} stations are in {pool} now."))
            self._move(rows, self._pool.id, said)

    def _remove(self, rows: Sequence[StationRow]) -> None:
        said = _said(
            rows,
            tr("{name} is in no pool now: nobody may charge there."),
            tr("{count} stations are in no pool now: nobody may charge there."),
        )
        self._move(rows, None, said)

    def _move(self, rows: Sequence[StationRow], pool_id: int | None, said: str) -> None:
        station_ids = [at.station.station_id for at in rows]
        said = said.format(
            name=rows[0].station.title, count=len(rows), pool=self._pool.name if self._pool is not None else ""
        )
        self._desk.do(self._desk.application.stations.move(station_ids, pool_id), said)


class PoolMembers(TwoLists):
    """The members of a pool, and every other identity and pass."""

    def __init__(self, desk: Desk) -> None:
        columns: list[Column[Member]] = [
            Column(title=tr("Name"), text=lambda member: member.name, width=150, stretch=2),
            Column(
                title=tr("Kind"),
                prefix=lambda member: _kind(member),
                text=lambda member: member.visible_id or member.uid or "",
                mono=lambda member: member.pass_id is not None,
                width=186,
                stretch=1,
            ),
            Column(title=tr("Contact"), text=lambda member: member.contact or NOTHING, width=170, stretch=2, drop=1),
            Column(
                title=tr("Last used"),
                text=self._last_used,
                tone=lambda member: "text" if member.last_used_at else "muted",
                width=100,
                drop=2,
                sort=lambda member: member.last_used_at.timestamp() if member.last_used_at else 0.0,
            ),
            Column(title="", text=lambda _member: "", link=lambda _member: tr("Open"), width=66, sort=None),
        ]
        super().__init__(
            columns,
            key=_key,
            words=ListWords(
                inside=tr("Members"),
                outside=tr("Available"),
                nothing_inside=tr("No members yet"),
                how_to_begin=tr("Choose identities or single passes below. An identity counts with all its passes."),
                nothing_outside=tr("Nobody else"),
                where_from=tr("Every identity and every pass that is not a member stands here."),
            ),
        )
        self._desk = desk
        self._pool: Pool | None = None
        self._search = Search[Member](
            key=_key,
            ids=lambda member: (member.visible_id, member.uid),
            words=lambda member: (member.name, member.contact),
        )
        self.put_in.connect(self._add)
        self.take_out.connect(self._remove)
        self.opened.connect(self._open)

    def show_pool(self, pool: Pool) -> None:
        """Read the members anew."""
        self._pool = pool
        self._search.forget()
        pools = self._desk.application.pools
        self.show_rows(pools.members(pool.id), pools.available(pool.id))
        public = pool.level is AccessLevel.PUBLIC
        self.say(tr("not needed while the pool is public") if public else tr("may charge here"))

    def filter(self, text: str, kind: object) -> None:
        """Show those that a text means, of one kind or of both (None)."""
        of_kind = {
            IDENTITIES: lambda member: member.identity_id is not None,
            PASSES: lambda member: member.pass_id is not None,
        }.get(str(kind))
        wanted = [each for each in (of_kind, self._search.predicate(text)) if each]
        self.show_only((lambda member: all(holds(member) for holds in wanted)) if wanted else None)

    def _last_used(self, member: Member) -> str:
        at = member.last_used_at
        return last_time(self._desk.local(at) if at else None, self._desk.now())

    def _add(self, rows: Sequence[Member]) -> None:
        if self._pool is None:
            return
        adding = self._desk.application.pools.add_members(
            self._pool.id,
            identity_ids=[member.identity_id for member in rows if member.identity_id is not None],
            pass_ids=[member.pass_id for member in rows if member.pass_id is not None],
        )
        said = _said(rows, tr("{name} is a member of {pool} now."), tr("{count} are members of {pool} now."))
        self._desk.do(adding, said.format(name=rows[0].name, count=len(rows), pool=self._pool.name))

    def _remove(self, rows: Sequence[Member]) -> None:
        if self._pool is None:
            return
        member_ids = [member.id for member in rows if member.id is not None]
        removing = self._desk.application.pools.remove_members(self._pool.id, member_ids)
        said = _said(
            rows,
            tr("{name} is not a member of {pool} any more."),
            tr("{count} are not members of {pool} any more."),
        )
        self._desk.do(removing, said.format(name=rows[0].name, count=len(rows), pool=self._pool.name))

    def _open(self, member: Member) -> None:
        if member.identity_id is not None:
            self._desk.go("identities", member.identity_id)
        else:
            self._desk.go("passes", member.pass_id)


def _key(member: Member) -> tuple[str, int | None]:
    return (IDENTITIES, member.identity_id) if member.identity_id is not None else (PASSES, member.pass_id)


def _kind(member: Member) -> str:
    if member.pass_id is not None:
        return tr("pass ")
    if member.passes == 1:
        return tr("identity · 1 pass")
    return tr("identity · {count} passes").format(count=member.passes)


def _where(station: Station, names: dict[int, str]) -> str:
    name = names.get(station.pool_id) if station.pool_id is not None else None
    return tr("in no pool") if name is None else tr("in pool {pool}: moves here").format(pool=name)


def _said(rows: Sequence[object], of_one: str, of_many: str) -> str:
    return of_one if len(rows) == 1 else of_many
