"""What can be written to a file, in whose words, and in which formats."""

from collections.abc import Mapping
from enum import StrEnum


class FileFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    JSON_LINES = "jsonl"


class ExportKind(StrEnum):
    """What can be written to a file."""

    PASSES = "passes"
    IDENTITIES = "identities"
    MEMBERS = "members"
    STATIONS = "stations"
    SESSIONS = "sessions"
    TAPS = "taps"
    MESSAGES = "messages"


class ExportForm(StrEnum):
    """How much of it, and in whose words.

    MAXEM are the four columns that Maxem imports passes by. EV_PORTAL is the one column that EV Portal imports charge
    tokens by, "Auth ID": the visible ID, since that system tells the Auth ID from the Chip ID (its word for the UID);
    a pass without a visible ID is named by its UID, as an external token may be by any text.
    """

    ALL = "all"
    MAXEM = "maxem"
    EV_PORTAL = "ev-portal"


#: The forms of each kind beside ALL.
FORMS: Mapping[ExportKind, tuple[ExportForm, ...]] = {
    ExportKind.PASSES: (ExportForm.MAXEM, ExportForm.EV_PORTAL),
    ExportKind.MEMBERS: (ExportForm.MAXEM, ExportForm.EV_PORTAL),
}


def formats_of(kind: ExportKind, form: ExportForm) -> tuple[FileFormat, ...]:
    """What it can be written as; the usual one first."""
    if form is ExportForm.EV_PORTAL:
        return (FileFormat.CSV,)
    if form is ExportForm.MAXEM:
        return (FileFormat.XLSX, FileFormat.CSV)
    if kind is ExportKind.MESSAGES:
        # A message may be longer than a cell of a spreadsheet can be.
        return (FileFormat.JSON_LINES, FileFormat.CSV)
    return (FileFormat.XLSX, FileFormat.CSV, FileFormat.JSON_LINES)
