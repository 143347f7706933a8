"""Visible IDs: the number printed on a card, free of form, and the contract IDs among them.

A visible ID never travels in OCPP: it names a card to people. Many cards carry a contract ID, whose last
character may be a check digit; others carry a number of the issuer's own making, and those are as good.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise
from typing import NewType

from app.domain.errors import AppError

VisibleId = NewType("VisibleId", str)

VISIBLE_ID_LIMIT = 64
CARD_UID_DIGITS = frozenset({8, 14, 16, 20})
"""Hex digits of a card's UID: 4, 7 or 10 bytes (ISO 14443-3), 8 bytes (ISO 15693)."""

_LIKELY_LIMIT = 5
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
#: For DIN SPEC 91286: what a character weighs at place 0, and how many places it takes.
_DIN_WEIGHTS = {
    character: (value, 1) if value < 10 else (value // 10 + 2 * (value % 10), 2) for character, value in _VALUE.items()
}
_CONFUSED = dict(zip("0O1I5S8B2Z", "O0I1S5B8Z2", strict=True))

# Office programs turn a typed hyphen into a dash; web pages and spreadsheets add marks nobody sees.
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_SPACES = "\xa0\u2007\u2009\u202f"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_AS_MEANT = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys(_SPACES, " ") | dict.fromkeys(_UNSEEN, ""))
_NO_BYTE_SEPARATORS = str.maketrans("", "", ":- ")
_HEX_DIGITS = frozenset("0123456789ABCDEF")

_COUNTRY_AND_PROVIDER = r"[A-Z]{2}[-* ]{0,3}[A-Z0-9]{3}[-* ]{0,3}"
_DIN = re.compile(_COUNTRY_AND_PROVIDER + r"[A-Z0-9]{6}(?:[-* ]{0,3}[A-Z0-9])?")
_ISO = re.compile(_COUNTRY_AND_PROVIDER + r"[A-Z0-9]{9}(?:[-* ]{0,3}[A-Z0-9])?")
# Issuers keep the look of a contract ID with other lengths too, as in NL-LMS-0123456-X.
_LIKE_A_CONTRACT = re.compile(r"[A-Z]{2}[-* ]{1,3}[A-Z0-9]{3}[-* ]{1,3}[A-Z0-9]{6,9}(?:[-* ]{1,3}[A-Z0-9])?")

# Of compact texts only these are taken for one: one token in eleven has a right DIN digit by chance.
_COMPACT = re.compile(r"[A-Z]{2}[A-Z0-9]{3}(?:[A-Z0-9][0-9]{5}[0-9X]|[A-Z0-9]{10})")

_HEX_BYTES = re.compile(r"[0-9A-F]{2}(?P<between>[:\- ]?)(?:[0-9A-F]{2}(?P=between))*[0-9A-F]{2}")
_PRINTED_NUMBER = re.compile(r"[A-F]{0,3}[0-9]+[A-F]?")


class ContractIdStandard(StrEnum):
    """Who laid down the shape of a contract ID."""

    DIN_SPEC_91286 = "din_spec_91286"  # CC-PPP-IIIIII-D
    ISO_15118_1 = "iso_15118_1"  # CC-PPP-IIIIIIIII-D
    EMI3 = "emi3"  # as ISO 15118-1, the instance beginning with C


