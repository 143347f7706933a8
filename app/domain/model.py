"""The things a site is made of, as values.

All moments are aware UTC. `id` is the database's key; `station_id` is the station's OCPP identity.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.charges import Flag
from app.domain.ids import Uid
from app.domain.security import SecurityProfile


class AccessLevel(StrEnum):
    """Who may charge at a pool's stations."""

    PUBLIC = "public"  # every registered pass
    PRIVATE = "private"  # members only
    RESTRICTED = "restricted"  # members, and whoever holds a live grant
    BY_LIST = "by_list"  # private as soon as the list has an entry


class Role(StrEnum):
    CARDHOLDER = "cardholder"
    ADMINISTRATOR = "administrator"


class OcppVersion(StrEnum):
    """A version of OCPP that Tapdesk knows."""

    V16 = "1.6"
    V201 = "2.0.1"
    V21 = "2.1"


class Registration(StrEnum):
    """What the operator says of a station; BootNotification.conf says the same (OCPP 1.6 §7.38)."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ConnectorStatus(StrEnum):
    """OCPP 1.6 §7.7, as the station spells it."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


class PassState(StrEnum):
    READY = "ready"
    WAITING_FOR_FIRST_TAP = "waiting_for_first_tap"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"


class TapSource(StrEnum):
    """Why a station named a card: it asks, or reports a start or a stop. Each by the name of 1.6's message; in 2.x the
    last two are TransactionEvents.
    """

    AUTHORIZE = "Authorize"
    START = "StartTransaction"
    STOP = "StopTransaction"


class Direction(StrEnum):
    """Which side asked."""

    FROM_STATION = "from_station"
    TO_STATION = "to_station"


class KnockCause(StrEnum):
    """Why a connection was not let in."""

    NO_IDENTITY = "no_identity"
    BAD_IDENTITY = "bad_identity"
    NO_SUBPROTOCOL = "no_subprotocol"
    VERSION_NOT_SERVED = "version_not_served"
    TLS_ON_PLAIN_PORT = "tls_on_plain_port"
    SOAP = "soap"
    BROKEN_HEADERS = "broken_headers"
    NOT_A_WEBSOCKET = "not_a_websocket"
    UNREADABLE_REQUEST = "unreadable_request"
    NEVER_FINISHED = "never_finished"
    ALREADY_CONNECTED = "already_connected"
    PASSWORD_MISSING = "password_missing"
    PASSWORD_WRONG = "password_wrong"
    USER_WRONG = "user_wrong"
    TOO_MANY_TRIES = "too_many_tries"
    NEEDS_TLS = "needs_tls"
    NEEDS_CERTIFICATE = "needs_certificate"
    CERTIFICATE_NOT_ITS_OWN = "certificate_not_its_own"
    CERTIFICATE_NOT_TRUSTED = "certificate_not_trusted"
    SITE_NOT_TRUSTED = "site_not_trusted"
    TLS_TOO_OLD = "tls_too_old"
    TLS_FAILED = "tls_failed"
    PLAIN_ON_TLS_PORT = "plain_on_tls_port"


_POSING = frozenset({KnockCause.ALREADY_CONNECTED, KnockCause.TOO_MANY_TRIES, KnockCause.CERTIFICATE_NOT_ITS_OWN})
#: A station with a wrong password knocks often too, but comes in when it was put right.
MANY_TRIES = 10


@dataclass(frozen=True, slots=True)
class Knock:
    """A connection that was not let in. `detail` is what was wrong in it, `count` how often it came like this."""

    at: datetime
    address: str
    cause: KnockCause
    station_id: str = ""
    detail: str = ""
    count: int = 1

    @property
    def may_pose(self) -> bool:
        """Whether somebody else may have tried to pass for a station, which may well be connected."""
        return self.cause in _POSING or (self.cause is KnockCause.PASSWORD_WRONG and self.count >= MANY_TRIES)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person or company that charges; the e-mail address is its key."""

    id: int
    first_name: str
    last_name: str
    email: str
    role: Role
    organization_id: int
    external_id: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email


@dataclass(frozen=True, slots=True)
class Pass:
    """A card, fob or tag. Without `uid` it cannot open a station: it waits for its first tap."""

    id: int
    uid: Uid | None
    visible_id: str | None
    name: str
    identity_id: int | None
    blocked: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None

    def state(self, now: datetime) -> PassState:
        """What an operator wants to know first about this pass."""
        if self.blocked:
            return PassState.BLOCKED
        if self.valid_until is not None and self.valid_until <= now:
            return PassState.EXPIRED
        if self.uid is None:
            return PassState.WAITING_FOR_FIRST_TAP
        if self.valid_from is not None and self.valid_from > now:
            return PassState.NOT_YET_VALID
        return PassState.READY

    @property
    def title(self) -> str:
        """The words by which an operator knows this pass: its name, else what is printed on it, else its UID."""
        return self.name or self.visible_id or self.uid or f"#{self.id}"


@dataclass(frozen=True, slots=True)
class Organization:
    """Whom identities, stations and pools belong to; a tree. `currency` (ISO 4217): empty is that of the one above."""

    id: int
    name: str
    parent_id: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """What charging costs, in the organization's currency; None: nothing is asked for it."""

    per_kwh: Decimal | None = None
    per_session: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """What an operator chose for a pool beside its level. Each option counts only at the levels that allow it."""

    description: str = ""
    #: Anyone charges, free of charge, with any card or none that is known. Public only.
    free_vend: bool = False
    #: While the list is empty anyone with a registered pass charges. By list only.
    published: bool = False
    #: A refused card becomes a request. Restricted only.
    takes_requests: bool = False
    members_free: bool = False
    #: Left out where drivers look for stations.
    hidden: bool = False
    #: Any pass of the identity that started a session ends it.
    passes_stop_each_other: bool = False
    #: Sessions that one pass may have at the same time; None: any number.
    session_limit: int | None = None
    member_price: Price = Price()
    price: Price = Price()
    #: Who is written to about requests.
    notify: tuple[str, ...] = ()
    organization_id: int = 1


