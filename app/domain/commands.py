"""What a station can be asked to do, whatever version of OCPP it speaks.

Each is a value; its type parameter is what the station's answer comes down to. A command that only wants a yes has the
result None and fails when the station says anything else.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from app.domain.local_list import Piece
from app.domain.model import Session
from app.domain.variables import Variable

Result = TypeVar("Result", covariant=True)


class Command(Generic[Result]):
    """Something to ask one station. The result's type is the parameter."""

    __slots__ = ()


class CarryOut(Protocol):
    """Asks a station, in whatever version it speaks; the result is what its answer comes down to.

    Raises AppError `station_not_connected`, `station_silent`, `station_refused`, `station_answer_unreadable`,
    `station_queue_full`, `command_not_in_version`.
    """

    def __call__(self, station_id: str, command: Command[Result], /) -> Awaitable[Result]: ...


class When(StrEnum):
    """When a station does what it was asked."""

    NOW = "now"
    LATER = "later"
    """Once the charges that run have ended."""


class Message(StrEnum):
    """What a station can be asked to tell now."""

    BOOT = "boot"
    HEARTBEAT = "heartbeat"
    METER_VALUES = "meter_values"
    STATUS = "status"
    LOG_STATUS = "log_status"
    FIRMWARE_STATUS = "firmware_status"


@dataclass(frozen=True, slots=True)
class AskToBoot(Command[None]):
    """Have it tell again what it is, and learn whether it may work."""


@dataclass(frozen=True, slots=True)
class StartCharge(Command[None]):
    """Start a charge with a card, as the station's own reader spells it, at a connector or one of its choice.

    That it was accepted does not mean that it starts: the station may wait for a cable.
    """

    raw_id_tag: str
    connector_id: int | None = None


@dataclass(frozen=True, slots=True)
class StopCharge(Command[None]):
    """Stop a session; it ends when the station reports that."""

    session: Session


@dataclass(frozen=True, slots=True)
class Reserve(Command[None]):
    """Keep a connector, or with None any one, free for a card until then; spelled as the station's own reader does.

    Cards of the card's group may use it too. A reservation of the same number is replaced (1.6 §5.13, 2.x H01).
    """

    number: int
    raw_id_tag: str
    until: datetime
    connector_id: int | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class CancelReservation(Command[None]):
    """Keep the connector free no longer; a station that knows no reservation of this number refuses."""

    number: int


@dataclass(frozen=True, slots=True)
class Unlock(Command[None]):
    """Let go of the cable in a connector."""

    connector_id: int


@dataclass(frozen=True, slots=True)
class ResetStation(Command[When]):
    """Restart: at once (`hard`), or gracefully, ending or awaiting the charges that run."""

    hard: bool = False


@dataclass(frozen=True, slots=True)
class ChangeAvailability(Command[When]):
    """Take a connector out of use or back into it; None is the whole station."""

    connector_id: int | None
    operative: bool


@dataclass(frozen=True, slots=True)
class ClearCache(Command[bool]):
    """Forget the cards it let charge before. False: it has no such memory, or it is switched off."""


@dataclass(frozen=True, slots=True)
class Trigger(Command[None]):
    """Have it tell something now; without a connector of all."""

    message: Message
    connector_id: int | None = None


@dataclass(frozen=True, slots=True)
class VariablesRead:
    """Variables as the station gave them, and the names it does not know."""

    variables: tuple[Variable, ...]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadVariables(Command[VariablesRead]):
    """Read variables by their names."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadAllVariables(Command[VariablesRead | None]):
    """Read every variable. None: they follow in reports of their own, with this number in them."""

    report_id: int


@dataclass(frozen=True, slots=True)
class ReportVariable(Command[VariablesRead | None]):
    """Report a variable with what it can be at most; as `ReadAllVariables`."""

    report_id: int
    name: str


class Writing(StrEnum):
    """What a station says to a new value."""

    ACCEPTED = "accepted"
    REBOOT_REQUIRED = "reboot_required"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """It has no such variable."""


@dataclass(frozen=True, slots=True)
class WriteVariable(Command[Writing]):
    """Set a variable."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SendDiagnostics(Command[str]):
    """Upload its diagnostics to a URL, those from a moment on. The file's name; "" where it has nothing to send."""

    request_id: int
    location: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendSecurityLog(Command[str]):
    """Upload its log of security events; as `SendDiagnostics`."""

    request_id: int
    location: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class InstallFirmware(Command[None]):
    """Fetch firmware from a URL and install it; how that goes it tells in status notifications."""

    request_id: int
    location: str
    retrieve_at: datetime


@dataclass(frozen=True, slots=True)
class InstallSignedFirmware(Command[None]):
    """As `InstallFirmware`, of what its maker signed: whose signature that is (PEM), and the signature in base64.

    The station verifies both before it installs anything (1.6 security whitepaper L01, 2.x L01).
    """

    request_id: int
    location: str
    retrieve_at: datetime
    certificate: str
    signature: str


@dataclass(frozen=True, slots=True)
class CustomerData(Command[None]):
    """Report and/or forget what it keeps of a card's holder; the report follows, with this number in it."""

    request_id: int
    raw_id_tag: str
    report: bool = True
    clear: bool = False


@dataclass(frozen=True, slots=True)
class ChargeStatus:
    """Whether a session goes on (None: the station does not say), and whether it has more to tell."""

    ongoing: bool | None
    messages_waiting: bool


@dataclass(frozen=True, slots=True)
class AskChargeStatus(Command[ChargeStatus]):
    """How a session stands; without one only whether messages of any wait to be sent."""

    session: Session | None = None


@dataclass(frozen=True, slots=True)
class ReadListVersion(Command[int]):
    """The version of the list it keeps itself: 0 when that is empty (1.6 §5.10), below 0 when it keeps none."""


@dataclass(frozen=True, slots=True)
class SendList(Command[str]):
    """Take a list, or changes to it; what it says to that, in its own words: Accepted, Failed, VersionMismatch, …"""

    piece: Piece
