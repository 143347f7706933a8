"""How commands are written in one version of OCPP, and how a station's answers to them are read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from app.csms.reading.repair import Fields, legible
from app.domain.commands import Command, InstallSignedFirmware, When, Writing
from app.domain.errors import AppError
from app.domain.instants import wire_time

ACCEPTED = "Accepted"
#: Seconds we wait for an answer: some stations need a minute to do what they are told before they say so.
CALL_TIMEOUT_S = 45.0
RESET_TIMEOUT_S = 60.0
#: "Accepted" is no answer to UnlockConnector, and is what careless stations give.
UNLOCKED = ("Unlocked", ACCEPTED)


#: A station tries so often to move a file, with so many seconds between: it must not dial for ever.
TRIES, TRY_AGAIN_S = 2, 30


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


def retries() -> dict[str, Any]:
    """How often a station shall try to move a file, in the words of every version."""
    return {"retries": TRIES, "retryInterval": TRY_AGAIN_S}


def accepted(answer: Answer) -> None:
    """The result of a command that only wants a yes.

    Raises AppError `station_refused` for any status but Accepted, `station_answer_unreadable` without one.
    """
    _require(answer, (ACCEPTED,))


def one_of(words: Sequence[str]) -> Callable[[Answer], None]:
    """As `accepted`, of a command to which these words say yes."""
    return lambda answer: _require(answer, words)


def promised(answer: Answer) -> When:
    """When it will be done: a station that is charging may say "Scheduled", which is a yes. Raises as `accepted`."""
    if _folded(status(answer)) == "scheduled":
        return When.LATER
    _require(answer, (ACCEPTED,))
    return When.NOW


def cleared(answer: Answer) -> bool:
    """Whether there was something to clear: Rejected says that there is no memory, which is no fault.

    Raises as `accepted`.
    """
    if _folded(status(answer)) in ("rejected", "notsupported"):
        return False
    _require(answer, (ACCEPTED,))
    return True


def writing(words: Mapping[str, Writing]) -> Callable[[Answer], Writing]:
    """What a station says to a new value, by its words case-folded; any other is a refusal."""
    return lambda answer: words.get(_folded(status(answer)), Writing.REJECTED)


def file_name(answer: Answer) -> str:
    """The name of the file a station will upload, "" where it gives none. Raises as `accepted`."""
    _require(answer, (ACCEPTED, "AcceptedCanceled"))
    return answer.text("filename").strip()


#: What is said to firmware that is taken; the second word: instead of another that was on its way (2.x L01.FR.24).
FIRMWARE_TAKEN = one_of((ACCEPTED, "AcceptedCanceled"))


def signed_firmware(command: InstallSignedFirmware) -> dict[str, Any]:
    """SignedUpdateFirmware.req (1.6 security whitepaper §5.21) and UpdateFirmwareRequest (2.x), which are the same."""
    firmware = {
        "location": command.location,
        "retrieveDateTime": wire_time(command.retrieve_at),
        "signingCertificate": command.certificate,
        "signature": command.signature,
    }
    return {"requestId": command.request_id, "firmware": firmware} | retries()


def no_fields(_command: object) -> dict[str, Any]:
    """What a command whose name says it all is asked with."""
    return {}


def anything(_answer: Answer) -> None:
    """The result of a command whose answer says nothing."""


def status(answer: Answer) -> str:
    """The status in an answer, in the station's own words. Raises AppError `station_answer_unreadable` without one."""
    said = answer.raw("status")
    if not isinstance(said, str) or not said.strip():
        raise AppError("station_answer_unreadable", action=answer.action)
    return legible(said.strip())


def _require(answer: Answer, words: Sequence[str]) -> None:
    said = status(answer)
    if _folded(said) not in map(_folded, words):
        raise AppError("station_refused", action=answer.action, status=said, error=said, description="")


def _folded(word: str) -> str:
    return "".join(filter(str.isalnum, word)).casefold()
