"""MeterValues as OCPP 1.6 (§7.33, §7.43) and 2.x have them in common: samples into energy and power."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from app.csms.repair import FieldRepair, Fields, as_number
from app.sessions import Reading

ENERGY = "energy.active.import.register"
POWER = "power.active.import"
SAMPLED_LIMIT = 8_000


def readings(fields: Fields, name: str) -> tuple[Reading, ...]:
    """The sampled moments in a list of MeterValue; samples that cannot be read are left out of the figures."""
    found = []
    for value in fields.items(name):
        inner = fields.within(value)
        at, _ = inner.moment("timestamp")
        samples = inner.items("sampledValue")
        sampled = orjson.dumps(samples, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        energy = _total(fields, samples, ENERGY, kilo="kwh")
        found.append(
            Reading(
                at,
                sampled[:SAMPLED_LIMIT],
                None if energy is None else round(energy),
                _total(fields, samples, POWER, kilo="kw"),
            )
        )
    return tuple(found)


def _total(fields: Fields, samples: Iterable[Mapping[str, Any]], measurand: str, kilo: str) -> float | None:
    """The sample for all phases together, else the sum of those per phase; in Wh or W."""
    whole: float | None = None
    phases: list[float] = []
    for sample in samples:
        if str(sample.get("measurand") or ENERGY).casefold() != measurand:
            continue
        number = as_number(sample.get("value"))
        if number is None:
            fields.repairs.append(FieldRepair.WRONG_TYPE)
            continue
        if str(sample.get("unit") or "").casefold() == kilo:
            number *= 1000
        if sample.get("phase"):
            phases.append(number)
        else:
            whole = number
    if whole is None and phases:
        return sum(phases)
    return whole
