"""What is learned of a station from how it behaves."""

from datetime import UTC, datetime, timedelta

import pytest

from app.csms.station.acquaintance import CLOSE_AGAIN_AFTER_S, Acquaintance
from app.csms.station.station_clock import ClockEstimate
from app.domain.behaviour import Behaviour, StationClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class TestAClock:
    def after(self, *minutes_ahead):
        estimate = ClockEstimate()
        for number, ahead in enumerate(minutes_ahead):
            received_at = NOON + timedelta(minutes=number)
            if ahead == "told":
                estimate.was_told()
            elif ahead == "1970":
                estimate.said(datetime(1970, 1, 1, 0, 5, tzinfo=UTC), received_at)
            else:
                estimate.said(received_at + timedelta(minutes=ahead), received_at)
        return estimate.state, estimate.ahead

    def test_of_which_nothing_was_said_is_unknown(self):
        assert self.after() == (StationClock.UNKNOWN, timedelta())

    @pytest.mark.parametrize("said", [(0,), (1.5,), (-1.5,), (-600, 0), (0, -600, -300), (-1, -60, -60, -60)])
    def test_that_was_right_once_is_right_whatever_old_reports_are_told_late(self, said):
        assert self.after(*said) == (StationClock.RIGHT, timedelta())

    @pytest.mark.parametrize(
        ("said", "minutes"), [((120,), 120), ((-120, -120), -120), ((-120, -300), -120), ((120, 119.5), 120)]
    )
    def test_that_is_off_is_off_by_as_much_as_it_is_furthest_ahead(self, said, minutes):
        assert self.after(*said) == (StationClock.WRONG, timedelta(minutes=minutes))

    def test_two_hours_ahead_until_it_was_told_the_time_is_right_from_then_on(self):
        assert self.after(120, 120, "told") == (StationClock.WRONG, timedelta(minutes=120))
        assert self.after(120, 120, "told", 0) == (StationClock.RIGHT, timedelta())

    def test_that_was_never_set_says_1970_until_it_is(self):
        assert self.after("1970") == (StationClock.NOT_SET, timedelta())
        assert self.after(0, "1970") == (StationClock.NOT_SET, timedelta())
        assert self.after("1970", "told", 0) == (StationClock.RIGHT, timedelta())

    def test_once_right_that_goes_wrong_is_wrong_after_a_few_messages(self):
        assert self.after(*[0] * 8, *[-60] * 8) == (StationClock.WRONG, timedelta(minutes=-60))


class TestBoots:
    def test_now_and_then_are_none_of_anyones_business(self):
        known = Acquaintance()
        assert not any(known.booted(700.0 * number) for number in range(20))
        assert known.behaviour(14_000.0) == Behaviour()

    def test_more_than_five_in_ten_minutes_are_too_many_until_ten_minutes_have_passed(self):
        known = Acquaintance()
        assert [known.booted(10.0 * number) for number in range(7)] == [False] * 5 + [True] * 2
        assert known.behaviour(60.0).boots == 6
        assert known.behaviour(1000.0).boots == 0


class TestQuestionsWithoutAnAnswer:
    def test_three_in_a_row_close_the_connection_once_and_then_not_until_it_answered_and_an_hour_has_passed(self):
        known = Acquaintance()
        assert [known.gave_no_answer(50.0 * number) for number in range(8)] == [False, False, True] + [False] * 5
        assert known.behaviour(400.0).answers_nothing
        assert not known.gave_no_answer(500 + CLOSE_AGAIN_AFTER_S)
        known.answered()
        at = [600 + CLOSE_AGAIN_AFTER_S + number for number in range(3)]
        assert [known.gave_no_answer(each) for each in at] == [False, False, True]

    def test_an_answer_between_them_makes_them_begin_anew(self):
        known = Acquaintance()
        known.gave_no_answer(0.0)
        known.gave_no_answer(50.0)
        known.answered()
        assert not known.gave_no_answer(100.0)
        assert not known.behaviour(100.0).answers_nothing


class TestAQuestionAtWhichItBreaksOff:
    def breaks(self, known, action, at, after_s):
        known.asked(action, at)
        known.broke_off(at + after_s)

    def test_twice_is_not_put_to_it_any_more(self):
        known = Acquaintance()
        self.breaks(known, "GetConfiguration", 0.0, 1.0)
        assert not known.breaks_off_at("GetConfiguration")
        self.breaks(known, "GetConfiguration", 100.0, 1.0)
        assert known.breaks_off_at("GetConfiguration")
        assert not known.breaks_off_at("GetLocalListVersion")
        assert known.behaviour(200.0).breaks_off_at == ("GetConfiguration",)

    def test_is_another_matter_when_it_is_a_reset(self):
        known = Acquaintance()
        for at in (0.0, 100.0, 200.0):
            self.breaks(known, "Reset", at, 1.0)
        assert known.behaviour(300.0) == Behaviour()

    def test_long_after_it_is_an_accident(self):
        known = Acquaintance()
        for at in (0.0, 100.0, 200.0):
            known.asked("GetConfiguration", at)
            known.answered()
            known.broke_off(at + 60.0)
        assert known.behaviour(300.0) == Behaviour()

    def test_that_is_still_open_counts_however_long_it_takes_to_come_back(self):
        known = Acquaintance()
        for at in (0.0, 100.0):
            self.breaks(known, "GetConfiguration", at, 40.0)
        assert known.breaks_off_at("GetConfiguration")

    def test_is_forgiven_when_it_once_went_well(self):
        known = Acquaintance()
        self.breaks(known, "GetConfiguration", 0.0, 1.0)
        known.asked("GetConfiguration", 100.0)
        known.asked("ClearCache", 120.0)
        self.breaks(known, "GetConfiguration", 200.0, 1.0)
        assert not known.breaks_off_at("GetConfiguration")

    def test_is_only_the_last_one(self):
        known = Acquaintance()
        for at in (0.0, 100.0):
            known.asked("GetConfiguration", at)
            self.breaks(known, "ClearCache", at + 1, 1.0)
        known.broke_off(300.0)
        assert known.behaviour(300.0).breaks_off_at == ("ClearCache",)
