"""How commands are written in one version of OCPP, and how a station's answers to them are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from app.csms.repair import Fields, legible
from app.domain.commands import Command
from app.domain.errors import AppError

ACCEPTED = "Accepted"
#: Seconds we wait for an answer: some stations need a minute to do what they are told before they say so.
CALL_TIMEOUT_S = 45.0


class Answer(Fields):
    """A station's answer to one of our calls; `action` is what it was asked."""

    def __init__(self, action: str, payload: Mapping[str, Any], received_at: datetime) -> None:
        super().__init__(payload, received_at)
        self.action = action


@dataclass(frozen=True, slots=True)
class Form:
    """One command in one version.

    `payload` writes it; `read` gives its result and raises AppError `station_refused` or `station_answer_unreadable`
    for an answer that brings none. `timeout_s` is how long the station may take to answer.
    """

    action: str
    payload: Callable[[Any], dict[str, Any]]
    read: Callable[[Answer], Any]
    timeout_s: float = CALL_TIMEOUT_S


Forms: TypeAlias = Mapping[type[Command[Any]], Form]


def form_of(forms: Forms, command: Command[Any]) -> Form:
    """How this version writes a command. Raises AppError `command_not_in_version` when it has no such thing."""
    form = forms.get(type(command))
    if form is None:
        raise AppError("command_not_in_version", command=type(command).__name__)
    return form


def accepted(answer: Answer) -> None:
    """The result of a command that only wants a yes.

    Raises AppError `station_refused` for any status but Accepted, `station_answer_unreadable` without one.
    """
    said = status(answer)
    if said.casefold() != ACCEPTED.casefold():
        raise AppError("station_refused", action=answer.action, status=said, error=said, description="")


def status(answer: Answer) -> str:
    """The status in an answer, in the station's own words. Raises AppError `station_answer_unreadable` without one."""
    said = answer.raw("status")
    if not isinstance(said, str) or not said.strip():
        raise AppError("station_answer_unreadable", action=answer.action)
    return legible(said.strip())
