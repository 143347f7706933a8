"""Trying a card: the whole decision in words, for any card, station and time, and nothing is kept of it."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QPushButton

from app.domain.access import Moment
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import AccessLevel, PoolOptions, TapSource
from app.pins import PinDraft
from app.sessions import Admission, Start
from ui.access.try_card import TryCardDialog, try_card
from ui.frame.finding import find
from ui.widgets.labels import Paragraph

CARD, STRANGER = "04A2B3C4D5E680", "B1204F77"


@pytest.fixture
async def site(application):
    """Guests (Anna, Garage 2) and DC fast, restricted with a PIN (Terrace DC)."""
    guests = await application.pools.create("Guests")
    fast = await application.pools.create("DC fast", AccessLevel.RESTRICTED)
    await application.pins.add(fast.id, "4821", PinDraft("Wedding party"))
    await application.stations.accept("ALF-0021", name="Garage 2", pool_id=guests.id)
    await application.stations.accept("ABB-T54-7", name="Terrace DC", pool_id=fast.id)
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    await application.members.add(guests.id, identity_ids=[anna.id])
    card = await application.passes.add(PassDraft(CARD, "", "Card", anna.id))
    return {"guests": guests, "fast": fast, "anna": anna, "card": card}


@pytest.fixture
def trying(desk, site, qtbot):
    """Opens the dialog with what is known already."""

    def begin(station_id="ALF-0021", uid=""):
        dialog = TryCardDialog(desk, station_id=station_id, uid=uid)
        qtbot.addWidget(dialog)
        dialog.open()
        return dialog

    return begin


def said(dialog):
    return [label.words() for label in dialog.findChildren(Paragraph) if not label.isHidden() and label.words()]


def type_in(dialog, text):
    dialog.uid.setText(text)
    dialog.uid.textEdited.emit(text)


async def test_a_member_is_accepted_and_each_rule_that_led_to_it_is_told(trying, until):
    dialog = trying(uid=CARD)
    await until(lambda: dialog.state.text == "Accepted")
    assert dialog.reason.text() == "Member of Guests"
    steps = [words for words in said(dialog) if words[0] in "✓✕"]
    assert steps[0] == "✓ Garage 2 is accepted"
    assert "✓ The UID belongs to Anna de Vries" in steps
    assert "✓ Guests admits this pass" in steps
    assert not any(words.startswith("✕") for words in steps)


async def test_a_card_that_is_typed_is_decided_without_a_key_more(trying, until):
    dialog = trying()
    await until(lambda: any("stands here" in words for words in said(dialog)))
    type_in(dialog, STRANGER)
    await until(lambda: dialog.state.text == "Refused")
    assert dialog.reason.text() == "No pass has this UID"
    await until(lambda: f"✕ No pass has UID {STRANGER}" in said(dialog))


async def test_another_station_answers_for_itself(trying, until, site):
    dialog = trying(uid=CARD)
    await until(lambda: dialog.state.text == "Accepted")
    dialog.station.select("ABB-T54-7")
    dialog.station.changed.emit("ABB-T54-7")
    await until(lambda: dialog.reason.text() == "Not a member of DC fast")
    assert dialog.state.text == "Refused"


async def test_another_time_is_asked_for_with_the_words_of_that_time(trying, until, application, site):
    visitor = await application.passes.add(
        PassDraft(STRANGER, "", "Visitor", valid_until=application.clock() + timedelta(days=1))
    )
    await application.members.add(site["guests"].id, pass_ids=[visitor.id])
    dialog = trying(uid=STRANGER)
    await until(lambda: dialog.state.text == "Accepted")
    dialog.when.segment("at").click()
    dialog.moment.setDateTime(QDateTime.currentDateTime().addDays(3))
    await until(lambda: dialog.reason.text() == "The pass has expired")
    dialog.when.segment("now").click()
    await until(lambda: dialog.state.text == "Accepted")


async def test_a_change_of_the_site_changes_the_answer(trying, until, application, site):
    dialog = trying(uid=CARD)
    await until(lambda: dialog.state.text == "Accepted")
    await application.passes.block([site["card"].id])
    await until(lambda: dialog.reason.text() == "The pass is blocked")


class TestHoldingACard:
    def hold(self, application, id_tag, station_id="ABB-T54-7"):
        verdict = application.taps.judge(station_id, id_tag, Moment.AUTHORIZE)
        application.taps.record(
            verdict,
            station_id=station_id,
            connector_id=1,
            raw_id_tag=id_tag,
            source=TapSource.AUTHORIZE,
            message_id=1,
        )

    async def test_it_fills_itself_in_with_its_station(self, trying, until, application):
        dialog = trying()
        self.hold(application, "04:a2:b3:c4:d5:e6:80")
        await until(lambda: dialog.reason.text() == "Not a member of DC fast")
        assert dialog.uid.text() == "04:a2:b3:c4:d5:e6:80"
        assert dialog.station.value() == "ABB-T54-7"
        assert dialog.held.text().startswith("Held to Terrace DC at ")

    async def test_a_pin_that_is_typed_at_a_station_leaves_it_alone(self, trying, until, application, desk):
        dialog = trying(uid=CARD)
        heard = []
        desk.bridge.cards_tapped.connect(heard.extend)
        typed = await application.taps.judge_typed("ABB-T54-7", "4821", Moment.AUTHORIZE)
        application.taps.record(
            typed, station_id="ABB-T54-7", connector_id=1, raw_id_tag="4821", source=TapSource.AUTHORIZE, message_id=1
        )
        await until(lambda: heard)
        assert (dialog.uid.text(), dialog.station.value()) == (CARD, "ALF-0021")


class TestPins:
    async def test_a_right_one_is_named(self, trying, until):
        dialog = trying("ABB-T54-7", "4821")
        await until(lambda: dialog.state.text == "Accepted")
        assert dialog.reason.text() == "By PIN"
        assert "✓ It is the PIN Wedding party of DC fast" in said(dialog)

    async def test_wrong_ones_are_not_counted_however_many_are_tried(self, trying, until, application):
        dialog = trying("ABB-T54-7")
        for number in range(7):
            type_in(dialog, f"111{number}")
            dialog.judge()
            await until(lambda: dialog.reason.text() == "Wrong PIN")
            type_in(dialog, "")
            dialog.judge()
            await until(lambda: not dialog.reason.text())
        assert application.pins.closed_until("ABB-T54-7") is None

    async def test_that_the_station_itself_takes_none_for_a_while_is_said(self, trying, until, application):
        for number in range(5):
            await application.taps.judge_typed("ABB-T54-7", f"111{number}", Moment.AUTHORIZE)
        dialog = trying("ABB-T54-7", "4821")
        await until(lambda: dialog.state.text == "Accepted")
        assert any("no PIN is tried until" in words for words in said(dialog))


async def test_nothing_is_kept_of_what_is_tried(trying, until, application):
    dialog = trying(uid=CARD)
    await until(lambda: dialog.state.text == "Accepted")
    type_in(dialog, STRANGER)
    await until(lambda: dialog.state.text == "Refused")
    await application.journal.flush()
    assert application.journal.taps() == []
    assert application.sessions.recent() == []
    assert application.passes.require(application.passes.find(CARD).id).last_used_at is None


async def test_a_session_that_runs_counts_against_the_limit(trying, until, application, site):
    await application.pools.change(site["guests"].id, options=PoolOptions(session_limit=1))
    now = application.clock()
    start = Start("ALF-0021", 1, CARD, CARD, 0, now, now.isoformat())
    admitted = Admission("Accepted", "identity_is_member", "Garage 2", "Guests", site["card"].id, None, "Anna")
    await application.sessions.started(start, admitted)
    dialog = trying(uid=CARD)
    await until(lambda: dialog.reason.text() == "Charging elsewhere already")


async def test_a_site_without_stations_says_so(desk, qtbot, until):
    dialog = TryCardDialog(desk)
    qtbot.addWidget(dialog)
    await until(lambda: any("No station was accepted yet" in words for words in said(dialog)))


async def test_odd_characters_are_an_unknown_card_and_nothing_worse(trying, until):
    dialog = trying()
    type_in(dialog, "<b>'; drop\u0000 {uid} ☃")
    await until(lambda: dialog.state.text == "Refused")
    assert any("<b>" in words for words in said(dialog))


async def test_what_it_is_about_is_a_click_away(trying, until, site, went):
    dialog = trying(uid=CARD)
    await until(lambda: dialog.state.text == "Accepted")
    next(each for each in dialog.findChildren(QPushButton) if each.text() == "Open identity").click()
    assert went == [("identities", site["anna"].id)]
    assert not dialog.isVisible()


async def test_it_is_found_with_ctrl_k(desk, site, opened):
    hit = next(hit for hit in find(desk, "try") if hit.title == "Try a card…")
    hit.activate()
    (await opened(TryCardDialog)).reject()
    assert any(hit.title == "Try a card…" for hit in find(desk, "why"))


async def test_a_page_opens_it_with_what_it_knows(desk, site, opened):
    try_card(desk, station_id="ABB-T54-7", uid=CARD)
    dialog = await opened(TryCardDialog)
    assert (dialog.uid.text(), dialog.station.value()) == (CARD, "ABB-T54-7")
    dialog.reject()


async def test_everything_is_reached_by_keyboard_and_named(trying, out_of_reach, until):
    dialog = trying(uid=CARD)
    await until(lambda: dialog.state.text == "Accepted")
    assert out_of_reach(dialog) == []
