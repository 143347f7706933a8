"""The page of pools on a real site: every change from the keyboard or the pointer, and taken back with Undo."""

import gc
import weakref

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.drafts import IdentityDraft
from app.domain.model import AccessLevel
from tests.ui.pools.looking import (
    banners_of,
    double_click,
    filter_by,
    member_names,
    pool_of,
    pools_in,
    select,
    shown,
    words_of,
)
from ui.pools.dialog import PoolDialog
from ui.pools.page import PoolsPage
from ui.widgets.boxes import Banner

LONG = "Visitors parking behind the long building with the green roof, next to the river and the old railway line"


async def test_the_list_tells_the_level_and_what_is_in_each_pool(page):
    rows = [[page.model.text_at(at, column) for column in (0, 1)] for at in range(2)]
    assert rows == [["Guests · 2 stations · 1 identity", "Private"], ["Staff · 0 stations · 0 identities", "Private"]]
    assert page.editor.name.text() == "Guests"
    assert page.editor.tab.segment("members").text() == "Identities and passes 1"
    assert page.editor.tab.segment("stations").text() == "Stations 2"


async def test_a_site_without_pools_teaches_what_one_is(desk, qtbot, opened, press):
    page = PoolsPage(desk)
    qtbot.addWidget(page)
    page.show()
    assert any("a group of stations" in text for text in words_of(page))
    press(page._stack.currentWidget(), "New pool")
    (await opened(PoolDialog)).reject()


async def test_opening_the_page_reads_the_members_once(desk, site, application, qtbot, monkeypatch):
    read, members = [], application.members.of_pool
    monkeypatch.setattr(application.members, "of_pool", lambda pool_id: read.append(pool_id) or members(pool_id))
    page = PoolsPage(desk)
    qtbot.addWidget(page)
    page.show()
    assert read == [site["guests"].id]


async def test_a_page_that_is_gone_leaves_nothing_behind(desk, site, application):
    page = PoolsPage(desk)
    page.show()
    page.editor.tab.segment("stations").click()
    left = [weakref.ref(part) for part in (page.editor.members, page.editor.stations)]
    shiboken6.delete(page)
    del page
    gc.collect()
    assert [part() for part in left] == [None, None]


class TestName:
    async def test_f2_renames_in_place_and_undo_renames_back(self, page, site, application, press, said, until):
        page.select(site["guests"].id)
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        await until(page.editor.name.hasFocus)
        QTest.keyClicks(page.editor.name, "  Hotel   guests ")
        QTest.keyClick(page.editor.name, Qt.Key.Key_Return)
        note = await said("Guests is called Hotel guests now.")
        await until(lambda: "Hotel guests" in pools_in(page))
        assert page.editor.name.text() == "Hotel guests"
        press(note, "Undo")
        await until(lambda: application.pools.require(site["guests"].id).name == "Guests")
        await until(lambda: page.editor.name.text() == "Guests")

    @pytest.mark.parametrize(
        ("typed", "told"), [("staff", "already"), ("   ", "Give the pool a name"), ("x" * 121, "120 characters")]
    )
    async def test_a_name_that_cannot_be_is_told_below_it_and_esc_brings_the_old_one(
        self, page, site, typed, told, until, application
    ):
        page.select(site["guests"].id)
        page.editor.name.edit()
        page.editor.name.setText(typed)
        QTest.keyClick(page.editor.name, Qt.Key.Key_Return)
        await until(page.editor.name_error.isVisible)
        assert told in page.editor.name_error.words()
        assert page.editor.name.text() == typed
        QTest.keyClick(page.editor.name, Qt.Key.Key_Escape)
        assert page.editor.name.text() == "Guests"
        assert not page.editor.name_error.isVisible()
        assert application.pools.require(site["guests"].id).name == "Guests"

    async def test_a_name_that_is_being_typed_survives_what_happens_meanwhile(self, page, site, application, until):
        page.select(site["guests"].id)
        page.editor.name.edit()
        QTest.keyClicks(page.editor.name, "Hot")
        await application.pools.create("Visitors")
        await until(lambda: "Visitors" in pools_in(page))
        assert page.editor.name.text() == "Hot"

    async def test_a_long_name_widens_nothing_and_is_whole_in_the_tooltip(self, page, application, until):
        pool = await application.pools.create(LONG)
        page.select(pool.id)
        page.grab()
        assert page.width() == 1160
        assert page.editor.name.toolTip() == LONG
        await until(lambda: banners_of(page) == [f"{LONG} has no stations"])
        page.grab()
        banner = next(banner for banner in page.findChildren(Banner) if banner.isVisible())
        assert LONG in banner.title.toolTip()


