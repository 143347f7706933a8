"""What a tap must be answered, from the rows themselves: whole tables in Python, no SQL but `select *`."""

from datetime import UTC, datetime, timedelta

from app.domain.access import Facts, PassFacts, PoolFacts, Validity
from app.domain.model import AccessLevel
from tests.domain import access_oracle

TABLES = ("stations", "pools", "members", "passes", "linked_uids", "identities")


def read(connection):
    """Every row of the tables a decision may rest on, as dictionaries."""
    rows = {}
    for table in TABLES:
        cursor = connection.execute(f"select * from {table}")
        names = [column[0] for column in cursor.description]
        rows[table] = [dict(zip(names, row, strict=True)) for row in cursor]
    return rows


def facts(rows, station_id, uid):
    station, pool, card, identity = _things(rows, station_id, uid)
    return Facts(
        station_accepted=bool(station) and station["registration"] == "accepted",
        pool=pool and _pool_facts(rows, pool),
        card=card and _pass_facts(rows, pool, card, identity),
    )


def expected(rows, station_id, uid, moment, now, remember_for):
    station, pool, card, identity = _things(rows, station_id, uid)
    answer = access_oracle.expected(facts(rows, station_id, uid), moment, now, remember_for)
    return answer | {
        "uid": uid,
        "station_name": (station and (station["name"] or station["station_id"])) or station_id,
        "pool_name": pool["name"] if pool else "",
        "pass_id": card["id"] if card else None,
        "identity_id": identity["id"] if identity else None,
        "holder": _holder(card, identity),
    }


def told(verdict):
    """A verdict in the same words as `expected`."""
    decision = verdict.decision
    return {
        "status": decision.status.value,
        "reason": decision.reason.value,
        "last_step": decision.trail[-1][0].value,
        "group_id": decision.group_id,
        "expires_at": decision.expires_at,
        "uid": verdict.uid,
        "station_name": verdict.station_name,
        "pool_name": verdict.pool_name,
        "pass_id": verdict.pass_id,
        "identity_id": verdict.identity_id,
        "holder": verdict.holder,
    }


def _things(rows, station_id, uid):
    station = _one(rows["stations"], lambda row: row["station_id"].lower() == station_id.lower())
    pool = station and _one(rows["pools"], lambda row: row["id"] == station["pool_id"])
    link = _one(rows["linked_uids"], lambda row: uid and row["uid"] == uid)
    card = _one(rows["passes"], lambda row: uid and row["uid"] == uid) or (
        link and _one(rows["passes"], lambda row: row["id"] == link["pass_id"])
    )
    identity = card and _one(rows["identities"], lambda row: row["id"] == card["identity_id"])
    return station, pool, card, identity


def _one(rows, fits):
    return next(filter(fits, rows), None)


def _pool_facts(rows, pool):
    listed = any(row["pool_id"] == pool["id"] for row in rows["members"])
    level = AccessLevel(pool["level"])
    return PoolFacts(level, bool(pool["free_vend"]), listed if level is AccessLevel.BY_LIST else True)


def _pass_facts(rows, pool, card, identity):
    mine = [row for row in rows["members"] if pool and row["pool_id"] == pool["id"]]
    return PassFacts(
        blocked=bool(card["blocked"]),
        validity=_validity(card),
        identity_validity=_validity(identity) if identity else Validity(),
        is_member=any(row["pass_id"] == card["id"] for row in mine),
        identity_is_member=bool(identity) and any(row["identity_id"] == identity["id"] for row in mine),
    )


def _validity(row):
    return Validity(*(_moment(row[name]) for name in ("valid_from", "valid_until")))


def _moment(ms):
    return None if ms is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def _holder(card, identity):
    names = (
        *((f"{identity['first_name']} {identity['last_name']}".strip(), identity["email"]) if identity else ()),
        *((card["name"], card["visible_id"]) if card else ()),
    )
    return next((name for name in names if name), "")
