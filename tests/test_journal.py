"""What was said with the stations: told at once, stored a moment later, found again."""

import asyncio
import gc
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, product

import pytest

from app import journal as module
from app.bus import Bus
from app.database.store import Store
from app.domain.drafts import PassDraft
from app.domain.errors import AppError
from app.domain.events import CardTapped, MessageLogged
from app.domain.ids import canonical_uid
from app.domain.model import Direction, Message, Tap, TapSource
from app.journal import Journal, MessageFilter
from tests.clock import Clock
from tests.disk_faults import no_room, nothing_written
from tests.query_plans import plan_of

NOW = Clock().now


def message(number, **about):
    return replace(
        Message(
            id=number,
            at=NOW,
            station_id="CP-1",
            direction=Direction.FROM_STATION,
            action="Heartbeat",
            id_tag="",
            outcome="",
            request=f'[2,"{number}","Heartbeat",{{}}]',
            response="",
            took_ms=None,
        ),
        **about,
    )


def tap(number, **about):
    return replace(
        Tap(
            id=number,
            at=NOW,
            station_id="CP-1",
            station_name="Left",
            connector_id=1,
            raw_id_tag="04a2246f",
            uid=canonical_uid("04a2246f"),
            source=TapSource.AUTHORIZE,
            status="Invalid",
            reason="unknown_card",
            trail=(("station_accepted", True), ("card_known", False)),
            pass_id=None,
            holder="",
            pool_id=1,
            pool_name="Garage",
            message_id=number,
        ),
        **about,
    )


EVERYTHING = MessageFilter()


class TestKeeping:
    async def test_a_message_is_told_at_once_and_stored_a_moment_later(self, site, told):
        first = message(site.journal.next_message_id(), repairs=("bom", "utc"), took_ms=1.25, outcome="Accepted")
        site.journal.log(first)
        assert told == [MessageLogged(first)]
        assert site.journal.messages(EVERYTHING) == []
        await asyncio.sleep(module.WRITE_EVERY_S * 3)
        assert site.journal.messages(EVERYTHING) == [first]

    async def test_an_answer_joins_its_question_before_or_after_that_is_stored(self, site):
        for stored_before in (False, True):
            asked = message(site.journal.next_message_id())
            site.journal.log(asked)
            if stored_before:
                await site.journal.flush()
            answered = replace(
                asked, response="[3]", outcome="Accepted", took_ms=2.0, tap_id=7, reason="no_pool", holder="Ann"
            )
            site.journal.log(answered)
            await site.journal.flush()
            assert site.journal.messages(EVERYTHING)[0] == answered

    async def test_a_tap_is_told_at_once_and_found_before_and_after_it_is_stored(self, site, told):
        known = await site.passes.add(PassDraft(uid="04A2246F"))
        told.clear()
        shown = tap(site.journal.next_tap_id(), pass_id=known.id, holder="Ann")
        site.journal.tapped(shown)
        assert told == [CardTapped(shown)]
        for _ in range(2):
            assert site.journal.tap(shown.id) == shown
            assert site.journal.taps() == [shown]
            await site.journal.flush()
        assert site.journal.tap(99) is None

    async def test_a_pass_is_known_by_every_form_in_which_a_station_sent_it_accepted_or_not(self, site):
        card = await site.passes.add(PassDraft(uid="04A2246F"))
        for number, (station, raw) in enumerate([("S1", "04a2246f"), ("S1", "04:A2:24:6F"), ("S2", "04a2246f")] * 2):
            site.journal.tapped(tap(number + 1, station_id=station, raw_id_tag=raw, pass_id=card.id, status="Blocked"))
        await site.journal.flush()
        forms = {(form.station_id, form.raw_id_tag) for form in site.passes.seen_forms(card.id)}
        assert forms == {("S1", "04a2246f"), ("S1", "04:A2:24:6F"), ("S2", "04a2246f")}

    async def test_the_pass_of_a_tap_may_be_gone_before_the_tap_is_stored(self, site):
        site.journal.tapped(tap(1, pass_id=99))
        site.journal.log(message(1, tap_id=1))
        await site.journal.flush()
        assert site.journal.tap(1).pass_id is None
        assert len(site.journal.messages(EVERYTHING)) == 1

    async def test_what_waits_is_written_at_the_end(self, database, clock):
        store = Store(database)
        journal = Journal(store, Bus())
        journal.log(message(1))
        journal.tapped(tap(1))
        await journal.close()
        assert (len(journal.messages(EVERYTHING)), len(journal.taps())) == (1, 1)
        store.close()

    async def test_what_is_told_while_it_is_written_is_not_lost(self, site):
        for number in range(1, 60):
            site.journal.log(message(number))
            site.journal.tapped(tap(number))
            if number % 3 == 0:
                writing = asyncio.create_task(site.journal.flush())
                await asyncio.sleep(0)
                site.journal.log(message(number, response="[3]"))
                site.journal.tapped(tap(number + 1000))
                await writing
        await site.journal.flush()
        stored = site.journal.messages(EVERYTHING)
        assert [each.id for each in stored] == list(range(59, 0, -1))
        assert all(each.response == "[3]" for each in stored if each.id % 3 == 0)
        assert len(site.journal.taps(limit=1000)) == 59 + 19

    async def test_ids_rise_over_restarts(self, database):
        store = Store(database)
        journal = Journal(store, Bus())
        journal.log(message(journal.next_message_id()))
        journal.tapped(tap(journal.next_tap_id()))
        await journal.close()
        again = Journal(store, Bus())
        assert (again.next_message_id(), again.next_tap_id()) == (2, 2)
        store.close()

    async def test_the_id_of_a_forgotten_message_is_not_given_again_while_a_tap_names_it(self, database):
        store = Store(database)
        journal = Journal(store, Bus())
        journal.log(message(41, at=NOW - timedelta(days=9)))
        journal.tapped(tap(1, message_id=41))
        await journal.flush()
        await journal.purge(NOW, 1)
        assert Journal(store, Bus()).next_message_id() == 42
        await journal.close()
        store.close()


