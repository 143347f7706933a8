"""What must not happen unnoticed: a pool that lets nobody in, one that opens, access that lives on after its end."""

import json

import pytest

from app.application import PinDraft
from app.csms.station import outgoing
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel, PoolOptions
from tests.ui.pools.looking import banners_of, buttons_of, facts_of, link, member_names, select, shown
from tests.wire import raw_station

ACCEPTED = {"status": "Accepted"}


async def clear(application, pool):
    return await application.members.remove(pool.id, [member.id for member in application.members.of_pool(pool.id)])


class TestNobody:
    @pytest.mark.parametrize("level", [AccessLevel.PRIVATE, AccessLevel.RESTRICTED, AccessLevel.BY_LIST])
    async def test_a_pool_without_members_says_that_nobody_can_charge(
        self, page, editor, site, application, level, until, press
    ):
        await application.pools.change(site["guests"].id, level=level)
        assert banners_of(editor.warnings) == []
        undo = await clear(application, site["guests"])
        await until(lambda: banners_of(editor.warnings) == ["Nobody can charge at the 2 stations of Guests"])
        editor.tab.segment("stations").click()
        press(editor, "Choose members")
        assert editor.tab.value() == "members"
        assert editor.members.outside.table.hasFocus()
        await undo()
        await until(lambda: banners_of(editor.warnings) == [])

    async def test_with_a_pin_only_who_has_it_can(self, editor, site, application, until):
        await application.pools.change(site["guests"].id, level=AccessLevel.RESTRICTED)
        await clear(application, site["guests"])
        await application.pins.add(site["guests"].id, "4821", PinDraft("Wedding"))
        await until(lambda: banners_of(editor.warnings) == ["Only who has a PIN can charge at Guests"])

    async def test_a_public_pool_needs_no_members(self, page, application, until):
        pool = await application.pools.create("Visitors", AccessLevel.PUBLIC)
        await application.stations.move(["ALF-0020"], pool.id)
        page.select(pool.id)
        await until(lambda: page.editor.tab.segment("stations").text() == "Stations 1")
        assert banners_of(page) == []

    async def test_a_pool_without_stations_says_so_and_leads_to_them(self, page, site, press, until):
        page.select(site["staff"].id)
        await until(lambda: banners_of(page) == ["Staff has no stations"])
        press(page, "Choose stations")
        assert page.editor.tab.value() == "stations"
        assert page.editor.stations.outside.table.hasFocus()


class TestTheLastOfAList:
    @pytest.fixture
    async def listed(self, editor, site, annas_card, application, until):
        """Guests by list and published; its only entry is Anna."""
        options = PoolOptions(published=True)
        await application.pools.change(site["guests"].id, level=AccessLevel.BY_LIST, options=options)
        await until(lambda: editor.level.value() is AccessLevel.BY_LIST)
        return editor

    async def test_removing_it_first_says_that_the_pool_opens_by_name(self, listed, site, application, press, until):
        link(listed.members.inside, "Anna de Vries", "Remove")
        await until(listed.question.is_posed)
        # The visitor's pass is the one that gains.
        assert banners_of(listed.question) == ["The pool opens to everyone: 1 pass more"]
        assert facts_of(listed.question).startswith("Anna de Vries is the last on the list of Guests")
        press(listed.question, "Keep")
        assert member_names(application, site["guests"]) == ["Anna de Vries"]

    async def test_it_is_removed_when_that_is_meant(self, listed, site, application, press, said, until):
        select(listed.members.inside, "Anna de Vries")
        press(listed.members, "Remove all 1")
        await until(listed.question.is_posed)
        press(listed.question, "Remove and open")
        note = await said("Anna de Vries is not a member of Guests any more.")
        await until(lambda: banners_of(listed.warnings) == ["Every known pass may charge at Guests"])
        press(note, "Undo")
        await until(lambda: member_names(application, site["guests"]) == ["Anna de Vries"])

    async def test_one_of_two_goes_without_a_question(self, listed, site, application, said, until):
        await application.members.add(site["guests"].id, pass_ids=[site["visitor"].id])
        await until(lambda: "Visitor" in shown(listed.members.inside))
        link(listed.members.inside, "Anna de Vries", "Remove")
        await said("Anna de Vries is not a member of Guests any more.")
        assert not listed.question.is_posed()

    async def test_it_is_asked_even_while_the_screen_is_a_moment_old(
        self, editor, site, annas_card, application, until
    ):
        options = PoolOptions(published=True)
        await application.members.add(site["guests"].id, pass_ids=[site["visitor"].id])
        await until(lambda: "Visitor" in shown(editor.members.inside))
        await application.pools.change(site["guests"].id, level=AccessLevel.BY_LIST, options=options)
        visitor = next(member for member in application.members.of_pool(site["guests"].id) if member.pass_id)
        await application.members.remove(site["guests"].id, [visitor.id])
        link(editor.members.inside, "Anna de Vries", "Remove")
        await until(editor.question.is_posed)
        assert member_names(application, site["guests"]) == ["Anna de Vries"]

    async def test_one_that_is_not_published_closes_instead(self, listed, site, application, said, until):
        await application.pools.change(site["guests"].id, options=PoolOptions(published=False))
        await until(lambda: "nobody may" in listed.meaning.words())
        link(listed.members.inside, "Anna de Vries", "Remove")
        await until(lambda: banners_of(listed.warnings) == ["Nobody can charge at the 2 stations of Guests"])


