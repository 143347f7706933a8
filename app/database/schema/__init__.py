"""The tables. Moments are whole milliseconds since 1970, UTC; enumerations are their lower-case values.

Uniqueness that the product promises is promised here: one station per OCPP identity (whatever its case),
one pass per UID and per visible ID, one identity per e-mail address, one pool per station (a column).

What can be removed and put back never gives its id to another row (AUTOINCREMENT): taking a removal back would
find its place taken, and what still names a removed pool would suddenly mean another one.
"""

from app.database.columns import metadata
from app.database.schema.access import access_changes, access_requests, members, outbox, pins, pools
from app.database.schema.learned import alarms, habits, repairs
from app.database.schema.people import (
    FIRST_ORGANIZATION,
    identities,
    linked_uids,
    organizations,
    passes,
    passes_off,
    seen_forms,
)
from app.database.schema.records import messages, taps
from app.database.schema.security import station_certificates, station_passwords
from app.database.schema.sessions import meter_values, sessions
from app.database.schema.site import column_choices, imports, settings
from app.database.schema.stations import (
    card_tests,
    connectors,
    local_list_entries,
    local_lists,
    reservations,
    station_reads,
    station_variables,
    stations,
)

__all__ = [
    "FIRST_ORGANIZATION",
    "HEAD",
    "access_changes",
    "access_requests",
    "alarms",
    "card_tests",
    "column_choices",
    "connectors",
    "habits",
    "identities",
    "imports",
    "linked_uids",
    "local_list_entries",
    "local_lists",
    "members",
    "messages",
    "metadata",
    "meter_values",
    "organizations",
    "outbox",
    "passes",
    "passes_off",
    "pins",
    "pools",
    "repairs",
    "reservations",
    "seen_forms",
    "sessions",
    "settings",
    "station_certificates",
    "station_passwords",
    "station_reads",
    "station_variables",
    "stations",
    "taps",
]

#: The newest revision in `migrations/versions`; a database that names another one is migrated or refused.
HEAD = "0008"
