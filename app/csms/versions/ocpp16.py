"""OCPP 1.6 (edition 2, §4, §6): how each message of a station is read, what it means, how the answer is written."""

from collections.abc import Awaitable, Mapping

from app.csms.reading.meter import readings
from app.csms.reading.repair import FieldRepair, Fields
from app.csms.rpc.ocpp_j import OCPP_J_16, ErrorCode
from app.csms.use_cases import (
    Caller,
    CardAnswer,
    CardShown,
    MeterReport,
    StopReport,
    UseCases,
)
from app.csms.versions.commands16 import FORMS_16
from app.csms.versions.dialect import Dialect, Immediate, Outcome, Payload, RefuseError, Report, about_card
from app.csms.versions.every_version import (
    boot_payload,
    data_transfer,
    file_told,
    heartbeat,
    joined,
    noted,
    sign_certificate,
)
from app.domain.access import Decision, Status
from app.domain.ids import canonical_uid
from app.domain.instants import wire_time
from app.domain.model import Connector, ConnectorStatus, OcppVersion
from app.domain.transfers import TransferKind
from app.sessions import Start, Stop
from app.stations import Boot

#: ChargePointErrorCode (§7.6) and Reason (§7.36).
_ERROR_CODES = (
    *("NoError", "ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError"),
    *("LocalListConflict", "OtherError", "OverCurrentFailure", "OverVoltage", "PowerMeterFailure", "ReaderFailure"),
    *("PowerSwitchFailure", "ResetFailure", "UnderVoltage", "WeakSignal"),
)
_NO_ERROR, _OTHER_ERROR = "NoError", "OtherError"
_REASONS = (
    *("DeAuthorized", "EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot"),
    *("Remote", "SoftReset", "UnlockCommand"),
)
# 1.5 and careless firmware say these.
_STATUS_SYNONYMS = {"occupied": ConnectorStatus.PREPARING, "suspendedeve": ConnectorStatus.SUSPENDED_EV}


