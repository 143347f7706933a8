"""A root certificate that somebody else gave the operator as a file."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from app.domain.errors import AppError

#: What InstallCertificate can carry (1.6 security whitepaper §5.11, 2.x).
LONGEST = 5_500
_LARGEST_FILE = 100_000


def read(path: Path) -> str:
    """One certificate, PEM or DER, as PEM. Raises AppError `root_unreadable`, `root_not_one`, `root_too_long`."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE)
        certificates = (
            x509.load_pem_x509_certificates(content)
            if b"-----BEGIN" in content
            else [x509.load_der_x509_certificate(content)]
        )
    except (OSError, ValueError) as error:
        raise AppError("root_unreadable", file=path.name) from error
    if len(certificates) != 1:
        raise AppError("root_not_one", file=path.name, count=len(certificates))
    pem = certificates[0].public_bytes(serialization.Encoding.PEM).decode()
    if len(pem) > LONGEST:
        raise AppError("root_too_long", file=path.name, limit=LONGEST)
    return pem
