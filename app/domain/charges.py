"""Which end belongs to which beginning of a charge, and what its meter adds up to. Pure: reports in, conclusions out.

Stations tell of charges late, twice, in any order, without the number they were given, with clocks that were never
set. What is concluded here does not depend on the order in which reports arrived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Flag(StrEnum):
    """What had to be repaired or supposed about a session; an operator should know before anyone is asked to pay."""

    START_NEVER_CAME = "start_never_came"
    STOP_NEVER_CAME = "stop_never_came"
    #: The end named no session of the station: it was recognized by card, time and meter.
    STOP_MATCHED = "stop_matched"
    METER_WENT_BACK = "meter_went_back"
    #: More in one step than any station gives.
    METER_JUMPED = "meter_jumped"
    #: No meter at the start or at the end: the energy is that between the first and the last meter value.
    ENERGY_FROM_READINGS = "energy_from_readings"
    #: The station's clock was not set: the times are those of arrival.
    CLOCK_NOT_SET = "clock_not_set"
    #: The station's clock was moved while it charged: it ended before it began.
    CLOCK_MOVED = "clock_moved"
    #: The station kept it while it had no connection.
    TOLD_LATER = "told_later"


#: No car takes more between two readings, in Wh.
MOST_IN_ONE_STEP = 1_000_000
#: No station gives more, in W; beside a minute for clocks that are read in whole minutes.
MOST_POWER = 1_000_000
_SLACK = timedelta(minutes=1)
#: So little a register only seems to fall: some messages round it and some cut it off, in Wh.
ROUNDED_OFF = 100
#: An end that names no session is not that of a charge which began longer ago.
LONGEST_GUESS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Point:
    """What an energy register (Wh) said, and when; `at` None when the station's clock was not set."""

    wh: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Metered:
    """The energy of a charge in Wh, None when nothing tells it; `flags` says what was left out."""

    energy_wh: int | None
    flags: frozenset[Flag]


@dataclass(slots=True)
class _Rise:
    """A part in which the register only rose."""

    low: int
    high: int
    at: datetime | None


def metered(start: Point | None, readings: Sequence[Point], stop: Point | None) -> Metered:
    """What the register moved from start to stop, in whatever order the readings come.

    What a register fell is never counted, nor what it rose in a step no station is capable of. A reading that is off
    and comes back at once counts for nothing; a register that begins anew counts on from where it began.
    """
    within = _within(start, readings, stop)
    points = [*([start] if start else []), *within, *([stop] if stop else [])]
    flags: set[Flag] = set()
    rises: list[_Rise] = []
    for point in points:
        _take(rises, point, flags)
    if len(points) <= 1:
        return Metered(0 if start else None, frozenset())
    if len(rises) == 1 and start and stop:
        return Metered(stop.wh - start.wh, frozenset(flags))
    energy = sum(rise.high - rise.low for rise in rises)
    return Metered(energy if energy or len(rises) == 1 else None, frozenset(flags))


def _within(start: Point | None, readings: Sequence[Point], stop: Point | None) -> list[Point]:
    """The readings between the two, in order; without a clock nothing tells that order but that a register rises."""
    if not all(point.at is not None for point in readings):
        return sorted((each for each in readings if _is_between_meters(start, each, stop)), key=lambda each: each.wh)
    begin, end = start.at if start else None, stop.at if stop else None
    inside = [
        each for each in readings if each.at and (begin is None or each.at >= begin) and (end is None or each.at < end)
    ]
    return sorted(inside, key=_moment)


def _is_between_meters(start: Point | None, reading: Point, stop: Point | None) -> bool:
    return start is None or stop is None or stop.wh < start.wh or start.wh <= reading.wh <= stop.wh


def _moment(point: Point) -> tuple[float, int]:
    return point.at.timestamp() if point.at else 0.0, point.wh


def _take(rises: list[_Rise], point: Point, flags: set[Flag]) -> None:
    if not rises:
        rises.append(_Rise(point.wh, point.wh, point.at))
        return
    now = rises[-1]
    for index in range(len(rises) - 2, -1, -1):
        if _comes_back(rises[index], now, point):
            # What lies between was never the register.
            del rises[index + 1 :]
            now = rises[index]
            break
    if now.low <= point.wh < now.high <= point.wh + ROUNDED_OFF:
        return
    if _goes_on(now, point):
        now.high, now.at = point.wh, point.at
        return
    flags.add(Flag.METER_WENT_BACK if point.wh < now.high else Flag.METER_JUMPED)
    rises.append(_Rise(point.wh, point.wh, point.at))


def _goes_on(rise: _Rise, point: Point) -> bool:
    step = point.wh - rise.high
    if not 0 <= step <= MOST_IN_ONE_STEP:
        return False
    if rise.at is None or point.at is None:
        return True
    hours = max(point.at - rise.at, timedelta(0)) + _SLACK
    return step <= MOST_POWER * hours.total_seconds() / 3600


def _comes_back(before: _Rise, now: _Rise, point: Point) -> bool:
    """Whether the register is where it was before, in one step; one that began anew climbs there in many."""
    if not _goes_on(before, point):
        return False
    return point.wh < now.high or (point.wh - now.high) * 2 >= before.high - now.low


@dataclass(frozen=True, slots=True)
class Begun:
    """A reported start whose end named no session; `at` None when the clock was not set."""

    key: int
    at: datetime | None
    meter_wh: int | None
    uid: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A reported end that names no session; `uid` "" when no card was named."""

    key: int
    at: datetime | None
    meter_wh: int | None
    uid: str
    told: str = ""


_FORWARD, _UNTOLD, _DOUBTFUL = range(3)


def pair(begun: Sequence[Begun], ended: Sequence[Ended]) -> dict[int, int]:
    """Which start (value) each end (key) belongs to, of those of one station; an end that may be of two is of none.

    By card, time and meter: the nearest start before it. The answer depends on what was told, not on when it came.
    """
    costs = {
        (end.key, start.key): cost for end in ended for start in begun if (cost := _distance(start, end)) is not None
    }
    told = {end.key: end.told for end in ended}
    of_start = {start.key: (start.told, start.uid) for start in begun}
    nearest_first = sorted(costs, key=lambda both: (costs[both], told[both[0]], of_start[both[1]], both))
    found: dict[int, int] = {}
    done, taken = set[int](), set[int]()
    for end, start in nearest_first:
        if end in done or start in taken:
            continue
        done.add(end)
        cost = costs[end, start]
        if not any(costs.get((end, each.key)) == cost for each in begun if each.key not in {start, *taken}):
            found[end] = start
            taken.add(start)
    return found


def _distance(start: Begun, end: Ended) -> tuple[int, int, int] | None:
    """How far apart they are: in certainty, Wh and milliseconds; None when they cannot be of one charge."""
    if start.uid and end.uid and start.uid != end.uid:
        return None
    lasted = 0
    clocks = start.at is not None and end.at is not None
    if start.at is not None and end.at is not None:
        if not timedelta(0) <= end.at - start.at <= LONGEST_GUESS:
            return None
        lasted = round((end.at - start.at) / timedelta(milliseconds=1))
    if start.meter_wh is None or end.meter_wh is None:
        return _UNTOLD, 0, lasted
    rose = end.meter_wh - start.meter_wh
    if rose < 0 or (rose == 0 and not clocks):
        return _DOUBTFUL, -rose, lasted
    return _FORWARD, rose, lasted