def _authorize(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome | Awaitable[Outcome]:
    raw_id_tag = fields.id_tag("idTag")
    if raw_id_tag is None:
        raise RefuseError(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "idTag is missing")
    # Not in the specification, but stations with two sockets send it: it tells which reader.
    answer = use_cases.card_shown(caller, CardShown(raw_id_tag, fields.integer("connectorId")))
    return _authorized(answer) if isinstance(answer, CardAnswer) else _authorized_later(answer)


def _authorized(answer: CardAnswer) -> Outcome:
    info = id_tag_info(answer.decision)
    return about_card({"idTagInfo": info}, info["status"], answer.tap)


async def _authorized_later(answer: Awaitable[CardAnswer]) -> Outcome:
    return _authorized(await answer)


async def _boot(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    boot = Boot(
        vendor=fields.needed_text("chargePointVendor"),
        model=fields.needed_text("chargePointModel"),
        serial_number=fields.text("chargePointSerialNumber") or fields.text("chargeBoxSerialNumber"),
        firmware=fields.text("firmwareVersion"),
        address=caller.address,
    )
    station = await use_cases.boot(caller, boot)
    about = " ".join(part for part in (boot.vendor, boot.model) if part)
    answer = use_cases.boot_answer(station.registration)
    return Outcome(boot_payload(answer), joined(about, boot.firmware, station.registration.value.capitalize()))


async def _status(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    error_code, unknown_code = _error_code(fields)
    # Not needed, but it tells how the station's clock stands, and of when this is.
    at, _ = (fields.received_at, False) if fields.raw("timestamp") is None else fields.moment("timestamp")
    connector = Connector(
        station_id=caller.station_id,
        connector_id=_connector_id(fields, unnamed=use_cases.only_connector(caller)),
        status=fields.choice("status", ConnectorStatus, ConnectorStatus.UNAVAILABLE, _STATUS_SYNONYMS),
        error_code=error_code,
        info=joined(unknown_code, fields.text("info"), fields.text("vendorErrorCode")),
        # By arrival: stations repeat old states with old times when they come back.
        changed_at=fields.received_at,
    )
    await use_cases.connector_changed(caller, connector, at)
    return Outcome({}, joined(f"conn {connector.connector_id}", connector.status.value, connector.error_code))


async def _start(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    at, clock_set = fields.moment("timestamp")
    raw_id_tag = fields.id_tag("idTag") or ""
    start = Start(
        station_id=caller.station_id,
        connector_id=_connector_id(fields),
        raw_id_tag=raw_id_tag,
        uid=canonical_uid(raw_id_tag),
        meter_wh=fields.integer("meterStart"),
        at=at,
        reported=fields.text("timestamp"),
        clock_set=clock_set,
    )
    answer = await use_cases.charge_started(caller, start)
    await use_cases.reservation_over(caller, fields.integer("reservationId"))
    info = id_tag_info(answer.decision)
    return about_card({"transactionId": answer.transaction_id, "idTagInfo": info}, info["status"], answer.tap)


async def _stop(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    at, clock_set = fields.moment("timestamp")
    stop = Stop(
        station_id=caller.station_id,
        transaction_id=fields.transaction("transactionId"),
        meter_wh=fields.integer("meterStop"),
        at=at,
        raw_id_tag=fields.id_tag("idTag") or "",
        reason=fields.word("reason", _REASONS),
        reported=fields.text("timestamp"),
        clock_set=clock_set,
    )
    answer = await use_cases.charge_stopped(caller, StopReport(stop, readings(fields, "transactionData")))
    payload = {} if answer is None else {"idTagInfo": id_tag_info(answer.decision)}
    summary = joined(f"tx {stop.transaction_id}" if stop.transaction_id else "", stop.reason)
    return Outcome(payload, summary, answer.tap if answer else None)


async def _meter_values(use_cases: UseCases, caller: Caller, fields: Fields) -> Outcome:
    report = MeterReport(
        connector_id=_connector_id(fields),
        transaction_id=fields.transaction("transactionId"),
        readings=readings(fields, "meterValue"),
    )
    await use_cases.metered(caller, report)
    last = report.readings[-1] if report.readings else None
    return Outcome(
        {},
        joined(
            f"conn {report.connector_id}",
            f"{last.energy_wh / 1000:.2f} kWh" if last and last.energy_wh is not None else "",
            f"{last.power_w / 1000:.1f} kW" if last and last.power_w is not None else "",
        ),
    )


def id_tag_info(decision: Decision) -> Payload:
    """IdTagInfo (§7.25). 1.6 has no word for a known card at the wrong place: it is Invalid."""
    status = Status.INVALID if decision.status is Status.NOT_AT_THIS_LOCATION else decision.status
    info: Payload = {"status": status.value}
    if decision.expires_at is not None:
        info["expiryDate"] = wire_time(decision.expires_at)
    if decision.group_id is not None:
        info["parentIdTag"] = decision.group_id
    return info


def _connector_id(fields: Fields, unnamed: int = 1) -> int:
    """Stations with one connector leave it out; a charge or reading without it is the first one's."""
    number = fields.integer("connectorId")
    if number is None or number < 0:
        fields.repairs.append(FieldRepair.MISSING)
        return unnamed
    return number


def _error_code(fields: Fields) -> tuple[str, str]:
    """The code, "" for none, and beside it what the station said where that is none of the specification's."""
    code = fields.word("errorCode", _ERROR_CODES)
    if not code:
        fields.repairs.append(FieldRepair.MISSING)
    if code in ("", _NO_ERROR):
        return "", ""
    return (code, "") if code in _ERROR_CODES else (_OTHER_ERROR, code)


_ACTIONS: Mapping[str, Immediate | Report] = {
    "Authorize": Immediate(_authorize),
    "BootNotification": Report(_boot),
    "DataTransfer": Immediate(data_transfer),
    "DiagnosticsStatusNotification": Immediate(file_told(TransferKind.DIAGNOSTICS)),
    "FirmwareStatusNotification": Immediate(file_told(TransferKind.FIRMWARE)),
    "Heartbeat": Immediate(heartbeat),
    "LogStatusNotification": Immediate(file_told(TransferKind.SECURITY_LOG)),
    "MeterValues": Report(_meter_values),
    "SecurityEventNotification": Immediate(noted("type")),
    "SignCertificate": Immediate(sign_certificate),
    "SignedFirmwareStatusNotification": Immediate(file_told(TransferKind.FIRMWARE)),
    "StartTransaction": Report(_start),
    "StatusNotification": Report(_status),
    "StopTransaction": Report(_stop),
}

#: Actions that only we send (OCPP 1.6 §5 and the security whitepaper): known, and not supported in this direction.
_OURS = frozenset(
    {
        *("cancelreservation", "certificatesigned", "changeavailability", "changeconfiguration", "clearcache"),
        *("clearchargingprofile", "deletecertificate", "extendedtriggermessage", "getcompositeschedule"),
        *("getconfiguration", "getdiagnostics", "getinstalledcertificateids", "getlocallistversion", "getlog"),
        *("installcertificate", "remotestarttransaction", "remotestoptransaction", "reservenow", "reset"),
        *("sendlocallist", "setchargingprofile", "signedupdatefirmware", "triggermessage", "unlockconnector"),
        "updatefirmware",
    }
)

OCPP_16 = Dialect(OcppVersion.V16, OCPP_J_16, _ACTIONS, _OURS, FORMS_16)
