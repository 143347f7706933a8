"""Reading payloads as stations really send them.

What is certain is repaired, what is harmless is absorbed, and each repair is noted by a code so that the
operator can see it. A repair never invents a fact that grants access.
"""

import math
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.drafts import printable

TEXT_LIMIT = 255
#: OCPP 2.x allows so many characters (attributeValue); the 500 of 1.6 are exceeded in the field.
LONGEST_SETTING = 2_500
#: Beyond 32 bits signed no transactionId of ours can lie; stations use such numbers for "unknown".
LARGEST_INTEGER = 2**31 - 1
#: No station's clock is right before this: the time then is that of arrival.
CLOCK_NOT_SET_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)
FURTHEST_AHEAD = timedelta(days=2)
#: A time without a zone is UTC; it is this machine's if only then it agrees with the time of arrival.
SURELY_NOT_NOW = timedelta(minutes=30)
SURELY_NOW = timedelta(minutes=5)

Member = TypeVar("Member", bound=StrEnum)


class FieldRepair(StrEnum):
    """How a message was not as the specification has it."""

    ACTION_SPELLING = "action_spelling"
    FIELD_SPELLING = "field_spelling"
    """A field's name in another letter case, or with separators."""
    MISSING = "field_missing"
    WRONG_TYPE = "field_wrong_type"
    TOO_LONG = "field_too_long"
    UNPRINTABLE = "field_unprintable"
    UNKNOWN_VALUE = "field_unknown_value"
    OUT_OF_RANGE = "field_out_of_range"
    CARD_AS_NUMBER = "card_as_number"
    CARD_OF_REMOTE_START = "card_of_remote_start"
    """A charge named only the number under which we asked for it: the card is the one that we named then."""
    NO_TRANSACTION = "no_transaction"
    """A transaction is named by what no transaction of ours can be: 0, -1, more than 32 bits."""
    TIME_WITHOUT_ZONE = "time_without_zone"
    TIME_TAKEN_AS_LOCAL = "time_taken_as_local"
    TIME_SPELLING = "time_spelling"
    TIME_UNREADABLE = "time_unreadable"
    CLOCK_NOT_SET = "clock_not_set"


