"""Connections by which somebody may have tried to pass for a station: kept, so that an alarm outlives the program."""

import contextlib

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from app.bus import Bus
from app.database import schema
from app.database.store import Store
from app.domain.errors import AppError
from app.domain.events import HandshakeRefused
from app.domain.model import MANY_TRIES, Knock, KnockCause

#: Anybody can raise them.
MOST_KEPT = 100

_LATEST = select(schema.alarms).order_by(schema.alarms.c.at.desc()).limit(MOST_KEPT)
_KEY = ("address", "cause", "station_id")


class Alarms:
    """Hears of every connection that is not let in, and keeps the alarming ones."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        bus.subscribe(HandshakeRefused, self._heard)

    def kept(self) -> list[Knock]:
        """The latest first; how often one came may be more than it says, up to twice as often."""
        rows = self._store.reader.execute(_LATEST).mappings()
        return [Knock(**{**row, "cause": KnockCause(row["cause"])}) for row in rows]

    def _heard(self, event: HandshakeRefused) -> None:
        knock = event.knock
        # Whoever tries a thousand passwords is not to keep the disk busy: after the first each doubling is written.
        is_worth_writing = knock.count == MANY_TRIES or knock.count & (knock.count - 1) == 0
        if knock.may_pose and is_worth_writing:
            # While the disk takes nothing it is told all the same, until the program ends.
            with contextlib.suppress(AppError):
                self._store.submit(lambda connection: _keep(connection, knock))


def _keep(connection: Connection, knock: Knock) -> None:
    values = {name: getattr(knock, name) for name in Knock.__slots__} | {"cause": knock.cause.value}
    statement = insert(schema.alarms).values(**values)
    rest = {name: value for name, value in values.items() if name not in _KEY}
    connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=rest))
    rows = schema.alarms.c
    oldest = select(rows.at).order_by(rows.at.desc()).offset(MOST_KEPT).limit(1).scalar_subquery()
    connection.execute(delete(schema.alarms).where(rows.at <= oldest))
