"""What is set inside each station, as it was last read: its keys in OCPP 1.6, its variables in 2.x.

configuration.of(station_id)                                # what was last read, by name
await configuration.read(station_id)                        # again, all of it or some names
written = await configuration.write(station_id, name, value)
written.outcome is WriteOutcome.APPLIED                     # it was read back and says the same
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from app.bus import Bus
from app.database import schema
from app.database.store import Store
from app.domain.commands import (
    CarryOut,
    Command,
    ReadAllVariables,
    ReadVariables,
    ReportVariable,
    VariablesRead,
    WriteVariable,
    Writing,
)
from app.domain.errors import AppError
from app.domain.events import ConfigurationChanged
from app.domain.instants import from_ms
from app.domain.variables import Variable, is_secret, same_value

#: A station that reports more than this is not believed: it would fill the disk.
MOST_VARIABLES = 5_000
NAME_LIMIT = 255
#: Between two pieces of a report, and for the first one.
PIECE_WITHIN_S = 60.0
#: Variables asked for at once, where the station does not say how many it takes.
ASKED_AT_ONCE = 10
#: Where it does: the key of OCPP 1.6, the variable of 2.x.
TAKEN_AT_ONCE = ("GetConfigurationMaxKeys", "DeviceDataCtrlr.ItemsPerMessage[GetVariables]")
VALUE_LIMIT = 2_500
#: Asked for each station that comes, and 500 may come at once.
_READ_AT = "select read_at from station_reads where station_id = ?"


class WriteOutcome(StrEnum):
    """What came of a new value."""

    APPLIED = "applied"
    """It was read back, and says the same."""
    AFTER_RESTART = "after_restart"
    NOT_APPLIED = "not_applied"
    """The station accepted it and still has another."""
    NOT_READ_BACK = "not_read_back"
    """The station accepted it; what it has now could not be read."""
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """The station has no such variable."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing a variable; `value` is what it has now, as far as that could be read."""

    name: str
    wanted: str
    outcome: WriteOutcome
    value: str | None = None

    @property
    def holds(self) -> bool:
        """Whether the station has, or at its next start will have, what was wanted."""
        return self.outcome in (WriteOutcome.APPLIED, WriteOutcome.AFTER_RESTART)


@dataclass(slots=True)
class _Report:
    """Pieces of a report that is being awaited."""

    station_id: str
    complete: "asyncio.Future[None]"
    given: list[Variable] = field(default_factory=list)
    deadline: asyncio.Timeout | None = None


