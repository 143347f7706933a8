"""A computer that sleeps, whose clock is set, and whose addresses change."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bus import Bus
from app.domain.events import AddressesChanged, ClockJumped, Resumed
from app.surroundings import LOOK_EVERY_S, Surroundings, TimeTold, passed_s

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Computer:
    """A computer of which everything can be said."""

    def __init__(self):
        self.at, self.passed, self.addresses = NOON, 1000.0, ["192.168.1.20"]
        self.told = []
        bus = Bus()
        for kind in (Resumed, ClockJumped, AddressesChanged):
            bus.subscribe(kind, self.told.append)
        self.surroundings = Surroundings(bus, lambda: self.at, lambda: self.addresses, lambda: self.passed)
        self.surroundings.begin()

    def lives(self, seconds=LOOK_EVERY_S, *, clock_set_by=0.0):
        """Some time goes by, and the clock is set; then it looks."""
        self.passed += seconds
        self.at += timedelta(seconds=seconds + clock_set_by)
        self.surroundings.look()


@pytest.fixture
def computer():
    return Computer()


def test_nothing_is_told_while_nothing_happens(computer):
    for clock_set_by in (0, 0.5, -0.5, 1.9, -1.9):
        computer.lives(LOOK_EVERY_S + 2, clock_set_by=clock_set_by)
    assert computer.told == []


def test_a_sleep_is_told_once_and_is_no_change_of_the_clock(computer):
    computer.lives(8 * 3600)
    computer.lives()
    assert computer.told == [Resumed(timedelta(hours=8))]


@pytest.mark.parametrize("hours", [2, -2, -24 * 365 * 56])
def test_a_clock_that_is_set_is_told_by_how_much(computer, hours):
    computer.lives(clock_set_by=hours * 3600)
    computer.lives()
    assert computer.told == [ClockJumped(timedelta(hours=hours), timedelta(hours=hours))]
    assert computer.surroundings.clock_set_at == computer.at - timedelta(seconds=LOOK_EVERY_S)


def test_a_clock_that_is_set_back_again_is_right(computer):
    computer.lives(clock_set_by=-7200)
    computer.lives(clock_set_by=7201)
    assert computer.told[-1] == ClockJumped(timedelta(seconds=7201), timedelta())
    assert (computer.surroundings.clock_set_by, computer.surroundings.clock_set_at) == (timedelta(), None)


def test_an_operator_may_say_that_the_clock_is_right_as_it_is_now(computer):
    computer.lives(clock_set_by=-7200)
    computer.surroundings.clock_is_right()
    assert computer.told[-1] == ClockJumped(timedelta(), timedelta())
    assert computer.surroundings.clock_set_at is None


def test_a_sleep_with_a_clock_set_in_it_and_another_network_after_it_is_all_of_that(computer):
    computer.addresses = ["10.0.0.7"]
    computer.lives(3600, clock_set_by=60)
    assert computer.told == [
        ClockJumped(timedelta(seconds=60), timedelta(seconds=60)),
        AddressesChanged(("192.168.1.20",), ("10.0.0.7",)),
        Resumed(timedelta(hours=1)),
    ]


def test_a_cable_out_and_in_again_is_two_changes(computer):
    for addresses in ([], ["192.168.1.20"], ["192.168.1.20"]):
        computer.addresses = addresses
        computer.lives()
    assert [event.now for event in computer.told] == [(), ("192.168.1.20",)]


def test_the_time_that_counts_sleep_goes_on():
    before = passed_s()
    time.sleep(0.01)
    assert 0.009 < passed_s() - before < 5


steps = st.lists(st.tuples(st.floats(0, 4000), st.floats(-9000, 9000)), max_size=30)


@given(steps)
@settings(max_examples=200, deadline=None)
def test_the_time_told_never_runs_back_and_is_never_behind_the_clock(lived):
    computer = Computer()
    tell = TimeTold(lambda: computer.at, lambda: computer.passed)
    last = tell()
    for seconds, clock_set_by in lived:
        computer.passed += seconds
        computer.at += timedelta(seconds=seconds + clock_set_by)
        told = tell()
        assert told >= last
        assert told >= computer.at
        last = told


def test_the_time_told_is_the_clock_again_once_that_has_caught_up():
    computer = Computer()
    tell = TimeTold(lambda: computer.at, lambda: computer.passed)
    computer.at -= timedelta(hours=1)
    assert tell() == NOON
    for _ in range(3600 * 2 // 60):
        computer.passed += 60
        computer.at += timedelta(minutes=1)
        tell()
    assert tell() == computer.at == NOON + timedelta(hours=1)
