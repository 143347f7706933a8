"""PINs: what a driver types on a station's keypad, and how often one may be wrong."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.errors import AppError

#: Never as long as the shortest UID of a card (4 bytes, 8 digits): what is typed and what is held to a reader differ.
SHORTEST_PIN = 4
LONGEST_PIN = 7
#: What is shown and kept in place of what was typed.
HIDDEN_PIN = "•••"
WRONG_LIMIT = 5
WRONG_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pin:
    """What may be typed on the keypads of a pool's stations; the digits themselves are not kept.

    `uses` is how many sessions it gives (None: any number), `used` how many it gave.
    """

    id: int
    pool_id: int
    name: str
    digits: int
    valid_from: datetime | None
    valid_until: datetime | None
    uses: int | None
    used: int
    created_at: datetime


def clean_pin(text: str) -> str:
    """The digits of a PIN. Raises AppError `pin_not_digits`, `pin_wrong_length`."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        raise AppError("pin_not_digits")
    if not SHORTEST_PIN <= len(digits) <= LONGEST_PIN:
        raise AppError("pin_wrong_length", shortest=SHORTEST_PIN, longest=LONGEST_PIN)
    return digits


def typed_digits(raw_id_tag: str) -> str:
    """The digits, when this may have been typed on a keypad: a few, in whatever company but that of letters; else "".

    Stations send blanks or the enter key (`1234#`) along. Fewer digits than a PIN has may still be most of one.
    """
    digits = "".join(filter(str.isdecimal, raw_id_tag))
    return digits if len(digits) <= LONGEST_PIN and not any(map(str.isalpha, raw_id_tag)) else ""


class WrongPins:
    """The wrong PINs of one station: after five within ten minutes none is tried until the first is ten minutes old.

    A right one forgives none of them: who knows one PIN could go on guessing the others.
    """

    def __init__(self) -> None:
        self._times: deque[datetime] = deque(maxlen=WRONG_LIMIT)

    def add(self, at: datetime) -> None:
        """One more was wrong."""
        self._times.append(at)

    def closed_until(self, now: datetime) -> datetime | None:
        """When the next PIN is tried; None: now."""
        if len(self._times) < WRONG_LIMIT:
            return None
        opens_at = self._times[0] + WRONG_WITHIN
        return opens_at if opens_at > now else None
