"""What was charged, month by month."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, tzinfo

from sqlalchemy import func, select

from app.database import schema
from app.database.columns import Moment
from app.database.rows import to_session
from app.database.store import Store
from app.domain.month_report import Grouping, MonthReport, begins, month_before, next_month, sum_up


class Reports:
    """`zone` is where a month begins at midnight; None is this machine's."""

    def __init__(self, store: Store, clock: Callable[[], datetime], zone: tzinfo | None = None) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone

    async def month(self, month: date, by: Grouping) -> MonthReport:
        """The sessions that began in a month, summed up by who charged or by the pool they charged in."""
        return await asyncio.to_thread(self._month, month.replace(day=1), by)

    def months(self) -> list[date]:
        """The months from the first session to now, the latest first; by their first days."""
        first = self._store.reader.execute(select(func.min(schema.sessions.c.started_at, type_=Moment()))).scalar()
        found = [self._of(self._clock())]
        while first is not None and found[-1] > self._of(first):
            found.append(month_before(found[-1]))
        return found

    def _of(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date().replace(day=1)

    def _month(self, month: date, by: Grouping) -> MonthReport:
        started_at = schema.sessions.c.started_at
        since, until = begins(month, self._zone), begins(next_month(month), self._zone)
        query = select(schema.sessions).where(started_at >= since, started_at < until)
        rows = self._store.reader.execute(query).mappings()
        return sum_up((to_session(row) for row in rows), month, by)
