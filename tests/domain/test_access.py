"""Who may charge where, as a table: each row is a rule, and a row above has its way over all rows below."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.access import (
    ABOUT_THE_CARD,
    ABOUT_THE_PIN,
    BEFORE_THE_CARD,
    Facts,
    Moment,
    PassFacts,
    PinFacts,
    PoolFacts,
    Reason,
    Status,
    Step,
    Validity,
    admission,
    decide,
)
from app.domain.model import AccessLevel
from tests.domain import random_facts
from tests.domain.access_oracle import expected

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
MOMENTS = tuple(Moment)
PAST = Validity(end=NOW - SECOND)
FUTURE = Validity(start=NOW + SECOND)

MEMBER = Facts(
    station_accepted=True,
    pool=PoolFacts(AccessLevel.PRIVATE, session_limit=1),
    card=PassFacts(is_member=True),
)


def card(**changes):
    return lambda facts: replace(facts, card=facts.card and replace(facts.card, **changes))


def pool(**changes):
    return lambda facts: replace(facts, pool=facts.pool and replace(facts.pool, **changes))


# What is the matter, the answer, the rule that gave it and the step it is the answer to.
RULES = [
    ("its station is not accepted", lambda facts: replace(facts, station_accepted=False),
     Status.INVALID, Reason.STATION_NOT_ACCEPTED, Step.STATION_ACCEPTED),
    ("its station is in no pool", lambda facts: replace(facts, pool=None),
     Status.INVALID, Reason.NO_POOL, Step.STATION_IN_POOL),
    ("the pool is free for everyone", pool(free_vend=True),
     Status.ACCEPTED, Reason.FREE_VEND, Step.POOL_FREE_VEND),
    ("nobody knows the card", lambda facts: replace(facts, card=None),
     Status.INVALID, Reason.UNKNOWN_CARD, Step.CARD_KNOWN),
    ("the pass is blocked", card(blocked=True),
     Status.BLOCKED, Reason.PASS_BLOCKED, Step.PASS_NOT_BLOCKED),
    ("the pass has expired", card(validity=PAST),
     Status.EXPIRED, Reason.PASS_EXPIRED, Step.PASS_VALID),
    ("the pass is not valid yet", card(validity=FUTURE),
     Status.EXPIRED, Reason.PASS_NOT_YET_VALID, Step.PASS_VALID),
    ("the identity has expired", card(identity_validity=PAST),
     Status.EXPIRED, Reason.IDENTITY_EXPIRED, Step.IDENTITY_VALID),
    ("the identity is not valid yet", card(identity_validity=FUTURE),
     Status.EXPIRED, Reason.IDENTITY_NOT_YET_VALID, Step.IDENTITY_VALID),
    ("the station's organization has set the pass to Off", card(off_here=True),
     Status.NOT_AT_THIS_LOCATION, Reason.PASS_OFF_HERE, Step.PASS_ON_HERE),
    ("the pass is no member", card(is_member=False),
     Status.NOT_AT_THIS_LOCATION, Reason.NOT_A_MEMBER, Step.POOL_ADMITS),
    ("the pass charges elsewhere", card(open_sessions=1),
     Status.CONCURRENT_TX, Reason.SESSION_LIMIT, Step.WITHIN_LIMIT),
    ("nothing is the matter", lambda facts: facts,
     Status.ACCEPTED, Reason.PASS_IS_MEMBER, Step.WITHIN_LIMIT),
]  # fmt: skip
# The same for digits of a keypad, where a PIN is good for one more session.
TYPED = Facts(
    station_accepted=True,
    pool=PoolFacts(AccessLevel.RESTRICTED, session_limit=1),
    card=None,
    pin=PinFacts(known=True, uses_left=1),
)


def pin(**changes):
    return lambda facts: replace(facts, pin=facts.pin and replace(facts.pin, **changes))


PIN_RULES = [
    *RULES[:3],
    ("too many were wrong", pin(entry_open=False),
     Status.INVALID, Reason.PIN_ENTRY_CLOSED, Step.PIN_ENTRY_OPEN),
    ("it is no PIN of this pool", pin(known=False),
     Status.INVALID, Reason.WRONG_PIN, Step.PIN_KNOWN),
    ("the pool takes no PINs", pool(level=AccessLevel.PRIVATE),
     Status.INVALID, Reason.WRONG_PIN, Step.PIN_KNOWN),
    ("the PIN has expired", pin(validity=PAST),
     Status.EXPIRED, Reason.PIN_EXPIRED, Step.PIN_VALID),
    ("the PIN is not valid yet", pin(validity=FUTURE),
     Status.EXPIRED, Reason.PIN_NOT_YET_VALID, Step.PIN_VALID),
    ("the PIN is used up", pin(uses_left=0),
     Status.INVALID, Reason.PIN_USED_UP, Step.PIN_NOT_USED_UP),
    ("nothing is the matter with the PIN", lambda facts: facts,
     Status.ACCEPTED, Reason.PIN, Step.PIN_NOT_USED_UP),
]  # fmt: skip
TABLES = [*((MEMBER, RULES, place) for place in range(len(RULES))),
          *((TYPED, PIN_RULES, place) for place in range(len(PIN_RULES)))]  # fmt: skip
NAMES = [rules[place][0] for _, rules, place in TABLES]
BEFORE = [*(step for step, _ in BEFORE_THE_CARD), Step.POOL_FREE_VEND]
CARDS_WAY = [*BEFORE, *(step for step, _ in ABOUT_THE_CARD)]
PINS_WAY = [*BEFORE, *(step for step, _ in ABOUT_THE_PIN)]


@pytest.mark.parametrize(("good", "rules", "place"), TABLES, ids=NAMES)
def test_each_rule_has_its_answer(good, rules, place):
    _, spoil, status, reason, step = rules[place]
    decision = decide(spoil(good), Moment.START, NOW, DAY)
    assert (decision.status, decision.reason, decision.trail[-1]) == (status, reason, (step, decision.accepted))


@pytest.mark.parametrize(("good", "rules", "place"), TABLES, ids=NAMES)
def test_a_rule_has_its_way_over_all_below_it(good, rules, place):
    facts = good
    for _, spoil, *_ in reversed(rules[place:]):
        facts = spoil(facts)
    decision = decide(facts, Moment.START, NOW, DAY)
    assert (decision.status, decision.reason) == rules[place][2:4]


@pytest.mark.parametrize(("good", "rules", "place"), TABLES, ids=NAMES)
def test_the_trail_tells_each_step_on_the_way_and_ends_where_it_was_settled(good, rules, place):
    _, spoil, _, reason, last = rules[place]
    trail = decide(spoil(good), Moment.START, NOW, DAY).trail
    whole = PINS_WAY if good is TYPED else CARDS_WAY
    way = whole[: whole.index(last) + 1]
    if reason is not Reason.FREE_VEND:  # said only where it holds: elsewhere it is nobody's question
        way = [step for step in way if step is not Step.POOL_FREE_VEND]
    assert [step for step, _ in trail] == way
    assert all(passed for _, passed in trail[:-1])


# Whom a pool admits, by its level; "members" tells whether the pool has any.
ADMITTED = [
    (AccessLevel.PUBLIC, {}, True, Reason.REGISTERED_PASS),
    (AccessLevel.PRIVATE, {}, True, None),
    (AccessLevel.PRIVATE, {}, False, None),
    (AccessLevel.PRIVATE, {"is_member": True}, True, Reason.PASS_IS_MEMBER),
    (AccessLevel.PRIVATE, {"identity_is_member": True}, True, Reason.IDENTITY_IS_MEMBER),
    (AccessLevel.PRIVATE, {"is_member": True, "identity_is_member": True}, True, Reason.PASS_IS_MEMBER),
    (AccessLevel.RESTRICTED, {}, True, None),
    (AccessLevel.BY_LIST, {}, False, None),
    (AccessLevel.BY_LIST, {}, True, None),
    (AccessLevel.BY_LIST, {"is_member": True}, True, Reason.PASS_IS_MEMBER),
]  # fmt: skip


@pytest.mark.parametrize(("level", "known", "has_members", "reason"), ADMITTED)
def test_whom_a_pool_admits(level, known, has_members, reason):
    facts = Facts(station_accepted=True, pool=PoolFacts(level, has_members=has_members), card=PassFacts(**known))
    assert admission(facts, Moment.AUTHORIZE) is reason
    decision = decide(facts, Moment.AUTHORIZE, NOW, DAY)
    assert decision.reason is (reason or Reason.NOT_A_MEMBER)
    assert decision.accepted is (reason is not None)


@pytest.mark.parametrize("published", [True, False])
@pytest.mark.parametrize("has_members", [True, False])
def test_a_list_stands_open_only_while_it_is_empty_and_published(published, has_members):
    opens = published and not has_members
    listed = PoolFacts(AccessLevel.BY_LIST, has_members=has_members, published=published)
    facts = Facts(station_accepted=True, pool=listed, card=PassFacts())
    assert decide(facts, Moment.START, NOW, DAY).accepted is opens
    assert admission(facts, Moment.START) is (Reason.REGISTERED_PASS if opens else None)


@pytest.mark.parametrize("change", [card(is_member=False), card(off_here=True)])
def test_who_may_charge_here_no_longer_can_still_stop_and_is_not_remembered_for_it(change):
    facts = change(MEMBER)
    stopped = decide(facts, Moment.STOP, NOW, DAY)
    assert (stopped.accepted, stopped.expires_at) == (True, NOW)
    assert not decide(facts, Moment.START, NOW, DAY).accepted


def test_a_station_forgets_a_member_when_its_membership_ends():
    ends = card(member_until=NOW + SECOND)(MEMBER)
    assert decide(ends, Moment.START, NOW, DAY).expires_at == NOW + SECOND
    registered = pool(level=AccessLevel.PUBLIC)(ends)
    assert decide(registered, Moment.START, NOW, DAY).expires_at == NOW + DAY


def test_what_was_typed_on_a_keypad_is_a_pin_only_where_no_pass_has_it():
    both = replace(TYPED, card=PassFacts(is_member=True))
    assert decide(both, Moment.START, NOW, DAY).reason is Reason.PASS_IS_MEMBER


@pytest.mark.parametrize("spoil", [pin(uses_left=0), pin(validity=PAST), pin(uses_left=-1, validity=PAST)])
def test_who_charges_by_a_pin_may_end_that_after_its_last_use_and_its_end(spoil):
    facts = spoil(TYPED)
    assert decide(facts, Moment.STOP, NOW, DAY).accepted
    assert not decide(facts, Moment.AUTHORIZE, NOW, DAY).accepted
    charging = pin(charging_here=True)(facts)
    assert decide(charging, Moment.AUTHORIZE, NOW, DAY).accepted
    assert not decide(charging, Moment.START, NOW, DAY).accepted


def test_no_other_pin_ends_a_charge():
    charging = pin(known=False, charging_here=True)(TYPED)
    assert decide(charging, Moment.AUTHORIZE, NOW, DAY).reason is Reason.WRONG_PIN


def test_a_station_may_remember_a_pin_for_minutes_and_never_past_its_end():
    assert decide(TYPED, Moment.AUTHORIZE, NOW, DAY).expires_at == NOW + timedelta(minutes=5)
    assert decide(TYPED, Moment.AUTHORIZE, NOW, SECOND).expires_at == NOW + SECOND
    ends = pin(validity=Validity(end=NOW + SECOND))(TYPED)
    assert decide(ends, Moment.AUTHORIZE, NOW, DAY).expires_at == NOW + SECOND
    assert decide(TYPED, Moment.STOP, NOW, DAY).expires_at == NOW


def test_only_a_start_counts_the_sessions():
    facts = card(open_sessions=3)(MEMBER)
    assert decide(facts, Moment.START, NOW, DAY).status is Status.CONCURRENT_TX
    assert decide(facts, Moment.AUTHORIZE, NOW, DAY).accepted
    assert decide(facts, Moment.STOP, NOW, DAY).accepted


def test_sessions_are_not_counted_where_there_is_no_limit():
    assert decide(pool(session_limit=None)(card(open_sessions=99)(MEMBER)), Moment.START, NOW, DAY).accepted


def test_validity_begins_with_its_first_moment_and_ends_before_its_last():
    window = card(validity=Validity(NOW, NOW + SECOND))(MEMBER)
    moment = timedelta(microseconds=1)
    assert decide(window, Moment.START, NOW - moment, DAY).reason is Reason.PASS_NOT_YET_VALID
    assert decide(window, Moment.START, NOW, DAY).accepted
    assert decide(window, Moment.START, NOW + SECOND - moment, DAY).accepted
    assert decide(window, Moment.START, NOW + SECOND, DAY).reason is Reason.PASS_EXPIRED


def test_a_station_may_remember_for_so_long_and_never_past_an_end():
    assert decide(MEMBER, Moment.START, NOW, DAY).expires_at == NOW + DAY
    ends_first = card(validity=Validity(end=NOW + SECOND), identity_validity=Validity(end=NOW + DAY))(MEMBER)
    assert decide(ends_first, Moment.START, NOW, 9 * DAY).expires_at == NOW + SECOND
    identity_first = card(validity=Validity(end=NOW + DAY), identity_validity=Validity(end=NOW + SECOND))(MEMBER)
    assert decide(identity_first, Moment.START, NOW, 9 * DAY).expires_at == NOW + SECOND


def test_who_shares_a_group_is_told_only_when_accepted():
    facts = card(group_id="FLEET")(MEMBER)
    assert decide(facts, Moment.START, NOW, DAY).group_id == "FLEET"
    assert decide(card(blocked=True)(facts), Moment.START, NOW, DAY).group_id is None


# Few moments, close together, so that bounds meet `now` often.
moments = st.none() | st.integers(-2, 2).map(lambda seconds: NOW + seconds * SECOND)
validities = st.builds(Validity, moments, moments)
pools = st.builds(
    PoolFacts,
    st.sampled_from(AccessLevel),
    free_vend=st.sampled_from([False, False, False, True]),
    has_members=st.booleans(),
    published=st.booleans(),
    session_limit=st.none() | st.integers(0, 3),
)
cards = st.builds(
    PassFacts,
    blocked=st.sampled_from([False, False, True]),
    validity=validities,
    identity_validity=validities,
    is_member=st.booleans(),
    identity_is_member=st.booleans(),
    off_here=st.booleans(),
    open_sessions=st.integers(0, 3),
    group_id=st.none() | st.just("FLEET"),
    member_until=moments,
)
pins = st.builds(
    PinFacts,
    known=st.sampled_from([True, True, False]),
    entry_open=st.sampled_from([True, True, False]),
    validity=validities,
    uses_left=st.none() | st.integers(-1, 2),
    charging_here=st.booleans(),
)
all_facts = st.builds(
    Facts,
    st.sampled_from([True, True, True, False]),
    pool=st.none() | pools | pools,
    card=st.none() | cards | cards,
    pin=st.none() | pins,
)


@settings(max_examples=1500, deadline=None)
@given(all_facts, st.sampled_from(Moment), st.integers(0, 3).map(lambda seconds: seconds * SECOND))
def test_a_second_implementation_agrees_on_random_facts(facts, moment, remember_for):
    assert told(decide(facts, moment, NOW, remember_for)) == expected(facts, moment.value, NOW, remember_for)


def test_it_agrees_on_very_many():
    random = Random(20261025)
    for _ in range(int(os.environ.get("TAPDESK_RANDOM_FACTS", "20000"))):
        facts, moment = random_facts.facts(random), random.choice(MOMENTS)
        remember_for = random.randrange(4) * SECOND
        decision = decide(facts, moment, random_facts.NOW, remember_for)
        wanted = expected(facts, moment.value, random_facts.NOW, remember_for)
        assert told(decision) == wanted, (facts, moment, remember_for)


def told(decision):
    """A decision in the words of the second implementation."""
    return {
        "status": decision.status.value,
        "reason": decision.reason.value,
        "last_step": decision.trail[-1][0].value,
        "group_id": decision.group_id,
        "expires_at": decision.expires_at,
    }


@settings(max_examples=500, deadline=None)
@given(all_facts, st.sampled_from(Moment))
def test_the_last_step_alone_tells_the_outcome(facts, moment):
    decision = decide(facts, moment, NOW, DAY)
    *before, (_, settled) = decision.trail
    assert all(passed for _, passed in before)
    assert settled is decision.accepted
    assert (decision.expires_at is not None) is decision.accepted
