"""What happens when a station reports or asks something: written once, whatever version of OCPP it speaks."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Decision, Moment
from app.domain.errors import AppError
from app.domain.ids import canonical_uid
from app.domain.model import Connector, Registration, Station, Tap, TapSource
from app.sessions import Admission, Reading, Sessions, Start, Stop
from app.settings import Settings
from app.stations import Boot, Stations
from app.taps import Taps, Verdict

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
        self, stations: Stations, taps: Taps, sessions: Sessions, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._stations = stations
        self._taps = taps
        self._sessions = sessions
        self._settings = settings
        self.clock = clock

    async def boot(self, caller: Caller, boot: Boot) -> Station:
        """Keep what the station says of itself; a new one is kept as wanting to join.

        A disk that takes nothing keeps no known station from working; a new one asks again.
        """
        known = self._stations.find(caller.station_id)
        if known is not None and known.registration is Registration.REJECTED:
            return known
        try:
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
        return BootAnswer(registration, interval, self.clock())

    def card_shown(self, caller: Caller, card: CardShown) -> CardAnswer:
        """Decide a card at once; what is kept of it follows."""
        verdict = self._taps.judge(caller.station_id, card.raw_id_tag, Moment.AUTHORIZE)
        tap = self._record(caller, verdict, card.connector_id, card.raw_id_tag, TapSource.AUTHORIZE)
        return CardAnswer(verdict.decision, tap)

    async def charge_started(self, caller: Caller, start: Start) -> CardAnswer:
        """Store a start, whatever the decision: it is a report, refusing it does not undo it."""
        verdict = self._taps.judge(caller.station_id, start.raw_id_tag, Moment.START)
        admission = Admission(
            status=verdict.decision.status.value,
            reason=verdict.decision.reason.value,
            station_name=verdict.station_name,
            pool_name=verdict.pool_name,
            pass_id=verdict.pass_id,
            identity_id=verdict.identity_id,
            holder=verdict.holder,
        )
        transaction_id = await self._sessions.started(start, admission)
        tap = self._record(caller, verdict, start.connector_id, start.raw_id_tag, TapSource.START)
        return CardAnswer(verdict.decision, tap, transaction_id)

    async def charge_stopped(self, caller: Caller, report: StopReport) -> CardAnswer | None:
        """Store a stop; a decision only when a card was named in it."""
        stop = report.stop
        await self._sessions.stopped(stop, report.readings)
        if not canonical_uid(stop.raw_id_tag):
            return None
        verdict = self._taps.judge(caller.station_id, stop.raw_id_tag, Moment.STOP)
        return CardAnswer(verdict.decision, self._record(caller, verdict, None, stop.raw_id_tag, TapSource.STOP), 0)

    async def metered(self, caller: Caller, report: MeterReport) -> None:
        """Store meter values."""
        await self._sessions.metered(caller.station_id, report.connector_id, report.transaction_id, report.readings)

    async def connector_changed(self, _caller: Caller, connector: Connector) -> None:
        """Keep a connector's new state; while the disk takes nothing, the next report will have to do."""
        with contextlib.suppress(AppError):
            await self._stations.connector_changed(connector)

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
