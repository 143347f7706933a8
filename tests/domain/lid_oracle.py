"""A station alone, card by card, as the specifications describe it; and all the stations that facts may be about.

It shares nothing with the check but the words of the facts: where that says "yes", every such station must start the
charge, and where it says "no", none may.
"""

from dataclasses import dataclass, field

from app.domain.lid_check import LidFacts
from app.domain.lid_settings import OpensTo
from app.domain.list_state import ListState
from app.domain.model import OcppVersion
from app.domain.variables import Variable

MEMBERS, STRANGER = ("ANNA", "JAN"), "STRANGER"
KEYS_16 = {
    "list": "LocalAuthListEnabled",
    "offline": "LocalAuthorizeOffline",
    "unknown": "AllowOfflineTxForUnknownId",
    "memory": "AuthorizationCacheEnabled",
}
KEYS_2X = {
    "authorizes": "AuthCtrlr.Enabled",
    "list": "LocalAuthListCtrlr.Enabled",
    "offline": "AuthCtrlr.LocalAuthorizeOffline",
    "unknown": "AuthCtrlr.OfflineTxForUnknownIdEnabled",
    "memory": "AuthCacheCtrlr.Enabled",
}
#: What a station does that was asked for everything and does not name a setting: it lacks what that would switch.
WITHOUT = {"authorizes": True, "list": True, "unknown": False, "memory": False}


@dataclass
class Alone:
    """One station. `strict`: a listed card is no unknown one, even where listed cards may not start offline."""

    authorizes: bool
    list: bool
    offline: bool
    unknown: bool
    memory: bool
    strict: bool
    free: bool
    entries: dict[str, bool] = field(default_factory=dict)
    remembered: frozenset[str] = frozenset()

    def starts(self, card):
        if self.free or not self.authorizes:
            return True
        if self.list and card in self.entries:
            return self.entries[card] and (self.offline or (self.unknown and not self.strict))
        if self.memory and card in self.remembered:
            return self.offline or (self.unknown and not self.strict)
        return self.unknown


def facts_of_chance(chance):
    version = chance.choice([OcppVersion.V16, OcppVersion.V201])
    keys = KEYS_16 if version is OcppVersion.V16 else KEYS_2X
    variables = [
        Variable(key, chance.choice(["true", "false", "TRUE", "False", "true", "false", "0", "1", None, "perhaps"]))
        for key in keys.values()
        if chance.random() < 0.85
    ]
    if chance.random() < 0.15:
        variables.append(Variable("FreeVendMode", chance.choice(["true", "false", "Always", None])))
    state = chance.choice([*ListState])
    known = chance.random() < 0.6
    held = 2 if state is ListState.IN_STEP else chance.choice([0, 1, 2]) if known else 0
    if state in (ListState.TOO_SMALL, ListState.INCOMPLETE):
        held = 1
    return LidFacts(
        OpensTo.LISTED, version, tuple(variables), chance.random() < 0.8, state, known or held > 0, len(MEMBERS), held
    )


def station_of_chance(facts, chance):
    """One of the stations that the facts may be about."""
    keys = KEYS_16 if facts.version is OcppVersion.V16 else KEYS_2X
    told = {each.name: each.value for each in facts.variables}
    values = {}
    for what in ("authorizes", "list", "offline", "unknown", "memory"):
        if what not in keys:
            values[what] = True
        elif keys[what] in told:
            meant = {"true": True, "1": True, "false": False, "0": False}.get((told[keys[what]] or "").lower())
            # Its list was sent and read back while nobody could read whether it is on.
            presumed = True if what == "list" and _holds_what_it_should(facts) else chance.random() < 0.5
            values[what] = presumed if meant is None else meant
        elif what in WITHOUT and (facts.was_read or what == "list"):
            values[what] = WITHOUT[what]
        else:
            values[what] = chance.random() < 0.5
    free = told.get("FreeVendMode", "false" if facts.was_read else "perhaps")
    return Alone(
        **values,
        strict=chance.random() < 0.5,
        free=free == "true" or (free != "false" and chance.random() < 0.5),
        entries=_entries(facts, chance),
        remembered=frozenset(card for card in MEMBERS if chance.random() < 0.5),
    )


def _holds_what_it_should(facts):
    return facts.list_state in (ListState.IN_STEP, ListState.TOO_SMALL, ListState.INCOMPLETE)


def _entries(facts, chance):
    if facts.list_state in (ListState.NOT_SUPPORTED, ListState.KEEPS_NOTHING):
        return {}
    if facts.list_state is ListState.IN_STEP:
        return dict.fromkeys(MEMBERS, True)
    if _holds_what_it_should(facts):
        return {chance.choice(MEMBERS): True}
    held = facts.held if facts.list_known else chance.choice([0, 1, 2])
    # A list that is not in step may hold others, and members as blocked.
    return {card: chance.random() < 0.7 for card in chance.sample([*MEMBERS, "FORMER"], held)}
