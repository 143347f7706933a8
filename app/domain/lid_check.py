"""Whether a site goes on with Tapdesk closed: what a station then does with a member's card, and with a stranger's.

A station decides by its own settings and its own list when nobody answers it (OCPP 1.6 §3.5, §9; 2.0.1 part 2, C and
its appendices). What it was not asked, or does not tell, is not known: nothing here says "cannot" on a guess.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto

from app.domain.lid_settings import (
    STATES_WITHOUT_LIST,
    Fit,
    OpensTo,
    Setting,
    SettingCheck,
    Told,
    check_settings,
)
from app.domain.list_state import ListState
from app.domain.model import OcppVersion
from app.domain.variables import Variable


class Answer(StrEnum):
    """Whether a card starts a charge with Tapdesk closed."""

    YES = auto()
    NO = auto()
    SOME = auto()
    """Not all of them, as far as is known: those that the list holds, or that the station happens to remember."""
    PRESUMABLY_NOT = auto()
    """Nothing that the station told would let it, and a station that could would have told (OCPP 1.6 §9)."""
    UNKNOWN = auto()


class Light(StrEnum):
    GOOD = auto()
    CARE = auto()
    BAD = auto()
    UNKNOWN = auto()


class Why(StrEnum):
    """What an answer rests on, the first thing to tell."""

    NOT_READ = auto()
    """The station was never asked for all its settings."""
    SEEN = auto()
    """The test with cards showed it."""
    NO_AUTHORIZATION = auto()
    """The station asks for no card at all."""
    UNKNOWN_ALLOWED = auto()
    UNKNOWN_NOT_ALLOWED = auto()
    NO_SETTING_FOR_UNKNOWN = auto()
    VENDORS_SETTING = auto()
    """A setting of the vendor's own may let others charge."""
    OFFLINE_OFF = auto()
    LIST_OFF = auto()
    LIST_IN_STEP = auto()
    LIST_NOT_IN_STEP = auto()
    LIST_NOT_KNOWN = auto()
    """Nobody knows what its list holds."""
    LIST_EMPTY = auto()
    LIST_TOO_SMALL = auto()
    LIST_INCOMPLETE = auto()
    ONLY_REMEMBERED = auto()
    """No list; the station goes by what it remembers."""
    NO_LIST = auto()
    NOT_TOLD = auto()
    """The station does not tell a setting that decides it."""
    NOBODY_LISTED = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the test with cards showed, of settings that are still the same: it charged, or was seen to be refused.

    None: nothing that is certain; that a station reported no charge does not say why.
    """

    member_charged: bool | None = None
    stranger_charged: bool | None = None


@dataclass(frozen=True, slots=True)
class LidFacts:
    """What is known of a station that will be alone.

    `variables` are those last read from it, `was_read` whether all of them ever were. `members` counts the cards that
    should charge, `held` the entries its list holds, where that is known (`list_known`). `still_open` are cards the
    list lets charge and should not; `memory_is_stale`: it may remember some that should not any more.
    """

    opens_to: OpensTo
    version: OcppVersion | None = None
    variables: tuple[Variable, ...] = ()
    was_read: bool = False
    list_state: ListState = ListState.WAITING
    list_known: bool = False
    members: int = 0
    held: int = 0
    still_open: int = 0
    memory_is_stale: bool = False
    seen: Seen = Seen()


@dataclass(frozen=True, slots=True)
class Finding:
    answer: Answer
    why: Why
    light: Light


@dataclass(frozen=True, slots=True)
class LidCheck:
    """What a station does with Tapdesk closed. `former_may_charge`: so may some whose admission ended.

    Where it should open to anybody, both findings are about any card.
    """

    opens_to: OpensTo
    members: Finding
    strangers: Finding
    settings: tuple[SettingCheck, ...] = ()
    former_may_charge: bool = False

    @property
    def light(self) -> Light:
        """The worst of it."""
        lights = [self.members.light, self.strangers.light, Light.CARE if self.former_may_charge else Light.GOOD]
        return max(lights, key=_WORSE.index)

    @property
    def to_change(self) -> tuple[SettingCheck, ...]:
        """The settings that "set it right" writes."""
        return tuple(each for each in self.settings if each.fit is Fit.TO_CHANGE)


_WORSE = (Light.GOOD, Light.UNKNOWN, Light.CARE, Light.BAD)


def check_lid(facts: LidFacts) -> LidCheck:
    """What the station does with cards while Tapdesk is closed, and what should be set otherwise for its pool."""
    told = Told(facts.variables, was_read=facts.was_read)
    strangers = _whether_strangers(facts, told)
    settings = tuple(check_settings(told, facts.opens_to, facts.list_state, facts.version))
    if facts.opens_to is OpensTo.ANYBODY:
        lights = {Answer.YES: Light.GOOD, Answer.UNKNOWN: Light.UNKNOWN, Answer.PRESUMABLY_NOT: Light.CARE}
        anybody = Finding(*strangers, lights.get(strangers[0], Light.BAD))
        return LidCheck(facts.opens_to, anybody, anybody, settings)
    return LidCheck(
        facts.opens_to,
        _members(facts, told, strangers),
        Finding(*strangers, {Answer.YES: Light.CARE, Answer.UNKNOWN: Light.UNKNOWN}.get(strangers[0], Light.GOOD)),
        settings,
        bool(facts.still_open) or (facts.memory_is_stale and told[Setting.REMEMBERS] is True),
    )


Found = tuple[Answer, Why]


def _whether_strangers(facts: LidFacts, told: Told) -> Found:
    if facts.seen.stranger_charged is not None:
        return (Answer.YES if facts.seen.stranger_charged else Answer.NO), Why.SEEN
    if told[Setting.AUTHORIZES] is False:
        return Answer.YES, Why.NO_AUTHORIZATION
    if told[Setting.UNKNOWN_OFFLINE]:
        return Answer.YES, Why.UNKNOWN_ALLOWED
    if not facts.was_read:
        return Answer.UNKNOWN, Why.NOT_READ
    if told.vendor_may_let_others_in:
        return Answer.UNKNOWN, Why.VENDORS_SETTING
    if _is_unreadable(told, Setting.AUTHORIZES) or _is_unreadable(told, Setting.UNKNOWN_OFFLINE):
        return Answer.UNKNOWN, Why.NOT_TOLD
    if told[Setting.UNKNOWN_OFFLINE] is False:
        return Answer.NO, Why.UNKNOWN_NOT_ALLOWED
    if told.variable(Setting.AUTHORIZES_OFFLINE) is None:
        # Every station has this one (1.6 §9.1, 2.0.1 appendix 3.1.2): what it told is not all it has.
        return Answer.UNKNOWN, Why.NOT_TOLD
    return Answer.PRESUMABLY_NOT, Why.NO_SETTING_FOR_UNKNOWN


def _is_unreadable(told: Told, setting: Setting) -> bool:
    return told.variable(setting) is not None and told[setting] is None


def _is_without(told: Told, setting: Setting) -> bool:
    return told.was_read and told.variable(setting) is None


def _members(facts: LidFacts, told: Told, strangers: Found) -> Finding:
    answer, why = _whether_members(facts, told, strangers)
    if why is Why.NOBODY_LISTED:
        return Finding(answer, why, Light.GOOD)
    lights = {Answer.YES: Light.GOOD, Answer.UNKNOWN: Light.UNKNOWN, Answer.NO: Light.BAD}
    return Finding(answer, why, lights.get(answer, Light.CARE))


def _whether_members(facts: LidFacts, told: Told, strangers: Found) -> Found:
    for rule in _RULES_OF_MEMBERS:
        if found := rule(facts, told):
            return _no_more_than_is_sure(found, facts, strangers)
    return _no_more_than_is_sure(_by_the_list(facts, told), facts, strangers)


def _no_more_than_is_sure(found: Found, facts: LidFacts, strangers: Found) -> Found:
    """Whoever may start as a stranger is not said to be refused."""
    answer, why = found
    if answer not in (Answer.NO, Answer.PRESUMABLY_NOT) or why is Why.NOBODY_LISTED:
        return found
    if facts.seen.member_charged is False:
        return found
    if strangers[0] in (Answer.NO, Answer.PRESUMABLY_NOT):
        return Answer(min(answer, strangers[0], key=_SURER.index)), why
    return Answer.UNKNOWN, strangers[1] if strangers[0] is Answer.UNKNOWN else why


_SURER = (Answer.PRESUMABLY_NOT, Answer.NO)


def _nobody_listed(facts: LidFacts, _told: Told) -> Found | None:
    listed = facts.opens_to is OpensTo.LISTED and facts.members
    return None if listed else (Answer.NO, Why.NOBODY_LISTED)


def _seen_refused(facts: LidFacts, _told: Told) -> Found | None:
    return (Answer.NO, Why.SEEN) if facts.seen.member_charged is False else None


def _no_authorization(_facts: LidFacts, told: Told) -> Found | None:
    return (Answer.YES, Why.NO_AUTHORIZATION) if told[Setting.AUTHORIZES] is False else None


def _as_strangers(facts: LidFacts, told: Told) -> Found | None:
    """Where anybody may start, so may members, unless its list or its memory makes known cards of them."""
    if not told[Setting.UNKNOWN_OFFLINE]:
        return None
    uses_list = told[Setting.LIST_ENABLED] is not False and facts.list_state not in STATES_WITHOUT_LIST
    if told[Setting.AUTHORIZES_OFFLINE]:
        holds_back = uses_list and facts.list_state not in _WITHOUT_FORMER and not _is_empty(facts)
        return None if holds_back else (Answer.YES, Why.UNKNOWN_ALLOWED)
    remembers = told[Setting.REMEMBERS] or (
        told[Setting.REMEMBERS] is None and not _is_without(told, Setting.REMEMBERS)
    )
    knows_cards = remembers or (uses_list and not _is_empty(facts))
    return None if knows_cards else (Answer.YES, Why.UNKNOWN_ALLOWED)


def _is_empty(facts: LidFacts) -> bool:
    return facts.list_known and not facts.held


_WITHOUT_FORMER = (ListState.IN_STEP, ListState.TOO_SMALL, ListState.INCOMPLETE)


def _offline(facts: LidFacts, told: Told) -> Found | None:
    if facts.seen.member_charged or told[Setting.AUTHORIZES_OFFLINE]:
        return None
    if told[Setting.AUTHORIZES_OFFLINE] is False:
        return Answer.NO, Why.OFFLINE_OFF
    return Answer.UNKNOWN, Why.NOT_TOLD if facts.was_read else Why.NOT_READ


def _without_list(facts: LidFacts, told: Told) -> Found | None:
    """By what the station remembers, where it has no list or does not use it."""
    if told[Setting.LIST_ENABLED] is False:
        return _by_memory(told, Answer.NO, Why.LIST_OFF)
    if facts.list_state is ListState.NOT_SUPPORTED:
        return _by_memory(told, Answer.NO, Why.NO_LIST)
    if facts.list_state is ListState.KEEPS_NOTHING:
        # It may keep one and be wrong about its version.
        return _by_memory(told, Answer.PRESUMABLY_NOT, Why.NO_LIST)
    return None


def _by_memory(told: Told, otherwise: Answer, why: Why) -> Found:
    if told[Setting.REMEMBERS]:
        return Answer.SOME, Why.ONLY_REMEMBERED
    if told[Setting.REMEMBERS] is False:
        return otherwise, why
    # Whoever has such a memory has this setting (1.6 §9.1.2, 2.0.1 appendix 3.1.3).
    return (Answer.PRESUMABLY_NOT, why) if _is_without(told, Setting.REMEMBERS) else (Answer.UNKNOWN, Why.NOT_TOLD)


_RULES_OF_MEMBERS: tuple[Callable[[LidFacts, Told], Found | None], ...] = (
    _nobody_listed,
    _seen_refused,
    _no_authorization,
    _as_strangers,
    _offline,
    _without_list,
)


def _by_the_list(facts: LidFacts, told: Told) -> Found:
    match facts.list_state:
        case ListState.IN_STEP:
            return Answer.YES, Why.SEEN if facts.seen.member_charged else Why.LIST_IN_STEP
        case ListState.TOO_SMALL:
            return Answer.SOME, Why.LIST_TOO_SMALL
        case ListState.INCOMPLETE:
            return Answer.SOME, Why.LIST_INCOMPLETE
    if not facts.list_known:
        return Answer.UNKNOWN, Why.LIST_NOT_KNOWN
    return (Answer.SOME, Why.LIST_NOT_IN_STEP) if facts.held else _by_memory(told, Answer.NO, Why.LIST_EMPTY)
