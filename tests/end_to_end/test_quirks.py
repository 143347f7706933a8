"""What real stations send that is not as the specification has it, and what they are answered.

`quirks16.jsonl` holds a frame a line. `level` is T0 (sound), T1 (mended: the meaning is certain), T2 (absorbed: of no
use, and harmless) or T3 (refused: the needed fact is missing). In `answer`, which is JSON or null for none, "*" stands
for anything; `repairs` must be among those that are noted with the message, `stored` is what is kept after it.
"""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app.application import MessageFilter
from app.csms.rpc.frames import read, take_payload
from app.csms.station import outgoing
from app.database.schema import meter_values
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.model import AccessLevel, ConnectorStatus, OcppVersion
from app.repairs import deviations
from tests.schemas import faults_of_answer
from tests.wire import raw_station

TESTS = Path(__file__).parents[1]
LINES = (TESTS / "data" / "frames" / "quirks16.jsonl").read_text(encoding="utf-8").splitlines()
QUIRKS = [json.loads(line) for line in LINES]
KNOWN_QUIRKS = {f"Q{number:02}" for number in range(1, 101)} - {
    *("Q12", "Q26", "Q29", "Q55", "Q60", "Q66", "Q73", "Q78", "Q91")
}
#: Quirks that are no single frame of a connected station, each with the tests that show how it is met.
ELSEWHERE = {
    "Q01": "csms/test_handshake.py::test_a_known_station_needs_no_subprotocol_header",
    "Q02": "csms/test_handshake.py::test_may_be_missing "
    "csms/test_handshake.py::test_is_the_station_that_is_expected_from_its_address",
    "Q03": "csms/test_handshake.py::test_is_the_last_segment_of_the_path_decoded_once",
    "Q04": "csms/test_handshake.py::test_is_the_last_segment_of_the_path_decoded_once",
    "Q05": "csms/test_handshake.py::test_is_the_last_segment_of_the_path_decoded_once",
    "Q06": "csms/test_handshake.py::test_is_the_last_segment_of_the_path_decoded_once "
    "csms/test_handshake.py::test_that_was_given_the_whole_url_of_another_one_is_told_by_it",
    "Q07": "csms/test_handshake.py::test_is_the_last_segment_of_the_path_decoded_once",
    "Q08": "csms/test_handshake.py::test_a_station_is_who_the_operator_named_whatever_the_case_of_its_url",
    "Q09": "csms/test_handshake.py::test_the_operator_learns_who_knocked_and_why_it_was_not_let_in",
    "Q10": "csms/test_handshake.py::test_the_subprotocol_comes_back_in_the_stations_spelling",
    "Q11": "csms/test_handshake.py::test_names_the_version_that_is_spoken",
    "Q13": "csms/test_handshake.py::test_the_operator_learns_who_knocked_and_why_it_was_not_let_in",
    "Q14": "csms/test_handshake.py::test_the_operator_learns_who_knocked_and_why_it_was_not_let_in",
    "Q15": "csms/test_link.py::test_of_the_websocket_itself_closes_it_with_the_right_code "
    "csms/test_link.py::test_that_was_compressed_unasked_is_known_of_its_station",
    "Q16": "csms/test_link.py::test_is_not_dropped_for_not_answering_a_ping_if_it_never_does_and_speaks",
    "Q17": "csms/test_link.py::test_left_without_an_answer_three_times_in_a_row_closes_the_connection_once",
    "Q18": "csms/test_link.py::test_stays_though_it_never_answers_a_ping_as_long_as_it_speaks",
    "Q19": "csms/test_link.py::test_takes_the_place_of_one_from_which_nothing_comes",
    "Q20": "end_to_end/test_station_to_pass.py::test_a_station_that_comes_back_without_a_boot_is_served_from_its_first_"
    "message",
    "Q21": "csms/test_link.py::test_whose_answer_is_cut_short_fails_at_once",
    "Q30": "csms/test_conversation.py::test_an_error_answer_is_padded",
    "Q31": "csms/test_conversation.py::test_an_answer_is_read_leniently",
    "Q33": "end_to_end/test_quirks.py::test_with_the_same_id_before_its_answer_is_one_charge",
    "Q35": "csms/test_conversation.py::test_an_unknown_message_type_is_ignored_by_1_6_and_refused_by_2_0_1",
    "Q41": "end_to_end/test_station_to_pass.py::test_a_station_that_comes_back_without_a_boot_is_served_from_its_first_"
    "message csms/test_link.py::test_is_asked_for_a_boot_once_by_which_it_is_known",
    "Q43": "csms/test_link.py::test_while_a_boot_waits_for_its_answer",
    "Q44": "csms/test_acquaintance.py::test_more_than_five_in_ten_minutes_are_too_many_until_ten_minutes_have_passed "
    "end_to_end/test_quirks.py::test_as_many_as_come_are_answered_and_told_apart_from_nothing",
    "Q45": "csms/test_link.py::test_at_which_a_station_breaks_off_twice_is_known_as_such",
    "Q46": "csms/test_link.py::test_is_held_back_for_a_station_that_cannot_take_it_so_soon",
    "Q54": "csms/test_commands.py::test_a_start_is_as_the_specification_wants_it",
    "Q63": "csms/test_acquaintance.py::test_two_hours_ahead_until_it_was_told_the_time_is_right_from_then_on",
    "Q64": "csms/test_link.py::test_has_milliseconds_in_its_times_for_a_station_that_wants_them_and_in_the_log",
    "Q67": "end_to_end/test_quirks.py::test_after_a_reconnect_gets_the_same_transaction",
    "Q72": "end_to_end/test_quirks.py::test_is_not_undone_by_meter_values_that_come_after_it",
    "Q80": "test_sessions.py::test_a_meter_that_goes_backwards_takes_no_energy_away",
    "Q85": "end_to_end/test_quirks.py::test_is_understood_or_fails_at_once",
    "Q86": "test_configuration.py::test_a_new_value_is_read_back",
    "Q87": "csms/test_link.py::test_of_a_vendor_is_kept_as_far_as_anyone_reads_it",
    "Q88": "csms/test_link.py::test_that_is_answered_late_is_kept_with_its_answer_and_harms_no_other",
    "Q89": "csms/test_logins.py::test_a_header_is_ignored",
    "Q90": "csms/test_logins.py::test_is_let_in_with_the_bytes_of_its_key "
    "csms/test_logins.py::test_is_let_in_with_the_digits_of_its_key",
    "Q92": "security/test_passwords.py::test_is_one_that_every_version_takes",
    "Q93": "csms/test_tls.py::test_is_what_ocpp_asks_for_and_nothing_older",
    "Q94": "csms/test_tls.py::test_that_drops_the_site_without_a_word_is_told_of",
    "Q95": "csms/test_tls.py::test_is_believed_by_a_station_whose_clock_stands_at_2000",
    "Q96": "lists/test_zoo.py::test_those_that_keep_none_are_said_to_and_not_asked_for_ever",
    "Q97": "lists/test_zoo.py::test_those_that_keep_none_are_said_to_and_not_asked_for_ever",
    "Q98": "lists/test_zoo.py::test_those_that_find_no_room_are_named",
    "Q99": "lists/test_zoo.py::test_a_station_of_another_version_of_the_list_gets_it_whole",
    "Q100": "lists/test_zoo.py::test_those_that_keep_a_list_have_the_right_one_and_follow_their_pool",
}
CARD = "04A1B2C3D4E580"
NOW = "2025-03-04T19:00:00Z"
START = {"connectorId": 1, "idTag": CARD, "meterStart": 1000, "timestamp": NOW}


