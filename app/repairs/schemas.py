"""What OCPP's own JSON schemas have against a message: measured, never enforced on what comes in.

The schemas are those of the `ocpp` package. Loading the library and compiling a schema takes milliseconds, so both are
done when the first message asks for it; a valid payload then costs about a microsecond.
"""

import importlib.util
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.drafts import printable
from app.domain.model import OcppVersion

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, ValidationErrorKind

#: No one reads more of them, and a hostile message has thousands.
MOST_DEVIATIONS = 20
LONGEST_PATH = 120

_FOLDERS = {OcppVersion.V16: "v16", OcppVersion.V201: "v201", OcppVersion.V21: "v21"}


class Deviation(StrEnum):
    """In what way a field is not as the schema has it. The codes are stored, so they do not change."""

    MISSING = auto()
    EXTRA = auto()
    TYPE = auto()
    WORD = auto()
    LENGTH = auto()
    FORMAT = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Deviating:
    """A field by its path, as `meterValue.sampledValue.value`; the message itself is the empty path."""

    how: Deviation
    path: str


_HOW = {
    "required": Deviation.MISSING,
    "additionalProperties": Deviation.EXTRA,
    "type": Deviation.TYPE,
    "enum": Deviation.WORD,
    "maxLength": Deviation.LENGTH,
    "minLength": Deviation.LENGTH,
    "format": Deviation.FORMAT,
}


def deviations(
    version: OcppVersion, action: str, payload: dict[str, Any], *, is_answer: bool = False
) -> list[Deviating] | None:
    """The fields that are not as this version's schema has them, each once; None for what has no schema.

    Fields are named, values never.
    """
    validator = _validator(version, action, is_answer=is_answer)
    if validator is None:
        return None
    if validator.is_valid(payload):
        return []
    found = (_read(error) for error in islice(validator.iter_errors(payload), MOST_DEVIATIONS))
    return list(dict.fromkeys(each for several in found for each in several))


@lru_cache(maxsize=512)
def _validator(version: OcppVersion, action: str, *, is_answer: bool) -> Any:
    package = importlib.util.find_spec("ocpp")
    if package is None or package.origin is None or not action.isalnum():
        return None
    # 1.6 names a request as its action, 2.x does not.
    suffix = "Response" if is_answer else "" if version is OcppVersion.V16 else "Request"
    path = Path(package.origin).parent / _FOLDERS[version] / "schemas" / f"{action}{suffix}.json"
    try:
        schema = path.read_text(encoding="utf-8-sig")
    except OSError:
        return None
    # It takes a tenth of a second to load, and a start is not to wait for that.
    import jsonschema_rs

    return jsonschema_rs.validator_for(schema)


def _read(error: "ValidationError") -> list[Deviating]:
    how = _HOW.get(error.kind.name, Deviation.OTHER)
    around = [step for step in error.instance_path if isinstance(step, str)]
    return [Deviating(how, _path([*around, name])) for name in _named(error.kind)]


def _named(kind: "ValidationErrorKind") -> list[str]:
    """The fields that an error about an object is about; one about a field itself names none."""
    about = kind.as_dict()
    if kind.name == "required":
        return [str(about.get("property", ""))]
    if kind.name == "additionalProperties":
        return [str(name) for name in about.get("unexpected", ())][:MOST_DEVIATIONS]
    return [""]


def _path(steps: list[str]) -> str:
    return printable(".".join(step for step in steps if step))[:LONGEST_PATH]
