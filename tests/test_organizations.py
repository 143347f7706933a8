import asyncio
from dataclasses import replace

import pytest

from app.database.schema import FIRST_ORGANIZATION
from app.domain.access import Moment, Reason
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import OrganizationsChanged
from app.domain.model import PoolOptions


@pytest.fixture
async def tree(site):
    """The first, with Hotel (EUR) below it, and in that Kitchen and Bar; Zoo (USD) beside the first."""
    hotel = await site.organizations.create("Hotel", currency="eur")
    kitchen = await site.organizations.create("Kitchen", hotel.id)
    bar = await site.organizations.create("bar", hotel.id)
    zoo = await site.organizations.create("Zoo", None, "USD")
    return {each.name: each.id for each in (hotel, kitchen, bar, zoo)}


def drawn(site):
    return [f"{'.' * each.depth}{each.organization.name}" for each in site.organizations.all()[1:]]


class TestTree:
    async def test_a_site_begins_with_one_that_nobody_needs_to_see(self, site):
        assert site.organizations.is_single
        (first,) = site.organizations.all()
        assert (first.organization.id, first.organization.parent_id, first.depth) == (FIRST_ORGANIZATION, None, 0)

    async def test_children_follow_their_parent_siblings_stand_by_name(self, site, tree):
        assert drawn(site) == [".Hotel", "..bar", "..Kitchen", "Zoo"]
        assert not site.organizations.is_single

    async def test_an_organization_is_kept_as_it_was_cleaned_and_told(self, site, told):
        made = await site.organizations.create("  Hotel  Sun ", currency=" chf ")
        assert (made.name, made.parent_id, made.currency) == ("Hotel Sun", FIRST_ORGANIZATION, "CHF")
        assert site.organizations.find("HOTEL sun") == site.organizations.require(made.id) == made
        assert told == [OrganizationsChanged()]

    async def test_a_list_tells_how_much_belongs_to_each(self, site, tree):
        await site.identities.add(IdentityDraft("ann@example.com", organization_id=tree["Hotel"]))
        await site.stations.accept("CP-1", host_id=tree["Hotel"])
        await site.pools.create("Garage", options=PoolOptions(organization_id=tree["Hotel"]))
        counts = {
            each.organization.name: (each.identities, each.stations, each.pools) for each in site.organizations.all()
        }
        assert counts["Hotel"] == (1, 1, 1)
        assert counts["Zoo"] == (0, 0, 0)

    async def test_what_is_within_is_the_organization_and_all_below_it(self, site, tree):
        assert site.organizations.within(tree["Hotel"]) == {tree["Hotel"], tree["Kitchen"], tree["bar"]}
        assert site.organizations.within(tree["Zoo"]) == {tree["Zoo"]}
        assert site.organizations.within(99) == frozenset()

    async def test_a_currency_is_ones_own_or_that_of_the_nearest_above(self, site, tree):
        assert [site.organizations.currency(tree[name]) for name in ("Kitchen", "Zoo")] == ["EUR", "USD"]
        assert site.organizations.currency(FIRST_ORGANIZATION) == "EUR"
        kitchen = site.organizations.require(tree["Kitchen"])
        await site.organizations.change(replace(kitchen, parent_id=tree["Zoo"]))
        assert site.organizations.currency(tree["Kitchen"]) == "USD"
        with pytest.raises(AppError, match="organization_unknown"):
            site.organizations.currency(99)

    async def test_a_tree_may_be_deeper_than_anyone_needs(self, site):
        parent_id = FIRST_ORGANIZATION
        for number in range(60):
            parent_id = (await site.organizations.create(f"Level {number:02}", parent_id)).id
        assert [each.depth for each in site.organizations.all()] == list(range(61))
        assert len(site.organizations.within(FIRST_ORGANIZATION)) == 61


