"""Connections that were not let in: told once each, counted when they come again."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from app.bus import Bus
from app.domain.drafts import printable
from app.domain.events import HandshakeRefused
from app.domain.model import Knock, KnockCause

KNOCKS_KEPT = 100
DETAIL_LIMIT = 100
SAME_KNOCK_WITHIN = timedelta(hours=1)


class Knocks:
    def __init__(self, bus: Bus, clock: Callable[[], datetime], earlier: Iterable[Knock] = ()) -> None:
        """`earlier` are those to begin with, latest first."""
        self._bus = bus
        self._clock = clock
        self._kept = deque(islice(earlier, KNOCKS_KEPT), maxlen=KNOCKS_KEPT)

    @property
    def latest(self) -> Sequence[Knock]:
        """Latest first."""
        return tuple(self._kept)

    def add(self, address: str, cause: KnockCause, station_id: str = "", detail: str = "") -> None:
        """Keep one and tell of it."""
        knock = Knock(self._clock(), address, cause, station_id, printable(detail)[:DETAIL_LIMIT])
        for earlier in self._kept:
            same = (earlier.address, earlier.cause, earlier.station_id) == (address, cause, station_id)
            if same and knock.at - earlier.at < SAME_KNOCK_WITHIN:
                self._kept.remove(earlier)
                knock = replace(knock, count=earlier.count + 1)
                break
        self._kept.appendleft(knock)
        self._bus.publish(HandshakeRefused(knock))
