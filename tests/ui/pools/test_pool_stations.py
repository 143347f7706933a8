"""The stations of a pool: why another one is not here, and what changes that."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.model import PoolOptions
from tests.ui.pools.looking import filter_by, link, pool_of, select, shown
from tests.wire import raw_station
from ui.organizations.allocation import AllocateDialog
from ui.pools.stations import Place
from ui.stations.dialogs import AcceptStationDialog

WHY = 5


@pytest.fixture
def stations(page, site):
    """The stations of Staff, which has none."""
    page.select(site["staff"].id)
    page.editor.tab.segment("stations").click()
    return page.editor.stations


@pytest.fixture
async def kitchen(application):
    """A second organization."""
    return await application.organizations.create("Kitchen")


async def test_those_elsewhere_say_where_they_are_the_free_ones_first(stations):
    assert shown(stations.inside) == []
    assert shown(stations.outside) == ["Entrance left", "Garage 1", "Garage 2"]
    assert shown(stations.outside, WHY) == ["in no pool", "in pool Guests", "in pool Guests"]


async def test_one_of_another_pool_moves_here_in_a_click_and_back(stations, site, application, press, said, until):
    link(stations.outside, "Garage 1", "Move here")
    note = await said("Garage 1 is in Staff now.")
    assert pool_of(application, "ALF-0020") == site["staff"].id
    await until(lambda: shown(stations.inside) == ["Garage 1"])
    press(note, "Undo")
    await until(lambda: pool_of(application, "ALF-0020") == site["guests"].id)


async def test_several_move_here_and_back_to_where_each_was(page, stations, site, application, press, said, until):
    select(stations.outside, "Entrance left", "Garage 1")
    press(stations, "Add selected")
    note = await said("2 stations are in Staff now.")
    await until(lambda: shown(stations.inside) == ["Entrance left", "Garage 1"])
    assert page.editor.tab.segment("stations").text() == "Stations 2"
    press(note, "Undo")
    await until(lambda: pool_of(application, "ALF-0020") == site["guests"].id)
    assert pool_of(application, "EVB-P1881") is None


async def test_one_that_is_taken_out_is_in_no_pool_and_the_note_says_what_that_means(
    editor, site, application, press, said, until
):
    editor.tab.segment("stations").click()
    select(editor.stations.inside, "Garage 2")
    QTest.keyClick(editor.stations.inside.table, Qt.Key.Key_Delete)
    note = await said("Garage 2 is in no pool now: nobody may charge there.")
    assert pool_of(application, "ALF-0021") is None
    press(note, "Undo")
    await until(lambda: pool_of(application, "ALF-0021") == site["guests"].id)


async def test_one_that_wants_to_join_is_accepted_from_here_into_this_pool(
    stations, site, application, url, opened, until
):
    async with raw_station(url, "EVB-P2118") as station:
        await station.call("BootNotification", {"chargePointVendor": "EVBox", "chargePointModel": "Elvi"})
        await until(lambda: "EVB-P2118" in shown(stations.outside))
        at = shown(stations.outside).index("EVB-P2118")
        assert shown(stations.outside, WHY)[at] == "wants to join"
        link(stations.outside, "EVB-P2118", "Accept…")
        dialog = await opened(AcceptStationDialog)
        assert dialog.pool.choice.value() == site["staff"].id
        dialog.accept_button.click()
        await until(lambda: shown(stations.inside) == ["EVB-P2118"])


async def test_a_refused_one_says_so(stations, application, until):
    await application.stations.reject("EVB-P1881")
    await until(lambda: shown(stations.outside, WHY)[shown(stations.outside).index("Entrance left")] == "refused")


async def test_one_of_no_organization_is_allocated_from_here(
    stations, site, kitchen, application, opened, press, said, until
):
    await application.stations.accept("EVB-P3000", name="Barn")
    await until(lambda: "Barn" in shown(stations.outside))
    at = shown(stations.outside).index("Barn")
    assert shown(stations.outside, WHY)[at] == "allocated to no organization"
    link(stations.outside, "Barn", "Allocate…")
    dialog = await opened(AllocateDialog)
    dialog.organization.select(kitchen.id)
    dialog.accept()
    await said("Allocated to Kitchen: Barn.")
    await until(lambda: "in no pool" in shown(stations.outside, WHY)[shown(stations.outside).index("Barn")])
    link(stations.outside, "Barn", "Add")
    await until(lambda: shown(stations.inside) == ["Barn"])


async def test_of_several_those_that_cannot_come_are_named(stations, kitchen, application, press, said, until):
    await application.stations.accept("EVB-P3000", name="Barn")
    await until(lambda: "Barn" in shown(stations.outside))
    select(stations.outside, "Barn", "Entrance left")
    press(stations, "Add selected")
    await said("Entrance left is in Staff now. Not Barn: accept and allocate first.")
    assert pool_of(application, "EVB-P3000") is None


async def test_online_and_offline_stand_beside_each_and_above_all(editor, application, url, until):
    editor.tab.segment("stations").click()
    assert shown(editor.stations.inside, 3) == ["Offline", "Offline"]
    async with raw_station(url, "ALF-0020"):
        await until(lambda: shown(editor.stations.inside, 3) == ["Online", "Offline"])
        assert editor.stations.inside.fact.text().startswith("1 offline")


async def test_the_drop_downs_narrow_the_lists(page, editor, kitchen, site, application, until):
    await application.stations.accept("EVB-P3000", name="Barn", host_id=kitchen.id)
    tools, stations = editor.tools, editor.stations
    editor.tab.segment("stations").click()
    await until(lambda: "Barn" in shown(stations.outside))

    def choose(drop_down, value):
        drop_down.select(value)
        drop_down.changed.emit(value)

    choose(tools.place, Place.OTHER_POOL)
    assert shown(stations.outside) == []
    assert shown(stations.inside) == ["Garage 1", "Garage 2"]
    choose(tools.place, None)
    await until(tools.organization.isVisible)
    choose(tools.organization, kitchen.id)
    assert (shown(stations.inside), shown(stations.outside)) == ([], ["Barn"])
    choose(tools.organization, None)
    choose(tools.online, True)
    assert (shown(stations.inside), shown(stations.outside)) == ([], [])
    tools.show_everything()
    assert shown(stations.outside) == ["Barn", "Entrance left"]


async def test_they_are_found_by_id_and_opened(page, stations, went):
    filter_by(page, "alf0021")
    assert shown(stations.outside) == ["Garage 2"]
    link(stations.outside, "Garage 2", "Open")
    assert went == [("stations", "ALF-0021")]


async def test_pools_are_narrowed_to_an_organization(page, site, kitchen, application, until):
    pool = await application.pools.create("Chefs", options=PoolOptions(organization_id=kitchen.id))
    await until(page.organization.isVisible)
    page.organization.select(kitchen.id)
    page.organization.changed.emit(kitchen.id)
    assert [page.model.row(at).pool.id for at in range(page.model.rowCount())] == [pool.id]
    assert page.editor.name.text() == "Chefs"
    page.select(site["staff"].id)
    assert page.editor.name.text() == "Staff"


async def test_which_lists_are_not_in_step_is_told_at_any_width_of_the_window(page, editor):
    which = "Garage 1: Waiting for its return\nGarage 2: Waiting for its return"
    for width, cut in ((700, "0 of 2 local lists in step\n"), (1500, "")):
        page.resize(width, 780)
        assert editor.lists_pill.toolTip() == cut + which
        assert editor.lists_pill.accessibleDescription() == which
