"""What is dangerous about a pool as it is: that nobody can charge there, or that everyone can.

warnings = PoolWarnings(desk, choose=self._choose_from); warnings.show_pool(summary)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.application import PoolSummary
from app.domain.model import AccessLevel
from ui.desk import Desk
from ui.pools.tools import MEMBERS, STATIONS
from ui.pools.words import stations
from ui.strings import tr
from ui.widgets.boxes import Banner, empty
from ui.widgets.buttons import Action


@dataclass(frozen=True)
class Danger:
    """One banner; `tab` is where the operator can change it."""

    kind: Literal["warn", "info"]
    name: str
    facts: str
    tab: str


class PoolWarnings(QWidget):
    """At most one banner: what matters most."""

    def __init__(self, desk: Desk, choose: Callable[[str], object]) -> None:
        """`choose` leads to what is available in a tab."""
        super().__init__()
        self._desk, self._choose = desk, choose
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_pool(self, summary: PoolSummary | None) -> None:
        """Look at a pool; None shows nothing."""
        found = self._of(summary) if summary is not None else None
        if found == self._shown:
            return
        self._shown = found
        empty(self._column)
        self.setVisible(found is not None)
        if found is not None:
            self._column.addWidget(self._banner(found))

    def _of(self, summary: PoolSummary) -> Danger | None:
        pool, members = summary.pool, summary.identities + summary.passes
        if not summary.stations:
            return Danger(
                "warn", tr("{pool} has no stations").format(pool=pool.name), tr("It lets nobody in anywhere."), STATIONS
            )
        if members or pool.level is AccessLevel.PUBLIC:
            return None
        if pool.level is AccessLevel.BY_LIST and pool.options.published:
            name = tr("Every known pass may charge at {pool}").format(pool=pool.name)
            return Danger("info", name, tr("Its list is empty, and it is published."), MEMBERS)
        facts = {
            AccessLevel.PRIVATE: tr("It is private and has no members."),
            AccessLevel.RESTRICTED: tr("It is restricted and has no members and no PIN."),
            AccessLevel.BY_LIST: tr("Its list is empty, and it is not published."),
        }
        fact = facts[pool.level]
        if pool.level is AccessLevel.RESTRICTED and self._desk.application.pins.of_pool(pool.id):
            name = tr("Only who has a PIN can charge at {pool}").format(pool=pool.name)
            return Danger("info", name, tr("It is restricted and has no members."), MEMBERS)
        if pool.options.takes_requests:
            fact = tr("It is restricted and has no members. Cards that are held there become requests.")
        name = tr("Nobody can charge at the {stations} of {pool}")
        if summary.stations == 1:
            name = tr("Nobody can charge at the station of {pool}")
        return Danger("warn", name.format(pool=pool.name, stations=stations(summary.stations)), fact, MEMBERS)

    def _banner(self, danger: Danger) -> Banner:
        words = tr("Choose stations") if danger.tab == STATIONS else tr("Choose members")
        banner = Banner(danger.kind, danger.name, danger.facts, [Action(words, lambda: self._choose(danger.tab))])
        # A long name is cut (and whole in the tooltip) rather than making the window wider.
        banner.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return banner
