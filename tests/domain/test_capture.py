"""Which taps are cards held to the chosen reader, what a reader that types means, and how new passes are called."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access import OF_A_PIN
from app.domain.capture import CardReader, HeldCard, NewPasses, ReaderKind, TypedForm, uid_typed
from app.domain.errors import AppError
from app.domain.ids import UidKind, canonical_uid
from app.domain.model import Tap, TapSource
from app.domain.pins import HIDDEN_PIN

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GARAGE = CardReader(ReaderKind.STATION, "ALF-0021")
ANY = CardReader(ReaderKind.ANY)


def tap(station_id="ALF-0021", source=TapSource.AUTHORIZE, raw="B1204F77", reason="unknown_card"):
    return Tap(
        1, NOW, station_id, "Garage 2", 1, raw, canonical_uid(raw), source,
        "Invalid", reason, (), None, "", None, "", None,
    )  # fmt: skip


class TestWhichCardsCount:
    @pytest.mark.parametrize("source", [TapSource.AUTHORIZE, TapSource.START])
    def test_those_held_to_the_chosen_station(self, source):
        assert GARAGE.hears(tap(source=source))

    def test_a_card_that_ends_a_session_is_not_held_for_capturing(self):
        assert not ANY.hears(tap(source=TapSource.STOP))

    def test_a_card_at_another_station_is_a_strangers(self):
        assert not GARAGE.hears(tap("EVB-P1882"))

    def test_every_station_counts_when_any_is_chosen(self):
        assert ANY.hears(tap("EVB-P1882"))

    def test_stations_are_told_apart_without_regard_to_case(self):
        assert GARAGE.hears(tap("alf-0021"))

    @pytest.mark.parametrize("kind", [ReaderKind.NONE, ReaderKind.USB])
    def test_no_station_counts_while_none_is_chosen(self, kind):
        assert not CardReader(kind).hears(tap())

    @pytest.mark.parametrize("reason", sorted(OF_A_PIN))
    def test_a_pin_never_counts(self, reason):
        assert not ANY.hears(tap(reason=reason.value))

    def test_hidden_digits_never_count_whatever_was_decided_of_them(self):
        assert not ANY.hears(tap(raw=HIDDEN_PIN))

    @pytest.mark.parametrize(
        ("uid", "kind"),
        [
            ("08A1B2C3", UidKind.RANDOM),
            ("", UidKind.EMPTY),
            ("VID:001122334455", UidKind.VEHICLE),
            ("A0000000", UidKind.FREE_VEND),
            ("04A2B3C4D5E680", None),
            ("DE-8AA-CA2B3C4D5-L", None),
        ],
    )
    def test_what_is_no_card_is_known_by_its_uid(self, uid, kind):
        assert HeldCard(canonical_uid(uid), NOW).unfit == kind


class TestWhatAReaderTypes:
    @pytest.mark.parametrize(
        ("typed", "form", "uid"),
        [
            ("04a2b3c4d5e680", TypedForm.HEX, "04A2B3C4D5E680"),
            ("04:A2:B3:C4:D5:E6:80", TypedForm.HEX, "04A2B3C4D5E680"),
            ("80E6D5C4B3A204", TypedForm.HEX_REVERSED, "04A2B3C4D5E680"),
            ("2971684727", TypedForm.DECIMAL, "B1204F77"),
            ("0000002971684727", TypedForm.DECIMAL, "B1204F77"),
            ("2001674417", TypedForm.DECIMAL_REVERSED, "B1204F77"),
            ("1304792892040832", TypedForm.DECIMAL, "04A2B3C4D5E680"),
            ("66051", TypedForm.DECIMAL, "00010203"),
        ],
    )
    def test_is_the_cards_uid(self, typed, form, uid):
        assert uid_typed(typed, form) == uid

    @pytest.mark.parametrize(
        ("typed", "form", "code"),
        [
            ("&é\"'(-è_", TypedForm.HEX, "typed_not_hex"),
            ("2971684727", TypedForm.HEX, "typed_wrong_length"),
            ("04A2B3", TypedForm.HEX_REVERSED, "typed_wrong_length"),
            ("B1204F77", TypedForm.DECIMAL, "typed_not_decimal"),
            ("9" * 30, TypedForm.DECIMAL, "typed_wrong_length"),
            ("9" * 5000, TypedForm.DECIMAL_REVERSED, "typed_wrong_length"),
            ("", TypedForm.HEX, "typed_not_hex"),
        ],
    )
    def test_what_cannot_be_one_is_refused_with_its_reason(self, typed, form, code):
        with pytest.raises(AppError) as refused:
            uid_typed(typed, form)
        assert refused.value.code == code

    @given(st.sampled_from([4, 7, 10]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
    def test_every_card_is_found_again_from_its_decimal_number_unless_zeros_begin_it(self, uid):
        number = str(int.from_bytes(uid, "big"))
        found = bytes.fromhex(uid_typed(number, TypedForm.DECIMAL))
        assert int.from_bytes(found, "big") == int.from_bytes(uid, "big")
        assert found == uid or uid[0] == 0

    @given(st.text(max_size=40), st.sampled_from(TypedForm))
    def test_any_text_is_a_uid_or_refused(self, text, form):
        try:
            assert len(uid_typed(text, form)) in (8, 14, 16, 20)
        except AppError as error:
            assert error.code.startswith("typed_")


class TestNamesOfNewPasses:
    @pytest.mark.parametrize(
        ("pattern", "number", "name"),
        [
            ("Card {n}", 7, "Card 7"),
            ("Card {nnn}", 7, "Card 007"),
            ("Card {nn}", 1234, "Card 1234"),
            ("{n}. of {n}", 2, "2. of 2"),
            ("Visitor", 3, "Visitor"),
            ("50 % {x} {n}", 1, "50 % {x} 1"),
        ],
    )
    def test_the_number_stands_where_the_pattern_says(self, pattern, number, name):
        assert NewPasses(pattern).name(number) == name

    @pytest.mark.parametrize(
        ("pattern", "name", "number"),
        [
            ("Card {n}", "Card 14", 14),
            ("Card {nnn}", "Card 007", 7),
            ("Card {n}", "Card", 0),
            ("Card {n}", "My Card 14", 0),
            ("{n}. of {n}", "2. of 2", 2),
            ("{n}. of {n}", "2. of 3", 0),
            ("Visitor", "Visitor", 0),
            ("(a+)+ {n}", "(a+)+ 5", 5),
        ],
    )
    def test_and_is_read_back_from_a_name(self, pattern, name, number):
        assert NewPasses(pattern).number_of(name) == number