class TestAfterARemoval:
    @pytest.fixture
    async def charging(self, application, annas_card, url, monkeypatch):
        """Garage 1, where Anna charges; it may be asked something at once."""
        monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
        async with raw_station(url, "ALF-0020") as station:
            start = {"connectorId": 1, "idTag": "04A2B3C4D5E680", "meterStart": 0, "timestamp": "2026-11-20T09:00:00Z"}
            station.transaction = (await station.call("StartTransaction", start))["transactionId"]
            yield station

    async def test_sessions_that_still_run_are_named_and_stopped_at_the_station(
        self, editor, site, charging, application, press, said, until
    ):
        assert banners_of(editor.running) == []
        link(editor.members.inside, "Anna de Vries", "Remove")
        note = await said("Anna de Vries is not a member of Guests any more.")
        assert "Garage 2 is offline and may still admit them until it connects." in note.text
        await until(lambda: banners_of(editor.running) == ["Still charging without access here"])
        assert facts_of(editor.running) == "Anna de Vries at Garage 1"
        press(editor.running, "Stop 1 running session")
        _kind, message_id, action, payload = await stop_asked(charging)
        assert (action, payload) == ("RemoteStopTransaction", {"transactionId": charging.transaction})
        await charging.send(json.dumps([3, message_id, ACCEPTED]))
        await said("Asked to stop the session: Garage 1.")
        assert banners_of(editor.running) == []

    async def test_undo_takes_the_banner_away(self, editor, site, charging, application, press, said, until):
        link(editor.members.inside, "Anna de Vries", "Remove")
        note = await said("Anna de Vries is not a member of Guests any more.")
        await until(lambda: buttons_of(editor.running) == ["Stop 1 running session"])
        press(note, "Undo")
        await until(lambda: banners_of(editor.running) == [])

    async def test_a_station_that_refuses_is_told_and_can_be_asked_again(self, editor, charging, press, said, until):
        link(editor.members.inside, "Anna de Vries", "Remove")
        await until(lambda: buttons_of(editor.running) == ["Stop 1 running session"])
        press(editor.running, "Stop 1 running session")
        _kind, message_id, *_ = await stop_asked(charging)
        await charging.send(json.dumps([3, message_id, {"status": "Rejected"}]))
        await said("Garage 1: ")
        await until(lambda: buttons_of(editor.running) == ["Stop 1 running session"])

    async def test_the_session_of_somebody_who_may_still_charge_there_is_left_alone(
        self, editor, site, charging, application, annas_card, said
    ):
        await application.members.add(site["guests"].id, pass_ids=[annas_card.id])
        link(editor.members.inside, "Anna de Vries", "Remove")
        await said("Anna de Vries is not a member of Guests any more.")
        assert banners_of(editor.running) == []


async def stop_asked(station):
    """The server's question to stop; whatever it asks before is turned down."""
    while True:
        frame = json.loads(await station.asked.get())
        if frame[2] == "RemoteStopTransaction":
            return frame
        await station.send(json.dumps([3, frame[1], {"status": "Rejected"}]))


async def test_free_vend_and_an_open_list_are_seen_in_the_list_of_pools(page, application, until):
    await application.pools.create("Terrace", AccessLevel.PUBLIC, PoolOptions(free_vend=True))
    await application.pools.create("Meadow", AccessLevel.BY_LIST, PoolOptions(published=True))
    await until(lambda: page.model.rowCount() == 4)
    lines = [page.model.text_at(at, 0) for at in range(4)]
    assert "Terrace · 0 stations · free vend" in lines
    assert "Meadow · 0 stations · open to every pass" in lines


async def test_a_blocked_pass_of_a_member_is_no_reason_to_ask(editor, site, application, said):
    card = await application.passes.add(PassDraft("04FFFFFFFFFFFF", "", "Lost", site["jan"].id))
    await application.passes.block([card.id])
    editor.level.segment(AccessLevel.RESTRICTED).click()
    await said("Guests is restricted now")
