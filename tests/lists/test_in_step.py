"""Lists follow what happens on the site: soon, once for many changes, also when only time passes."""

import asyncio
from datetime import timedelta

import pytest
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from websockets.asyncio.client import connect

from app.domain.drafts import PassDraft
from app.domain.events import IdentitiesChanged, LocalListsChanged, PassesChanged, PoolsChanged
from app.domain.list_state import ListState
from app.domain.model import AccessLevel, PoolOptions
from tests.lists.conftest import uid
from tests.lists.manners import keys, station, strict
from tests.lists.zoo import CallError, until


@pytest.fixture
def lists(application):
    return application.local_lists


async def in_step(lists, count=None):
    await until(lambda: lists.of("CP1").state is ListState.IN_STEP and count in (None, lists.of("CP1").count))


async def test_many_changes_at_once_are_one_update_of_each_station(application, url, yard, lists):
    await yard(300)
    pool = await application.pools.create("Garage")
    await application.stations.accept("CP1", pool_id=pool.id)
    async with station(keys=keys(500, 5_000)).at(url) as zoo:
        await in_step(lists, 0)
        before = len(zoo.asked_for("SendLocalList"))
        members = [number + 1 for number in range(300)]
        await application.members.add(pool.id, pass_ids=members)
        await in_step(lists, 300)
        assert len(zoo.asked_for("SendLocalList")) == before + 1


async def test_a_member_whose_time_is_over_leaves_the_list_when_it_is(application, url, yard, lists):
    pool = await yard(1)
    soon = application.clock() + timedelta(seconds=1.5)
    await application.passes.add(PassDraft(uid="04FF", valid_until=soon), pool_id=pool.id)
    later = application.clock() + timedelta(seconds=2.5)
    await application.passes.add(PassDraft(uid="04EE", valid_from=later), pool_id=pool.id)
    async with station().at(url) as zoo:
        await until(lambda: zoo.own.cards.get("04FF"))
        assert zoo.own.cards["04FF"]["expiryDate"] <= soon.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert "04EE" not in zoo.own.cards
        await until(lambda: "04FF" not in zoo.own.cards)
        assert application.clock() >= soon
        await until(lambda: "04EE" in zoo.own.cards)
        assert application.clock() >= later


async def test_a_station_that_compares_every_letter_gets_a_card_as_it_just_spelled_it(application, url, yard, lists):
    await yard(2)
    async with station(own=strict(48, 48, exact=True), keys=keys(48, 48)).at(url) as zoo:
        await in_step(lists, 2)
        tapped = uid(10**11).lower()[:-1] + "a"
        await application.passes.change(1, PassDraft(uid=tapped.upper()))
        await until(lambda: zoo.own.knows(tapped.upper()))
        assert zoo.own.knows(tapped) is None
        await zoo.say("Authorize", {"idTag": tapped})
        await until(lambda: zoo.own.knows(tapped))
        await in_step(lists, 2)
        assert set(zoo.own.cards) == {tapped, uid(1)}


async def test_where_everyone_may_charge_no_card_is_held_back_and_no_list_is_missed(application, url, yard, lists):
    pool = await yard(2)
    await application.passes.block([1])
    async with station().at(url) as zoo:
        await until(lambda: lists.of("CP1").state is ListState.IN_STEP and zoo.own.cards)
        await application.pools.change(pool.id, level=AccessLevel.PUBLIC, options=PoolOptions(free_vend=True))
        await until(lambda: lists.of("CP1").state is ListState.NOT_NEEDED and not zoo.own.cards)
    zoo = station(manner=lambda *_: CallError("NotSupported"))
    zoo.station_id = "CP2"
    await application.stations.accept("CP2", pool_id=pool.id)
    async with zoo.at(url):
        await until(lambda: lists.of("CP2").state is ListState.NOT_NEEDED)


async def test_whose_access_ends_is_forgotten_by_the_cache_too_at_once(application, url, yard, lists):
    await yard(3)
    async with station(manner=lambda _s, action, _p: {"status": "Rejected"} if action == "ClearCache" else None).at(
        url
    ) as zoo:
        await in_step(lists, 3)
        assert zoo.asked_for("ClearCache") == []
        await application.passes.add(PassDraft(uid="04FF"), pool_id=1)
        await in_step(lists, 4)
        assert zoo.asked_for("ClearCache") == []
        await application.passes.remove([2])
        await in_step(lists, 3)
        assert len(zoo.asked_for("ClearCache")) == 1
        assert lists.of("CP1").cache_stale_since is None


