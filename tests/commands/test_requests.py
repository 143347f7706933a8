"""`tapdesk requests`: a card that was refused is listed, and approved or denied for all stations of the pool."""

import json
import time
from datetime import datetime

import pytest
from websockets.sync.client import connect

from tests.command_line import PATIENCE_S, one_line, serving

KNOWN, UNKNOWN = "04A2B3C4D5E680", "04B1204F77AA80"


@pytest.fixture
def asked(tapdesk, folder):
    """Anna's card and one that nobody knows were refused at a restricted pool that takes requests."""
    tapdesk("pools", "create", "Staff", "--level", "restricted", "--takes-requests")
    for station_id in ("CP-1", "CP-2"):
        tapdesk("stations", "accept", station_id, "--pool", "Staff")
    tapdesk("identities", "add", "--email", "anna@example.org", "--first", "Anna")
    tapdesk("passes", "add", "--uid", KNOWN, "--email", "anna@example.org")
    with (
        serving(folder) as server,
        connect(f"ws://127.0.0.1:{server.port}/CP-1", subprotocols=["ocpp1.6"], proxy=None) as station,
    ):
        for number, uid in enumerate((KNOWN, UNKNOWN, UNKNOWN)):
            station.send(f'[2,"{number}","Authorize",{{"idTag":"{uid}"}}]')
            while (answer := json.loads(station.recv(timeout=10)))[0] != 3:
                pass
            assert answer[2]["idTagInfo"]["status"] == "Invalid"
        until = time.monotonic() + PATIENCE_S
        while len(pending(tapdesk)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        server.end()
    return {request["uid"]: str(request["id"]) for request in pending(tapdesk)}


def pending(tapdesk):
    return tapdesk("requests", "list", "--json").data


def accepted_at(tapdesk, uid):
    return [row["station_id"] for row in tapdesk("explain", "--uid", uid, "--json").data if row["accepted"]]


class TestList:
    def test_it_shows_those_that_wait_oldest_first(self, tapdesk, asked):
        first, second = pending(tapdesk)
        assert (first["uid"], first["holder"], first["email"]) == (KNOWN, "Anna", "anna@example.org")
        assert (second["uid"], second["holder"], second["times"]) == (UNKNOWN, "", 2)
        assert (second["pool"], second["station_id"], second["state"]) == ("Staff", "CP-1", "pending")
        head, *rows = tapdesk("requests", "list").out.splitlines()
        assert head.split() == ["id", "state", "pool", "uid", "holder", "station", "times", "last_at"]
        assert len(rows) == 2

    def test_a_pool_counts_those_that_wait_for_it(self, tapdesk, asked):
        tapdesk("pools", "create", "Guests")
        counts = [tapdesk("pools", "show", pool, "--json").data["requests"] for pool in ("Staff", "Guests")]
        assert counts == [2, 0]

    def test_of_a_pool_the_answered_ones_are_shown_too(self, tapdesk, asked):
        tapdesk("requests", "deny", asked[UNKNOWN])
        assert [request["uid"] for request in pending(tapdesk)] == [KNOWN]
        of_pool = tapdesk("requests", "list", "--pool", "staff", "--json").data
        assert {request["uid"]: request["state"] for request in of_pool} == {KNOWN: "pending", UNKNOWN: "denied"}
        assert "no pool “Nowhere”" in one_line(tapdesk("requests", "list", "--pool", "Nowhere").err)


class TestApprove:
    def test_a_card_of_somebody_opens_every_station_of_the_pool(self, tapdesk, asked):
        assert tapdesk("requests", "approve", asked[KNOWN]).out == "Anna may charge at Staff.\n"
        assert accepted_at(tapdesk, KNOWN) == ["CP-1", "CP-2"]
        assert [request["uid"] for request in pending(tapdesk)] == [UNKNOWN]

    def test_an_unknown_card_goes_to_whom_it_is_said_to_belong_to(self, tapdesk, asked):
        tapdesk("requests", "approve", asked[UNKNOWN], "--email", "ANNA@example.org", "--name", "Anna's fob")
        passes = {row["uid"]: row for row in tapdesk("passes", "list", "--json").data}
        assert (passes[UNKNOWN]["email"], passes[UNKNOWN]["name"]) == ("anna@example.org", "Anna's fob")
        assert accepted_at(tapdesk, UNKNOWN) == ["CP-1", "CP-2"]

    def test_or_to_somebody_who_is_made_for_it_in_the_organization_of_the_pool(self, tapdesk, asked):
        tapdesk("organizations", "create", "Garage")
        tapdesk("pools", "change", "Staff", "--organization", "Garage")
        new = ["--email", "bert@example.org", "--first", "Bert", "--last", "Baker", "--until", "2996-08-01"]
        approved = tapdesk("requests", "approve", asked[UNKNOWN], *new)
        assert approved.out == "Bert Baker may charge at Staff.\n"
        identities = {row["email"]: row for row in tapdesk("identities", "list", "--json").data}
        assert identities["bert@example.org"]["organization"] == "Garage"
        [member] = tapdesk("pools", "show", "Staff", "--json").data["members"]
        assert (member["name"], datetime.fromisoformat(member["until"]).year) == ("Bert Baker", 2996)

    def test_or_to_nobody(self, tapdesk, asked):
        assert tapdesk("requests", "approve", asked[UNKNOWN], "--json").data["state"] == "approved"
        assert [member["kind"] for member in tapdesk("pools", "show", "Staff", "--json").data["members"]] == ["pass"]

    def test_it_is_in_the_history_as_what_it_was(self, tapdesk, asked):
        tapdesk("requests", "approve", asked[KNOWN])
        changes = {(row["kind"], row["origin"]) for row in tapdesk("history", "--pool", "Staff", "--json").data}
        assert ("member_added", "approval") in changes

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            (["--first", "Bert"], "Fill in the e-mail address"),
            (["--email", "nobody"], "not an e-mail address"),
            (["--email", "bert@example.org", "--organization", "Nowhere"], "no organization “Nowhere”"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_it_goes_on_waiting(self, tapdesk, asked, options, why):
        ended = tapdesk("requests", "approve", asked[UNKNOWN], *options)
        assert (ended.code, ended.out) == (1, "")
        assert why in one_line(ended.err)
        assert len(pending(tapdesk)) == 2


class TestDeny:
    def test_the_card_stays_refused(self, tapdesk, asked):
        assert tapdesk("requests", "deny", asked[UNKNOWN]).out == f"{UNKNOWN} is denied access to Staff.\n"
        assert tapdesk("explain", "--uid", UNKNOWN, "--station", "CP-1").code == 3

    @pytest.mark.parametrize("action", ["approve", "deny"])
    def test_what_is_answered_or_was_never_asked_is_said(self, tapdesk, asked, action):
        tapdesk("requests", "deny", asked[UNKNOWN])
        for request_id in (asked[UNKNOWN], "999"):
            ended = tapdesk("requests", action, request_id)
            assert (ended.code, ended.out) == (1, "")
            assert "This did not work" not in one_line(ended.err)


def test_a_site_that_serves_is_told_who_may_charge_and_knows_it_at_the_next_tap(tapdesk, folder):
    tapdesk("pools", "create", "Staff", "--level", "restricted", "--takes-requests")
    tapdesk("stations", "accept", "CP-1", "--pool", "Staff")
    with (
        serving(folder) as server,
        connect(f"ws://127.0.0.1:{server.port}/CP-1", subprotocols=["ocpp1.6"], proxy=None) as station,
    ):
        assert authorized(station, UNKNOWN) == "Invalid"
        until = time.monotonic() + PATIENCE_S
        while not pending(tapdesk) and time.monotonic() < until:
            time.sleep(0.05)
        (request,) = pending(tapdesk)
        approved = tapdesk("requests", "approve", str(request["id"]), "--email", "eva@example.org")
        assert (approved.code, approved.err) == (0, "")
        assert authorized(station, UNKNOWN) == "Accepted"
        assert tapdesk("requests", "deny", str(request["id"])).code == 1
        server.end()


def authorized(station, uid):
    station.send(f'[2,"{time.monotonic_ns()}","Authorize",{{"idTag":"{uid}"}}]')
    while (answer := json.loads(station.recv(timeout=10)))[0] != 3:
        pass
    return answer[2]["idTagInfo"]["status"]