class Fields:
    """One payload, read field by field; `repairs` tells what had to be mended on the way."""

    def __init__(self, payload: Mapping[str, Any], received_at: datetime) -> None:
        self._payload = payload
        self.received_at = received_at
        self.repairs: list[FieldRepair] = []
        #: The times in it that could be read, as the station's clock has them.
        self.times: list[datetime] = []
        self._by_folded_name: dict[str, Any] | None = None

    def raw(self, name: str) -> Any:
        """The value as it came; None when absent. A name may be spelled in another case (`idtag`, `ID_TAG`)."""
        value = self._payload.get(name)
        return self._otherwise_spelled(name) if value is None and name not in self._payload else value

    def text(self, name: str, *, limit: int = TEXT_LIMIT) -> str:
        """Text, "" when absent. A number is written out; null and "null" count as absent."""
        value = self.raw(name)
        if isinstance(value, str) and value.isprintable() and len(value) <= limit:
            return "" if value == "null" else value
        return self._mended_text(value, limit)

    def id_tag(self, name: str) -> str | None:
        """A card's ID as sent, None when absent, "" when null. A number is written out (its leading zeros are lost)."""
        value = self.raw(name)
        if value is None:
            if name not in self._payload:
                return None
            self.repairs.append(FieldRepair.WRONG_TYPE)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.repairs.append(FieldRepair.CARD_AS_NUMBER)
            return str(value)[:TEXT_LIMIT]
        return self.text(name)

    def word(self, name: str, known: Collection[str]) -> str:
        """One of the words that the specification has for this field, in its spelling; any other as it was sent."""
        value = self.text(name)
        if not value or value in known:
            return value
        self.repairs.append(FieldRepair.UNKNOWN_VALUE)
        folded = value.strip().casefold()
        return next((word for word in known if word.casefold() == folded), value)

    def needed_text(self, name: str) -> str:
        """Text as `text` gives it, where the specification demands one."""
        value = self.text(name)
        if not value:
            self.repairs.append(FieldRepair.MISSING)
        return value

    def integer(self, name: str) -> int | None:
        """A whole number of 32 bits, None when absent or not to be read as one."""
        value = self.raw(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return self._in_range(value)
        if value is None:
            return None
        self.repairs.append(FieldRepair.WRONG_TYPE)
        number = as_number(value)
        return None if number is None else self._in_range(round(number))

    def transaction(self, name: str) -> int | None:
        """A transactionId that may be one of ours; None when it is absent, 0, -1 or whatever else means "unknown"."""
        number = self.integer(name)
        if number is not None and number > 0:
            return number
        if self.raw(name) is not None:
            self.repairs.append(FieldRepair.NO_TRANSACTION)
        return None

    def moment(self, name: str) -> tuple[datetime, bool]:
        """A time in UTC and whether the station's clock can be believed; else the time of arrival."""
        value = self.raw(name)
        moment = self._read_moment(value) if isinstance(value, str) else None
        if moment is None:
            self.repairs.append(FieldRepair.MISSING if value is None else FieldRepair.TIME_UNREADABLE)
            return self.received_at, False
        if moment.tzinfo is None:
            moment = self._in_some_zone(moment)
        self.times.append(moment)
        if not CLOCK_NOT_SET_BEFORE <= moment <= self.received_at + FURTHEST_AHEAD:
            self.repairs.append(FieldRepair.CLOCK_NOT_SET)
            return self.received_at, False
        return moment, True

    def choice(self, name: str, kind: type[Member], otherwise: Member, synonyms: Mapping[str, Member]) -> Member:
        """A member of an enumeration, in whatever letter case; `otherwise` when it is none we know."""
        value = self.text(name)
        for member in kind:
            if value == member.value:
                return member
        self.repairs.append(FieldRepair.UNKNOWN_VALUE if value else FieldRepair.MISSING)
        folded = value.strip().casefold()
        known = {member.value.casefold(): member for member in kind} | dict(synonyms)
        return known.get(folded, otherwise)

    def items(self, name: str) -> list[Mapping[str, Any]]:
        """The objects of a list; a single object counts as a list of one, anything else is left out."""
        value = self.raw(name)
        if isinstance(value, Mapping):
            self.repairs.append(FieldRepair.WRONG_TYPE)
            return [value]
        if not isinstance(value, list):
            if value is not None:
                self.repairs.append(FieldRepair.WRONG_TYPE)
            return []
        return [item for item in value if isinstance(item, Mapping)]

    def inner(self, name: str) -> "Fields":
        """The fields of the object of that name, none when it is absent; a list around one object is taken off."""
        value = self.raw(name)
        if isinstance(value, Mapping):
            return self.within(value)
        if value is not None:
            self.repairs.append(FieldRepair.WRONG_TYPE)
        alone = value[0] if isinstance(value, list) and len(value) == 1 else None
        return self.within(alone if isinstance(alone, Mapping) else {})

    def within(self, item: Mapping[str, Any]) -> "Fields":
        """The fields of an object inside this one; its repairs are noted here."""
        inner = Fields(item, self.received_at)
        inner.repairs, inner.times = self.repairs, self.times
        return inner

    def _in_some_zone(self, moment: datetime) -> datetime:
        as_utc = moment.replace(tzinfo=UTC)
        if SURELY_NOT_NOW < abs(as_utc - self.received_at) < FURTHEST_AHEAD:
            as_local = moment.astimezone(UTC)
            if abs(as_local - self.received_at) <= SURELY_NOW:
                self.repairs.append(FieldRepair.TIME_TAKEN_AS_LOCAL)
                return as_local
        self.repairs.append(FieldRepair.TIME_WITHOUT_ZONE)
        return as_utc

    def _read_moment(self, text: str) -> datetime | None:
        moment = _iso_moment(text)
        if moment is None and (moment := _loose_moment(text)) is not None:
            self.repairs.append(FieldRepair.TIME_SPELLING)
        return moment

    def _otherwise_spelled(self, name: str) -> Any:
        if self._by_folded_name is None:
            self._by_folded_name = {_folded(key): value for key, value in self._payload.items()}
        value = self._by_folded_name.get(_folded(name))
        if value is not None:
            self.repairs.append(FieldRepair.FIELD_SPELLING)
        return value

    def _in_range(self, value: int) -> int | None:
        if -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            return value
        self.repairs.append(FieldRepair.OUT_OF_RANGE)
        return None

    def _mended_text(self, value: object, limit: int) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            self.repairs.append(FieldRepair.WRONG_TYPE)
            if not isinstance(value, int | float) or isinstance(value, bool):
                return ""
        text = printable(str(value)).strip()
        if text != value and isinstance(value, str):
            self.repairs.append(FieldRepair.UNPRINTABLE)
        if len(text) > limit:
            self.repairs.append(FieldRepair.TOO_LONG)
        return text[:limit]


def legible(value: object) -> str:
    """A word of the station's own choosing, in a length and in characters that a database and a screen can take."""
    return printable(value[:TEXT_LIMIT]) if isinstance(value, str) else ""


def as_flag(value: object) -> bool | None:
    """Yes or no, also as text; None for everything else."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().casefold())
    return value if isinstance(value, bool) else None


def written(value: object) -> str | None:
    """A setting's value as text, whatever JSON type it came in; None for null and for what is no value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return printable(str(value))[:LONGEST_SETTING].strip()
    return None


def as_number(value: object) -> float | None:
    """A finite number, also one written as text; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _iso_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T_ ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d*)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?P<hours>[+-]\d{1,2})(?::?(?P<minutes>\d{2}))?Z?)?",
    re.IGNORECASE,
)


def _loose_moment(text: str) -> datetime | None:
    """A time that is none of ISO 8601, and yet plain: other separators, digits left out, 24:00, a leap second."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    over = timedelta(hours=hour == 24, seconds=second == 60)
    try:
        moment = datetime(year, month, day, hour - (hour == 24), minute, second - (second == 60), tzinfo=UTC) + over
        if not found["zone"]:
            return moment.replace(tzinfo=None)
        return moment - _offset(found["hours"] or "+0", int(found["minutes"] or 0))
    except (ValueError, OverflowError):
        return None


def _offset(hours: str, minutes: int) -> timedelta:
    return timedelta(hours=int(hours), minutes=-minutes if hours.startswith("-") else minutes)


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")
