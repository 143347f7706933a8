"""What lists should hold, on real rows: exactly whom a tap would be let in, for as long as it would."""

import os
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from app.bus import Bus
from app.database import facts, schema
from app.database.store import Store
from app.domain.access import Status
from app.domain.drafts import PassDraft
from app.domain.ids import canonical_uid
from app.domain.list_record import Record, Support, Told, Trouble
from app.domain.list_state import Difference, ListState
from app.domain.local_list import Entry, Piece
from app.domain.model import OcppVersion
from app.domain.wanted_list import admission
from app.local_lists import LocalLists
from app.stations import Stations
from tests import taps_oracle
from tests.query_plans import plan_of
from tests.random_sites import NOW, SPELLINGS, STATIONS, fill

SITES = int(os.environ.get("TAPDESK_RANDOM_SITES", "60"))
FOR_EVER = timedelta(days=36_500)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("site") / "tapdesk.db")
    yield store
    store.close()


def fill_with_spellings(connection, random):
    fill(connection, random)
    passes = [row.id for row in connection.execute(schema.passes.select())]
    for spellings in SPELLINGS.values() if passes else ():
        row = {"pass_id": random.choice(passes), "station_id": random.choice(STATIONS)}
        row |= {"raw_id_tag": random.choice(spellings), "first_seen_at": NOW, "last_seen_at": NOW}
        connection.execute(insert(schema.seen_forms).prefix_with("or ignore").values(**row))


def lists_of(store, now=NOW):
    return LocalLists(store, Bus(), Stations(store, Bus(), lambda: now), lambda: now)


@settings(max_examples=SITES, deadline=None)
@given(st.integers())
def test_a_list_of_a_site_of_chance_lets_in_exactly_whom_a_tap_would(store, seed):
    store.submit(lambda connection: fill_with_spellings(connection, Random(seed))).result()
    rows, lists = taps_oracle.read(store.fast_reader), lists_of(store)
    for station in lists.accepted():
        view = lists.view(station)
        if not view.admission.is_needed:
            assert view.wanted == ()
            continue
        listed = {}
        for each in view.wanted:
            uid = canonical_uid(each.entry.raw)
            tap = taps_oracle.expected(rows, station.station_id, uid, "authorize", NOW, FOR_EVER)
            ends = None if tap["expires_at"] in (None, NOW + FOR_EVER) else tap["expires_at"].replace(microsecond=0)
            wanted = (tap["status"], tap["pass_id"], tap["group_id"], ends)
            entry = each.entry
            assert (entry.status.value, each.pass_id, entry.group_id, entry.expires_at) == wanted, (station, entry)
            listed.setdefault(each.pass_id, entry.status)
        for uid in SPELLINGS:
            tap = taps_oracle.expected(rows, station.station_id, uid, "authorize", NOW, FOR_EVER)
            if tap["status"] == "Accepted":
                assert tap["pass_id"] in listed or tap["pass_id"] in view.unsendable, (station, uid)


@settings(max_examples=SITES, deadline=None)
@given(st.integers())
def test_until_the_moment_it_names_a_list_changes_by_no_passing_of_time(store, seed):
    store.submit(lambda connection: fill_with_spellings(connection, Random(seed))).result()
    for station in lists_of(store).accepted():
        if station.pool_id is None:
            continue

        def at(now, station=station):
            return admission(facts.admissible(store.fast_reader, station.pool_id, station.host_id, now), now)

        now = at(NOW)
        last = NOW + timedelta(days=400) if now.changes_at is None else now.changes_at - timedelta(milliseconds=1)
        assert at(last).passes == now.passes
        assert now.changes_at is None or now.changes_at > NOW


async def test_a_station_of_a_small_pool_is_worked_out_without_reading_every_pass(site):
    pool = await site.pools.create("Yard")
    await site.passes.add(PassDraft(uid="04A1"), pool_id=pool.id)
    steps = plan_of(
        site.store,
        lambda: site.store.reader.exec_driver_sql(
            facts._MEMBERS_ADMISSIBLE, {"recently": 0, "told_before": None, "pool_id": pool.id, "host_id": None}
        ),
    )
    assert not [step for step in steps if step.startswith(("SCAN c", "SCAN members", "SCAN identities"))], steps


RECORD = Record(
    version=7,
    highest=9,
    sent=Piece(False, 9, (Entry("04A1", Status.BLOCKED, NOW, "ID3"), Entry("04A2")), ("04A3",)),
    support=Support.YES,
    told=Told(True, 20, None, 9_000),
    per_message=10,
    capacity=48,
    refused=frozenset({"VID:1", "04A4"}),
    learned_at=NOW,
    attempts=2,
    trouble=Trouble.REFUSED,
    detail="GenericError",
    next_try_at=NOW + timedelta(minutes=1),
)