@pytest.fixture
async def station(application, url, monkeypatch):
    """A station in a pool that admits one card."""
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 0.0)
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 0.0)
    pool = await application.pools.create("Yard", AccessLevel.PRIVATE)
    await application.stations.accept("CP1", pool_id=pool.id)
    await application.passes.add(PassDraft(uid=CARD), pool_id=pool.id)
    async with raw_station(url, "CP1") as station:
        yield station


def matches(expected, answer):
    if expected == "*":
        return True
    if isinstance(expected, dict) and isinstance(answer, dict):
        return expected.keys() == answer.keys() and all(matches(expected[key], answer[key]) for key in expected)
    if isinstance(expected, list) and isinstance(answer, list):
        return len(expected) == len(answer) and all(map(matches, expected, answer))
    return expected == answer


async def test_each_quirk_is_met_as_its_level_demands(application, station):
    wrong, results = [], {}
    for number, quirk in enumerate(QUIRKS):
        await station.send(quirk["send"].encode() if quirk.get("binary") else quirk["send"])
        await station.send(f'[2,"after {number}","Heartbeat",{{}}]')
        *answers, _ = [json.loads(answer) for answer in await station.answers_until(f"after {number}")]
        if quirk["answer"] is not None and not answers:
            # A report is answered after it is stored, and so after the heartbeat.
            answers.append(json.loads(await station.answer()))
        if not matches([] if quirk["answer"] is None else [quirk["answer"]], answers):
            wrong.append((quirk["what"], answers))
        wrong += [(quirk["what"], fault) for fault in not_stored(application, quirk.get("stored", {}))]
        results[_kept(quirk["send"])] = quirk, answers
    assert not wrong
    await application.journal.flush()
    messages = {message.request: message for message in application.journal.messages(MessageFilter(), limit=5000)}
    for request, (quirk, answers) in results.items():
        if answers:
            message = messages[request]
            assert set(quirk["repairs"]) <= set(message.repairs), quirk["what"]
            assert answers[0][0] == 4 or not faults_of_answer(message.action, answers[0][2]), quirk["what"]
            assert (answers[0][0] == 4) == (quirk["level"] == "T3"), quirk["what"]
            assert quirk["level"] == "T3" or is_told_of(message) == (quirk["level"] != "T0"), quirk["what"]
    assert {quirk["level"] for quirk in QUIRKS} == {"T0", "T1", "T2", "T3"}


