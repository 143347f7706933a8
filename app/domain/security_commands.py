"""What a station can be asked about its own security."""

from dataclasses import dataclass, field

from app.domain.commands import Command, Writing
from app.domain.security import RootKind, SecurityProfile, TrustedRoot

#: OCPPInterfaceEnumType: what most stations have, and, from OCPP 2.1 on, whichever leads there.
WIRED = "Wired0"
ANY = "Any"
INTERFACES = frozenset({f"{kind}{number}" for kind in ("Wired", "Wireless") for number in range(4)})


@dataclass(frozen=True, slots=True)
class SetPassword(Command[Writing]):
    """Use another password from the next connection on."""

    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RaiseProfile(Command[Writing]):
    """Come again with a higher security profile, at the address it knows. There is no way back over the air."""

    profile: SecurityProfile


@dataclass(frozen=True, slots=True)
class SetNetwork(Command[None]):
    """Keep in a slot how the server is reached, over which of the station's interfaces, and with which profile."""

    slot: int
    url: str
    profile: SecurityProfile
    interface: str = WIRED


@dataclass(frozen=True, slots=True)
class PreferNetwork(Command[Writing]):
    """Reach the server by these slots, the first one first."""

    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrustRoot(Command[None]):
    """Trust what this root certificate (PEM) has signed: servers, or firmware."""

    certificate: str
    kind: RootKind = RootKind.SERVER


@dataclass(frozen=True, slots=True)
class ReadRoots(Command[tuple[TrustedRoot, ...]]):
    """Which root certificates it trusts; None is of every kind, which OCPP 1.6 cannot ask.

    In 1.6 the answer does not say of which kind they are: it is OTHER.
    """

    kind: RootKind | None = None


@dataclass(frozen=True, slots=True)
class ForgetRoot(Command[None]):
    """Trust this root certificate no longer."""

    root: TrustedRoot


@dataclass(frozen=True, slots=True)
class AskForRequest(Command[None]):
    """Make a new key, and ask to have its certificate signed; the request follows in a message of its own."""


@dataclass(frozen=True, slots=True)
class UseCertificate(Command[None]):
    """Prove itself with this certificate (PEM) from now on."""

    certificate: str
