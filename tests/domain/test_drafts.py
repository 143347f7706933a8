"""What operators type, cleaned or refused before anything is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.drafts import (
    EMAIL_LIMIT,
    NAME_LIMIT,
    STATION_ID_LIMIT,
    IdentityDraft,
    PassDraft,
    clean_email,
    clean_name,
    clean_station_id,
    printable,
)
from app.domain.errors import AppError
from app.domain.model import Role

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def refusal(call, *arguments):
    with pytest.raises(AppError) as refused:
        call(*arguments)
    return refused.value.code


class TestNames:
    def test_a_name_is_one_line_without_blanks_around_it(self):
        assert clean_name("  Café\tde \n Paris\u00a0 ") == "Café de Paris"

    def test_a_name_may_be_empty(self):
        assert clean_name(" \t") == ""

    def test_a_name_has_a_limit_after_cleaning(self):
        assert clean_name(" " * 500 + "n" * NAME_LIMIT) == "n" * NAME_LIMIT
        assert refusal(clean_name, "n" * (NAME_LIMIT + 1)) == "name_too_long"

    @settings(max_examples=300, deadline=None)
    @given(st.text(st.characters(codec=None), max_size=60))
    def test_whatever_was_pasted_a_name_can_be_shown_and_stored(self, text):
        name = clean_name(text)
        assert name.isprintable()
        assert name.encode().decode() == name
        assert clean_name(name) == name


class TestAddresses:
    @pytest.mark.parametrize("typed", ["Ann@Example.COM", " ann@example.com ", "a+b@käse.example", "root@localhost"])
    def test_an_address_stays_as_it_was_typed(self, typed):
        assert clean_email(typed) == typed.strip()

    def test_what_nobody_sees_goes(self):
        assert clean_email("\ufeffann@example.com\u200b\x00") == "ann@example.com"

    @pytest.mark.parametrize("typed", ["", "  ", "\u200b"])
    def test_an_empty_address_is_asked_for(self, typed):
        assert refusal(clean_email, typed) == "email_empty"

    @pytest.mark.parametrize(
        "typed",
        ["ann", "@", "a@", "@b", "a b@c.d", "a@b@c", "a@b;c@d", "Ann <a@b.c>", "a@b\u2028c", "x@" + "y" * EMAIL_LIMIT],
    )
    def test_a_slip_is_caught(self, typed):
        assert refusal(clean_email, typed) == "email_not_an_address"


class TestStationIds:
    @pytest.mark.parametrize("typed", ["CP-1", "RDAM|123", "a.b_c~d@e+f*g", "RDAM 123", "x" * STATION_ID_LIMIT])
    def test_what_the_specification_allows_is_kept_as_typed(self, typed):
        assert clean_station_id(f" {typed} ") == typed

    @pytest.mark.parametrize(
        ("typed", "code"),
        [
            ("", "station_id_empty"),
            (" \n", "station_id_empty"),
            ("x" * (STATION_ID_LIMIT + 1), "station_id_too_long"),
            ("a/b", "station_id_bad_characters"),
            ("a:b", "station_id_bad_characters"),
            ("CP\u20111", "station_id_bad_characters"),
            ("CP\x00", "station_id_bad_characters"),
            ("CP\n1", "station_id_bad_characters"),
            ("\ud800", "station_id_bad_characters"),
        ],
    )
    def test_anything_else_is_refused(self, typed, code):
        assert refusal(clean_station_id, typed) == code


class TestIdentities:
    def test_every_field_is_cleaned(self):
        draft = IdentityDraft(" a@b.c ", " Ann ", "de\tVries", Role.ADMINISTRATOR, " 42 ")
        assert draft.cleaned() == IdentityDraft("a@b.c", "Ann", "de Vries", Role.ADMINISTRATOR, "42")

    def test_only_the_address_must_be_there(self):
        assert IdentityDraft("a@b.c").cleaned().first_name == ""
        assert refusal(IdentityDraft("").cleaned) == "email_empty"

    @pytest.mark.parametrize("field", ["first_name", "last_name", "external_id"])
    def test_no_field_is_endless(self, field):
        assert refusal(IdentityDraft("a@b.c", **{field: "n" * 200}).cleaned) == "name_too_long"


class TestPasses:
    def test_ids_are_brought_into_the_form_in_which_they_are_compared(self):
        uid, visible_id, name = PassDraft(uid=" 04:a2:24-6f ", visible_id="NL-TNM-B12345-6", name=" Van 3 ").parsed()
        assert (uid, visible_id, name) == ("04A2246F", "NL-TNM-B12345-6", "Van 3")

    def test_one_of_the_two_ids_is_enough(self):
        assert PassDraft(uid="04A2246F").parsed() == ("04A2246F", None, "")
        assert PassDraft(visible_id="NL-TNM-B12345-6").parsed()[0] is None

    def test_a_pass_without_any_id_is_refused(self):
        assert refusal(PassDraft(name="Van 3", uid=" ", visible_id=" ").parsed) == "pass_without_id"

    def test_a_visible_id_typed_as_uid_is_caught(self):
        assert refusal(PassDraft(uid="NL-TNM-B12345-6").parsed) == "uid_looks_like_visible_id"

    def test_what_a_reader_sent_is_right_as_it_is(self):
        """A car's contract ID or a tag longer than any card: the reader saw it, no operator typed it."""
        assert PassDraft(tapped="nl-tnm-b12345-6").parsed()[0] == "NL-TNM-B12345-6"
        assert PassDraft(tapped="x" * 60, uid="ignored").parsed()[0] == "X" * 60

    def test_a_tap_without_uid_leaves_what_was_typed(self):
        assert PassDraft(tapped="\x00 ", uid="04A2246F").parsed()[0] == "04A2246F"

    def test_the_first_day_lies_before_the_last(self):
        day = timedelta(days=1)
        assert PassDraft(uid="04A2246F", valid_from=NOW, valid_until=NOW + day).parsed()
        assert refusal(PassDraft(uid="04A2246F", valid_from=NOW, valid_until=NOW).parsed) == "validity_reversed"
        assert refusal(PassDraft(uid="04A2246F", valid_from=NOW + day, valid_until=NOW).parsed) == "validity_reversed"

    @settings(max_examples=300, deadline=None)
    @given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
    def test_whatever_is_typed_the_outcome_is_a_pass_or_a_code(self, uid, visible_id, name):
        try:
            parsed = PassDraft(uid=uid, visible_id=visible_id, name=name).parsed()
        except AppError as refused:
            assert refused.code
        else:
            assert parsed[0] or parsed[1]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec=None), max_size=60))
def test_printable_text_keeps_what_a_screen_shows(text):
    shown = printable(text)
    assert shown.isprintable()
    assert [character for character in text if character.isprintable() and not character.isspace()] == [
        character for character in shown if not character.isspace()
    ]
