"""One organization, changed where it stands: its name, its place in the tree, its currency, its passes and stations."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.application import OrganizationSummary
from app.domain.errors import AppError
from app.domain.model import Organization
from ui.desk import Desk
from ui.organizations.choice import (
    InOrganization,
    OrganizationDropDown,
    inherited_currency,
    named,
    organization_name,
)
from ui.organizations.dialog import new_organization
from ui.organizations.passes import OrganizationPasses
from ui.organizations.stations import OrganizationStations
from ui.organizations.words import identities, pools, stations, what_is_still_in
from ui.strings import sentence, tr
from ui.theme import font
from ui.widgets.boxes import Card, CardHead, row
from ui.widgets.buttons import button, danger_button, link_button
from ui.widgets.inputs import SearchField, Segmented
from ui.widgets.labels import Label, muted, paragraph
from ui.widgets.name_edit import NameEdit

PASSES, STATIONS = "passes", "stations"


class OrganizationEditor(QWidget):
    """`show_organization` with the whole tree; the lists are read here, when their tab is open and not before."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._all: Sequence[OrganizationSummary] = ()
        self._summary: OrganizationSummary | None = None
        self._read: set[str] = set()
        self.name = NameEdit(tr("Name of the organization"))
        self.problem = paragraph(tone="bad")
        self.add_below = button(tr("New below…"), self._add_below)
        self.remove_button = danger_button(tr("Remove"), self.remove)
        self.place = OrganizationDropDown(tr("Below"))
        self.currency = NameEdit(tr("Currency"))
        self.whose = muted()
        self.to_identities = link_button("", lambda: self._jump("identities"), flush=True)
        self.to_sessions = link_button(f"{tr('Sessions')} →", lambda: self._jump("sessions"), flush=True)
        self.to_stations = link_button("", lambda: self._jump("stations"), flush=True)
        self.to_pools = link_button("", lambda: self._jump("pools"), flush=True)
        self.tab = Segmented(tr("What is shown"), [(PASSES, tr("Passes")), (STATIONS, tr("Stations"))])
        self.search = SearchField(tr("Filter"))
        self.passes, self.stations = OrganizationPasses(desk), OrganizationStations(desk)
        self._lists = QStackedWidget()
        self._lay_out()
        self._connect()

    def show_organization(self, summary: OrganizationSummary | None, every: Sequence[OrganizationSummary]) -> None:
        """Show an organization among all of them, or what became of the one that is shown already."""
        other = self._summary is None or summary is None or summary.organization.id != self._summary.organization.id
        self._summary, self._all = summary, every
        if other:
            self._say("")
            self._read.clear()
        if summary is None:
            return
        organization = summary.organization
        self.name.show_name(organization_name(self._desk, organization), though_typing=other)
        self._show_place(organization)
        self.currency.show_name(organization.currency, though_typing=other)
        self.currency.setPlaceholderText(inherited_currency(self._desk, organization.parent_id))
        self._show_counts(organization)
        self.tab.set_count(STATIONS, summary.stations)
        self._read_list()

    def forget(self, *tabs: str) -> None:
        """What these tabs show changed: it is read anew with the next `show_organization` or when the tab is opened."""
        self._read.difference_update(tabs)

    def forget_passes(self) -> None:
        """Passes, or whom they belong to, changed."""
        self.passes.forget()
        self.forget(PASSES)

    # How it looks

    def _lay_out(self) -> None:
        self.currency.setStyleSheet("")
        self.currency.setFont(font())
        self.currency.setMaxLength(3)
        self.currency.setFixedWidth(72)
        self.place.setMinimumWidth(150)
        self.place.setMaximumWidth(260)
        top = CardHead()
        lines = QVBoxLayout(top)
        lines.setContentsMargins(7, 10, 14, 10)
        lines.setSpacing(8)
        lines.addLayout(row(self.name, None, self.add_below, self.remove_button))
        facts = row(
            _name(tr("Below"), self.place),
            self.place,
            _name(tr("Currency"), self.currency),
            self.currency,
            None,
            spacing=12,
        )
        jumps = row(
            self.whose,
            self.to_identities,
            self.to_stations,
            self.to_pools,
            self.to_sessions,
            None,
            spacing=16,
        )
        for line in (facts, jumps, row(self.problem)):
            line.setContentsMargins(11, 0, 0, 0)
            lines.addLayout(line)
        self.problem.hide()
        tools = CardHead()
        line = row(self.tab, None, self.search)
        line.setContentsMargins(14, 10, 14, 10)
        line.setStretchFactor(self.search, 10)
        tools.setLayout(line)
        self.search.setMinimumWidth(90)
        self.search.setMaximumWidth(260)
        self._lists.addWidget(self.passes)
        self._lists.addWidget(self.stations)
        card = Card()
        card.body.addWidget(top)
        card.body.addWidget(tools)
        card.body.addWidget(self._lists, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card, 1)

    def _connect(self) -> None:
        self.name.renamed.connect(lambda name: self._change(name=name))
        self.name.reverted.connect(lambda: self._say(""))
        self.name.textEdited.connect(lambda _text: self._say(""))
        self.currency.renamed.connect(lambda currency: self._change(currency=currency))
        self.currency.reverted.connect(lambda: self._say(""))
        self.currency.textEdited.connect(lambda _text: self._say(""))
        self.place.changed.connect(lambda parent_id: self._change(parent_id=parent_id))
        self.tab.changed.connect(lambda _tab: self._show_tab())
        self.search.searched.connect(lambda _text: self._filter())
        for shows in (self.passes, self.stations):
            shows.emptied.connect(self.search.clear)

    def _show_counts(self, organization: Organization) -> None:
        """What the pages that are led to will show: what is its own, and what belongs to those below it."""
        within = self._desk.application.organizations.within(organization.id)
        self.whose.setText(tr("Belongs to it") if len(within) == 1 else tr("With those below it"))
        those = [each for each in self._all if each.organization.id in within]
        self.to_identities.setText(f"{identities(sum(each.identities for each in those))} →")
        self.to_stations.setText(f"{stations(sum(each.stations for each in those))} →")
        self.to_pools.setText(f"{pools(sum(each.pools for each in those))} →")

    def _show_place(self, organization: Organization) -> None:
        """Where it could be: anywhere but below itself."""
        within = self._desk.application.organizations.within(organization.id)
        others = [each for each in self._all if each.organization.id not in within]
        self.place.set_choices([(None, tr("None: at the top")), *named(self._desk, others)])
        self.place.select(organization.parent_id)

    def _show_tab(self) -> None:
        self._lists.setCurrentWidget(self.passes if self.tab.value() == PASSES else self.stations)
        self._read_list()
        self._filter()

    def _read_list(self) -> None:
        """Read what the open tab shows, unless it was read since the last change."""
        tab = str(self.tab.value())
        if self._summary is None or tab in self._read:
            return
        self._read.add(tab)
        organization = self._summary.organization
        name = organization_name(self._desk, organization)
        if tab == PASSES:
            within = self._desk.application.organizations.within(organization.id)
            self.passes.show_organization(organization.id, name, within)
        else:
            names: dict[int | None, str] = {
                each.organization.id: organization_name(self._desk, each.organization) for each in self._all
            }
            self.stations.show_organization(organization.id, name, names)

    def _filter(self) -> None:
        (self.passes if self.tab.value() == PASSES else self.stations).filter(self.search.text())

    # What is done

    def remove(self) -> None:
        """Remove the organization that is shown, or say what still belongs to it."""
        if self._summary is None:
            return
        organization = self._summary.organization
        name = organization_name(self._desk, organization)
        below = len(self._desk.application.organizations.within(organization.id)) - 1
        if still := what_is_still_in(self._summary, below):
            self._say(
                tr("{name} cannot be removed yet, it has {things}. Move them first.").format(name=name, things=still)
            )
            return
        removing = self._desk.application.organizations.remove(organization.id)

        async def carry_out() -> None:
            self._desk.offer_undo(tr("{name} was removed.").format(name=name), await removing)

        self._desk.run(carry_out(), on_error=self._refused)

    def _add_below(self) -> None:
        if self._summary is not None:
            self._desk.run(new_organization(self._desk, parent_id=self._summary.organization.id))

    def _jump(self, page: str) -> None:
        if self._summary is not None:
            self._desk.go(page, InOrganization(self._summary.organization.id))

    def _change(self, **values: object) -> None:
        if self._summary is not None:
            self._desk.run(self._keep(self._summary.organization, values), on_error=self._refused)

    async def _keep(self, before: Organization, values: dict[str, object]) -> None:
        organizations, earlier = self._desk.application.organizations, organization_name(self._desk, before)
        # The first of all has no name of its own until it is given one.
        wanted = replace(before, **({"name": earlier} | values))  # type: ignore[arg-type]
        undo = await organizations.change(wanted)
        after = organizations.require(before.id)
        self._say("")
        self._desk.offer_undo(self._told(earlier, before, after), undo)

    def _told(self, earlier: str, before: Organization, after: Organization) -> str:
        name = organization_name(self._desk, after)
        if name != earlier:
            return tr("{before} is called {now} now.").format(before=earlier, now=name)
        if after.parent_id != before.parent_id:
            if after.parent_id is None:
                return tr("{name} stands at the top now.").format(name=name)
            parent = self._desk.application.organizations.require(after.parent_id)
            return tr("{name} is below {parent} now.").format(name=name, parent=organization_name(self._desk, parent))
        currency = self._desk.application.organizations.currency(after.id)
        return tr("{name} charges in {currency} now.").format(name=name, currency=currency)

    def _refused(self, error: AppError) -> None:
        self._say(sentence(error.code, **error.params))
        if self._summary is not None:
            # A choice that was refused is not left standing as if it held.
            self.place.select(self._summary.organization.parent_id)

    def _say(self, words: str) -> None:
        self.problem.say(words)
        self.problem.setVisible(bool(words))
        self.name.setAccessibleDescription(words)


def _name(text: str, field: QWidget) -> Label:
    """A name before a field; never cut."""
    name = muted(text)
    name.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    name.setBuddy(field)
    return name
