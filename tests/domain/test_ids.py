import sqlite3
import sys
import unicodedata
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.domain.ids import (
    LookAlike,
    Uid,
    UidKind,
    canonical_uid,
    classify_uid,
    look_alike_ranges,
    look_alikes,
    parse_uid,
    why_alike,
)

few = settings(max_examples=150, deadline=None)
# Any code point, half surrogate pairs too, and often what the code looks for.
any_text = st.text(st.one_of(st.sampled_from("\0\ud800\udc00:- _#09aAfFzß\u200b\u2013\ufb00\t\x03"), st.characters()))
hex_bytes = st.sampled_from([4, 6, 7, 8, 10]).flatmap(lambda n: st.binary(min_size=n, max_size=n))
card_uids = hex_bytes.map(lambda data: Uid(data.hex().upper()))


def refusal(text: str) -> AppError:
    with pytest.raises(AppError) as caught:
        parse_uid(text)
    return caught.value


class TestCanonicalUid:
    @pytest.mark.parametrize(
        ("raw", "canonical"),
        [
            ("04656B82EB2CDD", "04656B82EB2CDD"),
            ("043768e29a7c80", "043768E29A7C80"),
            ("20:69:C0:21", "2069C021"),
            ("04-a1-b2-c3", "04A1B2C3"),
            ("04 a1 b2 c3", "04A1B2C3"),
            (" 04A1B2C3 \r\n", "04A1B2C3"),
            ("04A1B2C3\0\0\0\0", "04A1B2C3"),
            ("04A1B2C3 \0\n\0", "04A1B2C3"),
            ("\x0204A1B2C3\x03", "04A1B2C3"),
            ("04A1B2C3\x85\xa0", "04A1B2C3"),
            ("VID:00aabbccddee", "VID:00AABBCCDDEE"),
            ("#FreeCharging", "#FREECHARGING"),
            ("12345678_dummy1", "12345678_DUMMY1"),
            ("X16WG99J2QIEGCC0MCJ5-", "X16WG99J2QIEGCC0MCJ5-"),
            ("Jan de Vries", "JAN DE VRIES"),
            ("", ""),
            ("\0", ""),
            (" - ", "-"),
            ("::", "::"),
            ("stra\u00dfe", "STRASSE"),
            ("\ufb00:\ufb00", "FFFF"),
            ("AB\0CD", "AB\ufffdCD"),
            ("AB\ud83d", "AB\ufffd"),
        ],
    )
    def test_what_cannot_matter_is_taken_off(self, raw, canonical):
        assert canonical_uid(raw) == canonical

    @few
    @given(any_text)
    def test_every_text_has_a_canonical_form_that_stays_and_that_sqlite_holds(self, raw):
        uid = canonical_uid(raw)
        assert canonical_uid(uid) == uid
        with closing(sqlite3.connect(":memory:")) as connection:
            assert connection.execute("SELECT ?, length(?)", (uid, uid)).fetchone() == (uid, len(uid))

    def test_every_single_character_has_a_canonical_form_that_stays(self):
        for code in range(sys.maxunicode + 1):
            uid = canonical_uid(f"x{chr(code)}")
            assert canonical_uid(uid) == uid, f"U+{code:04X}"

    @few
    @given(card_uids, st.sampled_from(["", ":", "-", " "]), st.booleans(), st.sampled_from(["", "\0", " ", "\r\n"]))
    def test_all_spellings_of_a_card_are_one(self, uid, between, lower, tail):
        spelled = between.join(uid[n : n + 2] for n in range(0, len(uid), 2))
        assert canonical_uid((spelled.lower() if lower else spelled) + tail) == uid

    def test_letters_of_every_script_lose_their_case(self):
        cased = (chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Ll")
        for letter in cased:
            assert canonical_uid(letter) == canonical_uid(letter.upper())


class TestParseUid:
    @pytest.mark.parametrize(
        ("text", "uid"),
        [
            (" 04:a1:b2:c3:d4:e5:f6 ", "04A1B2C3D4E5F6"),
            ("04\u2013A1\u2013B2\u2013C3", "04A1B2C3"),
            ("\ufeff04A1B2C3\u200b", "04A1B2C3"),
            ("04\xa0A1\xa0B2\xa0C3", "04A1B2C3"),
            ("GoToken201", "GOTOKEN201"),
            ("evcc", "EVCC"),
            ("1", "1"),
            ("#FreeCharging", "#FREECHARGING"),
            ("No Card", "NO CARD"),
            ("12345678_KEBA1", "12345678_KEBA1"),
            ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE7DEC11D0A76500A0C91E6BF6"),
        ],
    )
    def test_what_was_typed_becomes_canonical(self, text, uid):
        assert parse_uid(text) == uid

    @pytest.mark.parametrize("text", ["", "   ", "\0\0", "\u200b", "\r\n"])
    def test_nothing_is_refused_as_nothing(self, text):
        assert refusal(text).code == "uid_empty"

    @pytest.mark.parametrize(
        ("text", "visible_id"),
        [
            ("NL-TNM-B12345-6", "NL-TNM-B12345-6"),
            (" nl-tnm-c00122045-k ", "NL-TNM-C00122045-K"),
            ("DE*BMW*0010LY*3", "DE*BMW*0010LY*3"),
            ("NL\u2013TNM\u2013012204\u20135", "NL-TNM-012204-5"),
            ("NL TNM 012204 5", "NL TNM 012204 5"),
            ("NL-LMS-0123456-X", "NL-LMS-0123456-X"),
            ("DE-8AA-C12345678", "DE-8AA-C12345678"),
            ("NLTNM0122045", "NLTNM0122045"),
            ("NLTNMC00122045K", "NLTNMC00122045K"),
        ],
    )
    def test_a_visible_id_is_refused_and_named_so_that_it_can_be_moved(self, text, visible_id):
        error = refusal(text)
        assert (error.code, error.params) == ("uid_looks_like_visible_id", {"visible_id": visible_id})

    @pytest.mark.parametrize(
        "text",
        [
            "DE8AAC12345678",  # hex of seven bytes: some readers reverse them
            "DEBAD1234562",  # a right digit too
            "NLTNM0122046",  # no separators, and the digit does not confirm it
            "WALLBOX00001",  # its last digit is right by chance
            "TAGSECRET12345",
            "EV-0001",
            "HQ-CAR-0001",
        ],
    )
    def test_a_token_that_only_might_be_a_visible_id_passes(self, text):
        assert parse_uid(text) == canonical_uid(text)

    def test_255_characters_pass_and_256_do_not(self):
        assert parse_uid("A" * 255) == "A" * 255
        error = refusal("A" * 256)
        assert (error.code, error.params) == ("uid_too_long", {"length": 256, "limit": 255})

    def test_separators_of_a_hex_uid_do_not_count_towards_its_length(self):
        assert parse_uid(":".join(["A1"] * 18)) == "A1" * 18

    @pytest.mark.parametrize(
        ("text", "characters"), [("Zoë", "Ë"), ("A\tB", "U+0009"), ("A\0B\ud800", "\ufffd"), ("Ü Ü é", "Ü É")]
    )
    def test_characters_no_station_can_send_are_named(self, text, characters):
        error = refusal(text)
        assert (error.code, error.params) == ("uid_bad_characters", {"characters": characters})

    @few
    @given(any_text)
    def test_any_text_is_a_uid_or_a_clear_refusal(self, text):
        try:
            uid = parse_uid(text)
        except AppError as error:
            assert error.code.startswith("uid_")
            str(error).encode()
        else:
            assert uid
            assert uid == canonical_uid(uid)
            assert parse_uid(uid) == uid

    @few
    @given(card_uids)
    def test_no_card_uid_is_ever_refused(self, uid):
        assert parse_uid(uid) == uid


class TestClassifyUid:
    @pytest.mark.parametrize(
        ("uid", "kind"),
        [
            ("04A1B2C3", UidKind.CARD),
            ("04A1B2C3D4E5F6", UidKind.CARD),
            ("E0040108136EF522", UidKind.CARD),
            ("04A1B2C3D4E5F6A7B8C9", UidKind.CARD),
            ("08A1B2C3", UidKind.RANDOM),
            ("08A1B2C3D4E5F6", UidKind.CARD),
            ("VID:00AABBCCDDEE", UidKind.VEHICLE),
            ("#FREECHARGING", UidKind.FREE_VEND),
            ("A0000000", UidKind.FREE_VEND),
            ("", UidKind.EMPTY),
            ("04A1B2C3D4E5", UidKind.OTHER),
            ("GOTOKEN201", UidKind.OTHER),
            ("12345678_DUMMY1", UidKind.OTHER),
        ],
    )
    def test_form_tells_the_kind(self, uid, kind):
        assert classify_uid(Uid(uid)) is kind

    @few
    @given(any_text)
    def test_every_uid_has_a_kind(self, raw):
        assert classify_uid(canonical_uid(raw)) in UidKind


PAIRS = [
    ("7186A61E", "1EA68671", LookAlike.BYTES_REVERSED),
    ("E0040108136EF522", "22F56E13080104E0", LookAlike.BYTES_REVERSED),
    ("3C60838B", "1012958091", LookAlike.DECIMAL),
    ("3C606A8B", "0000001012951691", LookAlike.DECIMAL),
    ("04A1B2C3D4E5F6", "1303689068602870", LookAlike.DECIMAL),
    ("7186A61E", "514229873", LookAlike.DECIMAL_REVERSED),
    ("7186A61E", "0514229873", LookAlike.DECIMAL_REVERSED),
    ("04A1B2C3", "04A1B2C30000", LookAlike.ZERO_PADDED),
    ("04A1B2C3", "000000000004A1B2C3", LookAlike.ZERO_PADDED),
    ("1012951691", "0000001012951691", LookAlike.ZERO_PADDED),
    ("12345678", "12345678_DUMMY1", LookAlike.SUFFIXED),
    ("12345678_KEBA1", "12345678_KEBA2", LookAlike.SUFFIXED),
    ("04A1B2C3D4E5", "04A1B2C3D4E5F6", LookAlike.TRUNCATED),
    ("04A1B2C3D4E5F6", "04A1B2C3D4E57B", LookAlike.TRUNCATED),
    ("E0040108136EF522", "E0040108136EF52299", LookAlike.TRUNCATED),
]


class TestLookAlikes:
    @pytest.mark.parametrize(("a", "b", "reason"), PAIRS)
    def test_two_readings_of_a_card_are_alike_whichever_came_first(self, a, b, reason):
        assert why_alike(Uid(a), Uid(b)) is reason
        assert why_alike(Uid(b), Uid(a)) is reason

    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ("04A1B2C3", "04A1B2C3"),
            ("04A1B2C3", "04A1B2C4"),
            ("04A1B2C3", "04A1B2"),
            ("EVCC_1", "EVCC_2"),
            ("12345678_A", "12345679_A"),
            ("E0040108136EF522", "E0040108136EF523"),  # neighbours in a box of cards
            ("10129516917788", "10129516917799"),  # decimal numbers of two cards from one box
            ("04A1B2C3D4", "04A1B2C3D4E5"),
            ("00000000", "0000000000"),
            ("00000042", "000042"),
            ("42", "0000002A"),
            ("", "04A1B2C3"),
            ("#FREECHARGING", "FREECHARGING"),
        ],
    )
    def test_strangers_are_not_alike(self, a, b):
        assert why_alike(Uid(a), Uid(b)) is None
        assert why_alike(Uid(b), Uid(a)) is None

    @few
    @given(card_uids)
    def test_every_way_of_writing_a_card_down_is_found_from_both_sides(self, uid):
        data = bytes.fromhex(uid)
        number, number_reversed = int.from_bytes(data, "big"), int.from_bytes(data, "little")
        written = [data[::-1].hex().upper()]
        written += [str(n) for n in (number, number_reversed) if n >= 1 << 16]
        written += [str(n).zfill(16) for n in (number, number_reversed) if n >= 1 << 16]
        written += [uid + "0000"] if len(uid) <= 16 and data.strip(b"\0")[2:] else []
        for other in map(Uid, written):
            if other != uid:
                assert other in look_alikes(uid)
                assert uid in look_alikes(other)

    @few
    @given(st.one_of(card_uids, st.integers(0, 2**80).map(str).map(Uid), any_text.map(canonical_uid)))
    def test_every_candidate_is_confirmed_from_both_sides_and_none_is_the_uid_itself(self, uid):
        candidates = look_alikes(uid)
        assert uid not in candidates
        assert len(candidates) < 100
        for other, reason in candidates.items():
            assert canonical_uid(other) == other
            assert why_alike(uid, other) is reason
            assert why_alike(other, uid) is reason

    @few
    @given(any_text.map(canonical_uid), any_text.map(canonical_uid))
    def test_likeness_has_no_direction_and_never_fails(self, a, b):
        assert why_alike(a, b) is why_alike(b, a)
        assert why_alike(a, a) is None

    @few
    @given(card_uids, st.sampled_from(["_K1", "_", "AB", "7B7B", ""]), st.sampled_from(["_K2", "CD", ""]))
    def test_likeness_of_readings_of_one_card_has_no_direction(self, uid, one, other):
        a, b = Uid(uid + one), Uid(uid + other)
        assert why_alike(a, b) is why_alike(b, a)

    def test_a_tag_of_thousands_of_digits_is_like_nothing(self):
        assert look_alikes(Uid("7" * 10_000)) == {}


