"""One version of OCPP, as a table: how each message is read, what it means, how the answer is written.

The tables themselves are `ocpp16.OCPP_16` and its siblings. What happens on a tap or a charge is in none of them: that
is written once, in `use_cases`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.csms.reading.repair import Fields
from app.csms.rpc.ocpp_j import ErrorCode, OcppJ
from app.csms.use_cases import Caller, UseCases
from app.csms.versions.forms import Forms
from app.domain.model import OcppVersion, Tap

Payload = dict[str, Any]

BOOT = "BootNotification"


class RefuseError(Exception):
    """The message cannot be understood even leniently: the fact it is about is missing."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer's payload, what the log says of the exchange, and the tap it brought.

    `reason` is why, where the summary is what was said of a card.
    """

    payload: Payload
    summary: str = ""
    tap: Tap | None = None
    reason: str = ""


def about_card(payload: Payload, status: str, tap: Tap) -> Outcome:
    """The outcome of what was only about a card; `status` is what the station is told, in its version's word."""
    return Outcome(payload, status, tap, tap.reason)


Handle = Callable[[UseCases, Caller, Fields], Outcome | Awaitable[Outcome]]
HandleLater = Callable[[UseCases, Caller, Fields], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Immediate:
    """Answered at once, without waiting for the disk; an outcome to await takes a moment for another reason."""

    handle: Handle


@dataclass(frozen=True, slots=True)
class Report:
    """Something that happened: answered after it is stored. Raises AppError `disk_…` while it cannot be."""

    handle: HandleLater


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a station of one version may say and be asked."""

    version: OcppVersion
    rules: OcppJ
    actions: Mapping[str, Immediate | Report]
    #: Actions that only we send, case-folded: known, and not supported in this direction.
    ours: frozenset[str]
    #: What we can ask, each with how it is written and its answer read.
    forms: Forms
    _folded_names: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_folded_names", {name.casefold(): name for name in self.actions})

    def action_meant(self, action: str) -> str:
        """The action a station means, in whatever letter case, with or without `.req`; as sent when we know none."""
        return action if action in self.actions else self._folded_names.get(_folded(action), action)

    def entry_for(self, action: str) -> Immediate | Report:
        """What to do with an action, as `action_meant` gives it.

        Raises RefuseError: NotImplemented for one nobody knows, NotSupported for one that only we send
        (OCPP-J 1.6 §4.2.3, 2.0.1 part 4 §4.3).
        """
        entry = self.actions.get(action)
        if entry is not None:
            return entry
        if _folded(action) in self.ours:
            raise RefuseError(ErrorCode.NOT_SUPPORTED, "This action is sent by the Central System")
        raise RefuseError(ErrorCode.NOT_IMPLEMENTED, "Unknown action")

    def spelled(self, code: ErrorCode) -> str:
        """An error code as this version writes it."""
        return self.rules.spelling.get(code, code)


def _folded(action: str) -> str:
    return action.strip().casefold().removesuffix(".req").removesuffix("request")
