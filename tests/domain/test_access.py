"""Who may charge where, as a table: each row is a rule, and a row above has its way over all rows below."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.access import (
    ABOUT_THE_CARD,
    BEFORE_THE_CARD,
    Facts,
    Moment,
    PassFacts,
    PoolFacts,
    Reason,
    Status,
    Step,
    Validity,
    admission,
    decide,
)
from app.domain.model import AccessLevel
from tests.domain.access_oracle import expected

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
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
    ("the pass is no member", card(is_member=False),
     Status.NOT_AT_THIS_LOCATION, Reason.NOT_A_MEMBER, Step.POOL_ADMITS),
    ("the pass charges elsewhere", card(open_sessions=1),
     Status.CONCURRENT_TX, Reason.SESSION_LIMIT, Step.WITHIN_LIMIT),
    ("nothing is the matter", lambda facts: facts,
     Status.ACCEPTED, Reason.PASS_IS_MEMBER, Step.WITHIN_LIMIT),
]  # fmt: skip
NAMES = [rule[0] for rule in RULES]
THE_WAY = [*(step for step, _ in BEFORE_THE_CARD), Step.POOL_FREE_VEND, *(step for step, _ in ABOUT_THE_CARD)]


@pytest.mark.parametrize("place", range(len(RULES)), ids=NAMES)
def test_each_rule_has_its_answer(place):
    _, spoil, status, reason, step = RULES[place]
    decision = decide(spoil(MEMBER), Moment.START, NOW, DAY)
    assert (decision.status, decision.reason, decision.trail[-1]) == (status, reason, (step, decision.accepted))


@pytest.mark.parametrize("place", range(len(RULES)), ids=NAMES)
def test_a_rule_has_its_way_over_all_below_it(place):
    facts = MEMBER
    for _, spoil, *_ in reversed(RULES[place:]):
        facts = spoil(facts)
    decision = decide(facts, Moment.START, NOW, DAY)
    assert (decision.status, decision.reason) == RULES[place][2:4]


@pytest.mark.parametrize("place", range(len(RULES)), ids=NAMES)
def test_the_trail_tells_each_step_on_the_way_and_ends_where_it_was_settled(place):
    _, spoil, _, reason, last = RULES[place]
    trail = decide(spoil(MEMBER), Moment.START, NOW, DAY).trail
    way = THE_WAY[: THE_WAY.index(last) + 1]
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
    (AccessLevel.PRIVATE, {"has_grant": True}, True, Reason.GRANT),
    (AccessLevel.PRIVATE, {"is_member": True, "identity_is_member": True}, True, Reason.PASS_IS_MEMBER),
    (AccessLevel.RESTRICTED, {}, True, None),
    (AccessLevel.RESTRICTED, {"has_grant": True}, True, Reason.GRANT),
    (AccessLevel.RESTRICTED, {"identity_is_member": True, "has_grant": True}, True, Reason.IDENTITY_IS_MEMBER),
    (AccessLevel.BY_LIST, {}, False, Reason.REGISTERED_PASS),
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


def test_a_removed_member_can_still_stop():
    facts = card(is_member=False)(MEMBER)
    assert decide(facts, Moment.STOP, NOW, DAY).reason is Reason.MAY_STOP
    assert not decide(facts, Moment.START, NOW, DAY).accepted


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
    session_limit=st.none() | st.integers(0, 3),
)
cards = st.builds(
    PassFacts,
    blocked=st.sampled_from([False, False, True]),
    validity=validities,
    identity_validity=validities,
    is_member=st.booleans(),
    identity_is_member=st.booleans(),
    has_grant=st.booleans(),
    open_sessions=st.integers(0, 3),
    group_id=st.none() | st.just("FLEET"),
)
all_facts = st.builds(
    Facts, st.sampled_from([True, True, True, False]), pool=st.none() | pools | pools, card=st.none() | cards | cards
)


@settings(max_examples=1500, deadline=None)
@given(all_facts, st.sampled_from(Moment), st.integers(0, 3).map(lambda seconds: seconds * SECOND))
def test_a_second_implementation_agrees_on_random_facts(facts, moment, remember_for):
    decision = decide(facts, moment, NOW, remember_for)
    assert {
        "status": decision.status.value,
        "reason": decision.reason.value,
        "last_step": decision.trail[-1][0].value,
        "group_id": decision.group_id,
        "expires_at": decision.expires_at,
    } == expected(facts, moment.value, NOW, remember_for)


@settings(max_examples=500, deadline=None)
@given(all_facts, st.sampled_from(Moment))
def test_the_last_step_alone_tells_the_outcome(facts, moment):
    decision = decide(facts, moment, NOW, DAY)
    *before, (_, settled) = decision.trail
    assert all(passed for _, passed in before)
    assert settled is decision.accepted
    assert (decision.expires_at is not None) is (decision.accepted and decision.reason is not Reason.FREE_VEND)
