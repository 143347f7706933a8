"""Every kind of station in the field: its own list ends as it should be, or what it does not hold is named."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, closing

import pytest

from app import configuration
from app.application import Application
from app.csms.lists import sync as list_sync
from app.domain.drafts import PassDraft
from app.domain.list_state import ListState
from tests.domain.list_station import ListStation
from tests.lists.conftest import uid
from tests.lists.manners import KEEPERS, OTHERS, V201, answers, keys, station
from tests.lists.zoo import CUT_AFTER, CUT_BEFORE, SILENT, CallError, until

SETTLED = set(ListState) - {ListState.WAITING, ListState.SENDING}


@pytest.fixture
def lists(application):
    return application.local_lists


async def settles(lists, station_id="CP1", *, with_count=None):
    """How a station's list stands once nothing more is done about it."""

    def is_settled():
        status = lists.of(station_id)
        return status.state in SETTLED and with_count in (None, status.wanted)

    await until(is_settled)
    return lists.of(station_id)


def is_as_it_should_be(station, lists):
    """The station's own list, beside what the site wants and what we say is not in it."""
    wanted = {each.entry.raw: each.entry.status.value for each in lists.wanted(station.station_id)}
    for missing in lists.of(station.station_id).missing:
        wanted.pop(missing.raw, None)
    return {raw: info["status"] for raw, info in station.own.cards.items()} == wanted


@asynccontextmanager
async def all_of(kinds, url):
    """A station of each kind, at the same time."""
    async with AsyncExitStack() as stack:
        zoo = {}
        for number, (kind, make) in enumerate(kinds.items()):
            zoo[kind] = make()
            zoo[kind].station_id = f"CP{number}"
            await stack.enter_async_context(zoo[kind].at(url))
        yield zoo


async def test_those_that_keep_a_list_have_the_right_one_and_follow_their_pool(application, url, yard, lists):
    pool = await yard(60, [f"CP{number}" for number in range(len(KEEPERS))])
    async with all_of(KEEPERS, url) as zoo:
        for kind, station in zoo.items():
            status = await settles(lists, station.station_id, with_count=60)
            held = len(station.own.cards)
            assert status.state is (ListState.IN_STEP if held == 60 else ListState.TOO_SMALL), (kind, status)
            assert (held, len(status.missing)) == (status.count, 60 - held), (kind, status)
            assert is_as_it_should_be(station, lists), kind

        removed, blocked = application.passes.find(uid(59)), application.passes.find(uid(58))
        await application.passes.remove([removed.id])
        await application.passes.block([blocked.id])
        await application.passes.add(PassDraft(uid="04FF"), pool_id=pool.id)
        for kind, station in zoo.items():
            own = station.own
            await until(lambda own=own: own.cards.get("04FF") and removed.uid not in own.cards)
            await settles(lists, station.station_id, with_count=60)
            assert is_as_it_should_be(station, lists), kind
            assert own.cards.get(blocked.uid, {"status": "Blocked"})["status"] == "Blocked", kind
            assert (own.broken_rules, station.faults) == ([], []), kind


async def test_those_that_keep_none_are_said_to_and_not_asked_for_ever(url, yard, lists):
    await yard(30, [f"CP{number}" for number in range(len(OTHERS))])
    async with all_of({kind: make for kind, (make, _) in OTHERS.items()}, url) as zoo:
        for kind, station in zoo.items():
            status = await settles(lists, station.station_id)
            assert status.state == OTHERS[kind][1], (kind, status)
        asked = {kind: len(station.asked) for kind, station in zoo.items()}
        assert all(len(station.asked_for("SendLocalList")) <= 3 * 9 for station in zoo.values()), asked
        await asyncio.sleep(0.3)
        assert asked == {kind: len(station.asked) for kind, station in zoo.items()}


@pytest.mark.parametrize(("capacity", "says_so"), [(10, False), (48, True), (48, False), (1_000, True)])
async def test_those_that_find_no_room_are_named(url, yard, lists, capacity, says_so):
    await yard(60)
    zoo = station(own=ListStation(capacity=capacity), keys=keys(20, capacity) if says_so else {})
    async with zoo.at(url):
        status = await settles(lists, with_count=60)
        assert len(zoo.own.cards) == min(capacity, 60)
        assert is_as_it_should_be(zoo, lists)
        assert (status.state is ListState.TOO_SMALL) == (capacity < 60)


