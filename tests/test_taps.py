"""A card at a reader, judged on real rows: the same answer as from reading every table by hand."""

import os
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
from app.domain.ids import canonical_uid
from app.domain.model import AccessLevel, TapSource
from app.journal import Journal
from app.pins import TypedPin
from app.settings import Settings
from app.taps import Taps
from tests import taps_oracle
from tests.random_sites import DIGITS, NOW, SPELLINGS, STATIONS, fill

TAGS = [
    ("", ""),
    (" \x00", ""),
    ("FFFFFFFF", "FFFFFFFF"),
    *((raw, uid) for uid, raws in SPELLINGS.items() for raw in raws),
]
TYPED = [*((digits, digits) for digits in DIGITS), (" 1234#", "1234"), ("12-34", "1234"), ("12", "12")]
CLOSED_AT = "cp-2"
# Many more by hand, with `--timeout=0`: each is some 650 decisions.
SITES = int(os.environ.get("TAPDESK_RANDOM_SITES", "60"))


class QuickPins:
    """PINs whose digest is their digits, and a station at which too many were wrong."""

    def __init__(self, store):
        self.store = store

    async def typed(self, station_id, pool_id, digits):
        if station_id.lower() == CLOSED_AT:
            return TypedPin(None, entry_open=False)
        found = "select id from pins where pool_id = ? and cast(digest as text) = ?"
        row = self.store.fast_reader.execute(found, (pool_id, digits)).fetchone()
        return TypedPin(row[0] if row else None)


def at_once(coroutine):
    """The result of a coroutine that never waits."""
    with pytest.raises(StopIteration) as ended:
        coroutine.send(None)
    return ended.value.value


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("site") / "tapdesk.db")
    yield store
    store.close()


@settings(max_examples=SITES, deadline=None)
@given(st.integers(0, 2**32))
def test_everything_held_to_every_station_of_a_site_of_chance(store, seed):
    store.submit(lambda connection: fill(connection, Random(seed))).result()
    taps = Taps(store, Journal(store, Bus()), QuickPins(store), Settings(store, Bus()), lambda: NOW)
    rows = taps_oracle.read(store.fast_reader)
    for station_id in (*STATIONS, "CP-2", "rdam 123", "nobody"):
        for raw, uid in TAGS + TYPED:
            facts = (rows, station_id, canonical_uid(raw))
            typed = {"typed": uid, "closed": station_id.lower() == CLOSED_AT} if (raw, uid) in TYPED else {}
            for moment in Moment:
                verdict = at_once(taps.judge_typed(station_id, raw, moment))
                wanted = taps_oracle.expected(*facts, moment.value, NOW, timedelta(hours=24), **typed)
                assert taps_oracle.told(verdict) == wanted, (station_id, raw, moment)
            start = at_once(taps.start_judge(station_id, raw))
            for told_before in (None, 1, 2):
                start(store.fast_reader, told_before)
                typed["told_before"] = told_before
                wanted = taps_oracle.expected(*facts, "start", NOW, timedelta(hours=24), **typed)
                assert taps_oracle.told(start.verdict) == wanted, (station_id, raw, told_before)


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
        undo = await site.members.add(garage.id, pass_ids=[card.id])
        assert reason() is Reason.PASS_IS_MEMBER
        await site.passes.block([card.id])
        assert reason() is Reason.PASS_BLOCKED
        await site.passes.block([card.id], blocked=False)
        await undo()
        assert reason() is Reason.NOT_A_MEMBER
        await site.pools.change(garage.id, level=AccessLevel.PUBLIC)
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
        "stations": [{"station_id": "CP-1", "name": "", "registration": "accepted", "pool_id": 1, "host_id": 7}],
        "pools": [
            {
                "id": 1,
                "name": "Garage",
                "level": "by_list",
                "free_vend": 0,
                "published": 1,
                "session_limit": 2,
                "passes_stop_each_other": 1,
            }
        ],
        "members": [
            {"pool_id": 1, "identity_id": 5, "pass_id": None, "valid_until": 5000},
            {"pool_id": 1, "identity_id": None, "pass_id": 3, "valid_until": 500},
        ],
        "passes_off": [{"organization_id": 7, "pass_id": 3}],
        "pins": [],
        "sessions": [
            {"id": number, "pass_id": 3, "stopped_at": stopped, "started_at": 0, "status": status}
            for number, stopped, status in ((1, None, "Accepted"), (2, 1, "Accepted"), (3, None, "Invalid"))
        ],
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
    assert taps_oracle.facts(rows, "cp-1", "BB", epoch + timedelta(milliseconds=500)) == Facts(
        station_accepted=True,
        pool=PoolFacts(AccessLevel.BY_LIST, has_members=True, published=True, session_limit=2),
        card=PassFacts(
            validity=Validity(end=epoch + timedelta(seconds=1)),
            identity_validity=Validity(start=epoch),
            identity_is_member=True,
            off_here=True,
            open_sessions=1,
            group_id="ID5",
            member_until=epoch + timedelta(seconds=5),
        ),
    )
