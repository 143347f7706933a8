"""Conversations of seven independent station programs, as they came over the wire, told again to this server.

`conversations.jsonl` holds what the stations sent, connection by connection: calls, and answers to the questions of the
server they were recorded at, which are strays here. `transaction` is the transactionId that a start was given there;
what a station says of it later is said of the one it is given here.
"""

import asyncio
import json
from collections import defaultdict
from pathlib import Path

import pytest

from app.csms.station import outgoing
from app.csms.versions.dialects import DIALECTS
from app.domain.model import AccessLevel, OcppVersion
from tests.schemas import faults_of_answer
from tests.wire import raw_station

LINES = (Path(__file__).parents[1] / "data" / "frames" / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
SERVED = {f"ocpp{version}" for version in OcppVersion if version in DIALECTS}


def conversations():
    """By station: its connections, each a line about the connection and the lines of its frames."""
    found = defaultdict(list)
    for line in map(json.loads, LINES):
        if "protocol" in line:
            found[line["station"]].append((line, []))
        else:
            found[line["station"]][-1][1].append(line)
    return found


CONVERSATIONS = conversations()
SERVED_HERE = [station for station, told in CONVERSATIONS.items() if told[0][0]["protocol"] in SERVED]


class Retelling:
    """One station's conversation, told again."""

    def __init__(self, url, station_id):
        self.url = url
        self.station_id = station_id
        self.transactions = {}
        self.calls = 0
        self.refused = []
        self.faults = []

    async def run(self):
        for connection, frames in CONVERSATIONS[self.station_id]:
            offers = [offer.strip() for offer in connection["offers"].split(",")]
            compression = "deflate" if connection["compresses"] else None
            path = connection["path"].removeprefix("/").removesuffix(self.station_id)
            async with raw_station(
                self.url + path, self.station_id, subprotocols=offers, compression=compression
            ) as station:
                assert station.socket.subprotocol == connection["protocol"]
                for line in frames:
                    await self.tell(station, line, connection["protocol"].removeprefix("ocpp"))

    async def tell(self, station, line, version):
        raw = line["raw"]
        for there, here in self.transactions.items():
            raw = raw.replace(f'"transactionId":{there},', f'"transactionId":{here},')
            raw = raw.replace(f'"transactionId":{there}}}', f'"transactionId":{here}}}')
        kind, message_id, *rest = json.loads(raw)
        await station.send(raw)
        if kind != 2:
            return
        self.calls += 1
        kind, answered, *told = json.loads(await station.answer())
        assert answered == message_id
        if kind == 4:
            self.refused.append((rest[0], told[0]))
            return
        self.faults += faults_of_answer(rest[0], told[0], version)
        if "transaction" in line:
            self.transactions[line["transaction"]] = told[0]["transactionId"]


@pytest.fixture
async def site(application, monkeypatch):
    """A site where each station may charge whoever has a pass."""
    monkeypatch.setattr(outgoing, "QUIET_WITHOUT_BOOT_S", 600.0)
    monkeypatch.setattr(outgoing, "QUIET_AFTER_BOOT_S", 600.0)
    pool = await application.pools.create("Yard", AccessLevel.PUBLIC)
    for station_id in CONVERSATIONS:
        await application.stations.accept(station_id, pool_id=pool.id)
    return application


async def test_every_message_of_every_station_gets_a_result_and_every_charge_is_a_session(site, url):
    retellings = [Retelling(url, station_id) for station_id in SERVED_HERE]
    async with asyncio.timeout(60):
        await asyncio.gather(*(retelling.run() for retelling in retellings))
    assert {each.station_id: each.refused for each in retellings if each.refused} == {}
    assert {each.station_id: each.faults for each in retellings if each.faults} == {}
    assert sum(each.calls for each in retellings) > 10 * len(SERVED_HERE)
    for each in retellings:
        if each.transactions:
            assert_sessions_as_told(site, each)
    assert sum(len(each.transactions) for each in retellings) > 10


def assert_sessions_as_told(site, retelling):
    """A session for each start, on its connector, with its tag, and with what the meter says once it is stopped."""
    lines = [line for _, frames in CONVERSATIONS[retelling.station_id] for line in frames]
    calls = [frame for line in lines if (frame := json.loads(line["raw"]))[0] == 2]
    starts = {line["transaction"]: json.loads(line["raw"])[3] for line in lines if "transaction" in line}
    stops = {frame[3]["transactionId"]: frame[3] for frame in calls if frame[2] == "StopTransaction"}
    sessions = {session.id: session for session in site.sessions.recent(station_id=retelling.station_id)}
    assert len(set(retelling.transactions.values())) == len(starts)
    for there, start in starts.items():
        session = sessions[retelling.transactions[there]]
        assert (session.connector_id, session.raw_id_tag) == (start["connectorId"], start["idTag"])
        if there in stops:
            assert not session.is_open
            assert session.energy_wh == stops[there]["meterStop"] - start["meterStart"]