def _kept(sent):
    """The text under which a frame is found in the journal."""
    return sent.replace("\0", "")


def is_told_of(message):
    """Whether an operator learns that the message was not as it should be."""
    frame = read(message.request)
    payload = take_payload(frame, 1)
    return bool(message.repairs or deviations(OcppVersion.V16, message.action, payload))


def not_stored(application, expected):
    """What is kept after a message and is not what should be: the latest of its kind, field by field."""
    return [
        f"{kind}.{name} is {was!r}, not {value!r}"
        for kind, fields in expected.items()
        for name, value in fields.items()
        if not is_so(value, was := getattr(latest(application, kind, fields), name))
    ]


def latest(application, kind, fields):
    match kind:
        case "station":
            return application.stations.require("CP1")
        case "connector":
            told = {connector.connector_id: connector for connector in application.stations.connectors()}
            return told[fields["connector_id"]]
        case "session":
            return max(application.sessions.recent(), key=lambda session: session.id)
        case "tap":
            return application.journal.taps(limit=1)[0]
        case "reading":
            rows = application.store.reader.execute(select(meter_values).order_by(meter_values.c.id.desc()).limit(1))
            return rows.one()


def is_so(expected, was):
    if isinstance(was, datetime):
        if expected == "now":
            return abs(datetime.now(UTC) - was) < timedelta(minutes=1)
        return f"{was:%Y-%m-%dT%H:%M:%SZ}" == expected
    return was == expected


def test_only_frames_that_cannot_be_read_make_an_error_of_a_report_of_a_charge():
    reports = ('"StartTransaction"', '"StopTransaction"', '"MeterValues"')
    refused = [q for q in QUIRKS if q["answer"] and q["answer"][0] == 4 and any(name in q["send"] for name in reports)]
    assert {quirk["answer"][2] for quirk in refused} == {"FormationViolation"}


