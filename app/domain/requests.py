"""Requests for access: a card that was refused where access can be asked for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.ids import Uid


class RequestState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A card that was refused at a pool which takes requests; `times` it was held to one of its stations.

    `holder` and `email` are those of the pass's identity, empty for a card nobody knows. `station_id`, `connector_id`
    and `raw_id_tag` are those of the last time.
    """

    id: int
    pool_id: int
    pool_name: str
    uid: Uid
    raw_id_tag: str
    pass_id: int | None
    identity_id: int | None
    holder: str
    email: str
    station_id: str
    station_name: str
    connector_id: int | None
    first_at: datetime
    last_at: datetime
    times: int
    state: RequestState
    decided_at: datetime | None
