"""OCPP 2.0.1 (edition 2) and 2.1: how each message of a station is read, what it means, how the answer is written."""

from collections.abc import Awaitable, Mapping
from dataclasses import replace

from app.csms.reading.id_tokens import read_id_token
from app.csms.reading.meter import readings
from app.csms.reading.occupancy import SYNONYMS, EvseStatus
from app.csms.reading.repair import FieldRepair, Fields, as_flag
from app.csms.rpc.ocpp_j import OCPP_J_21, OCPP_J_201, ErrorCode
from app.csms.use_cases import Caller, CardAnswer, CardShown, EvseReport, MeterReport, UseCases
from app.csms.versions.commands201 import FORMS_201
from app.csms.versions.dialect import Dialect, Handle, Immediate, Outcome, Payload, RefuseError, Report, about_card
from app.csms.versions.every_version import (
    boot_payload,
    data_transfer,
    file_told,
    heartbeat,
    joined,
    noted,
    sign_certificate,
)
from app.csms.versions.ocpp201_events import transaction_event
from app.csms.versions.ocpp201_fields import id_token_info, own_evse_id
from app.csms.versions.variables201 import variables_reported
from app.domain.model import OcppVersion
from app.domain.transfers import TransferKind
from app.stations import Boot

_VAT_NUMBER_LIMIT = 20