class TestADiskThatTakesNothing:
    @pytest.mark.parametrize("fault", [no_room, nothing_written])
    async def test_everything_waits_and_nothing_is_lost(self, site, fault):
        with fault(site.store):
            for number in range(1, 301):
                site.journal.log(message(number, request="x" * 500))
                site.journal.tapped(tap(number))
            with pytest.raises(AppError, match="disk_"):
                await site.journal.flush()
            site.journal.log(message(7, request="x" * 500, response="[3]"))
        await site.journal.flush()
        assert {each.id for each in site.journal.messages(EVERYTHING)} == set(range(1, 301))
        assert len(site.journal.taps(limit=1000)) == 300
        assert next(each for each in site.journal.messages(EVERYTHING) if each.id == 7).response == "[3]"

    async def test_it_is_tried_again_without_being_asked(self, site):
        with nothing_written(site.store):
            site.journal.log(message(1))
            await asyncio.sleep(module.WRITE_EVERY_S * 2)
            assert site.store.fault == "disk_read_only"
        for _ in range(40):
            await asyncio.sleep(0.05)
            if site.journal.messages(EVERYTHING):
                break
        assert site.journal.messages(EVERYTHING) == [message(1)]

    async def test_only_the_newest_wait(self, site, monkeypatch):
        monkeypatch.setattr(module, "WAITING_LIMIT", 100)
        with nothing_written(site.store):
            for number in range(1, 251):
                site.journal.log(message(number))
        await site.journal.flush()
        assert [each.id for each in site.journal.messages(EVERYTHING)] == list(range(250, 150, -1))

    async def test_of_long_ones_fewer_wait(self, site, monkeypatch):
        monkeypatch.setattr(module, "WAITING_CHARACTERS", 10_000)
        with nothing_written(site.store):
            for number in range(1, 51):
                site.journal.log(message(number, request="x" * 900))
                site.journal.log(message(number, request="x" * 900, response="y" * 100))
        await site.journal.flush()
        assert [each.id for each in site.journal.messages(EVERYTHING)] == list(range(50, 40, -1))
        for number in range(100, 109):
            site.journal.log(message(number, request="x" * 1000))
        await site.journal.flush()
        assert len(site.journal.messages(EVERYTHING)) == 19

    async def test_memory_stays_bounded_however_long_it_lasts(self, site, monkeypatch):
        monkeypatch.setattr(module, "WAITING_LIMIT", 500)
        site.journal._taps = type(site.journal._taps)(maxlen=500)
        with nothing_written(site.store):
            for number in range(1, 5_001):
                site.journal.log(message(number))
                site.journal.tapped(tap(number))
        gc.collect()
        waiting = [each for each in gc.get_objects() if type(each) in (Message, Tap)]
        assert len(waiting) <= 1_000

    async def test_many_are_written_in_pieces(self, site, monkeypatch):
        monkeypatch.setattr(module, "WRITE_CHUNK", 100)
        for number in range(1, 251):
            site.journal.log(message(number))
        for number in range(1, 401):
            site.journal.tapped(tap(number))
        pieces = []
        write = site.store.write
        monkeypatch.setattr(site.store, "write", lambda job: pieces.append(job) or write(job))
        await site.journal.flush()
        assert len(pieces) == 4
        assert (len(site.journal.messages(EVERYTHING)), len(site.journal.taps(limit=1000))) == (250, 400)


