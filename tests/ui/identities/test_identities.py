"""The page of identities on a real site."""

from datetime import date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.domain.access import Reason, Status
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import Role
from app.sessions import Admission, Start, Stop
from ui.identities.dialog import IdentityDialog
from ui.identities.page import IdentitiesPage
from ui.passes.dialog import PassDialog
from ui.pools.choice import PoolChoiceDialog, pools_named
from ui.widgets.labels import Label
from ui.widgets.tables import TableView

LONG = "Bouwbedrijf Van der Meulen en Zonen, afdeling Grond- en Waterwerken in de regio Noordwest en omstreken"


@pytest.fixture
async def site(application):
    """Anna, who administers and has two passes; Jan with none; the pools Guests (Anna) and Guests deluxe."""
    guests = await application.pools.create("Guests")
    deluxe = await application.pools.create("Guests deluxe")
    anna = await application.identities.add(
        IdentityDraft("anna@delinde.example", "Anna", "de Vries", Role.ADMINISTRATOR, "P-1001")
    )
    jan = await application.identities.add(IdentityDraft("jan@delinde.example", "Jan", "Bakker"))
    await application.members.add(guests.id, identity_ids=[anna.id])
    card = await application.passes.add(PassDraft("04A2B3C4D5E680", "", "Anna's card", anna.id))
    await application.passes.add(PassDraft("5E0A917C", "", "Fob", anna.id))
    return {"guests": guests, "deluxe": deluxe, "anna": anna, "jan": jan, "card": card}


@pytest.fixture
async def page(desk, site, qtbot, until):
    page = IdentitiesPage(desk)
    qtbot.addWidget(page)
    page.resize(1160, 780)
    page.show()
    page.activateWindow()
    await until(page.isActiveWindow)
    return page


def names(page):
    return [page.model.row(at).identity.name for at in range(page.model.rowCount())]


def row_of(page, identity):
    at = page.model.position(identity.id)
    return [page.model.text_at(at, column) for column in range(len(page.model.columns))]


def words_in(widget):
    return [label.text() for label in widget.findChildren(Label) if label.isVisible()]


def table_of(page, name):
    return next(table for table in page.pane.findChildren(TableView) if table.accessibleName() == name)


def click_link(table, row_number, column):
    place = table.visualRect(table.model().index(row_number, column)).center()
    area = table.itemDelegate().link_area(
        table.visualRect(table.model().index(row_number, column)),
        table.model().columns[column],
        table.model().row(row_number),
    )
    place.setX(round(area.center().x()))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


async def charge(application, card, wh):
    now = application.clock()
    start = Start("ALF-0021", 1, card.uid, card.uid, 1000, now, now.isoformat())
    admitted = Admission(
        Status.ACCEPTED.value, Reason.IDENTITY_IS_MEMBER.value, "Garage 2", "Guests", card.id, card.identity_id, "Anna"
    )
    session_id = (await application.sessions.started(start, admitted)).transaction_id
    await application.sessions.stopped(Stop("ALF-0021", session_id, 1000 + wh, now))


async def test_the_table_tells_what_everybody_has(page, site):
    assert row_of(page, site["anna"]) == [
        "Anna de Vries",
        "anna@delinde.example",
        "Administrator",
        "2",
        "Guests",
        "never",
    ]
    assert page.head.subtitle.text() == "2, of which 1 has no pass"


async def test_a_charge_is_told_at_once(page, application, site, until):
    page.select(site["anna"].id)
    await charge(application, site["card"], 7_400)
    await until(lambda: row_of(page, site["anna"])[-1].endswith("today"))
    await until(lambda: any("charged 7.4 kWh at Garage 2" in text for text in words_in(page.pane)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vries", ["Anna de Vries"]),
        ("JAN@", ["Jan Bakker"]),
        ("p1001", ["Anna de Vries"]),
        ("delinde", ["Anna de Vries", "Jan Bakker"]),
        ("zzz", []),
    ],
)
async def test_somebody_is_found_by_name_address_or_external_id(page, text, found):
    page.search.setText(text)
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    assert names(page) == found


async def test_those_without_a_pass_and_the_administrators_are_a_click_away(page):
    page.which.segment("without_pass").click()
    assert names(page) == ["Jan Bakker"]
    page.which.segment("administrators").click()
    assert names(page) == ["Anna de Vries"]
    assert page.which.segment("administrators").text() == "Administrators 1"


