"""Settings of a station that are written one after the other, and can be written back as they were before."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.configuration import Configuration, WriteOutcome, Written
from app.domain.errors import AppError
from app.domain.lid_settings import Setting, SettingCheck
from app.domain.variables import same_value

#: Of these nothing was changed.
_AS_BEFORE = (WriteOutcome.REJECTED, WriteOutcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class SettingsWritten:
    """What came of writing settings of a station, one by one, in the order they were written."""

    station_id: str
    written: tuple[Written, ...] = ()

    @property
    def not_taken(self) -> tuple[Written, ...]:
        return tuple(each for each in self.written if not each.holds)

    @property
    def needs_restart(self) -> bool:
        """Whether something counts only once the station restarted."""
        return any(each.outcome is WriteOutcome.AFTER_RESTART for each in self.written)


@dataclass(frozen=True, slots=True)
class SetRight(SettingsWritten):
    """What came of setting a station right at a moment; `former` are the values of before."""

    at: datetime | None = None
    former: Mapping[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> tuple[Written, ...]:
        """What the station did not refuse, so that it may have another value than before."""
        return tuple(each for each in self.written if each.outcome not in _AS_BEFORE)


class SettingRight:
    """Writes, and remembers of each station the last that can be put back, for as long as the program runs."""

    def __init__(self, configuration: Configuration, list_enabled: Callable[[str], Awaitable[None]]) -> None:
        """`list_enabled` is told of a station whose list was switched on."""
        self._configuration = configuration
        self._list_enabled = list_enabled
        self._last: dict[str, SetRight] = {}

    def last(self, station_id: str) -> SetRight | None:
        """What was last set right of a station and can be put back; None where there is nothing."""
        return self._last.get(station_id.casefold())

    async def write(self, station_id: str, checks: Sequence[SettingCheck], at: datetime) -> SetRight:
        """Write what each should be; what was written before an error can be put back.

        Raises AppError as `Configuration.write`.
        """
        done = SetRight(station_id, (), at, {each.name: each.now or "" for each in checks})
        try:
            for each in checks:
                written = await self._write(station_id, each.name, "true" if each.wanted else "false")
                done = replace(done, written=(*done.written, written))
                if each.setting is Setting.LIST_ENABLED and written.holds:
                    await self._list_enabled(station_id)
        finally:
            self._remember(done)
        return done

    async def put_back(self, done: SetRight) -> SettingsWritten:
        """Write the former values back, the last first, and read each back.

        Raises AppError `undo_overtaken` when something of it was set otherwise since, or put back already: then
        nothing is written. Raises as `Configuration.write` when the station does not answer; what was not put back by
        then can be, later.
        """
        overtaken = any(self._is_other_now(done.station_id, each) for each in done.changed)
        if overtaken or self.last(done.station_id) is not done:
            raise AppError("undo_overtaken")
        del self._last[done.station_id.casefold()]
        back, rest = SettingsWritten(done.station_id), [*done.changed]
        try:
            while rest:
                written = await self._write(done.station_id, rest[-1].name, done.former[rest[-1].name])
                back = replace(back, written=(*back.written, written))
                rest.pop()
        finally:
            self._remember(replace(done, written=tuple(rest)))
        return back

    def _is_other_now(self, station_id: str, written: Written) -> bool:
        """Whether a setting has neither the value it was given nor the one it was read back with."""
        known = self._configuration.find(station_id, written.name)
        if known is None or known.value is None:
            return False
        ours = (written.wanted, written.value or written.wanted)
        return not any(same_value(known.value, value) for value in ours)

    def _remember(self, done: SetRight) -> None:
        if done.changed:
            self._last[done.station_id.casefold()] = done

    async def _write(self, station_id: str, name: str, value: str) -> Written:
        try:
            return await self._configuration.write(station_id, name, value)
        except AppError as error:
            if error.code != "station_refused":
                raise
            return Written(name, value, WriteOutcome.REJECTED)
