"""Charges that stations name themselves (OCPP 2.x): their events come late, twice, in any order and in part."""

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.application import Application
from app.domain.charges import Flag
from app.domain.events import SessionChanged
from app.sessions import START_NEVER_CAME, STOP_NEVER_CAME, Admission, EventKind, Reading, TransactionEvent
from tests.clock import Clock

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ADMITTED = Admission("Accepted", "pass_is_member", "Left", "Garage", None, None, "Ann")
TAG = "04a2246f"


def event(kind, minutes, *, reference="tx-1", meter=None, station="CP-1", evse=1, tag="", **more):
    at = T0 + timedelta(minutes=minutes)
    readings = () if meter is None else (Reading(at, f"[{minutes},{meter}]", meter, more.pop("power", None)),)
    fields = {"readings": readings, "meter_wh": meter, "raw_id_tag": tag, "uid": tag.upper(), "connector_id": evse}
    return TransactionEvent(station, reference, EventKind(kind), at, **(fields | more))


STARTED = event("Started", 0, meter=1000)
NAMED = event("Updated", 1, meter=1000, tag=TAG, evse=None)
UPDATED = event("Updated", 30, meter=4000, evse=None)
ENDED = event("Ended", 60, meter=8000, evse=None, reason="EVDisconnected", stop_id_tag=TAG, stop_holder="Ann")
WHOLE = (STARTED, NAMED, UPDATED, ENDED)


async def tell(site, *events):
    kept = None
    for each in events:
        kept = await site.sessions.transaction_event(each, ADMITTED if each.raw_id_tag else None)
    return kept


class TestACharge:
    async def test_is_one_session_from_its_first_event_to_its_last(self, site, told):
        kept = await tell(site, STARTED)
        assert (kept.transaction_id > 0, kept.status, kept.reason, kept.uid) == (True, "", "", "")
        assert site.sessions.find(kept.transaction_id).is_open
        again = await tell(site, NAMED, UPDATED)
        assert (again.transaction_id, again.status, again.reason, again.uid) == (
            kept.transaction_id,
            "Accepted",
            "pass_is_member",
            TAG.upper(),
        )
        await tell(site, ENDED)
        (session,) = site.sessions.recent()
        assert (session.reference, session.connector_id, session.raw_id_tag, session.holder) == ("tx-1", 1, TAG, "Ann")
        assert (session.started_at, session.stopped_at) == (STARTED.at, ENDED.at)
        assert (session.energy_wh, session.stop_reason, session.stop_holder) == (7000, "EVDisconnected", "Ann")
        assert session.flags == ()
        assert told[-1] == SessionChanged(session)

    async def test_told_again_changes_nothing(self, site, told):
        await tell(site, *WHOLE)
        before = site.sessions.recent()
        told.clear()
        await tell(site, *WHOLE, *reversed(WHOLE))
        assert site.sessions.recent() == before
        assert told == []

    async def test_of_another_station_may_have_the_same_name(self, site):
        first = await tell(site, STARTED)
        other = await tell(site, replace(STARTED, station_id="CP-2"))
        assert first.transaction_id != other.transaction_id
        assert await tell(site, replace(STARTED, station_id="cp-1")) == first

    async def test_shows_what_flows_while_it_runs(self, site):
        await tell(site, STARTED, event("Updated", 5, meter=1500, power=7400.0))
        (session,) = site.sessions.recent()
        assert (session.power_w, session.energy_wh) == (7400.0, 500)

    async def test_is_decided_for_the_first_card_alone(self, site):
        await tell(site, STARTED, NAMED)
        other = event("Updated", 20, tag="0BADCAFE")
        kept = await site.sessions.transaction_event(other, replace(ADMITTED, status="Invalid", holder="Bob"))
        assert (kept.status, kept.uid) == ("Accepted", TAG.upper())
        (session,) = site.sessions.recent()
        assert (session.holder, session.raw_id_tag) == ("Ann", TAG)

    async def test_that_is_refused_is_kept_all_the_same(self, site):
        refused = replace(ADMITTED, status="Invalid", reason="unknown_card", holder="")
        kept = await site.sessions.transaction_event(event("Started", 0, tag=TAG), refused)
        assert (kept.status, kept.reason) == ("Invalid", "unknown_card")

    async def test_does_not_count_against_itself_when_its_card_is_named_later(self, site):
        await tell(site, STARTED)
        seen = []

        def admit(connection, told_before):
            seen.append(told_before)
            return ADMITTED

        kept = await site.sessions.transaction_event(NAMED, admit)
        assert seen == [kept.transaction_id]


