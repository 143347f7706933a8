"""What waits for the operator in the lists that stations keep, and in what they would do with Tapdesk closed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from app.application import StationLid
from app.domain.list_state import ListState
from ui.desk import Desk
from ui.overview.matters import Matter
from ui.pools.words import names_of
from ui.stations.lid_words import lets_strangers_in
from ui.stations.show_tab import ShowTab
from ui.stations.words import at_clock
from ui.strings import tr
from ui.theme import Kind


def list_matters(desk: Desk, lids: Sequence[StationLid]) -> Iterable[Matter]:
    """Cards that still charge and should not come first; a list that only waits for its station comes last."""

    def clock(at: datetime | None) -> str:
        return at_clock(desk, at) if at else ""

    connected = {station_id.casefold() for station_id in desk.application.server.connected}

    def is_away(lid: StationLid) -> bool:
        return lid.station.station_id.casefold() not in connected

    kinds: Sequence[tuple[str, Kind, Callable[[StationLid], bool], str, str]] = (
        (
            "still open",
            "bad",
            lambda lid: lid.list.still_open > 0,
            tr("{name} still lets cards charge that should not: {count}, since {open_since}"),
            tr("Stations still let cards charge that should not: {open_where}"),
        ),
        (
            "conflict",
            "warn",
            _conflicts,
            tr("{name} says that its local list is another, at {conflict}"),
            tr("Stations say that their local lists are others"),
        ),
        (
            "failing list",
            "bad",
            lambda lid: lid.list.state is ListState.FAILING,
            tr("{name} does not take its local list"),
            tr("Stations do not take their local lists"),
        ),
        (
            "missing",
            "warn",
            lambda lid: bool(lid.list.missing),
            tr("{name} has no room for all passes in its local list: {missing} missing"),
            tr("Stations have no room for all passes in their local lists"),
        ),
        (
            "strangers",
            "warn",
            lets_strangers_in,
            tr("{name} lets strangers charge while Tapdesk is closed"),
            tr("Stations let strangers charge while Tapdesk is closed"),
        ),
        (
            "older list",
            "info",
            lambda lid: _is_older(lid) and is_away(lid),
            tr("{name} has an older local list, since {since}"),
            tr("Stations have older local lists"),
        ),
    )
    for key, kind, concerns, one, many in kinds:
        found = [lid for lid in lids if concerns(lid)]
        if len(found) == 1:
            lid = found[0]
            facts = (
                ("name", lid.station.title),
                ("count", str(lid.list.still_open)),
                ("missing", str(len(lid.list.missing))),
                ("since", clock(lid.list.since)),
                ("open_since", clock(lid.list.open_since)),
                ("conflict", clock(lid.list.conflict_at)),
            )
            yield Matter(key, 1, kind, one, tr("Show"), "stations", ShowTab(lid.station.station_id, "lid"), facts)
        elif found:
            found.sort(key=lambda lid: (lid.list.open_since is None, lid.list.open_since))
            select = ShowTab(found[0].station.station_id, "lid")
            since = (
                tr("{name} since {time}").format(name=lid.station.title, time=clock(lid.list.open_since))
                for lid in found
            )
            facts = (("open_where", names_of(since)),)
            yield Matter(key, len(found), kind, many, tr("Show"), "stations", select, facts)


def _conflicts(lid: StationLid) -> bool:
    said, confirmed = lid.list.conflict_at, lid.list.confirmed_at
    return said is not None and (confirmed is None or said > confirmed)


def _is_older(lid: StationLid) -> bool:
    """Whether it holds a list that is no longer what it should be; of one not looked at yet that is not known."""
    return lid.list.state is ListState.WAITING and lid.list.since is not None and not lid.list.still_open
