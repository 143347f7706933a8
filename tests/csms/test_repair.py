"""Payloads as stations really send them: what is certain is mended and noted, nothing breaks."""

import json
import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.csms.reading.meter import LARGEST, MOST_READINGS, SAMPLED_LIMIT, readings
from app.csms.reading.repair import LARGEST_INTEGER, TEXT_LIMIT, FieldRepair, Fields
from app.domain.instants import to_ms
from app.domain.model import ConnectorStatus

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
SYNONYMS = {"occupied": ConnectorStatus.PREPARING}


def fields(**payload):
    return Fields(payload, NOW)


class TestText:
    @pytest.mark.parametrize("absent", [{}, {"info": None}, {"info": ""}, {"info": "null"}])
    def test_that_says_nothing_is_absent_and_needs_no_mending(self, absent):
        read = Fields(absent, NOW)
        assert (read.text("info"), read.repairs) == ("", [])

    @pytest.mark.parametrize(("number", "text"), [(17, "17"), (0, "0"), (604.213, "604.213"), (-67, "-67")])
    def test_that_is_a_number_is_written_out(self, number, text):
        read = fields(serial=number)
        assert (read.text("serial"), read.repairs) == (text, [FieldRepair.WRONG_TYPE])

    @pytest.mark.parametrize("odd", [True, False, [], ["a"], {}, {"a": 1}])
    def test_that_is_something_else_is_absent(self, odd):
        read = fields(info=odd)
        assert (read.text("info"), read.repairs) == ("", [FieldRepair.WRONG_TYPE])

    def test_longer_than_the_specification_allows_is_kept_up_to_255(self):
        assert fields(serial="S" * 51).text("serial") == "S" * 51
        read = fields(serial="S" * 300)
        assert (read.text("serial"), read.repairs) == ("S" * TEXT_LIMIT, [FieldRepair.TOO_LONG])

    def test_loses_what_no_screen_shows(self):
        read = fields(info="ab\0c\x1b\ud800\r\n")
        assert (read.text("info"), read.repairs) == ("abc", [FieldRepair.UNPRINTABLE])

    def test_keeps_the_letters_of_every_language(self):
        read = fields(info="Säule 北 🔌")
        assert (read.text("info"), read.repairs) == ("Säule 北 🔌", [])


class TestACard:
    def test_that_is_not_named_is_none(self):
        assert fields().id_tag("idTag") is None

    def test_that_is_null_is_an_empty_one(self):
        read = fields(idTag=None)
        assert (read.id_tag("idTag"), read.repairs) == ("", [FieldRepair.WRONG_TYPE])

    def test_that_is_a_number_has_lost_its_zeros_and_says_so(self):
        read = fields(idTag=1012951691)
        assert (read.id_tag("idTag"), read.repairs) == ("1012951691", [FieldRepair.CARD_AS_NUMBER])

    @pytest.mark.parametrize("sent", ["04656B82EB2CDD", "0584350940c", "20:69:C0:21", "#FreeCharging", "X" * 21, ""])
    def test_is_handed_on_as_it_was_sent(self, sent):
        read = fields(idTag=sent)
        assert (read.id_tag("idTag"), read.repairs) == (sent, [])


class TestAWholeNumber:
    @pytest.mark.parametrize("sent", [0, 1, -1, LARGEST_INTEGER, -LARGEST_INTEGER])
    def test_of_32_bits_is_one(self, sent):
        read = fields(n=sent)
        assert (read.integer("n"), read.repairs) == (sent, [])

    @pytest.mark.parametrize(("sent", "meant"), [("7", 7), (7.0, 7), (" 12 ", 12), ("1234.5", 1234), (1e3, 1000)])
    def test_may_be_written_otherwise(self, sent, meant):
        read = fields(n=sent)
        assert (read.integer("n"), read.repairs) == (meant, [FieldRepair.WRONG_TYPE])

    @pytest.mark.parametrize("sent", [2**31, -(2**31), 2**63 - 1, 2**63, 10**38, 1e300, "9" * 400])
    def test_that_no_station_can_mean_is_unknown(self, sent):
        read = fields(n=sent)
        assert read.integer("n") is None
        assert read.repairs[-1] in (FieldRepair.OUT_OF_RANGE, FieldRepair.WRONG_TYPE)

    @pytest.mark.parametrize("sent", [True, "x", "", "NaN", "inf", [], {}, [1]])
    def test_may_be_none_at_all(self, sent):
        read = fields(n=sent)
        assert (read.integer("n"), read.repairs) == (None, [FieldRepair.WRONG_TYPE])

    @pytest.mark.parametrize("absent", [{}, {"n": None}])
    def test_may_be_absent(self, absent):
        read = Fields(absent, NOW)
        assert (read.integer("n"), read.repairs) == (None, [])