class TestChanging:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"name": " "}, "organization_name_empty"),
            ({"name": "n" * 121}, "name_too_long"),
            ({"name": "ZOO"}, "organization_name_taken"),
            ({"currency": "EURO"}, "currency_unknown"),
            ({"currency": "12€"}, "currency_unknown"),
            ({"parent_id": 99}, "organization_unknown"),
        ],
    )
    async def test_what_cannot_be_is_refused_and_nothing_kept(self, site, tree, told, changes, code):
        before = site.organizations.all()
        hotel = site.organizations.require(tree["Hotel"])
        wanted = replace(hotel, name="New")
        for attempt in (
            site.organizations.change(replace(hotel, **changes)),
            site.organizations.create(**({"name": wanted.name, "parent_id": None} | changes)),
        ):
            with pytest.raises(AppError, match=code):
                await attempt
        assert site.organizations.all() == before
        assert told == []

    async def test_a_name_parent_and_currency_can_be_changed_and_that_taken_back(self, site, tree, told):
        before = site.organizations.all()
        hotel = site.organizations.require(tree["Hotel"])
        told.clear()
        undo = await site.organizations.change(replace(hotel, name="HOTEL", parent_id=tree["Zoo"], currency=""))
        assert told == [OrganizationsChanged()]
        assert drawn(site) == ["Zoo", ".HOTEL", "..bar", "..Kitchen"]
        assert site.organizations.currency(tree["bar"]) == "USD"
        await undo()
        assert site.organizations.all() == before

    @pytest.mark.parametrize("below", ["Hotel", "Kitchen"])
    async def test_none_goes_below_itself(self, site, tree, below):
        hotel = site.organizations.require(tree["Hotel"])
        with pytest.raises(AppError, match="organization_below_itself") as refused:
            await site.organizations.change(replace(hotel, parent_id=tree[below]))
        assert refused.value.params == {"name": "Hotel"}

    async def test_two_windows_make_no_loop(self, site, tree):
        hotel, zoo = (site.organizations.require(tree[name]) for name in ("Hotel", "Zoo"))
        done = await asyncio.gather(
            site.organizations.change(replace(hotel, parent_id=zoo.id)),
            site.organizations.change(replace(zoo, parent_id=hotel.id)),
            return_exceptions=True,
        )
        assert str(done[1]) == "organization_below_itself(name='Zoo')"
        assert drawn(site) == ["Zoo", ".Hotel", "..bar", "..Kitchen"]

    async def test_taking_back_makes_no_loop_either(self, site, tree):
        kitchen, hotel = (site.organizations.require(tree[name]) for name in ("Kitchen", "Hotel"))
        undo = await site.organizations.change(replace(kitchen, parent_id=None))
        await site.organizations.change(replace(hotel, parent_id=kitchen.id))
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert drawn(site) == ["Kitchen", ".Hotel", "..bar", "Zoo"]

    async def test_a_name_that_was_given_again_is_not_taken_back(self, site, tree):
        zoo = site.organizations.require(tree["Zoo"])
        undo = await site.organizations.change(replace(zoo, name="Aviary"))
        await site.organizations.create("zoo")
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.organizations.require(zoo.id).name == "Aviary"


class TestRemoving:
    async def test_an_empty_one_goes_and_comes_back_with_its_settings(self, site, tree, told):
        van = await site.passes.add(PassDraft(uid="04A2246F"))
        await site.organizations.set_passes(tree["Zoo"], [van.id], on=False)
        before = site.organizations.all()
        told.clear()
        undo = await site.organizations.remove(tree["Zoo"])
        assert told == [OrganizationsChanged()]
        assert drawn(site) == [".Hotel", "..bar", "..Kitchen"]
        await undo()
        assert site.organizations.all() == before
        assert site.organizations.passes_off(tree["Zoo"]) == {van.id}

    async def test_one_that_is_in_use_stays_and_says_by_what(self, site, tree):
        await site.identities.add(IdentityDraft("ann@example.com", organization_id=tree["Hotel"]))
        await site.stations.accept("CP-1", host_id=tree["Hotel"])
        await site.pools.create("Garage", options=PoolOptions(organization_id=tree["Hotel"]))
        with pytest.raises(AppError, match="organization_in_use") as refused:
            await site.organizations.remove(tree["Hotel"])
        assert refused.value.params == {
            "name": "Hotel",
            "identities": 1,
            "stations": 1,
            "pools": 1,
            "organizations": 2,
        }

    async def test_the_first_stays(self, site):
        with pytest.raises(AppError, match="organization_is_first"):
            await site.organizations.remove(FIRST_ORGANIZATION)

    async def test_one_that_is_gone_is_told(self, site):
        for action in (site.organizations.remove(9), site.organizations.set_passes(9, [], on=True)):
            with pytest.raises(AppError, match="organization_unknown"):
                await action

    async def test_it_does_not_come_back_where_its_name_was_given_or_its_parent_is_gone(self, site, tree):
        undo_name = await site.organizations.remove(tree["Zoo"])
        await site.organizations.create("ZOO")
        undo_parent = await site.organizations.remove(tree["bar"])
        await site.organizations.remove(tree["Kitchen"])
        await site.organizations.remove(tree["Hotel"])
        for undo in (undo_name, undo_parent):
            with pytest.raises(AppError, match="undo_overtaken"):
                await undo()
        assert drawn(site) == [".ZOO"]

    async def test_nobody_joins_what_the_other_window_removes(self, site, tree):
        removed, added = await asyncio.gather(
            site.organizations.remove(tree["Zoo"]),
            site.identities.add(IdentityDraft("ann@example.com", organization_id=tree["Zoo"])),
            return_exceptions=True,
        )
        assert callable(removed)
        assert str(added) == "organization_unknown()"