class TestLookAlikeRanges:
    @pytest.mark.parametrize(("a", "b", "reason"), PAIRS)
    def test_each_look_alike_is_named_in_full_or_lies_in_a_range(self, a, b, reason):
        for uid, other in ((Uid(a), Uid(b)), (Uid(b), Uid(a))):
            in_range = any(low <= other < high for low, high in look_alike_ranges(uid))
            assert other in look_alikes(uid) or in_range

    @few
    @given(card_uids, st.sampled_from(["_K1", "_", "AB"]), st.sampled_from(["_K2", "CD", ""]))
    def test_whatever_is_alike_can_be_found(self, uid, one, other):
        a, b = Uid(uid + one), Uid(uid + other)
        found = b in look_alikes(a) or any(low <= b < high for low, high in look_alike_ranges(a))
        assert found or why_alike(a, b) is None

    @few
    @given(any_text.map(canonical_uid))
    def test_any_uid_has_at_most_two_ranges(self, uid):
        ranges = look_alike_ranges(uid)
        assert len(ranges) <= 2
        assert all(low < high for low, high in ranges)

    def test_a_database_finds_the_look_alikes_through_its_index(self, tmp_path):
        uid = Uid("04A1B2C3D4E5F6")
        alike = {"F6E5D4C3B2A104", "1303689068602870", "04A1B2C3D4E5F60000", f"{uid}_S1", "04A1B2C3D4E5"}
        strangers = {uid, "04A1B2C3D4E4F6", "04A1B2C3D4E5F6F6F6", "05A1B2C3D4E5F6", "ZZ"}
        with closing(sqlite3.connect(tmp_path / "passes.db")) as connection:
            connection.execute("CREATE TABLE passes (uid TEXT UNIQUE)")
            connection.executemany("INSERT INTO passes VALUES (?)", [(one,) for one in alike | strangers])
            named, ranges = list(look_alikes(uid)), look_alike_ranges(uid)
            where = f"uid IN ({','.join('?' * len(named))})" + " OR (uid >= ? AND uid < ?)" * len(ranges)
            values = [*named, *(bound for bounds in ranges for bound in bounds)]
            query = f"SELECT uid FROM passes WHERE {where}"
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", values)]
            rows = {row[0] for row in connection.execute(query, values)}
        assert not any(step.startswith("SCAN") for step in plan), plan
        assert {row for row in rows if why_alike(uid, Uid(row))} == alike
