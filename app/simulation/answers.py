# mypy: disable-error-code="import-untyped, misc"
# The `ocpp` package ships no types.
"""How the station answers what the server asks (OCPP 1.6 §5).

Answers are quick and never wait for the server. What follows from a request (a session, a restart, a triggered
message) runs as a task of the station.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ocpp.v16 import ChargePoint, call_result
from websockets.asyncio.client import ClientConnection

from app.simulation.charging import Report, Reservation, happens_within
from app.simulation.conversation import Conversation, afterwards, answers
from app.simulation.files import fetch_firmware, send_log
from app.simulation.memory import instant

if TYPE_CHECKING:
    from app.simulation.station import SimulatedStation

_CROSSING_SECONDS = 1.0


class Answers(Conversation, ChargePoint):
    """The conversation of a station that does what it is told."""

    def __init__(self, station: "SimulatedStation", link: ClientConnection) -> None:
        super().__init__(station.station_id, link, station.on_frame, station.answer_timeout)
        self._station = station
        self._cabinet = station.cabinet

    async def tell(self, report: Report) -> dict[str, Any]:
        session, fields = report.session, dict(report.fields)
        if report.action == "StopTransaction":
            # A start the server never took has no id; -1 says so (errata §3.18).
            fields["transaction_id"] = -1 if session.transaction_id is None else session.transaction_id
        elif report.action == "MeterValues":
            fields["transaction_id"] = session.transaction_id
        return await self.ask(report.action, **fields)

    # Sessions

    @answers("RemoteStartTransaction")
    async def on_remote_start(self, id_tag: str, connector_id: int | None = None, **_: object) -> Any:
        plug = self._cabinet.free_plug(id_tag, connector_id)
        if plug is None or not self._station.accepted:
            return call_result.RemoteStartTransaction("Rejected")
        may_cross = self.line_is_free
        self.spoke.clear()
        plug.claimed = True
        self._station.spawn(self._station.charge_remotely, id_tag, plug)
        if may_cross:
            # Many stations ask for the card before they answer; a server that waits for the answer first hangs.
            await happens_within(_CROSSING_SECONDS, self.spoke)
        return call_result.RemoteStartTransaction("Accepted")

    @answers("RemoteStopTransaction")
    def on_remote_stop(self, transaction_id: int) -> Any:
        known = self._cabinet.session_of(transaction_id) is not None
        return call_result.RemoteStopTransaction("Accepted" if known else "Rejected")

    @afterwards("RemoteStopTransaction")
    def after_remote_stop(self, transaction_id: int) -> None:
        session = self._cabinet.session_of(transaction_id)
        if session is not None:
            self._station.spawn(self._station.finish, session, "Remote")

    @answers("UnlockConnector")
    def on_unlock_connector(self, connector_id: int) -> Any:
        known = connector_id in self._cabinet.plugs
        return call_result.UnlockConnector("Unlocked" if known else "NotSupported")

    @afterwards("UnlockConnector")
    def after_unlock_connector(self, connector_id: int) -> None:
        plug = self._cabinet.plugs.get(connector_id)
        if plug is not None and plug.session is not None:
            self._station.spawn(self._station.finish, plug.session, "UnlockCommand")

    # Availability and reservations

    @answers("ChangeAvailability")
    def on_change_availability(self, connector_id: int, type: str) -> Any:  # noqa: A002 (the field's name in OCPP)
        return call_result.ChangeAvailability(self._cabinet.make_operative(connector_id, operative=type == "Operative"))

    @afterwards("ChangeAvailability")
    def after_change_availability(self, **_: object) -> None:
        self._station.spawn(self._station.report_statuses)

    @answers("ReserveNow")
    def on_reserve_now(
        self, connector_id: int, expiry_date: str, id_tag: str, reservation_id: int, parent_id_tag: str | None = None
    ) -> Any:
        expires_at = instant(expiry_date)
        if expires_at is None:
            return call_result.ReserveNow("Rejected")
        reservation = Reservation(reservation_id, id_tag, parent_id_tag, expires_at)
        status = self._cabinet.reserve(connector_id, reservation)
        if status == "Accepted":
            self._station.spawn(self._station.wait_for_expiry, reservation)
        return call_result.ReserveNow(status)

    @afterwards("ReserveNow")
    def after_reserve_now(self, **_: object) -> None:
        self._station.spawn(self._station.report_statuses)

    @answers("CancelReservation")
    def on_cancel_reservation(self, reservation_id: int) -> Any:
        cancelled = self._cabinet.cancel_reservation(reservation_id)
        return call_result.CancelReservation("Accepted" if cancelled else "Rejected")

    @afterwards("CancelReservation")
    def after_cancel_reservation(self, **_: object) -> None:
        self._station.spawn(self._station.report_statuses)

    # What the station remembers

    @answers("GetConfiguration")
    def on_get_configuration(self, key: Sequence[str] | None = None) -> Any:
        values, unknown = self._cabinet.configuration.read(key)
        return call_result.GetConfiguration(configuration_key=values, unknown_key=unknown or None)

    @answers("ChangeConfiguration")
    def on_change_configuration(self, key: str, value: str) -> Any:
        return call_result.ChangeConfiguration(self._station.configure(key, value))

    @answers("ClearCache")
    def on_clear_cache(self) -> Any:
        if not self._cabinet.configuration.flag("AuthorizationCacheEnabled"):
            return call_result.ClearCache("Rejected")
        self._cabinet.cache.clear()
        return call_result.ClearCache("Accepted")

    @answers("GetLocalListVersion")
    def on_get_local_list_version(self) -> Any:
        supported = self._cabinet.keeps_local_list
        return call_result.GetLocalListVersion(self._cabinet.local_list.version if supported else -1)

    @answers("SendLocalList")
    def on_send_local_list(
        self, list_version: int, update_type: str, local_authorization_list: Sequence[dict[str, Any]] = ()
    ) -> Any:
        if not self._cabinet.keeps_local_list:
            return call_result.SendLocalList("NotSupported")
        configuration = self._cabinet.configuration
        if len(local_authorization_list) > configuration.number("SendLocalListMaxLength"):
            return call_result.SendLocalList("Failed")
        capacity = configuration.number("LocalAuthListMaxLength")
        status = self._cabinet.local_list.update(list_version, update_type, local_authorization_list, capacity)
        return call_result.SendLocalList(status)

    # The station itself

    @answers("Reset")
    def on_reset(self, **_: object) -> Any:
        return call_result.Reset("Rejected" if self._station.restarting else "Accepted")

    @afterwards("Reset")
    def after_reset(self, type: str) -> None:  # noqa: A002 (the field's name in OCPP)
        if not self._station.restarting:
            self._station.spawn(self._station.restart, f"{type}Reset")

    @answers("TriggerMessage")
    def on_trigger_message(self, connector_id: int | None = None, **_: object) -> Any:
        known = connector_id is None or connector_id in self._cabinet.connectors
        return call_result.TriggerMessage("Accepted" if known else "Rejected")

    @afterwards("TriggerMessage")
    def after_trigger_message(self, requested_message: str, connector_id: int | None = None) -> None:
        if connector_id is None or connector_id in self._cabinet.connectors:
            self._station.spawn(self._station.trigger, requested_message, connector_id)

    @answers("DataTransfer")
    def on_data_transfer(self, **_: object) -> Any:
        return call_result.DataTransfer("UnknownVendorId")

    @answers("GetDiagnostics")
    def on_get_diagnostics(self, location: str, **_: object) -> Any:
        return call_result.GetDiagnostics(self._station.log_name if self._cabinet.can_reach(location) else None)

    @afterwards("GetDiagnostics")
    def after_get_diagnostics(self, location: str, **_: object) -> None:
        if self._cabinet.can_reach(location):
            self._upload("DiagnosticsStatusNotification", location, failed="UploadFailed")

    @answers("GetLog")
    def on_get_log(self, log: dict[str, Any], **_: object) -> Any:
        if not self._cabinet.can_reach(log["remote_location"]):
            return call_result.GetLog("Rejected")
        return call_result.GetLog("Accepted", filename=self._station.log_name)

    @afterwards("GetLog")
    def after_get_log(self, log: dict[str, Any], request_id: int, **_: object) -> None:
        if self._cabinet.can_reach(log["remote_location"]):
            location = log["remote_location"]
            self._upload("LogStatusNotification", location, failed="UploadFailure", request_id=request_id)

    def _upload(self, action: str, location: str, *, failed: str, **about: object) -> None:
        upload = partial(send_log, self.ask, action, location, self._station.log_name, self._station.log)
        self._station.spawn(upload, failed=failed, **about)

    @answers("UpdateFirmware")
    def on_update_firmware(self, **_: object) -> Any:
        return call_result.UpdateFirmware()

    @afterwards("UpdateFirmware")
    def after_update_firmware(self, location: str, **_: object) -> None:
        self._station.spawn(fetch_firmware, self.ask, location, known=self._cabinet.can_reach(location))

    @answers("InstallCertificate")
    def on_install_certificate(self, certificate_type: str, certificate: str) -> Any:
        return call_result.InstallCertificate(self._cabinet.roots.install(certificate_type, certificate))

    @answers("GetInstalledCertificateIds")
    def on_get_installed_certificate_ids(self, certificate_type: str) -> Any:
        found = [hashed for _, hashed in self._cabinet.roots.find([certificate_type])]
        return call_result.GetInstalledCertificateIds("Accepted" if found else "NotFound", found or None)

    @answers("DeleteCertificate")
    def on_delete_certificate(self, certificate_hash_data: dict[str, Any]) -> Any:
        return call_result.DeleteCertificate(self._cabinet.roots.delete(certificate_hash_data))

    # Smart charging is not among the station's feature profiles.

    @answers("SetChargingProfile")
    def on_set_charging_profile(self, **_: object) -> Any:
        return call_result.SetChargingProfile("NotSupported")

    @answers("ClearChargingProfile")
    def on_clear_charging_profile(self, **_: object) -> Any:
        return call_result.ClearChargingProfile("Unknown")

    @answers("GetCompositeSchedule")
    def on_get_composite_schedule(self, **_: object) -> Any:
        return call_result.GetCompositeSchedule("Rejected")
