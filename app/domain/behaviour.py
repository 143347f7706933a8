"""How a station behaves, beyond what it says of itself."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class StationClock(StrEnum):
    """What the times in a station's messages say of its clock."""

    UNKNOWN = "unknown"
    RIGHT = "right"
    WRONG = "wrong"
    NOT_SET = "not_set"  # it says a time before 2020: times of arrival are used


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What was learned of a station, most of it since this program runs. The defaults are a well-behaved one's."""

    clock: StationClock = StationClock.UNKNOWN
    #: How far its clock is ahead; negative: behind.
    clock_ahead: timedelta = timedelta()
    #: It does not answer pings, and is alive all the same.
    never_pongs: bool = False
    #: In the last hour it compressed a message without having agreed on that: it cannot be served so.
    compresses: bool = False
    #: Another station, which the URL it came by names too; "" for none.
    also_named: str = ""
    #: It talks, but the last questions put to it got no answer.
    answers_nothing: bool = False
    #: How often it booted in the last ten minutes, where that is too often; else 0.
    boots: int = 0
    #: Questions at which it broke off the connection, twice each: not put to it any more unless an operator does.
    breaks_off_at: tuple[str, ...] = ()