@pytest.mark.parametrize("only_whole", [False, True])
async def test_how_much_a_list_of_2x_holds_is_read_once_and_not_learned_from_failures(url, yard, lists, only_whole):
    await yard(60)
    zoo = station(own=ListStation(capacity=40), version=V201, most=40)
    if only_whole:
        zoo.manner = answers(GetReport={"status": "NotSupported"})
    async with zoo.at(url):
        status = await settles(lists, with_count=60)
        assert (status.state, status.capacity, len(status.missing)) == (ListState.TOO_SMALL, 40, 20)
        assert is_as_it_should_be(zoo, lists)
        assert len(zoo.asked_for("SendLocalList")) == 2
    async with zoo.at(url):
        await until(lambda: len(zoo.asked_for("GetVariables")) == 2)
        await settles(lists, with_count=60)
        assert len(zoo.asked_for("GetReport")) == 1
        assert len(zoo.asked_for("GetBaseReport")) == (1 if only_whole else 0)
        assert len(zoo.asked_for("SendLocalList")) == 2
    assert zoo.faults == []


async def test_one_that_promises_a_report_and_gives_none_gets_its_list(url, yard, lists, monkeypatch):
    monkeypatch.setattr(configuration, "PIECE_WITHIN_S", 0.2)
    await yard(60)
    zoo = station(version=V201, manner=answers(GetReport={"status": "Accepted", "statusInfo": {"reasonCode": "Soon"}}))
    async with zoo.at(url):
        status = await settles(lists, with_count=60)
        assert (status.state, status.capacity) == (ListState.IN_STEP, None)


class TestGivenUp:
    @pytest.fixture
    async def given_up(self, url, yard, lists):
        """A station that said that it keeps no list, and would take one now."""
        await yard(30)
        zoo = station(manner=answers(GetLocalListVersion=CallError("NotSupported")))
        async with zoo.at(url):
            await until(lambda: lists.of("CP1").state is ListState.NOT_SUPPORTED)
            zoo.manner = answers()
            yield zoo

    async def test_it_is_tried_anew_at_once_when_somebody_says_so(self, given_up, lists):
        await lists.retry("CP1")
        await until(lambda: lists.of("CP1").state is ListState.IN_STEP)
        assert is_as_it_should_be(given_up, lists)

    async def test_it_is_tried_anew_when_another_process_says_so(self, application, given_up, lists, monkeypatch):
        monkeypatch.setattr(list_sync, "LOOK_EVERY_S", 0.1)
        await application.stations.rename("CP1", "Gate")  # It looks again, and in this time from now on.
        with closing(Application(application.store.path)) as elsewhere:
            await elsewhere.local_lists.retry("CP1")
        await until(lambda: lists.of("CP1").state is ListState.IN_STEP)
        assert is_as_it_should_be(given_up, lists)
        assert len(given_up.asked_for("SendLocalList")) == 2

    async def test_one_that_is_in_step_is_asked_once_whether_it_is(self, application, url, yard, lists, monkeypatch):
        monkeypatch.setattr(list_sync, "LOOK_EVERY_S", 0.1)
        await yard(30)
        zoo = station()
        async with zoo.at(url):
            await settles(lists, with_count=30)
            asked = len(zoo.asked_for("GetLocalListVersion"))
            with closing(Application(application.store.path)) as elsewhere:
                await elsewhere.local_lists.retry("CP1")
            await until(lambda: len(zoo.asked_for("GetLocalListVersion")) == asked + 1)
            await asyncio.sleep(0.5)
            assert len(zoo.asked_for("GetLocalListVersion")) == asked + 1
            assert await lists.retries_asked_elsewhere() == set()
            assert lists.of("CP1").state is ListState.IN_STEP


