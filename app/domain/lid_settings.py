"""The settings by which a station decides while nobody answers it, as they are and as they should be for its pool.

OCPP 1.6 §9.1 and §9.2; 2.0.1 part 2, appendix 3: AuthCtrlr, LocalAuthListCtrlr, AuthCacheCtrlr, TxCtrlr.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from app.domain.list_state import ListState
from app.domain.model import OcppVersion
from app.domain.variables import Variable


class OpensTo(StrEnum):
    """Whom a station should let charge."""

    ANYBODY = auto()
    """Free vend: any card, or none that is known."""
    LISTED = auto()
    """Whoever its own list should hold."""
    NOBODY = auto()
    """It is in no pool."""


class Setting(StrEnum):
    """A setting that decides what a station does alone, by what it is for."""

    AUTHORIZES = auto()
    """Asks for a card at all; off, everybody charges. 2.x only."""
    LIST_ENABLED = auto()
    AUTHORIZES_OFFLINE = auto()
    """Starts charges while it is offline, for cards in its list or memory."""
    UNKNOWN_OFFLINE = auto()
    """Starts charges while it is offline, for cards that nobody knows."""
    PRE_AUTHORIZES = auto()
    """Starts charges without asking although it could ask."""
    REMEMBERS = auto()
    """Remembers cards that were accepted before."""
    STOPS_REFUSED = auto()
    """Ends a charge that is refused once it could be told."""


#: The names of each in OCPP 1.6 and in 2.x; "" where a version has no such thing.
NAMES: Mapping[Setting, tuple[str, str]] = {
    Setting.AUTHORIZES: ("", "AuthCtrlr.Enabled"),
    Setting.LIST_ENABLED: ("LocalAuthListEnabled", "LocalAuthListCtrlr.Enabled"),
    Setting.AUTHORIZES_OFFLINE: ("LocalAuthorizeOffline", "AuthCtrlr.LocalAuthorizeOffline"),
    Setting.UNKNOWN_OFFLINE: ("AllowOfflineTxForUnknownId", "AuthCtrlr.OfflineTxForUnknownIdEnabled"),
    Setting.PRE_AUTHORIZES: ("LocalPreAuthorize", "AuthCtrlr.LocalPreAuthorize"),
    Setting.REMEMBERS: ("AuthorizationCacheEnabled", "AuthCacheCtrlr.Enabled"),
    Setting.STOPS_REFUSED: ("StopTransactionOnInvalidId", "TxCtrlr.StopTxOnInvalidId"),
}
#: Vendors call by these what lets everybody charge, or keep lists of their own. They are shown and never set.
VENDORS_WORDS = ("free", "whitelist", "plugandcharge", "autostart")
#: In which "free" is not free of charge.
_OTHER_WORDS = ("freememory", "freespace", "freeheap", "freedisk", "freeram", "freeze")
STATES_WITHOUT_LIST = frozenset({ListState.NOT_SUPPORTED, ListState.KEEPS_NOTHING})


class Fit(StrEnum):
    """How a setting is, beside how it should be."""

    AS_IT_SHOULD_BE = auto()
    TO_CHANGE = auto()
    CANNOT_BE_CHANGED = auto()
    """It is not as it should be, and the station says that it may only be read."""
    NOT_THERE = auto()
    """The station was asked for all it has, and this was not in it."""
    UNKNOWN = auto()
    """The station was not asked, or what it says is neither on nor off."""
    EITHER_WAY = auto()
    """It makes no difference here."""
    VENDORS_OWN = auto()
    """It may let others charge; what it does is for its vendor to say."""


@dataclass(frozen=True, slots=True)
class SettingCheck:
    """One setting: its name at this station, what it is and should be. `setting` is None for a vendor's own."""

    name: str
    setting: Setting | None
    now: str | None
    wanted: bool | None
    fit: Fit


