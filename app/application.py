"""Tapdesk without its face: builds every part, owns it, and is the one object that the window and the commands hold."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.alarms import Alarms
from app.bus import Bus
from app.capturing import Capturing
from app.configuration import Configuration, WriteOutcome, Written
from app.csms.central_system import CentralSystem
from app.csms.door.logins import Logins
from app.csms.door.secure_door import SecureDoor
from app.csms.lists.push import ListPush
from app.csms.lists.sync import ListSync
from app.csms.securing import Raising, Securing, secure_url
from app.csms.use_cases import UseCases
from app.csms.versions.list_forms import LIST_PAYLOADS
from app.database.enclosed import enclosed, forget_enclosed
from app.database.store import Store
from app.domain.commands import Command, Result
from app.domain.errors import AppError
from app.domain.events import StorageFailed, StorageRecovered
from app.domain.model import Registration, Station
from app.domain.transfers import PROTOCOL_VARIABLES
from app.exchange.exporter import Exporter
from app.exchange.importer import Importer, ImportJob, ImportRecord, PlannedImport
from app.exchange.list_files import ListFiles
from app.exchange.tables import Sheet, Workbook
from app.explanations import Effect, Explanations, PassAnswer, StationAnswer
from app.habits import Habits, StationHabits
from app.history import History
from app.identities import Identities, IdentitySummary
from app.journal import Journal, MessageFilter
from app.lid import CardTests, Doorkeeping, Lid, SetRight, SettingsWritten, StationLid
from app.local_lists import LocalLists
from app.mail import Mail
from app.members import Member, Members
from app.network import addresses, websocket_url
from app.organizations import Organizations, OrganizationSummary
from app.passes import Passes, PassSummary, SeenForm, Suggestion
from app.pins import PinDraft, Pins
from app.pools import Pools, PoolSummary
from app.repairs import Repair, Repairs
from app.reports import Reports
from app.requests import Requests
from app.reservations import Reservation, Reservations
from app.security.credentials import Credentials
from app.security.roots import Roots
from app.security.site_certificates import SiteCertificates
from app.security.station_certificates import StationCertificates
from app.sessions import DayEnergy, Sessions
from app.settings import Settings
from app.stations import Stations
from app.surroundings import Surroundings, TimeTold
from app.taps import Taps, Verdict
from app.transfers import SignatureFiles, Transfers
from app.undo import Undo

# What the parts hand out, so that whoever holds the Application needs to know no part by its module.
__all__ = [
    "Application",
    "DayEnergy",
    "Effect",
    "Habits",
    "IdentitySummary",
    "ImportJob",
    "ImportRecord",
    "Member",
    "MessageFilter",
    "OrganizationSummary",
    "PassAnswer",
    "PassSummary",
    "PinDraft",
    "PlannedImport",
    "PoolSummary",
    "Raising",
    "Repair",
    "Reservation",
    "SeenForm",
    "SetRight",
    "SettingsWritten",
    "Sheet",
    "SignatureFiles",
    "StationAnswer",
    "StationLid",
    "Suggestion",
    "Undo",
    "Verdict",
    "Workbook",
    "WriteOutcome",
    "Written",
    "utc_now",
]

WATCH_DISK_EVERY_S = 1.0
_THIS_COMPUTER = ("127.0.0.1", "::1")
BACKUPS = "backups"
BACKUPS_KEPT = 10
DIAGNOSTICS = "diagnostics"
PURGE_EVERY_S = 6 * 3600.0
SETTLE_EVERY_S = 30.0


def utc_now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


class Application:
    """One site. Build it on a data folder's database, `await start()` to serve stations, `await stop()` at the end."""

    def __init__(self, database: Path, *, clock: Callable[[], datetime] = utc_now, read_only: bool = False) -> None:
        """Without `start` it can be read and changed, but serves no station.

        Raises AppError as `Store` does, and `certificates_not_written` of those in a backup that is opened.
        """
        self.clock = clock
        self.bus = Bus()
        self.store = Store(database, read_only=read_only)
        self.settings = Settings(self.store, self.bus)
        self.journal = Journal(self.store, self.bus)
        self.stations = Stations(self.store, self.bus, clock)
        self.credentials = Credentials(self.store, self.bus, clock)
        self.site_certificates = SiteCertificates(database.parent)
        if not read_only:
            self._take_out_certificates()
        self.certificates = StationCertificates(self.store, self.bus, clock, self.site_certificates)
        self.roots = Roots(self.site_certificates, self.carry_out)
        self.organizations = Organizations(self.store, self.bus, clock)
        self.pools = Pools(self.store, self.bus, clock)
        self.members = Members(self.store, self.bus, clock)
        self.pins = Pins(self.store, self.bus, clock)
        self.identities = Identities(self.store, self.bus, clock)
        self.passes = Passes(self.store, self.bus, clock)
        self.sessions = Sessions(self.store, self.bus, clock)
        self.reports = Reports(self.store, clock)
        self.history = History(self.store)
        self.taps = Taps(self.store, self.journal, self.pins, self.settings, clock)
        self.explanations = Explanations(self.store, self.taps, self.pins, clock)
        self.capturing = Capturing(self.store, self.bus, self.passes, clock)
        self.importer = Importer(self.store, self.bus, clock, self._back_up_before_import)
        self.exporter = Exporter(self.store, self.journal, clock)
        self.mail = Mail(self.store, self.bus, self.settings, clock)
        self.requests = Requests(self.store, self.bus, self.mail, clock, self.capturing.hears)
        self.habits = StationHabits(self.store, self.bus)
        self.repairs = Repairs(self.store, self.bus)
        self.alarms = Alarms(self.store, self.bus)
        self.surroundings = Surroundings(self.bus, utc_now, addresses)
        self.configuration = Configuration(self.store, self.bus, clock, self.carry_out)
        self.transfers = Transfers(
            database.parent / DIAGNOSTICS,
            self.bus,
            clock,
            self.carry_out,
            address_for=lambda station_id: self.server.reached_at(station_id),
            port=lambda: self.settings.file_port,
            protocols=self._file_protocols,
        )
        self.reservations = Reservations(
            self.store,
            self.bus,
            self.stations,
            self.taps,
            clock,
            self.carry_out,
            connected=lambda station_id: self.server.last_heard(station_id) is not None,
        )
        use_cases = UseCases(
            self.stations,
            self.taps,
            self.sessions,
            self.settings,
            self.habits,
            self.configuration,
            self.transfers,
            self.certificates,
            self.reservations,
            clock,
            TimeTold(clock),
        )
        logins = Logins(self.credentials, self.certificates)
        self.server = CentralSystem(
            self.stations,
            self.habits,
            use_cases,
            self.journal,
            self.settings,
            logins,
            self.bus,
            clock,
            self.alarms.kept(),
        )
        self.local_lists = LocalLists(self.store, self.bus, self.stations, clock)
        push = ListPush(self.local_lists, self.configuration, self.server.ask_by_itself, clock)
        self.list_files = ListFiles(self.local_lists, self.passes, LIST_PAYLOADS)
        self._list_sync = ListSync(self.local_lists, push, self.bus, clock)
        self.secure_door = SecureDoor(
            self.server.doors, self.site_certificates, self.credentials, self.settings, self.bus, clock, addresses
        )
        self.securing = Securing(
            self.server,
            self.stations,
            self.credentials,
            self.certificates,
            self.site_certificates,
            self._secure_url,
            self.bus,
        )
        doorkeeping = Doorkeeping(
            self.server.shut_out,
            self.server.let_in,
            clock_ahead=lambda station_id: self.server.behaviour(station_id).clock_ahead,
            connected=lambda station_id: self.server.last_heard(station_id) is not None,
        )
        tests = CardTests(self.store, self.bus, clock, self.stations, self.configuration, doorkeeping)
        self.lid = Lid(
            self.store,
            self.bus,
            self.stations,
            self.pools,
            self.configuration,
            self.local_lists,
            tests,
            self.server.ask_by_itself,
            clock,
        )
        self.disk_fault = ""
        self._chores: list[asyncio.Task[None]] = []

    def _take_out_certificates(self) -> None:
        """Where the database was a backup, those that are in it."""
        files = enclosed(self.store.reader)
        if not files:
            return
        try:
            self.site_certificates.put_back(files)
        except AppError:
            self.store.close()
            raise
        self.store.submit(forget_enclosed)

    def _file_protocols(self, station_id: str) -> str | None:
        found = (self.configuration.find(station_id, name) for name in PROTOCOL_VARIABLES)
        return next((variable.value for variable in found if variable and variable.value), None)

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
        # Where any port will do for ws, it will for wss.
        await self.secure_door.open(host, None if port else 0)
        chores = (
            *(self._watch_disk(), self._purge(), self._settle_requests()),
            *(self.repairs.run(), self.surroundings.run(), self._list_sync.run()),
        )
        self._chores = [asyncio.create_task(chore) for chore in chores]
        self.mail.start()

    async def stop(self) -> None:
        """Stop serving, write what waits, close the database."""
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        await self.lid.close()
        await self.transfers.close()
        await self.secure_door.close()
        await self.securing.close()
        await self.server.stop()
        await self.mail.stop()
        await self.capturing.close()
        await self.requests.close()
        await self.journal.close()
        with contextlib.suppress(AppError):
            await self.repairs.flush()
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Close the database of a site that was never started. It blocks."""
        self.local_lists.close()
        self.store.close()

    async def carry_out(self, station_id: str, command: Command[Result]) -> Result:
        """Ask a station to do something; the result is what its answer comes down to. Raises AppError as `CarryOut`."""
        return await self.server.carry_out(station_id, command)

    async def back_up(self, target: Path) -> None:
        """Write a complete copy of the site to `target`, whole or not at all, readable by this account only.

        The site's certificates with their private keys are in it: a folder with this as its database has them again.
        Raises AppError `backup_onto_itself`, `backup_not_written`, `backup_damaged`, `certificates_unusable`; then
        there is no copy.
        """
        await self._copy_to(target, await self.site_certificates.files())

    async def _copy_to(self, target: Path, files: Mapping[str, bytes]) -> None:
        with contextlib.suppress(AppError):
            await self.journal.flush()
        await asyncio.to_thread(self.store.back_up, target, files)

    async def _back_up_before_import(self) -> None:
        """Beside the database, the last few of them; the certificates are there anyway."""
        folder = self.store.path.parent / BACKUPS
        await asyncio.to_thread(folder.mkdir, mode=0o700, exist_ok=True)
        await self._copy_to(folder / f"before-import-{self.clock():%Y%m%d-%H%M%S-%f}.db", {})
        await asyncio.to_thread(_keep_newest, folder)

    def own_addresses(self) -> list[str]:
        """This machine's addresses on the site's network, the likeliest for stations first."""
        return addresses()

    def station_urls(self, host: str) -> list[str]:
        """What to type into a station: an URL for each address of this machine, the likeliest first.

        A server that listens on one address only (`host` not empty) has that one. The station's identity follows it.
        """
        hosts = [host] if host not in ("", "0.0.0.0", "::") else addresses() or ["127.0.0.1"]  # noqa: S104
        return [websocket_url(address, self.server.port) for address in hosts]

    def secure_urls(self, host: str) -> list[str]:
        """As `station_urls`, for wss; none while it is not served."""
        if not self.secure_door.port:
            return []
        hosts = [host] if host not in ("", "0.0.0.0", "::") else addresses() or ["127.0.0.1"]  # noqa: S104
        return [secure_url(address, self.secure_door.port) for address in hosts]

    async def renew_site_certificate(self) -> None:
        """Make all certificates of the site anew; no station trusts it before it has been given the new one.

        Raises AppError `certificates_not_written`.
        """
        await self.site_certificates.renew(addresses(), self.settings.server_host, self.clock())
        await self.secure_door.refresh(renewed=True)

    def _secure_url(self, address: str) -> str:
        return secure_url(address, self.secure_door.port) if self.secure_door.port else ""

    def stations_astray(self) -> list[tuple[Station, str]]:
        """Stations that are away and were set to an address this computer does not have any more, each with that one.

        They may need the new one. A station that was set to a name finds its way by itself, and is soon back.
        """
        habits, here = self.habits.all(), {*self.surroundings.addresses, *_THIS_COMPUTER, ""}
        away = [station for station in self.stations.all() if station.station_id not in self.server.connected]
        found = [(station, habits.get(station.station_id.casefold(), Habits()).reached_at) for station in away]
        accepted = Registration.ACCEPTED
        return [(station, at) for station, at in found if station.registration is accepted and at not in here]

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
                await self.repairs.forget(self.clock() - timedelta(days=self.settings.log_retention_days))
                await self.mail.forget_old()
            await asyncio.sleep(PURGE_EVERY_S)

    async def _settle_requests(self) -> None:
        while True:
            with contextlib.suppress(AppError):
                await self.requests.settle()
            await asyncio.sleep(SETTLE_EVERY_S)


def _keep_newest(folder: Path) -> None:
    for old in sorted(folder.glob("before-import-*.db"))[:-BACKUPS_KEPT]:
        old.unlink(missing_ok=True)