#: The options that only one level has.
ONLY_AT = {
    "free_vend": AccessLevel.PUBLIC,
    "published": AccessLevel.BY_LIST,
    "takes_requests": AccessLevel.RESTRICTED,
}


@dataclass(frozen=True, slots=True)
class Pool:
    """Stations that share one rule, and the members it names."""

    id: int
    name: str
    level: AccessLevel = AccessLevel.PRIVATE
    options: PoolOptions = PoolOptions()

    @property
    def free_vend(self) -> bool:
        return self.options.free_vend


@dataclass(frozen=True, slots=True)
class Station:
    id: int
    station_id: str
    name: str
    registration: Registration
    pool_id: int | None = None
    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""
    address: str = ""
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    #: The organization it is allocated to; None: to none yet.
    host_id: int | None = None
    #: What it spoke when it last connected; None: it never did.
    ocpp_version: OcppVersion | None = None
    #: The least it has to bring to be let in.
    security_profile: SecurityProfile = SecurityProfile.NONE
    #: What it has to bring as soon as it once has; None: nothing more than now.
    wanted_profile: SecurityProfile | None = None

    @property
    def title(self) -> str:
        return self.name or self.station_id


@dataclass(frozen=True, slots=True)
class Connector:
    """The last state a station reported for one connector; 0 is the whole station."""

    station_id: str
    connector_id: int
    status: ConnectorStatus
    error_code: str = ""
    info: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A charge. `id` is the transactionId the station was given; `reference` is the one it gave itself (OCPP 2.x).

    Names, tariff and price are those of the moment it started; `is_member` says whether its card was on the pool's
    list, `flags` what had to be repaired. `stop_holder` is whose card (`stop_id_tag`) ended it, where one did.
    """

    id: int
    station_id: str
    station_name: str
    connector_id: int
    raw_id_tag: str
    holder: str
    pass_id: int | None
    pool_name: str
    status: str
    reason: str
    started_at: datetime
    stopped_at: datetime | None
    meter_start_wh: int | None
    energy_wh: int | None
    power_w: float | None
    stop_reason: str
    identity_id: int | None = None
    pin_id: int | None = None
    reference: str | None = None
    pool_id: int | None = None
    pass_name: str = ""
    visible_id: str = ""
    email: str = ""
    is_member: bool = False
    tariff: str = ""
    price: Price = Price()
    currency: str = ""
    stop_id_tag: str = ""
    stop_holder: str = ""
    flags: tuple[Flag, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.stopped_at is None


@dataclass(frozen=True, slots=True)
class Tap:
    """A card held to a reader, known or not, and what was decided. `trail` is [rule, passed] in order."""

    id: int
    at: datetime
    station_id: str
    station_name: str
    connector_id: int | None
    raw_id_tag: str
    uid: Uid
    source: TapSource
    status: str
    reason: str
    trail: tuple[tuple[str, bool], ...]
    pass_id: int | None
    holder: str
    pool_id: int | None
    pool_name: str
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """One question and its answer between Tapdesk and a station, as text, without secrets.

    `outcome` sums up what matters in it, in the station's own terms: a status, an error code, a meter reading.
    Where a card was named it is the status that the station was told, with `reason` (why) and `holder` (whose card).
    `took_ms` is None while the answer is awaited, or when it never came.
    """

    id: int
    at: datetime
    station_id: str
    direction: Direction
    action: str
    id_tag: str
    outcome: str
    request: str
    response: str
    took_ms: float | None
    repairs: tuple[str, ...] = ()
    tap_id: int | None = None
    reason: str = ""
    holder: str = ""

    @property
    def refused(self) -> bool:
        """Whether a card was named and turned down."""
        return bool(self.reason) and self.outcome != "Accepted"