class TestAMoment:
    @pytest.mark.parametrize(
        ("sent", "meant"),
        [
            ("2026-11-20T19:59:59Z", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("2026-11-20T19:59:59.125Z", datetime(2026, 11, 20, 19, 59, 59, 125_000, tzinfo=UTC)),
            ("2026-11-20T20:59:59.2973429+01:00", datetime(2026, 11, 20, 19, 59, 59, 297_342, tzinfo=UTC)),
            (" 2026-11-20 19:59:59+00:00 ", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("20261120T195959Z", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)),
        ],
    )
    def test_is_read_in_every_form_of_iso_8601(self, sent, meant):
        read = fields(timestamp=sent)
        assert (read.moment("timestamp"), read.repairs) == ((meant, True), [])

    @pytest.mark.parametrize(
        ("sent", "meant"),
        [
            ("2026/11/20 19:59:59Z", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("2026-11-2T9:05:07.1234567+1", datetime(2026, 11, 2, 8, 5, 7, tzinfo=UTC)),
            ("2026-11-20T19:59:59z", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("2026-11-20 19:59:59 UTC", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("2026-11-20T20:59:59+01:00Z", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("2026-11-20T14:29:59-05:30Z", datetime(2026, 11, 20, 19, 59, 59, tzinfo=UTC)),
            ("2026-11-19T24:00:00Z", datetime(2026, 11, 20, tzinfo=UTC)),
            ("2026-11-20T18:59:60Z", datetime(2026, 11, 20, 19, tzinfo=UTC)),
        ],
    )
    def test_in_another_form_that_means_one_moment_only_is_that_one(self, sent, meant):
        read = fields(timestamp=sent)
        assert read.moment("timestamp") == (meant, True)
        assert set(read.repairs) <= {FieldRepair.TIME_SPELLING}

    def test_without_a_zone_is_utc(self):
        read = fields(timestamp="2026-11-19T15:28:07")
        assert read.moment("timestamp") == (datetime(2026, 11, 19, 15, 28, 7, tzinfo=UTC), True)
        assert read.repairs == [FieldRepair.TIME_WITHOUT_ZONE]

    @pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can be set on POSIX only")
    def test_without_a_zone_is_local_if_only_then_it_is_now(self, monkeypatch):
        monkeypatch.setenv("TZ", "UTC-2")
        time.tzset()
        try:
            now = fields(timestamp="2026-11-20T22:01:00")
            assert now.moment("timestamp")[0] == NOW + timedelta(minutes=1)
            assert now.repairs == [FieldRepair.TIME_TAKEN_AS_LOCAL]
            assert fields(timestamp="2026-11-20T20:01:00").moment("timestamp")[0] == NOW + timedelta(minutes=1)
            assert fields(timestamp="2026-11-20T15:00:00").moment("timestamp")[0] == NOW - timedelta(hours=5)
        finally:
            monkeypatch.undo()
            time.tzset()

    @pytest.mark.parametrize(
        "sent",
        ["1970-01-01T00:00:00.740Z", "2019-12-31T23:59:59Z", "2026-11-23T00:00:00Z", "9999-12-31T23:59:59-12:00"],
    )
    def test_of_a_clock_that_is_not_set_is_that_of_arrival(self, sent):
        read = fields(timestamp=sent)
        assert read.moment("timestamp") == (NOW, False)
        assert read.repairs[0] in (FieldRepair.CLOCK_NOT_SET, FieldRepair.TIME_UNREADABLE)

    @pytest.mark.parametrize("sent", ["", "foo", "2026-13-01T00:00:00Z", 1763668800, [], True, "2026-11-20T24:61:00Z"])
    def test_that_cannot_be_read_is_that_of_arrival(self, sent):
        read = fields(timestamp=sent)
        assert (read.moment("timestamp"), read.repairs) == ((NOW, False), [FieldRepair.TIME_UNREADABLE])

    def test_that_is_missing_is_that_of_arrival(self):
        read = fields()
        assert (read.moment("timestamp"), read.repairs) == ((NOW, False), [FieldRepair.MISSING])


class TestATransaction:
    def test_that_may_be_ours_is_its_number(self):
        read = fields(transactionId=7)
        assert (read.transaction("transactionId"), read.repairs) == (7, [])

    @pytest.mark.parametrize("absent", [{}, {"transactionId": None}])
    def test_that_is_not_named_is_none(self, absent):
        read = Fields(absent, NOW)
        assert (read.transaction("transactionId"), read.repairs) == (None, [])

    @pytest.mark.parametrize("sent", [0, -1, 2**31, 2**63 - 1, 2**63, "", "abc", []])
    def test_that_is_none_of_ours_is_none_and_noted(self, sent):
        read = fields(transactionId=sent)
        assert read.transaction("transactionId") is None
        assert FieldRepair.NO_TRANSACTION in read.repairs


class TestAName:
    @pytest.mark.parametrize("spelled", ["idtag", "IDTAG", "id_tag", "Id-Tag"])
    def test_of_a_field_in_another_spelling_is_that_field(self, spelled):
        read = Fields({spelled: "04A1"}, NOW)
        assert (read.id_tag("idTag"), set(read.repairs)) == ("04A1", {FieldRepair.FIELD_SPELLING})

    def test_as_specified_goes_before_one_that_is_not(self):
        read = fields(idtag="04A1", idTag="04B2")
        assert (read.id_tag("idTag"), read.repairs) == ("04B2", [])

    def test_that_is_another_one_is_not_taken_for_it(self):
        read = fields(idTagInfo="04A1", tag="04A1", parentIdTag="04A1")
        assert (read.id_tag("idTag"), read.repairs) == (None, [])


class TestAWord:
    KNOWN = ("Local", "EVDisconnected")

    @pytest.mark.parametrize("sent", ["Local", ""])
    def test_as_specified_needs_no_mending(self, sent):
        read = fields(reason=sent)
        assert (read.word("reason", self.KNOWN), read.repairs) == (sent, [])

    @pytest.mark.parametrize(("sent", "read_as"), [("evdisconnected", "EVDisconnected"), ("Timeout", "Timeout")])
    def test_otherwise_is_the_one_that_is_meant_or_stays_and_is_noted(self, sent, read_as):
        read = fields(reason=sent)
        assert (read.word("reason", self.KNOWN), read.repairs) == (read_as, [FieldRepair.UNKNOWN_VALUE])


class TestAChoice:
    def read(self, sent):
        read = fields(status=sent)
        return read.choice("status", ConnectorStatus, ConnectorStatus.UNAVAILABLE, SYNONYMS), read.repairs

    def test_as_specified_needs_no_mending(self):
        assert self.read("SuspendedEVSE") == (ConnectorStatus.SUSPENDED_EVSE, [])

    @pytest.mark.parametrize(
        ("sent", "meant"),
        [
            ("available", ConnectorStatus.AVAILABLE),
            (" CHARGING ", ConnectorStatus.CHARGING),
            ("Occupied", ConnectorStatus.PREPARING),
            ("Sleeping", ConnectorStatus.UNAVAILABLE),
        ],
    )
    def test_otherwise_is_what_is_meant_or_the_least_harmful(self, sent, meant):
        assert self.read(sent) == (meant, [FieldRepair.UNKNOWN_VALUE])

    def test_that_is_missing_is_the_least_harmful(self):
        assert self.read(None) == (ConnectorStatus.UNAVAILABLE, [FieldRepair.MISSING])


class TestAList:
    def test_of_objects_is_one(self):
        assert fields(list=[{"a": 1}, {}]).items("list") == [{"a": 1}, {}]

    def test_of_one_may_lack_its_brackets(self):
        read = fields(list={"a": 1})
        assert (read.items("list"), read.repairs) == ([{"a": 1}], [FieldRepair.WRONG_TYPE])

    def test_leaves_out_what_is_no_object(self):
        assert fields(list=[1, {"a": 1}, None, "x", []]).items("list") == [{"a": 1}]

    @pytest.mark.parametrize("sent", ["x", 1, True])
    def test_that_is_none_is_empty(self, sent):
        read = fields(list=sent)
        assert (read.items("list"), read.repairs) == ([], [FieldRepair.WRONG_TYPE])

    def test_notes_the_repairs_of_its_objects_with_those_around_it(self):
        read = fields(list=[{"n": "7"}])
        assert [read.within(item).integer("n") for item in read.items("list")] == [7]
        assert read.repairs == [FieldRepair.WRONG_TYPE]


def metered(*samples, timestamp="2026-11-20T19:00:00Z"):
    read = fields(meterValue=[{"timestamp": timestamp, "sampledValue": list(samples)}])
    (reading,) = readings(read, "meterValue")
    return reading, read.repairs


class TestMeterValues:
    def test_give_energy_and_power(self):
        reading, repairs = metered(
            {"value": "12345", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
            {"value": "7.4", "measurand": "Power.Active.Import", "unit": "kW"},
        )
        assert (reading.energy_wh, reading.power_w, repairs) == (12345, 7400.0, [])
        assert reading.at == NOW - timedelta(hours=1)

    def test_without_a_measurand_are_energy(self):
        assert metered({"value": "100"})[0].energy_wh == 100

    def test_in_kwh_are_wh(self):
        assert metered({"value": "1.2345", "unit": "kWh"})[0].energy_wh == 1234

    def test_that_are_numbers_are_read_like_text(self):
        assert metered({"value": 604.213})[0].energy_wh == 604

    def test_by_phase_are_summed_unless_the_whole_is_there(self):
        phases = [{"value": str(wh), "phase": f"L{phase}"} for phase, wh in enumerate((10, 20, 30), 1)]
        assert metered(*phases)[0].energy_wh == 60
        assert metered(*phases, {"value": "61"})[0].energy_wh == 61

    @pytest.mark.parametrize(
        "sample",
        [
            {"value": ""},
            {"value": None},
            {"value": "n/a"},
            {},
            {"value": "21.5", "unit": "Celsius"},
            {"value": "50", "unit": "Hz"},
            {"value": "1e300", "unit": "kWh"},
            {"value": "1e307", "unit": "kWh"},
            {"value": 2**70},
        ],
    )
    def test_that_are_no_energy_are_left_out_and_never_zero(self, sample):
        reading, repairs = metered(sample)
        assert reading.energy_wh is None
        assert repairs

    def test_that_are_left_out_leave_the_others(self):
        assert metered({"value": ""}, {"value": "5"}, {"value": "x", "unit": "Wh"})[0].energy_wh == 5

    def test_that_are_signed_are_kept_but_not_counted(self):
        reading, repairs = metered({"value": "123456", "format": "SignedData"}, {"value": "7", "format": "Raw"})
        assert (reading.energy_wh, repairs) == (7, [])
        assert "123456" in reading.sampled

    def test_of_other_things_are_kept_but_not_counted(self):
        reading, _ = metered({"value": "16", "measurand": "Current.Import", "unit": "A"})
        assert (reading.energy_wh, reading.power_w) == (None, None)
        assert json.loads(reading.sampled) == [{"value": "16", "measurand": "Current.Import", "unit": "A"}]

    @pytest.mark.parametrize("value", [[], None, "x", {}, [{"timestamp": "2026-11-20T19:00:00Z", "sampledValue": []}]])
    def test_may_be_empty(self, value):
        assert [(r.energy_wh, r.power_w, r.sampled) for r in readings(fields(v=value), "v")] in (
            [],
            [(None, None, "[]")],
        )

    def test_two_numbers_too_large_do_not_make_one_that_is_none(self):
        assert (
            metered({"value": "1e308", "phase": "L1"}, {"value": "-1e308", "unit": "kWh", "phase": "L2"})[0].energy_wh
            is None
        )

    def test_of_more_moments_than_a_charge_has_are_the_latest(self):
        values = [{"sampledValue": [{"value": number}]} for number in range(MOST_READINGS + 5)]
        read = fields(meterValue=values)
        found = readings(read, "meterValue")
        assert (len(found), found[0].energy_wh, found[-1].energy_wh) == (MOST_READINGS, 5, MOST_READINGS + 4)
        assert FieldRepair.TOO_LONG in read.repairs

    def test_are_kept_only_as_far_as_anyone_reads(self):
        assert len(metered(*[{"value": "1"}] * 2000)[0].sampled) == SAMPLED_LIMIT


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(["2026-11-20T19:00:00Z", "Wh", "kWh", "1e308", "-1e308", "9" * 30, "L1", "Available", "null"])
    | st.datetimes().map(datetime.isoformat),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(st.characters(), max_size=8)
            | st.sampled_from(["timestamp", "sampledValue", "value", "unit", "measurand", "phase", "format"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
memory = sqlite3.connect(":memory:")


def assert_held(*values):
    """SQLite takes them and gives them back as they were."""
    assert memory.execute(f"select {','.join('?' * len(values))}", values).fetchone() == values


@given(json_values)
@settings(max_examples=200, deadline=None)
def test_whatever_a_field_holds_is_read_without_an_exception_into_something_a_database_can_hold(value):
    read = Fields({"f": value}, NOW)
    text, tag, number = read.text("f"), read.id_tag("f"), read.integer("f")
    moment, _ = read.moment("f")
    status = read.choice("f", ConnectorStatus, ConnectorStatus.UNAVAILABLE, SYNONYMS)
    assert_held(text, tag, number, to_ms(moment), status.value, read.text("f", limit=5))
    assert len(text) <= TEXT_LIMIT
    assert number is None or abs(number) <= LARGEST_INTEGER
    assert moment.tzinfo is UTC
    assert NOW - timedelta(days=365 * 7) < moment <= NOW + timedelta(days=2)
    for item in read.items("f"):
        read.within(item).text("value")
    assert all(isinstance(repair, FieldRepair) for repair in read.repairs)


samples = st.fixed_dictionaries(
    {},
    optional={
        "value": json_values,
        "unit": st.sampled_from(["Wh", "kWh", "W", "kW", "%", ""]) | json_values,
        "measurand": st.sampled_from(["Energy.Active.Import.Register", "Power.Active.Import"]) | json_values,
        "phase": st.sampled_from(["L1", "L2"]) | json_values,
        "format": st.sampled_from(["Raw", "SignedData"]) | json_values,
    },
)
meter_values = st.lists(
    st.fixed_dictionaries(
        {}, optional={"timestamp": json_values, "sampledValue": st.lists(samples, max_size=4) | json_values}
    ),
    max_size=3,
)


@given(meter_values | json_values)
@settings(max_examples=200, deadline=None)
def test_whatever_meter_values_hold_they_are_read_without_an_exception_into_something_a_database_can_hold(value):
    for reading in readings(Fields({"meterValue": value}, NOW), "meterValue"):
        assert_held(to_ms(reading.at), reading.sampled, reading.energy_wh, reading.power_w)
        assert len(reading.sampled) <= SAMPLED_LIMIT
        assert reading.energy_wh is None or abs(reading.energy_wh) <= LARGEST
        assert reading.power_w is None or abs(reading.power_w) <= LARGEST
