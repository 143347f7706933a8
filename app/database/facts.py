"""The facts that decisions rest on, read in one statement: of one card at a station, or of every pass at once.

Straight to the driver: the first is the one statement a driver waits for while holding a card to the reader.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.access import Facts, PassFacts, PinFacts, PoolFacts, Validity
from app.domain.ids import Uid
from app.domain.instants import from_ms, to_ms
from app.domain.model import AccessLevel
from app.domain.wanted_list import KnownPass

#: An open session that is older was forgotten by its station: it must not keep a driver from charging for ever.
OPEN_AT_MOST = timedelta(days=3)

_STATION = "s.registration = 'accepted', coalesce(nullif(s.name, ''), s.station_id), s.station_id"
_POOL = """
p.id, p.name, p.level, p.free_vend,
case p.level when 'by_list' then exists(select 1 from members m where m.pool_id = p.id) else 1 end,
p.published, p.session_limit, p.passes_stop_each_other"""
_CARD = """
c.id, c.blocked, c.valid_from, c.valid_until, i.valid_from, i.valid_until,
mp.id is not null, mp.valid_until, mi.id is not null, mi.valid_until,
exists(select 1 from passes_off o where o.organization_id = s.host_id and o.pass_id = c.id),
case when p.session_limit is null then 0 else (
    select count(*) from sessions x
    where x.pass_id = c.id and x.stopped_at is null and x.started_at > :recently and x.status = 'Accepted'
    and x.id is not :told_before) end,
c.identity_id, c.uid,
coalesce(nullif(trim(i.first_name || ' ' || i.last_name), ''), i.email, nullif(c.name, ''), c.visible_id, '')"""
# A pass is in a pool once at most, and so is an identity: these add columns, never rows.
_OF_PASS = """
left join identities i on i.id = c.identity_id
left join members mp on mp.pass_id = c.id and mp.pool_id = p.id
left join members mi on mi.identity_id = c.identity_id and mi.pool_id = p.id"""

_OF_CARD = f"""
select exists(select 1 from pins), exists(select 1 from pins n where n.pool_id = p.id), {_STATION}, {_POOL}, {_CARD}
from (select 1)
left join stations s on s.station_id = :station_id
left join pools p on p.id = s.pool_id
left join passes c on c.id = coalesce(
    (select id from passes where uid = :uid), (select pass_id from linked_uids where uid = :uid))
{_OF_PASS}"""  # noqa: S608

_AT_STATION = f"""
select {_STATION}, {_POOL}, {_CARD}
from stations s join passes c left join pools p on p.id = s.pool_id
{_OF_PASS}
where s.station_id = :station_id"""  # noqa: S608

_AT_STATIONS = f"""
select {_STATION}, {_POOL}, {_CARD}
from stations s join passes c on c.id = :pass_id left join pools p on p.id = s.pool_id
{_OF_PASS}
order by coalesce(nullif(s.name, ''), s.station_id) collate nocase"""  # noqa: S608

# A station of the pool that is accepted and belongs to no organization in particular.
_IN_POOL = f"""
select 1, '', '', {_POOL}, {_CARD}
from (select null as host_id) s join pools p on p.id = :pool_id join passes c
{_OF_PASS}"""  # noqa: S608

# The passes that a pool's level may admit, as at a station of this host, those that were seen last first.
_ADMISSIBLE = f"""
select 1, '', '', {_POOL}, {_CARD}, (select group_concat(l.uid, char(10)) from linked_uids l where l.pass_id = c.id)
from (select :host_id as host_id) s join pools p on p.id = :pool_id join passes c
{_OF_PASS}
where (c.uid is not null or exists(select 1 from linked_uids l where l.pass_id = c.id)) and {{which}}
order by (select max(f.last_seen_at) from seen_forms f where f.pass_id = c.id) desc, c.id desc"""  # noqa: S608
_ALL_ADMISSIBLE = _ADMISSIBLE.format(which="1")
_MEMBERS_ADMISSIBLE = _ADMISSIBLE.format(
    which="""c.id in (
    select m.pass_id from members m where m.pool_id = :pool_id and m.pass_id is not null
    union all
    select b.id from members m join passes b on b.identity_id = m.identity_id where m.pool_id = :pool_id)"""
)
_LEVEL = """
select p.level = 'public' or (p.level = 'by_list' and p.published
    and not exists(select 1 from members m where m.pool_id = p.id))
from pools p where p.id = ?"""

_PIN = """
select n.name, n.valid_from, n.valid_until,
n.uses - (select count(*) from sessions x where x.pin_id = n.id and x.status = 'Accepted' and x.id is not :told_before),
exists(select 1 from sessions x where x.pin_id = n.id and x.station_id = :station_id and x.stopped_at is null
    and x.started_at > :recently)
