"""The X.509 certificates of a site, as values: its authority's, its server's, and its stations' (OCPP 1.6 security
whitepaper §2.6.1).
"""

import contextlib
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.domain.errors import AppError
from app.security.key_files import PrivateKey

#: What a station without a clock takes for the present is later than this, as a rule.
NOT_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
#: The last day that fits the 32 bits in which small devices count seconds.
NOT_AFTER = datetime(2037, 12, 31, tzinfo=UTC)
AT_LEAST = timedelta(days=365 * 10)
_AUTHORITY_BITS, _SERVER_BITS = 3072, 2048
_ORGANIZATION = "Tapdesk"
#: SignCertificate's `csr` has room for so much (OCPP 2.0.1 part 2; the whitepaper has the same).
LONGEST_REQUEST = 5500
LONGEST_NAME = 64
_SMALLEST_RSA, _LARGEST_RSA = 2048, 8192
_SMALLEST_CURVE = 224
_PEM = re.compile("-----BEGIN[^-]*-----(.*?)-----END[^-]*-----", re.DOTALL)
_NO_BASE64 = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A signing request whose signature holds, from a key that is large enough."""

    request: x509.CertificateSigningRequest
    subject: str
    key_kind: str

    @property
    def pem(self) -> str:
        return self.request.public_bytes(serialization.Encoding.PEM).decode()


def check_request(pem: str, may_be_named: Iterable[str]) -> CheckedRequest:
    """What a station asks to have signed. Its common name must be one of those the station may bear, in whatever case.

    Raises AppError `csr_unreadable`, `csr_weak_key`, `csr_wrong_name`.
    """
    if len(pem) > LONGEST_REQUEST:
        raise AppError("csr_unreadable")
    try:
        request = x509.load_pem_x509_csr(_framed(pem).encode())
        public = request.public_key()
        common = [str(name.value) for name in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        key_kind = _key_kind(public)
        valid = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AppError("csr_unreadable") from error
    if not valid:
        raise AppError("csr_unreadable")
    allowed = {name.casefold() for name in may_be_named if name}
    if len(common) != 1 or common[0].strip().casefold() not in allowed:
        raise AppError("csr_wrong_name", subject=", ".join(common)[:LONGEST_NAME])
    return CheckedRequest(request, common[0].strip(), key_kind)


def _framed(pem: str) -> str:
    """Some stations send the lines without what belongs around them, in one, or with line ends spelled out."""
    within = _PEM.search(pem)
    body = _NO_BASE64.sub("", (within[1] if within else pem).replace("\\n", "").replace("\\r", ""))
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n"


def _key_kind(public: object) -> str:
    if isinstance(public, rsa.RSAPublicKey):
        if not _SMALLEST_RSA <= public.key_size <= _LARGEST_RSA:
            raise AppError("csr_weak_key", key=f"RSA {public.key_size}")
        return f"RSA {public.key_size}"
    if isinstance(public, ec.EllipticCurvePublicKey):
        if public.curve.key_size < _SMALLEST_CURVE:
            raise AppError("csr_weak_key", key=public.curve.name)
        return public.curve.name
    raise AppError("csr_weak_key", key=type(public).__name__)


def station(
    checked: CheckedRequest, authority: x509.Certificate, authority_key: PrivateKey, number: int, now: datetime
) -> x509.Certificate:
    """The certificate a station asked for. `number` grows with each: the one that begins last is used (A02.FR.09)."""
    public = checked.request.public_key()
    organization = checked.request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    subject = _subject(checked.subject, str(organization[0].value) if organization else _ORGANIZATION)
    begins = NOT_BEFORE + timedelta(seconds=number)
    return (
        _certificate(subject, authority.subject, public, now, begins)  # type: ignore[arg-type]
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            _usage(digital_signature=True, key_encipherment=isinstance(public, rsa.RSAPublicKey)), critical=True
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(_issued_by(authority), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def authority_key() -> rsa.RSAPrivateKey:
    """A new key for the site's authority. Takes up to some seconds."""
    return rsa.generate_private_key(65537, _AUTHORITY_BITS)


def server_key(*, elliptic: bool) -> PrivateKey:
    """A new key for the server. Takes up to a second."""
    return ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, _SERVER_BITS)


def _last_day(now: datetime) -> datetime:
    return max(NOT_AFTER, now + AT_LEAST)


def authority(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    """The certificate that stations are to trust, signed by itself."""
    subject = _subject(f"Tapdesk site authority {now:%Y-%m-%d %H:%M}")
    public = key.public_key()
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return (
        _certificate(subject, subject, public, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def server(
    key: PrivateKey, authority: x509.Certificate, authority_key: PrivateKey, names: tuple[str, ...], now: datetime
) -> x509.Certificate:
    """A certificate with which the server answers under these addresses and names."""
    public = key.public_key()
    usage = _usage(digital_signature=True, key_encipherment=isinstance(key, rsa.RSAPrivateKey))
    # A00.FR.510: the name by which stations reach the server, for those that look nowhere else.
    subject = _subject(names[0][:LONGEST_NAME] if names else "localhost")
    return (
        _certificate(subject, authority.subject, public, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names or ("localhost",))), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(_issued_by(authority), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    now: datetime,
    begins: datetime = NOT_BEFORE,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(_last_day(now))
    )


def _issued_by(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _subject(common_name: str, organization: str = _ORGANIZATION) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(**used: bool) -> x509.KeyUsage:
    none = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**none | used)


def _alternative_names(names: Iterable[str]) -> list[x509.GeneralName]:
    """Addresses stand there as names too: the libraries of some stations compare with nothing else."""
    found: list[x509.GeneralName] = []
    for name in names:
        with contextlib.suppress(ValueError):
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        found.append(x509.DNSName(name))
    return found


def names_in(certificate: x509.Certificate) -> tuple[str, ...]:
    """The addresses and names that a server's certificate is good for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.get_values_for_type(x509.DNSName))
