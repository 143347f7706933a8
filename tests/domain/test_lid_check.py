"""What a station does with the lid shut, by what it told: a table of cases, and every station that may be meant."""

import os
import random
from dataclasses import replace

import pytest

from app.domain.lid_check import Answer, LidFacts, Light, Seen, Why, check_lid
from app.domain.lid_settings import Fit, OpensTo, Setting, as_switch
from app.domain.list_state import ListState
from app.domain.model import OcppVersion
from app.domain.variables import Variable
from tests.domain.lid_oracle import MEMBERS, STRANGER, facts_of_chance, station_of_chance

CHANCES = int(os.environ.get("TAPDESK_RANDOM_LIDS", "1000"))
NOTHING = Seen()
RIGHT = {
    "LocalAuthListEnabled": "true",
    "LocalAuthorizeOffline": "true",
    "AllowOfflineTxForUnknownId": "false",
    "LocalPreAuthorize": "false",
    "AuthorizationCacheEnabled": "false",
    "StopTransactionOnInvalidId": "true",
}


def variables(**changed):
    values = {name.replace("_dot_", "."): value for name, value in (RIGHT | changed).items()}
    return tuple(Variable(name, value) for name, value in values.items() if value is not ...)


def facts(opens_to=OpensTo.LISTED, state=ListState.IN_STEP, *, was_read=True, seen=NOTHING, **changed):
    return LidFacts(
        opens_to, OcppVersion.V16, variables(**changed), was_read, state, list_known=True, members=2, held=2, seen=seen
    )


@pytest.mark.parametrize(
    ("given", "members", "strangers", "light"),
    [
        (facts(), (Answer.YES, Why.LIST_IN_STEP), (Answer.NO, Why.UNKNOWN_NOT_ALLOWED), Light.GOOD),
        (
            facts(AllowOfflineTxForUnknownId="true"),
            (Answer.YES, Why.UNKNOWN_ALLOWED),
            (Answer.YES, Why.UNKNOWN_ALLOWED),
            Light.CARE,
        ),
        (
            facts(AllowOfflineTxForUnknownId=...),
            (Answer.YES, Why.LIST_IN_STEP),
            (Answer.PRESUMABLY_NOT, Why.NO_SETTING_FOR_UNKNOWN),
            Light.GOOD,
        ),
        (
            facts(LocalAuthorizeOffline="false"),
            (Answer.NO, Why.OFFLINE_OFF),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.BAD,
        ),
        (
            facts(LocalAuthListEnabled="false"),
            (Answer.NO, Why.LIST_OFF),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.BAD,
        ),
        (
            facts(state=ListState.NOT_SUPPORTED, AuthorizationCacheEnabled="true"),
            (Answer.SOME, Why.ONLY_REMEMBERED),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.CARE,
        ),
        (
            facts(state=ListState.TOO_SMALL),
            (Answer.SOME, Why.LIST_TOO_SMALL),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.CARE,
        ),
        (
            facts(state=ListState.WAITING),
            (Answer.SOME, Why.LIST_NOT_IN_STEP),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.CARE,
        ),
        (
            facts(FreeVendMode="Always", LocalAuthorizeOffline="false"),
            (Answer.UNKNOWN, Why.VENDORS_SETTING),
            (Answer.UNKNOWN, Why.VENDORS_SETTING),
            Light.UNKNOWN,
        ),
        (
            facts(was_read=False, LocalAuthorizeOffline=...),
            (Answer.UNKNOWN, Why.NOT_READ),
            (Answer.UNKNOWN, Why.NOT_READ),
            Light.UNKNOWN,
        ),
        (
            facts(OpensTo.NOBODY),
            (Answer.NO, Why.NOBODY_LISTED),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.GOOD,
        ),
        (
            facts(OpensTo.ANYBODY, ListState.NOT_NEEDED),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.BAD,
        ),
        (
            facts(OpensTo.ANYBODY, ListState.NOT_NEEDED, AllowOfflineTxForUnknownId="1"),
            (Answer.YES, Why.UNKNOWN_ALLOWED),
            (Answer.YES, Why.UNKNOWN_ALLOWED),
            Light.GOOD,
        ),
        (
            facts(AuthCtrlr_dot_Enabled="false"),
            (Answer.YES, Why.NO_AUTHORIZATION),
            (Answer.YES, Why.NO_AUTHORIZATION),
            Light.CARE,
        ),
        (
            facts(seen=Seen(stranger_charged=True)),
            (Answer.YES, Why.LIST_IN_STEP),
            (Answer.YES, Why.SEEN),
            Light.CARE,
        ),
        (
            facts(seen=Seen(member_charged=True), LocalAuthorizeOffline="perhaps"),
            (Answer.YES, Why.SEEN),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.GOOD,
        ),
        (
            facts(seen=Seen(member_charged=False, stranger_charged=False)),
            (Answer.NO, Why.SEEN),
            (Answer.NO, Why.SEEN),
            Light.BAD,
        ),
        (
            facts(state=ListState.WAITING, seen=Seen(member_charged=True)),
            (Answer.SOME, Why.LIST_NOT_IN_STEP),
            (Answer.NO, Why.UNKNOWN_NOT_ALLOWED),
            Light.CARE,
        ),
    ],
)
def test_each_case_has_its_answer(given, members, strangers, light):
    check = check_lid(given)
    assert (check.members.answer, check.members.why) == members
    assert (check.strangers.answer, check.strangers.why) == strangers
    assert check.light is light


