"""`tapdesk pools pins`: digits that are told to nobody but who needs them."""

import io
import os
import pty
import re

import pytest

from app.__main__ import main
from tests.command_line import DESKTOP, PATIENCE_S, Ended, one_line, started


@pytest.fixture
def pins(tapdesk):
    tapdesk("pools", "create", "Guests", "--level", "restricted")
    tapdesk("stations", "accept", "CP-1", "--pool", "Guests")
    return lambda: tapdesk("pools", "pins", "list", "Guests", "--json").data


@pytest.fixture
def add(tapdesk, pins, monkeypatch):
    """Adds a PIN of the pool Guests with what is piped into the command."""

    def add(piped, *arguments):
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        return tapdesk("pools", "pins", "add", "Guests", *arguments)

    return add


def at_a_terminal(folder, *typed):
    """What becomes of a PIN that a person adds at a terminal, typing a line at each question."""
    ours, theirs = pty.openpty()
    adding = ("pools", "pins", "add", "Guests", "Gate", "--data", folder)
    # In a session of its own: else the questions would go to the terminal that these tests were started from.
    with started(*adding, program=DESKTOP, stdin=theirs, start_new_session=True) as process:
        os.close(theirs)
        said = ""
        for question, line in zip(("PIN: ", "Again: "), typed, strict=False):
            while not said.endswith(question):
                said += os.read(process.stderr.fileno(), 1000).decode()
            os.write(ours, line.encode())
        out, err = process.communicate(timeout=PATIENCE_S)
    os.close(ours)
    return Ended(process.returncode, out, said + err)


