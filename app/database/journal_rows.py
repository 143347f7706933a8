"""Messages and taps as rows.

They come by the thousand in a reconnect storm. A whole batch is handed to SQLite as one text in one statement: the
driver lets go of the interpreter once for all of it, so that the loop's thread goes on answering stations meanwhile.
With a statement a row the two threads would wait for each other at every row.
"""

import functools
import json
from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import Connection, RowMapping

from app.domain.ids import Uid
from app.domain.instants import to_ms
from app.domain.model import Direction, Message, Tap, TapSource

_ANSWER = ("outcome", "response", "took_ms", "repairs", "tap_id", "reason", "holder")
_MESSAGE = ("id", "at", "station_id", "direction", "action", "id_tag", "request", *_ANSWER)
_TAP = (
    *("id", "at", "station_id", "station_name", "connector_id", "raw_id_tag", "uid", "source", "status", "reason"),
    *("trail", "pass_id", "holder", "pool_id", "pool_name", "message_id"),
)


def _insert(table: str, columns: Sequence[str], **instead: str) -> str:
    values = ", ".join(
        instead.get(column, "{}").format(f"value ->> {position}") for position, column in enumerate(columns)
    )
    # "where true": without it SQLite takes what follows for a join.
    return f"insert into {table} ({', '.join(columns)}) select {values} from json_each(?) where true"  # noqa: S608


_INSERT_MESSAGE = (
    f"{_insert('messages', _MESSAGE)} on conflict (id) do update set "
    f"{', '.join(f'{column} = excluded.{column}' for column in _ANSWER)}"
)
# A pass may have been removed since its card was tapped: the tap is a fact all the same.
_PASS_STILL_THERE = "(select id from passes where id = {})"
_INSERT_TAP = f"{_insert('taps', _TAP, pass_id=_PASS_STILL_THERE)} on conflict (id) do nothing"
_FORM = ("pass_id", "station_id", "raw_id_tag", "first_seen_at", "last_seen_at")
_INSERT_FORM = (
    f"{_insert('seen_forms', _FORM)} and exists{_PASS_STILL_THERE.format('value ->> 0')} "
    "on conflict do update set last_seen_at = max(last_seen_at, excluded.last_seen_at)"
)


def insert_messages(connection: Connection, messages: Iterable[Message]) -> None:
    """Keep messages; one that is kept already takes the new one's answer."""
    rows = [
        (
            *(message.id, to_ms(message.at), message.station_id, message.direction.value, message.action),
            *(message.id_tag, message.request, message.outcome, message.response, message.took_ms),
            *(" ".join(message.repairs), message.tap_id, message.reason, message.holder),
        )
        for message in messages
    ]
    if rows:
        connection.exec_driver_sql(_INSERT_MESSAGE, (orjson.dumps(rows).decode(),))


def insert_taps(connection: Connection, taps: Sequence[Tap]) -> None:
    """Keep taps, and how each station spelled the passes in them; a tap that is kept already stays as it is."""
    rows = [
        (
            *(tap.id, to_ms(tap.at), tap.station_id, tap.station_name, tap.connector_id, tap.raw_id_tag, tap.uid),
            *(tap.source.value, tap.status, tap.reason, _trail_text(tap.trail), tap.pass_id, tap.holder),
            *(tap.pool_id, tap.pool_name, tap.message_id),
        )
        for tap in taps
    ]
    if rows:
        connection.exec_driver_sql(_INSERT_TAP, (orjson.dumps(rows).decode(),))
    forms = [
        (tap.pass_id, tap.station_id, tap.raw_id_tag, to_ms(tap.at), to_ms(tap.at))
        for tap in taps
        if tap.pass_id is not None
    ]
    if forms:
        connection.exec_driver_sql(_INSERT_FORM, (orjson.dumps(forms).decode(),))


def to_message(row: RowMapping) -> Message:
    return Message(**{**row, "direction": Direction(row["direction"]), "repairs": tuple(row["repairs"].split())})


def to_tap(row: RowMapping) -> Tap:
    trail = tuple((str(step), bool(passed)) for step, passed in json.loads(row["trail"]))
    return Tap(**{**row, "source": TapSource(row["source"]), "trail": trail, "uid": Uid(row["uid"])})


@functools.lru_cache(maxsize=256)
def _trail_text(trail: tuple[tuple[str, bool], ...]) -> str:
    return json.dumps(trail)
