"""The options of a pool: what its level has and no more, kept at once with Undo, asked first where it hits somebody."""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.model import AccessLevel, PoolOptions, Price
from tests.ui.pools.looking import buttons_of, words_of
from ui.pools.features import PoolFeatures
from ui.pools.options import PoolOptionsDialog


@pytest.fixture
def open_options(page, application, opened, press, until):
    """Opens the dialog for a pool as it is after a change of it."""

    async def go(pool, level=None, options=None):
        await application.pools.change(pool.id, level=level, options=options)
        page.select(pool.id)
        await until(lambda: page.editor.level.value() is application.pools.require(pool.id).level)
        press(page.editor, "Options…")
        return await opened(PoolOptionsDialog)

    return go


def options_of(application, pool):
    return application.pools.require(pool.id).options


ONLY = {
    AccessLevel.PUBLIC: "Free vend: anyone charges, free of charge",
    AccessLevel.BY_LIST: "Published: open to every known pass while the list is empty",
    AccessLevel.RESTRICTED: "Access on request",
}


@pytest.mark.parametrize("level", list(AccessLevel))
async def test_options_that_a_level_does_not_have_are_not_seen(open_options, site, level):
    dialog = await open_options(site["guests"], level)
    seen = buttons_of(dialog)
    assert [words for words in ONLY.values() if words in seen] == ([ONLY[level]] if level in ONLY else [])
    assert ("Add PIN…" in seen) is (level is AccessLevel.RESTRICTED)
    assert ("Others" in words_of(dialog)) is (level is not AccessLevel.PRIVATE)


async def test_the_table_of_levels_stands_beside_them(open_options, site):
    dialog = await open_options(site["guests"], AccessLevel.RESTRICTED)
    grid = dialog.findChild(PoolFeatures)
    said = {mark.accessibleName() for mark in grid.children() if mark.isWidgetType()}
    assert {
        "Restricted: Access by PIN, yes",
        "Private: Access by PIN, no",
        "Public: Free vend: anyone charges, yes",
    } <= said
    assert {"By list: Open while the list is empty, yes", "Public: Only members charge, no"} <= said


async def test_everything_is_kept_and_undone(open_options, site, application, press, said, until):
    dialog = await open_options(site["guests"], AccessLevel.RESTRICTED)
    dialog.name.setText("Hotel guests")
    dialog.description.setPlainText("Whoever sleeps here.")
    for box in (dialog.takes_requests, dialog.stop_each_other, dialog.hidden):
        box.box.click()
    dialog.limit.box.click()
    dialog.limit.number.setValue(2)
    dialog.notify.setText("desk@delinde.example; anna@delinde.example")
    dialog.prices.field(0, 0).setText("0,35")
    dialog.prices.field(1, 1).setText("1")
    press(dialog, "Save")
    note = await said("The options of Hotel guests are kept.")
    assert options_of(application, site["guests"]) == PoolOptions(
        description="Whoever sleeps here.",
        takes_requests=True,
        hidden=True,
        passes_stop_each_other=True,
        session_limit=2,
        member_price=Price(Decimal("0.35")),
        price=Price(None, Decimal(1)),
        notify=("desk@delinde.example", "anna@delinde.example"),
    )
    press(note, "Undo")
    await until(lambda: application.pools.require(site["guests"].id).name == "Guests")
    assert options_of(application, site["guests"]) == PoolOptions()


async def test_what_is_kept_is_shown_again(open_options, site):
    options = PoolOptions(
        description="Behind the barn", members_free=True, session_limit=3, price=Price(Decimal("0.3999"), Decimal(2))
    )
    dialog = await open_options(site["guests"], AccessLevel.PUBLIC, options)
    assert dialog.description.toPlainText() == "Behind the barn"
    assert dialog.members_free.is_on()
    assert not dialog.prices.field(0, 0).isEnabled()
    assert dialog.prices.field(1, 0).text() == "0.3999"
    assert dialog.prices.field(1, 1).text() == "2.00"
    assert dialog.limit.value() == 3
    assert dialog.chosen() == options


