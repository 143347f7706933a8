"""What the versions of OCPP-J say differently, and the codes of their errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ErrorCode(StrEnum):
    """Why a call is refused, as OCPP 2.x spells it (part 4 §4.3); `OcppJ` knows the other spellings."""

    FORMAT_VIOLATION = "FormatViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    PROTOCOL_ERROR = "ProtocolError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    SECURITY_ERROR = "SecurityError"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"


@dataclass(frozen=True, slots=True)
class OcppJ:
    """What differs between versions of OCPP-J. The ones in use: `OCPP_J_16`, `OCPP_J_201`, `OCPP_J_21`."""

    spelling: Mapping[ErrorCode, str]
    """The codes this version lacks or spells otherwise."""
    no_message_id: str
    """The id, as JSON, of a CALLERROR about a frame whose own id cannot be used; empty: echo it, or stay silent."""
    refuses_unknown_types: bool
    """Whether a message type that nobody knows gets a CALLERROR (2.0.1 §4.4) or is ignored (1.6 and 2.1 §4.1.3)."""
    sends: bool = False
    """Whether there are SEND, which is not answered, and CALLRESULTERROR, which refuses an answer (2.1 §4.2)."""


OCPP_J_16 = OcppJ(
    spelling=MappingProxyType(
        {
            ErrorCode.FORMAT_VIOLATION: "FormationViolation",
            ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED: "GenericError",
            ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION: "OccurenceConstraintViolation",
            ErrorCode.RPC_FRAMEWORK_ERROR: "FormationViolation",
        }
    ),
    no_message_id="",
    refuses_unknown_types=False,
)
OCPP_J_201 = OcppJ(spelling=MappingProxyType({}), no_message_id='"-1"', refuses_unknown_types=True)
OCPP_J_21 = OcppJ(spelling=MappingProxyType({}), no_message_id='"-1"', refuses_unknown_types=False, sends=True)
