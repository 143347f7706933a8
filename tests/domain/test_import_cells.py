"""The cells of a row, read as what their columns say they are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.import_cells import Cells, habits_of
from app.domain.import_fields import Columns, Field
from app.domain.sheets import CellKind

UID = Columns(None, {Field.UID: 0})
DAYS = Columns(None, {Field.VALID_FROM: 0, Field.VALID_UNTIL: 1})
FOURTH_OF_MARCH, THIRD_OF_APRIL = date(2026, 3, 4), date(2026, 4, 3)


def cells(*rows, columns, kinds=None):
    """The first of these rows, read among the others."""
    return Cells(rows[0], 0, columns, kinds or {}, habits_of(rows, columns))


def uid(*texts, kind=None):
    """What the first of these UIDs is read as, and what is said of it."""
    read = cells(*([text] for text in texts), columns=UID, kinds={(0, 0): kind} if kind else {})
    return read.uid(), [problem.code for problem in read.problems]


def day(*texts):
    read = cells(*([text] for text in texts), columns=DAYS)
    return read.day(Field.VALID_FROM), read.problems


class TestUids:
    @pytest.mark.parametrize("text", ["04A2B3C4", "04a2b3c4d5e680", "04:A2:B3:C4", " 04 A2 B3 C4 "])
    def test_a_uid_may_be_written_in_any_way(self, text):
        assert uid(text) == ("".join(text.split()).replace(":", "").upper(), [])

    def test_a_decimal_number_is_kept_and_to_be_looked_at(self):
        assert uid("1234567890") == ("1234567890", ["uid_unusual"])
        assert uid("1234567890", kind=CellKind.NUMBER) == ("1234567890", ["uid_unusual"])

    @pytest.mark.parametrize("text", ["1e+300", "-5", "0.1", "4.7E+13"])
    def test_a_number_that_lost_its_digits_is_no_uid(self, text):
        assert uid(text, kind=CellKind.NUMBER) == (None, ["uid_became_number"])

    def test_a_uid_that_changes_at_each_tap_is_to_be_looked_at(self):
        assert uid("08A2B3C4") == ("08A2B3C4", ["uid_unusual"])

    @pytest.mark.parametrize("text", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NV", "#BEZUG!", "#VALEUR!", "########"])
    def test_an_error_of_a_spreadsheet_is_no_uid(self, text):
        assert uid(text) == (None, ["cell_fault"])

    def test_a_tag_that_begins_as_an_error_does_is_one(self):
        assert uid("#FREECHARGING") == ("#FREECHARGING", ["uid_unusual"])


class TestDays:
    @pytest.mark.parametrize("text", ["2026-03-04", "2026-03-04T12:30:00", "2026-3-4", "04.03.2026", "4.3.2026"])
    def test_a_day_that_can_be_read_one_way_only(self, text):
        assert day(text) == (FOURTH_OF_MARCH, [])

    @pytest.mark.parametrize("text", ["04/03/2026", "04-03-2026", "04 03 2026"])
    def test_a_day_that_can_be_read_two_ways_is_to_be_looked_at(self, text):
        read, (problem,) = day(text)
        assert (read, problem.code, problem.offered) == (FOURTH_OF_MARCH, "day_or_month_first", "2026-04-03")
        assert not problem.is_error

    def test_another_row_may_prove_that_the_day_comes_first(self):
        assert day("04/03/2026", "31/12/2026") == (FOURTH_OF_MARCH, [])

    def test_another_row_may_prove_that_the_month_comes_first(self):
        assert day("04/03/2026", "12/31/2026") == (THIRD_OF_APRIL, [])

    def test_the_other_column_of_days_proves_it_as_well(self):
        read = cells(["04/03/2026", "12/31/2026"], columns=DAYS)
        assert (read.day(Field.VALID_FROM), read.problems) == (THIRD_OF_APRIL, [])

    def test_rows_that_contradict_each_other_prove_nothing(self):
        read, (problem,) = day("04/03/2026", "31/12/2026", "12/31/2026")
        assert (read, problem.code) == (FOURTH_OF_MARCH, "day_or_month_first")
        assert day("12/31/2026", "31/12/2026", "04/03/2026") == (date(2026, 12, 31), [])

    def test_a_day_that_is_the_month_as_well_is_in_no_doubt(self):
        assert day("05/05/2026") == (date(2026, 5, 5), [])

    @pytest.mark.parametrize("text", ["soon", "31/02/2026", "04/03/26", "2026-13-01", "13.13.2026", "04/03-2026"])
    def test_what_is_no_day_is_an_error(self, text):
        read, (problem,) = day(text)
        assert (read, problem.code) == (None, "not_a_day")

    def test_an_error_of_a_spreadsheet_is_named_in_any_column(self):
        _, (problem,) = day("#N/A")
        assert problem.code == "cell_fault"


@given(
    st.lists(st.dates(date(1990, 1, 1), date(2090, 1, 1)), min_size=1, max_size=12),
    st.booleans(),
    st.sampled_from("/- "),
)
def test_whichever_way_days_are_written_none_is_read_wrongly_without_a_word(days, month_first, separator):
    order = ("%m", "%d", "%Y") if month_first else ("%d", "%m", "%Y")
    written = [[each.strftime(separator.join(order))] for each in days]
    for at, meant in enumerate(days):
        read = Cells(written[at], at, DAYS, {}, habits_of(written, DAYS))
        found = read.day(Field.VALID_FROM)
        assert found == meant or [problem.offered for problem in read.problems] == [meant.isoformat()]


@pytest.mark.parametrize(
    ("word", "meant"), [("ja", True), ("X", True), ("Nein", False), ("FAUX", False), ("TRUE", True)]
)
def test_yes_and_no_in_four_languages(word, meant):
    assert cells([word], columns=Columns(None, {Field.BLOCKED: 0})).flag(Field.BLOCKED) is meant


def test_a_column_beyond_the_row_is_an_empty_cell():
    read = cells(["04A2B3C4"], columns=Columns(None, {Field.UID: 0, Field.NAME: 7}))
    assert (read.name(Field.NAME), read.problems) == ("", [])
