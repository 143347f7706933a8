"""What a station is and does at this moment, in the few words of a pill, of a cell or of a line.

stations = stations_now(desk)                   # one read of everything; then, without reading anything:
state_of(station, desk.now())                   # ("Offline 12 min", "grey")
doing(desk, station)                            # "Anna de Vries · 6.41 kWh · 0:48", "Pool: Staff"
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.application import Reservation
from app.domain.list_state import ListStatus
from app.domain.model import Connector, ConnectorStatus, Registration, Session, Station
from ui.days import moment
from ui.desk import Desk
from ui.sessions.words import duration, is_authorized, kwh, who
from ui.strings import SENTENCES, sentence, tr
from ui.theme import Kind

NOTHING = "–"
_NUMBERS = re.compile(r"([0-9]{1,15})")
_NO_ERROR = ("", "NoError")
_AT_REST = (ConnectorStatus.AVAILABLE, ConnectorStatus.UNAVAILABLE)
# What matters most of several connectors comes first.
_WEIGHT = (
    ConnectorStatus.FAULTED,
    ConnectorStatus.CHARGING,
    ConnectorStatus.SUSPENDED_EV,
    ConnectorStatus.SUSPENDED_EVSE,
    ConnectorStatus.PREPARING,
    ConnectorStatus.FINISHING,
    ConnectorStatus.RESERVED,
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.UNAVAILABLE,
)


@dataclass(frozen=True, slots=True)
class StationNow:
    """A station with what it last said: connectors in their order, the charges that run at it."""

    station: Station
    pool: str
    online: bool
    connectors: tuple[Connector, ...] = ()
    sessions: tuple[Session, ...] = ()
    #: How the list that it keeps itself stands; None for a station that is not let in.
    list: ListStatus | None = None
    #: Those that may stand, the first to end first.
    reservations: tuple[Reservation, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.station.registration is Registration.ACCEPTED

    @property
    def pending(self) -> bool:
        return self.station.registration is Registration.PENDING

    @property
    def offline(self) -> bool:
        """Whether it was let in and connected, and is not there now; one that never came is only awaited."""
        return self.accepted and not self.online and self.station.last_seen_at is not None

    @property
    def status(self) -> ConnectorStatus | None:
        """One word for all connectors; None where the station has said nothing of them."""
        sockets = [each.status for each in self.connectors if each.connector_id]
        whole = next((each.status for each in self.connectors if not each.connector_id), None)
        if whole is ConnectorStatus.UNAVAILABLE and not set(sockets) - set(_AT_REST):
            return whole
        counted = sockets or ([whole] if whole else [])
        if whole is ConnectorStatus.FAULTED:
            counted = [whole]
        if not counted:
            return ConnectorStatus.CHARGING if self.sessions else None
        return min(counted, key=_WEIGHT.index)

    @property
    def running(self) -> tuple[Session, ...]:
        """The charges that run, unless the station says that it is at rest: then only their end was never told."""
        return () if self.status in _AT_REST else self.sessions

    @property
    def faulted(self) -> tuple[Connector, ...]:
        return tuple(each for each in self.connectors if each.status is ConnectorStatus.FAULTED)


def stations_now(desk: Desk) -> list[StationNow]:
    """Every station, those that wait to join included, by name."""
    application = desk.application
    pools = {summary.pool.id: summary.pool.name for summary in application.pools.all()}
    online = {station_id.casefold() for station_id in application.server.connected}
    connectors = _by_station(application.stations.connectors())
    sessions = _by_station(application.sessions.recent(open_only=True))
    reservations = application.reservations.standing()
    found = []
    for station in application.stations.all():
        key = station.station_id.casefold()
        found.append(
            StationNow(
                station,
                "" if station.pool_id is None else pools.get(station.pool_id, ""),
                key in online,
                tuple(connectors.get(key, ())),
                tuple(sessions.get(key, ())),
                application.local_lists.of(station.station_id)
                if station.registration is Registration.ACCEPTED
                else None,
                tuple(reservations.get(key, ())),
            )
        )
    return sorted(found, key=lambda now: _spoken(now.station.title))


def _spoken(name: str) -> list[tuple[bool, int, str]]:
    """To order by: Garage 2 comes before Garage 10."""
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part.casefold()) for part in _NUMBERS.split(name)]


def _by_station(things: Iterable[Connector | Session]) -> dict[str, list]:
    found: dict[str, list] = defaultdict(list)
    for thing in things:
        found[thing.station_id.casefold()].append(thing)
    return found


def state_of(now: StationNow, at: datetime) -> tuple[str, Kind]:
    """The one state of a station, and how it is coloured."""
    if now.station.registration is Registration.REJECTED:
        return tr("Refused"), "grey"
    if now.pending:
        return tr("Pending"), "warn"
    if not now.online:
        if now.station.last_seen_at is None:
            return tr("Not seen yet"), "grey"
        return tr("Offline {time}").format(time=lasted(at - now.station.last_seen_at)).rstrip(), "grey"
    return (tr("Online"), "ok") if now.status is None else status_words(now.status)


def status_words(status: ConnectorStatus) -> tuple[str, Kind]:
    """A connector's status (OCPP 1.6 §7.7) as people say it, and how it is coloured."""
    words: dict[ConnectorStatus, tuple[str, Kind]] = {
        ConnectorStatus.AVAILABLE: (tr("Available"), "ok"),
        ConnectorStatus.PREPARING: (tr("Preparing"), "info"),
        ConnectorStatus.CHARGING: (tr("Charging"), "info"),
        ConnectorStatus.SUSPENDED_EVSE: (tr("Paused by the station"), "info"),
        ConnectorStatus.SUSPENDED_EV: (tr("Paused by the car"), "info"),
        ConnectorStatus.FINISHING: (tr("Finishing"), "info"),
        ConnectorStatus.RESERVED: (tr("Reserved"), "info"),
        ConnectorStatus.UNAVAILABLE: (tr("Unavailable"), "grey"),
        ConnectorStatus.FAULTED: (tr("Faulted"), "bad"),
    }
    return words[status]


