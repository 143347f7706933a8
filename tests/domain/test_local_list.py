"""The messages that bring a station's list to what it should be, held against a station of the specification."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.access import Status
from app.domain.local_list import HIGHEST_VERSION, Entry, Limits, Piece, apply, differs, fit, plan
from tests.domain.list_station import ListStation

EXAMPLES = int(os.environ.get("TAPDESK_LIST_EXAMPLES", "60"))
JUNE = datetime(2027, 6, 1, tzinfo=UTC)

spellings = st.text(alphabet="aAbB1:", min_size=1, max_size=3)
entries = st.builds(
    Entry,
    raw=spellings,
    status=st.sampled_from([Status.ACCEPTED, Status.ACCEPTED, Status.BLOCKED]),
    expires_at=st.sampled_from([None, JUNE, JUNE + timedelta(days=1)]),
    group_id=st.sampled_from([None, "ID1", "ID2"]),
)
lists = st.lists(entries, max_size=60)
limits = st.builds(
    Limits,
    per_message=st.integers(1, 70),
    capacity=st.none() | st.integers(0, 70),
    bytes_per_message=st.sampled_from([1, 400, 700, 60_000]),
)


def take(station: ListStation, piece: Piece) -> str:
    changes = [*((raw, None) for raw in piece.removals), *((entry.raw, entry) for entry in piece.entries)]
    return station.send(piece.version, full=piece.full, changes=changes)


def holding(held: list[Entry], *, exact: bool, version: int, limit: Limits) -> ListStation:
    capacity = 100_000 if limit.capacity is None else limit.capacity
    unique, _ = fit(held, limit.capacity)
    cards = {entry.raw: entry for entry in unique}
    return ListStation(limit.per_message, capacity, exact=exact, version=version, cards=cards)


@settings(max_examples=EXAMPLES)
@given(lists, lists, limits, st.booleans(), st.booleans(), st.booleans(), st.integers(0, 9))
def test_whatever_a_station_holds_and_takes_the_plan_makes_it_hold_what_is_wanted(
    wanted: list[Entry], held: list[Entry], limit: Limits, exact: bool, known: bool, full: bool, version: int
) -> None:
    station = holding(held, exact=exact, version=version, limit=limit)
    ours = dict(station.cards) if known else None
    done = plan(wanted, ours, limit, version, full=full)

    for piece in done.pieces:
        assert take(station, piece) == "Accepted"
        assert piece.length <= limit.per_message
        assert piece.length < 2 or sum(entry.size for entry in piece.entries) <= limit.bytes_per_message
        ours = apply(piece, ours or {})
        assert ours == station.cards
    target, left_out = fit(wanted, limit.capacity)
    if done.pieces or known:
        assert station.cards == {entry.raw: entry for entry in target}
    assert done.left_out == left_out
    assert station.broken_rules == []
    assert station.version == version + len(done.pieces)


@settings(max_examples=EXAMPLES)
@given(lists, limits)
def test_what_fits_and_what_does_not_are_all_that_was_wanted_each_card_once_the_first_ones_first(
    wanted: list[Entry], limit: Limits
) -> None:
    kept, left_out = fit(wanted, limit.capacity)
    cards = [entry.raw.casefold() for entry in (*kept, *left_out)]
    assert len(cards) == len(set(cards))
    assert set(cards) == {entry.raw.casefold() for entry in wanted}
    assert limit.capacity is None or len(kept) <= limit.capacity
    before = [{earlier.raw.casefold() for earlier in wanted[:n]} for n in range(len(wanted))]
    firsts = [entry for entry, known in zip(wanted, before, strict=True) if entry.raw.casefold() not in known]
    assert [*kept, *left_out] == firsts


def cards(count: int, **about: object) -> list[Entry]:
    return [Entry(f"04{n:012X}", **about) for n in range(count)]  # type: ignore[arg-type]


class TestWhatIsSent:
    def test_a_list_that_holds_what_is_wanted_is_left_alone(self) -> None:
        wanted = cards(30)
        assert plan(wanted, {entry.raw: entry for entry in wanted}, Limits(), 7).pieces == ()

    def test_the_first_message_of_an_unknown_list_is_full_and_the_next_add_to_it(self) -> None:
        pieces = plan(cards(45), None, Limits(per_message=20), 4).pieces
        assert [(piece.full, piece.version, piece.length) for piece in pieces] == [
            (True, 5, 20),
            (False, 6, 20),
            (False, 7, 5),
        ]

    def test_no_list_at_all_is_sent_as_an_empty_one(self) -> None:
        assert plan([], None, Limits(), 0).pieces == (Piece(True, 1),)
        assert plan([], {"04A1": Entry("04A1")}, Limits(), 3).pieces == (Piece(True, 4),)

    def test_one_card_of_a_long_list_is_removed_without_sending_the_others_again(self) -> None:
        wanted = cards(5_000)
        held = {entry.raw: entry for entry in [*wanted, Entry("04FF")]}
        assert plan(wanted, held, Limits(per_message=100), 50).pieces == (Piece(False, 51, (), ("04FF",)),)

    def test_a_short_list_is_sent_whole_when_a_card_is_removed_since_some_stations_do_not_delete(self) -> None:
        wanted = cards(30)
        held = {entry.raw: entry for entry in [*wanted, Entry("04FF")]}
        pieces = plan(wanted, held, Limits(per_message=20), 2).pieces
        assert [piece.full for piece in pieces] == [True, False]
        assert all(piece.removals == () for piece in pieces)

    def test_what_takes_access_away_goes_before_what_gives_it(self) -> None:
        held = {entry.raw: entry for entry in cards(400)}
        blocked = [Entry(raw, Status.BLOCKED) for raw in list(held)[300:310]]
        wanted = [*(Entry(f"NEW{n}") for n in range(15)), *list(held.values())[:300], *blocked]
        pieces = plan(wanted, held, Limits(per_message=100), 9).pieces
        order = [*pieces[0].removals, *(entry.status for entry in pieces[0].entries)]
        assert len(pieces) == 2
        assert order == [*list(held)[310:], *[Status.BLOCKED] * 10]

    def test_a_card_with_a_new_spelling_is_never_named_twice_in_one_message(self) -> None:
        others = cards(400)
        held = {entry.raw: entry for entry in [*others, Entry("04A1")]}
        pieces = plan([*others, Entry("04a1")], held, Limits(per_message=100), 9).pieces
        assert pieces == (Piece(False, 10, (), ("04A1",)), Piece(False, 11, (Entry("04a1"),)))

    def test_after_the_last_version_there_is_the_list_is_sent_whole_from_version_one(self) -> None:
        wanted = cards(300)
        held = {entry.raw: entry for entry in wanted[1:]}
        [first, *others] = plan(wanted, held, Limits(per_message=100), HIGHEST_VERSION).pieces
        assert (first.full, first.version) == (True, 1)
        assert [piece.version for piece in others] == [2, 3]

    @pytest.mark.parametrize("capacity", [10, 48, 1_000])
    def test_where_there_is_no_room_for_all_the_most_wanted_are_in_and_the_others_are_named(
        self, capacity: int
    ) -> None:
        wanted = cards(1_200)
        done = plan(wanted, None, Limits(per_message=48, capacity=capacity), 0)
        held: dict[str, Entry] = {}
        for piece in done.pieces:
            held = apply(piece, held)
        assert list(held.values()) == wanted[:capacity]
        assert list(done.left_out) == wanted[capacity:]
        assert not differs(wanted[:capacity], held)