async def test_nothing_is_sent_before_the_boot_is_answered_and_quiet(application, url, yard, lists, monkeypatch):
    from app.csms.station import outgoing

    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.4)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 30.0)
    await yard(3)
    async with station().at(url) as zoo:
        await until(lambda: zoo.socket is not None and application.server.connected)
        await asyncio.sleep(0.5)
        assert zoo.asked == []
        await zoo.say("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        await in_step(lists, 3)


async def test_a_list_that_is_sent_in_pieces_tells_how_far_it_is(application, url, yard, lists):
    pool = await yard(50)
    far = []

    def look(_event):
        status = lists.of("CP1")
        if status.state is ListState.SENDING:
            far.append((status.count, status.wanted, status.piece))

    application.bus.subscribe(LocalListsChanged, look)
    async with station(own=strict(20), keys=keys(20, 500)).at(url):
        await in_step(lists, 50)
        assert far == [(0, 50, 20), (20, 50, 20), (40, 50, 20)]
        far.clear()
        await application.passes.add(PassDraft(uid="04FF"), pool_id=pool.id)
        await in_step(lists, 51)
        assert far == [(50, 51, 0)]


async def test_in_step_is_never_said_while_it_is_not(application, url, yard, lists):
    pool = await yard(30)
    zoo, wrong, checked = station(slow_s=0.02), [], []

    def check(event):
        if lists.of("CP1").state is ListState.IN_STEP:
            wanted = {each.entry.raw for each in lists.wanted("CP1")}
            checked.append(event)
            if set(zoo.own.cards) != wanted:
                wrong.append((event, set(zoo.own.cards) ^ wanted))

    for kind in (LocalListsChanged, PassesChanged, PoolsChanged, IdentitiesChanged):
        application.bus.subscribe(kind, check)
    async with zoo.at(url):
        await in_step(lists, 30)
        for number in range(5):
            await application.passes.add(PassDraft(uid=f"04FF0{number}"), pool_id=pool.id)
            await in_step(lists, 31 + number)
        elsewhere = await application.passes.add(PassDraft(uid="04EE"))
        await until(lambda: lists.of("CP1").state is ListState.IN_STEP)
        await application.passes.remove([elsewhere.id])
        await in_step(lists, 35)
    assert (wrong, len(checked) >= 6) == ([], True)


class PackageStation(ChargePoint):
    """A station on the `ocpp` package's client: what we send passes its schemas."""

    def __init__(self, *args):
        super().__init__(*args)
        self.version, self.cards = 0, {}

    @on("GetConfiguration")
    def configuration(self, key):
        known = {"SendLocalListMaxLength": "10", "LocalAuthListMaxLength": "100"}
        values = [{"key": name, "readonly": True, "value": known[name]} for name in key if name in known]
        return call_result.GetConfiguration(values, [name for name in key if name not in known])

    @on("ClearCache")
    def cache_cleared(self):
        return call_result.ClearCache("Rejected")

    @on("GetLocalListVersion")
    def list_version(self):
        return call_result.GetLocalListVersion(self.version)

    @on("SendLocalList")
    def list_sent(self, list_version, update_type, local_authorization_list=()):
        if update_type == "Full":
            self.cards = {}
        for each in local_authorization_list:
            self.cards.pop(each["id_tag"], None)
            if "id_tag_info" in each:
                self.cards[each["id_tag"]] = each["id_tag_info"]["status"]
        self.version = list_version
        return call_result.SendLocalList("Accepted")


async def test_a_station_of_the_ocpp_package_gets_its_list(application, url, yard, lists):
    pool = await yard(25)
    async with connect(f"{url}CP1", subprotocols=["ocpp1.6"], proxy=None) as socket:
        peer = PackageStation("CP1", socket)
        listening = asyncio.create_task(peer.start())
        await in_step(lists, 25)
        await application.passes.block([3])
        await application.passes.add(PassDraft(uid="04FF"), pool_id=pool.id)
        await until(lambda: peer.cards.get(uid(2)) == "Blocked" and "04FF" in peer.cards)
        await in_step(lists, 26)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert len(peer.cards) == 26