class TestAdd:
    def test_the_digits_come_from_the_standard_input(self, add, pins, tapdesk):
        assert add("4711\n", "Gate").out == "The PIN Gate opens Guests.\n"
        [pin] = pins()
        assert (pin["name"], pin["digits"], pin["uses"], pin["used"]) == ("Gate", 4, None, 0)
        assert tapdesk("explain", "--uid", "4711", "--station", "CP-1").code == 0
        assert tapdesk("explain", "--uid", "4712", "--station", "CP-1").code == 3

    def test_one_is_made_up_and_told_once(self, tapdesk, pins):
        said = tapdesk("pools", "pins", "add", "Guests", "Gate", "--generate", "--json").data
        assert len(said["pin"]) == said["digits"] == 6
        assert said["pin"].isdigit()
        assert tapdesk("explain", "--uid", said["pin"], "--station", "CP-1").code == 0
        first, second = tapdesk("pools", "pins", "add", "Guests", "Yard", "--generate").out.splitlines()
        assert first == "The PIN Yard opens Guests."
        assert re.fullmatch(r"It is \d{6}, and is not shown again\.", second)
        assert said["pin"] not in tapdesk("pools", "pins", "list", "Guests").out
        assert "pin" not in pins()[0]

    def test_two_that_are_made_up_differ(self, tapdesk, pins, monkeypatch):
        made_up = iter([7, 7, 7, 8])
        monkeypatch.setattr("secrets.randbelow", lambda _limit: next(made_up))
        told = [tapdesk("pools", "pins", "add", "Guests", name, "--generate", "--json").data["pin"] for name in "AB"]
        assert told == ["000007", "000008"]

    def test_when_and_how_often_it_is_good(self, add, pins):
        add("4711", "Gate", "--from", "2026-08-01", "--until", "2026-08-31", "--uses", "3")
        [pin] = pins()
        assert pin["uses"] == 3
        assert pin["valid_from"] < "2026-08-02" < "2026-08-31" <= pin["valid_until"]

    @pytest.mark.parametrize(
        ("piped", "arguments", "why"),
        [
            ("", ["Gate"], "No PIN was given"),
            ("\n", ["Gate"], "No PIN was given"),
            ("47a1", ["Gate"], "digits"),
            ("471", ["Gate"], "digits"),
            ("04711222", ["Gate"], "digits"),
            ("0815", ["Yard"], "with these digits already"),
            ("4711", [" "], "name"),
            ("4711", ["Gate", "--uses", "0"], "1 to 9999"),
            ("4711", ["Gate", "--from", "2026-08-02", "--until", "2026-08-01"], "first"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_is_kept(self, add, pins, piped, arguments, why):
        add("0815", "Yard")
        ended = add(piped, *arguments)
        assert (ended.code, ended.out) == (1, "")
        assert "This did not work" not in one_line(ended.err)
        assert why in ended.err
        assert len(pins()) == 1

    def test_in_a_pool_that_takes_no_pins_it_is_said_to_open_nothing_yet(self, tapdesk):
        tapdesk("pools", "create", "Staff")
        added = tapdesk("pools", "pins", "add", "Staff", "Gate", "--generate")
        assert "It opens Staff when that is restricted, not while it is private." in added.out

    def test_it_is_never_an_argument(self, folder, capsys):
        with pytest.raises(SystemExit) as ended:
            main(["pools", "pins", "add", "Guests", "Gate", "4711", "--data", str(folder)])
        assert ended.value.code == 2


class TestAtATerminal:
    def test_it_is_asked_for_twice_and_not_shown(self, folder, pins):
        ended = at_a_terminal(folder, "4711\n", "4711\n")
        assert (ended.code, ended.out) == (0, "The PIN Gate opens Guests.\n")
        assert ended.err.split() == ["PIN:", "Again:"]
        assert len(pins()) == 1

    def test_two_different_ones_are_none(self, folder, pins):
        ended = at_a_terminal(folder, "4711\n", "4712\n")
        assert (ended.code, ended.out) == (1, "")
        assert "These were two different PINs" in ended.err.splitlines()[-1]
        assert pins() == []

    def test_who_gives_none_is_told_so(self, folder, pins):
        ended = at_a_terminal(folder, "\x04")
        assert ended.code == 1
        assert "No PIN was given" in ended.err.splitlines()[-1]
        assert "Traceback" not in ended.err


class TestChangeAndRemove:
    def test_what_is_not_named_stays_as_it_is(self, add, pins, tapdesk):
        add("4711", "Gate", "--from", "2026-08-01", "--uses", "3")
        [before] = pins()
        assert (
            tapdesk("pools", "pins", "change", "Guests", "gate", "--name", "Yard").out == "The PIN Yard is changed.\n"
        )
        assert pins() == [before | {"name": "Yard"}]
        tapdesk(
            "pools", "pins", "change", "Guests", "Yard", "--uses", "none", "--from", "none", "--until", "2026-08-31"
        )
        [after] = pins()
        assert (after["uses"], after["valid_from"], after["digits"]) == (None, None, 4)
        assert after["valid_until"] is not None

    def test_one_that_is_removed_opens_nothing(self, add, pins, tapdesk):
        add("4711", "Gate")
        assert tapdesk("pools", "pins", "remove", "Guests", "Gate").out == "The PIN Gate opens Guests no more.\n"
        assert pins() == []
        assert tapdesk("explain", "--uid", "4711", "--station", "CP-1").code == 3

    def test_those_that_share_a_name_are_told_apart_by_their_number(self, add, pins, tapdesk):
        add("4711", "Gate")
        add("0815", "Gate")
        ended = tapdesk("pools", "pins", "remove", "Guests", "Gate")
        assert "Several PINs of Guests are called “Gate”" in one_line(ended.err)
        first, second = (pin["id"] for pin in pins())
        assert tapdesk("pools", "pins", "remove", "Guests", str(first)).code == 0
        assert [pin["id"] for pin in pins()] == [second]

    @pytest.mark.parametrize("action", [["change", "--uses", "2"], ["remove"]], ids=str)
    def test_one_that_is_not_there_is_said(self, pins, tapdesk, action):
        name, *options = action
        ended = tapdesk("pools", "pins", name, "Guests", "Gate", *options)
        assert ended.code == 1
        assert "Guests has no PIN “Gate”" in one_line(ended.err)

    def test_a_change_of_nothing_is_said(self, add, tapdesk):
        add("4711", "Gate")
        assert "Say what to change" in one_line(tapdesk("pools", "pins", "change", "Guests", "Gate").err)
