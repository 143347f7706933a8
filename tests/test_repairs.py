"""What each station does otherwise is counted, and its schemas' objections are measured, after it was answered."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import AppError
from app.domain.model import Direction, Message, OcppVersion
from app.repairs import SCHEMA, Deviating, Deviation, deviations
from app.repairs import repairs as counting
from tests.disk_faults import nothing_written
from tests.wire import raw_station

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def message(number=1, *repairs, action="Heartbeat", payload=None, station_id="CP1", at=NOON, **changes):
    request = json.dumps([2, f"m{number}", action, payload or {}])
    about = {
        "id": number,
        "at": at,
        "station_id": station_id,
        "direction": Direction.FROM_STATION,
        "action": action,
        "id_tag": "",
        "outcome": "",
        "request": request,
        "response": "[3,]",
        "took_ms": 1.0,
        "repairs": repairs,
    }
    return Message(**about | changes)


@pytest.fixture
async def station(site):
    await site.stations.accept("CP1")
    await site.stations.speaks("CP1", OcppVersion.V16)


def counted(site, station_id="CP1"):
    return {(repair.code, repair.about): repair.times for repair in site.repairs.of(station_id)}


@pytest.mark.usefixtures("station")
class TestOneMessage:
    async def test_is_held_against_the_schema_of_its_stations_version(self, site):
        odd = message(action="StatusNotification", payload=STATUS | {"status": "Busy", "more": 1})
        found = {(each.code, each.about) for each in site.repairs.found_in(odd)}
        assert found == {("schema.word", "StatusNotification status"), ("schema.extra", "StatusNotification more")}
        await site.stations.speaks("CP1", OcppVersion.V201)
        assert ("schema.missing", "StatusNotification evseId") in {
            (each.code, each.about) for each in site.repairs.found_in(odd)
        }

    @pytest.mark.parametrize(
        "changes",
        [
            {"station_id": "CP9"},
            {"action": ""},
            {"request": '[2,"m1","Heartbeat",{"cut": "off… (9000)'},
            {"direction": Direction.TO_STATION, "response": '[4,"m1","NotImplemented","",{}]'},
        ],
    )
    async def test_of_which_that_cannot_be_told_nothing_is(self, site, changes):
        assert site.repairs.found_in(message(payload={"more": 1}, **changes)) == []


@pytest.mark.usefixtures("station")
class TestCounting:
    async def test_adds_up_over_messages_batches_and_spellings_of_the_station(self, site):
        for number in range(3):
            site.journal.log(message(number, "padding", "time_without_zone"))
        await site.repairs.flush()
        site.journal.log(message(4, "padding", station_id="cp1", at=NOON + timedelta(hours=1)))
        await site.repairs.flush()
        assert counted(site) == {("padding", ""): 4, ("time_without_zone", ""): 3}
        padding = site.repairs.of("CP1")[0]
        assert (padding.first_at, padding.last_at) == (NOON, NOON + timedelta(hours=1))
        assert padding.example == '[2, "m4", "Heartbeat", {}]'

    async def test_counts_frames_that_are_no_message_by_what_is_wrong_with_them(self, site):
        site.journal.log(message(1, action="", outcome="not_json", took_ms=None))
        await site.repairs.flush()
        assert counted(site) == {("not_json", ""): 1}

    async def test_counts_an_answer_when_it_is_there_and_not_the_question(self, site):
        asked = message(1, direction=Direction.TO_STATION, took_ms=None, response="")
        site.journal.log(asked)
        site.journal.log(message(1, "null_payload", direction=Direction.TO_STATION, response='[3,"m1",null]'))
        await site.repairs.flush()
        assert counted(site) == {("null_payload", ""): 1}
        assert site.repairs.of("CP1")[0].example == '[3,"m1",null]'

    async def test_goes_on_while_the_disk_takes_nothing(self, site):
        site.journal.log(message(1, "padding"))
        with nothing_written(site.store), pytest.raises(AppError):
            await site.repairs.flush()
        site.journal.log(message(2, "padding"))
        await site.repairs.flush()
        assert counted(site) == {("padding", ""): 2}

    async def test_keeps_so_much_of_one_station_and_no_more(self, site):
        for number in range(3 * counting.MOST_OF_ONE):
            site.journal.log(message(number, f"made_up_{number}", at=NOON + timedelta(seconds=number)))
        await site.repairs.flush()
        kept = site.repairs.of("CP1")
        assert len(kept) == counting.MOST_OF_ONE
        assert min(repair.last_at for repair in kept) == NOON + timedelta(seconds=2 * counting.MOST_OF_ONE)

    async def test_forgets_what_no_station_did_for_long(self, site):
        site.journal.log(message(1, "padding"))
        site.journal.log(message(2, "loose_json", at=NOON + timedelta(days=100)))
        await site.repairs.flush()
        await site.repairs.forget(NOON + timedelta(days=90))
        assert counted(site) == {("loose_json", ""): 1}


@pytest.mark.usefixtures("station")
class TestHoldingMessagesAgainstTheSchema:
    async def test_names_the_fields_and_counts_the_messages_looked_at(self, site):
        for number in range(5):
            payload = STATUS | {"status": "Occupied", "colour": "red"}
            site.journal.log(message(number, action="StatusNotification", payload=payload))
        await site.repairs.flush()
        assert counted(site) == {
            (f"{SCHEMA}word", "StatusNotification status"): 1,
            (f"{SCHEMA}extra", "StatusNotification colour"): 1,
        }

    async def test_is_done_again_only_after_a_while(self, site, monkeypatch):
        for again_after_s, times in ((300.0, 1), (0.0, 2)):
            monkeypatch.setattr(counting, "CHECK_AGAIN_AFTER_S", again_after_s)
            for _ in range(2):
                site.journal.log(message(1, action="StatusNotification", payload={"connectorId": 1}))
                if times == 1:
                    await site.repairs.flush()
            await site.repairs.flush()
            assert set(counted(site).values()) == {times}

    async def test_is_done_with_answers_too(self, site):
        answer = '[3,"m1",{"status":"Fine"}]'
        site.journal.log(message(1, action="ClearCache", direction=Direction.TO_STATION, response=answer))
        await site.repairs.flush()
        assert counted(site) == {(f"{SCHEMA}word", "ClearCache status"): 1}

    @pytest.mark.parametrize("request_text", ['[2,"1","Heartbeat"', "[]", '[2,"1","Heartbeat",null]', '{"a":1}'])
    async def test_leaves_out_what_has_no_payload(self, site, request_text):
        site.journal.log(message(1, request=request_text))
        await site.repairs.flush()
        assert counted(site) == {}

    async def test_waits_until_it_is_known_what_the_station_speaks(self, site):
        await site.stations.accept("CP2")
        site.journal.log(message(1, station_id="CP2", payload={"odd": 1}))
        await site.repairs.flush()
        assert counted(site, "CP2") == {}


async def test_a_station_pays_nothing_for_it_and_its_repairs_are_there_afterwards(application, url):
    await application.stations.accept("CP1")
    async with raw_station(url, "CP1") as station:
        await station.say('[2,"1","heartbeat",null]\0')
        await station.call("StatusNotification", STATUS | {"timestamp": "2025-03-04T19:00:00"})
        await station.call("Heartbeat", {})
    await application.repairs.flush()
    assert set(counted(application)) == {
        ("action_spelling", ""),
        ("null_payload", ""),
        ("padding", ""),
        ("time_without_zone", ""),
        (f"{SCHEMA}format", "StatusNotification timestamp"),
    }


class TestDeviations:
    def of(self, payload, action="MeterValues", version=OcppVersion.V16):
        return deviations(version, action, payload)

    def test_of_a_sound_message_are_none(self):
        assert self.of(
            {"connectorId": 1, "meterValue": [{"timestamp": "2025-03-04T19:00:00Z", "sampledValue": []}]}
        ) in (
            [],
            [Deviating(Deviation.OTHER, "meterValue.sampledValue")],
        )
        assert self.of(STATUS, "StatusNotification") == []

    def test_name_the_field_by_its_path_once_and_never_a_value(self):
        samples = [{"value": 5}, {"value": 6}, {"value": "7", "unit": "secret"}]
        found = self.of({"connectorId": "1", "meterValue": [{"sampledValue": samples}], "x\0y": "secret"})
        assert set(found) == {
            Deviating(Deviation.TYPE, "connectorId"),
            Deviating(Deviation.TYPE, "meterValue.sampledValue.value"),
            Deviating(Deviation.WORD, "meterValue.sampledValue.unit"),
            Deviating(Deviation.MISSING, "meterValue.timestamp"),
            Deviating(Deviation.EXTRA, "xy"),
        }

    @pytest.mark.parametrize("version", OcppVersion)
    def test_are_known_of_every_version_and_of_its_answers(self, version):
        assert self.of({}, "BootNotification", version)
        assert deviations(version, "Heartbeat", {"currentTime": "2025-03-04T19:00:00Z"}, is_answer=True) == []

    @pytest.mark.parametrize("action", ["CustomOperation", "../../etc/passwd", "", "Heartbeat.req"])
    def test_of_what_has_no_schema_are_unknown(self, action):
        assert self.of({}, action) is None

    def test_are_not_more_than_anyone_reads(self):
        assert len(self.of({f"field{number}": 1 for number in range(5000)}, "Heartbeat")) <= 20


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["connectorId", "status", "info", "timestamp"]) | st.text(), json_values))
@settings(max_examples=60, deadline=None)
def test_whatever_a_message_holds_it_can_be_held_against_its_schema(payload):
    for each in deviations(OcppVersion.V16, "StatusNotification", payload):
        assert each.path.isprintable()
