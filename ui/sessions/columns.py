"""The columns of the table of sessions."""

from app.domain.model import Session
from app.domain.prices import cost_of
from ui.desk import Desk
from ui.sessions.words import NOTHING, cost, duration, kwh, start, state_of, who, why_ended
from ui.strings import tr
from ui.widgets.tables import Column


def session_columns(desk: Desk) -> list[Column[Session]]:
    """Who, where, how much, for how long, what is to be paid; times are this machine's."""
    return [
        Column(
            title=tr("Start"),
            text=lambda session: start(session, desk.local(session.started_at), desk.now()),
            sort=lambda session: session.started_at,
            width=112,
        ),
        Column(title=tr("Station"), text=lambda session: session.station_name, width=116, stretch=2, drop=2),
        Column(
            title=tr("Connector"),
            text=lambda session: str(session.connector_id) if session.connector_id else NOTHING,
            sort=lambda session: session.connector_id,
            align="right",
            width=84,
            drop=7,
        ),
        Column(
            title=tr("Person or card"),
            text=who,
            mono=lambda session: bool(session.raw_id_tag) and not session.holder,
            width=136,
            stretch=4,
        ),
        Column(title=tr("Pool"), text=lambda session: session.pool_name or NOTHING, width=100, stretch=1, drop=4),
        Column(
            title=tr("kWh"),
            text=kwh,
            sort=lambda session: -1 if session.energy_wh is None else session.energy_wh,
            align="right",
            width=72,
            drop=1,
        ),
        Column(
            title=tr("Duration"),
            text=lambda session: duration(session, desk.now()),
            sort=lambda session: (session.stopped_at or desk.now()) - session.started_at,
            align="right",
            width=80,
            drop=3,
        ),
        Column(
            title=tr("State"),
            text=lambda session: state_of(session)[0],
            pill=lambda session: state_of(session)[1],
            width=176,
        ),
        Column(
            title=tr("Cost"),
            text=cost,
            sort=lambda session: -1 if cost_of(session) is None else cost_of(session),
            align="right",
            width=96,
            drop=5,
        ),
        Column(title=tr("Why it ended"), text=why_ended, tone="muted", width=164, stretch=1, drop=6),
    ]
