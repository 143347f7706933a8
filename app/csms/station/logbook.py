"""What is kept of the talk with one station: each question and its answer, for the journal to show and to store."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.csms.reading.repair import Fields, legible
from app.csms.rpc.conversation import Answered, AnswerRefused, Call, CallFailed, Failure, OutgoingCall, Unreadable
from app.csms.station.secrets import LONGEST_OF_VENDOR, LONGEST_STORED, is_typed, presentable
from app.csms.use_cases import Caller
from app.domain.model import Direction, Message, Registration, Tap
from app.domain.pins import HIDDEN_PIN, typed_digits
from app.journal import Journal


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call from the station: `action` as it is meant, `since` on the monotonic clock."""

    call: Call
    action: str
    caller: Caller
    at: datetime
    since: float
    fields: Fields


@dataclass(frozen=True, slots=True)
class Sent:
    """A call of ours as it went out: its place in the journal, and when that was on either clock."""

    message_id: int
    at: datetime
    since: float


class Logbook:
    """One station's. Of a station that is not accepted nothing is kept: neither what it says nor what it is told."""

    def __init__(
        self,
        journal: Journal,
        station_id: str,
        clock: Callable[[], datetime],
        registration: Callable[[], Registration],
    ) -> None:
        self._journal = journal
        self._station_id = station_id
        self._clock = clock
        self._registration = registration

    def answered(self, arrival: Arrival, response: str, summary: str, tap: Tap | None = None, reason: str = "") -> None:
        """A call of the station and what it was told; `summary` as `Message.outcome`, `reason` as there."""
        call, named = arrival.call, _card_in(arrival.call.payload)
        # What is no card may be a PIN, also where the message could not be understood.
        typed = tap is None or not tap.uid
        longest = LONGEST_OF_VENDOR if arrival.action == "DataTransfer" else LONGEST_STORED
        self._keep(
            Message(
                id=arrival.caller.message_id,
                at=arrival.at,
                station_id=self._station_id,
                direction=Direction.FROM_STATION,
                action=legible(arrival.action),
                id_tag=tap.raw_id_tag if tap else named,
                outcome=summary,
                request=presentable(call.raw, typed=typed, longest=longest),
                response=presentable(response),
                took_ms=(time.monotonic() - arrival.since) * 1000,
                repairs=(*call.repairs, *dict.fromkeys(arrival.fields.repairs)),
                tap_id=tap.id if tap else None,
                reason=reason,
                holder=tap.holder if tap else "",
            )
        )

    def unreadable(self, frame: Unreadable) -> None:
        """A frame that is no message."""
        self._note(frame.fault.value, presentable(frame.raw, typed=True), frame.reply or "")

    def answer_refused(self, refusal: AnswerRefused) -> None:
        """The station could not work with an answer of ours."""
        self._note(legible(refusal.code), presentable(refusal.raw, typed=True), repairs=refusal.repairs)

    def _note(self, outcome: str, request: str, response: str = "", repairs: tuple[str, ...] = ()) -> None:
        """What came and was no question."""
        self._keep(
            Message(
                id=self._journal.next_message_id(),
                at=self._clock(),
                station_id=self._station_id,
                direction=Direction.FROM_STATION,
                action="",
                id_tag="",
                outcome=outcome,
                request=request,
                response=response,
                took_ms=None,
                repairs=repairs,
            )
        )

    def asked(self, call: OutgoingCall) -> Sent:
        """A call of ours goes out; hand the result to `ended` with its answer, and again with a late one."""
        sent = Sent(self._journal.next_message_id(), self._clock(), time.monotonic())
        self._keep(self._question(call, sent))
        return sent

    def ended(self, ended: Answered | CallFailed, sent: Sent) -> None:
        """What came of a call of ours."""
        if isinstance(ended, Answered):
            outcome = legible(ended.payload.get("status"))
        else:
            outcome = legible(ended.code) or ended.why.value
        silent = isinstance(ended, CallFailed) and ended.why in (Failure.TIMED_OUT, Failure.CLOSED)
        took_ms = None if silent else (time.monotonic() - sent.since) * 1000
        self._keep(self._question(ended.call, sent, outcome, presentable(ended.raw), took_ms, ended.repairs))

    def _question(
        self,
        call: OutgoingCall,
        sent: Sent,
        outcome: str = "",
        response: str = "",
        took_ms: float | None = None,
        repairs: tuple[str, ...] = (),
    ) -> Message:
        return Message(
            id=sent.message_id,
            at=sent.at,
            station_id=self._station_id,
            direction=Direction.TO_STATION,
            action=call.action,
            id_tag="",
            outcome=outcome,
            request=presentable(call.text),
            response=response,
            took_ms=took_ms,
            repairs=repairs,
        )

    def _keep(self, message: Message) -> None:
        if self._registration() is Registration.ACCEPTED:
            self._journal.log(message)


def _card_in(payload: Mapping[str, Any]) -> str:
    """The card a message names, in either version's way; hidden when it may have been typed."""
    token = payload.get("idToken")
    keyed = isinstance(token, Mapping) and is_typed(token)
    named = legible(token.get("idToken") if isinstance(token, Mapping) else token or payload.get("idTag"))
    return HIDDEN_PIN if named and (keyed or typed_digits(named)) else named
