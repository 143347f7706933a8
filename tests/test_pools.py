import pytest

from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import PoolsChanged
from app.domain.model import AccessLevel


@pytest.fixture
async def garage(site):
    return await site.pools.create("Garage")


async def identity(site, email, **names):
    return await site.identities.add(IdentityDraft(email, **names))


async def card(site, uid, **about):
    return await site.passes.add(PassDraft(uid=uid, **about))


def names(members):
    return [member.name for member in members]


class TestPools:
    async def test_a_pool_is_private_unless_told_otherwise(self, site, told):
        pool = await site.pools.create("  Garage ")
        assert (pool.name, pool.level, pool.free_vend) == ("Garage", AccessLevel.PRIVATE, False)
        assert site.pools.find("GARAGE") == site.pools.require(pool.id) == pool
        assert told == [PoolsChanged((pool.id,))]

    @pytest.mark.parametrize(
        ("name", "code"), [("", "pool_name_empty"), (" \t", "pool_name_empty"), ("n" * 121, "name_too_long")]
    )
    async def test_a_name_that_is_none_is_refused(self, site, garage, name, code):
        with pytest.raises(AppError, match=code):
            await site.pools.create(name)
        with pytest.raises(AppError, match=code):
            await site.pools.rename(garage.id, name)
        assert site.pools.count() == 1

    async def test_a_name_is_given_once_whatever_its_case(self, site, garage):
        office = await site.pools.create("Office")
        with pytest.raises(AppError, match="pool_name_taken"):
            await site.pools.create("garage")
        with pytest.raises(AppError, match="pool_name_taken"):
            await site.pools.rename(office.id, "GARAGE")
        await site.pools.rename(garage.id, "GARAGE")
        assert [summary.pool.name for summary in site.pools.all()] == ["GARAGE", "Office"]

    async def test_a_new_name_can_be_taken_back_unless_the_old_one_is_given(self, site, garage):
        undo = await site.pools.rename(garage.id, "Yard")
        await undo()
        assert site.pools.require(garage.id).name == "Garage"
        undo = await site.pools.rename(garage.id, "Yard")
        await site.pools.create("Garage")
        with pytest.raises(AppError, match="pool_name_taken"):
            await undo()

    async def test_a_level_can_be_changed_and_that_taken_back(self, site, garage):
        undo = await site.pools.set_level(garage.id, AccessLevel.PUBLIC)
        assert site.pools.require(garage.id).level is AccessLevel.PUBLIC
        await undo()
        assert site.pools.require(garage.id).level is AccessLevel.PRIVATE

    async def test_free_vend_ends_with_the_public_level_and_comes_back_with_it(self, site, garage):
        await site.store.write(
            lambda connection: connection.exec_driver_sql("update pools set level = 'public', free_vend = 1")
        )
        undo = await site.pools.set_level(garage.id, AccessLevel.PRIVATE)
        assert not site.pools.require(garage.id).free_vend
        await undo()
        pool = site.pools.require(garage.id)
        assert (pool.level, pool.free_vend) == (AccessLevel.PUBLIC, True)

    async def test_no_pool_is_free_for_everyone_and_private(self, site, garage):
        with pytest.raises(Exception, match="free_vend_is_public"):
            await site.store.write(lambda connection: connection.exec_driver_sql("update pools set free_vend = 1"))

    async def test_a_removed_pool_leaves_its_stations_in_none_and_comes_back_with_all(self, site, garage, told):
        await site.stations.accept("CP-1", pool_id=garage.id)
        ann = await identity(site, "ann@example.com")
        await site.pools.add_members(garage.id, identity_ids=[ann.id])
        before = site.pools.all(), site.pools.members(garage.id), site.stations.all()
        undo = await site.pools.remove(garage.id)
        assert site.pools.all() == []
        assert site.stations.find("CP-1").pool_id is None
        told.clear()
        await undo()
        assert told == [PoolsChanged((garage.id,))]
        assert (site.pools.all(), site.pools.members(garage.id), site.stations.all()) == before

    async def test_a_station_that_went_elsewhere_stays_there_when_its_pool_comes_back(self, site, garage):
        await site.stations.accept("CP-1", pool_id=garage.id)
        undo = await site.pools.remove(garage.id)
        office = await site.pools.create("Office")
        await site.stations.move(["CP-1"], office.id)
        await undo()
        assert site.stations.find("CP-1").pool_id == office.id

    async def test_a_pool_whose_name_was_given_again_does_not_come_back(self, site, garage):
        undo = await site.pools.remove(garage.id)
        new = await site.pools.create("Garage")
        assert new.id != garage.id
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert [summary.pool for summary in site.pools.all()] == [new]

    @pytest.mark.parametrize(
        "action",
        [
            lambda pools: pools.rename(9, "Yard"),
            lambda pools: pools.set_level(9, AccessLevel.PUBLIC),
            lambda pools: pools.remove(9),
            lambda pools: pools.add_members(9),
        ],
    )
    async def test_a_pool_that_is_gone_is_told(self, site, told, action):
        with pytest.raises(AppError, match="pool_unknown"):
            await action(site.pools)
        assert told == []

    async def test_a_list_tells_how_much_is_in_each(self, site, garage):
        office = await site.pools.create("office")
        await site.stations.accept("A", pool_id=garage.id)
        await site.stations.accept("B", pool_id=garage.id)
        ann = await identity(site, "ann@example.com")
        van = await card(site, "04A2246F")
        await site.pools.add_members(garage.id, identity_ids=[ann.id], pass_ids=[van.id])
        await site.pools.add_members(office.id, pass_ids=[van.id])
        counts = [(each.pool.name, each.stations, each.identities, each.passes) for each in site.pools.all()]
        assert counts == [("Garage", 2, 1, 1), ("office", 0, 0, 1)]
        assert site.pools.count() == 2


