"""What we ask a station to do, in the words of its version of OCPP, and whether it said that it will."""

from dataclasses import dataclass
from typing import Any

from app.csms.logbook import legible
from app.domain.errors import AppError

ACCEPTED = "Accepted"


@dataclass(frozen=True, slots=True)
class Command:
    """A call of ours, ready to go out."""

    action: str
    payload: dict[str, Any]

    def require_accepted(self, answer: dict[str, Any]) -> None:
        """Raises AppError `station_refused` for any status but Accepted, `station_answer_unreadable` without one."""
        status = answer.get("status")
        if not isinstance(status, str) or not status.strip():
            raise AppError("station_answer_unreadable", action=self.action)
        if status.strip().casefold() != ACCEPTED.casefold():
            error = legible(status)
            raise AppError("station_refused", action=self.action, status=error, error=error, description="")


def start_charge_16(raw_id_tag: str, connector_id: int | None) -> Command:
    """RemoteStartTransaction.req (OCPP 1.6 §6.33): with the tag as the station's own reader spelled it.

    Connector 0 is the whole station, where nobody charges: without a connector the station chooses one.
    """
    payload: dict[str, Any] = {"idTag": raw_id_tag}
    if connector_id is not None and connector_id > 0:
        payload["connectorId"] = connector_id
    return Command("RemoteStartTransaction", payload)


def stop_charge_16(transaction_id: int) -> Command:
    """RemoteStopTransaction.req (OCPP 1.6 §6.35)."""
    return Command("RemoteStopTransaction", {"transactionId": transaction_id})
