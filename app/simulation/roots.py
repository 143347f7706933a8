"""The root certificates that a station trusts (OCPP 1.6 security whitepaper M03 to M05, 2.x M03 to M05)."""

from typing import Any

_MOST = 10


class Roots:
    """Each with what it is for, in the words of the version that the station speaks."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, dict[str, Any]]] = []

    def install(self, kind: str, pem: str) -> str:
        """Trust one more; the InstallCertificateStatus."""
        hashed = _hashed(pem)
        if hashed is None or len(self._kept) >= _MOST:
            return "Rejected"
        if (kind, hashed) not in self._kept:
            self._kept.append((kind, hashed))
        return "Accepted"

    def find(self, kinds: list[str] | None) -> list[tuple[str, dict[str, Any]]]:
        """Those of these kinds, or all: a kind and a CertificateHashData with snake_case names each."""
        return [(kind, hashed) for kind, hashed in self._kept if kinds is None or kind in kinds]

    def delete(self, hashed: dict[str, Any]) -> str:
        """Trust it no longer; the DeleteCertificateStatus."""
        left = [each for each in self._kept if each[1] != hashed]
        found, self._kept = len(left) < len(self._kept), left
        return "Accepted" if found else "NotFound"


def _hashed(pem: str) -> dict[str, Any] | None:
    """None for what is no certificate."""
    # Takes as long to load as all of the rest.
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import ocsp

    try:
        root = x509.load_pem_x509_certificate(pem.encode())
        asked = ocsp.OCSPRequestBuilder().add_certificate(root, root, SHA256()).build()
    except ValueError:
        return None
    return {
        "hash_algorithm": "SHA256",
        "issuer_name_hash": asked.issuer_name_hash.hex(),
        "issuer_key_hash": asked.issuer_key_hash.hex(),
        "serial_number": f"{asked.serial_number:x}",
    }
