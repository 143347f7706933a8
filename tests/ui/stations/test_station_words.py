"""What a station is said to be and do, for every state it can be in."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.model import Connector, ConnectorStatus, Registration, Session, Station
from ui.stations.words import (
    StationNow,
    about_words,
    error_words,
    heard_words,
    lasted,
    model_words,
    state_of,
    stations_now,
    status_words,
    urgency,
)

NOW = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)


def station(registration=Registration.ACCEPTED, **facts):
    return Station(1, "ALF-0021", facts.pop("name", "Garage 2"), registration, **facts)


def connector(number, status, error="", info=""):
    return Connector("ALF-0021", number, ConnectorStatus(status), error, info, NOW)


def session(connector_id=1, **facts):
    values = {
        "id": 7,
        "station_id": "ALF-0021",
        "station_name": "Garage 2",
        "connector_id": connector_id,
        "raw_id_tag": "04A2",
        "holder": "Anna de Vries",
        "pass_id": 1,
        "pool_name": "Guests",
        "status": "Accepted",
        "reason": "identity_is_member",
        "started_at": NOW - timedelta(minutes=48),
        "stopped_at": None,
        "meter_start_wh": 0,
        "energy_wh": 6_410,
        "power_w": 7_100.0,
        "stop_reason": "",
    }
    return Session(**values | facts)


def now(*connectors, online=True, sessions=(), pool="Guests", **facts):
    return StationNow(station(**facts), pool, online, tuple(connectors), tuple(sessions))


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        ([(1, "Available")], "Available"),
        ([(0, "Available"), (1, "Charging")], "Charging"),
        ([(1, "Available"), (2, "Faulted")], "Faulted"),
        ([(1, "Charging"), (2, "Faulted")], "Faulted"),
        ([(0, "Faulted"), (1, "Available")], "Faulted"),
        ([(0, "Unavailable"), (1, "Available")], "Unavailable"),
        ([(0, "Unavailable"), (1, "Charging")], "Charging"),
        ([(1, "Unavailable"), (2, "Available")], "Available"),
        ([(1, "SuspendedEV"), (2, "Available")], "Paused by the car"),
        ([(1, "Preparing"), (2, "Available")], "Preparing"),
        ([(0, "Available")], "Available"),
        ([], "Online"),
    ],
)
def test_the_states_of_the_connectors_become_one(statuses, word):
    assert state_of(now(*[connector(*each) for each in statuses]), NOW)[0] == word


def test_every_status_of_the_specification_has_its_words():
    assert all(status_words(status)[0] for status in ConnectorStatus)


@pytest.mark.parametrize(
    ("ago", "word"),
    [
        (timedelta(seconds=20), "Offline"),
        (timedelta(minutes=12), "Offline 12 min"),
        (timedelta(hours=3), "Offline 3 h"),
        (timedelta(days=5), "Offline 5 days"),
    ],
)
def test_a_station_that_is_away_says_for_how_long(ago, word):
    away = now(connector(1, "Available"), online=False, last_seen_at=NOW - ago)
    assert state_of(away, NOW) == (word, "grey")


def test_who_waits_was_refused_or_never_came_is_said_before_anything_else():
    assert state_of(now(registration=Registration.PENDING), NOW) == ("Pending", "warn")
    assert state_of(now(registration=Registration.REJECTED), NOW) == ("Refused", "grey")
    assert state_of(now(online=False), NOW) == ("Not seen yet", "grey")


def test_a_charge_at_a_station_that_says_it_is_at_rest_is_not_shown_as_running():
    assert now(connector(1, "Available"), sessions=[session()]).running == ()
    assert len(now(connector(1, "Charging"), sessions=[session()]).running) == 1
    assert len(now(sessions=[session()]).running) == 1


@pytest.mark.parametrize(
    ("error", "info", "words"),
    [
        ("GroundFailure", "", "Ground failure"),
        ("", "", ""),
        ("NoError", "door open", "door open"),
        ("OtherError", "door open", "door open"),
        ("OtherError", "", "Other error"),
        ("SomethingOfTheVendor", "", "SomethingOfTheVendor"),
    ],
)
def test_a_fault_is_said_in_words_and_an_unknown_one_as_the_station_says_it(error, info, words):
    assert error_words(connector(1, "Faulted", error, info)) == words


def test_a_warning_of_a_connector_that_works_says_nothing_of_its_own_remarks():
    assert error_words(connector(1, "Available", "", "all is well")) == ""


def test_problems_come_first():
    stations = [
        now(connector(1, "Available")),
        now(connector(1, "Charging"), sessions=[session()]),
        now(connector(1, "Available"), pool=""),
        now(online=False, last_seen_at=NOW),
        now(connector(1, "Faulted")),
    ]
    assert sorted(stations, key=urgency) == stations[::-1]


def test_a_time_is_said_in_one_unit():
    assert [lasted(timedelta(minutes=count)) for count in (0, 1, 59, 60, 2879, 2880)] == [
        "",
        "1 min",
        "59 min",
        "1 h",
        "47 h",
        "2 days",
    ]


def test_a_maker_that_stands_in_the_model_too_is_said_once():
    assert model_words(station(vendor="Alfen", model="NG910")) == "Alfen NG910"
    assert model_words(station(vendor="Alfen", model="Alfen NG910")) == "Alfen NG910"
    assert model_words(station()) == ""


def test_a_station_is_told_from_others_by_what_stands_on_its_plate():
    facts = {"vendor": "EVBox", "model": "Elvi", "serial_number": "2118", "firmware": "3.6.1", "address": "10.0.0.4"}
    assert about_words(station(**facts)) == "EVBox Elvi · serial 2118 · firmware 3.6.1 · from 10.0.0.4"
    assert about_words(station(address="10.0.0.4")) == "from 10.0.0.4"


async def test_stations_are_ordered_as_people_count(desk, application):
    for name in ("Garage 10", "Garage 9", "", "entrance"):
        await application.stations.accept(f"ID-{name.replace(' ', '')}", name=name)
    assert [each.station.title for each in stations_now(desk)] == ["entrance", "Garage 9", "Garage 10", "ID-"]


async def test_how_long_ago_a_station_was_heard_is_said_coarsely(desk, application):
    at = application.clock()
    assert heard_words(desk, now(last_seen_at=at)) == "just now"
    assert heard_words(desk, now(last_seen_at=at - timedelta(seconds=34))) == "30 s ago"
    assert heard_words(desk, now(last_seen_at=at - timedelta(minutes=7, seconds=5))) == "7 min ago"
    assert heard_words(desk, now(online=False)) == "never"
    away = heard_words(desk, now(online=False, last_seen_at=at - timedelta(days=40)))
    assert away.endswith(f"{desk.local(at):%H:%M}")
