"""Keeps the port for wss as the settings, this machine's addresses and the stations' profiles want it to be."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime

from app.bus import Bus
from app.csms.door.doors import Doors
from app.domain.errors import AppError
from app.domain.events import AddressesChanged, CertificatesChanged, SecureDoorChanged, SettingsChanged, StationsChanged
from app.security.credentials import Credentials
from app.security.site_certificates import SiteCertificates
from app.settings import Settings

_SETTINGS = frozenset({"server_tls", "server_tls_port", "server_old_tls", "server_host"})
#: Between a change and what follows from it; several at once are one.
SETTLE_S = 0.2


class SecureDoor:
    """`fault` is the error that keeps it shut, or shut at its own port; "" when all is as it should be."""

    def __init__(
        self,
        doors: Doors,
        site: SiteCertificates,
        credentials: Credentials,
        settings: Settings,
        bus: Bus,
        clock: Callable[[], datetime],
        addresses: Callable[[], Sequence[str]],
    ) -> None:
        self._doors = doors
        self._site = site
        self._credentials = credentials
        self._settings = settings
        self._bus = bus
        self._clock = clock
        self._addresses = addresses
        self.fault: AppError | None = None
        self._host = ""
        self._port: int | None = None
        self._is_open = False
        self._asks = False
        self._busy = asyncio.Lock()
        self._errands: set[asyncio.Task[None]] = set()
        for kind in (SettingsChanged, AddressesChanged, StationsChanged, CertificatesChanged):
            bus.subscribe(kind, self._something_changed)

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return self._doors.tls_port

    async def open(self, host: str, port: int | None = None) -> None:
        """Open it, if the settings say so, and keep it from now on as they say. `port` None is theirs.

        What keeps it shut is no error here, since stations come without TLS too: it stands in `fault`.
        """
        self._host, self._port, self._is_open = host, port, True
        await self.refresh()

    async def close(self) -> None:
        """Follow no change any more; the doors themselves are closed by whoever opened them."""
        self._is_open = False
        for errand in tuple(self._errands):
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def refresh(self, *, renewed: bool = False) -> None:
        """Make it what it has to be. `renewed`: the certificates were made anew elsewhere."""
        async with self._busy:
            if not self._is_open:
                return
            before = (self.port, self.fault)
            self.fault = None
            try:
                await self._follow(renewed=renewed)
            except AppError as error:
                self.fault = error
            if before != (self.port, self.fault) or renewed:
                self._bus.publish(SecureDoorChanged())

    async def _follow(self, *, renewed: bool) -> None:
        if self._settings.server_tls != "yes":
            await self._doors.close_tls()
            return
        renewed |= await self._site.provide(self._addresses(), self._host, self._clock())
        wanted = self._settings.server_tls_port if self._port is None else self._port
        if self.port and wanted and wanted != self.port:
            await self._doors.close_tls()
        asks, old = self._credentials.any_by_certificate(), self._settings.server_old_tls == "yes"
        context = self._site.context(legacy=old, ask_for_certificates=asks)
        self._asks = asks
        await self._doors.open_tls(self._host, wanted, context)

    def _something_changed(self, event: object) -> None:
        if not self._is_open or not self._concerns(event):
            return
        errand = asyncio.ensure_future(self._soon())
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    def _concerns(self, event: object) -> bool:
        if isinstance(event, SettingsChanged):
            return bool(_SETTINGS.intersection(event.keys))
        if self._settings.server_tls != "yes":
            return False
        return isinstance(event, AddressesChanged) or self._credentials.any_by_certificate() is not self._asks

    async def _soon(self) -> None:
        await asyncio.sleep(SETTLE_S)
        with contextlib.suppress(asyncio.CancelledError):
            await self.refresh()
