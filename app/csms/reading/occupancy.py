"""The state of an EVSE (what is a connector in 1.6), out of what OCPP 2.x tells in pieces.

A station tells one word for each connector of an EVSE, and in the events of a charge how that goes on.
"""

from enum import StrEnum

from app.domain.model import ConnectorStatus


class EvseStatus(StrEnum):
    """ConnectorStatusEnumType: one word for all that 1.6 tells apart while a cable is in."""

    AVAILABLE = "Available"
    OCCUPIED = "Occupied"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"

    @property
    def as_in_16(self) -> ConnectorStatus:
        return OCCUPIED if self is EvseStatus.OCCUPIED else ConnectorStatus(self.value)


OCCUPIED = ConnectorStatus.PREPARING
IN_USE = frozenset(
    {
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.SUSPENDED_EVSE,
        ConnectorStatus.FINISHING,
    }
)
#: 1.6's finer words, which careless stations use.
SYNONYMS = {status.value.casefold(): EvseStatus.OCCUPIED for status in IN_USE}
#: What matters most of the states of an EVSE's connectors: only one of them carries a charge at a time.
_FIRST = (
    OCCUPIED,
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.RESERVED,
    ConnectorStatus.FAULTED,
    ConnectorStatus.UNAVAILABLE,
)
_CONNECTORS_REMEMBERED = 64


class Evses:
    """What each connector of each station last said of itself, so that a free one does not hide one in use."""

    def __init__(self) -> None:
        self._told: dict[str, dict[tuple[int, int], ConnectorStatus]] = {}

    def now(self, station_id: str, evse_id: int, connector: int, told: ConnectorStatus) -> ConnectorStatus:
        """The state of the EVSE, now that one of its connectors said this."""
        connectors = self._told.setdefault(station_id.casefold(), {})
        connectors.pop((evse_id, connector), None)
        if len(connectors) >= _CONNECTORS_REMEMBERED:
            del connectors[next(iter(connectors))]
        connectors[evse_id, connector] = told
        states = [state for (evse, _), state in connectors.items() if evse == evse_id]
        return next((state for state in _FIRST if state in states), told)


def refined(told: ConnectorStatus, known: ConnectorStatus | None) -> ConnectorStatus:
    """What a state that was told says, given the one known: how a charge goes on was told more precisely before."""
    return known if told is OCCUPIED and known in IN_USE else told


def in_charge(told: ConnectorStatus, known: ConnectorStatus | None, *, ended: bool) -> ConnectorStatus | None:
    """The state that an event of a charge shows, None when it shows nothing new: a fault outlasts it, and what was told
    after its end is true.
    """
    if ended:
        begun = known in IN_USE and known is not ConnectorStatus.FINISHING
        return ConnectorStatus.FINISHING if begun else None
    if known in (told, ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE):
        return None
    return told
