"""What a station can be asked to do, whatever version of OCPP it speaks.

Each is a value; its type parameter is what the station's answer comes down to. A command that only wants a yes has the
result None and fails when the station says anything else.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from app.domain.model import Session

Result = TypeVar("Result", covariant=True)


class Command(Generic[Result]):
    """Something to ask one station. The result's type is the parameter."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AskToBoot(Command[None]):
    """Have it tell again what it is, and learn whether it may work."""


@dataclass(frozen=True, slots=True)
class StartCharge(Command[None]):
    """Start a charge with a card, as the station's own reader spells it, at a connector or one of its choice.

    That it was accepted does not mean that it starts: the station may wait for a cable.
    """

    raw_id_tag: str
    connector_id: int | None = None


@dataclass(frozen=True, slots=True)
class StopCharge(Command[None]):
    """Stop a session; it ends when the station reports that."""

    session: Session
