"""One thing that waits for the operator, with a link to where it is put right."""

from collections.abc import Sequence
from dataclasses import dataclass

from ui.stations.words import StationNow
from ui.strings import tr
from ui.theme import Kind
from ui.widgets.labels import Paragraph, rich


@dataclass(frozen=True)
class Matter:
    """One thing to look after. `words` is a template for `rich`, `facts` what stands in it."""

    key: str
    count: int
    kind: Kind
    words: str
    link: str
    page: str
    select: object = None
    facts: tuple[tuple[str, str], ...] = ()

    def sentence(self) -> Paragraph:
        return rich(self.words, **dict(self.facts))


def about(key: str, kind: Kind, found: Sequence[StationNow], one: str, many: str, **facts: str) -> Matter | None:
    """A matter of one station or of several; None where there is none."""
    link = tr("Review") if key == "join" else tr("Show")
    if len(found) == 1:
        station = found[0].station
        named = (("name", station.title), *facts.items())
        return Matter(key, 1, kind, one, link, "stations", station.station_id, named)
    return Matter(key, len(found), kind, many, link, "stations") if found else None
