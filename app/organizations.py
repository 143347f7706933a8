"""Organizations: whom identities, stations and pools belong to, and which passes each of them has set to Off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from app.bus import Bus
from app.database import history_rows, removal, schema
from app.database.replacement import Replacement, put_columns_back, replace_columns
from app.database.rows import insert_row, to_organization
from app.database.store import Store
from app.domain.drafts import clean_name
from app.domain.errors import AppError
from app.domain.events import OrganizationsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.model import Organization
from app.undo import Undo, put_back, taking_back

#: What is charged in where no organization says otherwise.
DEFAULT_CURRENCY = "EUR"
CURRENCY_LETTERS = 3


@dataclass(frozen=True, slots=True)
class OrganizationSummary:
    """An organization as a list shows it: `depth` 0 is the top, and the children follow their parent."""

    organization: Organization
    depth: int
    identities: int
    stations: int
    pools: int


class Organizations:
    def __init__(self, store: Store, bus: Bus, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock

    @property
    def is_single(self) -> bool:
        """Whether there is only the one that every site begins with: then nobody needs to see any of it."""
        return int(self._store.reader.execute(select(func.count()).select_from(schema.organizations)).scalar_one()) == 1

    def all(self) -> list[OrganizationSummary]:
        """The tree, from the top, siblings by name."""
        rows = self._store.reader.execute(select(schema.organizations, *_BELONGING)).mappings()
        children: dict[int | None, list[OrganizationSummary]] = {}
        for row in rows:
            summary = OrganizationSummary(to_organization(row), 0, row["identities"], row["stations"], row["pools"])
            children.setdefault(summary.organization.parent_id, []).append(summary)
        tree: list[OrganizationSummary] = []
        waiting = _backwards(children.get(None, []), 0)
        while waiting:
            tree.append(waiting.pop())
            waiting += _backwards(children.get(tree[-1].organization.id, []), tree[-1].depth + 1)
        return tree

    def require(self, organization_id: int) -> Organization:
        """Raises AppError `organization_unknown`."""
        return _organization(self._store.reader, organization_id)

    def find(self, name: str) -> Organization | None:
        """The organization of this name in whatever case, or None."""
        wanted = clean_name(name).casefold()
        return next((each for each in _organizations(self._store.reader) if each.name.casefold() == wanted), None)

    def currency(self, organization_id: int) -> str:
        """The currency (ISO 4217) of an organization: its own, else that of the nearest above it.

        Raises AppError `organization_unknown`.
        """
        return currency_of(self._store.reader, organization_id)

    def within(self, organization_id: int) -> frozenset[int]:
        """An organization and all below it; those of one that is gone: none."""
        return _within(self._store.reader, organization_id)

    async def create(
        self, name: str, parent_id: int | None = schema.FIRST_ORGANIZATION, currency: str = ""
    ) -> Organization:
        """A new organization below another, or with None at the top.

        Raises AppError `organization_name_empty`, `organization_name_taken`, `name_too_long`, `currency_unknown`,
        `organization_unknown`.
        """
        wanted = _cleaned(Organization(0, name, parent_id, currency))

        def write(connection: Connection) -> int:
            _refuse_misplaced(connection, wanted)
            return insert_row(connection, insert(schema.organizations).values(**_values(wanted)))

        organization_id = await self._store.write(write)
        self._bus.publish(OrganizationsChanged())
        return replace(wanted, id=organization_id)

    async def change(self, wanted: Organization) -> Undo:
        """Rename an organization, move it in the tree or change its currency.

        Raises AppError as `create` does, and `organization_below_itself`.
        """
        cleaned = _cleaned(wanted)

        def write(connection: Connection) -> Replacement:
            _organization(connection, cleaned.id)
            _refuse_misplaced(connection, cleaned)
            return replace_columns(connection, schema.organizations, [cleaned.id], _values(cleaned))

        replaced = await self._store.write(write)
        self._bus.publish(OrganizationsChanged())

        def take_back(connection: Connection) -> None:
            put_columns_back(connection, replaced)
            _refuse_misplaced(connection, _organization(connection, cleaned.id))

        return taking_back(self._store, self._bus, take_back, OrganizationsChanged())

    async def remove(self, organization_id: int) -> Undo:
        """Remove an organization to which nothing belongs any more.

        Raises AppError `organization_unknown`, `organization_in_use` (with what still belongs to it),
        `organization_is_first`.
        """

        def write(connection: Connection) -> removal.Removal:
            organization = _organization(connection, organization_id)
            if organization_id == schema.FIRST_ORGANIZATION:
                raise AppError("organization_is_first")
            own = schema.organizations.c.id == organization_id
            belonging = connection.execute(select(*_BELONGING).where(own)).one()
            below = len(_within(connection, organization_id)) - 1
            if any(belonging) or below:
                raise AppError(
                    "organization_in_use", name=organization.name, organizations=below, **belonging._asdict()
                )
            return removal.remove(connection, schema.organizations, [organization_id])

        taken = await self._store.write(write)
        self._bus.publish(OrganizationsChanged())

        def check(connection: Connection) -> None:
            _refuse_misplaced(connection, _organization(connection, organization_id))

        return put_back(self._store, self._bus, taken, OrganizationsChanged(), also=check)

    def passes_off(self, organization_id: int) -> frozenset[int]:
        """The passes that an organization has set to Off: they open none of the stations allocated to it."""
        rows = schema.passes_off.c
        query = select(rows.pass_id).where(rows.organization_id == organization_id)
        return frozenset(self._store.reader.scalars(query))

    async def set_passes(self, organization_id: int, pass_ids: Sequence[int], *, on: bool) -> Undo:
        """Set passes to Whitelist (`on`) or Off at the stations of one organization, from the next tap on.

        Raises AppError `organization_unknown`, `pass_unknown`.
        """
        now = self._clock()
        try:
            wanted = await self._store.write(
                lambda connection: _set_passes(connection, now, Origin.BY_HAND, organization_id, pass_ids, on=on)
            )
        except IntegrityError as error:
            raise AppError("pass_unknown") from error
        self._bus.publish(OrganizationsChanged())

        def take_back(connection: Connection) -> None:
            _set_passes(connection, self._clock(), Origin.UNDO, organization_id, wanted, on=not on)

        return taking_back(self._store, self._bus, take_back, OrganizationsChanged())


def only_organization(connection: Connection) -> int | None:
    """Within a transaction that does more: the one organization there is; None when there are several."""
    ids = list(connection.scalars(select(schema.organizations.c.id).limit(2)))
    return ids[0] if len(ids) == 1 else None


def currency_of(connection: Connection, organization_id: int) -> str:
    """As `Organizations.currency`, within a transaction."""
    organization = _organization(connection, organization_id)
    while not organization.currency and organization.parent_id is not None:
        organization = _organization(connection, organization.parent_id)
    return organization.currency or DEFAULT_CURRENCY


def _organization(connection: Connection, organization_id: int) -> Organization:
    row = connection.execute(select(schema.organizations).filter_by(id=organization_id)).mappings().first()
    if row is None:
        raise AppError("organization_unknown")
    return to_organization(row)


def _organizations(connection: Connection) -> list[Organization]:
    return [to_organization(row) for row in connection.execute(select(schema.organizations)).mappings()]


def _within(connection: Connection, organization_id: int) -> frozenset[int]:
    rows = schema.organizations.c
    found = select(rows.id).where(rows.id == organization_id).cte(recursive=True)
    # UNION, not UNION ALL: it ends even where a loop should ever be.
    found = found.union(select(rows.id).join(found, rows.parent_id == found.c.id))
    return frozenset(connection.scalars(select(found.c.id)))


def _cleaned(wanted: Organization) -> Organization:
    name, currency = clean_name(wanted.name), wanted.currency.strip().upper()
    if not name:
        raise AppError("organization_name_empty")
    if currency and not (len(currency) == CURRENCY_LETTERS and currency.isascii() and currency.isalpha()):
        raise AppError("currency_unknown", currency=currency)
    return replace(wanted, name=name, currency=currency)


def _refuse_misplaced(connection: Connection, wanted: Organization) -> None:
    """What the tree does not take, whether `wanted` stands in it already or not."""
    others = (each.name.casefold() for each in _organizations(connection) if each.id != wanted.id)
    if wanted.name.casefold() in others:
        raise AppError("organization_name_taken", name=wanted.name)
    if wanted.parent_id is not None:
        _organization(connection, wanted.parent_id)
        if wanted.parent_id in _within(connection, wanted.id):
            raise AppError("organization_below_itself", name=wanted.name)


def _set_passes(
    connection: Connection,
    at: datetime,
    origin: Origin,
    organization_id: int,
    pass_ids: Sequence[int],
    *,
    on: bool,
) -> list[int]:
    """Gives those that were not so before."""
    organization, rows = _organization(connection, organization_id), schema.passes_off
    off = set(connection.scalars(select(rows.c.pass_id).where(rows.c.organization_id == organization_id)))
    wanted = [pass_id for pass_id in dict.fromkeys(pass_ids) if (pass_id in off) is on]
    if wanted:
        values = [{"organization": organization_id, "pass": pass_id} for pass_id in wanted]
        organization_is, pass_is = bindparam("organization", type_=Integer), bindparam("pass", type_=Integer)
        these = delete(rows).where(rows.c.organization_id == organization_is, rows.c.pass_id == pass_is)
        new = insert(rows).values(organization_id=organization_is, pass_id=pass_is)
        connection.execute(these if on else new, values)
    kind = ChangeKind.PASS_ON if on else ChangeKind.PASS_OFF
    history_rows.note_passes(connection, at, kind, origin, wanted, organization.name)
    return wanted


def _backwards(siblings: Sequence[OrganizationSummary], depth: int) -> list[OrganizationSummary]:
    by_name = sorted(siblings, key=lambda summary: summary.organization.name.casefold(), reverse=True)
    return [replace(each, depth=depth) for each in by_name]


def _values(organization: Organization) -> dict[str, object]:
    return {"name": organization.name, "parent_id": organization.parent_id, "currency": organization.currency}


_BELONGING = [
    select(func.count())
    .select_from(table)
    .where(column == schema.organizations.c.id)
    .scalar_subquery()
    .label(table.name)
    for table, column in (
        (schema.identities, schema.identities.c.organization_id),
        (schema.stations, schema.stations.c.host_id),
        (schema.pools, schema.pools.c.organization_id),
    )
]
