"""A card at a reader, judged on real rows: the same answer as from reading every table by hand."""

import re
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bus import Bus
from app.database.store import Store
from app.domain.access import Facts, Moment, PassFacts, PoolFacts, Reason, Status, Validity
from app.domain.drafts import IdentityDraft, PassDraft
from app.domain.events import CardTapped
from app.domain.model import AccessLevel, TapSource
from app.journal import Journal
from app.settings import Settings
from app.taps import Taps
from tests import taps_oracle
from tests.random_sites import NOW, SPELLINGS, STATIONS, fill

TAGS = [
    ("", ""),
    (" \x00", ""),
    ("FFFFFFFF", "FFFFFFFF"),
    *((raw, uid) for uid, raws in SPELLINGS.items() for raw in raws),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("site") / "tapdesk.db")
    yield store
    store.close()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_every_card_at_every_station_of_a_site_of_chance(store, seed):
    store.submit(lambda connection: fill(connection, Random(seed))).result()
    taps = Taps(store, Journal(store, Bus()), Settings(store, Bus()), lambda: NOW)
    rows = taps_oracle.read(store.fast_reader)
    for station_id in (*STATIONS, "CP-2", "rdam 123", "nobody"):
        for raw, uid in TAGS:
            for moment in Moment:
                verdict = taps.judge(station_id, raw, moment)
                wanted = taps_oracle.expected(rows, station_id, uid, moment.value, NOW, timedelta(hours=24))
                assert taps_oracle.told(verdict) == wanted, (station_id, raw, moment)


@pytest.fixture
async def garage(site):
    pool = await site.pools.create("Garage")
    await site.stations.accept("CP-1", name="Left", pool_id=pool.id)
    return pool


class TestJudging:
    async def test_a_member_is_named_with_everything_a_person_knows_things_by(self, site, garage, clock):
        card = await site.passes.add(
            PassDraft(uid="04A2246F"), new_identity=IdentityDraft("ann@example.com", "Ann", "Bo"), pool_id=garage.id
        )
        verdict = site.taps.judge("cp-1", "04:a2:24:6f", Moment.AUTHORIZE)
        assert (verdict.decision.status, verdict.decision.reason) == (Status.ACCEPTED, Reason.PASS_IS_MEMBER)
        assert (verdict.uid, verdict.pass_id, verdict.identity_id) == ("04A2246F", card.id, card.identity_id)
        assert (verdict.holder, verdict.station_name, verdict.pool_name) == ("Ann Bo", "Left", "Garage")
        assert verdict.decision.expires_at == clock.now + timedelta(hours=24)

    async def test_a_change_counts_from_the_next_tap_on(self, site, garage):
        card = await site.passes.add(PassDraft(uid="04A2246F"))

        def reason():
            return site.taps.judge("CP-1", "04A2246F", Moment.AUTHORIZE).decision.reason

        assert reason() is Reason.NOT_A_MEMBER
        undo = await site.pools.add_members(garage.id, pass_ids=[card.id])
        assert reason() is Reason.PASS_IS_MEMBER
        await site.passes.block([card.id])
        assert reason() is Reason.PASS_BLOCKED
        await site.passes.block([card.id], blocked=False)
        await undo()
        assert reason() is Reason.NOT_A_MEMBER
        await site.pools.set_level(garage.id, AccessLevel.PUBLIC)
        assert reason() is Reason.REGISTERED_PASS
        await site.passes.remove([card.id])
        assert reason() is Reason.UNKNOWN_CARD
        await site.stations.move(["CP-1"], None)
        assert reason() is Reason.NO_POOL
        await site.stations.reject("CP-1")
        assert reason() is Reason.STATION_NOT_ACCEPTED

    async def test_a_look_alike_opens_nothing_until_it_is_linked(self, site, garage):
        card = await site.passes.add(PassDraft(uid="04A2246F"), pool_id=garage.id)
        assert site.taps.judge("CP-1", "6F24A204", Moment.START).decision.reason is Reason.UNKNOWN_CARD
        undo = await site.passes.link(card.id, "6F24A204")
        assert site.taps.judge("CP-1", "6f24a204", Moment.START).pass_id == card.id
        await undo()
        assert not site.taps.judge("CP-1", "6F24A204", Moment.START).decision.accepted

    async def test_how_long_a_station_may_remember_is_the_setting(self, site, garage, clock):
        await site.passes.add(PassDraft(uid="04A2246F"), pool_id=garage.id)
        await site.settings.change(remember_accepted_h=2)
        decision = site.taps.judge("CP-1", "04A2246F", Moment.AUTHORIZE).decision
        assert decision.expires_at == clock.now + timedelta(hours=2)

    @pytest.mark.parametrize("raw", ["\ud800", "\x00", "x" * 100_000, "a\x00b", "'; drop table passes", "💳"])
    async def test_whatever_a_reader_sends_it_is_an_unknown_card(self, site, garage, raw):
        assert site.taps.judge("CP-1", raw, Moment.AUTHORIZE).decision.reason is Reason.UNKNOWN_CARD

    @pytest.mark.parametrize("raw", ["", "\x00 "])
    async def test_a_tap_without_uid_is_nobodys_even_where_a_pass_has_none(self, site, garage, raw):
        await site.passes.add(PassDraft(visible_id="NL-TNM-B12345-6"), pool_id=garage.id)
        for uid in ("null", "''"):
            await site.store.write(
                lambda connection, uid=uid: connection.exec_driver_sql(f"update passes set uid = {uid}")
            )
            assert site.taps.judge("CP-1", raw, Moment.START).decision.reason is Reason.UNKNOWN_CARD

    async def test_judging_keeps_nothing(self, site, garage, told):
        told.clear()
        site.taps.judge("CP-1", "04A2246F", Moment.START)
        assert told == []
        assert site.journal.taps() == []


