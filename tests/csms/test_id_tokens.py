"""What kind of thing a card's ID is (IdTokenType of OCPP 2.x), read from what stations send and written by its form."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpp.v201.enums import IdTokenEnumType

from app.csms.reading.id_tokens import IdToken, id_token, read_id_token
from app.csms.reading.repair import FieldRepair, Fields
from app.domain.ids import UidKind, canonical_uid, classify_uid

CARD = "04A2B3C4D5E680"


def read(payload):
    fields = Fields(payload, datetime(2026, 11, 20, tzinfo=UTC))
    return read_id_token(fields), fields.repairs


@pytest.mark.parametrize("kind", [*sorted(kind.value for kind in IdTokenEnumType), "SomethingNew"])
def test_of_whatever_kind_it_is_one_text_and_only_what_was_typed_is_no_card(kind):
    token, repairs = read({"idToken": {"idToken": CARD, "type": kind}})
    assert token == IdToken(CARD, keyed=kind == "KeyCode")
    assert not repairs


def test_a_charge_without_a_card_has_an_empty_one():
    assert read({"idToken": {"idToken": "", "type": "NoAuthorization"}}) == (IdToken(""), [])


@pytest.mark.parametrize("address", ["00:11:22:aa:BB:cc", "001122AABBCC", "VID:001122AABBCC"])
def test_a_vehicle_is_the_same_as_where_1_6_is_spoken(address):
    token, _ = read({"idToken": {"idToken": address, "type": "MacAddress"}})
    assert token == IdToken("VID:001122AABBCC")
    assert classify_uid(canonical_uid(token.raw_id_tag)) is UidKind.VEHICLE
    assert id_token(token.raw_id_tag) == {"idToken": "001122AABBCC", "type": "MacAddress"}


@pytest.mark.parametrize(
    ("payload", "token", "repair"),
    [
        ({"idToken": CARD}, IdToken(CARD), FieldRepair.WRONG_TYPE),
        ({"idTag": CARD}, IdToken(CARD), FieldRepair.WRONG_TYPE),
        ({"idToken": {"type": "ISO14443"}}, IdToken(""), FieldRepair.MISSING),
        ({"idToken": [CARD]}, IdToken(""), FieldRepair.WRONG_TYPE),
        ({"idToken": {"idToken": CARD, "type": 7}}, IdToken(CARD), FieldRepair.WRONG_TYPE),
    ],
)
def test_one_that_is_written_otherwise_is_read_and_noted(payload, token, repair):
    found, repairs = read(payload)
    assert found == token
    assert repair in repairs


@pytest.mark.parametrize("payload", [{}, {"idToken": None}])
def test_none_is_none(payload):
    assert read(payload)[0] is None


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (CARD, "ISO14443"),
        ("04:a2:b3:c4", "ISO14443"),
        ("E0040108136EF522", "ISO15693"),
        ("DE-8AA-CA2B3C4D5-1", "eMAID"),
        ("NL8AACA2B3C4D51", "eMAID"),
        ("REMOTE", "Central"),
        ("", "Central"),
    ],
)
def test_its_kind_follows_from_its_form_and_its_text_is_not_touched(raw, kind):
    assert id_token(raw) == {"idToken": raw, "type": kind}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=36).filter(lambda raw: raw != "null"))
def test_what_is_written_is_read_again_as_the_same_card(raw):
    written = id_token(raw)
    assert written["type"] in {kind.value for kind in IdTokenEnumType}
    token, _ = read({"idToken": json.loads(json.dumps(written))})
    assert (canonical_uid(token.raw_id_tag), token.keyed) == (canonical_uid(raw), False)