class Told:
    """What a station told of its settings; `was_read`: it was asked for all it has."""

    def __init__(self, variables: Iterable[Variable], *, was_read: bool) -> None:
        self.was_read = was_read
        self._named = {variable.name.casefold(): variable for variable in variables}

    def variable(self, setting: Setting) -> Variable | None:
        """The setting under the name that this station has for it."""
        return next((self._named[name.casefold()] for name in NAMES[setting] if name.casefold() in self._named), None)

    def __getitem__(self, setting: Setting) -> bool | None:
        variable = self.variable(setting)
        return None if variable is None else as_switch(variable.value)

    def vendors_own(self) -> list[Variable]:
        """Settings of the vendor's own, whose names say that they may let others charge."""
        return [variable for variable in self._named.values() if _vendors_word(variable.name)]

    @property
    def vendor_may_let_others_in(self) -> bool:
        """Whether one of those may be on: one that is no switch counts, unless a switch beside it is off."""
        groups: dict[str, list[Variable]] = defaultdict(list)
        for variable in self.vendors_own():
            groups[_vendors_word(variable.name)].append(variable)
        return any(_may_be_on(group) for group in groups.values())


def _vendors_word(name: str) -> str:
    plain = "".join(filter(str.isalnum, name.casefold()))
    if name.casefold() in _KNOWN or any(word in plain for word in _OTHER_WORDS):
        return ""
    return next((word for word in VENDORS_WORDS if word in plain), "")


_KNOWN = frozenset(name.casefold() for names in NAMES.values() for name in names if name)


def _may_be_on(group: list[Variable]) -> bool:
    switches = [as_switch(each.value) for each in group]
    if True in switches:
        return True
    return False not in switches and any(each.value is None or each.value.strip() for each in group)


def as_switch(value: str | None) -> bool | None:
    """On or off, as stations write it; None for anything else."""
    plain = (value or "").strip().strip("'\"").strip().casefold()
    if plain in ("true", "1", "on", "yes", "enabled"):
        return True
    return False if plain in ("false", "0", "off", "no", "disabled") else None


def wanted(setting: Setting, opens_to: OpensTo, list_state: ListState) -> bool | None:
    """How a setting should be; None where it makes no difference."""
    if opens_to is OpensTo.ANYBODY:
        return {Setting.UNKNOWN_OFFLINE: True, Setting.AUTHORIZES_OFFLINE: True}.get(setting)
    if opens_to is OpensTo.NOBODY:
        return {Setting.AUTHORIZES: True, Setting.UNKNOWN_OFFLINE: False, Setting.STOPS_REFUSED: True}.get(setting)
    return {
        Setting.AUTHORIZES: True,
        Setting.LIST_ENABLED: None if list_state in STATES_WITHOUT_LIST else True,
        Setting.AUTHORIZES_OFFLINE: True,
        Setting.UNKNOWN_OFFLINE: False,
        # Asked each time it can ask, a station cannot be wrong about who was removed a minute ago.
        Setting.PRE_AUTHORIZES: False,
        Setting.REMEMBERS: _should_remember(list_state),
        Setting.STOPS_REFUSED: True,
    }[setting]


def _should_remember(list_state: ListState) -> bool | None:
    """Beside a whole list a memory only lets those in who are no longer listed; without one it is all there is."""
    if list_state in STATES_WITHOUT_LIST:
        return True
    return False if list_state is ListState.IN_STEP else None


def check_settings(
    told: Told, opens_to: OpensTo, list_state: ListState, version: OcppVersion | None
) -> Iterable[SettingCheck]:
    """Every setting that decides, and those of the vendor's own."""
    for setting, (name_16, name_2x) in NAMES.items():
        variable, should = told.variable(setting), wanted(setting, opens_to, list_state)
        if variable is not None:
            fit = _fit(variable, told[setting], should)
            yield SettingCheck(variable.name, setting, variable.value, should, fit)
        elif name := name_16 if version in (None, OcppVersion.V16) else name_2x:
            yield SettingCheck(name, setting, None, should, Fit.NOT_THERE if told.was_read else Fit.UNKNOWN)
    for variable in told.vendors_own():
        yield SettingCheck(variable.name, None, variable.value, None, Fit.VENDORS_OWN)


def _fit(variable: Variable, now: bool | None, should: bool | None) -> Fit:
    if should is None:
        return Fit.EITHER_WAY
    if now is should:
        return Fit.AS_IT_SHOULD_BE
    if now is None:
        return Fit.UNKNOWN
    return Fit.CANNOT_BE_CHANGED if variable.read_only else Fit.TO_CHANGE
