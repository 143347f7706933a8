"""What is known of each station, mostly from how it behaves, across its connections, while the program runs.

Times are seconds of the monotonic clock, handed in as `now`.
"""

from collections import Counter, deque

from app.csms.reading.remote_starts import RemoteStarts
from app.csms.station.pace import Pace
from app.csms.station.station_clock import ClockEstimate
from app.domain.behaviour import Behaviour
from app.habits import Habits

#: So many questions in a row without an answer, from a station that talks: its link is as good as dead.
UNANSWERED = 3
#: Closing it helps some stations, for a while; those that answer nothing after it are left alone.
CLOSE_AGAIN_AFTER_S = 3600.0
#: More boots than that within the time are too many.
MANY_BOOTS = 5
BOOTS_WITHIN_S = 600.0
#: A connection that ends so soon after a question was put may have ended because of it; twice is no accident.
BECAUSE_WITHIN_S = 5.0
NO_ACCIDENT = 2
#: What was put right at a station is not told of for longer.
COMPRESSED_WITHIN_S = 3600.0
#: Questions to which losing the connection is an answer, or after which it is to be expected.
MAY_END_IT = frozenset(
    {"Reset", "UpdateFirmware", "SignedUpdateFirmware", "ChangeConfiguration", "SetVariables", "SetNetworkProfile"}
)

_NONE = Habits()


class Acquaintance:
    """With one station."""

    def __init__(self, habits: Habits = _NONE) -> None:
        """`habits` are what was learned before the program ran."""
        self.clock = ClockEstimate()
        self.pace = Pace()
        self.never_pongs = habits.never_pongs
        #: A charge may be told on another connection than that on which it was asked for.
        self.remote_starts = RemoteStarts()
        #: Another station, which its URL names before it.
        self.also_named = ""
        #: Those that do not want to be asked for a boot are not asked again.
        self.asked_to_boot = False
        self._compressed_at: float | None = None
        self._unanswered = 0
        self._closed_at: float | None = None
        self._closed_in_vain = False
        self._boots: deque[float] = deque(maxlen=MANY_BOOTS + 1)
        self._last_question = ""
        self._question_at = 0.0
        self._is_open = False
        self._ended_at = Counter(dict.fromkeys(habits.breaks_off_at, NO_ACCIDENT))

    def booted(self, now: float) -> bool:
        """It booted; True when that makes it too often."""
        self._boots.append(now)
        return self._too_many_boots(now)

    def compressed(self, now: float) -> None:
        """Its connection had to be ended since it compressed a message without having agreed on that."""
        self._compressed_at = now

    def asked(self, action: str, now: float) -> None:
        """A question was put to it."""
        if now - self._question_at > BECAUSE_WITHIN_S:
            # The one before was put to it, and all went well for a while.
            del self._ended_at[self._last_question]
        self._last_question, self._question_at, self._is_open = action, now, True

    def answered(self) -> None:
        """It said something to a question, be it an error."""
        self._unanswered, self._is_open, self._closed_in_vain = 0, False, False

    def gave_no_answer(self, now: float) -> bool:
        """A question's time ran out; True when its connection is to be closed, so that it makes a new one."""
        self._unanswered, self._is_open = self._unanswered + 1, False
        lately = self._closed_at is not None and now - self._closed_at < CLOSE_AGAIN_AFTER_S
        if self._unanswered < UNANSWERED or lately or self._closed_in_vain:
            return False
        self._closed_at, self._closed_in_vain = now, True
        return True

    def broke_off(self, now: float) -> None:
        """Its connection ended, and not by our doing."""
        if self._last_question and self._last_question not in MAY_END_IT:
            # A station that starts anew says nothing; its next connection tells that it did.
            if self._is_open or now - self._question_at <= BECAUSE_WITHIN_S:
                self._ended_at[self._last_question] += 1
            else:
                del self._ended_at[self._last_question]
        self._last_question, self._is_open = "", False

    def breaks_off_at(self, action: str) -> bool:
        """Whether this question has ended its connection more often than by accident."""
        return self._ended_at[action] >= NO_ACCIDENT

    def behaviour(self, now: float) -> Behaviour:
        """What an operator may want to know of it."""
        return Behaviour(
            clock=self.clock.state,
            clock_ahead=self.clock.ahead,
            never_pongs=self.never_pongs,
            compresses=self._compressed_at is not None and now - self._compressed_at <= COMPRESSED_WITHIN_S,
            also_named=self.also_named,
            answers_nothing=self._unanswered >= UNANSWERED,
            boots=sum(now - at <= BOOTS_WITHIN_S for at in self._boots) if self._too_many_boots(now) else 0,
            breaks_off_at=tuple(sorted(action for action in self._ended_at if self.breaks_off_at(action))),
        )

    def _too_many_boots(self, now: float) -> bool:
        return len(self._boots) > MANY_BOOTS and now - self._boots[0] <= BOOTS_WITHIN_S
