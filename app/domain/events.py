"""What happened, in the past tense. Published after the commit, with what a view needs to decide whether to look."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.model import Knock, Message, Session, Tap
from app.domain.transfers import Transfer


@dataclass(frozen=True, slots=True)
class ServerStarted:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class StationConnected:
    station_id: str


@dataclass(frozen=True, slots=True)
class StationDisconnected:
    station_id: str


@dataclass(frozen=True, slots=True)
class StationsChanged:
    """Stations were accepted, renamed, moved, removed, booted or changed a connector's status."""

    station_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReservationsChanged:
    """A station was asked to keep a connector for a card, or keeps it no longer."""

    station_id: str


@dataclass(frozen=True, slots=True)
class ConfigurationChanged:
    """Variables of a station were read, perhaps with other values than before, or are gone."""

    station_id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardTestChanged:
    """A station is tested with cards while nobody answers it, or was: the test began, moved on, ended or was judged."""

    station_id: str


@dataclass(frozen=True, slots=True)
class TransferChanged:
    """A file between a station and this machine was asked for, moved on, or ended."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class StationBooted:
    """A station said that it started: what it kept in its memory may be gone."""

    station_id: str


@dataclass(frozen=True, slots=True)
class ListConflictReported:
    """A station's own list said otherwise of a card than we did (LocalListConflict, OCPP 1.6 §3.5.2)."""

    station_id: str


@dataclass(frozen=True, slots=True)
class ListRetryAsked:
    """Somebody said that a station's own list is to be tried anew."""

    station_id: str


@dataclass(frozen=True, slots=True)
class LocalListsChanged:
    """Stations' own lists were written, or stand otherwise than before."""

    station_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandshakeRefused:
    """Something knocked and could not be let in."""

    knock: Knock


@dataclass(frozen=True, slots=True)
class CredentialsChanged:
    """A station's password was set, used or forgotten, or a certificate revoked.

    `ends_connection`: what it came in with may be known to others, so it has to come in again.
    """

    station_id: str
    ends_connection: bool = False


@dataclass(frozen=True, slots=True)
class SecureDoorChanged:
    """The port for wss was opened or closed, or what keeps it shut is another thing; or it has new certificates."""


@dataclass(frozen=True, slots=True)
class CertificatesChanged:
    """A station asked for a certificate, or one was issued, refused or revoked."""

    station_id: str


@dataclass(frozen=True, slots=True)
class StationWantsToJoin:
    station_id: str


@dataclass(frozen=True, slots=True)
class PoolsChanged:
    pool_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IdentitiesChanged:
    identity_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PassesChanged:
    pass_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OrganizationsChanged:
    """Organizations came, went or were renamed, or their setting of a pass was changed."""


@dataclass(frozen=True, slots=True)
class RequestsChanged:
    """Requests for access came, were repeated or decided; `pool_ids` are the pools they are about."""

    pool_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    """A letter was written, sent, given up or withdrawn."""


@dataclass(frozen=True, slots=True)
class PinEntryClosed:
    """Too many wrong PINs were typed at a station: until then none is tried there."""

    station_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CardTapped:
    tap: Tap


@dataclass(frozen=True, slots=True)
class CaptureChanged:
    """A card was captured, or what is captured next was changed."""


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """A session started, took meter values or stopped."""

    session: Session


@dataclass(frozen=True, slots=True)
class SessionRemoved:
    """A session turned out to be the end of another one, which has it now."""

    session_id: int


@dataclass(frozen=True, slots=True)
class MessageLogged:
    """A message passed, or an earlier one (same id) got its answer."""

    message: Message


@dataclass(frozen=True, slots=True)
class StorageFailed:
    """The disk does not take what we write; `code` says why. Known cards are still decided."""

    code: str


@dataclass(frozen=True, slots=True)
class StorageRecovered:
    pass


@dataclass(frozen=True, slots=True)
class Resumed:
    """The computer slept, or this program was stopped, for so long."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """This computer's clock was set by so much, and by `in_all` since the program runs; positive is ahead.

    When `in_all` is nothing it is right again.
    """

    by: timedelta
    in_all: timedelta


@dataclass(frozen=True, slots=True)
class AddressesChanged:
    """The addresses under which stations reach this computer, the likeliest first."""

    before: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    keys: tuple[str, ...]
