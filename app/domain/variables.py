"""What is set inside a station: keys in OCPP 1.6 (§9), variables of components in 2.x (part 2, appendices).

Both go by one name: `LocalPreAuthorize`, `AuthCtrlr.OfflineTxForUnknownIdEnabled`, `EVSE(1).Power`,
`DeviceDataCtrlr.ItemsPerMessage[GetVariables]`. Letter case does not count.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from app.domain.errors import AppError

#: Names of what must be kept nowhere: passwords, keys, whatever a vendor calls one.
SECRET_NAMES = re.compile(r"authorizationkey|password|passwd|passphrase|secret|privatekey|apn.?pass", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\.\[\]()])")
_PART = r"(?:\\.|[^\\.\[\]()])+"
_VARIABLE = re.compile(
    rf"(?P<component>{_PART})(?:\[(?P<instance>{_PART})\])?(?:\((?P<evse>\d{{1,9}})(?:,(?P<connector>\d{{1,9}}))?\))?"
    rf"\.(?P<name>{_PART})(?:\[(?P<of>{_PART})\])?"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """What was last read of one variable. `value` is None for a secret, and for what the station gives nobody.

    `read_only` is None where the station does not say. `most` is the highest value it can have (OCPP 2.x maxLimit),
    where a report was read just now that says so: it is not kept.
    """

    name: str
    value: str | None
    read_only: bool | None = None
    read_at: datetime | None = None
    most: int | None = None

    @property
    def is_secret(self) -> bool:
        return is_secret(self.name)


@dataclass(frozen=True, slots=True)
class VariableId:
    """A variable of OCPP 2.x, by the parts of its name (ComponentType, VariableType)."""

    component: str
    name: str
    instance: str | None = None
    evse: int | None = None
    connector: int | None = None
    of: str | None = None
    """The instance of the variable."""

    def __str__(self) -> str:
        instance = f"[{_escaped(self.instance)}]" if self.instance else ""
        place = "" if self.evse is None else f"({self.evse})"
        if self.evse is not None and self.connector is not None:
            place = f"({self.evse},{self.connector})"
        of = f"[{_escaped(self.of)}]" if self.of else ""
        return f"{_escaped(self.component)}{instance}{place}.{_escaped(self.name)}{of}"

    @classmethod
    def read(cls, text: str) -> "VariableId":
        """From a name as `str` gives it. Raises AppError `variable_name_unreadable`."""
        found = _VARIABLE.fullmatch(text.strip())
        if found is None:
            raise AppError("variable_name_unreadable", name=text)
        evse, connector = (None if found[part] is None else int(found[part]) for part in ("evse", "connector"))
        component, name, instance, of = (_plain(found[part]) for part in ("component", "name", "instance", "of"))
        return cls(component or "", name or "", instance, evse, connector, of)


def is_secret(name: str) -> bool:
    """Whether the value of a variable with this name must be neither kept nor shown."""
    return SECRET_NAMES.search(name) is not None


def same_value(one: str, other: str) -> bool:
    """Whether two values say the same: letter case, blanks, quotes and how a number is written do not count."""
    return _meant(one) == _meant(other)


def _meant(value: str) -> tuple[str, ...]:
    return tuple(_meant_part(part) for part in value.split(","))


def _meant_part(part: str) -> str:
    text = part.strip().strip("'\"").strip().casefold()
    if re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,18})?", text):
        whole, _, fraction = text.removeprefix("+").partition(".")
        sign = "-" if whole.startswith("-") else ""
        return f"{sign}{whole.lstrip('-').lstrip('0') or '0'}.{fraction.rstrip('0')}".rstrip(".")
    return text


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _plain(text: str | None) -> str | None:
    return None if text is None else re.sub(r"\\(.)", r"\1", text)
