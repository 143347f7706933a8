"""What was charged in a month, summed up by who charged or by where: kWh, sessions, what is to be paid."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from enum import StrEnum

from app.domain.access import OF_A_PIN, Status
from app.domain.charges import Flag
from app.domain.model import Session
from app.domain.prices import cost_of, is_free

DECEMBER = 12
#: What an operator should look at before anyone is asked to pay.
DOUBTFUL = frozenset(Flag) - {Flag.TOLD_LATER, Flag.CLOCK_NOT_SET}


class Grouping(StrEnum):
    IDENTITY = "identity"
    POOL = "pool"


class Group(StrEnum):
    """What a row is of. NOBODY: sessions of cards that were refused, or of which no card is known."""

    IDENTITY = "identity"
    PASS = "pass"
    PIN = "pin"
    GUESTS = "guests"
    NOBODY = "nobody"
    POOL = "pool"
    NO_POOL = "no_pool"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """`name` is as it was when the latest of the sessions began; empty where `group` says all.

    `costs` are by currency; `unknown` sessions have no known energy, `doubtful` ones had something supposed about
    them that their cost hangs on.
    """

    group: Group
    name: str = ""
    email: str = ""
    sessions: int = 0
    energy_wh: int = 0
    costs: tuple[tuple[str, Decimal], ...] = ()
    free: int = 0
    unknown: int = 0
    doubtful: int = 0


@dataclass(frozen=True, slots=True)
class MonthReport:
    """`month` is its first day. `running` sessions began in it and are not in the sums yet."""

    month: date
    by: Grouping
    rows: tuple[ReportRow, ...]
    total: ReportRow
    running: int = 0


@dataclass(slots=True)
class _Sum:
    group: Group
    name: str
    email: str
    sessions: int = 0
    energy_wh: int = 0
    costs: dict[str, Decimal] = field(default_factory=dict)
    free: int = 0
    unknown: int = 0
    doubtful: int = 0

    def add(self, session: Session) -> None:
        cost = cost_of(session)
        self.sessions += 1
        self.energy_wh += session.energy_wh or 0
        self.free += is_free(session)
        self.unknown += session.energy_wh is None
        self.doubtful += not DOUBTFUL.isdisjoint(session.flags)
        if cost is not None:
            self.costs[session.currency] = self.costs.get(session.currency, Decimal(0)) + cost

    def row(self) -> ReportRow:
        return ReportRow(
            self.group,
            self.name,
            self.email,
            self.sessions,
            self.energy_wh,
            tuple(sorted(self.costs.items())),
            self.free,
            self.unknown,
            self.doubtful,
        )


def sum_up(sessions: Iterable[Session], month: date, by: Grouping) -> MonthReport:
    """The report of a month's sessions; by name, and last those nobody is known for."""
    sums: dict[object, _Sum] = {}
    total, running = _Sum(Group.NOBODY, "", ""), 0
    for session in sorted(sessions, key=lambda each: (each.started_at, each.id)):
        if session.is_open:
            running += 1
            continue
        key, group, name, email = _who(session) if by is Grouping.IDENTITY else _where(session)
        found = sums.setdefault(key, _Sum(group, name, email))
        found.name, found.email = name, email
        found.add(session)
        total.add(session)
    unnamed = (Group.GUESTS, Group.NOBODY, Group.NO_POOL)
    rows = sorted(
        (each.row() for each in sums.values()), key=lambda row: (row.group in unnamed, row.name.casefold(), row.email)
    )
    return MonthReport(month, by, tuple(rows), total.row(), running)


def _who(session: Session) -> tuple[object, Group, str, str]:
    if session.status != Status.ACCEPTED.value:
        return Group.NOBODY, Group.NOBODY, "", ""
    if session.email:
        # An identity that was removed keeps its sessions, and its address is its own.
        return (Group.IDENTITY, session.email.casefold()), Group.IDENTITY, session.holder, session.email
    if session.reason in OF_A_PIN:
        return (Group.PIN, session.holder), Group.PIN, session.holder, ""
    name = session.holder or session.pass_name or session.visible_id
    return ((Group.PASS, name), Group.PASS, name, "") if name else (Group.GUESTS, Group.GUESTS, "", "")


def _where(session: Session) -> tuple[object, Group, str, str]:
    if session.pool_id is None and not session.pool_name:
        return Group.NO_POOL, Group.NO_POOL, "", ""
    key = session.pool_name.casefold() if session.pool_id is None else session.pool_id
    return key, Group.POOL, session.pool_name, ""


def next_month(month: date) -> date:
    return date(month.year + month.month // DECEMBER, month.month % DECEMBER + 1, 1)


def month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % DECEMBER + 1, 1)


def begins(month: date, zone: tzinfo | None) -> datetime:
    """The moment a month begins in a zone; None is this machine's."""
    first = datetime.combine(month.replace(day=1), time(), zone)
    return first if zone is not None else first.astimezone()
