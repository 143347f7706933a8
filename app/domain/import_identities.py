"""A list of identities; the e-mail address is the key. Nothing is removed: an identity takes its passes with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.domain.import_cells import Cells, Problem
from app.domain.import_fields import Columns, Field
from app.domain.import_plan import FirstSeen, ImportPlan, PlannedRow, judged, rows_below
from app.domain.model import Role
from app.domain.sheets import Kinds, Row

#: In the words of the four languages and of other systems, as text that `Role` knows.
_ROLES: Mapping[str, str] = {
    **{role.value: role.value for role in Role},
    **dict.fromkeys(("admin", "beheerder", "administrateur", "verwalter"), Role.ADMINISTRATOR.value),
    **dict.fromkeys(("pashouder", "user", "driver", "karteninhaber", "titulaire"), Role.CARDHOLDER.value),
}


@dataclass(frozen=True, slots=True)
class Person:
    """An identity as a list names it; an empty text says nothing, the days are both days of validity."""

    email: str
    first_name: str = ""
    last_name: str = ""
    role: str = ""
    external_id: str = ""
    organization: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    id: int | None = None


def plan_identities(
    rows: Sequence[Row],
    columns: Columns,
    existing: Sequence[Person],
    organizations: Sequence[str] = (),
    kinds: Kinds | None = None,
) -> ImportPlan[Person]:
    """Plan a list of identities. `organizations` are the names of those there are."""
    planner = _Planner(existing, organizations)
    return ImportPlan(tuple(planner.row(at, cells) for at, cells in rows_below(rows, columns, kinds or {})))


class _Planner:
    def __init__(self, existing: Sequence[Person], organizations: Sequence[str]) -> None:
        self._known = {person.email.casefold(): person for person in existing}
        self._organizations = {name.casefold(): name for name in organizations}
        self._first_seen = FirstSeen()

    def row(self, at: int, cells: Cells) -> PlannedRow[Person]:
        named = Person(
            cells.email(),
            cells.name(Field.FIRST_NAME),
            cells.name(Field.LAST_NAME),
            cells.choice(Field.ROLE, _ROLES, "role_unknown"),
            cells.name(Field.EXTERNAL_ID),
            cells.choice(Field.ORGANIZATION, self._organizations, "organization_unknown"),
            cells.day(Field.VALID_FROM),
            cells.day(Field.VALID_UNTIL),
        )
        folded = named.email.casefold()
        if not folded and not cells.has_error(Field.EMAIL):
            cells.problems.append(Problem("email_missing", Field.EMAIL))
        problem = self._first_seen.earlier(at, Field.EMAIL, folded) if folded else None
        if problem:
            cells.problems.append(problem)
        return judged(at, cells, self._known.get(folded), named, _merged, _nothing_to_note)


def _merged(before: Person, named: Person) -> Person:
    """The identity as it would be: an empty cell leaves what there is."""
    given = {
        name: getattr(named, name)
        for name in ("first_name", "last_name", "role", "external_id", "organization", "valid_from", "valid_until")
        if getattr(named, name)
    }
    return replace(before, **given)


def _nothing_to_note(_before: Person, _after: Person) -> Iterator[Problem]:
    return iter(())
