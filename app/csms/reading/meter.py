"""MeterValues of OCPP 1.6 (§7.33, §7.43) and 2.x (MeterValueType): samples into energy and power."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.csms.reading.repair import FieldRepair, Fields, as_number
from app.sessions import Reading

ENERGY = "energy.active.import.register"
POWER = "power.active.import"
SAMPLED_LIMIT = 8_000
#: Moments read from one message: more than a charge of days has, few enough not to keep other stations waiting.
MOST_READINGS = 2_000
#: Beyond this no meter counts and no station draws: a register that is not set, or a sample of something else.
LARGEST = 1e15

_LARGEST_POWER = 12
_OUTLET = "outlet"

_UNITS = {ENERGY: {"": 1, "wh": 1, "kwh": 1000}, POWER: {"": 1, "w": 1, "kw": 1000}}


def readings(fields: Fields, name: str) -> tuple[Reading, ...]:
    """The sampled moments in a list of MeterValue; samples that cannot be read are left out of the figures."""
    found = []
    values = fields.items(name)
    if len(values) > MOST_READINGS:
        fields.repairs.append(FieldRepair.TOO_LONG)
    # The last ones: they tell what the meter says now.
    for value in values[-MOST_READINGS:]:
        inner = fields.within(value)
        at, _ = inner.moment("timestamp")
        samples = inner.items("sampledValue")
        energy = _total(fields, samples, ENERGY)
        power = _total(fields, samples, POWER)
        sampled = json.dumps(samples, separators=(",", ":"))[:SAMPLED_LIMIT]
        found.append(Reading(at, sampled, None if energy is None else round(energy), power))
    return tuple(found)


def _total(fields: Fields, samples: Iterable[Mapping[str, Any]], measurand: str) -> float | None:
    """The sample for all phases together, else the sum of those per phase, in Wh or W; of the outlet, if it is told."""
    places: dict[str, _Figures] = {}
    for sample in samples:
        if (_word(sample, "measurand") or ENERGY) != measurand or _word(sample, "format") == "signeddata":
            continue
        number = _number(fields, sample, _UNITS[measurand])
        if number is not None:
            figures = places.setdefault(_word(sample, "location") or _OUTLET, _Figures())
            if sample.get("phase"):
                figures.phases.append(number)
            else:
                figures.whole = number
    if not places:
        return None
    total = places.get(_OUTLET, next(iter(places.values()))).total
    # Also not so when it is no number, as the sum of two that are too large.
    if abs(total) <= LARGEST:
        return total
    fields.repairs.append(FieldRepair.OUT_OF_RANGE)
    return None


@dataclass(slots=True)
class _Figures:
    """What was measured at one place."""

    whole: float | None = None
    phases: list[float] = field(default_factory=list)

    @property
    def total(self) -> float:
        return sum(self.phases) if self.whole is None else self.whole


def _number(fields: Fields, sample: Mapping[str, Any], units: Mapping[str, int]) -> float | None:
    number, unit, scale = as_number(sample.get("value")), units.get(_unit(sample)), _scale(sample)
    if number is not None and unit is not None and scale is not None:
        return number * unit * scale
    fields.repairs.append(FieldRepair.WRONG_TYPE if number is None else FieldRepair.UNKNOWN_VALUE)
    return None


def _unit(sample: Mapping[str, Any]) -> str:
    # 1.6 names it beside the value, 2.x in an object of its own.
    measure = sample.get("unitOfMeasure")
    return _word(measure, "unit") if isinstance(measure, Mapping) else _word(sample, "unit")


def _scale(sample: Mapping[str, Any]) -> float | None:
    """By what to multiply: UnitOfMeasureType of 2.x tells a power of ten; None for one that no meter has."""
    measure = sample.get("unitOfMeasure")
    power = measure.get("multiplier") if isinstance(measure, Mapping) else None
    if power is None:
        return 1.0
    number = as_number(power)
    return 10.0**number if number is not None and abs(number) <= _LARGEST_POWER else None


def _word(sample: Mapping[str, Any], name: str) -> str:
    return str(sample.get(name) or "").strip().casefold()
