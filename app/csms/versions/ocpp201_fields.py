"""The types that messages of OCPP 2.x have in common, read leniently and written by the schema."""

from collections.abc import Mapping

from app.csms.reading.id_tokens import group_token
from app.csms.reading.repair import FieldRepair, Fields
from app.csms.versions.dialect import Payload
from app.domain.access import Decision
from app.domain.instants import wire_time


def id_token_info(decision: Decision) -> Payload:
    """IdTokenInfoType. The group belongs in every answer about a card (C09.FR.02, C09.FR.03)."""
    info: Payload = {"status": decision.status.value}
    if decision.expires_at is not None:
        info["cacheExpiryDateTime"] = wire_time(decision.expires_at)
    if decision.group_id is not None:
        info["groupIdToken"] = group_token(decision.group_id)
    return info


def evse_id(fields: Fields) -> int | None:
    """The EVSE in a message's EVSEType, or where careless stations name it; None for the station as a whole."""
    value = fields.raw("evse")
    if isinstance(value, Mapping) or value is None:
        number = fields.inner("evse").integer("id")
    else:
        fields.repairs.append(FieldRepair.WRONG_TYPE)
        number = fields.integer("evse")
    if number is None:
        number = own_evse_id(fields)
    return number if number is not None and number > 0 else None


def own_evse_id(fields: Fields) -> int | None:
    """`evseId`, or `connectorId` in a message of 1.6's shape; None when neither is there, or below 0."""
    number = fields.integer("evseId")
    if number is None and fields.raw("connectorId") is not None:
        fields.repairs.append(FieldRepair.MISSING)
        number = fields.integer("connectorId")
    return number if number is None or number >= 0 else None
