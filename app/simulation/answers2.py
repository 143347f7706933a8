# mypy: disable-error-code="import-untyped, misc"
# The `ocpp` package ships no types.
"""How a station of OCPP 2.0.1 or 2.1 says what happens and answers what it is asked.

The station itself thinks in 1.6's messages; here they become those of 2.x, and its questions theirs. Each connector is
an EVSE with one connector.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ocpp.v21 import ChargePoint as ChargePoint21
from ocpp.v201 import ChargePoint as ChargePoint201
from websockets.asyncio.client import ClientConnection

from app.simulation.charging import Report, Reservation, Session, happens_within, ocpp_time, utc_now
from app.simulation.conversation import Conversation, afterwards, answers
from app.simulation.files import fetch_firmware, send_log
from app.simulation.memory import instant
from app.simulation.shapes2 import id_tag_info, id_token, meter_value, nameplate, register
from app.simulation.variables2 import reported, reported_of, settle, value_of

if TYPE_CHECKING:
    from app.simulation.station import SimulatedStation

_CROSSING_SECONDS = 1.0
_STATUSES = {"Available": "Available", "Reserved": "Reserved", "Unavailable": "Unavailable", "Faulted": "Faulted"}
_STATES = {"Charging": "Charging", "SuspendedEV": "SuspendedEV", "SuspendedEVSE": "SuspendedEVSE"}
#: Why a charge ended: the trigger of its last event, and the stoppedReason where that has another word than 1.6.
_ENDINGS = {
    "Local": ("StopAuthorized", "Local"),
    "Remote": ("RemoteStop", "Remote"),
    "DeAuthorized": ("Deauthorized", "DeAuthorized"),
    "EVDisconnected": ("EVCommunicationLost", "EVDisconnected"),
    "HardReset": ("ResetCommand", "ImmediateReset"),
    "SoftReset": ("ResetCommand", "ImmediateReset"),
    "UnlockCommand": ("UnlockCommand", "Other"),
}


class _Answers2(Conversation):
    """The conversation of a station that does what it is told."""

    def __init__(self, station: "SimulatedStation", link: ClientConnection) -> None:
        super().__init__(station.station_id, link, station.on_frame, station.answer_timeout)
        self._station = station
        self._cabinet = station.cabinet

    # What the station says

    async def ask(self, action: str, **fields: Any) -> dict[str, Any]:
        match action:
            case "BootNotification":
                return await super().ask(action, reason="PowerUp", charging_station=nameplate(fields))
            case "Authorize":
                answer = await super().ask(action, id_token=id_token(fields["id_tag"]))
                return {"id_tag_info": id_tag_info(answer["id_token_info"])}
            case "StatusNotification":
                return await self._status(**fields)
            case "MeterValues":
                values = meter_value(fields["meter_value"])
                return await super().ask(action, evse_id=fields["connector_id"], meter_value=values)
            case "DiagnosticsStatusNotification":
                return await super().ask("LogStatusNotification", **fields)
            case _:
                return await super().ask(action, **fields)

    async def tell(self, report: Report) -> dict[str, Any]:
        session, fields = report.session, report.fields
        more: dict[str, Any] = {"meter_value": meter_value(fields["meter_value"])} if "meter_value" in fields else {}
        if report.action == "StartTransaction":
            more |= {
                "evse": {"id": session.connector_id, "connector_id": 1},
                "id_token": id_token(session.uid),
                "meter_value": register(fields["meter_start"], fields["timestamp"], "Transaction.Begin"),
            }
            remote = session.remote_start_id is not None
            answer = await self._event(report, "Started", "RemoteStart" if remote else "Authorized", more)
        elif report.action == "StopTransaction":
            trigger, reason = _ENDINGS.get(session.reason, ("AbnormalCondition", "Other"))
            if fields.get("id_tag"):
                more["id_token"] = id_token(fields["id_tag"])
            more["meter_value"] = register(fields["meter_stop"], fields["timestamp"], "Transaction.End")
            answer = await self._event(report, "Ended", trigger, more, stopped_reason=reason)
        else:
            answer = await self._event(report, "Updated", "MeterValuePeriodic", more)
        told = {"transaction_id": session.reference}
        return told | ({"id_tag_info": id_tag_info(info)} if (info := answer.get("id_token_info")) else {})

    async def _event(
        self, report: Report, kind: str, trigger: str, more: dict[str, Any], **info: Any
    ) -> dict[str, Any]:
        session = report.session
        started = {"remote_start_id": session.remote_start_id} if kind == "Started" and session.remote_start_id else {}
        return await super().ask(
            "TransactionEvent",
            event_type=kind,
            timestamp=report.fields.get("timestamp") or more["meter_value"][-1]["timestamp"],
            trigger_reason=trigger,
            seq_no=_next(session),
            transaction_info={"transaction_id": session.reference, **started, **info},
            offline=report.offline or None,
            reservation_id=session.reservation_id if kind == "Started" else None,
            **more,
        )

    async def tell_expired(self, reservation_id: int) -> None:
        await super().ask("ReservationStatusUpdate", reservation_id=reservation_id, reservation_update_status="Expired")

    async def _status(self, connector_id: int, status: str, timestamp: str, **_: object) -> dict[str, Any]:
        session = self._cabinet.connectors[connector_id].session
        if session is not None and session.transaction_id is not None and status in _STATES:
            await super().ask(
                "TransactionEvent",
                event_type="Updated",
                timestamp=timestamp,
                trigger_reason="ChargingStateChanged",
                seq_no=_next(session),
                transaction_info={"transaction_id": session.reference, "charging_state": _STATES[status]},
            )
        return await super().ask(
            "StatusNotification",
            timestamp=timestamp,
            connector_status=_STATUSES.get(status, "Occupied"),
            evse_id=connector_id,
            connector_id=min(connector_id, 1),
        )

    # Sessions

    @answers("RequestStartTransaction")
    async def on_request_start(
        self, id_token: dict[str, Any], remote_start_id: int, evse_id: int | None = None, **_: object
    ) -> Any:
        uid = id_token["id_token"]
        plug = self._cabinet.free_plug(uid, evse_id)
        if plug is None or not self._station.accepted:
            return self._call_result.RequestStartTransaction("Rejected")
        may_cross = self.line_is_free
        self.spoke.clear()
        plug.claimed, plug.remote_start_id = True, remote_start_id
        self._station.spawn(self._station.charge_remotely, uid, plug)
        if may_cross:
            # Many stations ask for the card before they answer; a server that waits for the answer first hangs.
            await happens_within(_CROSSING_SECONDS, self.spoke)
        return self._call_result.RequestStartTransaction("Accepted")

    @answers("RequestStopTransaction")
    def on_request_stop(self, transaction_id: str, **_: object) -> Any:
        known = self._named(transaction_id) is not None
        return self._call_result.RequestStopTransaction("Accepted" if known else "Rejected")

    @afterwards("RequestStopTransaction")
    def after_request_stop(self, transaction_id: str, **_: object) -> None:
        session = self._named(transaction_id)
        if session is not None:
            self._station.spawn(self._station.finish, session, "Remote")

    @answers("GetTransactionStatus")
    def on_get_transaction_status(self, transaction_id: str | None = None, **_: object) -> Any:
        waiting = self._station.unreported > 0
        if transaction_id is None:
            return self._call_result.GetTransactionStatus(messages_in_queue=waiting)
        ongoing = self._named(transaction_id) is not None
        return self._call_result.GetTransactionStatus(messages_in_queue=waiting, ongoing_indicator=ongoing)

    @answers("UnlockConnector")
    def on_unlock_connector(self, evse_id: int, **_: object) -> Any:
        plug = self._cabinet.plugs.get(evse_id)
        if plug is None:
            return self._call_result.UnlockConnector("UnknownConnector")
        # Here nobody lets go of a cable that is charging.
        return self._call_result.UnlockConnector("OngoingAuthorizedTransaction" if plug.session else "Unlocked")

    @answers("ChangeAvailability")
    def on_change_availability(self, operational_status: str, evse: dict[str, Any] | None = None, **_: object) -> Any:
        number = evse["id"] if evse else 0
        status = self._cabinet.make_operative(number, operative=operational_status == "Operative")
        return self._call_result.ChangeAvailability(status)

    @afterwards("ChangeAvailability")
    def after_change_availability(self, **_: object) -> None:
        self._station.spawn(self._station.report_statuses)

    @answers("ReserveNow")
    def on_reserve_now(
        self,
        id: int,  # noqa: A002 (the field's name in OCPP)
        expiry_date_time: str,
        id_token: dict[str, Any],
        evse_id: int | None = None,
        group_id_token: dict[str, Any] | None = None,
        **_: object,
    ) -> Any:
        expires_at, group = instant(expiry_date_time), (group_id_token or {}).get("id_token")
        if expires_at is None:
            return self._call_result.ReserveNow("Rejected")
        reservation = Reservation(id, id_token["id_token"], group, expires_at)
        status = self._cabinet.reserve(evse_id or 0, reservation)
        if status == "Accepted":
            self._station.spawn(self._station.wait_for_expiry, reservation)
        return self._call_result.ReserveNow(status)

    @afterwards("ReserveNow")
    def after_reserve_now(self, **_: object) -> None:
        self._station.spawn(self._station.report_statuses)

    @answers("CancelReservation")
    def on_cancel_reservation(self, reservation_id: int, **_: object) -> Any:
        cancelled = self._cabinet.cancel_reservation(reservation_id)
        return self._call_result.CancelReservation("Accepted" if cancelled else "Rejected")

    @afterwards("CancelReservation")
    def after_cancel_reservation(self, **_: object) -> None:
        self._station.spawn(self._station.report_statuses)

    # What the station remembers

    @answers("GetVariables")
    def on_get_variables(self, get_variable_data: Sequence[dict[str, Any]], **_: object) -> Any:
        return self._call_result.GetVariables([value_of(self._cabinet, asked) for asked in get_variable_data])

    @answers("SetVariables")
    def on_set_variables(self, set_variable_data: Sequence[dict[str, Any]], **_: object) -> Any:
        return self._call_result.SetVariables([settle(self._station.configure, asked) for asked in set_variable_data])

    @answers("GetBaseReport")
    def on_get_base_report(self, **_: object) -> Any:
        return self._call_result.GetBaseReport("Accepted")

    @afterwards("GetBaseReport")
    def after_get_base_report(self, request_id: int, **_: object) -> None:
        self._station.spawn(self._notify_report, request_id, reported(self._cabinet))

    @answers("GetReport")
    def on_get_report(self, component_variable: Sequence[dict[str, Any]] = (), **_: object) -> Any:
        found = reported_of(self._cabinet, component_variable)
        return self._call_result.GetReport("Accepted" if found else "EmptyResultSet")

    @afterwards("GetReport")
    def after_get_report(self, request_id: int, component_variable: Sequence[dict[str, Any]] = (), **_: object) -> None:
        if found := reported_of(self._cabinet, component_variable):
            self._station.spawn(self._notify_report, request_id, found)

    async def _notify_report(self, request_id: int, report: list[dict[str, Any]]) -> None:
        await super().ask(
            "NotifyReport",
            request_id=request_id,
            generated_at=ocpp_time(utc_now()),
            seq_no=0,
            tbc=False,
            report_data=report,
        )

    @answers("ClearCache")
    def on_clear_cache(self, **_: object) -> Any:
        if not self._cabinet.configuration.flag("AuthorizationCacheEnabled"):
            return self._call_result.ClearCache("Rejected")
        self._cabinet.cache.clear()
        return self._call_result.ClearCache("Accepted")

    @answers("GetLocalListVersion")
    def on_get_local_list_version(self, **_: object) -> Any:
        # 0 when it is switched off (D02.FR.03).
        version = self._cabinet.local_list.version if self._cabinet.keeps_local_list else 0
        return self._call_result.GetLocalListVersion(version)

    @answers("SendLocalList")
    def on_send_local_list(
        self,
        version_number: int,
        update_type: str,
        local_authorization_list: Sequence[dict[str, Any]] = (),
        **_: object,
    ) -> Any:
        configuration = self._cabinet.configuration
        fits = len(local_authorization_list) <= configuration.number("SendLocalListMaxLength")
        if not self._cabinet.keeps_local_list or not fits:
            return self._call_result.SendLocalList("Failed")
        entries = [
            {"id_tag": entry["id_token"]["id_token"]}
            | ({"id_tag_info": id_tag_info(info)} if (info := entry.get("id_token_info")) else {})
            for entry in local_authorization_list
        ]
        capacity = configuration.number("LocalAuthListMaxLength")
        status = self._cabinet.local_list.update(version_number, update_type, entries, capacity)
        return self._call_result.SendLocalList(status)

    # The station itself

    @answers("Reset")
    def on_reset(self, **_: object) -> Any:
        return self._call_result.Reset("Rejected" if self._station.restarting else "Accepted")

    @afterwards("Reset")
    def after_reset(self, **_: object) -> None:
        if not self._station.restarting:
            self._station.spawn(self._station.restart, "HardReset")

    @answers("TriggerMessage")
    def on_trigger_message(self, requested_message: str, evse: dict[str, Any] | None = None, **_: object) -> Any:
        known = evse is None or evse["id"] in self._cabinet.connectors
        can = requested_message in {"BootNotification", "Heartbeat", "MeterValues", "StatusNotification"}
        status = "NotImplemented" if not can else "Accepted" if known else "Rejected"
        return self._call_result.TriggerMessage(status)

    @afterwards("TriggerMessage")
    def after_trigger_message(self, requested_message: str, evse: dict[str, Any] | None = None, **_: object) -> None:
        if evse is None or evse["id"] in self._cabinet.connectors:
            self._station.spawn(self._station.trigger, requested_message, evse["id"] if evse else None)

    @answers("DataTransfer")
    def on_data_transfer(self, **_: object) -> Any:
        return self._call_result.DataTransfer("UnknownVendorId")

    @answers("GetLog")
    def on_get_log(self, log: dict[str, Any], **_: object) -> Any:
        if not self._cabinet.can_reach(log["remote_location"]):
            return self._call_result.GetLog("Rejected")
        return self._call_result.GetLog("Accepted", filename=self._station.log_name)

    @afterwards("GetLog")
    def after_get_log(self, log: dict[str, Any], request_id: int, **_: object) -> None:
        station, location, action = self._station, log["remote_location"], "LogStatusNotification"
        if self._cabinet.can_reach(location):
            upload = partial(send_log, self.ask, action, location, station.log_name, station.log)
            station.spawn(upload, failed="UploadFailure", request_id=request_id)

    @answers("UpdateFirmware")
    def on_update_firmware(self, **_: object) -> Any:
        return self._call_result.UpdateFirmware("Accepted")

    @afterwards("UpdateFirmware")
    def after_update_firmware(self, firmware: dict[str, Any], request_id: int, **_: object) -> None:
        location = firmware["location"]
        known = self._cabinet.can_reach(location)
        self._station.spawn(fetch_firmware, self.ask, location, known=known, request_id=request_id)

    @answers("InstallCertificate")
    def on_install_certificate(self, certificate_type: str, certificate: str, **_: object) -> Any:
        return self._call_result.InstallCertificate(self._cabinet.roots.install(certificate_type, certificate))

    @answers("GetInstalledCertificateIds")
    def on_get_installed_certificate_ids(self, certificate_type: list[str] | None = None, **_: object) -> Any:
        chains = [
            {"certificate_type": kind, "certificate_hash_data": hashed}
            for kind, hashed in self._cabinet.roots.find(certificate_type)
        ]
        return self._call_result.GetInstalledCertificateIds(
            "Accepted" if chains else "NotFound", certificate_hash_data_chain=chains or None
        )

    @answers("DeleteCertificate")
    def on_delete_certificate(self, certificate_hash_data: dict[str, Any], **_: object) -> Any:
        return self._call_result.DeleteCertificate(self._cabinet.roots.delete(certificate_hash_data))

    @answers("CustomerInformation")
    def on_customer_information(self, **_: object) -> Any:
        return self._call_result.CustomerInformation("Accepted")

    @afterwards("CustomerInformation")
    def after_customer_information(self, request_id: int, report: bool, clear: bool, **asked: Any) -> None:
        uid = (asked.get("id_token") or {}).get("id_token", "")
        kept = self._cabinet.cache.find(uid)
        if clear:
            self._cabinet.cache.forget(uid)
        self._station.spawn(self._tell_of_customer, request_id, f"{uid}: {kept.status}" if report and kept else "")

    async def _tell_of_customer(self, request_id: int, data: str) -> None:
        await super().ask(
            "NotifyCustomerInformation", request_id=request_id, generated_at=ocpp_time(utc_now()), seq_no=0, data=data
        )

    def _named(self, reference: str) -> Session | None:
        return next((session for session in self._cabinet.sessions() if session.reference == reference), None)


class Answers201(_Answers2, ChargePoint201):
    """In OCPP 2.0.1."""


class Answers21(_Answers2, ChargePoint21):
    """In OCPP 2.1."""


def _next(session: Session) -> int:
    session.told += 1
    return session.told - 1
