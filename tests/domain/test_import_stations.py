"""A list of stations, to let them in before they first connect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.import_fields import Columns, Field
from app.domain.import_plan import Verdict
from app.domain.import_stations import Box, plan_stations

COLUMNS = Columns(0, {Field.STATION_ID: 0, Field.NAME: 1, Field.POOL: 2, Field.ORGANIZATION: 3})
HEADERS = ["Station ID", "Name", "Pool", "Organization"]
GARAGE = Box("CP-1", "Garage 1", "Garage", "Hotel")
KNOCKED = Box("CP-2", is_accepted=False)
POOLS, ORGANIZATIONS = ("Garage", "Guests"), ("Hotel",)


def planned(*rows, existing=(GARAGE, KNOCKED)):
    return plan_stations([HEADERS, *rows], COLUMNS, existing, POOLS, ORGANIZATIONS).rows


def only(*row):
    (found,) = planned(row)
    return found


def codes(row):
    return [problem.code for problem in row.problems]


def test_a_station_that_nobody_has_seen_is_new():
    found = only("CP-3", "North", "GUESTS", "hotel")
    assert (found.verdict, found.after) == (Verdict.NEW, Box("CP-3", "North", "Guests", "Hotel"))


def test_a_station_in_another_case_is_the_one_there_is():
    assert only("cp-1", "", "garage").verdict is Verdict.SAME


def test_a_station_that_waits_to_be_let_in_is_let_in_by_being_listed():
    found = only("CP-2", "", "")
    assert (found.verdict, found.after.is_accepted) == (Verdict.CHANGE, True)


def test_a_station_that_goes_from_one_pool_to_another_is_to_be_looked_at():
    found = only("CP-1", "", "Guests")
    assert (found.verdict, codes(found), found.problems[0].other) == (Verdict.CHECK, ["pool_replaced"], "Garage")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("", "North"), "station_id_empty"),
        (("C" * 49,), "station_id_too_long"),
        (("CP/3",), "station_id_bad_characters"),
        (("CP-3", "", "Roof"), "pool_not_found"),
        (("CP-3", "", "", "Elsewhere"), "organization_unknown"),
    ],
)
def test_what_cannot_be_kept_is_named(row, code):
    assert (only(*row).verdict, codes(only(*row))) == (Verdict.ERROR, [code])


def test_one_station_twice_is_an_error_that_names_the_first_row():
    rows = planned(["CP-3"], ["cp-3"])
    assert [row.verdict for row in rows] == [Verdict.NEW, Verdict.ERROR]
    assert rows[1].problems[0].other == "2"


cells = st.tuples(
    st.sampled_from(["CP-1", "cp-2", "CP-3", "CP/4", ""]),
    st.sampled_from(["", "North"]),
    st.sampled_from(["", "garage", "Guests", "Roof"]),
    st.sampled_from(["", "HOTEL", "Elsewhere"]),
)


@given(st.lists(cells, max_size=6))
def test_planned_again_after_it_was_carried_out_every_good_row_is_the_same(rows):
    first = planned(*rows)
    boxes = {box.station_id.casefold(): box for box in (GARAGE, KNOCKED)}
    boxes |= {row.after.station_id.casefold(): row.after for row in first if row.is_carried_out}
    for before, after in zip(first, planned(*rows, existing=list(boxes.values())), strict=True):
        assert before.verdict is Verdict.ERROR or after.verdict is Verdict.SAME
