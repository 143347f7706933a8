"""The two IDs of a card: the UID a reader sees and the visible ID printed on it.

The UID decides who may charge; the visible ID is for people and comes from `app.domain.visible_ids`, which
this module passes on. Readers do not agree on how to write one card's UID: the canonical form removes what
cannot matter, and the look-alikes are what an operator is asked about.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NewType

from app.domain.errors import AppError
from app.domain.visible_ids import (
    CARD_UID_DIGITS,
    CheckDigit,
    ContractIdStandard,
    VisibleId,
    VisibleIdCheck,
    as_meant,
    canonical_visible_id,
    check_visible_id,
    parse_visible_id,
    spelled_out,
    visible_id_in,
)

__all__ = [
    "UID_LIMIT",
    "CheckDigit",
    "ContractIdStandard",
    "LookAlike",
    "Uid",
    "UidKind",
    "VisibleId",
    "VisibleIdCheck",
    "canonical_uid",
    "canonical_visible_id",
    "check_visible_id",
    "classify_uid",
    "look_alike_ranges",
    "look_alikes",
    "parse_uid",
    "parse_visible_id",
    "why_alike",
]

Uid = NewType("Uid", str)
"""A UID in canonical form, as `canonical_uid` makes it."""

UID_LIMIT = 255
"""idToken of OCPP 2.1; one of 2.0.1 has 36 characters at most, an idTag of 1.6 has 20."""

_PADDED_LENGTH = 20  # an idTag's: no reader pads further
_LEAST_DIGITS = 6  # fewer significant digits are alike by chance
_LEAST_NUMBER = 1 << 16
_LEAST_STEM = 8  # the shortest card UID
_LEAST_PREFIX = 12  # six bytes
_READ_DIGITS = sorted(CARD_UID_DIGITS | {12})  # some readers deliver six bytes of any card

_HEX = re.compile(r"[0-9A-F]+")
_NUMBER = re.compile(r"[0-9]+")
_PRINTABLE_ASCII = re.compile(r"[ -~]+")
_NO_SEPARATORS = str.maketrans("", "", ":- ")
# SQLite reads text with a NUL short and cannot encode half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BLANK = "".join(c for c in map(chr, range(0x3001)) if c.isspace() or ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)

# Tags that stations send when they charge without a card: Webasto Next, MicroOcpp's built-in default.
_FREE_VEND = frozenset({"#FREECHARGING", "A0000000"})


class UidKind(StrEnum):
    """What a UID tells of where it came from. Only a CARD is worth offering as a new pass."""

    CARD = "card"
    RANDOM = "random"  # ISO 14443-3: 4 bytes beginning 08 are new at each tap (phones, passports): never a pass
    VEHICLE = "vehicle"  # Autocharge: VID: and the car's MAC address
    FREE_VEND = "free_vend"
    EMPTY = "empty"
    OTHER = "other"


class LookAlike(StrEnum):
    """Why two UIDs may be one card read by two readers."""

    BYTES_REVERSED = "bytes_reversed"
    DECIMAL = "decimal"  # one is the other's number, zeros before it or not
    DECIMAL_REVERSED = "decimal_reversed"  # the same, of the reversed bytes
    ZERO_PADDED = "zero_padded"  # zeros before it, or zero bytes after it
    SUFFIXED = "suffixed"  # <uid>_<station's serial number>
    TRUNCATED = "truncated"  # a byte more or less after six or more, or a CRC in place of the seventh


def canonical_uid(raw: str) -> Uid:
    """The form in which UIDs are compared and stored. Total: every text has one; applied twice it stays.

    Blanks, NULs and control characters are taken off both ends; letters become upper case; `:`, `-` and
    spaces go when all the rest is hex. What SQLite cannot hold (a NUL inside, half a surrogate pair) becomes
    U+FFFD. OCPP compares without regard to case (IdToken, OCPP 1.6 §7.28).
    """
    if raw.isascii() and raw.isalnum():  # nearly every tap: nothing to take off
        return Uid(raw.upper())
    text = _UNSTORABLE.sub("\ufffd", raw.strip(_BLANK)).upper()
    bare = text.translate(_NO_SEPARATORS)
    return Uid(bare if _HEX.fullmatch(bare) else text)


def parse_uid(text: str) -> Uid:
    """The UID an operator typed or pasted into a UID field. It need not be hex.

    Not for a UID that a station sent: that one is right as it is, a car's contract ID included; use
    `canonical_uid`.

    Raises AppError `uid_empty`, `uid_looks_like_visible_id` (visible_id) when the text is plainly the number
    printed on a card, `uid_too_long` (length, limit) and `uid_bad_characters` (characters: those outside
    printable ASCII, spelled out).
    """
    meant = as_meant(text)
    uid = canonical_uid(meant)
    if not uid:
        raise AppError("uid_empty")
    if visible_id := visible_id_in(meant):
        raise AppError("uid_looks_like_visible_id", visible_id=visible_id)
    if len(uid) > UID_LIMIT:
        raise AppError("uid_too_long", length=len(uid), limit=UID_LIMIT)
    if not _PRINTABLE_ASCII.fullmatch(uid):
        raise AppError("uid_bad_characters", characters=spelled_out(_PRINTABLE_ASCII.sub("", uid)))
    return uid


def classify_uid(uid: Uid) -> UidKind:
    """What kind of thing sent this UID, as far as its form tells."""
    if not uid:
        return UidKind.EMPTY
    if uid in _FREE_VEND:
        return UidKind.FREE_VEND
    if uid.startswith("VID:"):
        return UidKind.VEHICLE
    if len(uid) not in CARD_UID_DIGITS or not _HEX.fullmatch(uid):
        return UidKind.OTHER
    return UidKind.RANDOM if len(uid) == 8 and uid.startswith("08") else UidKind.CARD


def look_alikes(uid: Uid) -> dict[Uid, LookAlike]:
    """Every other UID that may be the same card and can be named in full (some dozens at most), with why.

    Suggestions for an operator, never a reason to let anyone charge. Look them up with `uid IN (...)`, and
    with them the ranges of `look_alike_ranges`.
    """
    found: dict[Uid, LookAlike] = {}
    for other, reason in _named_in_full(uid):
        found.setdefault(Uid(other), reason)
    found.pop(uid, None)
    return found


def look_alike_ranges(uid: Uid) -> tuple[tuple[str, str], ...]:
    """Where the suffixed and truncated look-alikes of `uid` lie in an index: at most two ranges.

    Each is (low, high) for `uid >= low AND uid < high` on a column with SQLite's BINARY collation (LIKE would
    not use the index). A range is short, yet holds strangers too, and `uid` itself: keep the rows for which
    `why_alike` gives a reason.
    """
    stem = _stem(uid)
    prefixes = [f"{stem}_"] if stem else []
    if _is_whole_bytes(uid):
        prefixes.append(uid[: max(_LEAST_PREFIX, len(uid) - 2)])
    return tuple((prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)) for prefix in prefixes)


def why_alike(a: Uid, b: Uid) -> LookAlike | None:
    """Why `a` and `b` may be one card, whichever comes first; None when nothing says so or they are equal."""
    if a == b:
        return None
    if reason := look_alikes(a).get(b):
        return reason
    if (stem := _stem(a)) and stem == _stem(b):
        return LookAlike.SUFFIXED
    return LookAlike.TRUNCATED if _is_truncated(a, b) else None


def _named_in_full(uid: str) -> Iterator[tuple[str, LookAlike]]:
    # Every rule here works both ways, so that it does not matter which of two UIDs was seen first.
    if _HEX.fullmatch(uid) and len(uid) in _READ_DIGITS:
        swapped = _reversed(uid)
        yield swapped, LookAlike.BYTES_REVERSED
        yield from ((number, LookAlike.DECIMAL) for number in _numbers(int(uid, 16)))
        yield from ((number, LookAlike.DECIMAL_REVERSED) for number in _numbers(int(swapped, 16)))
    if _NUMBER.fullmatch(uid) and len(uid) <= UID_LIMIT:  # int() refuses thousands of digits
        for reading in _readings(uid):
            yield reading, LookAlike.DECIMAL
            yield _reversed(reading), LookAlike.DECIMAL_REVERSED
    yield from ((padded, LookAlike.ZERO_PADDED) for padded in _zero_padded(uid))
    if stem := _stem(uid):
        yield stem, LookAlike.SUFFIXED


def _reversed(digits: str) -> str:
    return bytes.fromhex(digits)[::-1].hex().upper()


def _numbers(number: int) -> list[str]:
    """`number` in decimal as readers write it: bare, and with zeros before it up to an idTag's length."""
    if number < _LEAST_NUMBER:
        return []
    bare = str(number)
    return [bare.zfill(length) for length in range(len(bare), max(_PADDED_LENGTH, len(bare)) + 1)]


