"""Whatever an operator does can be taken back to the row, and what cannot any more is left as it is."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.application import Application
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.model import AccessLevel, Organization, PoolOptions, Price
from app.pins import PinDraft
from tests.random_sites import NOW, STATIONS, UIDS, dump, fill, some

# Drawn as seeds: what is there to be changed is known only once the site is.
SEEDS = st.integers(0, 2**32)
#: Two more than a site of chance has of anything: those are gone.
IDS = range(1, 9)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Application(tmp_path_factory.mktemp("site") / "tapdesk.db", clock=lambda: NOW)
    yield site
    site.store.close()


async def rows(site):
    """Every row but those of the history, which only grows."""
    found = await site.store.write(dump)
    return {table: kept for table, kept in found.items() if table != "access_changes"}


async def act(site, random):
    """Do something by chance. Gives the way to take it back; raises AppError where that cannot be done."""
    return await random.choice(ACTIONS)(site, random, random.choice(IDS), some(random, IDS))


async def change_pool(site, random, one, many):
    options = PoolOptions(
        free_vend=random.random() < 0.2,
        published=random.random() < 0.2,
        takes_requests=random.random() < 0.2,
        hidden=random.random() < 0.5,
        session_limit=random.choice([None, 0, 1, 3]),
        price=Price(random.choice([None, Decimal("0.10"), Decimal("0.1")])),
        notify=random.choice([(), ("a@example.com", "b@example.com")]),
        organization_id=random.choice([1, 2, 3]),
    )
    return await site.pools.change(
        one,
        name=random.choice([None, "Pool 1", "POOL 2", "Yard"]),
        level=random.choice([None, *AccessLevel]),
        options=random.choice([None, options]),
    )


async def make_pool(site, random, one, many):
    pool = await site.pools.create(random.choice(["Pool 1", "Yard"]), random.choice(list(AccessLevel)))
    return lambda: site.pools.remove(pool.id)


async def remove_pool(site, random, one, many):
    return await site.pools.remove(one)


async def add_members(site, random, one, many):
    people = random.choice([some(random, range(1, 5)), many[:1]])
    cards = random.choice([some(random, range(1, 6)), many[:1]])
    return await site.members.add(one, identity_ids=people, pass_ids=cards, valid_until=until(random))


async def remove_members(site, random, one, many):
    return await site.members.remove(one, members_of(site, one) + many)


async def end_members(site, random, one, many):
    return await site.members.set_end(one, members_of(site, one), until(random))


async def move_stations(site, random, one, many):
    return await site.stations.move(some(random, STATIONS), random.choice([None, one]))


async def allocate_stations(site, random, one, many):
    return await site.stations.allocate(some(random, STATIONS), one)


async def change_station(site, random, one, many):
    station_id = random.choice(STATIONS)
    change = random.choice(
        [site.stations.reject, site.stations.remove, lambda station_id: site.stations.rename(station_id, "Left")]
    )
    return await change(station_id)


async def make_identity(site, random, one, many):
    draft = IdentityDraft(random.choice(["p1@example.com", "new@example.com"]), organization_id=random.choice([1, 2]))
    identity = await site.identities.add(draft, pool_id=random.choice([None, one]))
    return lambda: site.identities.remove(identity.id)


async def change_identity(site, random, one, many):
    draft = IdentityDraft(
        random.choice([f"p{one}@example.com", "p1@example.com"]),
        random.choice(["", "Ann"]),
        organization_id=random.choice([1, 2]),
        valid_until=until(random),
    )
    return await site.identities.change(one, draft)


async def remove_identity(site, random, one, many):
    return await site.identities.remove(one)


async def make_pass(site, random, one, many):
    draft = PassDraft(uid=random.choice([*UIDS, "04FFFF"]), identity_id=random.choice([None, one]))
    card = await site.passes.add(draft, pool_id=random.choice([None, one]))
    return lambda: site.passes.remove([card.id])


async def change_pass(site, random, one, many):
    draft = PassDraft(
        tapped=random.choice(["", *UIDS]),
        visible_id=random.choice(["", f"NL-TNM-00000{one}", "NL TNM 000001"]),
        identity_id=random.choice([None, 1, 2]),
        valid_until=until(random),
    )
    return await site.passes.change(one, draft)


async def change_card(site, random, one, many):
    uid = random.choice([*UIDS, "04FFFF"])
    kind = random.randrange(4)
    if kind == 0:
        return await site.passes.give_uid(one, uid, pool_id=random.choice([None, 1, 2]))
    if kind == 1:
        return await site.passes.link(one, uid)
    if kind == 2:
        return await site.passes.block(many, blocked=random.random() < 0.7)
    return await site.passes.remove(many)


async def set_passes(site, random, one, many):
    return await site.organizations.set_passes(random.choice([1, 2]), many, on=random.random() < 0.5)


async def change_organization(site, random, one, many):
    kind = random.randrange(3)
    name, parent = random.choice([f"House {one}", "house 2", "Sun"]), random.choice([None, 1, 2, 3])
    if kind == 0:
        return await site.organizations.remove(one)
    if kind == 1:
        made = await site.organizations.create(name, parent)
        return lambda: site.organizations.remove(made.id)
    return await site.organizations.change(Organization(one, name, parent, "EUR"))


async def change_pin(site, random, one, many):
    if random.random() < 0.5:
        return await site.pins.remove(one)
    return await site.pins.change(one, PinDraft("Guests", uses=random.choice([None, 3])))


ACTIONS = [
    change_pool,
    make_pool,
    remove_pool,
    add_members,
    remove_members,
    end_members,
    move_stations,
    allocate_stations,
    change_station,
    make_identity,
    change_identity,
    remove_identity,
    make_pass,
    change_pass,
    change_card,
    set_passes,
    change_organization,
    change_pin,
]


def until(random):
    return random.choice([None, NOW, NOW + timedelta(days=1)])


def members_of(site, pool_id):
    return [member.id for member in site.members.of_pool(pool_id)]


async def do_some(site, random):
    """A handful of actions: for each that could be done, the rows before it and the way to take it back."""
    await site.store.write(lambda connection: fill(connection, random))
    done = []
    before = await rows(site)
    for _ in range(8):
        try:
            undo = await act(site, random)
        except AppError:
            assert await rows(site) == before
        else:
            done.append((before, undo))
            before = await rows(site)
    return done


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_taking_all_back_from_the_last_to_the_first_restores_every_row(site, seed):
    async def run():
        for before, undo in reversed(await do_some(site, Random(seed))):
            await undo()
            assert await rows(site) == before

    asyncio.run(run())


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_what_is_taken_back_out_of_order_is_restored_or_left_alone(site, seed):
    async def run():
        random = Random(seed)
        done = await do_some(site, random)
        random.shuffle(done)
        for _, undo in done:
            before = await rows(site)
            try:
                await undo()
            except AppError:
                assert await rows(site) == before
            shared = await site.store.write(
                lambda connection: connection.exec_driver_sql(
                    "select 1 from passes p join linked_uids l on l.uid = p.uid and l.pass_id <> p.id"
                ).all()
            )
            assert shared == []

    asyncio.run(run())


ACTION_NAMES = [action.__name__ for action in ACTIONS]


@pytest.mark.parametrize("action", ACTIONS, ids=ACTION_NAMES)
def test_each_action_can_be_done_at_some_site(site, action):
    """The properties above would hold of a site where nothing can be done."""

    async def run():
        for seed in range(60):
            random = Random(seed)
            await site.store.write(lambda connection, random=random: fill(connection, random))
            before = await rows(site)
            try:
                undo = await action(site, random, random.choice(IDS), some(random, IDS))
            except AppError:
                continue
            if await rows(site) != before:
                await undo()
                assert await rows(site) == before
                return
        pytest.fail("it was refused everywhere")

    asyncio.run(run())
