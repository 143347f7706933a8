"""Letters: e-mails that tell of requests and decisions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LetterState(StrEnum):
    """`UNSURE`: the program ended while it was being sent, so it may have arrived. `REFUSED`: no use to try again."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail of ours. `problem` is what the last attempt to send it ran into, in the server's own words."""

    id: int
    recipient: str
    subject: str
    body: str
    message_id: str
    request_id: int | None
    created_at: datetime
    due_at: datetime
    state: LetterState
    attempts: int
    problem: str
    sent_at: datetime | None
