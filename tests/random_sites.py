"""Sites made by chance, as rows of a real database: small, crowded, and full of odd combinations."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert

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


def fill(connection, random):
    """Put a site of chance in place of the one that is there."""
    for table in reversed(schema.metadata.sorted_tables):
        if table is not schema.organizations:
            connection.execute(delete(table))
    identities = _identities(connection, random)
    passes = _passes(connection, random, identities)
    pools = _pools(connection, random)
    _members(connection, random, pools, identities, passes)
    _stations(connection, random, pools)
    _history(connection, random, identities, passes)


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
    return random.choice([*[None] * 12, NOW, *(NOW + timedelta(milliseconds=ms) for ms in (-1000, -1, 1, 1000))])


def _identities(connection, random):
    ids = some(random, range(1, 5))
    for number in ids:
        connection.execute(
            insert(schema.identities).values(
                id=number,
                first_name=random.choice(["", "Ann", "Ωmar"]),
                last_name=random.choice(["", "de Vries"]),
                email=f"p{number}@example.com",
                role=random.choice(["cardholder", "administrator"]),
                organization_id=schema.FIRST_ORGANIZATION,
                valid_from=moment(random),
                valid_until=moment(random),
                created_at=NOW,
            )
        )
    return ids


def _passes(connection, random, identities):
    free_uids, ids = most(random, UIDS), most(random, range(1, 6))
    for number in ids:
        uid = free_uids.pop() if free_uids and random.random() < 0.7 else None
        visible = f"NL-TNM-00000{number}" if uid is None or random.random() < 0.5 else None
        connection.execute(
            insert(schema.passes).values(
                id=number,
                uid=uid,
                visible_id=visible,
                visible_key=visible and visible.replace("-", ""),
                name=random.choice(["", "Van 3"]),
                identity_id=random.choice([None, *identities]),
                blocked=random.random() < 0.2,
                valid_from=moment(random),
                valid_until=moment(random),
                created_at=NOW,
            )
        )
    for uid in free_uids:
        if ids and random.random() < 0.6:
            connection.execute(insert(schema.linked_uids).values(uid=uid, pass_id=random.choice(ids), linked_at=NOW))
    return ids


def _pools(connection, random):
    ids = most(random, range(1, 4))
    for number in ids:
        level = random.choice(["public", "private", "restricted", "by_list"])
        free_vend = level == "public" and random.random() < 0.3
        connection.execute(
            insert(schema.pools).values(id=number, name=f"Pool {number}", level=level, free_vend=free_vend)
        )
    return ids


def _members(connection, random, pools, identities, passes):
    for pool in pools:
        for identity in some(random, identities):
            connection.execute(insert(schema.members).values(pool_id=pool, identity_id=identity, added_at=NOW))
        for card in some(random, passes):
            connection.execute(insert(schema.members).values(pool_id=pool, pass_id=card, added_at=NOW))


def _stations(connection, random, pools):
    for station_id in most(random, STATIONS):
        connection.execute(
            insert(schema.stations).values(
                station_id=station_id,
                name=random.choice(["", "Garage left"]),
                registration=random.choice([*["accepted"] * 6, "pending", "rejected"]),
                pool_id=random.choice([None, *pools * 3]),
            )
        )


def _history(connection, random, identities, passes):
    for number in some(random, range(1, 5)):
        connection.execute(
            insert(schema.sessions).values(
                id=number,
                station_id=random.choice(STATIONS),
                station_name="",
                connector_id=1,
                raw_id_tag="04a2246f",
                uid="04A2246F",
                pass_id=random.choice([None, *passes]),
                identity_id=random.choice([None, *identities]),
                holder="",
                pool_name="",
                status="Accepted",
                reason="pass_is_member",
                reported_start="",
                started_at=NOW,
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


def dump(connection):
    """Every row of every table as the file holds it."""
    driver = connection.connection.driver_connection
    return {
        table.name: sorted(driver.execute(f"select * from {table.name}").fetchall(), key=repr)
        for table in schema.metadata.sorted_tables
    }
