"""Stored starts: found again when they are told again, kept with the names and the price of that moment."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, Table, and_, bindparam, insert, or_, select, update

from app.database import schema
from app.database.columns import Moment
from app.database.rows import insert_row, to_pool
from app.domain.charges import Flag
from app.domain.model import Price
from app.domain.pins import HIDDEN_PIN, typed_digits
from app.domain.prices import Tariff, tariff_for
from app.organizations import currency_of
from app.sessions.one import change, one
from app.sessions.told import STOP_NEVER_CAME, Admission, Admit, Start

#: A station without a clock reports every start as the same moment; only so long can two of them be one.
SAME_UNLESS_OLDER = timedelta(hours=24)
#: A start that is told so long after it happened was kept by the station meanwhile.
TOLD_LATER_AFTER = timedelta(minutes=5)

ROWS = schema.sessions.c


_SAME = (
    select(schema.sessions)
    .where(
        ROWS.station_id == bindparam("station"),
        ROWS.connector_id == bindparam("connector"),
        or_(ROWS.raw_id_tag == bindparam("tag"), ROWS.raw_id_tag == bindparam("hidden_tag")),
        ROWS.reported_start == bindparam("reported"),
        ROWS.meter_start_wh.is_not_distinct_from(bindparam("meter")),
    )
    .order_by(ROWS.id.desc())
    .limit(1)
)
#: In a time that a station tells which has none: it stands still, and is the same at every start.
_NO_TIME = "T00:00:00"
# A clock that was never set but runs says a moment once. A register that rose since is not where it was, unless it
# begins anew with each session.
_SAME_WITHOUT_CLOCK = _SAME.where(
    or_(
        ROWS.stopped_at.is_(None),
        and_(
            ROWS.reported_stop != "",
            ROWS.reported_start.not_in(("", ROWS.reported_stop)),
            ~ROWS.reported_start.contains(_NO_TIME, autoescape=True),
        ),
        and_(ROWS.meter_start_wh > 0, or_(~ROWS.stop_named, ROWS.meter_last_wh > ROWS.meter_start_wh)),
    ),
    ROWS.stored_at > bindparam("since"),
)


def told_before(connection: Connection, start: Start, now: datetime) -> RowMapping | None:
    """The session of this start, when it was stored before."""
    told = {
        "station": start.station_id,
        "connector": start.connector_id,
        "tag": start.raw_id_tag,
        # Kept without its digits when it was a PIN's, which may be removed by now.
        "hidden_tag": HIDDEN_PIN if typed_digits(start.raw_id_tag) else start.raw_id_tag,
        "reported": start.reported,
        "meter": start.meter_wh,
    }
    if start.clock_set:
        return connection.execute(_SAME, told).mappings().first()
    return connection.execute(_SAME_WITHOUT_CLOCK, told | {"since": now - SAME_UNLESS_OLDER}).mappings().first()


def admitted(admission: Admission | Admit, connection: Connection, session_id: int | None) -> Admission:
    """The admission, decided now where it depends on which sessions there are."""
    if isinstance(admission, Admission):
        return admission
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(driver)
    return admission(driver, session_id)


def add(connection: Connection, start: Start, admission: Admission, now: datetime) -> int:
    """Store a start as a session; its id."""
    flags = {
        Flag.TOLD_LATER: start.clock_set and now - start.at > TOLD_LATER_AFTER,
        Flag.CLOCK_NOT_SET: not start.clock_set,
    }
    has_meter = start.meter_wh is not None
    values: dict[str, object] = {
        "station_id": start.station_id,
        "connector_id": start.connector_id,
        "raw_id_tag": start.raw_id_tag,
        "uid": start.uid,
        "reported_start": start.reported,
        "started_at": start.at,
        "clock_set": start.clock_set,
        "meter_start_wh": start.meter_wh,
        "meter_last_wh": start.meter_wh,
        "energy_wh": 0 if has_meter else None,
        "metered_at": start.at if has_meter and start.clock_set else None,
        "stored_at": now,
        "flags": " ".join(sorted(flag.value for flag, is_so in flags.items() if is_so)),
    }
    return insert_row(connection, insert(schema.sessions).values(**values, **who_and_price(connection, admission, now)))


_ROW = {
    table.name: select(table).where(table.c.id == bindparam("row"))
    for table in (schema.passes, schema.identities, schema.pins, schema.pools)
}


def who_and_price(connection: Connection, admission: Admission, now: datetime) -> Mapping[str, object]:
    """Who charges by whose leave and for which price, as it is kept for good.

    Who was admitted may have been removed since: the charge is a fact all the same.
    """
    card = _row(connection, schema.passes, admission.pass_id)
    person = _row(connection, schema.identities, admission.identity_id)
    pin = _row(connection, schema.pins, admission.pin_id)
    pool = _row(connection, schema.pools, admission.pool_id)
    if card is not None:
        connection.execute(update(schema.passes).filter_by(id=card["id"]).values(last_used_at=now))
    tariff, price, currency = Tariff.NONE, Price(), ""
    if pool is not None:
        options = to_pool(pool).options
        tariff, price = tariff_for(options, admission.status, admission.reason, is_member=admission.is_member)
        currency = currency_of(connection, options.organization_id)
    return {
        "station_name": admission.station_name,
        "pool_name": admission.pool_name,
        "pool_id": admission.pool_id,
        "status": admission.status,
        "reason": admission.reason,
        "holder": admission.holder,
        "pass_id": card and card["id"],
        "pass_name": card["name"] if card else "",
        "visible_id": (card["visible_id"] or "") if card else "",
        "identity_id": person and person["id"],
        "email": person["email"] if person else "",
        "pin_id": pin and pin["id"],
        "is_member": admission.is_member,
        "tariff": tariff.value,
        "price_per_kwh": price.per_kwh,
        "price_per_session": price.per_session,
        "currency": currency,
    }


def place(connection: Connection, station_id: str) -> Mapping[str, object]:
    """Of a session nobody was admitted to: the station's name and its pool."""
    stations, pools = schema.stations, schema.pools
    query = select(stations.c.name, pools.c.id, pools.c.name.label("pool")).select_from(stations.outerjoin(pools))
    found = connection.execute(query.where(stations.c.station_id == station_id)).first()
    if found is None:
        return {"station_name": station_id, "pool_name": "", "pool_id": None}
    return {"station_name": found.name or station_id, "pool_name": found.pool or "", "pool_id": found.id}


