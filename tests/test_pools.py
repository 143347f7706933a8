import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.access import Moment, Status
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import PoolsChanged
from app.domain.history import ChangeKind, Origin
from app.domain.model import ONLY_AT, AccessLevel, PoolOptions, Price


@pytest.fixture
async def garage(site):
    return await site.pools.create("Garage")


async def identity(site, email, **names):
    return await site.identities.add(IdentityDraft(email, **names))


async def card(site, uid, **about):
    return await site.passes.add(PassDraft(uid=uid, **about))


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
            await site.pools.change(garage.id, name=name)
        assert site.pools.count() == 1

    async def test_a_name_is_given_once_whatever_its_case(self, site, garage):
        office = await site.pools.create("Office")
        with pytest.raises(AppError, match="pool_name_taken"):
            await site.pools.create("garage")
        with pytest.raises(AppError, match="pool_name_taken"):
            await site.pools.change(office.id, name="GARAGE")
        await site.pools.change(garage.id, name="GARAGE")
        assert [summary.pool.name for summary in site.pools.all()] == ["GARAGE", "Office"]

    async def test_a_new_name_can_be_taken_back_unless_the_old_one_is_given(self, site, garage):
        undo = await site.pools.change(garage.id, name="Yard")
        await undo()
        assert site.pools.require(garage.id).name == "Garage"
        undo = await site.pools.change(garage.id, name="Yard")
        await site.pools.create("Garage")
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.pools.require(garage.id).name == "Yard"

    async def test_a_level_can_be_changed_and_that_taken_back(self, site, garage):
        undo = await site.pools.change(garage.id, level=AccessLevel.PUBLIC)
        assert site.pools.require(garage.id).level is AccessLevel.PUBLIC
        await undo()
        assert site.pools.require(garage.id).level is AccessLevel.PRIVATE

    async def test_no_pool_is_free_for_everyone_and_private(self, site, garage):
        with pytest.raises(Exception, match="free_vend_is_public"):
            await site.store.write(lambda connection: connection.exec_driver_sql("update pools set free_vend = 1"))

    async def test_a_removed_pool_leaves_its_stations_in_none_and_comes_back_with_all(self, site, garage, told):
        await site.stations.accept("CP-1", pool_id=garage.id)
        ann = await identity(site, "ann@example.com")
        await site.members.add(garage.id, identity_ids=[ann.id])
        before = site.pools.all(), site.members.of_pool(garage.id), site.stations.all()
        undo = await site.pools.remove(garage.id)
        assert site.pools.all() == []
        assert site.stations.find("CP-1").pool_id is None
        told.clear()
        await undo()
        assert told == [PoolsChanged((garage.id,))]
        assert (site.pools.all(), site.members.of_pool(garage.id), site.stations.all()) == before

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
            lambda pools: pools.change(9, name="Yard"),
            lambda pools: pools.change(9, level=AccessLevel.PUBLIC),
            lambda pools: pools.remove(9),
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
        await site.members.add(garage.id, identity_ids=[ann.id], pass_ids=[van.id])
        await site.members.add(office.id, pass_ids=[van.id])
        counts = [(each.pool.name, each.stations, each.identities, each.passes) for each in site.pools.all()]
        assert counts == [("Garage", 2, 1, 1), ("office", 0, 0, 1)]
        assert site.pools.count() == 2


EVERYTHING = PoolOptions(
    description="Behind the hotel…",
    members_free=True,
    hidden=True,
    passes_stop_each_other=True,
    session_limit=2,
    member_price=Price(Decimal("0.2999"), Decimal("1.10")),
    price=Price(Decimal("0.35"), None),
    notify=("front@example.com", "night@example.com"),
)


