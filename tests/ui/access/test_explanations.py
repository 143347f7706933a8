"""Where a pass, an identity could charge, and who could charge at a station: in the panes and in a list."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from sqlalchemy import insert

from app.database import schema
from app.domain.access import Decision, Reason, Status
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import AccessLevel, PoolOptions
from ui.access.explanations import why
from ui.access.history import AccessHistoryDialog
from ui.access.try_card import TryCardDialog
from ui.access.who_can_charge import WhoCanChargeDialog, WhoCanChargeHere, who_can_charge_in
from ui.identities.pane import IdentityPane
from ui.passes.pane import PassPane
from ui.stations.pane import StationPane
from ui.stations.words import StationNow
from ui.widgets.labels import Label, Paragraph
from ui.widgets.tables import TableView

CARD = "04A2B3C4D5E680"


@pytest.fixture
async def site(application):
    """Guests, free for its members (Anna), with Garage 2; Staff with Entrance."""
    guests = await application.pools.create("Guests", options=PoolOptions(members_free=True))
    staff = await application.pools.create("Staff")
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=guests.id)
    await application.stations.accept("EVB-P1881", name="Entrance", pool_id=staff.id)
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    await application.members.add(guests.id, identity_ids=[anna.id])
    card = await application.passes.add(PassDraft(CARD, "", "Card", anna.id))
    waiting = await application.passes.add(PassDraft("", "NL-TNM-C00122045-K", "Night", anna.id))
    visitor = await application.passes.add(PassDraft("B1204F77", "", "Visitor"))
    return {"guests": guests, "staff": staff, "anna": anna, "card": card, "waiting": waiting, "visitor": visitor}


@pytest.fixture
def shown_pane(qtbot):
    def show(pane):
        qtbot.addWidget(pane)
        pane.resize(372, 900)
        pane.show()
        return pane

    return show


def lines(pane, name="Where it can charge"):
    """What the table of that name says, if there is one."""
    tables = [table for table in pane.findChildren(TableView) if table.accessibleName() == name]
    if not tables:
        return []
    model = tables[-1].model()
    return [" ".join(model.text_at(at, column) for column in range(3)) for at in range(model.rowCount())]


def paragraphs(pane):
    return " ".join(label.words() for label in pane.findChildren(Paragraph) if not label.isHidden())


def labels(pane):
    return [label.text() for label in pane.findChildren(Label)]


class TestWords:
    @pytest.mark.parametrize("reason", Reason)
    def test_every_reason_has_its_words(self, reason):
        words = why(Decision(Status.INVALID, reason, ()), "Guests")
        assert "…" not in words
        assert "nothing was changed" not in words

    def test_a_member_who_pays_nothing_is_told_so(self):
        accepted = Decision(Status.ACCEPTED, Reason.IDENTITY_IS_MEMBER, ())
        assert why(accepted, "Guests", members_free=True) == "member of Guests, free"
        assert why(accepted, "Guests") == "member of Guests"

    def test_who_is_no_member_pays_whatever_members_pay(self):
        assert (
            why(Decision(Status.ACCEPTED, Reason.REGISTERED_PASS, ()), "P", members_free=True) == "open to every pass"
        )


class TestThePaneOfAPass:
    @pytest.fixture
    def pane(self, desk, site, shown_pane):
        return shown_pane(PassPane(desk))

    def show(self, pane, application, card):
        pane.show_passes([each for each in application.passes.all() if each.card.id == card.id])

    async def test_stations_that_let_it_in_come_first_with_the_reason(self, pane, application, site):
        self.show(pane, application, site["card"])
        assert lines(pane) == ["✓ Garage 2 member of Guests, free", "✕ Entrance not a member of Staff"]
        assert "1 of 2" in labels(pane)

    async def test_one_without_a_uid_says_where_it_could_charge_with_it(self, pane, application, site):
        self.show(pane, application, site["waiting"])
        assert paragraphs(pane).endswith("With its UID:")
        assert lines(pane)[0] == "✓ Garage 2 member of Guests, free"

    async def test_one_without_a_uid_and_a_pool_says_only_how_it_gets_one(self, pane, application, site):
        alone = await application.passes.add(PassDraft("", "NL-DEL-000011-2", "Alone"))
        self.show(pane, application, alone)
        assert paragraphs(pane).endswith("fill its UID in with Edit.")
        assert lines(pane) == []

    async def test_that_members_pay_nothing_any_more_is_shown_at_once(self, pane, application, site):
        self.show(pane, application, site["card"])
        await application.pools.change(site["guests"].id, options=PoolOptions())
        pane.refresh()
        assert lines(pane)[0] == "✓ Garage 2 member of Guests"

    async def test_its_history_tells_what_was_done_and_what_was_changed(self, pane, application, site):
        await application.passes.block([site["card"].id])
        self.show(pane, application, site["card"])
        told = [line.partition("today ")[2] for line in labels(pane) if "today" in line]
        assert told == ["blocked", "pass made", "Anna de Vries: added to Guests", "Anna de Vries: identity made"]

    async def test_the_whole_history_is_a_click_away(self, pane, application, site, press, opened):
        self.show(pane, application, site["card"])
        press(pane, "All changes…")
        dialog = await opened(AccessHistoryDialog)
        assert dialog.history.model().rowCount() == 3
        dialog.accept()

    async def test_it_is_tried_with_a_click(self, pane, application, site, press, opened):
        self.show(pane, application, site["card"])
        press(pane, "Try it…")
        dialog = await opened(TryCardDialog)
        assert dialog.uid.text() == CARD
        dialog.reject()


class TestThePaneOfAnIdentity:
    @pytest.fixture
    def pane(self, desk, site, shown_pane):
        return shown_pane(IdentityPane(desk))

    def show(self, pane, application, identity):
        everybody = application.identities.all()
        pane.show_identity(next(summary for summary in everybody if summary.identity.id == identity.id))

    async def test_it_says_where_any_of_its_passes_can_charge(self, pane, application, site):
        await application.members.add(site["staff"].id, pass_ids=[site["card"].id])
        self.show(pane, application, site["anna"])
        assert lines(pane) == ["✓ Entrance member of Staff", "✓ Garage 2 member of Guests, free"]

    async def test_without_a_uid_it_can_charge_nowhere_yet(self, pane, application, site):
        await application.passes.remove([site["card"].id])
        self.show(pane, application, site["anna"])
        assert "Nowhere yet: none of its passes has a UID. With one:" in paragraphs(pane)
        assert lines(pane)[0].startswith("✓ Garage 2")

    async def test_without_a_pass_nothing_is_explained(self, pane, application, site):
        nobody = await application.identities.add(IdentityDraft("tom@delinde.example"))
        self.show(pane, application, nobody)
        assert "Where it can charge" not in labels(pane)

    async def test_its_history_tells_who_came_and_went(self, pane, application, site):
        self.show(pane, application, site["anna"])
        told = [line.partition("today ")[2] for line in labels(pane) if "today" in line]
        assert told == ["Night: pass made", "Card: pass made", "added to Guests", "identity made"]

    async def test_organizations_stand_in_it_only_where_there_are_several(self, pane, application, site):
        self.show(pane, application, site["anna"])
        assert "Organization" not in labels(pane)
        await application.organizations.create("Contractors")
        pane.refresh()
        assert "Organization" in labels(pane)


class TestThePaneOfAStation:
    @pytest.fixture
    def pane(self, desk, site, application, shown_pane):
        pane = shown_pane(StationPane(desk))
        station = application.stations.find("ALF-0021")
        pane.show_stations([StationNow(station, "Guests", online=False)])
        return pane

    def count(self, pane):
        return pane.findChild(WhoCanChargeHere).count.text()

    async def test_it_counts_who_can_charge_and_follows(self, pane, application, site, until):
        await until(lambda: self.count(pane) == "2 of 3 passes, 1 of them once the UID is known")
        await application.members.add(site["guests"].id, pass_ids=[site["visitor"].id])
        await until(lambda: self.count(pane) == "3 of 3 passes, 1 of them once the UID is known")

    async def test_free_vend_lets_everyone_in_and_no_pool_nobody(self, pane, application, site, until):
        await application.pools.change(site["guests"].id, level=AccessLevel.PUBLIC, options=PoolOptions(free_vend=True))
        await until(lambda: self.count(pane) == "Everyone: its pool has free vend.")
        await application.stations.move(["ALF-0021"], None)
        await until(lambda: self.count(pane) == "Nobody: it is in no pool.")

    async def test_the_list_and_a_card_to_try_are_a_click_away(self, pane, press, opened, until):
        press(pane, "Show who…")
        dialog = await opened(WhoCanChargeDialog)
        assert dialog.windowTitle() == "Who can charge at Garage 2?"
        dialog.accept()
        press(pane, "Try a card…")
        attempt = await opened(TryCardDialog)
        assert attempt.station.value() == "ALF-0021"
        attempt.reject()


class TestWhoCanChargeHere:
    @pytest.fixture
    async def dialog(self, desk, site, opened):
        who_can_charge_in(desk, site["guests"])
        return await opened(WhoCanChargeDialog)

    def names(self, dialog):
        return [dialog.model.row(at).title for at in range(dialog.model.rowCount())]

    def said(self, dialog, at):
        return [dialog.model.text_at(at, column) for column in range(5)]

    async def test_everybody_is_listed_with_yes_or_no_and_why(self, dialog):
        assert self.said(dialog, 0) == ["✓", "Anna de Vries", "Card", CARD, "member of Guests, free"]
        assert self.said(dialog, 1)[3] == "waiting for its first tap"
        assert self.said(dialog, 2) == ["✕", "Visitor", "Visitor", "B1204F77", "not a member of Guests"]
        assert dialog.subtitle.text() == "2 of 3 passes, 1 of them once the UID is known"

    @pytest.mark.parametrize(("text", "found"), [("b1:20", ["Visitor"]), ("vries", ["Card", "Night"]), ("zzz", [])])
    async def test_anybody_is_found_by_uid_or_name(self, dialog, text, found):
        dialog.search.setText(text)
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)
        assert self.names(dialog) == found

    async def test_only_those_who_can_or_cannot(self, dialog):
        dialog.which.segment("can").click()
        assert self.names(dialog) == ["Card", "Night"]
        dialog.which.segment("cannot").click()
        assert self.names(dialog) == ["Visitor"]
        assert dialog.which.segment("cannot").text() == "Cannot 1"

    async def test_nothing_found_leads_back(self, dialog, press):
        dialog.search.setText("zzz")
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)
        press(dialog.table, "Show everything")
        assert len(self.names(dialog)) == 3

    async def test_it_follows_what_changes_while_it_is_open(self, dialog, application, site, until):
        await application.passes.block([site["card"].id])
        await until(lambda: "the pass is blocked" in [self.said(dialog, at)[4] for at in range(3)])

    async def test_free_vend_is_said_above_the_list(self, dialog, application, site, until):
        assert dialog.free_vend.isHidden()
        await application.pools.change(site["guests"].id, level=AccessLevel.PUBLIC, options=PoolOptions(free_vend=True))
        await until(lambda: not dialog.free_vend.isHidden())

    async def test_a_pool_that_is_removed_meanwhile_leaves_an_empty_list(self, dialog, application, site, until):
        await application.pools.remove(site["guests"].id)
        await until(lambda: self.names(dialog) == [])
        assert any("No pass yet" in label.text() for label in dialog.table.findChildren(QLabel))

    async def test_enter_opens_the_pass(self, dialog, site, went):
        dialog.table.selectRow(0)
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)
        assert went == [("passes", site["card"].id)]
        assert not dialog.isVisible()

    async def test_every_control_is_named_and_reached(self, dialog, out_of_reach):
        assert out_of_reach(dialog) == []


async def test_ten_thousand_passes_are_listed_and_searched(desk, site, application, qtbot, opened):
    def fill(connection):
        rows = [
            {"uid": f"{number:014X}", "name": f"Card {number}", "blocked": False, "created_at": application.clock()}
            for number in range(10_000)
        ]
        connection.execute(insert(schema.passes), rows)

    await application.store.write(fill)
    who_can_charge_in(desk, site["guests"])
    dialog = await opened(WhoCanChargeDialog)
    assert dialog.model.rowCount() == 10_003
    dialog.search.setText("card 7777")
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.model.rowCount() == 1
