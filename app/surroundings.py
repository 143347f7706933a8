"""What happens to the computer under us: it sleeps and wakes, its clock is set, its addresses change.

None of it is told by the system in a way that all systems share, so it is noticed by looking every few seconds.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.bus import Bus
from app.domain.events import AddressesChanged, ClockJumped, Resumed

LOOK_EVERY_S = 3.0
#: A look that comes later than this was not late because of work.
SURELY_SLEPT_S = 15.0
#: A clock that is kept right by the network is moved by less.
SURELY_SET = timedelta(seconds=2)


def passed_s() -> float:
    """Seconds of a clock that nobody sets and that goes on while the computer sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if hasattr(time, "CLOCK_MONOTONIC"):  # macOS, where it counts sleep and `time.monotonic` does not
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class TimeTold:
    """The time that stations are told: this computer's, except that it never runs back.

    When the computer's clock is set back, what is told goes on at half its pace until the clock has caught up: stations
    that are told an earlier time than before mix up their reports.
    """

    def __init__(self, clock: Callable[[], datetime], passed: Callable[[], float] = passed_s) -> None:
        self._clock = clock
        self._passed = passed
        self._told = clock()
        self._told_at = passed()

    def __call__(self) -> datetime:
        """The time to tell now; aware UTC."""
        now_at = self._passed()
        at_least = self._told + timedelta(seconds=max(0.0, now_at - self._told_at) / 2)
        self._told, self._told_at = max(self._clock(), at_least), now_at
        return self._told


class Surroundings:
    """Notices sleep, a clock that was set, and other addresses; tells each on the bus."""

    def __init__(
        self,
        bus: Bus,
        clock: Callable[[], datetime],
        addresses: Callable[[], Sequence[str]],
        passed: Callable[[], float] = passed_s,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._passed = passed
        self._find_addresses = addresses
        self._at, self._passed_at = clock(), passed()
        self.addresses: tuple[str, ...] = ()
        #: How far the clock was set, in all, since this program runs; positive: ahead.
        self.clock_set_by = timedelta()
        self.clock_set_at: datetime | None = None

    async def run(self) -> None:
        """Look every few seconds, until cancelled."""
        self.begin()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

    def begin(self) -> None:
        """Take things as they are now for the normal state."""
        self.addresses = tuple(self._find_addresses())
        self._at, self._passed_at = self._clock(), self._passed()

    def look(self) -> None:
        """Compare with the last look, and tell what has changed since."""
        now, passed_at = self._clock(), self._passed()
        passed = timedelta(seconds=passed_at - self._passed_at)
        set_by = now - self._at - passed
        self._at, self._passed_at = now, passed_at
        if abs(set_by) > SURELY_SET:
            self._clock_was_set(now, set_by)
        self._look_at_addresses()
        if passed.total_seconds() > SURELY_SLEPT_S:
            self._bus.publish(Resumed(passed))

    def _clock_was_set(self, now: datetime, by: timedelta) -> None:
        self.clock_set_by += by
        if abs(self.clock_set_by) <= SURELY_SET:
            self.clock_set_by, self.clock_set_at = timedelta(), None
        else:
            self.clock_set_at = now
        self._bus.publish(ClockJumped(by, self.clock_set_by))

    def clock_is_right(self) -> None:
        """The operator says that the computer's clock is right as it is now."""
        self.clock_set_by, self.clock_set_at = timedelta(), None
        self._bus.publish(ClockJumped(timedelta(), timedelta()))

    def _look_at_addresses(self) -> None:
        before, self.addresses = self.addresses, tuple(self._find_addresses())
        if before != self.addresses:
            self._bus.publish(AddressesChanged(before, self.addresses))