class TestMishaps:
    async def test_one_that_breaks_off_when_asked_for_its_limits_is_not_asked_again_and_gets_its_list(
        self, url, yard, lists
    ):
        await yard(30)
        zoo = station(keys=keys(20, 100), manner=answers(GetConfiguration=CUT_BEFORE))
        async with zoo.at(url):
            await settles(lists, with_count=30)
        assert (len(zoo.asked_for("GetConfiguration")), len(zoo.own.cards)) == (2, 30)

    @pytest.mark.parametrize(
        ("mishap", "at"),
        [
            *((CUT_BEFORE, 0), (CUT_BEFORE, 2), (CUT_AFTER, 0), (CUT_AFTER, 1)),
            *((SILENT, 1), ({"status": "Failed"}, 2), (CallError(), 1), ({"status": "VersionMismatch"}, 1)),
        ],
    )
    async def test_whatever_befalls_a_message_the_list_is_right_in_the_end(self, url, yard, lists, mishap, at):
        await yard(60)
        zoo = station(keys=keys(20, 500))

        def manner(zoo, action, _payload):
            is_it = action == "SendLocalList" and len(zoo.asked_for(action)) == at + 1
            return mishap if is_it else None

        zoo.manner = manner
        async with zoo.at(url):
            await until(lambda: lists.of("CP1").state is ListState.IN_STEP)
            assert is_as_it_should_be(zoo, lists)
            assert zoo.own.broken_rules == []

    async def test_failing_twice_is_not_failing(self, url, yard, lists):
        await yard(30)
        zoo = station()
        zoo.manner = lambda zoo, action, _payload: (
            {"status": "Failed"} if action == "SendLocalList" and len(zoo.asked_for(action)) <= 2 else None
        )
        async with zoo.at(url):
            assert (await settles(lists, with_count=30)).state is ListState.IN_STEP
            assert is_as_it_should_be(zoo, lists)

    async def test_a_station_of_another_version_of_the_list_gets_it_whole(self, url, yard, lists):
        await yard(30)
        zoo = station(own=ListStation(version=900, cards={"STRANGER": {"status": "Accepted"}}))
        async with zoo.at(url):
            await settles(lists, with_count=30)
            assert is_as_it_should_be(zoo, lists)
            assert zoo.own.version > 900

    async def test_a_station_that_lost_its_list_without_a_word_has_it_again_after_its_next_boot(self, url, yard, lists):
        await yard(30)
        zoo = station()
        async with zoo.at(url):
            await settles(lists, with_count=30)
            zoo.own.cards, zoo.own.version = {}, 0
            await zoo.say("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
            await until(lambda: lists.of("CP1").state is not ListState.IN_STEP)
            await until(lambda: len(zoo.own.cards) == 30)
            await until(lambda: lists.of("CP1").state is ListState.IN_STEP)
            assert is_as_it_should_be(zoo, lists)

    async def test_one_that_reports_a_conflict_gets_its_list_whole(self, url, yard, lists):
        await yard(30)
        zoo = station()
        async with zoo.at(url):
            await settles(lists, with_count=30)
            del zoo.own.cards[uid(3)]
            conflict = {"connectorId": 0, "errorCode": "LocalListConflict", "status": "Available"}
            await zoo.say("StatusNotification", conflict)
            await until(lambda: uid(3) in zoo.own.cards)
            await until(lambda: lists.of("CP1").state is ListState.IN_STEP)
            assert lists.of("CP1").conflict_at is not None

    async def test_one_that_was_away_catches_up_and_was_never_called_in_step_meanwhile(
        self, application, url, yard, lists
    ):
        await yard(30)
        zoo = station()
        async with zoo.at(url):
            await settles(lists, with_count=30)
        await until(lambda: not application.server.connected)
        card = application.passes.find(uid(3))
        await application.passes.remove([card.id])
        assert lists.of("CP1").state is ListState.WAITING
        await until(lists.with_cards_still_open)
        [away] = lists.with_cards_still_open()
        assert (away.still_open, away.open_since is not None, away.cache_stale_since is not None) == (1, True, True)
        async with zoo.at(url):
            await until(lambda: application.server.connected)
            assert lists.of("CP1").state is ListState.WAITING
            await until(lambda: lists.of("CP1").state is ListState.IN_STEP)
            assert is_as_it_should_be(zoo, lists)
            assert uid(3) not in zoo.own.cards
            assert zoo.asked_for("ClearCache") == [{}]
        assert lists.with_cards_still_open() == []

    async def test_slow_answers_are_waited_for(self, url, yard, lists):
        await yard(30)
        zoo = station(slow_s=0.6)
        async with zoo.at(url):
            await settles(lists, with_count=30)
            assert is_as_it_should_be(zoo, lists)
            assert len(zoo.asked_for("SendLocalList")) == 2