def test_whoever_may_still_charge_and_should_not_is_a_reason_to_take_care():
    assert check_lid(replace(facts(), still_open=1)).light is Light.CARE
    remembering = replace(facts(AuthorizationCacheEnabled="true"), memory_is_stale=True)
    assert check_lid(remembering).former_may_charge
    assert not check_lid(replace(facts(), memory_is_stale=True)).former_may_charge


def test_what_is_to_change_depends_on_whom_it_opens_to_and_is_never_what_may_only_be_read():
    wrong = facts(AllowOfflineTxForUnknownId="true", LocalPreAuthorize="True")
    assert [each.name for each in check_lid(wrong).to_change] == ["AllowOfflineTxForUnknownId", "LocalPreAuthorize"]
    fixed = replace(wrong, variables=(Variable("AllowOfflineTxForUnknownId", "true", read_only=True),))
    assert [(each.name, each.fit) for each in check_lid(fixed).settings if each.now] == [
        ("AllowOfflineTxForUnknownId", Fit.CANNOT_BE_CHANGED)
    ]
    free = facts(OpensTo.ANYBODY, ListState.NOT_NEEDED)
    assert [(each.name, each.wanted) for each in check_lid(free).to_change] == [("AllowOfflineTxForUnknownId", True)]


def test_what_a_station_does_not_have_is_said_by_the_name_of_its_version():
    given = replace(facts(), version=OcppVersion.V201, variables=(Variable("AuthCtrlr.LocalAuthorizeOffline", "true"),))
    names = {each.setting: (each.name, each.fit) for each in check_lid(given).settings}
    assert names[Setting.LIST_ENABLED] == ("LocalAuthListCtrlr.Enabled", Fit.NOT_THERE)
    assert names[Setting.AUTHORIZES] == ("AuthCtrlr.Enabled", Fit.NOT_THERE)
    asked_for_nothing = replace(facts(was_read=False), variables=())
    assert {each.fit for each in check_lid(asked_for_nothing).settings} == {Fit.UNKNOWN}
    assert Setting.AUTHORIZES not in {each.setting for each in check_lid(asked_for_nothing).settings}


@pytest.mark.parametrize(
    ("name", "value", "others", "matters"),
    [
        ("FreeVendActive", "true", {}, True),
        ("FreeVendActive", "false", {}, False),
        ("FreeVendIdTag", "A0000000", {"FreeVendActive": "false"}, False),
        ("FreeVendIdTag", "A0000000", {}, True),
        ("FreeVendIdTag", "", {}, False),
        ("WhitelistMode", None, {}, True),
        ("FreeMemory", "12345", {}, False),
    ],
)
def test_a_vendors_own_setting_counts_when_it_may_be_on_and_is_never_set(name, value, others, matters):
    check = check_lid(facts(**{name: value}, **others))
    assert (check.strangers.why is Why.VENDORS_SETTING) is matters
    shown = [each.name for each in check.settings if each.fit is Fit.VENDORS_OWN]
    assert shown == ([] if name == "FreeMemory" else [name, *others])
    assert not check.to_change


def test_on_and_off_are_read_as_stations_write_them():
    assert [as_switch(text) for text in ("True", " 1 ", "'on'", "Enabled")] == [True] * 4
    assert [as_switch(text) for text in ("FALSE", "0", '"off"', "disabled")] == [False] * 4
    assert [as_switch(text) for text in (None, "", "2", "maybe")] == [None] * 4


def test_yes_and_no_hold_for_every_station_that_may_be_meant():
    chance = random.Random(20)
    told = dict.fromkeys(Answer, 0)
    for _ in range(CHANCES):
        given = facts_of_chance(chance)
        check = check_lid(given)
        told[check.members.answer] += 1
        for _ in range(25):
            alone = station_of_chance(given, chance)
            _holds(check.members.answer, [alone.starts(card) for card in MEMBERS], given, alone)
            _holds(check.strangers.answer, [alone.starts(STRANGER)], given, alone)
    assert min(told.values()) > CHANCES // 100, told


def _holds(answer, starts, *about):
    if answer is Answer.YES:
        assert all(starts), about
    elif answer in (Answer.NO, Answer.PRESUMABLY_NOT):
        assert not any(starts), about


def test_a_station_that_told_everything_is_not_called_unknown_where_all_such_stations_agree():
    chance = random.Random(21)
    agreeing = 0
    for _ in range(CHANCES):
        given = replace(facts_of_chance(chance), was_read=True, list_known=True)
        unclear = any(each.value in (None, "perhaps") or "Free" in each.name for each in given.variables)
        if unclear or len(given.variables) < 4:
            continue
        worlds = [station_of_chance(given, chance) for _ in range(40)]
        check = check_lid(given)
        for finding, cards in ((check.members, MEMBERS), (check.strangers, (STRANGER,))):
            starts = {world.starts(card) for world in worlds for card in cards}
            if len(starts) == 1 and Why.VENDORS_SETTING not in (check.members.why, check.strangers.why):
                agreeing += 1
                sure = {True: {Answer.YES}, False: {Answer.NO, Answer.PRESUMABLY_NOT}}[starts.pop()]
                assert finding.answer in sure or finding.why is Why.NOT_TOLD, (given, finding)
    assert agreeing > CHANCES // 10
