"""What a tap must be answered, from the rows themselves: whole tables in Python, no SQL but `select *`."""

from datetime import UTC, datetime, timedelta

from app.domain.access import Facts, PassFacts, PinFacts, PoolFacts, Validity
from app.domain.model import AccessLevel
from tests.domain import access_oracle

TABLES = (
    "stations",
    "pools",
    "members",
    "passes",
    "passes_off",
    "linked_uids",
    "identities",
    "pins",
    "sessions",
)
FORGOTTEN_AFTER = timedelta(days=3)


def read(connection):
    """Every row of the tables a decision may rest on, as dictionaries."""
    rows = {}
    for table in TABLES:
        cursor = connection.execute(f"select * from {table}")
        names = [column[0] for column in cursor.description]
        rows[table] = [dict(zip(names, row, strict=True)) for row in cursor]
    return rows


def facts(rows, station_id, uid, now, *, typed="", closed=False, told_before=None):
    """`typed` are the digits when a keypad may have sent this, `closed` that too many were wrong at the station."""
    station, pool, card, identity = _things(rows, station_id, uid)
    sessions = [row for row in rows["sessions"] if row["id"] != told_before]
    return Facts(
        station_accepted=bool(station) and station["registration"] == "accepted",
        pool=pool and _pool_facts(rows, pool),
        card=card and _pass_facts(rows, station, pool, card, identity, sessions, now),
        pin=_pin_facts(rows, station, pool, typed, closed, sessions, now) if typed and not card else None,
    )


def expected(rows, station_id, uid, moment, now, remember_for, *, typed="", closed=False, told_before=None):
    """What `told` must say of the verdict."""
    station, pool, card, identity = _things(rows, station_id, uid)
    typed = typed if rows["pins"] and not card else ""
    known = facts(rows, station_id, uid, now, typed=typed, closed=closed, told_before=told_before)
    answer = access_oracle.expected(known, moment, now, remember_for)
    pin = _pin(rows, station, pool, typed, closed)
    return answer | {
        "uid": "" if typed else uid,
        "station_name": (station and (station["name"] or station["station_id"])) or station_id,
        "pool_name": pool["name"] if pool else "",
        "pass_id": card["id"] if card else None,
        "identity_id": identity["id"] if identity else None,
        "pin_id": pin["id"] if pin else None,
        "holder": pin["name"] if pin else _holder(card, identity),
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
        "pin_id": verdict.pin_id,
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
    return PoolFacts(
        level,
        free_vend=bool(pool["free_vend"]),
        has_members=listed if level is AccessLevel.BY_LIST else True,
        published=bool(pool["published"]),
        session_limit=pool["session_limit"],
    )


def _pass_facts(rows, station, pool, card, identity, sessions, now):
    mine = [
        row
        for row in rows["members"]
        if pool
        and row["pool_id"] == pool["id"]
        and (row["pass_id"] == card["id"] or (identity and row["identity_id"] == identity["id"]))
        and (row["valid_until"] is None or _moment(row["valid_until"]) > now)
    ]
    ends = [_moment(row["valid_until"]) for row in mine]
    host = station["host_id"] if station else None
    return PassFacts(
        blocked=bool(card["blocked"]),
        validity=_validity(card),
        identity_validity=_validity(identity) if identity else Validity(),
        is_member=any(row["pass_id"] for row in mine),
        identity_is_member=any(row["identity_id"] for row in mine),
        off_here=any((row["organization_id"], row["pass_id"]) == (host, card["id"]) for row in rows["passes_off"]),
        open_sessions=len(_open([row for row in sessions if row["pass_id"] == card["id"]], now))
        if pool and pool["session_limit"]
        else 0,
        group_id=f"ID{identity['id']}" if pool and pool["passes_stop_each_other"] and identity else None,
        member_until=max(ends) if ends and all(ends) else None,
    )


def _open(sessions, now):
    """Those that count against a limit: admitted, not stopped, and not forgotten by their station."""
    return [row for row in _running(sessions, now) if row["status"] == "Accepted"]


def _running(sessions, now):
    return [row for row in sessions if row["stopped_at"] is None and now - _moment(row["started_at"]) < FORGOTTEN_AFTER]


def _pin(rows, station, pool, typed, closed):
    """The PIN that these digits are found to be at this station, if they are tried there at all."""
    if not typed or closed or not station or station["registration"] != "accepted":
        return None
    if not pool or pool["level"] != "restricted":
        return None
    return _one(rows["pins"], lambda row: (row["pool_id"], row["digest"]) == (pool["id"], typed.encode()))


def _pin_facts(rows, station, pool, typed, closed, sessions, now):
    takes_pins = pool and pool["level"] == "restricted" and any(row["pool_id"] == pool["id"] for row in rows["pins"])
    if closed and takes_pins and station["registration"] == "accepted":
        return PinFacts(known=False, entry_open=False)
    pin = _pin(rows, station, pool, typed, closed=False)
    if pin is None:
        return PinFacts(known=False)
    mine = [row for row in sessions if row["pin_id"] == pin["id"]]
    used = sum(row["status"] == "Accepted" for row in mine)
    here = [row for row in mine if row["station_id"].lower() == station["station_id"].lower()]
    return PinFacts(
        known=True,
        validity=_validity(pin),
        uses_left=None if pin["uses"] is None else pin["uses"] - used,
        charging_here=bool(_running(here, now)),
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