def error_words(connector: Connector) -> str:
    """What a connector says is wrong with it (OCPP 1.6 §7.6), in its own words where OCPP has none; else nothing."""
    code = connector.error_code
    if code in _NO_ERROR:
        return connector.info if connector.status is ConnectorStatus.FAULTED else ""
    if code == "OtherError" and connector.info:
        return connector.info
    return sentence(f"error.{code}") if f"error.{code}" in SENTENCES else code


def place_words(connector: Connector) -> str:
    """Which part of a station: "connector 1", "the whole station"."""
    if not connector.connector_id:
        return tr("the whole station")
    return tr("connector {number}").format(number=connector.connector_id)


def reservation_words(desk: Desk, reservation: Reservation) -> str:
    """For whom something is kept free, and until when."""
    words = tr("Kept for {who} until {time}")
    if reservation.connector_id is None:
        words = tr("One connector is kept for {who} until {time}")
    return words.format(who=reservation.holder, time=at_clock(desk, reservation.until))


def urgency(now: StationNow) -> int:
    """What an operator should see first: lowest."""
    if now.online and now.faulted:
        return 0
    if now.pending:
        return 1
    if now.offline:
        return 2
    if not now.pool:
        return 3
    return 4 if now.running else 5


def doing(desk: Desk, now: StationNow) -> str:
    """What is to be known of an accepted station beside its state: a fault, who charges, its pool."""
    if not now.online:
        return _when_offline(desk, now)
    if now.faulted:
        return " · ".join(part for part in (error_words(now.faulted[0]), place_words(now.faulted[0])) if part)
    if now.running:
        return charging_words(desk, now)
    return tr("Pool: {pool}").format(pool=now.pool) if now.pool else tr("In no pool: nobody can charge here")


def charging_words(desk: Desk, now: StationNow) -> str:
    """Who charges, how much so far, and for how long."""
    first, *others = now.running
    parts = [who(first)]
    if others:
        parts = [tr("{who} and {count} more").format(who=parts[0], count=len(others))]
    elif not is_authorized(first):
        parts.append(tr("not authorized"))
    energy = [session.energy_wh for session in now.running if session.energy_wh is not None]
    if not others and energy:
        parts.append(tr("{amount} kWh").format(amount=kwh(first)))
    elif energy:
        parts.append(tr("{amount} kWh").format(amount=f"{sum(energy) / 1000:,.2f}"))
    if not others:
        parts.append(duration(first, desk.now()))
    return " · ".join(parts)


def _when_offline(desk: Desk, now: StationNow) -> str:
    if now.station.last_seen_at is None:
        return tr("It has not connected yet")
    heard = tr("Last heard {time}").format(time=at_clock(desk, now.station.last_seen_at))
    return tr("{heard}, while charging").format(heard=heard) if now.running else heard


def last_heard(desk: Desk, now: StationNow) -> datetime | None:
    """When something last came from a station, as far as it was kept."""
    return desk.application.server.last_heard(now.station.station_id) or now.station.last_seen_at


def heard_words(desk: Desk, now: StationNow) -> str:
    """How long ago that was, coarsely: a number that changes each second only draws the eye."""
    heard = last_heard(desk, now)
    if heard is None:
        return tr("never")
    passed = (desk.now() - heard).total_seconds()
    if now.online and passed < 10:
        return tr("just now")
    if now.online and passed < 60:
        return tr("{seconds} s ago").format(seconds=int(passed // 10) * 10)
    if now.online and passed < 3600:
        return tr("{minutes} min ago").format(minutes=int(passed // 60))
    return at_clock(desk, heard)


def at_clock(desk: Desk, at: datetime) -> str:
    """The local time of today; with its day when that was another."""
    local, today = desk.local(at), desk.now()
    return local.strftime("%H:%M") if local.date() == today.date() else moment(local, today)


def lasted(time: timedelta) -> str:
    """A time that has passed, in one unit; nothing where it is less than a minute."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return ""
    if minutes < 60:
        return tr("{count} min").format(count=minutes)
    if minutes < 48 * 60:
        return tr("{count} h").format(count=minutes // 60)
    return tr("{count} days").format(count=minutes // (24 * 60))


def model_words(station: Station) -> str:
    """Maker and model; what stations repeat in both is said once."""
    if station.model.casefold().startswith(station.vendor.casefold()):
        return station.model
    return f"{station.vendor} {station.model}".strip()


def about_words(station: Station) -> str:
    """What a station says of itself, to tell it from others by the plate on its side, and where it comes from."""
    return joined(
        model_words(station),
        tr("serial {number}").format(number=station.serial_number) if station.serial_number else "",
        tr("firmware {version}").format(version=station.firmware) if station.firmware else "",
        tr("from {address}").format(address=station.address) if station.address else "",
    )


def joined(*parts: str) -> str:
    """The parts that say something, with dots between them."""
    return " · ".join(part for part in parts if part)
