"""Every change of who may charge stands in the history of the pool, the identity and the pass it is about."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.database import schema
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.history import ChangeKind, Origin
from app.domain.model import AccessLevel, PoolOptions
from tests.query_plans import plan_of

ANN = IdentityDraft("ann@example.com", "Ann")
UID = "04A2246F"


@pytest.fixture
async def garage(site):
    return await site.pools.create("Garage")


@pytest.fixture
async def ann(site):
    return await site.identities.add(ANN)


@pytest.fixture
async def hers(site, ann):
    return await site.passes.add(PassDraft(uid=UID, name="Fob", identity_id=ann.id))


def lines(changes):
    """What a reader makes of them, the oldest first; a change that was taken back begins with `undo`."""
    words = []
    for each in reversed(changes):
        begin = "" if each.origin is Origin.BY_HAND else f"{each.origin.value} "
        words.append(" ".join(part for part in (begin + each.kind.value, each.name, each.detail) if part))
    return words


class TestPool:
    async def test_its_level_and_options(self, site, garage):
        undo = await site.pools.change(
            garage.id, level=AccessLevel.PUBLIC, options=PoolOptions(free_vend=True, hidden=True)
        )
        await site.pools.change(garage.id, name="Yard")
        await undo()
        assert lines(site.history.of_pool(garage.id)) == [
            "pool_created private",
            "level_changed public",
            "options_changed free_vend hidden",
            "undo level_changed private",
            "undo options_changed free_vend hidden",
        ]

    async def test_its_members_by_name_and_until_when(self, site, garage, ann, hers, clock):
        undo = await site.members.add(garage.id, identity_ids=[ann.id])
        await undo()
        await site.members.add(garage.id, identity_ids=[ann.id], valid_until=clock.now + timedelta(days=1))
        (member,) = site.members.of_pool(garage.id)
        undo = await site.members.set_end(garage.id, [member.id], None)
        await undo()
        await site.members.add(garage.id, identity_ids=[ann.id], pass_ids=[hers.id])
        undo = await site.members.remove(garage.id, [each.id for each in site.members.of_pool(garage.id)])
        await undo()
        assert lines(site.history.of_pool(garage.id))[1:] == [
            "member_added Ann",
            "undo member_removed Ann",
            "member_added Ann 2026-03-03T09:00:00.000Z",
            "member_added Ann for_good",
            "undo member_added Ann 2026-03-03T09:00:00.000Z",
            "member_added Fob",
            "member_removed Ann",
            "member_removed Fob",
            "undo member_added Ann 2026-03-03T09:00:00.000Z",
            "undo member_added Fob",
        ]

    async def test_its_stations(self, site, garage):
        office = await site.pools.create("Office")
        await site.stations.accept("CP-1", name="Left", pool_id=garage.id)
        undo = await site.stations.move(["CP-1"], office.id)
        await undo()
        undo = await site.stations.remove("CP-1")
        await undo()
        await site.stations.move(["CP-1"], garage.id)
        assert lines(site.history.of_pool(garage.id))[1:] == [
            "station_added Left",
            "station_removed Left",
            "undo station_added Left",
            "station_removed Left",
            "undo station_added Left",
        ]
        assert lines(site.history.of_pool(office.id))[1:] == ["station_added Left", "undo station_removed Left"]

    async def test_when_it_is_removed_so_are_its_members_and_stations(self, site, garage, ann, hers):
        await site.stations.accept("CP-1", pool_id=garage.id)
        await site.members.add(garage.id, identity_ids=[ann.id], pass_ids=[hers.id])
        kept = len(site.history.of_pool(garage.id))
        undo = await site.pools.remove(garage.id)
        await undo()
        assert lines(site.history.of_pool(garage.id))[kept:] == [
            "member_removed Ann pool_removed",
            "member_removed Fob pool_removed",
            "station_removed CP-1 pool_removed",
            "pool_removed",
            "undo member_added Ann pool_created",
            "undo member_added Fob pool_created",
            "undo station_added CP-1 pool_created",
            "undo pool_created",
        ]
        assert {each.pool_name for each in site.history.of_pool(garage.id)} == {"Garage"}

    async def test_a_station_that_went_elsewhere_does_not_come_back_with_it(self, site, garage):
        office = await site.pools.create("Office")
        await site.stations.accept("CP-1", pool_id=garage.id)
        undo = await site.pools.remove(garage.id)
        await site.stations.move(["CP-1"], office.id)
        await undo()
        assert lines(site.history.of_pool(garage.id))[-2:] == ["pool_removed", "undo pool_created"]
        assert lines(site.history.of_pool(office.id))[1:] == ["station_added CP-1"]

    async def test_members_that_go_with_their_identity_say_so(self, site, garage, ann, hers):
        await site.members.add(garage.id, identity_ids=[ann.id], pass_ids=[hers.id])
        undo = await site.identities.remove(ann.id)
        await undo()
        undo = await site.passes.remove([hers.id])
        await undo()
        assert lines(site.history.of_pool(garage.id))[3:] == [
            "member_removed Fob identity_removed",
            "member_removed Ann identity_removed",
            "undo member_added Fob identity_added",
            "undo member_added Ann identity_added",
            "member_removed Fob pass_removed",
            "undo member_added Fob pass_added",
        ]

    async def test_it_stays_when_the_pool_is_gone(self, site, garage):
        await site.pools.remove(garage.id)
        assert lines(site.history.of_pool(garage.id)) == ["pool_created private", "pool_removed"]


class TestIdentity:
    async def test_all_that_it_may_and_its_passes(self, site, garage, ann, hers, clock):
        await site.members.add(garage.id, identity_ids=[ann.id], pass_ids=[hers.id])
        undo = await site.identities.change(ann.id, replace(ANN, valid_until=clock.now + timedelta(days=1)))
        await undo()
        undo = await site.passes.block([hers.id])
        await undo()
        await site.pools.remove(garage.id)
        assert lines(site.history.of_identity(ann.id)) == [
            "identity_added Ann",
            "pass_added Fob",
            "member_added Ann",
            "member_added Fob",
            "identity_changed Ann valid_until",
            "undo identity_changed Ann valid_until",
            "pass_blocked Fob",
            "undo pass_unblocked Fob",
            "member_removed Ann pool_removed",
            "member_removed Fob pool_removed",
        ]

    async def test_it_goes_with_its_passes_and_the_history_stays(self, site, garage, ann, hers):
        await site.members.add(garage.id, identity_ids=[ann.id])
        undo = await site.identities.remove(ann.id)
        gone = [
            "pass_removed Fob identity_removed",
            "member_removed Ann identity_removed",
            "identity_removed Ann",
        ]
        assert lines(site.history.of_identity(ann.id))[3:] == gone
        assert lines(site.history.of_pass(hers.id)) == ["pass_added Fob", "pass_removed Fob identity_removed"]
        await undo()
        assert lines(site.history.of_identity(ann.id))[6:] == [
            "undo pass_added Fob identity_added",
            "undo member_added Ann identity_added",
            "undo identity_added Ann",
        ]

    async def test_a_pass_that_changes_hands_stands_in_the_history_of_both(self, site, ann, hers):
        bob = await site.identities.add(IdentityDraft("bob@example.com", "Bob"))
        undo = await site.passes.change(hers.id, PassDraft(uid=UID, name="Fob", identity_id=bob.id))
        await undo()
        assert lines(site.history.of_identity(ann.id))[2:] == [
            "pass_changed Fob handed_on",
            "undo pass_changed Fob identity_id",
        ]
        assert lines(site.history.of_identity(bob.id))[1:] == [
            "pass_changed Fob identity_id",
            "undo pass_changed Fob handed_on",
        ]
        assert lines(site.history.of_pass(hers.id))[-2:] == [
            "pass_changed Fob identity_id",
            "undo pass_changed Fob identity_id",
        ]

    async def test_what_changes_nothing_is_not_noted(self, site, ann, hers):
        await site.identities.change(ann.id, ANN)
        await site.passes.change(hers.id, PassDraft(uid="04:a2:24:6f", name="Fob", identity_id=ann.id))
        await site.passes.block([hers.id], blocked=False)
        assert lines(site.history.of_identity(ann.id)) == ["identity_added Ann", "pass_added Fob"]


class TestPass:
    async def test_its_uid_its_name_and_who_holds_it(self, site, garage):
        card = await site.passes.add(PassDraft(visible_id="NL-TNM-B12345-6"))
        undo = await site.passes.give_uid(card.id, "04:a2:24:6f", pool_id=garage.id)
        await undo()
        await site.passes.give_uid(card.id, UID)
        undo = await site.passes.link(card.id, "6f24a204")
        await undo()
        await site.passes.change(card.id, PassDraft(uid="04A22470", name="Van"))
        title = "NL-TNM-B12345-6"
        assert lines(site.history.of_pass(card.id)) == [
            f"pass_added {title}",
            f"uid_captured {title} {UID}",
            f"member_added {title}",
            f"undo pass_changed {title} uid",
            f"undo member_removed {title}",
            f"uid_captured {title} {UID}",
            f"uid_linked {title} 6F24A204",
            f"undo pass_changed {title} linked_uid",
            "pass_changed Van uid visible_id name",
        ]

    async def test_what_its_identity_gains_and_loses(self, site, garage, ann, hers):
        await site.members.add(garage.id, identity_ids=[ann.id])
        await site.passes.add(PassDraft(uid="04A22470", identity_id=ann.id))
        await site.pools.remove(garage.id)
        assert lines(site.history.of_pass(hers.id)) == [
            "identity_added Ann",
            "pass_added Fob",
            "member_added Ann",
            "member_removed Ann pool_removed",
        ]

    async def test_where_it_was_switched_off(self, site, hers):
        hotel = await site.organizations.create("Hotel")
        undo = await site.organizations.set_passes(hotel.id, [hers.id], on=False)
        await undo()
        await site.organizations.set_passes(hotel.id, [hers.id], on=True)
        assert lines(site.history.of_pass(hers.id))[2:] == ["pass_off Fob Hotel", "undo pass_on Fob Hotel"]


class TestReading:
    async def test_the_latest_comes_first_and_no_more_than_asked_for(self, site, garage, ann, clock):
        for _ in range(3):
            clock.go_on(minutes=1)
            undo = await site.members.add(garage.id, identity_ids=[ann.id])
            await undo()
        (latest,) = site.history.of_pool(garage.id, limit=1)
        assert (latest.at, latest.kind, latest.origin) == (clock.now, ChangeKind.MEMBER_REMOVED, Origin.UNDO)
        assert len(site.history.of_identity(ann.id, limit=4)) == 4

    async def test_what_was_refused_is_not_noted(self, site, garage, ann):
        before = site.history.of_pool(garage.id)
        with pytest.raises(AppError):
            await site.members.add(garage.id, identity_ids=[ann.id, 99])
        undo = await site.members.add(garage.id, identity_ids=[ann.id])
        await site.pools.remove(garage.id)
        with pytest.raises(AppError):
            await site.identities.add(ANN, pool_id=garage.id)
        kept = site.history.of_pool(garage.id)
        await undo()
        assert site.history.of_pool(garage.id) == kept
        assert len(kept) == len(before) + 3

    async def test_no_question_reads_all_of_it(self, site):
        def fill(connection):
            rows = [
                {
                    "at": 0,
                    "kind": "member_added",
                    "origin": "by_hand",
                    "pool_id": n % 50,
                    "identity_id": n,
                    "pass_id": n,
                }
                for n in range(5_000)
            ]
            connection.execute(insert(schema.access_changes), [row | {"at": site.clock()} for row in rows])
            connection.exec_driver_sql("analyze")

        await site.store.write(fill)
        for ask in (site.history.of_pool, site.history.of_identity, site.history.of_pass):
            assert not [step for step in plan_of(site.store, lambda ask=ask: ask(7)) if "SCAN access_changes" in step]