def _row(connection: Connection, table: Table, row_id: int | None) -> RowMapping | None:
    if row_id is None:
        return None
    return connection.execute(_ROW[table.name], {"row": row_id}).mappings().first()


_HERE_BEFORE = and_(
    ROWS.station_id == bindparam("station"),
    ROWS.connector_id == bindparam("connector"),
    ROWS.started_at < bindparam("moment", type_=Moment()),
    ROWS.stopped_at.is_(None),
)
_RUNNING = select(ROWS.id).where(_HERE_BEFORE)
_NEXT_START = (
    select(ROWS.started_at)
    .where(
        ROWS.station_id == bindparam("station"),
        ROWS.connector_id == bindparam("connector"),
        ROWS.started_at > bindparam("moment", type_=Moment()),
        ROWS.clock_set,
        ~ROWS.flags.contains(Flag.START_NEVER_CAME.value),
    )
    .order_by(ROWS.started_at)
    .limit(1)
)


def end_all_on(connection: Connection, station_id: str, connector_id: int, at: datetime) -> set[int]:
    """A connector carries one charge: end what began on it before a moment and still runs."""
    here = {"station": station_id, "connector": connector_id, "moment": at}
    running = set(connection.execute(_RUNNING, here).scalars())
    for session_id in running:
        change(connection, session_id, _never_stopped(at))
    return running


def end_by_next_start(
    connection: Connection, session_id: int, station_id: str, connector_id: int, at: datetime
) -> bool:
    """End a session that began on a connector before one that is known already; whether there is such a one."""
    here = {"station": station_id, "connector": connector_id, "moment": at}
    next_start = connection.execute(_NEXT_START, here).scalar()
    if next_start is not None:
        change(connection, session_id, _never_stopped(next_start))
    return next_start is not None


def end_without_stop(connection: Connection, session_id: int) -> set[int]:
    """End what `session_id` came after on its connector, and itself when it began before one that is known already."""
    this = one(connection, session_id)
    changed = set[int]()
    if this["reference"] is not None and not this["connector_id"]:
        return changed  # its EVSE is not known yet
    place = (this["station_id"], this["connector_id"], this["started_at"])
    if Flag.START_NEVER_CAME.value not in this["flags"].split():
        changed = end_all_on(connection, *place)
    is_open = this["stopped_at"] is None and this["clock_set"]
    if is_open and end_by_next_start(connection, session_id, *place):
        changed.add(session_id)
    return changed


def _never_stopped(at: datetime) -> dict[str, object]:
    return {"stopped_at": at, "stop_reason": STOP_NEVER_CAME, "power_w": None}
