from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from app.domain.instants import from_ms, to_ms, wire_time

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.timedeltas(-timedelta(days=70 * 365), timedelta(days=200 * 365)), ZONES)
def test_a_moment_comes_back_to_the_millisecond_whatever_its_zone(since_1970, zone):
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + since_1970).astimezone(zone)
    back = from_ms(to_ms(moment))
    assert back.tzinfo is UTC
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


@given(st.integers(-(10**12), 10**13))
def test_what_the_database_holds_comes_back_as_it_is(ms):
    assert to_ms(from_ms(ms)) == ms


def test_on_the_wire_a_moment_is_utc_without_fractions():
    summer = datetime(2026, 7, 1, 1, 30, 59, 999999, tzinfo=timezone(timedelta(hours=2)))
    assert wire_time(summer) == "2026-06-30T23:30:59Z"
