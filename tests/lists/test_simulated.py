"""The station that everybody can try gets its list too, in either version."""

import pytest

from app.domain.list_state import ListState
from app.simulation import SimulatedStation
from tests.lists.zoo import until


@pytest.mark.parametrize("ocpp", ["1.6", "2.0.1"])
async def test_a_simulated_station_gets_its_list(application, url, yard, ocpp):
    await yard(30)
    async with SimulatedStation(url, "CP1", pace=1000, ocpp=ocpp) as station:
        await station.start_up()
        await until(lambda: application.local_lists.of("CP1").state is ListState.IN_STEP)
        status = application.local_lists.of("CP1")
        assert (status.count, status.capacity) == (30, 500)
        assert len(station.cabinet.local_list) == 30
