"""Stations and the organization that hosts them. A station that is allocated to none can be in no pool.

allocate(desk, stations, organization_id)        # at once, says so with Undo
desk.run(ask_where_to_allocate(desk, stations))  # asks for the organization first
host = HostField(desk, chosen=station.host_id)   # in a form; host.host_id()
"""

from collections.abc import Sequence

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.domain.errors import AppError
from app.domain.model import Station
from ui.desk import Desk
from ui.organizations.choice import OrganizationDropDown, organization_choices, organization_name
from ui.strings import sentence, tr
from ui.tasks import ask
from ui.widgets.boxes import Banner, empty
from ui.widgets.buttons import Action
from ui.widgets.form_dialog import FormDialog
from ui.widgets.inputs import FormField


def allocate(desk: Desk, stations: Sequence[Station], organization_id: int) -> None:
    """Allocate stations to an organization, and say so."""
    moved = [station for station in stations if station.host_id != organization_id]
    if moved:
        name = organization_name(desk, desk.application.organizations.require(organization_id))
        desk.do(
            desk.application.stations.allocate([station.station_id for station in moved], organization_id),
            tr("Allocated to {organization}: {who}.").format(organization=name, who=_who(moved)),
        )


async def ask_where_to_allocate(desk: Desk, stations: Sequence[Station]) -> None:
    """Ask for the organization that hosts these stations, then allocate them."""
    dialog = AllocateDialog(desk, stations)
    if await ask(dialog):
        chosen = dialog.organization.value()
        if isinstance(chosen, int):
            allocate(desk, stations, chosen)


class AllocateDialog(FormDialog):
    """Accepted: `organization` has the one that was chosen."""

    def __init__(self, desk: Desk, stations: Sequence[Station]) -> None:
        super().__init__(desk.window, tr("Allocate {who}").format(who=_who(stations)))
        self.organization = OrganizationDropDown(tr("Organization"), organization_choices(desk))
        hosts = {station.host_id for station in stations}
        if len(hosts) == 1:
            self.organization.select(next(iter(hosts)))
        self.body.addWidget(
            FormField(
                tr("Organization"),
                self.organization,
                helper=tr("It hosts the station: a pass that it has set to Off opens nothing there.")
                if len(stations) == 1
                else tr("It hosts the stations: a pass that it has set to Off opens none of them."),
            )
        )
        self.add_buttons(tr("Allocate"), self.accept)
        self.organization.setFocus()


class HostField(FormField):
    """The organization that will host a station; hidden where there is only one, which hosts everything."""

    def __init__(self, desk: Desk, *, chosen: int | None = None) -> None:
        choices = organization_choices(desk)
        self.choice = OrganizationDropDown(tr("Organization"), [(None, tr("No organization for now")), *choices])
        super().__init__(
            tr("Organization"), self.choice, helper=tr("It hosts the station. Without one it can be in no pool.")
        )
        self.choice.select(chosen)
        self.choice.changed.connect(lambda _chosen: self.clear_error())
        self.is_needed = bool(choices)
        if not self.is_needed:
            self.hide()

    def host_id(self) -> int | None:
        """The organization that was chosen; None for none."""
        chosen = self.choice.value()
        return chosen if isinstance(chosen, int) else None

    def suggest(self, organization_id: int) -> None:
        """Choose an organization, unless one is chosen already."""
        if self.is_needed and self.host_id() is None:
            self.choice.select(organization_id)
            self.clear_error()

    def show_error_of(self, error: AppError) -> bool:
        """Show an error that is about the organization; False for any other."""
        if error.code not in ("station_not_allocated", "organization_unknown") or not self.is_needed:
            return False
        self.show_error(sentence(error.code, **error.params))
        self.choice.setFocus()
        return True


class Unallocated(QWidget):
    """A banner on the stations that were let in and belong to no organization; nothing where there are none."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._shown: list[Station] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_stations(self, stations: Sequence[Station]) -> None:
        """Tell of these, which belong to none."""
        if list(stations) == self._shown:
            return
        self._shown = list(stations)
        empty(self._column)
        if self._shown:
            self._column.addWidget(self._banner(self._shown))
        self.setVisible(bool(self._shown))

    def _banner(self, stations: Sequence[Station]) -> Banner:
        said = tr("{who} belongs to no organization") if len(stations) == 1 else tr("{who} belong to no organization")
        action = Action(tr("Allocate…"), lambda: self._desk.run(ask_where_to_allocate(self._desk, stations)))
        fact = tr("Until then it can be in no pool, and nobody can charge there.")
        if len(stations) > 1:
            fact = tr("Until then they can be in no pool, and nobody can charge there.")
        banner = Banner("warn", said.format(who=_who(stations)), fact, [action])
        # A long name is cut (and whole in the tooltip) rather than making the window wider.
        banner.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return banner


def _who(stations: Sequence[Station]) -> str:
    return stations[0].title if len(stations) == 1 else tr("{count} stations").format(count=len(stations))