class TestMembers:
    async def test_both_lists_tell_who_is_meant(self, page, site):
        page.select(site["guests"].id)
        assert shown(page.editor.members.inside) == ["Anna de Vries"]
        assert shown(page.editor.members.outside) == ["Jan Bakker", "Visitor"]
        assert shown(page.editor.members.outside, 1) == ["identity · 0 passes", "pass NL-DEL-000011-8"]

    async def test_several_are_added_at_once_and_taken_out_by_undo(self, page, site, application, press, said, until):
        page.select(site["guests"].id)
        select(page.editor.members.outside, "Jan Bakker", "Visitor")
        press(page.editor.members, "Add selected")
        note = await said("2 are members of Guests now.")
        await until(lambda: shown(page.editor.members.inside) == ["Anna de Vries", "Jan Bakker", "Visitor"])
        assert shown(page.editor.members.outside) == []
        press(note, "Undo")
        await until(lambda: shown(page.editor.members.inside) == ["Anna de Vries"])

    async def test_a_double_click_adds_and_another_removes(self, page, site, application, said, until):
        page.select(site["guests"].id)
        double_click(page.editor.members.outside, "Visitor")
        await said("Visitor is a member of Guests now.")
        await until(lambda: "Visitor" in shown(page.editor.members.inside))
        double_click(page.editor.members.inside, "Visitor")
        await said("Visitor is not a member of Guests any more.")
        await until(lambda: member_names(application, site["guests"]) == ["Anna de Vries"])

    async def test_del_takes_out_and_ins_puts_in(self, page, site, application, until):
        page.select(site["guests"].id)
        select(page.editor.members.inside, "Anna de Vries")
        QTest.keyClick(page.editor.members.inside.table, Qt.Key.Key_Delete)
        await until(lambda: shown(page.editor.members.inside) == [])
        select(page.editor.members.outside, "Jan Bakker")
        QTest.keyClick(page.editor.members.outside.table, Qt.Key.Key_Insert)
        await until(lambda: member_names(application, site["guests"]) == ["Jan Bakker"])

    async def test_the_keyboard_goes_on_from_where_a_row_was_taken(self, page, site, application, until):
        page.select(site["guests"].id)
        select(page.editor.members.outside, "Jan Bakker")
        QTest.keyClick(page.editor.members.outside.table, Qt.Key.Key_Return)
        await until(lambda: shown(page.editor.members.outside) == ["Visitor"])
        assert [row.name for row in page.editor.members.outside.table.selected_rows()] == ["Visitor"]

    async def test_remove_all_names_the_number_and_can_be_undone(self, page, site, application, press, said, until):
        await application.members.add(site["guests"].id, identity_ids=[site["jan"].id])
        page.select(site["guests"].id)
        await until(lambda: page.editor.members.inside.model.rowCount() == 2)
        press(page.editor.members, "Remove all 2")
        note = await said("2 are not members of Guests any more.")
        press(note, "Undo")
        await until(lambda: member_names(application, site["guests"]) == ["Anna de Vries", "Jan Bakker"])

    async def test_what_a_filter_hides_is_not_removed_with_all(self, page, site, application, press, until):
        await application.members.add(site["guests"].id, identity_ids=[site["jan"].id])
        page.select(site["guests"].id)
        await until(lambda: page.editor.members.inside.model.rowCount() == 2)
        filter_by(page, "anna")
        press(page.editor.members, "Remove these 1")
        await until(lambda: member_names(application, site["guests"]) == ["Jan Bakker"])

    async def test_one_filter_and_one_kind_hold_for_both_lists(self, page, site, application):
        page.select(site["guests"].id)
        filter_by(page, "b1:20:4f")
        assert (shown(page.editor.members.inside), shown(page.editor.members.outside)) == ([], ["Visitor"])
        assert page.editor.members.outside.fact.text() == "1 of 2 more"
        filter_by(page, "")
        for kind, inside, outside in (
            ("identities", ["Anna de Vries"], ["Jan Bakker"]),
            ("passes", [], ["Visitor"]),
            (None, ["Anna de Vries"], ["Jan Bakker", "Visitor"]),
        ):
            page.editor.tools.kind.select(kind)
            page.editor.tools.kind.changed.emit(kind)
            assert (shown(page.editor.members.inside), shown(page.editor.members.outside)) == (inside, outside)

    async def test_nothing_found_leads_back_to_everybody(self, page, site, press):
        page.select(site["guests"].id)
        filter_by(page, "zzz")
        press(page.editor.members.inside, "Show everything")
        assert shown(page.editor.members.inside) == ["Anna de Vries"]
        assert page.editor.filter.text() == ""

    async def test_a_member_is_opened_from_its_row(self, page, site, went):
        page.select(site["guests"].id)
        page.editor.members.inside.table.link_clicked.emit(page.editor.members.inside.model.row(0), "Open")
        page.editor.members.outside.table.link_clicked.emit(page.editor.members.outside.model.row(1), "Open")
        assert went == [("identities", site["anna"].id), ("passes", site["visitor"].id)]

    async def test_buttons_for_what_is_selected_wait_for_a_selection(self, page, site):
        page.select(site["guests"].id)
        lists = page.editor.members
        assert not lists.remove_selected.isEnabled()
        assert not lists.add_selected.isEnabled()
        select(lists.inside, "Anna de Vries")
        assert lists.remove_selected.isEnabled()
        assert not lists.add_selected.isEnabled()

    async def test_a_renamed_person_is_shown_so(self, page, site, application, until):
        page.select(site["guests"].id)
        await application.identities.change(site["anna"].id, IdentityDraft("anna@delinde.example", "Anna", "Visser"))
        await until(lambda: shown(page.editor.members.inside) == ["Anna Visser"])