class Configuration:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime], carry_out: CarryOut) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._carry_out = carry_out
        self._report_ids = count(int(clock().timestamp()) % 2**30)
        self._reports: dict[int, _Report] = {}

    def of(self, station_id: str) -> list[Variable]:
        """What was last read, by name; empty when it never was."""
        variables = schema.station_variables.c
        query = select(schema.station_variables).where(variables.station_id == station_id).order_by(variables.name)
        return [
            Variable(row["name"], row["value"], row["read_only"], row["read_at"])
            for row in self._store.reader.execute(query).mappings()
        ]

    def find(self, station_id: str, name: str) -> Variable | None:
        """One variable as it was last read, in whatever letter case."""
        folded = name.casefold()
        return next((each for each in self.of(station_id) if each.name.casefold() == folded), None)

    def read_in_full_at(self, station_id: str) -> datetime | None:
        """When all of it was last read at once; None: never."""
        row = self._store.fast_reader.execute(_READ_AT, (station_id,)).fetchone()
        return from_ms(row[0]) if row else None

    async def read(
        self, station_id: str, names: Iterable[str] | None = None, *, ask: CarryOut | None = None
    ) -> list[Variable]:
        """Read variables from the station, all of them without `names`; what it gave of those.

        `ask` is how it is asked, where that is not as an operator does. Names it does not know are forgotten.

        Raises AppError as `CarryOut` does, `variables_not_reported` when a promised report never ends, `disk_…`.
        """
        ask = ask or self._carry_out
        if names is None:
            return await self._read_all(station_id, ask)
        wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
        at_once, read = self._at_once(station_id), list[Variable]()
        for start in range(0, len(wanted), at_once):
            piece = tuple(wanted[start : start + at_once])
            answer = await ask(station_id, ReadVariables(piece))
            given = _kept(answer.variables, self._clock())
            known = {variable.name.casefold() for variable in given}
            gone = [name for name in answer.unknown if name.casefold() not in known]
            await self._keep(station_id, given, gone)
            read += given
        return read

    async def most_of(self, station_id: str, name: str, *, ask: CarryOut | None = None) -> int | None:
        """The highest value that a variable of OCPP 2.x can have; None where the station does not say.

        Only reports tell it (B07, B08). A station that gives none of a single variable gives one of all. `ask` as in
        `read`. Raises AppError as `read` does, `command_not_in_version` for OCPP 1.6.
        """
        ask = ask or self._carry_out
        try:
            given = await self._reported(station_id, lambda report_id: ReportVariable(report_id, name), ask)
        except AppError as error:
            if error.code != "station_refused":
                raise
            given = await self._read_all(station_id, ask)
        folded = name.casefold()
        return next((each.most for each in given if each.name.casefold() == folded), None)

    async def write(self, station_id: str, name: str, value: str, *, ask: CarryOut | None = None) -> Written:
        """Set a variable and read it back: what a station accepts it does not always do. `ask` as in `read`.

        Raises AppError as `CarryOut` does for the writing, `variable_is_secret`, `variable_too_long`, `disk_…`.
        """
        if is_secret(name):
            raise AppError("variable_is_secret", name=name)
        if len(value) > VALUE_LIMIT:
            raise AppError("variable_too_long", limit=VALUE_LIMIT)
        said = await (ask or self._carry_out)(station_id, WriteVariable(name, value))
        if said is Writing.REJECTED:
            return Written(name, value, WriteOutcome.REJECTED)
        if said is Writing.UNKNOWN:
            return Written(name, value, WriteOutcome.UNKNOWN)
        now = await self._read_back(station_id, name, ask)
        if said is Writing.REBOOT_REQUIRED:
            return Written(name, value, WriteOutcome.AFTER_RESTART, now)
        if now is None:
            return Written(name, value, WriteOutcome.NOT_READ_BACK)
        applied = same_value(now, value)
        return Written(name, value, WriteOutcome.APPLIED if applied else WriteOutcome.NOT_APPLIED, now)

    async def reported(self, station_id: str, report_id: int, variables: Sequence[Variable], *, more: bool) -> None:
        """Keep a piece of a report (OCPP 2.x NotifyReport), awaited or not; `more` when others follow.

        Raises AppError `disk_…`.
        """
        given = _kept(variables, self._clock())
        await self._keep(station_id, given)
        report = self._reports.get(report_id)
        if report is None or report.station_id.casefold() != station_id.casefold():
            return
        report.given += given
        if report.deadline is not None and not report.deadline.expired():
            report.deadline.reschedule(asyncio.get_running_loop().time() + PIECE_WITHIN_S)
        if not more and not report.complete.done():
            report.complete.set_result(None)

    async def _read_all(self, station_id: str, ask: CarryOut) -> list[Variable]:
        given = await self._reported(station_id, ReadAllVariables, ask)
        names = {variable.name.casefold() for variable in given}
        gone = [each.name for each in self.of(station_id) if each.name.casefold() not in names]
        # A station that gives nothing at all was not understood: what was known of it stays.
        if names:
            await self._note_full_read(station_id)
        if gone and names:
            await self._keep(station_id, (), gone)
        return sorted(given, key=lambda each: each.name.casefold())

    async def _reported(
        self, station_id: str, asking: Callable[[int], Command[VariablesRead | None]], ask: CarryOut
    ) -> list[Variable]:
        """What a station gives to a question that it may answer with a report, which has the number in it."""
        report_id = next(self._report_ids)
        report = _Report(station_id, asyncio.get_running_loop().create_future())
        self._reports[report_id] = report
        try:
            answer = await ask(station_id, asking(report_id))
            if answer is None:
                await self._all_pieces(report)
                return _kept(report.given, self._clock())
        finally:
            del self._reports[report_id]
        given = _kept(answer.variables, self._clock())
        await self._keep(station_id, given)
        return given

    async def _note_full_read(self, station_id: str) -> None:
        statement = insert(schema.station_reads).values(station_id=station_id, read_at=self._clock())
        known = {"read_at": statement.excluded.read_at}
        await self._store.write(
            lambda connection: connection.execute(
                statement.on_conflict_do_update(index_elements=["station_id"], set_=known)
            )
        )
        self._bus.publish(ConfigurationChanged(station_id, ()))

    async def _all_pieces(self, report: _Report) -> None:
        try:
            async with asyncio.timeout(PIECE_WITHIN_S) as report.deadline:
                await report.complete
        except TimeoutError as error:
            raise AppError("variables_not_reported", station_id=report.station_id) from error

    async def _read_back(self, station_id: str, name: str, ask: CarryOut | None) -> str | None:
        try:
            read = await self.read(station_id, [name], ask=ask)
        except AppError as error:
            if error.code.startswith("disk_"):
                raise
            return None
        return next((each.value for each in read if each.name.casefold() == name.casefold()), None)

    def _at_once(self, station_id: str) -> int:
        for name in TAKEN_AT_ONCE:
            limit = self.find(station_id, name)
            if limit and limit.value and limit.value.isascii() and limit.value.isdecimal() and int(limit.value):
                return int(limit.value)
        return ASKED_AT_ONCE

    async def _keep(self, station_id: str, given: Sequence[Variable], gone: Sequence[str] = ()) -> None:
        if not given and not gone:
            return
        await self._store.write(lambda connection: _put(connection, station_id, given, gone))
        names = (*(variable.name for variable in given), *gone)
        self._bus.publish(ConfigurationChanged(station_id, names))


def _kept(variables: Iterable[Variable], at: datetime) -> list[Variable]:
    """What may be kept of them: without secrets, one of each name."""
    kept: dict[str, Variable] = {}
    for each in variables:
        name = each.name[:NAME_LIMIT]
        kept[name.casefold()] = Variable(name, None if is_secret(name) else each.value, each.read_only, at, each.most)
    return list(kept.values())


def _put(connection: Connection, station_id: str, given: Sequence[Variable], gone: Sequence[str]) -> None:
    table = schema.station_variables
    ours = table.c.station_id == station_id
    for name in gone:
        connection.execute(delete(table).where(ours, table.c.name == name))
    held = {name.casefold() for name in connection.scalars(select(table.c.name).where(ours))}
    room = MOST_VARIABLES - len(held)
    rows = []
    for each in given:
        if each.name.casefold() not in held:
            if room <= 0:
                continue
            room -= 1
        rows.append(
            {
                "station_id": station_id,
                "name": each.name,
                "value": each.value,
                "read_only": each.read_only,
                "read_at": each.read_at,
            }
        )
    if not rows:
        return
    statement = insert(table)
    new = statement.excluded
    # Where a station says nothing of who may write, what it said before holds.
    changed = {
        "name": new.name,
        "value": new.value,
        "read_only": func.coalesce(new.read_only, table.c.read_only),
        "read_at": new.read_at,
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["station_id", "name"], set_=changed), rows)