def test_every_quirk_of_the_list_has_a_line_or_its_test_elsewhere():
    met = {quirk["quirk"] for quirk in QUIRKS}
    assert met | set(ELSEWHERE) == KNOWN_QUIRKS
    missing = [
        (quirk, test)
        for quirk, tests in ELSEWHERE.items()
        for test in tests.split()
        if not re.search(rf"def {test.split('::')[1]}\b", (TESTS / test.split("::")[0]).read_text(encoding="utf-8"))
    ]
    assert not missing


class TestAStartToldAgain:
    async def test_with_the_same_id_before_its_answer_is_one_charge(self, application, station):
        for _ in range(4):
            await station.send(json.dumps([2, "531531536", "StartTransaction", START]))
        assert json.loads(await station.answer())[0] == 3
        await station.send(json.dumps([2, "531531536", "StartTransaction", START]))
        await station.answer()
        assert len(application.sessions.recent()) == 1

    async def test_with_another_id_gets_the_same_transaction(self, application, station):
        ids = {(await station.call("StartTransaction", START))["transactionId"] for _ in range(5)}
        assert len(ids) == 1

    async def test_after_a_reconnect_gets_the_same_transaction(self, application, url, station):
        first = await station.call("StartTransaction", START)
        station.cut()
        async with raw_station(url, "CP1") as again:
            assert await again.call("StartTransaction", START) == first

    async def test_by_a_station_without_a_clock_gets_the_same_transaction_unless_the_meter_rose(
        self, application, station
    ):
        unset = START | {"timestamp": "1970-01-01T00:00:05Z"}
        first = (await station.call("StartTransaction", unset))["transactionId"]
        assert (await station.call("StartTransaction", unset))["transactionId"] == first
        await station.call("StopTransaction", {"transactionId": first, "meterStop": 1500, "timestamp": NOW})
        assert (await station.call("StartTransaction", unset))["transactionId"] == first
        next_one = unset | {"meterStart": 1500}
        assert (await station.call("StartTransaction", next_one))["transactionId"] != first

    async def test_with_a_message_id_that_begins_anew_at_each_boot_is_another_one(self, application, station):
        first = await station.say(json.dumps([2, "1000000", "StartTransaction", START]))
        later = START | {"timestamp": "2025-03-04T19:30:00Z", "meterStart": 2000}
        second = await station.say(json.dumps([2, "1000000", "StartTransaction", later]))
        assert first[2]["transactionId"] != second[2]["transactionId"]


class TestAStop:
    async def test_that_names_no_transaction_ends_the_one_that_runs(self, application, station):
        started = await station.call("StartTransaction", START)
        await station.call(
            "StopTransaction", {"transactionId": -1, "meterStop": 1500, "timestamp": "2025-03-04T20:00:00Z"}
        )
        (session,) = application.sessions.recent()
        assert (session.id, session.energy_wh, session.is_open) == (started["transactionId"], 500, False)

    async def test_whose_start_was_lost_is_a_charge_of_its_own_however_often_it_is_told(self, application, station):
        lost = {"transactionId": 4711, "meterStop": 9000, "timestamp": NOW, "idTag": CARD, "reason": "PowerLoss"}
        for _ in range(3):
            await station.call("StopTransaction", lost)
        (orphan,) = application.sessions.recent()
        assert (orphan.is_open, orphan.stop_reason, orphan.energy_wh, orphan.id != 4711) == (
            False,
            "PowerLoss",
            None,
            True,
        )

    async def test_of_another_stations_transaction_leaves_that_one_alone(self, application, url, station):
        started = await station.call("StartTransaction", START)
        await application.stations.accept("CP2")
        async with raw_station(url, "CP2") as other:
            stop = {"transactionId": started["transactionId"], "meterStop": 5, "timestamp": NOW}
            assert await other.call("StopTransaction", stop) == {}
        assert [s.is_open for s in application.sessions.recent(station_id="CP1")] == [True]

    async def test_is_matched_by_its_transaction_whatever_rubbish_its_tag_is(self, application, station):
        started = await station.call("StartTransaction", START)
        stop = {
            "transactionId": started["transactionId"],
            "idTag": CARD + "\0\x07??",
            "meterStop": 1010,
            "timestamp": NOW,
        }
        assert (await station.call("StopTransaction", stop))["idTagInfo"]
        assert not application.sessions.recent(open_only=True)

    async def test_is_not_undone_by_meter_values_that_come_after_it(self, application, station):
        started = await station.call("StartTransaction", START)
        await station.call(
            "StopTransaction", {"transactionId": started["transactionId"], "meterStop": 1500, "timestamp": NOW}
        )
        late = [{"timestamp": NOW, "sampledValue": [{"value": "1600"}]}]
        await station.call(
            "MeterValues", {"connectorId": 1, "transactionId": started["transactionId"], "meterValue": late}
        )
        (session,) = application.sessions.recent()
        assert (session.is_open, session.energy_wh) == (False, 500)


