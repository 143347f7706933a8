import asyncio
from datetime import timedelta

import pytest

from app.domain.access import Moment, Status
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import PoolsChanged
from tests.query_plans import plan_of

HOUR = timedelta(hours=1)


@pytest.fixture
async def garage(site):
    return await site.pools.create("Garage")


async def identity(site, email, **names):
    return await site.identities.add(IdentityDraft(email, **names))


async def card(site, uid, **about):
    return await site.passes.add(PassDraft(uid=uid, **about))


def names(members):
    return [member.name for member in members]


class TestMembers:
    async def test_identities_come_first_then_passes_each_by_name(self, site, garage):
        zoe = await identity(site, "zoe@example.com", first_name="Zoe")
        ann = await identity(site, "ann@example.com", first_name="ann", last_name="Bo")
        van, bike = await card(site, "04A2246F", name="van"), await card(site, "04A22470", name="Bike")
        await site.members.add(garage.id, identity_ids=[zoe.id, ann.id], pass_ids=[van.id, bike.id])
        assert names(site.members.of_pool(garage.id)) == ["ann Bo", "Zoe", "Bike", "van"]
        assert site.members.available(garage.id) == []

    async def test_a_member_is_told_by_what_a_person_knows_it_by(self, site, garage):
        nameless = await identity(site, "front@example.com")
        first = await card(site, "04A2246F", identity_id=nameless.id)
        second = await site.passes.add(PassDraft(visible_id="NL-TNM-B12345-6"))
        await site.members.add(garage.id, identity_ids=[nameless.id], pass_ids=[first.id, second.id])
        assert [(member.name, member.contact, member.passes) for member in site.members.of_pool(garage.id)] == [
            ("front@example.com", "front@example.com", 1),
            ("04A2246F", "front@example.com", 1),
            ("NL-TNM-B12345-6", "", 1),
        ]

    async def test_who_is_no_member_yet_is_available(self, site, garage):
        ann, zoe = await identity(site, "ann@example.com"), await identity(site, "zoe@example.com")
        van = await card(site, "04A2246F")
        await site.members.add(garage.id, identity_ids=[ann.id])
        available = site.members.available(garage.id)
        assert [(member.id, member.identity_id, member.pass_id) for member in available] == [
            (None, zoe.id, None),
            (None, None, van.id),
        ]

    async def test_members_of_one_pool_are_no_members_of_another(self, site, garage):
        office = await site.pools.create("Office")
        ann = await identity(site, "ann@example.com")
        await site.members.add(garage.id, identity_ids=[ann.id])
        assert site.members.of_pool(office.id) == []
        assert names(site.members.available(office.id)) == ["ann@example.com"]

    async def test_adding_again_changes_nothing_and_taking_that_back_removes_nobody(self, site, garage):
        ann, zoe = await identity(site, "ann@example.com"), await identity(site, "zoe@example.com")
        await site.members.add(garage.id, identity_ids=[ann.id])
        undo = await site.members.add(garage.id, identity_ids=[ann.id, zoe.id])
        assert len(site.members.of_pool(garage.id)) == 2
        await undo()
        assert names(site.members.of_pool(garage.id)) == ["ann@example.com"]

    async def test_none_is_added_where_one_cannot(self, site, garage, told):
        ann = await identity(site, "ann@example.com")
        told.clear()
        with pytest.raises(AppError, match="member_unknown"):
            await site.members.add(garage.id, identity_ids=[ann.id, 99])
        with pytest.raises(AppError, match="member_unknown"):
            await site.members.add(garage.id, identity_ids=[ann.id], pass_ids=[99])
        assert site.members.of_pool(garage.id) == []
        assert told == []

    async def test_removed_members_can_be_brought_back_after_others_came(self, site, garage, told):
        ann, zoe = await identity(site, "ann@example.com"), await identity(site, "zoe@example.com")
        await site.members.add(garage.id, identity_ids=[ann.id])
        before = site.members.of_pool(garage.id)
        undo = await site.members.remove(garage.id, [before[0].id])
        assert site.members.of_pool(garage.id) == []
        await site.members.add(garage.id, identity_ids=[zoe.id])
        told.clear()
        await undo()
        assert told == [PoolsChanged((garage.id,))]
        assert site.members.of_pool(garage.id)[:1] == before
        assert len(site.members.of_pool(garage.id)) == 2

    async def test_one_who_became_a_member_again_is_not_brought_back_twice(self, site, garage):
        ann = await identity(site, "ann@example.com")
        await site.members.add(garage.id, identity_ids=[ann.id])
        undo = await site.members.remove(garage.id, [member.id for member in site.members.of_pool(garage.id)])
        await site.members.add(garage.id, identity_ids=[ann.id])
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert len(site.members.of_pool(garage.id)) == 1

    async def test_a_member_that_is_gone_cannot_be_brought_back(self, site, garage):
        van = await card(site, "04A2246F")
        await site.members.add(garage.id, pass_ids=[van.id])
        undo = await site.members.remove(garage.id, [member.id for member in site.members.of_pool(garage.id)])
        await site.passes.remove([van.id])
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()

    async def test_thousands_become_members_in_one_go(self, site, garage):
        def make(connection):
            connection.exec_driver_sql(
                "insert into passes (id, uid, created_at) values (?, ?, 0)",
                [(number, f"{number:08X}") for number in range(1, 3001)],
            )

        await site.store.write(make)
        undo = await site.members.add(garage.id, pass_ids=range(1, 3001))
        assert len(site.members.of_pool(garage.id)) == 3000
        await undo()
        assert site.members.of_pool(garage.id) == []