class TestInPart:
    async def test_without_its_first_event_it_is_known_from_the_rest(self, site):
        await tell(site, UPDATED, replace(ENDED, connector_id=2))
        (session,) = site.sessions.recent()
        assert (session.started_at, session.stopped_at, session.energy_wh) == (UPDATED.at, ENDED.at, 4000)
        assert session.connector_id == 2
        assert session.reason == START_NEVER_CAME
        assert set(session.flags) == {Flag.START_NEVER_CAME, Flag.ENERGY_FROM_READINGS}

    async def test_without_its_last_event_the_next_charge_on_its_evse_ends_it(self, site):
        await tell(site, STARTED, UPDATED, event("Started", 90, reference="tx-2", meter=4000))
        _, lost = site.sessions.recent()
        assert (lost.stop_reason, lost.energy_wh, lost.is_open) == (STOP_NEVER_CAME, 3000, False)
        assert Flag.STOP_NEVER_CAME in lost.flags
        await tell(site, ENDED)
        found = site.sessions.find(lost.id)
        assert (found.stopped_at, found.stop_reason, found.energy_wh, found.flags) == (
            ENDED.at,
            "EVDisconnected",
            7000,
            (),
        )

    async def test_charges_on_two_evses_end_neither(self, site):
        await tell(site, STARTED, event("Started", 5, reference="tx-2", evse=2), event("Updated", 6, evse=None))
        assert len(site.sessions.recent(open_only=True)) == 2

    async def test_what_comes_after_the_end_opens_nothing_again(self, site):
        await tell(site, STARTED, ENDED, UPDATED, event("Updated", 70, meter=9000))
        (session,) = site.sessions.recent()
        assert (session.is_open, session.energy_wh) == (False, 7000)

    async def test_what_was_kept_while_offline_is_marked_so(self, site):
        await tell(site, replace(STARTED, offline=True), ENDED)
        assert site.sessions.recent()[0].flags == (Flag.TOLD_LATER,)


@pytest.mark.parametrize("seq", ["counted", "always zero"])
@settings(max_examples=20, deadline=None)
@given(order=st.permutations([0, 1, 2, 3, 4, 5, 6, 7]), again=st.lists(st.integers(0, 7), max_size=8))
def test_in_whatever_order_events_come_the_sessions_are_the_same(tmp_path_factory, empty_site, seq, order, again):
    second = [
        event("Started", 90, reference="tx-2", meter=8000, tag=TAG),
        event("Updated", 95, reference="tx-2", meter=8100, evse=None),
        event("Updated", 99, reference="tx-2", meter=8200, evse=None),
        event("Ended", 120, reference="tx-2", meter=9500, evse=None, reason="Local"),
    ]
    events = [replace(each, seq_no=n if seq == "counted" else 0) for n, each in enumerate([*WHOLE, *second])]

    async def go():
        site = Application(shutil.copy(empty_site, tmp_path_factory.mktemp("site") / "tapdesk.db"), clock=Clock())
        await tell(site, *(events[index] for index in [*order, *again]))
        assert sorted(
            (s.reference, s.energy_wh, s.started_at, s.stopped_at, s.flags) for s in site.sessions.recent()
        ) == [
            ("tx-1", 7000, STARTED.at, ENDED.at, ()),
            ("tx-2", 1500, second[0].at, second[-1].at, ()),
        ]
        assert {s.holder for s in site.sessions.recent()} == {"Ann"}
        await site.stop()

    asyncio.run(go())
