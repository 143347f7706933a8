"""What a station remembers: its settings, the local authorization list and the authorization cache."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_GREATEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class IdTagInfo:
    """A verdict on a card (OCPP 1.6 §7.27): `status` is Accepted, Blocked, Expired, Invalid or ConcurrentTx."""

    status: str
    expiry_date: datetime | None = None
    parent_id_tag: str | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "Accepted"

    def at(self, now: datetime) -> "IdTagInfo":
        """The verdict as it stands at `now`: what was accepted until a date is Expired after it."""
        if self.accepted and self.expiry_date is not None and self.expiry_date <= now:
            return IdTagInfo("Expired", self.expiry_date, self.parent_id_tag)
        return self

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "IdTagInfo":
        """From a message's idTagInfo with snake_case names; a date that cannot be read is no date."""
        return cls(fields["status"], instant(fields.get("expiry_date")), fields.get("parent_id_tag"))


def instant(text: str | None) -> datetime | None:
    """An ISO 8601 text as aware UTC; without a zone it is taken as UTC. None when it is no date."""
    try:
        moment = datetime.fromisoformat(text or "")
        # The edges of the calendar cannot be moved to another zone.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_text(value: str) -> bool:
    return len(value) <= 500


def _is_flag(value: str) -> bool:
    return value.lower() in {"true", "false"}


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 10 and int(value) <= _GREATEST_INTEGER


@dataclass(frozen=True)
class _Key:
    value: str
    fits: Callable[[str], bool]
    readonly: bool = False


_PROFILES = "Core,LocalAuthListManagement,Reservation,RemoteTrigger"
_MEASURANDS = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage"

_KEYS = {
    "AllowOfflineTxForUnknownId": _Key("false", _is_flag),
    "AuthorizationCacheEnabled": _Key("true", _is_flag),
    "AuthorizeRemoteTxRequests": _Key("true", _is_flag),
    "ClockAlignedDataInterval": _Key("0", _is_number),
    "ConnectionTimeOut": _Key("60", _is_number),
    "ConnectorPhaseRotation": _Key("NotApplicable", _is_text),
    "GetConfigurationMaxKeys": _Key("50", _is_number, readonly=True),
    "HeartbeatInterval": _Key("300", _is_number),
    "LocalAuthListEnabled": _Key("true", _is_flag),
    "LocalAuthListMaxLength": _Key("500", _is_number, readonly=True),
    "LocalAuthorizeOffline": _Key("true", _is_flag),
    "LocalPreAuthorize": _Key("false", _is_flag),
    "MeterValueSampleInterval": _Key("10", _is_number),
    "MeterValuesAlignedData": _Key("", _is_text),
    "MeterValuesSampledData": _Key(_MEASURANDS, _is_text, readonly=True),
    "NumberOfConnectors": _Key("1", _is_number, readonly=True),
    "ReserveConnectorZeroSupported": _Key("false", _is_flag, readonly=True),
    "ResetRetries": _Key("1", _is_number),
    "SendLocalListMaxLength": _Key("100", _is_number, readonly=True),
    "StopTransactionOnEVSideDisconnect": _Key("true", _is_flag),
    "StopTransactionOnInvalidId": _Key("true", _is_flag),
    "StopTxnAlignedData": _Key("", _is_text),
    "StopTxnSampledData": _Key("", _is_text),
    "SupportedFeatureProfiles": _Key(_PROFILES, _is_text, readonly=True),
    "SupportedFileTransferProtocols": _Key("FTP,HTTP", _is_text, readonly=True),
    "TransactionMessageAttempts": _Key("3", _is_number),
    "TransactionMessageRetryInterval": _Key("60", _is_number),
    "UnlockConnectorOnEVSideDisconnect": _Key("true", _is_flag),
    "WebSocketPingInterval": _Key("20", _is_number, readonly=True),
}


class Configuration:
    """The station's configuration keys (OCPP 1.6 §9); names are compared without case."""

    def __init__(self, overrides: Mapping[str, str]) -> None:
        self._values = {name: key.value for name, key in _KEYS.items()}
        self._names = {name.lower(): name for name in _KEYS}
        for name, value in overrides.items():
            self._values[self._names[name.lower()]] = value

    def text(self, name: str) -> str:
        return self._values[name]

    def flag(self, name: str) -> bool:
        return self._values[name].lower() == "true"

    def number(self, name: str) -> int:
        return int(self._values[name])

    def change(self, name: str, value: str) -> str:
        """The ConfigurationStatus of a ChangeConfiguration (OCPP 1.6 §5.3): Accepted, Rejected or NotSupported."""
        known = self._names.get(name.lower())
        if known is None:
            return "NotSupported"
        if _KEYS[known].readonly or not _KEYS[known].fits(value):
            return "Rejected"
        self._values[known] = value
        return "Accepted"

    def read(self, names: Iterable[str] | None) -> tuple[list[dict[str, Any]], list[str]]:
        """The KeyValues asked for (all, when nothing is named) and the names that are not known (§5.8)."""
        wanted = list(names or _KEYS)
        known = [self._names[name.lower()] for name in wanted if name.lower() in self._names]
        values = [{"key": name, "readonly": _KEYS[name].readonly, "value": self._values[name]} for name in known]
        return values, [name for name in wanted if name.lower() not in self._names]


class LocalList:
    """The Local Authorization List (OCPP 1.6 §3.5.2); cards are compared without case."""

    def __init__(self) -> None:
        self.version = 0
        self._entries: dict[str, IdTagInfo] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, uid: str) -> IdTagInfo | None:
        return self._entries.get(uid.upper())

    def update(self, version: int, update_type: str, entries: Sequence[Mapping[str, Any]], capacity: int) -> str:
        """Take one SendLocalList whole or not at all; the UpdateStatus (OCPP 1.6 §5.15, §6.41, §7.47).

        `entries` are AuthorizationData with snake_case names. A Differential must raise the version; a Full may
        carry any, 0 only to clear the list (errata §3.52: 0 and -1 have a meaning of their own).
        """
        differential = update_type == "Differential"
        if differential and version <= self.version:
            return "VersionMismatch"
        uids = [entry["id_tag"].upper() for entry in entries]
        if len(set(uids)) < len(uids) or version < 0 or (version == 0 and entries):
            return "Failed"
        updated = dict(self._entries) if differential else {}
        for uid, entry in zip(uids, entries, strict=True):
            info = entry.get("id_tag_info")
            if info is not None:
                updated[uid] = IdTagInfo.read(info)
            elif differential:
                updated.pop(uid, None)
            else:
                return "Failed"
        if len(updated) > capacity:
            return "Failed"
        self._entries = updated
        # GetLocalListVersion says 0 for an empty list, whatever number emptied it (§5.10).
        self.version = version if updated else 0
        return "Accepted"


class AuthorizationCache:
    """The latest verdict of the server on each card it was asked about (OCPP 1.6 §3.5.1)."""

    def __init__(self) -> None:
        self._verdicts: dict[str, IdTagInfo] = {}

    def find(self, uid: str) -> IdTagInfo | None:
        return self._verdicts.get(uid.upper())

    def remember(self, uid: str, info: IdTagInfo) -> None:
        self._verdicts[uid.upper()] = info

    def forget(self, uid: str) -> None:
        self._verdicts.pop(uid.upper(), None)

    def clear(self) -> None:
        self._verdicts.clear()
