"""Stations that do not behave: exchanged without a word, with a wrong clock, starting again and again, deaf, astray."""

from collections.abc import Callable, Iterable, Sequence

from app.domain.behaviour import Behaviour
from ui.desk import Desk
from ui.overview.matters import Matter, about
from ui.stations.behaviour_words import clock_words, is_clock_wrong
from ui.stations.words import StationNow
from ui.strings import tr


def behaviour_matters(desk: Desk, stations: Sequence[StationNow]) -> Iterable[Matter]:
    """What is to be looked after of these stations."""
    accepted = [each for each in stations if each.accepted]
    known = {each.station.station_id: desk.application.server.behaviour(each.station.station_id) for each in accepted}

    def those(hold: Callable[[Behaviour], bool]) -> list[StationNow]:
        return [each for each in accepted if each.online and hold(known[each.station.station_id])]

    clocks = those(is_clock_wrong)
    said = clock_words(known[clocks[0].station.station_id]) if clocks else ""
    boots = those(lambda behaviour: behaviour.boots > 0)
    count = known[boots[0].station.station_id].boots if boots else 0
    doubles = those(lambda behaviour: bool(behaviour.also_named))
    other = known[doubles[0].station.station_id].also_named if doubles else ""
    found = (
        _exchanged(desk, accepted),
        about(
            "boots",
            "warn",
            boots,
            tr("{name} started {count} times in ten minutes"),
            tr("Stations start again and again"),
            count=str(count),
        ),
        about(
            "deaf",
            "warn",
            those(lambda behaviour: behaviour.answers_nothing),
            tr("{name} answers no question"),
            tr("Stations answer no question"),
        ),
        about(
            "compresses",
            "warn",
            [each for each in accepted if known[each.station.station_id].compresses],
            tr("{name} compresses its messages unasked: switch that off in it, or let it come by wss"),
            tr("Stations compress their messages unasked: switch that off in them, or let them come by wss"),
        ),
        about(
            "also named",
            "warn",
            doubles,
            tr("The URL of {name} names {other} too"),
            tr("URLs of stations name other stations too"),
            other=other,
        ),
        about("clock", "warn", clocks, tr("{name}: {said}"), tr("Clocks of stations are wrong"), said=said),
        _astray(desk, accepted),
    )
    yield from filter(None, found)


def _exchanged(desk: Desk, accepted: Sequence[StationNow]) -> Matter | None:
    habits = desk.application.habits.all()
    asked = {station_id for station_id, each in habits.items() if each.other_serial_number}
    found = [each for each in accepted if each.station.station_id.casefold() in asked]
    one = tr("{name} told another serial number. Was it exchanged?")
    return about("exchanged", "bad", found, one, tr("Stations told other serial numbers. Were they exchanged?"))


def _astray(desk: Desk, accepted: Sequence[StationNow]) -> Matter | None:
    astray = {station.station_id for station, _ in desk.application.stations_astray()}
    found = [each for each in accepted if each.station.station_id in astray]
    one = tr("{name} may need the new address of this computer")
    return about("astray", "warn", found, one, tr("Stations may need the new address of this computer"))
