"""By which rule of its pool a session is paid, and what it costs."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.charges import Flag
from app.domain.endings import EndedBy, ended_by
from app.domain.model import PoolOptions, Price, Session
from app.domain.prices import Tariff, cost_of, is_free, tariff_for

MEMBERS, OTHERS = Price(Decimal("0.25")), Price(Decimal("0.4"), Decimal("1.50"))
OPTIONS = PoolOptions(member_price=MEMBERS, price=OTHERS)
T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SESSION = Session(
    *(1, "CP-1", "Left", 1, "04A1", "Ann", None, "Garage", "Accepted", "pass_is_member"),
    *(T0, T0, 0, 7_340, None, "Local"),
    tariff=Tariff.GUEST.value,
    price=OTHERS,
    currency="EUR",
)


@pytest.mark.parametrize(
    ("options", "status", "reason", "is_member", "tariff", "price"),
    [
        (OPTIONS, "Accepted", "pass_is_member", True, Tariff.MEMBER, MEMBERS),
        (OPTIONS, "Accepted", "registered_pass", True, Tariff.MEMBER, MEMBERS),
        (OPTIONS, "Accepted", "registered_pass", False, Tariff.GUEST, OTHERS),
        (OPTIONS, "Accepted", "pin", False, Tariff.GUEST, OTHERS),
        (replace(OPTIONS, members_free=True), "Accepted", "pass_is_member", True, Tariff.MEMBERS_FREE, Price()),
        (replace(OPTIONS, members_free=True), "Accepted", "registered_pass", False, Tariff.GUEST, OTHERS),
        (replace(OPTIONS, free_vend=True), "Accepted", "free_vend", False, Tariff.FREE_VEND, Price()),
        (PoolOptions(price=OTHERS), "Accepted", "pass_is_member", True, Tariff.NONE, Price()),
        (OPTIONS, "Invalid", "unknown_card", False, Tariff.NONE, Price()),
        (OPTIONS, "ConcurrentTx", "session_limit", True, Tariff.NONE, Price()),
    ],
)
def test_the_rule_of_the_pool_for_whoever_was_admitted(options, status, reason, is_member, tariff, price):
    assert tariff_for(options, status, reason, is_member=is_member) == (tariff, price)


@pytest.mark.parametrize(
    ("changes", "cost"),
    [
        ({}, "4.44"),  # 7.34 × 0.40 + 1.50 = 4.436
        ({"energy_wh": 1}, "1.50"),
        ({"energy_wh": 0}, "0.00"),
        ({"energy_wh": None}, None),
        ({"price": Price()}, None),
        ({"price": Price(Decimal("0.25"))}, "1.84"),  # 1.835, a half upwards
        ({"currency": "JPY", "price": Price(Decimal(35))}, "257"),
        ({"currency": "KWD"}, "4.436"),
        ({"price": Price(), "tariff": Tariff.MEMBERS_FREE.value}, "0.00"),
        ({"price": Price(), "tariff": Tariff.FREE_VEND.value, "energy_wh": None}, "0.00"),
    ],
)
def test_what_a_session_costs(changes, cost):
    assert cost_of(replace(SESSION, **changes)) == (None if cost is None else Decimal(cost))
    assert str(cost_of(replace(SESSION, **changes))) == str(cost)


@given(energy=st.integers(0, 10**7), per_kwh=st.decimals(0, 1000, places=4), per_session=st.decimals(0, 1000, places=4))
def test_a_cost_is_within_half_a_cent_of_what_it_is_exactly(energy, per_kwh, per_session):
    cost = cost_of(replace(SESSION, energy_wh=energy, price=Price(per_kwh, per_session)))
    exact = per_kwh * energy / 1000 + per_session if energy else Decimal(0)
    assert abs(cost - exact) <= Decimal("0.005")


def test_free_is_what_a_rule_made_free():
    assert [is_free(replace(SESSION, tariff=each.value)) for each in Tariff] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("changes", "by"),
    [
        ({"stopped_at": None}, None),
        ({"stop_reason": "EVDisconnected", "stop_id_tag": "04A1"}, EndedBy.CAR),
        ({"stop_reason": "Remote"}, EndedBy.REMOTE),
        ({"stop_id_tag": "04A1"}, EndedBy.CARD),
        ({}, EndedBy.STATION),
        ({"flags": (Flag.STOP_NEVER_CAME,), "stop_reason": "stop_never_came"}, EndedBy.UNKNOWN),
    ],
)
def test_who_or_what_ended_it(changes, by):
    assert ended_by(replace(SESSION, **changes)) == by
