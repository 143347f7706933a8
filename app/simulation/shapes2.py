"""What stands in messages of 1.6, in the shapes that OCPP 2.x has for it, with snake_case names."""

from collections.abc import Sequence
from typing import Any

_HEX = frozenset("0123456789abcdefABCDEF")
_CARD_DIGITS = (8, 14, 20)


def nameplate(fields: dict[str, Any]) -> dict[str, Any]:
    names = {
        "vendor_name": "charge_point_vendor",
        "model": "charge_point_model",
        "serial_number": "charge_point_serial_number",
        "firmware_version": "firmware_version",
    }
    return {name: value for name, old in names.items() if (value := fields.get(old)) is not None}


def id_token(uid: str) -> dict[str, Any]:
    if len(uid) in _CARD_DIGITS and _HEX.issuperset(uid):
        return {"id_token": uid, "type": "ISO14443"}
    return {"id_token": uid, "type": "KeyCode" if uid.isdigit() and len(uid) < min(_CARD_DIGITS) else "Central"}


def id_tag_info(info: dict[str, Any]) -> dict[str, Any]:
    group = info.get("group_id_token")
    return {
        "status": info["status"],
        "expiry_date": info.get("cache_expiry_date_time"),
        "parent_id_tag": group["id_token"] if group else None,
    }


def register(wh: int, timestamp: str, context: str) -> list[dict[str, Any]]:
    sample = {"context": context, "value": str(wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    return meter_value([{"timestamp": timestamp, "sampled_value": [sample]}])


def meter_value(values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [value | {"sampled_value": [_sample(sample) for sample in value["sampled_value"]]} for value in values]


def _sample(sample: dict[str, Any]) -> dict[str, Any]:
    same = {name: sample[name] for name in ("context", "measurand", "phase") if name in sample}
    return same | {"value": float(sample["value"]), "unit_of_measure": {"unit": sample["unit"]}}
