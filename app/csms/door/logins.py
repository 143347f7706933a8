"""Whether a station that knocks is the one it says it is (OCPP 1.6 security whitepaper §2; OCPP 2.0.1 A00).

A right password always gets in. What was right once is recognised without the slow hash, so that 500 stations which
reconnect at once do not cost 500 of them, and so that nobody who tries passwords can keep the true station waiting.
Whoever sends wrong ones waits longer each time, for that station from that address only.
"""

import asyncio
import contextlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from app.csms.door.handshake import RefusedError
from app.domain.errors import AppError
from app.domain.model import KnockCause
from app.domain.security import SecurityProfile
from app.security.credentials import Credentials, KeptPassword, Login
from app.security.passwords import Presented, matches, read_basic
from app.security.station_certificates import StationCertificates

#: Slow hashes at a time: the rest of the machine decides cards.
HASHES_AT_ONCE = 2
FREE_TRIES = 3
SHORTEST_WAIT_S = 0.5
LONGEST_WAIT_S = 4.0
#: Those that may wait behind one that is tried, for one station from one address.
MOST_WAITING = 2
FORGET_AFTER_S = 600.0
PAIRS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Arriving:
    """What a station brings: from where, its Authorization headers, whether over TLS, its certificate (DER)."""

    address: str
    authorization: tuple[str, ...] = ()
    over_tls: bool = False
    certificate: bytes = b""


class _Tries:
    """Wrong passwords for one station from one address."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.waiting = 0
        self.wrong = 0
        self.last_at = time.monotonic()

    @property
    def wait_s(self) -> float:
        """How long until the next one is looked at."""
        if self.wrong < FREE_TRIES:
            return 0.0
        pause = min(LONGEST_WAIT_S, SHORTEST_WAIT_S * 2.0 ** min(self.wrong - FREE_TRIES, 10))
        return self.last_at + pause - time.monotonic()


class Logins:
    def __init__(self, credentials: Credentials, certificates: StationCertificates) -> None:
        self._credentials = credentials
        self._certificates = certificates
        # What a password is recognised by, in this process only: useless to whoever reads it anywhere else.
        self._secret = secrets.token_bytes(32)
        self._recognised: dict[str, bytes] = {}
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    async def admit(self, identity: str, arriving: Arriving) -> SecurityProfile:
        """What the station has proved to be able to; at least what is demanded of it.

        Raises RefusedError with the cause of what is missing or wrong.
        """
        login = self._credentials.login(identity)
        if login is None:
            return SecurityProfile.NONE
        demanded = login.station.security_profile
        if demanded.needs_tls and not arriving.over_tls:
            raise RefusedError(KnockCause.NEEDS_TLS)
        if arriving.certificate and self._certificates.is_good(login.station.station_id, arriving.certificate):
            proved = SecurityProfile.CERTIFICATE
        elif demanded is SecurityProfile.CERTIFICATE:
            own = KnockCause.CERTIFICATE_NOT_ITS_OWN if arriving.certificate else KnockCause.NEEDS_CERTIFICATE
            raise RefusedError(own)
        else:
            proved = await self._by_password(login, arriving)
        wanted = login.station.wanted_profile
        if wanted is not None and proved >= wanted:
            # While the disk takes nothing it stays as it is, and is proved again next time.
            with contextlib.suppress(AppError):
                await self._credentials.proved(login.station.station_id, proved)
        return proved

    async def _by_password(self, login: Login, arriving: Arriving) -> SecurityProfile:
        try:
            await self._check_password(login, arriving)
        except RefusedError:
            # Some stations send a header that nobody asked for.
            if login.station.security_profile is SecurityProfile.NONE:
                return SecurityProfile.NONE
            raise
        return SecurityProfile.PASSWORD_OVER_TLS if arriving.over_tls else SecurityProfile.PASSWORD

    async def _check_password(self, login: Login, arriving: Arriving) -> None:
        station = login.station
        if not login.passwords or not arriving.authorization:
            raise RefusedError(KnockCause.PASSWORD_MISSING)
        presented = read_basic(arriving.authorization[0])
        if presented is None:
            raise RefusedError(KnockCause.PASSWORD_MISSING, "Authorization")
        if not _names(presented.user, station.station_id):
            raise RefusedError(KnockCause.USER_WRONG, presented.user.decode("utf-8", "replace"))
        if not presented.password:
            raise RefusedError(KnockCause.PASSWORD_WRONG, "")
        found = self._recognise(login, presented) or await self._try(login, presented, arriving.address)
        if found is None:
            raise RefusedError(KnockCause.PASSWORD_WRONG)
        self._recognised[station.station_id.casefold()] = self._mark(presented, found)
        if not found.in_use or login.sent_as != presented.form:
            with contextlib.suppress(AppError):
                await self._credentials.used(station.station_id, found.id, presented.form)

    def _recognise(self, login: Login, presented: Presented) -> KeptPassword | None:
        mark = self._recognised.get(login.station.station_id.casefold())
        if mark is None:
            return None
        for password in login.passwords:
            if hmac.compare_digest(mark, self._mark(presented, password)):
                return password
        return None

    def _mark(self, presented: Presented, password: KeptPassword) -> bytes:
        return hmac.digest(self._secret, password.kept.encode() + b"\0" + presented.key, "sha256")

    async def _try(self, login: Login, presented: Presented, address: str) -> KeptPassword | None:
        tries = self._tries_of(address, login.station.station_id.casefold())
        if login.station.security_profile is SecurityProfile.NONE and (tries.waiting or tries.wait_s > 0):
            # It is let in anyway, and nobody has to wait for what changes nothing.
            return None
        async with self._turn(address, login.station.station_id) as tries:
            found = await self._hash(login, presented)
            tries.last_at = time.monotonic()
            tries.wrong = 0 if found else tries.wrong + 1
            return found

    async def _hash(self, login: Login, presented: Presented) -> KeptPassword | None:
        for password in login.passwords:
            async with self._hashing:
                if await asyncio.to_thread(matches, password.kept, presented.key):
                    return password
        return None

    @contextlib.asynccontextmanager
    async def _turn(self, address: str, station_id: str) -> AsyncIterator[_Tries]:
        tries = self._tries_of(address, station_id.casefold())
        if tries.waiting > MOST_WAITING:
            raise RefusedError(KnockCause.TOO_MANY_TRIES)
        tries.waiting += 1
        try:
            async with tries.turn:
                await asyncio.sleep(max(0.0, tries.wait_s))
                yield tries
        finally:
            tries.waiting -= 1

    def _tries_of(self, address: str, key: str) -> _Tries:
        now = time.monotonic()
        tries = self._tries.pop((address, key), None)
        if tries is None or (now - tries.last_at > FORGET_AFTER_S and not tries.waiting):
            tries = _Tries()
        self._tries[address, key] = tries
        while len(self._tries) > PAIRS_KEPT:
            self._tries.popitem(last=False)
        return tries


def _names(user: bytes, station_id: str) -> bool:
    """Whether a user is that station; some send its identity as it stands in the URL, percent-encoded."""
    spellings = {user, unquote_to_bytes(user)}
    return any(each.decode("utf-8", "replace").strip().casefold() == station_id.casefold() for each in spellings)
