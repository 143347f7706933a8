"""The test with cards: one station is left alone, the others are served; told is what it reports, and no more."""

import http
from datetime import timedelta

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from app.domain.card_test import Looked, Stage, Whose, reported
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.lid_check import Answer, Why
from app.simulation import SimulatedStation
from tests.lid.conftest import in_step, until

ANNA, STRANGER = "04A2B3C4D5E680", "B1204F77"


@pytest.fixture
async def alone(application, url):
    """CP1 of a private pool with one card, asked for its settings and given its list; it lets unknown cards in."""
    pool = await application.pools.create("Yard")
    await application.passes.add(PassDraft(uid=ANNA, name="Anna's card"), pool_id=pool.id)
    await application.stations.accept("CP1", pool_id=pool.id)
    async with SimulatedStation(url, "CP1", connectors=2, configuration={"AllowOfflineTxForUnknownId": "true"}) as cp1:
        await cp1.start_up()
        await until(lambda: application.lid.of("CP1").read_at is not None)
        await in_step(application)
        yield cp1


async def left_alone(application):
    application.lid.tests.begin("CP1")
    await until(lambda: "CP1" not in application.server.connected)


async def test_a_station_left_alone_tells_whose_cards_it_charged(application, alone):
    tests = application.lid.tests
    await left_alone(application)
    await until(lambda: not alone.online)
    assert tests.running("cp1").stage is Stage.ALONE
    for card, connector in ((ANNA, 1), (STRANGER, 2)):
        assert (await alone.tap(card, connector)).accepted
        await alone.start(card, connector)
    tests.go_on("CP1")
    await until(lambda: tests.running("CP1").stage is Stage.AWAITED)
    await alone.reconnect()
    await until(lambda: tests.running("CP1").stage is Stage.TELLING)
    tests.go_on("CP1")
    await until(lambda: tests.running("CP1") is None)
    last = tests.last("CP1")
    assert [(each.raw_id_tag, each.whose, each.pass_name) for each in last.charges] == [
        (ANNA, Whose.MEMBER, "Anna's card"),
        (STRANGER, Whose.STRANGER, ""),
    ]
    check = application.lid.of("CP1").check
    assert (check.strangers.answer, check.strangers.why) == (Answer.YES, Why.SEEN)


async def test_only_that_station_is_turned_away_and_nothing_is_made_of_its_knocks(application, url, alone):
    await application.stations.accept("CP2")
    async with SimulatedStation(url, "CP2") as other:
        await other.start_up()
        await left_alone(application)
        with pytest.raises(InvalidStatus) as turned_away:
            await connect(f"{url}cp1", subprotocols=["ocpp1.6"])
        assert turned_away.value.response.status_code == http.HTTPStatus.SERVICE_UNAVAILABLE
        assert application.server.knocks == ()
        await other.heartbeat()
        assert application.server.connected == {"CP2"}


async def test_that_nothing_was_reported_says_nothing_until_somebody_saw_it(application, alone):
    tests = application.lid.tests
    await left_alone(application)
    tests.go_on("CP1")
    await until(lambda: tests.running("CP1").stage is Stage.AWAITED)
    await alone.reconnect()
    await until(lambda: tests.running("CP1").stage is Stage.TELLING)
    tests.go_on("CP1")
    await until(lambda: tests.running("CP1") is None)
    last = tests.last("CP1")
    assert (last.came_back, last.charges) == (True, ())
    assert (last.seen.member_charged, last.seen.stranger_charged) == (None, None)
    await tests.judge("CP1", Whose.STRANGER, Looked.REFUSED)
    found = application.lid.of("CP1")
    assert found.test_holds
    assert (found.check.strangers.answer, found.check.strangers.why) == (Answer.NO, Why.SEEN)
    # With another setting it is another station.
    await application.configuration.write("CP1", "AllowOfflineTxForUnknownId", "false")
    await application.configuration.write("CP1", "AllowOfflineTxForUnknownId", "true")
    assert application.lid.of("CP1").test_holds
    await application.configuration.write("CP1", "AllowOfflineTxForUnknownId", "false")
    found = application.lid.of("CP1")
    assert not found.test_holds
    assert found.check.strangers.why is Why.UNKNOWN_NOT_ALLOWED


async def test_one_that_does_not_come_back_is_said_to_have_stayed_away(application, alone, monkeypatch):
    tests = application.lid.tests
    await left_alone(application)
    tests.go_on("CP1")
    await until(lambda: tests.running("CP1").stage is Stage.AWAITED)
    tests.go_on("CP1")
    await until(lambda: tests.running("CP1") is None)
    assert not tests.last("CP1").came_back


async def test_a_test_goes_on_by_itself_when_its_time_is_over(application, alone, monkeypatch):
    monkeypatch.setattr("app.lid.testing.ALONE_S", 0.05)
    monkeypatch.setattr("app.lid.testing.RETURNS_WITHIN_S", 0.05)
    application.lid.tests.begin("CP1")
    await until(lambda: application.lid.tests.running("CP1") is None)
    assert not application.lid.tests.last("CP1").came_back
    await alone.reconnect()


async def test_a_station_is_not_tested_twice_at_a_time_nor_while_it_is_away(application, alone):
    with pytest.raises(AppError, match="station_unknown"):
        application.lid.tests.begin("CP9")
    await application.stations.accept("CP2")
    with pytest.raises(AppError, match="station_not_connected"):
        application.lid.tests.begin("CP2")
    await left_alone(application)
    with pytest.raises(AppError, match="card_test_runs"):
        application.lid.tests.begin("cp1")
    with pytest.raises(AppError, match="card_test_unknown"):
        await application.lid.tests.judge("CP2", Whose.MEMBER, Looked.CHARGED)


async def test_an_end_of_the_program_ends_the_test_and_keeps_nothing(application, alone):
    await left_alone(application)
    await application.lid.close()
    assert application.lid.tests.running("CP1") is None
    assert application.lid.tests.last("CP1") is None
    await alone.reconnect()
    await until(lambda: "CP1" in application.server.connected)


async def test_charges_of_other_times_are_no_part_of_it_whatever_the_stations_clock_says(application, alone):
    session = await alone.start(ANNA)
    await until(lambda: application.sessions.recent())
    kept = application.sessions.recent()[0]
    began = kept.started_at
    ahead = timedelta(hours=2)
    for start, clock_ahead, counts in (
        (began - timedelta(minutes=1), timedelta(), True),
        (began + timedelta(minutes=1), timedelta(), False),
        (began - timedelta(minutes=1) - ahead, ahead, True),
        (began - timedelta(minutes=1), ahead, False),
    ):
        assert bool(reported([kept], start, start + timedelta(minutes=2), clock_ahead)) is counts
    await alone.stop(session)
