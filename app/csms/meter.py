"""MeterValues as OCPP 1.6 (§7.33, §7.43) and 2.x have them in common: samples into energy and power."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.csms.repair import FieldRepair, Fields, as_number
from app.sessions import Reading

ENERGY = "energy.active.import.register"
POWER = "power.active.import"
SAMPLED_LIMIT = 8_000
#: Moments read from one message: more than a charge of days has, few enough not to keep other stations waiting.
MOST_READINGS = 2_000
#: Beyond this no meter counts and no station draws: a register that is not set, or a sample of something else.
LARGEST = 1e15

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
    """The sample for all phases together, else the sum of those per phase; in Wh or W."""
    whole: float | None = None
    phases: list[float] = []
    for sample in samples:
        if (_word(sample, "measurand") or ENERGY) != measurand or _word(sample, "format") == "signeddata":
            continue
        number = _number(fields, sample, _UNITS[measurand])
        if number is None:
            continue
        if sample.get("phase"):
            phases.append(number)
        else:
            whole = number
    total = sum(phases) if whole is None and phases else whole
    # Also not so when it is no number, as the sum of two that are too large.
    if total is None or abs(total) <= LARGEST:
        return total
    fields.repairs.append(FieldRepair.OUT_OF_RANGE)
    return None


def _number(fields: Fields, sample: Mapping[str, Any], units: Mapping[str, int]) -> float | None:
    number, unit = as_number(sample.get("value")), units.get(_word(sample, "unit"))
    if number is not None and unit is not None:
        return number * unit
    fields.repairs.append(FieldRepair.WRONG_TYPE if number is None else FieldRepair.UNKNOWN_VALUE)
    return None


def _word(sample: Mapping[str, Any], name: str) -> str:
    return str(sample.get(name) or "").strip().casefold()
