"""How the cards of a list are spelled: as the station's own reader would, for some stations compare every letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access import Status
from app.domain.ids import canonical_uid
from app.domain.wanted_list import Admission, Admitted, Habit, Spelled, habit_of

CARD = "04A2246F518001"


def raws(admitted, forms=(), *, habit=None, longest=20):
    spelled = Admission((admitted,)).spelled(
        {admitted.pass_id: forms} if forms else {}, habit or habit_of(forms), longest
    )
    return [each.entry.raw for each in spelled.wanted]


def admitted(*uids):
    return Admitted(7, uids or (CARD,), Status.ACCEPTED)


@pytest.mark.parametrize(
    ("seen", "spelling"),
    [
        ([], CARD),
        (["04ffee12"], CARD.lower()),
        (["04:FF:EE:12"], "04:A2:24:6F:51:80:01"),
        (["04-ff-ee-12"], "04-a2-24-6f-51-80-01"),
        (["04FFEE12", "04ffee13", "04ffee14"], CARD.lower()),
        (["12345678"], CARD),
        (["VID:AABBCCDDEEFF", "#FreeCharging"], CARD),
    ],
)
def test_a_card_that_was_never_held_to_a_station_is_spelled_as_its_reader_spells_others(seen, spelling):
    assert habit_of(seen).spelled(CARD) == spelling


@given(
    st.text(alphabet="0123456789ABCDEF", min_size=4, max_size=14), st.booleans(), st.sampled_from(["", ":", "-", " "])
)
def test_whatever_the_habit_a_spelling_means_the_same_card(uid, lower, separator):
    assert canonical_uid(Habit(lower, separator).spelled(uid)) == canonical_uid(uid)


def test_a_card_is_sent_as_the_station_sent_it():
    assert raws(admitted(), ["04:a2:24:6f:51:80:01"], longest=36) == ["04:a2:24:6f:51:80:01"]


def test_of_a_card_seen_in_two_cases_the_one_is_sent_that_the_reader_is_used_to():
    echo_of_ours_last = [CARD, CARD.lower()]
    habit = habit_of([*echo_of_ours_last, "04ffee12"])
    assert raws(admitted(), echo_of_ours_last, habit=habit) == [CARD.lower()]


def test_what_was_seen_of_a_uid_that_is_no_longer_this_pass_s_opens_nothing():
    assert raws(admitted("04FFEE12"), [CARD]) == ["04FFEE12"]


def test_a_pass_with_another_uid_linked_to_it_is_sent_as_the_one_that_this_reader_reads():
    assert raws(admitted(CARD, "0180516F24A204"), ["0180516F24A204"]) == ["0180516F24A204"]
    assert raws(admitted(CARD, "0180516F24A204")) == [CARD, "0180516F24A204"]


@pytest.mark.parametrize("raw", [f" {CARD}", f"{CARD}\x00", "04: A2: 24: 6F: 51: 80: 01"])
def test_a_spelling_that_cannot_be_sent_is_replaced_by_the_uid(raw):
    assert raws(admitted(), [raw]) == [CARD]


@pytest.mark.parametrize(("uid", "longest"), [("Ä-КАРТА", 36), ("X" * 21, 20)])
def test_an_id_that_no_list_can_hold_is_named(uid, longest):
    assert Admission((admitted(uid),)).spelled({}, Habit(), longest) == Spelled((), (7,))


def test_stations_that_spell_alike_share_their_entries_and_one_that_spells_a_card_differently_all_others():
    admission = Admission(tuple(Admitted(n, (f"04FFEE{n:02d}",), Status.ACCEPTED) for n in range(3)))
    shared = admission.spelled({}, Habit(), 20)
    assert admission.spelled({99: ["04A2"]}, Habit(), 20) is shared
    own = admission.spelled({1: ["04ffee01"]}, Habit(), 20)
    assert [each.entry.raw for each in own.wanted] == ["04FFEE00", "04ffee01", "04FFEE02"]
    assert own.wanted[0] is shared.wanted[0]
    assert own.wanted[2] is shared.wanted[2]
