"""The simulated station at a command line."""

import asyncio
import io
import re

import pytest

from app.simulation import simulate
from app.simulation.script import Transcript
from tests.simulation.central_site import BLOCKED, KNOWN, UNKNOWN


class TestCommand:
    async def run(self, url, taps=(), charge=None, **more):
        out = io.StringIO()
        code = await simulate(url, "CP1", None, list(taps), charge, out, **more)
        return code, out.getvalue().splitlines()

    async def test_it_shows_each_frame_and_says_what_came_of_each_tap(self, site):
        code, lines = await self.run(site.url, [UNKNOWN, KNOWN, BLOCKED])
        assert code == 0
        frames = [line for line in lines if re.match(r"\d\d:\d\d:\d\d\.\d{3} [→←] \[[234],", line)]
        assert len(frames) == 2 * len(site.heard)
        assert [line for line in lines if line not in frames] == [
            f"The card {UNKNOWN} is refused, it is unknown or not allowed here (Invalid).",
            f"The card {KNOWN} is accepted (Accepted).",
            f"The card {BLOCKED} is refused, it is blocked (Blocked).",
        ]

    async def test_it_charges_with_the_last_card_that_was_accepted(self, site):
        code, lines = await self.run(site.url, [KNOWN, UNKNOWN], 0.2)
        assert (code, lines[-1]) == (0, f"Charged 0.001 kWh with the card {KNOWN}, transaction 41.")
        assert site.all("StartTransaction")[0]["id_tag"] == KNOWN
        assert len(site.all("Authorize")) == 2

    @pytest.mark.parametrize(
        ("taps", "charge", "words"),
        [
            ([UNKNOWN], 1.0, "Nothing was charged: no card was accepted."),
            ([], 1.0, "Charging takes a card: give one to tap."),
            ([KNOWN], 0.0, "Charging takes a number of seconds above 0."),
            ([KNOWN], float("nan"), "Charging takes a number of seconds above 0."),
        ],
    )
    async def test_a_charge_that_cannot_be_is_a_failure(self, site, taps, charge, words):
        code, lines = await self.run(site.url, taps, charge)
        assert (code, lines[-1]) == (1, words)

    async def test_a_start_that_is_refused_is_a_failure(self, site):
        site.start_verdict = {"status": "Blocked"}
        code, lines = await self.run(site.url, [KNOWN], 5.0)
        assert (code, lines[-1]) == (
            1,
            f"Nothing was charged: at the start the card {KNOWN} was refused, it is blocked (Blocked).",
        )

    async def test_nobody_listening_is_one_sentence(self, unused_port):
        for host in ("127.0.0.1", "localhost"):
            code, lines = await self.run(f"ws://{host}:{unused_port}")
            assert (code, lines) == (1, [f"Nothing listens at {host}:{unused_port}: the connection was refused."])

    async def test_a_rejected_station_and_a_silent_server_are_one_sentence(self, site):
        site.boot_answers = ["Rejected"]
        code, lines = await self.run(site.url)
        assert (code, lines[-1]) == (1, "The server rejected the station “CP1”: it may not join.")
        site.boot_answers, site.silent = ["Accepted"], True
        code, lines = await self.run(site.url, [KNOWN], answer_timeout=0.2)
        assert (code, lines[-1]) == (1, "The server did not answer Authorize within 0.2 seconds.")

    async def test_without_taps_it_stays_and_beats_until_cancelled(self, site):
        site.interval = 1
        out = io.StringIO()
        running = asyncio.create_task(simulate(site.url, "CP1", None, [], None, out))
        await site.until(lambda: site.all("Heartbeat"))
        running.cancel()
        assert await running == 0
        assert out.getvalue().splitlines()[-1] == "Stopped."
        await site.until(lambda: site.stations["CP1"].connection.close_code == 1000)

    async def test_a_cancelled_charge_is_ended_properly(self, site):
        running = asyncio.create_task(simulate(site.url, "CP1", None, [KNOWN], 600.0, io.StringIO()))
        await site.until(lambda: "Charging" in site.statuses())
        running.cancel()
        assert await running == 0
        assert [f["transaction_id"] for f in site.all("StopTransaction")] == [41]

    async def test_a_pending_station_says_that_it_waits(self, site):
        site.boot_answers, site.interval = ["Pending"], 90
        out = io.StringIO()
        running = asyncio.create_task(simulate(site.url, "CP1", None, [], None, out))
        await site.until(lambda: "asking again in 90 seconds" in out.getvalue())
        running.cancel()
        assert await running == 0

    async def test_a_lost_connection_is_one_sentence(self, site):
        running = asyncio.create_task(self.run(site.url))
        await site.until(lambda: site.statuses())
        site.stations["CP1"].connection.transport.abort()
        code, lines = await asyncio.wait_for(running, 5)
        assert (code, lines[-1]) == (1, "The connection to the server was lost.")

    async def test_it_ends_quietly_when_nobody_reads_any_more(self, site):
        class Gone(io.StringIO):
            def write(self, text):
                raise BrokenPipeError

        assert await asyncio.wait_for(simulate(site.url, "CP1", None, [], None, Gone()), 5) == 0

    async def test_a_frame_is_one_line_whatever_the_server_puts_into_it(self):
        out = io.StringIO()
        Transcript(out).frame("received", '[3,\n"1",\x1b[2J{"a":"é\u202e"}]')
        assert re.fullmatch(r'\S+ ← \[3,\\n"1",\\x1b\[2J\{"a":"é\\u202e"\}\]\n', out.getvalue())

    async def test_a_console_without_arrows_gets_their_code(self):
        raw = io.BytesIO()
        console = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
        Transcript(console).frame("sent", "[]")
        assert raw.getvalue().endswith(b" \\u2192 []\n")
