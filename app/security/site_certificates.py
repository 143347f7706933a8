"""The site's own certificate authority, and the server certificates it signs (OCPP 1.6 security whitepaper §2.6).

A station trusts the site by one file, the authority's certificate, which changes only when an operator wants a new one.
The server's certificates name the addresses of this machine and are renewed when those change; there is one for RSA
and one for elliptic curves, because stations need know only one of them (A00.FR.317).
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.domain.errors import AppError

if TYPE_CHECKING:
    from app.security.authority_files import SiteCertificate

Done = TypeVar("Done")

#: The four suites that OCPP asks for (A00.FR.317), two of which Python leaves out by itself, and their successors.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:AES128-GCM-SHA256:AES256-GCM-SHA384"
#: A00.FR.324, for stations that know nothing better; signatures of that time need the lower level too.
LEGACY_CIPHERS = f"{CIPHERS}:AES128-SHA:@SECLEVEL=0"
FOLDER = "certificates"
EXPORTED = "tapdesk-site-certificate"


class SiteCertificates:
    """The certificates of one data folder. Making them takes up to a few seconds, and is done in a thread.

    What this stands on takes as long to load as the whole server to start, so it is loaded with the first certificate.
    """

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER
        self._making = asyncio.Lock()

    def describe(self) -> "SiteCertificate | None":
        """The certificate that stations trust; None while there is none. Raises AppError `certificates_unusable`."""
        from app.security import authority_files

        if not authority_files.certificate_path(self.folder, authority_files.AUTHORITY).exists():
            return None
        return authority_files.describe(self.folder)

    def require(self) -> "SiteCertificate":
        """Raises AppError `no_site_certificate`, `certificates_unusable`."""
        certificate = self.describe()
        if certificate is None:
            raise AppError("no_site_certificate")
        return certificate

    def serial_numbers(self) -> tuple[int | None, int | None]:
        """Of the certificate that stations trust, and of the one before it; None where there is none to be read."""
        if not self.folder.exists():
            return None, None
        from app.security import authority_files

        return authority_files.serial_numbers(self.folder)

    async def provide(self, addresses: Iterable[str], host: str, now: datetime) -> bool:
        """See to it that there are certificates for these addresses, a name of this machine, and what it is called.

        True when those of the server were made or made anew. Raises AppError `certificates_unusable` when what is there
        cannot be read: a new authority would lock every station out, so none is made by itself. And
        `certificates_not_written`.
        """
        async with self._making:
            from app.security import authority_files

            names = tuple(authority_files.own_names(addresses, host))
            return await _in_a_thread(lambda: authority_files.provide(self.folder, names, now))

    async def renew(self, addresses: Iterable[str], host: str, now: datetime) -> None:
        """Make everything anew. No station trusts it before it has been given the new certificate.

        Raises AppError `certificates_not_written`.
        """
        async with self._making:
            from app.security import authority_files

            names = tuple(authority_files.own_names(addresses, host))
            await _in_a_thread(lambda: authority_files.renew(self.folder, names, now))

    async def files(self) -> dict[str, bytes]:
        """All of it by name, with the private keys, for a backup; none while there is none.

        Raises AppError `certificates_unusable`.
        """
        if not self.folder.exists():
            return {}
        from app.security import authority_files

        try:
            return await asyncio.to_thread(authority_files.files, self.folder)
        except OSError as error:
            raise AppError("certificates_unusable", path=str(self.folder)) from error

    def put_back(self, files: Mapping[str, bytes]) -> None:
        """Make everything be as in a backup, so that stations go on trusting the site; what is here already stays.

        Raises AppError `certificates_not_written`.
        """
        if not files:
            return
        from app.security import authority_files

        try:
            authority_files.put_back(self.folder, files)
        except OSError as error:
            raise AppError("certificates_not_written", why=error.strerror or str(error)) from error

    async def export(self, target: Path) -> list[Path]:
        """Write the site's certificate for stations, as .pem and as .crt, which are the same text.

        Raises AppError `no_site_certificate`, `certificates_unusable`, `certificates_not_written`.
        """
        pem = self.require().pem

        def write() -> list[Path]:
            target.mkdir(parents=True, exist_ok=True)
            written = [target / f"{EXPORTED}{ending}" for ending in (".pem", ".crt")]
            for path in written:
                path.write_text(pem, encoding="ascii")
            return written

        return await _in_a_thread(write)

    def context(self, *, legacy: bool, ask_for_certificates: bool) -> ssl.SSLContext:
        """What TLS connections are served with: version 1.2 at least, or with `legacy` also 1.0 and 1.1.

        With `ask_for_certificates` a station may show one of this site's, and no other.
        Raises AppError `certificates_unusable`.
        """
        from app.security import authority_files

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Naming 1.0 itself is deprecated; below it there is only what OpenSSL is built without.
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED if legacy else ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_SSLv3 | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
        context.set_ciphers(LEGACY_CIPHERS if legacy else CIPHERS)
        paths = [authority_files.certificate_path(self.folder, name) for name in authority_files.SERVERS]
        trusted = authority_files.certificate_path(self.folder, authority_files.AUTHORITY)
        try:
            for path, name in zip(paths, authority_files.SERVERS, strict=True):
                context.load_cert_chain(path, authority_files.key_path(self.folder, name))
            if ask_for_certificates:
                context.load_verify_locations(cafile=trusted)
                context.verify_mode = ssl.CERT_OPTIONAL
        except (OSError, ValueError) as error:
            raise AppError("certificates_unusable", path=str(self.folder)) from error
        return context


async def _in_a_thread(do: Callable[[], Done]) -> Done:
    try:
        return await asyncio.to_thread(do)
    except OSError as error:
        raise AppError("certificates_not_written", why=error.strerror or str(error)) from error
