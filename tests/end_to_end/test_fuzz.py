"""Whole conversations of chance: recorded ones torn, mixed and bent, over a real socket, beside a station that is well.

`TAPDESK_FUZZ_EXAMPLES` says how many conversations (the default is for everyday), each of up to sixty frames.
"""

import asyncio
import gc
import json
import logging
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.application import Application
from app.csms.rpc.ocpp_j import ErrorCode
from app.csms.station import link, pace
from app.csms.versions.dialects import DIALECTS
from app.domain.drafts import PassDraft
from app.domain.model import AccessLevel, OcppVersion
from tests.mutations import CARD, recorded
from tests.wire import raw_station

EXAMPLES = int(os.environ.get("TAPDESK_FUZZ_EXAMPLES", "12"))
#: Things of ours that may be alive after many conversations and were not before: the latest messages, what is cached.
MORE_OBJECTS = 2_000
WARM_AFTER = 200


RECORDED = recorded()
VERSIONS = [version for version in OcppVersion if version in DIALECTS]
odd_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.sampled_from(
        [CARD, "1970-01-01T00:00:00Z", "2025-03-04T20:00:00", "", "null", -1, 0, 2**63 - 1, 2**63, "9" * 40, "x" * 300]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
pieces = st.sampled_from(
    [*'"\\{}[]:,\0\n', "\ufeff", "é", "\u2028", "\\ud800", "null", "NaN", "1e999", "-1", "9" * 30, "[" * 40, '"idTag":']
)


def paths(value, path=()):
    """Where in a message there is something to replace."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from paths(item, (*path, key))


def replaced(value, path, by):
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], by)
    return copy


@st.composite
def frames(draw, version):
    """A recorded frame: whole, with something in it replaced, with pieces cut out and put in, or as bytes."""
    raw = draw(st.sampled_from(RECORDED[version]))
    how = draw(st.integers(0, 5))
    if how >= 3:
        message = json.loads(raw)
        for _ in range(draw(st.integers(1, 3))):
            message = replaced(message, draw(st.sampled_from(list(paths(message))[1:] or [()])), draw(odd_values))
        return json.dumps(message)
    if how == 2:
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(raw)))
            raw = raw[:start] + draw(pieces) + raw[start + draw(st.integers(0, 12)) :]
        return raw
    return raw.encode() if how == 1 else raw


@st.composite
def conversations(draw):
    version = draw(st.sampled_from(VERSIONS))
    said = draw(st.lists(frames(version), min_size=1, max_size=20))
    # Told again, in another order.
    again = draw(st.lists(st.sampled_from(said), max_size=10))
    return version, said + again, draw(st.booleans())


class Site:
    """A server, a station that must notice nothing of another one, and what went through."""

    def __init__(self, application):
        self.application = application
        self.url = f"ws://127.0.0.1:{application.server.port}/"
        self.frames = self.conversations = 0
        self.codes = set()
        self.warm_objects = 0
        self.log_records = Records()

    async def hold(self, version, said, breaks_off):
        """One conversation, with a card held to the other station before, in and after it."""
        options = {"subprotocols": [f"ocpp{version}"]}
        async with raw_station(self.url, "FUZZ", **options) as station:
            for number, frame in enumerate(said):
                await station.send(frame)
                if number % 10 == 0:
                    await self.tap()
            if breaks_off:
                station.cut()
            else:
                await station.send('[2,"the last one","Heartbeat",{}]')
                for answer in await station.answers_until("the last one", 30):
                    self.codes.add(sound(answer))
        await self.tap()
        self.frames += len(said)
        self.conversations += 1
        if self.conversations == WARM_AFTER:
            await self.application.journal.flush()
            self.warm_objects = objects_of_ours()

    async def answer(self):
        """The other station answers what it is asked, if only that it cannot."""
        while True:
            message_id, *_ = await self.neighbour.was_asked(None)
            await self.neighbour.send(json.dumps([4, message_id, "NotSupported", "", {}]))

    async def tap(self):
        answer = await self.neighbour.call("Authorize", {"idTag": CARD}, 30)
        assert answer["idTagInfo"]["status"] == "Accepted"


class Records(logging.Handler):
    """Warnings and errors in the log: nothing that a station sends is worth one."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(self.format(record))


def sound(text):
    """What kind of answer it is: 3, or the code of an error that tells nothing of what was sent."""
    answer = json.loads(text)
    if answer[0] == 3:
        assert isinstance(answer[2], dict)
        return 3
    assert answer[0] == 4
    assert answer[4] == {}
    return answer[2]


def objects_of_ours():
    """How many things made of our classes and of the sockets' are alive: what makes the examples grows by itself."""
    gc.collect()
    ours = ("app.", "websockets.")
    return sum(str(getattr(type(thing), "__module__", "")).startswith(ours) for thing in gc.get_objects())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        patch.setattr(link, "FINISH_WITHIN_S", 5.0)
        patch.setattr(pace, "RATE_PER_S", 1e6)
        application = Application(tmp_path_factory.mktemp("site") / "tapdesk.db")
        runner.run(application.start("127.0.0.1", 0))
        site = Site(application)
        logging.getLogger().addHandler(site.log_records)

        async def furnish():
            pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
            await application.passes.add(PassDraft(uid=CARD))
            for station_id in ("NEIGHBOUR", "FUZZ"):
                await application.stations.accept(station_id, pool_id=pool.id)
            site.context = raw_station(site.url, "NEIGHBOUR")
            site.neighbour = await site.context.__aenter__()
            site.answering = asyncio.create_task(site.answer())

        runner.run(furnish())
        site.run = runner.run
        yield site
        site.answering.cancel()
        runner.run(site.context.__aexit__(None, None, None))
        runner.run(application.stop())
        logging.getLogger().removeHandler(site.log_records)


@given(conversations())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    # The same ones each day, other ones when many are asked for.
    derandomize="TAPDESK_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
def hold_conversations(site, conversation):
    site.log_records.said.clear()
    site.run(site.hold(*conversation))
    assert not site.log_records.said


def test_conversations_of_chance_close_nothing_log_nothing_and_are_answered_soundly(site):
    hold_conversations(site)
    assert site.neighbour.socket.close_code is None
    spelled = {dialect.spelled(code) for dialect in DIALECTS.values() for code in ErrorCode}
    assert site.codes <= {3} | spelled - {"InternalError", "GenericError"}
    if site.conversations > 2 * WARM_AFTER:
        site.run(site.application.journal.flush())
        more = objects_of_ours() - site.warm_objects
        assert more < MORE_OBJECTS
        print(f"{more} more objects alive than after {WARM_AFTER} conversations")
    print(f"{site.conversations} conversations, {site.frames} frames, answers: {site.codes}")
