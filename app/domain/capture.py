"""Capturing cards: which reader is listened to, what becomes of each card, and what a reader that types means."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import OF_A_PIN
from app.domain.errors import AppError
from app.domain.ids import Uid, UidKind, canonical_uid, classify_uid
from app.domain.model import Tap, TapSource
from app.domain.pins import HIDDEN_PIN
from app.domain.visible_ids import CARD_UID_DIGITS

#: What a new pass is called when nothing else is said.
PATTERN = "Card {n}"

_NUMBER = re.compile(r"\{(n+)\}")
_HEX = re.compile(r"[0-9A-F]+")
_HELD = frozenset({TapSource.AUTHORIZE, TapSource.START})
_NEVER_A_CARD = frozenset({UidKind.RANDOM, UidKind.EMPTY, UidKind.VEHICLE, UidKind.FREE_VEND})
_SHOWN = 40


class CaptureMode(StrEnum):
    """What a card is captured for."""

    FILL = "fill"  # the next pass that has no UID gets it
    NEW = "new"  # it becomes a pass of its own
    COLLECT = "collect"  # its UID is listed, and nothing else


class ReaderKind(StrEnum):
    NONE = "none"
    STATION = "station"
    ANY = "any"  # every station
    USB = "usb"  # types on this machine like a keyboard


@dataclass(frozen=True, slots=True)
class CardReader:
    """The reader that is listened to; `station_id` names the station of the kind STATION."""

    kind: ReaderKind = ReaderKind.NONE
    station_id: str = ""

    def hears(self, tap: Tap) -> bool:
        """Whether a tap is a card that was held to this reader: no PIN, and no card that only ended a session."""
        if tap.source not in _HELD or tap.reason in OF_A_PIN or tap.raw_id_tag == HIDDEN_PIN:
            return False
        if self.kind is ReaderKind.STATION:
            return tap.station_id.casefold() == self.station_id.casefold()
        return self.kind is ReaderKind.ANY


class TypedForm(StrEnum):
    """How a reader that types spells a card."""

    HEX = "hex"
    HEX_REVERSED = "hex_reversed"
    DECIMAL = "decimal"
    DECIMAL_REVERSED = "decimal_reversed"


@dataclass(frozen=True, slots=True)
class NewPasses:
    """What passes are made of, a card each: `{n}` in the pattern is counted up, `{nnn}` with zeros before it."""

    pattern: str = PATTERN
    identity_id: int | None = None
    pool_id: int | None = None

    def name(self, number: int) -> str:
        """The name of the pass with this number."""
        return _NUMBER.sub(lambda found: str(number).zfill(len(found[1])), self.pattern)

    def number_of(self, name: str) -> int:
        """The number in a name that was made by this pattern; 0 for any other."""
        parts = _NUMBER.split(self.pattern)
        if len(parts) == 1:
            return 0
        # Every second part is what stood in the braces; all of them hold the same number.
        fixed = [re.escape(part) for part in parts[::2]]
        found = re.fullmatch(r"(\d{1,9})".join([fixed[0], r"(?:0*\1)".join(fixed[1:])]), name)
        return int(found[1]) if found else 0


class Outcome(StrEnum):
    """What became of a card."""

    SAVED = "saved"
    MOVED = "moved"  # from another pass, because the operator said so
    COLLECTED = "collected"
    SAME = "same"  # held again, or still there
    BELONGS = "belongs"  # is a pass already, and stays that
    LATE = "late"  # a charge that a station reports long after it began
    UNFIT = "unfit"  # no card, or one that is another one each time; `code` is its kind
    NOTHING_LEFT = "nothing_left"  # every pass has its UID
    FAILED = "failed"  # `code` and `facts` are those of the error
    UNDONE = "undone"


#: The UIDs of these are what was captured.
KEPT = frozenset({Outcome.SAVED, Outcome.MOVED, Outcome.COLLECTED})


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card as it came from a reader. `began_at`: of a charge, when the station says that it began."""

    uid: Uid
    at: datetime
    where: str = ""
    at_start: bool = False
    began_at: datetime | None = None

    @property
    def unfit(self) -> UidKind | None:
        """Why it can never be a pass: what kind of thing it is."""
        kind = classify_uid(self.uid)
        return kind if kind in _NEVER_A_CARD else None


@dataclass(frozen=True, slots=True)
class CapturedCard:
    """A card and what became of it. `title` names the pass it went to, or belongs to."""

    number: int
    at: datetime
    uid: Uid
    outcome: Outcome
    mode: CaptureMode
    where: str = ""
    pass_id: int | None = None
    title: str = ""
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def uid_typed(text: str, form: TypedForm) -> Uid:
    """The UID that a reader typed. A decimal number gets the bytes of the shortest card that holds it.

    Raises AppError `typed_not_hex`, `typed_not_decimal` (typed), `typed_wrong_length` (typed, digits).
    """
    typed = canonical_uid(text)
    shown = typed[:_SHOWN]
    if form in (TypedForm.DECIMAL, TypedForm.DECIMAL_REVERSED):
        digits = _digits_of(typed, shown)
    elif not _HEX.fullmatch(typed):
        raise AppError("typed_not_hex", typed=shown)
    elif len(typed) not in CARD_UID_DIGITS:
        raise AppError("typed_wrong_length", typed=shown, digits=len(typed))
    else:
        digits = typed
    reverse = form in (TypedForm.HEX_REVERSED, TypedForm.DECIMAL_REVERSED)
    return Uid(bytes.fromhex(digits)[::-1].hex().upper() if reverse else digits)


def _digits_of(typed: str, shown: str) -> str:
    if not (typed.isascii() and typed.isdigit()):
        raise AppError("typed_not_decimal", typed=shown)
    lengths = sorted(CARD_UID_DIGITS)
    if len(typed) > lengths[-1] * 2:
        raise AppError("typed_wrong_length", typed=shown, digits=len(typed))
    number = int(typed)
    for length in lengths:
        if number < 16**length:
            return f"{number:0{length}X}"
    raise AppError("typed_wrong_length", typed=shown, digits=len(typed))
