"""Keys and certificates as files of the data folder: written whole or not at all, readable by this account only."""

import os
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.domain.errors import AppError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def write_key(path: Path, key: PrivateKey) -> None:
    """Keep a private key. Raises OSError."""
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_file(path, pem)


def write_certificate(path: Path, certificate: x509.Certificate) -> None:
    """Keep a certificate. Raises OSError."""
    write_file(path, certificate.public_bytes(serialization.Encoding.PEM))


def read_key(path: Path) -> PrivateKey:
    """Raises AppError `certificates_unusable`."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AppError("certificates_unusable", path=str(path)) from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise AppError("certificates_unusable", path=str(path))
    return key


def read_certificate(path: Path) -> x509.Certificate:
    """Raises AppError `certificates_unusable`."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise AppError("certificates_unusable", path=str(path)) from error


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the certificate, as browsers and stations show it: pairs of hexadecimal digits with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def write_file(path: Path, content: bytes) -> None:
    """Keep a file that is a secret. Raises OSError."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    # Never readable by others, not even for a moment.
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
