"""The history of access: each change of who may charge."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What changed in who may charge."""

    MEMBER_ADDED = "member_added"
    MEMBER_REMOVED = "member_removed"
    POOL_CREATED = "pool_created"
    POOL_REMOVED = "pool_removed"
    LEVEL_CHANGED = "level_changed"
    OPTIONS_CHANGED = "options_changed"
    STATION_ADDED = "station_added"
    STATION_REMOVED = "station_removed"
    PASS_ADDED = "pass_added"
    PASS_CHANGED = "pass_changed"
    PASS_REMOVED = "pass_removed"
    UID_CAPTURED = "uid_captured"
    UID_LINKED = "uid_linked"
    PASS_BLOCKED = "pass_blocked"
    PASS_UNBLOCKED = "pass_unblocked"
    PASS_OFF = "pass_off"
    PASS_ON = "pass_on"
    IDENTITY_ADDED = "identity_added"
    IDENTITY_CHANGED = "identity_changed"
    IDENTITY_REMOVED = "identity_removed"
    REQUEST_APPROVED = "request_approved"
    REQUEST_DENIED = "request_denied"
    PIN_ADDED = "pin_added"
    PIN_CHANGED = "pin_changed"
    PIN_REMOVED = "pin_removed"


class Origin(StrEnum):
    """How a change came about."""

    BY_HAND = "by_hand"
    APPROVAL = "approval"
    IMPORT = "import"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One change of who may charge. `name` is the identity, pass, station or PIN it is about, as it was called then.

    `detail` says more in a word of the program's own (a level, the names of options), never in a sentence.
    """

    id: int
    at: datetime
    kind: ChangeKind
    origin: Origin
    pool_id: int | None
    pool_name: str
    identity_id: int | None
    pass_id: int | None
    name: str
    detail: str
