"""What happens when a station reports or asks something: written once, whatever version of OCPP it speaks."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from app.configuration import Configuration
from app.csms.reading.id_tokens import IdToken
from app.csms.reading.occupancy import OCCUPIED, Evses, in_charge, refined
from app.csms.reading.remote_starts import RemoteStarts
from app.domain.access import Decision, Moment, Reason, Status
from app.domain.errors import AppError
from app.domain.ids import canonical_uid
from app.domain.model import Connector, ConnectorStatus, Registration, Station, Tap, TapSource
from app.domain.pins import HIDDEN_PIN
from app.domain.prices import cost_of
from app.domain.transfers import TransferKind
from app.domain.variables import Variable
from app.habits import StationHabits
from app.reservations import Reservations
from app.security.station_certificates import StationCertificates
from app.sessions import EventKind, KeptStart, Reading, Sessions, Start, Stop, TransactionEvent
from app.settings import Settings
from app.stations import Boot, Stations
from app.taps import Taps, Verdict
from app.transfers import Transfers

#: How often a station that is not (yet) accepted may ask again.
RETRY_PENDING_S = 30
RETRY_REJECTED_S = 600


@dataclass(frozen=True, slots=True)
class Caller:
    """The station that speaks, the message it speaks in, and what it was asked to start."""

    station_id: str
    address: str
    message_id: int
    remote_starts: RemoteStarts = field(default_factory=RemoteStarts, compare=False)


@dataclass(frozen=True, slots=True)
class CardShown:
    """`keyed`: it was typed on a keypad, and is no card."""

    raw_id_tag: str
    connector_id: int | None = None
    keyed: bool = False


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
class EventReport:
    """An event of a charge that the station names itself (OCPP 2.x), still without its card.

    `token` is the card in it. `shown`: it was held to the reader for this event, and not only named again; `ends`: to
    end the charge. `state` is how the charge goes on, in words for the connector.
    """

    event: TransactionEvent
    token: IdToken | None = None
    shown: bool = False
    ends: bool = False
    state: ConnectorStatus | None = None


@dataclass(frozen=True, slots=True)
class EvseReport:
    """What one connector of an EVSE says of itself, in OCPP 2.x; (0, 0) is the whole station."""

    evse_id: int
    connector: int
    status: ConnectorStatus


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What was decided about the card in an event, the tap kept of it, and what the charge cost, once it has ended."""

    decision: Decision | None = None
    tap: Tap | None = None
    total_cost: Decimal | None = None


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
        certificates: StationCertificates,
        reservations: Reservations,
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
        self._certificates = certificates
        self._reservations = reservations
        self.clock = clock
        self.time_told = time_told or clock
        self._evses = Evses()

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

    async def certificate_wanted(self, caller: Caller, csr: str) -> bool:
        """Keep a station's wish for a certificate; False when it cannot be granted as it stands."""
        try:
            await self._certificates.ask(caller.station_id, csr)
        except AppError:
            return False
        return True

    def card_shown(self, caller: Caller, card: CardShown) -> CardAnswer | Awaitable[CardAnswer]:
        """Decide a card at once; what is kept of it follows. The answer to what may be a PIN is to be awaited."""
        verdict = self._taps.judge(caller.station_id, card.raw_id_tag, Moment.AUTHORIZE, keyed=card.keyed)
        return self._digits_typed(caller, card) if verdict.may_be_pin else self._shown(caller, card, verdict)

    async def _digits_typed(self, caller: Caller, card: CardShown) -> CardAnswer:
        verdict = await self._taps.judge_typed(caller.station_id, card.raw_id_tag, Moment.AUTHORIZE, keyed=card.keyed)
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

    async def charge_told(self, caller: Caller, report: EventReport) -> EventAnswer:
        """Store an event of a charge, whatever its card: it is a report.

        The first card that is named is decided within the transaction that stores it; named again, it is answered as
        the first time. One that ends the charge is decided as such.
        """
        event, token = self._with_reference(report.event), report.token
        judge, verdict = None, None
        if token is not None and report.ends:
            verdict = await self._taps.judge_typed(caller.station_id, token.raw_id_tag, Moment.STOP, keyed=token.keyed)
            event = replace(event, stop_id_tag=_kept_tag(verdict, token), stop_holder=verdict.holder)
        elif token is not None:
            judge = await self._taps.start_judge(caller.station_id, token.raw_id_tag, keyed=token.keyed)
            raw_id_tag = _kept_tag(judge.verdict, token)
            event = replace(event, raw_id_tag=raw_id_tag, uid=canonical_uid(raw_id_tag))
        kept = await self._sessions.transaction_event(event, judge)
        if judge is not None:
            verdict = judge.verdict
            if kept.uid == event.uid:
                verdict = replace(verdict, decision=self._as_first_told(kept, verdict.decision))
        session = self._sessions.find(kept.transaction_id)
        if session is not None and not event.connector_id:
            # Told once, it need not be told again.
            event = replace(event, connector_id=session.connector_id or None)
        await self._goes_on(event, report.state)
        cost = cost_of(session) if session is not None and event.kind is EventKind.ENDED else None
        if verdict is None:
            return EventAnswer(total_cost=cost)
        return EventAnswer(verdict.decision, self._shown_in(caller, report, event, verdict), cost)

    def _with_reference(self, event: TransactionEvent) -> TransactionEvent:
        """One without the station's own transactionId is of the charge that runs where it happened, or of a new one."""
        if event.reference:
            return event
        begins = event.kind is EventKind.STARTED
        running = [] if begins else self._sessions.recent(station_id=event.station_id, open_only=True)
        here = [each.reference for each in running if event.connector_id in (None, each.connector_id)]
        known = next((reference for reference in here if reference), "")
        return replace(event, reference=known or f"{event.kind.value} {event.reported or event.at.isoformat()}")

    def _shown_in(self, caller: Caller, report: EventReport, event: TransactionEvent, verdict: Verdict) -> Tap | None:
        if not report.shown:
            return None
        named, source = (event.stop_id_tag, TapSource.STOP) if report.ends else (event.raw_id_tag, TapSource.START)
        return self._record(caller, verdict, event.connector_id, named, source)

    async def _goes_on(self, event: TransactionEvent, state: ConnectorStatus | None) -> None:
        ended = event.kind is EventKind.ENDED
        if event.offline or event.connector_id is None or (state is None and not ended):
            return
        known = self._state_of(event.station_id, event.connector_id)
        now = in_charge(state or OCCUPIED, known, ended=ended)
        if now is not None:
            await self._keep_state(event.station_id, event.connector_id, now)

    def _state_of(self, station_id: str, connector_id: int) -> ConnectorStatus | None:
        connector = self._stations.connector(station_id, connector_id)
        return connector.status if connector else None

    async def _keep_state(self, station_id: str, connector_id: int, status: ConnectorStatus) -> None:
        # That a connector is free ends nothing here: a charge of 2.x may go on without a cable, and tells its own end.
        with contextlib.suppress(AppError):
            await self._stations.connector_changed(Connector(station_id, connector_id, status, changed_at=self.clock()))

    async def evse_changed(self, caller: Caller, report: EvseReport) -> None:
        """Keep an EVSE's new state as that of the connector of its number; (1, 0) and (0, 1) are neither.

        While the disk takes nothing, the next report will have to do.
        """
        station_id, evse_id = caller.station_id, report.evse_id
        if (evse_id == 0) != (report.connector == 0) or report.connector < 0:
            return
        told = self._evses.now(station_id, evse_id, report.connector, report.status)
        await self._keep_state(station_id, evse_id, refined(told, self._state_of(station_id, evse_id)))

    async def metered(self, caller: Caller, report: MeterReport) -> None:
        """Store meter values."""
        await self._sessions.metered(caller.station_id, report.connector_id, report.transaction_id, report.readings)

    async def variables_reported(
        self, caller: Caller, report_id: int, variables: Sequence[Variable], *, more: bool
    ) -> None:
        """Keep a piece of what a station reports of its settings; `more` when others follow."""
        await self._configuration.reported(caller.station_id, report_id, variables, more=more)

    async def reservation_over(self, caller: Caller, number: int | None) -> None:
        """A station says that a reservation is used, or has ended otherwise; None: it says nothing of any.

        While the disk takes nothing, its end will have to do.
        """
        if number is not None:
            with contextlib.suppress(AppError):
                await self._reservations.over(caller.station_id, number)

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


def _kept_tag(verdict: Verdict, token: IdToken) -> str:
    """A card's ID as it is kept: what was typed is not."""
    return HIDDEN_PIN if verdict.is_typed else token.raw_id_tag