class TestACardWithALongId:
    @pytest.mark.parametrize(
        ("version", "length", "fits"),
        [("1.6", 20, True), ("1.6", 21, False), ("2.0.1", 36, True), ("2.0.1", 37, False), ("2.1", 255, True)],
    )
    async def test_is_listed_where_the_version_has_room_for_it(self, site, version, length, fits):
        pool = await site.pools.create("Yard")
        card = await site.passes.add(PassDraft(uid="X" * length), pool_id=pool.id)
        await site.stations.accept("CP1", pool_id=pool.id)
        await site.stations.speaks("CP1", OcppVersion(version))
        view = site.local_lists.view(site.stations.require("CP1"))
        assert [each.entry.raw for each in view.wanted] == (["X" * length] if fits else [])
        assert view.unsendable == (() if fits else (card.id,))


class TestWhatIsKept:
    async def test_what_is_known_of_a_list_and_what_it_holds_outlive_the_program(self, site):
        station = await site.stations.accept("CP1")
        taken = [
            Piece(True, 6, (Entry("04A1"), Entry("04A3"))),
            Piece(False, 7, (Entry("04A1", group_id="ID1"),), ("04A3",)),
        ]
        await site.local_lists.keep(station, RECORD, taken, confirmed_at=site.clock())
        view = lists_of(site.store).view(station)
        assert (view.record, view.kept.confirmed_at) == (RECORD, site.clock())
        assert view.held == {"04A1": Entry("04A1", group_id="ID1")}

    async def test_another_firmware_is_asked_anew_with_versions_that_were_never_used(self, site):
        station = await site.stations.accept("CP1")
        hopeless = Record(version=None, highest=9, support=Support.NO)
        await site.local_lists.keep(station, hopeless)
        assert site.local_lists.view(station).record == hopeless
        changed = type(station)(**{name: getattr(station, name) for name in station.__slots__} | {"firmware": "2.0"})
        record = site.local_lists.view(changed).record
        assert (record.support, record.highest) == (Support.UNKNOWN, 9)

    async def test_what_was_given_up_is_tried_anew_when_somebody_says_so(self, site):
        station = await site.stations.accept("CP1")
        await site.local_lists.keep(station, Record(support=Support.KEEPS_NOTHING))
        await site.local_lists.look_again(station)
        assert site.local_lists.of("cp1").state is ListState.KEEPS_NOTHING
        await site.local_lists.retry("cp1")
        assert site.local_lists.of("CP1").state is ListState.WAITING


async def test_a_list_is_shown_beside_what_it_should_be_what_differs_first(site):
    pool = await site.pools.create("Yard")
    station = await site.stations.accept("CP1", pool_id=pool.id)
    first = await site.passes.add(PassDraft(uid="04A1"), pool_id=pool.id)
    await site.passes.add(PassDraft(uid="04A2"), pool_id=pool.id)
    await site.passes.block([first.id])
    held = (Entry("04A1"), Entry("04A3"), Entry("04A2"))
    await site.local_lists.keep(station, Record(1, 1, support=Support.YES), [Piece(True, 1, held)])
    rows = {row.raw: row.difference for row in site.local_lists.contents("cp1")}
    assert rows == {"04A1": Difference.TO_CHANGE, "04A3": Difference.TO_REMOVE, "04A2": Difference.NONE}
    assert list(rows)[-1] == "04A2"
    status = await site.local_lists.look_again(station)
    assert (status.still_open, status.since) == (2, site.clock())


async def test_what_is_still_open_is_so_since_the_first_card_lost_its_access_and_not_since_the_list_is_older(
    site, clock
):
    pool = await site.pools.create("Yard")
    station = await site.stations.accept("CP1", pool_id=pool.id)
    first = await site.passes.add(PassDraft(uid="04A1"), pool_id=pool.id)
    second = await site.passes.add(PassDraft(uid="04A2"), pool_id=pool.id)
    held = Piece(True, 1, (Entry("04A1"), Entry("04A2")))
    await site.local_lists.keep(station, Record(1, 1, support=Support.YES), [held])
    older_since = clock()
    await site.passes.add(PassDraft(uid="04A3"), pool_id=pool.id)
    status = await site.local_lists.look_again(station)
    assert (status.since, status.still_open, status.open_since) == (older_since, 0, None)
    clock.go_on(hours=2)
    open_since = clock()
    for card in (first, second):
        await site.passes.block([card.id])
        status = await site.local_lists.look_again(station)
        clock.go_on(hours=1)
    assert (status.since, status.still_open, status.open_since) == (older_since, 2, open_since)
    assert site.local_lists.worked_out()[0].open_since == open_since
    await site.passes.block([first.id, second.id], blocked=False)
    assert (await site.local_lists.look_again(station)).open_since is None
