"""A list of a pool's members: cards by one of their IDs, people by their e-mail address."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.domain.ids import Uid, VisibleId, canonical_visible_id
from app.domain.import_cells import Cells, Problem
from app.domain.import_fields import Columns, Field
from app.domain.import_passes import ExistingPasses, PassIndex
from app.domain.import_plan import Choices, FirstSeen, ImportPlan, PlannedRow, judged, rows_below
from app.domain.sheets import Kinds, Row


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as a list names it: a pass (`pass_id` None: one to be made), or the identity with this address.

    `is_member` tells whether it is one; `valid_until` is the last day of it.
    """

    uid: Uid | None
    visible_id: VisibleId | None
    name: str
    email: str
    valid_until: date | None = None
    pass_id: int | None = None
    is_member: bool = True

    @property
    def is_pass(self) -> bool:
        return self.uid is not None or self.visible_id is not None


@dataclass(frozen=True, slots=True)
class ExistingMembers:
    """The passes and identities there are, and which of them are members, each with its last day."""

    passes: ExistingPasses
    pass_members: dict[int, date | None]
    email_members: dict[str, date | None]


def plan_members(
    rows: Sequence[Row],
    columns: Columns,
    existing: ExistingMembers,
    choices: Choices | None = None,
    kinds: Kinds | None = None,
) -> ImportPlan[Entry]:
    """Plan a list of members. A complete list removes the members that are not in it; the passes stay."""
    return _Planner(existing, choices or Choices()).plan(rows, columns, kinds or {})


class _Planner:
    def __init__(self, existing: ExistingMembers, choices: Choices) -> None:
        self._existing = existing
        self._choices = choices
        self._known = PassIndex(existing.passes.cards, existing.passes.linked)
        self._emails = {email.casefold(): email for email in existing.passes.emails}
        self._email_members = {email.casefold(): day for email, day in existing.email_members.items()}
        self._first_seen = FirstSeen()
        self._named_passes: set[int | None] = set()
        self._named_emails: set[str] = set()
        self._new_emails: dict[str, str] = {}

    def plan(self, rows: Sequence[Row], columns: Columns, kinds: Kinds) -> ImportPlan[Entry]:
        planned = tuple(self._row(at, cells) for at, cells in rows_below(rows, columns, kinds))
        removed = tuple(self._removed()) if self._choices.complete_list else ()
        return ImportPlan(planned, removed, tuple(self._new_emails.values()))

    def _row(self, at: int, cells: Cells) -> PlannedRow[Entry]:
        named = Entry(
            *cells.ids(),
            cells.name(Field.NAME),
            cells.email(),
            cells.day(Field.VALID_UNTIL),
        )
        self._named_passes.update(self._known.perhaps_named(cells))
        if not named.is_pass:
            self._named_emails.add(named.email.casefold())
        before, named = self._pass(at, cells, named) if named.is_pass else self._identity(at, cells, named)
        planned = judged(at, cells, before, named, _merged, _nothing_to_note)
        folded = named.email.casefold()
        if planned.is_carried_out and folded and folded not in self._emails:
            self._new_emails.setdefault(folded, named.email)
        return planned

    def _pass(self, at: int, cells: Cells, named: Entry) -> tuple[Entry | None, Entry]:
        visible_key = canonical_visible_id(named.visible_id) if named.visible_id else ""
        found = self._known.find(named.uid, visible_key)
        if len(found) > 1:
            titles = " / ".join(card.name or card.visible_id or card.uid or "" for card in found)
            cells.problems.append(Problem("ids_of_two_passes", other=titles))
        card = found[0] if found else None
        for column, value in ((Field.UID, named.uid), (Field.VISIBLE_ID, visible_key), (None, card and card.id)):
            self._note_duplicate(at, cells, column, value)
        if card is None:
            self._note_email(cells, named)
            return None, named
        known = Entry(card.uid, card.visible_id, card.name, card.email, named.valid_until, card.id)
        members = self._existing.pass_members
        if card.id is None or card.id not in members:
            return None, known
        return replace(known, valid_until=members[card.id]), known

    def _identity(self, at: int, cells: Cells, named: Entry) -> tuple[Entry | None, Entry]:
        folded = named.email.casefold()
        if not folded:
            if not cells.problems:
                cells.problems.append(Problem("row_without_member"))
            return None, named
        self._note_email(cells, named)
        self._note_duplicate(at, cells, Field.EMAIL, folded)
        known = replace(named, email=self._emails.get(folded, named.email), name="")
        if folded not in self._email_members:
            return None, known
        return replace(known, valid_until=self._email_members[folded]), known

    def _note_email(self, cells: Cells, named: Entry) -> None:
        is_known = named.email.casefold() in self._emails
        if named.email and not is_known and not self._choices.create_identities:
            cells.problems.append(Problem("email_unknown", Field.EMAIL, value=named.email))

    def _note_duplicate(self, at: int, cells: Cells, column: Field | None, value: object) -> None:
        problem = self._first_seen.earlier(at, column, value) if value else None
        if problem:
            cells.problems.append(problem)

    def _removed(self) -> Iterator[Entry]:
        for card in self._existing.passes.cards:
            if card.id in self._existing.pass_members and card.id not in self._named_passes:
                yield Entry(card.uid, card.visible_id, card.name, card.email, pass_id=card.id)
        for email in self._existing.email_members:
            if email.casefold() not in self._named_emails:
                yield Entry(None, None, "", email)


def _merged(before: Entry, named: Entry) -> Entry:
    return replace(before, valid_until=named.valid_until or before.valid_until)


def _nothing_to_note(_before: Entry, _after: Entry) -> Iterator[Problem]:
    return iter(())
