"""Files that somebody else gave the operator: certificates, and signatures of firmware."""

import base64
import binascii
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from app.domain.errors import AppError

#: What InstallCertificate and a FirmwareType can carry (1.6 security whitepaper §5.11, §6.7; 2.x).
LONGEST_CERTIFICATE, LONGEST_SIGNATURE = 5_500, 800
_LARGEST_FILE = 100_000


def certificate(path: Path) -> str:
    """One certificate, PEM or DER, as PEM.

    Raises AppError `certificate_unreadable`, `certificate_not_one`, `certificate_too_long`.
    """
    try:
        content = _content(path)
        found = (
            x509.load_pem_x509_certificates(content)
            if b"-----BEGIN" in content
            else [x509.load_der_x509_certificate(content)]
        )
    except (OSError, ValueError) as error:
        raise AppError("certificate_unreadable", file=path.name) from error
    if len(found) != 1:
        raise AppError("certificate_not_one", file=path.name, count=len(found))
    pem = found[0].public_bytes(serialization.Encoding.PEM).decode()
    if len(pem) > LONGEST_CERTIFICATE:
        raise AppError("certificate_too_long", file=path.name, limit=LONGEST_CERTIFICATE)
    return pem


def signature(path: Path) -> str:
    """A signature, in base64 or as bytes, as base64. Raises AppError `signature_unreadable`."""
    try:
        content = _content(path)
        text = base64.b64encode(content).decode() if not content.isascii() else _base64(content.decode())
    except (OSError, binascii.Error) as error:
        raise AppError("signature_unreadable", file=path.name) from error
    if not 0 < len(text) <= LONGEST_SIGNATURE:
        raise AppError("signature_unreadable", file=path.name)
    return text


def _base64(text: str) -> str:
    """Without the lines around it and the ends of lines in it. Raises binascii.Error."""
    joined = "".join("".join(line.split()) for line in text.splitlines() if not line.startswith("-----"))
    base64.b64decode(joined, validate=True)
    return joined


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST_FILE)
