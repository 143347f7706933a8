"""Charges as stations report them: late, twice, without their beginning or their end."""

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.application import Application
from app.domain.charges import Flag
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import SessionChanged
from app.domain.ids import canonical_uid
from app.domain.model import AccessLevel
from app.pins import PinDraft
from app.sessions import START_NEVER_CAME, STOP_NEVER_CAME, Admission, Reading, Start, Stop
from tests.clock import Clock
from tests.disk_faults import no_room, nothing_written

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ADMITTED = Admission("Accepted", "pass_is_member", "Left", "Garage", None, None, "Ann")


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def start(minutes=0, *, station="CP-1", connector=1, tag="04a2246f", meter=1000, clock_set=True):
    moment = at(minutes)
    reported = moment.isoformat() if clock_set else "1970-01-01T00:00:00Z"
    return Start(station, connector, tag, canonical_uid(tag), meter, moment, reported, clock_set)


def stop(transaction_id, minutes=60, *, station="CP-1", meter=8000, tag="", reason="Local"):
    return Stop(station, transaction_id, meter, at(minutes), tag, reason)


async def begun(site, start, admission):
    """The transactionId of a start that is told."""
    return (await site.sessions.started(start, admission)).transaction_id


def reading(minutes, energy=None, power=None):
    return Reading(at(minutes), f"[{minutes},{energy},{power}]", energy, power)


def readings_of(site):
    rows = site.store.reader.exec_driver_sql("select session_id, connector_id, sampled from meter_values order by id")
    return [tuple(row) for row in rows]


