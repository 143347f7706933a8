"""What is said of a list that comes in: its kinds, columns and verdicts, and what is wrong with a row, in a few words.

    reason(problem)                  "same visible ID as row 2"
    field_name(Field.UID, ListKind.PASSES)
    counted(ListKind.PASSES, 249)    "249 passes"

To add a problem: one line in `ui/import_sentences.py`. Works without Qt, as `ui.strings` does.
"""

from collections.abc import Mapping

from app.domain.import_cells import Problem
from app.domain.import_fields import Field, ListKind
from ui.strings import sentence, tr

_FIELDS: Mapping[Field, str] = {
    Field.VISIBLE_ID: "Visible ID",
    Field.UID: "UID",
    Field.NAME: "Name",
    Field.EMAIL: "E-mail",
    Field.FIRST_NAME: "First name",
    Field.LAST_NAME: "Last name",
    Field.ROLE: "Role",
    Field.EXTERNAL_ID: "External ID",
    Field.ORGANIZATION: "Organization",
    Field.VALID_FROM: "Valid from",
    Field.VALID_UNTIL: "Valid until",
    Field.BLOCKED: "Blocked",
    Field.STATION_ID: "Station ID",
    Field.POOL: "Pool",
}
_OF_PASSES: Mapping[Field, str] = {Field.NAME: "Pass name", Field.EMAIL: "E-mail of passholder"}

_COUNTED: Mapping[ListKind, tuple[str, str]] = {
    ListKind.PASSES: ("1 pass", "{count} passes"),
    ListKind.MEMBERS: ("1 member", "{count} members"),
    ListKind.IDENTITIES: ("1 identity", "{count} identities"),
    ListKind.STATIONS: ("1 station", "{count} stations"),
}


def reason(problem: Problem) -> str:
    """What is wrong with a row, in a few words; a code without words is named, never hidden."""
    code = f"{problem.code}.{problem.field}" if problem.code == "duplicate_in_list" else problem.code
    return sentence(f"row.{code}", value=problem.value, other=problem.other, offered=problem.offered)


def field_name(wanted: Field, kind: ListKind) -> str:
    """The name of a column in a list of a kind."""
    words = _OF_PASSES.get(wanted) if kind is ListKind.PASSES else None
    return tr(words or _FIELDS[wanted])


def counted(kind: ListKind, count: int) -> str:
    """So many of what a list of a kind names."""
    one, several = _COUNTED[kind]
    return tr(one) if count == 1 else tr(several).format(count=number(count))


def number(count: int) -> str:
    """A number as it is read: its thousands apart."""
    return f"{count:,}".replace(",", "\u202f")
