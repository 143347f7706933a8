"""Who or what ended a session."""

from enum import StrEnum

from app.domain.charges import Flag
from app.domain.model import Session


class EndedBy(StrEnum):
    CARD = "card"
    REMOTE = "remote"
    CAR = "car"
    STATION = "station"
    #: Its end was never told.
    UNKNOWN = "unknown"


# Reason of 1.6 (§7.36), ReasonEnumType of 2.x (§3.67).
_REASONS = {
    "EVDisconnected": EndedBy.CAR,
    "StoppedByEV": EndedBy.CAR,
    "SOCLimitReached": EndedBy.CAR,
    "Remote": EndedBy.REMOTE,
}


def ended_by(session: Session) -> EndedBy | None:
    """Who or what ended it; None while it runs."""
    if session.is_open:
        return None
    if Flag.STOP_NEVER_CAME in session.flags:
        return EndedBy.UNKNOWN
    by_reason = _REASONS.get(session.stop_reason)
    return by_reason or (EndedBy.CARD if session.stop_id_tag else EndedBy.STATION)
