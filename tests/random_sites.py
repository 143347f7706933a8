"""Sites made by chance, as rows of a real database: small, crowded, and full of odd combinations."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, update

from app.database import schema

NOW = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)

#: Few UIDs, so that passes, links and taps meet; each in the spelling a reader may send it in.
UIDS = ("04A2246F", "6F24A204", "0400A2246F5180", "VID:00AABBCCDD01", "Ä-КАРТА")
SPELLINGS = {
    "04A2246F": ("04A2246F", "04a2246f", "04:A2:24:6F", " 04a2-246f\x00"),
    "6F24A204": ("6f24a204",),
    "0400A2246F5180": ("0400a2246f5180", "04 00 A2 24 6F 51 80"),
    "VID:00AABBCCDD01": ("vid:00aabbccdd01",),
    "Ä-КАРТА": ("ä-карта",),
}
STATIONS = ("CP-1", "cp-2", "RDAM 123")
#: What is typed on keypads; the last is never a PIN of any pool.
DIGITS = ("1234", "0042", "7654321", "9999")
AROUND = tuple(NOW + timedelta(milliseconds=ms) for ms in (-1000, -1, 0, 1, 1000))


def fill(connection, random):
    """Put a site of chance in place of the one that is there."""
    for table in reversed(schema.metadata.sorted_tables):
        if table is not schema.organizations:
            connection.execute(delete(table))
    organization = schema.organizations
    connection.execute(update(organization).values(parent_id=None))
    connection.execute(delete(organization).where(organization.c.id != schema.FIRST_ORGANIZATION))
    organizations = _organizations(connection, random)
    identities = _identities(connection, random, organizations)
    passes = _passes(connection, random, identities)
    pools = _pools(connection, random, organizations)
    _members(connection, random, pools, identities, passes)
    _passes_off(connection, random, organizations, passes)
    pins = _pins(connection, random, pools)
    _stations(connection, random, pools, organizations)
    _history(connection, random, identities, passes, pins)
    _requests(connection, random, pools, passes)


def some(random, things):
    """A few of them, none or all, in any order."""
    things = list(things)
    random.shuffle(things)
    return things[: random.randint(0, len(things))]


def most(random, things):
    """All of them, but now and then one is missing."""
    return [thing for thing in things if random.random() < 0.9]


def moment(random):
    """Mostly none, else a moment on either side of NOW or exactly there."""
    return random.choice([*[None] * 18, *AROUND])


def _organizations(connection, random):
    ids = [schema.FIRST_ORGANIZATION]
    for number in some(random, range(2, 4)):
        parent = random.choice([None, *ids])
        connection.execute(insert(schema.organizations).values(id=number, name=f"House {number}", parent_id=parent))
        ids.append(number)
    return ids


def _identities(connection, random, organizations):
    ids = most(random, range(1, 5))
    for number in ids:
        connection.execute(
            insert(schema.identities).values(
                id=number,
                first_name=random.choice(["", "Ann", "Ωmar"]),
                last_name=random.choice(["", "de Vries"]),
                email=f"p{number}@example.com",
                role=random.choice(["cardholder", "administrator"]),
                organization_id=random.choice(organizations),
                valid_from=moment(random),
                valid_until=moment(random),
                created_at=NOW,
            )
        )
    return ids


def _passes(connection, random, identities):
    free_uids, ids = most(random, UIDS), most(random, range(1, 6))
    for number in ids:
        uid = free_uids.pop() if free_uids and random.random() < 0.9 else None
        visible = f"NL-TNM-00000{number}" if uid is None or random.random() < 0.5 else None
        connection.execute(
            insert(schema.passes).values(
                id=number,
                uid=uid,
                visible_id=visible,
                visible_key=visible and visible.replace("-", ""),
                name=random.choice(["", "Van 3"]),
                identity_id=random.choice([None, *identities]),
                blocked=random.random() < 0.1,
                valid_from=moment(random),
                valid_until=moment(random),
                created_at=NOW,
            )
        )
    for uid in free_uids:
        if ids and random.random() < 0.6:
            connection.execute(insert(schema.linked_uids).values(uid=uid, pass_id=random.choice(ids), linked_at=NOW))
    return ids


def _pools(connection, random, organizations):
    ids = most(random, range(1, 4))
    for number in ids:
        level = random.choice(["public", "private", "restricted", "by_list"])
        connection.execute(
            insert(schema.pools).values(
                id=number,
                name=f"Pool {number}",
                level=level,
                free_vend=level == "public" and random.random() < 0.3,
                published=level == "by_list" and random.random() < 0.5,
                takes_requests=level == "restricted" and random.random() < 0.5,
                passes_stop_each_other=random.random() < 0.5,
                session_limit=random.choice([None, 1, 1, 2]),
                organization_id=random.choice(organizations),
            )
        )
    return ids


def _members(connection, random, pools, identities, passes):
    ends = (None, *AROUND[1:], NOW + timedelta(hours=1))
    for pool in pools:
        if random.random() < 0.3:
            continue
        wanted = random.choice([some, most])
        listed = [{"identity_id": identity} for identity in wanted(random, identities)]
        listed += [{"pass_id": card} for card in wanted(random, passes)]
        for member in listed:
            values = {"pool_id": pool, "added_at": NOW, "valid_until": random.choice(ends)}
            connection.execute(insert(schema.members).values(**member, **values))


def _passes_off(connection, random, organizations, passes):
    for organization in organizations:
        for card in passes:
            if random.random() < 0.15:
                connection.execute(insert(schema.passes_off).values(organization_id=organization, pass_id=card))


def _pins(connection, random, pools):
    """PINs whose digest is their digits: whoever tries them here need not wait for a hash."""
    ids = []
    for pool in pools:
        for digits in some(random, DIGITS[:-1]):
            ids.append(len(ids) + 1)
            connection.execute(
                insert(schema.pins).values(
                    id=ids[-1],
                    pool_id=pool,
                    name=f"PIN {ids[-1]}",
                    digits=len(digits),
                    salt=b"",
                    digest=digits.encode(),
                    valid_from=moment(random),
                    valid_until=moment(random),
                    uses=random.choice([None, 1, 2]),
                    created_at=NOW,
                )
            )
    return ids


def _stations(connection, random, pools, organizations):
    for station_id in most(random, STATIONS):
        connection.execute(
            insert(schema.stations).values(
                station_id=station_id,
                name=random.choice(["", "Garage left"]),
                registration=random.choice([*["accepted"] * 18, "pending", "rejected"]),
                pool_id=random.choice([None, *pools * 5]),
                host_id=random.choice([None, *organizations]),
            )
        )


def _history(connection, random, identities, passes, pins):
    for number in most(random, range(1, 9)):
        pin = random.choice([None, None, None, *pins])
        connection.execute(
            insert(schema.sessions).values(
                id=number,
                station_id=random.choice(STATIONS),
                station_name="",
                connector_id=1,
                raw_id_tag="04a2246f",
                uid="04A2246F",
                pass_id=random.choice([None, *passes * 2]) if pin is None else None,
                identity_id=random.choice([None, *identities]),
                pin_id=pin,
                holder="",
                pool_name="",
                status=random.choice(["Accepted", "Accepted", "Invalid"]),
                reason="pass_is_member",
                reported_start="",
                started_at=NOW - random.choice([timedelta(0), timedelta(days=2), timedelta(days=3), timedelta(days=4)]),
                stopped_at=random.choice([None, None, None, NOW]),
                power_w=random.choice([None, 0.1 + 0.2]),
                stored_at=NOW,
            )
        )
        connection.execute(
            insert(schema.meter_values).values(
                station_id=random.choice(STATIONS), connector_id=1, session_id=number, at=NOW, sampled=f"[{number}]"
            )
        )
        connection.execute(
            insert(schema.taps).values(
                at=NOW,
                station_id=random.choice(STATIONS),
                station_name="",
                raw_id_tag="04a2246f",
                uid="04A2246F",
                source="Authorize",
                status="Accepted",
                reason="pass_is_member",
                trail="[]",
                pass_id=random.choice([None, *passes]),
                holder="",
                pool_name="",
            )
        )
    for card in some(random, passes):
        connection.execute(
            insert(schema.seen_forms).values(
                pass_id=card, station_id="CP-1", raw_id_tag="04a2246f", first_seen_at=NOW, last_seen_at=NOW
            )
        )


def _requests(connection, random, pools, passes):
    for pool in pools:
        for uid in some(random, UIDS):
            connection.execute(
                insert(schema.access_requests).values(
                    pool_id=pool,
                    uid=uid,
                    raw_id_tag=uid,
                    pass_id=random.choice([None, *passes]),
                    station_id=random.choice(STATIONS),
                    station_name="",
                    first_at=NOW,
                    last_at=NOW,
                    state=random.choice(["pending", "approved", "denied"]),
                )
            )


def dump(connection):
    """Every row of every table as the file holds it."""
    driver = connection.connection.driver_connection
    return {
        table.name: sorted(driver.execute(f"select * from {table.name}").fetchall(), key=repr)
        for table in schema.metadata.sorted_tables
    }
