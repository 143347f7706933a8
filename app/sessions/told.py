"""What stations tell of charges, as values, and what is answered."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: In `stop_reason` and `reason`, where a station's own report is missing.
STOP_NEVER_CAME = "stop_never_came"
START_NEVER_CAME = "start_never_came"


@dataclass(frozen=True, slots=True)
class Start:
    """A start as reported. `reported` is the time as text as sent; `clock_set` False when it cannot be true."""

    station_id: str
    connector_id: int
    raw_id_tag: str
    uid: str
    meter_wh: int | None
    at: datetime
    reported: str
    clock_set: bool = True


@dataclass(frozen=True, slots=True)
class Admission:
    """Who charges, by whose leave: frozen with the session, as is the price that `pool_id` has for such.

    `is_member`: the pass or its identity is on the pool's list. What the pass and its identity are called besides is
    looked up when it is stored.
    """

    status: str
    reason: str
    station_name: str
    pool_name: str
    pass_id: int | None
    identity_id: int | None
    holder: str
    pin_id: int | None = None
    pool_id: int | None = None
    is_member: bool = False


#: Admits a start within the transaction that stores it, when that depends on which sessions there are: given are the
#: driver's connection and, of a start that was told before, the id of its session.
Admit = Callable[[sqlite3.Connection, int | None], Admission]


@dataclass(frozen=True, slots=True)
class KeptStart:
    """A stored start: its transactionId, positive, and what was decided of it when it was first told.

    `uid` is the card it was decided for; of a session for which no card was named yet it is empty, as is `status`.
    """

    transaction_id: int
    status: str
    reason: str
    uid: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop as reported; `transaction_id` None when the station sent none that could be ours.

    `reported` and `clock_set` are as in Start; `holder` is whose card was named in it.
    """

    station_id: str
    transaction_id: int | None
    meter_wh: int | None
    at: datetime
    raw_id_tag: str = ""
    reason: str = ""
    reported: str = ""
    clock_set: bool = True
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One sampled moment: the energy register (Wh) and power (W) when they were in it, and all of it as text."""

    at: datetime
    sampled: str
    energy_wh: int | None = None
    power_w: float | None = None


class EventKind(StrEnum):
    """TransactionEventEnumType (OCPP 2.0.1 §3.80)."""

    STARTED = "Started"
    UPDATED = "Updated"
    ENDED = "Ended"


@dataclass(frozen=True, slots=True)
class TransactionEvent:
    """A TransactionEvent of OCPP 2.x (§1.60) as reported; `reference` is the station's own transactionId.

    `connector_id` is the EVSE's id, None when the event named none. `raw_id_tag` and `uid` are the card that was named
    as the one that charges, `stop_id_tag` one that ended the charge (`stop_holder` is whose); `meter_wh` is the energy
    register at that moment, None when it was not told. `reported` is the time as text as sent, `clock_set` False when
    it cannot be true; `reason` is the stoppedReason.
    """

    station_id: str
    reference: str
    kind: EventKind
    at: datetime
    seq_no: int | None = None
    offline: bool = False
    connector_id: int | None = None
    raw_id_tag: str = ""
    uid: str = ""
    meter_wh: int | None = None
    reported: str = ""
    clock_set: bool = True
    readings: Sequence[Reading] = ()
    reason: str = ""
    stop_id_tag: str = ""
    stop_holder: str = ""


@dataclass(frozen=True, slots=True)
class DayEnergy:
    day: datetime
    energy_wh: int
    sessions: int
