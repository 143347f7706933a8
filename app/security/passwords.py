"""A station's password: made, checked when an operator types one, and kept only as a slow hash.

OCPP 1.6 configures it as up to 40 hexadecimal digits, and stations send either the 20 bytes they stand for or the
digits themselves (security whitepaper A00.FR.304); OCPP 2.x has 16 to 40 printable characters (SecurityCtrlr,
BasicAuthPassword). Both wire forms of one key are one password here.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.errors import AppError

SHORTEST = 16
LONGEST = 40
#: What OCPP 1.6 has room for (AuthorizationKey): bytes, each shown as two hexadecimal digits.
KEY_BYTES = 20

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}){16,20}")
_PRINTABLE = re.compile(r"[!-~]+")
_SALT_BYTES = 16
_DIGEST_BYTES = 32
#: RFC 7914's N as a power of two, with r = 8 and p = 1. A generated key has 160 bits, which no guessing reaches,
#: whatever a guess costs; one that somebody chose has to be expensive to guess.
_COST_GENERATED = 10
_COST_CHOSEN = 14
_HIGHEST_COST = 16
_BLOCK = 8
_LONGEST_HEADER = 1024


class PasswordForm(StrEnum):
    """How a station sends a key of hexadecimal digits."""

    BYTES = "bytes"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Presented:
    """What came in an `Authorization: Basic` header (RFC 7617): any bytes, since stations send raw keys."""

    user: bytes
    password: bytes = field(repr=False)

    @property
    def key(self) -> bytes:
        """The password, whichever of its wire forms it came in."""
        return canonical(self.password)

    @property
    def form(self) -> PasswordForm:
        return PasswordForm.TEXT if _PRINTABLE.fullmatch(self.password.decode("latin-1")) else PasswordForm.BYTES


def generate() -> str:
    """A new password that every version of OCPP takes: 20 random bytes as 40 hexadecimal digits."""
    return secrets.token_hex(KEY_BYTES).upper()


def clean_password(text: str) -> str:
    """A password as an operator typed it, if stations of every version can have it.

    Raises AppError `password_length`, `password_characters`.
    """
    cleaned = text.strip()
    if not SHORTEST <= len(cleaned) <= LONGEST:
        raise AppError("password_length", shortest=SHORTEST, longest=LONGEST)
    if not _PRINTABLE.fullmatch(cleaned):
        raise AppError("password_characters")
    return cleaned


def is_key(password: str) -> bool:
    """Whether OCPP 1.6 stations take it: hexadecimal digits for 16 to 20 bytes."""
    return _HEX.fullmatch(password.encode()) is not None


def canonical(password: bytes) -> bytes:
    """The bytes a key stands for, when it is spelled in hexadecimal digits; any other password as it is."""
    return bytes.fromhex(password.decode()) if _HEX.fullmatch(password) else password


def hashed(password: str, *, generated: bool = False) -> str:
    """The password as it is kept: `scrypt:cost:salt:digest`. Takes a twentieth of a second, a generated one less."""
    cost = _COST_GENERATED if generated else _COST_CHOSEN
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _digest(canonical(password.encode()), salt, cost)
    return f"scrypt:{cost}:{salt.hex()}:{digest.hex()}"


def matches(kept: str, key: bytes) -> bool:
    """Whether a key (`Presented.key`) is the password kept so. Takes as long as `hashed`."""
    try:
        scheme, cost, salt, digest = kept.split(":")
        if scheme != "scrypt" or not 1 <= int(cost) <= _HIGHEST_COST or not key:
            return False
        return hmac.compare_digest(_digest(key, bytes.fromhex(salt), int(cost)), bytes.fromhex(digest))
    except ValueError:
        return False


def read_basic(header: str) -> Presented | None:
    """User and password of an Authorization header; None when it is not one of Basic that can be read."""
    scheme, _, encoded = header.strip().partition(" ")
    if scheme.lower() != "basic" or len(encoded) > _LONGEST_HEADER:
        return None
    encoded = encoded.strip()
    try:
        # Some leave the padding out.
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(b":")
    return Presented(user, password) if colon else None


def _digest(key: bytes, salt: bytes, cost: int) -> bytes:
    # As it stands, a key and the same with zeros behind it would be one (RFC 2104 §2).
    key = hashlib.sha256(key).digest()
    return hashlib.scrypt(key, salt=salt, n=2**cost, r=_BLOCK, p=1, maxmem=2**28, dklen=_DIGEST_BYTES)
