"""What was charged on each of the last fourteen days, with their sum.

card = EnergyCard(desk); card.refresh()
"""

from app.application import DayEnergy
from ui.desk import Desk
from ui.long_date import long_date
from ui.strings import tr
from ui.widgets.boxes import Card
from ui.widgets.chart import Bar, BarChart
from ui.widgets.labels import muted

DAYS = 14


class EnergyCard(Card):
    """A bar for each day, today last."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Energy, last {days} days").format(days=DAYS))
        self._desk = desk
        self.total = muted()
        self.add_to_head(self.total)
        self.chart = BarChart(
            tr("Energy of the last {days} days").format(days=DAYS),
            empty=tr("Nothing was charged in these days. The first session shows here."),
        )
        self.body.setContentsMargins(16, 14, 16, 10)
        self.body.addWidget(self.chart)

    def refresh(self) -> None:
        """Read the days anew."""
        days = self._desk.application.sessions.energy_by_day(DAYS, self._desk.now().tzinfo)
        self.chart.set_bars([_bar(day) for day in days])
        energy, sessions = sum(day.energy_wh for day in days), sum(day.sessions for day in days)
        self.total.setText(f"{energy / 1000:,.0f} kWh · {_sessions(sessions)}" if sessions else "")


def _bar(day: DayEnergy) -> Bar:
    kwh, words = day.energy_wh / 1000, tr("{day}: {amount} kWh, {sessions}")
    said = words.format(day=long_date(day.day), amount=f"{kwh:,.1f}", sessions=_sessions(day.sessions))
    return Bar(str(day.day.day), kwh, said)


def _sessions(count: int) -> str:
    return tr("1 session") if count == 1 else tr("{count} sessions").format(count=f"{count:,}")
