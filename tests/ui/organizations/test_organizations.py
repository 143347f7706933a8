"""The page of organizations on a real site: the tree, what belongs to each, and every change taken back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import insert

from app.database import schema
from app.domain.drafts import IdentityDraft, PassDraft
from tests.wire import raw_station
from ui.organizations.allocation import AllocateDialog
from ui.organizations.choice import InOrganization
from ui.organizations.dialog import OrganizationDialog, OrganizationsDialog
from ui.organizations.page import OrganizationsPage, open_organizations
from ui.organizations.passes import ALL, OFF, OWN
from ui.organizations.stations import ELSEWHERE
from ui.widgets.labels import Paragraph

MANY = 10_000


@pytest.fixture
async def site(application):
    """The house (1) with Anna and Garage 1; below it Shops with Mila and Garage 2, below that an empty Bakery."""
    house = application.organizations.all()[0].organization.id
    shops = (await application.organizations.create("Shops")).id
    bakery = (await application.organizations.create("Bakery", shops, "CHF")).id
    pool = await application.pools.create("Guests")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    mila = await application.identities.add(IdentityDraft("mila@shops.example", "Mila", organization_id=shops))
    await application.stations.accept("ALF-0020", name="Garage 1", host_id=house, pool_id=pool.id)
    await application.stations.accept("ALF-0021", name="Garage 2", host_id=shops)
    await application.passes.add(PassDraft("04A2B3C4D5E680", "", "Anna's card", anna.id))
    fob = await application.passes.add(PassDraft("5E0A917C", "", "Mila's fob", mila.id))
    van = await application.passes.add(PassDraft("774F20B1", "", "Mila's van", mila.id))
    return {"house": house, "shops": shops, "bakery": bakery, "mila": mila, "fob": fob, "van": van}


@pytest.fixture
async def page(desk, site, qtbot, until):
    page = OrganizationsPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    page.activateWindow()
    await until(page.isActiveWindow)
    return page


def tree(page):
    rows = [page.model.row(at) for at in range(page.model.rowCount())]
    return [(summary.depth, summary.organization.name) for summary in rows]


def titles(passes):
    return [passes.model.row(at).card.title for at in range(passes.model.rowCount())]


def station_ids(stations):
    return [stations.model.row(at).station_id for at in range(stations.model.rowCount())]


def setting_of(passes, card):
    return passes.model.text_at(passes.model.position(card.id), 4)


def problem(page):
    return page.editor.problem.words() if not page.editor.problem.isHidden() else ""


def type_name(field, text, key=Qt.Key.Key_Return):
    field.edit()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, key)


async def test_the_tree_stands_from_the_top_with_what_each_has(page, site):
    assert tree(page) == [(0, ""), (1, "Shops"), (2, "Bakery")]
    shown = [page.model.text_at(at, 0) for at in range(3)]
    assert shown[0] == "Main organization · 1 identity · 1 station · 1 pool"
    assert "1 identity · 1 station" in shown[1]
    assert shown[2].endswith("empty")


async def test_the_first_goes_by_the_name_of_the_site(page, application, until):
    await application.settings.change(site_name="Parkhotel De Linde")
    await application.organizations.create("Offices")
    await until(lambda: page.model.text_at(0, 0).startswith("Parkhotel De Linde"))


class TestTree:
    async def test_one_is_made_below_the_chosen_one_shown_and_undone(self, page, site, opened, press, said, until):
        page.select(site["shops"])
        QTest.keyClick(page.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        dialog = await opened(OrganizationDialog)
        dialog.name.setText("Florist")
        press(dialog, "Create organization")
        note = await said("Florist is an organization now.")
        await until(lambda: [each.organization.name for each in page.table.selected_rows()] == ["Florist"])
        assert (2, "Florist") in tree(page)
        press(note, "Undo")
        await until(lambda: (2, "Florist") not in tree(page))

    async def test_a_name_that_is_taken_is_told_at_the_name(self, page, opened, press, until):
        page.new_organization()
        dialog = await opened(OrganizationDialog)
        for name, told in (("", "Give the organization a name"), ("SHOPS", "called SHOPS already")):
            dialog.name.setText(name)
            press(dialog, "Create organization")
            await until(lambda told=told: told in dialog.name_field.error.words())
        dialog.name.setText("Florist")
        dialog.currency.setText("€")
        press(dialog, "Create organization")
        await until(dialog.currency_field.has_error)
        dialog.reject()

    async def test_it_is_renamed_in_place_and_undone(self, page, site, said, press, until):
        page.select(site["shops"])
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        assert page.editor.name.hasFocus()
        QTest.keyClicks(page.editor.name, "Arcade")
        QTest.keyClick(page.editor.name, Qt.Key.Key_Return)
        note = await said("Shops is called Arcade now.")
        await until(lambda: (1, "Arcade") in tree(page))
        press(note, "Undo")
        await until(lambda: (1, "Shops") in tree(page))
        await until(lambda: page.editor.name.text() == "Shops")

    async def test_a_refused_name_is_said_where_it_was_typed_and_esc_brings_the_old_one_back(self, page, site, until):
        page.select(site["bakery"])
        type_name(page.editor.name, "shops")
        await until(lambda: "called shops already" in problem(page))
        QTest.keyClick(page.editor.name, Qt.Key.Key_Escape)
        assert (page.editor.name.text(), problem(page)) == ("Bakery", "")

    async def test_it_is_moved_anywhere_but_below_itself(self, page, site, application, said, press, until):
        page.select(site["shops"])
        place = page.editor.place
        assert [place.itemText(number).strip() for number in range(place.count())] == [
            "None: at the top",
            "Main organization",
        ]
        page.select(site["bakery"])
        place.select(site["house"])
        place.changed.emit(site["house"])
        note = await said("Bakery is below Main organization now.")
        await until(lambda: (1, "Bakery") in tree(page))
        press(note, "Undo")
        await until(lambda: (2, "Bakery") in tree(page))

    async def test_a_currency_is_its_own_or_that_of_the_one_above(self, page, site, application, said, press, until):
        page.select(site["bakery"])
        assert page.editor.currency.text() == "CHF"
        page.select(site["shops"])
        assert (page.editor.currency.text(), page.editor.currency.placeholderText()) == ("", "EUR")
        type_name(page.editor.currency, "x1")
        await until(lambda: "not a currency" in problem(page))
        type_name(page.editor.currency, "sek")
        note = await said("Shops charges in SEK now.")
        assert application.organizations.currency(site["shops"]) == "SEK"
        press(note, "Undo")
        await until(lambda: application.organizations.currency(site["shops"]) == "EUR")

    async def test_one_that_is_not_empty_stays_and_says_what_is_in_it(self, page, site, application):
        page.select(site["shops"])
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        assert problem(page) == (
            "Shops cannot be removed yet, it has 1 identity, 1 station and 1 organization below it. Move them first."
        )
        assert len(application.organizations.all()) == 3

    async def test_an_empty_one_is_removed_and_comes_back_by_undo(self, page, site, said, press, until):
        page.select(site["bakery"])
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        note = await said("Bakery was removed.")
        await until(lambda: tree(page) == [(0, ""), (1, "Shops")])
        press(note, "Undo")
        await until(lambda: (2, "Bakery") in tree(page))

    async def test_the_first_of_all_stays(self, page, site, application, until):
        for each in ("fob", "van"):
            await application.passes.remove([site[each].id])
        shops = application.organizations.require(site["shops"])
        page.select(site["house"])
        page.editor.remove()
        assert "cannot be removed yet" in problem(page)
        assert application.organizations.require(site["shops"]) == shops

    async def test_the_numbers_lead_to_what_they_count_those_below_it_included(
        self, page, site, application, went, press, until
    ):
        await application.identities.add(IdentityDraft("jan@bakery.example", organization_id=site["bakery"]))
        page.select(site["shops"])
        await until(lambda: page.editor.to_identities.text() == "2 identities →")
        for words in ("2 identities →", "1 station →", "0 pools →", "Sessions →"):
            press(page.editor, words)
        shops = InOrganization(site["shops"])
        assert went == [(page, shops) for page in ("identities", "stations", "pools", "sessions")]


class TestPasses:
    async def test_the_passes_of_its_identities_stand_there_each_with_its_setting(self, page, site):
        page.select(site["shops"])
        passes = page.editor.passes
        assert sorted(titles(passes)) == ["Mila's fob", "Mila's van"]
        assert setting_of(passes, site["fob"]) == "Whitelist"
        page.select(site["bakery"])
        assert titles(passes) == []
        page.select(site["house"])
        assert len(titles(passes)) == 3

    async def test_off_is_one_click_and_undone(self, page, site, application, said, press, until):
        page.select(site["shops"])
        passes = page.editor.passes
        passes.table.link_clicked.emit(passes.model.row(passes.model.position(site["fob"].id)), "Set to Off")
        note = await said("Mila's fob is Off: it opens no station allocated to Shops.")
        assert application.organizations.passes_off(site["shops"]) == {site["fob"].id}
        await until(lambda: setting_of(passes, site["fob"]) == "Off")
        press(note, "Undo")
        await until(lambda: setting_of(passes, site["fob"]) == "Whitelist")
        assert application.organizations.passes_off(site["shops"]) == frozenset()

    async def test_a_pass_that_is_off_is_refused_there_and_nowhere_else(self, page, site, application):
        pool = application.pools.all()[0].pool.id
        await application.members.add(pool, identity_ids=[site["mila"].id])
        await application.stations.move(["ALF-0021"], pool)
        await application.organizations.set_passes(site["shops"], [site["fob"].id], on=False)
        accepted = {
            answer.station_id: answer.decision.status.value
            for answer in application.explanations.of_pass(site["fob"].id)
        }
        assert accepted["ALF-0020"] == "Accepted"
        assert accepted["ALF-0021"] != "Accepted"

    async def test_many_are_set_at_once_with_the_keyboard_alone(self, page, site, application, said, until):
        page.select(site["shops"])
        passes = page.editor.passes
        passes.table.setFocus()
        passes.table.selectAll()
        QTest.keyClick(passes.table, Qt.Key.Key_Space)
        await said("2 passes are Off: they open no station allocated to Shops.")
        await until(lambda: setting_of(passes, site["fob"]) == setting_of(passes, site["van"]) == "Off")
        assert passes.which.segment(OFF).text() == "Off 2"
        assert len(passes.table.selected_rows()) == 2
        assert not passes.set_off.isEnabled()
        QTest.keyClick(passes.table, Qt.Key.Key_Space)
        await said("2 passes are on the whitelist at the stations of Shops again.")
        await until(lambda: passes.which.segment(OFF).text() == "Off 0")

    async def test_every_pass_of_the_site_is_a_click_away_and_found_by_any_number(self, page, site):
        page.select(site["shops"])
        passes = page.editor.passes
        passes.which.segment(ALL).click()
        assert len(titles(passes)) == 3
        page.editor.search.setText("5e:0a:91")
        QTest.keyClick(page.editor.search, Qt.Key.Key_Return)
        assert titles(passes) == ["Mila's fob"]
        page.editor.search.setText("zzz")
        QTest.keyClick(page.editor.search, Qt.Key.Key_Return)
        assert titles(passes) == []
        passes.show_all()
        assert len(titles(passes)) == 3
        assert page.editor.search.text() == ""

    async def test_a_pass_that_comes_meanwhile_is_there_at_once(self, page, site, application, until):
        page.select(site["shops"])
        await application.passes.add(PassDraft("088F31C5", "", "Mila's spare", site["mila"].id))
        await until(lambda: "Mila's spare" in titles(page.editor.passes))

    async def test_ten_thousand_passes_are_all_there(self, desk, site, application, qtbot):
        def write(connection):
            rows = [{"id": number, "uid": f"04{number:012X}", "name": f"Card {number}"} for number in range(100, MANY)]
            holder = {"identity_id": site["mila"].id, "blocked": False, "created_at": application.clock()}
            connection.execute(insert(schema.passes), [row | holder for row in rows])

        await application.store.write(write)
        page = OrganizationsPage(desk)
        qtbot.addWidget(page)
        page.resize(1160, 780)
        page.show()
        page.select(site["shops"])
        page.grab()
        assert page.editor.passes.model.rowCount() == MANY - 100 + 2


class TestStations:
    async def test_what_it_hosts_and_what_could_be_allocated_to_it(self, page, site, application, said, press, until):
        page.select(site["shops"])
        page.editor.tab.segment("stations").click()
        stations = page.editor.stations
        assert station_ids(stations) == ["ALF-0021"]
        stations.which.segment(ELSEWHERE).click()
        assert station_ids(stations) == ["ALF-0020"]
        stations.table.selectAll()
        press(stations, "Allocate here")
        note = await said("Allocated to Shops: Garage 1.")
        assert application.stations.require("ALF-0020").host_id == site["shops"]
        await until(lambda: station_ids(stations) == [])
        assert page.editor.tab.segment("stations").text() == "Stations 2"
        press(note, "Undo")
        await until(lambda: station_ids(stations) == ["ALF-0020"])

    async def test_a_station_goes_to_another_one(self, page, site, application, opened, said, press):
        page.select(site["shops"])
        page.editor.tab.segment("stations").click()
        page.editor.stations.table.selectAll()
        press(page.editor.stations, "Allocate to another…")
        dialog = await opened(AllocateDialog)
        assert dialog.organization.value() == site["shops"]
        dialog.organization.select(site["bakery"])
        press(dialog, "Allocate")
        await said("Allocated to Bakery: Garage 2.")
        assert application.stations.require("ALF-0021").host_id == site["bakery"]

    async def test_one_that_only_wants_to_join_is_not_offered(self, page, site, application, until):
        async with raw_station(f"ws://127.0.0.1:{application.server.port}/", "EVB-P2118"):
            await until(lambda: application.stations.find("EVB-P2118") is not None)
            page.select(site["shops"])
            page.editor.tab.segment("stations").click()
            page.editor.stations.which.segment(ELSEWHERE).click()
            assert station_ids(page.editor.stations) == ["ALF-0020"]


class TestTheSecond:
    async def test_what_organizations_are_for_is_told_and_both_get_their_names(
        self, desk, application, opened, press, said, went, until
    ):
        await application.settings.change(site_name="Parkhotel De Linde")
        open_organizations(desk)
        dialog = await opened(OrganizationsDialog)
        assert any("several tenants share a site" in each.words() for each in dialog.findChildren(Paragraph))
        assert dialog.first_name.text() == "Parkhotel De Linde"
        dialog.name.setText("Shops")
        press(dialog, "Create organization")
        note = await said("Shops is an organization now.")
        names = [each.organization.name for each in application.organizations.all()]
        assert names == ["Parkhotel De Linde", "Shops"]
        await until(lambda: went == [("organizations", application.organizations.find("Shops").id)])
        press(note, "Undo")
        await until(lambda: [each.organization.name for each in application.organizations.all()] == [""])

    async def test_a_mistake_changes_nothing(self, desk, application, opened, press, until):
        open_organizations(desk)
        dialog = await opened(OrganizationsDialog)
        dialog.first_name.setText("House")
        press(dialog, "Create organization")
        await until(dialog.name_field.has_error)
        dialog.first_name.setText("")
        dialog.name.setText("Shops")
        press(dialog, "Create organization")
        await until(dialog.first_field.has_error)
        assert application.organizations.is_single
        assert application.organizations.all()[0].organization.name == ""
        dialog.reject()

    async def test_with_several_the_page_is_opened(self, desk, application, went):
        await application.organizations.create("Shops")
        open_organizations(desk)
        assert went == [("organizations", None)]


async def test_every_control_is_named_and_reached(page, site, out_of_reach):
    page.select(site["shops"])
    page.editor.passes.table.selectAll()
    assert out_of_reach(page) == []
    page.editor.tab.segment("stations").click()
    assert out_of_reach(page) == []


async def test_another_organization_begins_with_its_own_passes(page, site):
    page.select(site["shops"])
    page.editor.passes.which.segment(ALL).click()
    page.select(site["house"])
    assert page.editor.passes.which.value() == OWN
