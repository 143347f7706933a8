"""A station that was left alone for a while on purpose, to see what it does with cards.

What it charged meanwhile it reports once somebody listens again: that is certain. That it reported nothing is not: it
may have refused the card, have no way to start alone, or forget what it did. What the operator saw at it says more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.access import Status
from app.domain.lid_check import Seen
from app.domain.lid_settings import NAMES
from app.domain.model import Session
from app.domain.variables import Variable

#: A station's clock may be as far off as this when it says when it charged.
CLOCKS_DIFFER = timedelta(seconds=30)


class Stage(StrEnum):
    """How far a test has come."""

    ALONE = "alone"
    """Nobody answers the station."""
    AWAITED = "awaited"
    """It is listened to again, and has not come back yet."""
    TELLING = "telling"
    """It is back, and has a while to report what it did."""


class Whose(StrEnum):
    """Whose card was held to the station."""

    MEMBER = "member"
    STRANGER = "stranger"


class Looked(StrEnum):
    """What the operator saw at the station."""

    CHARGED = "charged"
    REFUSED = "refused"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class RunningTest:
    """A test that goes on. Its stage began at `since`, and ends by itself at `until`."""

    station_id: str
    began_at: datetime
    stage: Stage
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ReportedCharge:
    """A charge that the station began while it was alone, and reported afterwards."""

    raw_id_tag: str
    whose: Whose
    holder: str
    pass_name: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class CardTest:
    """What a test showed. `came_back`: the station connected again in time.

    `settings` are those that decide, by name, as they were; `about` is which device it was. `looked` is what the
    operator saw, of whom they held a card to it.
    """

    station_id: str
    began_at: datetime
    ended_at: datetime
    came_back: bool
    charges: tuple[ReportedCharge, ...] = ()
    settings: Mapping[str, str | None] = field(default_factory=dict)
    about: str = ""
    looked: Mapping[Whose, Looked] = field(default_factory=dict)

    def charged(self, whose: Whose) -> bool | None:
        """Whether such a card charged: reported by the station, or seen; None where that is not certain."""
        if any(charge.whose is whose for charge in self.charges):
            return True
        return {Looked.CHARGED: True, Looked.REFUSED: False}.get(self.looked.get(whose, Looked.NOT_TRIED))

    @property
    def seen(self) -> Seen:
        """What it showed of members' cards and of strangers'."""
        return Seen(self.charged(Whose.MEMBER), self.charged(Whose.STRANGER))

    def holds_for(self, variables: Iterable[Variable], about: str) -> bool:
        """Whether it still says something of a station: the same device, with the same settings."""
        return self.about == about and dict(self.settings) == deciding(variables)


def deciding(variables: Iterable[Variable]) -> dict[str, str | None]:
    """The settings that decide what a station does alone, and their values."""
    known = {name.casefold() for names in NAMES.values() for name in names}
    return {each.name: each.value for each in variables if each.name.casefold() in known}


def reported(
    sessions: Iterable[Session], alone_from: datetime, alone_until: datetime, clock_ahead: timedelta
) -> tuple[ReportedCharge, ...]:
    """Those of the sessions that began while the station was alone, by its own clock, which is so much ahead."""
    found = []
    for session in sorted(sessions, key=lambda each: each.started_at):
        began = session.started_at - clock_ahead
        if alone_from - CLOCKS_DIFFER <= began < alone_until:
            whose = Whose.MEMBER if session.status == Status.ACCEPTED.value else Whose.STRANGER
            name = session.pass_name or session.visible_id
            found.append(ReportedCharge(session.raw_id_tag, whose, session.holder, name, session.started_at))
    return tuple(found)
