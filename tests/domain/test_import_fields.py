import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.import_fields import FIELDS, Columns, Field, ListKind, find_columns, header_key, kind_of, meant_by

MAXEM = ["Visible ID (required)", "UID (optional)", "Pass name (optional)", "E-mail address of passholder (required)"]


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        *zip(MAXEM, (Field.VISIBLE_ID, Field.UID, Field.NAME, Field.EMAIL), strict=True),
        ("Chip ID", Field.UID),
        ("hidden id (UID)", Field.UID),
        ("Public Card ID", Field.VISIBLE_ID),
        ("  AUTH-ID ", Field.VISIBLE_ID),
        ("Zichtbaar ID", Field.VISIBLE_ID),
        ("E-mailadres van pashouder", Field.EMAIL),
        ("Gültig bis", Field.VALID_UNTIL),
        ("GULTIG BIS", Field.VALID_UNTIL),
        ("Prénom", Field.FIRST_NAME),
        ("Numéro de carte", Field.VISIBLE_ID),
        ("Colour of the car", None),
        ("", None),
    ],
)
def test_headers_are_understood_in_four_languages_and_in_the_words_of_other_systems(header, meant):
    assert meant_by(header) is meant


def test_the_headers_are_found_below_a_title():
    rows = [["Passes of the hotel", "", "", ""], ["", "", "", ""], MAXEM, ["NL-TNM-C12345", "", "", "a@b.example"]]
    columns = find_columns(rows, ListKind.PASSES)
    assert (columns.header_row, columns.first_row) == (2, 3)
    assert columns.by_field == {Field.VISIBLE_ID: 0, Field.UID: 1, Field.NAME: 2, Field.EMAIL: 3}


def test_a_list_without_headers_is_understood_by_its_values():
    rows = [
        ["NL-TNM-C00122045-K", "anna@hotel.example", "04A2B3C4D5E680"],
        ["NL-TNM-012204-5", "jan@hotel.example", ""],
    ]
    columns = find_columns(rows, ListKind.PASSES)
    assert (columns.header_row, columns.first_row) == (None, 0)
    assert columns.by_field == {Field.EMAIL: 1, Field.VISIBLE_ID: 0, Field.UID: 2}


@pytest.mark.parametrize(("value", "meant"), [("04A2B3C4D5E680", Field.UID), ("NL-TNM-C00122045-K", Field.VISIBLE_ID)])
def test_an_auth_id_is_what_its_values_are(value, meant):
    assert find_columns([["Auth ID"], [value]], ListKind.MEMBERS).by_field == {meant: 0}


def test_a_column_that_is_named_is_not_looked_for_elsewhere():
    rows = [["E-mail", "Remark"], ["", "anna@hotel.example"], ["jan@hotel.example", "mila@hotel.example"]]
    assert find_columns(rows, ListKind.PASSES).by_field[Field.EMAIL] == 0


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (MAXEM, ListKind.PASSES),
        (["Auth ID"], ListKind.PASSES),
        (["First name", "Last name", "E-mail"], ListKind.IDENTITIES),
        (["Charge point", "Name", "Pool"], ListKind.STATIONS),
        (["nothing", "that", "helps"], ListKind.PASSES),
    ],
)
def test_the_headers_tell_what_a_list_is_of(headers, kind):
    assert kind_of([headers]) is kind


cells = st.one_of(st.text(max_size=20), st.sampled_from([*MAXEM, "04A2B3C4", "a@b.example", "NL-TNM-C00122045-K", ""]))


@given(st.lists(st.lists(cells, max_size=6), max_size=40), st.sampled_from(ListKind))
def test_whatever_a_sheet_holds_no_column_has_two_meanings(rows, kind):
    kind_of(rows)
    columns = find_columns(rows, kind)
    assert len(set(columns.by_field.values())) == len(columns.by_field)
    assert set(columns.by_field) <= set(FIELDS[kind])
    assert all(0 <= column < max(map(len, rows), default=0) for column in columns.by_field.values())


@given(st.text())
def test_a_header_key_stays_as_it_is(text):
    assert header_key(header_key(text)) == header_key(text)


def test_a_row_of_the_list_is_no_header_though_a_name_in_it_is_one():
    rows = [["04A2B3C4", "Tag", "anna@hotel.example"], ["04B7722E", "Van", "jan@hotel.example"]]
    assert find_columns(rows, ListKind.PASSES).header_row is None


def test_headers_that_nobody_knows_are_no_row_of_the_list():
    rows = [["Tarjeta", "Correo"], ["04A2B3C4", "anna@hotel.example"], ["04B7722E", "jan@hotel.example"]]
    assert find_columns(rows, ListKind.PASSES) == Columns(0, {Field.EMAIL: 1, Field.UID: 0})


def test_of_two_columns_with_one_header_the_first_counts_and_empty_headers_mean_nothing():
    rows = [["UID", "", "UID", "E-mail"], ["04A2B3C4", "x", "04B7722E", "anna@hotel.example"]]
    assert find_columns(rows, ListKind.PASSES).by_field == {Field.UID: 0, Field.EMAIL: 3}
