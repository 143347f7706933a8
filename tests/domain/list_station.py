"""A station's own list, written from the specification's text alone: the oracle of every test about local lists.

It knows nothing of how the list is planned. `exact` compares cards letter by letter, as some stations do; else letter
case does not matter (OCPP 1.6 §7.28).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

#: What a message says of one card: its spelling, and what is to be known of it; None deletes it.
Change = tuple[str, Any]


@dataclass
class ListStation:
    per_message: int = 10_000
    capacity: int = 100_000
    bytes_per_message: int = 10_000_000
    exact: bool = False
    version: int = 0
    cards: dict[str, Any] = field(default_factory=dict)
    messages: int = 0
    versions: list[int] = field(default_factory=list)
    broken_rules: list[str] = field(default_factory=list)

    def send(self, version: int, *, full: bool, changes: Sequence[Change], size: int = 0) -> str:
        """SendLocalList.req in, the status of its answer out (OCPP 1.6 §5.15, §6.41; 2.0.1 D01)."""
        self.messages += 1
        self._watch(version, full=full, changes=changes)
        if len(changes) > self.per_message or size > self.bytes_per_message:
            return "Failed"
        if not full and version <= self.version:
            return "VersionMismatch"
        if self._names_one_twice(changes):
            return "Failed"
        after = {} if full else dict(self.cards)
        spellings = {self._compared(known): known for known in after}
        for spelling, info in changes:
            if same := spellings.pop(self._compared(spelling), ""):
                del after[same]
            if info is not None:
                after[spelling] = info
                spellings[self._compared(spelling)] = spelling
        if len(after) > self.capacity:
            return "Failed"
        self.cards, self.version = after, version
        return "Accepted"

    def knows(self, tapped: str) -> Any:
        """What it would say of a card that is held to its reader, as that spells it; None: an unknown card."""
        wanted = self._compared(tapped)
        return next((info for spelling, info in self.cards.items() if self._compared(spelling) == wanted), None)

    def _watch(self, version: int, *, full: bool, changes: Sequence[Change]) -> None:
        if version in (0, -1):
            self.broken_rules.append(f"version {version} means something else (1.6 errata 3.52)")
        if version in self.versions:
            self.broken_rules.append(f"version {version} was used before")
        if not -(2**31) <= version < 2**31:
            self.broken_rules.append(f"version {version} is no 32-bit number")
        if full and any(info is None for _, info in changes):
            self.broken_rules.append("a full list deletes nothing by name (1.6 §7.1)")
        self.versions.append(version)

    def _names_one_twice(self, changes: Sequence[Change]) -> bool:
        spellings = [spelling.casefold() for spelling, _ in changes]
        return len(set(spellings)) < len(spellings)

    def _compared(self, spelling: str) -> str:
        return spelling if self.exact else spelling.casefold()