async def test_whoever_is_asked_for_from_elsewhere_is_shown_whatever_is_searched(page, site):
    page.search.setText("zzz")
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    page.select(site["jan"].id)
    assert page.table.selected_rows()[0].identity == site["jan"]


async def test_an_empty_page_teaches_what_an_identity_is(desk, qtbot, opened, press):
    page = IdentitiesPage(desk)
    qtbot.addWidget(page)
    page.show()
    assert any("a person or a company" in label.text() for label in page.table.findChildren(QLabel))
    press(page.table, "New identity")
    (await opened(IdentityDialog)).reject()


class TestPane:
    async def test_a_pass_is_one_click_away(self, page, site, went):
        page.select(site["anna"].id)
        click_link(table_of(page, "Passes"), 1, 0)
        assert went == [("passes", site["card"].id)]

    async def test_a_new_pass_is_for_the_one_who_is_shown(self, page, site, application, opened, press, said):
        page.select(site["jan"].id)
        press(page.pane, "New pass…")
        dialog = await opened(PassDialog)
        dialog.form.uid.setText("774F20B1")
        press(dialog, "Create pass")
        await said("774F20B1 is a pass now.")
        assert application.passes.find("774F20B1").identity_id == site["jan"].id

    async def test_a_pool_is_left_and_joined_again_by_undo(self, page, site, application, until, press, said):
        page.select(site["anna"].id)
        click_link(table_of(page, "Pools"), 0, 2)
        note = await said("Anna de Vries is not a member of Guests any more.")
        assert application.members.of_pool(site["guests"].id) == []
        await until(lambda: any("a member of none" in label.text() for label in page.pane.findChildren(QLabel)))
        press(note, "Undo")
        await until(lambda: [table.accessibleName() for table in page.pane.findChildren(TableView)].count("Pools") == 1)
        assert application.members.of_pool(site["guests"].id)[0].identity_id == site["anna"].id

    async def test_a_pool_is_one_click_away(self, page, site, went):
        page.select(site["anna"].id)
        click_link(table_of(page, "Pools"), 0, 0)
        assert went == [("pools", site["guests"].id)]

    async def test_a_pool_is_joined_and_left_again_by_undo(self, page, site, application, opened, press, said, until):
        page.select(site["jan"].id)
        press(page.pane, "Add to a pool…")
        dialog = await opened(PoolChoiceDialog)
        dialog.pool.select(site["deluxe"].id)
        press(dialog, "Add")
        note = await said("Jan Bakker may charge at Guests deluxe now, with every pass.")
        await until(lambda: row_of(page, site["jan"])[4] == "Guests deluxe")
        press(note, "Undo")
        await until(lambda: row_of(page, site["jan"])[4] == "–")

    async def test_a_pool_whose_name_begins_another_is_not_mistaken_for_it(self, application, site):
        pools = application.pools.all()
        assert [found.pool.name for found in pools_named(pools, "Guests deluxe")] == ["Guests deluxe"]
        assert [found.pool.name for found in pools_named(pools, "Guests deluxe, Guests")] == ["Guests", "Guests deluxe"]
        assert pools_named(pools, "") == []

    async def test_a_long_name_is_cut_and_whole_in_its_tooltip(self, page, application):
        company = await application.identities.add(IdentityDraft("planning@vdmeulen.example", LONG))
        page.select(company.id)
        page.grab()
        title = next(label for label in page.pane.findChildren(Label) if label.text() == LONG)
        assert title.toolTip() == LONG
        assert page.width() == 1160

    async def test_every_control_is_named_and_reached(self, page, site, out_of_reach):
        page.select(site["anna"].id)
        assert out_of_reach(page) == []


