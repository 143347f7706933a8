"""The commands that read and change a site: what they print, what they end with, what they leave behind."""

import json
import re
from pathlib import Path

import pytest
from websockets.sync.client import connect

from app.__main__ import main
from tests.command_line import commands_on, one_line, serving


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "site"


@pytest.fixture
def tapdesk(folder, capsys):
    return commands_on(folder, capsys)


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

    def test_the_list_names_everything_that_is_known(self, tapdesk):
        tapdesk("pools", "create", "Staff")
        tapdesk("stations", "accept", "CP-1", "--pool", "Staff", "--name", "Garage")
        assert tapdesk("stations", "list", "--json").data == [
            {
                "station_id": "CP-1",
                "name": "Garage",
                "registration": "accepted",
                "pool": "Staff",
                "vendor": "",
                "model": "",
                "serial_number": "",
                "firmware": "",
                "address": "",
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


class TestIdentities:
    def test_one_is_added_and_listed(self, tapdesk):
        added = tapdesk("identities", "add", "--first", "Anna", "--last", "de Vries", "--email", "anna@example.org")
        assert (added.code, added.out) == (0, "Anna de Vries is added.\n")
        tapdesk("identities", "add", "--email", "boss@example.org", "--role", "administrator")
        assert tapdesk("identities", "list", "--json").data == [
            {
                "email": "anna@example.org",
                "first_name": "Anna",
                "last_name": "de Vries",
                "role": "cardholder",
                "passes": 0,
                "pools": "",
            },
            {
                "email": "boss@example.org",
                "first_name": "",
                "last_name": "",
                "role": "administrator",
                "passes": 0,
                "pools": "",
            },
        ]

    @pytest.mark.parametrize(
        ("email", "why"),
        [("nobody", "not an e-mail address"), ("", "Fill in the e-mail address"), ("ANNA@example.org", "already")],
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, tapdesk, email, why):
        tapdesk("identities", "add", "--email", "anna@example.org")
        ended = tapdesk("identities", "add", "--email", email)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert len(tapdesk("identities", "list", "--json").data) == 1

    def test_a_role_that_is_none_is_refused(self, tapdesk, capsys):
        with pytest.raises(SystemExit) as ended:
            tapdesk("identities", "add", "--email", "a@example.org", "--role", "king")
        assert ended.value.code == 2
        assert "invalid choice: 'king'" in capsys.readouterr().err


class TestPasses:
    def test_one_is_added_to_its_identity_and_listed_in_canonical_form(self, tapdesk):
        tapdesk("identities", "add", "--email", "anna@example.org")
        added = tapdesk("passes", "add", "--uid", "04:a2:b3:c4", "--name", "Anna's card", "--email", "anna@example.org")
        assert (added.code, added.out) == (0, "Anna's card is added.\n")
        tapdesk("passes", "add", "--visible-id", "NL-TNM-012204-5")
        assert tapdesk("passes", "list", "--json").data == [
            {
                "visible_id": "NL-TNM-012204-5",
                "uid": None,
                "name": "",
                "email": "",
                "pools": "",
                "state": "waiting_for_first_tap",
            },
            {
                "visible_id": None,
                "uid": "04A2B3C4",
                "name": "Anna's card",
                "email": "anna@example.org",
                "pools": "",
                "state": "ready",
            },
        ]

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ([], "needs a UID or a visible ID"),
            (["--uid", "04A2B3C4"], "belongs to Anna's card already"),
            (["--uid", "NL-TNM-012204-5"], "printed on the card"),
            (["--visible-id", "04A2B3C4D5E680"], "is a UID"),
            (["--uid", "AABBCCDD", "--email", "nobody@example.org"], "no identity with the address"),
            (["--uid", "x" * 40], "36 characters"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, tapdesk, options, why):
        tapdesk("passes", "add", "--uid", "04A2B3C4", "--name", "Anna's card")
        ended = tapdesk("passes", "add", *options)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert len(tapdesk("passes", "list", "--json").data) == 1


class TestPools:
    @pytest.fixture(autouse=True)
    def _site(self, tapdesk):
        tapdesk("pools", "create", "Guests")
        tapdesk("stations", "accept", "CP-1")
        tapdesk("identities", "add", "--email", "anna@example.org")
        tapdesk("passes", "add", "--uid", "04A2B3C4")

    def pool(self, tapdesk):
        [pool] = tapdesk("pools", "list", "--json").data
        return pool

    def test_a_pool_is_private_unless_it_is_said_to_be_public(self, tapdesk):
        created = tapdesk("pools", "create", "Visitors", "--level", "public")
        assert created.out == "The pool Visitors is there, public.\n"
        levels = {pool["name"]: pool["level"] for pool in tapdesk("pools", "list", "--json").data}
        assert levels == {"Guests": "private", "Visitors": "public"}

    def test_stations_and_members_go_in_and_come_out(self, tapdesk):
        named = ["--station", "CP-1", "--email", "anna@example.org", "--uid", "04:A2:B3:C4"]
        assert tapdesk("pools", "add", "guests", *named).out == "Added to Guests.\n"
        full = {"name": "Guests", "level": "private", "stations": 1, "identities": 1, "passes": 1}
        assert self.pool(tapdesk) == full
        assert tapdesk("passes", "list", "--json").data[0]["pools"] == "Guests"
        assert tapdesk("pools", "remove", "Guests", *named[:4]).out == "Removed from Guests.\n"
        assert self.pool(tapdesk) == full | {"stations": 0, "identities": 0}
        assert [row["pool"] for row in tapdesk("stations", "list", "--json").data] == [""]

    def test_several_are_named_at_once(self, tapdesk):
        tapdesk("passes", "add", "--uid", "AABBCCDD")
        tapdesk("pools", "add", "Guests", "--uid", "04A2B3C4", "--uid", "AABBCCDD")
        assert self.pool(tapdesk)["passes"] == 2

    def test_a_pool_of_which_nothing_is_named_goes_as_a_whole(self, tapdesk):
        tapdesk("pools", "add", "Guests", "--station", "CP-1")
        assert tapdesk("pools", "remove", "Guests").out == "The pool Guests is removed.\n"
        assert tapdesk("pools", "list", "--json").data == []
        assert [row["pool"] for row in tapdesk("stations", "list", "--json").data] == [""]

    @pytest.mark.parametrize(
        ("command", "why"),
        [
            (["create", "guests"], "a pool of that name already"),
            (["create", " "], "Give the pool a name"),
            (["add", "Nowhere", "--station", "CP-1"], "no pool “Nowhere”"),
            (["add", "Guests", "--station", "CP-9"], "no station CP-9"),
            (["add", "Guests", "--station", "CP-1", "--email", "nobody@example.org"], "nobody@example.org"),
            (["add", "Guests", "--station", "CP-1", "--uid", "FFFFFFFF"], "no pass with the UID FFFFFFFF"),
            (["remove", "Guests", "--station", "CP-1"], "CP-1 is not in Guests"),
            (["remove", "Guests", "--email", "anna@example.org"], "no member of Guests"),
            (["remove", "Guests", "--uid", "04A2B3C4"], "no member of Guests"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_done(self, tapdesk, command, why):
        ended = tapdesk("pools", *command)
        assert ended.code == 1
        assert why in one_line(ended.err)
        assert self.pool(tapdesk) == {
            "name": "Guests",
            "level": "private",
            "stations": 0,
            "identities": 0,
            "passes": 0,
        }


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


class TestWithoutASite:
    @pytest.mark.parametrize("what", ["stations", "identities", "passes", "pools"])
    def test_lists_say_that_there_is_nothing_yet_and_make_nothing(self, tapdesk, folder, what):
        ended = tapdesk(what, "list")
        assert ended.code == 1
        assert f"nothing in {folder} yet" in one_line(ended.err)
        assert not folder.exists()

    def test_a_folder_may_have_any_name(self, tmp_path, capsys):
        folder = str(tmp_path / "50% off #1?x=y&z ü '\"")
        assert main(["pools", "create", "Guests", "--data", folder]) == 0
        assert main(["pools", "list", "--data", folder]) == 0
        assert "Guests" in capsys.readouterr().out
        assert [path.name for path in tmp_path.iterdir()] == [Path(folder).name]

    def test_the_folder_may_be_named_before_or_after_the_command(self, folder, capsys):
        assert main(["--data", str(folder), "pools", "create", "Guests"]) == 0
        assert main(["pools", "list", "--data", str(folder)]) == 0
        assert main(["--data", str(folder), "pools", "list"]) == 0
        assert capsys.readouterr().out.count("Guests  private") == 2


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for command in ("serve", "demo", "simulate", "screenshots", "stations", "identities", "passes", "pools", "log"):
        assert re.search(rf"^ +{command}\b", said, re.MULTILINE), command


def test_what_is_no_command_ends_with_two(capsys):
    for arguments in (["fly"], ["stations"], ["stations", "fly"], ["simulate", "ws://127.0.0.1:9/"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
    capsys.readouterr()