class TestNewAndGone:
    async def test_a_new_pool_is_private_unless_said_otherwise_and_undone(
        self, page, application, opened, press, said, until
    ):
        QTest.keyClick(page.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        dialog = await opened(PoolDialog)
        QTest.keyClicks(dialog.name, "Visitors")
        QTest.keyClick(dialog.name, Qt.Key.Key_Return)
        note = await said("Visitors is a pool now.")
        assert application.pools.find("Visitors").level is AccessLevel.PRIVATE
        await until(lambda: page.editor.name.text() == "Visitors")
        press(note, "Undo")
        await until(lambda: pools_in(page) == ["Guests", "Staff"])

    async def test_a_taken_name_is_told_at_the_name(self, page, opened, press, until):
        page.new_pool()
        dialog = await opened(PoolDialog)
        dialog.name.setText("GUESTS")
        dialog.level.segment(AccessLevel.PUBLIC).click()
        assert "Every pass known here" in dialog.meaning.words()
        press(dialog, "Create pool")
        await until(dialog.name_field.has_error)
        assert "already" in dialog.name_field.error.words()
        assert dialog.level.value() is AccessLevel.PUBLIC
        dialog.reject()

    async def test_removing_a_pool_says_what_becomes_of_its_stations_and_undo_brings_all_back(
        self, page, site, application, press, said, until
    ):
        page.select(site["guests"].id)
        QTest.keyClick(page.table, Qt.Key.Key_Delete)
        note = await said("Guests was removed. Its 2 stations are in no pool now: nobody may charge there.")
        await until(lambda: pools_in(page) == ["Staff"])
        assert page.editor.name.text() == "Staff"
        assert pool_of(application, "ALF-0020") is None
        press(note, "Undo")
        await until(lambda: pools_in(page) == ["Guests", "Staff"])
        assert pool_of(application, "ALF-0020") == site["guests"].id
        assert member_names(application, site["guests"]) == ["Anna de Vries"]

    async def test_the_last_pool_gone_the_page_teaches_again(self, page, site, application, until):
        for pool in (site["guests"], site["staff"]):
            await application.pools.remove(pool.id)
        await until(lambda: any("a group of stations" in text for text in words_of(page)))


async def test_every_control_is_named_and_reached_on_both_sides(page, site, out_of_reach):
    page.select(site["guests"].id)
    assert out_of_reach(page) == []
    page.editor.tab.segment("stations").click()
    assert out_of_reach(page) == []


async def test_it_fits_a_small_screen(page, site):
    page.select(site["guests"].id)
    page.resize(824, 622)
    page.grab()
    assert page.width() == 824
