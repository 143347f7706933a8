"""How far a station's clock is off, estimated from the times in its messages."""

from collections import deque
from datetime import datetime, timedelta

from app.csms.reading.repair import CLOCK_NOT_SET_BEFORE
from app.domain.behaviour import StationClock

#: A message takes a while, and nobody sets a clock to the second.
STILL_RIGHT = timedelta(minutes=2)
#: Times looked at: enough that a few old reports told late among them do not count.
SAMPLES = 8


class ClockEstimate:
    """Of one station.

    A message that was kept while the station was away tells an old time, and nothing makes a time newer than it was:
    of the last few the one furthest ahead is how the clock stands. When the station was told the time it may have set
    its clock, so what it says from then on replaces what it said before.
    """

    def __init__(self) -> None:
        self._ahead: deque[timedelta] = deque(maxlen=SAMPLES)
        self._was_told = False
        self._is_set = True

    def said(self, moment: datetime, received_at: datetime) -> None:
        """A time in a message of the station, in UTC, and when that came."""
        if self._was_told:
            self._ahead.clear()
            self._was_told = False
        self._is_set = moment >= CLOCK_NOT_SET_BEFORE
        if self._is_set:
            self._ahead.append(moment - received_at)

    def was_told(self) -> None:
        """The station was told the time: in the answer to its boot or its heartbeat."""
        self._was_told = True

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead, in whole seconds; negative: behind. Nothing while it is right or unknown."""
        if self.state is not StationClock.WRONG:
            return timedelta()
        return timedelta(seconds=round(max(self._ahead).total_seconds()))

    @property
    def state(self) -> StationClock:
        """What its clock is like."""
        if not self._is_set:
            return StationClock.NOT_SET
        if not self._ahead:
            return StationClock.UNKNOWN
        return StationClock.RIGHT if abs(max(self._ahead)) <= STILL_RIGHT else StationClock.WRONG
