"""Tapdesk without its face: builds every part, owns it, and is the one object that the window and the commands hold."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.bus import Bus
from app.csms.central_system import CentralSystem
from app.csms.use_cases import UseCases
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import StorageFailed, StorageRecovered
from app.identities import Identities, IdentitySummary
from app.journal import Journal, MessageFilter
from app.network import addresses, websocket_url
from app.passes import Passes, PassSummary, SeenForm, Suggestion
from app.pools import Member, Pools, PoolSummary
from app.sessions import DayEnergy, Sessions
from app.settings import Settings
from app.stations import Stations
from app.taps import Taps, Verdict
from app.undo import Undo

# What the parts hand out, so that whoever holds the Application needs to know no part by its module.
__all__ = [
    "Application",
    "DayEnergy",
    "IdentitySummary",
    "Member",
    "MessageFilter",
    "PassSummary",
    "PoolSummary",
    "SeenForm",
    "Suggestion",
    "Undo",
    "Verdict",
    "utc_now",
]

WATCH_DISK_EVERY_S = 1.0
PURGE_EVERY_S = 6 * 3600.0


def utc_now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


class Application:
    """One site. Build it on a data folder's database, `await start()` to serve stations, `await stop()` at the end."""

    def __init__(self, database: Path, *, clock: Callable[[], datetime] = utc_now, read_only: bool = False) -> None:
        """Raises AppError as `Store` does. Without `start` it can be read and changed, but serves no station."""
        self.clock = clock
        self.bus = Bus()
        self.store = Store(database, read_only=read_only)
        self.settings = Settings(self.store, self.bus)
        self.journal = Journal(self.store, self.bus)
        self.stations = Stations(self.store, self.bus, clock)
        self.pools = Pools(self.store, self.bus, clock)
        self.identities = Identities(self.store, self.bus, clock)
        self.passes = Passes(self.store, self.bus, clock)
        self.sessions = Sessions(self.store, self.bus, clock)
        self.taps = Taps(self.store, self.journal, self.settings, clock)
        use_cases = UseCases(self.stations, self.taps, self.sessions, self.settings, clock)
        self.server = CentralSystem(self.stations, use_cases, self.journal, self.settings, self.bus, clock)
        self.disk_fault = ""
        self._chores: list[asyncio.Task[None]] = []

    async def listen(self, host: str | None, port: int | None, *, any_port: bool = False) -> None:
        """Serve stations; None is what the settings say. With `any_port` another will do when that port is taken.

        Raises AppError as `start` does.
        """
        wanted_host = self.settings.server_host if host is None else host
        try:
            await self.start(wanted_host, self.settings.server_port if port is None else port)
        except AppError as error:
            if error.code != "port_taken" or not any_port:
                raise
            await self.start(wanted_host, 0)

    async def start(self, host: str, port: int) -> None:
        """Serve stations. Raises AppError `port_taken` and the others of `CentralSystem.start`."""
        await self.server.start(host, port)
        self._chores = [asyncio.create_task(self._watch_disk()), asyncio.create_task(self._purge())]

    async def stop(self) -> None:
        """Stop serving, write what waits, close the database."""
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self.server.stop()
        await self.journal.close()
        await asyncio.to_thread(self.store.close)

    async def back_up(self, target: Path) -> None:
        """Write a complete copy of the site to `target`, whole or not at all.

        Raises AppError `backup_onto_itself`, `backup_not_written`, `backup_damaged`; then there is no copy.
        """
        with contextlib.suppress(AppError):
            await self.journal.flush()
        await asyncio.to_thread(self.store.back_up, target)

    def own_addresses(self) -> list[str]:
        """This machine's addresses on the site's network, the likeliest for stations first."""
        return addresses()

    def station_urls(self, host: str) -> list[str]:
        """What to type into a station: an URL for each address of this machine, the likeliest first.

        A server that listens on one address only (`host` not empty) has that one. The station's identity follows it.
        """
        hosts = [host] if host not in ("", "0.0.0.0", "::") else addresses() or ["127.0.0.1"]  # noqa: S104
        return [websocket_url(address, self.server.port) for address in hosts]

    async def _watch_disk(self) -> None:
        """Tell when the disk stops or begins again to take what is written; ask it while it does not."""
        while True:
            await asyncio.sleep(WATCH_DISK_EVERY_S)
            if self.disk_fault:
                with contextlib.suppress(AppError):
                    await self.store.probe()
            if self.store.fault != self.disk_fault:
                self.disk_fault = self.store.fault
                self.bus.publish(StorageFailed(self.disk_fault) if self.disk_fault else StorageRecovered())

    async def _purge(self) -> None:
        while True:
            with contextlib.suppress(AppError):
                await self.journal.purge(self.clock(), self.settings.log_retention_days)
            await asyncio.sleep(PURGE_EVERY_S)
