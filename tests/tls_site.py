"""A site with certificates, and stations of the outside world that speak TLS to it."""

import asyncio
import datetime
import shutil
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from app.security.site_certificates import FOLDER, SiteCertificates

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def make_certificates(data):
    """Certificates of a site, for copying: making them takes longer than many a test."""
    asyncio.run(SiteCertificates(data).provide(["192.168.1.20"], "", NOW))


async def open_tls(application, certificates, **settings):
    """Have the application serve wss with certificates that were made before; its URL."""
    folder = application.site_certificates.folder
    if not folder.exists():
        shutil.copytree(certificates / FOLDER, folder)
    application.secure_door._addresses = list
    await application.settings.change(server_tls="yes", **settings)
    await application.secure_door.refresh()
    assert application.secure_door.fault is None
    return f"wss://127.0.0.1:{application.secure_door.port}/"


def trusting(application, certificate=None):
    """What a station connects with that was given the site's certificate, and perhaps has one of its own."""
    context = ssl.create_default_context(cadata=application.site_certificates.require().pem)
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context


def station_key(kind="ecdsa"):
    return ec.generate_private_key(ec.SECP256R1()) if kind == "ecdsa" else rsa.generate_private_key(65537, 2048)


def signing_request(key, name, organization="Parkhotel"):
    """The CSR a station sends, PEM."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def files_of(folder: Path, key, pem, name="station"):
    """A certificate and its key where TLS wants them: in files."""
    certificate, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_text(pem)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, key_file


def foreign_certificate(key, name):
    """A certificate that another authority signed for this name, PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, issuer_key = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Elsewhere")]), station_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - datetime.timedelta(days=1000))
        .not_valid_after(NOW + datetime.timedelta(days=1000))
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