async def test_free_vend_says_that_anyone_charges_and_is_asked_twice(
    open_options, site, application, page, press, said, until
):
    dialog = await open_options(site["guests"], AccessLevel.PUBLIC)
    dialog.free_vend.box.click()
    assert not dialog.prices.field(1, 0).isEnabled()
    press(dialog, "Save")
    await until(dialog.warning.isVisible)
    assert dialog.warning.words().startswith("Everyone gains access: anyone charges there, with any card")
    assert not options_of(application, site["guests"]).free_vend
    press(dialog, "Save all the same")
    await said("The options of Guests are kept.")
    assert options_of(application, site["guests"]).free_vend
    await until(lambda: "Anyone charges" in page.editor.meaning.words())


async def test_another_choice_is_another_question(open_options, site, press, until):
    dialog = await open_options(site["guests"], AccessLevel.PUBLIC)
    dialog.free_vend.box.click()
    press(dialog, "Save")
    await until(dialog.warning.isVisible)
    dialog.free_vend.box.click()
    assert not dialog.warning.isVisible()
    assert "Save all the same" not in buttons_of(dialog)


async def test_closing_an_open_list_says_who_loses_access(
    open_options, site, annas_card, application, press, said, until
):
    await application.members.remove(
        site["guests"].id, [member.id for member in application.members.of_pool(site["guests"].id)]
    )
    dialog = await open_options(site["guests"], AccessLevel.BY_LIST, PoolOptions(published=True))
    dialog.published.box.click()
    press(dialog, "Save")
    await until(dialog.warning.isVisible)
    assert dialog.warning.words().startswith("2 passes lose access: Anna de Vries and Visitor")
    press(dialog, "Save all the same")
    note = await said("The options of Guests are kept.")
    assert "Garage 1 and Garage 2 are offline" in note.text


@pytest.mark.parametrize(
    ("where", "typed", "told"),
    [
        ("name_field", "Staff", "already"),
        ("price_field", "free", "0 to 9999"),
        ("notify_field", "front desk", "not an e-mail address"),
    ],
)
async def test_what_cannot_be_kept_is_told_at_its_place(
    open_options, site, application, press, until, where, typed, told
):
    dialog = await open_options(site["guests"], AccessLevel.RESTRICTED)
    dialog.takes_requests.box.click()
    field = {"name_field": dialog.name, "price_field": dialog.prices.field(0, 0), "notify_field": dialog.notify}[where]
    field.setText(typed)
    press(dialog, "Save")
    await until(getattr(dialog, where).has_error)
    assert told in getattr(dialog, where).error.words()
    assert options_of(application, site["guests"]) == PoolOptions()
    dialog.reject()


async def test_a_level_changed_meanwhile_is_told_and_nothing_is_kept(open_options, site, application, press, until):
    dialog = await open_options(site["guests"], AccessLevel.RESTRICTED)
    dialog.takes_requests.box.click()
    await application.pools.change(site["guests"].id, level=AccessLevel.PRIVATE)
    press(dialog, "Save")
    await until(dialog.problem.isVisible)
    assert "the level was changed" in dialog.problem.words()
    dialog.reject()


async def test_the_organization_is_asked_for_only_where_there_are_several(
    open_options, site, application, press, said, until
):
    dialog = await open_options(site["guests"])
    assert "Organization" not in words_of(dialog)
    dialog.reject()
    kitchen = await application.organizations.create("Kitchen", currency="GBP")
    await application.pools.change(site["guests"].id, options=PoolOptions(organization_id=kitchen.id))
    dialog = await open_options(site["guests"])
    assert dialog.organization.value() == kitchen.id
    assert "GBP per kWh" in words_of(dialog)
    dialog.organization.select(1)
    press(dialog, "Save")
    await said("The options of Guests are kept.")
    assert options_of(application, site["guests"]).organization_id == 1


async def test_the_pool_is_removed_from_here_with_undo(open_options, site, application, press, said, until):
    dialog = await open_options(site["guests"])
    press(dialog, "Remove pool")
    note = await said("Guests was removed. Its 2 stations are in no pool now: nobody may charge there.")
    press(note, "Undo")
    await until(lambda: application.pools.find("Guests") is not None)


async def test_ctrl_o_opens_them_and_every_control_is_named(page, site, application, opened, out_of_reach):
    await application.pools.change(site["guests"].id, level=AccessLevel.RESTRICTED)
    page.select(site["guests"].id)
    QTest.keyClick(page.table, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert out_of_reach(await opened(PoolOptionsDialog)) == []