class TestMeterValues:
    async def test_that_name_no_transaction_belong_to_the_one_on_their_connector(self, application, station):
        await station.call("StartTransaction", START)
        for transaction in ({}, {"transactionId": None}, {"transactionId": 0}, {"transactionId": 2**63 - 1}):
            value = [{"timestamp": NOW, "sampledValue": [{"value": 1250.4}]}]
            assert await station.call("MeterValues", {"connectorId": 1, "meterValue": value} | transaction) == {}
        (session,) = application.sessions.recent()
        assert session.energy_wh == 250

    async def test_of_which_some_are_unusable_count_with_the_rest(self, application, station):
        await station.call("StartTransaction", START)
        value = [
            {
                "timestamp": NOW,
                "sampledValue": [{"value": ""}, {"value": "50", "unit": "Hz"}, {"value": "1.3", "unit": "kWh"}],
            },
            {"timestamp": NOW, "sampledValue": "none"},
        ]
        await station.call("MeterValues", {"connectorId": 1, "meterValue": value})
        assert application.sessions.recent()[0].energy_wh == 300


class TestStates:
    async def test_are_as_the_station_told_them_last_whatever_time_it_gave(self, application, station):
        for status, at in (("Charging", NOW), ("Available", "2025-03-01T00:00:00Z")):
            await station.call(
                "StatusNotification", {"connectorId": 1, "status": status, "errorCode": "NoError", "timestamp": at}
            )
        assert [c.status for c in application.stations.connectors()] == [ConnectorStatus.AVAILABLE]


class TestBoots:
    async def test_as_many_as_come_are_answered_and_told_apart_from_nothing(self, application, station):
        for _ in range(10):
            kind, message_id, payload = await station.say(
                '[2,"1000001","BootNotification",{"chargePointModel":"Duo","chargePointVendor":"Metron"}]'
            )
            assert (kind, message_id, payload["status"]) == (3, "1000001", "Accepted")


class TestAnAnswerToACallOfOurs:
    @pytest.mark.parametrize(
        ("reply", "outcome"),
        [
            (
                '[3,"{id}",{{"configurationKey":[{{"key":"A","value":5}}]}}]',
                {"configurationKey": [{"key": "A", "value": 5}]},
            ),
            ('[3,"{id}",{{"status":"Accepted","extra":1}},"more"]', {"status": "Accepted", "extra": 1}),
            ('[3,"{id}",null]', {}),
            ('[3,"{id}",{{}}]', {}),
            ('[4,"{id}","NotImplemented"]', "station_refused"),
            ('[4,"{id}"]', "station_refused"),
            ('[4,"{id}",null,"Item not implemented",null]', "station_refused"),
            ('[4,"{id}","InternalError","the whole\\n request",{{}}]', "station_refused"),
            ('[3,"{id}",{{"configurationKey":[]', "station_answer_unreadable"),
        ],
    )
    async def test_is_understood_or_fails_at_once(self, application, station, reply, outcome):
        await station.call("Heartbeat", {})
        asked = asyncio.create_task(application.server.call("CP1", "GetConfiguration", {}))
        message_id, *_ = await station.was_asked()
        await station.send(reply.format(id=message_id))
        if isinstance(outcome, dict):
            assert await asyncio.wait_for(asked, 2) == outcome
        else:
            with pytest.raises(AppError) as failed:
                await asyncio.wait_for(asked, 2)
            assert failed.value.code == outcome
