from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.domain.ids import canonical_uid
from app.domain.visible_ids import (
    CheckDigit,
    ContractIdStandard,
    VisibleIdCheck,
    canonical_visible_id,
    check_visible_id,
    parse_visible_id,
    visible_id_in,
)

DIN = ContractIdStandard.DIN_SPEC_91286
ISO = ContractIdStandard.ISO_15118_1
EMI3 = ContractIdStandard.EMI3
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

few = settings(max_examples=150, deadline=None)
any_text = st.text(st.one_of(st.sampled_from("\0\ud800\udc00-*: 09AZazß\u200b\u2013\u00a0\t\n"), st.characters()))
country = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
din_payloads = st.builds(str.__add__, country, st.text(ALPHABET, min_size=9, max_size=9))
iso_payloads = st.builds(str.__add__, country, st.text(ALPHABET, min_size=12, max_size=12))


def refusal(text: str) -> AppError:
    with pytest.raises(AppError) as caught:
        parse_visible_id(text)
    return caught.value


def check(text: str) -> VisibleIdCheck:
    found = check_visible_id(text)
    assert found is not None
    return found


def expected_digit(payload: str) -> str:
    found = check(payload)
    assert found.check_digit is CheckDigit.ABSENT
    return found.expected


class TestParseVisibleId:
    @pytest.mark.parametrize(
        ("text", "visible_id"),
        [
            (" nl-tnm-b12345-6 ", "NL-TNM-B12345-6"),
            ("NL\u2013TNM\u2013B12345\u20116", "NL-TNM-B12345-6"),
            ("\ufeffNL-TNM-\u200bB12345-6", "NL-TNM-B12345-6"),
            ("7032  1234\n 5678\t9012", "7032 1234 5678 9012"),
            ("7032\u00a01234", "7032 1234"),
            ("Karte nº 12/b (Süd)", "KARTE Nº 12/B (SÜD)"),
            ("1", "1"),
        ],
    )
    def test_what_was_typed_is_trimmed_and_upper_case(self, text, visible_id):
        assert parse_visible_id(text) == visible_id

    @pytest.mark.parametrize("text", ["", "  ", "\n\t", "\u200b"])
    def test_nothing_is_refused_as_nothing(self, text):
        assert refusal(text).code == "visible_id_empty"

    def test_64_characters_pass_and_65_do_not(self):
        assert len(parse_visible_id("X" * 64)) == 64
        error = refusal("X" * 65)
        assert (error.code, error.params) == ("visible_id_too_long", {"length": 65, "limit": 64})

    @pytest.mark.parametrize(
        ("text", "characters"),
        [("NL\0TNM", "U+0000"), ("NL\ud800", "U+D800"), ("\x1bX\x07\x1b", "U+001B U+0007"), ("A\ufffdB", "\ufffd")],
    )
    def test_characters_nobody_can_print_are_named(self, text, characters):
        error = refusal(text)
        assert (error.code, error.params) == ("visible_id_bad_characters", {"characters": characters})

    @pytest.mark.parametrize(
        "text",
        [
            "04:A1:B2:C3",
            "12:34:56:78",
            "04:a1:b2:c3:d4:e5:f6",
            "04A1B2C3",
            "04a1b2c3d4e5f6",
            "E0040108136EF522",
            "04A1B2C3D4E5F6A7B8C9",
            "04 A1 B2 C3 D4 E5 F6",
            "04-A1-B2-C3-D4-E5-F6",
            "DEADBEEF",
        ],
    )
    def test_a_uid_is_refused_and_named_so_that_it_can_be_moved(self, text):
        error = refusal(text)
        assert (error.code, error.params) == ("visible_id_looks_like_uid", {"uid": canonical_uid(text)})

    @pytest.mark.parametrize(
        "text",
        [
            "12345678",
            "70321234567890",
            "7032123456789012",
            "70321234567890123456",
            "7032 1234 5678 9012",
            "12-34-56-78",
            "A1234567",
            "AB123456",
            "BEC12345",
            "1234567A",
            "B123456C",
            "DE8AAC12345678",
            "DE8AAC1A2B3C4D",
            "BEBEC041503002",
            "DE-8AA-C12345678",
            "04A1B2C3D4E5",
            "CAFE",
        ],
    )
    def test_printed_numbers_that_happen_to_be_hex_pass(self, text):
        assert parse_visible_id(text) == text

    @few
    @given(any_text)
    def test_any_text_is_a_visible_id_or_a_clear_refusal(self, text):
        try:
            visible_id = parse_visible_id(text)
        except AppError as error:
            assert error.code.startswith("visible_id_")
            str(error).encode()
        else:
            assert 0 < len(visible_id) <= 64
            assert visible_id.isprintable()
            assert parse_visible_id(visible_id) == visible_id

    @few
    @given(st.one_of(din_payloads, iso_payloads), st.sampled_from(["", "-", "*", " "]))
    def test_no_contract_id_is_ever_refused(self, payload, between):
        parts = (payload[:2], payload[2:5], payload[5:], expected_digit(payload))
        assert parse_visible_id(between.join(parts)) == between.join(parts)


