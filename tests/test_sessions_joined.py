"""Ends that find their beginnings, whichever is told first and whatever they are called."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.application import Application
from app.domain.charges import Flag
from app.domain.events import SessionChanged, SessionRemoved
from app.domain.ids import canonical_uid
from app.sessions import STOP_NEVER_CAME, Admission, Reading, Start, Stop
from tests.clock import Clock

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ADMITTED = Admission("Accepted", "pass_is_member", "Left", "Garage", None, None, "Ann")
TAG, OTHER = "04a2246f", "04a22470"


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def start(minutes, meter, *, connector=1, tag=TAG, clock_set=True):
    reported = at(minutes).isoformat() if clock_set else f"1970-01-01T{minutes // 60:02}:{minutes % 60:02}:00Z"
    moment = at(minutes) if clock_set else Clock().now
    return Start("CP-1", connector, tag, canonical_uid(tag), meter, moment, reported, clock_set)


def stop(minutes, meter, *, named=None, tag="", clock_set=True, reason="Local"):
    reported = at(minutes).isoformat() if clock_set else f"1970-01-01T{minutes // 60:02}:{minutes % 60:02}:00Z"
    moment = at(minutes) if clock_set else Clock().now
    return Stop("CP-1", named, meter, moment, tag, reason, reported, clock_set)


async def tell(site, *reports):
    """The transactionIds of the starts among them."""
    ids = []
    for each in reports:
        if isinstance(each, Start):
            ids.append((await site.sessions.started(each, ADMITTED)).transaction_id)
        else:
            await site.sessions.stopped(each)
    return ids


def facts(site):
    sessions = sorted(site.sessions.recent(), key=lambda session: (session.started_at, session.id))
    return [(each.meter_start_wh, each.energy_wh, each.is_open, each.flags) for each in sessions]


class TestAStopBeforeItsStart:
    async def test_becomes_one_session_with_it(self, site, told):
        await tell(site, stop(60, 8_000))
        (orphan,) = site.sessions.recent()
        (session_id,) = await tell(site, start(0, 1_000))
        assert facts(site) == [(1_000, 7_000, False, (Flag.STOP_MATCHED, Flag.TOLD_LATER))]
        assert site.sessions.find(orphan.id) is None
        assert told[-2:] == [SessionRemoved(orphan.id), SessionChanged(site.sessions.find(session_id))]
        await tell(site, stop(60, 8_000), start(0, 1_000))
        assert len(site.sessions.recent()) == 1

    async def test_of_another_card_stays_by_itself(self, site):
        await tell(site, stop(60, 8_000, tag=OTHER), start(0, 1_000))
        assert [session.is_open for session in site.sessions.recent()] == [False, True]

    async def test_told_again_with_its_number_is_no_guess_any_more(self, site):
        (session_id,) = await tell(site, stop(60, 8_000), start(0, 1_000))
        await tell(site, stop(60, 8_000, named=session_id))
        assert facts(site) == [(1_000, 7_000, False, (Flag.TOLD_LATER,))]

    async def test_brings_its_meter_values_along(self, site):
        reading = Reading(at(30), "[half way]", 4_000)
        await site.sessions.stopped(stop(60, None), [reading])
        (session_id,) = await tell(site, start(0, 1_000))
        rows = site.store.reader.exec_driver_sql("select session_id from meter_values").all()
        assert [row[0] for row in rows] == [session_id]
        assert site.sessions.find(session_id).energy_wh == 3_000


class TestAGuess:
    async def test_is_given_up_when_the_true_end_is_told(self, site):
        """The end of the second charge comes before its start, and looks like that of the first."""
        (first,) = await tell(site, start(0, 1_000), stop(120, 9_000))
        assert site.sessions.find(first).energy_wh == 8_000
        await tell(site, stop(30, 4_000, named=first))
        assert facts(site)[0][:3] == (1_000, 3_000, False)
        (second,) = await tell(site, start(60, 4_000))
        assert (site.sessions.find(second).energy_wh, len(site.sessions.recent())) == (5_000, 2)

    async def test_is_given_up_when_a_start_fits_better(self, site):
        first, second = await tell(site, start(0, 1_000), stop(120, 9_000), start(60, 4_000))
        assert (site.sessions.find(first).stop_reason, site.sessions.find(first).stopped_at) == (
            STOP_NEVER_CAME,
            at(60),
        )
        assert site.sessions.find(second).energy_wh == 5_000
        await tell(site, stop(30, 4_000))
        assert [fact[:3] for fact in facts(site)] == [(1_000, 3_000, False), (4_000, 5_000, False)]

    async def test_is_made_by_the_meter_where_the_station_has_no_clock(self, site):
        reports = [start(0, 1_000, clock_set=False), stop(90, 9_000, clock_set=False)]
        await tell(site, *reports, start(60, 4_000, clock_set=False), stop(30, 4_000, clock_set=False))
        assert sorted(fact[:3] for fact in facts(site)) == [(1_000, 3_000, False), (4_000, 5_000, False)]
        assert all(Flag.CLOCK_NOT_SET in fact[3] for fact in facts(site))

    async def test_may_be_that_of_a_number_which_the_station_made_up(self, site):
        (session_id,) = await tell(site, start(0, 1_000), stop(60, 8_000, named=900_001))
        assert site.sessions.find(session_id).energy_wh == 7_000

    async def test_is_not_made_of_a_number_that_is_anothers_and_cannot_be(self, site):
        """A station counts its charges itself, and its 2 is our 2 by chance."""
        first, second = await tell(site, start(0, 1_000), start(60, 4_000))
        await tell(site, stop(30, 4_000, named=second))
        assert (site.sessions.find(first).energy_wh, site.sessions.find(first).stopped_at) == (3_000, at(30))
        assert site.sessions.find(second).is_open


class TestAConnectorThatIsFree:
    async def test_ends_what_ran_on_it_until_its_stop_comes(self, site, told):
        (session_id,) = await tell(site, start(0, 1_000))
        await site.sessions.metered("CP-1", 1, session_id, [Reading(at(20), "[]", 3_000, 7_400.0)])
        await site.sessions.connector_free("CP-1", 1, at(30))
        ended = site.sessions.find(session_id)
        assert (ended.stopped_at, ended.stop_reason, ended.energy_wh, ended.power_w) == (
            at(30),
            STOP_NEVER_CAME,
            2_000,
            None,
        )
        assert set(ended.flags) == {Flag.STOP_NEVER_CAME, Flag.ENERGY_FROM_READINGS, Flag.TOLD_LATER}
        await tell(site, stop(29, 3_100, named=session_id))
        assert facts(site) == [(1_000, 2_100, False, (Flag.TOLD_LATER,))]

    async def test_ends_nothing_that_began_later_nor_elsewhere(self, site, told):
        ids = await tell(site, start(60, 1_000), start(0, 1_000, connector=2))
        told.clear()
        await site.sessions.connector_free("CP-1", 1, at(30))
        assert [site.sessions.find(each).is_open for each in ids] == [True, True]
        assert told == []


class TestMeterValuesBeforeTheirStart:
    async def test_are_its_own_once_it_is_told(self, site):
        await site.sessions.metered("CP-1", 1, None, [Reading(at(20), "[]", 3_000)])
        (session_id,) = await tell(site, start(0, 1_000))
        assert site.sessions.find(session_id).energy_wh == 2_000

    async def test_that_are_told_out_of_order_take_no_energy_away(self, site):
        (session_id,) = await tell(site, start(0, 1_000))
        for minutes, energy in ((20, 3_000), (10, 2_000), (30, 4_000), (5, 1_500)):
            await site.sessions.metered("CP-1", 1, session_id, [Reading(at(minutes), f"[{minutes}]", energy)])
        session = site.sessions.find(session_id)
        assert (session.energy_wh, session.flags) == (3_000, (Flag.TOLD_LATER,))


# On each of two connectors one charge after the other: pause and length in minutes, energy, whether it has a number.
CHARGES = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 60), st.integers(2, 60), st.integers(1, 9_000), st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, deadline=None)
@given(charges=CHARGES, data=st.data())
def test_in_whatever_order_reports_come_each_charge_is_one_session(tmp_path_factory, empty_site, charges, data):
    free_at, registers, true, reports = {1: 0, 2: 0}, {1: 10_000, 2: 900_000}, [], []
    for number, (connector, pause, lasts, energy, numbered) in enumerate(charges):
        began, meter = free_at[connector] + pause, registers[connector]
        free_at[connector], registers[connector] = began + lasts, meter + energy
        true.append((meter, energy, at(began), at(began + lasts)))
        reports += [(number, start(began, meter, connector=connector), numbered)]
        reports += [(number, stop(began + lasts, meter + energy), numbered)]
    told = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports), max_size=6))))

    async def go():
        site = Application(shutil.copy(empty_site, tmp_path_factory.mktemp("site") / "tapdesk.db"), clock=Clock())
        ids = {}
        for number, report, numbered in told:
            if isinstance(report, Start):
                (given_id,) = await tell(site, report)
                assert ids.setdefault(number, given_id) == given_id
            else:
                named = ids.get(number) if numbered else None
                await tell(site, stop((report.at - T0) // timedelta(minutes=1), report.meter_wh, named=named))
        found = [
            (each.meter_start_wh, each.energy_wh, each.started_at, each.stopped_at) for each in site.sessions.recent()
        ]
        assert sorted(found) == sorted(true)
        await site.stop()

    asyncio.run(go())


@pytest.mark.parametrize("seconds", [0, 90])
async def test_a_status_of_before_the_charge_ends_nothing(site, seconds):
    (session_id,) = await tell(site, start(0, 1_000))
    await site.sessions.connector_free("CP-1", 1, at(0) - timedelta(seconds=seconds))
    assert site.sessions.find(session_id).is_open
