"""Who may have posed as a station is still known after the program was ended and begun again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.alarms import MOST_KEPT
from app.application import Application
from app.domain.events import HandshakeRefused
from app.domain.model import MANY_TRIES, Knock, KnockCause
from tests.disk_faults import nothing_written
from tests.wire import ELSEWHERE, HAS_ELSEWHERE, raw_station


@pytest.fixture
def knocks(site, clock):
    """Tells that somebody was not let in."""

    def tell(cause=KnockCause.ALREADY_CONNECTED, address="10.0.0.9", station_id="CP1", **changes):
        knock = Knock(clock(), address, cause, station_id, **changes)
        site.bus.publish(HandshakeRefused(knock))
        return knock

    return tell


async def kept(site):
    # What was handed to the writer before this is written by then.
    await site.store.write(lambda _connection: None)
    return site.alarms.kept()


@HAS_ELSEWHERE
async def test_a_second_station_of_the_same_name_is_an_alarm_after_a_restart_too(application, database, url):
    await application.stations.accept("CP1")
    async with raw_station(url, "CP1") as station:
        await station.call("Heartbeat", {})
        async with raw_station(url, "CP1", **ELSEWHERE) as second:
            assert await second.closed() == 1008
    await application.stop()
    again = Application(database)
    await again.start("127.0.0.1", 0)
    [alarm] = again.server.knocks
    assert (alarm.cause, alarm.station_id, alarm.address, alarm.count) == (
        KnockCause.ALREADY_CONNECTED,
        "CP1",
        "127.0.0.2",
        1,
    )
    async with raw_station(f"ws://127.0.0.1:{again.server.port}/", "CP1") as station:
        await station.call("Heartbeat", {})
        async with raw_station(f"ws://127.0.0.1:{again.server.port}/", "CP1", **ELSEWHERE) as second:
            assert await second.closed() == 1008
    assert [knock.count for knock in again.server.knocks] == [2]
    await again.stop()


async def test_an_alarm_that_comes_again_is_one_with_how_often(site, knocks):
    for count in (1, 2, 3, 4):
        last = knocks(count=count)
    assert await kept(site) == [last]


async def test_not_every_one_of_very_many_is_written(site, knocks):
    for count in range(1, 1000):
        knocks(KnockCause.TOO_MANY_TRIES, count=count)
    assert [each.count for each in await kept(site)] == [512]


async def test_wrong_passwords_are_an_alarm_once_they_are_many(site, knocks):
    for count in range(1, MANY_TRIES):
        knocks(KnockCause.PASSWORD_WRONG, count=count)
    assert await kept(site) == []
    many = knocks(KnockCause.PASSWORD_WRONG, count=MANY_TRIES)
    assert await kept(site) == [many]


@pytest.mark.parametrize("cause", [KnockCause.NO_IDENTITY, KnockCause.NEEDS_TLS, KnockCause.TLS_FAILED])
async def test_who_only_could_not_come_in_is_no_alarm(site, knocks, cause):
    knocks(cause)
    assert await kept(site) == []


async def test_only_so_many_are_kept_the_latest(site, knocks, clock):
    for number in range(MOST_KEPT + 5):
        clock.go_on(seconds=1)
        last = knocks(address=f"10.0.{number}.1")
    found = await kept(site)
    assert (len(found), found[0]) == (MOST_KEPT, last)
    assert found[-1] == replace(last, address="10.0.5.1", at=last.at - timedelta(seconds=MOST_KEPT - 1))


async def test_while_the_disk_takes_nothing_it_is_told_all_the_same(site, knocks):
    with nothing_written(site.store):
        knocks()
    assert site.alarms.kept() == []