class TestCanonicalVisibleId:
    @pytest.mark.parametrize(
        "text", ["NL-TNM-012204-5", "nl*tnm*012204*5", "NL TNM 012204 5", "NLTNM0122045", " NL\u2013TNM-012204- 5\n"]
    )
    def test_all_spellings_of_one_number_are_one(self, text):
        assert canonical_visible_id(text) == "NLTNM0122045"

    @few
    @given(any_text)
    def test_every_text_has_a_canonical_form_that_stays(self, text):
        canonical = canonical_visible_id(text)
        assert canonical_visible_id(canonical) == canonical
        assert not set(canonical) & set("-* ")


class TestVisibleIdIn:
    @few
    @given(any_text)
    def test_what_it_finds_is_a_visible_id(self, text):
        found = visible_id_in(text)
        assert found is None or parse_visible_id(found) == found

    @few
    @given(st.one_of(din_payloads, iso_payloads), st.sampled_from("-* "))
    def test_a_contract_id_with_its_separators_is_always_found(self, payload, between):
        text = between.join((payload[:2], payload[2:5], payload[5:], expected_digit(payload)))
        assert visible_id_in(text) == text


class TestPublishedContractIds:
    """IDs printed elsewhere, each with the place it was found in."""

    @pytest.mark.parametrize(
        "visible_id",
        [
            # ShellRechargeSolutionsEU/mobilityid: README and tests ("the old Excel-sheet ways")
            "NL-TNM-012204-5",
            "NL*TNM*122045*0",
            "NL-TNM-009637-9",
            "IN-TNM-000071-9",
            "IN-TNM-000110-X",
            "IN-TNM-000124-0",
            "IN-TNM-000114-6",
            "IN-TNM-000191-5",
            # OpenChargingCloud/WWCP_OICP: contracts of the Hubject test system
            "DE*BMW*0010LT*7",
            "DE*BMW*0010LX*7",
            "DE*BMW*0010LY*3",
            "DE*BMW*0010LZ*X",
            "DE*BMW*0010M0*2",
            "DE*ICE*I00811*1",
        ],
    )
    def test_din_spec_91286(self, visible_id):
        assert check(visible_id) == VisibleIdCheck(DIN, CheckDigit.RIGHT, visible_id[-1])

    @pytest.mark.parametrize(
        "visible_id",
        [
            # "Check Digit Calculation for Contract-IDs", ochp.eu, 2014; Annex 1 of the IDRR's "E-mobility ID-codes"
            "DE83DUIEN83QGZD",
            # mobilityid, mrbig/ocpi-protocol and others: the values of the EV-ID-Validator of ochp.eu
            "NN123ABCDEFGHIT",
            "FRXYZ1234567892",
            "ITA1B2C3E4F5G64",
            "ESZU8WOX834H1DR",
            "PT73902837ABCZZ",
            "DE83DUIEN83ZGQM",
            "DE8AA0012345670",
            "NL-TNM-000122045-U",
            "NL-TNM-000722345-X",
            "NL-TNM-012345678-W",
            # satimoto/go-ocpi: a card of Last Mile Solutions
            "NL*LMS*E17093261*K",
        ],
    )
    def test_iso_15118_1(self, visible_id):
        assert check(visible_id) == VisibleIdCheck(ISO, CheckDigit.RIGHT, visible_id[-1])

    @pytest.mark.parametrize(
        "visible_id",
        [
            # eMI3, "Electric Vehicle ICT Interface Specifications" V1.0 part 2, 1.2.2.1
            "DE-8AA-CA2B3C4D5-L",
            # mobilityid README
            "NL-TNM-C00122045-K",
            # satimoto/go-ocpi, citrineos/citrineos-core
            "DE-8AC-C12E56L89-4",
            "NL123C10028948M",
        ],
    )
    def test_emi3(self, visible_id):
        assert check(visible_id) == VisibleIdCheck(EMI3, CheckDigit.RIGHT, visible_id[-1])

    @pytest.mark.parametrize(
        ("visible_id", "expected"),
        [
            ("DE-8AA-123A56-3", "5"),  # OCHP
            ("DE-8AA-CA2B3C4D5-N", "L"),  # OCHP; the eMI3 document corrects it
            ("DE*8EO*Aet5e4*3", "9"),  # OICP
            ("DE-8EO-CAet5e4XY-3", "T"),  # OICP
            ("NL-TNM-B12345-6", "7"),  # Maxem's help page
        ],
    )
    def test_samples_that_only_show_a_shape_have_a_wrong_digit(self, visible_id, expected):
        found = check(visible_id)
        assert (found.check_digit, found.expected) == (CheckDigit.WRONG, expected)


