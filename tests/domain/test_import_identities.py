"""A list of identities; the e-mail address is the key."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.import_fields import FIELDS, Columns, Field, ListKind
from app.domain.import_identities import Person, plan_identities
from app.domain.import_plan import Verdict

NAMES = [each.value for each in FIELDS[ListKind.IDENTITIES]]
COLUMNS = Columns(0, {each: at for at, each in enumerate(FIELDS[ListKind.IDENTITIES])})
ANNA = Person("anna@hotel.example", "Anna", "de Vries", "cardholder", "K-17", "Hotel", id=1)
ORGANIZATIONS = ("Hotel", "Garage")


def planned(*rows, existing=(ANNA,)):
    sheet = [NAMES, *([row.get(name, "") for name in NAMES] for row in rows)]
    return plan_identities(sheet, COLUMNS, existing, ORGANIZATIONS).rows


def only(**row):
    (found,) = planned(row)
    return found


def codes(row):
    return [problem.code for problem in row.problems]


def test_an_unknown_address_is_a_new_identity():
    found = only(email="jan@hotel.example", first_name="Jan", organization="GARAGE")
    assert (found.verdict, found.after) == (
        Verdict.NEW,
        Person("jan@hotel.example", "Jan", organization="Garage"),
    )


def test_an_address_in_another_case_is_the_identity_there_is():
    found = only(email="Anna@Hotel.Example", last_name="Visser")
    assert (found.verdict, found.after) == (Verdict.CHANGE, replace(ANNA, last_name="Visser"))


def test_an_empty_cell_takes_nothing_away():
    assert only(email=ANNA.email).verdict is Verdict.SAME


@pytest.mark.parametrize(("word", "role"), [("Beheerder", "administrator"), ("titulaire", "cardholder")])
def test_roles_in_four_languages(word, role):
    assert only(email="jan@hotel.example", role=word).after.role == role


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"first_name": "Jan"}, "email_missing"),
        ({"email": "jan"}, "email_not_an_address"),
        ({"email": "jan@hotel.example", "role": "king"}, "role_unknown"),
        ({"email": "jan@hotel.example", "organization": "Elsewhere"}, "organization_unknown"),
        ({"email": "jan@hotel.example", "valid_until": "soon"}, "not_a_day"),
        (
            {"email": "jan@hotel.example", "valid_from": "2027-01-02", "valid_until": "2027-01-01"},
            "validity_reversed",
        ),
    ],
)
def test_what_cannot_be_kept_is_named(row, code):
    assert (only(**row).verdict, codes(only(**row))) == (Verdict.ERROR, [code])


def test_a_last_day_before_the_first_day_there_is_already_is_an_error_too():
    known = replace(ANNA, valid_from=date(2027, 1, 2))
    (found,) = planned({"email": ANNA.email, "valid_until": "2027-01-01"}, existing=[known])
    assert codes(found) == ["validity_reversed"]


def test_one_address_twice_is_an_error_that_names_the_first_row():
    rows = planned({"email": "jan@hotel.example"}, {"email": "JAN@hotel.example"})
    assert [row.verdict for row in rows] == [Verdict.NEW, Verdict.ERROR]
    assert rows[1].problems[0].other == "2"


people = st.fixed_dictionaries(
    {
        "email": st.sampled_from([ANNA.email, ANNA.email.upper(), "jan@hotel.example", "jan", ""]),
        "first_name": st.sampled_from(["", "Anna", "Jan"]),
        "role": st.sampled_from(["", "admin", "cardholder", "king"]),
        "organization": st.sampled_from(["", "hotel", "Garage", "Elsewhere"]),
        "valid_from": st.sampled_from(["", "2027-01-02", "04/03/2026"]),
        "valid_until": st.sampled_from(["", "2027-01-01", "2028-02-29"]),
    }
)


@given(st.lists(people, max_size=5))
def test_after_a_row_was_carried_out_the_identity_is_as_the_row_says_and_as_it_was_otherwise(rows):
    told = [row for row in rows if any(row.values())]
    first = planned(*rows)
    for row, found in zip(told, first, strict=True):
        if found.is_carried_out:
            for name in ("first_name", "role", "organization"):
                wanted = {"admin": "administrator", "hotel": "Hotel"}.get(row[name], row[name])
                assert getattr(found.after, name) == (wanted or getattr(found.before or Person(""), name))
    known = {ANNA.email: ANNA} | {row.after.email.casefold(): row.after for row in first if row.is_carried_out}
    for before, after in zip(first, planned(*rows, existing=list(known.values())), strict=True):
        assert before.verdict is Verdict.ERROR or after.verdict is Verdict.SAME


def test_a_person_has_an_attribute_for_each_column():
    assert set(NAMES) <= {each.name for each in fields(Person)}
    assert Field.EMAIL.value in NAMES
