"""The state of an EVSE out of what OCPP 2.x tells of it in pieces."""

import pytest

from app.csms.reading.occupancy import IN_USE, OCCUPIED, Evses, in_charge, refined
from app.domain.model import ConnectorStatus

A, U, F, R = (
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.UNAVAILABLE,
    ConnectorStatus.FAULTED,
    ConnectorStatus.RESERVED,
)
CHARGING, FINISHING = ConnectorStatus.CHARGING, ConnectorStatus.FINISHING


class TestAnEvseWithSeveralConnectors:
    def test_is_occupied_while_one_of_them_is_whatever_the_others_say(self):
        evses = Evses()
        assert evses.now("CP1", 1, 1, OCCUPIED) is OCCUPIED
        for told in (U, A, F, R):
            assert evses.now("CP1", 1, 2, told) is OCCUPIED
        assert evses.now("cp1", 1, 1, A) is A

    def test_can_be_used_while_one_of_them_can(self):
        evses = Evses()
        assert [evses.now("CP1", 1, n, told) for n, told in ((1, U), (2, F), (3, A), (3, U), (2, U))] == [U, F, A, F, U]

    def test_does_not_mind_what_other_evses_and_stations_say(self):
        evses = Evses()
        evses.now("CP1", 1, 1, OCCUPIED)
        assert evses.now("CP1", 2, 1, A) is A
        assert evses.now("CP2", 1, 1, A) is A

    def test_is_remembered_in_a_bounded_number(self):
        evses = Evses()
        for number in range(1, 10_000):
            evses.now("CP1", number, 1, A)
        assert len(evses._told["cp1"]) == 64


def test_occupied_says_no_more_than_what_the_charge_told_before():
    for known in IN_USE:
        assert refined(OCCUPIED, known) is known
    for known in (A, U, F, R, None):
        assert refined(OCCUPIED, known) is OCCUPIED
    assert refined(A, CHARGING) is A


@pytest.mark.parametrize(
    ("told", "known", "ended", "now"),
    [
        (CHARGING, None, False, CHARGING),
        (CHARGING, A, False, CHARGING),
        (CHARGING, CHARGING, False, None),
        (CHARGING, F, False, None),
        (CHARGING, U, False, None),
        (CHARGING, CHARGING, True, FINISHING),
        (OCCUPIED, FINISHING, True, None),
        (OCCUPIED, A, True, None),
        (OCCUPIED, None, True, None),
    ],
)
def test_a_charge_shows_what_its_connector_does_but_hides_no_fault_and_no_free_one(told, known, ended, now):
    assert in_charge(told, known, ended=ended) is now