class TestDialog:
    async def test_a_new_identity_is_kept_shown_and_undone(self, page, application, opened, press, said, until):
        QTest.keyClick(page.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        dialog = await opened(IdentityDialog)
        dialog.form.first_name.setText(" Mila ")
        dialog.form.last_name.setText("Jansen")
        dialog.form.email.setText("mila@delinde.example")
        dialog.form.role.select(Role.ADMINISTRATOR)
        dialog.form.external_id.setText("P-7")
        press(dialog, "Create identity")
        note = await said("Mila Jansen is here now.")
        mila = application.identities.find("mila@delinde.example")
        assert (mila.name, mila.role, mila.external_id) == ("Mila Jansen", Role.ADMINISTRATOR, "P-7")
        await until(lambda: [summary.identity for summary in page.table.selected_rows()] == [mila])
        press(note, "Undo")
        await until(lambda: "Mila Jansen" not in names(page))

    @pytest.mark.parametrize(
        ("email", "told"), [("", "Fill in"), ("anna", "not an e-mail address"), ("ANNA@delinde.example", "already")]
    )
    async def test_a_wrong_address_is_told_at_the_address(self, page, opened, press, until, email, told):
        page.new_identity()
        dialog = await opened(IdentityDialog)
        dialog.form.first_name.setText("Mila")
        dialog.form.email.setText(email)
        press(dialog, "Create identity")
        await until(lambda: told in dialog.form.email_field.error.words())
        assert dialog.form.first_name.text() == "Mila"
        assert dialog.isVisible()
        dialog.reject()

    async def test_whoever_has_the_address_is_shown_with_a_click(self, page, site, opened, press, until, went):
        page.new_identity()
        dialog = await opened(IdentityDialog)
        dialog.form.email.setText("anna@delinde.example")
        press(dialog, "Create identity")
        await until(dialog.form.email_field.has_error)
        press(dialog.form.email_field, "Show that one")
        assert went == [("identities", site["anna"].id)]

    async def test_the_days_of_somebody_are_kept_and_taken_back(
        self, page, site, application, opened, press, said, until
    ):
        page.select(site["jan"].id)
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        dialog = await opened(IdentityDialog)
        dialog.validity.begins.show_value(date(2026, 3, 1))
        dialog.validity.ends.show_value(date(2026, 3, 31))
        press(dialog, "Save")
        note = await said("Jan Bakker was changed.")
        jan = application.identities.require(site["jan"].id)
        assert jan.valid_from == datetime(2026, 3, 1).astimezone()
        assert jan.valid_until == datetime(2026, 4, 1).astimezone()
        await until(lambda: page.table.selected_rows()[0].identity == jan)
        page.actions_on_one[0].trigger()
        again = await opened(IdentityDialog)
        assert (again.validity.begins.value(), again.validity.ends.value()) == (date(2026, 3, 1), date(2026, 3, 31))
        again.reject()
        press(note, "Undo")
        await until(lambda: application.identities.require(site["jan"].id) == site["jan"])

    async def test_days_the_wrong_way_round_are_swapped_with_a_click(self, page, site, opened, press, until):
        page.select(site["jan"].id)
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        dialog = await opened(IdentityDialog)
        dialog.validity.begins.show_value(date(2026, 3, 31))
        dialog.validity.ends.show_value(date(2026, 3, 1))
        press(dialog, "Save")
        await until(dialog.validity.has_error)
        press(dialog.validity, "Swap them")
        assert (dialog.validity.begins.value(), dialog.validity.ends.value()) == (date(2026, 3, 1), date(2026, 3, 31))
        dialog.reject()

    async def test_f2_edits_and_undo_brings_everything_back(self, page, site, application, opened, press, said, until):
        page.select(site["anna"].id)
        QTest.keyClick(page.table, Qt.Key.Key_F2)
        dialog = await opened(IdentityDialog)
        assert dialog.form.external_id.text() == "P-1001"
        dialog.form.role.select(Role.CARDHOLDER)
        dialog.form.last_name.setText("Visser")
        press(dialog, "Save")
        note = await said("Anna Visser was changed.")
        await until(lambda: row_of(page, site["anna"])[2] == "Cardholder")
        press(note, "Undo")
        await until(lambda: application.identities.require(site["anna"].id) == site["anna"])


async def test_del_removes_with_the_passes_names_their_number_and_can_be_undone(
    page, site, application, until, press, said
):
    page.select(site["anna"].id)
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    note = await said("Anna de Vries was removed, with 2 passes.")
    assert application.passes.find("5E0A917C") is None
    await until(lambda: names(page) == ["Jan Bakker"])
    press(note, "Undo")
    await until(lambda: names(page) == ["Anna de Vries", "Jan Bakker"])
    assert application.passes.require(site["card"].id) == site["card"]
    assert application.members.of_pool(site["guests"].id)[0].identity_id == site["anna"].id


async def test_somebody_without_passes_is_removed_without_a_number(page, site, said):
    page.select(site["jan"].id)
    page.actions_on_one[-1].trigger()
    assert (await said("Jan Bakker was removed")).text == "Jan Bakker was removed."
