"""The variables of a 2.x station (part 2 appendices, §3): each is one of its 1.6 keys by another name."""

from collections.abc import Callable, Sequence
from typing import Any

from app.simulation.cabinet import Cabinet

_KEYS = {
    ("AuthCacheCtrlr", "Enabled"): "AuthorizationCacheEnabled",
    ("AuthCtrlr", "AuthorizeRemoteStart"): "AuthorizeRemoteTxRequests",
    ("AuthCtrlr", "LocalAuthorizeOffline"): "LocalAuthorizeOffline",
    ("AuthCtrlr", "LocalPreAuthorize"): "LocalPreAuthorize",
    ("AuthCtrlr", "OfflineTxForUnknownIdEnabled"): "AllowOfflineTxForUnknownId",
    ("LocalAuthListCtrlr", "Enabled"): "LocalAuthListEnabled",
    ("LocalAuthListCtrlr", "ItemsPerMessage"): "SendLocalListMaxLength",
    ("OCPPCommCtrlr", "FileTransferProtocols"): "SupportedFileTransferProtocols",
    ("OCPPCommCtrlr", "HeartbeatInterval"): "HeartbeatInterval",
    ("OCPPCommCtrlr", "WebSocketPingInterval"): "WebSocketPingInterval",
    ("ReservationCtrlr", "NonEvseSpecific"): "ReserveConnectorZeroSupported",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "MeterValueSampleInterval",
    ("TxCtrlr", "EVConnectionTimeOut"): "ConnectionTimeOut",
    ("TxCtrlr", "StopTxOnInvalidId"): "StopTransactionOnInvalidId",
}
_ENTRIES = ("LocalAuthListCtrlr", "Entries")
_SET = {"Accepted": "Accepted", "Rejected": "Rejected", "NotSupported": "UnknownVariable"}
_COMPONENTS = frozenset(component for component, _ in _KEYS)


def value_of(cabinet: Cabinet, asked: dict[str, Any]) -> dict[str, Any]:
    """A GetVariableResultType with snake_case names."""
    name = _name(asked)
    told = {"component": asked["component"], "variable": asked["variable"]}
    if asked.get("attribute_type", "Actual") != "Actual":
        return told | {"attribute_status": "NotSupportedAttributeType"}
    if name == _ENTRIES:
        return told | {"attribute_status": "Accepted", "attribute_value": str(len(cabinet.local_list))}
    if name not in _KEYS:
        return told | {"attribute_status": _unknown(name)}
    return told | {"attribute_status": "Accepted", "attribute_value": cabinet.configuration.text(_KEYS[name])}


def settle(configure: Callable[[str, str], str], asked: dict[str, Any]) -> dict[str, Any]:
    """Set a variable by `configure`; a SetVariableResultType with snake_case names."""
    name = _name(asked)
    told = {"component": asked["component"], "variable": asked["variable"]}
    if name == _ENTRIES:
        return told | {"attribute_status": "Rejected"}
    if name not in _KEYS:
        return told | {"attribute_status": _unknown(name)}
    return told | {"attribute_status": _SET[configure(_KEYS[name], asked["attribute_value"])]}


def reported(cabinet: Cabinet) -> list[dict[str, Any]]:
    """Every variable as ReportDataType with snake_case names."""
    values, _ = cabinet.configuration.read(list(_KEYS.values()))
    told = {each["key"]: each for each in values}
    report = [
        _data(name, told[key]["value"], "ReadOnly" if told[key]["readonly"] else "ReadWrite")
        for name, key in _KEYS.items()
    ]
    entries = _data(_ENTRIES, str(len(cabinet.local_list)), "ReadOnly")
    entries["variable_characteristics"]["max_limit"] = cabinet.configuration.number("LocalAuthListMaxLength")
    return [*report, entries]


def reported_of(cabinet: Cabinet, criteria: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of these those that ComponentVariableTypes name; a component without a variable names all of its own."""
    named = [(each["component"]["name"], each.get("variable", {}).get("name")) for each in criteria]
    report = ((each["component"]["name"], each["variable"]["name"], each) for each in reported(cabinet))
    return [each for part, name, each in report if (part, name) in named or (part, None) in named]


def _data(name: tuple[str, str], value: str, mutability: str) -> dict[str, Any]:
    component, variable = name
    kind = "boolean" if value.lower() in ("true", "false") else "integer"
    return {
        "component": {"name": component},
        "variable": {"name": variable},
        "variable_attribute": [{"value": value, "mutability": mutability}],
        "variable_characteristics": {"data_type": kind, "supports_monitoring": False},
    }


def _name(asked: dict[str, Any]) -> tuple[str, str]:
    return asked["component"]["name"], asked["variable"]["name"]


def _unknown(name: tuple[str, str]) -> str:
    return "UnknownVariable" if name[0] in _COMPONENTS else "UnknownComponent"
