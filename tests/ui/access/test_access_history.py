"""The history of access on the screen: every kind of change in words, from each point of view, as it happens."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.history import AccessChange, ChangeKind, Origin
from app.domain.model import AccessLevel, PoolOptions
from ui.access.change_words import in_pool, of_identity, of_pass
from ui.access.history import AccessHistory, AccessHistoryDialog
from ui.strings import SENTENCES
from ui.widgets.labels import Label

AT = datetime(2026, 11, 1, 9, 12, tzinfo=UTC)


def change(kind=ChangeKind.MEMBER_ADDED, origin=Origin.BY_HAND, **values):
    known = {"pool_id": 1, "pool_name": "Guests", "identity_id": 2, "pass_id": None, "name": "Anna", "detail": ""}
    return AccessChange(1, AT, kind, origin, **(known | values))


#: What the history keeps beside the kind, where it is not the name of an option.
DETAILS = {
    ChangeKind.MEMBER_ADDED: "2026-11-30T23:00:00Z",
    ChangeKind.PASS_CHANGED: "name uid",
    ChangeKind.IDENTITY_CHANGED: "email",
}


class TestWords:
    @pytest.mark.parametrize(
        ("detail", "told"),
        [
            ("2026-11-30T23:00:00Z", ", until "),
            ("for_good", ", for good"),
            ("pool_created", ", with the pool"),
        ],
    )
    def test_a_member_comes_for_a_reason_or_for_a_time(self, detail, told):
        assert told in of_pass(change(ChangeKind.MEMBER_ADDED, detail=detail))

    @pytest.mark.parametrize("kind", ChangeKind)
    @pytest.mark.parametrize("words", [in_pool, of_identity, of_pass])
    def test_every_kind_of_change_reads_well(self, kind, words):
        said = words(change(kind, detail=DETAILS.get(kind, "price")))
        assert "…" not in said
        assert "nothing was changed" not in said

    @pytest.mark.parametrize("origin", Origin)
    def test_how_it_came_about_is_said(self, origin):
        said = of_identity(change(origin=origin))
        assert said.startswith("added to Guests")
        assert (said == "added to Guests") is (origin is Origin.BY_HAND)

    def test_a_pool_names_whom_it_is_about(self):
        assert in_pool(change(origin=Origin.APPROVAL)) == "Anna added, by approval"

    def test_a_pass_tells_of_its_identity_by_name_and_of_itself_without(self):
        assert of_pass(change()) == "Anna: added to Guests"
        assert of_pass(change(pass_id=7, name="Fob")) == "added to Guests"

    def test_an_identity_tells_of_its_pass_by_name_and_of_itself_without(self):
        assert of_identity(change()) == "added to Guests"
        assert of_identity(change(ChangeKind.PASS_BLOCKED, pass_id=7, name="Fob")) == "Fob: blocked"

    def test_what_was_undone_is_said_to_be_taken_back(self):
        said = of_identity(change(ChangeKind.MEMBER_REMOVED, Origin.UNDO))
        assert said == "removed from Guests (taken back with Undo)"

    def test_a_level_is_called_what_the_pools_page_calls_it(self):
        assert in_pool(change(ChangeKind.LEVEL_CHANGED, detail="by_list")) == "access level: By list"

    def test_changed_options_are_named(self):
        said = in_pool(change(ChangeKind.OPTIONS_CHANGED, detail="session_limit price"))
        assert said == "changed: session limit, price"

    @pytest.mark.parametrize("option", PoolOptions.__dataclass_fields__)
    def test_every_option_has_its_name(self, option):
        assert f"option.{option}" in SENTENCES


@pytest.fixture
async def site(application):
    guests = await application.pools.create("Guests")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    card = await application.passes.add(PassDraft("04A2B3C4D5E680", "", "Card", anna.id))
    return {"guests": guests, "anna": anna, "card": card}


@pytest.fixture
async def history(desk, qtbot, site):
    history = AccessHistory(desk)
    qtbot.addWidget(history)
    history.resize(500, 300)
    history.show()
    return history


def words(history):
    model = history.model()
    return [model.text_at(at, 1) for at in range(model.rowCount())]


async def test_nothing_yet_is_said_to_be_nothing(desk, qtbot, application):
    history = AccessHistory(desk)
    qtbot.addWidget(history)
    history.show()
    assert any("Nothing has changed yet" in label.text() for label in history.findChildren(Label))


async def test_a_pool_follows_what_happens_to_it_and_what_is_taken_back(history, site, application, until):
    history.show_pool(site["guests"].id)
    assert words(history) == ["pool made"]
    undo = await application.members.add(site["guests"].id, identity_ids=[site["anna"].id])
    await until(lambda: words(history)[0] == "Anna de Vries added")
    await undo()
    await until(lambda: words(history)[0] == "Anna de Vries removed (taken back with Undo)")
    await application.pools.change(site["guests"].id, level=AccessLevel.RESTRICTED)
    await until(lambda: words(history)[0] == "access level: Restricted")


async def test_an_identity_tells_of_its_passes_too(history, site, application):
    history.show_identity(site["anna"].id)
    assert words(history) == ["Card: pass made", "identity made"]


async def test_a_pass_tells_of_itself_and_of_whose_it_is(history, site, application):
    await application.members.add(site["guests"].id, identity_ids=[site["anna"].id])
    await application.passes.block([site["card"].id])
    history.show_pass(site["card"].id)
    assert words(history) == ["blocked", "Anna de Vries: added to Guests", "pass made", "Anna de Vries: identity made"]


async def test_enter_opens_what_a_line_is_about(history, site, application, went, until):
    await application.members.add(site["guests"].id, identity_ids=[site["anna"].id])
    history.show_pool(site["guests"].id)
    history.selectRow(0)
    QTest.keyClick(history, Qt.Key.Key_Return)
    assert went == [("identities", site["anna"].id)]
    history.selectRow(1)
    QTest.keyClick(history, Qt.Key.Key_Return)
    assert len(went) == 1


async def test_what_happened_while_it_was_hidden_is_there_when_it_is_shown(history, site, application, until, desk):
    history.show_pool(site["guests"].id)
    history.hide()
    told = []
    desk.bridge.pools_changed.connect(lambda: told.append(1))
    await application.members.add(site["guests"].id, identity_ids=[site["anna"].id])
    await until(lambda: told)
    assert words(history) == ["pool made"]
    history.show()
    assert words(history)[0] == "Anna de Vries added"


async def test_the_dialog_names_what_it_is_about_and_leaves_with_the_operator(desk, qtbot, site, application, went):
    await application.members.add(site["guests"].id, identity_ids=[site["anna"].id])
    dialog = AccessHistoryDialog(desk, "Guests", lambda history: history.show_pool(site["guests"].id))
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.windowTitle() == "History of Guests"
    dialog.history.selectRow(0)
    QTest.keyClick(dialog.history, Qt.Key.Key_Return)
    assert went == [("identities", site["anna"].id)]
    assert not dialog.isVisible()
