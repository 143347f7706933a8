"""A list of passes: which are new, which change, and which a complete list would remove."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.domain.ids import Uid, VisibleId, canonical_uid, canonical_visible_id
from app.domain.import_cells import Cells, Problem
from app.domain.import_fields import Columns, Field
from app.domain.import_plan import Choices, FirstSeen, ImportPlan, PlannedRow, judged, rows_below
from app.domain.sheets import Kinds, Row

# Looked up once: before Python 3.12, naming a member of an enum takes longer than comparing a cell.
_VISIBLE_ID, _UID, _NAME = Field.VISIBLE_ID, Field.UID, Field.NAME
_VALID_FROM, _VALID_UNTIL, _BLOCKED = Field.VALID_FROM, Field.VALID_UNTIL, Field.BLOCKED


class Card(NamedTuple):
    """A pass as a list names it. `id` is that of the pass there is; an empty e-mail is no holder, `blocked` None says
    nothing, and the days are both days of validity."""

    uid: Uid | None
    visible_id: VisibleId | None
    name: str
    email: str
    valid_from: date | None = None
    valid_until: date | None = None
    blocked: bool | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ExistingPasses:
    """What there is: every pass, further UIDs that operators linked to passes, and the identities' e-mail addresses."""

    cards: Sequence[Card] = ()
    linked: Mapping[Uid, int] = field(default_factory=dict)
    emails: frozenset[str] = frozenset()


def plan_passes(
    rows: Sequence[Row],
    columns: Columns,
    existing: ExistingPasses,
    choices: Choices | None = None,
    kinds: Kinds | None = None,
) -> ImportPlan[Card]:
    """Plan a list of passes. `kinds` tells of the cells that were not text in the file."""
    return _Planner(existing, choices or Choices()).plan(rows, columns, kinds or {})


class _Planner:
    def __init__(self, existing: ExistingPasses, choices: Choices) -> None:
        self._choices = choices
        self._cards = existing.cards
        self._known = PassIndex(existing.cards, existing.linked)
        self._emails = {email.casefold() for email in existing.emails}
        self._first_seen = FirstSeen()
        self._named: set[int | None] = set()
        self._new_emails: dict[str, str] = {}

    def plan(self, rows: Sequence[Row], columns: Columns, kinds: Kinds) -> ImportPlan[Card]:
        planned = tuple(self._row(at, cells) for at, cells in rows_below(rows, columns, kinds))
        is_complete = self._choices.complete_list
        removed = tuple(card for card in self._cards if card.id not in self._named) if is_complete else ()
        return ImportPlan(planned, removed, tuple(self._new_emails.values()))

    def _row(self, at: int, cells: Cells) -> PlannedRow[Card]:
        card = read_card(cells)
        visible_key = canonical_visible_id(card.visible_id) if card.visible_id else ""
        found = self._known.find(card.uid, visible_key)
        if not card.uid and not visible_key and not cells.problems:
            cells.problems.append(Problem("row_without_id"))
        self._note_duplicates(at, cells, card, visible_key, found)
        self._note_email(cells, card.email)
        if self._choices.complete_list:
            self._named.update(self._known.perhaps_named(cells))
        before = found[0] if len(found) == 1 else None
        planned = judged(at, cells, before, card, self._merged, _replaced)
        if planned.is_carried_out and planned.after and planned.after.email:
            folded = planned.after.email.casefold()
            if folded not in self._emails:
                self._new_emails.setdefault(folded, planned.after.email)
        return planned

    def _note_duplicates(self, at: int, cells: Cells, card: Card, visible_key: str, found: Sequence[Card]) -> None:
        self._note_earlier(at, cells, _UID, card.uid)
        self._note_earlier(at, cells, _VISIBLE_ID, visible_key)
        for there in found:
            self._note_earlier(at, cells, None, there.id)
        if len(found) > 1:
            titles = " / ".join(there.name or there.visible_id or there.uid or "" for there in found)
            cells.problems.append(Problem("ids_of_two_passes", other=titles))

    def _note_earlier(self, at: int, cells: Cells, column: Field | None, value: object) -> None:
        earlier = self._first_seen.earlier(at, column, value) if value else None
        if earlier and not any(problem.other == earlier.other for problem in cells.problems):
            cells.problems.append(earlier)

    def _note_email(self, cells: Cells, email: str) -> None:
        if email:
            if not self._choices.create_identities and email.casefold() not in self._emails:
                cells.problems.append(Problem("email_unknown", Field.EMAIL, value=email))
        elif self._choices.email_required and not cells.has_error(Field.EMAIL):
            cells.problems.append(Problem("email_missing", Field.EMAIL))

    def _merged(self, before: Card, named: Card) -> Card:
        """The pass as it would be: an empty cell leaves what there is, and a linked UID stays a link."""
        is_linked = named.uid is not None and self._known.find(named.uid, "") == [before]
        keeps_visible = not named.visible_id or _same_id(before.visible_id, named.visible_id)
        keeps_email = not named.email or named.email.casefold() == before.email.casefold()
        return before._replace(
            uid=before.uid if is_linked else named.uid or before.uid,
            visible_id=before.visible_id if keeps_visible else named.visible_id,
            name=named.name or before.name,
            email=before.email if keeps_email else named.email,
            valid_from=named.valid_from or before.valid_from,
            valid_until=named.valid_until or before.valid_until,
            blocked=before.blocked if named.blocked is None else named.blocked,
        )


