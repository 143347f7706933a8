"""What is shown live and what is read back later are the same messages: both rules, compared on random ones."""

import asyncio
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.application import Application, MessageFilter
from app.domain.model import Direction, Message

STATIONS = ("ALF-0021", "alf-0021", "EVB_P1882", "50%")
ACTIONS = ("Authorize", "StartTransaction", "StopTransaction", "TransactionEvent", "Heartbeat", "")
# Letters with two cases inside and outside ASCII, and what a pattern of SQL would take for something else.
LETTERS = st.text("aA1kK\u212aéÉßİ%_\\*?['\" ·", max_size=4)


@st.composite
def messages(draw):
    return {
        "station_id": draw(st.sampled_from(STATIONS)),
        "direction": draw(st.sampled_from(Direction)),
        "action": draw(st.sampled_from(ACTIONS)),
        "id_tag": draw(LETTERS),
        "outcome": draw(st.sampled_from(("Accepted", "Invalid", "", "conn 1 · Available"))),
        "request": draw(LETTERS),
        "response": draw(LETTERS),
        "reason": draw(st.sampled_from(("", "unknown_card", "pass_is_member"))),
    }


filters = st.builds(
    MessageFilter,
    station_id=st.sampled_from(("", *STATIONS, "nowhere")),
    action=st.sampled_from(("", "Authorize", "Heartbeat", "Reset", "TransactionEvent")),
    cards_only=st.booleans(),
    refused_only=st.booleans(),
    text=LETTERS.map(str.strip),
)


@pytest.fixture
def kept(database):
    """A site, and all that was ever logged at it."""
    site = Application(database)
    yield site, []
    site.store.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(messages(), max_size=6), wanted=filters)
def test_a_message_is_read_back_exactly_when_it_would_have_been_shown_live(kept, told, wanted):
    site, logged = kept

    async def log():
        for facts in told:
            message_id = site.journal.next_message_id()
            logged.append(Message(id=message_id, at=datetime(2026, 3, 2, tzinfo=UTC), took_ms=None, **facts))
            site.journal.log(logged[-1])
        await site.journal.flush()

    asyncio.run(log())
    shown = [message.id for message in reversed(logged) if wanted.admits(message)]
    assert [message.id for message in site.journal.messages(wanted, limit=10**6)] == shown


def test_reading_page_by_page_gives_each_message_once(kept):
    site, _ = kept
    numbers = count()

    async def log():
        for number in range(250):
            action = "Authorize" if number % 3 else "Heartbeat"
            facts = {"station_id": "A", "direction": Direction.FROM_STATION, "id_tag": "", "outcome": ""}
            site.journal.log(
                Message(
                    id=site.journal.next_message_id(),
                    at=datetime(2026, 3, 2, tzinfo=UTC),
                    action=action,
                    request=f"{next(numbers)}",
                    response="",
                    took_ms=None,
                    **facts,
                )
            )
        await site.journal.flush()

    asyncio.run(log())
    wanted, found, before = MessageFilter(action="Authorize"), [], None
    while page := site.journal.messages(wanted, before_id=before, limit=40):
        found += [message.id for message in page]
        before = found[-1]
    everything = [message.id for message in site.journal.messages(wanted, limit=10**6)]
    assert len(found) == 166
    assert found == everything
