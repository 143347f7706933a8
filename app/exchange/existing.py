"""What there is, as the plan of a list compares it: read at once, in the caller's transaction or outside one."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from app.database import schema
from app.domain.ids import Uid
from app.domain.import_identities import Person
from app.domain.import_members import ExistingMembers
from app.domain.import_passes import Card, ExistingPasses
from app.domain.import_stations import Box
from app.domain.model import Registration
from app.domain.visible_ids import VisibleId


def passes(connection: Connection) -> ExistingPasses:
    """Every pass with its holder's address, every linked UID, every identity's address."""
    card, identity, linked = schema.passes.c, schema.identities.c, schema.linked_uids.c
    rows = connection.execute(
        select(
            card.uid,
            card.visible_id,
            card.name,
            func.coalesce(identity.email, ""),
            card.valid_from,
            card.valid_until,
            card.blocked,
            card.id,
        )
        .select_from(schema.passes.outerjoin(schema.identities))
        .order_by(card.id)
    )
    cards = [
        Card(
            Uid(uid) if uid else None,
            VisibleId(visible_id) if visible_id else None,
            name,
            email,
            first_day(valid_from),
            last_day(valid_until),
            blocked,
            pass_id,
        )
        for uid, visible_id, name, email, valid_from, valid_until, blocked, pass_id in rows
    ]
    links = {Uid(row.uid): row.pass_id for row in connection.execute(select(linked.uid, linked.pass_id))}
    return ExistingPasses(cards, links, frozenset(connection.scalars(select(identity.email))))


def members(connection: Connection, pool_id: int) -> ExistingMembers:
    """The passes there are, and the members of one pool."""
    member, identity = schema.members.c, schema.identities.c
    own = (
        select(member.pass_id, identity.email, member.valid_until)
        .select_from(schema.members.outerjoin(schema.identities, identity.id == member.identity_id))
        .where(member.pool_id == pool_id)
    )
    pass_members: dict[int, date | None] = {}
    email_members: dict[str, date | None] = {}
    for row in connection.execute(own):
        if row.pass_id is None:
            email_members[row.email] = last_day(row.valid_until)
        else:
            pass_members[row.pass_id] = last_day(row.valid_until)
    return ExistingMembers(passes(connection), pass_members, email_members)


def identities(connection: Connection) -> list[Person]:
    """Every identity, with the name of its organization."""
    row, organization = schema.identities.c, schema.organizations.c
    rows = connection.execute(
        select(schema.identities, organization.name).join(schema.organizations, organization.id == row.organization_id)
    )
    return [
        Person(
            each.email,
            each.first_name,
            each.last_name,
            each.role,
            each.external_id or "",
            each.name,
            first_day(each.valid_from),
            last_day(each.valid_until),
            each.id,
        )
        for each in rows
    ]


def stations(connection: Connection) -> list[Box]:
    """Every station, with the names of its pool and its host."""
    row, pool, host = schema.stations.c, schema.pools.c, schema.organizations.c
    rows = connection.execute(
        select(row.station_id, row.name, func.coalesce(pool.name, ""), func.coalesce(host.name, ""), row.registration)
        .select_from(schema.stations.outerjoin(schema.pools, pool.id == row.pool_id))
        .outerjoin(schema.organizations, host.id == row.host_id)
    )
    accepted = Registration.ACCEPTED.value
    return [Box(station_id, name, pool, host, state == accepted) for station_id, name, pool, host, state in rows]


def pool_ids(connection: Connection) -> dict[str, int]:
    """Every pool's id by its name."""
    return {row.name: row.id for row in connection.execute(select(schema.pools.c.name, schema.pools.c.id))}


def organization_ids(connection: Connection) -> dict[str, int]:
    """Every organization's id by its name."""
    rows = connection.execute(select(schema.organizations.c.name, schema.organizations.c.id))
    return {row.name: row.id for row in rows}


def first_day(begins: datetime | None) -> date | None:
    """The first day of validity where this machine is."""
    return begins.astimezone().date() if begins else None


def last_day(ends: datetime | None) -> date | None:
    """The last day of validity where this machine is: the end itself is no longer valid."""
    return (ends - timedelta(milliseconds=1)).astimezone().date() if ends else None


def begins_with(day: date | None) -> datetime | None:
    """The moment at which a day begins here."""
    return datetime.combine(day, time()).astimezone() if day else None


def ends_after(day: date | None) -> datetime | None:
    """The moment at which a day is over here."""
    return begins_with(day + timedelta(days=1)) if day else None
