"""What was done with a pass or by an identity, in lines of a side pane: the latest first.

told(desk, [*map(session_line, sessions), *map(tap_line, taps)], limit=8)
"""

from collections.abc import Iterable
from datetime import datetime

from app.domain.model import Session, Tap
from ui.days import energy, moment
from ui.desk import Desk
from ui.strings import sentence, tr

Line = tuple[datetime, str]


def session_line(session: Session) -> Line:
    """A charge, begun or ended."""
    station = session.station_name
    if session.is_open:
        return session.started_at, tr("began to charge at {station}").format(station=station)
    if session.energy_wh is None:
        return session.started_at, tr("charged at {station}").format(station=station)
    words = tr("charged {energy} at {station}").format(energy=energy(session.energy_wh), station=station)
    return session.started_at, words


def tap_line(tap: Tap) -> Line:
    """A card held to a reader, and what came of it."""
    if tap.status == "Accepted":
        return tap.at, tr("accepted at {station}").format(station=tap.station_name)
    why = sentence(tap.reason, pool=tap.pool_name)
    return tap.at, tr("refused at {station}: {why}").format(station=tap.station_name, why=why)


def told(desk: Desk, lines: Iterable[Line], *, limit: int) -> tuple[str, ...]:
    """The latest of these, each with its time."""
    now = desk.now()
    latest = sorted(lines, key=lambda line: line[0], reverse=True)[:limit]
    return tuple(f"{moment(desk.local(at), now)} {words}" for at, words in latest)
