"""`tapdesk log`."""

import json
import re

import pytest
from websockets.sync.client import connect

from tests.command_line import serving


class TestLog:
    @pytest.fixture
    def talked(self, tapdesk, folder):
        """A site whose one station was let in, booted and asked for an unknown card."""
        tapdesk("stations", "accept", "CP-1")
        with (
            serving(folder) as server,
            connect(f"ws://127.0.0.1:{server.port}/CP-1", subprotocols=["ocpp1.6"], proxy=None) as station,
        ):
            for frame in (
                '[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]',
                '[2,"2","Authorize",{"idTag":"B1204F77"}]',
            ):
                station.send(frame)
                while json.loads(station.recv(timeout=10))[0] != 3:
                    pass
            server.end()

    def test_it_tells_the_messages_oldest_first(self, talked, tapdesk):
        lines = tapdesk("log", "--action", "Authorize").out.splitlines()
        assert len(lines) == 1
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  CP-1 +→ Authorize +B1204F77 · Invalid", lines[0])
        actions = [json.loads(line)["action"] for line in tapdesk("log", "--json").out.splitlines()]
        assert actions.index("BootNotification") < actions.index("Authorize")

    def test_a_line_for_programs_holds_all_of_a_message(self, talked, tapdesk):
        [line] = tapdesk("log", "--json", "--action", "Authorize").out.splitlines()
        message = json.loads(line)
        assert message["station_id"] == "CP-1"
        assert message["direction"] == "from_station"
        assert message["id_tag"] == "B1204F77"
        assert message["reason"] == "no_pool"
        assert "idTagInfo" in message["response"]
        assert message["at"].endswith("+00:00")

    def test_it_tells_of_one_station_only_when_asked(self, talked, tapdesk):
        assert tapdesk("log", "--station", "cp-1").out
        assert tapdesk("log", "--station", "CP-2").out == ""