class TestShape:
    @pytest.mark.parametrize(
        ("text", "standard"),
        [
            ("NL-TNM-012204", DIN),
            ("NLTNM012204", DIN),
            ("nl tnm 012204", DIN),
            ("NL-TNM-000122045", ISO),
            ("nltnmc00122045", EMI3),
            ("NL - TNM - C00122045", EMI3),
        ],
    )
    def test_an_absent_digit_is_told_with_what_it_would_be(self, text, standard):
        found = check(text)
        assert (found.standard, found.check_digit, found.likely) == (standard, CheckDigit.ABSENT, ())
        assert check(text + found.expected).check_digit is CheckDigit.RIGHT

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "12345678",
            "7032 1234 5678 9012",
            "NL-LMS-0123456-X",
            "NL-TNM-0122-045",
            "N-LTNM-012204-5",
            "49*810*000*438",
            "1L-TNM-012204-5",
            "NL-T|M-012204-5",
            "NL-TNM-0122045678901-5",
            "ÄÖ-TNM-012204-5",
            "NL-TNM-٠١٢٢٠٤-5",
            "NL----TNM-012204-5",
        ],
    )
    def test_other_formats_are_left_alone(self, text):
        assert check_visible_id(text) is None

    @few
    @given(any_text)
    def test_no_text_makes_it_fail(self, text):
        found = check_visible_id(text)
        assert found is None or len(found.expected) == 1


