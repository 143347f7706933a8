"""How a station proves who it is, and how the line is kept private (OCPP security profiles)."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class SecurityProfile(IntEnum):
    """What a station must bring at least (OCPP 1.6 security whitepaper §2; OCPP 2.0.1 part 2, A00)."""

    NONE = 0
    PASSWORD = 1
    PASSWORD_OVER_TLS = 2
    CERTIFICATE = 3

    @property
    def needs_tls(self) -> bool:
        return self >= SecurityProfile.PASSWORD_OVER_TLS

    @property
    def needs_password(self) -> bool:
        return self in (SecurityProfile.PASSWORD, SecurityProfile.PASSWORD_OVER_TLS)


class CertificateState(StrEnum):
    """What became of a station's wish for a certificate."""

    ASKED = "asked"  # waits for the operator
    ISSUED = "issued"
    REFUSED = "refused"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class StationCertificate:
    """A certificate that a station asked for (SignCertificate), with `fingerprint` (SHA-256) once there is one."""

    id: int
    station_id: str
    subject: str
    key_kind: str
    state: CertificateState
    asked_at: datetime
    decided_at: datetime | None = None
    valid_until: datetime | None = None
    fingerprint: str = ""


class RootKind(StrEnum):
    """For what a station trusts a root certificate."""

    SERVER = "server"
    MANUFACTURER = "manufacturer"  # signs its firmware
    OTHER = "other"  # vehicles and their contracts (2.x)


class RootOwner(StrEnum):
    """Whose root certificate it is, as far as this site can tell."""

    SITE = "site"
    EARLIER_SITE = "earlier_site"  # before the site's certificate was made anew
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TrustedRoot:
    """A root certificate inside a station, as it names it (CertificateHashDataType): hashes and number in hex."""

    kind: RootKind
    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class PasswordState:
    """What is known of a station's password: never the password itself.

    `waiting`: a newer one was set that the station has not used yet; until then the earlier one works too.
    `sent_as`: "bytes" or "text", how the station sends it; "" when it never did.
    """

    is_set: bool = False
    waiting: bool = False
    set_at: datetime | None = None
    sent_as: str = ""
