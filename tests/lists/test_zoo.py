"""Every kind of station in the field: its own list ends as it should be, or what it does not hold is named."""

import pytest

from app.domain.drafts import PassDraft
from app.domain.list_state import ListState
from tests.lists.zoo import ZooStation, until


def uid(number):
    return f"04{number:012X}"


@pytest.fixture
def pool_of(application):
    """A private pool with so many members."""

    async def make(count):
        pool = await application.pools.create("Yard")
        for number in range(count):
            await application.passes.add(PassDraft(uid=uid(number)), pool_id=pool.id)
        return pool

    return make


async def test_a_station_gets_its_list_and_follows_its_pool(application, url, pool_of):
    pool = await pool_of(25)
    await application.stations.accept("CP1", pool_id=pool.id)
    async with ZooStation("CP1").at(url) as station:
        await until(lambda: application.local_lists.of("CP1").state is ListState.IN_STEP)
        assert set(station.own.cards) == {uid(number) for number in range(25)}
        await application.passes.add(PassDraft(uid="04FF"), pool_id=pool.id)
        await until(lambda: "04FF" in station.own.cards)
        await until(lambda: application.local_lists.of("CP1").state is ListState.IN_STEP)
        assert station.own.broken_rules == []