class TestWrongDigit:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("NL-TNM-O12204-5", "NL-TNM-012204-5"),
            ("NL-TNM-122045-O", "NL-TNM-122045-0"),
            ("DE*BMW*001OLZ*X", "DE*BMW*0010LZ*X"),
            ("DE-8AA-CAZB3C4D5-L", "DE-8AA-CA2B3C4D5-L"),
            ("DE-8AA-CA2B3C4DS-L", "DE-8AA-CA2B3C4D5-L"),
            ("DE-BAA-CA2B3C4D5-L", "DE-8AA-CA2B3C4D5-L"),
            ("DE-A8A-CA2B3C4D5-L", "DE-8AA-CA2B3C4D5-L"),
            ("DE-8AA-AC2B3C4D5-L", "DE-8AA-CA2B3C4D5-L"),
            ("DE-8AA-CA2B3C4DL-5", "DE-8AA-CA2B3C4D5-L"),
            ("de 8aa ca2b3c4d5 n", "DE 8AA CA2B3C4D5 L"),
        ],
    )
    def test_the_likely_slip_is_offered_as_it_was_typed(self, typed, meant):
        found = check(typed)
        assert found.check_digit is CheckDigit.WRONG
        assert meant in found.likely

    def test_a_misread_character_comes_before_swapped_ones_and_the_digit_comes_last(self):
        found = check("NL-TNM-O12204-5")
        assert found.likely[0] == "NL-TNM-012204-5"
        assert found.likely[-1] == f"NL-TNM-O12204-{found.expected}"

    def test_a_wrong_check_digit_is_a_warning_never_a_refusal(self):
        assert parse_visible_id("NL-TNM-B12345-6") == "NL-TNM-B12345-6"

    @few
    @given(st.one_of(din_payloads, iso_payloads), st.sampled_from(ALPHABET), st.sampled_from(["", "-", "*"]))
    def test_every_guess_is_right_and_the_digit_itself_is_among_them(self, payload, digit, between):
        assume(digit != expected_digit(payload))
        text = between.join((payload[:2], payload[2:5], payload[5:], digit))
        found = check(text)
        assert found.check_digit is CheckDigit.WRONG
        assert text[:-1] + found.expected in found.likely
        assert len(found.likely) == len(set(found.likely)) <= 5
        assert text not in found.likely
        assert all(check(guess).check_digit is CheckDigit.RIGHT for guess in found.likely)
        assert check(text) == found


class TestIsoCheckDigit:
    """What the description promises of the digit, by a way of its own: whole matrices and their powers."""

    @few
    @given(iso_payloads)
    def test_the_whole_id_satisfies_the_check_equations(self, payload):
        values = [ALPHABET.index(character) for character in payload + expected_digit(payload)]
        for modulus, last_row, pairs in (
            (2, (1, 1), [(value // 18, value // 9 % 2) for value in values]),
            (3, (1, 2), [(value // 3 % 3, value % 3) for value in values]),
        ):
            base = power = ((0, 1), last_row)
            total = [0, 0]
            for pair in pairs:
                for column in (0, 1):
                    total[column] += pair[0] * power[0][column] + pair[1] * power[1][column]
                power = tuple(tuple(sum(row[k] * base[k][n] for k in (0, 1)) for n in (0, 1)) for row in power)
            assert [part % modulus for part in total] == [0, 0]

    @few
    @given(iso_payloads, st.integers(2, 13), st.sampled_from(ALPHABET))
    def test_one_wrong_character_always_shows(self, payload, place, other):
        assume(payload[place] != other)
        assert expected_digit(payload) != expected_digit(payload[:place] + other + payload[place + 1 :])

    @few
    @given(iso_payloads)
    def test_two_swapped_neighbours_always_show(self, payload):
        for m, n in list(pairwise(range(14)))[2:]:
            swapped = payload[:m] + payload[n] + payload[m] + payload[n + 1 :]
            assert swapped == payload or expected_digit(swapped) != expected_digit(payload)


class TestDinCheckDigit:
    @few
    @given(country, st.text("0123456789", min_size=9, max_size=9), st.integers(2, 10), st.sampled_from("0123456789"))
    def test_one_wrong_digit_always_shows(self, letters, digits, place, other):
        payload = letters + digits
        assume(payload[place] != other)
        assert expected_digit(payload) != expected_digit(payload[:place] + other + payload[place + 1 :])

    @few
    @given(din_payloads)
    def test_the_digit_is_a_digit_or_x(self, payload):
        assert expected_digit(payload) in "0123456789X"
