"""Access that was taken away: the stations that do not know it yet, and the sessions that still run by it.

said = told_later(desk, pool.id)               # "Garage 3 is offline and may still admit them until it connects."
running = StillRunning(desk); running.show_pool(pool)      # a banner with Stop while there are such sessions
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.commands import StopCharge
from app.domain.errors import AppError
from app.domain.model import Pool, Session
from ui.desk import Desk
from ui.pools.words import names_of
from ui.strings import sentence, tr
from ui.widgets.boxes import Banner, empty
from ui.widgets.buttons import Action

#: A station that said it would stop has so long before it is offered to be asked again.
PATIENCE = timedelta(minutes=1)


def told_later(desk: Desk, pool_id: int) -> str:
    """A sentence on the stations of a pool that are offline; empty where all of them hear of a change at once."""
    connected = desk.application.server.connected
    offline = [
        station.title
        for station in desk.application.stations.all()
        if station.pool_id == pool_id and station.station_id not in connected
    ]
    if not offline:
        return ""
    said = (
        tr("{stations} is offline and may still admit them until it connects.")
        if len(offline) == 1
        else tr("{stations} are offline and may still admit them until they connect.")
    )
    return said.format(stations=names_of(offline))


class StillRunning(QWidget):
    """Shown while sessions run at a pool's stations whose pass may not start there any more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: list[int] = []
        self._pool: Pool | None = None
        self._asked: dict[int, datetime] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_pool(self, pool: Pool | None) -> None:
        """Look for such sessions at this pool."""
        self._pool = pool
        sessions = self._desk.application.explanations.still_running(pool.id) if pool is not None else []
        since = self._desk.now() - PATIENCE
        waiting = [session for session in sessions if self._asked.get(session.id, since) <= since]
        if [session.id for session in waiting] == self._shown:
            return
        self._shown = [session.id for session in waiting]
        empty(self._column)
        self.setVisible(bool(waiting))
        if waiting:
            self._column.addWidget(self._banner(waiting))

    def _banner(self, sessions: Sequence[Session]) -> Banner:
        count = len(sessions)
        places = tr("{holder} at {station}")
        facts = names_of(
            places.format(holder=each.holder or each.raw_id_tag, station=each.station_name) for each in sessions
        )
        name = tr("Still charging without access here")
        words = tr("Stop 1 running session") if count == 1 else tr("Stop {count} running sessions").format(count=count)
        stop = Action(words, lambda: self._desk.run(self._stop(sessions)), "danger")
        return Banner("warn", name, facts, [stop])

    async def _stop(self, sessions: Sequence[Session]) -> None:
        now = self._desk.now()
        self._asked.update((session.id, now) for session in sessions)
        self.show_pool(self._pool)
        asked, problems = [], []
        for session in sessions:
            try:
                await self._desk.application.server.carry_out(session.station_id, StopCharge(session))
            except AppError as error:
                del self._asked[session.id]
                words = sentence(error.code, **error.params)
                problems.append(tr("{station}: {problem}").format(station=session.station_name, problem=words))
            else:
                asked.append(session.station_name)
        if asked:
            self._desk.say(tr("Asked to stop the session: {stations}.").format(stations=names_of(asked)))
        for problem in problems:
            self._desk.notes.problem(problem)
        if isValid(self):
            self.show_pool(self._pool)