class TestRecording:
    async def test_a_tap_is_told_with_its_decision_and_kept(self, site, garage, told, clock):
        verdict = site.taps.judge("CP-1", "04a2246f", Moment.AUTHORIZE)
        told.clear()
        tap = site.taps.record(
            verdict,
            station_id="CP-1",
            connector_id=2,
            raw_id_tag="04a2246f",
            source=TapSource.AUTHORIZE,
            message_id=41,
        )
        assert told == [CardTapped(tap)]
        assert (tap.at, tap.raw_id_tag, tap.uid, tap.connector_id, tap.message_id) == (
            clock.now,
            "04a2246f",
            "04A2246F",
            2,
            41,
        )
        assert (tap.status, tap.reason, tap.pool_name, tap.holder) == ("Invalid", "unknown_card", "Garage", "")
        assert tap.trail == (("station_accepted", True), ("station_in_pool", True), ("card_known", False))
        await site.journal.flush()
        assert site.journal.taps() == [tap]


class TestCost:
    async def test_a_decision_is_one_statement(self, site, garage):
        statements = []
        site.store.fast_reader.set_trace_callback(statements.append)
        site.taps.judge("CP-1", "04A2246F", Moment.AUTHORIZE)
        site.store.fast_reader.set_trace_callback(None)
        assert len(statements) == 1

    async def test_that_statement_reads_no_table_from_end_to_end(self, site, garage):
        statements = []
        site.store.fast_reader.set_trace_callback(statements.append)
        site.taps.judge("CP-1", "04A2246F", Moment.AUTHORIZE)
        site.store.fast_reader.set_trace_callback(None)
        plan = [row[3] for row in site.store.fast_reader.execute(f"explain query plan {statements[0]}")]
        assert [step for step in plan if re.match(r"SCAN \w+$", step)] == []
        searched = [step for step in plan if step.startswith("SEARCH")]
        assert {name for step in searched for name in re.findall(r"SEARCH (\w+)", step)} >= {"s", "p", "c", "i", "m"}
        assert all("USING" in step for step in searched)


def test_the_second_reading_has_facts_of_its_own():
    """What the statement is checked against, checked by hand once."""
    rows = {
        "stations": [{"station_id": "CP-1", "name": "", "registration": "accepted", "pool_id": 1}],
        "pools": [{"id": 1, "name": "Garage", "level": "by_list", "free_vend": 0}],
        "members": [{"pool_id": 1, "identity_id": 5, "pass_id": None}],
        "passes": [
            {
                "id": 3,
                "uid": "AA",
                "identity_id": 5,
                "blocked": 0,
                "valid_from": None,
                "valid_until": 1000,
                "name": "",
                "visible_id": None,
            }
        ],
        "linked_uids": [{"uid": "BB", "pass_id": 3}],
        "identities": [
            {"id": 5, "first_name": "Ann", "last_name": "", "email": "a@b.c", "valid_from": 0, "valid_until": None}
        ],
    }
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert taps_oracle.facts(rows, "cp-1", "BB") == Facts(
        station_accepted=True,
        pool=PoolFacts(AccessLevel.BY_LIST, has_members=True),
        card=PassFacts(
            validity=Validity(end=epoch + timedelta(seconds=1)),
            identity_validity=Validity(start=epoch),
            identity_is_member=True,
        ),
    )
