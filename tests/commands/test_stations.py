"""`tapdesk stations`: what it prints, what it ends with, what it leaves behind."""

import asyncio
import json

import pytest
from websockets.sync.client import connect

from app.application import Application
from app.domain.variables import Variable
from tests.command_line import one_line, serving


class TestStations:
    def test_one_may_be_accepted_ahead_of_its_first_connection(self, tapdesk, folder):
        tapdesk("pools", "create", "Staff")
        ended = tapdesk("stations", "accept", "EVB-P1881", "--pool", "staff", "--name", "Entrance left")
        assert (ended.code, ended.out) == (0, "EVB-P1881 is accepted.\n")
        with serving(folder) as server:
            url = f"ws://127.0.0.1:{server.port}/EVB-P1881"
            with connect(url, subprotocols=["ocpp1.6"], proxy=None) as station:
                station.send('[2,"1","BootNotification",{"chargePointVendor":"EVBox","chargePointModel":"Elvi"}]')
                assert json.loads(station.recv(timeout=10))[2]["status"] == "Accepted"

    def test_one_that_does_not_name_itself_is_told_by_its_address(self, tapdesk, folder):
        tapdesk("stations", "accept", "GRS-1")
        ended = tapdesk("stations", "nameless", "grs-1", "127.0.0.1")
        assert (ended.code, ended.out) == (0, "What comes from 127.0.0.1 without an ID is GRS-1.\n")
        with (
            serving(folder) as server,
            connect(f"ws://127.0.0.1:{server.port}/", subprotocols=["ocpp1.6"], proxy=None) as station,
        ):
            station.send('[2,"1","BootNotification",{"chargePointVendor":"UC","chargePointModel":"Grizzl-E"}]')
            assert json.loads(station.recv(timeout=10))[2]["status"] == "Accepted"
        assert tapdesk("stations", "nameless", "GRS-1").out == "GRS-1 has to name itself.\n"

    def test_what_is_no_address_tells_nobody(self, tapdesk):
        tapdesk("stations", "accept", "GRS-1")
        ended = tapdesk("stations", "nameless", "GRS-1", "garage.local")
        assert (ended.code, one_line(ended.err)) == (
            1,
            "tapdesk: “garage.local” is no IP address, such as 192.168.1.23.",
        )

    def test_the_list_names_everything_that_is_known(self, tapdesk):
        tapdesk("pools", "create", "Staff")
        tapdesk("stations", "accept", "CP-1", "--pool", "Staff", "--name", "Garage")
        assert tapdesk("stations", "list", "--json").data == [
            {
                "station_id": "CP-1",
                "name": "Garage",
                "registration": "accepted",
                "pool": "Staff",
                "organization": "",
                "vendor": "",
                "model": "",
                "serial_number": "",
                "firmware": "",
                "address": "",
                "security_profile": 0,
                "last_seen_at": None,
            }
        ]
        head, row = tapdesk("stations", "list").out.splitlines()
        assert head.split() == ["station_id", "name", "registration", "pool", "vendor", "model", "address"]
        assert row.split() == ["CP-1", "Garage", "accepted", "Staff"]

    def test_one_that_is_refused_stays_in_the_list_as_such(self, tapdesk):
        tapdesk("stations", "accept", "CP-1")
        assert tapdesk("stations", "reject", "cp-1").out == "CP-1 is refused.\n"
        assert [row["registration"] for row in tapdesk("stations", "list", "--json").data] == ["rejected"]

    def test_what_was_done_is_told_to_programs(self, tapdesk):
        accepted = tapdesk("stations", "accept", "CP-1", "--name", "Garage", "--json").data
        assert (accepted["station_id"], accepted["name"], accepted["registration"]) == ("CP-1", "Garage", "accepted")

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (["stations", "accept", "a/b"], "cannot be a station's ID"),
            (["stations", "accept", " "], "Fill in the station's ID"),
            (["stations", "accept", "x" * 49], "48 characters"),
            (["stations", "accept", "CP-1", "--pool", "Nowhere"], "no pool “Nowhere”"),
            (["stations", "accept", "CP-1", "--name", "x" * 121], "120 characters"),
            (["stations", "reject", "CP-1"], "no station CP-1"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, tapdesk, command, why):
        tapdesk("pools", "create", "Staff")
        ended = tapdesk(*command)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert tapdesk("stations", "list", "--json").data == []


class TestConfiguration:
    def test_it_is_shown_as_it_was_last_read(self, tapdesk, folder):
        tapdesk("stations", "accept", "CP-1")
        application = Application(folder / "tapdesk.db")
        given = [Variable("LocalPreAuthorize", "false", False), Variable("AuthorizationKey", "secret")]
        asyncio.run(application.configuration.reported("CP-1", 1, given, more=False))
        application.store.close()
        head, key, row = tapdesk("stations", "configuration", "cp-1").out.splitlines()
        assert (head.split()[:2], key.split()[0], row.split()[:2]) == (
            ["name", "value"],
            "AuthorizationKey",
            ["LocalPreAuthorize", "false"],
        )
        (only,) = tapdesk("stations", "configuration", "CP-1", "--search", "key", "--json").data
        assert (only["name"], only["value"]) == ("AuthorizationKey", None)
        assert tapdesk("stations", "configuration", "NONE").code == 1
