"""Changing the access level: harmless changes at once, the others after it was said whom they hit."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.application import PinDraft
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import AccessLevel, PoolOptions
from tests.ui.pools.looking import banners_of, buttons_of, facts_of
from tests.wire import raw_station
from ui.widgets.boxes import Banner


@pytest.fixture
async def people(application, site):
    """Twelve known passes, of which one is Anna's."""
    for number in range(12):
        name = f"Guest {number:02}"
        identity = await application.identities.add(IdentityDraft(f"g{number}@delinde.example", name))
        await application.passes.add(PassDraft(f"04{number:012X}", "", f"Card {number}", identity.id))


def level_of(application, pool):
    return application.pools.require(pool.id).level


async def test_all_four_levels_say_what_they_mean(page, site, application, until):
    wanted = {
        AccessLevel.PUBLIC: "Every pass known here may charge",
        AccessLevel.PRIVATE: "Only members may charge",
        AccessLevel.RESTRICTED: "whoever has a PIN",
        AccessLevel.BY_LIST: "Only who is on the list",
    }
    for level, meaning in wanted.items():
        await application.pools.change(site["staff"].id, level=level)
        page.select(site["staff"].id)
        await until(lambda level=level: page.editor.level.value() is level)
        assert meaning in page.editor.meaning.words()


async def test_a_change_that_hits_nobody_is_made_at_once_and_undone(editor, site, application, press, said, until):
    editor.level.segment(AccessLevel.RESTRICTED).click()
    note = await said("Guests is restricted now")
    assert not editor.question.is_posed()
    assert level_of(application, site["guests"]) is AccessLevel.RESTRICTED
    press(note, "Undo")
    await until(lambda: editor.level.value() is AccessLevel.PRIVATE)


async def test_closing_a_public_pool_first_says_who_loses_access_by_number_and_name(
    page, site, annas_card, people, application, press, said, until
):
    await application.pools.change(site["guests"].id, level=AccessLevel.PUBLIC)
    page.select(site["guests"].id)
    editor = page.editor
    await until(lambda: editor.level.value() is AccessLevel.PUBLIC)
    editor.level.segment(AccessLevel.PRIVATE).click()
    await until(editor.question.is_posed)
    # The visitor's pass and the twelve guests; Anna is a member.
    assert banners_of(editor.question) == ["13 passes lose access"]
    assert facts_of(editor.question) == "Guest 00, Guest 01, Guest 02 and 10 more"
    assert buttons_of(editor.question) == ["Keep Public", "Change to Private"]
    assert editor.level.value() is AccessLevel.PUBLIC
    assert level_of(application, site["guests"]) is AccessLevel.PUBLIC
    press(editor.question, "Change to Private")
    await said("Guests is private now: only its members may charge there.")
    assert level_of(application, site["guests"]) is AccessLevel.PRIVATE
    assert not editor.question.is_posed()


async def test_opening_a_pool_first_says_that_everyone_gains_access(editor, site, annas_card, people, press, until):
    editor.level.segment(AccessLevel.PUBLIC).click()
    await until(editor.question.is_posed)
    assert banners_of(editor.question) == ["Everyone gains access"]
    assert facts_of(editor.question).startswith("13 passes more: Guest 00")
    assert "Guest 11" in editor.question.findChildren(Banner)[0].toolTip()


async def test_keep_and_esc_change_nothing_and_the_keyboard_goes_back(editor, site, application, people, until):
    editor.level.segment(AccessLevel.PRIVATE).setFocus()
    QTest.keyClick(editor.level.segment(AccessLevel.PRIVATE), Qt.Key.Key_Left)
    await until(editor.question.is_posed)
    keep = editor.window().focusWidget()
    assert keep.text() == "Keep Private"
    QTest.keyClick(keep, Qt.Key.Key_Escape)
    assert not editor.question.is_posed()
    assert level_of(application, site["guests"]) is AccessLevel.PRIVATE
    assert editor.level.isAncestorOf(editor.window().focusWidget())


async def test_pins_that_would_stop_working_are_named(page, site, application, until):
    await application.pools.change(site["guests"].id, level=AccessLevel.RESTRICTED)
    await application.pins.add(site["guests"].id, "4821", PinDraft("Wedding"))
    page.select(site["guests"].id)
    await until(lambda: page.editor.level.value() is AccessLevel.RESTRICTED)
    page.editor.level.segment(AccessLevel.PRIVATE).click()
    await until(page.editor.question.is_posed)
    await until(lambda: "1 PIN stops working" in facts_of(page.editor.question))


async def test_the_end_of_free_vend_names_the_cards_nobody_knows(page, site, application, until):
    await application.pools.change(site["guests"].id, level=AccessLevel.PUBLIC, options=PoolOptions(free_vend=True))
    page.select(site["guests"].id)
    await until(lambda: page.editor.level.value() is AccessLevel.PUBLIC)
    assert "Anyone charges" in page.editor.meaning.words()
    page.editor.level.segment(AccessLevel.RESTRICTED).click()
    await until(page.editor.question.is_posed)
    assert "cards that nobody knows lose access" in facts_of(page.editor.question)


async def test_a_question_follows_what_happens_meanwhile(editor, site, application, people, until):
    editor.level.segment(AccessLevel.PUBLIC).click()
    await until(lambda: facts_of(editor.question).startswith("13 passes more"))
    jans = await application.passes.add(PassDraft("774F20B1", "", "Jan's fob", site["jan"].id))
    await until(lambda: facts_of(editor.question).startswith("14 passes more"))
    await application.passes.remove([jans.id])
    await until(lambda: facts_of(editor.question).startswith("13 passes more"))


async def test_another_pool_or_another_hand_ends_the_question(page, site, application, people, until):
    page.select(site["guests"].id)
    page.editor.level.segment(AccessLevel.PUBLIC).click()
    await until(page.editor.question.is_posed)
    page.select(site["staff"].id)
    assert not page.editor.question.is_posed()
    page.select(site["guests"].id)
    page.editor.level.segment(AccessLevel.PUBLIC).click()
    await until(page.editor.question.is_posed)
    await application.pools.change(site["guests"].id, level=AccessLevel.PUBLIC)
    await until(lambda: not page.editor.question.is_posed())


async def test_a_station_that_is_offline_is_named_as_not_reached_yet(
    page, site, annas_card, people, application, press, said, until, url
):
    await application.pools.change(site["guests"].id, level=AccessLevel.PUBLIC)
    async with raw_station(url, "ALF-0020"):
        await until(lambda: "ALF-0020" in application.server.connected)
        page.select(site["guests"].id)
        await until(lambda: page.editor.level.value() is AccessLevel.PUBLIC)
        page.editor.level.segment(AccessLevel.PRIVATE).click()
        await until(page.editor.question.is_posed)
        press(page.editor.question, "Change to Private")
        note = await said("Guests is private now")
        assert "Garage 2 is offline and may still admit them until it connects." in note.text
        assert "Garage 1" not in note.text
