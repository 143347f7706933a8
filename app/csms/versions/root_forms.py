"""The root certificates that stations trust: OCPP 1.6 (security whitepaper M03 to M05), 2.x (part 2, M03 to M05)."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.csms.reading.repair import Fields
from app.csms.versions.forms import Answer, Form, Forms, accepted, one_of
from app.domain.errors import AppError
from app.domain.security import RootKind, TrustedRoot
from app.domain.security_commands import ForgetRoot, ReadRoots, TrustRoot

_KINDS_16 = {
    RootKind.SERVER: "CentralSystemRootCertificate",
    RootKind.MANUFACTURER: "ManufacturerRootCertificate",
}
_KINDS_2 = _KINDS_16 | {RootKind.SERVER: "CSMSRootCertificate"}
#: A station that has none says so.
_found = one_of(("Accepted", "NotFound"))


def _install(kinds: Mapping[RootKind, str]) -> Any:
    def write(command: TrustRoot) -> dict[str, Any]:
        return {"certificateType": kinds[command.kind], "certificate": command.certificate}

    return write


def _read_16(command: ReadRoots) -> dict[str, Any]:
    if command.kind is None:
        raise AppError("command_not_in_version", command=type(command).__name__)
    return {"certificateType": _KINDS_16[command.kind]}


def _read_2(command: ReadRoots) -> dict[str, Any]:
    return {} if command.kind is None else {"certificateType": [_KINDS_2[command.kind]]}


def _roots_16(answer: Answer) -> tuple[TrustedRoot, ...]:
    _found(answer)
    return _readable(_root(answer.within(each), RootKind.OTHER) for each in answer.items("certificateHashData"))


def _roots_2(answer: Answer) -> tuple[TrustedRoot, ...]:
    _found(answer)
    chains = (answer.within(each) for each in answer.items("certificateHashDataChain"))
    return _readable(_root(chain.inner("certificateHashData"), _kind(chain)) for chain in chains)


def _kind(chain: Fields) -> RootKind:
    word = chain.text("certificateType").strip().casefold()
    return next((kind for kind, name in _KINDS_2.items() if name.casefold() == word), RootKind.OTHER)


def _root(fields: Fields, kind: RootKind) -> TrustedRoot:
    names = ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber")
    return TrustedRoot(kind, *(fields.text(name).strip() for name in names))


def _readable(roots: Iterable[TrustedRoot]) -> tuple[TrustedRoot, ...]:
    """Without a serial number it can be named to nobody."""
    return tuple(root for root in roots if root.serial_number)


def _forget(command: ForgetRoot) -> dict[str, Any]:
    root = command.root
    return {
        # As the station gave it, with the algorithm it chose (M04.FR.07).
        "certificateHashData": {
            "hashAlgorithm": root.hash_algorithm,
            "issuerNameHash": root.issuer_name_hash,
            "issuerKeyHash": root.issuer_key_hash,
            "serialNumber": root.serial_number,
        }
    }


ROOTS_16: Forms = {
    ForgetRoot: Form("DeleteCertificate", _forget, accepted),
    ReadRoots: Form("GetInstalledCertificateIds", _read_16, _roots_16),
    TrustRoot: Form("InstallCertificate", _install(_KINDS_16), accepted),
}
ROOTS_2: Forms = {
    ForgetRoot: Form("DeleteCertificate", _forget, accepted),
    ReadRoots: Form("GetInstalledCertificateIds", _read_2, _roots_2),
    TrustRoot: Form("InstallCertificate", _install(_KINDS_2), accepted),
}
