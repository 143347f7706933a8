"""The files behind the site's certificates. Loading this takes as long as starting the server: only who must does."""

import contextlib
import shutil
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from app.domain.errors import AppError
from app.security import issuing, key_files
from app.security.key_files import PrivateKey

AUTHORITY = "site-authority"
EARLIER_AUTHORITY = "earlier-site-authority.pem"
_ELLIPTIC = "server-ecdsa"
SERVERS = ("server-rsa", _ELLIPTIC)
#: All that is kept: each with its key but the earlier authority, which signs nothing any more.
FILES = (*(f"{name}.{kind}" for name in (AUTHORITY, *SERVERS) for kind in ("pem", "key")), EARLIER_AUTHORITY)
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class SiteCertificate:
    """What there is to know of the certificate that stations have to trust. `names` are those of the server's."""

    fingerprint: str
    pem: str
    valid_until: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A station's certificate, just signed."""

    pem: str
    fingerprint: str
    valid_until: datetime


def key_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


def certificate_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.pem"


def describe(folder: Path) -> SiteCertificate:
    """Raises AppError `certificates_unusable`."""
    authority = _authority(folder)
    server = key_files.read_certificate(certificate_path(folder, SERVERS[0]))
    pem = authority.public_bytes(serialization.Encoding.PEM).decode()
    names = issuing.names_in(server)
    return SiteCertificate(key_files.fingerprint(authority), pem, authority.not_valid_after_utc, names)


def serial_numbers(folder: Path) -> tuple[int | None, int | None]:
    """As `SiteCertificates.serial_numbers`."""
    return _serial_number(certificate_path(folder, AUTHORITY)), _serial_number(folder / EARLIER_AUTHORITY)


def provide(folder: Path, names: tuple[str, ...], now: datetime) -> bool:
    """As `SiteCertificates.provide`. Raises OSError too."""
    if not certificate_path(folder, AUTHORITY).exists():
        renew(folder, names, now)
        return True
    authority, key = _authority(folder), key_files.read_key(key_path(folder, AUTHORITY))
    if key.public_key() != authority.public_key():
        raise AppError("certificates_unusable", path=str(key_path(folder, AUTHORITY)))
    if all(_is_good(folder, name, authority, names, now) for name in SERVERS):
        return False
    _make_servers(folder, authority, key, names, now)
    return True


def renew(folder: Path, names: tuple[str, ...], now: datetime) -> None:
    """As `SiteCertificates.renew`. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    trusted = certificate_path(folder, AUTHORITY)
    with contextlib.suppress(FileNotFoundError):
        # Kept once: stations may still trust it.
        shutil.copy2(trusted, folder / EARLIER_AUTHORITY)
        trusted.unlink()
    key = issuing.authority_key()
    authority = issuing.authority(key, now)
    for name in SERVERS:
        key_path(folder, name).unlink(missing_ok=True)
    key_files.write_key(key_path(folder, AUTHORITY), key)
    _make_servers(folder, authority, key, names, now)
    # Last: where it is, everything is.
    key_files.write_certificate(trusted, authority)


def files(folder: Path) -> dict[str, bytes]:
    """As `SiteCertificates.files`. Raises OSError."""
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


def put_back(folder: Path, kept: Mapping[str, bytes]) -> None:
    """As `SiteCertificates.put_back`. Raises OSError."""
    trusted, key = certificate_path(folder, AUTHORITY), key_path(folder, AUTHORITY)
    if trusted.exists() or not {trusted.name, key.name} <= kept.keys():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # That one last: where it is, everything is.
    for name in (*FILES[1:], FILES[0]):
        if name in kept:
            key_files.write_file(folder / name, kept[name])


def sign(folder: Path, csr: str, name: str, number: int, now: datetime) -> Signed:
    """A station's certificate. Raises AppError `certificates_unusable`."""
    key, authority = key_files.read_key(key_path(folder, AUTHORITY)), _authority(folder)
    signed = issuing.station(issuing.check_request(csr, (name,)), authority, key, number, now)
    pem = signed.public_bytes(serialization.Encoding.PEM).decode()
    return Signed(pem, key_files.fingerprint(signed), signed.not_valid_after_utc)


def own_names(addresses: Iterable[str], host: str = "") -> list[str]:
    """What the server's certificates should be good for: this machine's addresses and names, the likeliest first."""
    name = socket.gethostname()
    local = [name, f"{name}.local"] if "." not in name else [name]
    wanted = dict.fromkeys([host, *addresses, *local, "localhost", "127.0.0.1"])
    return [each for each in wanted if each not in ("", "0.0.0.0", "::", ".local") and _is_name(each)]  # noqa: S104


def _serial_number(path: Path) -> int | None:
    try:
        return key_files.read_certificate(path).serial_number
    except AppError:
        return None


def _authority(folder: Path) -> x509.Certificate:
    return key_files.read_certificate(certificate_path(folder, AUTHORITY))


def _make_servers(
    folder: Path, authority: x509.Certificate, authority_key: PrivateKey, names: tuple[str, ...], now: datetime
) -> None:
    for name in SERVERS:
        path = key_path(folder, name)
        try:
            key = key_files.read_key(path)
        except AppError:
            key = issuing.server_key(elliptic=name == _ELLIPTIC)
            key_files.write_key(path, key)
        certificate = issuing.server(key, authority, authority_key, names, now)
        key_files.write_certificate(certificate_path(folder, name), certificate)


def _is_good(folder: Path, name: str, authority: x509.Certificate, names: tuple[str, ...], now: datetime) -> bool:
    try:
        certificate = key_files.read_certificate(certificate_path(folder, name))
        key = key_files.read_key(key_path(folder, name))
        certificate.verify_directly_issued_by(authority)
    except (AppError, InvalidSignature, ValueError, TypeError):
        return False
    fits = key.public_key() == certificate.public_key() and certificate.not_valid_after_utc > now
    return fits and set(names) <= set(issuing.names_in(certificate))


def _is_name(text: str) -> bool:
    try:
        x509.DNSName(text)
    except ValueError:
        return False
    return len(text) <= _LONGEST_NAME
