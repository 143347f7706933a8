"""Text with delimiters, whoever wrote it."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.exchange.delimited import decoded, guarded, parsed, unguarded
from app.exchange.tables import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS

FORMULAS = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe_that_reading_takes_off(text):
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


def test_a_text_that_begins_with_an_apostrophe_keeps_it():
    assert parsed("'s-Hertogenbosch,'t Zand").rows == [["'s-Hertogenbosch", "'t Zand"]]


def test_what_nobody_guarded_is_read_as_it_stands():
    assert parsed("=1+1,-5\n").rows == [["=1+1", "-5"]]


@given(st.text(max_size=20))
@example("''=")
def test_guarding_is_taken_off_exactly_once(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_cells_pasted_from_a_spreadsheet_may_hold_lines_and_quotes():
    assert parsed('UID\tNote\r\n04A2B3C4\t"two\nlines, ""quoted"""\r\n').rows == [
        ["UID", "Note"],
        ["04A2B3C4", 'two\nlines, "quoted"'],
    ]


def test_the_delimiter_is_what_makes_rows_even_and_not_what_is_most_frequent():
    text = "Name;Note\nAnna;a, b, c, d\nJan;e\nSara;f, g\n"
    assert parsed(text).rows[1] == ["Anna", "a, b, c, d"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\0b", "file_not_a_table"),
        ("," * MOST_COLUMNS, "too_many_columns"),
        ("x\n" * (MOST_ROWS + 1), "too_many_rows"),
        ("x" * (LONGEST_CELL + 1), "file_not_a_table"),
        ('"' + "x\n" * LONGEST_CELL, "file_not_a_table"),
    ],
    ids=["a byte no text has", "columns without end", "rows without end", "a cell without end", "a quote never closed"],
)
def test_what_is_no_list_is_refused(text, code):
    with pytest.raises(AppError) as error:
        parsed(text)
    assert error.value.code == code


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
tables = st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1))


@given(tables, st.sampled_from(";,\t|"))
def test_what_excel_writes_with_any_delimiter_that_it_names_is_read_to_the_letter(table, delimiter):
    text = io.StringIO(newline="")
    text.write(f"sep={delimiter}\r\n")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([guarded(cell) for cell in row] for row in table)
    assert parsed(text.getvalue()).rows == table


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_refused(text):
    try:
        rows = parsed(text).rows
    except AppError as error:
        assert error.code in ("file_not_a_table", "too_many_columns")
    else:
        assert all(isinstance(cell, str) for row in rows for cell in row)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data):
    try:
        assert isinstance(decoded(data), str)
    except AppError as error:
        assert error.code == "file_not_a_table"
