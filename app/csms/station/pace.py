"""How fast one station is read, across its connections: one that connects anew has no new burst."""

import time

#: Messages a second one station may keep up, after a burst; beyond that it is read more slowly, losing nothing.
RATE_PER_S = 1_000.0
BURST = 5_000.0
#: A message longer than this counts as several.
CHARACTERS_OF_ONE = 100


class Pace:
    """How fast one station is read."""

    def __init__(self) -> None:
        self._allowance = BURST
        self._since = time.monotonic()
        self.messages = 0

    def after(self, characters: int) -> float:
        """Seconds to wait after a message of so many characters; mostly none."""
        now = time.monotonic()
        earned = (now - self._since) * RATE_PER_S
        self._since = now
        self._allowance = min(BURST, self._allowance + earned) - 1 - characters // CHARACTERS_OF_ONE
        self.messages += 1
        return max(0.0, -self._allowance / RATE_PER_S)
