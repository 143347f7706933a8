"""Files that go between a station and this machine: diagnostics and logs come, firmware goes."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TransferKind(StrEnum):
    DIAGNOSTICS = "diagnostics"
    SECURITY_LOG = "security_log"
    FIRMWARE = "firmware"


class TransferState(StrEnum):
    ASKED = "asked"
    """The station said that it will; nothing moved yet."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class FileProtocol(StrEnum):
    """How files can go between a station and this machine."""

    HTTP = "http"
    FTP = "ftp"


#: Where a station says which it knows (OCPP 1.6 errata 4.0, §9.5.1; 2.x part 2, appendices, OCPPCommCtrlr).
PROTOCOL_VARIABLES = ("SupportedFileTransferProtocols", "OCPPCommCtrlr.FileTransferProtocols")


def protocols_told(value: str | None) -> frozenset[FileProtocol] | None:
    """Those of ours in a station's list, such as `FTP,SFTP`; None where it says nothing."""
    words = re.findall("[a-z]+", (value or "").casefold())
    return frozenset(each for each in FileProtocol if each.value in words) if words else None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file on its way: `said` is the station's last word, `moved` counts bytes, `file` is where it lies."""

    id: int
    station_id: str
    kind: TransferKind
    state: TransferState
    asked_at: datetime
    said: str = ""
    moved: int = 0
    size: int | None = None
    file: str = ""
    protocol: FileProtocol = FileProtocol.HTTP

    @property
    def is_open(self) -> bool:
        return self.state in (TransferState.ASKED, TransferState.RUNNING)


_DONE = frozenset({"uploaded", "installed"})
_RUNNING = frozenset(
    {"uploading", "downloading", "downloaded", "installing", "installrebooting", "signatureverified", "paused"}
    | {"downloadscheduled", "downloadpaused", "installscheduled", "installverificationpending"}
)
_FAILED = frozenset(
    {"uploadfailed", "uploadfailure", "badmessage", "notsupportedoperation", "permissiondenied"}
    | {"downloadfailed", "installationfailed", "installverificationfailed", "invalidsignature", "acceptedcanceled"}
)


def state_told(kind: TransferKind, word: str) -> TransferState | None:
    """What a station's word says of a transfer; None where it says nothing.

    The words are those of Diagnostics-, Firmware- and LogStatusNotification (OCPP 1.6 §7.24, §7.25; 2.x part 2,
    FirmwareStatusEnumType, UploadLogStatusEnumType). A log is done when it is here, not when a station says so.
    """
    folded = "".join(filter(str.isalnum, word)).casefold()
    if folded in _FAILED:
        return TransferState.FAILED
    if folded in _DONE and kind is TransferKind.FIRMWARE:
        return TransferState.DONE
    return TransferState.RUNNING if folded in _RUNNING | _DONE else None
