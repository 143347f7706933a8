"""Which end belongs to which beginning, and what a meter adds up to."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.charges import Begun, Ended, Flag, Metered, Point, metered, pair

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
STEPS = st.lists(st.integers(0, 5_000), min_size=1, max_size=20)


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def points(*registers, every=10):
    return [Point(wh, at(number * every)) for number, wh in enumerate(registers)]


def whole(*registers):
    start, *between, stop = points(*registers)
    return metered(start, between, stop)


class TestARegister:
    @given(first=st.integers(0, 10_000_000), steps=STEPS, seed=st.integers())
    def test_that_only_rises_tells_its_whole_rise_in_whatever_order_it_is_read(self, first, steps, seed):
        start, *readings = points(*(first + sum(steps[:count]) for count in range(len(steps) + 1)))
        random.Random(seed).shuffle(readings)
        assert metered(start, readings, None) == Metered(sum(steps), frozenset())
        clockless = [Point(each.wh) for each in readings]
        assert metered(start, clockless, None).energy_wh == sum(steps)

    @given(steps=STEPS, where=st.integers(0, 19), off=st.integers(101, 900_000))
    def test_that_is_off_once_and_comes_back_counts_that_reading_for_nothing(self, steps, where, off):
        registers = [1_000_000 + sum(steps[:count]) for count in range(len(steps) + 1)]
        where = min(where, len(steps) - 1) + 1
        registers.insert(where, registers[where] - off if off < 1_000_000 else 0)
        assume(registers[where] < registers[where - 1] - 100)
        result = whole(*registers, 1_000_000 + sum(steps))
        assert result == Metered(sum(steps), frozenset({Flag.METER_WENT_BACK}))

    @given(before=STEPS, after=STEPS)
    def test_that_begins_anew_counts_what_it_rose_before_and_after(self, before, after):
        old = [2_000_000 + sum(before[:count]) for count in range(len(before) + 1)]
        new = [sum(after[:count]) for count in range(len(after) + 1)]
        assume(sum(before) + sum(after) > 0)
        assert whole(*old, *new) == Metered(sum(before) + sum(after), frozenset({Flag.METER_WENT_BACK}))

    def test_that_begins_anew_with_the_charge_counts_from_there_on(self):
        assert whole(5000, 0, 200, 300).energy_wh == 300
        assert whole(5000, 0, 1500, 3000, 4500, 6000, 7000).energy_wh == 7000

    def test_of_which_only_a_fall_is_known_tells_nothing(self):
        assert whole(5000, 10) == Metered(None, frozenset({Flag.METER_WENT_BACK}))

    @pytest.mark.parametrize(
        ("registers", "energy", "flags"),
        [
            ((12_500, 13, 14, 15_500), 3_000, {Flag.METER_WENT_BACK}),  # kWh between Wh
            ((12_500, 13_000_000, 14_000, 15_500), 3_000, {Flag.METER_JUMPED}),  # a thousandfold, once
            ((0, 1_500_000, 1_503_000, 1_507_000), 7_000, {Flag.METER_JUMPED}),  # no meter at the start but 0
            ((1_000_000, 1_007_000, 1_009), 7_000, {Flag.METER_WENT_BACK}),  # kWh at the end
        ],
    )
    def test_that_changes_its_unit_is_not_believed_where_it_jumps(self, registers, energy, flags):
        result = whole(*registers)
        assert (result.energy_wh, flags <= result.flags) == (energy, True)

    def test_that_is_rounded_in_one_message_and_cut_off_in_another_ends_where_the_stop_says(self):
        assert whole(1000, 1250, 1501, 1500) == Metered(500, frozenset())

    def test_read_after_the_stop_or_before_the_start_is_of_another_charge(self):
        start, stop = Point(1000, at(0)), Point(1500, at(60))
        others = [Point(900, at(-5)), Point(1600, at(60)), Point(1700, at(70))]
        assert metered(start, others, stop) == Metered(500, frozenset())

    def test_read_once_tells_no_distance(self):
        assert metered(None, [], None).energy_wh is None
        assert metered(None, [], Point(10, at(0))).energy_wh is None
        assert metered(Point(10, at(0)), [], None).energy_wh == 0

    @given(registers=st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=12))
    def test_is_never_negative_and_never_more_than_its_rises(self, registers):
        energy = whole(*registers).energy_wh
        rises = sum(max(0, after - before) for before, after in pairwise(registers))
        assert energy is None or 0 <= energy <= rises or energy == registers[-1] - registers[0]


# A station's charges one after the other on each of its connectors, as they truly were.
CHARGES = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 30), st.integers(1, 90), st.integers(1, 20_000), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


def told(charges, *, clocks=True):
    begun, ended, free_at, registers = [], [], {}, {1: 100_000, 2: 5_000_000}
    for key, (connector, pause, lasts, energy, card) in enumerate(charges):
        starts = free_at.get(connector, 0) + pause
        free_at[connector] = starts + lasts
        meter, uid = registers[connector], f"04A1B2C{card}"
        registers[connector] += energy
        when = (at(starts), at(starts + lasts)) if clocks else (None, None)
        begun.append(Begun(key, when[0], meter, uid, f"{connector} {starts}"))
        ended.append(Ended(key, when[1], meter + energy, uid, f"{starts + lasts}"))
    return begun, ended


class TestStartsAndStops:
    @given(charges=CHARGES, clocks=st.booleans(), seed=st.integers())
    def test_that_belong_together_are_found_whatever_came_first(self, charges, clocks, seed):
        begun, ended = told(charges, clocks=clocks)
        chance = random.Random(seed)
        chance.shuffle(begun)
        chance.shuffle(ended)
        assert pair(begun, ended) == {each.key: each.key for each in ended}

    @given(charges=CHARGES, lost=st.sets(st.integers(0, 11)))
    def test_of_a_charge_whose_start_was_lost_the_stop_is_no_other_ones(self, charges, lost):
        begun, ended = told(charges)
        left = [each for each in begun if each.key not in lost]
        assert pair(left, ended) == {each.key: each.key for each in left}

    def test_of_two_that_fit_as_well_neither_is_taken(self):
        begun = [Begun(1, at(0), 1000, "04A1", "1"), Begun(2, at(0), 1000, "04A1", "2")]
        assert pair(begun, [Ended(9, at(60), 2000, "")]) == {}

    def test_of_different_cards_do_not_fit(self):
        assert pair([Begun(1, at(0), 1000, "04A1")], [Ended(9, at(60), 2000, "04A2")]) == {}
        assert pair([Begun(1, at(0), 1000, "04A1")], [Ended(9, at(60), 2000, "")]) == {9: 1}

    def test_do_not_fit_when_the_end_came_first_or_weeks_later(self):
        assert pair([Begun(1, at(0), 1000, "")], [Ended(9, at(-1), 2000, "")]) == {}
        assert pair([Begun(1, at(0), 1000, "")], [Ended(9, at(60 * 24 * 15), 2000, "")]) == {}

    def test_without_a_meter_go_by_card_and_time(self):
        begun = [Begun(1, at(0), None, "04A1"), Begun(2, at(30), None, "04A1")]
        assert pair(begun, [Ended(8, at(20), None, ""), Ended(9, at(50), None, "")]) == {8: 1, 9: 2}

    def test_fit_as_the_only_ones_even_with_a_meter_that_began_anew(self):
        assert pair([Begun(1, at(0), 5000, "")], [Ended(9, at(60), 300, "")]) == {9: 1}