class TestOptions:
    @pytest.mark.parametrize("level", list(AccessLevel))
    async def test_what_every_level_has_is_kept_as_it_was_written(self, site, level):
        pool = await site.pools.create("Garage", level, EVERYTHING)
        assert pool.options == EVERYTHING
        assert site.pools.require(pool.id) == pool

    @pytest.mark.parametrize("option", ["free_vend", "published", "takes_requests"])
    async def test_what_only_one_level_has_is_refused_at_every_other(self, site, garage, told, option):
        wanted = PoolOptions(**{option: True})
        for level in set(AccessLevel) - {ONLY_AT[option]}:
            for attempt in (
                site.pools.create("Yard", level, wanted),
                site.pools.change(garage.id, level=level, options=wanted),
            ):
                with pytest.raises(AppError) as refused:
                    await attempt
                assert refused.value.code == "option_not_at_level"
                assert refused.value.params == {"option": option, "level": level.value}
        assert [each.pool for each in site.pools.all()] == [garage]
        assert told == []
        pool = await site.pools.create("Yard", ONLY_AT[option], wanted)
        assert site.pools.require(pool.id).options == wanted

    @pytest.mark.parametrize("option", ["free_vend", "published", "takes_requests"])
    async def test_a_new_level_ends_what_it_does_not_have_and_undo_brings_it_back(self, site, option):
        options = replace(EVERYTHING, **{option: True})
        pool = await site.pools.create("Yard", ONLY_AT[option], options)
        undo = await site.pools.change(pool.id, level=AccessLevel.PRIVATE)
        assert site.pools.require(pool.id).options == EVERYTHING
        await undo()
        assert site.pools.require(pool.id) == pool

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            (PoolOptions(description="d" * 1001), "description_too_long"),
            (PoolOptions(session_limit=0), "session_limit_too_small"),
            (PoolOptions(session_limit=-1), "session_limit_too_small"),
            (PoolOptions(price=Price(Decimal("0.12345"))), "price_not_possible"),
            (PoolOptions(price=Price(None, Decimal("-0.01"))), "price_not_possible"),
            (PoolOptions(member_price=Price(Decimal("10000"))), "price_not_possible"),
            (PoolOptions(member_price=Price(None, Decimal("NaN"))), "price_not_possible"),
            (PoolOptions(price=Price(Decimal("Infinity"))), "price_not_possible"),
            (PoolOptions(notify=("front",)), "email_not_an_address"),
            (PoolOptions(notify=("a@example.com\nb@example.com",)), "email_not_an_address"),
            (PoolOptions(notify=tuple(f"p{number}@example.com" for number in range(21))), "too_many_addresses"),
            (PoolOptions(organization_id=7), "organization_unknown"),
        ],
    )
    async def test_what_cannot_be_is_refused_and_nothing_kept(self, site, garage, told, options, code):
        for attempt in (site.pools.create("Yard", options=options), site.pools.change(garage.id, options=options)):
            with pytest.raises(AppError, match=code):
                await attempt
        assert [each.pool for each in site.pools.all()] == [garage]
        assert told == []

    async def test_addresses_are_cleaned_and_kept_once(self, site, garage):
        await site.pools.change(
            garage.id, options=PoolOptions(notify=(" a@example.com ", "", "a@example.com", "b@x.nl"))
        )
        assert site.pools.require(garage.id).options.notify == ("a@example.com", "b@x.nl")

    async def test_options_can_be_changed_and_that_taken_back_with_a_word_for_each_in_the_history(self, site, garage):
        undo = await site.pools.change(garage.id, options=EVERYTHING)
        assert site.pools.require(garage.id).options == EVERYTHING
        await undo()
        assert site.pools.require(garage.id) == garage
        words = "description hidden members_free notify passes_stop_each_other session_limit member_price price"
        noted = [(each.kind, each.origin, sorted(each.detail.split())) for each in site.history.of_pool(garage.id)]
        changed = ChangeKind.OPTIONS_CHANGED, sorted(words.split())
        assert noted[:2] == [(changed[0], Origin.UNDO, changed[1]), (changed[0], Origin.BY_HAND, changed[1])]

    async def test_a_change_that_changes_nothing_is_neither_told_nor_noted(self, site, garage, told):
        undo = await site.pools.change(garage.id, name="Garage", level=garage.level, options=garage.options)
        assert told == []
        assert len(site.history.of_pool(garage.id)) == 1
        await undo()
        assert site.pools.require(garage.id) == garage

    async def test_by_list_is_open_only_while_published_and_empty(self, site):
        pool = await site.pools.create("Street", AccessLevel.BY_LIST)
        await site.stations.accept("CP-1", pool_id=pool.id)
        van, bike = await card(site, "04A2246F", name="van"), await card(site, "04A22470", name="bike")

        def admitted():
            answers = {each.name: site.taps.judge("CP-1", each.uid, Moment.AUTHORIZE) for each in (van, bike)}
            return [name for name, verdict in answers.items() if verdict.decision.status is Status.ACCEPTED]

        assert admitted() == []
        await site.pools.change(pool.id, options=PoolOptions(published=True))
        assert admitted() == ["van", "bike"]
        undo = await site.members.add(pool.id, pass_ids=[van.id])
        assert admitted() == ["van"]
        await undo()
        assert admitted() == ["van", "bike"]


class TestTwoWindows:
    async def test_each_changes_what_it_was_asked_to_and_no_more(self, site, garage):
        await asyncio.gather(
            site.pools.change(garage.id, name="Yard"),
            site.pools.change(garage.id, level=AccessLevel.RESTRICTED),
            site.pools.change(garage.id, options=PoolOptions(hidden=True)),
        )
        pool = site.pools.require(garage.id)
        assert (pool.name, pool.level, pool.options.hidden) == ("Yard", AccessLevel.RESTRICTED, True)

    async def test_taking_back_leaves_what_the_other_changed(self, site, garage):
        undo = await site.pools.change(garage.id, name="Yard")
        await site.pools.change(garage.id, level=AccessLevel.PUBLIC)
        await undo()
        pool = site.pools.require(garage.id)
        assert (pool.name, pool.level) == ("Garage", AccessLevel.PUBLIC)

    async def test_what_the_other_changed_again_is_not_taken_back(self, site, garage):
        undo = await site.pools.change(garage.id, level=AccessLevel.PUBLIC)
        await site.pools.change(garage.id, level=AccessLevel.RESTRICTED)
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.pools.require(garage.id).level is AccessLevel.RESTRICTED

    async def test_a_level_is_not_taken_back_under_an_option_it_does_not_have(self, site, garage):
        undo = await site.pools.change(garage.id, level=AccessLevel.PUBLIC)
        await site.pools.change(garage.id, options=PoolOptions(free_vend=True))
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert site.pools.require(garage.id).free_vend

    async def test_a_pool_that_the_other_removed_is_gone(self, site, garage, told):
        undo = await site.pools.change(garage.id, name="Yard")
        done = await asyncio.gather(site.pools.remove(garage.id), site.pools.remove(garage.id), return_exceptions=True)
        assert str(done[1]) == "pool_unknown()"
        told.clear()
        with pytest.raises(AppError, match="undo_overtaken"):
            await undo()
        assert told == []
