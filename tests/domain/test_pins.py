"""What may be a PIN, and how many wrong ones a station may send."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.domain.pins import HIDDEN_PIN, LONGEST_PIN, WRONG_LIMIT, WRONG_WITHIN, WrongPins, clean_pin, typed_digits

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["1234", " 1234 ", "0000", "1234567"])
def test_a_pin_is_four_to_seven_digits(text):
    assert clean_pin(text) == text.strip()


@pytest.mark.parametrize("text", ["", " ", "12a4", "12 34", "１２３４", "-123", "1.23", "•••"])
def test_anything_but_digits_is_no_pin(text):
    with pytest.raises(AppError, match="pin_not_digits"):
        clean_pin(text)


@pytest.mark.parametrize("text", ["1", "123", "12345678"])
def test_a_pin_is_never_as_long_as_the_shortest_uid_of_a_card(text):
    with pytest.raises(AppError, match="pin_wrong_length") as refused:
        clean_pin(text)
    assert refused.value.params == {"shortest": 4, "longest": 7}


@pytest.mark.parametrize(
    ("sent", "digits"),
    [
        ("1234", "1234"),
        (" 1234 ", "1234"),
        ("1234#", "1234"),
        ("*12-34#", "1234"),
        ("1234\x00", "1234"),
        ("0042", "0042"),
        ("1", "1"),
        ("1234.0", "12340"),
        ("1234567", "1234567"),
    ],
)
def test_a_few_digits_may_have_been_typed_whatever_stands_around_them(sent, digits):
    assert typed_digits(sent) == digits


@pytest.mark.parametrize(
    "sent", ["", "#", "04A2246F", "12345678", "VID:001122", "A1234", "1234x", "1e3", HIDDEN_PIN, "null"]
)
def test_letters_or_as_many_digits_as_a_card_has_were_not_typed(sent):
    assert typed_digits(sent) == ""


@given(st.from_regex(r"[0-9]{1,7}", fullmatch=True), st.sampled_from(["", " ", "#", "*", "\x00", "\u2028", "."]))
def test_no_pin_nor_part_of_one_escapes(digits, company):
    assert typed_digits(company + company.join(digits) + company) == digits
    assert len(digits) <= LONGEST_PIN


class TestWrongPins:
    def test_the_fifth_closes_the_entry_until_the_first_is_ten_minutes_old(self):
        wrong = WrongPins()
        for minutes in range(WRONG_LIMIT):
            assert wrong.closed_until(NOW + timedelta(minutes=minutes)) is None
            wrong.add(NOW + timedelta(minutes=minutes))
        assert wrong.closed_until(NOW + timedelta(minutes=4)) == NOW + WRONG_WITHIN
        assert wrong.closed_until(NOW + WRONG_WITHIN - timedelta(milliseconds=1)) == NOW + WRONG_WITHIN
        assert wrong.closed_until(NOW + WRONG_WITHIN) is None

    def test_after_that_one_more_closes_it_until_the_second_is_ten_minutes_old(self):
        wrong = WrongPins()
        for minutes in (0, 1, 2, 3, 4, 10):
            wrong.add(NOW + timedelta(minutes=minutes))
        assert wrong.closed_until(NOW + timedelta(minutes=10)) == NOW + timedelta(minutes=11)

    def test_five_that_took_longer_close_nothing(self):
        wrong = WrongPins()
        for number in range(50):
            now = NOW + number * WRONG_WITHIN / (WRONG_LIMIT - 1)
            wrong.add(now)
            assert wrong.closed_until(now) is None

    @given(st.lists(st.integers(0, 900), max_size=60))
    def test_in_any_ten_minutes_at_most_five_are_tried(self, waits):
        wrong, now, tried = WrongPins(), NOW, []
        for seconds in waits:
            now += timedelta(seconds=seconds)
            if wrong.closed_until(now) is None:
                wrong.add(now)
                tried.append(now)
        for first, sixth in zip(tried, tried[WRONG_LIMIT:], strict=False):
            assert sixth - first >= WRONG_WITHIN
