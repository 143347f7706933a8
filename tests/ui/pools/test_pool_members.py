"""Members, easier than in the dialogs of others: found by anything, added by any hand, until any day."""

from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest

from app.domain.drafts import IdentityDraft
from app.domain.model import PoolOptions, Price
from tests.ui.pools.looking import filter_by, link, member_names, middle_of, select, shown, words_of
from ui.pools.member_end import MemberEndDialog

UNTIL = 3


@pytest.fixture
def members(editor):
    return editor.members


async def test_a_row_has_its_own_add_and_remove(members, site, application, said, press, until):
    link(members.outside, "Visitor", "Add")
    await said("Visitor is a member of Guests now.")
    await until(lambda: "Visitor" in shown(members.inside))
    link(members.inside, "Visitor", "Remove")
    note = await said("Visitor is not a member of Guests any more.")
    press(note, "Undo")
    await until(lambda: "Visitor" in shown(members.inside))


class TestFinding:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("bakker jan", ["Jan Bakker"]),
            ("JAN@delinde", ["Jan Bakker"]),
            ("hr-0042", ["Jan Bakker"]),
            ("NL DEL 000011", ["Visitor"]),
            ("nldel0000118", ["Visitor"]),
            ("b1:20:4f:77", ["Visitor"]),
            ("nobody", []),
        ],
    )
    async def test_by_name_address_external_id_printed_id_and_uid(self, page, members, typed, found):
        filter_by(page, typed)
        assert shown(members.outside) == found

    async def test_what_is_read_anew_stays_filtered(self, page, members, application, until):
        filter_by(page, "jan")
        await application.identities.add(IdentityDraft("janine@delinde.example", "Janine"))
        await until(lambda: shown(members.outside) == ["Jan Bakker", "Janine"])
        await application.identities.add(IdentityDraft("tom@delinde.example", "Tom"))
        await until(lambda: members.outside.model.total() == 4)
        assert shown(members.outside) == ["Jan Bakker", "Janine"]

    async def test_f_in_a_table_leads_to_the_filter(self, editor, members, until):
        select(members.outside, "Visitor")
        QTest.keyClick(members.outside.table, Qt.Key.Key_F)
        await until(editor.filter.hasFocus)

    async def test_ctrl_a_and_enter_add_everybody_that_was_found(self, page, members, site, application, until):
        select(members.outside, "Jan Bakker")
        QTest.keyClick(members.outside.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(members.outside.table, Qt.Key.Key_Return)
        await until(lambda: member_names(application, site["guests"]) == ["Anna de Vries", "Jan Bakker", "Visitor"])

    async def test_organizations_narrow_once_there_are_several(self, editor, members, application, until):
        assert not editor.tools.organization.isVisible()
        kitchen = await application.organizations.create("Kitchen")
        await application.identities.add(IdentityDraft("chef@delinde.example", "Chef", organization_id=kitchen.id))
        await until(lambda: editor.tools.organization.isVisible() and "Chef" in shown(members.outside))
        assert shown(members.outside, 2)[shown(members.outside).index("Chef")] == "chef@delinde.example · Kitchen"
        editor.tools.organization.select(kitchen.id)
        editor.tools.organization.changed.emit(kitchen.id)
        assert (shown(members.inside), shown(members.outside)) == ([], ["Chef"])


class TestWhatIsNobodyYet:
    async def test_an_unknown_uid_is_added_as_an_external_pass(
        self, page, members, site, application, press, said, until
    ):
        filter_by(page, "04:99:11:22:33:44:55")
        assert "No pass has this UID yet." in words_of(members.quick_add)
        press(members.quick_add, "Add 04991122334455 as an external pass")
        note = await said("04991122334455 is here now, and a member of Guests.")
        await until(lambda: shown(members.inside) == ["04991122334455"])
        assert application.passes.find("04991122334455").identity_id is None
        assert not members.quick_add.isVisible()
        press(note, "Undo")
        await until(lambda: application.passes.find("04991122334455") is None)
        await until(members.quick_add.isVisible)

    async def test_an_unknown_printed_id_becomes_a_pass_that_waits_for_its_first_tap(
        self, page, members, site, application, press, said
    ):
        filter_by(page, "nl-tnm-b12345-6")
        press(members.quick_add, "Add NL-TNM-B12345-6 as an external pass")
        await said("It waits for its first tap.")
        assert "NL-TNM-B12345-6" in member_names(application, site["guests"])

    async def test_an_unknown_address_becomes_an_identity_at_once(
        self, page, members, site, application, press, said, until
    ):
        filter_by(page, "piet@delinde.example")
        press(members.quick_add, "Add new identity piet@delinde.example")
        note = await said("piet@delinde.example is here now, and a member of Guests.")
        assert "piet@delinde.example" in member_names(application, site["guests"])
        press(note, "Undo")
        await until(lambda: application.identities.find("piet@delinde.example") is None)

    @pytest.mark.parametrize(
        "typed", ["B1204F77", "nl-del-000011-8", "anna@delinde.example", "anna", "0841FA22", "piet@", ""]
    )
    async def test_what_is_known_or_no_id_is_not_offered(self, page, members, typed):
        filter_by(page, typed)
        assert not members.quick_add.isVisible()


class TestUntil:
    async def test_u_sets_the_last_day_of_a_membership_and_undo_takes_it_away(
        self, desk, members, site, application, opened, press, said, until
    ):
        select(members.inside, "Anna de Vries")
        QTest.keyClick(members.inside.table, Qt.Key.Key_U)
        dialog = await opened(MemberEndDialog)
        last = (desk.now() + timedelta(days=9)).date()
        dialog.end.show_value(last)
        dialog.accept()
        note = await said("Anna de Vries: member of Guests until")
        member = application.members.of_pool(site["guests"].id)[0]
        assert desk.local(member.valid_until).date() == last + timedelta(days=1)
        await until(lambda: shown(members.inside, UNTIL)[0].startswith(str(last.day)))
        press(note, "Undo")
        await until(lambda: shown(members.inside, UNTIL) == ["–"])

    async def test_a_membership_that_is_over_says_so_and_is_found_by_it(
        self, desk, editor, members, site, application, until
    ):
        ids = [member.id for member in application.members.of_pool(site["guests"].id)]
        await application.members.set_end(site["guests"].id, ids, desk.now() - timedelta(days=3))
        await until(lambda: shown(members.inside, UNTIL)[0].startswith("ended"))
        for state, found in (("ended", ["Anna de Vries"]), ("in_force", []), ("with_end", [])):
            editor.tools.state.select(state)
            editor.tools.state.changed.emit(state)
            assert shown(members.inside) == found


class TestCarrying:
    async def carry(self, source, name, goal, *, let_go=True):
        viewport, start = source.table.viewport(), middle_of(source, name)
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
        target = viewport.mapFromGlobal(goal.mapToGlobal(QPoint(80, goal.height() // 2)))
        QTest.mouseMove(viewport, start + QPoint(20, 0))
        QTest.mouseMove(viewport, target)
        if let_go:
            QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=target)

    async def test_a_row_carried_to_the_upper_list_is_added(self, members, site, application, until):
        await self.carry(members.outside, "Visitor", members.inside)
        await until(lambda: "Visitor" in member_names(application, site["guests"]))

    async def test_several_are_carried_together_and_out_again(self, members, site, application, until):
        select(members.outside, "Jan Bakker", "Visitor")
        await self.carry(members.outside, "Jan Bakker", members.inside)
        await until(lambda: shown(members.inside) == ["Anna de Vries", "Jan Bakker", "Visitor"])
        await self.carry(members.inside, "Anna de Vries", members.outside)
        await until(lambda: member_names(application, site["guests"]) == ["Jan Bakker", "Visitor"])

    async def test_let_go_anywhere_else_or_with_esc_it_stays(self, members, site, application, said):
        await self.carry(members.outside, "Visitor", members.outside)
        await self.carry(members.outside, "Visitor", members.inside, let_go=False)
        QTest.keyClick(members.outside.table, Qt.Key.Key_Escape)
        QTest.mouseRelease(members.outside.table.viewport(), Qt.MouseButton.LeftButton)
        link(members.outside, "Jan Bakker", "Add")
        await said("Jan Bakker is a member of Guests now.")
        assert member_names(application, site["guests"]) == ["Anna de Vries", "Jan Bakker"]

    async def test_a_click_on_one_of_several_selected_chooses_that_one(self, members):
        select(members.outside, "Jan Bakker", "Visitor")
        QTest.mouseClick(
            members.outside.table.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(members.outside, "Visitor")
        )
        assert [row.name for row in members.outside.table.selected_rows()] == ["Visitor"]


async def test_what_membership_is_good_for_stands_beside_it(page, editor, site, application, until):
    assert editor.members.inside.fact.text() == "may charge here"
    for options, words in (
        (PoolOptions(members_free=True), "may charge here, free of charge"),
        (
            PoolOptions(member_price=Price(Decimal("0.4"), Decimal(1))),
            "may charge here, 0.40 EUR per kWh + 1.00 EUR per session",
        ),
    ):
        await application.pools.change(site["guests"].id, options=options)
        await until(lambda words=words: editor.members.inside.fact.text() == words)


async def test_a_pool_is_as_it_was_left_after_a_look_at_a_member(page, editor, went, qtbot):
    filter_by(page, "jan")
    select(editor.members.outside, "Jan Bakker")
    link(editor.members.outside, "Jan Bakker", "Open")
    assert went[0][0] == "identities"
    page.hide()
    page.show()
    assert editor.filter.text() == "jan"
    assert [row.name for row in editor.members.outside.table.selected_rows()] == ["Jan Bakker"]


async def test_the_history_of_the_pool_is_its_third_tab(page, editor, site, application, until):
    editor.tab.segment("history").click()
    table = editor.history
    lines = [table.model().text_at(at, 1) for at in range(table.model().rowCount())]
    assert "Anna de Vries added" in lines
    await application.members.add(site["guests"].id, pass_ids=[site["visitor"].id])
    await until(lambda: table.model().text_at(0, 1) == "Visitor added")
    assert not editor.filter.isVisible()


async def test_the_filters_go_below_the_tabs_where_the_room_is_short(page, editor, until):
    page.resize(1160, 780)
    page.grab()
    wide = editor.tools.height()
    page.resize(QSize(824, 622))
    page.grab()
    assert page.width() == 824
    await until(lambda: editor.tools.height() > wide)
