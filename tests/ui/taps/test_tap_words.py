"""Every decision reads well wherever it is shown; what was typed on a keypad is a PIN and never a card."""

import pytest

from app.domain.access import OF_A_PIN, Moment, Reason, Step
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel, TapSource
from app.domain.pins import HIDDEN_PIN
from app.pins import PinDraft
from app.sessions import Admission, Start
from ui.access.trail import TrailNames, step_line
from ui.sessions.words import who
from ui.strings import SENTENCES, sentence
from ui.taps.fixes import fix_for
from ui.taps.last_cards import LastCards
from ui.taps.words import can_become_pass, decided, is_of_a_pin, verdict_now, what_was_held


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_words(reason):
    assert reason.value in SENTENCES
    assert "…" not in sentence(reason.value, pool="Guests")


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize("step", Step)
def test_every_step_of_a_trail_reads_well_passed_or_not(qapp, step, passed):
    names = TrailNames("Garage 2", "Guests", "Anna", "04A2")
    words = step_line(names, step.value, passed=passed).words()
    assert words[:2] == ("✓ " if passed else "✕ ")
    assert "…" not in words
    assert "nothing was changed" not in words


def test_a_name_with_marks_in_it_is_only_a_name(qapp):
    names = TrailNames("<b>x</b>", "{pool}", "<ok>", "04A2")
    words = step_line(names, "pool_admits", passed=False).words()
    assert words == "✕ <ok> is not a member of {pool}"


@pytest.fixture
async def site(application):
    fast = await application.pools.create("DC fast", AccessLevel.RESTRICTED)
    await application.pins.add(fast.id, "4821", PinDraft("Wedding party", uses=1))
    await application.stations.accept("ABB-T54-7", name="Terrace DC", pool_id=fast.id)
    return fast


@pytest.fixture
def typed(application, site):
    """Types digits on the keypad of Terrace DC; the tap that was recorded."""

    async def type_in(digits, source=TapSource.AUTHORIZE):
        verdict = await application.taps.judge_typed("ABB-T54-7", digits, Moment.AUTHORIZE)
        return application.taps.record(
            verdict, station_id="ABB-T54-7", connector_id=1, raw_id_tag=digits, source=source, message_id=1
        )

    return type_in


class TestAPin:
    async def test_a_right_one_is_told_with_its_name(self, typed):
        tap = await typed("4821")
        assert is_of_a_pin(tap)
        assert what_was_held(tap) == "PIN"
        assert decided(tap.status, tap.reason, holder=tap.holder) == "Accepted · by PIN · Wedding party"

    async def test_a_wrong_one_is_told_as_such(self, typed):
        tap = await typed("1111")
        assert (what_was_held(tap), tap.raw_id_tag) == ("PIN", HIDDEN_PIN)
        assert decided(tap.status, tap.reason) == "Invalid · wrong PIN"

    @pytest.mark.parametrize("digits", ["4821", "1111"])
    async def test_it_is_never_made_a_pass(self, desk, typed, digits):
        tap = await typed(digits)
        assert not can_become_pass(tap)
        assert fix_for(desk, tap) is None

    async def test_it_is_never_judged_again_by_what_was_kept_of_it(self, desk, typed, application, site):
        """Nothing of it was kept, and the dots that stand for it are no card."""
        await application.passes.add(PassDraft("04A2B3C4D5E680", "", "Card"))
        tap = await typed("1111")
        assert verdict_now(desk, tap).decision.reason is Reason.WRONG_PIN
        await application.pools.change(site.id, level=AccessLevel.PUBLIC)
        assert verdict_now(desk, tap).decision.reason is Reason.WRONG_PIN

    async def test_one_that_is_over_leads_to_its_pool(self, desk, typed, application, site, went):
        pin = application.pins.of_pool(site.id)[0]
        await application.pins.change(pin.id, PinDraft("Wedding party", valid_until=application.clock()))
        tap = await typed("4821")
        assert tap.reason == Reason.PIN_EXPIRED
        fix_for(desk, tap).run()
        assert went == [("pools", site.id)]

    async def test_it_stands_among_the_last_cards_as_a_pin(self, desk, qtbot, typed, application):
        await typed("4821")
        await typed("1111")
        await application.journal.flush()
        cards = LastCards(desk)
        qtbot.addWidget(cards)
        cards.refresh()
        shown = [[cards.model.text_at(at, column) for column in (2, 3, 5)] for at in range(2)]
        assert shown == [["PIN", "–", "wrong PIN"], ["PIN", "Wedding party", "by PIN"]]

    async def test_too_many_wrong_ones_are_told_as_that(self, typed):
        for number in range(5):
            await typed(f"111{number}")
        tap = await typed("4821")
        assert decided(tap.status, tap.reason) == "Invalid · too many wrong PINs: none is tried for a while"


async def test_a_session_of_a_pin_is_named_after_the_pin(application, site):
    now = application.clock()
    start = Start("ABB-T54-7", 1, HIDDEN_PIN, "", 0, now, now.isoformat())
    admitted = Admission("Accepted", Reason.PIN.value, "Terrace DC", "DC fast", None, None, "Wedding party", 1)
    kept = await application.sessions.started(start, admitted)
    assert who(application.sessions.find(kept.transaction_id)) == "PIN Wedding party"


def test_all_that_is_of_a_pin_is_known_to_be():
    assert {reason for reason in Reason if "pin" in reason.value.split("_")} == OF_A_PIN