def _authorize(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome | Awaitable[Outcome]:
    token = read_id_token(fields)
    if token is None:
        raise RefuseError(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "idToken is missing")
    more: Payload = {}
    if fields.raw("certificate") or fields.raw("iso15118CertificateHashData"):
        # Nobody here can tell whether a vehicle's contract holds, so none does (C07).
        more["certificateStatus"] = "NoCertificateAvailable"
    answer = use_cases.card_shown(caller, CardShown(token.raw_id_tag, own_evse_id(fields), keyed=token.keyed))
    return _authorized(answer, more) if isinstance(answer, CardAnswer) else _authorized_later(answer, more)


def _authorized(answer: CardAnswer, more: Payload) -> Outcome:
    info = id_token_info(answer.decision)
    return about_card({"idTokenInfo": info, **more}, info["status"], answer.tap)


async def _authorized_later(answer: Awaitable[CardAnswer], more: Payload) -> Outcome:
    return _authorized(await answer, more)


async def _boot(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    it = fields.inner("chargingStation")
    if not isinstance(fields.raw("chargingStation"), Mapping):
        fields.repairs.append(FieldRepair.MISSING)
    # Some stations send what 1.6 wants to know.
    boot = Boot(
        vendor=it.text("vendorName") or fields.text("chargePointVendor"),
        model=it.text("model") or fields.text("chargePointModel"),
        serial_number=it.text("serialNumber") or fields.text("chargePointSerialNumber"),
        firmware=it.text("firmwareVersion") or fields.text("firmwareVersion"),
        address=caller.address,
    )
    station = await use_cases.boot(caller, boot)
    about = " ".join(part for part in (boot.vendor, boot.model) if part)
    status = station.registration.value.capitalize()
    summary = joined(about, boot.firmware, fields.text("reason"), status)
    return Outcome(boot_payload(use_cases.boot_answer(station.registration)), summary)


async def _status(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    name = "connectorStatus" if fields.raw("connectorStatus") is not None else "status"
    status = fields.choice(name, EvseStatus, EvseStatus.UNAVAILABLE, SYNONYMS).as_in_16
    evse_id, connector = own_evse_id(fields), fields.integer("connectorId")
    if evse_id is None:
        evse_id = 1
    report = EvseReport(evse_id, connector if connector is not None else min(evse_id, 1), status)
    await use_cases.evse_changed(caller, report)
    # In the station's own word: 1.6 has finer ones.
    return Outcome({}, joined(f"EVSE {evse_id}", fields.text(name)))


async def _event(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    """NotifyEvent (N07, G01): of all that stations watch themselves for, whether they can be used."""
    told = []
    for item in fields.items("eventData"):
        data = fields.within(item)
        component, value = data.inner("component"), data.text("actualValue")
        name, variable = component.text("name"), data.inner("variable").text("name")
        told.append(joined(name, variable, value))
        if variable.casefold() == "availabilitystate":
            await _availability(use_cases, caller, data, component)
    return Outcome({}, joined(*told[:3], "…" if len(told) > 3 else ""))


async def _availability(use_cases: UseCases, caller: Caller, data: Fields, component: Fields) -> None:
    evse = component.inner("evse")
    evse_id, connector = evse.integer("id") or 0, evse.integer("connectorId")
    status = data.choice("actualValue", EvseStatus, EvseStatus.UNAVAILABLE, SYNONYMS).as_in_16
    if component.text("name").casefold() == "connector":
        await use_cases.evse_changed(caller, EvseReport(evse_id, connector if connector is not None else 1, status))
    elif not evse_id:
        await use_cases.evse_changed(caller, EvseReport(0, 0, status))


async def _meter_values(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    evse_id = own_evse_id(fields)
    if evse_id is None:
        fields.repairs.append(FieldRepair.MISSING)
        evse_id = 1
    report = MeterReport(connector_id=evse_id, transaction_id=None, readings=readings(fields, "meterValue"))
    await use_cases.metered(caller, report)
    last = report.readings[-1] if report.readings else None
    return Outcome(
        {},
        joined(
            f"EVSE {evse_id}",
            f"{last.energy_wh / 1000:.2f} kWh" if last and last.energy_wh is not None else "",
            f"{last.power_w / 1000:.1f} kW" if last and last.power_w is not None else "",
        ),
    )


def _says(**payload: str) -> Handle:
    """Always the same answer, summed up by its status."""

    def handle(_use_cases: UseCases, _caller: Caller, _fields: Fields) -> Outcome:
        return Outcome(dict(payload), payload["status"])

    return handle


def _vat_number(_use_cases: UseCases, _caller: Caller, fields: Fields) -> Outcome:
    """We know no companies."""
    return Outcome({"vatNumber": fields.text("vatNumber", limit=_VAT_NUMBER_LIMIT), "status": "Rejected"}, "Rejected")


def _cannot(_use_cases: UseCases, _caller: Caller, _fields: Fields) -> Outcome:
    raise RefuseError(ErrorCode.NOT_SUPPORTED, "This Central System does not do that")


async def _report(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    """A piece of the report on its settings; `tbc` (to be continued) is left out in the last."""
    variables = variables_reported(fields)
    number, more = fields.integer("requestId"), bool(as_flag(fields.raw("tbc")))
    await use_cases.variables_reported(caller, number or 0, variables, more=more)
    return Outcome({}, joined(f"{len(variables)} variables", "" if more else "complete"))


async def _reservation_over(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    """A reservation ended unused: Expired or Removed (H04.FR.01, H01.FR.24)."""
    await use_cases.reservation_over(caller, fields.integer("reservationId"))
    return Outcome({}, fields.text("reservationUpdateStatus"))


_ACTIONS: Mapping[str, Immediate | Report] = {
    "Authorize": Immediate(_authorize),
    "BootNotification": Report(_boot),
    "ClearedChargingLimit": Immediate(noted("chargingLimitSource")),
    "DataTransfer": Immediate(data_transfer),
    "FirmwareStatusNotification": Immediate(file_told(TransferKind.FIRMWARE)),
    "Get15118EVCertificate": Immediate(_says(status="Failed", exiResponse="")),
    "GetCertificateStatus": Immediate(_says(status="Failed")),
    "Heartbeat": Immediate(heartbeat),
    "LogStatusNotification": Immediate(file_told(TransferKind.SECURITY_LOG)),
    "MeterValues": Report(_meter_values),
    "NotifyChargingLimit": Immediate(noted()),
    "NotifyCustomerInformation": Immediate(noted("requestId", "seqNo")),
    "NotifyDisplayMessages": Immediate(noted("requestId")),
    # Nothing here plans how much a vehicle gets.
    "NotifyEVChargingNeeds": Immediate(_says(status="Rejected")),
    "NotifyEVChargingSchedule": Immediate(_says(status="Accepted")),
    "NotifyEvent": Report(_event),
    "NotifyMonitoringReport": Immediate(noted("requestId", "seqNo")),
    "NotifyReport": Report(_report),
    "PublishFirmwareStatusNotification": Immediate(noted("status")),
    "ReportChargingProfiles": Immediate(noted("requestId")),
    "ReservationStatusUpdate": Report(_reservation_over),
    "SecurityEventNotification": Immediate(noted("type")),
    "SignCertificate": Immediate(sign_certificate),
    "StatusNotification": Report(_status),
    "TransactionEvent": Report(transaction_event),
}
#: What 2.1 has besides.
_ACTIONS_21: Mapping[str, Immediate | Report] = {
    "BatterySwap": Immediate(noted("eventType")),
    "ClosePeriodicEventStream": Immediate(noted("id")),
    "GetCertificateChainStatus": Immediate(_cannot),
    "NotifyDERAlarm": Immediate(noted("controlType")),
    "NotifyDERStartStop": Immediate(noted("controlId")),
    # Sent without waiting for an answer.
    "NotifyPeriodicEventStream": Immediate(noted("id")),
    "NotifyPriorityCharging": Immediate(noted("transactionId")),
    "NotifySettlement": Immediate(noted("status")),
    "NotifyWebPaymentStarted": Immediate(noted("evseId")),
    "OpenPeriodicEventStream": Immediate(_says(status="Rejected")),
    "PullDynamicScheduleUpdate": Immediate(_says(status="Rejected")),
    "ReportDERControl": Immediate(noted("requestId")),
    "VatNumberValidation": Immediate(_vat_number),
}

#: Actions that only we send: known, and not supported in this direction.
_OURS = frozenset(
    {
        *("cancelreservation", "certificatesigned", "changeavailability", "clearcache", "clearchargingprofile"),
        *("cleardisplaymessage", "clearvariablemonitoring", "costupdated", "customerinformation", "deletecertificate"),
        *("getbasereport", "getchargingprofiles", "getcompositeschedule", "getdisplaymessages"),
        *("getinstalledcertificateids", "getlocallistversion", "getlog", "getmonitoringreport", "getreport"),
        *("gettransactionstatus", "getvariables", "installcertificate", "publishfirmware", "requeststarttransaction"),
        *("requeststoptransaction", "reservenow", "reset", "sendlocallist", "setchargingprofile", "setdisplaymessage"),
        *("setmonitoringbase", "setmonitoringlevel", "setnetworkprofile", "setvariablemonitoring", "setvariables"),
        *("triggermessage", "unlockconnector", "unpublishfirmware", "updatefirmware"),
    }
)
_OURS_21 = frozenset(
    {
        *("adjustperiodiceventstream", "afrrsignal", "changetransactiontariff", "cleardercontrol", "cleartariffs"),
        *("getdercontrol", "getperiodiceventstream", "gettariffs", "notifyallowedenergytransfer", "requestbatteryswap"),
        *("setdefaulttariff", "setdercontrol", "updatedynamicschedule", "useprioritycharging"),
    }
)

OCPP_201 = Dialect(OcppVersion.V201, OCPP_J_201, _ACTIONS, _OURS, FORMS_201)
OCPP_21 = replace(
    OCPP_201, version=OcppVersion.V21, rules=OCPP_J_21, actions={**_ACTIONS, **_ACTIONS_21}, ours=_OURS | _OURS_21
)
