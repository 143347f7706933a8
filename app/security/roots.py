"""The root certificates inside stations: by which they judge this server, and the firmware they are offered."""

import asyncio
from dataclasses import replace
from pathlib import Path

from app.domain.commands import CarryOut
from app.domain.errors import AppError
from app.domain.security import RootKind, RootOwner, TrustedRoot
from app.domain.security_commands import ForgetRoot, ReadRoots, TrustRoot
from app.security.site_certificates import SiteCertificates


class Roots:
    def __init__(self, site: SiteCertificates, carry_out: CarryOut) -> None:
        self._site = site
        self._carry_out = carry_out

    async def of(self, station_id: str) -> tuple[TrustedRoot, ...]:
        """What a connected station trusts. Raises AppError as `CarryOut` does."""
        try:
            return await self._carry_out(station_id, ReadRoots())
        except AppError as error:
            if error.code != "command_not_in_version":
                raise
        found: list[TrustedRoot] = []
        for kind in (RootKind.SERVER, RootKind.MANUFACTURER):
            roots = await self._carry_out(station_id, ReadRoots(kind))
            found += (replace(root, kind=kind) for root in roots)
        return tuple(found)

    def owner(self, root: TrustedRoot) -> RootOwner:
        """Whose it is, by its serial number, which is drawn from 160 bits."""
        present, earlier = self._site.serial_numbers()
        number = _number(root.serial_number)
        if number is None or number not in (present, earlier):
            return RootOwner.UNKNOWN
        return RootOwner.SITE if number == present else RootOwner.EARLIER_SITE

    async def give(self, station_id: str, file: Path, kind: RootKind) -> None:
        """Have a station trust the root certificate in a file, PEM or DER.

        Raises AppError `certificate_unreadable`, `certificate_not_one`, `certificate_too_long`, and as `CarryOut` does.
        """
        from app.security import given_files

        pem = await asyncio.to_thread(given_files.certificate, file)
        await self._carry_out(station_id, TrustRoot(pem, kind))

    async def forget(self, station_id: str, root: TrustedRoot) -> None:
        """Have a station trust a root certificate no longer.

        Raises AppError `root_is_the_sites` for the one without which it could not come over TLS any more (M04), and as
        `CarryOut` does.
        """
        if self.owner(root) is RootOwner.SITE:
            raise AppError("root_is_the_sites")
        await self._carry_out(station_id, ForgetRoot(root))


def _number(serial_number: str) -> int | None:
    try:
        return int(serial_number.replace(":", ""), 16)
    except ValueError:
        return None
