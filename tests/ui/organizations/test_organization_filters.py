"""Every list of one organization: passes, identities, stations and sessions, with what belongs to those below it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.drafts import IdentityDraft, PassDraft
from app.sessions import Admission, Start
from ui.access.try_card import TryCardDialog
from ui.frame.rail import Rail
from ui.identities.dialog import IdentityDialog
from ui.identities.page import IdentitiesPage
from ui.organizations.allocation import AllocateDialog
from ui.organizations.choice import InOrganization
from ui.passes.page import PassesPage
from ui.pools.field import NONE
from ui.sessions.page import SessionsPage
from ui.stations.actions import move
from ui.stations.dialogs import AcceptStationDialog
from ui.stations.page import StationsPage
from ui.widgets.boxes import Banner


@pytest.fixture
async def site(application):
    """The house with Anna; Shops with Mila, below it Bakery with Jan; an external card; a station each, one more."""
    house = application.organizations.all()[0].organization.id
    shops = (await application.organizations.create("Shops")).id
    bakery = (await application.organizations.create("Bakery", shops)).id
    found = {"house": house, "shops": shops, "bakery": bakery, "sessions": {}}
    for name, organization_id, station_id in (
        ("Anna", house, "ALF-0020"),
        ("Mila", shops, "ALF-0021"),
        ("Jan", bakery, "ALF-0022"),
    ):
        draft = IdentityDraft(f"{name}@delinde.example", name, organization_id=organization_id)
        identity = found[name] = await application.identities.add(draft)
        card = await application.passes.add(PassDraft(f"04{organization_id:012X}", "", f"{name}'s card", identity.id))
        await application.stations.accept(station_id, name=f"Garage {station_id[-1]}", host_id=organization_id)
        found[f"{name} charged"] = card
    await application.passes.add(PassDraft("5E0A917C", "", "Visitor"))
    await application.stations.accept("ALF-0023", name="Loading dock")
    return found


async def charge(application, site, name, station_id):
    card, identity, now = site[f"{name} charged"], site[name], application.clock() - timedelta(hours=1)
    start = Start(station_id, 1, card.uid, card.uid, 1000, now, f"{now.isoformat()} {name}")
    admitted = Admission("Accepted", "pass_is_member", station_id, "Guests", card.id, identity.id, identity.name)
    return (await application.sessions.started(start, admitted)).transaction_id


@pytest.fixture
def shown(qtbot, desk, until):
    async def show(kind):
        page = kind(desk)
        qtbot.addWidget(page)
        page.resize(1160, 780)
        page.show()
        await until(page.isVisible)
        return page

    return show


def choose(page, organization):
    page.organization.select(organization)
    page.organization.changed.emit(page.organization.value())


def choices(page):
    return [page.organization.itemText(number).strip() for number in range(page.organization.count())]


def passes(page):
    return sorted(page.model.row(at).card.title for at in range(page.model.rowCount()))


def identities(page):
    return [page.model.row(at).identity.name for at in range(page.model.rowCount())]


def stations(page):
    return [page.model.row(at).station.station_id for at in range(page.model.rowCount())]


def banners(page):
    return [each.title.text() for each in page.unallocated.findChildren(Banner)]


class TestPasses:
    async def test_those_of_an_organization_and_of_the_ones_below_it(self, shown, site):
        page = await shown(PassesPage)
        assert choices(page) == ["All organizations", "Main organization", "Shops", "Bakery", "External passes"]
        assert len(passes(page)) == 4
        choose(page, site["shops"])
        assert passes(page) == ["Jan's card", "Mila's card"]
        choose(page, site["bakery"])
        assert passes(page) == ["Jan's card"]
        choose(page, "none")
        assert passes(page) == ["Visitor"]
        choose(page, None)
        assert len(passes(page)) == 4

    async def test_with_a_pool_as_well(self, shown, site, application):
        pool = await application.pools.create("Guests")
        await application.members.add(pool.id, identity_ids=[site["Mila"].id, site["Anna"].id])
        page = await shown(PassesPage)
        page.pool.select(pool.id)
        page.pool.changed.emit(pool.id)
        choose(page, site["shops"])
        assert passes(page) == ["Mila's card"]

    async def test_a_filter_that_hides_everything_leads_back(self, shown, site, application, press):
        empty = await application.organizations.create("Florist")
        page = await shown(PassesPage)
        choose(page, empty.id)
        assert passes(page) == []
        press(page.table, "Show everything")
        assert len(passes(page)) == 4
        assert page.organization.value() is None

    async def test_it_follows_what_happens_to_organizations(self, shown, site, application, until):
        page = await shown(PassesPage)
        choose(page, site["shops"])
        bakery = application.organizations.require(site["bakery"])
        undo = await application.organizations.change(replace(bakery, parent_id=site["house"]))
        await until(lambda: passes(page) == ["Mila's card"])
        await undo()
        await until(lambda: passes(page) == ["Jan's card", "Mila's card"])

    async def test_where_the_chosen_one_is_gone_everything_is_meant_again(self, shown, site, application, until):
        florist = await application.organizations.create("Florist")
        page = await shown(PassesPage)
        choose(page, florist.id)
        await application.organizations.remove(florist.id)
        await until(lambda: len(passes(page)) == 4)
        assert "Florist" not in choices(page)

    async def test_it_can_be_asked_for_from_elsewhere(self, shown, site):
        page = await shown(PassesPage)
        page.search.setText("zzz")
        page.select(InOrganization(site["shops"]))
        assert passes(page) == ["Jan's card", "Mila's card"]

    async def test_what_a_card_would_open_can_be_tried_from_here(self, shown, site, opened, press):
        page = await shown(PassesPage)
        press(page.head, "Try a card…")
        (await opened(TryCardDialog)).reject()


class TestIdentities:
    async def test_those_of_an_organization_and_of_the_ones_below_it(self, shown, site):
        page = await shown(IdentitiesPage)
        choose(page, site["shops"])
        assert identities(page) == ["Jan", "Mila"]
        page.select(InOrganization(site["house"]))
        assert identities(page) == ["Anna", "Jan", "Mila"]
        page.show_all()
        assert page.organization.value() is None

    async def test_a_new_one_belongs_to_the_chosen_organization(self, shown, site, application, opened, press, said):
        page = await shown(IdentitiesPage)
        choose(page, site["bakery"])
        page.new_identity()
        dialog = await opened(IdentityDialog)
        assert dialog.form.organization.value() == site["bakery"]
        dialog.form.email.setText("tom@bakery.example")
        press(dialog, "Create identity")
        await said("tom@bakery.example is here now.")
        assert application.identities.find("tom@bakery.example").organization_id == site["bakery"]

    async def test_somebody_changes_to_another_and_back_by_undo(
        self, shown, site, application, opened, press, said, until
    ):
        page = await shown(IdentitiesPage)
        page.select(site["Mila"].id)
        page.actions_on_one[0].trigger()
        dialog = await opened(IdentityDialog)
        dialog.form.organization.select(site["bakery"])
        press(dialog, "Save")
        note = await said("Mila was changed.")
        assert application.identities.require(site["Mila"].id).organization_id == site["bakery"]
        press(note, "Undo")
        await until(lambda: application.identities.require(site["Mila"].id).organization_id == site["shops"])

    async def test_an_organization_that_is_gone_is_said_at_its_field(
        self, site, application, desk, opened, press, until
    ):
        florist = await application.organizations.create("Florist")
        dialog = IdentityDialog(desk, organization_id=florist.id)
        dialog.open()
        dialog.form.email.setText("tom@florist.example")
        await application.organizations.remove(florist.id)
        press(dialog, "Create identity")
        await until(dialog.form.organization_field.has_error)
        dialog.reject()


class TestStations:
    async def test_those_it_hosts_and_those_nobody_does(self, shown, site):
        page = await shown(StationsPage)
        choose(page, site["shops"])
        assert stations(page) == ["ALF-0021", "ALF-0022"]
        choose(page, "none")
        assert stations(page) == ["ALF-0023"]

    async def test_one_without_an_organization_is_told_and_allocated(
        self, shown, site, application, opened, press, said, until
    ):
        page = await shown(StationsPage)
        assert banners(page) == ["Loading dock belongs to no organization"]
        at = page.model.position("ALF-0023")
        assert page.model.text_at(at, 3) == "no organization"
        press(page.unallocated, "Allocate…")
        dialog = await opened(AllocateDialog)
        dialog.organization.select(site["shops"])
        press(dialog, "Allocate")
        note = await said("Allocated to Shops: Loading dock.")
        await until(lambda: page.unallocated.isHidden())
        assert application.stations.require("ALF-0023").host_id == site["shops"]
        press(note, "Undo")
        await until(lambda: not page.unallocated.isHidden())

    async def test_several_are_allocated_from_the_menu(self, shown, site, application, opened, press, said):
        page = await shown(StationsPage)
        page.table.selectAll()
        assert page.allocate.isVisible()
        page.allocate.trigger()
        dialog = await opened(AllocateDialog)
        dialog.organization.select(site["bakery"])
        press(dialog, "Allocate")
        await said("Allocated to Bakery: 3 stations.")
        assert {station.host_id for station in application.stations.all()} == {site["bakery"]}


class TestAccepting:
    @pytest.fixture
    async def dialog(self, desk, site, qtbot, application):
        house = await application.pools.create("Guests")
        dialog = AcceptStationDialog(desk, "NEW-0001")
        qtbot.addWidget(dialog)
        dialog.open()
        dialog.pool.choice.select(house.id)
        return dialog

    async def test_who_has_the_pool_is_suggested(self, dialog, site, application, until):
        # The one pool there is was chosen when the dialog opened.
        assert dialog.host.host_id() == site["house"]
        dialog.host.choice.select(site["shops"])
        dialog.save()
        await until(dialog.isHidden)
        station = application.stations.require("NEW-0001")
        assert station.host_id == site["shops"]
        assert station.pool_id is not None

    async def test_without_an_organization_there_is_no_pool_and_the_field_says_so(self, dialog, application, said):
        dialog.host.choice.select(None)
        dialog.save()
        assert "belongs to no organization yet" in dialog.host.error.words()
        assert application.stations.find("NEW-0001") is None
        dialog.pool.choice.select(NONE)
        dialog.save()
        await said("NEW-0001 is let in as soon as it connects.")
        station = application.stations.require("NEW-0001")
        assert (station.host_id, station.pool_id) == (None, None)


class TestSessions:
    async def test_those_of_its_identities_and_those_at_its_stations(self, shown, site, application):
        away = await charge(application, site, "Jan", "ALF-0020")
        visited = await charge(application, site, "Anna", "ALF-0021")
        own = await charge(application, site, "Anna", "ALF-0020")
        page = await shown(SessionsPage)

        def ids():
            return {page.model.row(at).id for at in range(page.model.rowCount())}

        assert ids() == {away, visited, own}
        choose(page, site["shops"])
        assert ids() == {away, visited}
        page.select(InOrganization(site["bakery"]))
        assert ids() == {away}
        page.select(own)
        assert page.table.selected_rows()[0].id == own

    async def test_whoever_was_removed_belongs_to_none(self, shown, site, application, until):
        await charge(application, site, "Jan", "ALF-0020")
        page = await shown(SessionsPage)
        choose(page, site["shops"])
        assert page.model.rowCount() == 1
        await application.identities.remove(site["Jan"].id)
        await until(lambda: page.model.rowCount() == 0)


async def test_a_station_without_an_organization_is_refused_by_every_pool_in_words(site, application, desk, said):
    pool = await application.pools.create("Guests")
    move(desk, [application.stations.require("ALF-0023")], pool.id)
    await said("ALF-0023 belongs to no organization yet, so it can be in no pool.")
    assert application.stations.require("ALF-0023").pool_id is None


async def test_the_rail_walks_past_a_page_that_is_not_offered(qtbot):
    rail = Rail()
    qtbot.addWidget(rail)
    for key in ("sessions", "settings"):
        rail.add(key, key)
    rail.add("organizations", "Organizations", before="settings")
    rail.offer("organizations", offered=False)
    chosen = []
    rail.chosen.connect(chosen.append)
    rail.show_current("sessions")
    rail.walk(1)
    rail.offer("organizations", offered=True)
    rail.walk(1)
    assert chosen == ["settings", "organizations"]