class PassIndex:
    """The passes there are, by each of their IDs."""

    def __init__(self, cards: Sequence[Card], linked: Mapping[Uid, int]) -> None:
        by_id = {card.id: card for card in cards}
        self._by_uid = {card.uid: card for card in cards if card.uid is not None}
        self._by_uid |= {uid: by_id[pass_id] for uid, pass_id in linked.items() if pass_id in by_id}
        self._by_visible = {canonical_visible_id(card.visible_id): card for card in cards if card.visible_id}

    def find(self, uid: Uid | None, visible_key: str) -> list[Card]:
        """The pass of this UID and that of this visible ID; one when they are the same, as they should be."""
        by_uid = self._by_uid.get(uid) if uid else None
        by_visible = self._by_visible.get(visible_key) if visible_key else None
        if by_uid is by_visible or by_visible is None:
            return [by_uid] if by_uid else []
        return [by_uid, by_visible] if by_uid else [by_visible]

    def perhaps_named(self, cells: Cells) -> Iterator[int | None]:
        """The passes that a row may mean, even one with errors: a complete list does not remove them for those."""
        for text in (cells.text(Field.UID), cells.text(Field.VISIBLE_ID)):
            for card in (self._by_uid.get(canonical_uid(text)), self._by_visible.get(canonical_visible_id(text))):
                if card is not None:
                    yield card.id


def read_card(cells: Cells) -> Card:
    """A row as a pass, as far as it can be read."""
    return Card(
        cells.uid(),
        cells.visible_id(),
        cells.name(_NAME),
        cells.email(),
        cells.day(_VALID_FROM),
        cells.day(_VALID_UNTIL),
        cells.flag(_BLOCKED),
    )


def _same_id(one: VisibleId | None, other: VisibleId) -> bool:
    return one is not None and canonical_visible_id(one) == canonical_visible_id(other)


def _replaced(before: Card, after: Card) -> Iterator[Problem]:
    """What a list may well mean and an operator should look at: another card, another number, another holder."""
    for column, code, old, new in (
        (Field.UID, "uid_replaced", before.uid, after.uid),
        (Field.VISIBLE_ID, "visible_id_replaced", before.visible_id, after.visible_id),
        (Field.EMAIL, "belongs_to_other", before.email, after.email),
    ):
        if old and old != new:
            yield Problem(code, column, is_error=False, value=str(new), other=str(old))