class CheckDigit(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class VisibleIdCheck:
    """What the check digit says of a contract ID.

    `expected` is the digit that the other characters ask for. `likely` is filled when the digit is WRONG:
    what may have been meant, best guess first, written with the separators that were typed.
    """

    standard: ContractIdStandard
    check_digit: CheckDigit
    expected: str
    likely: tuple[str, ...] = ()


def parse_visible_id(text: str) -> VisibleId:
    """The visible ID an operator typed or pasted: upper case, one space where there were several.

    Raises AppError `visible_id_empty`, `visible_id_too_long` (length, limit), `visible_id_bad_characters`
    (characters: the offending ones, spelled out) and `visible_id_looks_like_uid` (uid: its canonical form)
    when the text is plainly a UID: 4, 7, 8 or 10 hex bytes, separated by colons, or mixing letters and digits
    as no printed number does. 12345678, AB123456 and 1234567A pass; so does DE8AAC12345678, a contract ID
    that happens to be hex (a 7-byte UID begins with its maker's code, and ISO/IEC 7816-6 registers none of
    two letters).
    """
    visible_id = _tidy(text)
    if not visible_id:
        raise AppError("visible_id_empty")
    if len(visible_id) > VISIBLE_ID_LIMIT:
        raise AppError("visible_id_too_long", length=len(visible_id), limit=VISIBLE_ID_LIMIT)
    if not visible_id.isprintable() or "\ufffd" in visible_id:
        bad = [character for character in visible_id if not character.isprintable() or character == "\ufffd"]
        raise AppError("visible_id_bad_characters", characters=spelled_out(bad))
    if uid := _plain_uid(visible_id):
        raise AppError("visible_id_looks_like_uid", uid=uid)
    return VisibleId(visible_id)


def canonical_visible_id(text: str) -> str:
    """The form in which two spellings of one visible ID are equal: upper case, without `-`, `*` and spaces.

    Total, and the same again when applied twice. For matching only: show what was typed.
    """
    return _bare(text.upper() if _is_plain(text) else "".join(as_meant(text).upper().split()))


def visible_id_in(text: str) -> VisibleId | None:
    """The visible ID that `text` plainly is, for a field that asks for something else; None otherwise.

    Plainly: it has a contract ID's parts and separators, or no separators and a right check digit. Hex without
    separators is never one: a UID may look like that.
    """
    visible_id = _tidy(text)
    if _LIKE_A_CONTRACT.fullmatch(visible_id):
        return VisibleId(visible_id)
    if not _COMPACT.fullmatch(visible_id) or _HEX_DIGITS.issuperset(visible_id):
        return None
    check = check_visible_id(visible_id)
    return VisibleId(visible_id) if check and check.check_digit is CheckDigit.RIGHT else None


def check_visible_id(visible_id: str) -> VisibleIdCheck | None:
    """What the check digit of a contract ID says; None when `visible_id` has the shape of no contract ID.

    A wrong digit is worth a warning, never a refusal: issuers print numbers that only look like contract IDs.
    Case does not matter, and separators (`-`, `*`, space) may be left out.

    DIN SPEC 91286: country (2 letters), provider (3), instance (6), check digit 0-9 or X; see
    `_din_check_digit`. ISO 15118-1 Annex H and eMI3 ("Electric Vehicle ICT Interface Specifications" V1.0
    part 2, 1.2.2.1): instance (9), check digit 0-9 or A-Z; see `_iso_check_digit`.

    The standards themselves are not free to read. The algorithms follow public descriptions and programs, and
    were checked against IDs published elsewhere:

    - DIN SPEC 91286: described in the OCPI draft 0.98 (thenewmotion/ocpi, 2014), programmed in
      ShellRechargeSolutionsEU/mobilityid; right for that library's NL-TNM-012204-5 and for the Hubject
      contracts in OpenChargingCloud/WWCP_OICP, such as DE*BMW*0010LZ*X.
    - ISO 15118-1 and eMI3: "Check Digit Calculation for Contract-IDs" (ochp.eu, 2014), programmed in
      mobilityid and citrineos/citrineos-core; right for that paper's DE83DUIEN83QGZ-D, eMI3's own
      DE-8AA-CA2B3C4D5-L, mobilityid's NL-TNM-000122045-U and NL-TNM-C00122045-K.

    The OCHP and OICP documents show IDs whose digits these algorithms do not give (DE-8AA-123A56-3,
    DE-8AA-CA2B3C4D5-N, DE-8EO-CAet5e4XY-3): samples of the shape.
    """
    text = _tidy(visible_id)
    standard = _standard_of(text)
    if standard is None:
        return None
    characters = canonical_visible_id(text)
    payload_length, digit_of = _ALGORITHMS[standard]
    expected = digit_of(characters[:payload_length])
    typed = characters[payload_length:]
    if typed == expected:
        return VisibleIdCheck(standard, CheckDigit.RIGHT, expected)
    if not typed:
        return VisibleIdCheck(standard, CheckDigit.ABSENT, expected)
    return VisibleIdCheck(standard, CheckDigit.WRONG, expected, _likely(text, expected))


def has_wrong_check_digit(visible_id: VisibleId) -> bool:
    """Whether this has the shape of a contract ID and another check digit: `check_visible_id` without its guesses."""
    standard = _standard_of(visible_id)
    if standard is None:
        return False
    payload_length, digit_of = _ALGORITHMS[standard]
    characters = _bare(visible_id).replace(" ", "")
    typed = characters[payload_length:]
    return bool(typed) and typed != digit_of(characters[:payload_length])


def as_meant(text: str) -> str:
    """Pasted text with typographic dashes and spaces as plain ones, without invisible marks."""
    return text if text.isascii() else text.translate(_AS_MEANT)


def spelled_out(characters: Iterable[str]) -> str:
    """The different `characters` in their order, each as itself, or as U+0000 where it cannot be seen."""
    shown = (c if c.isprintable() and not c.isspace() else f"U+{ord(c):04X}" for c in dict.fromkeys(characters))
    return " ".join(shown)


def _is_plain(text: str) -> bool:
    """Whether there is nothing to tidy: so it is in nearly every list."""
    return text.isascii() and text.isprintable() and " " not in text


def _bare(text: str) -> str:
    return text.replace("-", "").replace("*", "")


def _tidy(text: str) -> str:
    if _is_plain(text):
        return text.upper()
    return " ".join(as_meant(text).upper().split())


def _plain_uid(visible_id: str) -> str | None:
    match = _HEX_BYTES.fullmatch(visible_id)
    if match is None:
        return None
    digits = visible_id.translate(_NO_BYTE_SEPARATORS)
    if len(digits) not in CARD_UID_DIGITS:
        return None
    if match["between"] != ":" and (_PRINTED_NUMBER.fullmatch(digits) or check_visible_id(visible_id)):
        return None
    return digits


def _standard_of(text: str) -> ContractIdStandard | None:
    if _DIN.fullmatch(text):
        return ContractIdStandard.DIN_SPEC_91286
    if not _ISO.fullmatch(text):
        return None
    instance = canonical_visible_id(text)[5:]
    return ContractIdStandard.EMI3 if instance.startswith("C") else ContractIdStandard.ISO_15118_1


def _din_check_digit(payload: str) -> str:
    """DIN SPEC 91286: A counts 10 and Z 35, written as two digits each; the digit at place n (from 0) weighs
    2**n; the sum modulo 11, with X for 10."""
    total, place = 0, 0
    for character in payload:
        weight, places = _DIN_WEIGHTS[character]
        total += weight << place
        place += places
    return "0123456789X"[total % 11]


def _iso_check_digit(payload: str) -> str:
    """ISO 15118-1 Annex H and eMI3, after Chen, Niemenmaa and Vinck.

    Each character is a pair q modulo 2 and a pair r modulo 3 (0-9A-Z counted as 18*q1 + 9*q2 + 3*r1 + r2).
    The whole ID, check digit included, satisfies sum(q[n] * P**n) = 0 modulo 2 with P = [0 1; 1 1] and
    sum(r[n] * Q**n) = 0 modulo 3 with Q = [0 1; 1 2], n from 1. The sums are taken from the far end, one
    multiplication a character; at place 15, P**15 is 1 and Q**15 is the inverse of Q.
    """
    q1 = q2 = r1 = r2 = 0
    for character in reversed(payload):
        value = _VALUE[character]
        a, b = q1 + value // 18, q2 + value // 9
        c, d = r1 + value // 3, r2 + value
        q1, q2 = b % 2, (a + b) % 2
        r1, r2 = d % 3, (c + 2 * d) % 3
    return _ALPHABET[18 * q1 + 9 * q2 + 3 * (-r2 % 3) + (-r1 - 2 * r2) % 3]


_ALGORITHMS: dict[ContractIdStandard, tuple[int, Callable[[str], str]]] = {
    ContractIdStandard.DIN_SPEC_91286: (11, _din_check_digit),
    ContractIdStandard.ISO_15118_1: (14, _iso_check_digit),
    ContractIdStandard.EMI3: (14, _iso_check_digit),
}


def _likely(text: str, expected: str) -> tuple[str, ...]:
    """A character misread, then two neighbours swapped, then the check digit itself wrong."""
    places = [place for place, character in enumerate(text) if character.isalnum()]
    misread = (_replaced(text, {n: _CONFUSED[text[n]]}) for n in places if text[n] in _CONFUSED)
    swapped = (_replaced(text, {m: text[n], n: text[m]}) for m, n in pairwise(places))
    guesses = [guess for guess in dict.fromkeys(chain(misread, swapped)) if _holds(guess)]
    corrected = _replaced(text, {places[-1]: expected})
    if corrected not in guesses[:_LIKELY_LIMIT]:
        guesses[_LIKELY_LIMIT - 1 :] = [corrected]
    return tuple(guesses[:_LIKELY_LIMIT])


def _replaced(text: str, characters: dict[int, str]) -> str:
    return "".join(characters.get(place, character) for place, character in enumerate(text))


def _holds(text: str) -> bool:
    standard = _standard_of(text)
    if standard is None:
        return False
    payload_length, digit_of = _ALGORITHMS[standard]
    characters = canonical_visible_id(text)
    return digit_of(characters[:payload_length]) == characters[payload_length:]
