"""One try to bring a station's list in step, carried out: each step is asked, its answer heard, what came of it kept.

What to ask and what answers mean is decided in `domain.list_keeping`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.configuration import Configuration
from app.domain.commands import CarryOut, ClearCache, ReadListVersion, SendList
from app.domain.errors import AppError
from app.domain.list_keeping import Push
from app.domain.list_record import Support, Told, Trouble
from app.domain.list_state import ListStatus, Presence
from app.domain.list_steps import (
    Answer,
    CapacityRead,
    Enable,
    Gone,
    LimitsRead,
    ReadCapacity,
    ReadLimits,
    ReadVersion,
    Refused,
    Send,
    Silent,
    Step,
    Unreadable,
    Updated,
    VersionRead,
    WasSet,
)
from app.domain.model import OcppVersion, Station
from app.domain.variables import Variable
from app.local_lists import ListView, LocalLists

#: What a station says of its list: whether it is on, what it takes in a message, altogether, and how many bytes.
_NAMES_16 = ("LocalAuthListEnabled", "SendLocalListMaxLength", "LocalAuthListMaxLength", "")
_NAMES_2 = (
    *("LocalAuthListCtrlr.Enabled", "LocalAuthListCtrlr.ItemsPerMessage", ""),
    "LocalAuthListCtrlr.BytesPerMessage",
)
#: What its highest value is tells how many entries there may be (2.0.1 part 2, appendix 3).
_ENTRIES = "LocalAuthListCtrlr.Entries"
_IN_NO_WORDS: dict[str, Answer] = {
    "station_not_connected": Gone(),
    "station_silent": Silent(),
    "station_queue_full": Silent(),
    "command_not_in_version": Refused("NotSupported"),
}


class ListPush:
    def __init__(
        self, lists: LocalLists, configuration: Configuration, carry_out: CarryOut, clock: Callable[[], datetime]
    ) -> None:
        self._lists = lists
        self._configuration = configuration
        self._carry_out = carry_out
        self._clock = clock

    async def bring_in_step(self, view: ListView, presence: Presence) -> ListStatus:
        """Ask and send what there is to, and say how the list stands then. Raises AppError `disk_…`.

        A station that remembers cards is told first to forget them, when somebody may no longer charge.
        """
        if presence.connected and (since := view.kept.cache_stale_since) is not None:
            view = await self._clear_cache(view, since)
        now = self._clock()
        # Comparing thousands of cards would hold up whoever holds a card to a reader.
        if await self._lists.beside_the_loop(lambda: is_wanted(view, presence, now)):
            view = await self._push(view, presence)
        status = await self._lists.judge(view)
        self._lists.announce(status)
        return status

    async def _push(self, view: ListView, presence: Presence) -> ListView:
        station, wanted = view.station, [each.entry for each in view.wanted]
        push = Push(view.record, view.held, wanted, self._clock(), look_first=not presence.checked)
        gone, ours, piece = False, presence, 0
        while (step := await self._lists.beside_the_loop(push.next_step)) is not None:
            if isinstance(step, Send):
                await self._keep(view, push)
                ours = self._now_is(station, ours, replace(presence, sending=True))
                if piece or push.messages_to_come > 1:
                    piece = max(piece, step.piece.length)
                arrived = 0 if step.piece.full else len(push.held)
                self._lists.progress(station.station_id, arrived, len(wanted), piece)
            answer = await self._ask(station, step)
            gone = isinstance(answer, Gone)
            push.heard(answer, self._clock())
        is_known = not gone and push.record.trouble is Trouble.NONE
        self._now_is(station, ours, replace(presence, tried=True, checked=presence.checked or is_known))
        return await self._keep(view, push, confirmed_at=self._clock() if is_known else None)

    def _now_is(self, station: Station, before: Presence, presence: Presence) -> Presence:
        """Unless it went, came or booted meanwhile: then that is what holds."""
        if self._lists.presence(station.station_id) is before:
            self._lists.set_presence(station.station_id, presence)
        return presence

    async def _keep(self, view: ListView, push: Push, *, confirmed_at: datetime | None = None) -> ListView:
        await self._lists.keep(view.station, push.record, push.unsaved, confirmed_at=confirmed_at)
        kept = replace(view.kept, record=push.record, confirmed_at=confirmed_at or view.kept.confirmed_at)
        return replace(view, kept=kept, held=push.held)

    async def _clear_cache(self, view: ListView, since: datetime) -> ListView:
        """One that keeps no cache says Rejected or knows no such call: then there is nothing to forget."""
        try:
            await self._carry_out(view.station.station_id, ClearCache())
        except AppError as error:
            if error.code in ("station_not_connected", "station_silent", "station_queue_full"):
                return view
        await self._lists.note_cleared_cache(view.station.station_id, since)
        return replace(view, kept=replace(view.kept, cache_stale_since=None))

    async def _ask(self, station: Station, step: Step) -> Answer:
        try:
            return await self._answer(station, step)
        except AppError as error:
            if error.code.startswith("disk_"):
                raise
            if error.code == "station_refused":
                return Refused(str(error.params.get("error", "")))
            return _IN_NO_WORDS.get(error.code, Unreadable())

    async def _answer(self, station: Station, step: Step) -> Answer:
        names = _NAMES_16 if station.ocpp_version in (None, OcppVersion.V16) else _NAMES_2
        match step:
            case ReadLimits():
                wanted = [name for name in names if name]
                read = await self._configuration.read(station.station_id, wanted, ask=self._carry_out)
                return LimitsRead(_told(names, read))
            case ReadCapacity():
                most = await self._configuration.most_of(station.station_id, _ENTRIES, ask=self._carry_out)
                return CapacityRead(most)
            case Enable():
                written = await self._configuration.write(station.station_id, names[0], "true", ask=self._carry_out)
                return WasSet(written.holds)
            case ReadVersion():
                return VersionRead(await self._carry_out(station.station_id, ReadListVersion()))
            case Send(piece):
                return Updated(await self._carry_out(station.station_id, SendList(piece)))


def is_wanted(view: ListView, presence: Presence, now: datetime) -> bool:
    """Whether there is anything to ask or send now."""
    record = view.record
    if not presence.connected or record.is_hopeless:
        return False
    due = record.next_try_at is not None and record.next_try_at <= now
    if record.attempts and presence.tried:
        return due
    return due or not presence.checked or not view.in_step or record.support is Support.UNKNOWN


def _told(names: tuple[str, ...], variables: list[Variable]) -> Told:
    values = {variable.name.casefold(): variable.value or "" for variable in variables}
    enabled, *limits = (values.get(name.casefold(), "").strip() for name in names)
    switched = {"true": True, "false": False}.get(enabled.casefold())
    per_message, capacity, size = (_positive(limit) for limit in limits)
    return Told(switched, per_message, capacity, size)


def _positive(text: str) -> int | None:
    """A limit; none, or one that nobody can keep, is no limit."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return number or None