class TestPurging:
    async def test_what_is_older_goes_in_pieces_and_taps_stay(self, site, monkeypatch):
        monkeypatch.setattr(module, "PURGE_CHUNK", 100)
        for number in range(1, 251):
            site.journal.log(message(number, at=NOW - timedelta(days=3)))
        site.journal.log(message(251, at=NOW - timedelta(days=2)))
        site.journal.tapped(tap(1, at=NOW - timedelta(days=3)))
        await site.journal.flush()
        pieces = []
        write = site.store.write
        monkeypatch.setattr(site.store, "write", lambda job: pieces.append(job) or write(job))
        assert await site.journal.purge(NOW, 2) == 250
        assert len(pieces) == 3
        assert [each.id for each in site.journal.messages(EVERYTHING)] == [251]
        assert len(site.journal.taps()) == 1

    async def test_where_nothing_is_old_nothing_goes(self, site):
        site.journal.log(message(1))
        await site.journal.flush()
        assert await site.journal.purge(NOW, 1) == 0


class TestListing:
    async def test_messages_come_newest_first_and_in_pieces(self, site):
        for number in range(1, 8):
            site.journal.log(message(number))
        await site.journal.flush()
        newest = site.journal.messages(EVERYTHING, limit=3)
        older = site.journal.messages(EVERYTHING, limit=3, before_id=newest[-1].id)
        assert [each.id for each in (*newest, *older)] == [7, 6, 5, 4, 3, 2]

    async def test_taps_are_found_by_card_and_time_wherever_they_are(self, site):
        shown = [
            tap(1, at=NOW - timedelta(hours=2)),
            tap(2, at=NOW - timedelta(hours=1), uid=canonical_uid("6F24A204")),
            tap(3, at=NOW),
        ]
        for each in shown:
            site.journal.tapped(each)
        for _ in range(2):
            assert site.journal.taps() == shown[::-1]
            assert site.journal.taps(limit=1) == shown[2:]
            assert site.journal.taps(uid=canonical_uid("04a2246f")) == [shown[2], shown[0]]
            assert site.journal.taps(since=NOW - timedelta(hours=1)) == [shown[2], shown[1]]
            assert site.journal.taps(until=NOW - timedelta(hours=1)) == [shown[1], shown[0]]
            await site.journal.flush()


# LIKE's wildcards and escapes, and letters of two cases in and beyond ASCII, some of which fold to one of ASCII.
LETTERS = "aA%_^\\*[ßẞÄäİıKk\u212aſ'5"
TEXTS = ["", *LETTERS, *map("".join, product(LETTERS, repeat=2)), "\ud800", "%" * 30_000, "a" * 60_000]


async def test_what_is_shown_live_is_what_is_found_later_whatever_is_looked_for(site):
    said = [
        message(number, **dict.fromkeys(parts, f"1{letter}"), took_ms=0.1 + 0.2, repairs=("bom", "utc"))
        for number, (letter, *parts) in enumerate(
            [
                *zip(LETTERS, cycle(["request", "response", "id_tag", "outcome", "station_id", "action"])),
                *((letter, "request", "id_tag") for letter in ("aA", "k\u212a", "%_", "ßß", "^_", "\\%")),
            ],
            1,
        )
    ]
    for each in said:
        site.journal.log(each)
    await site.journal.flush()
    assert site.journal.messages(EVERYTHING) == said[::-1]
    for text in TEXTS:
        wanted = MessageFilter(text=text)
        assert site.journal.messages(wanted) == [each for each in said[::-1] if wanted.admits(each)], text[:9]
    assert [each.id for each in site.journal.messages(MessageFilter(text="_"))] == [25, 23, 4]


async def test_a_station_is_the_same_in_either_case_of_ascii_and_no_other(site):
    stations = ["CP-ß", "cp-ß", "CP-SS", "CP-ẞ", "CP-K", "CP-k", "CP-\u212a"]
    for number, station_id in enumerate(stations, 1):
        site.journal.log(message(number, station_id=station_id))
    await site.journal.flush()
    for station_id in stations:
        wanted = MessageFilter(station_id=station_id)
        found = [each.station_id for each in site.journal.messages(wanted)]
        assert found == [each for each in stations[::-1] if wanted.admits(message(0, station_id=each))]
    assert len(site.journal.messages(MessageFilter(station_id="cp-K"))) == 2


@pytest.mark.parametrize(
    "ask",
    [
        lambda journal: journal.messages(EVERYTHING, before_id=9),
        lambda journal: journal.messages(MessageFilter(station_id="cp-1")),
        lambda journal: journal.messages(MessageFilter(station_id="cp-1", text="x")),
        lambda journal: journal.messages(MessageFilter(action="Heartbeat")),
        lambda journal: journal.messages(MessageFilter(cards_only=True)),
        lambda journal: journal.messages(MessageFilter(refused_only=True)),
        lambda journal: journal.tap(1),
        lambda journal: journal.taps(uid=canonical_uid("04a2246f")),
    ],
)
async def test_what_an_operator_asks_for_most_is_answered_from_an_index(site, ask):
    plan = plan_of(site.store, lambda: ask(site.journal))
    assert [step for step in plan if step.startswith(("SCAN", "SEARCH")) and "USING" not in step] == []
