"""Charges as stations report them: stored before the answer, once each, however often and late they are told."""

from app.sessions.sessions import Sessions
from app.sessions.told import (
    START_NEVER_CAME,
    STOP_NEVER_CAME,
    Admission,
    Admit,
    DayEnergy,
    EventKind,
    KeptStart,
    Reading,
    Start,
    Stop,
    TransactionEvent,
)

__all__ = [
    "START_NEVER_CAME",
    "STOP_NEVER_CAME",
    "Admission",
    "Admit",
    "DayEnergy",
    "EventKind",
    "KeptStart",
    "Reading",
    "Sessions",
    "Start",
    "Stop",
    "TransactionEvent",
]
