"""A request for access in the few words of a row, a note or a dialog."""

from datetime import datetime, timedelta

from app.domain.requests import AccessRequest
from ui.days import day
from ui.desk import Desk
from ui.stations.words import joined
from ui.strings import tr


def who(request: AccessRequest) -> str:
    """Whose card it is, else which card."""
    return request.holder or tr("Card {uid}").format(uid=request.uid)


def is_known(request: AccessRequest) -> bool:
    """Whether it is a pass with an identity: then nothing is left to ask."""
    return request.pass_id is not None and request.identity_id is not None


def waits_there(desk: Desk, request: AccessRequest) -> bool:
    """Whether the driver is likely to stand there still, at a station that can be told to start."""
    connected = {station_id.casefold() for station_id in desk.application.server.connected}
    return desk.application.requests.still_waits(request) and request.station_id.casefold() in connected


def where(request: AccessRequest, *, still_there: bool) -> str:
    """The pool, the address of who is known, and where the card was held how often."""
    if request.times > 1:
        held = tr("tried {count} times at {station}").format(count=request.times, station=request.station_name)
    else:
        held = tr("held to {station}").format(station=request.station_name)
    address = request.email if request.email != request.holder else ""
    said = ", ".join(part for part in (address, held, tr("still waiting there") if still_there else "") if part)
    return joined(request.pool_name, said)


def ago(at: datetime, now: datetime) -> str:
    """When, as short as the corner of a row wants it. Give local times."""
    minutes = int((now - at) / timedelta(minutes=1))
    if minutes < 1:
        return tr("just now")
    if minutes < 60:
        return tr("{count} min ago").format(count=minutes)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return tr("yesterday") if at.date() == now.date() - timedelta(days=1) else day(at, now)