class TestEnds:
    @pytest.fixture
    async def station(self, site, garage):
        return await site.stations.accept("CP-1", pool_id=garage.id)

    def admitted(self, site, uid):
        return site.taps.judge("CP-1", uid, Moment.AUTHORIZE).decision.status is Status.ACCEPTED

    async def test_a_member_until_a_moment_is_one_until_that_moment(self, site, garage, station, clock):
        van = await card(site, "04A2246F")
        await site.members.add(garage.id, pass_ids=[van.id], valid_until=clock.now + HOUR)
        assert site.members.of_pool(garage.id)[0].valid_until == clock.now + HOUR
        clock.go_on(milliseconds=3_599_999)
        assert self.admitted(site, van.uid)
        clock.go_on(milliseconds=1)
        assert not self.admitted(site, van.uid)
        assert names(site.members.of_pool(garage.id)) == ["04A2246F"]

    async def test_an_end_can_be_set_and_that_taken_back(self, site, garage, station, clock, told):
        van, bike = await card(site, "04A2246F"), await card(site, "04A22470")
        await site.members.add(garage.id, pass_ids=[van.id])
        await site.members.add(garage.id, pass_ids=[bike.id], valid_until=clock.now + HOUR)
        before = site.members.of_pool(garage.id)
        told.clear()
        undo = await site.members.set_end(garage.id, [member.id for member in before], clock.now)
        assert told == [PoolsChanged((garage.id,))]
        assert [self.admitted(site, each.uid) for each in (van, bike)] == [False, False]
        await undo()
        assert site.members.of_pool(garage.id) == before
        assert [self.admitted(site, each.uid) for each in (van, bike)] == [True, True]

    async def test_an_end_can_be_taken_away(self, site, garage, clock):
        van = await card(site, "04A2246F")
        await site.members.add(garage.id, pass_ids=[van.id], valid_until=clock.now)
        await site.members.set_end(garage.id, [site.members.of_pool(garage.id)[0].id], None)
        assert site.members.of_pool(garage.id)[0].valid_until is None

    async def test_an_end_that_was_set_again_is_not_taken_back(self, site, garage, clock):
        van, bike = await card(site, "04A2246F"), await card(site, "04A22470")
        await site.members.add(garage.id, pass_ids=[van.id, bike.id])
        first, second = (member.id for member in site.members.of_pool(garage.id))
        undo = await site.members.set_end(garage.id, [first, second], clock.now)
        await site.members.set_end(garage.id, [second], clock.now + HOUR)
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert [member.valid_until for member in site.members.of_pool(garage.id)] == [clock.now, clock.now + HOUR]

    async def test_members_of_another_pool_keep_theirs(self, site, garage, clock):
        office, van = await site.pools.create("Office"), await card(site, "04A2246F")
        await site.members.add(office.id, pass_ids=[van.id])
        member = site.members.of_pool(office.id)[0]
        await site.members.set_end(garage.id, [member.id, 99], clock.now)
        await site.members.remove(garage.id, [member.id, 99])
        assert site.members.of_pool(office.id) == [member]

    async def test_whose_membership_has_ended_can_become_a_member_again(self, site, garage, station, clock):
        van, bike = await card(site, "04A2246F"), await card(site, "04A22470")
        await site.members.add(garage.id, pass_ids=[van.id], valid_until=clock.now)
        await site.members.add(garage.id, pass_ids=[bike.id], valid_until=clock.now + HOUR)
        before = site.members.of_pool(garage.id)
        undo = await site.members.add(garage.id, pass_ids=[van.id, bike.id])
        assert self.admitted(site, van.uid)
        assert [member.valid_until for member in site.members.of_pool(garage.id)] == [None, clock.now + HOUR]
        await undo()
        assert site.members.of_pool(garage.id) == before
        assert not self.admitted(site, van.uid)


class TestTwoWindows:
    async def test_both_remove_the_same_and_each_may_bring_back_what_it_took(self, site, garage):
        cards = [await card(site, f"04A2246{number}") for number in range(3)]
        await site.members.add(garage.id, pass_ids=[each.id for each in cards])
        before = site.members.of_pool(garage.id)
        ids = [member.id for member in before]
        undos = await asyncio.gather(site.members.remove(garage.id, ids[:2]), site.members.remove(garage.id, ids[1:]))
        assert site.members.of_pool(garage.id) == []
        await undos[1]()
        await undos[0]()
        assert site.members.of_pool(garage.id) == before

    async def test_a_pool_that_the_other_removed_takes_no_member(self, site, garage):
        van = await card(site, "04A2246F")
        undo = await site.members.add(garage.id, pass_ids=[van.id])
        await site.pools.remove(garage.id)
        with pytest.raises(AppError, match="pool_unknown"):
            await site.members.add(garage.id, pass_ids=[van.id])
        await undo()
        assert site.pools.of_pass(van.id) == []


async def test_no_list_reads_the_members_of_every_pool(site, garage):
    for ask in (site.members.of_pool, site.members.available):
        steps = plan_of(site.store, lambda ask=ask: ask(garage.id))
        assert not [step for step in steps if "SCAN members" in step]
        assert not [step for step in steps if "AUTOMATIC" in step]
