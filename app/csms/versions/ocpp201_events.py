"""TransactionEvent of OCPP 2.x (use cases E01 to E16, C01, C09, C16): a charge told in pieces, in any order.

A report: it is always taken and always answered, whatever the card and whatever is missing.
"""

from app.csms.reading.id_tokens import IdToken, read_id_token
from app.csms.reading.meter import readings
from app.csms.reading.repair import FieldRepair, Fields
from app.csms.use_cases import Caller, EventReport, UseCases
from app.csms.versions.dialect import Outcome, Payload, about_card
from app.csms.versions.every_version import joined
from app.csms.versions.ocpp201_fields import evse_id, id_token_info
from app.domain.model import ConnectorStatus
from app.sessions import EventKind, Reading, TransactionEvent

_KINDS = {"start": EventKind.STARTED, "update": EventKind.UPDATED, "stop": EventKind.ENDED, "end": EventKind.ENDED}
#: ChargingStateEnumType, in 1.6's words for a connector. Idle is a driver without a cable, or a cable without a driver.
_STATES = {
    "charging": ConnectorStatus.CHARGING,
    "evconnected": ConnectorStatus.PREPARING,
    "idle": ConnectorStatus.PREPARING,
    "suspendedev": ConnectorStatus.SUSPENDED_EV,
    "suspendedevse": ConnectorStatus.SUSPENDED_EVSE,
}
#: What makes a station name a card: it was held to the reader, or named by us. Others may repeat it in every event.
_SHOWN = frozenset({"authorized", "remotestart", "stopauthorized"})


async def transaction_event(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    """Take an event, and answer what becomes of the card in it, if there is one (E01.FR.11, E01.FR.12)."""
    report = _read(caller, fields)
    answer = await use_cases.charge_told(caller, report)
    await use_cases.reservation_over(caller, fields.integer("reservationId"))
    payload: Payload = {}
    if answer.decision is not None:
        payload["idTokenInfo"] = id_token_info(answer.decision)
    if answer.total_cost is not None:
        payload["totalCost"] = float(answer.total_cost)
    decided = answer.decision.status.value if answer.decision else ""
    if answer.tap is not None:
        # Where a card was shown, its status alone: that is what the log looks for.
        return about_card(payload, decided, answer.tap)
    return Outcome(payload, _summary(fields, report, decided))


def _read(caller: Caller, fields: Fields) -> EventReport:
    info = fields.inner("transactionInfo")
    reason = info.text("stoppedReason")
    # Without a kind it is one among others, unless it says why the charge ended.
    kind = fields.choice("eventType", EventKind, EventKind.ENDED if reason else EventKind.UPDATED, _KINDS)
    trigger = fields.text("triggerReason").strip().casefold()
    at, clock_set = fields.moment("timestamp")
    told = readings(fields, "meterValue")
    reference = info.text("transactionId") or fields.text("transactionId")
    if not reference:
        fields.repairs.append(FieldRepair.MISSING)
    event = TransactionEvent(
        station_id=caller.station_id,
        reference=reference,
        kind=kind,
        at=at,
        seq_no=fields.integer("seqNo"),
        offline=fields.raw("offline") is True,
        connector_id=evse_id(fields),
        meter_wh=_meter_wh(kind, told),
        reported=fields.text("timestamp"),
        clock_set=clock_set,
        readings=told,
        reason=reason,
    )
    ends = trigger == "stopauthorized" or reason.casefold() == "masterpass"
    token = read_id_token(fields)
    if token is None and not ends:
        token = _named_by_us(caller, fields, info, reference)
    return EventReport(
        event=event,
        token=token,
        shown=kind is EventKind.STARTED or trigger in _SHOWN,
        ends=ends,
        state=_STATES.get(info.text("chargingState").strip().casefold()),
    )


def _named_by_us(caller: Caller, fields: Fields, info: Fields, reference: str) -> IdToken | None:
    """The card with which we asked for this charge (F01, F02), where the station leaves it out."""
    raw_id_tag = caller.remote_starts.card_of(info.integer("remoteStartId"), reference)
    if raw_id_tag is None:
        return None
    fields.repairs.append(FieldRepair.CARD_OF_REMOTE_START)
    return IdToken(raw_id_tag)


def _meter_wh(kind: EventKind, told: tuple[Reading, ...]) -> int | None:
    """The register at the moment of the event: where it begins the first one told, else the last."""
    registers = [reading.energy_wh for reading in told if reading.energy_wh is not None]
    if not registers:
        return None
    return registers[0] if kind is EventKind.STARTED else registers[-1]


def _summary(fields: Fields, report: EventReport, decided: str) -> str:
    event = report.event
    power = next((reading.power_w for reading in reversed(event.readings) if reading.power_w is not None), None)
    return joined(
        decided,
        event.kind.value,
        fields.text("triggerReason"),
        f"EVSE {event.connector_id}" if event.connector_id else "",
        f"{event.meter_wh / 1000:.2f} kWh" if event.meter_wh is not None else "",
        f"{power / 1000:.1f} kW" if power is not None else "",
        event.reason,
    )
