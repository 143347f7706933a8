"""Making a station's connection more secure, step by step, over the one it has (OCPP 1.6 A01, A02, A05; 2.x B09).

At each step the station goes on with what it has until it has come in with the new: an answer that is lost, a station
that cannot do it, or one that falls back, stays reachable.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from enum import StrEnum
from urllib.parse import quote

from app.bus import Bus
from app.csms.central_system import CentralSystem
from app.domain.commands import ReadVariables, ResetStation, Writing
from app.domain.errors import AppError
from app.domain.events import CertificatesChanged
from app.domain.model import OcppVersion, Registration
from app.domain.security import CertificateState, SecurityProfile, StationCertificate
from app.domain.security_commands import (
    ANY,
    INTERFACES,
    WIRED,
    AskForRequest,
    PreferNetwork,
    RaiseProfile,
    SetNetwork,
    SetPassword,
    TrustRoot,
    UseCertificate,
)
from app.security.credentials import Credentials
from app.security.site_certificates import SiteCertificates
from app.security.station_certificates import StationCertificates
from app.stations import Stations

logger = logging.getLogger(__name__)

#: What the station said no to; anything else that went wrong leaves open whether it heard the question.
_SURELY_NOT = frozenset({"station_refused", "command_not_in_version", "station_queue_full"})
_TOOK_IT = (Writing.ACCEPTED, Writing.REBOOT_REQUIRED)
_PRIORITY = "OCPPCommCtrlr.NetworkConfigurationPriority"
_ACTIVE = "OCPPCommCtrlr.ActiveNetworkProfile"
#: Of OCPP 2.1; some stations of 2.0.1 tell it too.
_INTERFACE = "NetworkConfiguration[{slot}].OcppInterface"


class Raising(StrEnum):
    """How far a station got with a higher profile."""

    TOLD = "told"
    """It was told, and comes again with it."""
    WAITS_FOR_CERTIFICATE = "waits_for_certificate"
    """It was told to ask for a certificate first."""


class Securing:
    def __init__(
        self,
        server: CentralSystem,
        stations: Stations,
        credentials: Credentials,
        certificates: StationCertificates,
        site: SiteCertificates,
        secure_url: Callable[[str], str],
        bus: Bus,
    ) -> None:
        """`secure_url` gives the wss URL for one of this machine's addresses; "" while wss is not served."""
        self._server = server
        self._stations = stations
        self._credentials = credentials
        self._certificates = certificates
        self._site = site
        self._secure_url = secure_url
        self._errands: set[asyncio.Task[None]] = set()
        bus.subscribe(CertificatesChanged, self._certificates_changed)

    async def close(self) -> None:
        """Leave undone what is being done."""
        for errand in tuple(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def give_password(self, station_id: str) -> Writing:
        """Send a connected station a new password, which nobody sees; the one it has works until it has used that.

        Raises AppError `password_refused` when the station does not take it, and those of `carry_out`.
        """
        self._server.reached_at(station_id)
        new = await self._credentials.generate(station_id)
        try:
            said = await self._server.carry_out(station_id, SetPassword(new.password))
        except AppError as error:
            if error.code in _SURELY_NOT:
                await self._credentials.withdraw(station_id, new.id)
            raise
        if said not in _TOOK_IT:
            await self._credentials.withdraw(station_id, new.id)
            raise AppError("password_refused", station_id=station_id, status=said.value)
        return said

    async def raise_profile(self, station_id: str, profile: SecurityProfile) -> Raising:
        """Have a connected station come with a higher profile; it is demanded as soon as it did.

        What the profile stands on is seen to first: a password, the site's certificate, one of its own.
        Raises AppError `profile_not_higher`, `profile_needs_tls`, `profile_refused`, those of `give_password`.
        """
        station = self._stations.require(station_id)
        self._server.reached_at(station_id)
        if profile <= station.security_profile:
            raise AppError("profile_not_higher", station_id=station_id)
        if profile.needs_tls:
            if not self._secure_url("x"):
                raise AppError("profile_needs_tls")
            await self._have_site_trusted(station_id)
        await self._credentials.want_profile(station_id, profile)
        try:
            if profile is SecurityProfile.CERTIFICATE and not self._has_certificate(station_id):
                await self._server.carry_out(station_id, AskForRequest())
                return Raising.WAITS_FOR_CERTIFICATE
            if profile.needs_password and not self._credentials.password_state(station_id).is_set:
                await self.give_password(station_id)
            await self._tell(station_id, profile)
        except AppError:
            # It goes on with what it has. What it heard before it fell silent it may still do: then it is wanted.
            if self._server.proved(station_id) is not None:
                await self._credentials.want_profile(station_id, station.wanted_profile)
            raise
        return Raising.TOLD

    async def trust_site(self, station_id: str) -> None:
        """Send a station the site's certificate. Raises AppError `no_site_certificate`, and those of `carry_out`."""
        await self._server.carry_out(station_id, TrustRoot(self._site.require().pem))

    async def ask_for_request(self, station_id: str) -> None:
        """Have a station ask for a (new) certificate. Raises AppError as `carry_out`."""
        await self._server.carry_out(station_id, AskForRequest())

    async def approve(self, certificate_id: int) -> None:
        """Issue what a station asked for, and send it.

        Raises AppError `certificate_unknown`, `certificate_decided`, `certificates_unusable`, and those of `carry_out`:
        then it is issued all the same, and the station may ask again.
        """
        asked = self._certificates.require(certificate_id)
        # Whom nobody can reach gets nothing issued.
        self._server.reached_at(asked.station_id)
        pem = await self._certificates.issue(certificate_id)
        await self._server.carry_out(asked.station_id, UseCertificate(pem))
        if self._stations.require(asked.station_id).wanted_profile is SecurityProfile.CERTIFICATE:
            await self._tell(asked.station_id, SecurityProfile.CERTIFICATE)

    async def _have_site_trusted(self, station_id: str) -> None:
        try:
            await self.trust_site(station_id)
        except AppError as error:
            # It may have the certificate from its own menu. Without it, it refuses the profile itself (A05.FR.03).
            if error.code not in _SURELY_NOT:
                raise

    async def _tell(self, station_id: str, profile: SecurityProfile) -> None:
        version = self._stations.require(station_id).ocpp_version
        if version is OcppVersion.V16:
            said = await self._server.carry_out(station_id, RaiseProfile(profile))
            # Some know passwords, and no profiles: the password alone makes the first one.
            knows_none = said is Writing.UNKNOWN and profile is SecurityProfile.PASSWORD
            if said not in _TOOK_IT and not knows_none:
                raise AppError("profile_refused", station_id=station_id, status=said.value)
            return
        if profile.needs_tls:
            await self._tell_network(station_id, profile)

    async def _tell_network(self, station_id: str, profile: SecurityProfile) -> None:
        """OCPP 2.x: another network profile first in line, the one it has behind it, and a restart (B09, A05)."""
        first = await self._first_slot(station_id)
        slot = 2 if first == 1 else 1
        url = self._secure_url(self._server.reached_at(station_id))
        interface = await self._interface(station_id, first)
        await self._server.carry_out(station_id, SetNetwork(slot, url, profile, interface))
        said = await self._server.carry_out(station_id, PreferNetwork((slot, first)))
        if said not in _TOOK_IT:
            raise AppError("profile_refused", station_id=station_id, status=said.value)
        await self._server.carry_out(station_id, ResetStation())

    async def _first_slot(self, station_id: str) -> int:
        """The slot of the network profile it came with, as far as it tells; most have one, the first."""
        told = await self._told(station_id, _ACTIVE, _PRIORITY)
        slots = ",".join(told.get(name.casefold(), "") for name in (_ACTIVE, _PRIORITY)).split(",")
        return next((int(slot) for slot in slots if slot.strip().isdecimal()), 1)

    async def _interface(self, station_id: str, slot: int) -> str:
        """The interface it came over, as far as it tells. With another one it would stay away."""
        name = _INTERFACE.format(slot=slot)
        told = (await self._told(station_id, name)).get(name.casefold(), "").strip().casefold()
        is_21 = self._stations.require(station_id).ocpp_version is OcppVersion.V21
        unknown = ANY if is_21 else WIRED
        return next((word for word in (*INTERFACES, unknown) if word.casefold() == told), unknown)

    async def _told(self, station_id: str, *names: str) -> dict[str, str]:
        """Values of these variables by their case-folded names; without those it does not tell."""
        with contextlib.suppress(AppError):
            read = await self._server.carry_out(station_id, ReadVariables(names))
            return {each.name.casefold(): each.value or "" for each in read.variables}
        return {}

    def _has_certificate(self, station_id: str) -> bool:
        return any(each.state is CertificateState.ISSUED for each in self._certificates.of_station(station_id))

    def _certificates_changed(self, event: CertificatesChanged) -> None:
        for certificate in self._certificates.of_station(event.station_id):
            if certificate.state is CertificateState.ASKED and self._is_sure(certificate):
                errand = asyncio.ensure_future(self._approve_by_itself(certificate.id))
                self._errands.add(errand)
                errand.add_done_callback(self._errands.discard)
                return

    def _is_sure(self, certificate: StationCertificate) -> bool:
        """Whether nobody has to look at it; why so few need not, `station_certificates` says."""
        station = self._stations.find(certificate.station_id)
        if station is None or station.registration is not Registration.ACCEPTED:
            return False
        proved = self._server.proved(certificate.station_id)
        chosen = station.wanted_profile is SecurityProfile.CERTIFICATE
        return proved is SecurityProfile.CERTIFICATE or (chosen and proved is SecurityProfile.PASSWORD_OVER_TLS)

    async def _approve_by_itself(self, certificate_id: int) -> None:
        try:
            await self.approve(certificate_id)
        except AppError as error:
            logger.info("A certificate was not sent: %s", error.code)


def secure_url(address: str, port: int, identity: str = "") -> str:
    """`wss://address:port/`, and the station's identity behind it."""
    host = f"[{address}]" if ":" in address else address
    return f"wss://{host}:{port}/{quote(identity, safe='')}"
