"""What happens when a station reports or asks something: written once, whatever version of OCPP it speaks."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.configuration import Configuration
from app.domain.access import Decision, Moment, Reason, Status
from app.domain.errors import AppError
from app.domain.ids import canonical_uid
from app.domain.model import Connector, ConnectorStatus, Registration, Station, Tap, TapSource
from app.domain.pins import HIDDEN_PIN
from app.domain.transfers import TransferKind
from app.domain.variables import Variable
from app.habits import StationHabits
from app.sessions import KeptStart, Reading, Sessions, Start, Stop
from app.settings import Settings
from app.stations import Boot, Stations
from app.taps import Taps, Verdict
from app.transfers import Transfers

#: How often a station that is not (yet) accepted may ask again.
RETRY_PENDING_S = 30
RETRY_REJECTED_S = 600


@dataclass(frozen=True, slots=True)
class Caller:
    """The station that speaks, and the message it speaks in."""

    station_id: str
    address: str
    message_id: int


@dataclass(frozen=True, slots=True)
class CardShown:
    raw_id_tag: str
    connector_id: int | None = None


@dataclass(frozen=True, slots=True)
class MeterReport:
    connector_id: int
    transaction_id: int | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class StopReport:
    stop: Stop
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class BootAnswer:
    registration: Registration
    interval_s: int
    now: datetime


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """A decision, the tap that was kept of it, and for a start the transactionId."""

    decision: Decision
    tap: Tap
    transaction_id: int = 0


class UseCases:
    def __init__(
        self,
        stations: Stations,
        taps: Taps,
        sessions: Sessions,
        settings: Settings,
        habits: StationHabits,
        configuration: Configuration,
        transfers: Transfers,
        clock: Callable[[], datetime],
        time_told: Callable[[], datetime] | None = None,
    ) -> None:
        """`time_told` is the time that stations are told, where that is not simply `clock`."""
        self._stations = stations
        self._taps = taps
        self._sessions = sessions
        self._settings = settings
        self._habits = habits
        self._configuration = configuration
        self._transfers = transfers
        self.clock = clock
        self.time_told = time_told or clock

    async def boot(self, caller: Caller, boot: Boot) -> Station:
        """Keep what the station says of itself; a new one is kept as wanting to join.

        A disk that takes nothing keeps no known station from working; a new one asks again.
        """
        known = self._stations.find(caller.station_id)
        if known is not None and known.registration is Registration.REJECTED:
            return known
        try:
            if known is not None and known.registration is Registration.ACCEPTED:
                await self._habits.told_serial_number(known.station_id, boot.serial_number, known.serial_number)
            return await self._stations.booted(caller.station_id, boot)
        except AppError:
            return known or Station(0, caller.station_id, "", Registration.PENDING)

    def boot_answer(self, registration: Registration) -> BootAnswer:
        """Whether the station may work, and how soon to hear of it again."""
        interval = {
            Registration.ACCEPTED: self._settings.heartbeat_interval_s,
            Registration.PENDING: RETRY_PENDING_S,
            Registration.REJECTED: RETRY_REJECTED_S,
        }[registration]
        return BootAnswer(registration, interval, self.time_told())

    def card_shown(self, caller: Caller, card: CardShown) -> CardAnswer | Awaitable[CardAnswer]:
        """Decide a card at once; what is kept of it follows. The answer to what may be a PIN is to be awaited."""
        verdict = self._taps.judge(caller.station_id, card.raw_id_tag, Moment.AUTHORIZE)
        return self._digits_typed(caller, card) if verdict.may_be_pin else self._shown(caller, card, verdict)

    async def _digits_typed(self, caller: Caller, card: CardShown) -> CardAnswer:
        verdict = await self._taps.judge_typed(caller.station_id, card.raw_id_tag, Moment.AUTHORIZE)
        return self._shown(caller, card, verdict)

    def _shown(self, caller: Caller, card: CardShown, verdict: Verdict) -> CardAnswer:
        tap = self._record(caller, verdict, card.connector_id, card.raw_id_tag, TapSource.AUTHORIZE)
        return CardAnswer(verdict.decision, tap)

    async def charge_started(self, caller: Caller, start: Start) -> CardAnswer:
        """Store a start, whatever the decision: it is a report, refusing it does not undo it.

        It is decided within the transaction that stores it, so that no two starts count the same sessions. Told again,
        it is answered as the first time.
        """
        judge = await self._taps.start_judge(caller.station_id, start.raw_id_tag)
        if judge.verdict.is_typed:
            start = replace(start, raw_id_tag=HIDDEN_PIN, uid=canonical_uid(HIDDEN_PIN))
        kept = await self._sessions.started(start, judge)
        verdict = replace(judge.verdict, decision=self._as_first_told(kept, judge.verdict.decision))
        tap = self._record(caller, verdict, start.connector_id, start.raw_id_tag, TapSource.START)
        return CardAnswer(verdict.decision, tap, kept.transaction_id)

    async def charge_stopped(self, caller: Caller, report: StopReport) -> CardAnswer | None:
        """Store a stop; a decision only when a card was named in it."""
        stop, verdict = report.stop, None
        if canonical_uid(stop.raw_id_tag):
            verdict = await self._taps.judge_typed(caller.station_id, stop.raw_id_tag, Moment.STOP)
            stop = replace(stop, holder=verdict.holder)
            if verdict.is_typed:
                stop = replace(stop, raw_id_tag=HIDDEN_PIN)
        await self._sessions.stopped(stop, report.readings)
        if verdict is None:
            return None
        return CardAnswer(verdict.decision, self._record(caller, verdict, None, stop.raw_id_tag, TapSource.STOP), 0)

    async def metered(self, caller: Caller, report: MeterReport) -> None:
        """Store meter values."""
        await self._sessions.metered(caller.station_id, report.connector_id, report.transaction_id, report.readings)

    async def variables_reported(
        self, caller: Caller, report_id: int, variables: Sequence[Variable], *, more: bool
    ) -> None:
        """Keep a piece of what a station reports of its settings; `more` when others follow."""
        await self._configuration.reported(caller.station_id, report_id, variables, more=more)

    def transfer_told(self, caller: Caller, kind: TransferKind, word: str, transfer_id: int | None = None) -> None:
        """A station says how a file it sends or fetches is getting on; old ones do not say which."""
        self._transfers.told(caller.station_id, kind, word, transfer_id)

    async def connector_changed(self, caller: Caller, connector: Connector, at: datetime | None = None) -> None:
        """Keep a connector's new state; while the disk takes nothing, the next report will have to do.

        Where no car is, nothing charges any more since `at`, the station's own time of this state (None: now).
        """
        with contextlib.suppress(AppError):
            await self._stations.connector_changed(connector)
            if connector.status is ConnectorStatus.AVAILABLE:
                since = at or connector.changed_at or self.clock()
                await self._sessions.connector_free(caller.station_id, connector.connector_id, since)

    def only_connector(self, caller: Caller) -> int:
        """What a station that names no connector speaks of: its only one, or 0, the whole station, when it has more."""
        here = caller.station_id.casefold()
        told = {each.connector_id for each in self._stations.connectors() if each.station_id.casefold() == here} - {0}
        return 0 if len(told) > 1 else next(iter(told), 1)

    def _as_first_told(self, kept: KeptStart, decision: Decision) -> Decision:
        """What a start was answered when it was told first; what is no longer so, the station may not remember."""
        if kept.status == decision.status.value:
            return decision
        first = Decision(Status(kept.status), Reason(kept.reason), ())
        return replace(first, expires_at=self.clock()) if first.accepted else first

    def _record(
        self, caller: Caller, verdict: Verdict, connector_id: int | None, raw_id_tag: str, source: TapSource
    ) -> Tap:
        return self._taps.record(
            verdict,
            station_id=caller.station_id,
            connector_id=connector_id,
            raw_id_tag=raw_id_tag,
            source=source,
            message_id=caller.message_id,
        )
