"""A connector is kept for a pass, in each version of OCPP, by a simulated station at the other end of a socket."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.application import Application
from app.csms.station import outgoing
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.errors import AppError
from app.domain.events import ReservationsChanged
from app.domain.model import ConnectorStatus, OcppVersion, PoolOptions
from app.simulation import SimulatedStation
from tests.wire import raw_station

ANNA, ANNAS_OTHER, STRANGER = "04A2B3C4D5E680", "04A2B3C4D5E681", "04B2B3C4D5E682"
A_WHILE = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """Simulated stations are not confused by a call soon after their boot."""
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.02)
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.02)


@pytest.fixture(params=list(OcppVersion), ids=str)
def version(request):
    return request.param


@pytest.fixture
async def station(application, url, version):
    options = PoolOptions(passes_stop_each_other=True)
    pool = await application.pools.create("Yard", options=options)
    await application.stations.accept("CP1", pool_id=pool.id)
    anna = IdentityDraft("anna@example.com", "Anna", "de Vries")
    card = await application.passes.add(PassDraft(uid=ANNA), new_identity=anna, pool_id=pool.id)
    await application.passes.add(PassDraft(uid=ANNAS_OTHER, identity_id=card.identity_id), pool_id=pool.id)
    await application.passes.add(PassDraft(uid=STRANGER), pool_id=pool.id)
    zero = {"ReserveConnectorZeroSupported": "true"}
    async with SimulatedStation(url, "CP1", ocpp=version.value, connectors=2, pace=1000, configuration=zero) as station:
        await station.start_up()
        yield station


async def until(true, within_s=10.0):
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


def standing(application):
    return [each for of_station in application.reservations.standing().values() for each in of_station]


def status(application, connector_id):
    return next(each.status for each in application.stations.connectors() if each.connector_id == connector_id)


async def reserve(application, connector_id=1, lasts=A_WHILE, uid=ANNA):
    return await application.reservations.reserve("CP1", uid, application.clock() + lasts, connector_id)


async def test_it_is_kept_for_its_card_and_over_once_that_charges(application, station):
    changed = []
    application.bus.subscribe(ReservationsChanged, changed.append)
    reservation = await reserve(application)
    assert (reservation.holder, standing(application)) == ("Anna de Vries", [reservation])
    await until(lambda: status(application, 1) is ConnectorStatus.RESERVED)
    assert not (await station.tap(STRANGER)).accepted
    assert (await station.tap(ANNA)).accepted
    session = await station.start(ANNA)
    assert session.reservation_id == reservation.number
    assert standing(application) == []
    assert changed == [ReservationsChanged("CP1")] * 2


async def test_a_card_of_the_same_group_may_use_it(application, station):
    await reserve(application)
    assert (await station.tap(ANNAS_OTHER)).accepted
    await station.start(ANNAS_OTHER)
    assert standing(application) == []


async def test_any_connector_is_kept_by_leaving_one_free(application, station):
    reservation = await reserve(application, connector_id=None)
    assert (await station.tap(STRANGER, 1)).accepted
    await station.start(STRANGER, 1)
    await station.status(1, "Charging")
    assert not (await station.tap(STRANGER, 2)).accepted
    assert (await station.tap(ANNA, 2)).accepted
    assert (await station.start(ANNA, 2)).reservation_id == reservation.number
    assert standing(application) == []


async def test_it_is_taken_back(application, station):
    reservation = await reserve(application)
    await until(lambda: status(application, 1) is ConnectorStatus.RESERVED)
    await application.reservations.cancel(reservation)
    await until(lambda: status(application, 1) is ConnectorStatus.AVAILABLE)
    assert standing(application) == []


async def test_it_runs_out(application, station):
    await reserve(application, lasts=timedelta(seconds=2))
    await until(lambda: station.cabinet.plugs[1].reservation is None)
    await until(lambda: status(application, 1) is ConnectorStatus.AVAILABLE)
    await until(lambda: standing(application) == [])


@pytest.mark.parametrize(
    ("show", "word"), [("Faulted", "Faulted"), ("Unavailable", "Unavailable"), ("Charging", "Occupied")]
)
async def test_a_station_that_cannot_says_why_and_nothing_stands(application, station, show, word):
    station.cabinet.plugs[1].show(show)
    with pytest.raises(AppError) as refused:
        await reserve(application)
    assert (refused.value.code, refused.value.params["error"]) == ("station_refused", word)
    assert standing(application) == []


async def test_for_a_card_that_could_not_charge_there_nothing_is_asked(application, station):
    with pytest.raises(AppError, match="pass_refused_there"):
        await reserve(application, uid="0BADCAFE")
    assert standing(application) == []


async def test_of_a_station_that_is_away_nothing_is_kept(application, station):
    await station.close()
    await until(lambda: not application.server.connected)
    with pytest.raises(AppError, match="station_not_connected"):
        await reserve(application)
    assert standing(application) == []


class TestRawStation:
    @pytest.fixture
    async def raw(self, application, url):
        pool = await application.pools.create("Yard")
        await application.stations.accept("CP1", pool_id=pool.id)
        await application.passes.add(PassDraft(uid=ANNA), pool_id=pool.id)
        async with raw_station(url, "CP1") as raw:
            yield raw

    async def test_what_was_not_answered_may_stand_and_can_be_taken_back(self, application, raw):
        asked = asyncio.ensure_future(reserve(application))
        await raw.was_asked()
        raw.cut()
        with pytest.raises(AppError, match="station_not_connected"):
            await asked
        assert [each.holder for each in standing(application)] == [ANNA]

    async def test_it_is_taken_back_after_a_restart_of_the_program(self, application, url, raw, tmp_path):
        reservation, payload = await self.reserved(application, raw)
        await application.back_up(tmp_path / "copy.db")
        again = Application(tmp_path / "copy.db")
        await again.start("127.0.0.1", 0)
        try:
            assert standing(again) == [reservation]
            async with raw_station(f"ws://127.0.0.1:{again.server.port}/", "CP1") as raw_again:
                asked = asyncio.ensure_future(again.reservations.cancel(reservation))
                message_id, action, cancelled = await raw_again.was_asked()
                assert (action, cancelled["reservationId"]) == ("CancelReservation", payload["reservationId"])
                await raw_again.send(json.dumps([3, message_id, {"status": "Accepted"}]))
                await asked
            assert standing(again) == []
        finally:
            await again.stop()

    async def reserved(self, application, raw):
        """A reservation that the station has accepted, and how it was asked."""
        asked = asyncio.ensure_future(reserve(application))
        message_id, _, payload = await raw.was_asked()
        await raw.send(json.dumps([3, message_id, {"status": "Accepted"}]))
        return await asked, payload

    async def test_a_card_is_named_as_the_stations_own_reader_spells_it(self, application, raw):
        await raw.call("Authorize", {"idTag": "04:a2:b3:c4:d5:e6:80"})
        await application.journal.flush()
        _, payload = await self.reserved(application, raw)
        assert payload["idTag"] == "04:a2:b3:c4:d5:e6:80"

    async def test_a_number_of_another_stations_ends_nothing(self, application, url, raw):
        _, payload = await self.reserved(application, raw)
        await application.stations.accept("CP2")
        start = {"connectorId": 1, "idTag": ANNA, "meterStart": 0, "timestamp": datetime.now(UTC).isoformat()}
        async with raw_station(url, "CP2") as other:
            await other.call("StartTransaction", start | {"reservationId": payload["reservationId"]})
        assert len(standing(application)) == 1