class TestMembers:
    async def test_identities_come_first_then_passes_each_by_name(self, site, garage):
        zoe = await identity(site, "zoe@example.com", first_name="Zoe")
        ann = await identity(site, "ann@example.com", first_name="ann", last_name="Bo")
        van, bike = await card(site, "04A2246F", name="van"), await card(site, "04A22470", name="Bike")
        await site.pools.add_members(garage.id, identity_ids=[zoe.id, ann.id], pass_ids=[van.id, bike.id])
        assert names(site.pools.members(garage.id)) == ["ann Bo", "Zoe", "Bike", "van"]
        assert site.pools.available(garage.id) == []

    async def test_a_member_is_told_by_what_a_person_knows_it_by(self, site, garage):
        nameless = await identity(site, "front@example.com")
        first = await card(site, "04A2246F", identity_id=nameless.id)
        second = await site.passes.add(PassDraft(visible_id="NL-TNM-B12345-6"))
        await site.pools.add_members(garage.id, identity_ids=[nameless.id], pass_ids=[first.id, second.id])
        assert [(member.name, member.contact, member.passes) for member in site.pools.members(garage.id)] == [
            ("front@example.com", "front@example.com", 1),
            ("04A2246F", "front@example.com", 1),
            ("NL-TNM-B12345-6", "", 1),
        ]

    async def test_who_is_no_member_yet_is_available(self, site, garage):
        ann, zoe = await identity(site, "ann@example.com"), await identity(site, "zoe@example.com")
        van = await card(site, "04A2246F")
        await site.pools.add_members(garage.id, identity_ids=[ann.id])
        available = site.pools.available(garage.id)
        assert [(member.id, member.identity_id, member.pass_id) for member in available] == [
            (None, zoe.id, None),
            (None, None, van.id),
        ]

    async def test_members_of_one_pool_are_no_members_of_another(self, site, garage):
        office = await site.pools.create("Office")
        ann = await identity(site, "ann@example.com")
        await site.pools.add_members(garage.id, identity_ids=[ann.id])
        assert site.pools.members(office.id) == []
        assert names(site.pools.available(office.id)) == ["ann@example.com"]

    async def test_adding_again_changes_nothing_and_taking_that_back_removes_nobody(self, site, garage):
        ann, zoe = await identity(site, "ann@example.com"), await identity(site, "zoe@example.com")
        await site.pools.add_members(garage.id, identity_ids=[ann.id])
        undo = await site.pools.add_members(garage.id, identity_ids=[ann.id, zoe.id])
        assert len(site.pools.members(garage.id)) == 2
        await undo()
        assert names(site.pools.members(garage.id)) == ["ann@example.com"]

    async def test_none_is_added_where_one_cannot(self, site, garage, told):
        ann = await identity(site, "ann@example.com")
        told.clear()
        with pytest.raises(AppError, match="member_unknown"):
            await site.pools.add_members(garage.id, identity_ids=[ann.id, 99])
        with pytest.raises(AppError, match="member_unknown"):
            await site.pools.add_members(garage.id, identity_ids=[ann.id], pass_ids=[99])
        assert site.pools.members(garage.id) == []
        assert told == []

    async def test_removed_members_can_be_brought_back_after_others_came(self, site, garage, told):
        ann, zoe = await identity(site, "ann@example.com"), await identity(site, "zoe@example.com")
        await site.pools.add_members(garage.id, identity_ids=[ann.id])
        before = site.pools.members(garage.id)
        undo = await site.pools.remove_members(garage.id, [before[0].id])
        assert site.pools.members(garage.id) == []
        await site.pools.add_members(garage.id, identity_ids=[zoe.id])
        told.clear()
        await undo()
        assert told == [PoolsChanged((garage.id,))]
        assert site.pools.members(garage.id)[:1] == before
        assert len(site.pools.members(garage.id)) == 2

    async def test_one_who_became_a_member_again_is_not_brought_back_twice(self, site, garage):
        ann = await identity(site, "ann@example.com")
        await site.pools.add_members(garage.id, identity_ids=[ann.id])
        undo = await site.pools.remove_members(garage.id, [member.id for member in site.pools.members(garage.id)])
        await site.pools.add_members(garage.id, identity_ids=[ann.id])
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert len(site.pools.members(garage.id)) == 1

    async def test_a_member_that_is_gone_cannot_be_brought_back(self, site, garage):
        van = await card(site, "04A2246F")
        await site.pools.add_members(garage.id, pass_ids=[van.id])
        undo = await site.pools.remove_members(garage.id, [member.id for member in site.pools.members(garage.id)])
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
        undo = await site.pools.add_members(garage.id, pass_ids=range(1, 3001))
        assert len(site.pools.members(garage.id)) == 3000
        await undo()
        assert site.pools.members(garage.id) == []