class TestWhitelistAndOff:
    @pytest.fixture
    async def van(self, site, tree):
        """A member of the pool of two stations: one of the hotel, one of the zoo."""
        pool, van = await site.pools.create("Garage"), await site.passes.add(PassDraft(uid="04A2246F"))
        await site.members.add(pool.id, pass_ids=[van.id])
        await site.stations.accept("HOTEL-1", pool_id=pool.id, host_id=tree["Hotel"])
        await site.stations.accept("ZOO-1", pool_id=pool.id, host_id=tree["Zoo"])
        return van

    def answers(self, site, card):
        judged = (site.taps.judge(station, card.uid, Moment.AUTHORIZE) for station in ("HOTEL-1", "ZOO-1"))
        return [verdict.decision.reason for verdict in judged]

    async def test_off_counts_at_the_stations_of_that_organization_only(self, site, tree, van):
        undo = await site.organizations.set_passes(tree["Hotel"], [van.id], on=False)
        assert site.organizations.passes_off(tree["Hotel"]) == {van.id}
        assert self.answers(site, van) == [Reason.PASS_OFF_HERE, Reason.PASS_IS_MEMBER]
        await undo()
        assert self.answers(site, van) == [Reason.PASS_IS_MEMBER, Reason.PASS_IS_MEMBER]

    async def test_off_stays_off_until_it_is_whitelisted(self, site, tree, van):
        await site.organizations.set_passes(tree["Hotel"], [van.id], on=False)
        await site.organizations.set_passes(tree["Hotel"], [van.id, van.id], on=False)
        undo = await site.organizations.set_passes(tree["Hotel"], [van.id], on=True)
        assert self.answers(site, van)[0] is Reason.PASS_IS_MEMBER
        await undo()
        assert self.answers(site, van)[0] is Reason.PASS_OFF_HERE

    async def test_taking_back_changes_only_what_was_changed(self, site, tree, van):
        bike = await site.passes.add(PassDraft(uid="04A22470"))
        await site.organizations.set_passes(tree["Zoo"], [bike.id], on=False)
        undo = await site.organizations.set_passes(tree["Zoo"], [van.id, bike.id], on=False)
        await undo()
        assert site.organizations.passes_off(tree["Zoo"]) == {bike.id}

    async def test_a_station_that_is_allocated_to_another_follows_its_setting(self, site, tree, van):
        await site.organizations.set_passes(tree["Hotel"], [van.id], on=False)
        await site.stations.allocate(["ZOO-1"], tree["Hotel"])
        assert self.answers(site, van) == [Reason.PASS_OFF_HERE, Reason.PASS_OFF_HERE]

    async def test_a_pass_that_is_gone_is_told_and_none_is_set(self, site, tree, van, told):
        told.clear()
        with pytest.raises(AppError, match="pass_unknown"):
            await site.organizations.set_passes(tree["Zoo"], [van.id, 99], on=False)
        assert site.organizations.passes_off(tree["Zoo"]) == frozenset()
        assert told == []

    async def test_what_was_removed_since_is_not_switched_off_again(self, site, tree, van):
        await site.organizations.set_passes(tree["Zoo"], [van.id], on=False)
        undo = await site.organizations.set_passes(tree["Zoo"], [van.id], on=True)
        await site.passes.remove([van.id])
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