def _readings(decimal: str) -> list[str]:
    """The hex UIDs of which `decimal` is the number, one for each length that holds it."""
    number = int(decimal)
    if decimal not in _numbers(number):
        return []
    return [f"{number:0{digits}X}" for digits in _READ_DIGITS if number < 16**digits]


def _zero_padded(uid: str) -> Iterator[str]:
    if len(uid) > _PADDED_LENGTH or not _HEX.fullmatch(uid):
        return
    core = uid.lstrip("0")
    if len(core) >= _LEAST_DIGITS:
        yield from (core.zfill(length) for length in range(len(core), _PADDED_LENGTH + 1))
    if len(uid) % 2 == 0:
        kept = bytes.fromhex(uid).rstrip(b"\0").hex().upper()
        if len(kept) >= _LEAST_DIGITS:
            yield from (kept.ljust(length, "0") for length in range(len(kept), _PADDED_LENGTH + 1, 2))


def _stem(uid: str) -> str:
    """The UID before a station's suffix: all of it where there is none, nothing where it is no card's."""
    stem = uid.partition("_")[0]
    return stem if len(stem) >= _LEAST_STEM and _HEX.fullmatch(stem) else ""


def _is_whole_bytes(uid: str) -> bool:
    return _LEAST_PREFIX <= len(uid) <= max(CARD_UID_DIGITS) + 2 and len(uid) % 2 == 0 and bool(_HEX.fullmatch(uid))


def _is_truncated(a: str, b: str) -> bool:
    if not (_is_whole_bytes(a) and _is_whole_bytes(b)) or _NUMBER.fullmatch(a + b):
        return False  # decimal numbers of two cards from one box begin alike too
    short, long = sorted((a, b), key=len)
    if len(short) == len(long):
        return len(short) == _LEAST_PREFIX + 2 and short[:_LEAST_PREFIX] == long[:_LEAST_PREFIX]
    return len(long) == len(short) + 2 and long.startswith(short)