class TestStarting:
    async def test_a_start_is_a_session_under_way(self, site, told):
        transaction_id = await begun(site, start(), ADMITTED)
        session = site.sessions.find(transaction_id)
        assert transaction_id > 0
        assert session.is_open
        assert (session.station_id, session.connector_id, session.raw_id_tag) == ("CP-1", 1, "04a2246f")
        assert (session.station_name, session.pool_name, session.holder) == ("Left", "Garage", "Ann")
        assert (session.status, session.reason) == ("Accepted", "pass_is_member")
        assert (session.started_at, session.meter_start_wh, session.energy_wh) == (T0, 1000, 0)
        assert told == [SessionChanged(session)]

    async def test_the_same_start_told_again_is_the_same_session(self, site, told, clock):
        transaction_id = await begun(site, start(), ADMITTED)
        told.clear()
        clock.go_on(days=30)
        assert await begun(site, start(station="cp-1"), replace(ADMITTED, holder="Bob")) == transaction_id
        assert told == []
        assert [session.holder for session in site.sessions.recent()] == ["Ann"]

    async def test_a_start_told_again_after_its_stop_opens_nothing(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        await site.sessions.stopped(stop(transaction_id))
        assert await begun(site, start(), ADMITTED) == transaction_id
        assert not site.sessions.find(transaction_id).is_open
        assert len(site.sessions.recent()) == 1

    @pytest.mark.parametrize(
        "other",
        [
            start(1),
            start(connector=2),
            start(station="CP-2"),
            start(tag="04A22470"),
            start(meter=1001),
            start(meter=None),
        ],
        ids=["time", "connector", "station", "tag", "meter", "no meter"],
    )
    async def test_a_start_that_differs_is_another_session(self, site, other):
        assert await begun(site, start(), ADMITTED) != await begun(site, other, ADMITTED)

    async def test_a_start_without_meter_is_recognized_too(self, site):
        one = await begun(site, start(meter=None), ADMITTED)
        assert await begun(site, start(meter=None), ADMITTED) == one
        assert site.sessions.find(one).energy_wh is None

    async def test_a_station_without_clock_repeats_itself_for_a_day_at_most(self, site, clock):
        one = await begun(site, start(clock_set=False), ADMITTED)
        clock.go_on(hours=23)
        assert await begun(site, start(5, clock_set=False), ADMITTED) == one
        clock.go_on(hours=2)
        assert await begun(site, start(10, clock_set=False), ADMITTED) != one

    async def test_a_station_without_clock_charges_again_after_its_stop(self, site):
        one = await begun(site, start(clock_set=False), ADMITTED)
        await site.sessions.stopped(stop(one))
        assert await begun(site, start(90, meter=8000, clock_set=False), ADMITTED) != one

    async def test_a_register_that_rose_since_tells_that_a_start_without_clock_is_told_again(self, site):
        one = await begun(site, start(clock_set=False), ADMITTED)
        await site.sessions.stopped(stop(one))
        assert await begun(site, start(90, clock_set=False), ADMITTED) == one

    async def test_a_register_that_begins_anew_tells_nothing_after_the_stop(self, site):
        one = await begun(site, start(meter=0, clock_set=False), ADMITTED)
        await site.sessions.stopped(stop(one))
        assert await begun(site, start(90, meter=0, clock_set=False), ADMITTED) != one

    @pytest.mark.parametrize(
        ("begun_at", "ended_at", "is_same"),
        [
            ("1970-01-01T01:00:05Z", "1970-01-01T02:00:05Z", True),
            ("1970-01-01T01:00:05Z", "2026-03-02T09:00:00Z", True),
            ("1970-01-01T01:00:05Z", "1970-01-01T01:00:05Z", False),
            ("", "2026-03-02T09:00:00Z", False),
            ("1970-01-01T00:00:00.000Z", "2026-03-02T09:00:00Z", False),
        ],
    )
    async def test_a_clock_that_runs_says_no_moment_twice_though_it_was_never_set(
        self, site, begun_at, ended_at, is_same
    ):
        told = replace(start(meter=0, clock_set=False), reported=begun_at)
        one = await begun(site, told, ADMITTED)
        await site.sessions.stopped(replace(stop(one), reported=ended_at, clock_set=ended_at.startswith("2026")))
        assert (await begun(site, replace(told, at=at(90)), ADMITTED) == one) is is_same
        assert len(site.sessions.recent()) == (1 if is_same else 2)

    async def test_a_refused_start_is_kept_like_any_other(self, site):
        refused = replace(ADMITTED, status="Invalid", reason="unknown_card", holder="")
        session = site.sessions.find(await begun(site, start(), refused))
        assert (session.status, session.reason, session.is_open) == ("Invalid", "unknown_card", True)

    async def test_a_pass_remembers_when_it_was_used(self, site, clock):
        card = await site.passes.add(PassDraft(uid="04A2246F"))
        await begun(site, start(), replace(ADMITTED, pass_id=card.id))
        assert site.passes.require(card.id).last_used_at == clock.now
        assert [session.id for session in site.sessions.of_pass(card.id)] == [1]

    async def test_a_pass_removed_since_it_was_admitted_keeps_no_charge_from_being_kept(self, site):
        admission = replace(ADMITTED, pass_id=99, identity_id=98)
        session = site.sessions.find(await begun(site, start(), admission))
        assert (session.pass_id, session.holder) == (None, "Ann")

    async def test_the_session_outlives_pass_and_station(self, site):
        card = await site.passes.add(PassDraft(uid="04A2246F"))
        await site.stations.accept("CP-1")
        transaction_id = await begun(site, start(), replace(ADMITTED, pass_id=card.id))
        await site.passes.remove([card.id])
        await site.stations.remove("CP-1")
        assert site.sessions.find(transaction_id).holder == "Ann"

    async def test_two_connectors_charge_at_once(self, site):
        left = await begun(site, start(connector=1), ADMITTED)
        right = await begun(site, start(5, connector=2), ADMITTED)
        await site.sessions.metered("CP-1", 2, None, [reading(10, 1700)])
        await site.sessions.stopped(stop(left, meter=3000))
        assert (site.sessions.find(left).is_open, site.sessions.find(left).energy_wh) == (False, 2000)
        assert (site.sessions.find(right).is_open, site.sessions.find(right).energy_wh) == (True, 700)
        assert [session.id for session in site.sessions.recent(open_only=True)] == [right]

    async def test_a_later_start_on_a_connector_ends_the_one_whose_stop_never_came(self, site, told):
        lost = await begun(site, start(), ADMITTED)
        told.clear()
        new = await begun(site, start(60, meter=5000), ADMITTED)
        ended = site.sessions.find(lost)
        assert (ended.stopped_at, ended.stop_reason) == (at(60), STOP_NEVER_CAME)
        assert told == [SessionChanged(ended), SessionChanged(site.sessions.find(new))]

    async def test_its_stop_is_taken_when_it_comes_after_all(self, site):
        lost = await begun(site, start(), ADMITTED)
        await begun(site, start(60, meter=5000), ADMITTED)
        await site.sessions.stopped(stop(lost, 45, meter=4000))
        ended = site.sessions.find(lost)
        assert (ended.stopped_at, ended.stop_reason, ended.energy_wh) == (at(45), "Local", 3000)

    async def test_an_earlier_start_told_late_ends_no_later_one(self, site):
        new = await begun(site, start(60), ADMITTED)
        await begun(site, start(0), ADMITTED)
        assert site.sessions.find(new).is_open


class TestAdmittingWithinTheTransaction:
    """A start whose admission depends on which sessions there are."""

    @staticmethod
    def at_most(count, seen):
        def admit(connection, told_before):
            (open_now,) = connection.execute(
                "select count(*) from sessions where stopped_at is null and id is not ?", (told_before,)
            ).fetchone()
            seen.append((open_now, told_before))
            return ADMITTED if open_now < count else replace(ADMITTED, status="ConcurrentTx", reason="session_limit")

        return admit

    async def test_starts_that_come_together_are_admitted_one_by_one(self, site):
        starts = [start(connector=connector) for connector in range(1, 21)]
        kept = await asyncio.gather(*(site.sessions.started(each, self.at_most(3, [])) for each in starts))
        assert sorted(each.status for each in kept) == ["Accepted"] * 3 + ["ConcurrentTx"] * 17
        assert len(site.sessions.recent(open_only=True)) == 20

    async def test_the_charge_whose_stop_never_came_does_not_count_against_the_next_on_its_connector(self, site):
        seen = []
        await begun(site, start(), self.at_most(1, seen))
        kept = await site.sessions.started(start(60), self.at_most(1, seen))
        assert (kept.status, seen) == ("Accepted", [(0, None), (0, None)])

    async def test_a_start_told_again_does_not_count_against_itself(self, site):
        seen = []
        first = await begun(site, start(), self.at_most(1, seen))
        assert await begun(site, start(), self.at_most(1, seen)) == first
        assert seen == [(0, None), (0, first)]

    async def test_a_start_told_again_is_what_was_decided_of_it_first(self, site):
        first = await site.sessions.started(start(), ADMITTED)
        again = await site.sessions.started(start(), replace(ADMITTED, status="Invalid", reason="unknown_card"))
        assert again == first
        assert (again.status, again.reason) == ("Accepted", "pass_is_member")

    async def test_one_that_cannot_be_decided_is_not_stored_and_harms_no_other(self, site):
        def fail(connection, told_before):
            raise ZeroDivisionError

        good, bad = await asyncio.gather(
            site.sessions.started(start(connector=1), ADMITTED),
            site.sessions.started(start(connector=2), fail),
            return_exceptions=True,
        )
        assert isinstance(bad, ZeroDivisionError)
        assert [session.id for session in site.sessions.recent()] == [good.transaction_id]

    async def test_it_is_kept_by_which_pin(self, site):
        pool = await site.pools.create("Yard", AccessLevel.RESTRICTED)
        pin = await site.pins.add(pool.id, "4711", PinDraft("Wedding"))
        session_id = await begun(site, start(), replace(ADMITTED, pin_id=pin.id))
        assert site.sessions.find(session_id).pin_id == pin.id
        assert site.sessions.find(await begun(site, start(5), replace(ADMITTED, pin_id=999))).pin_id is None


class TestStopping:
    async def test_a_stop_ends_its_session(self, site, told):
        transaction_id = await begun(site, start(), ADMITTED)
        await site.sessions.metered("CP-1", 1, transaction_id, [reading(5, 1500, 7400.0)])
        told.clear()
        await site.sessions.stopped(stop(transaction_id, reason="EVDisconnected"))
        session = site.sessions.find(transaction_id)
        assert (session.stopped_at, session.stop_reason, session.energy_wh) == (at(60), "EVDisconnected", 7000)
        assert session.power_w is None
        assert told == [SessionChanged(session)]

    async def test_a_stop_told_twice_changes_nothing(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        await site.sessions.stopped(stop(transaction_id))
        once = site.sessions.find(transaction_id)
        await site.sessions.stopped(stop(transaction_id, 90, meter=9999, reason="PowerLoss"))
        assert site.sessions.find(transaction_id) == once
        assert len(site.sessions.recent()) == 1

    async def test_another_stations_id_does_not_touch_that_session(self, site):
        theirs = await begun(site, start(), ADMITTED)
        await site.sessions.stopped(stop(theirs, station="CP-2"))
        assert site.sessions.find(theirs).is_open
        orphan = next(session for session in site.sessions.recent() if session.id != theirs)
        assert (orphan.station_id, orphan.reason, orphan.is_open) == ("CP-2", START_NEVER_CAME, False)

    @pytest.mark.parametrize("transaction_id", [None, 4711])
    async def test_a_stop_without_start_is_a_session_of_its_own_told_once(self, site, transaction_id):
        for _ in range(3):
            await site.sessions.stopped(stop(transaction_id, tag="04a2246f"), [reading(59, 7900)])
        (orphan,) = site.sessions.recent()
        assert (orphan.station_id, orphan.connector_id, orphan.raw_id_tag) == ("CP-1", 0, "04a2246f")
        assert (orphan.started_at, orphan.stopped_at, orphan.energy_wh) == (at(60), at(60), 100)
        assert set(orphan.flags) == {Flag.START_NEVER_CAME, Flag.ENERGY_FROM_READINGS}
        assert readings_of(site) == [(orphan.id, 0, "[59,7900,None]")]

    async def test_a_stop_without_id_ends_the_only_session_it_can_mean(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        for _ in range(2):
            await site.sessions.stopped(stop(None))
        assert [(session.id, session.is_open) for session in site.sessions.recent()] == [(transaction_id, False)]

    async def test_of_two_sessions_a_stop_without_id_ends_that_of_its_card(self, site):
        left = await begun(site, start(connector=1, tag="04a2246f"), ADMITTED)
        right = await begun(site, start(connector=2, tag="04a22470"), ADMITTED)
        await site.sessions.stopped(stop(None, tag="04:A2:24:70"))
        assert (site.sessions.find(left).is_open, site.sessions.find(right).is_open) == (True, False)

    async def test_a_stop_that_could_mean_two_ends_neither(self, site):
        for connector in (1, 2):
            await begun(site, start(connector=connector), ADMITTED)
        await site.sessions.stopped(stop(None))
        assert len(site.sessions.recent(open_only=True)) == 2
        assert len(site.sessions.recent()) == 3

    async def test_a_stop_without_id_ends_no_session_begun_after_it(self, site):
        later = await begun(site, start(90), ADMITTED)
        await site.sessions.stopped(stop(None, 60))
        assert site.sessions.find(later).is_open

    async def test_a_stop_without_meter_keeps_what_was_metered(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        await site.sessions.metered("CP-1", 1, transaction_id, [reading(5, 1500)])
        await site.sessions.stopped(stop(transaction_id, meter=None))
        assert site.sessions.find(transaction_id).energy_wh == 500

    async def test_energy_is_never_negative(self, site):
        transaction_id = await begun(site, start(meter=5000), ADMITTED)
        await site.sessions.stopped(stop(transaction_id, meter=10))
        assert site.sessions.find(transaction_id).energy_wh is None


class TestMetering:
    async def test_the_last_reading_is_the_sessions(self, site, told):
        transaction_id = await begun(site, start(), ADMITTED)
        told.clear()
        await site.sessions.metered("CP-1", 1, transaction_id, [reading(1, 1100), reading(2, 1250, 7400.0)])
        session = site.sessions.find(transaction_id)
        assert (session.energy_wh, session.power_w) == (250, 7400.0)
        assert told == [SessionChanged(session)]
        assert [row[0] for row in readings_of(site)] == [transaction_id] * 2

    @pytest.mark.parametrize("transaction_id", [None, 0, 4711])
    async def test_values_without_a_known_id_belong_to_what_is_open_on_that_connector(self, site, transaction_id):
        await begun(site, start(connector=1), ADMITTED)
        right = await begun(site, start(connector=2), ADMITTED)
        await site.sessions.metered("CP-1", 2, transaction_id, [reading(5, 1500)])
        assert site.sessions.find(right).energy_wh == 500
        assert readings_of(site) == [(right, 2, "[5,1500,None]")]

    async def test_values_of_no_session_are_kept_and_told_to_nobody(self, site, told):
        await site.sessions.metered("CP-1", 1, None, [reading(5, 1500)])
        assert readings_of(site) == [(None, 1, "[5,1500,None]")]
        assert told == []

    async def test_values_told_again_are_kept_once(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        for _ in range(2):
            await site.sessions.metered("CP-1", 1, transaction_id, [reading(5, 1500)])
        await site.sessions.stopped(stop(transaction_id), [reading(5, 1500), reading(6, 1600)])
        assert [row[2] for row in readings_of(site)] == ["[5,1500,None]", "[6,1600,None]"]

    async def test_values_that_come_after_the_stop_are_kept_and_open_nothing_again(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        await site.sessions.stopped(stop(transaction_id))
        stopped = site.sessions.find(transaction_id)
        await site.sessions.metered("CP-1", 1, transaction_id, [reading(61, 8500, 1.0)])
        assert site.sessions.find(transaction_id) == stopped
        assert readings_of(site)[0][0] == transaction_id

    async def test_a_meter_that_goes_backwards_takes_no_energy_away(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        for energy in (1500, 1400, 0):
            await site.sessions.metered("CP-1", 1, transaction_id, [reading(5, energy)])
        assert site.sessions.find(transaction_id).energy_wh == 500

    async def test_power_alone_leaves_the_energy(self, site):
        transaction_id = await begun(site, start(), ADMITTED)
        await site.sessions.metered("CP-1", 1, transaction_id, [reading(5, 1500)])
        await site.sessions.metered("CP-1", 1, transaction_id, [reading(6, None, 3600.5)])
        session = site.sessions.find(transaction_id)
        assert (session.energy_wh, session.power_w) == (500, 3600.5)

    async def test_a_message_without_values_is_nothing(self, site, told):
        await begun(site, start(), ADMITTED)
        told.clear()
        await site.sessions.metered("CP-1", 1, None, [])
        assert (readings_of(site), told) == ([], [])


class TestTheDisk:
    @pytest.mark.parametrize("fault", [no_room, nothing_written])
    async def test_what_cannot_be_stored_is_not_acknowledged_and_stored_once_when_it_can(self, site, told, fault):
        transaction_id = await begun(site, start(), ADMITTED)
        long = [Reading(at(1), "x" * 20_000, 1500)]
        told.clear()
        with fault(site.store):
            for report in (
                site.sessions.stopped(stop(transaction_id), long),
                site.sessions.metered("CP-1", 1, transaction_id, long),
            ):
                with pytest.raises(AppError, match="disk_"):
                    await report
        assert told == []
        assert site.sessions.find(transaction_id).is_open
        await site.sessions.stopped(stop(transaction_id), long)
        assert len(readings_of(site)) == 1

    async def test_a_start_that_was_not_stored_gets_its_id_when_it_is(self, site):
        with nothing_written(site.store), pytest.raises(AppError, match="disk_read_only"):
            await begun(site, start(), ADMITTED)
        assert site.sessions.recent() == []
        assert await begun(site, start(), ADMITTED) > 0


class TestListing:
    async def test_sessions_are_listed_latest_start_first_and_in_pieces(self, site):
        for minutes in (0, 60, 30, 60):
            await begun(site, start(minutes, connector=minutes + 1, tag=f"0{minutes}"), ADMITTED)
            await begun(site, start(minutes, station="CP-2", tag=f"1{minutes}"), ADMITTED)
        listed = site.sessions.recent()
        assert [session.started_at for session in listed] == sorted(
            (session.started_at for session in listed), reverse=True
        )
        pieces, last = [], None
        while piece := site.sessions.recent(limit=2, before=last):
            pieces += piece
            last = piece[-1]
        assert pieces == listed
        assert {session.station_id for session in site.sessions.recent(station_id="cp-2")} == {"CP-2"}

    async def test_a_session_nobody_knows_is_none(self, site):
        assert site.sessions.find(4711) is None


class Amsterdam(tzinfo):
    """Clocks go from 02:00 to 03:00 on 29 March 2026 and from 03:00 to 02:00 on 25 October."""

    SUMMER = (datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1))  # noqa: DTZ001 - UTC, as `fromutc` compares

    def utcoffset(self, moment):
        local = moment.replace(tzinfo=None)
        begins, ends = self.SUMMER[0] + timedelta(hours=1), self.SUMMER[1] + timedelta(hours=2)
        return timedelta(
            hours=2 if begins <= local < ends and not (local >= ends - timedelta(hours=1) and moment.fold) else 1
        )

    def dst(self, moment):
        return self.utcoffset(moment) - timedelta(hours=1)

    def fromutc(self, moment):
        utc = moment.replace(tzinfo=None)
        summer = self.SUMMER[0] <= utc < self.SUMMER[1]
        again = self.SUMMER[1] <= utc < self.SUMMER[1] + timedelta(hours=1)
        return (moment + timedelta(hours=2 if summer else 1)).replace(fold=int(again))


class TestEnergyByDay:
    async def charge(self, site, started_at, energy):
        moment = datetime.fromisoformat(started_at)
        tag = started_at[-20:]
        charge = Start("CP-1", 1, tag, tag.upper(), 1000, moment, started_at)
        transaction_id = await begun(site, charge, ADMITTED)
        if energy is not None:
            ended = moment + timedelta(minutes=1)
            await site.sessions.stopped(Stop("CP-1", transaction_id, 1000 + energy, ended))

    def by_day(self, site, days, zone):
        return [
            (day.day.strftime("%d %b"), day.energy_wh, day.sessions) for day in site.sessions.energy_by_day(days, zone)
        ]

    async def test_every_day_is_there_and_today_is_the_last(self, site, clock):
        clock.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        await self.charge(site, "2026-02-28T10:00:00+00:00", 700)
        await self.charge(site, "2026-03-02T08:00:00+00:00", 50)
        await self.charge(site, "2026-03-02T08:30:00+00:00", 1)
        await self.charge(site, "2026-02-26T10:00:00+00:00", 9999)
        assert self.by_day(site, 3, UTC) == [("28 Feb", 700, 1), ("01 Mar", 0, 0), ("02 Mar", 51, 2)]

    async def test_a_day_is_a_day_of_that_zone(self, site, clock):
        clock.now = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
        await self.charge(site, "2026-03-01T23:30:00+00:00", 10)
        ahead, behind = timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))
        assert self.by_day(site, 2, ahead) == [("02 Mar", 10, 1), ("03 Mar", 0, 0)]
        assert self.by_day(site, 2, behind) == [("01 Mar", 10, 1), ("02 Mar", 0, 0)]

    @pytest.mark.parametrize(
        ("first", "last", "day"),
        [
            ("2026-03-28T23:00:00+00:00", "2026-03-29T21:59:59+00:00", "29 Mar"),  # 23 hours
            ("2026-10-24T22:00:00+00:00", "2026-10-25T22:59:59+00:00", "25 Oct"),  # 25 hours
        ],
    )
    async def test_the_days_on_which_clocks_change_are_whole(self, site, clock, first, last, day):
        await self.charge(site, first, 10)
        await self.charge(site, last, 20)
        for hours_later in (0, 12, 36):
            clock.now = datetime.fromisoformat(last) + timedelta(hours=hours_later)
            found = [each for each in self.by_day(site, 3, Amsterdam()) if each[1]]
            assert found == [(day, 30, 2)]

    async def test_a_session_without_energy_counts_as_a_session(self, site, clock):
        clock.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        await self.charge(site, "2026-03-02T08:00:00+00:00", None)
        assert self.by_day(site, 1, UTC) == [("02 Mar", 0, 1)]


# What a station that tells everything, in any order and any number of times, may say of two charges.
REPORTS = st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from(["start", "meter", "stop"])), max_size=12)


@settings(max_examples=25, deadline=None)
@given(REPORTS)
def test_whatever_is_told_again_each_charge_is_one_session_with_its_energy(tmp_path_factory, empty_site, reports):
    async def tell():
        site = Application(shutil.copy(empty_site, tmp_path_factory.mktemp("site") / "tapdesk.db"), clock=Clock())
        ids = {}
        for charge, report in [(0, "start"), (1, "start"), *reports, (0, "stop"), (1, "stop")]:
            if report == "start":
                told = start(charge * 5, connector=charge + 1, meter=1000 * charge)
                assert ids.setdefault(charge, await begun(site, told, ADMITTED)) == ids[charge]
            elif report == "meter":
                await site.sessions.metered("CP-1", charge + 1, ids[charge], [reading(30, 1000 * charge + 300)])
            else:
                await site.sessions.stopped(stop(ids[charge], meter=1000 * charge + 500))
        assert sorted((session.id, session.energy_wh, session.is_open) for session in site.sessions.recent()) == [
            (ids[0], 500, False),
            (ids[1], 500, False),
        ]
        await site.stop()

    asyncio.run(tell())
