"""The one click that puts a refused card right: chosen by what is true now, not by what was when it was held."""

from datetime import timedelta

import pytest

from app.domain.access import Moment
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.model import TapSource
from ui.taps.create_pass import CreatePassDialog
from ui.taps.fixes import fix_for

UNKNOWN = "B1204F77"
ANNAS = "04A2B3C4D5E680"


@pytest.fixture
async def site(application):
    staff = await application.pools.create("Staff")
    anna = await application.identities.add(IdentityDraft("anna@delinde.example", "Anna", "de Vries"))
    card = await application.passes.add(PassDraft(ANNAS, "", "Anna's card", anna.id))
    await application.stations.accept("EVB-P1882", name="Entrance right", pool_id=staff.id)
    return {"staff": staff, "anna": anna, "card": card}


@pytest.fixture
def held(desk, site):
    """A tap, decided and kept as the server does it."""

    def hold(id_tag, moment=Moment.AUTHORIZE, source=TapSource.AUTHORIZE):
        taps = desk.application.taps
        verdict = taps.judge("EVB-P1882", id_tag, moment)
        return taps.record(
            verdict, station_id="EVB-P1882", connector_id=None, raw_id_tag=id_tag, source=source, message_id=1
        )

    return hold


@pytest.fixture
def went(desk):
    places = []
    desk.going.connect(lambda page, key: places.append((page, key)))
    return places


async def test_an_unknown_card_is_made_a_pass(desk, held, opened):
    fix = fix_for(desk, held(UNKNOWN))
    assert fix.text == "Create pass…"
    fix.run()
    assert (await opened(CreatePassDialog)).form.uid.text() == UNKNOWN


async def test_a_card_that_is_new_at_each_tap_has_no_fix(desk, held):
    assert fix_for(desk, held("08A1B2C3")) is None
    assert fix_for(desk, held("")) is None


async def test_the_fix_goes_on_from_step_to_step_until_nothing_is_left(desk, site, held, until):
    application, tap = desk.application, held(UNKNOWN)
    card = await application.passes.add(PassDraft(tapped=UNKNOWN, name="Fob"))
    fix = fix_for(desk, tap)
    assert fix.text == "Add to pool…"
    fix.run()
    await until(lambda: application.members.of_pool(site["staff"].id))
    assert [member.pass_id for member in application.members.of_pool(site["staff"].id)] == [card.id]
    assert fix_for(desk, tap) is None


async def test_an_accepted_card_needs_none(desk, site, held):
    await desk.application.members.add(site["staff"].id, pass_ids=[site["card"].id])
    assert fix_for(desk, held(ANNAS)) is None


async def test_a_blocked_pass_is_unblocked_and_blocked_again_by_undo(desk, site, held, said, press, until):
    passes = desk.application.passes
    await desk.application.members.add(site["staff"].id, pass_ids=[site["card"].id])
    await passes.block([site["card"].id])
    tap = held(ANNAS)
    fix = fix_for(desk, tap)
    assert fix.text == "Unblock"
    fix.run()
    note = await said("Anna's card is not blocked any more")
    assert fix_for(desk, tap) is None
    press(note, "Undo")
    await until(lambda: passes.find(ANNAS).blocked)


async def test_an_expired_pass_is_opened(desk, site, held, went):
    yesterday = desk.application.clock() - timedelta(days=1)
    await desk.application.passes.change(site["card"].id, PassDraft(ANNAS, "", "Anna's card", valid_until=yesterday))
    fix = fix_for(desk, held(ANNAS))
    assert fix.text == "Open pass"
    fix.run()
    assert went == [("passes", site["card"].id)]


async def test_a_station_that_is_not_accepted_or_in_no_pool_is_gone_to(desk, held, went):
    await desk.application.stations.move(["EVB-P1882"], None)
    homeless = fix_for(desk, held(ANNAS))
    await desk.application.stations.reject("EVB-P1882")
    refused = fix_for(desk, held(ANNAS))
    assert (homeless.text, refused.text) == ("Put it in a pool…", "Accept the station…")
    homeless.run()
    refused.run()
    assert went == [("stations", "EVB-P1882")] * 2


async def test_a_card_named_in_a_report_of_a_start_is_judged_as_such(desk, held):
    assert fix_for(desk, held(UNKNOWN, Moment.START, TapSource.START)).text == "Create pass…"


async def test_a_pass_that_is_gone_since_the_fix_was_shown_is_said_to_be_gone(desk, site, held, said):
    await desk.application.passes.block([site["card"].id])
    fix = fix_for(desk, held(ANNAS))
    await desk.application.passes.remove([site["card"].id])
    fix.run()
    await said("not there any more")