from pins n where n.id = :pin_id and n.pool_id = (select s.pool_id from stations s where s.station_id = :station_id)"""

_FIRST_OF_POOL, _FIRST_OF_CARD = 3, 11


@dataclass(frozen=True, slots=True)
class Found:
    """The facts about one pass at one station, with the names a person knows the things by; `uid` is the pass's own.

    `pool_has_pins` and `site_has_pins` (any pool has) are told of a card only.
    """

    facts: Facts
    station_id: str
    station_name: str
    pool_id: int | None
    pool_name: str
    pass_id: int | None
    identity_id: int | None
    uid: Uid | None
    holder: str
    pool_has_pins: bool = False
    site_has_pins: bool = False


def of_card(
    reader: sqlite3.Connection, station_id: str, uid: Uid, now: datetime, *, told_before: int | None = None
) -> Found:
    """A card at a station, whether or not anyone knows either of them.

    `told_before` is the session of the start that is told again: it does not count against itself.
    """
    asked = _recently(now, told_before) | {"station_id": station_id, "uid": uid}
    site_has_pins, pool_has_pins, *row = reader.execute(_OF_CARD, asked).fetchone()
    return _found(
        row,
        to_ms(now),
        knows_card=bool(uid),
        pool_has_pins=bool(pool_has_pins),
        site_has_pins=bool(site_has_pins),
    )


def of_pin(
    reader: sqlite3.Connection, station_id: str, pin_id: int, now: datetime, *, told_before: int | None = None
) -> tuple[PinFacts, str]:
    """A PIN that was typed at a station, and its name; by now it may be removed, or the station in another pool."""
    asked = _recently(now, told_before) | {"station_id": station_id, "pin_id": pin_id}
    row = reader.execute(_PIN, asked).fetchone()
    if row is None:
        return PinFacts(known=False), ""
    name, valid_from, valid_until, left, charging_here = row
    validity = _validity(valid_from, valid_until)
    return PinFacts(known=True, validity=validity, uses_left=left, charging_here=bool(charging_here)), name


def at_station(reader: sqlite3.Connection, station_id: str, now: datetime) -> list[Found]:
    """Every pass at one station."""
    rows = reader.execute(_AT_STATION, _recently(now) | {"station_id": station_id})
    return [_found(row, to_ms(now)) for row in rows]


def at_stations(reader: sqlite3.Connection, pass_id: int, now: datetime) -> list[Found]:
    """One pass at every station, by the station's name."""
    rows = reader.execute(_AT_STATIONS, _recently(now) | {"pass_id": pass_id})
    return [_found(row, to_ms(now)) for row in rows]


def in_pool(reader: sqlite3.Connection, pool_id: int, now: datetime) -> list[Found]:
    """Every pass at any accepted station of a pool, as far as the pool rules."""
    rows = reader.execute(_IN_POOL, _recently(now) | {"pool_id": pool_id})
    return [_found(row, to_ms(now)) for row in rows]


def admissible(reader: sqlite3.Connection, pool_id: int, host_id: int | None, now: datetime) -> list[KnownPass]:
    """The passes with any UID that a pool may admit at stations of a host, those that were seen last first."""
    level = reader.execute(_LEVEL, (pool_id,)).fetchone()
    query = _ALL_ADMISSIBLE if level and level[0] else _MEMBERS_ADMISSIBLE
    rows = reader.execute(query, _recently(now) | {"pool_id": pool_id, "host_id": host_id})
    return [_known_pass(row, to_ms(now)) for row in rows]


def _known_pass(row: Sequence[Any], now_ms: int) -> KnownPass:
    *known, linked = row
    found = _found(known, now_ms)
    if found.pass_id is None:
        raise AssertionError("a pass was asked for")
    uids = [found.uid, *map(Uid, (linked or "").split("\n"))]
    return KnownPass(found.pass_id, tuple(uid for uid in uids if uid), found.facts)


def _recently(now: datetime, told_before: int | None = None) -> dict[str, Any]:
    """Which sessions count as open."""
    return {"recently": to_ms(now - OPEN_AT_MOST), "told_before": told_before}


def _found(
    row: Sequence[Any],
    now_ms: int,
    *,
    knows_card: bool = True,
    pool_has_pins: bool = False,
    site_has_pins: bool = False,
) -> Found:
    accepted, station_name, station_id = row[:_FIRST_OF_POOL]
    (
        pool_id,
        pool_name,
        level,
        free_vend,
        has_members,
        published,
        session_limit,
        stop_each_other,
    ) = row[_FIRST_OF_POOL:_FIRST_OF_CARD]
    (
        pass_id,
        blocked,
        pass_from,
        pass_until,
        identity_from,
        identity_until,
        is_listed,
        listed_until,
        identity_is_listed,
        identity_listed_until,
        off_here,
        open_sessions,
        identity_id,
        uid,
        holder,
    ) = row[_FIRST_OF_CARD:]
    pool = card = None
    if pool_id is not None:
        pool = PoolFacts(AccessLevel(level), bool(free_vend), bool(has_members), bool(published), session_limit)
    if pass_id is not None and knows_card:
        is_member = is_listed and (listed_until is None or listed_until > now_ms)
        identity_is_member = identity_is_listed and (identity_listed_until is None or identity_listed_until > now_ms)
        ends = [end for lasts, end in ((is_member, listed_until), (identity_is_member, identity_listed_until)) if lasts]
        card = PassFacts(
            blocked=bool(blocked),
            validity=_validity(pass_from, pass_until),
            identity_validity=_validity(identity_from, identity_until),
            is_member=bool(is_member),
            identity_is_member=bool(identity_is_member),
            off_here=bool(off_here),
            open_sessions=open_sessions,
            group_id=f"ID{identity_id}" if stop_each_other and identity_id is not None else None,
            member_until=from_ms(max(ends)) if ends and None not in ends else None,
        )
    return Found(
        facts=Facts(bool(accepted), pool, card),
        station_id=station_id or "",
        station_name=station_name or "",
        pool_id=pool_id,
        pool_name=pool_name or "",
        pass_id=pass_id if card else None,
        identity_id=identity_id if card else None,
        uid=Uid(uid) if uid else None,
        holder=holder if card else "",
        pool_has_pins=pool_has_pins,
        site_has_pins=site_has_pins,
    )


def _validity(start: int | None, end: int | None) -> Validity:
    if start is None and end is None:
        return _ALWAYS
    return Validity(None if start is None else from_ms(start), None if end is None else from_ms(end))


_ALWAYS = Validity()
